"""What a check finds, and the small helps that several checks share."""

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
from evaluation.its.methods import Method
from evaluation.its.series import Series

Choice = TypeVar("Choice")

# A p-value below this counts as a finding, in every check that judges by one.
REJECT = 0.05


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
