"""The Poisson event study: a regression of statsmodels with every dummy, bins, known truth."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import statsmodels.api as sm
from groups import committed, counted

from evaluation.did import METHODS, Cohorts
from evaluation.did.poisson_event_study import binned, fit
from evaluation.errors import FitError
from evaluation.numeric.panel import pretest
from evaluation.numeric.shared.draws import stream, uniforms

SETTINGS: tuple[dict[str, Any], ...] = (
    {"earliest": -4, "latest": 3},
    {"bin_width": 2, "earliest": -5, "latest": 4},
    {"bin_width": 4, "earliest": -9, "latest": 8},
)


def by_dummies(
    cohorts: Cohorts, width: int, earliest: int, latest: int
) -> tuple[np.ndarray, np.ndarray, float]:
    """The slow twin: a row a cell, a dummy for each unit, period and bin; coefficients, CR1 errors
    with the factor of fixest, log-likelihood. Units without an event are left out, as there."""
    n, length = cohorts.y.shape
    first = np.where(cohorts.ever, cohorts.first, 0)[:, None]
    event = np.clip(np.arange(length) - first, earliest, latest) // width
    unit, period = np.repeat(np.arange(n), length), np.tile(np.arange(length), n)
    rows = cohorts.y.sum(axis=1)[unit] > 0
    bins = [one for one in np.unique(event[cohorts.ever]) if one != -1]
    shown = [(event.ravel() == one) & cohorts.ever[unit] for one in bins]
    with_events = np.unique(unit[rows])
    x = np.column_stack(
        [*shown, *(unit == one for one in with_events), *(period == t for t in range(1, length))]
    )[rows].astype(float)
    group = cohorts.cluster[unit][rows]
    made = sm.GLM(
        cohorts.y.ravel()[rows],
        x,
        family=sm.families.Poisson(),
        offset=cohorts.log_exposure.ravel()[rows],
    ).fit(
        tol=1e-13,
        maxiter=200,
        cov_type="cluster",
        cov_kwds={"groups": group, "use_correction": False},
    )
    k, groups = len(bins), len(np.unique(group))
    factor = groups / (groups - 1) * (len(x) - 1) / (len(x) - k - length)
    return made.params[:k], made.bse[:k] * np.sqrt(factor), made.llf


@pytest.mark.parametrize("exposed", [False, True])
@pytest.mark.parametrize("given", SETTINGS, ids=str)
def test_is_the_regression_of_statsmodels_with_every_dummy(given: dict, exposed: bool) -> None:
    cohorts = counted(40, 16, exposed=exposed)
    found = binned(cohorts, **given)
    width = given.get("bin_width", 1)
    beta, errors, _ = by_dummies(cohorts, width, given["earliest"], given["latest"])
    real = found.first != -width
    np.testing.assert_allclose(found.beta[real], beta, atol=1e-8)
    np.testing.assert_allclose(found.curve.std_error[real], errors, rtol=1e-7)
    assert found.curve.df == len(np.unique(cohorts.cluster)) - 1


def test_clusters_of_several_units_are_summed() -> None:
    cohorts = committed()
    found = binned(cohorts, bin_width=4, earliest=-9, latest=8)
    beta, errors, _ = by_dummies(cohorts, 4, -9, 8)
    real = found.first != -4
    np.testing.assert_allclose(found.beta[real], beta, atol=1e-8)
    np.testing.assert_allclose(found.curve.std_error[real], errors, rtol=1e-7)


def test_the_headline_is_events_over_what_is_expected_under_treatment() -> None:
    cohorts = counted(40, 16)
    answer = fit(cohorts, earliest=-4, latest=3)
    assert answer.expected is not None
    ratio = cohorts.y[cohorts.treated].sum() / answer.expected[cohorts.treated].sum()
    assert answer.estimate == pytest.approx(np.log(ratio), abs=1e-10)
    effect = METHODS["poisson-event-study"].set_to({"earliest": -4, "latest": 3}).fit(cohorts)
    expected = answer.expected[cohorts.treated].sum()
    assert effect.averted.estimate == pytest.approx(expected - cohorts.y[cohorts.treated].sum())


def test_a_known_curve_is_found() -> None:
    """Rate ratios .8, .6 and .4 in bins of two periods, 300 units: each range holds its truth."""
    n, length = 300, 12
    first = np.where(np.arange(n) < 150, np.where(np.arange(n) % 2, 4.0, 6.0), np.inf)
    event = np.arange(length) - np.where(np.isfinite(first), first, 99)[:, None]
    truth = np.select([event < 0, event < 2, event < 4], [1.0, 0.8, 0.6], 0.4)
    mean = 8 * np.exp(0.05 * np.arange(length)) * truth
    u = uniforms(stream(9, "poisson event study"), mean.size).reshape(mean.shape)
    from scipy.stats import poisson

    cohorts = Cohorts.from_arrays(poisson.ppf(u, mean), first, kind="count")
    answer = fit(cohorts, bin_width=2, latest=4)
    after = [one for one in answer.dynamic if one.time >= 0]
    assert [one.time for one in after] == [0, 2, 4]
    for one, ratio in zip(after, (0.8, 0.6, 0.4), strict=True):
        assert one.low < np.log(ratio) < one.high
        assert one.high - one.low < 0.25


def test_leads_are_tested_together_and_told() -> None:
    cohorts = counted(40, 16)
    answer = fit(cohorts, earliest=-4, latest=3)
    curve = binned(cohorts, earliest=-4, latest=3).curve
    before = curve.time < -1
    test = pretest.joint(curve.estimate[before], curve.cov[np.ix_(before, before)], curve.df)
    told = next(str(one) for one in answer.notes if "Hotelling" in str(one))
    assert f"the {test.k} bins before the reference together have p" in told
    assert any("the reference is the last period before treatment" in str(n) for n in answer.notes)


def test_units_and_names_of_bins_do_not_matter() -> None:
    """Scaling the exposure, or the order of the units, changes nothing."""
    cohorts = counted(40, 16, exposed=True)
    order = np.argsort(np.sin(np.arange(40)))
    turned = Cohorts.from_arrays(
        cohorts.y[order],
        cohorts.first[order],
        exposure=7 * np.exp(cohorts.log_exposure[order]),
        kind="count",
    )
    one, other = (fit(which, bin_width=2, earliest=-5, latest=4) for which in (cohorts, turned))
    assert other.estimate == pytest.approx(one.estimate, abs=1e-9)
    assert other.std_error == pytest.approx(one.std_error, rel=1e-8)


def test_without_settings_no_more_is_pooled_than_must_be() -> None:
    cohorts = counted(40, 16)
    y = cohorts.y.copy()
    late = np.arange(16) - np.where(cohorts.ever, cohorts.first, np.inf)[:, None] >= 5
    emptied = Cohorts.from_arrays(np.where(late, 0, y), cohorts.first, kind="count")
    found = binned(emptied)
    assert found.ends[1] == 4 and found.chosen
    notes = " ".join(str(one) for one in fit(emptied).notes)
    assert "event time 4 stands for all after it too" in notes
    assert "would hold no event" in notes
    assert binned(cohorts).ends == (None, None) and not binned(cohorts).chosen


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"bin_width": 0}, "a bin has one period or more"),
        ({"bin_width": 3, "earliest": -5}, "earliest is -5, which is inside a bin of 3 periods"),
        ({"bin_width": 3, "latest": 4}, "latest is 4, which is inside a bin of 3 periods"),
        ({"earliest": -1}, "the pooled ends must leave the reference out"),
        ({"latest": -2}, "the pooled ends must leave the reference out"),
    ],
)
def test_bins_that_make_no_sense_are_refused(given: dict, words: str) -> None:
    with pytest.raises(FitError, match=words):
        fit(counted(40, 16), **given)


def test_a_bin_without_an_event_is_named() -> None:
    cohorts = counted(40, 16)
    event = np.arange(16) - np.where(cohorts.ever, cohorts.first, np.inf)[:, None]
    y = np.where(event == 2, 0, cohorts.y)
    with pytest.raises(FitError, match=r"event time 2 has no event, .* pool it with others"):
        fit(Cohorts.from_arrays(y, cohorts.first, kind="count"), latest=5)
