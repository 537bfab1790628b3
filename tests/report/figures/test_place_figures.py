"""Panels by place: counts, names and directions are those of the rows behind them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from example_counts import counting
from example_study import study
from report_page import faults, report_html

from evaluation.effect import Check
from evaluation.report.blocks import Figure, every
from evaluation.report.figures.unit_figures import MOST, small_multiples
from evaluation.report.layers import report_document


def rows(count: int, *, units: int = 1, remark: str = " (synthetic)") -> list[dict[str, Any]]:
    """Three years before and two after the start of each; every third place has more than
    expected after it, and the last year is half a year."""
    return [
        {
            "unit": f"Place {number:02d}{remark}",
            "start": "2012-07",
            "units": units,
            "year": year,
            "periods": 6 if year == 1 else 12,
            "observed": 10 + number + (0 if year < 0 else 4 if number % 3 == 0 else -4),
            "expected": None if year == -3 else 10.5 + number,
        }
        for number in range(1, count + 1)
        for year in (-3, -2, -1, 0, 1)
    ]


def placed(table: list[dict[str, Any]]):
    made = counting()
    check = Check("treated-places", None, "Here", tuple(table), asked="Where?")
    return replace(made, checks=(*made.checks, check))


def panels(table: list[dict[str, Any]]) -> Figure:
    outcome = placed(table)
    (figure,) = small_multiples(study(outcomes=(outcome,)), outcome)
    return figure


@pytest.mark.parametrize("count", [2, 7, 24])
def test_title_counts_the_places_and_claims_nothing_of_any(count):
    figure = panels(rows(count))
    assert figure.title == f"Gun homicides: observed against expected in each of {count} places"


def test_each_place_is_named_with_its_sums_after_the_start():
    figure = panels(rows(3))
    assert "Place 01 (synthetic): 14 observed, 23 expected" in figure.description
    assert "Place 03 (synthetic): 34 observed, 27 expected" in figure.description


def test_the_table_has_every_row_and_a_dash_for_what_is_not_expected():
    table = rows(4)
    figure = panels(table)
    assert [header.text for header in figure.table.headers] == [
        "Place",
        "Start",
        "Year",
        "Periods",
        "Observed",
        "Expected",
    ]
    assert len(figure.table.rows) == len(table)
    first = figure.table.rows[0]
    assert first == (
        ("Place 01 (synthetic)",),
        ("July 2012",),
        ("−3",),
        ("12",),
        ("11",),
        ("–",),
    )


def test_more_than_fit_are_cut_to_those_with_most_expected_and_counted():
    figure = panels(rows(MOST + 6))
    assert f"of {MOST} places shown" in figure.title
    assert "6 more, where less is expected, are not shown." in figure.note
    assert "Place 06 " not in figure.description
    assert "Place 07 " in figure.description
    assert len(figure.table.rows) == 5 * MOST


def test_groups_of_one_start_are_called_so():
    figure = panels(rows(5, units=4))
    assert "of 5 groups of units with the same start" in figure.title
    assert "Units" in [header.text for header in figure.table.headers]


def test_a_remark_all_share_is_left_off_the_panels_only():
    same, unlike = panels(rows(3)), panels([*rows(2), *rows(3, remark=" (real)")[-5:]])
    assert "Place 01 (synthetic)" in same.description
    assert len(unlike.svg) != len(same.svg)


def test_a_broken_year_is_drawn_as_a_mean():
    whole = [{**row, "periods": 12} for row in rows(2)]
    assert panels(rows(2)).svg != panels(whole).svg
    # Half a year with half the events is the same mean.
    halved = [
        {**row, "periods": 6, "observed": row["observed"] / 2, "expected": row["expected"] / 2}
        if row["year"] == 1
        else row
        for row in whole
    ]
    assert panels(halved).svg == panels(whole).svg


def test_without_numbers_by_place_there_are_no_panels():
    made = counting()
    assert small_multiples(study(outcomes=(made,)), made) == []
    assert small_multiples(study(outcomes=(made,)), placed([])) == []


def test_panels_stand_with_what_was_expected_on_a_sound_page():
    evidence = study(outcomes=(placed(rows(5)),))
    keys = [
        getattr(block, "key", getattr(block, "anchor", ""))
        for block in every(report_document(evidence).blocks)
    ]
    assert keys.index("observed") < keys.index("places-gun_homicides") < keys.index("estimates")
    assert faults(report_html(evidence)) == []
