"""How well several items measure one thing: alpha, omega, and each item against the rest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evaluation.errors import FitError
from evaluation.fact import fact

# A uniqueness below this is a Heywood case: the item would be measured without error.
LEAST_UNIQUE = 0.005


def covariance(items: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """(k, k) weighted covariance of complete rows, items (n, k).

    The divisor is 1 - sum of squared shares, which is n - 1 over n for equal weights.
    """
    share = weight / weight.sum()
    centered = items - share @ items
    return np.asarray((centered * share[:, None]).T @ centered / (1 - share @ share))


def alpha(cov: np.ndarray) -> float:
    """Cronbach's alpha of the sum of k items with this covariance, (k, k).

    Source: Cronbach (1951), Psychometrika 16:297-334.
    """
    k = len(cov)
    return float(k / (k - 1) * (1 - np.trace(cov) / cov.sum()))


def alpha_interval(value: float, n: float, items: int) -> tuple[float, float]:
    """95 % interval of alpha by the F distribution, of `n` independent respondents.

    Source: Feldt, Woodruff and Salih (1987), Applied Psychological Measurement 11:93-103.
    """
    from scipy.stats import f

    one, two = n - 1, (n - 1) * (items - 1)
    return (
        float(1 - (1 - value) * f.ppf(0.975, one, two)),
        float(1 - (1 - value) * f.ppf(0.025, one, two)),
    )


def item_rest(cov: np.ndarray) -> np.ndarray:
    """(k,) correlation of each item with the sum of the others."""
    variance = np.diag(cov)
    with_rest = cov.sum(axis=1) - variance
    rest = cov.sum() - 2 * cov.sum(axis=1) + variance
    return np.asarray(with_rest / np.sqrt(variance * rest))


@dataclass(frozen=True, slots=True)
class OneFactor:
    """One factor by maximum likelihood: loadings (k,) and uniquenesses (k,) of standardised items;
    heywood says that a uniqueness is at its bound."""

    loadings: np.ndarray
    uniqueness: np.ndarray
    heywood: bool


def one_factor(cov: np.ndarray) -> OneFactor:
    """One common factor by maximum likelihood (Jöreskog 1967, Psychometrika 32:443-482).

    Raises
    ------
    FitError : for less than three items, an item without variance, or no convergence.
    """
    from scipy.optimize import minimize

    k = len(cov)
    if k < 3:
        raise FitError(fact("numeric.reliability.one-factor-needs-three-items", k=k))
    deviation = np.sqrt(np.diag(cov))
    if not (deviation > 0).all():
        raise FitError(fact("numeric.reliability.item-has-same-answer-from"))
    correlation = cov / np.outer(deviation, deviation)

    def criterion(unique: np.ndarray) -> tuple[float, np.ndarray]:
        values, vectors = np.linalg.eigh(correlation / np.sqrt(np.outer(unique, unique)))
        rest = values[:-1]
        size = max(values[-1] - 1, 0.0)
        loading = np.sqrt(unique) * vectors[:, -1] * np.sqrt(size)
        implied = np.outer(loading, loading) + np.diag(unique)
        gradient = np.diag(implied - correlation) / unique**2
        return float((rest - np.log(rest)).sum() - (k - 1)), gradient

    start = 0.5 / np.diag(np.linalg.pinv(correlation))
    done = minimize(
        criterion,
        np.clip(start, 0.05, 0.95),
        jac=True,
        method="L-BFGS-B",
        bounds=[(LEAST_UNIQUE, 1.0)] * k,
        options={"ftol": 1e-15, "gtol": 1e-10, "maxiter": 1000},
    )
    unique = np.asarray(done.x)
    inside = (unique > LEAST_UNIQUE * 1.001) & (unique < 1)
    if np.abs(np.asarray(done.jac)[inside]).max(initial=0.0) > 1e-4:
        raise FitError(fact("numeric.reliability.factor-model-these-items-did"))
    values, vectors = np.linalg.eigh(correlation / np.sqrt(np.outer(unique, unique)))
    first = vectors[:, -1] * np.sign(vectors[:, -1].sum() or 1.0)
    loadings = np.sqrt(unique) * first * np.sqrt(max(values[-1] - 1, 0.0))
    return OneFactor(loadings, unique, bool((unique <= LEAST_UNIQUE * 1.001).any()))


def omega(cov: np.ndarray) -> float:
    """McDonald's omega total of the sum of the items: the factor's share of the implied variance.

    Source: McDonald (1999), Test Theory: A Unified Treatment, equation 6.20b.

    Raises
    ------
    FitError : as `one_factor`.
    """
    fit, deviation = one_factor(cov), np.sqrt(np.diag(cov))
    common = float(fit.loadings @ deviation) ** 2
    return common / (common + float(fit.uniqueness @ deviation**2))
