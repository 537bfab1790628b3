"""The units pooled: the meta-analysis of their log ratios, with the error of shared controls."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from gapped import tables
from scipy import optimize, stats

from evaluation import did
from evaluation.did.each_unit import each_unit
from evaluation.did.pooled_units import FEWEST_UNITS, pooled
from evaluation.errors import FitError
from evaluation.numeric.meta import pooled as meta

BETWEEN = ("next unit", "spread of true log ratios between units (tau)")


def by_hand(y: np.ndarray, v: np.ndarray, shared: np.ndarray) -> dict[str, float]:
    """REML by a search of its likelihood, Hartung and Knapp with floor, and shared errors added."""

    def minus(tau2: float) -> float:
        w = 1 / (v + tau2)
        mean = (w * y).sum() / w.sum()
        return 0.5 * (np.log(v + tau2).sum() + np.log(w.sum()) + (w * (y - mean) ** 2).sum())

    grid = np.linspace(0, 4, 4001)
    best = grid[np.argmin([minus(tau2) for tau2 in grid])]
    near = optimize.minimize_scalar(
        minus,
        bounds=(max(best - 0.002, 0), best + 0.002),
        method="bounded",
        options={"xatol": 1e-12},
    )
    tau2 = 0.0 if minus(0.0) <= near.fun else float(near.x)
    w = 1 / (v + tau2)
    mean = (w * y).sum() / w.sum()
    k = len(y)
    floor = max(1.0, (w * (y - mean) ** 2).sum() / (k - 1))
    extra = 0.0
    for i in range(k):
        for j in range(k):
            extra += 0.0 if i == j else w[i] * w[j] * shared[i, j] / w.sum() ** 2
    variance = floor / w.sum() + max(extra, 0.0)
    return {
        "estimate": mean,
        "std_error": np.sqrt(variance),
        "low": mean - stats.t.ppf(0.975, k - 1) * np.sqrt(variance),
        "high": mean + stats.t.ppf(0.975, k - 1) * np.sqrt(variance),
        "p_value": 2 * stats.t.sf(abs(mean) / np.sqrt(variance), k - 1),
        "ahead_low": mean - stats.t.ppf(0.975, k - 2) * np.sqrt(variance + tau2),
        "ahead_high": mean + stats.t.ppf(0.975, k - 2) * np.sqrt(variance + tau2),
        "tau": np.sqrt(tau2),
        "shared": np.sqrt(max(extra, 0.0)),
    }


@pytest.mark.parametrize("seed", [1, 2, 3, 7])
@pytest.mark.parametrize("options", [{}, {"nearest": 5}, {"donut": 2}])
def test_pooled_is_the_formula_written_by_hand(seed, options):
    found = each_unit(tables(seed).cohorts(), **options)
    y = np.array([one.answer.estimate for one in found.units])
    v = np.array([one.answer.std_error for one in found.units]) ** 2
    whole = pooled(found)
    # The search ends within 1e-6 of the highest point of a flat likelihood.
    for name, value in by_hand(y, v, found.shared).items():
        assert getattr(whole, name) == pytest.approx(value, rel=1e-5, abs=2e-4), name


def test_without_controls_in_common_it_is_the_meta_analysis_of_the_units():
    found = each_unit(tables(3).cohorts())
    y = np.array([one.answer.estimate for one in found.units])
    v = np.array([one.answer.std_error for one in found.units]) ** 2
    apart = pooled(replace(found, shared=np.diag(np.diag(found.shared))))
    alone = meta.fit(y, v)
    ahead = meta.prediction(alone, rule="k - p - 1")
    assert [apart.estimate, apart.low, apart.high, apart.ahead_low, apart.ahead_high] == (
        pytest.approx([alone.beta[0], alone.low[0], alone.high[0], *ahead], rel=1e-12)
    )
    assert apart.shared == 0 and pooled(found).std_error > apart.std_error
    spread = meta.tau2_interval(y, v)
    assert [apart.tau_low**2, apart.tau_high**2] == pytest.approx([spread.low, spread.high])


def test_effect_has_a_term_a_unit_then_the_next_unit_and_the_spread():
    table = tables(2)
    cohorts = table.cohorts()
    effect = did.estimate(cohorts, "pooled-units")
    found = each_unit(cohorts)
    whole = pooled(found)
    names = [term.name for term in effect.terms]
    assert names == [*(one.name for one in found.units), *BETWEEN]
    assert names[:6] == [f"City {k}" for k in range(6)]
    ahead, spread = effect.terms[-2:]
    assert [ahead.low, ahead.high, ahead.df] == [whole.ahead_low, whole.ahead_high, 4]
    assert ahead.std_error == pytest.approx(np.hypot(whole.std_error, whole.tau))
    assert [spread.estimate, spread.low, spread.high] == [whole.tau, whole.tau_low, whole.tau_high]
    assert [effect.low, effect.high, effect.df] == [whole.low, whole.high, 5]
    assert effect.percent.estimate == pytest.approx(100 * np.expm1(whole.estimate))


def test_number_averted_is_of_what_was_observed_in_the_windows():
    cohorts = tables(2).cohorts()
    found = each_unit(cohorts, after=4)
    effect = did.estimate(cohorts, "pooled-units", options={"after": 4})
    observed = sum(one.observed for one in found.units)
    assert effect.averted.estimate == pytest.approx(observed * np.expm1(-effect.estimate))
    assert effect.averted.high == pytest.approx(observed * np.expm1(-effect.low))
    assert not effect.path


def test_order_of_units_changes_nothing():
    cohorts = tables(3).cohorts()
    order = np.random.default_rng(1).permutation(cohorts.n)
    one = did.estimate(cohorts, "pooled-units", options={"nearest": 5})
    two = did.estimate(cohorts.keeping(order), "pooled-units", options={"nearest": 5})
    assert [term.name for term in one.terms] == [term.name for term in two.terms]
    assert [one.estimate, one.low, one.high] == pytest.approx(
        [two.estimate, two.low, two.high], rel=1e-9
    )


def test_a_unit_that_is_not_in_it_is_named_in_the_notes():
    table = tables(1)
    y = table.y.copy()
    y[0, : int(table.first[0])] = 0
    effect = did.estimate(replace(table, y=y).cohorts(), "pooled-units")
    (told,) = (note for note in map(str, effect.notes) if "is not in it" in note)
    assert told.startswith("City 0 (2006) is not in it: City 0 has no event before the start")
    assert str(effect.notes[0]).startswith("5 of 6 treated units")


@pytest.mark.parametrize("treated", [2, FEWEST_UNITS - 1, FEWEST_UNITS])
def test_too_few_units_are_no_headline(treated):
    effect = did.estimate(tables(1, treated=treated, effect=0).cohorts(), "pooled-units")
    few = effect.objection is not None and "treated units could be compared" in str(
        str(effect.objection)
    )
    assert few == (treated < FEWEST_UNITS)


def test_one_unit_alone_cannot_be_pooled():
    table = tables(1, treated=2)
    y = table.y.copy()
    y[0, int(table.first[0]) :] = np.nan
    with pytest.raises(FitError, match="1 treated unit can be compared alone, and 2 are needed"):
        did.estimate(replace(table, y=y).cohorts(), "pooled-units")


def test_units_that_no_control_matches_are_named():
    told = 0
    for seed in range(6):
        cohorts = tables(seed).cohorts()
        far = [one.name for one in each_unit(cohorts, nearest=4).units if one.beyond]
        short = {"event_study": False}
        notes = " ".join(
            map(str, did.estimate(cohorts, "pooled-units", options={"nearest": 4, **short}).notes)
        )
        assert (f"{len(far)} of 6 units ({', '.join(far)}) stood higher in them, or" in notes) == (
            bool(far)
        )
        leads = [one.lead for one in each_unit(cohorts, nearest=4).units]
        left = stats.ttest_1samp(leads, 0.0)
        assert (
            f"these still stood {100 * np.expm1(np.mean(leads)):+.1f} % to their earlier ones on "
            f"average (p {left.pvalue:.2g})"
        ) in notes
        whole = list(map(str, did.estimate(cohorts, "pooled-units", options=short).notes))
        assert "any control that they" not in " ".join(whole)
        told += len(far)
    assert told


def test_clusters_are_named_as_unused_and_weights_refused():
    table = tables(2)
    pairs = np.arange(len(table.y)) // 2
    weight = np.linspace(1, 2, len(table.y))
    plain = did.estimate(table.cohorts(), "pooled-units")
    found = did.estimate(table.cohorts(cluster=pairs), "pooled-units")
    assert found.estimate == plain.estimate and found.low == plain.low
    assert "not used by pooled-units: the clusters; every unit counts by itself" in [
        str(note) for note in found.notes
    ]
    with pytest.raises(FitError, match="no use for weights of units"):
        did.estimate(table.cohorts(cluster=pairs, weight=weight), "pooled-units")
