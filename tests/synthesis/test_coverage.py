"""The measured coverage that the default rests on, and that the page prints."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.coverage_synthesis import BEGIN, END, PAGE, REPS, TRUTH, cell, world
from evaluation.numeric.meta.pooled import fit, prediction


@pytest.mark.parametrize(("k", "tau2"), [(3, 0.0), (5, 0.2)])
def test_page_holds_what_the_script_measures(k: int, tau2: float) -> None:
    lines = PAGE.read_text(encoding="utf-8").split(BEGIN)[1].split(END)[0].splitlines()
    rows = [[part.strip() for part in line.strip("|").split("|")] for line in lines if "|" in line]
    at = rows[0].index(f"{k} studies, tau² {tau2:g}")
    printed = {(row[0], row[1]): row[at] for row in rows}
    for found in cell(k, tau2, REPS):
        assert printed[found[0], found[1]] == f"{found[2]:.1f} ({found[3]:.2f})"
        if found[:2] == ("REML", "hartung-knapp-floor"):
            assert printed["hartung-knapp-floor", "t(k - 2)"] == f"{found[5]:.1f}"


def test_default_holds_the_truth_where_the_normal_does_not() -> None:
    # 4,000 draws: Monte-Carlo error .4 points at 94 %, .6 at 82 %.
    rows = {(row[0], row[1]): row[2] for row in cell(3, 0.2, 4000)}
    assert rows["REML", "hartung-knapp-floor"] > 94
    assert rows["REML", "z"] < 85


def test_simulated_ranges_are_those_of_the_fit() -> None:
    # A slow twin: every draw by itself.
    y, v, one_more = world(5, 0.05, 60)
    held = ahead = 0
    for row, noise, following in zip(y, v, one_more, strict=True):
        found = fit(row, noise)
        held += bool(found.low[0] <= TRUTH <= found.high[0])
        low, high = prediction(found, rule="k - p - 1")
        ahead += bool(low <= following <= high)
    (fast,) = (
        row for row in cell(5, 0.05, 60) if (row[0], row[1]) == ("REML", "hartung-knapp-floor")
    )
    assert fast[2] == pytest.approx(100 * held / 60)
    assert fast[5] == pytest.approx(100 * ahead / 60)


def test_worlds_have_the_spread_they_claim() -> None:
    y, v, one_more = world(10, 0.2, 4000)
    assert y.shape == v.shape == (4000, 10)
    assert np.sqrt(v).min() > 0.08 and np.sqrt(v).max() < 0.35
    # Variance of a variance of n normals is 2/n of its square.
    assert y.var() == pytest.approx(0.2 + v.mean(), rel=5 * np.sqrt(2 / 40_000))
    assert one_more.var() == pytest.approx(0.2, rel=5 * np.sqrt(2 / 4000))
