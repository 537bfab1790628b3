"""The table of published results: what is read, and every way in which it is refused."""

from __future__ import annotations

import csv
import io
from math import exp, log
from pathlib import Path

import pytest

from evaluation.data.published import Published, published_summary, read_published
from evaluation.data.published_cells import ABOUT, to_scale
from evaluation.errors import DataError

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "data" / "public" / "focused_deterrence.csv"
GOOD = {
    "study": "town-1",
    "site": "Town",
    "goal": "1",
    "program": "focused deterrence",
    "approach": "focused deterrence",
    "evaluators_part": "unknown",
    "part_why": "",
    "years": "2009-2016",
    "design": "matched comparison",
    "unit": "places",
    "outcome": "shootings",
    "family": "gun violence",
    "measure": "percent change",
    "effect": "-20",
    "standard_error": "",
    "low": "-36",
    "high": "0",
    "level": "95",
    "p_value": "",
    "se_source": "from interval",
    "found": "fell",
    "follow_up": "",
    "source": "Somebody (2015)",
    "read_in": "the article",
    "page": "12",
    "certainty": "read in a public text",
    "note": "",
}
DESCRIPTION = """\
name = "Test"
kind = "published results"
key = ["study", "outcome"]
source = "made up"
licence = "none"
sensitivity = "synthetic"
"""


