"""Many small systems at once give what LAPACK gives one at a time."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.numeric.panel.absorb import eliminate, inverse_roots, pairs


@pytest.fixture(scope="module")
def systems() -> np.ndarray:
    """(5, 4, 8, 8) positive definite augmented systems, columns on very different scales."""
    columns = np.random.default_rng(2).normal(size=(5, 4, 30, 8)) * 10.0 ** np.arange(-3, 5)
    return np.swapaxes(columns, -1, -2) @ columns


def _packed(systems: np.ndarray) -> np.ndarray:
    first, second = pairs(systems.shape[-1])
    return np.ascontiguousarray(np.moveaxis(systems[..., first, second], -1, 0))


def test_solution_pivots_and_rest_are_those_of_each_system(systems):
    found = eliminate(_packed(systems))
    a, b, c = systems[..., :7, :7], systems[..., :7, 7], systems[..., 7, 7]
    wanted = np.linalg.solve(a, b[..., None])[..., 0]
    assert np.moveaxis(found.solution, 0, -1) == pytest.approx(wanted, rel=1e-8)
    assert np.log(found.pivots).sum(axis=0) == pytest.approx(np.linalg.slogdet(a)[1], rel=1e-10)
    assert found.rest == pytest.approx(c - (b * wanted).sum(axis=-1), rel=1e-6)


def test_roots_multiply_to_the_inverse_of_the_systems_chosen(systems):
    found = eliminate(_packed(systems))
    chosen = np.array([False, True, False, True, True])
    roots = inverse_roots(found, chosen)
    product = roots @ np.swapaxes(roots, -1, -2) @ systems[chosen][..., :7, :7]
    # Entries off the diagonal are on the scale of the columns, which differ by 1e7.
    scale = 10.0 ** (np.arange(-3, 4) - np.arange(-3, 4)[:, None])
    assert product / scale == pytest.approx(np.broadcast_to(np.eye(7), product.shape), abs=1e-9)


def test_packed_systems_are_not_changed(systems):
    packed = _packed(systems)
    before = packed.copy()
    eliminate(packed)
    assert np.array_equal(packed, before)


def test_a_system_that_is_not_positive_definite_does_not_spoil_the_others(systems):
    packed = _packed(systems)
    spoiled = packed.copy()
    spoiled[:, 2, 1] = 0.0
    with np.errstate(all="ignore"):
        found, alone = eliminate(spoiled), eliminate(packed)
    assert not np.isfinite(found.solution[:, 2, 1]).all()
    assert np.array_equal(found.solution[:, 3], alone.solution[:, 3])
