"""How strong something unmeasured would have to be: E-values, and Rosenbaum's bounds for pairs."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

# The odds of treatment within a pair are searched up to here.
LARGEST_GAMMA = 1000.0


def e_value(ratio: float) -> float:
    """The risk ratio that something unmeasured would need with both treatment and outcome, beyond
    the covariates, to explain this risk ratio: r + sqrt(r (r - 1)), of 1/r when r is below 1
    (VanderWeele and Ding 2017, Annals of Internal Medicine 167:268-274).

    Examples
    --------
    >>> round(e_value(3.9), 2)
    7.26
    """
    r = ratio if ratio >= 1 else 1 / ratio
    return float(r + np.sqrt(r * (r - 1)))


def e_value_of_interval(low: float, high: float) -> float:
    """The E-value of the end of an interval of risk ratios that is nearer to 1; 1 when it holds 1.

    Examples
    --------
    >>> round(e_value_of_interval(1.8, 8.7), 2)
    3.0
    """
    if low <= 1 <= high:
        return 1.0
    return e_value(low if low > 1 else high)


def ratio_of_difference(standardized: float) -> float:
    """The risk ratio that a difference in standard deviations is like, exp(0.91 d) (VanderWeele
    2017, Epidemiology 28:e54-e56)."""
    return float(np.exp(0.91 * standardized))


def mcnemar_bound(fewer: int, discordant: int, gamma: float) -> float:
    """Largest one-sided p of McNemar's test when the odds of treatment within a pair may differ by
    a factor of `gamma` (Rosenbaum 2002, Observational Studies, section 4.3.2).

    Parameters
    ----------
    fewer : discordant pairs in the direction that is tested. discordant : all of them.
    """
    from scipy.stats import binom

    return float(binom.sf(fewer - 1, discordant, gamma / (1 + gamma)))


def wilcoxon_bound(differences: np.ndarray, gamma: float) -> float:
    """Largest one-sided p of Wilcoxon's signed rank test for differences above nought when the odds
    of treatment within a pair may differ by a factor of `gamma`; normal approximation, without
    correction for continuity (Rosenbaum 2002, section 4.3.3).

    Parameters
    ----------
    differences : (m,) treated less control; noughts are left out, ties share their rank.
    """
    from scipy.special import ndtr
    from scipy.stats import rankdata

    moved = differences[differences != 0]
    if not len(moved):
        return 1.0
    rank = rankdata(np.abs(moved))
    share = gamma / (1 + gamma)
    mean, variance = share * rank.sum(), share * (1 - share) * (rank**2).sum()
    return float(ndtr(-(rank[moved > 0].sum() - mean) / np.sqrt(variance)))


def tipping_gamma(p_value: Callable[[float], float], *, level: float = 0.05) -> float:
    """The largest gamma with a p of at most `level`; 1 when there is none, and no more than 1000.

    Parameters
    ----------
    p_value : of gamma, growing.
    """
    from scipy.optimize import brentq

    if p_value(1.0) > level:
        return 1.0
    if p_value(LARGEST_GAMMA) <= level:
        return LARGEST_GAMMA
    return float(brentq(lambda gamma: p_value(gamma) - level, 1.0, LARGEST_GAMMA, xtol=1e-8))
