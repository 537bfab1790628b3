"""Batches of a file as numbers: which unit each row is in and which outcomes it counts for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from evaluation.data.incidents import times
from evaluation.data.incidents.count import id_columns
from evaluation.data.incidents.naming import Spellings, distinct, text_of_column
from evaluation.data.incidents.places import Places
from evaluation.data.incidents.recipe import Recipe
from evaluation.data.incidents.scan import Scan, batches
from evaluation.data.incidents.store import FAULTS, FIRST_UNIT, MOST_UNITS, NO_UNIT, UNKNOWN
from evaluation.data.labels import commands, drawn, lost_digits, normal, quoted, scripts
from evaluation.data.toml_places import did_you_mean
from evaluation.errors import DataError, Fault

if TYPE_CHECKING:
    import pyarrow

# Values shown to someone who misspelled one; a column of more is no list of categories.
MOST_SEEN: Final = 10_000
# Numbers of what is no value of its own: no value, and one of too many.
BLANK, OTHER = 0, 1
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
        self._whole = recipe.table.units.unit
        if self._whole:
            self._open, listed = False, [self._whole]
        if places and isinstance(which, list):
            _refuse_unknown(recipe, which, places.names)
        self.units = Spellings(sorted(listed))
        # The values of each column that chooses outcomes, by the number they have in the store.
        columns = dict.fromkeys(column for values in recipe.filters() for column in values)
        self.values: dict[str, list[str]] = {column: ["", ""] for column in columns}
        self._value_codes: dict[str, dict[str, int]] = {column: {"": BLANK} for column in columns}
        if places:
            codes = [self.units.code(name, lambda name: False) for name in places.names]
            of_place = [UNKNOWN - FIRST_UNIT if code is None else code for code in codes]
            self._of_place = np.array([*of_place, UNKNOWN - FIRST_UNIT])

    def names(self) -> list[str]:
        """What each unit is called, by its number."""
        return self.units.names()

    def ranks(self) -> list[int]:
        """Place of each unit's name among all of them sorted, by the unit's number."""
        names = self.names()
        order = {name: place for place, name in enumerate(sorted(names))}
        return [order[name] for name in names]

    def coded(self, scan: Scan, kinds: dict[str, str]) -> Iterator[pyarrow.RecordBatch]:
        """The rows of a file for the store; `kinds` is filled in before the first batch comes."""
        import pyarrow

        incidents = self._recipe.table.incidents
        named = {key: getattr(incidents, key) for key in ("occurred", "reported", "updated")}
        before, shown = 0, scan.source.shown
        for batch in batches(scan, self._recipe):
            if not kinds:
                for key, column in named.items():
                    if column:
                        kind = batch.schema.field(column).type
                        kinds[key] = times.kind_of(kind, shown, column, self._recipe)
            rows = batch.num_rows
            unit, place = self._units(batch, shown)
            bits, codes = self._outcomes(batch, shown)
            columns: dict[str, Any] = {
                "row": np.arange(before, before + rows),
                "unit": unit.astype(np.int32),
                "outcomes": bits.astype(np.int32),
                "place": place.astype(np.int32),
                **{f"c{number}": values for number, values in enumerate(codes)},
            }
            if ids := self._recipe.ids:
                columns["id"], columns["odd"] = id_columns(
                    batch, ids, shown, private=self._recipe.private
                )
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
                seen = self._forms(column)
                if not seen.isdisjoint(map(normal, values)):
                    continue
                known = sorted(filter(None, self.values[column]))
                hint = "" if self._recipe.private else _nearest(values, known)
                message = f"no row has {' or '.join(map(repr, values[:5]))} in {column!r}.{hint}"
                key = ("outcomes", name, "where", column)
                faults.append(self._recipe.located.fault(key, message))
        if faults:
            raise DataError(faults)

    def unseen(self) -> list[str]:
        """Values of the recipe that no row holds, in words."""
        forms = {column: self._forms(column) for column in self.values}
        return [
            f"{name}: no row has {value!r} in {column!r}"
            for name, given in self._recipe.table.outcomes.items()
            for column, values in given.where.items()
            for value in values
            if normal(value) not in forms[column]
        ]

    def _forms(self, column: str) -> set[str]:
        return set(map(normal, self.values[column])) - {""}

    def _units(self, batch: pyarrow.RecordBatch, shown: str) -> tuple[np.ndarray, np.ndarray]:
        """Number of each row's unit, and the index in FAULTS of what is wrong with its place."""
        table = self._recipe.table.units
        if self._whole:
            self.units.code(self._whole, lambda name: False)
            self.units.count([self._whole], np.zeros(batch.num_rows, dtype=np.int64))
            return tuple(np.zeros((2, batch.num_rows), dtype=np.int64))
        if self._places is None:
            column = table.column or ""
            values, index = distinct(batch.column(column), shown, column)
            codes = np.array([self._code(value, shown) for value in values], dtype=np.int64)
            self.units.count(values, index)
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
        code = self.units.code(name, lambda name: self._open and self._is_name(name, shown))
        return UNKNOWN - FIRST_UNIT if code is None else code

    def _is_name(self, name: str, shown: str) -> bool:
        """True; raises when a unit cannot be called so."""
        column = self._recipe.table.units.column
        named = "a name" if self._recipe.private else quoted(name)
        if commands(name):
            message = f"{named} in column {column!r} holds a control character. Correct it."
            raise DataError(Fault(shown, None, None, message))
        if lost_digits(name):
            message = (
                f"{named} in column {column!r} lost its last digits in a spreadsheet or a "
                "floating-point column, so that several units may be one. Export it as text."
            )
            raise DataError(Fault(shown, None, None, message))
        if len(self.units) >= MOST_UNITS:
            message = f"more than {MOST_UNITS:,} units are found. Is this the right column?"
            raise DataError(self._recipe.located.fault(("units", "column"), message))
        return True

    def _outcomes(
        self, batch: pyarrow.RecordBatch, shown: str
    ) -> tuple[np.ndarray, list[np.ndarray]]:
        """For each row a bit for each outcome that it counts for, and the number of each value."""
        found = {name: distinct(batch.column(name), shown, name) for name in self.values}
        forms = {name: [normal(value) for value in values] for name, (values, _) in found.items()}
        wanted = {
            name: {
                normal(value) for where in self._recipe.filters() for value in where.get(name, ())
            }
            for name in self.values
        }
        codes = []
        for name, (values, index) in found.items():
            known = [
                self._value_code(name, value, form in wanted[name])
                for value, form in zip(values, forms[name], strict=True)
            ]
            codes.append(np.array(known, dtype=np.int32)[index])
        bits = np.zeros(batch.num_rows, dtype=np.int64)
        for number, where in enumerate(self._recipe.filters()):
            holds = np.ones(batch.num_rows, dtype=bool)
            for name, chosen in where.items():
                allowed = {normal(value) for value in chosen}
                holds &= np.array([form in allowed for form in forms[name]])[found[name][1]]
            bits |= holds.astype(np.int64) << number
        return bits, codes

    def _value_code(self, column: str, value: str, wanted: bool) -> int:
        """The number of a value in the store; those of a column of too many are one."""
        codes, values = self._value_codes[column], self.values[column]
        code = codes.get(value)
        if code is None:
            if len(values) >= MOST_SEEN and not wanted:
                return OTHER
            code = codes[value] = len(values)
            values.append(value)
        return code


