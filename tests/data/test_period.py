import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.data import period

FREQUENCIES = sorted(period.MONTHS)
DAYS = st.dates(datetime.date(1800, 1, 8), datetime.date(2299, 12, 24))


@given(st.sampled_from(FREQUENCIES), st.integers(0, 9999), st.integers(0, 11))
def test_a_period_written_and_read_again_is_the_same(frequency: str, year: int, part: int) -> None:
    length = period.PER_YEAR[frequency]
    number = year * length + part % length
    assert period.ordinal(period.text(number, frequency), frequency) == number


@given(st.sampled_from(FREQUENCIES), st.integers(0, 9998), st.integers(0, 11))
def test_written_periods_sort_as_the_calendar_does(frequency: str, year: int, part: int) -> None:
    number = year * period.PER_YEAR[frequency] + part % period.PER_YEAR[frequency]
    assert period.text(number, frequency) < period.text(number + 1, frequency)


@pytest.mark.parametrize(
    ("frequency", "earlier", "later", "apart"),
    [
        ("month", "2011-12", "2012-01", 1),
        ("month", "2012-01-01", "2012-10-01", 9),
        ("quarter", "2012-01-01", "2012-Q4", 3),
        ("year", "1999", "2012-01-01", 13),
        ("quarter", "2011-Q4", "2012Q2", 2),
        ("year", "1999", "2012", 13),
        # 2020 has 53 weeks, 2012 has 52.
        ("week", "2020-W53", "2021-W01", 1),
        ("week", "2012-W52", "2013W01", 1),
        ("week", "2012-W42-4", "2012-W43-4", 1),
        ("week", "2012-W42-1", "2012-W43", 1),
        ("day", "2012-02-28", "2012-03-01", 2),
    ],
)
def test_periods_apart_are_counted_over_the_turn_of_the_year(
    frequency: str, earlier: str, later: str, apart: int
) -> None:
    assert period.ordinal(later, frequency) - period.ordinal(earlier, frequency) == apart


@pytest.mark.parametrize(
    ("written", "frequency", "says"),
    [
        ("2012-Q4", "month", "is a quarter, but the frequency is month"),
        ("2012", "quarter", "is a year, but the frequency is quarter"),
        ("2012-10", "year", "is a month, but the frequency is year"),
        ("2012-13", "month", "it must be 1 to 12"),
        ("2012-00", "month", "it must be 1 to 12"),
        ("2012-Q5", "quarter", "it must be 1 to 4"),
        ("2012-10-18", "month", "is a day, but the frequency is month; write it like 2012-10"),
        ("2012-10-18", "week", "is a day, but the frequency is week; write it like 2012-W42-4"),
        ("2012-10-15", "week", "is a day, but the frequency is week; write it like 2012-W42$"),
        ("2012-W42", "month", "is a week, but the frequency is month"),
        ("2012-10", "week", "is a month, but the frequency is week; write it like 2012-W40"),
        ("2012-10", "day", "is a month, but the frequency is day"),
        ("2012-W53", "week", "has week 53; in 2012 it must be 1 to 52"),
        ("2012-W00", "week", "has week 0; in 2012 it must be 1 to 52"),
        ("2020-W54", "week", "has week 54; in 2020 it must be 1 to 53"),
        ("2012-W42-8", "week", "is not a week"),
        ("2013-02-29", "day", "is not a day of the calendar"),
        ("October 2012", "month", "is not a month"),
        ("", "year", "is not a year"),
    ],
)
def test_what_is_no_period_is_refused_with_how_to_write_it(
    written: str, frequency: str, says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        period.ordinal(written, frequency)


@pytest.mark.parametrize(
    ("written", "frequency", "same"),
    [
        ("2012-10-01", "month", "2012-10"),
        ("2012-10-01", "quarter", "2012-Q4"),
        ("2012-01-01", "year", "2012"),
        ("2012-10-18", "week", "2012-W42-4"),
        ("2012-10-18", "day", "2012-10-18"),
        ("2012-W42", "week", "2012-W42"),
    ],
)
def test_a_person_may_name_a_period_by_the_date_it_begins_on(
    written: str, frequency: str, same: str
) -> None:
    assert period.begun(written, frequency) == period.ordinal(same, frequency)


def test_a_date_inside_a_period_may_mean_two() -> None:
    with pytest.raises(ValueError, match="write '2012' for the year that holds it, or '2013'"):
        period.begun("2012-10-01", "year")
    with pytest.raises(ValueError, match="its first day, 2012-10-18, is in 2012-W42"):
        period.begun("2012-10-18", "week", period.ordinal("2012-W01", "week"))


def test_season_of_a_period_is_counted_from_one() -> None:
    assert period.of_year(period.ordinal("2012-10", "month"), "month") == 10
    assert period.of_year(period.ordinal("2012-Q1", "quarter"), "quarter") == 1
    assert period.of_year(period.ordinal("2012", "year"), "year") == 1


@given(DAYS, st.integers(0, 6))
def test_a_week_holds_its_seven_days_and_no_other(day: datetime.date, weekday: int) -> None:
    like = weekday * period.WEEKDAY
    number = period.holding(day, "week", like)
    first = period.first_day(number, "week")
    assert first.weekday() == weekday
    assert 0 <= (day - first).days <= 6
    written = period.text(number, "week")
    assert period.ordinal(written, "week") == number == period.week_from(first)
    assert period.span(written) == (first, first + datetime.timedelta(days=6))
    assert period.holding(day + datetime.timedelta(days=7), "week", like) == number + 1


@given(DAYS)
def test_a_week_is_numbered_as_iso_8601_has_it(day: datetime.date) -> None:
    year, week, _ = day.isocalendar()
    number = period.holding(day, "week")
    assert period.text(number, "week") == f"{year:04d}-W{week:02d}"
    assert period.year_of(number, "week") == year


@given(DAYS)
def test_a_day_is_written_and_read_again(day: datetime.date) -> None:
    number = period.holding(day, "day")
    assert period.ordinal(period.text(number, "day"), "day") == number
    assert period.span(day.isoformat()) == (day, day)
    assert period.year_of(number, "day") == day.year


@given(DAYS, st.sampled_from(FREQUENCIES))
def test_the_period_that_holds_a_day_begins_no_later(day: datetime.date, frequency: str) -> None:
    number = period.holding(day, frequency)
    assert period.first_day(number, frequency) <= day < period.first_day(number + 1, frequency)


def test_the_time_of_the_year_is_the_same_in_leap_years() -> None:
    for year, days in ((2012, 366), (2013, 365)):
        first, last = (period.ordinal(f"{year}-{day}", "day") for day in ("01-01", "12-31"))
        assert period.time_of_year(first, "day") == 0.5 / days
        assert period.time_of_year(last, "day") == 1 - 0.5 / days
    # The Thursday of the first week of 2015 is New Year's Day.
    assert period.time_of_year(period.ordinal("2015-W01", "week"), "week") == 0.5 / 365


def test_weeks_that_begin_on_two_days_are_no_neighbors() -> None:
    monday, thursday = (period.ordinal(text, "week") for text in ("2012-W42", "2012-W42-4"))
    period.refuse_other_week(monday + 1, monday, "week")
    with pytest.raises(ValueError, match="'2012-W42-4' is a week from a Thursday, but weeks begin"):
        period.refuse_other_week(thursday, monday, "week")
