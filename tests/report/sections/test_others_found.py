"""What others found, as the front page has it: of the program and beside it, by what is hoped."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from evaluation.data.on_record import read_on_record
from evaluation.data.project import read_project
from evaluation.data.published import read_published
from evaluation.report.sections.others_found import others_found
from evaluation.say import ENGLISH, LANGUAGES, SPANISH
from evaluation.synthesis.elsewhere import elsewhere

ROOT = Path(__file__).parents[3]
TABLE = read_published(ROOT / "data/public/focused_deterrence.csv", ROOT)
RECORDS = read_on_record(ROOT / "data/public/on_record.csv", ROOT)
FOUND = elsewhere(TABLE, home=read_project(ROOT), on_record=RECORDS)


def said(found, goal: int, language=ENGLISH) -> str:
    parts = others_found(found, goal, "homicide", "Ceasefire", language)
    return "".join(part if isinstance(part, str) else part.text for part in parts)


def at_home(**changes) -> object:
    """The published results with one result alone at home, of goal 3."""
    trust = next(row for row in FOUND.results if row.family == "trust")
    row = replace(trust, place_id="us-ca-oakland", approach="focused deterrence", goal=3)
    return replace(FOUND, results=(replace(row, **changes),))


def test_the_program_and_the_services_beside_it_are_told_apart() -> None:
    program, services = said(FOUND, 2).split("Services beside it: ")
    home = [row for row in FOUND.results if row.goal == 2 and FOUND.at_home(row)]
    of_it = [row for row in home if row.focused]
    assert program.startswith("Ceasefire: ") and "life coaching" not in program
    assert f"of {len(of_it)} results" in program
    assert f"of {len(home) - len(of_it)} results" in services
    assert "life coaching" in services


@pytest.mark.parametrize(
    ("better", "conclusion", "good"),
    [("more", "rose", 1), ("more", "fell", 0), ("less", "fell", 1), ("less", "rose", 0)],
)
def test_results_are_counted_by_what_is_hoped_for(better, conclusion, good) -> None:
    told = said(at_home(better=better, found=conclusion, effect=None), 3)
    assert f"{good} of 1 result for the better" in told


def test_evaluators_with_part_in_the_program_are_marked() -> None:
    assert "8 of 8 results for the better, 8 by evaluators with ties to it." in said(FOUND, 1)
    assert "by evaluators" not in said(at_home(evaluators_part="unknown"), 3)


def test_what_is_on_record_stands_in_only_where_nobody_evaluated_the_program() -> None:
    assert said(FOUND, 3).startswith("No evaluation found. On record: ")
    beside = said(at_home(approach="another idea"), 3)
    assert beside.startswith("Ceasefire: No evaluation found. On record: ")
    assert "Other programs: " in beside
    assert "On record" not in said(at_home(), 3)


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda one: one.code)
def test_every_conclusion_has_words_where_no_number_was_published(language) -> None:
    for word in ("fell", "rose", "short-lived", "no effect found", "unclear"):
        told = said(at_home(found=word, effect=None), 3, language)
        assert ("no number published" if language is not SPANISH else "sin cifra") in told
