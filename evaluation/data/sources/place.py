"""A file that someone obtained, known by its SHA-256, as a table under `data/real/`."""

from __future__ import annotations

import csv
import hashlib
import io
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from evaluation.data import period
from evaluation.data.description import Description, OriginalTable, read_description
from evaluation.data.findings import Findings
from evaluation.data.located import did_you_mean
from evaluation.data.read import LARGEST_FILE, check_dataset
from evaluation.data.sources import ADAPTERS
from evaluation.data.sources.adapted import Adapted, Bounds
from evaluation.data.table import read_csv
from evaluation.errors import DataError, Fault

FOLDER: Final = "data/real"
ENDING: Final = ".dataset.toml"
# Of a SHA-256 in messages: enough to compare by eye, and no two files share them by chance.
SHOWN: Final = 12


@dataclass(frozen=True, slots=True)
class Placed:
    """A verified table that is still to be written.

    Parameters
    ----------
    path : where it belongs. shown : the same, from the project folder. text : all of it; None when
        it is there already, the same. lines : what was found, in sentences.
    """

    path: Path
    shown: str
    text: str | None
    lines: tuple[str, ...]


def placed(name: str, file: Path, root: Path) -> Placed:
    """The table that a file becomes, once file or table is known by its SHA-256.

    Parameters
    ----------
    name : of a description under `data/real/`. file : anywhere. root : the project folder.

    Raises
    ------
    DataError : for a name that is not known, a file that cannot be read or is another one, a table
        that is not as described, and another table in its place. Nothing is written.
    """
    description, original = _described(name, root)
    content = _content(file)
    found = _sha256(content)
    known_file = found == original.sha256
    try:
        adapted = _adapted(content, file.name, description, original)
    except DataError as fault:
        if known_file:
            raise
        raise DataError(
            f"{_another(file, name, found, original)}\nIts form is another one too: {_first(fault)}"
        ) from None
    made = _sha256(_csv(adapted).encode("utf-8"))
    if not known_file and made != original.table_sha256:
        raise DataError(_another(file, name, found, original))
    text = _csv(_with_history(adapted, original, description.frequency))
    shown = f"{FOLDER}/{name}.csv"
    path = root / shown
    if path.exists() or path.is_symlink():
        return _there(path, shown, text)
    how = "the file" if known_file else "not the file, but the table made from it,"
    of = _short(found if known_file else made)
    lines = (f"{file.name}: {how} has the known SHA-256 {of}.", *adapted.notes)
    return Placed(path, shown, text, (*lines, _summary(name, text, root)))


def names(root: Path) -> list[str]:
    """The datasets that can be added, by name."""
    found = sorted((root / FOLDER).glob(f"*{ENDING}"))
    return [path.name.removesuffix(ENDING) for path in found]


def _described(name: str, root: Path) -> tuple[Description, OriginalTable]:
    known = names(root)
    if name not in known:
        hint = did_you_mean(name, known) or f" There is no description in {FOLDER} yet."
        raise DataError(f"no dataset {name!r} to add.{hint}")
    shown = f"{FOLDER}/{name}{ENDING}"
    description = read_description(root / shown, shown, f"{name}.csv")
    if description.original is None:
        message = "has no table [original] with the sha256 of the file, so that none can be known."
        raise DataError(Fault(shown, None, None, message))
    return description, description.original


def _content(file: Path) -> bytes:
    shown = file.as_posix()
    try:
        if file.is_dir():
            raise DataError(Fault(shown, None, None, "is a folder. Name the file in it."))
        if not file.exists():
            raise DataError(Fault(shown, None, None, "no such file. Check the path."))
        if not file.is_file():
            raise DataError(Fault(shown, None, None, "is no ordinary file. Name a CSV file."))
        if file.stat().st_size > LARGEST_FILE:
            raise DataError(Fault(shown, None, None, "is larger than 2 GiB, and so another file."))
        return file.read_bytes()
    except OSError as fault:
        message = f"cannot be read ({fault.strerror})."
        raise DataError(Fault(shown, None, None, message)) from None


def _adapted(
    content: bytes, shown: str, description: Description, original: OriginalTable
) -> Adapted:
    table, findings = read_csv(content, shown)
    bounds = Bounds(original.first, original.last)
    if original.adapter is not None:
        return ADAPTERS[original.adapter](table, findings, bounds)
    return _as_it_is(table.header, [row for _, row in table.rows], findings, description)


def _as_it_is(
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    findings: Findings,
    description: Description,
) -> Adapted:
    """A file that is a table of this project already."""
    if faults := findings.faults():
        raise DataError(faults)
    named = description.role("period")
    assert named is not None  # no description is read without one
    return Adapted(tuple(header), named.name, tuple(tuple(row) for row in rows))


def _with_history(adapted: Adapted, original: OriginalTable, frequency: str) -> Adapted:
    """With the columns that the description adds, 1 in the periods that it names."""
    columns = list(dict.fromkeys(entry.column for entry in original.history))
    at = adapted.header.index(adapted.period)
    spans = {
        column: [
            (period.ordinal(entry.first, frequency), period.ordinal(entry.last, frequency))
            for entry in original.history
            if entry.column == column
        ]
        for column in columns
    }

    def flags(row: Sequence[str]) -> tuple[str, ...]:
        now = period.ordinal(row[at], frequency)
        return tuple(
            str(int(any(low <= now <= high for low, high in spans[column]))) for column in columns
        )

    rows = tuple((*row, *flags(row)) for row in adapted.rows)
    return Adapted((*adapted.header, *columns), adapted.period, rows, adapted.notes)


def _csv(adapted: Adapted) -> str:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows([adapted.header, *adapted.rows])
    return stream.getvalue()


def _there(path: Path, shown: str, text: str) -> Placed:
    try:
        same = path.read_bytes() == text.encode("utf-8")
    except OSError:
        same = False
    if not same:
        message = "is there already, and is another table. Move it away to add this one."
        raise DataError(Fault(shown, None, None, message))
    return Placed(path, shown, None, (f"{shown} is there already, the same; nothing was written.",))


def _summary(name: str, text: str, root: Path) -> str:
    """The table as `ceasefire data` describes it, read before it takes its place."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.csv"
        path.write_bytes(text.encode("utf-8"))
        shutil.copyfile(root / FOLDER / f"{name}{ENDING}", path.with_name(f"{name}{ENDING}"))
        return check_dataset(path, Path(folder))


def _another(file: Path, name: str, found: str, original: OriginalTable) -> str:
    """That a file is not the known one, and what to do."""
    message = (
        f"has the SHA-256 {_short(found)}, but {name} is known by {_short(original.sha256)}. It is "
        f"another file, another release of it, or was changed, if only by opening and saving it. "
        f"Get it again, unchanged, as {FOLDER}/{name}{ENDING} says under `obtain`"
    )
    if original.table_sha256 is not None:
        message += "; another file will do if its numbers are the same, and these are not"
    message += (
        ". If it is a corrected release, put its SHA-256 there, and say in the plan's notes that "
        "the data changed. Nothing was written."
    )
    return str(Fault(file.as_posix(), None, None, message))


def _first(fault: DataError) -> str:
    """The first of many faults of a file that is not the known one anyway."""
    lines = str(fault).splitlines()
    return lines[0] + (f" (and {len(lines) - 1} more)" if len(lines) > 1 else "")


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _short(digest: str) -> str:
    return f"{digest[:SHOWN]}..."
