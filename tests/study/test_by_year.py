"""Counts by year: whole years only, the same years on both sides, sums that a reader can redo."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import pytest

from evaluation.study.by_year import ByYear
from evaluation.study.evidence import Evidence, dumps, loads
from evaluation.study.run import run

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def cities() -> Evidence:
    return run("oakland-cities", ROOT)


@pytest.fixture(scope="module")
def boston() -> Evidence:
    return run("boston", ROOT)


def _of(evidence: Evidence, column: str) -> ByYear:
    found = evidence.outcome(column).by_year
    assert found is not None
    return found


def _recorded(file: str, column: str) -> dict[str, dict[str, float]]:
    """Unit by year by hand, straight from the table."""
    found: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    with (ROOT / file).open(encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            names = list(row)
            if row[column]:
                found[row[names[0]]][row[names[1]][:4]] += float(row[column])
    return found


def test_years_are_sums_of_the_table(cities: Evidence) -> None:
    found = _of(cities, "homicide")
    by_hand = _recorded("data/public/cities_ucr.csv", "homicide")["Oakland, Calif."]
    assert {one.year: one.recorded for one in found.years} == {
        year: count for year, count in by_hand.items() if "1995" <= year <= "2019"
    }
    assert found.units == 1 and found.beside == 27


def test_sides_leave_out_the_year_of_the_start(cities: Evidence) -> None:
    found = _of(cities, "homicide")
    assert [one.year for one in found.years if one.phase == "start"] == ["2012"]
    assert found.before is not None and found.after is not None
    assert (found.before.first, found.before.last) == ("1995", "2011")
    assert (found.after.first, found.after.last) == ("2013", "2019")
    after = [one for one in found.years if one.phase == "after"]
    assert found.after.recorded == pytest.approx(sum(one.recorded for one in after) / 7)
    assert found.change == pytest.approx(100 * (found.after.recorded / found.before.recorded - 1))


def test_what_is_expected_of_a_yearly_table_is_that_of_the_path(cities: Evidence) -> None:
    outcome = cities.outcome("homicide")
    path = {point.period: point for point in outcome.effect.path}
    for one in _of(cities, "homicide").years:
        if one.phase == "after":
            point = path[one.year]
            assert (one.expected, one.low, one.high) == (point.expected, point.low, point.high)
        else:
            assert one.expected is None


def test_months_of_a_year_that_is_cut_are_no_year(boston: Evidence) -> None:
    found = _of(boston, "homicides")
    # The table ends in May 1998; the program began inside 1996.
    assert [one.year for one in found.years] == ["1992", "1993", "1994", "1995", "1996", "1997"]
    assert [one.phase for one in found.years[-2:]] == ["start", "after"]
    outcome = boston.outcome("homicides")
    months = [point for point in outcome.effect.path if point.period.startswith("1997")]
    last = found.years[-1]
    assert last.recorded == sum(point.observed for point in months)
    assert last.expected == pytest.approx(sum(point.expected for point in months))
    assert last.low is not None and last.expected is not None
    assert last.low < last.expected


def test_units_of_different_starts_have_no_sides() -> None:
    found = _of(run("groups-synthetic", ROOT), "shootings")
    assert found.before is None and found.after is None and found.change is None
    assert {one.phase for one in found.years} == {""}


def test_it_is_written_and_read(cities: Evidence) -> None:
    again = loads(dumps(cities))
    assert dumps(again) == dumps(cities)
    assert _of(again, "homicide").beside == 27
