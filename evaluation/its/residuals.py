"""What the headline's fit leaves over, period by period."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from evaluation.effect import Check, Effect
from evaluation.its.effects import Fitted, means
from evaluation.its.series import Series
from evaluation.numeric.diagnostics import correlogram, linear_influence, poisson_influence

Solve = Callable[[Series], Fitted]

LAGS = 24
# A studentized residual this large comes about three times in a thousand periods by chance.
OUTLYING = 3.0
# Hoaglin and Welsch (1978) take twice the mean leverage; season terms make three times quiet.
HIGH_LEVERAGE = 3.0


@dataclass(frozen=True, slots=True)
class Residuals:
    """Residuals of the kept rows, each field of m rows.

    rows : indices into the series. pearson : residual over the outcome's nominal error, which is
    the root of the mean for a count and one for a continuous outcome. working : (m, k), the design
    times that root. fitted : means.
    """

    rows: np.ndarray
    pearson: np.ndarray
    working: np.ndarray
    fitted: np.ndarray


def residuals(series: Series, solve: Solve) -> Residuals:
    """What a method's fit leaves over in the rows it used.

    Raises
    ------
    FitError : when the method cannot be fitted.
    """
    rows = np.flatnonzero(series.kept)
    solved = solve(series)
    fitted = means(series, solved.link, solved.beta).fitted[rows]
    # A linear fit of counts may go to nought or below; the error of such a mean is taken small.
    root = np.sqrt(np.maximum(fitted, 1e-3)) if series.kind == "count" else np.ones(len(rows))
    return Residuals(rows, (series.y[rows] - fitted) / root, root[:, None] * series.x[rows], fitted)


def autocorrelation(series: Series, solve: Solve, effect: Effect) -> Check:
    """How do residuals go together over time? Correlogram of the treated unit; informs only."""
    left = residuals(series, solve)
    own = series.rows.site[left.rows] == series.rows.site[series.treated][0]
    lags = min(LAGS, int(own.sum()) // 3)
    found = correlogram(left.pearson[own], lags)
    outside = [lag for lag in range(1, lags + 1) if abs(found.acf[lag - 1]) > found.band]
    if outside:
        named = ", ".join(str(lag) for lag in outside)
        beyond = f"outside them at {_lags(outside)} {named}"
    else:
        beyond = "nowhere outside them"
    return Check(
        "autocorrelation",
        "How do the ups and downs that the model leaves over go together in time?",
        None,
        f"The correlation with the {series.frequency} before is {found.acf[0]:.2f}. Of {lags} "
        f"lags, chance alone would put about {0.05 * lags:.1f} outside the limits of "
        f"±{found.band:.2f}; the correlation is {beyond}.",
        tuple(
            {
                "lag": lag + 1,
                "autocorrelation": float(found.acf[lag]),
                "partial": float(found.pacf[lag]),
                "limit": found.band,
            }
            for lag in range(lags)
        ),
    )


def leverage_outliers(series: Series, solve: Solve, effect: Effect) -> Check:
    """Which periods stand out? Studentized residuals beyond 3 and leverages beyond 3k/n."""
    left = residuals(series, solve)
    count, k = left.working.shape
    if series.kind == "count" and effect.scale == "log ratio":
        spread = max(float((left.pearson**2).sum()) / (count - k), 1.0)
        found = poisson_influence(
            series.y[left.rows], left.fitted, series.x[left.rows], dispersion=spread
        )
    else:
        found = linear_influence(series.y[left.rows] - left.fitted, series.x[left.rows])
    outlying = np.abs(found.studentized) > OUTLYING
    heavy = found.leverage > HIGH_LEVERAGE * k / count
    names = [_name(series, int(row)) for row in left.rows]
    far = [
        f"{names[i]} ({'above' if found.studentized[i] > 0 else 'below'} the fit)"
        for i in np.flatnonzero(outlying)
    ]
    pulling = [names[i] for i in np.flatnonzero(heavy)]
    return Check(
        "leverage-outliers",
        f"Which {series.frequency}s stand out?",
        None,
        f"Further than {OUTLYING:g} standard errors from the fit: {', '.join(far) or 'none'}. "
        f"More than {HIGH_LEVERAGE:g} times the mean pull on the fit: "
        f"{', '.join(pulling) or 'none'}. About {0.0027 * count:.1f} of {count} would be that far "
        "by chance.",
        tuple(
            {
                "period": names[i],
                "observed": float(series.y[left.rows[i]]),
                "fitted": float(left.fitted[i]),
                "residual": float(found.studentized[i]),
                "leverage": float(found.leverage[i]),
                "distance": float(found.cook[i]),
            }
            for i in np.flatnonzero(outlying | heavy)
        ),
    )


def _name(series: Series, row: int) -> str:
    site = series.rows.names[int(series.rows.site[row])]
    return series.periods[row] + (f" ({site})" if len(series.rows.names) > 1 else "")


def _lags(which: list[int]) -> str:
    return "lag" if len(which) == 1 else "lags"
