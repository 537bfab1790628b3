"""Arrays as people give them, one value a row: pandas, lists, text, dates; taken or refused.

Anything here raises `DataError` and nothing else, whatever it is given.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from evaluation.data.labels import alike, quoted
from evaluation.errors import DataError

_EPOCH = datetime.date(1970, 1, 1).toordinal()
# Whole numbers beyond this do not all fit a float, so that codes of two places could become one.
EXACT = 2**53


def code(value: object) -> str:
    """A label as text that keeps every digit: 12.0 is 12, and 6001400100 is no power of ten.

    Examples
    --------
    >>> code(6001400100.0), code(12), code(0.25), code("07")
    ('6001400100', '12', '0.25', '07')
    """
    if isinstance(value, (bool, np.bool_)):
        return str(bool(value))
    if isinstance(value, (float, np.floating)):
        number = float(value)
        return str(int(number)) if number.is_integer() else repr(number)
    return str(value)


def absent(value: Any) -> bool:
    """Whether a cell holds nothing: None, NaN, NaT, pandas' NA, or blanks.

    Examples
    --------
    >>> absent(None), absent(float("nan")), absent(" "), absent(0)
    (True, True, True, False)
    """
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    if isinstance(value, str):
        return not value.strip() or value == "<NA>"
    if isinstance(value, (np.datetime64, np.timedelta64)):
        return bool(np.isnat(value))
    return bool(isinstance(value, (float, np.floating)) and np.isnan(value))


@dataclass(frozen=True, slots=True)
class Rows:
    """The order of the rows: that of the first pandas index given, or of the arrays.

    Parameters
    ----------
    n : rows. index : a pandas Index, or None.
    """

    n: int
    index: Any = None

    @classmethod
    def of(cls, name: str, first: Any, others: Sequence[Any] = ()) -> Rows:
        """The rows of the first column, in the order of the first index among all of them."""
        n = len(_flat(name, first))
        found = (index for index in map(index_of, (first, *others)) if index is not None)
        return cls(n, next(found, None))

    def placed(self, name: str, values: Any) -> Any:
        """The values in the order of these rows.

        Raises
        ------
        DataError : when an index has other labels, or labels twice in another order.
        """
        own = index_of(values)
        if own is None or self.index is None or own is self.index or own.equals(self.index):
            return values
        if len(own) != len(self.index):
            return values
        if not own.is_unique or not self.index.is_unique or set(own) != set(self.index):
            raise DataError(
                f"{name}: its index is not that of the other columns; give all columns one index, "
                "or plain arrays in the same order (.to_numpy())"
            )
        return values.reindex(self.index) if hasattr(values, "reindex") else values


def by_name(what: str, given: Any) -> dict[str, Any]:
    """Columns by name, from a mapping or a DataFrame.

    Raises
    ------
    DataError : for anything else, or two columns of one name.
    """
    if given is None:
        return {}
    if not (isinstance(given, Mapping) or hasattr(given, "columns")):
        raise DataError(f"{what} must be given by name, such as {{'age': age}}, or as a DataFrame")
    named = (
        list(given.items())
        if hasattr(given, "items")
        else [(name, given[name]) for name in columns_of(given)]
    )
    found = {code(name): values for name, values in named}
    if len(found) < len(named):
        raise DataError(f"{what}: two columns have one name; give each its own")
    return found


def columns_of(values: Any) -> list[Any]:
    """The names of the columns of a table of pandas, polars or pyarrow; none of anything else."""
    # A pyarrow table has names beside columns, which are the values themselves.
    names = getattr(values, "column_names", None)
    if names is None:
        names = getattr(values, "columns", None)
    return [] if names is None or callable(names) else list(names)


def index_of(values: Any) -> Any:
    """The pandas index of a column or table, or None."""
    index = getattr(values, "index", None)
    return index if hasattr(index, "is_unique") and hasattr(index, "equals") else None


def cells(name: str, values: Any) -> np.ndarray:
    """(n,) the values as they are, in an array of whatever type they have.

    Raises
    ------
    DataError : for a single value, a table, or rows of unequal length.
    """
    array = _flat(name, values)
    if array.ndim != 1:
        raise DataError(f"{name} must have one value a row, and has the shape {array.shape}")
    return array


def numbers(name: str, values: Any, *, days: bool = False) -> np.ndarray:
    """(n,) floats, NaN for what is missing.

    Parameters
    ----------
    days : dates are taken, as days since 1970; spans of time always are, in days.

    Raises
    ------
    DataError : for text, dates or anything else that is no number.
    """
    return _floats(name, cells(name, values), days=days)


def table(name: str, values: Any) -> np.ndarray:
    """(n, k) floats, NaN for what is missing; one column for a plain array.

    Raises
    ------
    DataError : as `numbers`, and for rows of unequal length.
    """
    if hasattr(values, "to_numpy") and hasattr(values, "columns"):
        columns = [_floats(f"{name} {one}", values[one].to_numpy()) for one in values.columns]
        return np.column_stack(columns) if columns else np.zeros((len(values), 0))
    array = _flat(name, values)
    if array.ndim == 1:
        return _floats(name, array)[:, None]
    if array.ndim != 2:
        raise DataError(f"{name} must have a row each and a column each; it is {array.shape}")
    flat = _floats(name, array.ravel())
    return flat.reshape(array.shape)


def flags(name: str, values: Any) -> np.ndarray:
    """(n,) floats that should be 0 or 1, NaN for what is missing; True and False are 1 and 0.

    Raises
    ------
    DataError : for text such as "yes" or "True".
    """
    try:
        return numbers(name, values)
    except DataError as fault:
        raise DataError(f"{fault}. It must be 0 or 1 (or True and False, not as text)") from None


def labels(name: str, values: Any) -> tuple[np.ndarray, np.ndarray]:
    """(n,) text of each label with every digit kept, and (n,) whether it is missing.

    Raises
    ------
    DataError : for a single value or a table.
    """
    array = cells(name, values)
    gone = missing(array)
    text = ["" if none else code(value) for value, none in zip(_each(array), gone, strict=True)]
    return np.array(text, dtype=object), gone


def one_spelling(name: str, found: np.ndarray) -> None:
    """Nothing, when no two labels are one but for how they are written.

    Raises
    ------
    DataError : for two that are, such as "A" and "a ": each would be a group of its own.
    """
    if groups := alike(np.unique(found.astype(str)).tolist()):
        spelled = " and ".join(map(quoted, groups[0]))
        raise DataError(
            f"{name}: {spelled} are two spellings of one label, or look alike; write one name for "
            "one group"
        )


def missing(values: np.ndarray) -> np.ndarray:
    """(n,) whether a cell holds nothing."""
    if values.dtype.kind == "f":
        return np.asarray(np.isnan(values))
    if values.dtype.kind in "mM":
        return np.asarray(np.isnat(values))
    if values.dtype.kind in "biu":
        return np.zeros(len(values), bool)
    return np.array([absent(value) for value in values.tolist()], dtype=bool)


def _each(array: np.ndarray) -> Iterator[Any]:
    """Values one by one; dates as their text."""
    return iter(array.astype(str)) if array.dtype.kind in "mM" else iter(array.tolist())


def _flat(name: str, values: Any) -> np.ndarray:
    if values is None:
        raise DataError(f"{name} is missing; give one value a row")
    if isinstance(values, np.ma.MaskedArray):
        # What a mask covers is missing, whatever stands beneath it.
        values = np.ma.filled(values.astype(object), np.nan)
    try:
        array = np.asarray(values.to_numpy() if hasattr(values, "to_numpy") else values)
    except (TypeError, ValueError):
        raise DataError(f"{name}: its rows have unequal lengths; give one value a row") from None
    if array.ndim == 0:
        raise DataError(f"{name} is a single value; give one value a row")
    return array


def _floats(name: str, array: np.ndarray, *, days: bool = False) -> np.ndarray:
    kind = array.dtype.kind
    if kind in "biuf":
        return np.array(array, dtype=float)
    if kind == "m":
        return np.where(np.isnat(array), np.nan, array / np.timedelta64(1, "D"))
    if kind == "M":
        array = array.astype("datetime64[s]").astype(object)
    found = np.full(len(array), np.nan)
    for place, value in enumerate(array.tolist()):
        if not absent(value):
            found[place] = _float(name, value, days)
    return found


def _float(name: str, value: Any, days: bool) -> float:
    if isinstance(value, datetime.timedelta):
        return value / datetime.timedelta(days=1)
    if isinstance(value, datetime.date):
        if not days:
            raise DataError(f"{name} holds dates; it must be numbers, such as days from entry")
        return float(value.toordinal() - _EPOCH)
    try:
        if isinstance(value, str) and "_" in value:
            raise ValueError
        return float(value)
    except (TypeError, ValueError, OverflowError):
        what = "text" if isinstance(value, str) else type(value).__name__
        raise DataError(
            f"{name} holds {what} where numbers belong; make it numbers, of categories a column "
            "of 0 and 1 each"
        ) from None
