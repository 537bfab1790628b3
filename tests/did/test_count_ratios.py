"""One treated unit beside few controls: the ratio as a series."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from one_city import cities, rates

from evaluation.did import count_ratios
from evaluation.did.effects import effect
from evaluation.errors import FitError

ROWS = [0, 6, 9, 12]


def test_step_is_recovered_under_a_common_walk():
    answers = [
        count_ratios.fit(cities(seed, effect=np.log(0.5)).keeping(ROWS)) for seed in range(30)
    ]
    estimates = [answer.estimate for answer in answers]
    error = np.std(estimates, ddof=1) / np.sqrt(30)
    assert np.mean(estimates) == pytest.approx(np.log(0.5), abs=3 * error)
    covered = np.mean([answer.low <= np.log(0.5) <= answer.high for answer in answers])
    assert covered > 0.95 - 3 * np.sqrt(0.95 * 0.05 / 30)


def test_terms_are_named_and_the_last_is_the_answer():
    answer = count_ratios.fit(cities().keeping(ROWS))
    names = [term.name for term in answer.terms]
    assert names == ["intercept", "trend", "cosine 1", "sine 1", "cosine 2", "sine 2", "step"]
    assert answer.terms[-1].estimate == answer.estimate
    assert answer.df == 96 - 7


def test_only_the_sum_of_the_controls_counts():
    cohorts = cities().keeping(ROWS)
    y = cohorts.y.copy()
    y[1] += y[2]
    y[2] = 0
    assert count_ratios.fit(replace(cohorts, y=y)).estimate == count_ratios.fit(cohorts).estimate


def test_exposure_in_thousands_gives_the_same_answer():
    cohorts = cities().keeping(ROWS)
    exposure = np.linspace(1, 2, 96) * np.array([1, 3, 2, 5])[:, None]
    one, other = (
        count_ratios.fit(replace(cohorts, exposure=scale * exposure)) for scale in (1, 1000)
    )
    assert other.estimate == pytest.approx(one.estimate, abs=1e-9)
    # Exposure that grows alike everywhere says nothing about the ratio.
    assert one.estimate == pytest.approx(count_ratios.fit(cohorts).estimate, abs=1e-9)


def test_without_a_trend_it_is_not_valid():
    answer = count_ratios.fit(cities().keeping(ROWS), trend="none")
    assert answer.objection is not None and str(answer.objection).startswith("not valid here")
    assert [term.name for term in answer.terms][1] == "cosine 1"


def test_periods_without_any_event_are_left_out_and_said():
    cohorts = cities(mean=1.0).keeping([0, 1])
    y = cohorts.y.copy()
    y[:, 10] = 0
    answer = count_ratios.fit(replace(cohorts, y=y))
    empty = int((y.sum(axis=0) == 0).sum())
    assert f"{empty} periods without any event are left out" in map(str, answer.notes)
    assert answer.df == 96 - empty - 7


def test_short_series_say_so():
    answer = count_ratios.fit(cities().keeping(ROWS).between(33, 63), harmonics=1)
    assert "low information: 15 periods before and 15 after" in map(str, answer.notes)


def test_expected_line_is_the_ratio_without_the_step():
    cohorts = cities(effect=-0.5).keeping(ROWS)
    answer = count_ratios.fit(cohorts)
    found = effect(cohorts, "ratio-series", "", answer)
    assert found.percent.estimate == pytest.approx(100 * np.expm1(answer.estimate))
    after = [p for p in found.path if p.phase == "after"]
    ratio = sum(p.observed for p in after) / sum(p.expected for p in after)
    # The trend bends the two lines apart a little; the levels agree.
    assert np.log(ratio) == pytest.approx(answer.estimate, abs=0.1)


def test_what_it_is_not_for_is_refused():
    with pytest.raises(FitError, match="for counts"):
        count_ratios.fit(rates())
    with pytest.raises(FitError, match="harmonics 0 to 6"):
        count_ratios.fit(cities(), harmonics=9)
    cohorts = cities().keeping(ROWS)
    for row, words in (
        (0, "no event of unit 1 after"),
        ([1, 2, 3], "controls have no event after"),
    ):
        y = cohorts.y.copy()
        y[row, 48:] = 0
        with pytest.raises(FitError, match=words):
            count_ratios.fit(replace(cohorts, y=y))
