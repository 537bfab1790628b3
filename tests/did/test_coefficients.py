"""What did.fit has beside the effect: covariances, joint tests, likelihoods."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import statsmodels.api as sm
from groups import counted

from evaluation import did, example
from evaluation.did import METHODS
from evaluation.did.coefficients import covariance, likelihood
from evaluation.errors import FitError
from evaluation.numeric.panel import pretest

ENDS = {"earliest": -3, "latest": 4}


def fit(method: str, **options: Any) -> did.Fit:
    return did.fit(
        example("groups"),
        outcome="shootings",
        unit="group",
        time="quarter",
        start="called_in",
        method=method,
        options=options,
    )


@pytest.mark.parametrize(
    ("method", "options"),
    [
        ("poisson-event-study", ENDS),
        ("event-study", ENDS),
        ("sun-abraham", {}),
        ("callaway-santanna", {"controls": "not-yet", "latest": 4}),
    ],
)
def test_errors_by_event_time_are_the_roots_of_the_diagonal(method: str, options: dict) -> None:
    found = fit(method, **options)
    events = found.to_frame("events").set_index("time")
    events = events[events["std.error"] > 0]
    assert list(found.cov.index) == [f"time {time}" for time in events.index]
    np.testing.assert_allclose(np.sqrt(np.diag(found.cov)), events["std.error"], rtol=1e-9)


def test_the_test_of_what_went_before_is_that_of_the_page() -> None:
    found = fit("poisson-event-study", **ENDS)
    test = found.joint_test("before")
    assert list(test.terms) == ["time -3", "time -2"]
    matrix = found.cov.to_numpy()[:2, :2]
    events = found.to_frame("events")["estimate"].to_numpy()[:2]
    page = pretest.joint(events, matrix, found.effect.df)
    assert test.statistic == pytest.approx(page.statistic, rel=1e-9)
    assert test.p_value == pytest.approx(page.p_value, rel=1e-9)
    assert found.joint_test("after").df == 5
    assert found.joint_test({"time 0": 0.1}).df == 1


def test_one_coefficient_is_tested_as_its_interval() -> None:
    found = fit("poisson-twfe")
    assert list(found.cov.columns) == ["treatment"]
    assert found.joint_test("treatment").p_value == pytest.approx(found.p_value, rel=1e-6)


def test_more_coefficients_than_clusters_are_refused() -> None:
    cohorts = counted(8, 16)
    method = METHODS["poisson-event-study"].set_to({"earliest": -2, "latest": 3})
    found = covariance(cohorts, method, method.fit(cohorts))
    assert found is not None and found.clusters == 8
    with pytest.raises(FitError, match="has no covariance"):
        _ = fit("pooled-units").cov


@pytest.mark.parametrize("method", ["poisson-twfe", "poisson-event-study"])
def test_the_likelihood_is_that_of_the_regression_with_every_dummy(method: str) -> None:
    cohorts = counted(24, 12)
    asked = METHODS[method].set_to({} if method == "poisson-twfe" else ENDS)
    found = likelihood(cohorts, asked)
    assert found is not None
    n, length = cohorts.y.shape
    event = np.arange(length) - np.where(cohorts.ever, cohorts.first, 0)[:, None]
    event = np.clip(event, -3, 4)
    bins = [one for one in np.unique(event[cohorts.ever]) if one != -1]
    own = [(event == one) & cohorts.ever[:, None] for one in bins]
    columns = [cohorts.treated] if method == "poisson-twfe" else own
    with_events = np.flatnonzero(cohorts.y.sum(axis=1) > 0)
    unit, period = np.repeat(np.arange(n), length), np.tile(np.arange(length), n)
    rows = np.isin(unit, with_events)
    x = np.column_stack(
        [
            *(one.ravel() for one in columns),
            *(unit == one for one in with_events),
            *(period == t for t in range(1, length)),
        ]
    )[rows].astype(float)
    y = cohorts.y.ravel()[rows]
    made = sm.GLM(y, x, family=sm.families.Poisson()).fit(tol=1e-13, maxiter=200)
    assert found.value == pytest.approx(made.llf, abs=1e-8)
    assert (found.parameters, found.n) == (x.shape[1], len(y))
    assert found.aic == pytest.approx(made.aic, abs=1e-7)


def test_a_linear_regression_has_no_likelihood_here() -> None:
    with pytest.raises(FitError, match="twfe has no likelihood"):
        _ = fit("twfe").log_likelihood
    assert fit("poisson-twfe").aic < fit("poisson-twfe").bic
