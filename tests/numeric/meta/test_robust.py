"""Clustered errors of a meta-analysis: against clubSandwich and metafor."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from evaluation.errors import FitError
from evaluation.numeric.meta.levels import clustered, fit_levels
from evaluation.numeric.meta.pooled import fit

# R 4.2.2, metafor 3.8-1, clubSandwich 0.5.8; script: tests/reference/meta.R.
REFERENCE = json.loads((Path(__file__).parents[2] / "reference" / "meta.json").read_text("utf-8"))
THREE = REFERENCE["three_levels"]
Y, V, X, STUDY = (np.array(THREE[name], dtype=float) for name in ("y", "v", "x", "study"))
ROWS = np.arange(len(Y))
ONES = np.ones((len(Y), 1))


def flat(value: object) -> np.ndarray:
    return np.atleast_1d(np.array(value, dtype=float))


def same(found: object, expected: dict[str, object], rel: float) -> None:
    assert found.std_error == pytest.approx(flat(expected["se"]), rel=rel)  # type: ignore[attr-defined]
    assert found.low == pytest.approx(flat(expected["lb"]), rel=rel)  # type: ignore[attr-defined]
    assert found.high == pytest.approx(flat(expected["ub"]), rel=rel)  # type: ignore[attr-defined]
    assert found.p_value == pytest.approx(flat(expected["p"]), rel=10 * rel)  # type: ignore[attr-defined]
    if "df" in expected:
        assert found.df == pytest.approx(flat(expected["df"]), rel=rel)  # type: ignore[attr-defined]


@pytest.mark.parametrize("correction", ["CR0", "CR1", "CR1p", "CR2"])
def test_meta_regression_with_clusters_is_that_of_clubsandwich(correction: str) -> None:
    # coef_test(rma.uni(y, v, mods = ~ x), vcov = , cluster = study), conf_int
    x = np.column_stack([ONES[:, 0], X])
    found = fit(Y, V, x, test="z")
    robust = clustered(Y, V + found.tau2, x, STUDY, correction=correction)
    same(robust, THREE["flat"]["robust"][correction], 1e-7)
    assert robust.clusters == 12
    if correction == "CR1p":  # robust(res, cluster = study)
        same(robust, THREE["flat"]["robust"]["metafor"], 1e-7)


@pytest.mark.parametrize("correction", ["CR0", "CR1", "CR1p", "CR2"])
def test_one_effect_a_study_is_that_of_clubsandwich(correction: str) -> None:
    rows = REFERENCE["bcg_latitude"]
    y, v, x = (np.array(rows[name], dtype=float) for name in ("y", "v", "x"))
    found = clustered(y, v + fit(y, v, x).tau2, x, np.arange(13), correction=correction)
    same(found, THREE["bcg"]["robust"][correction], 1e-7)


@pytest.mark.parametrize("correction", ["CR0", "CR1", "CR1p", "CR2"])
@pytest.mark.parametrize("name", ["levels", "levels_x"])
def test_three_levels_are_those_of_clubsandwich(name: str, correction: str) -> None:
    # coef_test(rma.mv(y, v, mods, random = ~ 1 | study/effect), vcov = , cluster = study)
    x = ONES if name == "levels" else np.column_stack([ONES[:, 0], X])
    found = fit_levels(Y, V, x, np.column_stack([STUDY, ROWS]))
    robust = clustered(Y, found.variance, x, STUDY, correction=correction)
    # The two variances are met to 1e-6, and the errors follow them.
    same(robust, THREE[name]["robust"][correction], 2e-6)


def test_order_and_names_of_clusters_do_not_matter() -> None:
    order = np.random.default_rng(4).permutation(len(Y))
    names = np.array([f"study {int(code)}" for code in STUDY])
    one = clustered(Y, V, ONES, STUDY)
    other = clustered(Y[order], V[order], ONES, names[order])
    assert other.std_error == pytest.approx(one.std_error, rel=1e-12)
    assert other.df == pytest.approx(one.df, rel=1e-10)


def test_equal_studies_give_the_t_interval_of_the_plain_mean() -> None:
    # One effect a cluster, one variance: CR2 is unbiased and has k - 1 degrees of freedom.
    y = np.array([-0.4, -0.1, -0.7, 0.2, -0.35, -0.5, 0.05])
    found = clustered(y, np.full(7, 0.04), np.ones((7, 1)), np.arange(7))
    assert found.std_error[0] == pytest.approx(y.std(ddof=1) / np.sqrt(7), rel=1e-12)
    assert found.df[0] == pytest.approx(6, rel=1e-10)


def test_copies_of_an_effect_add_nothing() -> None:
    # Every effect written twice with double the variance is the same information.
    y = np.array([-0.4, -0.1, -0.7, 0.2, -0.35])
    v = np.array([0.04, 0.02, 0.1, 0.05, 0.03])
    one = clustered(y, v, np.ones((5, 1)), np.arange(5))
    twice = clustered(
        np.repeat(y, 2), np.repeat(2 * v, 2), np.ones((10, 1)), np.repeat(np.arange(5), 2)
    )
    assert twice.std_error == pytest.approx(one.std_error, rel=1e-9)


def test_refusals() -> None:
    with pytest.raises(FitError, match="1 cluster for 1 coefficient"):
        clustered(Y, V, ONES, np.zeros(len(Y)))
    linked = np.diag(V)
    linked[0, 1] = linked[1, 0] = 0.001
    with pytest.raises(FitError, match="links effects"):
        clustered(Y, linked, ONES, STUDY)
