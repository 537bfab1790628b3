"""What a row of published results says of its program, its evaluators and what was found later."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from evaluation.data.published import read_published
from evaluation.errors import DataError
from tests.data.test_published import NONE, ROOT, TABLE, column_of, committed, one, written


@pytest.mark.parametrize(
    ("change", "column", "words"),
    [
        ({"goal": ""}, "goal", "is empty"),
        ({"goal": "4"}, "goal", "is not known"),
        ({"approach": "focused deterence"}, "approach", "Did you mean 'focused deterrence'"),
        ({"evaluators_part": "maybe"}, "evaluators_part", "is not known"),
        ({"evaluators_part": "yes"}, "part_why", "Say how it is known"),
        ({"evaluators_part": "no"}, "part_why", "Say how it is known"),
        ({"follow_up": "6"}, "follow_up", "no month with a finding"),
        ({"follow_up": "six: fell"}, "follow_up", "no month with a finding"),
        ({"follow_up": "6: fall"}, "follow_up", "Did you mean 'fell'"),
        ({"follow_up": "12: none; 6: fell"}, "follow_up", "do not ascend"),
        ({"follow_up": "6: none; 6: fell"}, "follow_up", "do not ascend"),
        ({**NONE, "measure": "percentage points", "effect": "-120"}, "effect", "100 points"),
    ],
)
def test_a_row_that_says_it_wrongly_is_refused_at_its_cell(
    tmp_path: Path, change: dict[str, str], column: str, words: str
) -> None:
    path = written(tmp_path, change)
    with pytest.raises(DataError) as caught:
        read_published(path)
    message = str(caught.value)
    assert f"table.csv:2:{column_of(path, column)}: {column}: " in message.splitlines()[0]
    assert words in message


@pytest.mark.parametrize("approach", ["services beside it", "another idea"])
def test_what_is_not_focused_deterrence_can_enter_nothing(tmp_path: Path, approach: str) -> None:
    result = one(tmp_path, approach=approach)
    assert not result.counted and "not averaged with focused deterrence" in result.obstacle
    assert one(tmp_path).counted and one(tmp_path).obstacle == ""


def test_percentage_points_are_a_scale_of_their_own(tmp_path: Path) -> None:
    change = {**NONE, "measure": "percentage points", "effect": "-6"}
    result = one(tmp_path, **change)
    assert (result.scale, result.estimate, result.percent) == ("percentage points", -6.0, None)
    with pytest.raises(DataError, match="One synthesis has one scale"):
        read_published(written(tmp_path, change, {"study": "town-2", "outcome": "homicide"}))
    apart = {"study": "town-2", "outcome": "homicide", "approach": "another idea"}
    assert len(read_published(written(tmp_path, change, apart)).results) == 2


def test_the_kept_evaluations_of_people_are_those_of_the_reports() -> None:
    values = {(row.study, row.outcome): (row.effect, row.found) for row in committed()}
    coaching = "oakland-coaching-2017"
    assert values[coaching, "arrest for violence of adults in life coaching"] == (-1, "fell")
    assert values[coaching, "any arrest of adults in life coaching"] == (None, "no effect found")
    young = [row for row in committed() if row.study == "oakland-youth-2019"]
    assert {row.follow_up for row in young if row.found == "no effect found"} == {"12: none"}
    assert {row.goal for row in young} == {2} and not any(row.counted for row in young)
    kansas = [row for row in committed() if row.study == "kansas-city"]
    assert {row.follow_up for row in kansas} == {"1: fell; 2: fell; 6: fell; 12: waning; 36: none"}
    goals = {row.goal for row in committed() if row.site == "Oakland"}
    assert goals == {1, 2}, "of trust in Oakland no evaluation was found"


def test_every_named_city_of_the_table_has_an_id() -> None:
    table = read_published(TABLE, ROOT)
    without = {row.site for row in table.results if not table.provenance.place_of(row.site)}
    assert without == {"three cities"}
