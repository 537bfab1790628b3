"""Outcomes looked at together: Holm's numbers, what is said of them, and what is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from small_city import PLAN, project

from evaluation.effect import Family, Interval
from evaluation.errors import PlanError
from evaluation.numeric.shared.permutation import holm
from evaluation.report.html import render
from evaluation.report.layers import report_document
from evaluation.study.evidence import dumps, loads
from evaluation.study.families import families, retold
from evaluation.study.grade.grade import grade
from evaluation.study.plan.freeze import freeze, plan_record
from evaluation.study.plan.read import read_plan
from evaluation.study.run import run
from tests.study.grade.test_grade import effect
from tests.study.grade.test_rules import CLEAN

MORE = """\
[[outcomes]]
column = "knife"
better = "lower"
[[outcomes]]
column = "theft"
better = "lower"
"""
# A comparison by a quick method, of which every check takes a moment.
QUICK = 'model = "placebo-t"\n[controls]\nunits = ["Stockton", "Salinas", "Fresno", "Modesto"]\n'
THREE = (
    PLAN.replace("worthwhile = 10\n", "worthwhile = 10\nprimary = true\n" + MORE)
    .replace('"its"', '"did"')
    .replace("[specification]\nharmonics = 1\n", QUICK.partition("\n")[2])
    .replace("goal = 1", "goal = 1\n" + QUICK.partition("\n")[0])
)
FAMILY = '[[families]]\noutcomes = ["gun", "knife", "theft"]\n'
TOGETHER = THREE.replace("[intervention]", FAMILY + "[intervention]")


def planned(tmp_path: Path, text: str = TOGETHER):
    return read_plan("city", project(tmp_path, text)).plan


GOOD = effect(-20, -30, -8)


def with_p(p: float):
    return replace(GOOD, p_value=p)


def test_p_values_are_those_of_r():
    # R 4.3: p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm")
    assert holm(np.array([0.01, 0.04, 0.03, 0.005])).tolist() == pytest.approx(
        [0.03, 0.06, 0.06, 0.02], rel=1e-12
    )


def test_an_outcome_without_an_estimate_counts_as_one_that_is_not_found(tmp_path):
    plan = planned(tmp_path)
    given = {"gun": with_p(0.02), "knife": None, "theft": with_p(0.01)}
    found = families(plan, given)
    # R 4.3: p.adjust(c(0.02, 1, 0.01), "holm")
    assert {name: one.p_value for name, one in found.items()} == pytest.approx(
        {"gun": 0.04, "knife": 1.0, "theft": 0.03}, rel=1e-12
    )
    assert [one.holds for one in found.values()] == [True, False, True]


def test_anything_is_found_only_where_the_smallest_p_value_is_within_its_share(
    tmp_path,
):
    # So where nothing changed the chance of finding anything is at most three times .05/3.
    plan = planned(tmp_path)
    for least, found in ((0.0166, True), (0.0167, False)):
        given = {"gun": with_p(0.9), "knife": with_p(least), "theft": with_p(0.04)}
        assert any(one.holds for one in families(plan, given).values()) is found


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return run("city", project(tmp_path_factory.mktemp("families"), TOGETHER))


def test_results_hold_the_p_value_over_all_of_them(study):
    p_values = [one.effect.p_value for one in study.outcomes]
    held = [one.family for one in study.outcomes]
    assert [one.p_value for one in held] == pytest.approx(holm(np.array(p_values)).tolist())
    assert loads(dumps(study)) == loads(dumps(loads(dumps(study))))
    written = json.loads(dumps(study))["outcomes"]
    assert written[0]["family"]["outcomes"] == 3 and written[0]["family"]["level"] == 0.05


def test_a_plan_without_families_leaves_no_trace(tmp_path):
    alone = run("city", project(tmp_path, THREE))
    assert "famil" not in dumps(alone)


def page(study, p: float, holds: bool) -> str:
    """The page of the study, were its first outcome clear by itself."""
    gun = study.outcomes[0]
    # The numbers of the answer alone: the figures are those of the study.
    effect = replace(gun.effect, percent=Interval(-20, -30, -8))
    clear = replace(
        gun, headline=replace(gun.headline, effect=effect), family=Family(3, 0.05, p, holds)
    )
    assert clear.lost is not holds
    return render(report_document(replace(study, outcomes=(clear, *study.outcomes[1:]))))


def test_the_page_says_that_a_change_stays_clear_over_all_of_them(study):
    said = page(study, 0.012, True)
    assert "stays clear over all of them (p 0.012 after Holm)" in said
    assert "Gun assaults came out 20% below" in said
    assert "Looked at together: gun, knife, theft." in said


def test_what_does_not_hold_over_all_is_not_said_to_be_found(study):
    said = page(study, 0.081, False)
    assert "over all of them this could be chance (p 0.081 after Holm)" in said
    assert "Gun assaults came out" not in said


def test_a_grade_loses_a_step_where_it_could_be_chance_over_all():
    lost = replace(CLEAN, family=Family(3, 0.05, 0.08, False))
    found = grade("did", lost)
    assert any("looks at together (3)" in str(reason) for reason in found.reasons)
    assert len(found.reasons) == len(grade("did", CLEAN).reasons) + 1
    held = replace(CLEAN, family=Family(3, 0.05, 0.03, True))
    assert grade("did", held) == grade("did", CLEAN)


def test_told_in_steps_a_p_value_does_not_fall_to_the_level_that_it_is_above(tmp_path, study):
    plan = planned(tmp_path)
    lost = replace(
        study.outcomes[0],
        headline=replace(study.outcomes[0].headline, effect=with_p(0.01)),
        family=Family(3, 0.05, 0.0502, False),
    )
    told = retold(plan, (lost, *study.outcomes[1:]))
    assert not told[0].family.holds and told[0].family.p_value > 0.05


def test_a_family_declared_after_freezing_is_told_and_is_a_late_change(tmp_path):
    dated = "frozen = 2010-01-01\n"
    root = project(tmp_path, dated + THREE)
    freeze("city", root)
    (root / "analyses/city/plan.toml").write_text(dated + TOGETHER, encoding="utf-8")
    record = plan_record(read_plan("city", root), root)
    assert record.changes == ("family of outcomes added: 'gun, knife, theft'",)
    assert not record.told_only


@pytest.mark.parametrize(
    ("family", "says"),
    [
        ('outcomes = ["gun", "knive"]', "no planned outcome. Did you mean 'knife'"),
        ('outcomes = ["gun"]', "two outcomes or more"),
        ('outcomes = ["gun", "gun"]', "named twice"),
        ('outcomes = ["gun", "knife"]\nlevel = 0.5', "0.2"),
        ('outcomes = ["gun", "knife"]\n[[families]]\noutcomes = ["theft", "gun"]', "earlier"),
    ],
)
def test_families_that_make_no_sense_are_refused_where_they_stand(tmp_path, family, says):
    text = THREE.replace("[intervention]", f"[[families]]\n{family}\n[intervention]")
    with pytest.raises(PlanError, match=r"plan\.toml:\d+:\d+: families") as caught:
        read_plan("city", project(tmp_path, text))
    assert says in str(caught.value)
