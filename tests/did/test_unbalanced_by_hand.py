"""Estimates of panels with gaps against other programs, and their errors by brute force."""

from __future__ import annotations

import numpy as np
import pytest
from partial import ending, holes, with_gaps
from statsmodels.api import GLM, OLS, families
from worlds import places

from evaluation.did import METHODS, imputation, poisson_imputation, poisson_twfe, twfe
from evaluation.did.cohorts import Cohorts
from evaluation.errors import FitError
from evaluation.numeric.panel.poisson_imputation import untreated


def dummies(cohorts: Cohorts, cells: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Units, periods and the columns of both, of these cells."""
    unit, period = np.nonzero(cells)
    columns = np.column_stack([np.eye(cohorts.n)[unit], np.eye(cohorts.length)[period][:, 1:]])
    return unit, period, columns


def by_glm(cohorts: Cohorts) -> tuple[float, np.ndarray]:
    """The log ratio, and what is expected in treated cells, by a GLM of the untreated cells."""
    unit, period, x = dummies(cohorts, cohorts.untreated)
    offset = cohorts.log_exposure[unit, period]
    y = cohorts.y[unit, period]
    fitted = GLM(y, x, family=families.Poisson(), offset=offset).fit(tol=1e-13, maxiter=200)
    unit, period, x = dummies(cohorts, cohorts.treated)
    expected = np.exp(x @ fitted.params + cohorts.log_exposure[unit, period])
    return float(np.log(cohorts.y[cohorts.treated].sum() / expected.sum())), expected


def gappy(kind="count", **options) -> Cohorts:
    base = places(kind, **({"starts": (5, 7), "treated": 7, "controls": 9} | options))
    return with_gaps(base, holes(base.y.shape))


PARTIAL = [gappy(), gappy(exposed=False), ending(effect=-0.5, treated=7, controls=9, units=4)]


@pytest.mark.parametrize("cohorts", PARTIAL)
def test_poisson_imputation_is_the_regression_on_the_untreated_cells(cohorts):
    estimate, expected = by_glm(cohorts)
    answer = poisson_imputation.fit(cohorts, lead_times=0)
    assert answer.estimate == pytest.approx(estimate, abs=1e-8)
    assert answer.expected is not None
    assert answer.expected[cohorts.treated] == pytest.approx(expected, rel=1e-7)
    again = untreated(cohorts.y, cohorts.untreated, cohorts.weight, cohorts.exposure)
    assert (again.expected == answer.expected).all()


@pytest.mark.parametrize("cohorts", PARTIAL)
def test_poisson_imputation_jackknife_is_that_of_leaving_out_and_fitting_again(cohorts):
    whole = by_glm(cohorts)[0]
    away = np.array(
        [
            by_glm(cohorts.keeping(np.delete(np.arange(cohorts.n), row)))[0] - whole
            for row in range(cohorts.n)
        ]
    )
    error = np.sqrt((cohorts.n - 1) / cohorts.n * (away**2).sum())
    answer = poisson_imputation.fit(cohorts, lead_times=0)
    assert answer.std_error == pytest.approx(error, rel=1e-6)
    assert answer.df == 6


def test_donut_leaves_the_last_cells_before_every_start_out():
    cohorts = gappy()
    before = np.zeros(cohorts.y.shape, dtype=bool)
    for row in np.flatnonzero(cohorts.ever):
        start = int(cohorts.first[row])
        before[row, start - 2 : start] = True
    answer = poisson_imputation.fit(cohorts, donut=2, lead_times=0)
    assert answer.estimate == pytest.approx(by_glm(cohorts.leaving_out(before))[0], abs=1e-8)


@pytest.mark.parametrize("name", ["imputation", "gardner"])
def test_linear_imputation_is_the_regression_on_the_untreated_cells(name):
    for cohorts in (
        gappy("continuous"),
        ending("continuous", effect=-0.5, treated=7, controls=9, units=4),
    ):
        unit, period, x = dummies(cohorts, cohorts.untreated)
        fitted = OLS(cohorts.y[unit, period], x).fit()
        unit, period, x = dummies(cohorts, cohorts.treated)
        away = cohorts.y[unit, period] - x @ fitted.params
        assert METHODS[name].fit(cohorts).estimate == pytest.approx(away.mean(), abs=1e-9)


def test_linear_imputation_error_is_that_of_its_weights():
    # The estimate is linear in the outcomes: its weights are found by moving one cell at a time,
    # and the variance is that of theorem 3 of Borusyak, Jaravel and Spiess (2024).
    cohorts = gappy("continuous")
    answer = imputation.fit(cohorts, lead_times=0)
    base = imputation.imputation(cohorts)
    error = np.where(cohorts.untreated, base.found.effect, 0.0)
    for start in cohorts.cohorts:
        for t in range(int(start), cohorts.length):
            rows = (cohorts.first == start) & cohorts.treated[:, t]
            error[rows, t] = base.found.effect[rows, t] - base.found.effect[rows, t].mean()
    total = np.zeros(cohorts.n)
    for row, t in np.argwhere(cohorts.known):
        moved = cohorts.y.copy()
        moved[row, t] += 1.0
        other = imputation.fit(
            Cohorts.from_arrays(moved, cohorts.first, gaps="missing"), lead_times=0, draws=9
        )
        total[row] += (other.estimate - answer.estimate) * error[row, t]
    assert answer.std_error == pytest.approx(np.sqrt((total**2).sum()), rel=1e-8)


@pytest.mark.parametrize("phase_in", [0, 2])
def test_two_way_regression_with_gaps_is_that_with_dummies_on_the_rows_there_are(phase_in):
    base = places("continuous", starts=(5, 7), treated=7, controls=9)
    cohorts = with_gaps(base, holes(base.y.shape), phase_in=phase_in)
    unit, period, x = dummies(cohorts, cohorts.known)
    x = np.column_stack([x, cohorts.strength[unit, period]])
    fitted = OLS(cohorts.y[unit, period], x).fit(
        cov_type="cluster", cov_kwds={"groups": unit}, use_t=True
    )
    answer = twfe.fit(cohorts)
    assert answer.estimate == pytest.approx(fitted.params[-1], abs=1e-9)
    # statsmodels counts the unit effects in the factor, which are nested in the clusters.
    counted = twfe.fit(cohorts, nested="counted")
    assert counted.std_error == pytest.approx(fitted.bse[-1], rel=1e-8)
    assert counted.df == pytest.approx(cohorts.n - 1)
    assert answer.expected is not None
    line = fitted.fittedvalues - fitted.params[-1] * cohorts.strength[unit, period]
    assert answer.expected[unit, period] == pytest.approx(line, abs=1e-8)


def test_two_way_jackknife_with_gaps_leaves_out_and_fits_again():
    cohorts = gappy("continuous")

    def beta(panel: Cohorts) -> float:
        unit, period, x = dummies(panel, panel.known)
        x = np.column_stack([x, panel.treated[unit, period]])
        return float(OLS(panel.y[unit, period], x).fit().params[-1])

    whole = beta(cohorts)
    away = [beta(cohorts.without(row)) - whole for row in range(cohorts.n)]
    error = np.sqrt((cohorts.n - 1) / cohorts.n * np.square(away).sum())
    assert twfe.fit(cohorts, errors="CR3").std_error == pytest.approx(error, rel=1e-8)


@pytest.mark.parametrize("errors", ["CR2", "WCR", "driscoll-kraay", "two-way"])
def test_errors_for_whole_panels_are_refused_with_gaps(errors):
    with pytest.raises(FitError, match="take CR1 or CR3 here"):
        METHODS["twfe"].set_to({"errors": errors}).fit(gappy("continuous"))


@pytest.mark.parametrize("cohorts", PARTIAL)
def test_poisson_two_way_is_the_regression_with_dummies_on_the_cells_there_are(cohorts):
    def beta(panel: Cohorts) -> float:
        unit, period, x = dummies(panel, panel.known)
        x = np.column_stack([x, panel.treated[unit, period]])
        offset = panel.log_exposure[unit, period]
        model = GLM(panel.y[unit, period], x, family=families.Poisson(), offset=offset)
        return float(model.fit(tol=1e-13, maxiter=200).params[-1])

    answer = poisson_twfe.fit(cohorts)
    whole = beta(cohorts)
    assert answer.estimate == pytest.approx(whole, abs=1e-8)
    away = [beta(cohorts.without(row)) - whole for row in range(cohorts.n)]
    error = np.sqrt((cohorts.n - 1) / cohorts.n * np.square(away).sum())
    assert answer.std_error == pytest.approx(error, rel=1e-6)
    assert np.isfinite(poisson_twfe.fit(cohorts, errors="CR1").std_error)
    assert np.isfinite(poisson_twfe.fit(cohorts, errors="CR2").std_error)


def test_poisson_two_way_error_by_cluster_is_that_of_the_rows_there_are():
    cohorts = gappy()
    unit, period, x = dummies(cohorts, cohorts.known)
    x = np.column_stack([x, cohorts.treated[unit, period]])
    offset = cohorts.log_exposure[unit, period]
    model = GLM(cohorts.y[unit, period], x, family=families.Poisson(), offset=offset)
    fitted = model.fit(
        tol=1e-13, cov_type="cluster", cov_kwds={"groups": unit, "use_correction": False}
    )
    answer = poisson_twfe.fit(cohorts, errors="CR0")
    assert answer.std_error == pytest.approx(fitted.bse[-1], rel=1e-6)
