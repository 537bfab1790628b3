"""Effects of two-by-two tables: against metafor, and by hand."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from evaluation.errors import FitError
from evaluation.numeric.meta.effect_sizes import from_rates, from_tables, together

# R 4.2.2, metafor 3.8-1; script: tests/reference/meta.R.
REFERENCE = json.loads((Path(__file__).parents[2] / "reference" / "meta.json").read_text("utf-8"))
TABLES = REFERENCE["tables"]


def cells(name: str) -> list[np.ndarray]:
    return [np.array(TABLES[name][cell], dtype=float) for cell in "abcd"]


@pytest.mark.parametrize("measure", ["RR", "OR", "RD", "PETO"])
@pytest.mark.parametrize("name", ["bcg", "noughts"])
def test_effects_are_those_of_escalc(name: str, measure: str) -> None:
    # escalc(measure = , ai, bi, ci, di)
    found = from_tables(*cells(name), measure=measure)
    assert found.y == pytest.approx(np.array(TABLES[name][measure]["y"]), rel=1e-12, abs=1e-14)
    assert found.v == pytest.approx(np.array(TABLES[name][measure]["v"]), rel=1e-12)


@pytest.mark.parametrize("name", ["bcg", "noughts"])
def test_rates_are_those_of_escalc(name: str) -> None:
    # escalc(measure = "IRR", x1i = a, t1i = b + 7, x2i = c, t2i = d + 7)
    a, b, c, d = cells(name)
    found = from_rates(a, b + 7, c, d + 7)
    assert found.y == pytest.approx(np.array(TABLES[name]["IRR"]["y"]), rel=1e-12)
    assert found.v == pytest.approx(np.array(TABLES[name]["IRR"]["v"]), rel=1e-12)


@pytest.mark.parametrize("measure", ["RR", "OR", "RD", "PETO", "IRR"])
@pytest.mark.parametrize("name", ["bcg", "noughts"])
def test_together_is_rma_mh_and_rma_peto(name: str, measure: str) -> None:
    # rma.mh(measure = ), rma.peto()
    a, b, c, d = cells(name)
    if measure == "IRR":
        b, d = b + 7, d + 7
    found = together(a, b, c, d, measure=measure)
    expected = TABLES[name]["mh"][measure]
    got = [found.estimate, found.std_error, found.low, found.high, found.p_value]
    assert got[:4] == pytest.approx(expected[:4], rel=1e-10)
    assert got[4] == pytest.approx(expected[4], rel=1e-7, abs=1e-15)


def test_one_half_is_added_only_where_a_cell_is_nought() -> None:
    # 4/20 against 0/20: every cell of it gets one half; the other table none.
    one = np.array([4, 4]), np.array([16, 16]), np.array([0, 2]), np.array([20, 18])
    found = from_tables(*one, measure="RR")
    assert found.corrected.tolist() == [True, False]
    assert found.y[0] == pytest.approx(np.log((4.5 / 21) / (0.5 / 21)))
    assert found.y[1] == pytest.approx(np.log((4 / 20) / (2 / 20)))
    assert found.v[1] == pytest.approx(1 / 4 - 1 / 20 + 1 / 2 - 1 / 20)


def test_arms_exchanged_turn_the_sign() -> None:
    a, b, c, d = cells("bcg")
    for measure in ("RR", "OR", "RD", "PETO"):
        one, other = (
            from_tables(a, b, c, d, measure=measure),
            from_tables(c, d, a, b, measure=measure),
        )
        assert other.y == pytest.approx(-one.y, rel=1e-9)
        assert other.v == pytest.approx(one.v, rel=1e-9)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (([-1], [5], [3], [4]), "negative"),
        (([0], [0], [3], [4]), "nobody"),
        (([1], [np.nan], [3], [4]), "no number"),
    ],
)
def test_refuses_tables(table: tuple[list[float], ...], words: str) -> None:
    with pytest.raises(FitError, match=words):
        from_tables(*(np.array(cell) for cell in table))


def test_refuses_what_has_no_ratio() -> None:
    none = np.array([0.0]), np.array([5.0]), np.array([0.0]), np.array([6.0])
    for measure in ("RR", "OR", "IRR", "PETO"):
        with pytest.raises(FitError, match="no ratio"):
            together(*none, measure=measure)
    with pytest.raises(FitError, match="time at risk"):
        from_rates(np.ones(1), np.zeros(1), np.ones(1), np.ones(1))
    with pytest.raises(FitError, match="negative"):
        from_rates(-np.ones(1), np.ones(1), np.ones(1), np.ones(1))
    with pytest.raises(FitError, match="use RR, OR, RD"):
        from_tables(*none, measure="IRD")
