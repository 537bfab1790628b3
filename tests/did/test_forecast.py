"""The forecast and the step of one treated unit, as a plan asks for them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from one_city import cities, first_only

from evaluation import did
from evaluation.did import METHODS, Cohorts, forecast
from evaluation.errors import FitError


def counted(seed: int, n: int, length: int, start: int, mean: int) -> Cohorts:
    """Whole numbers without any chance, so that another program can make them."""
    i, t = np.arange(1, n + 2)[:, None], np.arange(1, length + 1)
    y = (7 * i + 11 * t + 3 * i * t + i * i + seed) % (1 + mean + 2 * i)
    return Cohorts.from_arrays(y, first_only(n + 1, start), kind="count")


LONG, SHORT, LATE, FEW = (
    (1, 12, 84, 48, 14),
    (2, 5, 79, 40, 9),
    (3, 9, 100, 36, 20),
    (4, 8, 90, 50, 0),
)


# What the prototype of this method gives (the one that real cities were measured with): estimate,
# standard deviation, range and p. Its range is found by bisection to 1e-13.
@pytest.mark.parametrize(
    ("given", "name", "options", "wanted"),
    [
        (LONG, "forecast", {}, (0.058305170945, 0.171043341045, -0.279945988770, 0.397231025984)),
        (LONG, "forecast", {"window": 0}, (0.085278802982, 0.153638721661, -0.218577998756, 0.0)),
        (LONG, "step", {}, (0.071559414292, 0.156553815997, -0.237371908132, 0.380848022381)),
        (SHORT, "forecast", {}, (0.063611036306, 0.146833778227, -0.227568914657, 0.354424502162)),
        # Over 39 and 64 months nothing pulls a deviation back.
        (SHORT, "forecast", {"window": 0}, (0.034485783953, 0.146397583829, -0.259679226355, 0.0)),
        (SHORT, "step", {}, (0.044057393431, 0.105897640361, -0.166669756393, 0.254193379113)),
        (LATE, "forecast", {"window": 0}, (-0.022799082555, 0.126384091874, -0.274461996298, 0.0)),
        (LATE, "step", {}, (-0.048919592148, 0.115145538365, -0.277863924366, 0.177504715427)),
        # One event a month: blocks of a year, and all months.
        (FEW, "forecast", {}, (-0.038860852028, 0.226735270754, -0.490894624362, 0.413535419864)),
        (FEW, "step", {}, (-0.039633982182, 0.200616231928, -0.439520143695, 0.360425937722)),
    ],
)
def test_numbers_are_those_of_the_prototype(given, name, options, wanted):
    effect = METHODS[name].set_to(options).fit(counted(*given))
    found = (effect.estimate, effect.std_error, effect.low)
    assert found == pytest.approx(wanted[:3], abs=1e-9)
    if wanted[3]:
        assert effect.high == pytest.approx(wanted[3], abs=1e-9)


@pytest.mark.parametrize("name", ["forecast", "step"])
def test_exposure_in_thousands_and_the_order_of_units_change_nothing(name):
    cohorts = cities()
    people = np.linspace(1, 2, 96) * np.arange(1, 14)[:, None]
    one = METHODS[name].fit(replace(cohorts, exposure=people))
    for other in (
        replace(cohorts, exposure=people / 1000),
        replace(cohorts, exposure=people).keeping([3, 1, 2, 0, 12, 4, 5, 6, 7, 8, 9, 10, 11]),
    ):
        found = METHODS[name].fit(other)
        assert (found.estimate, found.low) == pytest.approx((one.estimate, one.low), abs=1e-9)
        assert found.averted.estimate == pytest.approx(one.averted.estimate)
    # Residents that grow alike everywhere are what all share.
    assert one.estimate == pytest.approx(METHODS[name].fit(cohorts).estimate, abs=0.02)


def test_window_is_the_months_of_the_effect_and_what_follows_is_shown_as_later():
    effect = METHODS["forecast"].set_to({"window": 12}).fit(cities(effect=-0.5))
    phases = [point.phase for point in effect.path]
    assert phases == ["before"] * 48 + ["after"] * 12 + ["later"] * 36
    assert effect.covered == effect.path[:60]
    awaited = sum(point.expected - point.observed for point in effect.path[48:])
    assert effect.averted.estimate == pytest.approx(awaited)
    assert "first 12 months" in str(effect.notes[0])
    whole = METHODS["forecast"].set_to({"window": 0}).fit(cities(effect=-0.5))
    assert "all 48 months" in str(whole.notes[0])
    assert {point.phase for point in whole.path} == {"before", "after"}


def test_every_block_after_the_start_has_an_effect_of_its_own():
    effect = METHODS["forecast"].fit(cities(effect=-0.5))
    # Those within three years; farther out only where nothing pulls a unit back.
    assert [one.time for one in effect.dynamic] == list(range(0, 36, 3))
    whole = METHODS["forecast"].set_to({"window": 0}).fit(cities(effect=-0.5))
    assert [one.time for one in whole.dynamic] == list(range(0, 48, 3))
    inside = [one.estimate for one in effect.dynamic if one.time < 24]
    assert np.mean(inside) == pytest.approx(effect.estimate, abs=0.02)
    assert all(one.std_error > effect.std_error for one in effect.dynamic)


def quarterly(cohorts: Cohorts, size: int, frequency: str) -> Cohorts:
    y = cohorts.y.reshape(cohorts.n, -1, size).sum(axis=2)
    return Cohorts.from_arrays(
        y, cohorts.first / size, kind="count", frequency=frequency, first={3: "2000-Q1"}.get(size)
    )


@pytest.mark.parametrize("name", ["forecast", "step"])
def test_quarters_give_what_their_months_give(name):
    months = cities(effect=-0.3)
    one, other = METHODS[name].fit(months), METHODS[name].fit(quarterly(months, 3, "quarter"))
    assert other.estimate == pytest.approx(one.estimate, abs=1e-10)
    assert (other.low, other.p_value) == pytest.approx((one.low, one.p_value), abs=1e-9)


def test_by_year_it_can_be_asked_and_is_no_default():
    years = Cohorts.from_arrays(
        np.random.default_rng(1).poisson(90, (10, 14)),
        first_only(10, 8),
        kind="count",
        frequency="year",
        first="2000",
    )
    effect = METHODS["forecast"].fit(years)
    assert [point.phase for point in effect.path[8:]] == ["after"] * 2 + ["later"] * 4
    assert did.default(years).name == "random-effects"


@pytest.mark.parametrize(
    ("cohorts", "options", "words"),
    [
        (cities(), {"window": 20}, "multiple of 3"),
        (cities(), {"window": -3}, "multiple of 3"),
        (cities().keeping([0, 3]), {}, "single control"),
        (cities().between(44, 96), {}, "6 months before the start and 3 from it on"),
        (cities(mean=1.0).between(40, 96), {}, "12 months before the start and 6 from it on"),
    ],
)
def test_what_cannot_be_forecast_is_refused(cohorts, options, words):
    with pytest.raises(FitError, match=words):
        METHODS["forecast"].set_to(options).fit(cohorts)


def test_a_plan_frozen_before_the_forecast_keeps_its_default():
    cohorts = cities()
    assert did.default(cohorts).name == "forecast"
    assert "first 24 months" in str(did.choice(cohorts).why)
    former = replace(cohorts, promised="former")
    assert did.default(former).name == "random-effects"
    assert "frozen while this was the default" in str(did.choice(former).why)
    assert did.always_beside(former, "random-effects")[0].name == "forecast"


def test_the_step_is_the_headline_only_where_the_plan_said_so_beforehand():
    promised = replace(cities(), promised="at once")
    assert did.default(promised).name == "step"
    beside = did.always_beside(promised, "step")
    assert [one.words for one in beside][:2] == ["forecast", "forecast-whole"]
    few = replace(cities(mean=1.0), promised="at once")
    assert did.default(few).name == "random-effects"


def test_the_whole_period_stands_beside_the_window_with_words_of_its_own():
    cohorts = cities()
    whole = did.always_beside(cohorts, "forecast")[0]
    assert (whole.name, whole.words) == ("forecast", "forecast-whole")
    assert "all months" in whole.label
    plain = METHODS["forecast"].set_to({"window": 0}).fit(cohorts)
    assert whole.fit(cohorts).estimate == plain.estimate
    # No longer than the window, there is nothing beside it.
    short = cohorts.between(0, 72)
    assert "forecast-whole" not in [one.words for one in did.always_beside(short, "forecast")]


def test_drift_goes_on_through_a_washout():
    cohorts = cities()
    kept = np.delete(np.arange(96), [48, 49])
    apart = Cohorts.from_arrays(cohorts.y, cohorts.first, kind="count", washout=2)
    dropped = Cohorts.from_arrays(cohorts.y[:, kept], cohorts.first, kind="count")
    for name in ("forecast", "step"):
        one, other = METHODS[name].fit(apart), METHODS[name].fit(dropped)
        assert one.estimate != other.estimate
        assert one.estimate == pytest.approx(other.estimate, abs=0.05)
    assert METHODS["forecast"].fit(apart).dynamic[0].time == 2


def test_events_are_counted_over_the_whole_window():
    assert forecast.events_a_month(cities(mean=8.0)) == pytest.approx(cities().y[0].mean())
