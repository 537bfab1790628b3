"""The report beside the published result: both numbers, each difference, and no verdict."""

from __future__ import annotations

from dataclasses import replace

import pytest
from example_study import oakland_study
from report_page import report_html
from section_words import text

from evaluation.data.delivery import BesidePublished
from evaluation.report.blocks import Heading, Table
from evaluation.report.layers import report_document
from evaluation.report.sections.beside_published import beside_published
from evaluation.study.evidence import Alternative, Evidence

ROW = BesidePublished(
    study="oakland-2019",
    outcome="gun homicide",
    site="Oakland",
    place_id="us-ca-oakland",
    years="2010-2017",
    design="interrupted time series with comparison",
    measure="percent change",
    effect=-31.5,
    low=None,
    high=None,
    level=None,
    p_value=None,
    found="fell",
    source="Somebody (2019)",
    read_in="a newspaper",
    certainty="news account",
    column="",
    differences=(("outcome", "all homicides"), ("cities", "three more")),
)


def beside(row: BesidePublished = ROW, **change: object) -> Evidence:
    return replace(oakland_study(), published=(replace(row, **change),))


def cells(evidence: Evidence) -> dict[str, tuple[str, str, str]]:
    """Of each row what was published, what is here, and what differs."""
    (table,) = [block for block in beside_published(evidence) if isinstance(block, Table)]
    return {row[0][0]: tuple(cell[0] for cell in row[1:]) for row in table.rows}


def test_both_numbers_stand_side_by_side_with_their_ranges():
    evidence = beside()
    published, here, _ = cells(evidence)["Change"]
    assert published == "−31.5%; no range was published"
    span = next(one for one in evidence.outcomes if one.primary).effect.percent
    assert here.startswith(f"−{abs(span.estimate):.0f}%, 95% range ")
    published, _, _ = cells(beside(low=-50.0, high=-8.0, level=90.0))["Change"]
    assert published == "−31.5%, 90% range −50% to −8%"
    published, _, _ = cells(beside(effect=None))["Change"]
    assert published.startswith("No number was published")


def test_every_difference_of_the_plan_is_told_in_its_words():
    found = cells(beside())
    assert found["Outcome"][2] == "All homicides." and found["Outcome"][0] == "Gun homicide"
    assert found["Cities"] == ("–", "–", "Three more.")
    assert found["Window"][0] == "2010 to 2017" and found["Window"][2] == "–"
    said = text(beside_published(beside()))
    assert "not the same quantity, because they differ in this: outcome and cities." in said
    bare = text(beside_published(beside(differences=())))
    assert "names nothing in which the two differ" in bare and "not the same quantity" not in bare


def test_the_outcome_asked_for_stands_beside_and_else_the_primary_one():
    evidence = oakland_study()
    for outcome in evidence.outcomes:
        found = cells(replace(evidence, published=(replace(ROW, column=outcome.column),)))
        assert found["Outcome"][1].casefold() == outcome.label.casefold()


def test_an_answer_that_must_not_be_used_is_no_number_here():
    evidence = beside()
    primary = next(one for one in evidence.outcomes if one.primary)
    headline = primary.headline
    for changed in (
        replace(headline, effect=None, reason="too few months"),
        replace(headline, effect=replace(primary.effect, objection="too few clusters")),
    ):
        assert isinstance(changed, Alternative)
        outcomes = tuple(
            replace(one, headline=changed) if one.primary else one for one in evidence.outcomes
        )
        here = cells(replace(evidence, outcomes=outcomes))["Change"][1]
        assert here.startswith("No answer that may be used: too few") and "%" not in here


@pytest.mark.parametrize("place", ["us-ca-oakland", "us-tn-oakland", ""])
def test_both_are_of_one_place_only_by_id(place: str):
    evidence = beside(place_id=place)
    origin = replace(evidence.data.provenance, place="us-ca-oakland")
    evidence = replace(evidence, data=replace(evidence.data, provenance=origin))
    said = text(beside_published(evidence))
    assert ("Both are of one place" in said) is (place == "us-ca-oakland")


def test_the_page_has_the_section_only_with_the_key():
    with_it = report_document(beside())
    titles = [block.text for block in with_it.blocks if isinstance(block, Heading)]
    assert "Beside the published result" in titles
    assert "Beside the published result" in report_html(beside())
    assert beside_published(oakland_study()) == []


def test_no_verdict_is_given():
    said = text(beside_published(beside())).casefold()
    for word in ("confirm", "contradict", "agrees", "replicat", "wrong", "right", "fails"):
        assert word not in said
