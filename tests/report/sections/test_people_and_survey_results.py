"""What happened to people and what they answered, in words that match the numbers."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from report_page import Page, faults, report_html

from evaluation.effect import Quantity
from evaluation.report.figures.check_figures import check_figure, has_figure
from evaluation.report.layers import report_document
from evaluation.report.sections import people_and_survey_results
from evaluation.study.evidence import load_evidence

PROJECT = Path(__file__).parents[3]
PEOPLE = load_evidence("participants-synthetic", PROJECT)
SURVEY = load_evidence("survey-synthetic", PROJECT)
ARREST, DAYS = PEOPLE.outcome("arrest_days"), PEOPLE.outcome("days_incarcerated")


def told(blocks) -> str:
    return " ".join(
        str(getattr(part, "text", part)) for block in blocks for part in getattr(block, "text", ())
    )


def changed(outcome, estimate: float, low: float, high: float):
    quantities = tuple(
        replace(one, estimate=estimate, low=low, high=high)
        if str(one.name) in ("risk difference", "difference a person")
        else one
        for one in outcome.effect.quantities
    )
    effect = replace(outcome.effect, quantities=quantities)
    return replace(outcome, headline=replace(outcome.headline, effect=effect))


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ((-9.72, -15.34, -4.11), "9.7 fewer of 100 (range 4.1 to 15 fewer)"),
        ((9.72, 4.11, 15.34), "9.7 more of 100 (range 4.1 to 15 more)"),
        ((-1.2, -6.1, 3.7), "1.2 fewer of 100 (range 3.7 more to 6.1 fewer)"),
        ((12.0, -1.0, 25.0), "12 more of 100 (range 25 more to 1 fewer)"),
    ],
)
def test_direction_of_a_difference_of_risks_is_said_as_it_is(numbers, said):
    assert said in told(people_and_survey_results.observed(PEOPLE, changed(ARREST, *numbers)))


def test_risks_and_means_are_those_of_the_results():
    with_it, without = (term.estimate for term in ARREST.effect.terms[:2])
    text = told(people_and_survey_results.observed(PEOPLE, ARREST))
    assert f"{100 * with_it:.0f} of 100 people with the call-in" in text
    assert f"{100 * without:.0f} of 100 expected without it" in text
    days = told(people_and_survey_results.observed(PEOPLE, DAYS))
    assert f"{DAYS.effect.terms[0].estimate:.0f} with the call-in" in days
    assert people_and_survey_results.size(PEOPLE, ARREST).startswith(
        f"{100 * with_it:.0f} of 100 people"
    )


def test_an_outcome_says_by_when_it_counts():
    assert ARREST.label == "arrest within 24 months"
    assert DAYS.label == "days incarcerated"


def test_curves_end_where_their_table_ends_and_have_the_numbers_in_words():
    figure = next(
        one for one in people_and_survey_results.observed(PEOPLE, ARREST) if hasattr(one, "svg")
    )
    (check,) = [one for one in ARREST.checks if one.name == "risk-curves"]
    last = max(row["days"] for row in check.table)
    assert f"by day {last:g}" in figure.title
    assert len(figure.table.rows) == len(check.table)


def test_answers_are_told_in_points_and_the_mean_expected_is_observed_less_effect():
    outcome = SURVEY.outcome("trust")
    text = told(people_and_survey_results.observed(SURVEY, outcome))
    assert f"+{outcome.effect.estimate:.2f} points against what was expected (range " in " ".join(
        text.split()
    )
    figure = next(
        one for one in people_and_survey_results.observed(SURVEY, outcome) if hasattr(one, "svg")
    )
    after = outcome.effect.path[-1]
    assert f"{after.expected:.2f} expected" in figure.description
    assert after.expected == pytest.approx(after.observed - outcome.effect.estimate, abs=1e-5)


def test_share_of_residents_is_told_in_percentage_points():
    outcome = replace(SURVEY.outcome("trust"), measure="share of residents with 4 or more")
    effect = replace(outcome.effect, estimate=-0.081, low=-0.2, high=0.038)
    outcome = replace(outcome, headline=replace(outcome.headline, effect=effect))
    assert "−8.1 percentage points" in told(people_and_survey_results.observed(SURVEY, outcome))


@pytest.mark.parametrize("evidence", [PEOPLE, SURVEY], ids=["people", "survey"])
def test_page_has_no_faults_and_no_empty_words(evidence):
    html = report_html(evidence)
    assert faults(html) == []
    text = " ".join(Page(html).all("main")[0].text.split())
    for wrong in ("no expected number", r"\bnan\b", r"\bNone\b(?! of)", "neighbourhood"):
        assert not re.search(wrong, text), wrong


def test_effects_by_group_have_a_figure_a_trait_and_count_what_is_clear():
    outcome = SURVEY.outcome("legitimacy")
    figures = [
        check_figure(SURVEY, outcome, check)
        for check in outcome.checks
        if check.name.startswith("subgroups") and has_figure(check)
    ]
    race, area = figures
    assert race.key != area.key
    assert "by race" in race.title and "by neighborhood" in area.title
    (check,) = [one for one in outcome.checks if one.name == "subgroups-race"]
    clear = sum(row["p over all groups"] < 0.05 for row in check.table)
    assert f"clear in {clear} of 3 groups" in race.title


def test_outcomes_of_people_stand_side_by_side_once():
    anchors = [
        getattr(block, "key", "")
        for block in report_document(PEOPLE).blocks
        if str(getattr(block, "key", "")).startswith("side-by-side")
    ]
    assert len(anchors) == 1


def test_difference_a_person_has_the_sign_of_what_happened():
    from evaluation.report.sections.measures import _row

    fewer = Quantity("difference a person", "days", -30.3, -47.3, -13.3, "delta method")
    _, estimate, spread, _ = _row(PEOPLE, DAYS, fewer)
    assert estimate == ("−30 days",)
    assert spread == ("−47 to −13",)