def written(folder: Path, *changes: dict[str, str], header: list[str] | None = None) -> Path:
    """A table of one row for each change of the good one, described."""
    path = folder / "table.csv"
    text = io.StringIO()
    writer = csv.DictWriter(text, header or list(ABOUT), lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows({**GOOD, **change} for change in changes)
    path.write_text(text.getvalue(), encoding="utf-8")
    (folder / "table.dataset.toml").write_text(DESCRIPTION, encoding="utf-8")
    return path


def one(folder: Path, **change: str) -> Published:
    (result,) = read_published(written(folder, change)).results
    return result


def column_of(path: Path, name: str, line: int = 2) -> int:
    """Where the cell of this column starts, counted from 1; cells here hold no commas."""
    cells = path.read_text(encoding="utf-8").splitlines()[line - 1].split(",")
    return sum(len(cell) + 1 for cell in cells[: list(ABOUT).index(name)]) + 1


def test_error_from_an_interval_is_half_of_it_over_the_quantile_of_its_level(
    tmp_path: Path,
) -> None:
    result = one(tmp_path)
    assert result.estimate == pytest.approx(log(0.8))
    assert result.std_error == pytest.approx((log(1.0) - log(0.64)) / 2 / 1.959963985)
    assert result.obstacle == ""
    wide = one(tmp_path, level="90")
    assert wide.std_error == pytest.approx((log(1.0) - log(0.64)) / 2 / 1.644853627)


def test_error_from_p_gives_that_p_again(tmp_path: Path) -> None:
    # 2 (1 - Phi(z)) = 0.0455 at z = 2
    change = {"low": "", "high": "", "level": "", "se_source": "from p", "p_value": "0.0455002639"}
    result = one(tmp_path, **change)
    assert result.std_error == pytest.approx(abs(log(0.8)) / 2, rel=1e-6)


def test_printed_error_is_kept_as_it_is(tmp_path: Path) -> None:
    result = one(tmp_path, standard_error="0.11", se_source="published")
    assert result.std_error == 0.11


def test_missing_error_stays_missing_and_says_so(tmp_path: Path) -> None:
    result = one(tmp_path, low="", high="", level="", se_source="missing")
    assert result.std_error is None
    assert result.estimate == pytest.approx(log(0.8))
    assert "no standard error" in result.obstacle
    nothing = one(tmp_path, effect="", low="", high="", level="", se_source="missing", measure="")
    assert nothing.estimate is None and nothing.percent is None
    assert "no number" in nothing.obstacle


@pytest.mark.parametrize(
    ("measure", "value", "scale", "estimate"),
    [
        ("percent change", "-20", "log rate ratio", log(0.8)),
        ("rate ratio", "0.8", "log rate ratio", log(0.8)),
        ("log rate ratio", "-0.22314", "log rate ratio", -0.22314),
        ("odds ratio", "0.8", "log odds ratio", log(0.8)),
        ("hazard ratio", "0.8", "log hazard ratio", log(0.8)),
        ("difference", "-3.5", "difference", -3.5),
        ("standardized difference", "-0.4", "standardized difference", -0.4),
    ],
)
def test_measures_come_to_their_scale(
    tmp_path: Path, measure: str, value: str, scale: str, estimate: float
) -> None:
    change = {"low": "", "high": "", "level": "", "se_source": "missing"}
    result = one(tmp_path, measure=measure, effect=value, **change)
    assert result.scale == scale
    assert result.estimate == pytest.approx(estimate)
    if scale == "log rate ratio":
        assert result.percent == pytest.approx(100 * (exp(estimate) - 1))


WITHOUT = {"low": "", "high": "", "level": ""}
NONE = {**WITHOUT, "se_source": "missing"}


@pytest.mark.parametrize(
    ("change", "column", "words"),
    [
        ({"standard_error": "-0.1", "se_source": "published"}, "standard_error", "more than zero"),
        ({"standard_error": "0", "se_source": "published"}, "standard_error", "more than zero"),
        ({"standard_error": "0.3", "se_source": "published"}, "standard_error", "implies 0.114"),
        ({"effect": "-40"}, "effect", "outside its interval"),
        ({"effect": "-2", "found": "fell"}, "effect", "far from the middle"),
        ({"low": "10", "high": "-36", "effect": "-20"}, "low", "not below high"),
        ({"low": ""}, "low", "Write both"),
        ({"high": ""}, "high", "Write both"),
        ({"level": ""}, "level", "in percent, like 95"),
        ({"level": "0.95"}, "level", "Write it in percent: 95"),
        ({"level": "100"}, "level", "from 50 to below 100"),
        ({**NONE, "level": "95"}, "level", "without an interval"),
        ({"design": "matched comparisson"}, "design", "Did you mean 'matched comparison'"),
        ({"design": ""}, "design", "is empty"),
        ({"unit": "neighborhood"}, "unit", "not known"),
        ({"family": "gunviolence"}, "family", "Did you mean 'gun violence'"),
        ({"measure": "ratio"}, "measure", "Did you mean 'rate ratio'"),
        ({"measure": ""}, "measure", "empty beside an effect"),
        ({"effect": "-0.2", "low": "-0.36", "high": "0"}, "effect", "looks like a share"),
        ({"effect": "0.8", **NONE, "found": "unclear"}, "effect", "looks like a share"),
        ({"effect": "-100", **NONE}, "effect", "Nothing falls by 100"),
        ({"measure": "rate ratio", "effect": "-20", **NONE}, "effect", "more than zero"),
        ({"measure": "rate ratio", "effect": "80", **NONE}, "effect", "percent change"),
        ({"measure": "log rate ratio", "effect": "-20", **NONE}, "effect", "log scale"),
        ({"effect": "20 %"}, "effect", "not a number"),
        ({"effect": "-20,5"}, "effect", "decimal comma"),
        ({"effect": "n/a"}, "effect", "Leave the cell empty"),
        ({"effect": "inf"}, "effect", "not a finite number"),
        ({"effect": "", **WITHOUT}, "se_source", "without an effect"),
        ({"effect": ""}, "low", "without an effect"),
        ({"se_source": "imputed"}, "se_source", "not known"),
        ({"se_source": "published"}, "standard_error", "is empty, but se_source"),
        ({"se_source": "missing"}, "se_source", "Write 'from interval'"),
        ({**WITHOUT, "se_source": "from interval"}, "low", "Write the interval"),
        ({**WITHOUT, "se_source": "from p"}, "p_value", "Write it"),
        ({**WITHOUT, "se_source": "from p", "p_value": "1.2"}, "p_value", "at most 1"),
        ({**WITHOUT, "se_source": "from p", "p_value": "1"}, "p_value", "says nothing"),
        ({**NONE, "p_value": "0.04"}, "se_source", "Write 'from p'"),
        (
            {"standard_error": "0.114", "se_source": "from interval"},
            "se_source",
            "Write 'published'",
        ),
        ({"found": "rose"}, "found", "but the effect is -20"),
        ({"found": "significant"}, "found", "not known"),
        ({"certainty": "recalled"}, "certainty", "only when it was read"),
        ({"years": "2016-2009"}, "years", "end before they begin"),
        ({"years": "about 2010"}, "years", "are no years"),
        ({"study": ""}, "study", "is empty"),
        ({"source": ""}, "source", "is empty"),
        ({"read_in": " "}, "read_in", "is empty"),
    ],
)
def test_a_bad_row_is_refused_at_its_cell(
    tmp_path: Path, change: dict[str, str], column: str, words: str
) -> None:
    path = written(tmp_path, {"study": "good", "outcome": "other"}, change)
    if "," in change.get("effect", ""):
        at = column_of(path, "effect", 3)
    else:
        at = column_of(path, column, 3)
    with pytest.raises(DataError) as caught:
        read_published(path)
    assert caught.value.exit_code == 2
    first = caught.value.faults[0]
    assert str(first).startswith(f"{path.as_posix()}:3:{at}: ")
    assert words in str(first)


def test_a_result_twice_is_refused_even_with_other_capitals(tmp_path: Path) -> None:
    path = written(tmp_path, {}, {"study": "TOWN-1", "effect": "-19"})
    with pytest.raises(DataError, match=r"table\.csv:3:1: .* is on line 2 already"):
        read_published(path)


def test_mixed_scales_in_one_family_are_refused(tmp_path: Path) -> None:
    other = {"study": "b", "measure": "standardized difference", "effect": "-0.4", **NONE}
    path = written(tmp_path, {}, other)
    at = column_of(path, "measure", 3)
    with pytest.raises(DataError, match=rf"table\.csv:3:{at}: .*'gun violence' has a log rate"):
        read_published(path)
    apart = written(tmp_path, {}, {**other, "family": "trust"})
    assert len(read_published(apart).results) == 2


def test_ratio_and_percent_are_one_scale(tmp_path: Path) -> None:
    path = written(tmp_path, {}, {"study": "b", "measure": "rate ratio", "effect": "0.8", **NONE})
    first, second = read_published(path).results
    assert first.estimate == pytest.approx(second.estimate)


def test_all_faults_are_told_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, {"design": "x"}, {"study": "b", "level": "0.9"}, {"study": ""})
    with pytest.raises(DataError) as caught:
        read_published(path)
    assert [fault.line for fault in caught.value.faults] == [2, 3, 4]


