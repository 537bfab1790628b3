"""From two means to an Effect in words and numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from evaluation.effect import Effect, Interval, Quantity, Scale, Term
from evaluation.errors import FitError
from evaluation.individual.comparison import Comparison
from evaluation.numeric.arms import Arms, Contrast
from evaluation.numeric.overlap import spread, standardized_differences

Measure = Literal["difference", "ratio"]

# Below so many people with the event on a side, normal intervals of a risk are not to be trusted.
FEW_EVENTS = 5
# Groups that differ by more standard deviations than this after weighting are not alike (Rubin
# 2001, Health Services and Outcomes Research Methodology 2:169-188); the check asks for 0.1.
FAR_APART = 0.25


@dataclass(frozen=True, slots=True)
class Answer:
    """What a method found, before it is put into words.

    Parameters
    ----------
    arms : mean outcome with and without treatment. used : the comparison of the people used.
        weight : (m,) what each of them counted for in the means, with nought for those not used;
        base weights for a method that models the outcome alone. balances : True when these weights
        are meant to make the groups alike. propensity : (m,), or None.
    notes, objection : as in Effect. pairs : (k, 2) rows of treated and control, for matched pairs.
    terms : coefficients beside the two means.
    """

    arms: Arms
    used: Comparison
    weight: np.ndarray
    balances: bool
    propensity: np.ndarray | None = None
    notes: tuple[str, ...] = ()
    objection: str | None = None
    pairs: np.ndarray | None = None
    terms: tuple[Term, ...] = ()


def effect(answer: Answer, method: str, estimand: str, measure: Measure = "difference") -> Effect:
    """The Effect of an answer.

    Scale "difference": with less without treatment, in outcome units (risk of a binary outcome).
    "log ratio": log of with over without. Percent is the ratio less one, by the delta method on the
    log scale; against the size of the mean without treatment where a mean is not positive. Averted
    is minus the difference times the people it is about, in (weighted) people.

    Raises
    ------
    FitError : when the mean without treatment is nought, or a ratio is asked for and a mean is not
        positive.
    """
    arms, used = answer.arms, answer.used
    plain = arms.difference()
    low, high, p_value = interval(plain, arms.df)
    ratio = _log_ratio(arms)
    if measure == "ratio" and ratio is None:
        raise FitError("a ratio needs a positive mean on both sides; use measure difference")
    if ratio is not None:
        ends = (ratio.estimate, *interval(ratio, arms.df)[:2])
        percent = Interval(*(100 * float(np.expm1(end)) for end in ends))
    else:
        size = abs(float(arms.means[1]))
        if size == 0:
            raise FitError(
                "without treatment nothing of the outcome is expected, so there is no change in "
                "percent; use a longer follow-up or a less rare outcome"
            )
        percent = Interval(*(100 * end / size for end in (plain.estimate, low, high)))
    over = used.treated if used.estimand == "ATT" else np.ones(used.n, dtype=bool)
    counted = over & (answer.weight > 0) if answer.balances else over
    people = float(used.base[counted].sum())
    scale: Scale = "difference"
    estimate, std_error = plain.estimate, plain.std_error
    if measure == "ratio" and ratio is not None:
        scale, estimate, std_error = "log ratio", ratio.estimate, ratio.std_error
        low, high, p_value = interval(ratio, arms.df)
    whom = "treated people" if used.estimand == "ATT" else "people, had all been treated"
    saved = _averted(plain, arms.df, people)
    return Effect(
        method=method,
        scale=scale,
        estimand=estimand,
        estimate=estimate,
        std_error=std_error,
        df=arms.df,
        low=low,
        high=high,
        p_value=p_value,
        percent=percent,
        averted=saved,
        averted_estimand=f"expected less observed {_unit(used)}, over {people:,.0f} {whom}",
        terms=(*_means(arms), *answer.terms),
        path=(),
        n=int((answer.weight > 0).sum()),
        notes=answer.notes,
        objection=answer.objection or _few(used) or _far(answer),
        quantities=_quantities(arms, used),
    )


def interval(contrast: Contrast, df: float | None) -> tuple[float, float, float]:
    """Low and high end of the 95 % interval, and the two-sided p."""
    from scipy.special import ndtr, ndtri, stdtr, stdtrit

    size = abs(contrast.estimate) / max(contrast.std_error, np.finfo(float).tiny)
    critical = float(ndtri(0.975) if df is None else stdtrit(df, 0.975))
    half = critical * contrast.std_error
    p_value = float(2 * (ndtr(-size) if df is None else stdtr(df, -size)))
    return contrast.estimate - half, contrast.estimate + half, p_value


def term(name: str, estimate: float, std_error: float, df: float | None) -> Term:
    """A coefficient with its interval."""
    low, high, p_value = interval(Contrast(estimate, std_error), df)
    return Term(name, estimate, std_error, df, low, high, p_value)


def differing(answer: Answer) -> np.ndarray:
    """(k - 1,) standardized differences of the covariates under the weights of an answer."""
    used = answer.used
    x = used.x[:, 1:]
    scale = spread(x, used.treated, used.base, pooled=used.estimand == "ATE")
    return standardized_differences(x, used.treated, answer.weight, scale)


def _means(arms: Arms) -> tuple[Term, ...]:
    errors = np.sqrt(np.maximum(np.diagonal(arms.cov), 0))
    return tuple(
        term(name, float(mean), float(error), arms.df)
        for name, mean, error in zip(
            ("mean with the program", "mean without it"), arms.means, errors, strict=True
        )
    )


def _log_ratio(arms: Arms) -> Contrast | None:
    return arms.log_ratio() if arms.means.min() > 0 else None


def _averted(plain: Contrast, df: float | None, people: float) -> Interval:
    low, high, _ = interval(plain, df)
    return Interval(-plain.estimate * people, -high * people, -low * people)


def _unit(used: Comparison) -> str:
    units = {"binary": "people with the outcome", "count": "events", "days": "days"}
    return units.get(used.kind, "units of the outcome")


def _quantities(arms: Arms, used: Comparison) -> tuple[Quantity, ...]:
    """Risk difference, risk ratio and odds ratio; else the difference and the ratio."""
    low, high, _ = interval(plain := arms.difference(), arms.df)
    binary = used.kind == "binary"
    rows = [
        Quantity(
            "risk difference", "%", 100 * plain.estimate, 100 * low, 100 * high, "delta method"
        )
        if binary
        else Quantity("difference a person", _unit(used), plain.estimate, low, high, "delta method")
    ]
    ratio = _log_ratio(arms)
    if ratio is not None:
        ends = [float(np.exp(e)) for e in (ratio.estimate, *interval(ratio, arms.df)[:2])]
        rows.append(
            Quantity(
                "risk ratio" if binary else "ratio",
                "times",
                ends[0],
                ends[1],
                ends[2],
                "delta method",
            )
        )
    if binary and ratio is not None and arms.means.max() < 1:
        odds = arms.log_odds_ratio()
        ends = [float(np.exp(e)) for e in (odds.estimate, *interval(odds, arms.df)[:2])]
        rows.append(Quantity("odds ratio", "times", ends[0], ends[1], ends[2], "delta method"))
    return tuple(rows)


def _few(used: Comparison) -> str | None:
    if used.kind != "binary":
        return None
    for word, side in (("treated", used.treated), ("untreated", ~used.treated)):
        events = int(used.y[side].sum())
        rarer = min(events, int(side.sum()) - events)
        if rarer < FEW_EVENTS:
            # Not the number itself: so few people must not be told in a report.
            return (
                f"fewer than {FEW_EVENTS} {word} people had the rarer outcome, too few for a "
                "normal interval"
            )
    return None


def _far(answer: Answer) -> str | None:
    if not answer.balances or answer.used.x.shape[1] == 1:
        return None
    gaps = np.abs(differing(answer))
    worst = int(gaps.argmax())
    if gaps[worst] <= FAR_APART:
        return None
    return (
        f"after weighting the groups still differ by {gaps[worst]:.2f} standard deviations in "
        f"{answer.used.names[worst + 1]}; they are not alike"
    )
