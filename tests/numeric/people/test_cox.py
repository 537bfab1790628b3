"""Cox models against R's survival 3.5."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import numpy as np
import pytest

from evaluation.errors import FitError
from evaluation.numeric.people.cox import cox, proportional_hazards
from evaluation.numeric.people.kaplan_meier import log_rank
from evaluation.numeric.shared.regressions import Dependent
from tests.numeric.survival_cases import covariates, errors, said, table

PEOPLE, R = table(), said()
TIME, EVENT, X = PEOPLE["time"], PEOPLE["cause"] == 1, covariates(table())
WEIGHT, START, SITE = PEOPLE["weight"], PEOPLE["start"], PEOPLE["site"]
TIES = ["efron", "breslow"]


@pytest.mark.parametrize("ties", TIES)
@pytest.mark.parametrize(
    ("case", "given", "clustered"),
    [
        ("robust", {}, False),
        ("weighted", {"weight": WEIGHT}, False),
        ("cluster", {"weight": WEIGHT}, True),
        ("strata", {"weight": WEIGHT, "strata": SITE}, True),
        ("late", {"weight": WEIGHT, "start": START}, True),
        ("late_strata", {"start": START, "strata": SITE}, False),
    ],
)
def test_coefficients_and_errors_are_those_of_coxph(ties, case, given, clustered):
    found, said_by_r = cox(TIME, EVENT, X, ties=ties, **given), R["cox"][ties][case]
    assert found.beta == pytest.approx(said_by_r["beta"], rel=1e-10)
    assert errors(found.bread) == pytest.approx(said_by_r["se"], rel=1e-10)
    assert found.log_likelihood == pytest.approx(said_by_r["loglik"], rel=1e-12)
    robust = found.robust(PEOPLE["cluster"] if clustered else None)
    assert errors(robust) == pytest.approx(said_by_r["robust"], rel=1e-10)


@pytest.mark.parametrize("ties", TIES)
@pytest.mark.parametrize("transform", ["km", "rank", "identity", "log"])
def test_proportionality_is_that_of_cox_zph(ties, transform):
    tests = proportional_hazards(cox(TIME, EVENT, X, ties=ties), transform=transform)
    found = [test.statistic for test in tests]
    assert found == pytest.approx(R["zph"][ties][transform], rel=1e-9)
    assert [test.df for test in tests] == [1, 1, 1, 1, 4]


@pytest.mark.parametrize("ties", TIES)
def test_proportionality_with_weights_strata_and_late_entry(ties):
    model = cox(TIME, EVENT, X, ties=ties, start=START, strata=SITE, weight=WEIGHT)
    found = [test.statistic for test in proportional_hazards(model)]
    assert found == pytest.approx(R["zph"][ties]["late_strata_km"], rel=1e-9)


@pytest.mark.parametrize("case", ["efron", "breslow", "late"])
def test_recidivism_in_georgia_is_that_of_coxph(case):
    if "CEASEFIRE_REFERENCE_DATA" not in os.environ:
        pytest.skip("set CEASEFIRE_REFERENCE_DATA to the folder of nij_georgia_recidivism.csv")
    path = Path(os.environ["CEASEFIRE_REFERENCE_DATA"]) / "nij_georgia_recidivism.csv"
    names = (
        "Gang_Affiliated",
        "Supervision_Risk_Score_First",
        "Age_at_Release",
        "Prior_Arrest_Episodes_Felony",
        "Prior_Arrest_Episodes_Violent",
    )
    others = ("Recidivism_Arrest_Year1", "Prison_Years", "Residence_PUMA")
    with path.open(encoding="utf-8", newline="") as file:
        rows = [[float(row[name]) for name in names + others] for row in csv.DictReader(file)]
    data = np.array([row for row in rows if -1 not in row])
    x, event, prison, area = data[:, :5], data[:, 5], data[:, 6], data[:, 7]
    said_by_r = said("recidivism.json")
    assert len(data) == said_by_r["n"]
    if case == "late":
        keep = [0, 1, 3, 4]
        found = cox(x[:, 2] + 1, event, x[:, keep], start=x[:, 2], strata=prison)
        robust = found.robust(area)
    else:
        # Everyone leaves after one year: thousands of ties.
        found = cox(np.ones(len(x)), event, x, ties=case)
        robust = found.robust()
    assert found.beta == pytest.approx(said_by_r[case]["beta"], rel=1e-8)
    assert errors(found.bread) == pytest.approx(said_by_r[case]["se"], rel=1e-8)
    assert errors(robust) == pytest.approx(said_by_r[case]["robust"], rel=1e-8)


def test_scores_add_up_to_nought():
    found = cox(TIME, EVENT, X, weight=WEIGHT, start=START)
    assert np.abs(found.scores.sum(axis=0)).max() < 1e-9


def test_without_ties_the_score_test_is_log_rank_and_ties_make_no_difference():
    time = TIME + np.linspace(0, 1, len(TIME))
    treated = PEOPLE["arm"][:, None]
    efron, breslow = (cox(time, EVENT, treated, ties=ties) for ties in TIES)
    assert efron.beta == pytest.approx(breslow.beta, rel=1e-12)
    # Three asymptotically equal tests of one null: likelihood ratio beside log-rank.
    ratio = 2 * (efron.log_likelihood[1] - efron.log_likelihood[0])
    assert ratio == pytest.approx(log_rank(time, EVENT, PEOPLE["arm"]).statistic, rel=0.05)


def test_units_of_covariates_and_time_make_no_difference():
    plain = cox(TIME, EVENT, X)
    scale = np.array([1.0, 1e6, 1e-6, 3.0])
    other = cox(TIME / 365.25, EVENT, X * scale + 1e3)
    assert other.beta * scale == pytest.approx(plain.beta, rel=1e-7)


def test_a_row_cut_in_two_is_the_same_person():
    middle = START + (TIME - START) / 2
    whole = cox(TIME, EVENT, X, start=START, weight=WEIGHT)
    cut = cox(
        np.append(TIME, middle),
        np.append(EVENT, np.zeros(len(TIME))),
        np.vstack([X, X]),
        start=np.append(middle, START),
        weight=np.append(WEIGHT, WEIGHT),
    )
    assert cut.beta == pytest.approx(whole.beta, rel=1e-9)
    both = cut.robust(np.append(PEOPLE["id"], PEOPLE["id"]))
    assert both == pytest.approx(whole.robust(), rel=1e-8)


def test_refusals():
    with pytest.raises(FitError, match="tells those with and without the event apart"):
        cox(TIME, EVENT, np.column_stack([X, EVENT]))
    with pytest.raises(Dependent, match="column 3 "):
        cox(TIME, EVENT, np.column_stack([X[:, :2], np.ones(len(X))]))
    with pytest.raises(Dependent, match="column 3 "):
        cox(TIME, EVENT, np.column_stack([X[:, :2], X[:, 0] + X[:, 1]]))
    with pytest.raises(FitError, match="nobody has the event"):
        cox(TIME, np.zeros(len(TIME)), X)
    with pytest.raises(FitError, match="at or after the time of leaving"):
        cox(TIME, EVENT, X, start=TIME)
