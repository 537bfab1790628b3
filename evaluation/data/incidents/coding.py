"""Batches of a file as numbers: which unit each row is in and which outcomes it counts for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from evaluation.data.incidents import times
from evaluation.data.incidents.places import Places
from evaluation.data.incidents.recipe import Recipe
from evaluation.data.incidents.scan import Scan, batches
from evaluation.data.incidents.store import FAULTS, FIRST_UNIT, MOST_UNITS, NO_UNIT, UNKNOWN
from evaluation.data.located import did_you_mean
from evaluation.errors import DataError, Fault

if TYPE_CHECKING:
    import pyarrow

# Values shown to someone who misspelled one; a column of more is no list of categories.
MOST_SEEN: Final = 10_000
_NUMBER: Final = r"^[+-]?(?:\d{1,15}(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?$"


class Coder:
    """Numbers of units and values, the same in all files.

    Parameters
    ----------
    places : polygons, or None when a column names the units.
    """

    def __init__(self, recipe: Recipe, places: Places | None) -> None:
        self._recipe = recipe
        self._places = places
        which = recipe.table.units.which
        self._open = which == "found" and places is None
        listed = which if isinstance(which, list) else (places.names if places else ())
        if places and isinstance(which, list):
            _refuse_unknown(recipe, which, places.names)
        self.names: list[str] = sorted(listed)
        self._codes = {name: number for number, name in enumerate(self.names)}
        # Of each column that chooses outcomes, the values met so far.
        self.seen: dict[str, set[str]] = {
            column: set() for values in recipe.filters() for column in values
        }
        if places:
            codes = [self._codes.get(name, UNKNOWN - FIRST_UNIT) for name in places.names]
            self._of_place = np.array([*codes, UNKNOWN - FIRST_UNIT])

    def ranks(self) -> list[int]:
        """Place of each unit's name among all of them sorted, by the unit's number."""
        order = {name: place for place, name in enumerate(sorted(self.names))}
        return [order[name] for name in self.names]

    def coded(self, scan: Scan, kinds: dict[str, str]) -> Iterator[pyarrow.RecordBatch]:
        """The rows of a file for the store; `kinds` is filled in before the first batch comes."""
        import pyarrow

        incidents = self._recipe.table.incidents
        named = {key: getattr(incidents, key) for key in ("occurred", "reported", "updated")}
        before = 0
        for batch in batches(scan, self._recipe):
            if not kinds:
                for key, column in named.items():
                    if column:
                        kind = batch.schema.field(column).type
                        kinds[key] = times.kind_of(kind, scan.source.shown, column)
            rows = batch.num_rows
            unit, place = self._units(batch, scan.source.shown)
            columns: dict[str, Any] = {
                "row": np.arange(before, before + rows),
                "unit": unit.astype(np.int32),
                "outcomes": self._outcomes(batch, scan.source.shown).astype(np.int32),
                "place": place.astype(np.int32),
            }
            if incidents.id:
                columns["id"] = _text(batch.column(incidents.id), scan.source.shown, incidents.id)
            for key, column in named.items():
                if column:
                    columns[key] = _time(batch.column(column), kinds[key])
            before += rows
            yield pyarrow.record_batch(columns)

    def refuse_unseen(self) -> None:
        """Raises when no row holds any of the values that an outcome is chosen by."""
        faults = []
        for name, given in self._recipe.table.outcomes.items():
            for column, values in given.where.items():
                if not self.seen[column].isdisjoint(values):
                    continue
                hint = "" if self._recipe.private else _nearest(values, sorted(self.seen[column]))
                message = f"no row has {' or '.join(map(repr, values[:5]))} in {column!r}.{hint}"
                key = ("outcomes", name, "where", column)
                faults.append(self._recipe.located.fault(key, message))
        if faults:
            raise DataError(faults)

    def unseen(self) -> list[str]:
        """Values of the recipe that no row holds, in words."""
        return [
            f"{name}: no row has {value!r} in {column!r}"
            for name, given in self._recipe.table.outcomes.items()
            for column, values in given.where.items()
            for value in values
            if value not in self.seen[column]
        ]

    def _units(self, batch: pyarrow.RecordBatch, shown: str) -> tuple[np.ndarray, np.ndarray]:
        """Number of each row's unit, and the index in FAULTS of what is wrong with its place."""
        table = self._recipe.table.units
        if self._places is None:
            column = table.column or ""
            values, index = _distinct(batch.column(column), shown, column)
            codes = np.array([self._code(value, shown) for value in values], dtype=np.int64)
            return codes[index], np.zeros(batch.num_rows, dtype=np.int64)
        numbers, place = [], np.zeros(batch.num_rows, dtype=np.int64)
        for key, column, most in (
            ("longitude", table.longitude or "", 180),
            ("latitude", table.latitude or "", 90),
        ):
            degrees, bad = _degrees(batch.column(column), shown, column)
            bad |= np.abs(degrees) > most
            place = np.where((place == 0) & bad, FAULTS.index(key), place)
            numbers.append(degrees)
        found = self._of_place[self._places.holding(numbers[0], numbers[1])]
        nowhere = np.isnan(numbers[0]) | np.isnan(numbers[1])
        return np.where(nowhere, NO_UNIT - FIRST_UNIT, found), place

    def _code(self, name: str, shown: str) -> int:
        if not name:
            return NO_UNIT - FIRST_UNIT
        code = self._codes.get(name)
        if code is not None:
            return code
        if not self._open:
            return UNKNOWN - FIRST_UNIT
        if any(ord(char) < 32 for char in name):
            column = self._recipe.table.units.column
            named = "a name" if self._recipe.private else repr(name[:40])
            message = f"{named} in column {column!r} holds a control character. Correct it."
            raise DataError(Fault(shown, None, None, message))
        if len(self.names) >= MOST_UNITS:
            message = f"more than {MOST_UNITS:,} units are found. Is this the right column?"
            raise DataError(self._recipe.located.fault(("units", "column"), message))
        self._codes[name] = len(self.names)
        self.names.append(name)
        return self._codes[name]

    def _outcomes(self, batch: pyarrow.RecordBatch, shown: str) -> np.ndarray:
        """For each row a bit for each outcome that it counts for."""
        distinct = {name: _distinct(batch.column(name), shown, name) for name in self.seen}
        for name, (values, _) in distinct.items():
            known = self.seen[name]
            if len(known) < MOST_SEEN:
                known.update(values)
            else:
                known.update(self._wanted(name).intersection(values))
        bits = np.zeros(batch.num_rows, dtype=np.int64)
        for number, where in enumerate(self._recipe.filters()):
            holds = np.ones(batch.num_rows, dtype=bool)
            for name, wanted in where.items():
                values, index = distinct[name]
                allowed = frozenset(wanted)
                holds &= np.array([value in allowed for value in values], dtype=bool)[index]
            bits |= holds.astype(np.int64) << number
        return bits

    def _wanted(self, column: str) -> set[str]:
        return {value for where in self._recipe.filters() for value in where.get(column, ())}


