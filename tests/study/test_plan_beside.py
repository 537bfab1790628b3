"""A plan may name further tables: their units join those of its data, and nothing else changes."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest
from small_city import DESCRIPTION, PLAN, UNITS, project

from evaluation.errors import PlanError
from evaluation.study.evidence import dumps, loads
from evaluation.study.plan.read import check_data_of, read_plan
from evaluation.study.plan.words import plan_words
from evaluation.study.run import run
from evaluation.study.run_cache import inputs_of

CONTROLS = '[controls]\nunits = ["Salinas", "Fresno", "Modesto"]\n'
DID = PLAN.replace('"its"', '"did"').replace("[specification]\nharmonics = 1\n", CONTROLS)
BESIDE = 'beside = ["data/others.csv"]\n'


def apart(root: Path, plan: str) -> Path:
    """The small project with Oakland in one table and everyone else in another."""
    project(root, plan)
    data = root / "data"
    header, *rows = list(csv.reader((data / "city.csv").read_text().splitlines()))
    for name, units in (("city", UNITS[:1]), ("others", UNITS[1:])):
        with (data / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerows([header, *(row for row in rows if row[0] in units)])
        told = DESCRIPTION.split("[coverage.")
        kept = [part for part in told[1:] if part.split("]")[0] in units]
        text = "[coverage.".join([told[0], *kept]).replace("city.csv", f"{name}.csv")
        (data / f"{name}.dataset.toml").write_text(text, encoding="utf-8")
    return root


def test_the_answers_are_those_of_one_table(tmp_path: Path) -> None:
    project(tmp_path / "one", DID)
    apart(tmp_path / "two", BESIDE + DID)
    one, two = run("city", tmp_path / "one"), run("city", tmp_path / "two")
    assert two.outcomes == one.outcomes
    assert [table.file for table in two.data.provenance.beside] == ["data/others.csv"]
    assert replace(two.data.provenance, beside=()).file == one.data.provenance.file


def test_the_further_table_is_an_input_is_written_down_and_told(tmp_path: Path) -> None:
    root = apart(tmp_path, BESIDE + DID)
    assert set(inputs_of("city", root).tables) == {"data/city.csv", "data/others.csv"}
    plan_file = read_plan("city", root)
    panel = check_data_of(plan_file, root)
    assert any("data/others.csv" in one for one in plan_words(plan_file.plan, panel))
    found = run("city", root)
    assert dumps(loads(dumps(found))) == dumps(found)
    assert loads(dumps(found)).data.provenance == found.data.provenance


@pytest.mark.parametrize(
    ("beside", "told"),
    [
        ('beside = ["data/other.csv"]\n', "plan.toml:1:1: beside: no file 'data/other.csv'"),
        ('beside = ["data/others.csv", "data/others.csv"]\n', "named twice"),
        ('beside = ["data/city.csv"]\n', "named twice"),
        ('beside = ["../others.csv"]\n', "inside the project"),
        ('beside = "data/others.csv"\n', "beside"),
    ],
)
def test_a_table_that_cannot_be_read_is_told_at_its_place(
    beside: str, told: str, tmp_path: Path
) -> None:
    root = apart(tmp_path, beside + DID)
    with pytest.raises(PlanError) as caught:
        read_plan("city", root)
    assert told in str(caught.value)
