"""Rows that cannot be read or contradict each other, each named by file, line and column.

The labels of one column over all files: one number for all spellings of a label.

Columns of a file as texts: labels, codes and categories, however the file holds them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final

import numpy as np

from evaluation.data.incidents.recipe import Recipe
from evaluation.data.incidents.scan import Scan, cells_at, record_of, rows_of_parquet
from evaluation.data.incidents.store import FAULTS, Shared, Store
from evaluation.data.labels import EXACT, chosen, normal, tidy
from evaluation.errors import DataError, Fault

SHOWN: Final = 20
# How a spreadsheet keeps the days from 1954 to 2173.
_DAY_NUMBER: Final = r"[2-9]\d{4}(?:\.\d+)?"


def refuse_unreadable(store: Store, scans: Sequence[Scan], recipe: Recipe) -> None:
    """Raises with the first rows that cannot be read, and how many more there are."""
    by_kind = store.fault_counts()
    total = sum(by_kind.values()) + sum(len(scan.ragged) for scan in scans)
    if total == 0:
        return
    faults = list(_first(store, scans, recipe))
    if total > len(faults):
        rows = recipe.many(total - len(faults), "more row")
        more = f'and {rows}. Count them with on_fault = "count".'
        faults.append(Fault(recipe.located.file, None, None, more))
    raise DataError(faults)


def refuse_conflicts(conflicts: Sequence[Shared], scans: Sequence[Scan], recipe: Recipe) -> None:
    """Raises with ids whose rows differ in date, unit or category."""
    faults = []
    for conflict in conflicts:
        places = [
            place_of(scans[file], row)
            for file, row in zip(conflict.files[:2], conflict.rows[:2], strict=True)
        ]
        message = (
            f"differs from {places[0]}, which has the same {recipe.id_name}. Correct one; choose "
            'duplicates.keep = "first reported" or "last updated" where they are versions of one '
            'row; or, where each is a victim, say row = "victim" and add the column that numbers '
            "victims to id."
        )
        file, line = places[1].rsplit(":", 1)
        faults.append(Fault(file, int(line), None, message))
    if faults:
        raise DataError(faults)


def _first(store: Store, scans: Sequence[Scan], recipe: Recipe) -> Iterator[Fault]:
    """At most SHOWN faults, in the order of files and lines."""
    unread = store.faults(SHOWN)
    for file, scan in enumerate(scans):
        wanted = {record_of(scan, row): kind for at, row, kind in unread if at == file}
        cells = dict(scan.ragged[:SHOWN])
        found: dict[int, Fault] = {}
        if scan.source.kind == ".parquet":
            for record, kind in wanted.items():
                found[record] = _fault(scan, recipe, record, None, kind)
        else:
            for record, line, row in cells_at(scan, sorted({*wanted, *cells})[:SHOWN]):
                if record in cells:
                    found[record] = _ragged(scan, line, cells[record])
                else:
                    found[record] = _fault(scan, recipe, line, row, wanted[record])
        yield from (found[record] for record in sorted(found))


def _ragged(scan: Scan, line: int, cells: int) -> Fault:
    message = (
        f"has {cells} cell{'s' * (cells > 1)}, the header has {len(scan.header)}. A comma inside "
        "a cell needs quotes around the cell."
    )
    return Fault(scan.source.shown, line, None, message)


def _fault(scan: Scan, recipe: Recipe, line: int, row: list[str] | None, kind: int) -> Fault:
    key = FAULTS[kind]
    table = recipe.table
    of_unit = key in ("longitude", "latitude")
    name = getattr(table.units if of_unit else table.incidents, key)
    if key == "id":
        name = _blank_id(scan, row, recipe)
    column, given = None, ""
    if row is not None:
        cell = scan.header.index(name)
        column = _column(row, cell)
        given = "" if recipe.private else f" {row[cell][:40]!r}"
    said = {
        "id": "is blank. Every incident needs one, to be counted once.",
        "longitude": "is no longitude from -180 to 180.",
        "latitude": "is no latitude from -90 to 90.",
    }.get(key)
    if said is None:
        like = table.time.formats[0] if table.time.formats else "2012-10-18 21:30:00"
        said = f"is no time like {like}. Correct it, or give time.formats."
        if row is not None and re.fullmatch(_DAY_NUMBER, row[cell].strip()):
            said = "is no time but a number of days. Export the column as dates, not as numbers."
    return Fault(scan.source.shown, line, column, f"{name}{given if key != 'id' else ''} {said}")


def _blank_id(scan: Scan, row: list[str] | None, recipe: Recipe) -> str:
    """The first column of the id that is blank in a row; of Parquet, all of them."""
    blank = (name for name in recipe.ids if row and not normal(row[scan.header.index(name)]))
    return " or ".join(recipe.ids) if row is None else next(blank, recipe.ids[0])


def _column(row: Sequence[str], cell: int) -> int | None:
    """Where a cell starts in its line; None when cells before it may be in quotes."""
    before = row[:cell]
    if any(char in text for text in before for char in ',"\n\r'):
        return None
    return sum(len(text) + 1 for text in before) + 1


def place_of(scan: Scan, row: int) -> str:
    record = record_of(scan, row)
    if scan.source.kind == ".parquet":
        return f"{scan.source.shown}:{record}"
    for _, line, _ in cells_at(scan, [record]):
        return f"{scan.source.shown}:{line}"
    return f"{scan.source.shown}:{record}"


def read_again(
    scans: Sequence[Scan], wanted: Iterable[tuple[int, int]]
) -> dict[tuple[int, int], tuple[str, list[str]]]:
    """Where rows stand, as file:line, and their cells, by file and index of the row."""
    found: dict[tuple[int, int], tuple[str, list[str]]] = {}
    by_file: dict[int, set[int]] = {}
    for file, row in wanted:
        by_file.setdefault(file, set()).add(row)
    for file, rows in by_file.items():
        scan = scans[file]
        records = {record_of(scan, row): row for row in rows}
        if scan.source.kind == ".parquet":
            for row, cells in rows_of_parquet(scan, sorted(rows)).items():
                found[file, row] = (f"{scan.source.shown}:{record_of(scan, row)}", cells)
        else:
            for record, line, cells in cells_at(scan, sorted(records)):
                found[file, records[record]] = (f"{scan.source.shown}:{line}", cells)
    return found


# Labels that are of no unit are remembered to be told; a column of more is one of addresses.
MOST_STRANGERS: Final = 100_000


class Spellings:
    """Labels by their normal form, and how many rows hold each spelling.

    Parameters
    ----------
    listed : labels that are known before, as their author spells them.
    """

    def __init__(self, listed: Iterable[str] = ()) -> None:
        self._listed = {normal(name): name for name in listed}
        self._codes: dict[str, int] = {form: code for code, form in enumerate(self._listed)}
        self._known: dict[str, int | None] = {}
        self.rows: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._codes)

    def code(self, spelling: str, new: Callable[[str], bool]) -> int | None:
        """The number of a label; None when it is not known and may not be.

        Parameters
        ----------
        new : of a spelling met for the first time that is no spelling of a known label, whether it
            is a label of its own.
        """
        if spelling in self._known:
            return self._known[spelling]
        form = normal(spelling)
        if form not in self._codes and new(spelling):
            self._codes[form] = len(self._codes)
        code = self._codes.get(form)
        if code is not None or len(self._known) < MOST_STRANGERS:
            self._known[spelling] = code
        return code

    def count(self, spellings: Sequence[str], index: np.ndarray) -> None:
        """Adds rows; `index` has the place of each row's spelling."""
        counts = np.bincount(index, minlength=len(spellings))
        for spelling, number in zip(spellings, counts.tolist(), strict=True):
            if number and spelling in self._known:
                self.rows[spelling] = self.rows.get(spelling, 0) + number

    def names(self) -> list[str]:
        """What to call each label, by its number: as listed, or as most rows spell it."""
        groups = self.groups()
        return [
            # A dictionary of Parquet may name what no row holds.
            self._listed.get(form) or (chosen(groups[code]) if groups[code] else tidy(form))
            for form, code in self._codes.items()
        ]

    def strangers(self) -> dict[str, int]:
        """The spellings of no known label, with the rows that hold them."""
        return {one: number for one, number in self.rows.items() if self._known[one] is None}

    def groups(self) -> list[dict[str, int]]:
        """The spellings of each label with the rows that hold them, by its number."""
        groups: list[dict[str, int]] = [{} for _ in self._codes]
        for spelling, number in self.rows.items():
            code = self._known[spelling]
            if code is not None:
                groups[code][spelling] = number
        return groups


