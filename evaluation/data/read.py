"""A dataset on disk as a `Panel` or as `Records`, with every fault found in one pass."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, get_args

import numpy as np

from evaluation.data import period
from evaluation.data.description import (
    Described,
    Description,
    description_path,
    how_to_obtain,
    read_description,
)
from evaluation.data.findings import Findings
from evaluation.data.panel import Panel, Provenance
from evaluation.data.panel_rows import Rows, check_calendar, check_rows, unit_faults
from evaluation.data.record_checks import check_together
from evaluation.data.record_description import (
    RecordDescription,
    describes_records,
    not_a_panel,
    read_record_description,
)
from evaluation.data.record_rows import read_rows, without_values
from evaluation.data.records import Kind, Records
from evaluation.data.summary import record_summary, summary
from evaluation.data.table import Table, match_header, read_csv, read_parquet
from evaluation.data.toml_places import did_you_mean, shown_in
from evaluation.errors import DataError, Fault
from evaluation.files import content_of

Reader = Callable[[bytes, str], tuple[Table, Findings]]
READERS: Final[Mapping[str, Reader]] = {".csv": read_csv, ".parquet": read_parquet}

# A table of outcomes by period is small; one this large is a list of incidents.
LARGEST_FILE: Final = 2 * 1024**3

# A panel is held whole, units by periods; this is far beyond any table of cities or beats.
MOST_CELLS: Final = 50_000_000


def read_panel(path: Path | str, root: Path | None = None) -> Panel:
    """The dataset in a CSV or Parquet file, described by the `dataset.toml` beside it.

    Parameters
    ----------
    path : the table. root : the project folder, which the dataset must be inside and to which
        the paths in messages and provenance are relative; None sets no bounds and keeps file names.

    Raises
    ------
    DataError : with every fault found, in the order of the file. Nothing is imputed.
    """
    path = Path(path)
    shown = shown_in(path, root)
    content = _content(path, shown)
    beside = description_path(path, shown)
    not_a_panel(path, beside, shown_in(beside, root))
    description = read_description(beside, shown_in(beside, root), path.name)
    table, findings = READERS[path.suffix.lower()](content, shown)
    if not table.header:
        raise DataError(findings.faults())
    places = _places(table, description, findings)
    if not table.rows and not findings.faults():
        findings.add("no rows", table.header_line, "no rows follow the header. Add them.")
    rows = check_rows(table, places, description, findings)
    windows = check_calendar(rows, places, description, findings)
    faults = [*findings.faults(), *unit_faults(rows, description, path.name)]
    if faults:
        raise DataError(faults)
    provenance = _provenance(path, root, content, beside, description, len(table.rows))
    return _panel(rows, windows, places, description, provenance)


def read_records(path: Path | str, root: Path | None = None) -> Records:
    """The people, answers or events in a CSV or Parquet file, described beside it.

    Parameters
    ----------
    path : the table; its `dataset.toml` gives a `kind`. root : as for `read_panel`.

    Raises
    ------
    DataError : with every fault found, in the order of the file. Nothing is imputed, and no
        message shows what a cell of a private dataset holds.
    """
    path = Path(path)
    shown = shown_in(path, root)
    content = _content(path, shown)
    beside = description_path(path, shown)
    description = read_record_description(beside, shown_in(beside, root), path.name)
    people = _people_of(path, root, description)
    table, findings = READERS[path.suffix.lower()](content, shown)
    if not table.header:
        raise DataError(findings.faults())
    places = _places(table, description, findings)
    rows = read_rows(table, places, description, findings)
    if table.rows:
        check_together(rows, people)
    elif not findings.faults():
        findings.add("no rows", table.header_line, "no rows follow the header. Add them.")
    if faults := findings.faults():
        raise DataError(without_values(faults) if description.private else faults)
    return Records(
        kind=description.kind,
        columns=tuple(sorted(description.columns, key=lambda entry: places[entry.name])),
        values=rows.values,
        provenance=_provenance(path, root, content, beside, description, len(table.rows)),
        rows=len(table.rows),
        until=description.until,
        people=description.people,
    )


def check_dataset(path: Path | str, root: Path | None = None) -> str:
    """A plain summary of a good dataset, for the command line.

    Raises
    ------
    DataError : as `read_panel` and `read_records`.
    """
    from evaluation.data.adoption import ADOPTION, adoption_summary, read_adoption
    from evaluation.data.on_record import RECORD, on_record_summary, read_on_record
    from evaluation.data.published import RESULTS, published_summary, read_published
    from evaluation.data.told_table import check_kind

    path = Path(path)
    check_kind(path, root, (*get_args(Kind), ADOPTION.name, RECORD.name, RESULTS.name))
    if RECORD.describes(path):
        return on_record_summary(read_on_record(path, root))
    if ADOPTION.describes(path):
        return adoption_summary(read_adoption(path, root))
    if RESULTS.describes(path):
        return published_summary(read_published(path, root))
    if describes_records(path) and path.exists():
        return record_summary(read_records(path, root))
    return summary(read_panel(path, root))


def _places(table: Table, description: Described[Any], findings: Findings) -> dict[str, int]:
    described = {column.name: str(column.type) for column in description.columns}
    file = description.located.file
    return match_header(table, described, file, findings, private=description.private)


def _people_of(path: Path, root: Path | None, description: RecordDescription) -> Records | None:
    """The table of the people to whom a table of events happened; None for other kinds."""
    if description.people is None:
        return None
    beside = path.with_name(description.people)
    shown = shown_in(beside, root)
    _content(beside, shown)  # says it when there is no such file
    other = description_path(beside, shown)
    found = read_record_description(other, shown_in(other, root), beside.name)
    if found.kind != "people":
        message = f"{description.people} is a dataset of {found.kind}, not of people."
        raise DataError(description.located.fault(("people",), message))
    if found.private and not description.private:
        message = f"must be private, as that of {description.people} is."
        raise DataError(description.located.fault(("sensitivity",), message))
    return read_records(beside, root)


def _provenance(
    path: Path,
    root: Path | None,
    content: bytes,
    beside: Path,
    description: Described[Any],
    rows: int,
) -> Provenance:
    file, described = path.name, beside.name
    if root is not None:
        file, described = shown_in(path, root), description.located.file
    return description.provenance(file, hashlib.sha256(content).hexdigest(), described, rows)


def _content(path: Path, shown: str) -> bytes:
    """The bytes of the table, when it is a file that may be read whole."""
    try:
        refusal = _refusal(path)
    except OSError as fault:
        refusal = f"cannot be read ({fault.strerror})."
    if refusal:
        raise DataError(Fault(shown, None, None, refusal))
    return content_of(path, shown, most=LARGEST_FILE)


def _refusal(path: Path) -> str:
    """Why a path cannot be a table, before a byte of it is read; empty when it can."""
    if path.is_dir():
        return f"is a folder. Name the table in it.{did_you_mean('', _tables_in(path))}"
    if not path.exists():
        obtain = to_obtain(path)
        if obtain is not None:
            return f"is not here. {obtain}"
        return f"no such file.{did_you_mean(path.name, _tables_in(path.parent))}"
    if path.suffix.lower() not in READERS:
        return "is neither .csv nor .parquet. Save the table as one of them."
    if not path.is_file():
        return "is no ordinary file. Name a CSV or Parquet file."
    if path.stat().st_size > LARGEST_FILE:
        return "is larger than 2 GiB. Count its incidents by unit and period first."
    return ""


def _tables_in(folder: Path) -> list[str]:
    found = folder.iterdir() if folder.is_dir() else ()
    return sorted(path.name for path in found if path.suffix.lower() in READERS)


def _panel(
    rows: Rows,
    windows: Mapping[str, tuple[int, int]],
    places: Mapping[str, int],
    description: Description,
    provenance: Provenance,
) -> Panel:
    """The panel of a table in which no fault was found."""
    units = tuple(rows.lines)
    first = min(window[0] for window in windows.values())
    last = max(window[1] for window in windows.values())
    shape = (len(units), last - first + 1)
    if shape[0] * shape[1] > MOST_CELLS:
        message = (
            f"{shape[0]:,} units by {shape[1]:,} {description.frequency}s are too many to hold. "
            "Divide the table."
        )
        raise DataError(Fault(provenance.file, None, None, message))
    row_of = {unit: row for row, unit in enumerate(units)}
    row = np.array([row_of[unit] for unit in rows.units])
    column = np.array(rows.ordinals) - first
    values = {}
    for name, numbers in rows.values.items():
        values[name] = np.full(shape, np.nan)
        values[name][row, column] = numbers
    return Panel(
        units=units,
        periods=tuple(period.text(first + t, description.frequency) for t in range(shape[1])),
        frequency=description.frequency,
        values=values,
        columns=tuple(sorted(description.columns, key=lambda entry: places[entry.name])),
        recording_changes=description.recording_changes,
        provenance=provenance,
        redefined=description.redefined,
        declared=description.declared,
        agencies=description.agencies,
    )


def to_obtain(path: Path) -> str | None:
    """What the description of a table that is not here says about getting it; None when nothing."""
    return how_to_obtain(path, read_description) or how_to_obtain(path, read_record_description)
