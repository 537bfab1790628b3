"""Two spellings of a unit in a table are refused with both lines; one that a plan uses is named."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from evaluation.data.partitioned import partitioned
from evaluation.data.published import read_published
from evaluation.data.published_cells import ABOUT
from evaluation.data.read import check_dataset, read_panel
from evaluation.data.toml_places import did_you_mean
from evaluation.errors import DataError

Write = Callable[..., Path]
Lines = tuple[str, ...]

OTHERWISE = ["OAKLAND", "oakland", "Oаkland", "Ｏakland", "Оакland"]


def spelled(lines: Lines, *, line: int, old: str, new: str) -> bytes:
    changed = [*lines]
    changed[line - 1] = changed[line - 1].replace(old, new)
    return ("\n".join(changed) + "\n").encode()


@pytest.mark.parametrize("other", OTHERWISE)
def test_unit_in_two_spellings_is_refused_with_both_lines(
    write: Write, lines: Lines, other: str
) -> None:
    with pytest.raises(DataError, match="Two spellings are two units") as caught:
        read_panel(write(spelled(lines, line=4, old="Oakland", new=other)))
    assert f"'{other}'" in str(caught.value)
    assert "'Oakland' on line 2" in str(caught.value)
    assert (4, 1) in [(fault.line, fault.column) for fault in caught.value.faults]


@pytest.mark.parametrize("hidden", ["\u200b", "\u00ad", "\ufeff", "\u202e", "\x1b", "\x07"])
def test_unit_with_what_nobody_sees_is_refused_and_shown(
    write: Write, lines: Lines, hidden: str
) -> None:
    with pytest.raises(DataError) as caught:
        read_panel(write(spelled(lines, line=4, old="Oakland", new=f"Oak{hidden}land")))
    first = caught.value.faults[0]
    assert (first.line, first.column) == (4, 1)
    assert f"Oak\\u{ord(hidden):04x}land" in str(caught.value)
    assert hidden not in str(caught.value)


@pytest.mark.parametrize("number", ["12", "012", "06001400100"])
def test_code_that_a_program_wrote_with_decimals_is_the_code(
    write: Write, lines: Lines, number: str
) -> None:
    text = "\n".join(lines).replace("Oakland", f"{number}.0")
    assert read_panel(write(f"{text}\n".encode())).units == (number, "Fresno")


def test_code_with_and_without_decimals_is_one_unit_of_which_no_period_is_there_twice(
    write: Write, lines: Lines
) -> None:
    text = "\n".join(lines).replace("Oakland", "12")
    changed = text.replace("12,2012-03", "12.0,2012-03")
    assert read_panel(write(f"{changed}\n".encode())).units == ("12", "Fresno")
    twice = text.replace("12,2012-03", "12.0,2012-02")
    with pytest.raises(DataError, match="is on line 3 already"):
        read_panel(write(f"{twice}\n".encode()))


@pytest.mark.parametrize("code", ["6.0014E+09", "19001234567890123.0"])
def test_code_that_lost_digits_is_refused(write: Write, lines: Lines, code: str) -> None:
    text = "\n".join(lines).replace("Oakland", code)
    with pytest.raises(DataError, match="lost its last digits"):
        read_panel(write(f"{text}\n".encode()))


def test_parquet_column_of_floats_gives_whole_codes(write: Write, lines: Lines) -> None:
    import pyarrow
    from pyarrow import parquet

    cells = list(csv.DictReader(lines))
    columns: dict[str, list[object]] = {name: [row[name] for row in cells] for name in cells[0]}
    columns["city"] = [6001400100.0 if row["city"] == "Oakland" else 12.0 for row in cells]
    path = write(b"").with_suffix(".parquet")
    parquet.write_table(pyarrow.table(columns), path)
    assert read_panel(path).units == ("6001400100", "12")


@pytest.mark.parametrize("other", OTHERWISE)
def test_unit_that_a_plan_spells_otherwise_is_named(write: Write, lines: Lines, other: str) -> None:
    panel = read_panel(write(("\n".join(lines) + "\n").encode()))
    with pytest.raises(DataError, match="it is written 'Oakland'"):
        panel.unit_index(other)
    assert did_you_mean(other, panel.units) == " Did you mean 'Oakland'?"


def test_no_more_than_some_units_are_listed(write: Write, lines: Lines) -> None:
    rows = [f"city {k},2012-01,1,1,0,1" for k in range(100)]
    panel = read_panel(write(("\n".join([lines[0], *rows]) + "\n").encode()))
    with pytest.raises(DataError, match="and 60 more"):
        panel.unit_index("elsewhere")


def test_unit_of_mixed_letters_is_told(write: Write, lines: Lines) -> None:
    text = "\n".join(lines).replace("Oakland", "Oаkland") + "\n"
    path = write(text.encode())
    assert "unit 'Oаkland' mixes letters of Cyrillic and Latin" in check_dataset(path)
    with pytest.raises(DataError, match="which mixes letters of Cyrillic and Latin"):
        read_panel(path).unit_index("Oakland")


def test_names_of_other_scripts_are_units_like_any(write: Write, lines: Lines) -> None:
    text = "\n".join(lines).replace("Oakland", "می\u200cخواهم").replace("Fresno", "Київ") + "\n"
    assert read_panel(write(text.encode())).units == ("می\u200cخواهم", "Київ")


PARTS = """
name = "Shots"
frequency = "month"
key = ["agency", "month"]
source = "invented"
licence = "MIT"
sensitivity = "synthetic"
columns.agency = { role = "unit", type = "text" }
columns.month = { role = "period", type = "period" }
columns.shots = { role = "outcome", type = "count", measure = "a month" }
"""


@pytest.mark.parametrize(
    ("units", "says"),
    [
        (["Ash", "ASH"], "'ASH' and 'Ash' are two spellings"),
        (["12", "12.0"], "'12.0' is a number with decimals"),
        ([12.0, 13.0], "'12.0' is a number with decimals"),
        (["Ash", "Аsh"], "look alike"),
        (["Ash", " "], "blank"),
    ],
)
def test_folder_with_two_spellings_of_a_unit_is_refused(
    tmp_path: Path, units: list[object], says: str
) -> None:
    import pyarrow
    from pyarrow import parquet

    (tmp_path / "dataset.toml").write_text(PARTS, encoding="utf-8")
    table = pyarrow.table({"agency": units, "month": ["2020-01"] * 2, "shots": [1, 2]})
    parquet.write_table(table, tmp_path / "a.parquet")
    with pytest.raises(DataError, match=says):
        partitioned(tmp_path)


@pytest.mark.parametrize("name", ["study", "site"])
@pytest.mark.parametrize("other", ["TOWN", "Town ", "Tоwn", "To\u200bwn"])
def test_site_of_published_results_in_two_spellings_is_refused(
    tmp_path: Path, name: str, other: str
) -> None:
    good = dict.fromkeys(ABOUT, "") | {
        **{"study": "Town", "site": "Town", "program": "focused deterrence", "unit": "places"},
        **{"design": "matched comparison", "outcome": "shootings", "family": "gun violence"},
        **{"measure": "percent change", "effect": "-20", "low": "-36", "high": "0", "level": "95"},
        **{"se_source": "from interval", "found": "fell", "source": "Somebody (2015)"},
        **{"read_in": "the article", "certainty": "read in a public text", "goal": "1"},
        **{"approach": "focused deterrence", "evaluators_part": "unknown"},
    }
    path = tmp_path / "table.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        table = csv.DictWriter(stream, list(ABOUT))
        table.writeheader()
        table.writerows([good, good | {name: other, "outcome": "homicides"}])
    described = 'name = "Test"\nkind = "published results"\nkey = ["study", "outcome"]\n'
    described += 'source = "made up"\nlicence = "none"\nsensitivity = "synthetic"\n'
    path.with_name("table.dataset.toml").write_text(described, encoding="utf-8")
    if other.strip() == "Town":
        assert len(read_published(path).results) == 2
        return
    with pytest.raises(DataError, match=f"{name}: .* is written 'Town' on line 2"):
        read_published(path)
