"""Weights of units: whole ones are units repeated; a method without a use for them says so."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import statsmodels.api as sm

from evaluation import did
from evaluation.did.cohorts import NEVER, Cohorts
from evaluation.errors import FitError

N, T = 30, 8
# Errors with a factor that counts rows, which copies add to.
BY_ROWS = {"twfe", "event-study", "sun-abraham", "stacked", "poisson-event-study"}
WEIGHTED = sorted(name for name, one in did.METHODS.items() if "weight" not in one.ignores)
OPTIONS = {"spillover": {"allies": [["unit 1", "unit 20"], ["unit 3", "unit 25"]]}}


def panel(one_start: bool):
    source = np.random.default_rng(3)
    start = np.where(np.arange(N) % 2 == 0, 4, 4 if one_start else 5)
    first = np.where(np.arange(N) < 16, start, NEVER)
    mean = source.gamma(8, 2, N)[:, None] * np.exp(0.05 * np.arange(T))
    y = source.poisson(mean * np.where(np.arange(T) >= first[:, None], 0.7, 1)).astype(float)
    return y, first, source.integers(1, 4, N), source.normal(size=N)


def both(name: str, **covariates: np.ndarray):
    """The same units weighted, and each as often as its weight says, copies in one cluster."""
    y, first, weight, _ = panel(name == "two-by-two")
    names = [f"unit {row + 1}" for row in range(N)]
    again = np.repeat(np.arange(N), weight)
    copy = np.concatenate([np.arange(k) for k in weight])
    told = [f"{names[i]} copy {k}" if k else names[i] for i, k in zip(again, copy, strict=True)]
    common = {"kind": "count"}
    weighted = Cohorts.from_arrays(
        y, first, weight=weight, cluster=np.arange(N), units=names, covariates=covariates, **common
    )
    repeated = Cohorts.from_arrays(
        y[again],
        first[again],
        cluster=again,
        units=told,
        covariates={key: column[again] for key, column in covariates.items()},
        **common,
    )
    return weighted, repeated


@pytest.mark.parametrize(
    "name", [one for one in WEIGHTED if one not in ("triple-difference", "spillover")]
)
def test_whole_weights_are_units_repeated(name):
    weighted, repeated = both(name)
    method = did.METHODS[name].without_events()
    one, other = method.fit(weighted), method.fit(repeated)
    plain = method.fit(replace(weighted, weight=np.ones(N)))
    assert one.estimate == pytest.approx(other.estimate, abs=1e-8)
    assert abs(one.estimate - plain.estimate) > 1e-4  # the weights are used
    if name in BY_ROWS:
        # (n - 1)/(n - K) with more rows is nearer to 1.
        assert other.std_error < one.std_error < 1.05 * other.std_error
    else:
        assert one.std_error == pytest.approx(other.std_error, rel=1e-6)
    assert one.df == other.df


@pytest.mark.parametrize("adjust", ["doubly robust", "regression", "weighting"])
def test_whole_weights_are_units_repeated_beside_covariates(adjust):
    weighted, repeated = both("callaway-santanna", size=panel(False)[3])
    method = did.METHODS["callaway-santanna"].set_to({"adjust": adjust})
    one, other = method.fit(weighted), method.fit(repeated)
    assert one.estimate == pytest.approx(other.estimate, abs=1e-7)
    assert one.std_error == pytest.approx(other.std_error, rel=1e-5)


def test_two_way_effects_are_weighted_least_squares():
    weighted, _ = both("twfe")
    units = np.kron(np.eye(N), np.ones((T, 1)))
    periods = np.tile(np.eye(T)[:, 1:], (N, 1))
    x = np.column_stack([weighted.treated.ravel().astype(float), units, periods])
    fitted = sm.WLS(weighted.y.ravel(), x, weights=np.repeat(weighted.weight, T)).fit()
    assert did.METHODS["twfe"].fit(weighted).estimate == pytest.approx(fitted.params[0], abs=1e-9)


@pytest.mark.parametrize("name", sorted(set(did.METHODS) - set(WEIGHTED)))
def test_a_method_without_a_use_for_weights_refuses_them(name):
    weighted, _ = both(name)
    with pytest.raises(FitError, match=f"{name} has no use for weights of units") as caught:
        did.METHODS[name].fit(weighted)
    assert "poisson-twfe" in str(caught.value)


def test_what_stands_beside_a_headline_uses_the_weights():
    weighted, _ = both("twfe")
    beside = did.always_beside(weighted, "callaway-santanna")
    assert beside and all("weight" not in one.ignores for one in beside)
    assert "weight" not in did.default(weighted).ignores
