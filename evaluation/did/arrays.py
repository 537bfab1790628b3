"""Plain numbers, lists and pandas tables as the panel of `Cohorts.from_arrays` needs them.

Whatever cannot be read without guessing is refused with what to do: an index in another order is
put right by its labels where both sides have labels, and refused where one has none.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from datetime import date
from typing import Any, cast

import numpy as np

from evaluation.data import period as calendar
from evaluation.data.labels import normal
from evaluation.effect import Told
from evaluation.errors import FitError
from evaluation.fact import Fact, fact

KINDS = ("count", "continuous")
# Labels that a message names.
SHOWN = 3

Labels = tuple[Hashable, ...]


def known_kind(kind: object) -> None:
    """Nothing, when the kind of outcome is one there is.

    Raises
    ------
    FitError : otherwise.
    """
    if not isinstance(kind, str) or kind not in KINDS:
        raise FitError(fact("did.arrays.kind-may-be-count-continuous", kind=kind))


def known_frequency(frequency: object) -> calendar.Frequency:
    """The frequency, when it is one there is.

    Raises
    ------
    FitError : otherwise.
    """
    if not isinstance(frequency, str) or frequency not in calendar.PER_YEAR:
        raise FitError(fact("did.arrays.frequency-may-be-month-quarter", frequency=frequency))
    return cast(calendar.Frequency, frequency)


def labels(values: object, axis: str = "index") -> Labels | None:
    """The labels of a pandas table or column along an axis; None without any of its own."""
    index = getattr(values, axis, None)
    if index is None or callable(index) or not hasattr(values, "iloc"):
        return None
    found = tuple(index)
    if _counted(found):
        return None
    if len(set(found)) < len(found):
        twice = next(label for label in found if found.count(label) > 1)
        raise FitError(fact("did.arrays.has-twice-every-unit-has", axis=axis, twice=twice))
    return found


def _counted(found: Labels) -> bool:
    return all(isinstance(one, int) for one in found) and found == tuple(range(len(found)))


def numbers(values: object, what: Told) -> np.ndarray:
    """A float array of what was given; masked and missing values are NaN.

    Raises
    ------
    FitError : for text, dates, true and false, complex numbers, or rows of unequal length.
    """
    if isinstance(values, str | bytes | Mapping) or values is None:
        raise FitError(fact("did.arrays.must-be-numbers-was", what=what, type_of=type_of(values)))
    masked = values if isinstance(values, np.ma.MaskedArray) else None
    try:
        raw = np.asarray(values if masked is None else masked.data)
    except (TypeError, ValueError) as fault:
        raise FitError(fact("did.arrays.must-be-table-numbers-rows", what=what)) from fault
    if raw.dtype.kind not in "iufO":
        raise FitError(fact("did.arrays.must-be-numbers-given-convert", what=what, of=_of(raw)))
    if raw.dtype.kind == "O":
        for one in raw.ravel():
            if isinstance(one, str | bytes | bool | np.bool_ | date | list | tuple):
                raise FitError(
                    fact(
                        "did.arrays.must-be-numbers-convert-first",
                        what=what,
                        one=one,
                        type_of=type_of(one),
                    )
                )
        raw = np.array([np.nan if missing(one) else one for one in raw.ravel()], object).reshape(
            raw.shape
        )
    try:
        found = np.array(raw, dtype=float)
    except (TypeError, ValueError, OverflowError) as fault:
        raise FitError(fact("did.arrays.must-be-numbers-float-can", what=what)) from fault
    if masked is not None:
        found[np.ma.getmaskarray(masked)] = np.nan
    return found


def _of(raw: np.ndarray) -> Fact:
    kinds = {"M": "dates", "m": "lengths", "b": "flags"}
    return fact(f"did.arrays.{kinds.get(raw.dtype.kind, 'values')}", type=raw.dtype)


def type_of(value: object) -> Fact:
    """The type of a value for a message."""
    return fact(
        "did.arrays.no-value" if value is None else "did.arrays.a", type=type(value).__name__
    )


def missing(value: object) -> bool:
    """Whether a value stands for none: None, NaN, or one of pandas' own."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    if isinstance(value, np.datetime64):
        return bool(np.isnat(value))
    return isinstance(value, float | np.floating) and bool(np.isnan(value))


