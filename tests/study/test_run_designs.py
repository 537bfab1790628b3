"""Whole studies of designs beyond a single series, from plan to evidence."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_city import PLAN, project

from evaluation.effect import Check
from evaluation.study.evidence import Evidence, OutcomeEvidence, dumps, loads
from evaluation.study.run import run

CONTROLLED = (
    PLAN
    + """
[controls]
units = ["Fresno", "Modesto"]
weights = [2, 1]
[options]
[curve]
trend = ["linear", "none"]
start = ["2011-12", "2012-01", "2012-03"]
first = ["2008-01", "2009-01"]
controls = [true, false]
[[alternatives]]
label = "Alone"
controls = false
[[alternatives]]
label = "From March"
start = "2012-03"
[[alternatives]]
label = "Long lag"
model = "newey-west"
options = { lag = 9 }
[[alternatives]]
label = "Short lag"
model = "newey-west"
options = { lag = 0 }
[[unaffected]]
column = "theft"
why = "Ceasefire is not about theft"
[[unaffected]]
column = "knife"
why = "Ceasefire is about guns"
"""
)


@pytest.fixture(scope="module")
def controlled(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    return run("city", project(tmp_path_factory.mktemp("controlled"), CONTROLLED))


def check(outcome: OutcomeEvidence, name: str) -> Check:
    return next(one for one in outcome.checks if one.name == name)


def test_results_of_every_new_key_survive_writing_and_reading(controlled: Evidence) -> None:
    text = dumps(controlled)
    assert dumps(loads(text)) == text
    content = loads(text).plan.content
    assert content["controls"]["weights"] == [2, 1]
    assert content["curve"]["start"] == ["2011-12", "2012-01", "2012-03"]
    assert content["unaffected"][0]["column"] == "theft"
    assert content["alternatives"][2]["options"] == {"lag": 9}


def test_controlled_study_starts_at_moderate_once_its_comparison_went_along(
    controlled: Evidence,
) -> None:
    outcome = controlled.outcomes[0]
    assert check(outcome, "control-trend").passed is True
    assert outcome.grade.start == "moderate"
    assert outcome.effect.percent.low < -40 < outcome.effect.percent.high
    assert "common level" in [term.name for term in outcome.effect.terms]


def test_alternatives_change_controls_start_and_settings(controlled: Evidence) -> None:
    found = {entry.label: entry.effect for entry in controlled.outcomes[0].alternatives}
    alone, march = found["Alone"], found["From March"]
    long, short = found["Long lag"], found["Short lag"]
    assert alone is not None and march is not None and long is not None and short is not None
    assert "common level" not in [term.name for term in alone.terms]
    assert abs(march.estimate) < abs(controlled.outcomes[0].effect.estimate)
    assert long.estimate == short.estimate and long.std_error != short.std_error


def test_outcomes_that_should_not_move_are_tested_with_the_headline_design(
    controlled: Evidence,
) -> None:
    rows = check(controlled.outcomes[0], "unaffected-outcomes").table
    assert [row["outcome"] for row in rows] == ["thefts", "knife assaults"]
    assert all(row["low"] < 0 < row["high"] for row in rows)


def test_planned_curve_is_the_one_that_is_drawn(controlled: Evidence) -> None:
    rows = check(controlled.outcomes[0], "specification-curve").table
    assert len(rows) == 2 * 3 * 2 * 2
    assert {row["start"] for row in rows} == {"2011-12", "2012-01", "2012-03"}
    assert {row["first"] for row in rows} == {"2008-01", "2009-01"}
    assert {row["controls"] for row in rows} == {True, False}
    (planned,) = [row for row in rows if row["headline"]]
    assert planned["percent"] == pytest.approx(controlled.outcomes[0].effect.percent.estimate)


def test_what_moves_although_it_should_not_costs_a_step(tmp_path: Path) -> None:
    theft = '[[unaffected]]\ncolumn = "theft"\nwhy = "Not about guns"\n'
    outcome = run("city", project(tmp_path, PLAN + theft, theft_change=0.5)).outcomes[0]
    assert check(outcome, "unaffected-outcomes").passed is False
    assert any("should not move changed too" in str(reason) for reason in outcome.grade.reasons)


def test_break_in_another_outcome_near_the_start_costs_a_step(tmp_path: Path) -> None:
    outcome = run("city", project(tmp_path, PLAN, knife_break=2.5)).outcomes[0]
    found = check(outcome, "recording-change")
    assert found.passed is False
    assert found.table[0]["date"] == "2012-01" and found.table[0]["column"] == "knife"
    assert any(
        "a related outcome breaks near the start" in str(one) for one in outcome.grade.reasons
    )


def test_cases_can_only_have_moved_between_counts(controlled: Evidence, tmp_path: Path) -> None:
    """Into minutes or a share of something no case can be moved, nor out of it."""
    says = str(check(controlled.outcomes[0], "recording-change").says)
    assert "A search in 2 other outcomes" in says  # knives and thefts, not trust
    plan = PLAN.replace('column = "gun"', 'column = "trust"')
    outcome = run("city", project(tmp_path, plan, knife_break=2.5)).outcomes[0]
    found = check(outcome, "recording-change")
    assert found.passed is True
    assert "search" not in str(found.says)
    assert not any("related outcome" in str(one) for one in outcome.grade.reasons)


def test_three_sites_and_three_starts_are_a_multiple_baseline(tmp_path: Path) -> None:
    sites = '[[sites]]\nunit = "Stockton"\nstart = "2013-01"\n'
    sites += '[[sites]]\nunit = "Salinas"\nstart = "2013-07"\n'
    outcome = run("city", project(tmp_path, PLAN + sites)).outcomes[0]
    assert outcome.grade.start == "moderate"
    assert outcome.effect.percent.low < -40 < outcome.effect.percent.high
    assert "control-trend" not in [one.name for one in outcome.checks]


def test_history_of_start_dilution_and_relaunch_is_one_study(tmp_path: Path) -> None:
    history = '[[later]]\nname = "Dilution"\nstart = "2014-01"\n'
    history += '[[later]]\nname = "Relaunch"\nstart = "2015-01"\nphase_in = 3\n'
    history += '[[events]]\ndate = "2010-05-03"\nwhat = "A strike"\nperiods = 2\n'
    study = run("city", project(tmp_path, PLAN + history))
    names = [term.name for term in study.outcomes[0].effect.terms]
    assert names[-3:] == ["level", "level: Dilution", "level: Relaunch"]
    assert "pulse: A strike (2010-05-03)" in names
    measures = [one.name for one in study.outcomes[0].effect.quantities]
    assert "change of level: Dilution" in measures
    assert dumps(loads(dumps(study))) == dumps(study)


def test_dose_is_one_study(tmp_path: Path) -> None:
    plan = PLAN.replace('start = "2012-01"', 'start = "2012-01"\ndose = "call_ins"')
    outcome = run("city", project(tmp_path, plan)).outcomes[0]
    assert [term.name for term in outcome.effect.terms][-1] == "dose"
    assert outcome.effect.percent.high < 0


def test_one_outcome_without_an_answer_leaves_the_others_theirs(tmp_path: Path) -> None:
    plan = PLAN.replace("worthwhile = 10", "primary = true")
    plan += '[[outcomes]]\ncolumn = "knife"\nbetter = "lower"\n'
    root = project(tmp_path, plan)
    path = root / "data" / "city.csv"
    lines = path.read_text().splitlines()
    for number in range(49, 97):  # Oakland from the start on
        cells = lines[number].split(",")
        cells[2] = "0"
        lines[number] = ",".join(cells)
    path.write_text("\n".join(lines) + "\n")
    gun, knife = run("city", root).outcomes
    assert not gun.estimated and gun.grade.level == "very low"
    assert gun.headline.reason is not None and "no event after the start" in str(
        gun.headline.reason
    )
    assert knife.estimated and len(knife.checks) > len(gun.checks)
