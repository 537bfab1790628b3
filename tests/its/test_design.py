"""Designs beyond a single lasting step: what each term is, and that each finds what is there."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation import its
from evaluation.data import period
from evaluation.errors import FitError
from evaluation.its import Interruption, Pulse, Series, Specification, pooled

N, START = 120, 60
FIRST = period.ordinal("2000-01", "month")


def column(series: Series, name: str) -> np.ndarray:
    return series.x[:, series.names.index(name)]


def poisson_series(log_mean: np.ndarray, seed: int, **more) -> Series:
    y = np.random.default_rng(seed).poisson(np.exp(log_mean))
    return Series.from_arrays(y, start=START, **more)


def step(start: int = START) -> np.ndarray:
    return (np.arange(N) >= start).astype(float)


class TestLaterInterventions:
    LATER = (Interruption("dilution", FIRST + 84), Interruption("relaunch", FIRST + 102, 2))

    def made(self, seed=1, **more) -> Series:
        log_mean = 3.5 - 0.5 * step() + 0.4 * step(84) - 0.6 * step(102)
        return poisson_series(log_mean, seed, later=self.LATER, **more)

    def test_each_level_is_the_change_from_the_phase_before(self):
        effect = its.estimate(self.made())
        found = effect.params[["level", "level: dilution", "level: relaunch"]].to_numpy()
        assert found == pytest.approx([-0.5, 0.4, -0.6], abs=0.2)

    def test_the_headline_is_the_first_phase_and_equals_its_level(self):
        series = self.made()
        effect = its.estimate(series)
        assert np.flatnonzero(series.settled).tolist() == list(range(60, 84))
        assert effect.estimate == pytest.approx(effect.params["level"], rel=1e-9)

    def test_averted_counts_every_phase(self):
        series = self.made()
        effect = its.estimate(series)
        gap = effect.counterfactual["expected"].to_numpy() - effect.fitted
        assert effect.averted.estimate == pytest.approx(gap[START:].sum(), rel=1e-9)

    def test_with_a_control_each_change_is_beyond_what_the_control_did_then(self):
        shared = 0.5 * step(84)
        log_mean = 4.5 - 0.5 * step() + 0.4 * step(84) - 0.6 * step(102) + shared
        treated = poisson_series(log_mean, 1, later=self.LATER)
        control = poisson_series(5.0 + shared, 2, later=self.LATER)
        effect = its.estimate(treated.beside(control))
        names = ["level", "level: dilution", "level: relaunch"]
        assert effect.params[names].to_numpy() == pytest.approx([-0.5, 0.4, -0.6], abs=0.15)
        assert effect.params["common level: dilution"] == pytest.approx(0.5, abs=0.1)
        alone = its.estimate(treated)
        assert alone.params["level: dilution"] == pytest.approx(0.9, abs=0.15)

    def test_an_intervention_after_the_window_has_no_term(self):
        cut = self.made().between(0, 100)
        assert [name for name in cut.names if ":" in name] == ["level: dilution"]

    def test_a_pretended_start_has_no_later_interventions(self):
        assert not any(":" in name for name in self.made().between(0, 60, start=30).names)


def test_a_fading_effect_halves_in_its_half_life():
    made = Series.from_arrays(
        np.ones(N), start=START, specification=Specification(half_life=12, phase_in=2)
    )
    level = column(made, "level")
    assert level[62] == 1
    assert level[74] == pytest.approx(0.5)
    assert level[86] == pytest.approx(0.25)


def test_a_fading_effect_is_found_and_its_headline_is_an_average():
    fade = step() * 0.5 ** (np.maximum(np.arange(N) - START, 0) / 12)
    series = poisson_series(3.5 - 0.8 * fade, 2, specification=Specification(half_life=12))
    effect = its.estimate(series)
    assert effect.params["level"] == pytest.approx(-0.8, abs=0.25)
    assert abs(effect.estimate) < 0.6 * abs(effect.params["level"])
    assert "average" in str(effect.estimand)


def test_a_pulse_takes_an_event_out_of_the_effect():
    log_mean = 3.0 + 1.0 * ((np.arange(N) >= 70) & (np.arange(N) < 76))
    pulse = Pulse("strike", FIRST + 70, 6)
    without, with_pulse = (
        its.estimate(poisson_series(log_mean, 3, pulses=pulses)) for pulses in ((), (pulse,))
    )
    assert abs(with_pulse.estimate) < 0.1 < abs(without.estimate)
    assert with_pulse.params["pulse: strike"] == pytest.approx(1.0, abs=0.15)


def test_a_pulse_is_part_of_what_is_expected():
    pulse = Pulse("strike", FIRST + 70, 6)
    series = poisson_series(np.full(N, 3.0), 3, pulses=(pulse,))
    assert series.baseline[72, series.names.index("pulse: strike")] == 1


class TestDose:
    DOSE = np.where(np.arange(N) >= START, np.arange(N) % 4, 0)

    def test_effect_is_by_unit_of_dose(self):
        series = poisson_series(3.5 - 0.2 * self.DOSE, 4, dose=self.DOSE)
        effect = its.estimate(series)
        assert effect.params["dose"] == pytest.approx(-0.2, abs=0.06)
        assert "level" not in series.names

    def test_headline_is_over_periods_with_a_dose(self):
        series = poisson_series(3.5 - 0.2 * self.DOSE, 4, dose=self.DOSE)
        assert (series.settled == (self.DOSE > 0)).all()

    def test_no_dose_after_the_start_is_refused(self):
        with pytest.raises(FitError, match="dose is nought"):
            poisson_series(np.full(N, 3.0), 4, dose=np.zeros(N))

    def test_a_negative_dose_is_refused(self):
        with pytest.raises(FitError, match="dose must not be negative"):
            poisson_series(np.full(N, 3.0), 4, dose=np.full(N, -1.0))


class TestControls:
    def pair(self, seed=5, effect=-0.4, shock=0.5):
        common = 0.3 * np.sin(2 * np.pi * (np.arange(N) % 12 + 1) / 12) + shock * step()
        treated = poisson_series(3.2 + common + effect * step(), seed, name="treated")
        control = poisson_series(4.0 + common, seed + 100, name="control")
        return treated, control

    def test_a_shock_to_both_is_not_taken_for_the_effect(self):
        treated, control = self.pair()
        alone, beside = its.estimate(treated), its.estimate(treated.beside(control))
        assert alone.estimate == pytest.approx(0.1, abs=0.25)
        assert beside.estimate == pytest.approx(-0.4, abs=0.2)
        assert beside.params["common level"] == pytest.approx(0.5, abs=0.2)

    def test_effect_of_a_saturated_pair_is_the_ratio_of_ratios(self):
        treated, control = self.pair()
        flat = {"trend": "none", "season": "none"}
        effect = its.estimate(treated.beside(control).specified(**flat), "poisson")
        y, z = treated.y, control.y
        ratio = (y[START:].sum() / y[:START].sum()) / (z[START:].sum() / z[:START].sum())
        assert effect.estimate == pytest.approx(np.log(ratio), rel=1e-8)
        totals = (y[START:], y[:START], z[START:], z[:START])
        error = np.sqrt(sum(1 / total.sum() for total in totals))
        assert effect.std_error == pytest.approx(error, rel=1e-8)

    def test_path_and_averted_are_of_the_treated_unit_only(self):
        treated, control = self.pair()
        effect = its.estimate(treated.beside(control))
        assert [point.observed for point in effect.path] == treated.y.tolist()
        gap = effect.counterfactual["expected"].to_numpy() - effect.fitted
        assert effect.averted.estimate == pytest.approx(gap[START:].sum(), rel=1e-9)

    def test_sites_do_not_share_errors(self):
        treated, control = self.pair()
        time = treated.beside(control).time
        assert time[N] - time[N - 1] > 10_000

    def test_slope_differences_have_terms_of_their_own(self):
        treated, control = self.pair()
        names = treated.beside(control).specified(effect="level+slope").names
        assert names[-4:] == ("common level", "common slope", "level", "slope")

    def test_a_pool_is_the_weighted_sum(self):
        treated, control = self.pair()
        pool = pooled([control, treated], [2, 0.5])
        assert pool.y.tolist() == (2 * control.y + 0.5 * treated.y).tolist()
        assert its.estimate(treated.beside(pool)).n == 2 * N

    @pytest.mark.parametrize("weights", [[1], [1, -1], [0, 0]])
    def test_weights_that_cannot_be_are_refused(self, weights):
        with pytest.raises(FitError, match="weights"):
            pooled(list(self.pair()), weights)

    def test_joining_what_does_not_fit_is_refused(self):
        treated, control = self.pair()
        rates = Series.from_arrays(control.y, start=START, kind="continuous")
        with pytest.raises(FitError, match="different kinds"):
            treated.beside(rates)
        with pytest.raises(FitError, match="already joined"):
            treated.beside(control).beside(control)
        exposed = Series.from_arrays(control.y, start=START, exposure=np.ones(N))
        with pytest.raises(FitError, match="exposure"):
            treated.beside(exposed)

    @pytest.mark.parametrize("method", ["linear-reml-ar1", "newey-west", "quasi-poisson-ar1"])
    def test_other_methods_take_the_same_series(self, method):
        treated, control = self.pair(effect=-0.6)
        assert its.estimate(treated.beside(control), method).percent.high < 0


class TestSeveralSites:
    STARTS = (48, 60, 84)

    def sites(self, effect=-0.5):
        rng = np.random.default_rng(6)
        return [
            Series.from_arrays(
                rng.poisson(np.exp(2.5 + 0.4 * site + effect * step(start))),
                start=start,
                name=f"site {site}",
            )
            for site, start in enumerate(self.STARTS)
        ]

    def test_one_common_effect_is_found_from_staggered_starts(self):
        first, *rest = self.sites()
        effect = its.estimate(first.joined(rest))
        assert effect.estimate == pytest.approx(-0.5, abs=0.15)

    def test_every_site_has_a_level_and_trend_of_its_own(self):
        first, *rest = self.sites()
        names = first.joined(rest).names
        assert names[:4] == ("intercept", "trend", "intercept: site 1", "trend: site 1")
        assert "common level" not in names

    def test_path_is_the_sum_over_sites(self):
        first, *rest = self.sites()
        path = its.estimate(first.joined(rest)).path
        observed = sum(site.y for site in (first, *rest))
        assert [point.observed for point in path] == observed.tolist()
        assert path[50].phase == "after"

    def test_with_a_control_site_there_is_no_single_common_change(self):
        first, second, _ = self.sites()
        both = first.joined([second])
        assert both.rows.starts == (FIRST + 48, FIRST + 60)


class TestSlopeAlone:
    SLOPE = Specification(effect="slope", season="none")

    def test_it_begins_at_nought_and_has_no_level(self):
        made = Series.from_arrays(np.ones(N), start=START, specification=self.SLOPE)
        assert made.names == ("intercept", "trend", "slope")
        assert column(made, "slope")[START - 1 : START + 3].tolist() == [0, 0, 1, 2]

    def test_a_change_of_slope_is_found_and_the_headline_is_its_average(self):
        since = np.maximum(np.arange(N) - START, 0)
        series = poisson_series(4.5 - 0.012 * since, 3, specification=self.SLOPE)
        for name in ("averaged-reml", "quasi-poisson", "newey-west"):
            effect = its.estimate(series, method=name)
            assert effect.params["slope"] == pytest.approx(-0.012, abs=0.004)
            assert -0.45 < effect.estimate < -0.2
            assert "average" in str(effect.estimand)

    def test_beside_a_control_the_common_change_is_a_slope_too(self):
        treated = poisson_series(4.5 - 0.3 * step(), 3, specification=self.SLOPE)
        made = treated.beside(poisson_series(4.5 + 0 * step(), 4, specification=self.SLOPE))
        assert "common slope" in made.names and "common level" not in made.names

    @pytest.mark.parametrize("shape", [{"phase_in": 2}, {"half_life": 6.0}])
    def test_a_shape_that_only_a_level_has_is_refused(self, shape):
        with pytest.raises(FitError, match="no level"):
            Specification(effect="slope", **shape)

    def test_a_later_level_with_a_shape_is_refused(self):
        with pytest.raises(FitError, match="no level"):
            poisson_series(
                3 + 0 * step(), 1, specification=self.SLOPE, later=(Interruption("x", 80, 2),)
            )

    def test_a_count_that_leans_on_its_last_has_no_slope_alone(self):
        series = poisson_series(3 + 0 * step(), 1, specification=self.SLOPE)
        with pytest.raises(FitError, match="slope alone"):
            its.estimate(series, method="lagged-poisson")
