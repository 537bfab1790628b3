"""What a check finds, what a fit leaves over, and the small helps that several checks share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from evaluation.data.period import Frequency
from evaluation.effect import Effect
from evaluation.errors import FitError
from evaluation.fact import Fact, fact
from evaluation.its.batch import Judged, judge_many
from evaluation.its.effects import Link, means
from evaluation.its.methods import Method
from evaluation.its.series import Series

Choice = TypeVar("Choice")

# A p-value below this counts as a finding, in every check that judges by one.
REJECT = 0.05
# A sum of squares this small beside that of the outcome is rounding error.
ROUNDING = 1e-20


@dataclass(frozen=True, slots=True)
class Finding:
    """The answer to the question of a check; the fields are those of `Check`."""

    passed: bool | None
    says: Fact
    table: tuple[Mapping[str, Any], ...] = ()


Ask = Callable[[Series, Method, Effect], Finding]


def tried(
    method: Method, choices: Iterable[Choice], make: Callable[[Choice], Series]
) -> list[tuple[Choice, Series, Judged]]:
    """The method's answers to changed series; what cannot be built, estimated or written as finite
    numbers is left out.

    Parameters
    ----------
    choices : what is varied. make : the series of a choice; it may raise FitError.
    """
    built = []
    for choice in choices:
        try:
            built.append((choice, make(choice)))
        except FitError:
            continue
    # An estimate that runs away overflows on its way; it is left out here.
    with np.errstate(over="ignore", invalid="ignore"):
        judged = judge_many(method, [series for _, series in built])
    return [
        (choice, series, one)
        for (choice, series), one in zip(built, judged, strict=True)
        if _finite(one)
    ]


def _finite(one: Judged) -> bool:
    """True when there is an estimate and all its numbers can be written down."""
    numbers = (one.estimate, one.std_error, one.p_value, one.percent, one.percent_low)
    return not one.reason and bool(np.isfinite([*numbers, one.percent_high]).all())


def not_estimated(asked: int, answered: int) -> Fact:
    """A sentence that counts what could not be estimated, or nothing."""
    missing = asked - answered
    return fact("its.check-helpers.not-estimated", missing=missing, asked=asked)


def units(frequency: Frequency, n: int = 0) -> Fact:
    """The word for periods, or for one."""
    return fact(f"its.unit.{frequency}" if n == 1 else f"its.units.{frequency}")


@dataclass(frozen=True, slots=True)
class LeftOver:
    """The m periods that a fit used, by row.

    rows : (m,) indices in the series. fitted : (m,) means, in outcome units. residuals : (m,), for
    a log link over the root of the mean (Pearson), else of the outcome over relative exposure.
    x : (m, k), the design that goes with the residuals. time : (m,) whole-number times.
    innovations : the method's own residuals without correlation (fewer, when it differences), or
    None when rho and nugget tell the correlation.
    """

    link: Link
    rows: np.ndarray
    fitted: np.ndarray
    residuals: np.ndarray
    x: np.ndarray
    time: np.ndarray
    innovations: np.ndarray | None

    @property
    def spread(self) -> float:
        """Sum of squared residuals over m - k: for counts the ratio of variance to mean."""
        freedom = len(self.rows) - int(self.x.shape[1])
        return float((self.residuals**2).sum()) / freedom


def left_over(series: Series, method: Method) -> LeftOver:
    """The residuals of a method's fit.

    Raises
    ------
    FitError : when the method has no linear predictor, or its fit leaves nothing over.
    """
    if method.whole is not None:
        raise FitError(fact("its.check-helpers.method-has-no-linear-predictor"))
    fitted = method.solved(series)
    if len(fitted.beta) != series.x.shape[1]:
        raise FitError(fact("its.check-helpers.method-s-linear-predictor-not"))
    rows = np.flatnonzero(series.kept)
    mean = means(series, fitted.link, fitted.beta).fitted[rows]
    raw, x = series.y[rows] - mean, series.x[rows]
    if fitted.link == "log":
        root = np.sqrt(mean)
        residuals, x = raw / root, root[:, None] * x
    else:
        residuals = raw / series.relative_exposure[rows]
    if residuals @ residuals <= ROUNDING * max(float(series.y[rows] @ series.y[rows]), 1e-300):
        raise FitError(fact("its.check-helpers.fit-leaves-nothing-over"))
    return LeftOver(fitted.link, rows, mean, residuals, x, series.time[rows], fitted.innovations)


def inflation(rho: float, nugget: float, periods: int) -> float:
    """How many times the variance of a mean of so many periods is that of uncorrelated errors,
    with correlation (1 - nugget) AR1(rho) + nugget I; not below 1.

    Examples
    --------
    >>> round(inflation(0.5, 0.0, 2), 6)
    1.5
    """
    gaps = np.arange(1, periods)
    shared = (1 - gaps / periods) * (1 - nugget) * rho**gaps
    return max(1.0, 1 + 2 * float(shared.sum()))