def _refuse_unknown(recipe: Recipe, which: Sequence[str], names: Sequence[str]) -> None:
    for name in which:
        if name not in names:
            message = f"no polygon {name!r}.{did_you_mean(name, list(names)[:40])}"
            raise DataError(recipe.located.fault(("units", "which"), message))


def _nearest(values: Sequence[str], known: Sequence[str]) -> str:
    for value in values:
        same = [one for one in known if one.casefold() == value.casefold()]
        hint = f" Did you mean {same[0]!r}?" if same else did_you_mean(value, known)
        if hint.startswith(" Did"):
            return hint
    return f" It has {', '.join(map(repr, known[:8]))}." if known else ""


def _text(column: Any, shown: str, name: str) -> Any:
    """A column as text; whole numbers are written out."""
    import pyarrow

    kind = column.type
    if pyarrow.types.is_dictionary(kind):
        column = column.dictionary_decode()
        kind = column.type
    if pyarrow.types.is_string(kind):
        return column
    if pyarrow.types.is_large_string(kind) or pyarrow.types.is_integer(kind):
        return column.cast(pyarrow.string())
    if pyarrow.types.is_boolean(kind) or pyarrow.types.is_null(kind):
        return column.cast(pyarrow.string())
    message = f"{shown}: column {name!r} is {kind}. Write it as text or as whole numbers."
    raise DataError(message)


def _distinct(column: Any, shown: str, name: str) -> tuple[list[str], np.ndarray]:
    """The different texts of a column, without spaces around them, and the index of each row's."""
    import pyarrow

    if not pyarrow.types.is_dictionary(column.type):
        column = _text(column, shown, name).dictionary_encode()
    values = _text(column.dictionary, shown, name).to_pylist()
    cleaned = [(value or "").strip() for value in values]
    index = column.indices.fill_null(len(cleaned)).to_numpy(zero_copy_only=False)
    return [*cleaned, ""], index.astype(np.int64)


def _degrees(column: Any, shown: str, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of a column, NaN where it is blank or none; and where it is none."""
    import pyarrow
    from pyarrow import compute

    if pyarrow.types.is_floating(column.type) or pyarrow.types.is_integer(column.type):
        numbers = column.cast(pyarrow.float64()).to_numpy(zero_copy_only=False)
        return numbers, np.isinf(numbers)
    text = compute.utf8_trim_whitespace(_text(column, shown, name)).fill_null("")
    good = compute.match_substring_regex(text, _NUMBER)
    chosen = compute.if_else(good, text, None).cast(pyarrow.float64())
    bad = compute.and_(compute.invert(good), compute.not_equal(text, ""))
    return chosen.to_numpy(zero_copy_only=False), np.array(bad.to_numpy(zero_copy_only=False))


def _time(column: Any, kind: str) -> Any:
    """A column of times in one type for each kind of writing."""
    import pyarrow

    if kind == "text":
        if pyarrow.types.is_dictionary(column.type):
            column = column.dictionary_decode()
        return column.cast(pyarrow.string())
    if kind == "day":
        return column.cast(pyarrow.date32())
    zone = "UTC" if kind == "instant" else None
    # What is finer than a microsecond moves no day.
    return column.cast(pyarrow.timestamp("us", tz=zone), safe=False)
