"""Single studies and small studies: against metafor, and by taking them out."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from evaluation.errors import FitError
from evaluation.numeric.meta.influence import egger, leave_one_out, studentized, trim_and_fill
from evaluation.numeric.meta.pooled import fit

# R 4.2.2, metafor 3.8-1; script: tests/reference/meta.R.
REFERENCE = json.loads((Path(__file__).parents[2] / "reference" / "meta.json").read_text("utf-8"))
DEEP = [name for name, rows in REFERENCE.items() if isinstance(rows, dict) and "influence" in rows]
ALONE = [name for name in DEEP if "egger" in REFERENCE[name]]


def case(name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    rows = REFERENCE[name]
    x = np.array(rows["x"], dtype=float) if "x" in rows else None
    return np.array(rows["y"]), np.array(rows["v"]), x


def numbers(values: list[float | None]) -> np.ndarray:
    return np.array(values, dtype=float)


def test_cases_are_there() -> None:
    assert len(DEEP) >= 8 and len(ALONE) >= 6


@pytest.mark.parametrize("test", ["z", "hartung-knapp"])
@pytest.mark.parametrize("name", DEEP)
def test_influence_is_that_of_metafor(name: str, test: str) -> None:
    # influence(rma(y, v, mods, test = ))
    y, v, x = case(name)
    if name == "bcg_mixed":
        # One kind of allocation has two studies; without either the moderator still varies.
        assert x is not None and (x.sum(axis=0) >= 2).all()
    expected = REFERENCE[name]["influence"]["z" if test == "z" else "knha"]
    found = studentized(y, v, x, test=test)
    # The slope of the likelihood is flat; tau^2 without a study is met to 1e-7.
    assert found == pytest.approx(numbers(expected["rstudent"]), rel=1e-6, abs=1e-8)


@pytest.mark.parametrize("name", ALONE)
def test_leave_one_out_is_that_of_metafor(name: str) -> None:
    # leave1out(rma(y, v, test = "adhoc"))
    y, v, _ = case(name)
    expected = REFERENCE[name]["leave"]
    found = leave_one_out(y, v)
    assert len(found) == len(y)
    for ours, theirs in (
        ([one.beta[0] for one in found], "estimate"),
        ([one.std_error[0] for one in found], "se"),
        ([one.low[0] for one in found], "lb"),
        ([one.high[0] for one in found], "ub"),
        ([one.tau2 for one in found], "tau2"),
        ([one.i2 for one in found], "I2"),
        ([one.q for one in found], "Q"),
    ):
        assert ours == pytest.approx(expected[theirs], rel=1e-7, abs=1e-8), theirs


def test_leave_one_out_is_the_fit_of_the_others() -> None:
    y, v, _ = case("bcg")
    for i, one in enumerate(leave_one_out(y, v, method="DL", test="z")):
        others = np.arange(len(y)) != i
        assert one.beta[0] == fit(y[others], v[others], method="DL", test="z").beta[0]


@pytest.mark.parametrize("name", ALONE)
def test_egger_is_that_of_metafor(name: str) -> None:
    # regtest(res, model = "lm", predictor = "sei")
    expected = REFERENCE[name]["egger"]
    y, v, _ = case(name)
    found = egger(y, v)
    assert found.statistic == pytest.approx(expected["z"], rel=1e-9)
    assert found.p_value == pytest.approx(expected["p"], rel=1e-8)
    assert found.df == expected["df"]
    # The range of the slope leaves nought out exactly when p is below 5 %.
    assert (found.low > 0 or found.high < 0) == (found.p_value < 0.05)
    assert (found.low + found.high) / 2 == pytest.approx(found.estimate)


@pytest.mark.parametrize("name", ALONE)
def test_trim_and_fill_is_that_of_metafor(name: str) -> None:
    # trimfill(rma(y, v, test = "z")), estimator L0
    expected = REFERENCE[name]["filled"]
    y, v, _ = case(name)
    found = trim_and_fill(y, v)
    assert found.missing == expected["k0"]
    assert found.side == expected["side"]
    assert found.fit.beta[0] == pytest.approx(expected["estimate"], rel=1e-7, abs=1e-9)
    assert found.fit.std_error[0] == pytest.approx(expected["se"], rel=1e-7)
    assert found.fit.tau2 == pytest.approx(expected["tau2"], rel=1e-7, abs=1e-9)
    assert len(found.y) == len(y) + found.missing


def test_trim_and_fill_finds_studies_that_were_taken_away() -> None:
    # A symmetric funnel without the small studies to the right of its center.
    error = np.array([0.05, 0.06, 0.08, 0.1, 0.2, 0.3, 0.3, 0.4])
    y = np.array([0.0, 0.02, -0.03, 0.05, -0.3, -0.5, -0.6, -0.8])
    found = trim_and_fill(y, error**2)
    assert found.side == "right"
    assert found.missing >= 2
    assert found.fit.beta[0] > fit(y, error**2).beta[0]


def test_refusals() -> None:
    with pytest.raises(FitError, match="at least three"):
        egger(np.array([0.1, 0.2]), np.array([0.1, 0.2]))
    with pytest.raises(FitError, match="all alike"):
        egger(np.array([0.1, 0.2, 0.3]), np.full(3, 0.1))
    with pytest.raises(FitError, match="two at least"):
        leave_one_out(np.array([0.1, 0.2]), np.array([0.1, 0.2]))
