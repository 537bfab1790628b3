"""Sensitivity to differing trends, from a panel to a sentence."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from groups import plain
from one_city import rates
from trends import curve_of, world

from evaluation.did import honest, sun_abraham
from evaluation.did.cohorts import Cohorts
from evaluation.did.honest import against_reference
from evaluation.did.method import Method
from evaluation.effect import Check
from evaluation.errors import FitError
from evaluation.numeric.panel.honest import (
    breakdown,
    magnitude_tests,
    possible,
    relative_magnitudes,
)
from evaluation.numeric.series import fixed_length

STUDIES = json.loads(
    (Path(__file__).parents[1] / "reference" / "event_studies.json").read_text(encoding="utf-8")
)
LINEAR = Method("sun-abraham", sun_abraham.fit, frozenset({"continuous", "count"}), "", "", "", "")


def asked(cohorts: Cohorts, **options) -> Check:
    return honest.check(cohorts, LINEAR, LINEAR.fit(cohorts), **options)


def test_published_example_through_a_curve() -> None:
    # R HonestDiD on BCdata_EventStudy, first year: original 0.158775 to 0.233147; relative
    # magnitudes 1: 0.0672 to 0.3187 on a grid of step 0.00076; smoothness 0.1: 0.1194 to 0.4185;
    # upper bound of the largest bend 0.2021698693. Breakdown by the paper's figure 4: about 1.5.
    study = STUDIES["benzarti carloni"]
    found = honest.sensitivity(curve_of(study["estimate"], study["cov"], 4), at=0)
    assert (found.low, found.high) == pytest.approx((0.1587749428, 0.2331472927), abs=1e-7)
    assert found.largest_bend == pytest.approx(0.202169869, abs=1e-7)
    at_one = next(row for row in found.magnitudes if row[0] == 1)
    assert at_one[1:] == pytest.approx((0.0672, 0.3187), abs=0.001)
    assert 1.5 < found.magnitude_breakdown < 2
    assert 0.2 < found.bend_breakdown < 0.3
    halfway = next(row for row in found.bends if row[0] == pytest.approx(0.1010849))
    assert halfway[1:] == pytest.approx((0.1194440 - 0.0010849, 0.4185082 + 0.0010849), abs=1e-4)
    assert [row[0] for row in found.magnitudes] == list(honest.BOUNDS)


def test_with_equal_trends_the_interval_is_the_t_interval() -> None:
    cohorts = world(effect=1.0, n=24)
    curve = against_reference(cohorts, estimator="sun-abraham")
    found = honest.sensitivity(curve)
    after = curve.time >= 0
    share = after / after.sum()
    half = curve.critical * np.sqrt(share @ curve.cov @ share)
    assert curve.critical > 2.06  # t(23)
    assert found.estimate == pytest.approx(share @ curve.estimate)
    assert (found.low, found.high) == pytest.approx(
        (found.estimate - half, found.estimate + half), rel=1e-6
    )


@pytest.mark.parametrize("at", [None, 0, 2])
@pytest.mark.parametrize("estimator", ["callaway-santanna", "sun-abraham", "event-study"])
def test_answer_is_the_interval_of_the_tests(estimator, at) -> None:
    cohorts = plain(pairs=True)
    options = {"estimator": estimator, "earliest": -4, "latest": 3}
    answer = honest.fit(cohorts, at=at, bound=0.6, **options)
    study = honest.widened(against_reference(cohorts, **options), at=at)
    assert (answer.low, answer.high) == relative_magnitudes(study, 0.6)
    assert (answer.estimate, answer.std_error) == (study.estimate, study.std_error)
    tests = magnitude_tests(study, 0.6)
    assert possible(tests, 0.0, level=answer.p_value * 0.99)
    # At 1 some test rejects at no level: its inequalities all hold with nought.
    assert answer.p_value == 1 or not possible(tests, 0.0, level=answer.p_value * 1.01)
    end = breakdown(lambda bound: magnitude_tests(study, bound))
    assert str(answer.notes[1]).endswith(f"up to a bound of {end:.3g}")
    assert [row.time for row in answer.dynamic] == [-4, -3, -2, 0, 1, 2, 3]


def test_changes_as_large_as_before_are_the_default() -> None:
    cohorts = world(effect=2.0)
    answer, stated = honest.fit(cohorts), honest.fit(cohorts, bound=1.0)
    assert (answer.low, answer.high, answer.notes) == (stated.low, stated.high, stated.notes)
    assert str(answer.notes[0]) == "changes after treatment are at most 1 times the largest before"


def test_smoothness_takes_the_largest_bend_by_default() -> None:
    cohorts = world(effect=2.0, noise=0.2)
    study = honest.widened(against_reference(cohorts))
    answer = honest.fit(cohorts, restriction="smoothness")
    most = fixed_length.largest_bend(study)
    end = fixed_length.shortest(study, most)
    assert (answer.low, answer.high, answer.p_value) == (end.low, end.high, end.p_value)
    assert f"at most {most:.4g} a period" in str(answer.notes[0])


def test_a_straight_difference_in_trends_is_no_effect_under_smoothness() -> None:
    # Trends part steadily and there is no effect: the usual answer is badly wrong, the one that
    # carries the trend forward is not.
    cohorts = world(slope=0.5, noise=0.2)
    plain_answer = honest.fit(cohorts, bound=0.0)
    straight = honest.fit(cohorts, restriction="smoothness", bound=0.0)
    assert plain_answer.low > 0.5
    assert straight.low < 0 < straight.high
    assert honest.fit(cohorts, bound=1.2).low < 0


def test_robust_result_passes() -> None:
    found = asked(world(effect=3.0))
    assert found.passed is True
    assert "Nought stays out until" in str(found.says)
    ends = [row for row in found.table if row["allowed"].startswith("change in trend")]
    assert [row["bound"] for row in ends] == list(honest.BOUNDS)
    assert all(row["low"] > 0 for row in ends if row["bound"] <= 1)


def test_fragile_result_is_told_and_not_passed() -> None:
    found = asked(world(slope=0.25, effect=0.6, noise=0.4))
    assert found.passed is None
    assert "Nought stays out until" in str(found.says)
    row = next(r for r in found.table if r["bound"] == 1 and "times" in r["allowed"])
    assert row["low"] < 0 < row["high"]


def test_no_result_has_nothing_to_break_down() -> None:
    found = asked(world(effect=0.0, seed=2))
    assert found.passed is None
    assert "nothing to break down" in str(found.says)


def test_few_treated_units_are_not_judged() -> None:
    found = asked(rates())
    assert found.passed is None
    assert str(found.says).startswith("Not possible: not valid here")
    assert found.table == ()


def test_one_period_before_has_no_bend_to_report() -> None:
    found = asked(world(effect=3.0, length=6, start=2))
    assert "Nought stays out until" in str(found.says)
    assert "an upper bound" not in str(found.says)


def test_units_of_the_outcome_do_not_matter() -> None:
    cohorts = world(effect=1.0)
    larger = replace(cohorts, y=1000 * cohorts.y)
    one, other = (honest.fit(c, bound=1.0) for c in (cohorts, larger))
    assert (other.low, other.high) == pytest.approx((1000 * one.low, 1000 * one.high), rel=1e-6)
    assert str(other.notes[1]) == str(one.notes[1])
    assert other.p_value == pytest.approx(one.p_value, abs=1e-6)


def test_refusals_say_what_is_missing() -> None:
    cohorts = world(effect=1.0)
    with pytest.raises(FitError, match="use 'relative magnitudes' or 'smoothness'"):
        honest.fit(cohorts, restriction="monotone")  # type: ignore[arg-type]
    with pytest.raises(FitError, match="no effect is estimated 9 periods"):
        honest.fit(cohorts, at=9)
    with pytest.raises(FitError, match="it is 0 or more"):
        honest.fit(cohorts, bound=-1.0)
    with pytest.raises(FitError, match="no common reference period"):
        honest.fit(cohorts, estimator="imputation")  # type: ignore[arg-type]
    with pytest.raises(FitError, match="before the reference and one after"):
        honest.fit(cohorts, earliest=0)
    with pytest.raises(FitError, match="no change of slope"):
        honest.fit(world(length=6, start=2), restriction="smoothness")


def test_a_gap_in_the_event_times_is_refused() -> None:
    curve = curve_of(np.ones(8), np.eye(8), 3)
    gap = replace(curve, time=np.array([-4, -3, -2, 0, 1, 4, 5, 6]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(honest, "_estimated", lambda cohorts, estimator: gap)
        with pytest.raises(FitError, match="2 periods from treatment; narrow"):
            honest.against_reference(world(effect=1.0))
        assert honest.against_reference(world(effect=1.0), latest=1).time[-1] == 1
