"""Two groups and two times against Welch's test and totals."""

from __future__ import annotations

import numpy as np
import pytest
from regressions import panel

from evaluation.did import bacon
from evaluation.did.cohorts import Cohorts
from evaluation.errors import FitError


def _one_start(outcome: str = "score") -> Cohorts:
    cohorts = panel(outcome)
    return cohorts.pretending(np.where(cohorts.ever, 5.0, np.inf))


def test_difference_of_means_has_welch_errors_on_the_changes() -> None:
    cohorts = _one_start().keeping([0, 1, 2, 3, *range(7, 14)])
    change = cohorts.y[:, 5:].mean(axis=1) - cohorts.y[:, :5].mean(axis=1)
    own, others = change[:4], change[4:]
    answer = bacon.fit(cohorts)
    assert answer.estimate == pytest.approx(own.mean() - others.mean(), rel=1e-10)
    welch = np.sqrt(own.var(ddof=1) / 4 + others.var(ddof=1) / 7)
    assert answer.std_error == pytest.approx(welch, rel=1e-9)
    # Imbens and Kolesar (2016), Review of Economics and Statistics 98:701-712, section II.
    assert answer.df == pytest.approx(11**2 * 3 * 6 / (4**2 * 3 + 7**2 * 6), rel=1e-9)


def test_counts_without_exposure_are_a_ratio_of_totals() -> None:
    y = _one_start("count").y
    cohorts = Cohorts.from_arrays(y, [5.0] * 7 + [np.inf] * 7, kind="count")
    answer = bacon.fit(cohorts)
    before, after = y[:, :5], y[:, 5:]
    own, others = slice(7), slice(7, None)
    ratio = after[own].sum() / before[own].sum() / (after[others].sum() / before[others].sum())
    assert answer.estimate == pytest.approx(np.log(ratio), abs=1e-9)
    cells = cohorts.treated
    observed, expected = y[cells].sum(), np.asarray(answer.expected)[cells].sum()
    assert np.log(observed / expected) == pytest.approx(answer.estimate, abs=1e-9)


def test_expected_of_a_score_agrees_with_the_estimate() -> None:
    cohorts = _one_start()
    answer = bacon.fit(cohorts)
    gap = (cohorts.y - np.asarray(answer.expected))[cohorts.treated]
    assert gap.mean() == pytest.approx(answer.estimate, rel=1e-10)


def test_refusals_name_another_method() -> None:
    with pytest.raises(FitError, match="3 different times"):
        bacon.fit(panel())
    with pytest.raises(FitError, match="one treated cluster shows nothing"):
        bacon.fit(_one_start().keeping([0, *range(7, 14)]))
    with pytest.raises(FitError, match="one control cluster"):
        bacon.fit(_one_start().keeping(range(8)))
    few = bacon.fit(_one_start().keeping([0, 1, 2, *range(7, 14)]))
    assert "3 treated clusters" in str(few.objection)
