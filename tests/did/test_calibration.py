"""Calibrated controls against R's quadratic programming, regressions, and Seattle's blocks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from donor_panels import REFERENCE, SEATTLE, seattle, small_units

from evaluation.did import calibration
from evaluation.did.cohorts import NEVER, Cohorts
from evaluation.errors import FitError


def blocks(seed: int = 4, n: int = 200, treated: int = 15, effect: float = 0.0) -> Cohorts:
    """Counts of many small units whose levels differ."""
    draw = np.random.default_rng(seed)
    level = np.exp(0.7 * draw.normal(size=n))
    ever = np.zeros(n, bool)
    ever[draw.choice(n, treated, replace=False, p=level / level.sum())] = True
    mean = level[:, None] * np.exp(effect * (ever[:, None] & (np.arange(8) >= 5)))
    return Cohorts.from_arrays(
        draw.poisson(mean), np.where(ever, 5.0, NEVER), covariates={"level": level}, kind="count"
    )


def control_weights(cohorts, *, periods=1, distance="truncated linear"):
    """Rows of the controls and the weight of each."""
    start = int(cohorts.cohorts[0])
    x, _ = calibration._columns(cohorts, start, periods)
    sample = calibration._calibrated(x, cohorts.y, cohorts.ever, start, distance)
    return np.flatnonzero(~cohorts.ever), sample.fit.weights


def test_weights_and_effect_agree_with_quadprog() -> None:
    said = REFERENCE["calibration"]
    rows, weights = control_weights(small_units())
    assert len(rows) == 54
    assert weights == pytest.approx(said["weights"], abs=1e-9)
    answer = calibration.fit(small_units(), variance="linearized")
    assert answer.estimate == pytest.approx(said["estimate"], rel=1e-9)


def test_linearized_error_is_hc3_of_the_weighted_regression() -> None:
    # sandwich 3.0.2, vcovHC(lm(total ~ treated + x + y1..y4, weights), "HC3"), a treated cell.
    answer = calibration.fit(small_units(count=False), variance="linearized")
    assert answer.scale == "difference"
    assert answer.estimate == pytest.approx(REFERENCE["calibration"]["difference"], rel=1e-9)
    assert answer.std_error == pytest.approx(REFERENCE["calibration"]["hc3"], rel=1e-9)
    assert answer.df == 5


def test_independent_periods_are_the_survey_regression() -> None:
    answer = calibration.fit(small_units(), variance="independent periods")
    assert answer.std_error == pytest.approx(REFERENCE["calibration"]["independent"], rel=1e-9)
    assert answer.df is None
    assert answer.objection is not None and str(answer.objection).startswith("not valid here")


@pytest.mark.parametrize(
    ("outcome", "percent", "low", "high"),
    [
        ("any_crime", -20.1, -32.9, -4.9),
        ("i_felony", -32.6, -50.3, -8.4),
        ("i_misdemea", -37.3, -52.8, -16.7),
        ("i_drugs", -15.8, -46.4, 32.1),
    ],
)
def test_seattle_is_the_published_table(
    outcome: str, percent: float, low: float, high: float
) -> None:
    # Vignette of the R package microsynth 2.0.51. Its ranges are of 90 % (the argument
    # confidence = 0.9 is the default), with unit-periods as if independent.
    answer = calibration.fit(seattle(outcome), variance="independent periods")
    assert 100 * np.expm1(answer.estimate) == pytest.approx(percent, abs=0.05)
    (printed,) = (note for note in map(str, answer.notes) if "microsynth" in note)
    words = printed.split(": ")[1].replace(" %", "").split(" to ")
    # The last digit: the survey package counts some rows more or less.
    assert [float(word) for word in words] == pytest.approx([low, high], abs=0.11)
    assert 100 * np.expm1(answer.low) < low and 100 * np.expm1(answer.high) > high


def test_seattle_by_units_left_out_is_wider_than_published() -> None:
    cohorts = seattle(SEATTLE[0])
    wide = calibration.fit(cohorts)
    assert wide.df == 38 and wide.objection is None
    narrow = calibration.fit(cohorts, variance="independent periods")
    assert wide.std_error > narrow.std_error
    rows, weights = control_weights(cohorts)
    assert weights.sum() == pytest.approx(39, abs=1e-6)
    before = cohorts.y[:, :12]
    assert weights @ before[rows] == pytest.approx(before[cohorts.ever].sum(axis=0), abs=1e-4)


def test_jackknife_is_units_left_out_and_weighted_anew() -> None:
    cohorts = blocks()
    answer = calibration.fit(cohorts)
    group = calibration._groups(cohorts.cluster, cohorts.ever, 1)
    assert np.bincount(group[cohorts.ever]).tolist() == [1] * 15
    assert np.ptp(np.bincount(group[~cohorts.ever])) <= 1
    values = [
        calibration.fit(cohorts.keeping(group != g), variance="linearized").estimate
        for g in range(15)
    ]
    slow = np.sqrt(14 / 15 * ((np.array(values) - np.mean(values)) ** 2).sum())
    assert answer.std_error == pytest.approx(slow, rel=1e-6)  # totals are met to 1e-8 of their size
    assert answer.df == 14
    assert [one.time for one in answer.dynamic] == [0, 1, 2]


def test_an_effect_is_found_with_an_interval_around_it() -> None:
    answer = calibration.fit(blocks(n=800, treated=80, effect=-0.6))
    assert answer.low < -0.6 < answer.high < 0
    assert answer.p_value < 0.01


def test_intervals_hold_no_effect_where_there_is_none() -> None:
    # 60 draws: a true rate of 5 % gives more than 8 with probability .004.
    wrong = [
        calibration.fit(blocks(seed), variance=how).p_value < 0.05
        for seed in range(60)
        for how in ("linearized",)
    ]
    assert sum(wrong) <= 8


def test_permutation_tells_its_smallest_p() -> None:
    few = calibration.fit(blocks(), variance="permutation", draws=15)
    assert few.objection is not None and few.p_value > 0.05
    assert str(few.objection).startswith(
        "not valid here: the smallest p of 15 permutations is 0.062"
    )
    more = calibration.fit(blocks(effect=-1.5), variance="permutation", draws=60)
    assert more.p_value == pytest.approx(1 / 61)
    assert "60 permutations; the smallest p is 0.0164" in map(str, more.notes)


def test_raking_meets_the_same_totals() -> None:
    cohorts = blocks()
    one = calibration.fit(cohorts, distance="raking", variance="linearized")
    rows, weights = control_weights(cohorts, distance="raking")
    assert weights.min() > 0
    assert weights @ cohorts.y[rows, :5] == pytest.approx(
        cohorts.y[cohorts.ever, :5].sum(axis=0), abs=1e-4
    )
    other = calibration.fit(cohorts, variance="linearized")
    assert one.estimate == pytest.approx(other.estimate, abs=0.1)


def test_periods_can_be_matched_in_sums() -> None:
    cohorts = blocks()
    rows, weights = control_weights(cohorts, periods=2)
    sums = cohorts.y[:, [0]], cohorts.y[:, 1:3].sum(axis=1), cohorts.y[:, 3:5].sum(axis=1)
    for values in map(np.ravel, sums):
        assert weights @ values[rows] == pytest.approx(values[cohorts.ever].sum(), abs=1e-5)
    alone = weights @ cohorts.y[rows, 4] - cohorts.y[cohorts.ever, 4].sum()
    assert abs(alone) > 1e-3


def test_a_covariate_out_of_reach_is_named() -> None:
    cohorts = small_units()
    x = cohorts.covariates.copy()
    x[cohorts.ever] = 50
    with pytest.raises(FitError, match=r"nearest miss x by -.* Match sums of more periods"):
        calibration.fit(replace(cohorts, covariates=x))


def test_refusals_say_what_to_do() -> None:
    cohorts = small_units()
    first = cohorts.first.copy()
    first[2] = 5
    with pytest.raises(FitError, match="one start"):
        calibration.fit(replace(cohorts, first=first))
    with pytest.raises(FitError, match="fewer than two controls"):
        calibration.fit(cohorts.pretending(np.where(np.arange(60) == 0, NEVER, 4.0)))
    with pytest.raises(FitError, match="two treated clusters"):
        calibration.fit(
            Cohorts.from_arrays(
                blocks().y, np.where(np.arange(200) == np.flatnonzero(blocks().ever)[0], 5, NEVER)
            )
        )
    with pytest.raises(FitError, match="periods must be at least 1"):
        calibration.fit(cohorts, periods=0)
    with pytest.raises(FitError, match="sampling weights"):
        calibration.fit(replace(cohorts, weight=np.arange(1.0, 61)))
    clustered = replace(blocks(), cluster=np.arange(200) // 2)
    with pytest.raises(FitError, match='use variance "jackknife"'):
        calibration.fit(clustered, variance="permutation")
    y = cohorts.y.copy()
    y[cohorts.ever, 4:] = 0
    with pytest.raises(FitError, match="no event after the start"):
        calibration.fit(replace(cohorts, y=y))