def aligned(values: Any, wanted: Labels | None, what: Told, n: int) -> Any:
    """What was given, in the order of the units.

    Parameters
    ----------
    wanted : labels of the units, None when they have none. n : units.

    Raises
    ------
    FitError : for labels of other units, or labels where the units have none.
    """
    own = labels(values)
    if own is None or own == wanted:
        return values
    if len(own) != n:
        raise FitError(fact("did.arrays.has-rows-units", what=what, n_own=len(own), n=n))
    if wanted is None:
        raise FitError(fact("did.arrays.has-index-its-own-outcomes", what=what, few=_few(own)))
    if set(own) != set(wanted):
        other = next(label for label in own if label not in set(wanted))
        raise FitError(fact("did.arrays.index-has-which", what=what, other=other, few=_few(wanted)))
    return values.loc[list(wanted)]


def ordered(values: Any, wanted: Labels | None, what: Told) -> Any:
    """A table with its columns in the order of the periods of the outcomes.

    Raises
    ------
    FitError : for columns of other periods, or columns named where those of the outcomes are not.
    """
    own = labels(values, "columns")
    if own is None or own == wanted:
        return values
    if wanted is None or set(own) != set(wanted):
        raise FitError(fact("did.arrays.columns-not-periods-outcomes", what=what, few=_few(own)))
    return values[list(wanted)]


def refuse_unread(table: object, what: Told) -> None:
    """Refuse a table whose named columns would be lost, such as one of pyarrow or polars.

    Raises
    ------
    FitError : for a table of another kind than pandas'.
    """
    if hasattr(table, "columns") and not hasattr(table, "iloc"):
        raise FitError(fact("did.arrays.another-library-whose", what=what, type_of=type_of(table)))


def refuse_moved(given: tuple[str, ...], own: Labels | None) -> None:
    """Refuse names of units that give a row the name of another one.

    Raises
    ------
    FitError : when a name belongs to another row of the outcomes.
    """
    row_of = {str(label): row for row, label in enumerate(own or ())}
    for row, name in enumerate(given):
        if row_of.get(name, row) != row:
            raise FitError(fact("did.arrays.units-calls", row=row, name=name, row_of=row_of[name]))


def refuse_lookalikes(names: Sequence[str], what: Told) -> None:
    """Refuse two spellings of one name: "Beat 1" and "beat 1 ", or "12" and "12.0".

    Raises
    ------
    FitError : naming the first two.
    """
    seen: dict[str, str] = {}
    for name in names:
        other = seen.setdefault(normal(name), name)
        if other != name:
            raise FitError(fact("did.arrays.differ-only-case", what=what, other=other, name=name))


def rows(given: object, n: int) -> np.ndarray:
    """Rows of a panel of n units, from numbers or from true and false.

    Raises
    ------
    FitError : for anything else, or a row that there is not.
    """
    chosen = np.asarray(given)
    if chosen.shape == (n,) and chosen.dtype == bool:
        chosen = np.flatnonzero(chosen)
    fits = chosen.ndim == 1 and chosen.size and chosen.dtype.kind in "iu"
    if not fits or chosen.min() < 0 or chosen.max() >= n:
        raise FitError(fact("did.arrays.units-chosen-by-row-whole", n=n - 1))
    return chosen


def refuse_outside(low: object, high: object, length: int) -> None:
    """Refuse a window that is not inside the panel.

    Raises
    ------
    FitError : for anything but whole numbers with 0 <= low < high <= length.
    """
    whole = all(isinstance(end, int | np.integer) for end in (low, high))
    if not whole or not 0 <= cast(int, low) < cast(int, high) <= length:
        raise FitError(fact("did.arrays.window-from-before", low=low, high=high, length=length))


def _few(found: Labels) -> tuple[str, ...]:
    return (*map(str, found[:SHOWN]), *(("...",) if len(found) > SHOWN else ()))


def used_exposure(
    exposure: np.ndarray | None, offset: bool | None, kind: str
) -> tuple[np.ndarray | None, tuple[Fact, ...]]:
    """The exposure as far as it is used, and a note when it is not."""
    if offset is not None and not isinstance(offset, bool):
        raise FitError(fact("did.arrays.offset-may-be-true-false", offset=offset))
    if exposure is None:
        if offset:
            raise FitError(fact("did.arrays.offset-asks-exposure-divide-by"))
        return None, ()
    if kind == "count" if offset is None else offset:
        return exposure, ()
    return None, (fact("did.arrays.exposure-unused", asked=offset is False),)


