"""Synthetic difference-in-differences against R's quadratic programming, and Proposition 99."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from donor_panels import REFERENCE, cigarettes, formula, some_of_eighteen, unit_weights

from evaluation.did import synthetic_did, twfe
from evaluation.did.cohorts import NEVER, Cohorts
from evaluation.did.donors import donors, placebos
from evaluation.errors import FitError
from evaluation.numeric.panel.synthetic import Solver


def test_one_treated_unit_agrees_with_quadprog_and_placebos_written_out() -> None:
    said = REFERENCE["sdid"]
    cohorts = some_of_eighteen((8,))
    answer = synthetic_did.fit(cohorts, solver="exact")
    weights = unit_weights(cohorts, lambda panel: synthetic_did._solve(panel, "exact"))
    assert weights == pytest.approx(said["omega"], abs=1e-9)
    assert answer.estimate == pytest.approx(said["estimate"], rel=1e-8)
    assert answer.std_error == pytest.approx(said["std_error"], rel=1e-8)
    assert answer.df == 16
    # Placebos among 17 controls cannot have a rank p below 1/18, which is what this one has.
    assert said["rank"] == pytest.approx(1 / 18)
    assert str(answer.notes[-1]) == (
        "a rank p is not valid here: the smallest p among 17 placebos is 0.056"
    )


def test_a_rank_p_is_told_with_its_range_and_floor() -> None:
    few = synthetic_did.fit(some_of_eighteen((8,)), solver="exact", variance="rank")
    # 1/18 is the least of 17 placebos, which has no 95 % range: that of their spread is shown.
    by_spread = synthetic_did.fit(some_of_eighteen((8,)), solver="exact", variance="placebo")
    assert (few.low, few.high, few.p_value) == (by_spread.low, by_spread.high, by_spread.p_value)
    assert few.objection is not None
    assert str(few.objection).startswith(
        "not valid here: the smallest p among 17 placebos is 0.056, so a rank has no 95 % range"
    )
    many = Cohorts.from_arrays(formula(22, 14), [8, *[NEVER] * 21])
    answer = synthetic_did.fit(many, solver="exact", variance="rank")
    found = placebos(donors(many), synthetic_did._solve(donors(many), "exact"), name="p")[0]
    sizes = np.sort([abs(one.estimate) for one in found])
    # 22 ranks at 5 %: an effect is rejected when no placebo reaches it.
    assert answer.high - answer.estimate == pytest.approx(sizes[-1], rel=1e-9)
    assert answer.p_value == pytest.approx((1 + (sizes >= abs(answer.estimate)).sum()) / 22)
    assert (answer.p_value < 0.05) == (answer.low > 0 or answer.high < 0)
    assert answer.objection is None and answer.df is None


def test_jackknife_agrees_with_units_left_out_one_by_one() -> None:
    # tests/reference/weighted_controls.R: weights held, those of controls scaled to one again.
    said = REFERENCE["jackknife"]
    answer = synthetic_did.fit(some_of_eighteen((8, 8, 8)), solver="exact", variance="jackknife")
    assert answer.estimate == pytest.approx(said["estimate"], rel=1e-9)
    assert answer.std_error == pytest.approx(said["std_error"], rel=1e-9)
    assert answer.df == 2
    assert answer.objection is not None and str(answer.objection).startswith("not valid here")


def test_cohorts_are_averaged_by_treated_cells() -> None:
    answer = synthetic_did.fit(some_of_eighteen((10, 8, 8)), solver="exact", draws=20)
    assert answer.estimate == pytest.approx(REFERENCE["staggered"]["estimate"], rel=1e-8)
    assert "rank p" in str(answer.notes[-1]) and "among 20 placebos is 0.048" in str(
        answer.notes[-1]
    )


def test_proposition_99_is_the_published_number() -> None:
    # Arkhangelsky et al. (2021), table 1: -15.6 (8.4); the R package synthdid prints -15.604.
    answer = synthetic_did.fit(cigarettes())
    assert answer.estimate == pytest.approx(-15.604, abs=5e-4)
    assert "rank p 0.051; the smallest p among 38 placebos is 0.026" in map(str, answer.notes)
    # The published error is of 200 random placebos: of such samples of the 38, 99 % lie within
    # 7.7 and 11.0; all of them once give 9.37.
    panel = donors(cigarettes())
    found = [
        one.estimate for one in placebos(panel, synthetic_did._solve(panel, "exact"), name="p")[0]
    ]
    draw = np.random.default_rng(1)
    sampled = [draw.choice(found, 200).std() for _ in range(2000)]
    low, high = np.quantile(sampled, [0.005, 0.995])
    assert low < 8.4 < high
    assert answer.std_error == pytest.approx(np.std(found), rel=1e-9)


def test_proposition_99_by_plain_difference_in_differences() -> None:
    # The same table: -27.3.
    cohorts = cigarettes()
    change = cohorts.y[:, 19:].mean(axis=1) - cohorts.y[:, :19].mean(axis=1)
    by_hand = change[cohorts.ever].mean() - change[~cohorts.ever].mean()
    assert by_hand == pytest.approx(-27.349, abs=5e-4)
    assert twfe.fit(cohorts).estimate == pytest.approx(by_hand, rel=1e-10)


def test_a_constant_effect_in_parallel_units_is_found_exactly() -> None:
    unit, period = np.arange(12.0)[:, None] ** 1.5, np.sin(np.arange(15.0))
    y = 10 + unit + period
    y[0, 9:] += 4
    y += 1e-3 * formula(12, 15)  # some noise, or there is nothing to scale penalties by
    answer = synthetic_did.fit(Cohorts.from_arrays(y, [9, *[NEVER] * 11]))
    assert answer.estimate == pytest.approx(4, abs=0.02)
    event = {one.time: one.estimate for one in answer.dynamic}
    assert [event[t] for t in range(6)] == pytest.approx([4] * 6, abs=0.03)


@pytest.mark.parametrize("solver", ["published", "exact"])
def test_levels_of_units_and_a_common_trend_do_not_matter(solver: Solver) -> None:
    # A straight trend moves all first differences alike, so that the noise level stays; other
    # common movements enter it, in the published method too.
    plain = some_of_eighteen((8,))
    moved = replace(plain, y=plain.y + 7 * np.arange(18)[:, None] + 3 * np.arange(14))
    one = synthetic_did.fit(plain, solver=solver)
    other = synthetic_did.fit(moved, solver=solver)
    assert other.estimate == pytest.approx(one.estimate, abs=1e-6)
    assert other.std_error == pytest.approx(one.std_error, abs=1e-6)


def test_scale_and_order_do_not_matter() -> None:
    plain = some_of_eighteen((8,))
    one = synthetic_did.fit(plain)
    scaled = synthetic_did.fit(replace(plain, y=100 * plain.y))
    assert scaled.estimate == pytest.approx(100 * one.estimate, rel=1e-8)
    order = np.random.default_rng(3).permutation(18)
    shuffled = synthetic_did.fit(plain.keeping(order))
    assert shuffled.estimate == pytest.approx(one.estimate, rel=1e-8)
    assert shuffled.std_error == pytest.approx(one.std_error, rel=1e-8)


def test_bootstrap_and_jackknife_are_alike_with_many_treated() -> None:
    draw = np.random.default_rng(5)
    y = draw.normal(size=(40, 1)) + 0.1 * draw.normal(size=12).cumsum() + draw.normal(size=(40, 12))
    cohorts = Cohorts.from_arrays(y, [8.0] * 12 + [NEVER] * 28)
    auto = synthetic_did.fit(cohorts)
    assert "jackknife standard error" in map(str, auto.notes) and auto.objection is None
    boot = synthetic_did.fit(cohorts, variance="bootstrap", draws=100)
    assert boot.std_error == pytest.approx(auto.std_error, rel=0.35)  # a hundred draws
    assert auto.df == boot.df == 11


def test_few_controls_are_an_objection() -> None:
    answer = synthetic_did.fit(Cohorts.from_arrays(formula(6, 14), [8, *[NEVER] * 5]))
    assert answer.objection is not None and str(answer.objection).startswith(
        "not valid here: 5 cont"
    )


def test_refusals_say_what_to_do() -> None:
    cohorts = some_of_eighteen((8,))
    with pytest.raises(FitError, match='use variance "placebo"'):
        synthetic_did.fit(cohorts, variance="jackknife")
    with pytest.raises(FitError, match='use variance "placebo"'):
        synthetic_did.fit(cohorts, variance="bootstrap")
    with pytest.raises(FitError, match="variance may be auto, placebo, rank"):
        synthetic_did.fit(cohorts, variance="cluster")  # type: ignore[arg-type]
    with pytest.raises(FitError, match="two periods before treatment"):
        synthetic_did.fit(cohorts.between(7, 14))
