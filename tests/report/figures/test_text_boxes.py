"""Nothing is cut off: every word of every kind of figure lies inside it, and on no other word.

The studies here draw all kinds among them, wide and narrow, with names far longer than their own.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from example_checks import thorough
from example_study import study
from example_years import YEARS
from text_boxes import faults, watched

from evaluation import plots
from evaluation.report.figures.at_a_glance import alternatives_lines, curve_strip
from evaluation.report.figures.by_year import by_year_figure
from evaluation.report.layers import report_document
from evaluation.report.other_language import translated
from evaluation.say import LANGUAGES
from evaluation.study.evidence import load_evidence

PROJECT = Path(__file__).parents[3]
# Together they have every kind of figure of a study.
STUDIES = ("boston", "ceasefire-cities", "participants-synthetic", "survey-synthetic")
LONG = " of every kind, as recorded by all the departments of the county and its neighbors"


def lengthened(evidence):
    """The study with names that no figure has room for."""
    outcomes = tuple(
        replace(
            outcome,
            label=outcome.label + LONG,
            measure=outcome.measure + LONG,
            headline=replace(outcome.headline, label=outcome.headline.label + LONG),
            alternatives=tuple(
                replace(entry, label=entry.label + LONG) for entry in outcome.alternatives
            ),
        )
        for outcome in evidence.outcomes
    )
    return replace(evidence, intervention=evidence.intervention + LONG, outcomes=outcomes)


def test_words_that_are_cut_or_lie_on_others_are_found():
    with plots.style():
        figure = plots.blank(2.0)
        figure.axes[0].set_axis_off()
        figure.text(0.5, 0.5, "in the middle")
        assert faults(figure) == []
        figure.text(0.5, 0.52, "over it")
        figure.text(0.9, 0.1, "out at the right edge")
        found = faults(figure)
    assert len(found) == 2
    assert found[0].startswith("cut: 'out at") and found[1].startswith("on another: 'in the")


@pytest.mark.parametrize("name", STUDIES)
def test_every_figure_of_a_study_shows_all_of_its_words(name):
    with watched() as found:
        report_document(lengthened(load_evidence(name, PROJECT)))
    assert found == []


@pytest.mark.parametrize("change", [lambda one: one, lengthened], ids=["as it is", "long names"])
@pytest.mark.parametrize("language", LANGUAGES, ids=lambda one: one.code)
@pytest.mark.parametrize("years", [YEARS, replace(YEARS, years=YEARS.years[4:]), None])
def test_figures_of_a_first_page_show_all_of_their_words(language, change, years):
    evidence = replace(study(outcomes=(thorough(),)), start="2013-07")
    later = [{"start": "2014-04", "name": "Restarted with another manager and new rules"}]
    content = {**evidence.plan.content, "later": later, "intervention": {"end": "2015-03"}}
    evidence = replace(evidence, plan=replace(evidence.plan, content=content))
    evidence = change(translated(evidence, language))
    outcome = replace(evidence.outcomes[0], by_year=years)
    with watched() as found:
        by_year_figure(evidence, outcome, language)
        curve_strip(outcome, language)
        alternatives_lines(outcome, language)
    assert found == []
