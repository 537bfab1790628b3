"""Several effects of one study: against metafor, brute force and the two-level model."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from evaluation.errors import FitError
from evaluation.numeric.meta.levels import fit_levels, profile_interval
from evaluation.numeric.meta.pooled import fit

# R 4.2.2, metafor 3.8-1; script: tests/reference/meta.R.
REFERENCE = json.loads((Path(__file__).parents[2] / "reference" / "meta.json").read_text("utf-8"))
THREE, KONST = REFERENCE["three_levels"], REFERENCE["konstantopoulos"]
Y, V, X, STUDY = (np.array(THREE[name], dtype=float) for name in ("y", "v", "x", "study"))
ONES = np.ones((len(Y), 1))
GROUPS = np.column_stack([STUDY, np.arange(len(Y))])


def world(name: str) -> tuple[dict, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """What metafor found, and y, v, x, groups."""
    if name == "konstantopoulos":
        y, v, study = (np.array(KONST[key], dtype=float) for key in ("y", "v", "study"))
        groups = np.column_stack([study, np.arange(len(y))])
        return KONST, y, v, np.ones((len(y), 1)), groups
    x = ONES if name == "levels" else np.column_stack([ONES[:, 0], X])
    return THREE[name], Y, V, x, GROUPS


NAMES = ("levels", "levels_x", "konstantopoulos")


@pytest.mark.parametrize("test", ["z", "residual"])
@pytest.mark.parametrize("name", NAMES)
def test_fit_is_that_of_rma_mv(name: str, test: str) -> None:
    # rma.mv(y, v, mods, random = ~ 1 | study/effect, test = ), test = "t" for "residual"
    expected, y, v, x, groups = world(name)
    expected = expected["z" if test == "z" else "t"]
    found = fit_levels(y, v, x, groups, test=test)
    # Both climb the same hill: ours ends higher, or as high to the last digits of metafor's.
    assert found.likelihood == pytest.approx(expected["likelihood"], rel=1e-11)
    assert found.likelihood >= expected["likelihood"] - 1e-11
    # A simplex search finds the top to the square root of that.
    assert found.sigma2 == pytest.approx(np.array(expected["sigma2"]), rel=2e-6)
    for ours, theirs in (
        (found.beta, "beta"),
        (found.std_error, "se"),
        (found.low, "lb"),
        (found.high, "ub"),
        (found.p_value, "p"),
    ):
        values = np.atleast_1d(np.array(expected[theirs], dtype=float))
        assert ours == pytest.approx(values, rel=2e-6), theirs
    assert found.q == pytest.approx(expected["QE"], rel=1e-10)


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("name", NAMES)
def test_profile_is_that_of_rma_mv(name: str, which: int) -> None:
    # 2 (logLik(best) - logLik(rma.mv(..., sigma2 = c(s, NA)))) = 3.84
    expected, y, v, x, groups = world(name)
    found = profile_interval(y, v, x, groups, which)
    assert found == pytest.approx(expected["profile"][which], rel=1e-6, abs=1e-9)


def test_district_schools_are_the_published_answer() -> None:
    # Konstantopoulos (2011), Research Synthesis Methods 2:61-76, table 4: 0.185 (0.085), variance
    # 0.065 between districts and 0.033 between schools of a district.
    _, y, v, x, groups = world("konstantopoulos")
    found = fit_levels(y, v, x, groups, test="z")
    assert found.beta[0] == pytest.approx(0.185, abs=5e-4)
    assert found.std_error[0] == pytest.approx(0.085, abs=5e-4)
    assert found.sigma2 == pytest.approx([0.065, 0.033], abs=5e-4)


def test_likelihood_is_nowhere_higher_on_a_grid() -> None:
    found = fit_levels(Y, V, ONES, GROUPS)
    same = (STUDY[:, None] == STUDY).astype(float)

    def height(study: float, effect: float) -> float:
        total = np.diag(V + effect) + study * same
        weight = np.linalg.inv(total)
        inner = weight.sum()
        left = Y - (weight @ Y).sum() / inner
        value = np.linalg.slogdet(total)[1] + np.log(inner) + left @ weight @ left
        return float(-value / 2 - (len(Y) - 1) / 2 * np.log(2 * np.pi) + np.log(len(Y)) / 2)

    assert height(*found.sigma2) == pytest.approx(found.likelihood, abs=1e-10)
    points = np.linspace(0, 0.4, 33)
    assert max(height(a, b) for a in points for b in points) <= found.likelihood + 1e-10


def test_a_variance_at_nought_stays_there() -> None:
    # Effects of a study alike but for sampling, and studies alike too.
    y = np.array([-0.3, -0.31, -0.29, -0.3, -0.305, -0.3, -0.28])
    groups = np.column_stack([[1, 1, 2, 2, 3, 3, 4], np.arange(7)])
    found = fit_levels(y, np.full(7, 0.05), np.ones((7, 1)), groups)
    assert found.sigma2.tolist() == [0.0, 0.0]
    assert found.beta[0] == pytest.approx(y.mean())
    assert profile_interval(y, np.full(7, 0.05), np.ones((7, 1)), groups, 0)[0] == 0


def test_one_level_is_the_plain_random_effects_model() -> None:
    rows = REFERENCE["bcg"]
    y, v = np.array(rows["y"]), np.array(rows["v"])
    found = fit_levels(y, v, np.ones((13, 1)), np.arange(13)[:, None], test="z")
    plain = fit(y, v, test="z")
    assert found.sigma2[0] == pytest.approx(plain.tau2, rel=1e-7)
    assert found.beta == pytest.approx(plain.beta, rel=1e-7)
    assert found.low == pytest.approx(plain.low, rel=1e-7)
    assert found.share[0] == pytest.approx(plain.i2, rel=1e-7)


def test_contained_degrees_of_freedom_are_those_of_studies() -> None:
    assert fit_levels(Y, V, ONES, GROUPS).df == 11
    assert fit_levels(Y, V, ONES, GROUPS, test="residual").df == len(Y) - 1
    assert fit_levels(Y, V, ONES, GROUPS, test="z").df == np.inf


def test_order_of_rows_does_not_matter() -> None:
    order = np.random.default_rng(1).permutation(len(Y))
    one = fit_levels(Y, V, ONES, GROUPS)
    other = fit_levels(Y[order], V[order], ONES, GROUPS[order])
    assert other.beta == pytest.approx(one.beta, rel=1e-8)
    assert other.sigma2 == pytest.approx(one.sigma2, rel=1e-6)


def test_known_correlation_of_sampling_errors_is_used() -> None:
    # Two copies of each effect, fully correlated but for a trace, tell no more than one.
    y, v = np.array([-0.4, 0.2, -0.7, -0.1]), np.array([0.04, 0.05, 0.03, 0.06])
    pairs = np.repeat(np.arange(4), 2)
    shared = np.repeat(v, 2) * (pairs[:, None] == pairs) * (0.9999 + 0.0001 * np.eye(8))
    found = fit_levels(np.repeat(y, 2), shared, np.ones((8, 1)), pairs[:, None], test="z")
    plain = fit(y, v, test="z")
    assert found.std_error[0] == pytest.approx(plain.std_error[0], rel=1e-3)


@pytest.mark.parametrize(
    ("groups", "words"),
    [
        (np.column_stack([np.arange(len(Y)), np.arange(len(Y))]), "no study has more than one"),
        (np.column_stack([np.zeros(len(Y)), np.arange(len(Y))]), "one group only"),
    ],
)
def test_refuses_levels_that_cannot_be_told_apart(groups: np.ndarray, words: str) -> None:
    with pytest.raises(FitError, match=words):
        fit_levels(Y, V, ONES, groups)


def test_refuses_bad_numbers() -> None:
    with pytest.raises(FitError, match="not positive"):
        fit_levels(Y, -V, ONES, GROUPS)
    with pytest.raises(FitError, match="finite"):
        fit_levels(Y + np.nan, V, ONES, GROUPS)
    with pytest.raises(FitError, match="too few"):
        fit_levels(Y[:3], V[:3], np.ones((3, 1)), GROUPS[:3])
