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
    # From the normal's quantile by wider and wider steps until it lies between two numbers, and
    # then by halves: each period for as long as it takes.
    below, reached = np.where(enough, -1.0, guess), np.where(enough, guess, np.inf)
    reached = np.where(known, reached, np.nan)
    step, wanted = 1.0, np.broadcast_to(probability, guess.shape)
    halving = ~known
    while True:
        halving |= ~np.isinf(reached) & (~enough | (below >= 0) | (reached <= 0))
        left = np.flatnonzero(reached - below > 1)
        if not len(left):
            break
        lower, upper = below[left], reached[left]
        beyond = np.where(enough[left], np.maximum(upper - step, 0), lower + step)
        with np.errstate(invalid="ignore"):
            at = np.where(halving[left], np.floor((lower + upper) / 2), beyond)
        up = _distribution(at, mean[:, left], dispersion[:, left]) >= wanted[left]
        below[left], reached[left] = np.where(up, lower, at), np.where(up, at, upper)
        step *= 2
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
