"""What a person gives as numbers, taken as arrays in the order of time, or refused with a reason.

A column of pandas brings an index with it. Where that index says which period a row is, it is
read: rows in another order are refused or put right, and a period that is missing is named.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Integral
from typing import Any, Literal

import numpy as np

from evaluation.data import period as calendar
from evaluation.effect import Told
from evaluation.errors import FitError
from evaluation.fact import Fact, fact

# The first period where nothing says which it is: the one that holds this Monday.
FIRST = datetime.date(2000, 1, 3)
# Of what counts periods; more does not fit in an array.
LARGEST = 10**9
# Of an outcome or a column: variances of variances take the fourth power.
MOST = 1e60
OUTCOME, WHOLE = fact("its.arrays.outcome"), fact("its.arrays.whole-number")
# Of a column of other than numbers, by numpy's letter.
_KINDS = {"U": "text", "S": "text", "T": "text", "M": "dates", "m": "spans"}


@dataclass(frozen=True, slots=True)
class Labels:
    """What the index of a column says of its rows: ordinals of periods, or plain numbers."""

    kind: Literal["periods", "numbers"]
    values: np.ndarray


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome in the order of time.

    y : (n,). begin : ordinal of its first period. labels : of its index, or None. known : whether
    anything given says which period is the first.
    """

    y: np.ndarray
    begin: int
    labels: Labels | None
    known: bool


def outcome_of(given: object, first: object, frequency: calendar.Frequency) -> Outcome:
    """The outcome and its first period, from `first` or from the index of the column.

    Raises
    ------
    FitError : when it is not one number a period in the order of time.
    """
    y = numbers(given, OUTCOME)
    labels = _labels(given, OUTCOME, frequency)
    begin = None if first is None else ordinal(first, frequency, "first")
    if labels is not None:
        _refuse_disorder(labels, OUTCOME, frequency)
        if labels.kind == "periods" and len(labels.values):
            own = int(labels.values[0])
            if begin is not None and begin != own:
                raise FitError(
                    fact(
                        "its.arrays.first-but-outcome-s-index",
                        first=first,
                        text=calendar.text(own, frequency),
                    )
                )
            begin = own
    known = begin is not None
    if begin is None:
        begin = calendar.holding(FIRST, frequency)
    return Outcome(y, begin, labels, known)


def beside(
    given: object, what: Told, outcome: Outcome, frequency: calendar.Frequency
) -> np.ndarray:
    """(n,) another column of the same periods, in the order of the outcome.

    Raises
    ------
    FitError : when it is not as long as the outcome, or its index has other periods.
    """
    values = numbers(given, what)
    n = len(outcome.y)
    if values.shape != (n,):
        raise FitError(fact("its.arrays.must-be-as-long-as", what=what, n=n))
    labels = _labels(given, what, frequency)
    if labels is None:
        return values
    if labels.kind == "periods":
        if not outcome.known:
            raise FitError(fact("its.arrays.index-has-periods-but-outcome", what=what))
        wanted = outcome.begin + np.arange(n)
    elif outcome.labels is not None and outcome.labels.kind == "numbers":
        wanted = outcome.labels.values
    else:
        _refuse_disorder(labels, what, frequency)
        return values
    order = np.argsort(labels.values, kind="stable")
    if not np.array_equal(labels.values[order], wanted):
        absent = np.setdiff1d(wanted, labels.values)
        label: Fact | str = (
            _shown(int(absent[0]), labels.kind, frequency)
            if len(absent)
            else fact("its.arrays.one-of-its-own")
        )
        raise FitError(fact("its.arrays.index-not-outcome-has-no", what=what, label=label))
    return values[order]


