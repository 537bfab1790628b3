"""Time is read from dates, periods and text, and gaps are named."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest

from evaluation.data import frames, moments
from evaluation.data.period import ordinal
from evaluation.errors import DataError


def times(values: Any, frequency: Any = None) -> moments.Times:
    return moments.times(frames.table(pd.DataFrame({"t": values})), "t", frequency)


@pytest.mark.parametrize(
    ("values", "frequency", "first"),
    [
        (["2012-10", "2012-11"], "month", "2012-10"),
        (["2012-Q4", "2013Q1"], "quarter", "2012-Q4"),
        (["2012", "2014"], "year", "2012"),
        ([2012, 2013], "year", "2012"),
        ([2012.0, 2013.0], "year", "2012"),
        (["2012-10-01", "2012-11-01"], "month", "2012-10"),
        (["2012-10-01", "2013-01-01"], "quarter", "2012-Q4"),
        (["2012-10-01", "2013-10-01"], "year", "2012"),
        (["2012-10-31", "2012-11-30"], "month", "2012-10"),
        (pd.period_range("2012-10", periods=2, freq="M"), "month", "2012-10"),
        (pd.period_range("2012-10", periods=2, freq="Q"), "quarter", "2012-Q4"),
        (pd.period_range("2012-10", periods=2, freq="Y"), "year", "2012"),
        (pd.to_datetime(["2012-10-01T00:00Z", "2012-11-01T00:00Z"]), "month", "2012-10"),
        (["2012-W40", "2012-W41"], "week", "2012-W40"),
        (["2012-W42-4", "2012-W43-4"], "week", "2012-W42-4"),
        (["2012-10-18", "2012-10-25"], "week", "2012-W42-4"),
        (["2012-12-31", "2013-01-07", "2013-01-21"], "week", "2013-W01"),
        (["2012-12-31", "2013-01-01"], "day", "2012-12-31"),
        (pd.date_range("2012-10-01", periods=9), "day", "2012-10-01"),
        (pd.date_range("2012-10-01", periods=9, freq="W"), "week", "2012-W40-7"),
        (pd.period_range("2012-10-01", periods=2, freq="W"), "week", "2012-W40"),
        (pd.period_range("2012-10-01", periods=2, freq="W-WED"), "week", "2012-W39-4"),
        (pd.period_range("2012-10-18", periods=2, freq="D"), "day", "2012-10-18"),
    ],
)
def test_calendar_is_that_of_what_is_written(values: Any, frequency: str, first: str) -> None:
    found = times(values)
    assert found.frequency == frequency
    assert found.text(int(found.ordinals[0])) == first


def test_a_longer_calendar_may_be_asked_for_and_a_shorter_one_not() -> None:
    assert times(["2012-10", "2013-01"], "quarter").ordinals.tolist() == [
        ordinal("2012-Q4", "quarter"),
        ordinal("2013-Q1", "quarter"),
    ]
    with pytest.raises(DataError, match="periods are a year each, longer than the frequency month"):
        times(["2012", "2013"], "month")
    with pytest.raises(DataError, match="periods are a week each, which are no parts of a month"):
        times(["2012-W40", "2012-W41"], "month")
    with pytest.raises(DataError, match="periods are a month each, longer than the frequency week"):
        times(["2012-10", "2012-11"], "week")
    assert (
        times(["2012-10-18", "2012-10-19"], "week").ordinals.tolist()
        == [ordinal("2012-W42-4", "week")] * 2
    )


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (["10/2012"], r"time \(t\): row 1 holds '10/2012', which is no month"),
        (["2012-13"], "row 1 holds '2012-13'"),
        ([201210], "row 1 holds 201210"),
        ([True], "row 1 holds True"),
        (["2012-10", ""], "row 2 has none"),
        (["2012-10", None], "row 2 has none"),
        (["2012-10", "2012-Q4"], "in several ways, as a month and quarter"),
        (["2012-10", "2012-W40"], "in several ways, as a month and week"),
        (["2012-W40", "2012-W41-4"], "2012-W40 and 2012-W41-4 are weeks that begin on different"),
        (pd.period_range("2012-10", periods=2, freq="Q-NOV"), "row 1 holds"),
    ],
)
def test_what_is_no_time_is_refused(values: Any, words: str) -> None:
    with pytest.raises(DataError, match=words):
        times(values)


@pytest.mark.parametrize(
    "given",
    ["2012-10", "2012-10-18", datetime.date(2012, 10, 18), datetime.datetime(2012, 10, 18, 9),
     np.datetime64("2012-10-18"), pd.Timestamp("2012-10-18"), pd.Period("2012-10")],
)  # fmt: skip
def test_a_date_is_the_period_that_holds_it(given: Any) -> None:
    assert moments.moment(given, "month", "start") == ordinal("2012-10", "month")
    assert moments.moment(given, "quarter", "start") == ordinal("2012-Q4", "quarter")
    assert moments.moment(given, "year", "start") == 2012


@pytest.mark.parametrize("given", ["2012", 5, None, "soon", float("nan"), pd.NaT, [2012]])
def test_what_is_no_date_is_refused(given: Any) -> None:
    with pytest.raises(DataError, match=r"start: .* is no month and no date; write it like"):
        moments.moment(given, "month", "start")


def test_gaps_are_told_as_stretches_and_many_are_counted() -> None:
    found = times(["2012-01", "2012-04", "2012-06"])
    with pytest.raises(DataError, match="3 periods are missing: 2012-02 to 2012-03, 2012-05"):
        moments.refuse_gaps(found, "t")
    sparse = times([f"{year}-01" for year in range(2000, 2010)], "month")
    with pytest.raises(DataError, match=r"99 periods are missing: .*, 33 more"):
        moments.refuse_gaps(sparse, "t")


def test_days_are_read_from_dates_text_and_numbers() -> None:
    day = (datetime.date(2018, 5, 15) - datetime.date(1970, 1, 1)).days
    for values in (["2018-05-15"], [datetime.date(2018, 5, 15)], pd.to_datetime(["2018-05-15"])):
        table = frames.table(pd.DataFrame({"d": values}))
        assert moments.days(table, "d", "entry").tolist() == [day]
    numbers = frames.table(pd.DataFrame({"d": [3.0, np.nan]}))
    assert np.isnan(moments.days(numbers, "d", "decided", missing=True)[1])
    with pytest.raises(DataError, match=r"entry \(d\): row 2 has no value"):
        moments.days(numbers, "d", "entry")
    with pytest.raises(DataError, match=r"entry \(d\): row 1 holds 'May', which is no date"):
        moments.days(frames.table(pd.DataFrame({"d": ["May"]})), "d", "entry")
