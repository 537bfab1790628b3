"""From two means to an Effect in words and numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from evaluation.data import counted
from evaluation.effect import Effect, Interval, Quantity, Scale, Term, Told
from evaluation.errors import FitError
from evaluation.fact import Fact, fact
from evaluation.individual import gate
from evaluation.individual.comparison import Comparison
from evaluation.numeric.panel.doubly_robust import Estimand
from evaluation.numeric.people.nearest import Arms, Contrast
from evaluation.numeric.shared.linear import law

# Under it stand the names of quantities.
_NAME = "individual.quantities"

Measure = Literal["difference", "ratio"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a method found, before it is put into words.

    Parameters
    ----------
    arms : mean outcome with and without treatment. used : the comparison of the people used.
        weight : (m,) what each of them counted for in the means, with nought for those not used;
        base weights for a method that models the outcome alone. balances : True when these weights
        are meant to make the groups alike. raw : True when neither weights nor a model do.
        propensity : (m,), or None. had : (m,) 0 and 1, who had an event, where y is none.
    notes, objection : as in Effect. pairs : (k, 2) rows of treated and control, for matched pairs.
    terms : coefficients beside the two means.
    """

    arms: Arms
    used: Comparison
    weight: np.ndarray
    balances: bool
    propensity: np.ndarray | None = None
    notes: tuple[Told, ...] = ()
    objection: Told | None = None
    pairs: np.ndarray | None = None
    terms: tuple[Term, ...] = ()
    raw: bool = False
    had: np.ndarray | None = None

    @property
    def basis(self) -> gate.Basis:
        """What the gate looks at."""
        had = self.used.y if self.used.kind == "binary" else self.had
        adjusted: gate.Adjusted = "nothing" if self.raw else "model"
        return gate.Basis(self.used, self.weight, had, "weights" if self.balances else adjusted)


def effect(answer: Answer, method: str, estimand: Fact, measure: Measure = "difference") -> Effect:
    """The Effect of an answer.

    Scale "difference": with less without treatment, in outcome units (risk of a binary outcome).
    "log ratio": log of with over without, by the delta method. Percent is the ratio less one, with
    a range that leaves out no change exactly when p is below .05. Averted is minus the difference
    times the people it is about, in (weighted) people.

    Raises
    ------
    FitError : when the mean without treatment is nought, the outcome does not vary, or a ratio is
        asked for and a mean is not positive.
    """
    arms, used = answer.arms, answer.used
    if measure not in get_args(Measure):
        raise FitError(
            fact("individual.effects.no-measure-there-difference-ratio", measure=measure)
        )
    plain, largest = arms.difference(), float(np.abs(used.y).max(initial=0.0))
    if not abs(float(arms.means[1])) > gate.ROUNDING * largest:
        raise FitError(fact("individual.effects.without-treatment-nothing-outcome-expected"))
    if not plain.std_error > gate.ROUNDING * largest:
        raise FitError(fact("individual.effects.outcome-same-everyone-on-side"))
    low, high, p_value = interval(plain, arms.df)
    if measure == "ratio":
        if arms.means.min() <= 0:
            raise FitError(fact("individual.effects.ratio-needs-positive-mean-on"))
        ratio = arms.log_ratio()
        ends = (ratio.estimate, *interval(ratio, arms.df)[:2])
        percent = Interval(*(100 * float(np.expm1(end)) for end in ends))
    else:
        percent = _percent(arms, used)
    over = used.treated if used.estimand == "ATT" else np.ones(used.n, dtype=bool)
    there = over & (answer.weight > 0) if answer.balances else over
    people = float(used.base[there].sum())
    scale: Scale = "difference"
    estimate, std_error = plain.estimate, plain.std_error
    saved = Interval(-plain.estimate * people, -high * people, -low * people)
    if measure == "ratio":
        scale, estimate, std_error = "log ratio", ratio.estimate, ratio.std_error
        low, high, p_value = interval(ratio, arms.df)
        # The events expected without treatment, times what the ratio takes away of them.
        at = (estimate, high, low)
        saved = Interval(*(-people * float(arms.means[1] * np.expm1(end)) for end in at))
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
        averted_estimand=fact(
            f"individual.effects.averted-{used.estimand}",
            unit=_unit(used),
            people=counted.people(round(people)),
        ),
        terms=(*_means(arms), *answer.terms),
        path=(),
        n=int((answer.weight > 0).sum()),
        notes=answer.notes,
        objection=answer.objection or gate.objection(answer.basis),
        quantities=_quantities(arms, used, percent),
        percent_of="risk" if used.kind == "binary" else "",
    )


def among(what: Fact, estimand: Estimand) -> Fact:
    """What an effect is, and on whom: the treated, or everyone."""
    whom = fact(f"individual.effects.whom-{estimand}")
    return fact("individual.effects.among", what=what, whom=whom)


def p_words(p_value: float) -> Fact:
    """A p as a sentence has it: "p 0.031", "p below 0.001"."""
    return fact("people.p-below") if p_value < 0.001 else fact("people.p", p=p_value)


def term(name: str, estimate: float, std_error: float, df: float | None) -> Term:
    """A coefficient with its interval."""
    low, high, p_value = law(estimate, std_error, df)
    return Term(name, estimate, std_error, df, low, high, p_value)


def interval(contrast: Contrast, df: float | None) -> tuple[float, float, float]:
    """Low and high end of the 95 % interval, and the two-sided p; see `law`."""
    return law(contrast.estimate, contrast.std_error, df)


