"""A plan that meets a cell that was not reported is told so before it is frozen."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from evaluation.data.panel import Panel
from evaluation.errors import EvaluationError, FitError
from evaluation.its import METHODS
from evaluation.study.build.series import planned_series, planned_window
from evaluation.study.plan.read import check_data_of, read_plan
from evaluation.study.plan.words import plan_words

PROJECT = Path(__file__).parents[2]
PLAN = """\
title = "A city beside others"
question = "Did murders fall?"
goal = 1
data = "data/public/california_ucr.csv"
unit = "Stockton"
frozen = 2026-11-25
conflicts = "None."
design = "its"

[[outcomes]]
column = "murder"
better = "lower"
primary = true
worthwhile = 10

[intervention]
name = "Ceasefire"
start = "2012-10"

[window]
first = "2007-01"
last = "2018-12"
"""
BESIDE = '\n[controls]\nunits = ["Vallejo", "Richmond"]\n'


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "analyses/city").mkdir(parents=True)
    shutil.copytree(PROJECT / "data/public", tmp_path / "data/public")
    return tmp_path


def refused(root: Path, text: str) -> str:
    (root / "analyses/city/plan.toml").write_text(text, encoding="utf-8")
    with pytest.raises(EvaluationError) as found:
        check_data_of(read_plan("city", root), root)
    return str(found.value)


@pytest.mark.parametrize(
    ("text", "where", "words"),
    [
        (PLAN.replace("Stockton", "Richmond"), ":5:1: unit: ", "Richmond has no murder in 2015-11"),
        (PLAN + BESIDE, ":25:1: controls.units: ", "Richmond has no murder in 2015-11"),
        (
            PLAN.replace('"its"', '"did"'),
            ":11:1: outcomes.column: ",
            "Richmond has no murder in 2015-11",
        ),
        (
            PLAN.replace("Stockton", "East Palo Alto").replace('"murder"', '"knife_assault"'),
            ":5:1: unit: ",
            "knife_assault of East Palo Alto is -1 in 2012-06, which is no count: one more taken",
        ),
        (
            PLAN.replace("Stockton", "Oakland")
            .replace("california", "oakland")
            .replace("2018-12", "2020-10"),
            ":5:1: unit: ",
            "Oakland has no population in 2020-01",
        ),
    ],
)
def test_a_gap_in_the_window_is_told_at_the_line_of_the_plan(
    root: Path, text: str, where: str, words: str
) -> None:
    message = refused(root, text)
    assert message.startswith(f"analyses/city/plan.toml{where}") and words in message, message


def test_a_series_goes_without_a_month_where_the_plan_says_so(root: Path) -> None:
    text = PLAN.replace("Stockton", "Richmond") + 'gaps = "missing"\n'
    (root / "analyses/city/plan.toml").write_text(text, encoding="utf-8")
    plan_file = read_plan("city", root)
    panel = check_data_of(plan_file, root)
    assert isinstance(panel, Panel)
    plan = plan_file.plan
    series = planned_series(plan, panel, "murder", planned_window(plan, panel))
    effect = METHODS["quasi-poisson"].fit(series)
    assert (series.n, [gap.period for gap in effect.gaps]) == (143, ["2015-11"])
    assert any("one month is missing and left out: 2015-11" in str(one) for one in effect.notes)
    words = plan_words(plan, panel)
    assert any("the calendar goes on through them" in one for one in words)
    with pytest.raises(FitError, match="structural needs every month, and one is missing: 2015-11"):
        METHODS["structural"].fit(series)


def test_a_correction_is_refused_where_missing_months_are_not(root: Path) -> None:
    text = PLAN.replace("Stockton", "East Palo Alto").replace('"murder"', '"knife_assault"')
    assert "-1 in 2012-06, which is no count" in refused(root, text + 'gaps = "missing"\n')


def test_only_a_comparison_leaves_units_out_for_a_gap(root: Path) -> None:
    assert "Known: refuse, missing." in refused(root, PLAN + 'gaps = "leave out"\n')


def test_a_window_without_the_gap_is_planned(root: Path) -> None:
    text = (PLAN + BESIDE).replace("2018-12", "2015-10")
    (root / "analyses/city/plan.toml").write_text(text, encoding="utf-8")
    plan_file = read_plan("city", root)
    check_data_of(plan_file, root)
    assert plan_file.plan.window.last == "2015-10"
