"""Small figures for a first page: they count as the tables do, and leave nothing out unsaid."""

from __future__ import annotations

from dataclasses import replace

from example_checks import thorough
from example_study import study

from evaluation.report.figures.at_a_glance import alternatives_lines, curve_strip
from evaluation.report.figures.check_figures import check_figure
from evaluation.report.figures.figures import planned_alternatives
from evaluation.say import SPANISH

OUTCOME = thorough()
CURVE = next(check for check in OUTCOME.checks if check.name == "specification-curve")


def test_the_strip_counts_as_the_curve_does():
    strip, curve = curve_strip(OUTCOME), check_figure(study(), OUTCOME, CURVE)
    assert "12 ways" in strip.title and "−26%" in strip.title
    assert "10 of 12 are clearly below what was expected, 0 clearly above, and 2" in (
        strip.description
    )
    assert "10 of 12 specifications are clearly below" in curve.title
    assert len(strip.table.rows) == len(curve.table.rows) == 12


def test_without_a_curve_there_is_no_strip():
    assert curve_strip(replace(OUTCOME, checks=())) is None


def test_what_is_not_estimated_has_neither():
    failed = replace(OUTCOME, headline=replace(OUTCOME.headline, effect=None, reason="short"))
    assert curve_strip(failed) is None and alternatives_lines(failed) is None


def test_lines_have_the_estimates_of_the_whole_table():
    lines, whole = alternatives_lines(OUTCOME), planned_alternatives(OUTCOME)
    numbers = {row[1][0] for row in whole.table.rows if row[1][0][:1] in "−+0"}
    assert {row[1][0] for row in lines.table.rows} == numbers
    assert lines.title == whole.title


def test_more_than_twelve_are_counted_and_the_planned_come_first():
    one = next(entry for entry in OUTCOME.alternatives if entry.effect is not None)

    def moved(number):
        effect = replace(one.effect, estimate=one.effect.estimate - number / 1000)
        return replace(one, label=f"Another {number}", effect=effect, planned=number > 3)

    many = tuple(moved(number) for number in range(1, 18))
    lines = alternatives_lines(replace(OUTCOME, alternatives=many))
    assert len(lines.table.rows) == 18
    assert "Not drawn here are 6 more" in lines.note
    assert "Another 14" in lines.description and "Another 1 " not in lines.description


def test_in_spanish_only_names_of_the_plan_are_english():
    for figure in (curve_strip(OUTCOME, SPANISH), alternatives_lines(OUTCOME, SPANISH)):
        said = f"{figure.title} {figure.note} {figure.table.caption}"
        heads = " ".join(header.text for header in figure.table.headers)
        for english in ("headline", "estimate", "expected", "Change", "Method", " the "):
            assert english not in said.replace(OUTCOME.headline.label, "") + heads
