from __future__ import annotations

from dataclasses import replace

import pytest
from example_checks import CHECKS, thorough, thorough_study
from example_study import outcome, study
from report_page import Page, faults

from evaluation.effect import Check
from evaluation.report.blocks import Details, Figure, Heading, Paragraph, Table, every
from evaluation.report.html import render
from evaluation.report.layers import report_document
from evaluation.report.sections import sensitivity

# Columns of the rows that hold words, and no date.
TEXTS = ("test", "outcome", "measure", "trend", "method")


@pytest.fixture(scope="module")
def document():
    return report_document(thorough_study())


@pytest.fixture(scope="module")
def page(document):
    return render(document)


def keys_under(document, anchor: str) -> list[str]:
    """Keys of the figures between a level-2 heading and the next."""
    inside, keys = False, []
    for block in every(document.blocks):
        if isinstance(block, Heading) and block.level == 2:
            inside = block.anchor == anchor
        elif inside and isinstance(block, Figure):
            keys.append(block.key)
    return keys


def test_every_figure_stands_under_its_question(document):
    outcomes = ("gun_homicides", "nonfatal")
    assert keys_under(document, "choices") == [
        f"{name}-{column}"
        for column in outcomes
        for name in ("specification-curve", "base-period", "start-date")
    ]
    assert keys_under(document, "wolf") == [
        f"{name}-{column}"
        for column in outcomes
        for name in ("placebo-dates", "unaffected-outcomes")
    ]
    assert keys_under(document, "left-over") == [f"correlogram-{column}" for column in outcomes]


def test_ids_differ_between_the_outcomes(document):
    keys = [block.key for block in every(document.blocks) if isinstance(block, Figure)]
    assert len(keys) == len(set(keys)) > 16


def test_a_page_with_every_check_has_no_accessibility_fault(page):
    assert faults(page) == []


def test_a_page_with_every_check_of_two_outcomes_stays_small(page):
    assert len(page.encode()) < 1_500_000


def test_the_answer_and_one_figure_come_before_what_was_asked_of_them(document):
    order = [getattr(block, "anchor", "") for block in every(document.blocks)]
    wanted = ["answer", "observed", "measures", "estimates", "choices", "wolf", "certainty"]
    assert [anchor for anchor in order if anchor in wanted] == wanted
    assert order.index("methods") < order.index("left-over") < order.index("plan")


def test_what_failed_is_the_first_row_of_the_table_of_verdicts():
    (table,) = [block for block in sensitivity.certainty(thorough()) if isinstance(block, Table)]
    verdicts = [row[-1][0].text for row in table.rows]
    assert verdicts == ["Failed"] + 5 * ["Passed"] + 4 * ["Informs"]
    assert len(table.rows) == len(CHECKS)


def test_numbers_fold_away_only_where_no_figure_shows_them():
    blocks = sensitivity.certainty(thorough())
    assert [block.summary for block in blocks if isinstance(block, Details)] == [
        "Numbers behind: Was the start chosen after a peak?"
    ]


def test_tests_of_what_is_left_over_are_in_the_appendix_with_their_p():
    blocks = sensitivity.section(study(outcomes=(thorough(),)), "left-over")
    tables = [inner for b in blocks if isinstance(b, Details) for inner in b.blocks]
    cells = [cell[0] for table in tables for row in table.rows for cell in row]
    assert "Cumby-Huizinga" in cells
    assert "<0.001" in cells
    assert "2015-03" in cells


def test_without_such_checks_there_is_no_heading():
    bare = study(outcomes=(outcome(checks=()),))
    for anchor in ("choices", "wolf", "left-over"):
        assert sensitivity.section(bare, anchor) == []


def test_a_check_that_was_not_possible_says_so_in_place_of_its_figure():
    question, why = "Does the answer depend on the start?", "Not possible: no other start fits."
    checks = (Check("start-date", None, why, asked=question),)
    blocks = sensitivity.section(study(outcomes=(outcome(checks=checks),)), "choices")
    assert not any(isinstance(block, Figure) for block in blocks)
    said = [
        str(getattr(part, "text", part))
        for block in blocks
        if isinstance(block, Paragraph)
        for part in block.text
    ]
    assert question in said
    assert f" {why}" in said


def test_an_outcome_by_itself_has_no_heading_of_its_own():
    alone = sensitivity.section(study(outcomes=(thorough(),)), "choices")
    assert [block.level for block in alone if isinstance(block, Heading)] == [2]


def test_markup_in_the_rows_of_a_check_is_shown_and_not_obeyed():
    evil = '"><script>alert(1)</script>'
    checks = tuple(
        replace(
            check,
            asked=evil,
            found=evil,
            table=tuple(
                {
                    name: evil if isinstance(v, str) and name in TEXTS else v
                    for name, v in row.items()
                }
                for row in check.table
            ),
        )
        for check in CHECKS
    )
    text = render(report_document(study(outcomes=(replace(thorough(), checks=checks),))))
    assert Page(text).all("script") == []
    assert faults(text) == []
