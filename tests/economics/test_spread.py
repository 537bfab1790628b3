"""Quantiles against scipy's distributions, and uniforms spread evenly."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from evaluation.economics.input_quantiles import amount_at, range_of, split_at, stratified
from evaluation.numeric.shared.draws import stream

U = np.array([0.001, 0.025, 0.2, 0.5, 0.8, 0.975, 0.999])


@pytest.mark.parametrize("best", [2.0, 3.5, 8.0])
def test_triangle_has_the_quantiles_of_scipy(best: float) -> None:
    made = amount_at(U, low=2.0, best=best, high=8.0, distribution="triangular")
    wanted = stats.triang((best - 2) / 6, loc=2, scale=6).ppf(U)
    np.testing.assert_allclose(made, wanted, rtol=1e-12)


def test_uniform_has_the_quantiles_of_scipy() -> None:
    made = amount_at(U, low=2.0, best=3.0, high=8.0, distribution="uniform")
    np.testing.assert_allclose(made, stats.uniform(2, 6).ppf(U), rtol=1e-12)


def test_lognormal_about_its_geometric_middle_has_the_quantiles_of_scipy() -> None:
    made = amount_at(U, low=2.0, best=4.0, high=8.0, distribution="lognormal")
    spread = np.log(2) / stats.norm.ppf(0.975)
    np.testing.assert_allclose(made, stats.lognorm(spread, scale=4).ppf(U), rtol=1e-12)


def test_uneven_lognormal_keeps_its_three_points() -> None:
    made = amount_at(
        np.array([0.025, 0.5, 0.975]), low=1.0, best=2.0, high=9.0, distribution="lognormal"
    )
    np.testing.assert_allclose(made, [1.0, 2.0, 9.0], rtol=1e-12)


@pytest.mark.parametrize("distribution", ["triangular", "uniform", "lognormal"])
def test_amount_without_a_range_is_certain(distribution: str) -> None:
    made = amount_at(U, low=5.0, best=5.0, high=5.0, distribution=distribution)  # type: ignore[arg-type]
    assert (made == 5.0).all()


@pytest.mark.parametrize("df", [None, 3.0, 40.0])
def test_even_split_is_the_t_distribution(df: float | None) -> None:
    law = stats.norm if df is None else stats.t(df)
    half = law.ppf(0.975) * 0.7
    made = split_at(U, low=1 - half, middle=1.0, high=1 + half, df=df)
    np.testing.assert_allclose(made, 1 + 0.7 * law.ppf(U), rtol=1e-9)


def test_uneven_split_keeps_its_three_points_and_rises() -> None:
    made = split_at(np.linspace(0.001, 0.999, 999), low=-1.0, middle=0.0, high=5.0, df=12.0)
    assert (np.diff(made) > 0).all()
    three = split_at(np.array([0.025, 0.5, 0.975]), low=-1.0, middle=0.0, high=5.0, df=12.0)
    np.testing.assert_allclose(three, [-1.0, 0.0, 5.0], atol=1e-9)


def test_each_part_of_the_unit_is_met_once() -> None:
    made = stratified(stream(1, "anything"), 500)
    np.testing.assert_allclose(np.sort(made), (np.arange(500) + 0.5) / 500, rtol=1e-12)
    assert not (np.diff(made) > 0).all()


def test_two_names_are_not_correlated() -> None:
    one, two = (stratified(stream(1, name), 20_000) for name in ("a", "b"))
    # The correlation of independent ranks has standard error 1 / sqrt(n); four of them.
    assert abs(np.corrcoef(one, two)[0, 1]) < 4 / np.sqrt(20_000)


def test_range_is_the_middle_ninety_five_percent() -> None:
    low, high = range_of(np.arange(1001.0))
    assert (low, high) == (25.0, 975.0)
