"""Weighted logistic and linear regressions beside R (tests/reference/people.R)."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from evaluation.errors import FitError
from evaluation.numeric.shared.ols import heteroskedastic
from evaluation.numeric.shared.regressions import Dependent, Separated, linear, logistic

REFERENCE = Path(__file__).parents[2] / "reference"


def columns() -> dict[str, np.ndarray]:
    with (REFERENCE / "people.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {name: np.array([float(row[name]) for row in rows]) for name in rows[0]}


@pytest.fixture
def table() -> dict[str, np.ndarray]:
    return columns()


def design(table: dict[str, np.ndarray]) -> np.ndarray:
    names = ("age", "priors", "gang")
    return np.column_stack([np.ones(len(table["age"])), *(table[name] for name in names)])


def test_logistic_agrees_with_glm(table: dict[str, np.ndarray]) -> None:
    expected = json.loads((REFERENCE / "people.json").read_text(encoding="utf-8"))["propensity"]
    fit = logistic(design(table), table["treated"])
    assert fit.beta == pytest.approx(expected["beta"], rel=1e-8)
    assert np.sqrt(np.diagonal(fit.bread)) == pytest.approx(expected["se"], rel=1e-8)
    assert fit.leverage[:5] == pytest.approx(expected["hat"], rel=1e-8)
    weighted = logistic(design(table), table["treated"], table["weight"])
    assert weighted.beta == pytest.approx(expected["weighted"], rel=1e-8)
    cov = heteroskedastic(weighted.scores, weighted.bread, kind="HC0")
    assert np.sqrt(np.diagonal(cov)) == pytest.approx(expected["weighted_hc0"], rel=1e-7)


@pytest.mark.parametrize("fitter", [logistic, linear])
def test_whole_weights_are_repeated_rows(fitter, table: dict[str, np.ndarray]) -> None:
    x, y = design(table), table["rearrest"]
    times = np.arange(len(y)) % 3
    weighted = fitter(x, y, times.astype(float))
    repeated = fitter(np.repeat(x, times, axis=0), np.repeat(y, times))
    assert weighted.beta == pytest.approx(repeated.beta, rel=1e-9)
    assert weighted.bread == pytest.approx(repeated.bread, rel=1e-8)


@pytest.mark.parametrize("fitter", [logistic, linear])
def test_influence_is_what_a_little_more_weight_does(fitter, table: dict[str, np.ndarray]) -> None:
    x, y = design(table), table["rearrest"]
    fit = fitter(x, y)
    more = np.ones(len(y))
    more[7] += 1e-5
    moved = (fitter(x, y, more).beta - fit.beta) / 1e-5
    assert moved == pytest.approx(fit.influence[7] / len(y), rel=1e-3, abs=1e-9)


def test_columns_of_any_size_give_the_same_fit(table: dict[str, np.ndarray]) -> None:
    x, y = design(table), table["treated"]
    size = np.array([1.0, 1e6, 1e-6, 1.0])
    assert logistic(x * size, y).beta * size == pytest.approx(logistic(x, y).beta, rel=1e-8)


def test_outcomes_that_are_told_apart_are_refused(table: dict[str, np.ndarray]) -> None:
    x, y = design(table), table["treated"]
    with pytest.raises(Separated):
        logistic(np.column_stack([x, y]), y)
    # Nobody of a rare category has the outcome: that coefficient is minus infinity.
    rare = (np.cumsum(y == 0) <= 4) & (y == 0)
    with pytest.raises(Separated):
        logistic(np.column_stack([x, rare]), y)
    with pytest.raises(Separated):
        logistic(x, np.ones(len(y)))


@pytest.mark.parametrize("fitter", [logistic, linear])
def test_dependent_columns_and_too_few_rows_are_refused(
    fitter, table: dict[str, np.ndarray]
) -> None:
    x, y = design(table), table["treated"]
    with pytest.raises(Dependent) as caught:
        fitter(np.column_stack([x, x[:, 1] + x[:, 2]]), y)
    assert caught.value.column == 4
    with pytest.raises(FitError, match="too few people for 4 coefficients"):
        fitter(x, y, (np.arange(len(y)) < 4).astype(float))
