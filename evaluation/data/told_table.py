"""What tables of things told by others have in common: how one is read, described and named."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from evaluation.data.description import description_path
from evaluation.data.findings import Findings
from evaluation.data.located import Located, did_you_mean, read, shown_in
from evaluation.data.table import Table
from evaluation.errors import DataError, Fault

Described = TypeVar("Described", bound=BaseModel)


def content_of(path: Path, shown: str) -> bytes:
    """The bytes of a table.

    Raises
    ------
    DataError : when there is none, or it cannot be read.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise DataError(Fault(shown, None, None, "no such file. Name the table.")) from None
    except OSError as fault:
        raise DataError(Fault(shown, None, None, f"cannot be read ({fault.strerror}).")) from None


def is_of_kind(data_path: Path, kind: str) -> bool:
    """Whether the description beside a table says that it is of this kind; False without one."""
    try:
        path = description_path(data_path, data_path.name)
        return bool(read(path, path.name, DataError).content.get("kind") == kind)
    except DataError:
        return False


def check_kind(data_path: Path, root: Path | None, kinds: Sequence[str]) -> None:
    """Nothing, when the description beside a table gives no kind or a known one.

    Raises
    ------
    DataError : for another, which alone is then told: what else a description must hold depends on
        its kind.
    """
    try:
        beside = description_path(data_path, shown_in(data_path, root))
        located = read(beside, shown_in(beside, root), DataError)
    except DataError:
        return  # whoever reads the table says it
    kind = located.content.get("kind")
    if isinstance(kind, str) and kind not in kinds:
        words = f"{kind!r} is not known.{did_you_mean(kind, kinds)}"
        raise DataError(located.fault(("kind",), words))


def description_of(
    path: Path, root: Path | None, model: type[Described], kind: str, about: Mapping[str, str]
) -> tuple[Described, Located, str]:
    """The description beside a table, where its keys stand, and the hash of its bytes.

    Parameters
    ----------
    path : of the table. root : the project folder. model : its `file` and `columns` are checked.
    about : the columns that such a table has.

    Raises
    ------
    DataError : with every fault found.
    """
    beside = description_path(path, shown_in(path, root))
    located = read(beside, shown_in(beside, root), DataError)
    if "kind" not in located.content:
        message = f'kind: is missing. Write kind = "{kind}".'
        raise DataError(Fault(located.file, None, None, message))
    described = located.parse(model)
    named = located.content
    faults = [
        located.fault(("columns", name), f"no such column here.{did_you_mean(name, list(about))}")
        for name in named.get("columns", {})
        if name not in about
    ]
    if named.get("file") not in (None, path.name):
        faults.append(located.fault(("file",), f"is {named['file']!r}, not {path.name!r}."))
    if faults:
        raise DataError(faults)
    return described, located, hashlib.sha256(beside.read_bytes()).hexdigest()


def cells_of(table: Table, findings: Findings, about: Mapping[str, str]) -> dict[str, int]:
    """Index of each column of the table; strangers and doubles are noted.

    Raises
    ------
    DataError : when a column is missing, with all that was noted.
    """
    places: dict[str, int] = {}
    for index, written in enumerate(table.header):
        name = written.strip()
        if name in places:
            message = f"column {name!r} is there twice. Remove one of the two."
            findings.add("column twice", table.header_line, message, cell=index)
        elif name not in about:
            message = f"column {name!r} is not known.{did_you_mean(name, list(about))}"
            findings.add("unknown column", table.header_line, message, cell=index)
        else:
            places[name] = index
    missing = [name for name in about if name not in places]
    for name in missing:
        message = (
            f"no column {name!r} ({about[name]}). Add it; cells may be empty where it says so."
        )
        findings.add("missing column", table.header_line, message)
    if missing:
        raise DataError(findings.faults())
    return places
