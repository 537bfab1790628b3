"""What is declared decides the weights and the refusals; what is named does not."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from small_city import DESCRIPTION, PLAN, START, project

from evaluation.data.panel import Column
from evaluation.data.read import read_panel
from evaluation.study.build.recorded import (
    of_us_crime,
    planned_method,
    recorded,
    weights_used,
)
from evaluation.study.plan.read import read_plan
from evaluation.study.plan.words import plan_words
from evaluation.study.run import run
from tests.study.plan.test_ignored import with_key

GUN = Column("gun", "outcome", "count", "a month", "gun homicides")
DECLARED = [
    ({"family": "homicide"}, "crime"),
    ({"family": "gun violence"}, "crime"),
    ({"family": "violence", "about": ("group",)}, "crime"),
    ({"family": "crime"}, "crime"),
    ({"family": "crime", "about": ("enforcement",)}, "other"),
    ({"family": "reoffending"}, "other"),
    ({"family": "trust"}, "other"),
    ({"about": ("trust",)}, "other"),
    ({}, "undeclared"),
]


def _share(method) -> float | None:
    return method.solve.keywords.get("learned") if isinstance(method.solve, partial) else None


@pytest.mark.parametrize(("declared", "expected"), DECLARED)
def test_what_an_outcome_is_is_declared_and_not_read_from_its_name(declared, expected):
    assert recorded(replace(GUN, **declared)) == expected
    other = replace(GUN, name="x", label="complaints about noise", **declared)
    assert recorded(other) == expected


@pytest.mark.parametrize(("declared", "expected"), DECLARED)
def test_only_what_is_declared_as_something_else_has_flat_weights(declared, expected, tmp_path):
    plan = read_plan("city", project(tmp_path, PLAN)).plan
    column = replace(GUN, **declared)
    assert _share(planned_method(plan, column)) == (0.0 if expected == "other" else None)
    assert weights_used(plan, column).key == f"plan.chosen.weights-{expected}"


def test_a_plan_that_says_how_far_to_lean_is_followed(tmp_path):
    text = PLAN + "[options]\nlearned = 0.5\n"
    plan = read_plan("city", project(tmp_path, text)).plan
    assert _share(planned_method(plan, replace(GUN, family="trust"))) == 0.5
    assert weights_used(plan, GUN) is None


@pytest.mark.parametrize(
    ("more", "method"),
    [
        ("", "learned"),
        ("frozen = 2026-11-30\n", "learned"),
        ("frozen = 2026-11-29\n", "averaged-reml"),
        ('frozen = 2026-11-29\nmodel = "learned"\n', "learned"),
        ('model = "averaged-reml"\n', "averaged-reml"),
        ('model = "poisson"\n', "poisson"),
    ],
)
def test_an_open_plan_takes_the_default_of_the_day_it_was_frozen(more, method, tmp_path):
    plan = read_plan("city", project(tmp_path, more + PLAN)).plan
    assert plan.method("count") == method
    assert plan.method("continuous") in ("linear-reml-ar1", method)


def test_beside_others_and_over_several_sites_the_trend_is_carried_forward(tmp_path):
    controls = '[controls]\nunits = ["Fresno", "Modesto"]\n'
    sites = '[[sites]]\nunit = "Stockton"\nstart = "2013-01"\n'
    for more in (controls, sites):
        plan = read_plan("city", project(tmp_path, PLAN + more)).plan
        assert plan.method("count") == "averaged-reml"


def _panel(root: Path, *, head: str = "", gun: str = "", tail: str = ""):
    project(root, PLAN)
    text = DESCRIPTION.replace('label = "gun assaults"\n', f'label = "gun assaults"\n{gun}')
    (root / "data" / "city.dataset.toml").write_text(head + text + tail)
    return read_panel(root / "data" / "city.csv", root)


@pytest.mark.parametrize(
    ("head", "gun", "tail", "expected"),
    [
        ('place = "us-ca-oakland"\n', 'family = "homicide"\n', "", True),
        ('place = "us-ca-oakland"\n', 'family = "crime"\n', "", True),
        ('place = "us-ca-oakland"\n', 'family = "trust"\n', "", False),
        ('place = "gb-sct-glasgow"\n', 'family = "homicide"\n', "", False),
        ('place = "gb-sct-glasgow"\n', "", '[agencies]\nOakland = "CA00109"\n', True),
        ("", "", "", True),
        ("", 'about = "trust"\n', "", False),
    ],
)
def test_us_crime_is_declared_by_place_and_family_or_taken_so(head, gun, tail, expected, tmp_path):
    panel = _panel(tmp_path, head=head, gun=gun, tail=tail)
    assert of_us_crime(panel, "Oakland", panel.column("gun")) == expected


def test_a_run_with_an_open_plan_shows_the_trend_carried_forward_and_what_was_used(tmp_path):
    root = project(tmp_path, PLAN)
    (outcome,) = run("city", root).outcomes
    assert outcome.headline.method == "learned"
    beside = [one.method for one in outcome.alternatives]
    assert beside[0] == "averaged-reml"
    names = [check.name for check in outcome.checks]
    assert {"carried-trend", "can-show"} < set(names)
    assert "5.4 of 100" in str(outcome.grade.reasons[0])
    plan_file = read_plan("city", root)
    panel = read_panel(root / "data" / "city.csv", root)
    said = plan_words(plan_file.plan, panel)
    assert any("nothing declares what gun assaults are" in one for one in said)


def test_a_run_with_the_former_default_has_neither_new_check_nor_rate(tmp_path):
    root = project(tmp_path, with_key(PLAN, "model", '"averaged-reml"'))
    (outcome,) = run("city", root).outcomes
    assert outcome.headline.method == "averaged-reml"
    assert not {"carried-trend", "can-show"} & {check.name for check in outcome.checks}
    assert "5.4" not in str(outcome.grade.reasons[0])
    assert "learned" not in [one.method for one in outcome.alternatives]


def test_a_lone_city_is_refused_its_headline_and_all_that_stand_beside_it(tmp_path):
    """The window begins a year before the start: too little for a city by itself."""
    plan = PLAN.replace("[specification]", '[window]\nfirst = "2011-01"\n[specification]')
    (outcome,) = run("city", project(tmp_path, plan)).outcomes
    assert START == "2012-01" and outcome.refused
    assert "12 months before the start" in str(outcome.headline.reason)
    assert all(one.effect is None for one in outcome.alternatives)
    assert outcome.grade.level == "very low"
