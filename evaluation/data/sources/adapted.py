"""What an adapter makes of a file, and how it reads the file's cells."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evaluation.data import period
from evaluation.data.findings import Findings
from evaluation.data.table import Table
from evaluation.data.toml_places import did_you_mean
from evaluation.errors import DataError

# Counts, also as a program that knows only fractions writes them: 12 or 12.0.
_WHOLE = re.compile(r"([0-9]{1,15})(?:\.0+)?")


@dataclass(frozen=True, slots=True)
class Bounds:
    """First and last period to keep, as written; None keeps all."""

    first: str | None = None
    last: str | None = None

    def hold(self, written: str) -> bool:
        """Whether a period is kept: it must lie inside, by its days."""
        begin, end = period.span(written)
        return (self.first is None or period.span(self.first)[0] <= begin) and (
            self.last is None or end <= period.span(self.last)[1]
        )


@dataclass(frozen=True, slots=True)
class Adapted:
    """A table of this project.

    Parameters
    ----------
    header : column names. period : which of them is the period. rows : cells, in the order of
        units and periods. notes : what was left out, and why, in sentences.
    """

    header: tuple[str, ...]
    period: str
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()


def places(table: Table, columns: Sequence[str], findings: Findings) -> Mapping[str, int]:
    """Index of each column that an adapter needs; others are passed over.

    Raises
    ------
    DataError : with every column that is missing or there twice, and what is wrong with the rows.
    """
    header = [name.strip() for name in table.header]
    for name in columns:
        if header.count(name) != 1:
            wrong = f"column {name!r} is there twice" if name in header else f"no column {name!r}"
            hint = "" if name in header else did_you_mean(name, header)
            findings.add("columns", table.header_line, f"{wrong}.{hint}")
    if not table.rows:
        findings.add("no rows", table.header_line, "no rows follow the header.")
    if faults := findings.faults():
        raise DataError(faults)
    return {name: header.index(name) for name in columns}


def whole(text: str) -> int | None:
    """A count as written, or None when the cell holds none."""
    match = _WHOLE.fullmatch(text.strip())
    return None if match is None else int(match[1])
