"""How far true effects of studies differ from one another: the variance tau^2 between them.

Every function works on R meta-analyses at once, because simulation, leave-one-out and profiles are
the same sum done many times. Sampling variances v are taken as known.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np

from evaluation.errors import FitError
from evaluation.fact import fact

Estimator = Literal["REML", "ML", "PM", "EB", "DL", "HE", "SJ", "HS"]
ESTIMATORS: Final = get_args(Estimator)

# Points at which a likelihood is looked at before its highest is refined: it can have two peaks.
GRID: Final = 64
# The smallest positive point of the grid, as a share of the largest that tau^2 can be.
SMALLEST: Final = 1e-7
# A bracket halved this often is as narrow as a double can tell.
HALVINGS: Final = 90
# Of Newton's method on a convex function from its left: it doubles its digits at every step.
NEWTON_STEPS: Final = 200
NEWTON_TOLERANCE: Final = 1e-14


@dataclass(frozen=True, slots=True)
class Solved:
    """Weighted least squares at given tau^2, R times.

    w : (R, k) weights 1/(v + tau^2). bread : (R, p, p) inverse of x'Wx. beta : (R, p).
    residual : (R, k).
    """

    w: np.ndarray
    bread: np.ndarray
    beta: np.ndarray
    residual: np.ndarray

    @property
    def q(self) -> np.ndarray:
        """(R,) weighted sum of squared residuals."""
        return np.asarray((self.w * self.residual**2).sum(axis=1))


def solved(y: np.ndarray, v: np.ndarray, x: np.ndarray, tau2: np.ndarray) -> Solved:
    """The weighted fit of effects on moderators.

    Parameters
    ----------
    y, v : (R, k) effects and their sampling variances. x : (k, p), shared. tau2 : (R,).
    """
    w = 1 / (v + tau2[:, None])
    bread = np.linalg.inv(_crossed(w, x))
    beta = (bread @ ((w * y) @ x)[:, :, None])[:, :, 0]
    return Solved(w, bread, beta, y - beta @ x.T)


def _crossed(w: np.ndarray, x: np.ndarray) -> np.ndarray:
    """(R, p, p) of x'Wx."""
    return np.asarray((x.T * w[:, None, :]) @ x)


