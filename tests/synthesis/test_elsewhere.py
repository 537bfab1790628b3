"""What the page on other places is made from: counts, averages where allowed, and its record."""

from __future__ import annotations

import csv
import json
import sys
from dataclasses import replace
from math import exp, log
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from described import described
from published_table import number, table
from scipy.stats import norm

from evaluation.data.project import Names, Project
from evaluation.data.published import read_published
from evaluation.errors import DataError
from evaluation.study.evidence import Evidence
from evaluation.synthesis.elsewhere import (
    TABLE,
    computed,
    dumps,
    elsewhere,
    family_of,
    has_published,
    loads,
)

ROOT = Path(__file__).parents[2]
OAKLAND = Project(Names("Oakland", "Oakland Ceasefire"), place_id="us-ca-oakland")
# R 4.2.2, metafor 3.8-1; script: tests/reference/meta.R.
BCG = json.loads((ROOT / "tests" / "reference" / "meta.json").read_text("utf-8"))["bcg"]


def rows() -> list[dict[str, str]]:
    """The table as a spreadsheet reads it."""
    with (ROOT / TABLE).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def trials(**change: str) -> list[dict[str, str]]:
    return [
        number(i, y, v**0.5, **change)
        for i, (y, v) in enumerate(zip(BCG["y"], BCG["v"], strict=True), start=1)
    ]


def test_counts_are_those_of_the_table_without_oakland() -> None:
    found = elsewhere(read_published(ROOT / TABLE, ROOT), home=OAKLAND)
    counted = [
        row
        for row in rows()
        if row["site"] != "Oakland" and row["approach"] == "focused deterrence"
    ]
    # Of trust a rise is hoped for, so that it is not counted among falls.
    away = [row for row in counted if row["family"] != "trust"]
    assert found.tally.results == len(away) < len(counted) < len(rows())
    assert found.tally.sites == len({row["site"] for row in away})
    for name, word in (("fell", "fell"), ("no_effect", "no effect found"), ("rose", "rose")):
        assert getattr(found.tally, name) == sum(row["found"] == word for row in away)
    assert found.tally.numbered == sum(row["effect"] != "" for row in away)
    assert found.tally.with_error == sum(row["se_source"] != "missing" for row in away)
    for family in found.families:
        part = [row for row in counted if row["family"] == family.name]
        assert family.tally.results == len(part)
        assert family.tally.short_lived == sum(row["found"] == "short-lived" for row in part)
    assert sum(family.tally.results for family in found.families) == len(counted)


def test_every_row_is_kept_with_what_was_printed_and_nothing_more() -> None:
    found = elsewhere(read_published(ROOT / TABLE, ROOT))
    assert len(found.results) == len(rows())
    by_key = {(row["study"], row["outcome"]): row for row in rows()}
    for told in found.results:
        row = by_key[(told.study, told.outcome)]
        assert told.effect == (float(row["effect"]) if row["effect"] else None)
        assert told.se_source == row["se_source"] and told.found == row["found"]
        if row["se_source"] == "missing":
            assert told.span is None
        if not row["effect"]:
            assert told.shown is None


def test_a_printed_90_percent_range_is_shown_as_the_95_percent_one_it_implies() -> None:
    found = elsewhere(read_published(ROOT / TABLE, ROOT))
    (told,) = [one for one in found.results if one.outcome == "felonies"]
    ends = [log(1 + value / 100) for value in (-32.6, -50.3, -8.4)]
    error = (ends[2] - ends[1]) / 2 / norm.ppf(0.95)
    assert told.span is not None
    assert told.span.low == pytest.approx(100 * (exp(ends[0] - norm.ppf(0.975) * error) - 1))
    assert told.span.high == pytest.approx(100 * (exp(ends[0] + norm.ppf(0.975) * error) - 1))
    assert (told.low, told.high, told.level) == (-50.3, -8.4, 90.0)


def test_today_nothing_can_be_averaged_and_the_reason_is_kept() -> None:
    found = elsewhere(read_published(ROOT / TABLE, ROOT))
    assert [family.mean for family in found.families] == [None] * len(found.families)
    assert all(family.reason for family in found.families)
    (crime,) = [family for family in found.families if family.name == "crime"]
    assert crime.tally.error_sites == ("Seattle",) and "two sites" in str(crime.reason)


def test_places_with_one_result_each_are_averaged_as_metafor_does(tmp_path: Path) -> None:
    (family,) = elsewhere(table(tmp_path, *trials())).families
    reference = BCG["fits"]["REML/adhoc"]
    assert family.mean is not None and not family.mean.several
    assert family.mean.effect.estimate == pytest.approx(100 * (exp(reference["beta"]) - 1))
    assert family.mean.effect.low == pytest.approx(100 * (exp(reference["lb"]) - 1))
    assert family.mean.effect.high == pytest.approx(100 * (exp(reference["ub"]) - 1))
    assert family.mean.tau2 == pytest.approx(reference["tau2"], rel=1e-6)
    assert (family.mean.k, family.mean.sites) == (13, 13)
    assert family.mean.prediction is not None and len(family.mean.beside) == 6


