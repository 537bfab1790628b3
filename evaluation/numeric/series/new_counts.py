"""Quantiles of a count that is yet to be observed, its mean not known for certain."""

from __future__ import annotations

import numpy as np

# Variance over mean this close to one is the Poisson.
NEARLY_POISSON = 1e-9


def new_counts(
    mean: np.ndarray, dispersion: np.ndarray, probability: float | np.ndarray
) -> np.ndarray:
    """(T,) the smallest whole numbers that a new count does not exceed with a probability; not a
    number where a mean or its dispersion is not finite.

    The distribution is the average over R means that are as likely each, of negative binomials
    with this variance over mean, or of Poissons where it is one (the predictive distribution:
    Aitchison and Dunsmore 1975, Statistical Prediction Analysis, chapter 2).

    Parameters
    ----------
    mean : (R, T), not negative. dispersion : (R, T), at least one. probability : one, or (T,).
    """
    from scipy.special import ndtri

    variance = mean.var(axis=0) + (dispersion * mean).mean(axis=0)
    # What is not finite has no quantile.
    known = np.isfinite(variance)
    guess = np.floor(mean.mean(axis=0) + ndtri(probability) * np.sqrt(variance)).clip(min=0)
    enough = _distribution(guess, mean, dispersion) >= probability
    # From the normal's quantile by wider and wider steps until it lies between two numbers.
    below, reached = np.where(enough, -1.0, guess), np.where(enough, guess, np.inf)
    reached = np.where(known, reached, np.nan)
    step = 1.0
    while (beyond := np.isinf(reached) | (enough & (below < 0) & (reached > 0))).any():
        at = np.where(enough, np.maximum(reached - step, 0), below + step)
        up = _distribution(at, mean, dispersion) >= probability
        reached = np.where(beyond & up, at, reached)
        below = np.where(beyond & ~up, at, below)
        step *= 2
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
