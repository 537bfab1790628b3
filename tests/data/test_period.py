import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.data import period

FREQUENCIES = sorted(period.PER_YEAR)


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
        ("quarter", "2011-Q4", "2012Q2", 2),
        ("year", "1999", "2012", 13),
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
        ("2012-10-18", "month", "is not a month; write it like 2012-10"),
        ("October 2012", "month", "is not a month"),
        ("", "year", "is not a year"),
    ],
)
def test_what_is_no_period_is_refused_with_how_to_write_it(
    written: str, frequency: str, says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        period.ordinal(written, frequency)


def test_season_of_a_period_is_counted_from_one() -> None:
    assert period.of_year(period.ordinal("2012-10", "month"), "month") == 10
    assert period.of_year(period.ordinal("2012-Q1", "quarter"), "quarter") == 1
    assert period.of_year(period.ordinal("2012", "year"), "year") == 1
