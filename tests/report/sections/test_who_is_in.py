"""Who is in, who is out, and what moves the estimate, as a reader sees it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from example_study import study

from evaluation.effect import Check
from evaluation.report import words
from evaluation.report.blocks import Figure, Paragraph, Table
from evaluation.report.sections import sensitivity
from evaluation.report.sections.comparison import WHO_IS_IN, rows_of
from evaluation.report.sections.measures import who_is_in
from evaluation.report.study_words import own_window_words, window_of


def unit(name: str, what: str, **more: object) -> dict[str, object]:
    row = {"unit": name, "what": what, "since": "", "certainty": "", "why": "", "used": 10}
    return {**row, "missing": 0, **more}


ROWS = (
    unit("Ash", "treated", since="2004", certainty="year", why="Call-ins"),
    unit("Beech", "control", why="searched, nothing found"),
    unit("Cedar", "left out", since="1999", why="it began before the window", used=0),
    unit("Dogwood", "control", missing=2, used=8),
    unit("Elm", "contaminated", since="2006", why="Its own program: Peacekeepers"),
)


def with_checks(*checks: Check):
    """The example with one outcome, that has these checks."""
    whole = study()
    return replace(whole, outcomes=(replace(whole.outcomes[0], checks=checks),))


def told(rows=ROWS):
    return with_checks(Check(WHO_IS_IN, None, "Five units.", rows, asked="Who is in?"))


def text(block) -> str:
    return " ".join(
        str(part) for row in block.rows for cell in row for part in cell if isinstance(part, str)
    )


def test_everyone_treated_or_left_out_stands_there_with_the_reason():
    table, line = who_is_in(told())
    assert isinstance(table, Table) and isinstance(line, Paragraph)
    assert [row[0][0] for row in table.rows] == ["Ash", "Elm", "Cedar"]
    assert [row[1][0] for row in table.rows] == ["Treated", "Contaminated", "Left out"]
    assert table.rows[0][3] == ("to the year",)
    assert "it began before the window" in text(table) and "Peacekeepers" in text(table)
    assert line.text == ("Controls (2): Beech; Dogwood (2 not reported).",)


def test_units_that_the_plan_does_not_name_stand_in_one_line():
    rows = (*ROWS, unit("Fir", "not named"), unit("Gum", "not named"))
    table, line = who_is_in(told(rows))
    assert len(table.rows) == 3
    assert "Not among the controls that the plan names: Fir; Gum." in line.text[0]


def test_without_the_check_there_is_no_table():
    assert who_is_in(with_checks()) == []


def test_units_are_found_by_what_they_are():
    assert [row["unit"] for row in rows_of(told(), "control", "contaminated")] == [
        "Beech",
        "Dogwood",
        "Elm",
    ]


CURVE = tuple(
    {
        "percent": percent,
        "low": percent - 10,
        "high": percent + 10,
        "p": 0.1,
        "start": start,
        "leave_out": without,
        "method": "random-effects",
        "headline": place == 0,
    }
    for place, (percent, start, without) in enumerate(
        [
            (-20.0, "2012-10", "nobody"),
            (-14.0, "2013-01", "nobody"),
            (-21.0, "2012-10", "Elm"),
            (-13.0, "2013-01", "Elm"),
        ]
    )
)


def test_a_curve_says_what_moves_it_the_largest_first():
    check = Check("specification-curve", None, "Four.", CURVE, asked="Does it depend?")
    blocks = sensitivity.section(with_checks(check), "choices")
    (figure,) = [block for block in blocks if isinstance(block, Figure)]
    (table,) = [block for block in blocks if isinstance(block, Table)]
    assert figure.key.startswith("specification-curve")
    assert [row[0] for row in table.rows] == [("Start",), ("Without",)]
    assert table.rows[0][1:5] == (("2012-10",), ("2013-01",), ("+7",), ("+6",))
    assert table.rows[1][3] == ("0",)


@pytest.mark.parametrize(
    ("own", "window"),
    [
        ({}, None),
        ({"last": "2014-12"}, (None, "2014-12")),
        ({"first": "2010-01"}, ("2010-01", None)),
        ({"last": "2099-12"}, None),
    ],
)
def test_an_outcome_with_a_window_of_its_own_is_told_by_it(own, window):
    whole = study()
    one = whole.outcomes[0]
    content = {**whole.plan.content, "outcomes": [{"column": one.column, **own}]}
    evidence = replace(whole, plan=replace(whole.plan, content=content))
    data = evidence.data
    if window is None:
        assert window_of(evidence, one) == (data.first, data.last)
        assert own_window_words(evidence, one) == ""
        return
    first, last = (window[0] or data.first, window[1] or data.last)
    assert window_of(evidence, one) == (first, last)
    said = own_window_words(evidence, one)
    assert words.period_words(first) in said and words.period_words(last) in said