def test_columns_are_checked(tmp_path: Path) -> None:
    header = [name for name in ABOUT if name != "se_source"]
    with pytest.raises(DataError, match=r"table\.csv:1: no column 'se_source'"):
        read_published(written(tmp_path, {}, header=header))
    with pytest.raises(DataError, match="column 'se' is not known"):
        read_published(written(tmp_path, {}, header=[*ABOUT, "se"]))
    with pytest.raises(DataError, match="there twice"):
        read_published(written(tmp_path, {}, header=[*ABOUT, "note"]))


def test_no_rows_and_no_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no rows follow"):
        read_published(written(tmp_path))
    with pytest.raises(DataError, match="no such file"):
        read_published(tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (DESCRIPTION.replace('kind = "published results"\n', ""), "kind: is missing"),
        (DESCRIPTION.replace("published results", "people"), "kind"),
        (DESCRIPTION + '[columns.effct]\nabout = "x"\n', "Did you mean 'effect'"),
        (DESCRIPTION + 'file = "other.csv"\n', "not 'table.csv'"),
        (DESCRIPTION + "frequency = 'month'\n", "frequency"),
    ],
)
def test_description_is_checked(tmp_path: Path, text: str, words: str) -> None:
    path = written(tmp_path, {})
    (tmp_path / "table.dataset.toml").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=r"table\.dataset\.toml:?") as caught:
        read_published(path)
    assert words in str(caught.value)


