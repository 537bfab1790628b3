"""Forecasts of a regression whose level, and slope, may wander: unobserved components, averaged
over how much they do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.numeric.shared.linear import orthonormal

# Variance of a period's move of the level over that of the noise: none, and from a hundredth to
# three standard deviations of the noise in quarters of a power of ten.
LEVEL_RATIOS = (0.0, *(10.0 ** (power / 4) for power in range(-16, 5)))
# The same for the slope, whose moves add up once more.
SLOPE_RATIOS = (0.0, *(10.0**power for power in range(-7, -1)))
LEVEL_GRID = tuple((ratio, 0.0) for ratio in LEVEL_RATIOS)
TREND_GRID = tuple((level, slope) for level in LEVEL_RATIOS[::4] for slope in SLOPE_RATIOS)


@dataclass(frozen=True, slots=True)
class Forecast:
    """Signals of all n periods given the observed ones, at each of G grid points.

    weights : (G,) summing to 1. signal : (G, n) regression and level, without the noise of a
    period. cov : (G, n, n) covariance of its error, coefficients and start of the level included.
    sigma2 : (G,) variance of the noise. beta : (G, k). beta_cov : (G, k, k). df : n1 - k; every
    component is t(df).
    """

    weights: np.ndarray
    signal: np.ndarray
    cov: np.ndarray
    sigma2: np.ndarray
    beta: np.ndarray
    beta_cov: np.ndarray
    df: int


def forecast(
    y: np.ndarray, x: np.ndarray, grid: tuple[tuple[float, float], ...] = LEVEL_GRID
) -> Forecast:
    """What the first periods say about all of them.

    y_t = x_t beta + level_t + noise_t; level_t+1 = level_t + slope_t + a normal move, slope_t+1 =
    slope_t + a normal move (Harvey 1989, section 2.3). The level starts anywhere: x has the
    intercept, and for a slope that moves the trend. At given ratios of variances this is
    generalized least squares and best linear prediction, equal to the Kalman filter and smoother
    with an exact diffuse start. Grid points are weighted by their restricted likelihood with the
    noise variance integrated out, all alike before the data, so that interval and p hold the
    uncertainty about the variances.

    Parameters
    ----------
    y : (n1,) observed. x : (n, k), n at least n1. grid : (level, slope) ratios of variances.

    Raises
    ------
    FitError : for a singular design in the observed periods or a series fitted exactly.
    """
    (n, k), n1 = x.shape, len(y)
    q, triangle = orthonormal(x[:n1])
    inverse = np.linalg.inv(triangle)
    z = x @ inverse
    z[:n1] = q
    time = np.arange(n, dtype=float)
    earlier = np.minimum(time[:, None], time[None, :])
    # A move of the slope in period j has carried the level by t - j in period t.
    gap = np.maximum(time[:, None] - np.arange(1.0, n), 0.0)
    level_moves, slope_moves = earlier, gap @ gap.T
    log_likelihood = np.empty(len(grid))
    signal, sigma2 = np.empty((len(grid), n)), np.empty(len(grid))
    cov = np.empty((len(grid), n, n))
    beta, beta_cov = np.empty((len(grid), k)), np.empty((len(grid), k, k))
    for g, (level, slope) in enumerate(grid):
        moves = level * level_moves + slope * slope_moves
        factor = np.linalg.cholesky(moves[:n1, :n1] + np.eye(n1))
        white = np.linalg.solve(factor, np.column_stack([q, y, moves[:n1]]))
        white_q, white_y, carried = white[:, :k], white[:, k], white[:, k + 1 :]
        information = white_q.T @ white_q
        bread = np.linalg.inv(information)
        gamma = bread @ (white_q.T @ white_y)
        residuals = white_y - white_q @ gamma
        rss = float(residuals @ residuals)
        if rss <= 1e-20 * float(white_y @ white_y):
            raise FitError(fact("numeric.structural.model-fits-series-exactly-there"))
        rest = z - carried.T @ white_q
        sigma2[g] = rss / (n1 - k)
        signal[g] = z @ gamma + carried.T @ residuals
        cov[g] = sigma2[g] * (moves - carried.T @ carried + rest @ bread @ rest.T)
        beta[g], beta_cov[g] = inverse @ gamma, sigma2[g] * inverse @ bread @ inverse.T
        log_likelihood[g] = (
            -(n1 - k) / 2 * np.log(rss)
            - np.log(np.diagonal(factor)).sum()
            - np.linalg.slogdet(information)[1] / 2
        )
    weights = np.exp(log_likelihood - log_likelihood.max())
    return Forecast(weights / weights.sum(), signal, cov, sigma2, beta, beta_cov, n1 - k)
