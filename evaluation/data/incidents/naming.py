"""Rows that cannot be read or contradict each other, each named by file, line and column."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from evaluation.data.incidents.recipe import Recipe
from evaluation.data.incidents.scan import Scan, cells_at, record_of, rows_of_parquet
from evaluation.data.incidents.store import FAULTS, Shared, Store
from evaluation.data.labels import normal
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