# The table that comes with the project.


def committed() -> tuple[Published, ...]:
    return read_published(TABLE, ROOT).results


def test_the_committed_table_is_read() -> None:
    table = read_published(TABLE, ROOT)
    assert table.provenance.file == "data/public/focused_deterrence.csv"
    assert len(table.results) == 76
    said = published_summary(table)
    assert "76 published results from 18 sites" in said
    assert "  goal 3: 6 results\n" in said
    assert "  another idea: 17 results, which are not counted\n" in said
    assert set(TABLE.read_text(encoding="utf-8").splitlines()[0].split(",")) == set(ABOUT)


def test_only_seattle_has_errors_and_they_are_those_of_its_intervals() -> None:
    # CRAN vignette of microsynth 2.0.51; the level of 90 % is checked by a new computation in
    # tests/did/test_calibration.py. Half a width in logs over 1.6449.
    usable = {row.outcome: row for row in committed() if not row.obstacle}
    assert {row.site for row in usable.values()} == {"Seattle"}
    assert usable["any crime"].level == 90
    expected = (log(0.951) - log(0.671)) / 2 / 1.6448536
    assert usable["any crime"].std_error == pytest.approx(expected, rel=1e-6)
    assert len(usable) == 4


def test_findings_of_no_effect_are_in_the_table() -> None:
    rows = committed()
    for site in ("Kansas City", "Detroit", "Philadelphia"):
        found = {row.found for row in rows if row.site == site}
        assert found & {"no effect found", "short-lived"}, site
    groups = [row for row in rows if row.study == "philadelphia-groups"]
    assert [row.found for row in groups] == ["no effect found"]


def test_headline_numbers_are_those_of_the_literature() -> None:
    values = {(row.site, row.outcome): row.effect for row in committed()}
    assert values["Boston", "youth homicide"] == -63
    assert values["Stockton", "gun homicide"] == -42
    assert values["Oakland", "gun homicide"] == -31.5
    assert values["New Orleans", "homicide"] == -17
    assert values["Chicago", "gunshot victimization, one year"] == -32
    assert values["Kansas City", "homicide"] is None


def test_news_and_second_hand_accounts_say_so() -> None:
    oakland = [row for row in committed() if row.site == "Oakland" and row.effect is not None]
    program = [row for row in oakland if row.counted]
    assert len(program) == 7
    assert {row.certainty for row in program} == {"news account", "second hand"}
    # Oakland's own services were read in the reports on them.
    assert {row.certainty for row in oakland if not row.counted} == {"read in a public text"}


def test_scale_of_a_fall_and_its_opposite() -> None:
    assert to_scale(-50, "percent change") == pytest.approx(-to_scale(100, "percent change"))


def test_which_way_is_hoped_for_is_said_or_follows_from_the_family(tmp_path: Path) -> None:
    assert one(tmp_path).better == "less"
    assert one(tmp_path, family="trust").better == "more"
    assert one(tmp_path, family="trust", better="less").better == "less"
    with pytest.raises(DataError, match="better: 'fewer' is not known"):
        one(tmp_path, better="fewer")


def test_a_table_may_lack_the_column_that_says_it(tmp_path: Path) -> None:
    path = written(tmp_path, {}, header=[name for name in ABOUT if name != "better"])
    (result,) = read_published(path).results
    assert result.better == "less"