def test_the_home_city_enters_no_average(tmp_path: Path) -> None:
    home = number(99, -2.0, 0.1, site="Oakland", study="oakland")
    places = {"Oakland": "us-ca-oakland"}
    with_home = elsewhere(table(tmp_path, *trials(), home, places=places), home=OAKLAND)
    without = elsewhere(table(tmp_path, *trials()), home=OAKLAND)
    assert with_home.families == without.families
    assert with_home.tally == without.tally
    assert len(with_home.results) == len(without.results) + 1


@pytest.mark.parametrize(
    ("site", "place"),
    [
        ("Oakland", ""),
        ("Oakland", "us-tn-oakland"),
        ("Oakland Park", "us-fl-oakland-park"),
        ("West Oakland", ""),
        ("oakland", ""),
    ],
)
def test_a_site_is_home_by_its_id_and_never_by_its_name(tmp_path: Path, site: str, place: str):
    row = number(99, -0.2, 0.1, site=site, study="x")
    places = {site: place} if place else {}
    found = elsewhere(table(tmp_path, *trials(), row, places=places), home=OAKLAND)
    assert found.tally.results == len(found.results)
    assert not any(found.at_home(one) for one in found.results)


def test_without_a_home_every_result_counts_and_none_is_named(tmp_path: Path) -> None:
    found = elsewhere(read_published(ROOT / TABLE, ROOT))
    assert (found.home, found.home_id) == ("", "")
    assert found.tally.results == sum(one.focused and one.fall_hoped for one in found.results)
    assert any(one.focused and one.site == "Oakland" for one in found.results)


def test_places_with_several_results_are_averaged_with_a_robust_error(tmp_path: Path) -> None:
    double = [*trials(), *trials(outcome="homicide")]
    (several,) = elsewhere(table(tmp_path / "double", *double)).families
    (single,) = elsewhere(table(tmp_path / "single", *trials())).families
    assert several.mean is not None and single.mean is not None
    assert several.mean.several and (several.mean.k, several.mean.sites) == (26, 13)
    assert several.mean.prediction is None
    # The same results told twice are not twice the evidence.
    width = several.mean.effect.high - several.mean.effect.low
    assert width > 0.9 * (single.mean.effect.high - single.mean.effect.low)


def test_own_real_results_stand_beside_and_invented_ones_do_not() -> None:
    studies = [described(slug) for slug in ("boston", "oakland-synthetic")]
    (own,) = elsewhere(read_published(ROOT / TABLE, ROOT), studies).own
    assert (own.study, own.family) == ("boston", "homicide")
    assert own.percent == studies[0].outcomes[0].effect.percent
    assert own.reason == "" and own.grade == "very low"


@pytest.mark.parametrize("label", ["gun homicides", "begun searches", "crime hotline calls"])
@pytest.mark.parametrize("family", ["", "homicide", "reoffending"])
def test_an_outcome_belongs_with_published_ones_as_declared(label: str, family: str) -> None:
    evidence = described("boston")
    outcome = replace(evidence.outcomes[0], label=label)
    columns = tuple(
        replace(column, family=family) if column.name == outcome.column else column
        for column in evidence.data.columns
    )
    evidence = replace(evidence, data=replace(evidence.data, columns=columns))
    assert family_of(evidence, outcome) == family


def test_a_scale_belongs_where_all_its_questions_do() -> None:
    evidence = described("survey-synthetic")
    (trust,) = [one for one in evidence.outcomes if one.column == "trust"]

    def with_families(*families: str) -> Evidence:
        left = list(families)
        columns = tuple(
            replace(column, family=left.pop()) if column.scale == "trust" else column
            for column in evidence.data.columns
        )
        return replace(evidence, data=replace(evidence.data, columns=columns))

    assert family_of(with_families("trust", "trust", "trust"), trust) == "trust"
    assert family_of(with_families("trust", "crime", "trust"), trust) == ""


def test_invented_results_are_not_shown_as_published(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="invented results"):
        elsewhere(table(tmp_path, *trials(), sensitivity="synthetic"))


@pytest.mark.parametrize("several", [False, True])
def test_the_record_is_read_back_to_the_byte(tmp_path: Path, several: bool) -> None:
    made = [*trials(), *(trials(outcome="homicide") if several else ())]
    for text in (
        dumps(elsewhere(table(tmp_path, *made), [described("boston")])),
        computed([described("boston")], ROOT),
    ):
        assert dumps(loads(text)) == text
        assert str(ROOT) not in text


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema": 99}', '{"schema": 1, "home": "x"}'])
def test_a_record_of_another_version_is_refused(text: str) -> None:
    with pytest.raises(DataError, match=r"elsewhere\.json"):
        loads(text)


def test_the_table_is_there() -> None:
    assert has_published(ROOT) and not has_published(ROOT / "tests")
