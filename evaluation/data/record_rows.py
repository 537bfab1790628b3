"""The cells of a table of records checked against its description, column by column."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from evaluation.data.cells import CellError, told, value
from evaluation.data.findings import Findings
from evaluation.data.record_description import RecordDescription
from evaluation.data.records import RecordColumn
from evaluation.data.table import Table
from evaluation.errors import Fault

_BYTE = re.compile(r"byte 0x[0-9A-F]{2} is not UTF-8(?: \(in Latin-1 it is '[^']*'\))?\.")


@dataclass(frozen=True, slots=True)
class RecordRows:
    """What the cells of n rows say, and where each stands.

    Parameters
    ----------
    lines : (n,) line each row starts on. header_line : that of the header. cells : (n,) the cells
        of each row as written. places : index of each described column that the table has.
    values : (n,) for each of these columns, as in `Records`. good : (n,) bool, whether the cell
        could be read; the value of one that could not is NaN or "".
    complete : no row was left out because it could not be divided into cells.
    """

    lines: Sequence[int]
    header_line: int
    cells: Sequence[Sequence[str]]
    places: Mapping[str, int]
    values: Mapping[str, np.ndarray]
    good: Mapping[str, np.ndarray]
    complete: bool
    description: RecordDescription
    findings: Findings

    def only(self, role: str) -> RecordColumn | None:
        """The first column with this role that the table has."""
        column = self.description.role(role)
        return column if column is not None and column.name in self.places else None

    def all_of(self, role: str) -> tuple[RecordColumn, ...]:
        """The columns with this role that the table has, in the order described."""
        found = self.description.all_of(role)
        return tuple(column for column in found if column.name in self.places)

    def filled(self, column: RecordColumn) -> np.ndarray:
        """(n,) bool, whether the cell was read and holds something."""
        given = self.values[column.name]
        some = given != "" if given.dtype == object else ~np.isnan(given)
        return np.asarray(self.good[column.name] & some)

    def told(self, row: int, column: RecordColumn) -> str:
        """The words that open a message about one cell."""
        written = self.cells[row][self.places[column.name]].strip()
        return told(column, written, self.description.private)

    def shown(self, value: object, instead: str) -> str:
        """A value in words, or what to say instead of it when the table is private."""
        return instead if self.description.private else f"{value}"

    def add(self, kind: str, row: int, column: RecordColumn, message: str) -> None:
        """Note a fault at a cell. `kind` is what similar faults share."""
        cell = self.places[column.name]
        self.findings.add(kind, self.lines[row], message, cell=cell, column=column.name)


def read_rows(
    table: Table, places: Mapping[str, int], description: RecordDescription, findings: Findings
) -> RecordRows:
    """Every cell read; what is wrong with any is noted, and the column is read on."""
    values: dict[str, np.ndarray] = {}
    good: dict[str, np.ndarray] = {}
    for column in description.columns:
        if column.name in places:
            cell = places[column.name]
            values[column.name], good[column.name] = _column(
                table, column, cell, description, findings
            )
    lines = [line for line, _ in table.rows]
    cells = [row for _, row in table.rows]
    return RecordRows(
        lines,
        table.header_line,
        cells,
        places,
        values,
        good,
        not table.broken,
        description,
        findings,
    )


def _column(
    table: Table,
    column: RecordColumn,
    cell: int,
    description: RecordDescription,
    findings: Findings,
) -> tuple[np.ndarray, np.ndarray]:
    """(n,) values of one column and (n,) whether each could be read."""
    in_words = column.type in ("text", "period")
    blank: float | str = "" if in_words else float("nan")
    # The same few answers fill most columns, so each text is read once.
    known: dict[str, float | str | CellError] = {}
    found: list[float | str] = []
    good = np.ones(len(table.rows), dtype=bool)
    for row, (line, cells) in enumerate(table.rows):
        text = cells[cell]
        if text not in known:
            try:
                known[text] = value(text, column, description.until, private=description.private)
            except CellError as fault:
                known[text] = fault
        read = known[text]
        if isinstance(read, CellError):
            findings.add(read.kind, line, str(read), cell=cell, column=column.name)
            good[row], read = False, blank
        found.append(read)
    if not in_words:
        return np.array(found, dtype=float), good
    words = np.empty(len(found), dtype=object)
    words[:] = found
    return words, good


def without_values(faults: Sequence[Fault]) -> list[Fault]:
    """The faults of a private table, none of them showing what it holds.

    Those of cells never do; what the reader of the file says of a wrong byte is made plain here.
    """
    return [
        Fault(
            fault.file,
            fault.line,
            fault.column,
            _BYTE.sub("a byte here is not UTF-8.", fault.message),
        )
        for fault in faults
    ]
