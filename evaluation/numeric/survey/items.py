"""Answers to items: weighted ordered logit, and how well several items measure one thing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evaluation.errors import FitError
from evaluation.fact import fact

MAX_SCORE = 1e-9
STEPS = 100
# Information below which answers do not determine a combination of coefficients and cuts: p (1 - p)
# of a group where all answer alike falls to the order of MAX_SCORE.
LEAST_INFORMATION = 1e-7


@dataclass(frozen=True, slots=True)
class Ordered:
    """Proportional odds: P(y <= j) = logit^-1(cut_j - x beta).

    beta : (p,). cuts : (q,) increasing. influence : (n, p + q) of beta, then cuts. bread : inverse
    information in that order.
    """

    beta: np.ndarray
    cuts: np.ndarray
    influence: np.ndarray
    bread: np.ndarray


def ordered(y: np.ndarray, x: np.ndarray, weight: np.ndarray) -> Ordered:
    """Maximum weighted likelihood by Newton steps, halved where they overshoot.

    Source: McCullagh (1980), Journal of the Royal Statistical Society B 42:109-142.

    Parameters
    ----------
    y : (n,) categories 0..q, each with weight. x : (n, p) without a constant. weight : (n,),
        nought outside the domain.

    Raises
    ------
    FitError : with one category, or when a coefficient has no finite estimate.
    """
    q, p = int(y.max()), x.shape[1]
    total = np.bincount(y, weight, q + 1)
    if q < 1 or not (total > 0).all():
        raise FitError(fact("numeric.ordinal.ordered-logit-needs-two-categories"))
    share = np.cumsum(total)[:-1] / total.sum()
    centre = weight @ x / weight.sum()
    z = x - centre
    theta = np.concatenate([np.zeros(p), np.log(share / (1 - share))])
    value, scores, information = _likelihood(theta, y, z, weight, p)
    for _ in range(STEPS):
        score = scores.sum(axis=0)
        if np.abs(score).max() < MAX_SCORE * weight.sum():
            break
        step = np.linalg.lstsq(information, score, rcond=None)[0]
        size = 1.0
        while size > 1e-8:
            trial = theta + size * step
            if (np.diff(trial[p:]) > 0).all():
                new = _likelihood(trial, y, z, weight, p)
                if new[0] >= value - 1e-12 * abs(value):
                    break
            size /= 2
        else:
            break
        theta, (value, scores, information) = trial, new
    score = scores.sum(axis=0)
    if (
        np.abs(score).max() >= MAX_SCORE * weight.sum()
        or _least_information(information, z, weight, total) < LEAST_INFORMATION
    ):
        raise FitError(fact("numeric.ordinal.ordered-logit-has-no-finite"))
    bread = np.linalg.inv(information)
    # Back from centered columns: cut_j + centre beta.
    turn = np.eye(p + q)
    turn[p:, :p] = centre
    theta, bread, influence = turn @ theta, turn @ bread @ turn.T, scores @ bread @ turn.T
    return Ordered(theta[:p], theta[p:], np.asarray(influence), np.asarray(bread))


def expected(theta: np.ndarray, x: np.ndarray, levels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(n,) expected values of a category's `levels`, (q + 1,), and their derivatives, (n, p + q),
    by beta and cuts."""
    from scipy.special import expit

    p = x.shape[1]
    reached = expit(theta[p:] - (x @ theta[:p])[:, None])
    # E = top level less the steps that are not reached.
    steps = np.diff(levels)
    slope = reached * (1 - reached) * steps
    mean = levels[-1] - reached @ steps
    return np.asarray(mean), np.hstack([slope.sum(axis=1)[:, None] * x, -slope])


def _least_information(
    information: np.ndarray, x: np.ndarray, weight: np.ndarray, total: np.ndarray
) -> float:
    """Of all combinations of coefficients and cuts, the least information over that of a column's
    spread and of the answers beside a cut."""
    spread = (x * weight[:, None]).T @ x
    size = np.sqrt(np.diag(spread))
    if not (size > 0).all():
        return 0.0
    values, vectors = np.linalg.eigh(spread / np.outer(size, size))
    if len(values) and values[0] < 1e-12 * values[-1]:
        return 0.0
    beside = np.sqrt(total[:-1] * total[1:] / (total[:-1] + total[1:]))
    root = np.zeros_like(information)
    p = x.shape[1]
    root[:p, :p] = vectors / np.sqrt(values) / size[:, None]
    root[p:, p:] = np.diag(1 / beside)
    return float(np.linalg.eigvalsh(root.T @ information @ root)[0])


def _likelihood(
    theta: np.ndarray, y: np.ndarray, x: np.ndarray, weight: np.ndarray, p: int
) -> tuple[float, np.ndarray, np.ndarray]:
    """The weighted log likelihood, scores (n, p + q) and observed information."""
    from scipy.special import expit

    n, q = len(y), len(theta) - p
    eta = x @ theta[:p]
    padded = np.concatenate([[-np.inf], theta[p:], [np.inf]])
    above, below = padded[y + 1] - eta, padded[y] - eta
    # Differences of the smaller tails, so that neither rounds away.
    flip = np.minimum(above, below) > 0
    chance = np.where(flip, expit(-below) - expit(-above), expit(above) - expit(below))
    chance = np.maximum(chance, 1e-300)
    high, low = _density(above), _density(below)
    # Derivatives of log chance by its two ends.
    first, second = high / chance, -low / chance
    ends = np.zeros((n, q + 2))
    rows = np.arange(n)
    design_high, design_low = np.zeros((n, p + q)), np.zeros((n, p + q))
    design_high[:, :p], design_low[:, :p] = -x, -x
    ends[rows, y + 1] = 1
    design_high[:, p:] = ends[:, 1:-1]
    ends[:] = 0
    ends[rows, y] = 1
    design_low[:, p:] = ends[:, 1:-1]
    scores = weight[:, None] * (first[:, None] * design_high + second[:, None] * design_low)
    bend_high = high * np.where(np.isfinite(above), 1 - 2 * expit(above), 0) / chance
    bend_low = -low * np.where(np.isfinite(below), 1 - 2 * expit(below), 0) / chance
    hessian = -(scores / weight.clip(1e-300)[:, None]).T @ scores
    hessian += (design_high * (weight * bend_high)[:, None]).T @ design_high
    hessian += (design_low * (weight * bend_low)[:, None]).T @ design_low
    return float(weight @ np.log(chance)), scores, np.asarray(-hessian)


def _density(value: np.ndarray) -> np.ndarray:
    from scipy.special import expit

    return np.asarray(expit(value) * expit(-value))


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
