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
from evaluation.errors import FitError

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
        raise FitError(f'kind is {kind!r}; it may be "count", or "continuous" for any other number')


def known_frequency(frequency: object) -> calendar.Frequency:
    """The frequency, when it is one there is.

    Raises
    ------
    FitError : otherwise.
    """
    if not isinstance(frequency, str) or frequency not in calendar.PER_YEAR:
        raise FitError(f'frequency is {frequency!r}; it may be "month", "quarter" or "year"')
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
        raise FitError(
            f"the {axis} has {twice!r} twice; every unit has one row and every period one column, "
            "add rows up first"
        )
    return found


def _counted(found: Labels) -> bool:
    return all(isinstance(one, int) for one in found) and found == tuple(range(len(found)))


def numbers(values: object, what: str) -> np.ndarray:
    """A float array of what was given; masked and missing values are NaN.

    Raises
    ------
    FitError : for text, dates, true and false, complex numbers, or rows of unequal length.
    """
    if isinstance(values, str | bytes | Mapping) or values is None:
        raise FitError(f"{what} must be numbers; {type_of(values)} was given")
    masked = values if isinstance(values, np.ma.MaskedArray) else None
    try:
        raw = np.asarray(values if masked is None else masked.data)
    except (TypeError, ValueError) as fault:
        raise FitError(f"{what} must be a table of numbers, with rows of one length") from fault
    if raw.dtype.kind not in "iufO":
        raise FitError(f"{what} must be numbers; {_of(raw)} given. Convert them first")
    if raw.dtype.kind == "O":
        for one in raw.ravel():
            if isinstance(one, str | bytes | bool | np.bool_ | date | list | tuple):
                raise FitError(
                    f"{what} must be numbers; {one!r} is {type_of(one)}. Convert it first"
                )
        raw = np.array([np.nan if missing(one) else one for one in raw.ravel()], object).reshape(
            raw.shape
        )
    try:
        found = np.array(raw, dtype=float)
    except (TypeError, ValueError, OverflowError) as fault:
        raise FitError(f"{what} must be numbers that a float can hold") from fault
    if masked is not None:
        found[np.ma.getmaskarray(masked)] = np.nan
    return found


def _of(raw: np.ndarray) -> str:
    kinds = {"M": "dates were", "m": "lengths of time were", "b": "true and false were"}
    return kinds.get(raw.dtype.kind, f"values of type {raw.dtype} were")


def type_of(value: object) -> str:
    """The type of a value for a message."""
    return "nothing" if value is None else f"a {type(value).__name__}"


