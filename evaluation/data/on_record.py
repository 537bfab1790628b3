"""What officials, courts and polls have on record about a program, as a table of its own kind.

None of it is a result: no one estimated what the program did. Each row has what speaks against it
beside what it says, and nothing here can enter a count of evaluations or a mean.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from evaluation.data.findings import Findings
from evaluation.data.labels import drawn
from evaluation.data.on_record_cells import ABOUT, Cells, read_row
from evaluation.data.panel import Provenance
from evaluation.data.table import read_csv
from evaluation.data.told_table import (
    Description,
    cells_of,
    content_of,
    description_of,
    is_of_kind,
    provenance_of,
)
from evaluation.data.toml_places import shown_in
from evaluation.errors import DataError

KIND: Final = "on record"
# The table of a project, from its folder.
ON_RECORD: Final = "data/public/on_record.csv"


class _Description(Description):
    kind: Literal["on record"]


@dataclass(frozen=True, slots=True)
class OnRecord:
    """One thing that is on record.

    Parameters
    ----------
    place, site : id of the place, and what a sentence calls it. goal : 1, 2 or 3. about : a word of
        `on_record_cells.ABOUTS`. what : in words.
    begins, ends : columns from and to; of a change the two times that are set beside one another.
    value : the number, or None; exactness, unit : of it. margin : of a poll, in points each way.
    counted_by : who counted, asked or said it. source, read_in, certainty : as for `Published`.
    doubt : what speaks against it. note : or "". line : in the table.
    """

    place: str
    site: str
    goal: int
    about: str
    what: str
    begins: str
    ends: str
    value: float | None
    exactness: str
    unit: str
    margin: float | None
    counted_by: str
    source: str
    read_in: str
    certainty: str
    doubt: str
    note: str
    line: int


@dataclass(frozen=True, slots=True)
class RecordTable:
    """What is on record, in the order of the table, and where it comes from."""

    rows: tuple[OnRecord, ...]
    provenance: Provenance


def read_on_record(path: Path | str, root: Path | None = None) -> RecordTable:
    """What is on record in a CSV file, described by the `dataset.toml` beside it.

    Parameters
    ----------
    path : the table. root : the project folder, to which paths in messages and provenance are
        relative; None keeps file names.

    Raises
    ------
    DataError : with every fault found, at its line and column, in the order of the file.
    """
    path = Path(path)
    shown = shown_in(path, root)
    content = content_of(path, shown)
    described = description_of(path, root, _Description, KIND, ABOUT)
    table, findings = read_csv(content, shown)
    places = cells_of(table, findings, ABOUT)
    rows = [
        _row(cells, line)
        for line, written in table.rows
        if (cells := read_row(line, written, places, findings)) is not None
    ]
    if not table.rows and not findings.faults():
        findings.add("no rows", table.header_line, "no rows follow the header. Add them.")
    _check_together(rows, places, findings)
    if faults := findings.faults():
        raise DataError(faults)
    return RecordTable(
        tuple(rows),
        provenance_of(path, root, content, described, len(rows)),
    )


def describes_on_record(data_path: Path) -> bool:
    """Whether the description beside a table is one of what is on record; False without one."""
    return is_of_kind(data_path, KIND)


def on_record_summary(table: RecordTable) -> str:
    """What a table of what is on record holds, for the command line."""
    goals = Counter(row.goal for row in table.rows)
    known = Counter(row.certainty for row in table.rows)
    numbers = sum(row.value is not None for row in table.rows)
    places = {row.place: row.site for row in table.rows}
    lines = [
        f"{table.provenance.file}: {len(table.rows)} things on record, none of them a result",
        f"  places: {', '.join(f'{site} ({place})' for place, site in places.items())}",
        *(f"  goal {goal}: {goals[goal]}" for goal in sorted(goals)),
        f"  {numbers} with a number; every one with what speaks against it",
        f"  how known: {', '.join(f'{n} {word}' for word, n in known.most_common())}",
    ]
    return "\n".join(lines)


def _row(cells: Cells, line: int) -> OnRecord:
    goal = int(str(cells["goal"]))
    named = {name: cells[name] for name in ABOUT if name not in ("from", "to", "goal")}
    return OnRecord(
        **named,  # type: ignore[arg-type]
        goal=goal,
        begins=str(cells["from"]),
        ends=str(cells["to"]),
        line=line,
    )


def _check_together(rows: list[OnRecord], places: dict[str, int], findings: Findings) -> None:
    """What only several rows show: a thing twice, a place of two names."""
    seen: dict[tuple[str, ...], int] = {}
    named: dict[str, OnRecord] = {}
    for row in rows:
        key = (row.place, drawn(row.what), row.begins, row.ends)
        line = seen.setdefault(key, row.line)
        if line != row.line:
            message = f"what: is on line {line} already, of the same time. Keep one of the two."
            findings.add("duplicate", row.line, message, cell=places["what"])
        first = named.setdefault(row.place, row)
        if first.site != row.site:
            message = (
                f"site: {row.place} is called {first.site!r} on line {first.line}. Write one name."
            )
            findings.add("two names", row.line, message, cell=places["site"])
