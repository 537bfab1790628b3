"""Outcomes averted keep the whole interval of the study, on the scale it was made on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from example_study import outcome
from invented import HAPPENED, difference, ratio
from scipy import stats

from evaluation.economics.averted import Averted, Window, averted, window_of
from evaluation.effect import Effect, Interval
from evaluation.errors import FitError

WINDOW = Window(3.0, "2014-01", "2016-12", 36)
U = np.array([0.001, 0.025, 0.3, 0.5, 0.9, 0.975, 0.999])


def _of(effect: Effect) -> Averted:
    return averted(outcome(effect), WINDOW)


@pytest.mark.parametrize("df", [None, 4.0, 88.0])
@pytest.mark.parametrize("theta", [-0.4, -0.001, 0.0, 0.15])
def test_ratio_is_drawn_as_its_own_t_on_the_log_scale(theta: float, df: float | None) -> None:
    law = stats.norm if df is None else stats.t(df)
    found = _of(ratio(theta, 0.12, df=df))
    # A high quantile of the number averted is a low one of the ratio.
    wanted = HAPPENED * np.expm1(-(theta + 0.12 * law.ppf(1 - U)))
    np.testing.assert_allclose(found.at(U), wanted, rtol=1e-8, atol=1e-8 * HAPPENED)


def test_one_degree_of_freedom_gives_finite_numbers() -> None:
    made = _of(ratio(-0.1, 0.2, df=1.0)).at((np.arange(40_000) + 0.5) / 40_000)
    assert np.isfinite(made * 1e9).all()


def test_difference_is_drawn_as_a_normal_as_it_stands() -> None:
    found = _of(difference(80.0, 30.0))
    np.testing.assert_allclose(found.at(U), stats.norm(80, 30).ppf(U), rtol=1e-9)


def test_interval_of_the_study_comes_back_also_when_uneven() -> None:
    uneven = replace(ratio(-0.3, 0.1), averted=Interval(90.0, 20.0, 190.0))
    made = _of(uneven).at(np.array([0.025, 0.5, 0.975]))
    np.testing.assert_allclose(made, [20.0, 90.0, 190.0], rtol=1e-9)


@pytest.mark.parametrize("theta", [-0.4, -0.001, 0.0, 0.15])
def test_base_is_what_happened_even_when_the_estimate_is_near_nought(theta: float) -> None:
    assert _of(ratio(theta, 0.12)).base == pytest.approx(HAPPENED, rel=1e-9)


def test_base_of_a_difference_is_what_was_expected() -> None:
    assert _of(difference(80.0, 30.0, expected=900.0)).base == pytest.approx(900.0, rel=1e-9)


def test_base_and_percent_give_back_the_number_averted() -> None:
    for effect in (ratio(-0.3, 0.1), difference(80.0, 30.0)):
        found = _of(effect)
        fall = -effect.percent.estimate / 100
        odds = fall / (1 - fall) if found.log else fall
        assert found.base is not None
        assert found.base * odds == pytest.approx(effect.averted.estimate, rel=1e-9)


def test_count_and_percent_of_unlike_sign_give_no_base() -> None:
    found = _of(replace(ratio(-0.3, 0.1), averted=Interval(-10.0, -30.0, 15.0)))
    assert found.base is None
    np.testing.assert_allclose(found.at(np.array([0.025, 0.5])), [-30.0, -10.0], rtol=1e-9)


@pytest.mark.parametrize(
    "changes",
    [
        {"averted": Interval(50.0, 50.0, 50.0)},
        {"averted": Interval(50.0, float("nan"), 80.0)},
        {"averted": Interval(50.0, 60.0, 80.0)},
        {"std_error": 0.0},
        {"std_error": float("nan")},
    ],
)
def test_effect_without_an_interval_is_not_valued(changes: dict[str, object]) -> None:
    with pytest.raises(FitError, match="gives no interval") as caught:
        _of(replace(ratio(-0.3, 0.1), **changes))  # type: ignore[arg-type]
    assert caught.value.exit_code == 3


def test_what_cannot_be_counted_is_not_valued() -> None:
    effect = ratio(-0.3, 0.1)
    with pytest.raises(FitError, match="must not be used"):
        _of(replace(effect, objection="few clusters"))
    with pytest.raises(FitError, match="a score or a share"):
        _of(replace(effect, averted_estimand="minus the effect; it is not a count of anything"))
    with pytest.raises(FitError, match="more of it is hoped for"):
        averted(outcome(effect, better="higher"), WINDOW)
    made = outcome(effect)
    lost = replace(made, headline=replace(made.headline, effect=None, reason="no event"))
    with pytest.raises(FitError, match="not estimated: no event"):
        averted(lost, WINDOW)


def test_the_good_way_is_that_of_the_effect() -> None:
    """Days free of arrest: the plan wants fewer arrests, and more of these days are a gain."""
    days = replace(ratio(-0.3, 0.1), better="higher")
    with pytest.raises(FitError, match="more of it is hoped for"):
        averted(outcome(days, better="lower"), WINDOW)
    lower = replace(ratio(-0.3, 0.1), better="lower")
    assert averted(outcome(lower, better="higher"), WINDOW).number == lower.averted


def test_a_mean_or_a_rate_is_no_number_of_outcomes() -> None:
    with pytest.raises(FitError, match="a mean or a rate"):
        averted(outcome(ratio(-0.3, 0.1)), WINDOW, mean=True)


def test_window_runs_from_the_start_to_the_last_period() -> None:
    # The invented path has 96 months from 2009-01 and a start in 2014-01.
    assert window_of(ratio(-0.3, 0.1), "month") == Window(3.0, "2014-01", "2016-12", 36)


def test_months_left_out_to_settle_in_are_paid_for_but_avert_nothing() -> None:
    effect = ratio(-0.3, 0.1)
    path = tuple(
        replace(point, phase="left out") if point.period in ("2014-01", "2014-02") else point
        for point in effect.path
    )
    settled = replace(effect, path=path)
    window = window_of(settled, "month")
    assert window == Window(3.0, "2014-01", "2016-12", 36)
    shares = averted(outcome(settled), window).shares
    assert shares is not None
    assert shares[:2] == (0.0, 0.0)
    assert sum(shares) == pytest.approx(1.0)


def test_discounting_takes_each_part_from_its_middle() -> None:
    window = Window(2.0, "", "", 2)
    by_hand = (1.05**-0.5 + 1.05**-1.5) / 2
    assert window.discounted(0.05) == pytest.approx(by_hand, rel=1e-12)
    late = window.discounted(0.05, np.array([0.0, 1.0]))
    assert late == pytest.approx(1.05**-1.5, rel=1e-12)
    assert window.discounted(0.0) == 1.0


def test_what_was_expected_is_valued_also_where_nothing_happened() -> None:
    """A fall of 100 % has no outcomes left to scale: the number is the study's own."""
    gone = replace(
        ratio(-0.3, 0.1),
        percent=Interval(-100.0, -100.0, -97.0),
        averted=Interval(221.0, 180.0, 262.0),
    )
    found = _of(gone)
    assert found.base is None
    made = found.at(np.array([0.025, 0.5, 0.975]))
    np.testing.assert_allclose(made, [180.0, 221.0, 262.0], rtol=1e-9)
