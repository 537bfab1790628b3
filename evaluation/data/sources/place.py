"""Files that someone obtained, known by their SHA-256, as a table of the project."""

from __future__ import annotations

import csv
import hashlib
import io
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from evaluation.data import period
from evaluation.data.description import Description, OriginalTable, read_description
from evaluation.data.findings import Findings
from evaluation.data.read import LARGEST_FILE, check_dataset
from evaluation.data.sources import ADAPTERS, COMBINERS
from evaluation.data.sources.adapted import Adapted, Bounds
from evaluation.data.table import read_csv
from evaluation.data.toml_places import did_you_mean
from evaluation.errors import DataError, Fault
from evaluation.files import content_of, inside, scratch, unwritten

# Tables of others that are described here and not part of the project: git ignores them.
IGNORED: Final = "data/replication"
FOLDERS: Final = ("data/public", IGNORED)
ENDING: Final = ".dataset.toml"
# Of a SHA-256 in messages: enough to compare by eye, and no two files share them by chance.
SHOWN: Final = 12


@dataclass(frozen=True, slots=True)
class Placed:
    """A verified table that is still to be written.

    Parameters
    ----------
    path : where it belongs. shown : the same, from the project folder. text : all of it; None when
        it is there already, the same. lines : what was found, in sentences. private : whether its
        description says so.
    """

    path: Path
    shown: str
    text: str | None
    lines: tuple[str, ...]
    private: bool = False


def placed(name: str, files: Sequence[Path], root: Path) -> Placed:
    """The table that files become, once they or the table are known by their SHA-256.

    Parameters
    ----------
    name : of a description under `data/public/` or `data/replication/`. files : anywhere, in the
        order of the description. root : the project folder.

    Raises
    ------
    DataError : for a name that is not known, files that are too few or too many, cannot be read or
        are other ones, a table that is not as described, and another table in its place. Nothing
        is written.
    """
    described, description, original = _described(name, root)
    known = (original.sha256, *(one.sha256 for one in original.beside))
    several = None if original.adapter is None else COMBINERS.get(original.adapter)
    wanted = 1 if several is None else several[1]
    if len(known) != wanted:
        message = f"the adapter takes {_files(wanted)}; {len(known)} have a sha256 here."
        raise DataError(description.located.fault(("original", "adapter"), message))
    if len(files) != len(known):
        beside = "".join(f", then {one.file}" for one in original.beside)
        raise DataError(f"{name} is made from {_files(len(known))}: that of `obtain`{beside}.")
    contents = [_content(file) for file in files]
    found = [_sha256(content) for content in contents]
    other = next((at for at, one in enumerate(found) if one != known[at]), None)
    try:
        adapted = _adapted(contents, files, description, original)
    except DataError as fault:
        if other is None:
            raise
        what = _another(files[other], name, found[other], known[other], described, original)
        raise DataError(f"{what}\nIts form is another one too: {_first(fault)}") from None
    made = _sha256(_csv(adapted).encode("utf-8"))
    if other is not None and made != original.table_sha256:
        raise DataError(
            _another(files[other], name, found[other], known[other], described, original)
        )
    text = _csv(_with_history(adapted, original, description.frequency))
    shown = f"{described.removesuffix(ENDING)}.csv"
    path = root / shown
    if path.exists() or path.is_symlink():
        return _there(path, shown, text)
    if other is None:
        lines = [
            f"{file.name}: the file has the known SHA-256 {_short(one)}."
            for file, one in zip(files, found, strict=True)
        ]
    else:
        words = "not the file, but the table made from it, has the known SHA-256"
        lines = [f"{files[other].name}: {words} {_short(made)}."]
    summary = _summary(shown, described, text, root)
    told = (*lines, *adapted.notes, summary)
    return Placed(path, shown, text, told, private=description.private)


def names(root: Path) -> list[str]:
    """The datasets that can be added, by name: those that say what their table is made from."""
    return sorted(
        name
        for name, shown in _descriptions(root).items()
        if b"[original]" in content_of(root / shown, shown)
    )