def rate_effect(
    method: str,
    main: Term,
    events: float,
    *,
    happened: bool,
    estimand: Fact,
    averted_estimand: Fact,
    terms: tuple[Term, ...],
    n: int,
    horizon: float | None,
    ratio: Fact | None = None,
    notes: tuple[Told, ...] = (),
    objection: Told | None = None,
) -> Effect:
    """The Effect of a log ratio of rates.

    Parameters
    ----------
    events : that the ratio is of: those that happened with treatment, or, not `happened`, those
        expected without it. ratio : its name among the quantities, or None.
    """
    ends = (main.estimate, main.low, main.high)
    if happened:
        saved = [events * float(np.expm1(-end)) for end in ends]
    else:
        saved = [-float(events * np.expm1(end)) for end in ends]
    times = [float(np.exp(end)) for end in ends]
    return Effect(
        method=method,
        scale="log ratio",
        estimand=estimand,
        estimate=main.estimate,
        std_error=main.std_error,
        df=main.df,
        low=main.low,
        high=main.high,
        p_value=main.p_value,
        percent=Interval(*(100 * float(np.expm1(end)) for end in ends)),
        averted=Interval(saved[0], min(saved), max(saved)),
        averted_estimand=averted_estimand,
        terms=terms,
        path=(),
        n=n,
        notes=notes,
        objection=objection,
        percent_of="rate",
        horizon=None if horizon is None else float(horizon),
        quantities=()
        if ratio is None
        else (Quantity(ratio, "times", times[0], times[1], times[2], "transformed"),),
    )


def _means(arms: Arms) -> tuple[Term, ...]:
    errors = np.sqrt(np.maximum(np.diagonal(arms.cov), 0))
    return tuple(
        term(name, float(mean), float(error), arms.df)
        for name, mean, error in zip(
            ("mean with the program", "mean without it"), arms.means, errors, strict=True
        )
    )


def _percent(arms: Arms, used: Comparison) -> Interval:
    """The ratio of the means less one, in percent: the delta method on the log scale.

    Against the size of the mean without treatment where a mean is not positive. The test of a log
    ratio is not that of a difference; where the two disagree on whether there is no change, the
    range is that of the difference: Fieller's (1954, JRSS B 16:175-185).
    """
    plain = arms.difference()
    low, high, _ = interval(plain, arms.df)
    size = abs(float(arms.means[1]))
    held = Interval(*(100 * end / size for end in (plain.estimate, low, high)))
    if arms.means.min() <= 0:
        return held
    ratio = arms.log_ratio()
    ends = interval(ratio, arms.df)[:2]
    if (ends[0] > 0 or ends[1] < 0) == held.excludes_zero:
        return Interval(*(100 * float(np.expm1(end)) for end in (ratio.estimate, *ends)))
    return _fieller(arms, held, ((high - low) / 2 / plain.std_error) ** 2, used)


def _fieller(arms: Arms, held: Interval, square: float, used: Comparison) -> Interval:
    """All percents at which the mean with treatment could be that share of the one without, which
    leave out none exactly when the difference does; `held`, with the mean without treatment taken
    as known, where that mean could be nought.

    Parameters
    ----------
    square : of the critical value.
    """
    with_it, without = (float(mean) for mean in arms.means)
    curve = without**2 - square * float(arms.cov[1, 1])
    if curve <= 0:
        return held
    middle = with_it * without - square * float(arms.cov[0, 1])
    root = max(middle**2 - curve * (with_it**2 - square * float(arms.cov[0, 0])), 0.0) ** 0.5
    low, high = (100 * ((middle + sign * root) / curve - 1) for sign in (-1, 1))
    if used.kind in ("binary", "count", "days"):
        # There cannot be less than nothing of these.
        low = max(low, -100.0)
    return Interval(held.estimate, low, high)


def _unit(used: Comparison) -> Fact:
    known = used.kind in ("binary", "count", "days")
    return fact(f"individual.effects.unit-{used.kind if known else 'other'}")


def _quantities(arms: Arms, used: Comparison, percent: Interval) -> tuple[Quantity, ...]:
    """Risk difference, risk ratio and odds ratio; else the difference and the ratio."""
    low, high, _ = interval(plain := arms.difference(), arms.df)
    binary = used.kind == "binary"
    rows = [
        Quantity(
            fact(f"{_NAME}.risk-difference"),
            "%",
            100 * plain.estimate,
            100 * low,
            100 * high,
            "delta method",
        )
        if binary
        else Quantity(
            fact(f"{_NAME}.difference"), str(_unit(used)), plain.estimate, low, high, "delta method"
        )
    ]
    if arms.means.min() > 0:
        name = fact(f"{_NAME}.{'risk-ratio' if binary else 'ratio'}")
        ends = [1 + end / 100 for end in (percent.estimate, percent.low, percent.high)]
        rows.append(Quantity(name, "times", ends[0], ends[1], ends[2], "delta method"))
    if binary and arms.means.min() > 0 and arms.means.max() < 1:
        odds = arms.log_odds_ratio()
        lowest, highest, _ = interval(odds, arms.df)
        # Its own test is another; where they disagree on no change it would contradict the rest.
        if (lowest > 0 or highest < 0) == (low > 0 or high < 0):
            ends = [float(np.exp(end)) for end in (odds.estimate, lowest, highest)]
            rows.append(
                Quantity(
                    fact(f"{_NAME}.odds-ratio"), "times", ends[0], ends[1], ends[2], "delta method"
                )
            )
    return tuple(rows)
