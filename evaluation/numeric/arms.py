"""Two means, one with and one without treatment, and what is made of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evaluation.errors import FitError


@dataclass(frozen=True, slots=True)
class Contrast:
    """An estimate and its standard error."""

    estimate: float
    std_error: float


@dataclass(frozen=True, slots=True)
class Arms:
    """Mean outcome with and without treatment in one population.

    means : (2,), with treatment first. cov : (2, 2). df : of the t distribution, or None for the
    normal.
    """

    means: np.ndarray
    cov: np.ndarray
    df: float | None = None

    def difference(self) -> Contrast:
        """With less without."""
        return self._contrast(float(self.means[0] - self.means[1]), np.array([1.0, -1.0]))

    def log_ratio(self) -> Contrast:
        """Log of with over without, by the delta method.

        Raises
        ------
        FitError : when a mean is not positive.
        """
        if self.means.min() <= 0:
            raise FitError("a ratio needs a positive mean on both sides; use the difference")
        gradient = np.array([1.0, -1.0]) / self.means
        return self._contrast(float(np.log(self.means[0] / self.means[1])), gradient)

    def log_odds_ratio(self) -> Contrast:
        """Log of the odds with over the odds without, by the delta method.

        Raises
        ------
        FitError : when a mean is not between 0 and 1.
        """
        if self.means.min() <= 0 or self.means.max() >= 1:
            raise FitError("an odds ratio needs risks between 0 and 1; use the difference")
        odds = np.log(self.means / (1 - self.means))
        gradient = np.array([1.0, -1.0]) / (self.means * (1 - self.means))
        return self._contrast(float(odds[0] - odds[1]), gradient)

    def _contrast(self, estimate: float, gradient: np.ndarray) -> Contrast:
        return Contrast(estimate, float(np.sqrt(max(gradient @ self.cov @ gradient, 0.0))))


def from_influence(
    means: np.ndarray, influence: np.ndarray, cluster: np.ndarray | None = None
) -> Arms:
    """Arms from influence functions, whose mean is the error of the means.

    Without clusters the covariance is the sample covariance (n - 1) of the influence over n, so
    that the error of a difference is `sd(psi) / sqrt(n)`; intervals are normal. With clusters it
    is that of the sums in clusters, G/(G - 1) sum s s' / n^2; intervals are t(G - 1).

    Parameters
    ----------
    means : (2,). influence : (n, 2). cluster : (n,) labels; all different is as none.

    Raises
    ------
    FitError : when there is only one cluster.
    """
    n = len(influence)
    centered = influence - influence.mean(axis=0)
    labels, which = np.unique(np.arange(n) if cluster is None else cluster, return_inverse=True)
    count = len(labels)
    if count < 2:
        raise FitError("an error by cluster needs at least two clusters")
    if count == n:
        return Arms(means, centered.T @ centered / (n * (n - 1)))
    sums = np.zeros((count, 2))
    np.add.at(sums, which, centered)
    return Arms(means, sums.T @ sums / n**2 * count / (count - 1), float(count - 1))
