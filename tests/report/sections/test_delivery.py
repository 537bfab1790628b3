"""Delivery against plan: shares, means, figure and table, all from the record."""

from __future__ import annotations

from dataclasses import replace

import pytest
from example_study import study
from section_words import text

from evaluation.data.delivery import Activity, Delivery
from evaluation.report.blocks import Callout, Figure, Table
from evaluation.report.sections.delivery import delivery
from evaluation.study.evidence import dumps, loads

PERIODS = ("2013-11", "2013-12", "2014-01", "2014-02")
CALLS = Activity("calls", "call-ins held", "meetings a month", (0.0, 1.0, 2.0, 0.0), (1.0,) * 4)
ACTIONS = Activity("actions", "enforcement actions", "actions a month", (4.0, 5.0, 6.0, 9.0))
LATE = Activity("late", "visits made", "visits a month", (0.0, 0.0, 3.0, 1.0), (0.0, 0.0, 4.0, 4.0))


def record(*activities: Activity) -> Delivery:
    return Delivery(study().data.provenance, "Testville", "month", PERIODS, activities)


def blocks_of(*activities: Activity):
    return delivery(replace(study(), delivery=record(*activities)))


def tables(blocks) -> dict[str, Table]:
    return {block.key: block for block in blocks if isinstance(block, Table)}


def cells(table: Table) -> list[list[str]]:
    return [[cell[0] for cell in row] for row in table.rows]


def test_without_a_record_the_page_says_what_would_be_needed():
    blocks = delivery(study())
    assert isinstance(blocks[-1], Callout) and blocks[-1].tone == "empty"
    assert "call-ins held and planned" in text(blocks)


def test_shares_and_means_are_those_of_the_record():
    blocks = blocks_of(CALLS, ACTIONS, LATE)
    assert "Call-ins held: 75%; visits made: 50%." in text(blocks)
    assert cells(tables(blocks)["delivery-overall"]) == [
        ["Call-ins held", "meetings a month", "0.75", "1", "75%"],
        ["Enforcement actions", "actions a month", "6", "–", "–"],
        ["Visits made", "visits a month", "1", "2", "50%"],
    ]


def test_exposure_over_time_is_the_share_of_each_year_or_its_mean():
    found = tables(blocks_of(CALLS, ACTIONS, LATE))["delivery-years"]
    assert [header.text for header in found.headers] == ["What", "2013", "2014"]
    assert cells(found) == [
        ["Call-ins held", "50%", "100%"],
        ["Enforcement actions", "4.5", "7.5"],
        ["Visits made", "–", "50%"],
    ]


def test_the_figure_has_every_number_in_its_table_and_the_means_in_its_words():
    (figure,) = [block for block in blocks_of(CALLS, ACTIONS) if isinstance(block, Figure)]
    assert cells(figure.table) == [
        ["November 2013", "0 of 1", "4"],
        ["December 2013", "1 of 1", "5"],
        ["January 2014", "2 of 1", "6"],
        ["February 2014", "0 of 1", "9"],
    ]
    assert "call-ins held, on average 0.75 of 1 planned" in figure.description.lower()
    assert "enforcement actions, on average 6" in figure.description
    assert figure.svg.startswith("<svg") and 'id="delivery-figure-' in figure.svg


def test_a_record_without_plans_is_not_held_against_one():
    assert "cannot be held against a plan" in text(blocks_of(ACTIONS))


def test_a_record_that_was_made_up_says_so_first_and_a_real_one_does_not():
    made = replace(study().data.provenance, sensitivity="synthetic")
    invented = replace(study(), delivery=replace(record(CALLS), provenance=made))
    callout = delivery(invented)[1]
    assert isinstance(callout, Callout) and callout.tone == "warning"
    assert callout.title == "Invented record"
    assert not any(isinstance(block, Callout) for block in blocks_of(CALLS))


def test_the_file_and_its_hash_are_told():
    said = text(blocks_of(CALLS))
    assert study().data.provenance.sha256 in said and study().data.provenance.file in said


def test_results_hold_the_record_and_are_as_before_without_one():
    evidence = replace(study(), delivery=record(CALLS, ACTIONS))
    assert loads(dumps(evidence)).delivery == evidence.delivery
    assert dumps(loads(dumps(evidence))) == dumps(evidence)
    assert "delivery" not in dumps(study())
    assert loads(dumps(study())).delivery is None


@pytest.mark.parametrize("start", ["2014-01", "1999-01"])
def test_the_same_record_draws_the_same_bytes(start):
    first = delivery(replace(study(), delivery=record(CALLS), start=start))
    assert first == delivery(replace(study(), delivery=record(CALLS), start=start))
