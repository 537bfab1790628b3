from __future__ import annotations

import pytest

from evaluation.data import period
from evaluation.report.figures.estimates import places, rows_table, years


def printed(rows, **options):
    table = rows_table("key", "Numbers", rows, **options)
    return [header.text for header in table.headers], [
        ["".join(getattr(part, "text", part) for part in cell) for cell in row]
        for row in table.rows
    ]


def test_percent_changes_are_signed_with_their_range_in_one_column():
    headers, rows = printed(
        [{"high": -1.0, "low": -9.5, "p": 0.0001, "percent": -5.25, "period": "2010-01"}]
    )
    assert headers == ["Period", "Change", "95% range", "p"]
    assert rows == [["2010-01", "−5.2%", "−9.5% to −1%", "<0.001"]]


def test_the_scale_of_the_model_is_left_out_beside_a_percent_change():
    both, _ = printed([{"period": "2010", "estimate": -0.1, "percent": -9.0}])
    alone, _ = printed([{"period": "2010", "estimate": -0.1}])
    assert both == ["Period", "Change"]
    assert alone == ["Period", "Estimate"]


def test_columns_stand_in_reading_order_and_unknown_ones_last():
    headers, _ = printed([{"zebra": 1, "cook": 0.1, "observed": 3, "ape": "x", "period": "2010"}])
    assert headers == ["Period", "Observed", "Cook's distance", "Ape", "Zebra"]


def test_what_is_missing_is_a_dash_and_a_truth_is_a_word():
    _, rows = printed(
        [{"lag": 1, "flagged": False, "why": ""}, {"lag": 2, "flagged": None, "why": "x"}]
    )
    assert rows == [["1", "No", "–"], ["2", "–", "x"]]


def test_the_row_of_the_headline_is_marked_and_has_no_column_for_it():
    headers, rows = printed([{"rank": "1", "headline": False}, {"rank": "2", "headline": True}])
    assert headers == ["Rank"]
    assert rows == [["1"], ["2 (headline)"]]


def test_numbers_line_up_on_the_right_and_words_on_the_left():
    table = rows_table("key", "Numbers", [{"test": "supF", "statistic": 27.645}])
    assert [header.numeric for header in table.headers] == [False, True]


def test_a_shift_has_its_sign():
    _, rows = printed([{"start": "2013-01", "shift": 3}, {"start": "2012-09", "shift": -1}])
    assert [row[1] for row in rows] == ["+3", "−1"]


@pytest.mark.parametrize(
    ("first", "n", "frequency", "marked"),
    [
        ("2012-11", 4, "month", [("2013-01", "2013")]),
        ("2009-W50", 8, "week", [("2010-W01", "2010")]),
        # The week from Thursday, December 31, has one day of 2009.
        ("2009-W50-4", 8, "week", [("2009-W53-4", "2010")]),
        ("2012-12-30", 5, "day", [("2013-01-01", "2013")]),
        ("2012-W10", 3, "week", [("2012-W10", "2012-W10"), ("2012-W12", "2012-W12")]),
    ],
)
def test_the_axis_of_time_is_marked_where_years_begin(first, n, frequency, marked):
    begin = period.ordinal(first, frequency)
    periods = [period.text(begin + k, frequency) for k in range(n)]
    at = dict(zip(periods, places(periods, frequency), strict=True))
    assert years(periods, frequency) == [(at[when], label) for when, label in marked]
