"""An evaluator lowers a grade with a reason, and can never raise one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from evaluation.errors import PlanError
from evaluation.study.evidence import Grade, load_evidence
from evaluation.study.grade.grade import lowered
from evaluation.study.plan.read import PlanFile, read_plan

PROJECT = Path(__file__).parents[3]
SLUG = "oakland-synthetic"
REASONS = ("a start", "one down: a doubt")


def plan_with(root: Path, *tables: str) -> PlanFile:
    """The plan of a committed study with more at its end."""
    folder = root / "analyses" / SLUG
    folder.mkdir(parents=True, exist_ok=True)
    text = (PROJECT / "analyses" / SLUG / "plan.toml").read_text("utf-8")
    (folder / "plan.toml").write_text("\n".join([text.rstrip(), *tables, ""]), "utf-8")
    (root / "data" / "synthetic").mkdir(parents=True, exist_ok=True)
    (root / "data" / "synthetic" / "city_month.csv").touch()
    return read_plan(SLUG, root)


def lower(column: str, to: str) -> str:
    return f'[[lower]]\ncolumn = "{column}"\nto = "{to}"\nreason = "Another city fell too."'


def graded(*levels: str):
    base = load_evidence(SLUG, PROJECT)
    outcomes = tuple(
        replace(outcome, grade=Grade(level, "moderate", REASONS))
        for outcome, level in zip(base.outcomes, levels, strict=True)
    )
    return replace(base, outcomes=outcomes)


def test_nothing_changes_without_a_table(tmp_path):
    evidence = graded("moderate", "low")
    assert lowered(evidence, plan_with(tmp_path)) == evidence


@pytest.mark.parametrize(
    ("to", "words"),
    [
        ("low", "one down by the evaluator, to low: Another city fell too."),
        ("very low", "two down by the evaluator, to very low: Another city fell too."),
        ("moderate", "already as low as the evaluator puts it, moderate: Another city fell too."),
    ],
)
def test_a_grade_is_lowered_and_the_written_reason_stands_after_the_others(tmp_path, to, words):
    evidence = graded("moderate", "low")
    found = lowered(evidence, plan_with(tmp_path, lower("gun_homicides", to)))
    grade = found.outcomes[0].grade
    told = tuple(map(str, grade.reasons))
    assert replace(grade, reasons=told) == Grade(to, "moderate", (*REASONS, words))
    assert found.outcomes[1] == evidence.outcomes[1]


@pytest.mark.parametrize(("level", "to"), [("low", "moderate"), ("very low", "low")])
def test_a_raise_is_refused_at_its_line_and_column(tmp_path, level, to):
    plan_file = plan_with(tmp_path, lower("gun_homicides", to))
    line = plan_file.text.split("\n").index(f'to = "{to}"') + 1
    with pytest.raises(PlanError) as caught:
        lowered(graded(level, "moderate"), plan_file)
    said = str(caught.value)
    assert said.startswith(f"analyses/{SLUG}/plan.toml:{line}:1: lower.to: '{to}' is above")
    assert f"'{level}'" in said and "never raise it" in said
    assert caught.value.exit_code == 2


def test_high_cannot_even_be_written(tmp_path):
    with pytest.raises(PlanError, match=r"lower\.to: 'high' is not known"):
        plan_with(tmp_path, lower("gun_homicides", "high"))


def test_every_raise_is_named_and_a_lowering_beside_it_does_not_hide_it(tmp_path):
    tables = (lower("gun_homicides", "moderate"), lower("nonfatal_shootings", "low"))
    with pytest.raises(PlanError) as caught:
        lowered(graded("low", "moderate"), plan_with(tmp_path, *tables))
    assert len(caught.value.faults) == 1