def _refuse_unknown(recipe: Recipe, which: Sequence[str], names: Sequence[str]) -> None:
    known = set(map(normal, names))
    for name in which:
        if normal(name) not in known:
            message = f"no polygon {name!r}.{did_you_mean(name, list(names)[:40])}"
            raise DataError(recipe.located.fault(("units", "which"), message))


def _nearest(values: Sequence[str], known: Sequence[str]) -> str:
    for value in values:
        same = [one for one in known if drawn(one) == drawn(value)]
        if same and (mixed := scripts(same[0])):
            return f" It has {quoted(same[0])}, which mixes letters of {' and '.join(mixed)}."
        hint = f" Did you mean {same[0]!r}?" if same else did_you_mean(value, known)
        if hint.startswith(" Did"):
            return hint
    return f" It has {', '.join(map(repr, known[:8]))}." if known else ""


def _degrees(column: Any, shown: str, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of a column, NaN where it is blank or none; and where it is none."""
    import pyarrow
    from pyarrow import compute

    if pyarrow.types.is_floating(column.type) or pyarrow.types.is_integer(column.type):
        numbers = column.cast(pyarrow.float64()).to_numpy(zero_copy_only=False)
        return numbers, np.isinf(numbers)
    text = compute.utf8_trim_whitespace(text_of_column(column, shown, name)).fill_null("")
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
