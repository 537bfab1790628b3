"""A run with all that a plan tells: the record of delivery is in the results, a grade is lowered,
a raise is refused, and what is written after freezing is listed and costs nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_city import PLAN, project

from evaluation.errors import PlanError
from evaluation.study.evidence import dumps, loads
from evaluation.study.plan.freeze import plan_record
from evaluation.study.plan.read import read_plan
from evaluation.study.run import run
from tests.study.build.test_delivery import DESCRIPTION, TABLE

FROZEN = f"frozen = 2011-01-01\n{PLAN}"
LOWER = '[[lower]]\ncolumn = "gun"\nto = "very low"\nreason = "Another city fell too"\n'


def city(root: Path, plan: str, frozen: str = FROZEN) -> Path:
    folder = project(root, plan)
    (root / "data" / "done.csv").write_text(TABLE, "utf-8")
    (root / "data" / "done.dataset.toml").write_text(DESCRIPTION, "utf-8")
    (root / "analyses" / "city" / "plan.frozen.toml").write_text(frozen, "utf-8")
    return folder


def test_a_run_holds_the_record_lowers_the_grade_and_counts_no_step_for_it(tmp_path):
    plain = run("city", city(tmp_path, FROZEN)).outcomes[0].grade
    evidence = run("city", city(tmp_path, f'delivery = "data/done.csv"\n{FROZEN}{LOWER}'))
    (outcome,) = evidence.outcomes
    assert plain.level == "very low"  # a date that its author typed earns nothing
    assert outcome.grade.level == "very low"
    assert tuple(map(str, outcome.grade.reasons)) == (
        *map(str, plain.reasons),
        "already as low as the evaluator puts it, very low: Another city fell too",
    )
    assert evidence.plan.changes == (
        "delivery: not set -> 'data/done.csv'",
        "lowered grade added: 'gun'",
    )
    assert evidence.delivery is not None and evidence.delivery.periods == ("2011-12", "2012-01")
    assert loads(dumps(evidence)).delivery == evidence.delivery


def test_a_run_refuses_a_raise_at_its_place(tmp_path):
    raised = LOWER.replace('"very low"', '"moderate"')
    with pytest.raises(
        PlanError, match=r"plan\.toml:18:1: lower\.to: 'moderate' is above 'very low'"
    ):
        run("city", city(tmp_path, f"{FROZEN}{raised}"))


def test_the_reader_refuses_what_does_not_fit_the_plan(tmp_path):
    with pytest.raises(PlanError, match=r"plan\.toml:17:1: lower\.column: 'gum' is no planned"):
        read_plan("city", city(tmp_path, f"{FROZEN}{LOWER.replace('gun', 'gum')}"))


def test_a_lowering_that_is_changed_or_taken_back_is_listed_by_its_outcome(tmp_path):
    frozen = f"{FROZEN}{LOWER}"
    changed = city(tmp_path, frozen.replace("fell too", "fell as much"), frozen)
    assert plan_record(read_plan("city", changed), changed).changes == (
        "lowered grade 'gun'.reason: 'Another city fell too' -> 'Another city fell as much'",
    )
    removed = city(tmp_path, FROZEN, frozen)
    assert plan_record(read_plan("city", removed), removed).changes == (
        "lowered grade removed: 'gun'",
    )
