"""Linear segmented regression with quasi-differenced rows: Prais-Winsten, Cochrane-Orcutt."""

from __future__ import annotations

from functools import partial

import numpy as np

from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.its.effects import Fitted, used
from evaluation.its.series import Series
from evaluation.numeric.series.ar1 import whiten
from evaluation.numeric.shared.linear import orthonormal, t_contrasts

# Residuals whose square is this small beside the outcome's are rounding.
EXACT = 1e-20


def fit_prais_winsten(series: Series) -> Fitted:
    """The model by iterated Prais-Winsten; intervals are t(n - k).

    rho is the regression of each residual on the one before, residuals taken from the
    untransformed data; repeated until rho moves by less than 1e-10 (Prais and Winsten 1954;
    Stata's `prais`, R's `prais::prais_winsten`).

    Raises
    ------
    FitError : when rho leaves (-1, 1) or does not settle, or too few periods are left.
    """
    return _transformed(series, keep_first=True, passes=200)


def fit_prais_winsten_two_step(series: Series) -> Fitted:
    """The model by Prais-Winsten with rho from the least-squares residuals, once."""
    return _transformed(series, keep_first=True, passes=1)


def fit_cochrane_orcutt(series: Series) -> Fitted:
    """The model by iterated Cochrane-Orcutt: as Prais-Winsten, but the first period of every
    unbroken run is dropped (Cochrane and Orcutt 1949); intervals are t(n - 1 - k)."""
    return _transformed(series, keep_first=False, passes=200)


def fit_cochrane_orcutt_two_step(series: Series) -> Fitted:
    """The model by Cochrane-Orcutt with rho from the least-squares residuals, once."""
    return _transformed(series, keep_first=False, passes=1)


def _transformed(series: Series, *, keep_first: bool, passes: int) -> Fitted:
    y, x, time = _linear(series)
    beta, _ = _least_squares(y, x)
    neighbors = np.diff(time) == 1
    # Within an unbroken run the whitened rows are the quasi-differences over sqrt(1 - rho^2): the
    # residual variance is that of the errors, not of the innovations; beta and se are the same.
    rows = np.ones(len(y), dtype=bool) if keep_first else np.append(False, neighbors)
    rho = 0.0
    for _ in range(passes):
        residuals = y - x @ beta
        now, before = residuals[1:][neighbors], residuals[:-1][neighbors]
        square = float(before @ before)
        if square <= EXACT * float(y @ y):
            raise FitError(fact("its.quasi-differences.model-fits-series-exactly-there"))
        previous, rho = rho, float(now @ before) / square
        if not abs(rho) < 1:
            raise FitError(fact("its.quasi-differences.correlation-not-inside-1-1", rho=rho))
        white, _ = whiten(np.column_stack([x, y]), time, rho)
        white = white[rows]
        beta, bread = _least_squares(white[:, -1], white[:, :-1])
        if abs(rho - previous) < 1e-10:
            break
    else:
        if passes > 1:
            raise FitError(
                fact("its.quasi-differences.correlation-did-not-settle-passes", passes=passes)
            )
    residuals = white[:, -1] - white[:, :-1] @ beta
    df = len(white) - len(beta)
    cov = bread * float(residuals @ residuals) / df
    return Fitted("identity", beta, partial(t_contrasts, beta, cov, df), rho=rho)


def _linear(series: Series) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Outcome over relative exposure, design, times."""
    y, x, _, time = used(series)
    return y / series.relative_exposure[series.kept], x, time


def _least_squares(y: np.ndarray, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients and (X'X)^-1."""
    q, r = orthonormal(x)
    inverse = np.linalg.inv(r)
    return inverse @ (q.T @ y), inverse @ inverse.T
