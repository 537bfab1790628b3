"""The page on libraries says what is measured; no times are."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest

from evaluation.did import METHODS as DID
from evaluation.its import METHODS as ITS
from evaluation.numeric.series.arma import Order

PAGE = (Path(__file__).parents[2] / "docs/methods/engines.md").read_text(encoding="utf-8")


@pytest.fixture
def engines(benchmark_module):
    return benchmark_module("engines")


def test_differences_of_the_page_are_those_measured(engines):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        rows = [*engines.rows_of_counts(), engines.glsar(), *engines.panel_ols()]
    # Powers of ten are rounding, and another machine's differ.
    told = [row for row in rows if "%" in row[2] or "up to" in row[2]]
    assert len(told) == 5
    for row in told:
        assert f"| {' | '.join(row)} |" in PAGE


@pytest.mark.parametrize(
    ("order", "sound"), [(Order(1, 0, 1, 0, 0, 0, 12), True), (Order(1, 0, 0, 1, 0, 0, 12), False)]
)
def test_score_of_sarimax_vanishes_but_with_a_seasonal_factor(engines, order, sound):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        row = engines.sarimax(order)
    value, score = (float(part.split()[0]) for part in row[2].split("; ")[:2])
    assert value < 1e-10
    assert (score < 1e-6) is sound


def test_names_of_methods_on_the_page_are_known():
    known = {*ITS, *DID}
    for name in ("ols", "poisson", "newey-west", "negative-binomial", "quasi-poisson-ar1", "twfe"):
        assert f"`{name}`" in PAGE
        assert name in known
