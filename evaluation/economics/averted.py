"""Outcomes averted, with the whole uncertainty of the effect, and when they were averted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evaluation.data import period as calendar
from evaluation.economics.input_quantiles import split_at
from evaluation.effect import Effect, Interval, Point
from evaluation.errors import FitError
from evaluation.fact import Fact, fact
from evaluation.study.evidence import GradeLevel, OutcomeEvidence

# Below this percent the estimate is too near nought to say how many outcomes a percent is.
NEAR_NOUGHT = 1.0
_LARGEST_LOG = 500.0


@dataclass(frozen=True, slots=True)
class Window:
    """The time that is counted, in years from the first period after the start.

    Parameters
    ----------
    years : its length. first, last : its periods, or "" where the study has no path.
    steps : equal parts of it, each discounted from its middle.
    """

    years: float
    first: str
    last: str
    steps: int

    def discounted(self, rate: float, shares: np.ndarray | None = None) -> float:
        """What one unit spread over the window is worth at its begin.

        Parameters
        ----------
        rate : a year, as a share. shares : (steps,) of the unit in each part; None spreads evenly.
        """
        middles = (np.arange(self.steps) + 0.5) * self.years / self.steps
        factors = (1 + rate) ** -middles
        return float(factors.mean() if shares is None else factors @ shares)


@dataclass(frozen=True, slots=True)
class Averted:
    """One outcome averted.

    Parameters
    ----------
    column, label, measure, estimand, grade : of the outcome, in words.
    number, percent : as the study gives them, 95 % intervals. df : of its t, None for a normal.
    base : outcomes that went on to happen (log scale) or were expected (difference scale), by
        which a percent becomes a number; None when the two do not agree.
    log : True when the effect is a ratio. shares : (steps,) of what was averted, by time.
    """

    column: str
    label: str
    measure: str
    estimand: str
    grade: GradeLevel
    number: Interval
    percent: Interval
    df: float | None
    base: float | None
    log: bool
    shares: tuple[float, ...] | None

    def at(self, u: np.ndarray) -> np.ndarray:
        """(n,) quantiles of the number averted.

        A ratio is drawn on its own scale: the number is F (exp(x) - 1), F the outcomes that
        happened and x, the log of expected over happened, a split t whose median and 95 % limits
        are those of the study. A difference is a split t as it stands.
        """
        bounds = np.array([self.number.low, self.number.estimate, self.number.high])
        if self.log and self.base is not None and self.base + self.number.low > 0:
            low, middle, high = np.log1p(bounds / self.base)
            drawn = split_at(u, low=low, middle=middle, high=high, df=self.df)
            # A t of few degrees of freedom reaches past what a float can hold.
            return np.asarray(self.base * np.expm1(np.minimum(drawn, _LARGEST_LOG)))
        low, middle, high = bounds
        return split_at(u, low=low, middle=middle, high=high, df=self.df)


def averted(outcome: OutcomeEvidence, window: Window, *, mean: bool = False) -> Averted:
    """The outcomes averted by the headline of one outcome.

    Parameters
    ----------
    mean : whether the outcome is a mean or a rate of places, which is no sum.

    Raises
    ------
    FitError : when it was not estimated, counts nothing, is hoped to rise, or has no interval: an
        effect without its uncertainty is not valued.
    """
    effect = outcome.effect
    if fault := unfit(outcome, mean=mean):
        raise FitError(fact("economics.averted.text", label=outcome.label, fault=fault))
    log = effect.scale == "log ratio"
    return Averted(
        column=outcome.column,
        label=outcome.label,
        measure=outcome.measure,
        estimand=str(effect.averted_estimand),
        grade=outcome.grade.level,
        number=effect.averted,
        percent=effect.percent,
        df=effect.df,
        base=_base(effect),
        log=log,
        shares=_shares(effect.path, window),
    )


def window_of(effect: Effect, frequency: str) -> Window | None:
    """The time from the first period that is not before the start to the last of the path; None
    where the method gives no path."""
    after = [point.period for point in effect.covered[_begin(effect.path) :]]
    if not after or frequency not in calendar.PER_YEAR:
        return None
    return Window(len(after) / calendar.a_year(frequency), after[0], after[-1], len(after))


def _begin(path: tuple[Point, ...]) -> int:
    """Index of the first period from the start on; months left out to settle in are counted."""
    affected = [i for i, point in enumerate(path) if point.phase in ("phase-in", "after")]
    first = affected[0] if affected else len(path)
    while first > 0 and path[first - 1].phase == "left out":
        first -= 1
    return first


def unfit(outcome: OutcomeEvidence, *, mean: bool = False) -> Fact | None:
    """Why an outcome that was estimated cannot be valued; None when it can. See `averted`."""
    effect = outcome.effect
    number = effect.averted
    bounds = (number.low, number.estimate, number.high, effect.std_error)
    if mean:
        return fact("economics.averted.mean-rate-nothing-counted-value")
    # What the effect is of can have another good way than the outcome: days free of arrest.
    if (effect.better or outcome.better) == "higher":
        return fact("economics.averted.more-hoped-nothing-averted-value")
    if "not a count" in str(effect.averted_estimand):
        return fact("economics.averted.score-share-nothing-counted-value")
    if effect.objection:
        return fact("economics.averted.its-estimate-must-not-be", objection=effect.objection)
    if (
        not np.isfinite(bounds).all()
        or effect.std_error <= 0
        or not number.low < number.high
        or not number.low <= number.estimate <= number.high
    ):
        return fact("economics.averted.gives-no-interval-number-averted", method=effect.method)
    return None


def _base(effect: Effect) -> float | None:
    """Outcomes by which the percent change and the number averted agree.

    On the log scale a change of p percent averts F (-p) / (100 + p), F being what happened; on the
    difference scale E (-p) / 100, E being what was expected. Taken at the estimate, or at the
    farther end when the estimate is near nought.
    """
    percent, number = effect.percent, effect.averted
    ends = [(percent.low, number.high), (percent.high, number.low)]
    change, count = (percent.estimate, number.estimate)
    if abs(change) < NEAR_NOUGHT:
        change, count = max(ends, key=lambda pair: abs(pair[0]))
    rest = 100 + change if effect.scale == "log ratio" else 100.0
    if rest <= 0 or change == 0:
        return None
    base = count * rest / -change
    return float(base) if np.isfinite(base) and base > 0 else None


def _shares(path: tuple[Point, ...], window: Window) -> tuple[float, ...] | None:
    """What a constant percent would avert in each period, as shares that sum to 1; None for an
    even spread, where there is no path."""
    after = path[_begin(path) :]
    if len(after) != window.steps:
        return None
    expected = [
        max(point.expected, 0.0) if point.phase in ("phase-in", "after") else 0.0 for point in after
    ]
    total = sum(expected)
    return tuple(value / total for value in expected) if total > 0 else None
