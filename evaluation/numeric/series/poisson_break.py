"""One level shift at an unknown date of a count: likelihood ratios with a bootstrap p-value."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.numeric.series.breaks import DEPENDENT, candidates
from evaluation.numeric.shared.draws import BitGenerator, overdispersed_counts, uniforms
from evaluation.numeric.shared.glm import poisson
from evaluation.numeric.shared.linear import orthonormal

# The negative binomial this close to its limit is the Poisson, to nine digits.
POISSON_LIMIT = 1 + 1e-6
# Counts above this are drawn as rounded normals: the sum of probabilities would be slow.
LARGE_MEAN = 600.0
# Of each bootstrap series so many dates, best by score, get the full likelihood ratio.
EXACT_DATES = 5


@dataclass(frozen=True, slots=True)
class PoissonBreak:
    """The level shift of a log-linear count model at its most likely date.

    before : (C,) candidates. ratios : (C,) likelihood ratios over the dispersion. best : `before`
    of the largest ratio, which is `ratio`. shift : log ratio of the level after to before, with
    std_error from the model, times the root of the dispersion; both take the date as known, and
    the date chosen for the largest shift overstates it. p_value : by `draws` bootstrap series.
    """

    before: np.ndarray
    ratios: np.ndarray
    best: int
    ratio: float
    shift: float
    std_error: float
    dispersion: float
    p_value: float
    draws: int


def poisson_break(
    y: np.ndarray,
    x: np.ndarray,
    offset: np.ndarray,
    source: BitGenerator,
    *,
    dispersion: float | None = None,
    trim: float = 0.15,
    draws: int = 999,
) -> PoissonBreak:
    """The likelihood-ratio test of a level shift of a count at an unknown date.

    p is the share of series drawn from the fit without a break whose largest ratio is at least the
    one observed, the observed series among them. Draws have variance dispersion times mean
    (negative binomial, NB1) and no autocorrelation. A draw gets the full ratio at the five dates
    with the largest score statistic, until one decides; in 1,600 comparisons with ratios at every
    date none came out otherwise.

    Parameters
    ----------
    y : (n,) counts. x : (n, k), with an intercept and without the shift. offset : (n,) log
        exposure. source : `evaluation.numeric.shared.draws.stream`. dispersion : variance over
        mean, at least 1; None takes squared Pearson residuals over n - k - 1 of the fit with the
        shift at its best date, and not less than 1. trim : share left out at either end.

    Raises
    ------
    FitError : when the model cannot be fitted with or without the shift (no event on one side).
    ValueError : when the dispersion given is below 1.
    """
    if dispersion is not None and dispersion < 1:
        raise ValueError("the dispersion must be at least 1")
    y = np.asarray(y, dtype=float)
    n, k = x.shape
    before = candidates(n, 1, trim=trim)
    steps = (np.arange(n) >= before[:, None]).astype(float)
    q = orthonormal(x)[0]
    # A shift that the design already has cannot be tested.
    free = ((steps - steps @ q @ q.T) ** 2).sum(axis=1) > DEPENDENT * steps.sum(axis=1)
    before, steps = before[free], steps[free]
    null = poisson(y, x, offset)
    if len(before) == 0 or not null.converged[0]:
        raise FitError(fact("numeric.poisson-break.count-model-without-break-cannot"))
    design = np.concatenate([np.broadcast_to(x, (len(before), n, k)), steps[:, :, None]], axis=2)
    fitted = poisson(np.broadcast_to(y, (len(before), n)), design, offset)
    ratios = _deviances(y, null.mu) - _deviances(y, fitted.mu)
    best = int(ratios.argmax())
    if not fitted.converged[best]:
        raise FitError(
            fact("numeric.poisson-break.level-shift-after-periods-has", before=before[best])
        )
    scale = dispersion if dispersion is not None else max(float(fitted.pearson[best]), 1.0)
    largest = float(ratios[best])
    mu = np.broadcast_to(null.mu[0], (draws, n))
    drawn = _counts(uniforms(source, draws * n).reshape(draws, n), mu, scale)
    exceeding = int(_reach(drawn, x, q, offset, design, largest).sum())
    return PoissonBreak(
        before,
        ratios / scale,
        int(before[best]),
        largest / scale,
        float(fitted.beta[best, -1]),
        float(np.sqrt(scale * fitted.cov[best, -1, -1])),
        float(scale),
        (1 + exceeding) / (1 + draws),
        draws,
    )


def _deviances(y: np.ndarray, mu: np.ndarray) -> np.ndarray:
    """(S,) Poisson deviances."""
    from scipy.special import xlogy

    return np.asarray(2 * (xlogy(y, y / np.maximum(mu, 1e-300)) - (y - mu)).sum(axis=-1))


def _counts(u: np.ndarray, mean: np.ndarray, dispersion: float) -> np.ndarray:
    """(...) counts with variance dispersion times mean."""
    from scipy.special import ndtri

    scale = max(dispersion, POISSON_LIMIT)
    small = overdispersed_counts(u, np.clip(mean, 1e-12, LARGE_MEAN), scale).astype(float)
    normal = np.maximum(np.rint(mean + np.sqrt(scale * mean) * ndtri(u)), 0)
    return np.where(mean < LARGE_MEAN, small, normal)


def _reach(
    y: np.ndarray,
    x: np.ndarray,
    q: np.ndarray,
    offset: np.ndarray,
    design: np.ndarray,
    threshold: float,
) -> np.ndarray:
    """(S,) True where the largest likelihood ratio of a level shift reaches a threshold.

    The score statistics of all dates come from one fit without a break, by sums from the end.
    """
    null = poisson(y, x, offset)
    steps = design[:, :, -1].T
    slopes = (y - null.mu) @ steps
    weighted = np.einsum("sn,nk,nc->sck", null.mu, q, steps, optimize=True)
    information = np.einsum("sn,ni,nj->sij", null.mu, q, q, optimize=True)
    information += 1e-12 * np.trace(information, axis1=1, axis2=2)[:, None, None] * np.eye(len(q.T))
    solved = np.linalg.solve(information, np.swapaxes(weighted, 1, 2))
    spread = null.mu @ steps - np.einsum("sck,skc->sc", weighted, solved)
    scores = slopes**2 / np.maximum(spread, 1e-10)
    order = np.argsort(-scores, axis=1, kind="stable")[:, :EXACT_DATES]
    without = _deviances(y, null.mu)
    reached = np.zeros(len(y), dtype=bool)
    for rank in range(order.shape[1]):
        # Even where the counts of one side vanish, the ratio is not above twice the score.
        rows = np.arange(len(y))
        open_ = ~reached & (scores[rows, order[:, rank]] >= threshold / 2.5)
        if not open_.any():
            break
        fitted = poisson(y[open_], design[order[open_, rank]], offset)
        reached[open_] = without[open_] - _deviances(y[open_], fitted.mu) >= threshold - 1e-9
    return reached
