"""Weeks and days of a panel of incidents, against counting one date after the other."""

from __future__ import annotations

import csv
import datetime
import random
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from evaluation.data import period
from evaluation.data.incidents.build import build_panel
from evaluation.data.read import read_panel
from evaluation.errors import EvaluationError

Project = Callable[..., Path]
Refused = Callable[..., EvaluationError]
HEADER = "case,when,told,beat,offense"


def by(recipe: str, frequency: str, first: str, last: str) -> str:
    return (
        recipe.replace('period = "month"', f'period = "{frequency}"')
        .replace('"2012-01"', f'"{first}"')
        .replace('"2012-03"', f'"{last}"')
        .replace('"victims a month"', f'"victims a {frequency}"')
    )


def lines(moments: list[str]) -> tuple[str, ...]:
    return (HEADER, *(f"{k},{one},{one[:10]},A,HOMICIDE" for k, one in enumerate(moments)))


def counts(path: Path) -> dict[str, int]:
    with path.with_name("panel.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    when = next(name for name in rows[0] if name in period.PER_YEAR)
    return {row[when]: int(row["homicides"]) for row in rows}


def drawn(first: datetime.date, days: int) -> Iterator[datetime.datetime]:
    source = random.Random(20130101)
    for _ in range(400):
        yield datetime.datetime.combine(first, datetime.time()) + datetime.timedelta(
            days=source.randrange(days), minutes=source.randrange(1440)
        )


@pytest.mark.parametrize(
    ("first", "last", "weekday"),
    [("2008-W50", "2010-W02", 0), ("2008-W50-4", "2010-W02-4", 3), ("2019-W51-7", "2021-W03-7", 6)],
)
def test_weeks_are_those_of_seven_days_over_the_turns_of_years(
    project: Project, recipe: str, first: str, last: str, weekday: int
) -> None:
    # 2009 and 2020 have 53 ISO weeks.
    begin, end = period.span(first)[0], period.span(last)[1]
    moments = list(drawn(begin - datetime.timedelta(days=9), (end - begin).days + 20))
    told = lines([one.isoformat(sep=" ") for one in moments])
    path = project(by(recipe, "week", first, last), told)
    build_panel(path)
    expected: Counter[datetime.date] = Counter()
    for one in moments:
        day = one.date()
        expected[day - datetime.timedelta(days=(day.weekday() - weekday) % 7)] += 1
    week, found = begin, counts(path)
    for written, count in found.items():
        assert period.span(written)[0] == week
        assert count == expected[week]
        week += datetime.timedelta(days=7)
    assert week == end + datetime.timedelta(days=1)
    panel = read_panel(path.with_name("panel.csv"), path.parent)
    assert (panel.frequency, panel.periods[0], panel.periods[-1]) == ("week", first, last)


def test_days_are_counted_one_by_one(project: Project, recipe: str) -> None:
    first = datetime.date(2011, 12, 1)
    moments = list(drawn(first, 120))
    told = lines([one.isoformat(sep=" ") for one in moments])
    path = project(by(recipe, "day", "2011-12-15", "2012-03-15"), told)
    build_panel(path)
    expected = Counter(one.date().isoformat() for one in moments)
    found = counts(path)
    assert found == {day: expected[day] for day in found}
    assert len(found) == 92


def test_a_moment_belongs_to_the_week_and_day_of_its_own_zone(
    project: Project, recipe: str
) -> None:
    # Sunday, March 11, 2012, has 23 hours in Los Angeles: 06:59Z on Monday is still Sunday there.
    told = lines(["2012-03-12T06:59:00Z", "2012-03-12T07:00:00Z", "2012-03-11 02:30"])
    path = project(by(recipe, "week", "2012-W10", "2012-W11"), told)
    build_panel(path)
    assert counts(path) == {"2012-W10": 2, "2012-W11": 1}
    path = project(by(recipe, "day", "2012-03-11", "2012-03-12"), told)
    build_panel(path)
    assert counts(path) == {"2012-03-11": 2, "2012-03-12": 1}


def test_the_week_that_is_not_whole_is_cut_as_a_month_is(project: Project, recipe: str) -> None:
    # Complete until January 24, a Tuesday: the week that ends on the 22nd is the last.
    rule = '\n[late]\ndays = 7\nextracted = 2012-01-31\nedge = "cut"\n'
    told = lines(["2012-01-04 10:00", "2012-01-23 10:00"])
    path = project(by(recipe, "week", "2012-W01", "2012-W05") + rule, told)
    build_panel(path)
    assert list(counts(path)) == ["2012-W01", "2012-W02", "2012-W03"]


@pytest.mark.parametrize(
    ("frequency", "first", "last", "words"),
    [
        (
            "week",
            "2012-W01",
            "2012-W05-4",
            "is a week from a Thursday, but weeks begin on a Monday",
        ),
        ("week", "2012-01-02", "2012-02-02", "its first day, 2012-02-02, is in 2012-W05"),
        ("week", "2012-W01", "2012-W53", "has week 53; in 2012 it must be 1 to 52"),
        ("week", "2012-01", "2012-W05", "is a month, but the frequency is week"),
        ("day", "2012-01-01", "2012-W05", "is a week, but the frequency is day"),
        ("day", "2012-01-01", "2012-02-30", "is not a day of the calendar"),
    ],
)
def test_a_coverage_of_other_periods_is_refused(
    project: Project, refused: Refused, recipe: str, frequency: str, first: str, last: str,
    words: str,
) -> None:  # fmt: skip
    fault = refused(project(by(recipe, frequency, first, last), lines(["2012-01-10 10:00"])))
    assert words in str(fault)


def test_a_measure_of_another_period_is_refused(
    project: Project, refused: Refused, recipe: str
) -> None:
    text = by(recipe, "week", "2012-W01", "2012-W05").replace("victims a week", "victims a month")
    assert "'victims a month' is not what is counted" in str(refused(project(text)))


def test_residents_of_a_week_are_those_of_the_year_it_belongs_to(
    project: Project, recipe: str
) -> None:
    text = by(recipe, "week", "2008-W52", "2009-W02") + (
        '\n[population]\nfile = "people.csv"\nunit = "beat"\nyear = "year"\nresidents = "people"\n'
    )
    path = project(text, lines(["2008-12-30 10:00"]))
    people = "beat,year,people\nA,2008,800\nA,2009,900\n"
    path.with_name("people.csv").write_text(people, encoding="utf-8")
    build_panel(path)
    with path.with_name("panel.csv").open(encoding="utf-8") as stream:
        rows = [(row["week"], row["population"]) for row in csv.DictReader(stream)]
    # The week from December 29, 2008, has four days of 2009.
    assert rows == [("2008-W52", "800"), ("2009-W01", "900"), ("2009-W02", "900")]


def spoiled(path: Path, one: str, other: str) -> str:
    """What reading the panel says once a period of it is written otherwise."""
    table = path.with_name("panel.csv")
    table.write_text(table.read_text("utf-8").replace(one, other), encoding="utf-8")
    with pytest.raises(EvaluationError) as caught:
        read_panel(table, path.parent)
    return str(caught.value)


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ("2012-02", "is a month, but the frequency is week"),
        ("2012-W03-4", "is a week from a Thursday, but weeks begin on a Monday here"),
        ("2012-W04", "2012-W04 is on line"),
        ("2012-W06", "has no row for 2012-W03"),
    ],
)
def test_a_table_that_mixes_weeks_with_something_else_is_refused(
    project: Project, recipe: str, other: str, words: str
) -> None:
    path = project(by(recipe, "week", "2012-W01", "2012-W05"), lines(["2012-01-10 10:00"]))
    build_panel(path)
    assert words in spoiled(path, "2012-W03", other)
