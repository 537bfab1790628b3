"""Averaged REML against a dense brute-force twin in R, and against its own properties."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation import its
from evaluation.errors import FitError
from evaluation.its import Series
from evaluation.its.averaged_reml import fit, fit_ar1
from evaluation.numeric.series.averaged import averaged_poisson
from evaluation.numeric.series.correlation import AR1, AR1_NUGGET


@pytest.mark.parametrize(
    ("method", "key"),
    [("averaged-reml", "averaged_nugget"), ("averaged-reml-ar1", "averaged_ar1")],
)
def test_agrees_with_dense_matrices_in_r(series, from_r, method, key):
    expected = from_r[key]
    effect = its.estimate(series, method)
    assert effect.params.to_numpy() == pytest.approx(expected["coef"], rel=1e-6)
    found = [effect.low, effect.high, effect.std_error, effect.rho, effect.nugget]
    wanted = [expected[name] for name in ("low", "high", "se", "rho", "nugget")]
    assert found == pytest.approx(wanted, rel=1e-6, abs=1e-9)
    assert effect.p_value == pytest.approx(expected["p"], rel=1e-6)


def test_grids_have_the_points_that_were_studied():
    assert (len(AR1), len(AR1_NUGGET)) == (14, 46)
    assert min(rho for rho, omega in AR1_NUGGET if omega > 0) == 0.3


def test_many_series_at_once_equal_one_at_a_time(series):
    rng = np.random.default_rng(3)
    y = rng.poisson(np.exp(series.x[:, :2] @ [1.5, -0.002]), size=(7, series.n)).astype(float)
    time = np.arange(series.n)
    together = averaged_poisson(y, series.x, np.zeros(series.n), time, AR1_NUGGET)
    assert together.converged.all()
    for row in range(len(y)):
        alone = averaged_poisson(y[row], series.x, np.zeros(series.n), time, AR1_NUGGET)
        assert alone.beta[0] == pytest.approx(together.beta[row], rel=1e-8, abs=1e-8)
        assert alone.weights[0] == pytest.approx(together.weights[row], abs=1e-8)


def test_interval_widens_when_autocorrelation_is_added():
    rng = np.random.default_rng(5)
    persistent = np.zeros(120)
    for t in range(1, 120):
        persistent[t] = 0.7 * persistent[t - 1] + rng.normal(0, 0.3)
    calm = rng.poisson(20, 120)
    stormy = rng.poisson(20 * np.exp(persistent))
    widths = [its.estimate(Series.from_arrays(y, start=60)).std_error for y in (calm, stormy)]
    assert widths[1] > 1.5 * widths[0]


def test_leaving_the_washout_out_ignores_what_happened_in_it(series):
    spec = {"washout": 4}
    changed = series.y.copy()
    changed[66:70] = 500
    one = fit(series.specified(**spec))
    other = fit(
        Series.from_arrays(
            changed,
            exposure=series.exposure,
            start=66,
            specification=series.specified(**spec).specification,
        )
    )
    assert one.beta == pytest.approx(other.beta, rel=1e-12)


def test_no_event_after_the_start_is_refused_in_words():
    y = np.concatenate([np.full(40, 3.0), np.zeros(40)])
    with pytest.raises(FitError, match="no event after the start"):
        fit(Series.from_arrays(y, start=40))


def test_persistent_errors_are_noted(series):
    rng = np.random.default_rng(11)
    walk = np.cumsum(rng.normal(0, 0.25, 120))
    y = rng.poisson(30 * np.exp(walk - walk.mean()))
    assert any("persistent" in str(note) for note in fit_ar1(Series.from_arrays(y, start=60)).notes)
