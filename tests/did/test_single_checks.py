"""Checks of one treated unit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from one_city import cities, rates

from evaluation.did import checks, random_effects
from evaluation.did.method import Method

BOTH = frozenset({"count", "continuous"})
METHOD = Method("random-effects", random_effects.fit, BOTH, "", "", "", "")


def asked(check, cohorts):
    return check(cohorts, METHOD, METHOD.fit(cohorts))


def test_steady_city_passes_and_a_wild_one_warns():
    cohorts = cities(mean=25.0)
    found = asked(random_effects.pre_period_splits, cohorts)
    assert found.passed is True and len(found.table) == 13
    y = cohorts.y.copy()
    y[0, 20:40] = y[0, 20:40] // 4
    warned = asked(random_effects.pre_period_splits, replace(cohorts, y=y))
    assert warned.passed is False
    assert "number 1 of 13" in str(warned.says) and "too narrow" in str(warned.says)


def test_splits_use_nothing_from_after_the_start():
    cohorts = cities()
    y = cohorts.y.copy()
    y[:, 48:] = y[:, 48:][:, ::-1] * 3
    one, other = (
        asked(random_effects.pre_period_splits, c) for c in (cohorts, replace(cohorts, y=y))
    )
    assert one.table == other.table


def test_splits_are_the_method_asked_at_placebo_dates():
    cohorts = cities().between(24, 96)
    found = asked(random_effects.pre_period_splits, cohorts)
    # 24 months before leave 6 a side: dates 6 to 18.
    before = cohorts.y[:, :24]
    squares = []
    for date in range(6, 19):
        panel = replace(cohorts, y=cohorts.y, first=np.where(cohorts.ever, float(date), np.inf))
        panel = replace(panel, y=before, periods=cohorts.periods[:24])
        answer = random_effects.fit(panel)
        squares.append((answer.estimate / answer.std_error) ** 2)
    assert found.table[0]["unevenness"] == pytest.approx(np.mean(squares), rel=1e-9)


def test_continuous_outcomes_can_be_compared_too():
    assert asked(random_effects.pre_period_splits, rates()).passed is not None


def test_without_time_or_controls_the_check_says_why():
    short = asked(random_effects.pre_period_splits, cities().between(45, 96))
    assert short.passed is None and "Not possible: 3 periods" in str(short.says)
    few = asked(random_effects.pre_period_splits, cities().keeping([0, 4, 8]))
    assert few.passed is None and "2 controls are too few" in str(few.says)


def test_answer_that_hangs_on_one_control_fails():
    cohorts = cities(effect=-0.7)
    assert asked(checks.leave_one_control_out_by_weight, cohorts).passed is True
    heavy = cohorts.keeping([0, 1, 2, 12])
    found = asked(checks.leave_one_control_out_by_weight, heavy)
    shares = random_effects.control_shares(heavy)[1]
    assert shares.max() > 0.4 and found.passed is False
    assert f"{100 * shares.max():.0f} % ({heavy.units[3]})" in str(found.says)
    assert [row["weight"] for row in found.table] == pytest.approx(shares)


def test_sign_that_turns_fails():
    cohorts = cities(seed=4)
    y = cohorts.y.copy()
    # One control rises fivefold, the treated city a little: with it a fall, without it a rise.
    y[0, 48:] = (1.05 * y[0, 48:]).round()
    y[12, 48:] *= 5
    found = asked(checks.leave_one_control_out_by_weight, replace(cohorts, y=y))
    signs = {np.sign(row["estimate"]) for row in found.table}
    assert found.passed is (len(signs) == 1 and max(r["weight"] for r in found.table) <= 0.4)


def test_too_few_controls_to_leave_one_out():
    found = asked(checks.leave_one_control_out_by_weight, cities().keeping([0, 4, 8]))
    assert found.passed is None and "Not possible" in str(found.says)


@pytest.mark.parametrize(("controls", "words"), [(12, "cannot find anything"), (19, "1 of 20")])
def test_smallest_p_is_named(controls, words):
    found = asked(checks.smallest_p, cities(controls=controls))
    assert found.passed is None and words in str(found.says)
    assert ("cannot find" in str(found.says)) == (controls < 19)
