"""Raked weights have the margins, keep the odds of the start, and refuse what cannot be met."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.errors import FitError
from evaluation.numeric.survey import weighted

RNG = np.random.default_rng(6)
CELLS = np.stack([RNG.integers(0, 3, 120), RNG.integers(0, 2, 120)])
WEIGHT = RNG.uniform(0.5, 2, 120)
TOTALS = [np.array([30.0, 50, 20]), np.array([40.0, 60])]


def test_totals_are_those_of_the_population() -> None:
    raked = weighted.rake(WEIGHT, CELLS, TOTALS)
    for cell, total in zip(CELLS, TOTALS, strict=True):
        np.testing.assert_allclose(np.bincount(cell, raked), total, rtol=1e-9)


def test_odds_ratios_within_the_table_are_kept() -> None:
    def odds(weight: np.ndarray) -> float:
        table = np.zeros((3, 2))
        np.add.at(table, tuple(CELLS), weight)
        return float(table[0, 0] * table[2, 1] / (table[0, 1] * table[2, 0]))

    assert odds(weighted.rake(WEIGHT, CELLS, TOTALS)) == pytest.approx(odds(WEIGHT), rel=1e-9)


def test_bounds_hold_and_so_do_the_margins() -> None:
    raked = weighted.rake(WEIGHT, CELLS, TOTALS, most=1.9, least=0.3)
    mean = 100 / 120
    assert raked.max() <= 1.9 * mean * (1 + 1e-9) and raked.min() >= 0.3 * mean * (1 - 1e-9)
    np.testing.assert_allclose(np.bincount(CELLS[0], raked), TOTALS[0], rtol=1e-9)


@pytest.mark.parametrize(
    ("totals", "options", "words"),
    [
        ([TOTALS[0], TOTALS[1] * 2], {}, "different totals"),
        ([np.array([50.0, 50, 0]), TOTALS[1]], {}, "no respondent, or the reverse"),
        ([np.array([30.0, 40, 20, 10]), TOTALS[1]], {}, "no respondent, or the reverse"),
        (TOTALS, {"most": 1.05}, "did not converge.*loosen the bounds"),
    ],
)
def test_what_cannot_be_met_is_refused(
    totals: list[np.ndarray], options: dict[str, float], words: str
) -> None:
    with pytest.raises(FitError, match=words):
        weighted.rake(WEIGHT, CELLS, totals, **options)


def test_contradictory_margins_do_not_converge() -> None:
    # The same people in both margins, with other totals.
    cells = np.stack([CELLS[1], CELLS[1]])
    with pytest.raises(FitError, match="did not converge"):
        weighted.rake(WEIGHT, cells, [TOTALS[1], np.array([60.0, 40])])


def test_a_raked_total_has_no_error() -> None:
    raked = weighted.rake(WEIGHT, CELLS, TOTALS)
    member = (raked * (CELLS[0] == 1))[:, None]
    assert np.abs(weighted.residuals(member, raked, CELLS)).max() < 1e-12
