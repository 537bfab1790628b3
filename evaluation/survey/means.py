"""Weighted means, shares and ratios, overall and by group and wave, with linearized errors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.numeric.shared.linear import law
from evaluation.numeric.survey import taylor
from evaluation.survey.sample import Sample


@dataclass(frozen=True, slots=True)
class Estimate:
    """A population quantity; 95 % interval by t(df), df sampling units less strata.

    design_effect : variance over that of a simple random sample with replacement, or NaN. n :
    respondents.
    """

    estimate: float
    std_error: float
    df: int
    low: float
    high: float
    design_effect: float
    n: int


def mean(sample: Sample, values: np.ndarray, *, among: np.ndarray | None = None) -> Estimate:
    """The weighted mean of those who have a value.

    Parameters
    ----------
    values : (n,) NaN where missing. among : (n,) the domain; respondents outside it stay in the
        design, as in survey's `svymean` of a subset.

    Raises
    ------
    FitError : when nobody is left, or a stratum has a single unit.
    """
    return ratio(sample, values, np.ones(len(values)), among=among)


def ratio(
    sample: Sample,
    numerator: np.ndarray,
    denominator: np.ndarray,
    *,
    among: np.ndarray | None = None,
) -> Estimate:
    """The ratio of two weighted totals, of those who have both values, as survey's `svyratio`.

    Raises
    ------
    FitError : as `mean`.
    """
    use, top, weight = _domain(sample, numerator, denominator, among)
    bottom = np.where(use, denominator, 0.0)
    value, influence = taylor.ratio(top, bottom, weight)
    variance = float(taylor.covariance(influence, sample.design, use)[0, 0])
    freedom = _freedom(sample, use)
    low, high, _ = law(value, variance**0.5, freedom)
    n = int(use.sum())
    level = float(weight @ bottom / weight.sum())
    left = top - value * bottom
    spread = float(weight @ left**2 / weight.sum()) / level**2 * n / max(n - 1, 1)
    effect = variance / (spread / n) if spread > 0 else float("nan")
    return Estimate(value, variance**0.5, freedom, low, high, effect, n)


def share(sample: Sample, values: np.ndarray, *, among: np.ndarray | None = None) -> Estimate:
    """The weighted share of ones; the interval is made on the logit scale and stays within 0 and 1,
    as survey's `svyciprop`.

    Raises
    ------
    FitError : as `mean`, and when a value is neither 0 nor 1.
    """
    from scipy.special import expit, logit

    if not np.isin(values[np.isfinite(values)], (0.0, 1.0)).all():
        raise FitError(fact("survey.means.share-needs-values-0-1"))
    found = mean(sample, values, among=among)
    if not 0 < found.estimate < 1:
        nothing = float("nan")
        return Estimate(found.estimate, 0.0, found.df, nothing, nothing, nothing, found.n)
    slope = found.estimate * (1 - found.estimate)
    low, high, _ = law(float(logit(found.estimate)), found.std_error / slope, found.df)
    return Estimate(
        found.estimate,
        found.std_error,
        found.df,
        float(expit(low)),
        float(expit(high)),
        found.design_effect,
        found.n,
    )


def effective(weight: np.ndarray) -> float:
    """Kish's effective number of respondents with these weights."""
    return float(weight.sum() ** 2 / (weight**2).sum())


def _domain(
    sample: Sample, numerator: np.ndarray, denominator: np.ndarray, among: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    use = np.isfinite(numerator) & np.isfinite(denominator)
    use = use if among is None else use & among
    if not use.any():
        raise FitError(fact("survey.means.nobody-group-has-answer-nothing"))
    return use, np.where(use, numerator, 0.0), np.where(use, sample.weight, 0.0)


def _freedom(sample: Sample, use: np.ndarray) -> int:
    freedom = taylor.degrees(sample.design, use)
    if freedom < 1:
        raise FitError(fact("survey.means.as-many-strata-as-sampling"))
    return freedom
