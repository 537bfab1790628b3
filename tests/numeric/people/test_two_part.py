"""Models of days against R's glm, MASS::glm.nb and sandwich, with effects by numDeriv."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.coverage_individual import SEED
from benchmarks.people_worlds import DAYS_WORLDS, people_with_days
from evaluation.errors import FitError
from evaluation.individual.comparison import Comparison
from evaluation.numeric.people.nearest import Arms
from evaluation.numeric.people.two_part import count_model, mean_arms, two_part
from evaluation.numeric.shared.draws import stream
from tests.numeric.survival_cases import covariates, errors, said, table

PEOPLE, R = table(), said()
X = np.column_stack([np.ones(len(PEOPLE["days"])), covariates(PEOPLE)])
TREATED, UNTREATED = X.copy(), X.copy()
TREATED[:, 1], UNTREATED[:, 1] = 1, 0
# R's iterations for gamma and negative binomial models stop about 1e-7 from the maximum.
CLOSE = 1e-6


def over(estimand: str, weight: np.ndarray) -> np.ndarray:
    return weight * PEOPLE["arm"] if estimand == "ATT" else weight


@pytest.mark.parametrize(
    ("case", "weight"), [("plain", np.ones(len(X))), ("weighted", PEOPLE["weight"])]
)
def test_two_part_is_glm_and_sandwich(case, weight):
    model, said_by_r = two_part(X, PEOPLE["days"], weight=weight), R["two_part"][case]
    assert model.any_days.beta == pytest.approx(said_by_r["logit"], rel=1e-9)
    assert model.number.beta == pytest.approx(said_by_r["gamma"], rel=CLOSE)
    spread = errors(model.moved.T @ model.moved)
    assert spread[:5] == pytest.approx(said_by_r["logit_se"], rel=1e-9)
    assert spread[5:] == pytest.approx(said_by_r["gamma_se"], rel=CLOSE)
    for estimand in ("ATT", "ATE"):
        for cluster, key in ((None, "se"), (PEOPLE["cluster"], "cluster")):
            arms = mean_arms(
                model.predicted(TREATED),
                model.predicted(UNTREATED),
                over(estimand, weight),
                model.moved,
                cluster=cluster,
                fixed=True,
            )
            assert arms.means == pytest.approx(said_by_r[estimand]["means"], rel=CLOSE)
            found = arms.difference().std_error
            assert found == pytest.approx(said_by_r[estimand][key], rel=CLOSE)


def test_log_linear_part_is_lm_with_duans_smear():
    model, said_by_r = two_part(X, PEOPLE["days"], part="log-linear"), R["two_part"]["loglinear"]
    assert model.number.beta == pytest.approx(said_by_r["beta"], rel=1e-10)
    assert errors(model.moved.T @ model.moved)[5:10] == pytest.approx(said_by_r["HC0"], rel=1e-10)
    assert model.smear == pytest.approx(said_by_r["smear"], rel=1e-10)


def test_negative_binomial_is_glm_nb():
    model, said_by_r = count_model(X, PEOPLE["arrests"], exposure=PEOPLE["time"]), R["nb"]
    assert model.beta == pytest.approx(said_by_r["beta"], rel=CLOSE)
    assert errors(model.cov) == pytest.approx(said_by_r["se"], rel=CLOSE)
    assert 1 / model.alpha == pytest.approx(said_by_r["theta"], rel=CLOSE)
    assert errors(model.moved.T @ model.moved) == pytest.approx(said_by_r["robust"], rel=CLOSE)
    sides = model.predicted(TREATED, 365), model.predicted(UNTREATED, 365)
    for estimand in ("ATT", "ATE"):
        whom = over(estimand, np.ones(len(X)))
        for cov, key in ((None, "robust"), (model.cov, "model")):
            arms: Arms = mean_arms(*sides, whom, model.moved, fixed=True, cov=cov)
            assert arms.means == pytest.approx(said_by_r[estimand]["means"], rel=CLOSE)
            found = arms.difference().std_error
            assert found == pytest.approx(said_by_r[estimand][key], rel=CLOSE)


@pytest.mark.parametrize("part", ["gamma", "log-linear"])
def test_errors_are_the_jackknife_of_people(part):
    def means(rows: np.ndarray) -> np.ndarray:
        model = two_part(X[rows], PEOPLE["days"][rows], part=part)
        whom = over("ATT", np.ones(len(X)))[rows]
        sides = model.predicted(TREATED[rows]), model.predicted(UNTREATED[rows])
        return mean_arms(*sides, whom, model.moved).means

    everyone = np.arange(len(X))
    model = two_part(X, PEOPLE["days"], part=part)
    sides = model.predicted(TREATED), model.predicted(UNTREATED)
    arms = mean_arms(*sides, over("ATT", np.ones(len(X))), model.moved)
    left_out = np.array([means(np.delete(everyone, i)) for i in everyone])
    jackknife = (len(X) - 1) * np.cov(left_out.T, bias=True)
    # Two estimates of one error: they agree to first order in 1/n.
    assert errors(arms.cov) == pytest.approx(errors(jackknife), rel=0.06)


def test_refusals():
    with pytest.raises(FitError, match="cannot be negative"):
        two_part(X, PEOPLE["days"] - 1)
    with pytest.raises(FitError, match="tell those with and without"):
        two_part(X, PEOPLE["days"] + 1)
    with pytest.raises(FitError, match="at risk for no time"):
        count_model(X, PEOPLE["arrests"], exposure=np.zeros(len(X)))


def test_gamma_settles_where_days_are_very_skewed():
    """Draws 396 and 714 of coverage_times.csv, on which Fisher scoring never settled; the
    scores of the gamma part are nought at its maximum."""
    for rep in (396, 714):
        people = people_with_days(DAYS_WORLDS["300 people"], stream(SEED, f"days/300 people/{rep}"))
        data = Comparison.of(people, "days", "ATT")
        x = np.column_stack([np.ones(data.n), data.treated, data.x[:, 1:]])
        model = two_part(x, data.y, weight=data.base, part="gamma")
        assert np.abs(model.number.scores.sum(axis=0)).max() < 1e-6 * data.n
