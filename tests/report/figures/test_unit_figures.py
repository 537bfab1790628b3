"""The forest of treated units: counts, ranges and names are those of the rows behind it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from example_counts import counting
from example_study import study
from report_page import faults, report_html

from evaluation.effect import Check
from evaluation.report.blocks import Figure, Strong, every
from evaluation.report.figures.unit_figures import unit_forest
from evaluation.report.layers import report_document

NOTHING = {
    "start": "",
    "periods before": None,
    "periods after": None,
    "controls": None,
    "observed": None,
    "expected": None,
    "rise": None,
    "percent": None,
    "low": None,
    "high": None,
    "ahead low": None,
    "ahead high": None,
    "tau": None,
    "tau low": None,
    "tau high": None,
    "why": "",
}
WHOLE = {
    **NOTHING,
    "unit": "All together",
    "role": "together",
    "controls": 24,
    "observed": 900.0,
    "expected": 1000.0,
    "percent": -10.0,
    "low": -30.0,
    "high": 15.0,
    "ahead low": -45.0,
    "ahead high": 40.0,
    "tau": 0.1,
    "tau low": 0.0,
    "tau high": 0.4,
}
OTHER = {
    **WHOLE,
    "unit": "All together, without the last 2 periods before each start",
    "role": "together, otherwise",
    "percent": -4.0,
}
PASSED = {
    **NOTHING,
    "unit": "Late City",
    "role": "passed over",
    "start": "2016",
    "why": "no period from its start on can be used",
}


def unit(number: int, low: float, high: float) -> dict[str, Any]:
    return {
        **NOTHING,
        "unit": f"City {number}",
        "role": "alone",
        "start": str(1990 + number),
        "periods before": 10 + number,
        "periods after": 20,
        "controls": 24,
        "observed": 100.0,
        "expected": 110.4,
        "rise": 12.0,
        "percent": (low + high) / 2,
        "low": low,
        "high": high,
    }


CLEAR, OPEN, UP = unit(1, -60.0, -10.0), unit(2, -30.0, 20.0), unit(3, 5.0, 240.0)


def placed(table: list[dict[str, Any]]):
    made = counting()
    check = Check("each-treated-unit", None, "Here", tuple(table), asked="Each?")
    return replace(made, checks=(*made.checks, check))


def drawn(*units: dict[str, Any]) -> Figure:
    outcome = placed([*units, OTHER, WHOLE])
    (figure,) = unit_forest(study(outcomes=(outcome,)), outcome)
    return figure


@pytest.mark.parametrize(
    ("units", "said"),
    [
        ((OPEN, OPEN), "of 2 treated units, each by itself, none has a range"),
        ((CLEAR, OPEN), "of 2 treated units, each by itself, 1 has a range"),
        ((CLEAR, OPEN, UP, PASSED), "of 3 treated units, each by itself, 2 have a range"),
    ],
)
def test_title_counts_the_ranges_that_leave_out_no_change(units, said):
    figure = drawn(*units)
    assert said in figure.title
    assert figure.title.endswith(
        "their mean is −10% (−30% to +15%), and the range for one more −45% to +40%"
    )


def test_description_has_every_unit_with_its_range_and_the_range_for_one_more():
    figure = drawn(CLEAR, OPEN, UP, PASSED)
    assert "City 1 −35% (−60% to −10%); City 2 −5% (−30% to +20%)" in figure.description
    assert "Late City no comparison" in figure.description
    assert "range for the true change of one more unit −45% to +40%" in figure.description
    assert "without the last 2 periods before each start −4%" in figure.description


def test_words_of_the_figure_name_no_cause():
    figure = drawn(CLEAR, OPEN, PASSED)
    for said in (figure.title, figure.description, figure.note):
        assert not any(word in said.lower() for word in ("effect", "because", "worked", "caused"))


def test_a_unit_without_a_comparison_is_named_with_the_reason():
    assert "Late City is not in the mean: no period from its start on can be used." in (
        drawn(OPEN, PASSED).note
    )
    assert "not in the mean" not in drawn(OPEN).note


def test_table_has_every_row_in_their_order_with_dashes_for_what_is_not_there():
    figure = drawn(CLEAR, PASSED)
    first, passed, other, whole = figure.table.rows
    assert first == (
        ("City 1",),
        ("1991",),
        ("−35%",),
        ("−60% to −10%",),
        ("–",),
        ("100",),
        ("110.4",),
        ("11, 20",),
        ("24",),
        ("+12%",),
    )
    assert passed[0] == ("Late City",) and set(passed[2:]) == {("–",)}
    assert other[4] == ("−45% to +40%",)
    assert whole[0] == (Strong("All together"),) and whole[1] == ("–",)
    assert len(figure.table.headers) == len(whole)


def test_without_rows_there_is_no_figure():
    made = counting()
    assert unit_forest(study(outcomes=(made,)), made) == []
    assert unit_forest(study(outcomes=(made,)), placed([])) == []


def test_it_stands_with_what_was_expected_on_a_sound_page_and_its_rows_only_there():
    evidence = study(outcomes=(placed([CLEAR, OPEN, UP, PASSED, OTHER, WHOLE]),))
    keys = [
        getattr(block, "key", getattr(block, "anchor", ""))
        for block in every(report_document(evidence).blocks)
    ]
    assert keys.index("observed") < keys.index("units-gun_homicides") < keys.index("estimates")
    page = report_html(evidence)
    assert faults(page) == []
    assert page.count("<td>Late City</td>") + page.count(">Late City</th>") == 1


def test_it_stands_also_where_a_method_expects_no_number_by_period():
    outcome = placed([CLEAR, OPEN, WHOLE])
    effect = replace(outcome.effect, path=())
    outcome = replace(outcome, headline=replace(outcome.headline, effect=effect))
    keys = [
        getattr(block, "key", "")
        for block in every(report_document(study(outcomes=(outcome,))).blocks)
    ]
    assert "units-gun_homicides" in keys
