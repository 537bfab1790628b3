"""Synthetic control by predictors: how much each counts, and the weights that follow."""

from __future__ import annotations

import numpy as np

from evaluation.numeric.simplex import simplex_weights

# Nelder and Mead's steps a predictor, and where they end, relative to the variance of the outcome.
STEPS_PER_PREDICTOR = 200
PRECISION = 1e-8
# Importances below this share of the largest count as this share: their logarithm is searched over.
LEAST = 1e-6


def standardized(x0: np.ndarray, x1: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Predictors over their standard deviation among all units, treated included (n - 1).

    Parameters
    ----------
    x0 : (n, p) of controls. x1 : (p,) of the treated. One that does not vary becomes nought.
    """
    spread = np.vstack([x0, x1]).std(axis=0, ddof=1)
    scale = np.where(spread > 0, 1 / np.where(spread > 0, spread, 1.0), 0.0)
    return x0 * scale, x1 * scale


def predictor_weights(x0: np.ndarray, x1: np.ndarray, importance: np.ndarray) -> np.ndarray:
    """(n,) weights that minimize sum of importance_k (x1_k - sum_i w_i x0_ik)^2 over the simplex.

    Parameters
    ----------
    x0 : (n, p), x1 : (p,), as `standardized` gives them. importance : (p,) not negative.
    """
    root = np.sqrt(importance)
    return simplex_weights((x0 * root).T, x1 * root).weights


def chosen_importance(x0: np.ndarray, x1: np.ndarray, z0: np.ndarray, z1: np.ndarray) -> np.ndarray:
    """(p,) importances, summing to one, whose weights follow the outcome before most closely.

    The mean squared gap is not convex in them: the search (Nelder-Mead over logarithms) begins at
    equal importances and at the squared coefficients of outcomes on predictors, summed over
    periods, and the better end is taken. It is what it is from there, a local minimum.

    Abadie, Diamond and Hainmueller (2010), equation 6.

    Parameters
    ----------
    z0 : (n, periods) outcomes of controls before. z1 : (periods,) of the treated.
    """
    from scipy.optimize import minimize

    p = x0.shape[1]
    if p == 1:
        return np.ones(1)

    def gap(logs: np.ndarray) -> float:
        importance = np.exp(logs - logs.max())
        w = predictor_weights(x0, x1, importance / importance.sum())
        return float(((z1 - w @ z0) ** 2).mean())

    x, z = np.vstack([x0, x1]), np.vstack([z0, z1])
    slopes = np.linalg.lstsq(x - x.mean(axis=0), z - z.mean(axis=0), rcond=None)[0]
    squared = (slopes**2).sum(axis=1)
    starts = [np.zeros(p)]
    if squared.max() > 0:
        starts.append(np.log(np.maximum(squared / squared.max(), LEAST)))
    ends = [
        minimize(
            gap,
            start,
            method="Nelder-Mead",
            options={
                "maxiter": STEPS_PER_PREDICTOR * p,
                "fatol": PRECISION * float(z.var()),
                "xatol": 1e-3,
            },
        )
        for start in starts
    ]
    best = min(ends, key=lambda end: float(end.fun))
    importance = np.exp(best.x - best.x.max())
    return np.asarray(importance / importance.sum())
