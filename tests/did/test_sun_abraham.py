"""Sun and Abraham: pyfixest's saturated regression, a regression with dummies, a panel of truth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from groups import plain, small
from staggered_panel import panel, said

from evaluation.did import callaway_santanna, sun_abraham
from evaluation.did.cohorts import Cohorts
from evaluation.errors import FitError

CASES = said("pyfixest 0.60.0")


@pytest.mark.parametrize(
    "case", CASES, ids=lambda case: f"{case['cluster']}{' weighted' * case['weighted']}"
)
def test_agrees_with_pyfixest(case) -> None:
    cohorts = panel(weighted=case["weighted"], clustered=case["cluster"] == "cluster")
    answer = sun_abraham.fit(cohorts, draws=5)
    mean, *rows = case["saturated"]
    assert (answer.estimate, answer.std_error) == pytest.approx(mean[1:], abs=1e-9)
    found = [[r.time, r.estimate, r.std_error] for r in answer.dynamic if r.time != -1]
    assert np.array(found) == pytest.approx(np.array(rows), abs=1e-9)


def interacted(cohorts: Cohorts, anticipation: int = 0) -> dict:
    """The slow twin: a dummy for each cohort at each event time, for each unit and each period."""
    n, length = cohorts.y.shape
    unit, period = np.repeat(np.arange(n), length), np.tile(np.arange(length), n)
    first, w, y = cohorts.first[unit], cohorts.weight[unit], cohorts.y.ravel()
    columns, events = [], []
    for g in cohorts.cohorts:
        for t in range(length):
            if t != g - 1 - anticipation:
                columns.append((first == g) & (period == t))
                events.append(t - g)
    cells = np.column_stack(columns).astype(float)
    x = np.column_stack([cells, np.eye(n)[unit], np.eye(length)[period][:, 1:]])
    bread = np.linalg.inv(x.T @ (w[:, None] * x))
    beta = bread @ x.T @ (w * y)
    sums = np.zeros((int(cohorts.cluster.max()) + 1, x.shape[1]))
    np.add.at(sums, cohorts.cluster[unit], (w * (y - x @ beta))[:, None] * x)
    groups, k = len(sums), len(events)
    factor = groups / (groups - 1) * (len(y) - 1) / (len(y) - k - length)
    cov = bread @ sums.T @ sums @ bread * factor
    size, at = w @ cells, np.array(events)
    found = {}
    for key, keep in [("mean", at >= 0), *((e, at == e) for e in sorted(set(events)))]:
        share = size * keep / (size * keep).sum()
        found[key] = (share @ beta[:k], np.sqrt(share @ cov[:k, :k] @ share))
    return found


@pytest.mark.parametrize("anticipation", [0, 1])
def test_equals_an_interacted_regression(anticipation) -> None:
    cohorts = small(n=24, length=9)
    slow = interacted(cohorts, anticipation)
    answer = sun_abraham.fit(cohorts, anticipation=anticipation, draws=5)
    assert (answer.estimate, answer.std_error) == pytest.approx(slow["mean"], rel=1e-9)
    for row in answer.dynamic:
        if row.std_error:
            assert (row.estimate, row.std_error) == pytest.approx(slow[row.time], rel=1e-9)
        else:
            assert row.time == -1 - anticipation and row.estimate == 0


def test_last_cohort_stands_in_for_the_never_treated() -> None:
    cohorts = small(n=24, length=9)
    treated = cohorts.keeping(cohorts.ever)
    answer = sun_abraham.fit(treated, draws=5)
    before = treated.between(0, 8)
    slow = interacted(before)
    assert (answer.estimate, answer.std_error) == pytest.approx(slow["mean"], rel=1e-9)
    assert any("is the control" in note for note in map(str, answer.notes))
    assert answer.expected is None


def test_effects_that_differ_do_not_leak_into_the_time_before() -> None:
    first = np.repeat([3.0, 6.0, np.inf], 4)
    since = np.arange(9) - first[:, None]
    y = np.where((since >= 0) & (first[:, None] == 3), since, 0.0)
    cohorts = Cohorts.from_arrays(y, first)
    curve = sun_abraham.curve(cohorts)
    assert np.abs(curve.estimate[curve.time < 0]).max() < 1e-12
    # Event times 0 to 2 are seen of both cohorts alike, 3 to 5 of the early one.
    assert curve.estimate[curve.time >= 0] == pytest.approx([0, 0.5, 1, 3, 4, 5])


def test_points_are_those_of_callaway_santanna_without_weights() -> None:
    # With the never-treated as controls and one base period both take the same differences.
    cohorts = plain()
    how = callaway_santanna.Comparison(base="universal")
    other = callaway_santanna.curve(cohorts, how=how)
    found = sun_abraham.curve(cohorts)
    assert np.array_equal(found.time, other.time)
    assert found.estimate == pytest.approx(other.estimate, abs=1e-12)
    # The shares count as known here, and errors have a factor for few clusters.
    assert (found.std_error >= 0.9 * other.std_error).all()


def test_curve_has_the_errors_of_the_answer_and_units_behind_each() -> None:
    cohorts = panel()
    curve, answer = sun_abraham.curve(cohorts), sun_abraham.fit(cohorts, draws=5)
    assert curve.std_error == pytest.approx([row.std_error for row in answer.dynamic], rel=1e-12)
    for time, n in zip(curve.time, curve.n, strict=True):
        at = cohorts.first + time
        assert n == ((at >= 0) & (at < cohorts.length)).sum()


def test_expected_line_takes_each_cohorts_own_effects_away() -> None:
    cohorts = panel()
    expected = sun_abraham.fit(cohorts, draws=5).expected
    never = ~cohorts.ever
    for g in cohorts.cohorts:
        rows = cohorts.first == g
        own, other = expected[rows].mean(axis=0), cohorts.y[never].mean(axis=0)
        assert np.ptp(own - other) < 1e-12
    assert np.array_equal(expected[never], cohorts.y[never])


def test_order_level_and_weights_in_one_size_change_nothing() -> None:
    cohorts = panel(clustered=True)
    plain_curve = sun_abraham.curve(cohorts)
    order = np.random.default_rng(1).permutation(cohorts.n)
    for other in (
        cohorts.keeping(order),
        replace(cohorts, y=cohorts.y + 100 + 5 * np.arange(7)),
        replace(cohorts, weight=3 * cohorts.weight),
    ):
        found = sun_abraham.curve(other)
        assert found.estimate == pytest.approx(plain_curve.estimate, abs=1e-9)
        assert found.cov == pytest.approx(plain_curve.cov, abs=1e-10)


def test_refusals_say_what_to_do() -> None:
    cohorts = panel()
    with pytest.raises(FitError, match="same time"):
        sun_abraham.fit(cohorts.keeping(cohorts.first == 2))
    with pytest.raises(FitError, match="2 anticipated"):
        sun_abraham.fit(cohorts, anticipation=2)
    rows = np.r_[np.flatnonzero(cohorts.ever), np.flatnonzero(~cohorts.ever)[:1]]
    with pytest.raises(FitError, match="single control"):
        sun_abraham.fit(cohorts.keeping(rows))
    with pytest.raises(FitError, match="draws is -1"):
        sun_abraham.fit(cohorts, draws=-1)
