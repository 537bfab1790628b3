"""Did the treated unit wander farther than its controls before the start?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from one_city import cities

from evaluation.did import METHODS, Cohorts, own_past
from evaluation.effect import Check


def asked(cohorts: Cohorts) -> Check:
    method = METHODS["forecast"]
    return own_past.check(cohorts, method, method.fit(cohorts))


def test_a_unit_like_its_controls_passes_with_the_scale_of_each():
    cohorts = cities()
    found = asked(cohorts)
    assert found.passed is True
    assert [row["role"] for row in found.table] == ["treated", *["control"] * 12]
    assert "In the 48 months before the start unit 1" in str(found.says)
    assert "notices one in six" in str(found.says)


def test_a_unit_that_wandered_farther_before_the_start_fails_whatever_came_after():
    cohorts = cities(mean=25.0)
    draw = np.random.default_rng(2)
    walk = np.where(np.arange(48) % 24 < 12, 0.45, -0.45)
    y = cohorts.y.copy()
    y[0, :48] = draw.poisson(25 * np.exp(walk))
    wild = asked(replace(cohorts, y=y))
    assert wild.passed is False and "not one of a kind" in str(wild.says)
    y[0, 48:] = 0
    assert asked(replace(cohorts, y=y)).table[0] == wild.table[0]


def test_controls_that_shift_at_the_start_are_told():
    cohorts = cities(mean=25.0)
    draw = np.random.default_rng(3)
    shift = np.where(np.arange(13) % 2 == 0, 0.35, -0.35)[:, None] * (np.arange(96) >= 48)
    y = draw.poisson(60 * np.exp(shift))
    found = asked(replace(cohorts, y=y.astype(float)))
    assert found.passed is False and "shifted at the start itself" in str(found.says)


def test_a_panel_that_the_model_cannot_take_is_not_judged():
    method = METHODS["ratio-series"]
    found = own_past.check(cities().keeping([0, 4]), method, method.fit(cities()))
    assert found.passed is None and "single control" in str(found.says)
