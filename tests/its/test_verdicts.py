"""A verdict by a cheap look is the verdict of the method."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation import its
from evaluation.its.batch import judge_many
from evaluation.its.design import Specification
from evaluation.its.series import Series
from evaluation.its.verdicts import verdicts, with_outcomes
from evaluation.numeric.series.simulated import copula_counts
from evaluation.numeric.shared.draws import stream

LEVEL = 0.05


def _drawn(mean: float, rho: float, change: float, draws: int) -> tuple[Series, np.ndarray]:
    n, start = 72, 42
    periods = tuple(f"{2010 + i // 12}-{i % 12 + 1:02d}" for i in range(n))
    means = np.full(n, mean)
    means[start:] *= change
    source = stream(7, f"verdicts {mean} {rho}")
    y = copula_counts(means, alpha=0.1, rho=rho, source=source, draws=draws)
    series = Series.from_arrays(y[0], first=periods[0], start=periods[start])
    return series, y


@pytest.mark.parametrize("name", ["averaged-reml", "learned", "quasi-poisson"])
@pytest.mark.parametrize(
    ("mean", "rho", "change"), [(0.4, 0.0, 1.0), (3.0, 0.4, 0.6), (30.0, 0.8, 0.75)]
)
def test_a_verdict_is_that_of_the_method(name: str, mean: float, rho: float, change: float) -> None:
    series, y = _drawn(mean, rho, change, 150)
    method = its.METHODS[name]
    estimate, p_value = verdicts(method, series, y, LEVEL)
    judged = judge_many(method, with_outcomes(series, y))
    own = np.array([one.p_value for one in judged])
    assert (np.isnan(p_value) == np.isnan(own)).all()
    assert ((p_value < LEVEL) == (own < LEVEL)).all()
    found = own < LEVEL
    signs = np.sign([one.estimate for one in judged])
    assert (np.sign(estimate[found]) == signs[found]).all()


@pytest.mark.parametrize("name", ["averaged-reml", "learned"])
def test_a_verdict_is_that_of_the_method_asked_one_at_a_time(name: str) -> None:
    """Also where each series has a gradient of its own, and periods are left out."""
    series, y = _drawn(6.0, 0.3, 0.55, 16)
    terms = Specification(phase_in=3, washout=2, effect="level+slope")
    series = Series.from_arrays(y[0], start=series.start, specification=terms)
    method = its.METHODS[name]
    estimate, p_value = verdicts(method, series, y, LEVEL)
    effects = [method.fit(one) for one in with_outcomes(series, y)]
    own = np.array([one.p_value for one in effects])
    found = own < LEVEL
    assert 0 < found.sum() < len(y)
    assert ((p_value < LEVEL) == found).all()
    signs = np.sign([one.estimate for one in effects])
    assert (np.sign(estimate[found]) == signs[found]).all()


def test_one_step_from_the_poisson_fit_is_the_method_to_many_digits() -> None:
    series, y = _drawn(3.0, 0.4, 0.6, 60)
    _, p_value = verdicts(its.METHODS["learned"], series, y, LEVEL)
    judged = judge_many(its.METHODS["learned"], with_outcomes(series, y))
    apart = np.abs(p_value - [one.p_value for one in judged])
    # What no look from the mean of all settled, most of them here, is asked exactly.
    assert (apart < 1e-9).mean() > 0.5


def test_a_series_without_an_event_after_the_start_has_no_verdict() -> None:
    series, y = _drawn(3.0, 0.0, 1.0, 3)
    y[1, 42:] = 0
    _, p_value = verdicts(its.METHODS["averaged-reml"], series, y, LEVEL)
    assert np.isnan(p_value).tolist() == [False, True, False]
