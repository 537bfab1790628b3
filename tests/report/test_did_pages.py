"""Pages of studies that compare treated units with untreated ones, as committed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from report_page import Page, faults, report_html

from evaluation.report.blocks import Figure
from evaluation.report.layers import report_document
from evaluation.study.evidence import load_evidence

PROJECT = Path(__file__).parents[2]
CITIES, GROUPS, SPIKES = (
    load_evidence(slug, PROJECT)
    for slug in ("oakland-synthetic-cities", "groups-synthetic", "groups-synthetic-triggered")
)


def said(evidence) -> str:
    return " ".join(Page(report_html(evidence)).all("main")[0].text.split())


@pytest.mark.parametrize("evidence", [CITIES, GROUPS, SPIKES], ids=lambda one: one.slug)
def test_page_is_sound_and_has_no_number_that_is_none(evidence):
    html = report_html(evidence)
    assert faults(html) == []
    words = said(evidence)
    for text in ("None", " nan", "inf ", "interrupted", "the earlier pattern gone on"):
        assert text not in words


def test_one_city_is_told_by_name_and_beside_whom():
    words = said(CITIES)
    assert "had Oakland (synthetic) changed as the untreated did" in words
    assert "what the untreated units changed over the same time" in words
    assert "This is one study of one place, Oakland (synthetic)" in words
    assert "Units times periods used: 2,028" in words


def test_many_units_are_added_up_and_those_that_begin_between_are_marked():
    words = said(GROUPS)
    assert "Treated units are added up." in words
    assert "Some treated" in words
    assert "25 of 50 units are treated" in words
    assert "the plan says who may be exposed" in words


def test_effects_by_event_time_have_a_figure_with_every_row_in_its_table():
    figures = [b for b in report_document(GROUPS).blocks if isinstance(b, Figure)]
    (figure,) = (one for one in figures if one.key.startswith("events-"))
    dynamic = GROUPS.outcomes[0].effect.dynamic
    assert len(figure.table.rows) == len(dynamic)
    own = [row for row in dynamic if row.std_error > 0 and row.time >= 0]
    clear = sum(row.low > 0 or row.high < 0 for row in own)
    assert f"{clear} of {len(own)} effects after the start are clear" in figure.title
    assert "Dot plot of the effect on shootings by quarters since the start" in figure.description
    most, last = max(row.n for row in dynamic), dynamic[-1].n
    assert f"Farthest out, {last} of {most} units are left." in figure.note
    # No square without a reference period; at quarter 14 nothing can be estimated.
    assert "A square" not in figure.note
    assert 14 not in [row.time for row in dynamic]
    assert "At a gap nothing can be estimated." in figure.note
    assert not [
        one for one in report_document(CITIES).blocks if getattr(one, "anchor", "") == "event-study"
    ]


def cells(row):
    return [node for node in row.inside if node.tag == "td"]


def test_what_is_not_valid_is_printed_only_as_that():
    words = said(SPIKES)
    assert "We cannot tell whether call-ins changed shootings: no estimate is valid" in words
    assert words.count("Not valid here for the same reason.") == len(
        SPIKES.outcomes[0].alternatives
    )
    assert "What would be needed" not in words
    table = [row for row in Page(report_html(SPIKES)).all("tr") if "Not valid here" in row.text]
    assert len(table) == 1 + len(SPIKES.outcomes[0].alternatives)
    assert all("%" not in cell.text for row in table for cell in cells(row)[:3])


def test_controls_with_a_program_of_their_own_are_a_limit():
    content = {**CITIES.plan.content, "contaminated": [{"unit": "Richmond", "why": "Its own."}]}
    changed = replace(CITIES, plan=replace(CITIES.plan, content=content))
    assert "without a program of its own: Richmond (Its own)." in said(changed)
    assert "Richmond" not in said(CITIES)


def test_a_method_without_a_line_says_so():
    outcome = CITIES.outcomes[0]
    bare = replace(outcome.headline, effect=replace(outcome.effect, path=()))
    changed = replace(CITIES, outcomes=(replace(outcome, headline=bare),))
    assert "no expected number for each period" in said(changed)


def test_a_replication_is_not_filed_under_a_goal():
    content = {**CITIES.plan.content, "replicates": "Someone (2012)"}
    changed = replace(CITIES, plan=replace(CITIES.plan, content=content))
    assert "A replication, which tests the method" in report_html(changed)
    assert "Goal 1: Fewer" in report_html(CITIES)
    assert "Goal 1: Fewer" not in report_html(changed)