def columns_of(
    given: object, outcome: Outcome, frequency: calendar.Frequency
) -> dict[str, np.ndarray]:
    """Covariates by name, from a mapping or a table with named columns.

    Raises
    ------
    FitError : when it is neither, or a column does not belong to the periods of the outcome.
    """
    if given is None:
        return {}
    if isinstance(given, Mapping):
        pairs = list(given.items())
    elif hasattr(given, "columns") and hasattr(given, "__getitem__"):
        # A table of pyarrow keeps its names apart.
        names = list(getattr(given, "column_names", given.columns))
        if len(set(names)) < len(names):
            raise FitError(fact("its.arrays.two-covariates-have-same-name"))
        pairs = [(name, given[name]) for name in names]
    else:
        raise FitError(fact("its.arrays.covariates-must-be-columns-by", kind_of=_kind_of(given)))
    for name, _ in pairs:
        if not isinstance(name, str):
            raise FitError(fact("its.arrays.covariate-must-be-named-by", name=name))
    return {
        name: beside(column, fact("its.arrays.covariate", name=name), outcome, frequency)
        for name, column in pairs
    }


def numbers(given: object, what: Told) -> np.ndarray:
    """(n,) floats, a copy; what is masked or missing becomes NaN.

    Raises
    ------
    FitError : when it is not a column of numbers.
    """
    if hasattr(given, "columns"):
        raise FitError(fact("its.arrays.table-give-one-column-such", what=what))
    if isinstance(given, str | bytes | Mapping | set | frozenset) or not hasattr(given, "__len__"):
        raise FitError(fact("its.arrays.must-be-not", what=what, kind_of=_kind_of(given)))
    raw: Any = given
    if hasattr(raw, "to_numpy"):
        raw = raw.to_numpy()
    elif hasattr(raw, "filled") and hasattr(raw, "mask"):
        raw = np.where(np.ma.getmaskarray(raw), np.nan, np.ma.getdata(raw)).astype(object)
    try:
        array = np.asarray(raw)
    except ValueError:
        raise FitError(fact("its.arrays.must-be-one-number-period-2", what=what)) from None
    if array.ndim != 1:
        raise FitError(fact("its.arrays.must-be-one-number-period", what=what, ndim=array.ndim))
    if array.dtype.kind == "O":
        return np.array([_number(value, what) for value in array], dtype=float)
    if len(array) and array.dtype.kind not in "biuf":
        kind = fact(f"its.arrays.kind.{_KINDS.get(array.dtype.kind, 'other')}")
        raise FitError(fact("its.arrays.has-give-numbers", what=what, get=kind))
    return np.array(array, dtype=float)


def refuse_unwieldy(column: np.ndarray | None, what: Told) -> None:
    """Refuse numbers whose squares and their squares a float cannot hold.

    Raises
    ------
    FitError : when the largest is beyond 1e60, or not nought and below 1e-60.
    """
    if column is None or not len(column) or not np.isfinite(column).all():
        return
    largest = float(np.abs(column).max())
    if largest and not 1 / MOST < largest < MOST:
        raise FitError(fact("its.arrays.has-numbers-size-which-cannot", what=what, largest=largest))


def start_of(given: object, outcome: Outcome, frequency: calendar.Frequency) -> int:
    """The index of the first period of the intervention, from a whole number or a written period.

    Raises
    ------
    FitError : for anything else, or a period where nothing says when the outcome begins.
    """
    if isinstance(given, str | datetime.date) or hasattr(given, "freqstr"):
        start = ordinal(given, frequency, "start")
        if not outcome.known:
            raise FitError(fact("its.arrays.start-period-but-nothing-says", given=given))
        return start - outcome.begin
    return whole(given, "start", fact("its.arrays.index-or-period"))


def whole(given: object, what: Told, allowed: Fact = WHOLE) -> int:
    """A whole number, of Python's or numpy's.

    Raises
    ------
    FitError : for anything else; True and False are no numbers.
    """
    if isinstance(given, bool | np.bool_) or not isinstance(given, Integral):
        raise FitError(fact("its.arrays.must-be-not-2", what=what, allowed=allowed, given=given))
    if abs(int(given)) > LARGEST:
        raise FitError(fact("its.arrays.beyond-any-calendar-must-be", what=what, allowed=allowed))
    return int(given)


