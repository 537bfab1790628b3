"""A series with months missing inside: left out, with the calendar going on through them."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from evaluation import example, its
from evaluation.errors import DataError, FitError
from evaluation.its import METHODS, Series, pooled

HOLES = ("1993-04", "1994-11", "1994-12", "1997-02")
ASKED: dict[str, Any] = {"outcome": "homicides", "time": "month", "start": "1996-06"}
TERMS: dict[str, Any] = {"trend": "linear", "season": "none"}


def boston(holes: tuple[str, ...] = HOLES) -> pd.DataFrame:
    whole = example("boston")
    return whole[~whole["month"].astype(str).isin(holes)]


def fit(**given: Any) -> its.Fit:
    return its.fit(boston(), gaps="missing", **{**ASKED, **given})


def on_calendar() -> tuple[np.ndarray, np.ndarray]:
    """(n,) counts with NaN in the holes, and (n, 3) intercept, trend and level of every month."""
    whole = example("boston")
    y = whole["homicides"].to_numpy(dtype=float)
    y[whole["month"].astype(str).isin(HOLES)] = np.nan
    t = np.arange(1.0, len(y) + 1)
    level = (whole["month"].astype(str) >= "1996-06").to_numpy(dtype=float)
    return y, np.column_stack([np.ones(len(y)), t, level])


def test_poisson_is_that_of_statsmodels_on_the_rows_there_are() -> None:
    y, x = on_calendar()
    there = ~np.isnan(y)
    expected = sm.GLM(y[there], x[there], family=sm.families.Poisson()).fit(tol=1e-12)
    found = fit(method="poisson", **TERMS)
    np.testing.assert_allclose(found.params, expected.params, rtol=1e-8)
    np.testing.assert_allclose(found.effect.se, expected.bse, rtol=1e-6)


@pytest.mark.parametrize("lag", [1, 4, 12])
def test_newey_west_takes_pairs_that_are_so_many_months_apart(lag: int) -> None:
    """Parzen (1963): scores of missing months are nought (Datta and Du 2012), which a regression
    on rows of noughts gives; its factor is ours over the months there are."""
    y, x = on_calendar()
    there = ~np.isnan(y)
    hac = sm.OLS(np.where(there, y, 0.0), np.where(there[:, None], x, 0.0)).fit(
        cov_type="HAC", cov_kwds={"maxlags": lag, "use_correction": False}
    )
    n, k = int(there.sum()), x.shape[1]
    found = fit(method="ols-newey-west", options={"lag": lag}, **TERMS)
    np.testing.assert_allclose(found.params, hac.params, rtol=1e-8)
    np.testing.assert_allclose(found.effect.se, hac.bse * np.sqrt(n / (n - k)), rtol=1e-8)


@pytest.mark.parametrize("order", [(1, 0, 0), (0, 0, 1), (1, 0, 1)])
def test_arima_is_the_kalman_filter_of_statsmodels_over_missing_months(
    order: tuple[int, int, int],
) -> None:
    y, x = on_calendar()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = sm.tsa.SARIMAX(y, exog=x, order=order)
        start = model.fit(disp=False, maxiter=200)
        there = model.fit(
            start.params, disp=False, maxiter=500, method="nm", xtol=1e-10, ftol=1e-10
        )
    found = fit(method="arima", options={"order": order}, **TERMS)
    # Its search stops earlier than Newton's method does.
    np.testing.assert_allclose(found.params, there.params[:3], rtol=2e-3, atol=2e-3)


def test_correlation_is_that_of_the_calendar() -> None:
    """A likelihood written out with the months between the rows."""
    y, x = on_calendar()
    at = np.flatnonzero(~np.isnan(y))
    found = fit(method="linear-ml-ar1", **TERMS)
    left = y[at] - x[at] @ found.params.to_numpy()
    rho = found.effect.rho
    assert rho is not None

    def value(rho: float) -> float:
        matrix = rho ** np.abs(at[:, None] - at)
        square = left @ np.linalg.solve(matrix, left)
        return float(-len(at) / 2 * np.log(square) - np.linalg.slogdet(matrix)[1] / 2)

    assert value(rho) >= max(value(rho - 0.01), value(rho + 0.01))


@pytest.mark.parametrize("name", [name for name in METHODS if METHODS[name].gaps])
def test_an_empty_cell_is_a_row_that_is_not_there(name: str) -> None:
    empty = example("boston").astype({"homicides": float})
    empty.loc[empty["month"].astype(str).isin(HOLES), "homicides"] = np.nan
    options = {"order": (1, 0, 0)} if name == "arima" else {}
    asked = {**ASKED, "gaps": "missing", "kind": "count", "method": name, "options": options}
    one = its.fit(empty, **asked)
    other = its.fit(boston().sample(frac=1, random_state=3), **asked)
    assert one.effect == other.effect
    assert one.effect.n == len(empty) - 4
    assert [gap.period for gap in one.effect.gaps] == list(HOLES)
    assert [gap.phase for gap in one.effect.gaps] == ["before"] * 3 + ["after"]


@pytest.mark.parametrize("name", ["structural", "lagged-poisson"])
def test_a_method_that_cannot_names_the_months(name: str) -> None:
    with pytest.raises(FitError, match="every month, and 4 are missing: 1993-04, 1994-11 to"):
        fit(method=name)


def test_without_being_asked_a_gap_is_refused() -> None:
    with pytest.raises(DataError, match="4 periods are missing: 1993-04, 1994-11 to 1994-12"):
        its.fit(boston(), **ASKED)
    with pytest.raises(DataError, match=r"gaps: 'leave out' is not known\. There are: refuse"):
        its.fit(boston(), **ASKED, gaps="leave out")  # type: ignore[arg-type]
    with pytest.raises(FitError, match="outcome has a missing"):
        Series.from_arrays([1.0, np.nan, 2.0, 3.0], start=2)


def test_the_answer_says_which_months_are_missing() -> None:
    told = "note: 4 months are missing and left out: 1993-04, 1994-11 to 1994-12, 1997-02."
    assert told in fit(method="poisson").summary()
    one = its.fit(boston(("1993-04",)), **ASKED, gaps="missing", method="poisson")
    assert "one month is missing and left out: 1993-04. Time goes on through it:" in one.summary()


def test_every_check_of_a_report_is_asked_and_none_fails_on_a_gap() -> None:
    asked = its.fit(boston(), **ASKED, gaps="missing", method="quasi-poisson")
    found = {check.name: str(check.found) for check in asked.checks()}
    barred = [name for name, says in found.items() if says.startswith("Not possible")]
    assert barred == ["regression-to-the-mean"]
    assert "4 periods are missing" in found["regression-to-the-mean"]


def test_a_period_without_its_exposure_or_covariate_is_missing_too() -> None:
    table = example("boston")
    table["size"] = np.linspace(100.0, 120.0, len(table))
    table.loc[5, "size"] = np.nan
    table.loc[9, "unemployment"] = np.nan
    found = its.fit(
        table, **ASKED, gaps="missing", exposure="size", covariates="unemployment", method="poisson"
    )
    assert [gap.period for gap in found.effect.gaps] == ["1992-06", "1992-10"]


def test_a_month_missing_in_one_control_is_missing_in_their_sum() -> None:
    y = np.arange(24.0) % 5 + 1
    less = np.where(np.arange(24) == 3, np.nan, y)
    one, other = (
        Series.from_arrays(values, start=12, first="2010-01", gaps="missing", name=name)
        for name, values in (("A", y), ("B", less))
    )
    total = pooled([one, other])
    assert total.n == 23 and total.missing == (one.rows.period[3],)
    np.testing.assert_allclose(total.y, 2 * np.delete(y, 3))
    beside = one.beside(total)
    assert any("of controls is missing" in str(note) for note in beside.notes)
    assert not its.estimate(beside, "poisson").gaps


def test_the_start_may_be_a_missing_month() -> None:
    found = its.fit(boston(("1996-06",)), **ASKED, gaps="missing", method="poisson")
    assert found.effect.gaps[0].phase == "after"
    assert found.data.start == 53