def names(units: object, n: int) -> tuple[str, ...]:
    """The units as text.

    Raises
    ------
    FitError : for one text in place of a list, a name that is missing or no text or number, a
        number of names that is not n, or a name twice.
    """
    if isinstance(units, str | bytes | Mapping) or not hasattr(units, "__iter__"):
        raise FitError(fact("did.arrays.units-must-be-list-names", n=n, type_of=type_of(units)))
    found = []
    for name in cast(Sequence[object], units):
        number = isinstance(name, int | float | np.integer | np.floating)
        if missing(name) or isinstance(name, bool) or not (isinstance(name, str) or number):
            raise FitError(fact("did.arrays.no-name-unit-every-unit", name=name))
        if isinstance(name, float | np.floating) and float(name).is_integer():
            name = int(name)
        if not str(name).strip():
            raise FitError(fact("did.arrays.name-unit-empty-every-unit"))
        found.append(str(name))
    if len(found) != n:
        raise FitError(fact("did.arrays.there-names-units", n_found=len(found), n=n))
    if len(set(found)) < n:
        twice = next(name for name in found if found.count(name) > 1)
        raise FitError(fact("did.arrays.there-twice-every-unit-has", twice=twice))
    refuse_lookalikes(found, fact("did.arrays.the-units"))
    return tuple(found)


def covariate_columns(
    covariates: object, wanted: Labels | None, units: tuple[str, ...]
) -> dict[str, np.ndarray]:
    """(n,) columns by name, of a mapping or of a pandas table.

    Raises
    ------
    FitError : for anything else, another length, a name twice, or a value that is missing or no
        number.
    """
    n = len(units)
    if covariates is None:
        return {}
    table = (
        aligned(covariates, wanted, fact("did.arrays.covariates"), n)
        if hasattr(covariates, "iloc")
        else None
    )
    named: list[tuple[object, object]]
    if table is not None and hasattr(table, "columns"):
        named = [(name, table.iloc[:, at]) for at, name in enumerate(table.columns)]
    elif isinstance(covariates, Mapping):
        named = [
            (name, aligned(column, wanted, fact("did.arrays.covariate", name=name), n))
            for name, column in covariates.items()
        ]
    else:
        raise FitError(fact("did.arrays.covariates-must-be-columns", type_of=type_of(covariates)))
    found: dict[str, np.ndarray] = {}
    for name, column in named:
        if not isinstance(name, str) or not name.strip() or name in found:
            raise FitError(fact("did.arrays.every-covariate-needs-name-its", name=name))
        values = numbers(column, fact("did.arrays.covariate", name=name))
        if values.shape != (n,):
            raise FitError(
                fact("did.arrays.covariate-must-have-one-value", name=name, shape=values.shape)
            )
        if not np.isfinite(values).all():
            unit = units[int(np.flatnonzero(~np.isfinite(values))[0])]
            raise FitError(fact("did.arrays.covariate-missing-infinite-fill", name=name, unit=unit))
        found[name] = values
    return found


def cluster_numbers(cluster: object, units: tuple[str, ...]) -> np.ndarray:
    """(n,) clusters as numbers from 0; each unit its own when None.

    Raises
    ------
    FitError : for another length, a cluster that is missing, or text and numbers together.
    """
    n = len(units)
    if cluster is None:
        return np.arange(n)
    if isinstance(cluster, str | bytes | Mapping) or not hasattr(cluster, "__len__"):
        raise FitError(fact("did.arrays.there-must-be-one-cluster", type_of=type_of(cluster)))
    try:
        masked = cluster if isinstance(cluster, np.ma.MaskedArray) else None
        values = np.asarray(
            cluster if masked is None else np.ma.filled(masked.astype(object), None)
        )
    except (TypeError, ValueError) as fault:
        raise FitError(fact("did.arrays.clusters-must-be-one-list")) from fault
    if values.shape != (n,):
        raise FitError(fact("did.arrays.there-must-be-one-cluster-2", shape=values.shape, n=n))
    for unit, label in zip(units, values, strict=True):
        blank = isinstance(label, str) and not label.strip()
        if missing(label) or blank:
            raise FitError(fact("did.arrays.has-no-cluster-give-every", unit=unit))
    texts = [str(label) for label in values if isinstance(label, str)]
    refuse_lookalikes(texts, fact("did.arrays.the-clusters"))
    try:
        return np.asarray(np.unique(values, return_inverse=True)[1])
    except TypeError as fault:
        raise FitError(fact("did.arrays.clusters-text-numbers-together-write")) from fault


def weights(weight: object, n: int) -> np.ndarray:
    """(n,) weights, ones when None.

    Raises
    ------
    FitError : for another length, or one that is not a positive number.
    """
    if weight is None:
        return np.ones(n)
    found = numbers(weight, fact("did.arrays.weights"))
    if found.shape != (n,):
        raise FitError(fact("did.arrays.there-must-be-one-weight", shape=found.shape, n=n))
    return found
