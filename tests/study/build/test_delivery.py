"""The record of delivery that a plan names is found, read, and after the start."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_city import PLAN, project

from evaluation.errors import DataError, PlanError
from evaluation.study.build.named_tables import planned_delivery
from evaluation.study.plan.read import read_plan

DESCRIPTION = """\
name = "Done"
frequency = "month"
unit = "Oakland"
key = ["month"]
source = "tests"
licence = "MIT"
sensitivity = "synthetic"
[columns.month]
role = "period"
type = "period"
[columns.calls]
role = "outcome"
type = "count"
measure = "a month"
[columns.calls_planned]
role = "outcome"
type = "count"
measure = "a month"
"""
TABLE = "month,calls,calls_planned\n2011-12,0,1\n2012-01,1,1\n"


def read(root: Path, *, named: str = "data/done.csv", table: str = TABLE, plan: str = PLAN):
    folder = project(root, f'delivery = "{named}"\n{plan}')
    (root / "data" / "done.csv").write_text(table, "utf-8")
    (root / "data" / "done.dataset.toml").write_text(DESCRIPTION, "utf-8")
    plan_file = read_plan("city", folder)
    return planned_delivery(plan_file.plan, plan_file.located, folder)


def test_a_plan_without_a_record_has_none(tmp_path):
    folder = project(tmp_path, PLAN)
    plan_file = read_plan("city", folder)
    assert planned_delivery(plan_file.plan, plan_file.located, folder) is None


def test_the_record_is_read_with_its_plan(tmp_path):
    found = read(tmp_path)
    assert found.place == "Oakland" and found.periods == ("2011-12", "2012-01")
    (calls,) = found.activities
    assert (calls.delivered, calls.planned) == ((0.0, 1.0), (1.0, 1.0))
    assert found.provenance.file == "data/done.csv"


def test_a_file_that_is_not_there_is_told_at_the_key_with_a_near_name(tmp_path):
    with pytest.raises(PlanError) as caught:
        read(tmp_path, named="data/dome.csv")
    assert str(caught.value) == (
        "analyses/city/plan.toml:1:1: delivery: no file 'data/dome.csv'. "
        "Did you mean 'data/done.csv'?"
    )


@pytest.mark.parametrize("start", ["2012-01", "2012-Q1", "2012"])
def test_a_record_that_ends_before_the_start_is_refused(tmp_path, start):
    plan = PLAN.replace('start = "2012-01"', f'start = "{start}"')
    assert read(tmp_path, plan=plan) is not None
    with pytest.raises(PlanError, match=r":1:1: delivery: data/done.csv ends in 2011-12, before"):
        read(tmp_path, plan=plan, table="month,calls,calls_planned\n2011-12,0,1\n")


def test_a_fault_of_the_record_is_told_at_its_cell(tmp_path):
    with pytest.raises(DataError, match=r"^data/done\.csv:3:9: calls is -1"):
        read(tmp_path, table="month,calls,calls_planned\n2011-12,0,1\n2012-01,-1,1\n")
