"""Meta-analysis against metafor, brute force, and what must not change it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from evaluation.errors import FitError
from evaluation.numeric.meta.pooled import TESTS, Fit, fit, prediction, tau2_interval
from evaluation.numeric.meta.tau import ESTIMATORS, between_variance, solved
from evaluation.numeric.panel.random_effects import paule_mandel

# R 4.2.2, metafor 3.8-1; script: tests/reference/meta.R.
REFERENCE = json.loads((Path(__file__).parents[2] / "reference" / "meta.json").read_text("utf-8"))
CASES = (
    "bcg",
    "bcg_latitude",
    "bcg_mixed",
    "normand",
    "hine",
    "molloy",
    "collins",
    "equal",
    "two",
    "three",
    "alike",
    "far",
    "uneven",
)
# metafor's word for each test.
WORDS = {"z": "z", "t": "t", "hartung-knapp": "knha", "hartung-knapp-floor": "adhoc"}
# metafor stops when tau^2 moves by less than 1e-12 of a step; steps can be small.
CLOSE = {"rel": 1e-8, "abs": 1e-9}


def case(name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    rows = REFERENCE[name]
    x = np.array(rows["x"], dtype=float) if "x" in rows else None
    return np.array(rows["y"]), np.array(rows["v"]), x


def flat(value: object) -> np.ndarray:
    return np.atleast_1d(np.array(value, dtype=float))


@pytest.mark.parametrize("method", [*ESTIMATORS, "common"])
@pytest.mark.parametrize("name", CASES)
def test_fit_is_that_of_metafor(name: str, method: str) -> None:
    # rma.uni(y, v, mods, method = , test = )
    y, v, x = case(name)
    for test in TESTS:
        expected = REFERENCE[name]["fits"][f"{method}/{WORDS[test]}"]
        found = fit(y, v, x, method=method, test=test)
        assert found.tau2 == pytest.approx(expected["tau2"], **CLOSE)
        for ours, theirs in (
            (found.beta, "beta"),
            (found.std_error, "se"),
            (found.low, "lb"),
            (found.high, "ub"),
            (found.p_value, "pval"),
        ):
            assert ours == pytest.approx(flat(expected[theirs]), **CLOSE), (test, theirs)
        assert found.q == pytest.approx(expected["QE"], rel=1e-9, abs=1e-12)
        assert found.q_p == pytest.approx(expected["QEp"], rel=1e-7, abs=1e-12)
        assert found.i2 == pytest.approx(expected["I2"], rel=1e-7, abs=1e-6)
        assert found.h2 == pytest.approx(expected["H2"], **CLOSE)
        if method in ("REML", "ML"):
            assert found.tau2_error == pytest.approx(expected["se_tau2"], rel=1e-7)
        if x is not None:
            assert found.qm == pytest.approx(expected["QM"], rel=1e-7)
            assert found.qm_p == pytest.approx(expected["QMp"], rel=1e-6)
            theirs = expected["R2"]
            if theirs is not None and method != "common":
                assert found.r2 == pytest.approx(theirs, rel=1e-7, abs=1e-6)
        else:
            assert np.isnan(found.qm)


@pytest.mark.parametrize("name", [name for name in CASES if "x" not in REFERENCE[name]])
def test_prediction_is_that_of_metafor(name: str) -> None:
    # predict(res), and predict(res, pi.type = "Riley")
    y, v, _ = case(name)
    for method in ESTIMATORS:
        for test in TESTS:
            expected = REFERENCE[name]["fits"][f"{method}/{WORDS[test]}"]
            found = fit(y, v, method=method, test=test)
            assert prediction(found) == pytest.approx(expected["pi"], **CLOSE)
            theirs = pytest.approx(expected["riley"], **CLOSE)
            assert prediction(found, rule="k - p - 1") == theirs


@pytest.mark.parametrize("name", CASES)
def test_spread_is_that_of_the_q_profile_of_metafor(name: str) -> None:
    # confint(res): tau^2, I^2
    low, high, i2_low, i2_high, *_ = REFERENCE[name]["spread"]
    found = tau2_interval(*case(name))
    assert (found.low, found.high) == pytest.approx((low, high), rel=1e-7, abs=1e-9)
    assert (found.i2_low, found.i2_high) == pytest.approx((i2_low, i2_high), rel=1e-7, abs=1e-6)


def test_bcg_vaccine_is_the_published_answer() -> None:
    # Viechtbauer (2010), Journal of Statistical Software 36(3), section 3: -0.7145 (0.1798),
    # tau^2 0.3132, I^2 92.22 %, Q(12) = 152.2330.
    y, v, _ = case("bcg")
    found = fit(y, v, test="z")
    assert found.beta[0] == pytest.approx(-0.71453, abs=5e-6)
    assert found.tau2 == pytest.approx(0.31324, abs=5e-6)
    assert found.std_error[0] == pytest.approx(0.1798, abs=5e-5)
    assert found.i2 == pytest.approx(92.22, abs=5e-3)
    assert found.q == pytest.approx(152.2330, abs=5e-5)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("method", ["REML", "ML"])
def test_likelihood_is_nowhere_higher(seed: int, method: str) -> None:
    # A slow twin: a fine grid of tau^2, refined by a bounded search about its best.
    draw = np.random.default_rng(seed)
    k = int(draw.integers(3, 9))
    v = draw.uniform(0.001, 0.6, k) ** 2 * draw.choice([1, 20], k)
    y = draw.normal(0, np.sqrt(v + draw.choice([0, 0.02, 0.4])))
    x = np.column_stack([np.ones(k), draw.normal(size=k)])[:, : 1 + seed % 2]

    def against(tau2: float) -> float:
        total = np.diag(v + tau2)
        weight = np.linalg.inv(total)
        inner = x.T @ weight @ x
        left = y - x @ np.linalg.solve(inner, x.T @ weight @ y)
        value = np.linalg.slogdet(total)[1] + left @ weight @ left
        return float(value + (np.linalg.slogdet(inner)[1] if method == "REML" else 0)) / 2

    points = np.concatenate([[0.0], np.geomspace(1e-8, 20, 3000)])
    heights = [against(point) for point in points]
    best = int(np.argmin(heights))
    low, high = points[max(best - 1, 0)], points[min(best + 1, len(points) - 1)]
    polished = minimize_scalar(against, bounds=(low, high), options={"xatol": 1e-14}).fun
    found = float(between_variance(y[None], v[None], x, method)[0])
    assert against(found) <= min(polished, heights[0], heights[best]) + 1e-10


def test_many_at_once_are_those_one_by_one() -> None:
    draw = np.random.default_rng(3)
    v = draw.uniform(0.02, 0.3, (40, 6))
    y = draw.normal(0, np.sqrt(v + 0.05))
    x = np.ones((6, 1))
    for method in ESTIMATORS:
        together = between_variance(y, v, x, method)
        alone = [fit(y[i], v[i], method=method).tau2 for i in range(40)]
        assert together == pytest.approx(alone, rel=1e-10, abs=1e-13)
        assert (together > 0).any()


@pytest.mark.parametrize("test", TESTS)
def test_scale_shift_and_order_do_not_matter(test: str) -> None:
    y, v, _ = case("bcg")
    order = np.random.default_rng(0).permutation(len(y))
    before = (y.copy(), v.copy())
    for method in ("REML", "DL", "PM", "SJ"):
        one = fit(y, v, method=method, test=test)
        other = fit(1000 * y[order] + 5, 1e6 * v[order], method=method, test=test)
        assert other.beta[0] == pytest.approx(1000 * one.beta[0] + 5, rel=1e-9)
        assert other.tau2 == pytest.approx(1e6 * one.tau2, rel=1e-9)
        assert other.std_error[0] == pytest.approx(1000 * one.std_error[0], rel=1e-9)
        assert other.i2 == pytest.approx(one.i2, rel=1e-9)
        assert other.share == pytest.approx(one.share[order], rel=1e-8)
    assert np.array_equal(y, before[0]) and np.array_equal(v, before[1])


def test_equal_variances_give_the_t_interval_of_the_plain_mean() -> None:
    # With one v for all, Hartung-Knapp is the textbook t interval whatever tau^2 is.
    y, v, _ = case("equal")
    for method in ESTIMATORS:
        found = fit(y, v, method=method, test="hartung-knapp")
        assert found.beta[0] == pytest.approx(y.mean(), rel=1e-12)
        assert found.std_error[0] == pytest.approx(y.std(ddof=1) / np.sqrt(len(y)), rel=1e-9)
        assert found.df == len(y) - 1


def test_floor_is_never_shorter_than_t_and_hartung_knapp_can_be() -> None:
    y, v, _ = case("alike")
    width = {test: np.ptp([fit(y, v, test=test).low, fit(y, v, test=test).high]) for test in TESTS}
    assert width["hartung-knapp"] < width["z"] < width["t"] == width["hartung-knapp-floor"]


def test_moderators_on_another_scale_give_the_same_answer() -> None:
    # A year near 1950 beside the intercept is nearly a combination of it.
    y, v, x = case("bcg_latitude")
    assert x is not None
    far = np.column_stack([np.ones(len(y)), 1e5 + x[:, 1] / 7])
    one, other = fit(y, v, x), fit(y, v, far)
    assert other.beta[1] == pytest.approx(7 * one.beta[1], rel=1e-7)
    assert other.tau2 == pytest.approx(one.tau2, rel=1e-9)
    assert other.qm == pytest.approx(one.qm, rel=1e-7)


def test_prediction_at_a_moderator_is_about_its_fitted_value() -> None:
    y, v, x = case("bcg_latitude")
    found = fit(y, v, x, test="z")
    low, high = prediction(found, np.array([1.0, 33.0]))
    assert (low + high) / 2 == pytest.approx(found.beta[0] + 33 * found.beta[1], rel=1e-12)
    assert high - low > 2 * 1.95 * np.sqrt(found.tau2)


def test_weights_sum_to_a_hundred_and_leverages_to_the_coefficients() -> None:
    found = fit(*case("bcg_mixed"))
    assert found.share.sum() == pytest.approx(100)
    assert found.hat.sum() == pytest.approx(4)


def test_spread_is_empty_when_effects_are_more_alike_than_chance() -> None:
    y, v, _ = case("alike")
    found = tau2_interval(y, v)
    assert found.empty and found.low == found.high == 0
    assert not tau2_interval(*case("bcg")).empty


def test_paule_mandel_solves_its_equation() -> None:
    y, v, x = case("bcg_mixed")
    assert x is not None
    tau2 = between_variance(y[None], v[None], np.linalg.qr(x)[0], "PM")
    assert solved(y[None], v[None], x, tau2).q[0] == pytest.approx(len(y) - 4, rel=1e-10)


def test_paule_mandel_is_that_of_the_prediction_of_one_treated_unit() -> None:
    # The same equation, solved by other code for controls of a comparison.
    draw = np.random.default_rng(5)
    v = draw.uniform(0.01, 0.3, (50, 8))
    d = draw.normal(0, np.sqrt(v + 0.04))
    assert between_variance(d, v, np.ones((8, 1)), "PM") == pytest.approx(
        paule_mandel(d, v), rel=1e-9, abs=1e-12
    )


GOOD = np.array([0.1, 0.2, 0.4]), np.array([0.1, 0.2, 0.1])


@pytest.mark.parametrize(
    ("y", "v", "x", "words"),
    [
        (GOOD[0][:1], GOOD[1][:1], None, "two at least"),
        (GOOD[0], np.array([0.1, -0.2, 0.1]), None, "not a positive"),
        (GOOD[0], np.array([0.1, 0.0, 0.1]), None, "not a positive"),
        (GOOD[0], np.array([0.1, np.nan, 0.1]), None, "not a positive"),
        (np.array([0.1, np.inf, 0.4]), GOOD[1], None, "finite"),
        (*GOOD, np.ones((3, 2)), "combination"),
        (*GOOD, np.eye(3), "too few"),
        (GOOD[0], GOOD[1][:2], None, "one entry for each"),
    ],
)
def test_refuses(y: np.ndarray, v: np.ndarray, x: np.ndarray | None, words: str) -> None:
    with pytest.raises(FitError, match=words):
        fit(y, v, x)


def test_refuses_words_it_does_not_know() -> None:
    with pytest.raises(FitError, match="use REML"):
        fit(*GOOD, method="reml")
    with pytest.raises(FitError, match="use hartung-knapp-floor"):
        fit(*GOOD, test="knha")


def test_a_fit_cannot_be_changed() -> None:
    found = fit(*GOOD)
    assert isinstance(found, Fit)
    with pytest.raises(AttributeError):
        found.tau2 = 0.0  # type: ignore[misc]
