"""What a fit leaves over is found when it is there, and named."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.errors import FitError
from evaluation.its import METHODS, Series, Specification
from evaluation.its import diagnostics as checks
from evaluation.its.check_helpers import inflation, left_over
from evaluation.numeric.series import diagnostics as tests

METHOD = METHODS["averaged-reml"]


def ask(check, series: Series, method=METHOD):
    return check(series, method, method.fit(series))


def quiet(n: int = 96, seed: int = 1) -> Series:
    return Series.from_arrays(np.random.default_rng(seed).poisson(15, n), start=n // 2)


def test_a_short_series_is_flagged():
    assert ask(checks.length, quiet(34)).passed is False


def test_a_pattern_the_model_does_not_have_is_left_over():
    rng = np.random.default_rng(2)
    wave = np.where(np.arange(120) % 5 == 0, 4.0, 1.0)
    series = Series.from_arrays(rng.poisson(10 * wave), start=60)
    found = ask(checks.residual_autocorrelation, series)
    assert found.passed is False
    assert found.table[-1]["p"] < 0.05
    peaks = [row["lag"] for row in ask(checks.correlogram, series).table if row["partial"] > 0.3]
    assert 5 in peaks


def test_the_five_tests_are_those_of_the_poisson_residuals():
    series, method = quiet(), METHODS["poisson"]
    effect = method.fit(series)
    root = np.sqrt(effect.fitted)
    residuals, x = (series.y - effect.fitted) / root, root[:, None] * series.x
    by_hand = {
        "Durbin-Watson": tests.durbin_watson(residuals, x),
        "Breusch-Godfrey": tests.breusch_godfrey(residuals, x, 12),
        "Ljung-Box": tests.ljung_box(residuals, 12),
        "Cumby-Huizinga": tests.cumby_huizinga(residuals, x, 1, 12, errors="robust"),
        # A method without correlation takes none out.
        "Ljung-Box on whitened residuals": tests.ljung_box(residuals, 12),
    }
    found = checks.residual_autocorrelation(series, method, effect).table
    assert [row["test"] for row in found] == list(by_hand)
    for row in found:
        assert (row["statistic"], row["p"]) == pytest.approx(by_hand[row["test"]], rel=1e-9)


def test_errors_of_a_higher_order_are_taken_out_as_the_model_has_them():
    rng = np.random.default_rng(5)
    errors = np.zeros(160)
    for t in range(2, 160):
        errors[t] = 0.7 * errors[t - 2] + rng.normal()
    series = Series.from_arrays(50 + errors[40:], start=60, kind="continuous")
    second = METHODS["arima"].set_to({"order": (2, 0, 0)})
    assert ask(checks.residual_autocorrelation, series, second).passed
    assert not ask(checks.residual_autocorrelation, series, METHODS["linear-reml-ar1"]).passed
    differenced = METHODS["arima"].set_to({"order": (0, 1, 1)})
    wander = Series.from_arrays(np.cumsum(errors)[40:], start=60, kind="continuous")
    assert len(left_over(wander, differenced).innovations) == 119


def test_the_correlogram_ends_before_the_series_does():
    assert len(ask(checks.correlogram, quiet(96)).table) == 24
    assert len(ask(checks.correlogram, quiet(40)).table) == 10


def test_dispersion_is_near_one_for_pure_chance_and_above_for_clusters():
    rng = np.random.default_rng(3)
    clustered = Series.from_arrays(rng.negative_binomial(4, 4 / 19, 96), start=48)

    def ratio(series):
        return float(str(ask(checks.dispersion, series).says).split()[3])

    assert ratio(quiet()) == pytest.approx(1, abs=0.35)
    assert ratio(clustered) > 2


def test_one_wild_period_is_named():
    y = quiet(60).y.copy()
    y[33] = 150
    series = Series.from_arrays(y, start=30)
    found = ask(checks.influence, series)
    assert found.passed is False
    assert "2002-10" in str(found.says)
    outliers = ask(checks.outliers, series)
    assert outliers.passed is None
    wild = next(row for row in outliers.table if row["period"] == "2002-10")
    assert wild["observed"] == 150
    assert wild["residual"] > 3


def test_a_period_with_a_term_of_its_own_is_flagged_for_its_leverage():
    out = np.zeros(60)
    out[10] = 1
    series = Series.from_arrays(
        quiet(60).y,
        start=30,
        specification=Specification(covariates=("out",)),
        covariates={"out": out},
    )
    row = ask(checks.outliers, series).table[0]
    assert row["period"] == "2000-11"
    assert row["leverage"] == pytest.approx(1, abs=1e-6)
    assert row["residual"] == 0


def test_an_outlier_among_several_sites_names_its_site():
    y = quiet(60).y.copy()
    y[20] = 200
    series = quiet(60, seed=2).joined([Series.from_arrays(y, start=40, name="Stockton")])
    found = ask(checks.outliers, series)
    wild = next(row for row in found.table if row["observed"] == 200)
    assert (wild["period"], wild["site"]) == ("2001-09", "Stockton")
    assert "2001-09 in Stockton" in str(found.says)
    assert "in Stockton" in str(ask(checks.influence, series).says)


def test_leaving_one_out_equals_refitting_without_it():
    series = quiet(48)
    estimates = checks.leaving_each_out(series, "log")
    # brute force: a dummy for the period takes it out of the fit
    dummy = np.zeros(48)
    dummy[10] = 1
    with_dummy = Series.from_arrays(
        series.y,
        start=24,
        specification=Specification(covariates=("out",)),
        covariates={"out": dummy},
    )
    fitted = METHODS["poisson"].fit(with_dummy)
    assert estimates[10] == pytest.approx(fitted.params["level"], rel=1e-6)
    linear = METHODS["ols"].fit(with_dummy)
    found = checks.leaving_each_out(series, "identity")
    assert found[10] == pytest.approx(linear.params["level"], rel=1e-9)


def test_the_only_period_with_an_event_is_not_left_out_in_silence():
    # All events of the time before fall into one month: without it there is no finite estimate.
    y = np.concatenate([np.zeros(18), [6.0], np.zeros(5), np.full(24, 3.0)])
    flat = Specification(trend="none", season="none")
    found = ask(checks.influence, Series.from_arrays(y, start=24, specification=flat))
    assert found.passed is False
    assert "There is 1 period without which there is no finite estimate" in str(found.says)


def test_residuals_of_a_perfect_fit_are_refused():
    y = 5.0 + np.arange(48)
    series = Series.from_arrays(y, start=24, kind="continuous")
    with pytest.raises(FitError, match="leaves nothing over"):
        left_over(series, METHODS["ols"])


@pytest.mark.parametrize(("rho", "nugget", "periods"), [(0.5, 0.0, 6), (0.8, 0.3, 9)])
def test_inflation_is_the_variance_of_a_mean_of_correlated_errors(rho, nugget, periods):
    gap = np.abs(np.subtract.outer(np.arange(periods), np.arange(periods)))
    r = (1 - nugget) * rho**gap + nugget * np.eye(periods)
    assert inflation(rho, nugget, periods) == pytest.approx(r.sum() / periods, rel=1e-12)


def test_negative_correlation_is_no_reason_for_more_trust():
    assert inflation(-0.5, 0.0, 12) == 1


@pytest.mark.parametrize("kind", ["count", "continuous"])
def test_one_period_after_the_start_can_not_be_left_out_and_ends_in_no_traceback(kind):
    y = np.random.default_rng(1).poisson(9, 60).astype(float)
    series = Series.from_arrays(y, start=59, kind=kind)
    estimates = checks.leaving_each_out(series, "log" if kind == "count" else "identity")
    assert np.isnan(estimates[-1])
    assert np.isfinite(estimates[:-1]).all()
