"""Two-period effects given covariates: by hand, by statsmodels, and right when one model is.

Errors as a whole are compared with csdid in tests/did/test_callaway_santanna.py.
"""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm

from evaluation.errors import FitError
from evaluation.numeric.panel.doubly_robust import adjusted_changes

ALL = ["doubly robust", "regression", "weighting"]


def drawn(n: int = 120, seed: int = 1) -> tuple[np.ndarray, ...]:
    """Changes (n, 2), treated, covariates with a constant, weights."""
    draw = np.random.default_rng(seed)
    x = np.column_stack([np.ones(n), draw.normal(size=(n, 2))])
    treated = draw.uniform(size=n) < 1 / (1 + np.exp(0.5 - 0.8 * x[:, 1]))
    change = x @ draw.normal(size=(3, 2)) + treated[:, None] + draw.normal(size=(n, 2))
    return change, treated, x, draw.uniform(0.5, 2, size=n)


def by_statsmodels(change, treated, x, weight, adjust) -> np.ndarray:
    """The slow twin: Sant'Anna and Zhao (2020), equations of tau-reg, tau-ipw and tau-dr."""
    logit = sm.GLM(
        treated.astype(float), x, family=sm.families.Binomial(), freq_weights=weight
    ).fit(tol=1e-14, maxiter=200)
    p = logit.predict(x)
    effects = []
    for column in change.T:
        slope = sm.WLS(column[~treated], x[~treated], weights=weight[~treated]).fit().params
        rest = column - x @ slope if adjust != "weighting" else column
        own = np.average(rest[treated], weights=weight[treated])
        odds = (weight * p / (1 - p))[~treated]
        other = 0.0 if adjust == "regression" else np.average(rest[~treated], weights=odds)
        effects.append(own - other)
    return np.array(effects)


@pytest.mark.parametrize("adjust", ALL)
def test_effects_are_those_of_statsmodels(adjust) -> None:
    case = drawn()
    found, _ = adjusted_changes(*case, adjust)
    assert found == pytest.approx(by_statsmodels(*case, adjust), abs=1e-7)


@pytest.mark.parametrize("adjust", ALL)
def test_influence_is_the_derivative_by_the_units_weight(adjust) -> None:
    change, treated, x, weight = drawn(60)
    weight = weight / weight.mean()
    found, influence = adjusted_changes(change, treated, x, weight, adjust)
    assert influence.sum(axis=0) == pytest.approx(0, abs=1e-7)
    for unit in range(0, 60, 7):
        aside = np.zeros(60)
        aside[unit] = 1e-4 * weight[unit]
        up, down = (
            adjusted_changes(change, treated, x, weight + sign * aside, adjust)[0]
            for sign in (1, -1)
        )
        # 60 times the change by a weight, at weights of mean 1; good to the square of the step.
        assert influence[unit] == pytest.approx(60 * (up - down) / 2e-4, abs=1e-4)
    assert np.isfinite(found).all()


@pytest.mark.parametrize("adjust", ALL)
def test_constant_alone_is_the_difference_of_means(adjust) -> None:
    change, treated, _, weight = drawn()
    found, influence = adjusted_changes(change, treated, np.ones((120, 1)), weight, adjust)
    own, other = (
        np.average(change[rows], axis=0, weights=weight[rows]) for rows in (treated, ~treated)
    )
    assert found == pytest.approx(own - other, abs=1e-9)
    w = weight / weight.mean()
    slow = np.where(
        treated[:, None],
        (w / (w * treated).mean())[:, None] * (change - own),
        -(w / (w * ~treated).mean())[:, None] * (change - other),
    )
    assert influence == pytest.approx(slow, abs=1e-7)


def half_right(seed: int, wrong: str) -> tuple[np.ndarray, ...]:
    """A large panel with an effect of 1 where one of the two models lacks the square of x."""
    draw = np.random.default_rng(seed)
    n = 40_000
    z = draw.normal(size=n)
    outcome = z + (z**2 if wrong == "regression" else 0)
    odds = 0.5 * z + (0.7 * z**2 - 0.7 if wrong == "weighting" else 0) - 0.5
    treated = draw.uniform(size=n) < 1 / (1 + np.exp(-odds))
    change = outcome + treated + 0.5 * draw.normal(size=n)
    return change[:, None], treated, np.column_stack([np.ones(n), z]), np.ones(n)


@pytest.mark.parametrize("wrong", ["regression", "weighting"])
def test_doubly_robust_is_right_when_one_model_is(wrong) -> None:
    case = half_right(1, wrong)
    robust, influence = adjusted_changes(*case, "doubly robust")
    std_error = float(np.sqrt((influence**2).sum()) / len(influence))
    assert abs(robust[0] - 1) < 4 * std_error
    other, influence = adjusted_changes(*case, wrong)
    std_error = float(np.sqrt((influence**2).sum()) / len(influence))
    assert abs(other[0] - 1) > 8 * std_error


@pytest.mark.parametrize("adjust", ALL)
def test_scale_and_level_of_covariates_and_weights_change_nothing(adjust) -> None:
    change, treated, x, weight = drawn()
    plain = adjusted_changes(change, treated, x, weight, adjust)
    moved = x @ np.array([[1.0, 3, -2], [0, 4, 0], [0, 0, 0.1]])
    other = adjusted_changes(change, treated, moved, 7 * weight, adjust)
    assert other[0] == pytest.approx(plain[0], abs=1e-7)
    assert other[1] == pytest.approx(plain[1], abs=1e-5)


def test_refusals_say_what_to_do() -> None:
    change, treated, x, weight = drawn()
    twice = np.column_stack([x, x[:, 1] - x[:, 2]])
    for adjust in ("regression", "doubly robust"):
        with pytest.raises(FitError, match="a combination of the others"):
            adjusted_changes(change, treated, twice, weight, adjust)
    told = x.copy()
    told[:, 1] = np.where(treated, 1, -1) + 0.01 * x[:, 1]
    for adjust in ("weighting", "doubly robust"):
        with pytest.raises(FitError, match="tell a cohort from its controls"):
            adjusted_changes(change, treated, told, weight, adjust)
    few = np.r_[np.flatnonzero(treated), np.flatnonzero(~treated)[:3]]
    with pytest.raises(FitError, match="3 controls are too few for 2 covariates"):
        adjusted_changes(change[few], treated[few], x[few], weight[few], "regression")
