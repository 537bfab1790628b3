"""Weights of units in a plan: used, the same as in a notebook, told, or refused at their key."""

from __future__ import annotations

import io

import numpy as np
import pandas
import pytest
from small_city import PLAN, project

from evaluation import did
from evaluation.errors import PlanError
from evaluation.study.build.change import Change
from evaluation.study.build.cohorts import planned_cohorts
from evaluation.study.plan.read import check_data_of, read_plan
from evaluation.study.plan.words import plan_words

SEVERAL = (
    PLAN.replace('unit = "Oakland"\ndesign = "its"', 'design = "did"\nmodel = "twfe"')
    .replace("[specification]\nharmonics = 1\n", '[window]\nfirst = "2010-01"\n')
    .replace('start = "2012-01"', 'start = "2012-01"\ntreatment = "active"')
)
WEIGHTED = SEVERAL.replace('model = "twfe"', 'model = "twfe"\nweights = "jobless"')
ALONE = """\
[[alternatives]]
label = "Alike"
weights = false
"""


def checked(root, plan):
    plan_file = read_plan("city", project(root, plan))
    return plan_file, check_data_of(plan_file, root)


def test_weights_are_those_of_the_first_period_and_of_a_notebook(tmp_path):
    plan_file, panel = checked(tmp_path, WEIGHTED + ALONE)
    plan = plan_file.plan
    cohorts = planned_cohorts(plan, panel, "gun")
    first = panel.values["jobless"][:, 24]
    assert cohorts.weight.tolist() == first.tolist()
    assert any("jobless" in str(note) and "2010-01" in str(note) for note in cohorts.notes)
    effect = did.METHODS["twfe"].fit(cohorts)
    frame = pandas.read_csv(io.StringIO((tmp_path / "data/city.csv").read_text()))
    fit = did.fit(
        frame[frame["month"] >= "2010-01"],
        outcome="gun",
        unit="city",
        time="month",
        start="active",
        exposure="people",
        weights="jobless",
        method="twfe",
    )
    assert fit.estimate == pytest.approx(effect.estimate, rel=1e-12)
    assert fit.std_error == pytest.approx(effect.std_error, rel=1e-12)
    assert any("jobless" in str(note) for note in fit.effect.notes)
    alike = planned_cohorts(plan, panel, "gun", Change(alternative=plan.alternatives[0]))
    assert np.ptp(alike.weight) == 0
    assert did.METHODS["twfe"].fit(alike).estimate != pytest.approx(effect.estimate, rel=1e-6)
    words = " ".join(plan_words(plan, panel))
    assert "Each unit counts by its jobless in the first period used." in words
    assert "units that all count the same" in words


@pytest.mark.parametrize(
    ("plan", "where", "says"),
    [
        (WEIGHTED.replace("jobless", "joblesss"), "weights", "Did you mean 'jobless'"),
        (WEIGHTED.replace('"twfe"', '"synthetic-did"'), "weights", "has no use for weights"),
        (SEVERAL + ALONE, "alternatives[0].weights", "counts the same already"),
        (
            WEIGHTED + ALONE.replace("weights = false", 'model = "randomization"'),
            "alternatives[0].model",
            "randomization has no use for weights of units",
        ),
        (PLAN.replace('"its"', '"its"\nweights = "jobless"'), "weights", 'is for design = "did"'),
    ],
)
def test_weights_that_would_not_be_used_are_refused_where_they_stand(tmp_path, plan, where, says):
    with pytest.raises(PlanError, match=r"plan\.toml:\d+:\d+") as caught:
        checked(tmp_path, plan)
    assert says in str(caught.value)
    assert where.replace("[0]", "") in str(caught.value).replace("[0]", "").replace("[1]", "")