def text_of_column(column: Any, shown: str, name: str) -> Any:
    """A column as text; whole numbers are written out, never as decimals.

    Raises
    ------
    DataError : when it holds what is no text, or numbers too large for a floating-point column.
    """
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
    if pyarrow.types.is_floating(kind):
        return _of_floats(column, kind.bit_width, shown, name)
    if pyarrow.types.is_decimal(kind):
        return pyarrow.array(
            [None if value is None else _decimal(str(value)) for value in column.to_pylist()],
            pyarrow.string(),
        )
    message = f"{shown}: column {name!r} is {kind}. Write it as text or as whole numbers."
    raise DataError(message)


def _of_floats(column: Any, bits: int, shown: str, name: str) -> Any:
    """Codes that a program held as numbers because some cell was blank."""
    import pyarrow

    numbers = column.cast(pyarrow.float64()).to_numpy(zero_copy_only=False)
    missing = np.isnan(numbers)
    if (np.abs(numbers[~missing]) > EXACT[bits]).any():
        message = (
            f"{shown}: column {name!r} is {column.type} and holds numbers above "
            f"{EXACT[bits]:,}, of which such a column loses digits. Write it as text."
        )
        raise DataError(message)
    texts = [
        None if none else str(int(value)) if value.is_integer() else repr(value)
        for value, none in zip(numbers.tolist(), missing.tolist(), strict=True)
    ]
    return pyarrow.array(texts, pyarrow.string())


def _decimal(text: str) -> str:
    whole, _, rest = text.partition(".")
    return text if rest.strip("0") else whole


def distinct(column: Any, shown: str, name: str) -> tuple[list[str], np.ndarray]:
    """The different texts of a column, without blanks around them, and the index of each row's."""
    import pyarrow

    if not pyarrow.types.is_dictionary(column.type):
        column = text_of_column(column, shown, name).dictionary_encode()
    values = text_of_column(column.dictionary, shown, name).to_pylist()
    cleaned = [_bare(value or "") for value in values]
    index = column.indices.fill_null(len(cleaned)).to_numpy(zero_copy_only=False)
    return [*cleaned, ""], index.astype(np.int64)


def _bare(text: str) -> str:
    """A text without blanks around it; one of which nothing can be seen is blank."""
    text = text.strip()
    unseen = not (text.isascii() and text.isprintable()) and not normal(text)
    return "" if unseen else text
