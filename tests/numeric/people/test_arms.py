"""Contrasts of two means by hand, and errors by clusters."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.errors import FitError
from evaluation.numeric.people.nearest import Arms, from_influence


def test_contrasts_of_two_independent_risks() -> None:
    """The textbook variances: p q / n, q / (n p) of the log, 1 / (n p q) of the log odds."""
    p, n = np.array([0.2, 0.4]), np.array([50, 80])
    arms = Arms(p, np.diag(p * (1 - p) / n))
    assert arms.difference().estimate == pytest.approx(-0.2)
    assert arms.difference().std_error ** 2 == pytest.approx((p * (1 - p) / n).sum())
    assert arms.log_ratio().estimate == pytest.approx(np.log(0.5))
    assert arms.log_ratio().std_error ** 2 == pytest.approx(((1 - p) / (n * p)).sum())
    assert arms.log_odds_ratio().estimate == pytest.approx(np.log(0.25 / (2 / 3)))
    assert arms.log_odds_ratio().std_error ** 2 == pytest.approx((1 / (n * p * (1 - p))).sum())


def test_ratios_that_do_not_exist_are_refused() -> None:
    with pytest.raises(FitError, match="positive mean"):
        Arms(np.array([0.0, 0.3]), np.eye(2)).log_ratio()
    with pytest.raises(FitError, match="between 0 and 1"):
        Arms(np.array([0.2, 1.0]), np.eye(2)).log_odds_ratio()


def test_people_repeated_in_a_cluster_tell_no_more() -> None:
    psi = np.random.default_rng(2).normal(size=(30, 2))
    psi -= psi.mean(axis=0)
    alone = from_influence(np.zeros(2), psi)
    twice = from_influence(np.zeros(2), np.repeat(psi, 2, axis=0), np.repeat(np.arange(30), 2))
    assert twice.cov == pytest.approx(alone.cov)
    assert alone.df is None and twice.df == 29
    assert alone.cov[0, 0] == pytest.approx(psi[:, 0].var(ddof=1) / 30)


def test_one_cluster_is_refused() -> None:
    with pytest.raises(FitError, match="two clusters"):
        from_influence(np.zeros(2), np.ones((5, 2)), np.zeros(5))
