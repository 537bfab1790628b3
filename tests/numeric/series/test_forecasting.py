"""The forecast of one unit: a point of its grid is a joint normal conditional, worked out here by
one large regression; and how often it is wrong."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.numeric.series import forecasting
from evaluation.numeric.series.forecasting import NOISE, PHIS, SEASON, Units, forecast, step
from evaluation.numeric.series.quarters import Layout, layout, response

DRIFT, SHIFT = 0.12, 0.08
START, LENGTH = 24, 45


def drawn(n: int = 4, treated: int = 1, seed: int = 1, drift: float = 0.1, **how) -> np.ndarray:
    """(treated + n, T) counts of units that wander apart."""
    draw = np.random.default_rng(seed)
    length = how.get("length", LENGTH)
    walk = drift / np.sqrt(12) * draw.normal(size=(treated + n, length)).cumsum(axis=1)
    mean = draw.uniform(8, 30, (treated + n, 1))
    return draw.poisson(mean * np.exp(walk)).astype(float)


def panel(y: np.ndarray, treated: int = 1, start: int = START) -> tuple[Units, Layout]:
    """The first rows treated, all others their controls."""
    blocks = layout(start, y.shape[1], 3, 12, revert=3.0)
    own, others = y[:treated], y[treated:]
    pool, held = others.sum(axis=0), np.full(y.shape[1], float(len(others)))
    z, v = response(others, np.ones(others.shape), pool, held, blocks)
    own_z, own_v = response(own, np.ones(own.shape), pool, held, blocks)
    return Units(z, v, own_z, own_v, np.ones((treated, len(others)))), blocks


def first_two_years(blocks: Layout) -> np.ndarray:
    mean = blocks.width * (blocks.lengths.cumsum() - blocks.lengths[: blocks.before].sum() <= 24)
    mean = mean * blocks.after
    return (mean / mean.sum())[None]


def covariance(v: np.ndarray, blocks: Layout, phi: float) -> np.ndarray:
    a = blocks.after.astype(float)
    shared = DRIFT**2 * blocks.walk + SHIFT**2 * np.outer(a, a) + SEASON**2 * blocks.season
    return shared + np.diag(phi * v + NOISE**2 / blocks.width)


def stacked(units: Units, blocks: Layout, phi: float) -> tuple[np.ndarray, ...]:
    """All units one after the other, the treated first: z, covariance, dummies of units and of
    blocks but the first."""
    z = np.vstack([units.own_z, units.z])
    v = np.vstack([units.own_v, units.v])
    n, k = z.shape
    whole = np.zeros((n * k, n * k))
    for unit in range(n):
        here = slice(unit * k, (unit + 1) * k)
        whole[here, here] = covariance(v[unit], blocks, phi)
    x = np.column_stack([np.repeat(np.eye(n), k, axis=0), np.tile(np.eye(k)[:, 1:], (n, 1))])
    return z.ravel(), whole, x


@pytest.fixture
def same_scales(monkeypatch):
    """Every unit of scale 1, where the model is a normal one."""
    monkeypatch.setattr(forecasting, "NUS", np.array([1e13]))


def restricted(z: np.ndarray, whole: np.ndarray, x: np.ndarray) -> tuple[float, np.ndarray]:
    """Minus twice the restricted log-likelihood but for constants, and the coefficients."""
    inverse = np.linalg.inv(whole)
    information = x.T @ inverse @ x
    beta = np.linalg.solve(information, x.T @ inverse @ z)
    left = z - x @ beta
    dets = np.linalg.slogdet(whole)[1] + np.linalg.slogdet(information)[1]
    return float(dets + left @ inverse @ left), beta


@pytest.mark.usefixtures("same_scales")
def test_a_point_of_the_forecast_is_the_conditional_of_one_joint_normal():
    units, blocks = panel(drawn())
    windows = first_two_years(blocks)
    part = forecasting._at(units, blocks, windows, DRIFT, SHIFT)
    found, wanted = [], []
    for f, phi in enumerate(PHIS):
        z, whole, x = stacked(units, blocks, phi)
        k = len(blocks.after)
        target = np.zeros(len(z))
        target[:k] = windows[0]
        known = np.ones(len(z), dtype=bool)
        known[:k] = ~blocks.after
        inverse = np.linalg.inv(whole[np.ix_(known, known)])
        across = target @ whole[:, known]
        design = target @ x - across @ inverse @ x[known]
        information = x[known].T @ inverse @ x[known]
        minus_twice, beta = restricted(z[known], whole[np.ix_(known, known)], x[known])
        forecasted = target @ x @ beta + across @ inverse @ (z[known] - x[known] @ beta)
        variance = (
            target @ whole @ target
            - across @ inverse @ across
            + design @ np.linalg.solve(information, design)
        )
        far = part.far[0, f].sum() + part.own_far[0, f].sum()
        error = (part.alone + part.common)[0, f, 0, 0]
        found.append((part.estimate[0, f, 0, 0], error, part.log_det[0, f, 0] + far))
        wanted.append((target @ z - forecasted, variance, minus_twice))
    one, other = np.array(found), np.array(wanted)
    assert one[:, :2] == pytest.approx(other[:, :2], abs=1e-8)
    # Likelihoods are known but for a constant.
    assert one[:, 2] - one[0, 2] == pytest.approx(other[:, 2] - other[0, 2], abs=1e-6)


@pytest.mark.usefixtures("same_scales")
def test_a_point_of_the_step_is_that_of_one_large_generalized_regression():
    units, blocks = panel(drawn())
    part = forecasting._at(units, blocks, None, DRIFT, SHIFT)
    k = len(blocks.after)
    for f, phi in enumerate(PHIS):
        z, whole, x = stacked(units, blocks, phi)
        treated = np.zeros(len(z))
        treated[:k] = blocks.after
        design = np.column_stack([x, treated])
        inverse = np.linalg.inv(whole)
        information = design.T @ inverse @ design
        beta = np.linalg.solve(information, design.T @ inverse @ z)
        assert part.estimate[0, f, 0, 0] == pytest.approx(beta[-1], abs=1e-9)
        variance = (part.alone + part.common)[0, f, 0, 0]
        assert variance == pytest.approx(np.linalg.inv(information)[-1, -1], rel=1e-8)
        # Without the step, the line after the start is the joint prediction from what is left.
        smooth = whole - np.diag(noise(units, blocks, phi))
        left = inverse @ (z - design @ beta)
        line = x[:k] @ beta[:-1] + smooth[:k, :k] @ left[:k]
        assert part.line[0, f, 0] == pytest.approx(line, abs=1e-8)


def noise(units: Units, blocks: Layout, phi: float) -> np.ndarray:
    v = np.vstack([units.own_v, units.v])
    return (phi * v + NOISE**2 / blocks.width).ravel()


def test_treated_units_at_once_are_each_by_itself():
    y = drawn(5, treated=3)
    units, blocks = panel(y, treated=3)
    used = np.array([[1, 1, 1, 0, 1], [0, 1, 1, 1, 1], [1, 1, 1, 1, 1]], dtype=float)
    windows = np.vstack([first_two_years(blocks), np.eye(len(blocks.after))[blocks.after][:2]])
    together = Units(units.z, units.v, units.own_z, units.own_v, used)
    for ask in (lambda u: forecast(u, blocks, windows), lambda u: step(u, blocks)):
        whole = ask(together)
        for row in range(3):
            on = used[row] > 0
            alone = ask(
                Units(
                    units.z[on],
                    units.v[on],
                    units.own_z[[row]],
                    units.own_v[[row]],
                    np.ones((1, int(on.sum()))),
                )
            )
            for name in ("estimate", "std_error", "low", "high", "p_value", "line", "restless"):
                one, other = getattr(whole, name)[row], getattr(alone, name)[0]
                assert one == pytest.approx(other, abs=1e-9)


def test_a_start_at_which_nothing_happened_is_seldom_found_and_a_step_is():
    y = np.stack([drawn(8, seed=seed, length=72) for seed in range(40)])
    rejected = {"forecast": 0, "step": 0, "forecast of a step": 0}
    for one in y:
        units, blocks = panel(one, start=36)
        judged = forecast(units, blocks, first_two_years(blocks))
        assert (judged.p_value < 0.05) == ((judged.low > 0) | (judged.high < 0))
        rejected["forecast"] += int(judged.p_value[0, 0] < 0.05)
        rejected["step"] += int(step(units, blocks).p_value[0, 0] < 0.05)
        halved = one.copy()
        halved[0, 36:] = np.round(halved[0, 36:] / 2)
        units, blocks = panel(halved, start=36)
        found = forecast(units, blocks, first_two_years(blocks)).p_value[0, 0]
        rejected["forecast of a step"] += int(found < 0.05)
    # .05 of 40 and three Monte Carlo errors.
    assert max(rejected["forecast"], rejected["step"]) <= 2 + 3 * np.sqrt(40 * 0.05 * 0.95)
    assert rejected["forecast of a step"] >= 36


def test_a_unit_that_wandered_more_than_its_controls_is_told_from_them():
    draw = np.random.default_rng(5)
    calm = drawn(10, drift=0.05, length=72)
    wild = calm.copy()
    walk = 0.5 / np.sqrt(12) * draw.normal(size=72).cumsum()
    wild[0] = draw.poisson(20 * np.exp(walk - walk.mean()))
    (one, blocks), (other, _) = panel(calm, start=48), panel(wild, start=48)
    windows = first_two_years(blocks)
    usual, far = (forecast(units, blocks, windows) for units in (one, other))
    assert far.restless[0] < usual.restless[0]
    assert usual.scale[0] < 1.5 < 2 < far.scale[0]
    assert far.scale[0] > far.scales[0].max()
