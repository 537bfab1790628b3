"""A row is an incident or a victim: no double homicide counts once where victims are counted."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from evaluation.data.incidents.build import build_panel
from evaluation.errors import EvaluationError

Project = Callable[..., Path]
Refused = Callable[..., EvaluationError]

HEADER = "case,victim,age,when,told,beat,offense"
# Two victims of one incident in January, one in February.
DOUBLE = (
    HEADER,
    "1,1,20,2012-01-05,2012-01-06,A,HOMICIDE",
    "1,2,30,2012-01-05,2012-01-06,A,HOMICIDE",
    "2,1,40,2012-02-05,2012-02-06,A,HOMICIDE",
)
BOTH = 'id = ["case", "victim"]'


def asked(
    recipe: str,
    *,
    measure: str = "victims a month",
    id: str = 'id = "case"',
    row: str = "",
    keep: str = "refuse",
    sensitivity: str = "public",
) -> str:
    said = f'row = "{row}"' if row else ""
    return (
        recipe.replace("victims a month", measure)
        .replace('id = "case"', f"{id}\n{said}")
        .replace("first reported", keep)
        .replace("synthetic", sensitivity)
    )


def counts(path: Path) -> list[int]:
    with path.with_name("panel.csv").open(encoding="utf-8") as stream:
        return [int(row["homicides"]) for row in csv.DictReader(stream)]


@pytest.mark.parametrize("keep", ["refuse", "first reported"])
@pytest.mark.parametrize("row", ["", "victim"])
def test_id_of_several_columns_counts_each_victim(
    project: Project, recipe: str, keep: str, row: str
) -> None:
    path = project(asked(recipe, id=BOTH, keep=keep, row=row), DOUBLE)
    build_panel(path)
    assert counts(path) == [2, 1, 0]


@pytest.mark.parametrize("row", ["", "victim"])
def test_rows_without_an_id_are_victims_each(project: Project, recipe: str, row: str) -> None:
    path = project(asked(recipe, id="", keep="all", row=row), DOUBLE)
    build_panel(path)
    assert counts(path) == [2, 1, 0]


@pytest.mark.parametrize("row", ["", "victim"])
def test_other_victims_are_never_dropped_as_other_rows_of_an_incident(
    project: Project, refused: Refused, recipe: str, row: str
) -> None:
    fault = refused(project(asked(recipe, row=row), DOUBLE))
    assert str(fault).startswith("panel.toml:9:1: incidents.id: 1 row would be dropped")
    assert "raw/a.csv:2 and raw/a.csv:3 (victim '1' and '2')" in str(fault)
    assert BOTH in str(fault)


def test_remedy_of_the_message_is_the_right_answer(
    project: Project, refused: Refused, recipe: str
) -> None:
    said = str(refused(project(asked(recipe), DOUBLE)))
    assert f'row = "victim" and {BOTH}' in said
    path = project(asked(recipe, id=BOTH, row="victim"), DOUBLE)
    build_panel(path)
    assert counts(path) == [2, 1, 0]


@pytest.mark.parametrize("measure", ["victims a month", "people shot a month", "Persons killed"])
@pytest.mark.parametrize("keep", ["refuse", "first reported"])
def test_measure_of_victims_is_not_counted_from_incidents(
    project: Project, refused: Refused, recipe: str, measure: str, keep: str
) -> None:
    fault = refused(project(asked(recipe, measure=measure, row="incident", keep=keep), DOUBLE))
    assert "outcomes.homicides.measure" in str(fault)
    assert 'row = "victim"' in str(fault)


@pytest.mark.parametrize("measure", ["incidents a month", "incidents with victims a month"])
def test_measure_of_incidents_is_not_counted_from_victims(
    project: Project, refused: Refused, recipe: str, measure: str
) -> None:
    text = asked(recipe, measure=measure, row="victim", id=BOTH)
    assert 'row = "incident"' in str(refused(project(text, DOUBLE)))


def test_incidents_count_once_and_what_differs_is_told(project: Project, recipe: str) -> None:
    path = project(asked(recipe, measure="incidents a month", row="incident"), DOUBLE)
    words = "\n".join(build_panel(path).notes)
    assert counts(path) == [1, 1, 0]
    assert "of 1 such id looked at, rows differ in age (1), victim (1)" in words
    assert "is each row" not in words


def test_question_is_asked_where_nobody_says_what_a_row_is(project: Project, recipe: str) -> None:
    path = project(asked(recipe, measure="homicides a month"), DOUBLE)
    assert "is each row an incident or a victim?" in "\n".join(build_panel(path).notes)


def test_versions_of_one_row_are_no_victims(project: Project, recipe: str) -> None:
    """They were reported at different times, so one is kept and the difference told."""
    lines = (HEADER, *DOUBLE[1:2], DOUBLE[1].replace("2012-01-06", "2012-01-09"))
    path = project(asked(recipe, keep="first reported", row="victim"), lines)
    assert "rows differ in told (1)" in "\n".join(build_panel(path).notes)
    assert counts(path) == [1, 0, 0]


@pytest.mark.parametrize("row", ["", "victim"])
def test_rows_alike_in_all_columns_are_told_where_victims_are_counted(
    project: Project, recipe: str, row: str
) -> None:
    lines = (HEADER, DOUBLE[1], DOUBLE[1])
    words = "\n".join(build_panel(project(asked(recipe, row=row), lines)).notes)
    assert "1 row left out beside another of the same case" in words
    assert "listed twice, or other victims?" in words


def test_part_of_an_id_that_is_blank_is_a_fault(
    project: Project, refused: Refused, recipe: str
) -> None:
    lines = (*DOUBLE, "3,,40,2012-02-05,2012-02-06,A,HOMICIDE")
    fault = refused(project(asked(recipe, id=BOTH), lines))
    assert str(fault).startswith("raw/a.csv:5:3: victim is blank")


def test_parts_of_an_id_do_not_run_together(project: Project, recipe: str) -> None:
    lines = (
        HEADER,
        *(f"{a},{b},1,2012-01-05,2012-01-06,A,HOMICIDE" for a, b in ((1, 23), (12, 3))),
    )
    path = project(asked(recipe, id=BOTH), lines)
    build_panel(path)
    assert counts(path)[0] == 2


def test_nothing_private_is_shown(project: Project, refused: Refused, recipe: str) -> None:
    said = str(refused(project(asked(recipe, sensitivity="private"), DOUBLE)))
    assert "fewer than 10 rows" in said
    assert "'1' and '2'" not in said


def test_conflict_names_the_remedy_for_victims(
    project: Project, refused: Refused, recipe: str
) -> None:
    lines = (*DOUBLE[:2], DOUBLE[2].replace("2012-01-05", "2012-02-05"))
    assert 'row = "victim"' in str(refused(project(asked(recipe), lines)))


@pytest.mark.parametrize("given", ['row = "victims"', 'row = ["victim"]', 'id = ["case", "case"]'])
def test_key_that_means_nothing_is_refused(
    project: Project, refused: Refused, recipe: str, given: str
) -> None:
    text = asked(recipe, id=given if given.startswith("id") else f'id = "case"\n{given}')
    assert str(refused(project(text, DOUBLE))).startswith("panel.toml:")


@pytest.mark.parametrize("words", ["victims a year", "victims per Quarter", "victims every week "])
def test_a_measure_of_another_period_than_is_counted_is_refused(
    project: Project, refused: Refused, recipe: str, words: str
) -> None:
    fault = refused(project(recipe.replace("victims a month", words)))
    assert 'is not what is counted: period is "month"' in str(fault)


@pytest.mark.parametrize("words", ["victims", "victims a Month", "victims seen a year later"])
def test_a_measure_of_the_same_period_or_of_none_is_taken(
    project: Project, recipe: str, words: str
) -> None:
    assert build_panel(project(recipe.replace("victims a month", words))).kept == 3