def ordinal(given: object, frequency: calendar.Frequency, what: Told) -> int:
    """The ordinal of a written period, or of the one that a date begins.

    Raises
    ------
    FitError : when it is no such period, or a date inside one.
    """
    if isinstance(given, datetime.date) and hasattr(given, "isoformat"):
        given = given.isoformat()[:10]
    example = fact("its.arrays.period-like", example=calendar.EXAMPLE[frequency])
    if not (isinstance(given, str) or hasattr(given, "freqstr")):
        raise FitError(fact("its.arrays.must-be-not-3", what=what, example=example, given=given))
    try:
        return calendar.begun(str(given), frequency)
    except ValueError as fault:
        raise FitError(fact("its.arrays.text", what=what, fault=fault)) from None


def _labels(given: object, what: Told, frequency: calendar.Frequency) -> Labels | None:
    """What the index of a pandas column says; None for plain numbers."""
    index: Any = getattr(given, "index", None)
    if index is None or callable(index):
        return None
    if getattr(index, "nlevels", 1) > 1:
        raise FitError(fact("its.arrays.has-index-several-levels-take", what=what))
    labels = list(index)
    if all(isinstance(label, Integral) and not isinstance(label, bool) for label in labels):
        found = np.array(labels, dtype=int)
        years = frequency == "year" and len(found) and found.min() > 1000 and found.max() < 3000
        return Labels("periods" if years else "numbers", found)
    like = 0
    if frequency == "week" and labels and isinstance(labels[0], datetime.date):
        like = calendar.week_from(labels[0])
    return Labels(
        "periods", np.array([_period(label, what, frequency, like) for label in labels], dtype=int)
    )


def _period(label: Any, what: Told, frequency: calendar.Frequency, like: int) -> int:
    # A date in a month stands for it; a period of pandas and a text are written as they are. Of
    # weeks and days the period of pandas stands for its first day.
    if hasattr(label, "freqstr") and hasattr(label, "ordinal") and frequency in calendar.MONTHS:
        return ordinal(label, frequency, fact("its.arrays.index-of", what=what))
    if isinstance(label, str):
        return ordinal(label, frequency, fact("its.arrays.index-of", what=what))
    if not isinstance(label, datetime.date) and hasattr(label, "start_time"):
        first = label.start_time
        return calendar.week_from(first) if frequency == "week" else int(first.toordinal())
    if not isinstance(label, datetime.date) or not isinstance(label.year, int):
        raise FitError(
            fact("its.arrays.index-has-which-no-give", what=what, label=label, frequency=frequency)
        )
    return calendar.holding(label, frequency, like)


def _refuse_disorder(labels: Labels, what: Told, frequency: calendar.Frequency) -> None:
    """Refuse rows that do not follow one another."""
    steps = np.diff(labels.values)
    if (steps == 1).all():
        return
    values, counts = np.unique(labels.values, return_counts=True)
    if (counts > 1).any():
        twice = _shown(int(values[counts > 1][0]), labels.kind, frequency)
        raise FitError(
            fact("its.arrays.index-has-more-than-once", what=what, twice=twice, frequency=frequency)
        )
    if (steps < 0).any():
        raise FitError(fact("its.arrays.index-not-order-time", what=what))
    before = int(labels.values[int(np.argmax(steps > 1))])
    missing = _shown(before + 1, labels.kind, frequency)
    raise FitError(
        fact(
            "its.arrays.index-has-no-row-after",
            what=what,
            missing=missing,
            shown=_shown(before, labels.kind, frequency),
            frequency=frequency,
        )
    )


def _shown(label: int, kind: str, frequency: calendar.Frequency) -> str:
    return calendar.text(label, frequency) if kind == "periods" else str(label)


def _number(value: object, what: Told) -> float:
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return float("nan")
    if isinstance(value, str | bytes | complex) or not hasattr(value, "__float__"):
        raise FitError(fact("its.arrays.has-which-no-number", what=what, value=value))
    return float(value)


def _kind_of(given: object) -> Fact:
    if given is None:
        return fact("its.arrays.kind.none")
    return fact("its.arrays.kind.of", name=type(given).__name__)