def _descriptions(root: Path) -> dict[str, str]:
    """Where each dataset is described, from the project folder, by name."""
    found: dict[str, str] = {}
    for folder in FOLDERS:
        for path in sorted((root / folder).glob(f"*{ENDING}")):
            name, shown = path.name.removesuffix(ENDING), f"{folder}/{path.name}"
            if name in found:
                raise DataError(
                    f"{name} is described in {' and in '.join(FOLDERS)}; which one is meant cannot "
                    "be told. Rename one of them."
                )
            found[name] = shown
    return found


def _described(name: str, root: Path) -> tuple[str, Description, OriginalTable]:
    known = _descriptions(root)
    if name not in known:
        hint = did_you_mean(name, names(root))
        hint = hint or f" No description in {' or '.join(FOLDERS)} has a table [original] yet."
        raise DataError(f"no dataset {name!r} to add.{hint}")
    shown = known[name]
    original = None
    if name in names(root):
        description = read_description(root / shown, shown, f"{name}.csv")
        original = description.original
    if original is None:
        message = (
            "has no table [original] with the sha256 of the file, so that none can be known. "
            "Add it, or put the table beside its description yourself."
        )
        raise DataError(Fault(shown, None, None, message))
    return shown, description, original


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
    except OSError as fault:
        message = f"cannot be read ({fault.strerror})."
        raise DataError(Fault(shown, None, None, message)) from None
    return content_of(file, shown, most=LARGEST_FILE)


def _adapted(
    contents: Sequence[bytes],
    files: Sequence[Path],
    description: Description,
    original: OriginalTable,
) -> Adapted:
    tables = [read_csv(content, file.name) for content, file in zip(contents, files, strict=True)]
    bounds = Bounds(original.first, original.last)
    if original.adapter is not None and original.adapter in COMBINERS:
        return COMBINERS[original.adapter][0](tables, bounds)
    ((table, findings),) = tables
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
        same = content_of(path, shown, most=LARGEST_FILE) == text.encode("utf-8")
    except DataError:
        same = False
    if not same:
        message = "is there already, and is another table. Move it away to add this one."
        raise DataError(Fault(shown, None, None, message))
    return Placed(path, shown, None, (f"{shown} is there already, the same; nothing was written.",))


def _summary(shown: str, described: str, text: str, root: Path) -> str:
    """The table as `ceasefire data` describes it, read before it takes its place."""
    # Beside its place, and not in a folder of the whole machine.
    try:
        with scratch(inside(root / shown, root)) as folder:
            path = folder / Path(shown).name
            path.write_bytes(text.encode("utf-8"))
            shutil.copyfile(root / described, path.with_name(Path(described).name))
            return check_dataset(path, folder)
    except OSError as fault:
        raise unwritten(shown, fault) from None


def _another(
    file: Path, name: str, found: str, known: str, described: str, original: OriginalTable
) -> str:
    """That a file is not the known one, and what to do."""
    message = (
        f"has the SHA-256 {_short(found)}, but {name} is known by {_short(known)}. It is "
        f"another file, another release of it, or was changed, if only by opening and saving it. "
        f"Get it again, unchanged, as {described} says under `obtain`"
    )
    if original.table_sha256 is not None:
        message += "; another file will do if its numbers are the same, and these are not"
    message += (
        ". If it is a corrected release, put its SHA-256 there, and say in the plan's notes that "
        "the data changed. Nothing was written."
    )
    return str(Fault(file.as_posix(), None, None, message))


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count} files"


def _first(fault: DataError) -> str:
    """The first of many faults of a file that is not the known one anyway."""
    lines = str(fault).splitlines()
    return lines[0] + (f" (and {len(lines) - 1} more)" if len(lines) > 1 else "")


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _short(digest: str) -> str:
    return f"{digest[:SHOWN]}..."
