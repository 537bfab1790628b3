"""Stacked regressions against rows written out with dummies."""

from __future__ import annotations

import numpy as np
import pytest
from regressions import panel

from evaluation.did import METHODS, stacked, twfe
from evaluation.did.cohorts import Cohorts
from evaluation.errors import FitError


def _by_rows(
    cohorts: Cohorts, low: int, high: int, corrective: bool, events: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients and CR1 errors, from stacked rows and a dummy for every effect."""
    rows = []
    panels = [int(g) for g in cohorts.cohorts]
    size = {g: cohorts.weight[cohorts.first == g].sum() for g in panels}
    spare = {g: cohorts.weight[cohorts.first > g + high].sum() for g in panels}
    for g in panels:
        for i in range(cohorts.n):
            own = cohorts.first[i] == g
            if not (own or cohorts.first[i] > g + high):
                continue
            weight = cohorts.weight[i]
            if corrective and not own:
                share = size[g] / sum(size.values())
                weight *= share / (spare[g] / sum(spare.values()))
            for t in range(g - low, g + high + 1):
                rows.append((g, i, t, own, t - g, weight, cohorts.y[i, t], cohorts.cluster[i]))
    table = np.array(rows, dtype=float)
    g, i, t, own, event, weight, y, cluster = table.T
    effects = [e for e in range(-low, high + 1) if e != -1]
    x = (
        np.column_stack([own * (event == e) for e in effects])
        if events
        else (own * (event >= 0))[:, None]
    )
    unit = np.unique(g * 1000 + i, return_inverse=True)[1]
    time = np.unique(g * 1000 + t, return_inverse=True)[1]
    whole = np.column_stack([x, np.eye(unit.max() + 1)[unit], np.eye(time.max() + 1)[time]])
    root = np.sqrt(weight)
    inverse = np.linalg.pinv((whole * weight[:, None]).T @ whole)
    beta = np.linalg.lstsq(whole * root[:, None], y * root, rcond=None)[0]
    scores = whole * ((y - whole @ beta) * weight)[:, None]
    sums = np.array([scores[cluster == c].sum(axis=0) for c in np.unique(cluster)])
    n, k, groups = len(y), x.shape[1] + time.max() + 1, len(sums)
    factor = groups / (groups - 1) * (n - 1) / (n - k)
    cov = inverse @ sums.T @ sums @ inverse * factor
    return beta[: x.shape[1]], np.sqrt(np.diag(cov))[: x.shape[1]]


@pytest.mark.parametrize("weighting", ["corrective", "none"])
def test_stack_equals_rows_with_dummies(weighting: str) -> None:
    cohorts = panel(weight=np.linspace(1, 2, 14))
    answer = stacked.fit(cohorts, before=3, after=2, weighting=weighting)  # type: ignore[arg-type]
    beta, error = _by_rows(cohorts, 3, 2, weighting == "corrective", False)
    assert answer.estimate == pytest.approx(beta[0], rel=1e-9)
    assert answer.std_error == pytest.approx(error[0], rel=1e-9)
    beta, error = _by_rows(cohorts, 3, 2, weighting == "corrective", True)
    shown = [one for one in answer.dynamic if one.time != -1]
    np.testing.assert_allclose([one.estimate for one in shown], beta, rtol=1e-8)
    np.testing.assert_allclose([one.std_error for one in shown], error, rtol=1e-8)
    (reference,) = (one for one in answer.dynamic if one.time == -1)
    assert (reference.estimate, reference.std_error) == (0, 0)


def test_corrective_weights_average_cohorts_by_size() -> None:
    # Against never-treated units, in one window, with the weights of Wing, Freedman and
    # Hollingsworth: the mean over cohorts of their changes, by their treated units.
    cohorts = panel()
    answer = stacked.fit(cohorts, before=1, after=0)
    changes, sizes = [], []
    for g in cohorts.cohorts.tolist():
        step = cohorts.y[:, g] - cohorts.y[:, g - 1]
        changes.append(step[cohorts.first == g].mean())
        sizes.append((cohorts.first == g).sum())
    own = np.average(changes, weights=sizes)
    control, heavy = 0.0, 0.0
    spare = [(cohorts.first > g) for g in cohorts.cohorts]
    for g, clean, size in zip(cohorts.cohorts, spare, sizes, strict=True):
        step = cohorts.y[:, g] - cohorts.y[:, g - 1]
        control += size * step[clean].mean()
        heavy += size
    assert answer.estimate == pytest.approx(own - control / heavy, rel=1e-9)


def test_one_cohort_is_the_two_way_regression() -> None:
    cohorts = panel().pretending(np.where(panel().ever, 5.0, np.inf))
    one, other = stacked.fit(cohorts), twfe.fit(cohorts)
    assert one.estimate == pytest.approx(other.estimate, rel=1e-10)
    assert one.std_error == pytest.approx(other.std_error, rel=1e-10)


def test_refusals_say_what_to_do() -> None:
    with pytest.raises(FitError, match="use a shorter one"):
        stacked.fit(panel(), before=9, after=2)
    with pytest.raises(FitError, match="a period before"):
        stacked.fit(panel(), before=0)
    with pytest.raises(FitError, match='"corrective" or "none"'):
        stacked.fit(panel(), weighting="all")  # type: ignore[arg-type]
    left_out = stacked.fit(panel(), before=4, after=5)
    assert "cohorts without this window" in str(left_out.notes[-1])
    assert left_out.expected is None


def test_nothing_is_claimed_of_periods_past_the_window() -> None:
    cohorts = panel()
    effect = METHODS["stacked"].set_to({"before": 2, "after": 1}).fit(cohorts)
    inside = cohorts.treated & (np.arange(cohorts.length) <= cohorts.first[:, None] + 1)
    assert effect.averted.estimate == pytest.approx(-effect.estimate * inside.sum())
    without = cohorts.y[inside].mean() - effect.estimate
    assert effect.percent.estimate == pytest.approx(100 * effect.estimate / without)
    past = np.arange(cohorts.length) > cohorts.first[cohorts.ever].min() + 1
    shown = {point.period for point in effect.path}
    assert not shown & {period for period, late in zip(cohorts.periods, past, strict=True) if late}
