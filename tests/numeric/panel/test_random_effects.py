"""The random-effects prediction: its grid average, its plug-in, and mixtures of normals."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import norm

from evaluation.errors import FitError
from evaluation.numeric.panel.random_effects import (
    TAUS,
    averaged_prediction,
    paule_mandel,
    plug_in_prediction,
)


def some(seed: int, reps: int, n: int) -> tuple[np.ndarray, ...]:
    draw = np.random.default_rng(seed)
    v = draw.uniform(0.01, 0.2, (reps, n + 1))
    d = 0.1 + draw.normal(size=(reps, n + 1)) * np.sqrt(v + 0.15**2)
    return d[:, 0], v[:, 0], d[:, 1:], v[:, 1:]


def slow(own: float, own_v: float, d: np.ndarray, v: np.ndarray) -> tuple[float, ...]:
    """One grid point at a time, with nothing but sums."""
    spacing = [TAUS[1] - TAUS[0]]
    spacing += [(TAUS[g + 1] - TAUS[g - 1]) / 2 for g in range(1, len(TAUS) - 1)]
    spacing += [TAUS[-1] - TAUS[-2]]
    points = []
    for tau, width in zip(TAUS, spacing, strict=True):
        w = [1 / (one + tau**2) for one in v]
        mu = sum(a * b for a, b in zip(w, d, strict=True)) / sum(w)
        log_weight = sum(-np.log(a) for a in w) + np.log(sum(w))
        log_weight += sum(a * (b - mu) ** 2 for a, b in zip(w, d, strict=True))
        height = width * np.exp(-log_weight / 2)
        points.append((height, own - mu, np.sqrt(own_v + tau**2 + 1 / sum(w))))
    total = sum(point[0] for point in points)

    def reached(x: float) -> float:
        return sum(a / total * norm.cdf(x, b, c) for a, b, c in points)

    estimate = sum(a / total * b for a, b, _ in points)
    low, high = (brentq(lambda x, s=s: reached(x) - s, -9, 9, xtol=1e-14) for s in (0.025, 0.975))
    return estimate, low, high, 2 * min(reached(0), 1 - reached(0))


def test_average_is_that_of_a_slow_loop():
    own, own_v, d, v = some(1, 5, 9)
    found = averaged_prediction(own, own_v, d, v)
    for rep in range(5):
        expected = slow(own[rep], own_v[rep], d[rep], v[rep])
        got = [getattr(found, name)[rep] for name in ("estimate", "low", "high", "p_value")]
        assert got == pytest.approx(expected, abs=1e-11)


def test_paule_mandel_solves_its_equation_or_is_nought():
    _, _, d, v = some(2, 200, 12)
    tau2 = paule_mandel(d, v)
    assert 0 < (tau2 == 0).sum() < 200
    for squared, one, noise in zip(tau2, d, v, strict=True):
        w = 1 / (noise + squared)
        q = (w * (one - (w * one).sum() / w.sum()) ** 2).sum()
        assert q == pytest.approx(11, rel=1e-9) if squared else q <= 11


def test_controls_alike_in_noise_give_the_textbook_prediction():
    # With one v for all and tau2 above nought, the plug-in is the t prediction of a new draw.
    draw = np.random.default_rng(3)
    d = draw.normal(size=(1, 10))
    v = np.full((1, 10), 1e-6)
    found = plug_in_prediction(np.zeros(1), np.full(1, 1e-6), d, v)
    assert found.estimate[0] == pytest.approx(-d.mean(), abs=1e-12)
    assert found.std_error[0] == pytest.approx(d.std(ddof=1) * np.sqrt(1.1), rel=1e-12)
    assert found.df == 9


def test_order_of_controls_and_a_common_change_do_not_matter():
    own, own_v, d, v = some(4, 3, 8)
    order = np.array([3, 1, 7, 0, 2, 6, 5, 4])
    for method in (averaged_prediction, plug_in_prediction):
        one, other = method(own, own_v, d, v), method(own + 2, own_v, d[:, order] + 2, v[:, order])
        assert other.estimate == pytest.approx(one.estimate, abs=1e-12)
        assert other.low == pytest.approx(one.low, abs=1e-11)
        assert other.share == pytest.approx(one.share[:, order], abs=1e-12)
        assert one.share.sum(axis=1) == pytest.approx(1)


def test_range_excludes_nought_exactly_when_p_is_below_five_percent():
    own, own_v, d, v = some(5, 400, 12)
    for method in (averaged_prediction, plug_in_prediction):
        found = method(2 * own, own_v, d, v)
        outside = (found.low > 0) | (found.high < 0)
        assert 0 < outside.sum() < 400
        assert np.array_equal(outside, found.p_value < 0.05)


def test_a_single_control_is_refused():
    with pytest.raises(FitError, match="single control"):
        averaged_prediction(np.zeros(1), np.ones(1), np.zeros((1, 1)), np.ones((1, 1)))
    with pytest.raises(FitError, match="ratio series"):
        plug_in_prediction(np.zeros(1), np.ones(1), np.zeros((1, 1)), np.ones((1, 1)))
