"""Lots decide only with their source and beside those not drawn; a plan is not frozen tomorrow."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from small_city import PLAN, project, read

from evaluation.errors import PlanError
from evaluation.study.plan.freeze import freeze, plan_record
from evaluation.study.plan.words import plan_words

DID = PLAN.replace('design = "its"', 'design = "did"').replace(
    "[specification]\nharmonics = 1\n",
    '[controls]\nunits = ["Stockton", "Salinas", "Fresno", "Modesto"]\n',
)
LOTS = 'assignment = "lottery"\n'
SOURCE = 'assignment_source = "Protocol of 2011, section 4"\n'


def test_a_lottery_with_its_source_is_told_and_stands_in_the_record(tmp_path: Path):
    plan_file, _ = read(tmp_path, LOTS + SOURCE + DID)
    said = [one for one in plan_words(plan_file.plan) if "lottery" in one]
    assert said == [
        "Who got the program was decided by lottery, by its author's word. Source: Protocol of "
        "2011, section 4."
    ]
    assert plan_record(plan_file, tmp_path).content["assignment"] == "lottery"


def test_a_plan_without_a_lottery_says_and_records_nothing_of_one(tmp_path: Path):
    plan_file, _ = read(tmp_path, DID)
    assert not [one for one in plan_words(plan_file.plan) if "lottery" in one]
    assert "assignment" not in plan_record(plan_file, tmp_path).content


@pytest.mark.parametrize(
    ("plan", "fault"),
    [
        (LOTS + DID, r"plan\.toml:1:1: assignment: a lottery needs its source"),
        (SOURCE + DID, r"plan\.toml:1:1: assignment_source: .*write that too"),
        (LOTS + SOURCE + PLAN, r"plan\.toml:1:1: assignment: .*design = \"did\" or"),
        ('assignment = "coin"\n' + DID, r"plan\.toml:1:1: assignment: .*lottery"),
    ],
)
def test_a_lottery_without_source_or_without_anyone_not_drawn_is_refused(plan, fault, tmp_path):
    with pytest.raises(PlanError, match=fault):
        read(tmp_path, plan)


@pytest.mark.parametrize(("days", "refused"), [(1, True), (400, True), (0, False), (-1, False)])
def test_a_day_of_freezing_that_is_still_to_come_is_refused(days, refused, tmp_path: Path):
    on = datetime.date.today() + datetime.timedelta(days=days)
    plan = f"frozen = {on}\n{PLAN}"
    if not refused:
        assert read(tmp_path, plan)[0].plan.frozen == on
        return
    with pytest.raises(PlanError, match=r"plan\.toml:1:1: frozen: .* is still to come"):
        read(tmp_path, plan)
    # Nor can the copy hold one that the plan no longer has.
    project(tmp_path, PLAN)
    (tmp_path / "analyses" / "city" / "plan.frozen.toml").write_text(plan, encoding="utf-8")
    with pytest.raises(PlanError, match=r"plan\.frozen\.toml:1:1: frozen: .* is still to come"):
        freeze("city", tmp_path)
