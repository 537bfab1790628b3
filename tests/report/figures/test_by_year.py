"""The figure by year in words: every number of its table is one of the results."""

from __future__ import annotations

from dataclasses import replace

import pytest
from example_study import study
from example_years import YEARS

from evaluation.report.figures.by_year import by_year_figure
from evaluation.report.html import render
from evaluation.report.other_language import translated
from evaluation.report.words import finding, number
from evaluation.say import ENGLISH, SPANISH
from evaluation.study.by_year import ByYear


def made(found: ByYear | None = YEARS, language=ENGLISH, **plan):
    evidence = study()
    evidence = replace(evidence, start="2013-07")
    if plan:
        content = {**evidence.plan.content, **plan}
        evidence = replace(evidence, plan=replace(evidence.plan, content=content))
    evidence = translated(evidence, language)
    outcome = replace(evidence.outcomes[0], by_year=found)
    return evidence, outcome, by_year_figure(evidence, outcome, language)


def test_nothing_is_drawn_where_no_year_is_counted():
    assert made(None)[2] is None


def test_the_title_is_the_finding_and_the_start_is_named_as_a_reader_says_it():
    evidence, outcome, figure = made()
    assert figure.title == finding(outcome)
    assert f"{evidence.intervention} begins, July 2013" in figure.description
    assert "2013-07" not in figure.description + figure.note


def test_the_table_has_every_number():
    _, _, figure = made()
    for row, year in zip(figure.table.rows, YEARS.years, strict=True):
        told = [cell[0] for cell in row]
        assert told[:2] == [year.year, number(year.recorded)]
        assert told[2] == ("–" if year.beside is None else number(year.beside))
        assert told[3] == ("–" if year.expected is None else number(year.expected))
        assert told[4] == (
            "–" if year.low is None else f"{number(year.low)} to {number(year.high)}"
        )
    assert "27" in figure.table.headers[2].text


def test_without_an_estimate_it_shows_what_was_recorded():
    evidence, outcome, _ = made()
    bare = ByYear(
        tuple(replace(one, expected=None, low=None, high=None) for one in YEARS.years), 1, 0
    )
    failed = replace(outcome.headline, effect=None, reason="too short")
    figure = by_year_figure(evidence, replace(outcome, headline=failed, by_year=bare))
    assert figure is not None and "expected" not in figure.title + figure.note
    assert len(figure.table.headers) == 3


def test_units_that_start_at_different_times_have_no_year_of_the_start():
    many = replace(YEARS, years=tuple(replace(one, phase="") for one in YEARS.years), units=5)
    figure = made(many)[2]
    assert "begins" not in figure.description
    assert "5 treated units" not in figure.description and "different times" in figure.note


@pytest.mark.parametrize(
    ("frequency", "added"), [("month", True), ("quarter", True), ("year", False)]
)
def test_ranges_of_months_are_said_to_be_added_up(frequency, added):
    evidence, outcome, _ = made()
    evidence = replace(evidence, data=replace(evidence.data, frequency=frequency))
    figure = by_year_figure(evidence, outcome)
    assert ("a little too wide" in figure.note) == added


def test_later_dates_and_the_end_of_the_program_are_named():
    later = [{"start": "2014-04", "name": "Restarted"}, {"start": "2031-01", "name": "Never"}]
    figure = made(later=later, intervention={"end": "2015-03"})[2]
    assert "Restarted, April 2014" in figure.description
    assert "ends, March 2015" in figure.description
    assert "Never" not in figure.description


def test_in_spanish_nothing_is_english():
    figure = made(language=SPANISH)[2]
    said = " ".join((figure.title, figure.description, figure.note, figure.table.caption))
    assert "julio de 2013" in said and "lo esperado" in said
    for english in ("recorded", "expected", "begins", " year", "range"):
        assert english not in said
    assert figure.table.headers[0].text == "Año"


def test_it_is_drawn_twice_and_the_narrow_one_has_the_words_of_the_other():
    from evaluation.report.blocks import Document

    _, _, figure = made()
    page = render(Document("t", "t", "o", (figure,)))
    assert page.count('role="img"') == 2 and page.count(f'id="{figure.key}-title"') == 1
    assert page.count(f'aria-labelledby="{figure.key}-title {figure.key}-desc"') == 2
