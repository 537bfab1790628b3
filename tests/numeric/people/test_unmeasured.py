"""E-values as published, and bounds of matched pairs by enumeration."""

from __future__ import annotations

from itertools import product
from math import comb

import numpy as np
import pytest
from scipy.stats import norm

from evaluation.numeric.people.unmeasured import (
    e_value,
    e_value_of_interval,
    mcnemar_bound,
    ratio_of_difference,
    tipping_gamma,
    wilcoxon_bound,
)


def test_e_values_as_published() -> None:
    """VanderWeele and Ding (2017): breastfeeding and infant death, 3.9 (1.8 to 8.7)."""
    assert e_value(3.9) == pytest.approx(7.26, abs=0.005)
    assert e_value_of_interval(1.8, 8.7) == pytest.approx(3.0, abs=0.005)
    assert e_value(1 / 3.9) == pytest.approx(e_value(3.9))
    assert e_value_of_interval(1 / 8.7, 1 / 1.8) == pytest.approx(3.0, abs=0.005)
    assert e_value(1) == e_value_of_interval(0.9, 1.4) == 1
    assert ratio_of_difference(0.5) == pytest.approx(np.exp(0.455))


def test_the_bounding_factor_of_the_e_value_is_the_ratio() -> None:
    """A confounder with both ratios at the E-value can just make this ratio: g^2 / (2 g - 1)."""
    g = e_value(2.3)
    assert g * g / (2 * g - 1) == pytest.approx(2.3)


@pytest.mark.parametrize("gamma", [1.0, 2.0, 5.0])
def test_mcnemar_by_sum(gamma: float) -> None:
    share = gamma / (1 + gamma)
    tail = sum(comb(20, k) * share**k * (1 - share) ** (20 - k) for k in range(16, 21))
    assert mcnemar_bound(16, 20, gamma) == pytest.approx(tail)


@pytest.mark.parametrize("gamma", [1.0, 1.5, 3.0])
def test_wilcoxon_is_near_the_enumerated_p(gamma: float) -> None:
    differences = np.array([3.1, -0.4, 2.2, 5.6, 1.7, -1.2, 4.4, 0.9, 6.3, 2.8, 3.7, 7.1])
    rank = np.argsort(np.argsort(np.abs(differences))) + 1
    seen = rank[differences > 0].sum()
    share = gamma / (1 + gamma)
    all_of_them = np.array(list(product((0, 1), repeat=len(rank))))
    sums, positive = all_of_them @ rank, all_of_them.sum(axis=1)
    chance = share**positive * (1 - share) ** (len(rank) - positive)
    mean = chance @ sums
    z = (seen - mean) / np.sqrt(chance @ (sums - mean) ** 2)
    found = wilcoxon_bound(differences, gamma)
    assert found == pytest.approx(norm.sf(z), rel=1e-9)
    assert found == pytest.approx(chance[sums >= seen].sum(), abs=0.02)


def test_the_tipping_gamma_is_where_p_reaches_five_percent() -> None:
    gamma = tipping_gamma(lambda g: mcnemar_bound(30, 35, g))
    assert mcnemar_bound(30, 35, gamma) == pytest.approx(0.05, abs=1e-6)
    assert tipping_gamma(lambda g: mcnemar_bound(18, 35, g)) == 1
    assert tipping_gamma(lambda g: 0.0) == 1000


def test_pairs_without_a_difference_say_nothing() -> None:
    assert wilcoxon_bound(np.zeros(5), 1.0) == 1
