"""Quantiles of a count that is yet to be observed, its mean not known for certain."""

from __future__ import annotations

import numpy as np

# Variance over mean this close to one is the Poisson.
NEARLY_POISSON = 1e-9


def new_counts(
    mean: np.ndarray, dispersion: np.ndarray, probability: float | np.ndarray
) -> np.ndarray:
    """(T,) the smallest whole numbers that a new count does not exceed with a probability.

    The distribution is the average over R means that are as likely each, of negative binomials
    with this variance over mean, or of Poissons where it is one (the predictive distribution:
    Aitchison and Dunsmore 1975, Statistical Prediction Analysis, chapter 2).

    Parameters
    ----------
    mean : (R, T), not negative. dispersion : (R, T), at least one. probability : one, or (T,).
    """
    spread = np.sqrt(dispersion * mean)
    below = np.full(mean.shape[1], -1.0)
    reached = np.ceil((mean + 2 * spread).max(axis=0)) + 1
    # The tail of a mixture may be long: go up until it is behind.
    while (short := _distribution(reached, mean, dispersion) < probability).any():
        below, reached = np.where(short, reached, below), np.where(short, 2 * reached, reached)
    while (reached - below > 1).any():
        middle = np.floor((below + reached) / 2)
        up = _distribution(middle, mean, dispersion) >= probability
        reached, below = np.where(up, middle, reached), np.where(up, below, middle)
    return np.asarray(reached)


def _distribution(k: np.ndarray, mean: np.ndarray, dispersion: np.ndarray) -> np.ndarray:
    """(T,) the chance of at most k, a whole number from -1 on, averaged over the means."""
    from scipy.special import betainc, gammaincc

    more = np.broadcast_to(np.maximum(k, 0.0), mean.shape) + 1
    chance = np.ones(mean.shape)  # of a mean of nought no count comes
    poisson = (mean > 0) & (dispersion <= 1 + NEARLY_POISSON)
    wider = (mean > 0) & ~poisson
    chance[poisson] = gammaincc(more[poisson], mean[poisson])
    away, excess = 1 / dispersion[wider], dispersion[wider] - 1
    chance[wider] = betainc(mean[wider] / excess, more[wider], away)
    return np.where(k < 0, 0.0, chance.mean(axis=0))
