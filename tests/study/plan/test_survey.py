"""Plans for a survey: what is wrong with them is told at its line, and what they say in words."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from evaluation.errors import DataError, PlanError
from evaluation.study.build.sample import read_margins
from evaluation.study.plan.read import check_data_of, read_plan
from evaluation.study.plan.skeleton import new_analysis
from evaluation.study.plan.words import plan_words
from evaluation.study.run import run

PROJECT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plans")
    shutil.copytree(PROJECT / "data" / "synthetic", folder / "data" / "synthetic")
    new_analysis("views", folder, design="survey")
    return folder


def test_the_template_runs_as_it_is(root):
    evidence = run("views", root)
    assert evidence.data.unit == "6 of 12 neighborhoods"
    assert all(outcome.estimated for outcome in evidence.outcomes)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('column = "legitimacy"', 'column = "legitimcy"', "Did you mean 'legitimacy'"),
        ('start = "2013"', 'start = "2013-01"', "must be written as the waves are"),
        ('start = "2013"', 'start = "2012"', "needs a wave before it"),
        ('start = "2013"', 'start = "2017"', "needs a wave before it"),
        ('start = "2013"', 'start = "2013"\ntreatment = "program"', "is not for design"),
        ('subgroups = ["race"]', 'subgroups = ["rase"]', "Did you mean 'race'"),
        ('subgroups = ["race"]', 'estimand = "ATE"', "is not for design"),
        ('subgroups = ["race"]', 'model = "aipw"', "is no method of design = 'survey'"),
        ("least_answered = 0.5", "least_answered = 1.5", "less than or equal to 1"),
        ("least_answered = 0.5", "at_least = 9", "the cut must be above the lowest"),
        ("least_answered = 0.5", "horizon = 365", "is not for design"),
        ("survey.margins.csv", "survey.margin.csv", "not there"),
        ('covariates = ["race", "age"]', 'covariates = ["rase"]', "Did you mean 'race'"),
        ('covariates = ["race", "age"]', 'trim = "crump"', "is not for design"),
    ],
)
def test_each_fault_is_told(root, old, new, said):
    path = root / "analyses/views/plan.toml"
    text = path.read_text("utf-8")
    assert text.count(old) == 1, old
    path.write_text(text.replace(old, new), "utf-8")
    try:
        with pytest.raises(PlanError) as caught:
            check_data_of(read_plan("views", root), root)
    finally:
        path.write_text(text, "utf-8")
    assert said in str(caught.value)
    assert str(caught.value).startswith("analyses/views/plan.toml:")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("trait,level\nrace,Black\n", ":1: the columns must be trait, level, residents"),
        ("trait,level,residents\nrace,Black,0\n", ":2: residents is '0'"),
        ("trait,level,residents\nrace,Black,nan\n", ":2: residents is 'nan'"),
        ("trait,level,residents\nrace,Black,5\nrace,Black,6\n", ":3: race 'Black' is there"),
        ("trait,level,residents\nrace,Black\n", ":2: 2 cells"),
    ],
)
def test_margins_are_refused_with_their_line(tmp_path, text, said):
    path = tmp_path / "margins.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(DataError) as caught:
        read_margins(path, "margins.csv")
    assert str(caught.value).startswith(f"margins.csv{said}")


def test_words_say_the_rules_of_the_scale(root):
    words = " ".join(plan_words(read_plan("views", root).plan))
    assert "a score needs 50% of the items answered" in words
    assert "Weights are made to agree with the residents in data/synthetic" in words
    assert "the effect by race" in words
