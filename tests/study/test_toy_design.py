"""A fifth design is its own room and one value: this one is run and reported, and nothing of the
program is touched for it."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import toy_design
from small_city import PLAN, project
from toy_design import TOY, read_toy

from evaluation.data.read import read_panel
from evaluation.report.html import render
from evaluation.report.layers import report_document
from evaluation.study.designs import DESIGNS
from evaluation.study.evidence import Evidence, dumps, loads
from evaluation.study.run import run

TOY_PLAN = (
    PLAN.replace('"its"', '"toy"').replace('unit = "Oakland"\n', "").replace("harmonics = 1\n", "")
)


def ran(root: Path) -> Evidence:
    folder = project(root, TOY_PLAN)
    return run("city", folder, designs={**DESIGNS, TOY.name: TOY}, read=read_toy)


def test_a_fifth_design_is_run_from_its_plan_and_data(tmp_path):
    evidence = ran(tmp_path)
    outcome = evidence.outcomes[0]
    panel = read_panel(tmp_path / "data" / "city.csv", tmp_path)
    expected = (panel.values["gun"] - panel.values["knife"])[0].mean()
    assert np.isclose(outcome.effect.estimate, expected, rtol=1e-12)
    assert [check.name for check in outcome.checks] == ["toy"]
    assert outcome.grade.level == "very low"
    assert loads(dumps(evidence)).outcomes[0].effect.method == "paired-t"


def test_it_is_reported(tmp_path):
    page = render(report_document(ran(tmp_path)))
    assert "Did it help?" in page and "Paired t" in page and "gun assaults" in page


def test_it_touched_one_room_and_one_value():
    package = Path(__file__).parents[2] / "evaluation"
    told = [path for path in package.rglob("*.py") if "toy" in path.read_text("utf-8").split('"')]
    assert told == []
    values = [
        node
        for node in ast.parse(Path(toy_design.__file__).read_text("utf-8")).body
        if isinstance(node, ast.Assign)
        and getattr(node.value, "func", None)
        and ast.unparse(node.value.func) == "Design"  # type: ignore[attr-defined]
    ]
    assert len(values) == 1