def orthonormal(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Columns that span the same space without being nearly alike, and the (p, p) way back.

    Raises
    ------
    FitError : when a column of x is a combination of the others.
    """
    span, triangle = np.linalg.qr(x)
    size = np.abs(np.diagonal(triangle))
    if (size <= 1e-12 * np.linalg.norm(x, axis=0)).any():
        raise FitError(fact("numeric.tau.moderator-combination-others-leave-one"))
    return span, triangle


def between_variance(
    y: np.ndarray, v: np.ndarray, x: np.ndarray, method: Estimator = "REML"
) -> np.ndarray:
    """(R,) tau^2 by one of eight estimators, nought where it would be negative.

    With P = W - Wx(x'Wx)^-1 x'W:

    - REML, ML: the highest point of the (restricted) likelihood over tau^2 >= 0.
    - PM: y'Py = k - p (Paule and Mandel 1982, Journal of Research of the National Bureau of
      Standards 87:377-385); EB (Morris 1983) solves the same equation.
    - DL: (y'Py - (k - p)) / tr P at tau^2 = 0 (DerSimonian and Laird 1986, Controlled Clinical
      Trials 7:177-188).
    - HE: the same unweighted (Hedges and Olkin 1985).
    - SJ: tau0^2 y'Py / (k - p) at tau0^2 = the mean square of the effects about their mean (Sidik
      and Jonkman 2005, Applied Statistics 54:367-384).
    - HS: (y'Py - k) / sum w at tau^2 = 0 (Hunter and Schmidt 2004).

    Parameters
    ----------
    y, v : (R, k). x : (k, p), the columns well apart (`orthonormal`).

    Raises
    ------
    FitError : for no more studies than coefficients, or a word that names no estimator.
    """
    k, p = x.shape
    if k <= p:
        raise FitError(fact("numeric.tau.studies-too-few-coefficients-spread", k=k, p=p))
    nought = np.zeros(len(y))
    if method in ("REML", "ML"):
        return _likeliest(y, v, x, restricted=method == "REML")
    if method in ("PM", "EB"):
        return spread_at(y, v, x, np.full(len(y), float(k - p)))
    if method == "DL":
        plain = solved(y, v, x, nought)
        raw = (plain.q - (k - p)) / _trace(plain, x)
    elif method == "HS":
        plain = solved(y, v, x, nought)
        raw = (plain.q - k) / plain.w.sum(axis=1)
    elif method == "HE":
        plain = solved(y, np.ones_like(v), x, nought)
        hat = ((x @ plain.bread) * x).sum(axis=2)
        raw = (plain.q - (v * (1 - hat)).sum(axis=1)) / (k - p)
    elif method == "SJ":
        rough = y.var(axis=1)
        raw = rough * solved(y, v, x, rough).q / (k - p)
    else:
        known = ", ".join(ESTIMATORS)
        raise FitError(
            fact("numeric.tau.names-no-estimator-spread-between", method=method, known=known)
        )
    return np.asarray(np.maximum(raw, 0))


def spread_at(y: np.ndarray, v: np.ndarray, x: np.ndarray, target: np.ndarray) -> np.ndarray:
    """(R,) tau^2 at which y'Py reaches the target, nought when it is below it at nought.

    Newton's method: y'Py falls with tau^2 and is convex, so that steps from nought stay left of
    the root.

    Parameters
    ----------
    target : (R,) positive.
    """
    tau2 = np.zeros(len(y))
    for _ in range(NEWTON_STEPS):
        now = solved(y, v, x, tau2)
        slope = np.maximum(((now.w * now.residual) ** 2).sum(axis=1), np.finfo(float).tiny)
        step = np.maximum(now.q - target, 0) / slope
        tau2 = tau2 + step
        if (step <= NEWTON_TOLERANCE * (tau2 + v.mean(axis=1))).all():
            return np.asarray(tau2)
    raise FitError(fact("numeric.tau.spread-between-studies-could-not"))


def information(now: Solved, x: np.ndarray, *, restricted: bool = True) -> np.ndarray:
    """(R,) expected information about tau^2: half of tr PP, or of sum w^2 for plain likelihood."""
    if not restricted:
        return np.asarray((now.w**2).sum(axis=1) / 2)
    first, second = _crossed(now.w**2, x), _crossed(now.w**3, x)
    turned = now.bread @ first
    trace = (now.w**2).sum(axis=1) - 2 * np.trace(now.bread @ second, axis1=1, axis2=2)
    return np.asarray((trace + np.trace(turned @ turned, axis1=1, axis2=2)) / 2)


def _trace(now: Solved, x: np.ndarray) -> np.ndarray:
    """(R,) tr P."""
    square = _crossed(now.w**2, x)
    return np.asarray(now.w.sum(axis=1) - np.trace(now.bread @ square, axis1=1, axis2=2))


def _likeliest(y: np.ndarray, v: np.ndarray, x: np.ndarray, *, restricted: bool) -> np.ndarray:
    """(R,) where the likelihood is highest: the best of a grid, then halving about it."""

    def height(now: Solved) -> np.ndarray:
        fit = np.log(now.w).sum(axis=1) - now.q
        if restricted:
            fit = fit + np.linalg.slogdet(now.bread)[1]
        return np.asarray(fit)

    def slope(tau2: np.ndarray) -> np.ndarray:
        now = solved(y, v, x, tau2)
        fall = _trace(now, x) if restricted else now.w.sum(axis=1)
        return np.asarray(((now.w * now.residual) ** 2).sum(axis=1) - fall)

    k, p = x.shape
    plain = solved(y, np.ones_like(v), x, np.zeros(len(y)))
    size = plain.q / (k - p)
    # Beyond this the slope is negative: with W between 1/(t + max v) and 1/t, y'PPy is at most
    # RSS/t^2 and tr P at least (k - p)/(t + max v).
    most = (size + np.sqrt(size**2 + 4 * size * v.max(axis=1))) / 2
    most = np.maximum(most, np.finfo(float).tiny / SMALLEST)
    grid = np.concatenate([[0.0], np.geomspace(SMALLEST, 1.0, GRID)])
    heights = np.stack([height(solved(y, v, x, point * most)) for point in grid])
    best = heights.argmax(axis=0)
    low = grid[np.maximum(best - 1, 0)] * most
    high = grid[np.minimum(best + 1, GRID)] * most
    at_nought = (best == 0) & (slope(np.zeros(len(y))) <= 0)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        rising = slope(middle) > 0
        low, high = np.where(rising, middle, low), np.where(rising, high, middle)
        if (high - low <= np.finfo(float).eps * high).all():
            break
    return np.where(at_nought, 0.0, (low + high) / 2)
