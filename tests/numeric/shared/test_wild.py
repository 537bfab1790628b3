"""The wild cluster bootstrap; its refits are checked in tests/did/test_twfe.py."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.errors import FitError
from evaluation.numeric.shared.draws import stream
from evaluation.numeric.shared.wild import WEBB, Clustered, multipliers, restricted


def test_all_signs_once_when_there_are_few() -> None:
    factors, every = multipliers(stream(1, "x"), 4, 16)
    assert every
    assert len(np.unique(factors, axis=0)) == 16
    assert (np.abs(factors) == 1).all()
    assert (factors[0] == 1).all()
    drawn, every = multipliers(stream(1, "x"), 5, 31)
    assert not every
    assert drawn.shape == (31, 5)


def test_webb_has_six_points_of_variance_one() -> None:
    factors, every = multipliers(stream(1, "x"), 3, 216, "webb")
    assert every
    assert len(np.unique(factors, axis=0)) == 216
    assert (factors**2).mean() == pytest.approx(1.0)
    assert set(np.abs(np.unique(factors)).round(9)) == set(WEBB.round(9))
    drawn, every = multipliers(stream(1, "x"), 12, 4000, "webb")
    assert not every
    assert drawn.mean() == pytest.approx(0, abs=0.02)


def test_nothing_to_bootstrap_is_said() -> None:
    flat = np.zeros((4, 1))
    model = Clustered(np.ones(4), np.ones(4), flat, flat, 1.0)
    with pytest.raises(FitError, match="error is nought"):
        restricted(model, np.ones((2, 4)), enumerated=False)


def test_effect_moves_the_p_value_as_shifted_data_do() -> None:
    rng = np.random.default_rng(2)
    own, score = rng.uniform(1, 2, 6), rng.normal(size=6)
    lever, outcome = rng.normal(size=(6, 2)), rng.normal(size=(6, 2))
    lever, outcome = lever - lever.mean(axis=0), outcome - outcome.mean(axis=0)
    factors, _ = multipliers(stream(1, "x"), 6, 64)
    moved = Clustered(own, score - 0.7 * own, lever, outcome - 0.7 * lever, 1.0)
    here = Clustered(own, score, lever, outcome, 1.0).bootstrap(factors).studentized(0.7)
    np.testing.assert_allclose(here, moved.bootstrap(factors).studentized(0.0), rtol=1e-9)
