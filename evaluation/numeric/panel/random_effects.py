"""What a unit without treatment would have shown, predicted from how controls differ among
themselves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.numeric.series.mixtures import mixture_quantile

# Standard deviation of the true changes of units, in units of the change: nought, then 40 points.
TAUS = np.concatenate([[0.0], np.geomspace(0.01, 1.0, 40)])
LEVEL = 0.95
# Of Newton's method on a convex function from its left: it doubles its digits at every step.
NEWTON_STEPS = 100
NEWTON_TOLERANCE = 1e-13


@dataclass(frozen=True, slots=True)
class Predicted:
    """The treated unit's change less what is predicted for it, R times.

    estimate, std_error, low, high, p_value : (R,), the central 95 % and a two-sided p. tau : (R,)
    standard deviation of the true changes, plugged in or averaged. share : (R, n) weight of each
    control in the prediction, summing to 1. df : of the t distribution, infinite for the normal.
    """

    estimate: np.ndarray
    std_error: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p_value: np.ndarray
    tau: np.ndarray
    share: np.ndarray
    df: float


def averaged_prediction(
    own: np.ndarray,
    own_variance: np.ndarray,
    d: np.ndarray,
    v: np.ndarray,
    taus: np.ndarray = TAUS,
) -> Predicted:
    """The random-effects prediction, averaged over the spread tau of true changes.

    Controls: d_j ~ N(mu, v_j + tau^2) with v_j known. At each tau of the grid mu is the weighted
    mean, w_j = 1/(v_j + tau^2), and the treated unit gives own - mu with variance
    own_variance + tau^2 + 1/sum(w). The grid is weighted by the restricted likelihood of the
    controls,

        l = -1/2 [sum log(v_j + tau^2) + log sum w_j + sum w_j (d_j - mu)^2],

    times the spacing of the grid (half the distance between the neighbors; at either end the
    distance to the only one), which is a flat prior. Interval and p are those of the normal
    mixture; the standard error is its standard deviation. Prediction in place of confidence
    follows Higgins, Thompson and Spiegelhalter (2009), Journal of the Royal Statistical Society A
    172:137-159; averaging over tau is this project's own (did_one_city.md).

    Parameters
    ----------
    own, own_variance : (R,) of the treated unit. d, v : (R, n) of the controls. taus : (G,).

    Raises
    ------
    FitError : for fewer than two controls.
    """
    from scipy.special import ndtr

    _enough(d)
    total = v[:, None, :] + taus[:, None] ** 2  # (R, G, n)
    w = 1 / total
    sum_w = w.sum(axis=-1)
    mu = (w * d[:, None, :]).sum(axis=-1) / sum_w
    fit = (w * (d[:, None, :] - mu[..., None]) ** 2).sum(axis=-1)
    log_weight = -0.5 * (np.log(total).sum(axis=-1) + np.log(sum_w) + fit)
    weight = np.exp(log_weight - log_weight.max(axis=1, keepdims=True)) * np.gradient(taus)
    weight /= weight.sum(axis=1, keepdims=True)
    center = own[:, None] - mu
    scale = np.sqrt(own_variance[:, None] + taus**2 + 1 / sum_w)
    estimate = (weight * center).sum(axis=1)
    spread = scale**2 + (center - estimate[:, None]) ** 2
    left = (weight * ndtr(-center / scale)).sum(axis=1)
    right = (weight * ndtr(center / scale)).sum(axis=1)
    return Predicted(
        estimate,
        np.sqrt((weight * spread).sum(axis=1)),
        mixture_quantile((1 - LEVEL) / 2, weight, center, scale),
        mixture_quantile((1 + LEVEL) / 2, weight, center, scale),
        np.minimum(2 * np.minimum(left, right), 1.0),
        weight @ taus,
        (weight[..., None] * w / sum_w[..., None]).sum(axis=1),
        np.inf,
    )


def plug_in_prediction(
    own: np.ndarray, own_variance: np.ndarray, d: np.ndarray, v: np.ndarray
) -> Predicted:
    """The same with one tau plugged in: t(n - 1).

    tau^2 is that of Paule and Mandel (1982), the weighted mean has the variance of Hartung and
    Knapp (2001), Statistics in Medicine 20:3875-3889, and the prediction own_variance + tau^2
    beside it.

    Raises
    ------
    FitError : for fewer than two controls.
    """
    from scipy.special import stdtr, stdtrit

    _enough(d)
    n = d.shape[1]
    tau2 = paule_mandel(d, v)
    w = 1 / (v + tau2[:, None])
    sum_w = w.sum(axis=1)
    mu = (w * d).sum(axis=1) / sum_w
    of_mean = (w * (d - mu[:, None]) ** 2).sum(axis=1) / (n - 1) / sum_w
    std_error = np.sqrt(own_variance + tau2 + of_mean)
    estimate = own - mu
    half = stdtrit(n - 1, (1 + LEVEL) / 2) * std_error
    p_value = 2 * stdtr(n - 1, -np.abs(estimate) / std_error)
    low, high = estimate - half, estimate + half
    share = w / sum_w[:, None]
    return Predicted(estimate, std_error, low, high, p_value, np.sqrt(tau2), share, float(n - 1))


def paule_mandel(d: np.ndarray, v: np.ndarray) -> np.ndarray:
    """(R,) variance tau^2 at which sum w (d - mu)^2 is n - 1, nought when it is less at nought.

    Paule and Mandel (1982), Journal of Research of the National Bureau of Standards 87:377-385,
    by Newton's method, which from the left never steps past the root.

    Parameters
    ----------
    d, v : (R, n).
    """
    tau2 = np.zeros(len(d))
    for _ in range(NEWTON_STEPS):
        w = 1 / (v + tau2[:, None])
        mu = (w * d).sum(axis=1) / w.sum(axis=1)
        square = (d - mu[:, None]) ** 2
        excess = (w * square).sum(axis=1) - (d.shape[1] - 1)
        step = np.maximum(excess, 0) / np.maximum((w**2 * square).sum(axis=1), np.finfo(float).tiny)
        tau2 = tau2 + step
        if (step <= NEWTON_TOLERANCE * (tau2 + v.mean(axis=1))).all():
            return np.asarray(tau2)
    raise FitError(fact("numeric.random-effects.spread-controls-changes-could-not"))


def _enough(d: np.ndarray) -> None:
    if d.shape[1] < 2:
        raise FitError(fact("numeric.random-effects.single-control-cannot-show-how"))
