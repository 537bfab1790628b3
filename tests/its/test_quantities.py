"""The effect in other measures."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation import its
from evaluation.its import METHODS, Series
from evaluation.its.quantities import quantities


def measured(series: Series, method: str = "averaged-reml") -> dict[tuple[str, str], object]:
    chosen = METHODS[method]
    found = quantities(series, chosen.solve(series), chosen.fit(series))
    return {(str(quantity.name), quantity.how): quantity for quantity in found}


@pytest.fixture(scope="module")
def made() -> Series:
    rng = np.random.default_rng(1)
    exposure = np.linspace(390_000, 410_000, 120)
    mean = 12 * exposure / 4e5 * np.exp(-0.4 * (np.arange(120) >= 60))
    return Series.from_arrays(rng.poisson(mean), exposure=exposure, start=60)


def test_all_percent_measures_of_a_plain_step_are_the_same(made):
    found = measured(made)
    step = found["change of level", "transformed"]
    for name in ("change in the last period", "average change"):
        other = found[name, "delta method"]
        assert [other.estimate, other.low, other.high] == pytest.approx(
            [step.estimate, step.low, step.high], rel=1e-6
        )


@pytest.mark.parametrize("name", ["poisson", "linear-reml-ar1"])
def test_simulation_agrees_with_the_delta_method(made, name):
    found = measured(made, name)
    for sense in ("averted, fitted against expected", "averted, observed against expected"):
        if (sense, "simulation") not in found:
            assert (name, sense[9:15]) == ("poisson", "fitted")
            continue
        delta, drawn = found[sense, "delta method"], found[sense, "simulation"]
        assert drawn.estimate == delta.estimate
        width = delta.high - delta.low
        assert drawn.high - drawn.low == pytest.approx(width, rel=0.15)


def test_the_number_averted_of_a_ratio_is_that_of_the_effect(made):
    """One number with one range, whose word about no change is that of the percent change."""
    effect = METHODS["averaged-reml"].fit(made)
    ways = {how: one for (name, how), one in measured(made).items() if "fitted against" in name}
    assert list(ways) == ["transformed"]
    found = ways["transformed"]
    assert (found.estimate, found.low, found.high) == (
        effect.averted.estimate,
        effect.averted.low,
        effect.averted.high,
    )


def test_observed_against_expected_is_wider_because_it_holds_new_noise(made):
    found = measured(made, "linear-reml-ar1")
    modeled = found["averted, fitted against expected", "delta method"]
    recorded = found["averted, observed against expected", "delta method"]
    assert recorded.high - recorded.low > modeled.high - modeled.low


def test_observed_against_expected_takes_the_recorded_counts(made):
    found = measured(made)["averted, observed against expected", "delta method"]
    expected = METHODS["averaged-reml"].fit(made).counterfactual["expected"].to_numpy()
    assert found.estimate == pytest.approx(expected[60:].sum() - made.y[60:].sum(), rel=1e-9)


def test_new_noise_of_a_poisson_model_is_the_expected_count(made):
    """Var(expected total) + expected total, from the model alone."""
    fitted = METHODS["poisson"].solve(made)
    found = measured(made, "poisson")["averted, observed against expected", "delta method"]
    expected = np.exp(made.log_offset + made.baseline @ fitted.beta)[60:]
    gradient = (expected[:, None] * made.baseline[60:]).sum(axis=0)
    variance = fitted.judge(gradient[None, :]).std_error[0] ** 2 + expected.sum()
    assert (found.high - found.low) / 2 == pytest.approx(1.959964 * np.sqrt(variance), rel=1e-6)


def test_slope_is_by_year(made):
    sloped = made.specified(effect="level+slope")
    found = measured(sloped)["change of slope a year", "transformed"]
    slope = METHODS["averaged-reml"].fit(sloped).params["slope"]
    assert found.estimate == pytest.approx(100 * np.expm1(12 * slope), rel=1e-9)


def test_rate_is_averted_over_person_years(made):
    found = measured(made)
    averted = METHODS["averaged-reml"].fit(made).averted
    person_years = made.exposure[60:].sum() / 12
    rate = found["averted a year per 100,000", "transformed"]
    for bound in ("estimate", "low", "high"):
        wanted = getattr(averted, bound) / person_years * 1e5
        assert getattr(rate, bound) == pytest.approx(wanted, rel=1e-9)


def test_count_and_percent_agree_about_no_change():
    rng = np.random.default_rng(4)
    found = []
    for _ in range(60):
        y = rng.poisson(8 * np.where(np.arange(120) < 60, 1.0, 0.7))
        effect = its.estimate(Series.from_arrays(y, start=60))
        found.append((effect.percent.excludes_zero, effect.averted.excludes_zero))
    assert all(percent == averted for percent, averted in found)
    assert 5 < sum(percent for percent, _ in found) < 55


def test_e_value_is_that_of_its_authors_example(made):
    """A risk ratio of 3.9 (1.8 to 8.7) has E-values 7.26 and 3.0 (VanderWeele and Ding 2017)."""
    from dataclasses import replace

    from evaluation.its.quantities import _confounder

    effect = replace(
        METHODS["poisson"].fit(made), estimate=np.log(3.9), low=np.log(1.8), high=np.log(8.7)
    )
    found = _confounder(effect)
    assert found.estimate == pytest.approx(7.26, abs=0.005)
    assert found.low == pytest.approx(3.0, abs=0.005)
    assert _confounder(replace(effect, low=-0.1)).low == 1


def test_a_linear_model_has_no_ratio_measures(made):
    names = [name for name, _ in measured(made, "linear-reml-ar1")]
    assert not any("E-value" in name or "level" in name for name in names)
    assert "average change" in names


def test_the_same_series_gives_the_same_draws(made):
    assert measured(made) == measured(made)
