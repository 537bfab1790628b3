"""p and all ranges of one effect agree about no change, for every method and every scale."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from evaluation.data.period import ordinal
from evaluation.errors import FitError
from evaluation.its import METHODS, Interruption, Series, Specification
from evaluation.its.batch import judge_many
from evaluation.its.effects import headline, means
from evaluation.its.quantities import averted_over_time, quantities
from evaluation.its.ranges import APART, percent_of_linear

N, START = 84, 48
AFTER = np.arange(N) >= START
# What is asked of the model in each world: one coefficient with its shapes, and two.
TERMS: dict[str, dict[str, Any]] = {
    "step": {},
    "phase-in": {"phase_in": 6},
    "washout": {"washout": 3},
    "fading": {"half_life": 9.0},
    "slope": {"effect": "level+slope"},
    "phase-in and slope": {"effect": "level+slope", "phase_in": 6},
}
OF_ONE_COEFFICIENT = ("step", "phase-in", "washout", "fading")

SLOW = ("poisson-reml-ar1", "linear-reml-ar1", "averaged-reml", "averaged-reml-wide", "arima")


def world(seed: int, kind: str = "count", terms: str = "step", **given: Any) -> Series:
    """A series with a change about as large as its error, so that p lies near .05 often."""
    rng = np.random.default_rng(seed)
    change = -rng.uniform(0.1, 0.9)
    trend = rng.normal(0, 0.004)
    mean = 9 * np.exp(change * AFTER + trend * np.arange(N))
    y = rng.poisson(mean * rng.gamma(8, 1 / 8, N)).astype(float)
    if kind == "continuous":
        y = y + rng.normal(0, 0.5, N)
    return Series.from_arrays(
        y, start=START, kind=kind, specification=Specification(**TERMS[terms]), **given
    )


def controlled(seed: int, kind: str = "count") -> Series:
    """A treated and a control series: what is expected is then less sure, and a ratio curved."""
    return world(seed, kind).beside(world(seed + 5_000, kind, name="control"))


def quick(name: str) -> Any:
    method = METHODS[name]
    return method.set_to({"order": (1, 0, 0)}) if "order" in method.options else method


def kind_of(name: str) -> str:
    return "count" if "count" in METHODS[name].kinds else "continuous"


def leaves_out(one: Any) -> bool:
    return bool(one.low > 0 or one.high < 0)


@pytest.mark.parametrize("name", METHODS)
def test_p_is_below_five_percent_exactly_when_every_range_leaves_out_no_change(name):
    kind, answered = kind_of(name), 0
    seeds = range(2 if name in SLOW else 5)
    worlds = [(terms, world(seed, kind, terms)) for terms in TERMS for seed in seeds]
    worlds += [("step", controlled(seed, kind)) for seed in seeds]
    for terms, series in worlds:
        try:
            effect = quick(name).fit(series)
        except FitError:
            continue
        answered += 1
        clear = effect.p_value < 0.05
        assert leaves_out(effect) == clear
        assert leaves_out(effect.percent) == clear
        assert np.sign(effect.percent.estimate) == np.sign(effect.estimate)
        if terms in OF_ONE_COEFFICIENT or leaves_out(effect.averted) == clear:
            assert leaves_out(effect.averted) == clear
            assert APART not in effect.notes
        else:  # of more periods than the change, by two coefficients
            assert APART in effect.notes
        for term in effect.terms:
            assert leaves_out(term) == (term.p_value < 0.05)
        for one in effect.path:
            assert one.low <= one.expected <= one.high
    assert answered > len(worlds) / 2


@pytest.mark.parametrize("name", ["averaged-reml", "quasi-poisson", "newey-west"])
@pytest.mark.parametrize("terms", ["fading", "slope"])
def test_p_is_the_level_at_which_the_range_reaches_no_change(name, terms):
    """For a curved headline too: the law about the value, at 1 - p, ends at nought."""
    series = world(3, terms=terms)
    effect, fitted = METHODS[name].fit(series), METHODS[name].solve(series)
    value, gradient = headline(series, fitted.link, means(series, fitted.link, fitted.beta))
    move = value - float(gradient @ fitted.beta)
    assert abs(move) > 1e-6 * effect.std_error  # else this would test nothing
    # The law is symmetric about the value for a t; of a mixture the tail at nought is summed.
    about = fitted.judge(gradient[None, :], np.array([move]))
    assert effect.p_value == pytest.approx(float(about.p_value[0]), rel=1e-9)
    moved = fitted.judge(gradient[None, :], np.array([move - value]))
    assert float(moved.p_value[0]) == pytest.approx(1.0, abs=0.35)


@pytest.mark.parametrize("terms", TERMS)
def test_batches_agree_with_themselves_and_with_single_fits(terms):
    series = [world(seed, terms=terms) for seed in range(12)]
    for name in ("averaged-reml", "poisson", "quasi-poisson"):
        for one, judged in zip(series, judge_many(METHODS[name], series), strict=True):
            if judged.reason:
                continue
            assert leaves_out(judged) == (judged.p_value < 0.05)
            assert judged.p_value == pytest.approx(METHODS[name].fit(one).p_value, rel=1e-5)


@pytest.mark.parametrize("seed", range(6))
def test_fieller_holds_the_ratios_that_the_difference_does_not_reject(seed):
    """By the definition: at every ratio r the difference fitted - (1 + r) expected is judged, and
    those that it does not tell from nought are the range."""
    series = controlled(seed, "continuous")
    fitted = METHODS["ols"].solve(series)
    mean, rows = means(series, fitted.link, fitted.beta), series.settled
    effect = METHODS["ols"].fit(series)
    percent, _ = percent_of_linear(fitted, mean, rows)
    assert percent == effect.percent
    by_total, by_expected = mean.by_fitted[rows].sum(axis=0), mean.by_expected[rows].sum(axis=0)

    def held(ratio: float) -> bool:
        found = fitted.judge((by_total - (1 + ratio) * by_expected)[None, :])
        return not leaves_out_one(found)

    def leaves_out_one(found: Any) -> bool:
        return bool(found.low[0] > 0 or found.high[0] < 0)

    total, expected = mean.fitted[rows].sum(), mean.expected[rows].sum()
    size = abs(expected)
    gradient = by_total / size - total * by_expected / (size * expected)
    judged = fitted.judge(gradient[None, :], (total - expected) / size - gradient @ fitted.beta)
    if leaves_out_one(judged) == leaves_out(effect):  # the delta method, which agrees
        assert percent.low == pytest.approx(100 * float(judged.low[0]), rel=1e-9)
        return
    for end, inward in ((percent.low, 1e-4), (percent.high, -1e-4)):
        assert held(end / 100 + inward)
        assert not held(end / 100 - inward)


def test_some_linear_changes_need_fieller():
    """Else the test above would hold nothing but the delta method."""
    found = []
    for seed in range(40):
        series = controlled(seed, "continuous")
        fitted = METHODS["ols"].solve(series)
        mean, rows = means(series, fitted.link, fitted.beta), series.settled
        total, expected = mean.fitted[rows].sum(), mean.expected[rows].sum()
        by = mean.by_fitted[rows].sum(axis=0) / expected
        by = by - total * mean.by_expected[rows].sum(axis=0) / expected**2
        judged = fitted.judge(by[None, :], total / expected - 1 - by @ fitted.beta)
        delta = bool(judged.low[0] > 0 or judged.high[0] < 0)
        found.append(delta != (METHODS["ols"].fit(series).p_value < 0.05))
    assert any(found)


@pytest.mark.parametrize("name", ["averaged-reml", "quasi-poisson", "linear-reml-ar1", "ols"])
@pytest.mark.parametrize("terms", TERMS)
def test_other_measures_of_the_same_periods_say_the_same_of_no_change(name, terms):
    for seed in range(5):
        series = world(seed, terms=terms)
        effect = METHODS[name].fit(series)
        fitted = METHODS[name].solve(series)
        found = {(str(one.name), one.how): one for one in quantities(series, fitted, effect)}
        number = next(one for (what, _), one in found.items() if "fitted against" in what)
        assert leaves_out(number) == leaves_out(effect.averted)
        if np.array_equal(series.settled, series.affected):
            average = found["average change", "delta method"]
            assert leaves_out(average) == leaves_out(effect)
        for one in found.values():
            if str(one.name).startswith("change of"):
                term = next(
                    term
                    for term in effect.terms
                    if term.name == ("slope" if "slope" in str(one.name) else "level")
                )
                assert leaves_out(one) == (term.p_value < 0.05)


@pytest.mark.parametrize("terms", OF_ONE_COEFFICIENT)
def test_totals_over_time_leave_nought_out_together_where_one_coefficient_makes_them(terms):
    for seed in range(8):
        series = world(seed, terms=terms)
        effect = METHODS["quasi-poisson"].fit(series)
        rows = averted_over_time(series, METHODS["quasi-poisson"]).table
        clear = {row["low"] > 0 or row["high"] < 0 for row in rows}
        assert clear == {effect.p_value < 0.05}


def test_a_number_averted_of_other_periods_says_so_when_it_disagrees():
    """A later phase undoes the first: the change is of the first alone, the number of both."""
    found = []
    for seed in range(30):
        later = (Interruption("undone", ordinal("2000-01", "month") + START + 12),)
        series = world(seed, later=later)
        effect = METHODS["poisson"].fit(series)
        differ = leaves_out(effect.averted) != leaves_out(effect)
        assert (APART in effect.notes) == differ
        found.append(differ)
    assert any(found)
    assert not all(found)


@pytest.mark.parametrize("center", [-12.0, -1.0, 0.0, 0.6])
@pytest.mark.parametrize("name", [name for name in METHODS if "continuous" in METHODS[name].kinds])
def test_outcomes_about_nought_have_ranges_that_agree_with_p(name, center):
    method = METHODS[name]
    if "order" in method.options:
        method = method.set_to({"order": (1, 0, 0)})
    for seed in range(6):
        y = np.random.default_rng(seed).normal(center, 3, 60)
        series = Series.from_arrays(
            y, start=36, kind="continuous", specification=Specification(season="none")
        )
        try:
            effect = method.fit(series)
        except FitError:
            continue
        out = effect.low > 0 or effect.high < 0
        assert out == (effect.p_value < 0.05) == effect.percent.excludes_zero, seed
        assert effect.percent.low <= effect.percent.estimate <= effect.percent.high


@pytest.mark.parametrize("name", ["ols", "ols-newey-west", "prais-winsten"])
def test_a_fall_past_all_is_told_of_outcomes_never_below_nought_and_of_no_others(name):
    rng = np.random.default_rng(1)
    y = rng.poisson(np.where(np.arange(40) < 28, 3, 0.5)).astype(float)
    terms = Specification(season="none")
    series = Series.from_arrays(y, start=28, specification=terms)
    effect = METHODS[name].fit(series)
    assert effect.percent.low < -100
    assert any("past -100 %" in str(note) for note in effect.notes)
    less = Series.from_arrays(y - 0.3, start=28, kind="continuous", specification=terms)
    assert not any("past -100 %" in str(note) for note in METHODS[name].fit(less).notes)
    many = Series.from_arrays(y + 50, start=28, kind="continuous", specification=terms)
    assert not any("past -100 %" in str(note) for note in METHODS[name].fit(many).notes)