def missing(value: object) -> bool:
    """Whether a value stands for none: None, NaN, or one of pandas' own."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    if isinstance(value, np.datetime64):
        return bool(np.isnat(value))
    return isinstance(value, float | np.floating) and bool(np.isnan(value))


def aligned(values: Any, wanted: Labels | None, what: str, n: int) -> Any:
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
        raise FitError(f"{what} has {len(own)} rows for {n} units")
    if wanted is None:
        raise FitError(
            f"{what} has an index of its own ({_few(own)}), and the outcomes have none to match it "
            "with. Give the outcomes with the same index, name the units, or pass "
            f"{what}.to_numpy() in the order of the outcomes"
        )
    if set(own) != set(wanted):
        other = next(label for label in own if label not in set(wanted))
        raise FitError(
            f"the index of {what} has {other!r}, which is no unit of the outcomes "
            f"({_few(wanted)}). Give both the same index"
        )
    return values.loc[list(wanted)]


def ordered(values: Any, wanted: Labels | None, what: str) -> Any:
    """A table with its columns in the order of the periods of the outcomes.

    Raises
    ------
    FitError : for columns of other periods, or columns named where those of the outcomes are not.
    """
    own = labels(values, "columns")
    if own is None or own == wanted:
        return values
    if wanted is None or set(own) != set(wanted):
        raise FitError(
            f"the columns of {what} ({_few(own)}) are not the periods of the outcomes. Name the "
            f"columns of both alike, or pass {what}.to_numpy()"
        )
    return values[list(wanted)]


def refuse_unread(table: object, what: str) -> None:
    """Refuse a table whose named columns would be lost, such as one of pyarrow or polars.

    Raises
    ------
    FitError : for a table of another kind than pandas'.
    """
    if hasattr(table, "columns") and not hasattr(table, "iloc"):
        raise FitError(
            f"{what} are in {type_of(table)} of another library, whose columns and units cannot be "
            "read; give a table of pandas (.to_pandas()) with the units as its index"
        )


def refuse_moved(given: tuple[str, ...], own: Labels | None) -> None:
    """Refuse names of units that give a row the name of another one.

    Raises
    ------
    FitError : when a name belongs to another row of the outcomes.
    """
    row_of = {str(label): row for row, label in enumerate(own or ())}
    for row, name in enumerate(given):
        if row_of.get(name, row) != row:
            raise FitError(
                f"units calls row {row} {name!r}, which is the index of row {row_of[name]} of the "
                "outcomes; leave units out, or give both in the same order"
            )


def refuse_lookalikes(names: Sequence[str], what: str) -> None:
    """Refuse two spellings of one name: "Beat 1" and "beat 1 ", or "12" and "12.0".

    Raises
    ------
    FitError : naming the first two.
    """
    seen: dict[str, str] = {}
    for name in names:
        other = seen.setdefault(normal(name), name)
        if other != name:
            raise FitError(
                f"{what} {other!r} and {name!r} differ only in case, blanks or the like; write one "
                "name in one way, and rename one if there are two"
            )


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
        raise FitError(
            f"units are chosen by row, whole numbers from 0 to {n - 1} and at least one of them, "
            "or by true and false for each"
        )
    return chosen


def refuse_outside(low: object, high: object, length: int) -> None:
    """Refuse a window that is not inside the panel.

    Raises
    ------
    FitError : for anything but whole numbers with 0 <= low < high <= length.
    """
    whole = all(isinstance(end, int | np.integer) for end in (low, high))
    if not whole or not 0 <= cast(int, low) < cast(int, high) <= length:
        raise FitError(
            f"the window from {low!r} to before {high!r} is not inside the {length} periods, which "
            "are numbered from 0"
        )


def _few(found: Labels) -> str:
    return ", ".join(str(one) for one in found[:SHOWN]) + (", ..." if len(found) > SHOWN else "")


def used_exposure(
    exposure: np.ndarray | None, offset: bool | None, kind: str
) -> tuple[np.ndarray | None, tuple[str, ...]]:
    """The exposure as far as it is used, and a note when it is not."""
    if offset is not None and not isinstance(offset, bool):
        raise FitError(f"offset is {offset!r}; it may be True, False, or None for the usual")
    if exposure is None:
        if offset:
            raise FitError("offset asks for an exposure to divide by, and none is given")
        return None, ()
    if kind == "count" if offset is None else offset:
        return exposure, ()
    why = "as asked" if offset is False else "a number that is no count is not divided by it"
    return None, (f"the exposure is not used: {why}",)


def names(units: object, n: int) -> tuple[str, ...]:
    """The units as text.

    Raises
    ------
    FitError : for one text in place of a list, a name that is missing or no text or number, a
        number of names that is not n, or a name twice.
    """
    if isinstance(units, str | bytes | Mapping) or not hasattr(units, "__iter__"):
        raise FitError(f"units must be a list of {n} names; {type_of(units)} was given")
    found = []
    for name in cast(Sequence[object], units):
        number = isinstance(name, int | float | np.integer | np.floating)
        if missing(name) or isinstance(name, bool) or not (isinstance(name, str) or number):
            raise FitError(f"{name!r} is no name of a unit; every unit needs a text of its own")
        if isinstance(name, float | np.floating) and float(name).is_integer():
            name = int(name)
        if not str(name).strip():
            raise FitError("the name of a unit is empty; every unit needs a text of its own")
        found.append(str(name))
    if len(found) != n:
        raise FitError(f"there are {len(found)} names for {n} units")
    if len(set(found)) < n:
        twice = next(name for name in found if found.count(name) > 1)
        raise FitError(f"{twice!r} is there twice; every unit has one row, add rows up first")
    refuse_lookalikes(found, "the units")
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
    table = aligned(covariates, wanted, "covariates", n) if hasattr(covariates, "iloc") else None
    named: list[tuple[object, object]]
    if table is not None and hasattr(table, "columns"):
        named = [(name, table.iloc[:, at]) for at, name in enumerate(table.columns)]
    elif isinstance(covariates, Mapping):
        named = [
            (name, aligned(column, wanted, f"covariate {name!r}", n))
            for name, column in covariates.items()
        ]
    else:
        raise FitError(
            f"covariates must be columns by name, such as {{'poverty': [...]}} or a table; "
            f"{type_of(covariates)} was given"
        )
    found: dict[str, np.ndarray] = {}
    for name, column in named:
        if not isinstance(name, str) or not name.strip() or name in found:
            raise FitError(f"every covariate needs a name of its own, a text; {name!r} is none")
        values = numbers(column, f"covariate {name!r}")
        if values.shape != (n,):
            raise FitError(
                f"a covariate must have one value a unit; {name!r} has the shape {values.shape}. "
                "Of one that changes over time give the value before the first start"
            )
        if not np.isfinite(values).all():
            unit = units[int(np.flatnonzero(~np.isfinite(values))[0])]
            raise FitError(f"covariate {name!r} of {unit} is missing or infinite; fill it first")
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
        raise FitError(f"there must be one cluster a unit; {type_of(cluster)} was given")
    try:
        masked = cluster if isinstance(cluster, np.ma.MaskedArray) else None
        values = np.asarray(
            cluster if masked is None else np.ma.filled(masked.astype(object), None)
        )
    except (TypeError, ValueError) as fault:
        raise FitError("clusters must be one list of labels") from fault
    if values.shape != (n,):
        raise FitError(
            f"there must be one cluster a unit; {values.shape} is the shape for {n} units"
        )
    for unit, label in zip(units, values, strict=True):
        blank = isinstance(label, str) and not label.strip()
        if missing(label) or blank:
            raise FitError(
                f"{unit} has no cluster; give every unit one (a unit alone has one of its own)"
            )
    refuse_lookalikes([str(label) for label in values if isinstance(label, str)], "the clusters")
    try:
        return np.asarray(np.unique(values, return_inverse=True)[1])
    except TypeError as fault:
        raise FitError(
            "clusters are text and numbers together; write all of them as one or the other"
        ) from fault


def weights(weight: object, n: int) -> np.ndarray:
    """(n,) weights, ones when None.

    Raises
    ------
    FitError : for another length, or one that is not a positive number.
    """
    if weight is None:
        return np.ones(n)
    found = numbers(weight, "weights")
    if found.shape != (n,):
        raise FitError(f"there must be one weight a unit; the shape is {found.shape} for {n} units")
    return found
