"""Two-way event study: pyfixest's numbers, a regression with dummies, ends pooled."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from groups import committed, plain, small
from staggered_panel import panel, said

from evaluation.did import METHODS, event_study
from evaluation.did.cohorts import Cohorts
from evaluation.errors import FitError
from evaluation.numeric.shared.draws import normals, stream

CASES = said("pyfixest 0.60.0")


def case_name(case: dict) -> str:
    return f"{case['cluster']}{' weighted' * case['weighted']}"


@pytest.mark.parametrize(
    ("key", "ends"), [("event study", {}), ("binned", {"earliest": -3, "latest": 2})]
)
@pytest.mark.parametrize("case", CASES, ids=case_name)
def test_agrees_with_pyfixest(case, key, ends) -> None:
    cohorts = panel(weighted=case["weighted"], clustered=case["cluster"] == "cluster")
    curve = event_study.curve(cohorts, **ends)
    estimates, errors = case[key]
    real = curve.time != -1
    assert curve.estimate[real] == pytest.approx(estimates, abs=1e-9)
    assert curve.std_error[real] == pytest.approx(errors, abs=1e-9)
    assert curve.df == (29 if case["cluster"] == "cluster" else 89)


def by_dummies(cohorts: Cohorts, earliest: int | None, latest: int | None) -> tuple[dict, float]:
    """The slow twin: one row a cell, a dummy for everything, sandwich by cluster. The last is the
    standard error of the mean over treated cells."""
    n, length = cohorts.y.shape
    event = np.arange(length) - np.where(cohorts.ever, cohorts.first, 0)[:, None]
    event = np.clip(event, earliest, latest) if earliest or latest is not None else event
    times = [e for e in np.unique(event[cohorts.ever]) if e != -1]
    unit, period = np.repeat(np.arange(n), length), np.tile(np.arange(length), n)
    ever = cohorts.ever[unit]
    shown = np.column_stack([(event.ravel() == e) & ever for e in times]).astype(float)
    x = np.column_stack([shown, np.eye(n)[unit], np.eye(length)[period][:, 1:]])
    w = cohorts.weight[unit]
    y = cohorts.y.ravel()
    bread = np.linalg.inv(x.T @ (w[:, None] * x))
    beta = bread @ x.T @ (w * y)
    scores = (w * (y - x @ beta))[:, None] * x
    groups = int(cohorts.cluster.max()) + 1
    sums = np.zeros((groups, x.shape[1]))
    np.add.at(sums, cohorts.cluster[unit], scores)
    factor = groups / (groups - 1) * (len(y) - 1) / (len(y) - len(times) - length)
    cov = bread @ sums.T @ sums @ bread * factor
    k = len(times)
    size = (w @ shown) * (np.array(times) >= 0)
    share = size / size.sum()
    found = {int(e): (beta[i], np.sqrt(cov[i, i])) for i, e in enumerate(times)} | {
        "mean": (share @ beta[:k], np.sqrt(share @ cov[:k, :k] @ share))
    }
    return found, factor


@pytest.mark.parametrize("ends", [(None, None), (-3, 2), (None, 0), (-2, None)])
def test_equals_a_regression_with_dummies(ends) -> None:
    cohorts = small(n=24, length=9)
    found, _ = by_dummies(cohorts, *ends)
    answer = event_study.fit(cohorts, earliest=ends[0], latest=ends[1], draws=20)
    assert (answer.estimate, answer.std_error) == pytest.approx(found["mean"], rel=1e-9)
    for row in answer.dynamic:
        if row.time == -1:
            assert (row.estimate, row.std_error) == (0, 0)
        else:
            assert (row.estimate, row.std_error) == pytest.approx(found[row.time], rel=1e-9)
    assert len(answer.dynamic) == len(found)


def test_pooled_ends_are_named() -> None:
    notes = list(map(str, event_study.fit(panel(), earliest=-3, latest=2, draws=5).notes))
    assert "event time -3 stands for all before it too" in notes
    assert "event time 2 stands for all after it too" in notes
    assert not any(
        "stands for" in note for note in map(str, event_study.fit(panel(), draws=5).notes)
    )


def test_pooling_both_ends_makes_do_without_untreated_units() -> None:
    cohorts = plain().keeping(plain().ever)
    with pytest.raises(FitError, match="pool both ends"):
        event_study.fit(cohorts, latest=40)
    # Without a word the farthest before are pooled, and a note says which.
    chosen = list(map(str, event_study.fit(cohorts, draws=5).notes))
    assert any("stands for all before it too" in note for note in chosen)
    assert any("could not be told from the periods" in note for note in chosen)
    found, _ = by_dummies(cohorts, -3, 2)
    answer = event_study.fit(cohorts, earliest=-3, latest=2, draws=5)
    assert answer.estimate == pytest.approx(found["mean"][0], abs=1e-9)


def test_recovers_a_known_path() -> None:
    source = stream(4, "event study")
    first = np.repeat([4.0, 6.0, np.inf], 100)
    since = np.arange(10) - first[:, None]
    path = np.where(since >= 0, 1 + 0.5 * np.where(np.isfinite(since), since, 0), 0)
    y = normals(source, 300)[:, None] + np.sin(np.arange(10)) + path
    y = y + 0.3 * normals(source, 3000).reshape(300, 10)
    answer = event_study.fit(Cohorts.from_arrays(y, first), draws=200)
    for row in answer.dynamic:
        truth = 1 + 0.5 * row.time if row.time >= 0 else 0
        assert row.estimate == pytest.approx(truth, abs=0.2)
        assert row.band_low <= row.low <= row.high <= row.band_high
    treated = since >= 0
    # Two cohorts with the same path: the mean is over treated cells.
    assert abs(answer.estimate - path[treated].mean()) < 3 * answer.std_error
    assert answer.objection is None


def test_effects_that_differ_between_cohorts_leak_into_the_time_before() -> None:
    # Sun and Abraham's warning, in a panel without noise: the early cohort's effect grows and the
    # late one has none, trends are equal, and still there are effects "before".
    first = np.repeat([3.0, 6.0, np.inf], 4)
    since = np.arange(9) - first[:, None]
    y = np.where((since >= 0) & (first[:, None] == 3), since, 0.0)
    curve = event_study.curve(Cohorts.from_arrays(y, first))
    assert np.abs(curve.estimate[curve.time < -1]).max() > 0.1


def test_expected_line_is_the_outcome_without_the_coefficients() -> None:
    cohorts = panel()
    answer = event_study.fit(cohorts, draws=5)
    at = {row.time: row.estimate for row in answer.dynamic}
    for i in (0, 1, 5, 40):
        for t in range(cohorts.length):
            away = at[int(t - cohorts.first[i])] if cohorts.ever[i] else 0
            assert answer.expected[i, t] == pytest.approx(cohorts.y[i, t] - away, abs=1e-12)


def test_order_level_and_exposure_change_nothing() -> None:
    cohorts = panel(clustered=True, weighted=True)
    plain_curve = event_study.curve(cohorts)
    order = np.random.default_rng(1).permutation(cohorts.n)
    for other in (
        cohorts.keeping(order),
        replace(cohorts, y=cohorts.y + 100 + 5 * np.arange(7)),
        replace(cohorts, exposure=np.full(cohorts.y.shape, 4e4)),
        replace(cohorts, weight=3 * cohorts.weight),
    ):
        found = event_study.curve(other)
        assert found.estimate == pytest.approx(plain_curve.estimate, abs=1e-9)
        assert found.cov == pytest.approx(plain_curve.cov, abs=1e-10)


def test_counts_are_put_on_one_exposure() -> None:
    cohorts = committed()
    answer = event_study.fit(cohorts, draws=5)
    assert np.isfinite([answer.estimate, answer.std_error]).all()
    assert "not used by event-study: alliance" in map(
        str, METHODS["event-study"].fit(cohorts).notes
    )


def test_refusals_say_what_to_do() -> None:
    with pytest.raises(FitError, match="must leave the reference out"):
        event_study.fit(panel(), earliest=-1)
    with pytest.raises(FitError, match="must leave the reference out"):
        event_study.fit(panel(), latest=-1)
    with pytest.raises(FitError, match="draws is 0"):
        event_study.fit(panel(), draws=0)
    one = panel().keeping(panel().first == 2)
    with pytest.raises(FitError, match="add untreated units"):
        event_study.fit(one)


def test_objects_to_few_clusters() -> None:
    cohorts = panel()
    rows = np.r_[np.flatnonzero(cohorts.ever)[:4], np.flatnonzero(~cohorts.ever)]
    objection = event_study.fit(cohorts.keeping(rows), draws=5).objection
    assert objection is not None and str(objection).startswith("not valid here")
