"""Linear segmented regression: Newey-West and Prais-Winsten."""

from __future__ import annotations

from functools import partial

import numpy as np

from evaluation.errors import FitError
from evaluation.its.effects import Fitted, used
from evaluation.its.series import Series
from evaluation.numeric.ar1 import whiten
from evaluation.numeric.linear import t_contrasts
from evaluation.numeric.robust import newey_west, newey_west_lag


def fit_newey_west(series: Series) -> Fitted:
    """The model by least squares with Newey-West errors: lag floor(4 (n/100)^(2/9)), factor
    n/(n - k), no prewhitening; intervals are t(n - k)."""
    y, x, time = _linear(series)
    beta, bread = _least_squares(y, x)
    lag = newey_west_lag(len(y))
    cov = newey_west((y - x @ beta)[:, None] * x, bread, time, lag)
    judge = partial(t_contrasts, beta, cov, len(y) - len(beta))
    return Fitted("identity", beta, judge, notes=(f"lag {lag}",))


def fit_prais_winsten(series: Series, *, passes: int = 200) -> Fitted:
    """The model by iterated Prais-Winsten; intervals are t(n - k).

    rho is the regression of each residual on the one before, residuals taken from the
    untransformed data; repeated until rho moves by less than 1e-10 (Prais and Winsten 1954;
    Stata's `prais`, R's `prais::prais_winsten`).

    Raises
    ------
    FitError : when rho leaves (-1, 1) or does not settle.
    """
    y, x, time = _linear(series)
    beta, _ = _least_squares(y, x)
    neighbors = np.diff(time) == 1
    rho = 0.0
    for _ in range(passes):
        residuals = y - x @ beta
        now, before = residuals[1:][neighbors], residuals[:-1][neighbors]
        previous, rho = rho, float(now @ before / (before @ before))
        if not abs(rho) < 1:
            raise FitError(f"Prais-Winsten: the correlation {rho:.3f} is not inside (-1, 1)")
        white, _ = whiten(np.column_stack([x, y]), time, rho)
        # With the first row kept whole the others are divided by sqrt(1 - rho^2), so the residual
        # variance is that of the errors, not of the innovations; beta and its error are the same.
        beta, bread = _least_squares(white[:, -1], white[:, :-1])
        if abs(rho - previous) < 1e-10:
            break
    else:
        raise FitError(f"Prais-Winsten: the correlation did not settle in {passes} passes")
    residuals = white[:, -1] - white[:, :-1] @ beta
    df = len(y) - len(beta)
    cov = bread * float(residuals @ residuals) / df
    return Fitted("identity", beta, partial(t_contrasts, beta, cov, df), rho=rho)


def _linear(series: Series) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Outcome over relative exposure, design, times."""
    y, x, _, time = used(series)
    return y / series.relative_exposure[series.kept], x, time


def _least_squares(y: np.ndarray, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients and (X'X)^-1."""
    q, r = np.linalg.qr(x)
    inverse = np.linalg.inv(r)
    return inverse @ (q.T @ y), inverse @ inverse.T
