"""Totals so far: every number is a sum of the results, and directions are theirs."""

from __future__ import annotations

from dataclasses import replace
from itertools import accumulate
from pathlib import Path

import pytest
from example_counts import FALL, RISE, UNCLEAR, counting, with_ranges
from example_study import study
from report_page import faults, report_html

from evaluation.report.blocks import Figure, every
from evaluation.report.figures.over_time import accumulated
from evaluation.report.layers import report_document
from evaluation.report.words import number, signed_amount
from evaluation.study.evidence import load_evidence

PROJECT = Path(__file__).parents[3]
SLUGS = (
    "boston",
    "complaints-synthetic",
    "groups-synthetic",
    "oakland-synthetic",
    "oakland-synthetic-cities",
    "oakland-synthetic-compared",
    "places-synthetic",
)
STUDIES = [load_evidence(slug, PROJECT) for slug in SLUGS]


def total_of(outcome, evidence=None) -> Figure:
    (figure,) = accumulated(evidence or study(outcomes=(outcome,)), outcome)
    return figure


@pytest.mark.parametrize("evidence", STUDIES, ids=lambda one: one.slug)
def test_every_count_of_the_studies_adds_up_to_what_was_estimated(evidence):
    for outcome in evidence.outcomes:
        averted = outcome.effect.averted
        last = total_of(outcome, evidence).table.rows[-1]
        assert last[4] == (signed_amount(averted.estimate),)
        assert last[5] == (f"{signed_amount(averted.low)} to {signed_amount(averted.high)}",)
        after = [one for one in outcome.effect.path if one.phase in ("phase-in", "after")]
        fitted = sum(one.expected - one.fitted for one in after)
        assert fitted == pytest.approx(averted.estimate, rel=1e-3, abs=0.01)


def test_the_table_has_every_period_with_its_running_sum():
    made = counting()
    after = [one for one in made.effect.path if one.phase != "before"]
    sums = list(accumulate(one.expected - one.fitted for one in after))
    rows = total_of(made).table.rows
    assert [row[0] for row in rows] == [(one.period,) for one in after]
    assert [row[4] for row in rows] == [(signed_amount(one),) for one in sums]
    assert [row[6] for row in rows[:4]] == [("Phase-in",)] * 3 + [("After",)]


@pytest.mark.parametrize(("percent", "side"), [(FALL, "fewer"), (RISE, "more")])
def test_title_and_description_say_the_sign_of_the_total(percent, side):
    made = counting(percent)
    averted = made.effect.averted
    figure = total_of(made)
    ends = sorted((abs(averted.low), abs(averted.high)))
    assert figure.title == (
        f"Gun homicides: by December 2016, {abs(averted.estimate):.0f} {side} than expected in all "
        f"(range {ends[0]:.0f} to {ends[1]:.0f} {side})"
    )
    assert f"December 2016: {abs(averted.estimate):.0f} {side}" in figure.description
    other = "more" if side == "fewer" else "fewer"
    listed = figure.description.partition("at the end. ")[2]
    assert f" {side}" in listed and f" {other}" not in listed


def test_an_unclear_total_is_called_so():
    figure = total_of(counting(UNCLEAR))
    assert "no clear total; the best estimate is" in figure.title
    assert "more to" in figure.title


def test_a_range_before_the_end_is_drawn_only_where_the_results_hold_it():
    bare, whole = counting(), with_ranges(counting())
    figure = total_of(bare)
    assert [row[5] for row in figure.table.rows[:-1]] == [("–",)] * 35
    assert "none for earlier totals" in figure.note
    figure = total_of(whole)
    (rows,) = (one.table for one in whole.checks if one.name == "averted-over-time")
    assert [row[5] for row in figure.table.rows] == [
        (f"{signed_amount(row['low'])} to {signed_amount(row['high'])}",) for row in rows
    ]
    assert "The band is the 95% range of the total up to then" in figure.note
    assert total_of(bare).svg != figure.svg


def test_ranges_that_miss_a_period_are_not_used():
    whole = with_ranges(counting())
    checks = tuple(
        replace(one, table=one.table[:10] + one.table[11:])
        if one.name == "averted-over-time"
        else one
        for one in whole.checks
    )
    figure = total_of(replace(whole, checks=checks))
    assert "none for earlier totals" in figure.note
    assert [row[5] for row in figure.table.rows[:-1]] == [("–",)] * 35


def test_a_total_of_recorded_counts_sums_those():
    made = counting()
    after = [one for one in made.effect.path if one.phase != "before"]
    total = sum(one.expected - one.observed for one in after)
    averted = replace(made.effect.averted, estimate=total)
    estimand = "observed against forecast, summed from the start"
    effect = replace(made.effect, averted=averted, averted_estimand=estimand)
    seen = replace(made, headline=replace(made.headline, effect=effect))
    figure = total_of(seen)
    assert figure.table.rows[0][1] == (number(after[0].observed),)
    assert "what was recorded" in figure.note
    assert "what the model fits" in total_of(made).note


def test_no_total_where_periods_do_not_add_up_or_nothing_is_counted():
    made = counting()
    averted = replace(made.effect.averted, estimate=made.effect.averted.estimate + 5)
    odd = replace(
        made, headline=replace(made.headline, effect=replace(made.effect, averted=averted))
    )
    assert accumulated(study(outcomes=(odd,)), odd) == []
    base = study(outcomes=(made,))
    columns = tuple(replace(column, type="number") for column in base.data.columns)
    assert accumulated(replace(base, data=replace(base.data, columns=columns)), made) == []
    bare = replace(made, headline=replace(made.headline, effect=replace(made.effect, path=())))
    assert accumulated(base, bare) == []


def test_the_total_stands_with_what_was_expected_on_a_sound_page():
    evidence = study(outcomes=(with_ranges(counting()),))
    keys = [
        getattr(block, "key", getattr(block, "anchor", ""))
        for block in every(report_document(evidence).blocks)
    ]
    assert keys.index("path-gun_homicides") < keys.index("total-gun_homicides")
    assert keys.index("total-gun_homicides") < keys.index("estimates")
    assert faults(report_html(evidence)) == []
