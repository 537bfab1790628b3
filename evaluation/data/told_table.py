"""What tables of things told by others have in common: how one is read, described and named."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from evaluation.data.description import description_path
from evaluation.data.findings import Findings
from evaluation.data.panel import Provenance, Sensitivity
from evaluation.data.place_id import PlaceId
from evaluation.data.table import Table
from evaluation.data.toml_places import Located, did_you_mean, read, shown_in
from evaluation.errors import DataError, Fault

Text = Annotated[str, Field(min_length=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class _Column(_Strict):
    about: Text


class Description(_Strict):
    """What the `dataset.toml` beside such a table holds; each kind adds its own word for `kind`."""

    name: Text
    file: Text | None = None
    key: Annotated[list[Text], Field(min_length=1)]
    source: Text
    licence: Text
    sensitivity: Sensitivity
    notes: str = ""
    columns: dict[Text, _Column] = {}


class PlacedDescription(Description):
    """That of a table whose rows are of places, with an id for those that have one."""

    places: dict[Text, PlaceId] = {}


Described = TypeVar("Described", bound=Description)


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
    faults = [
        located.fault(("columns", name), f"no such column here.{did_you_mean(name, list(about))}")
        for name in described.columns
        if name not in about
    ]
    if described.file not in (None, path.name):
        faults.append(located.fault(("file",), f"is {described.file!r}, not {path.name!r}."))
    if faults:
        raise DataError(faults)
    return described, located, hashlib.sha256(beside.read_bytes()).hexdigest()


def provenance_of(
    path: Path,
    root: Path | None,
    content: bytes,
    described: tuple[Description, Located, str],
    rows: int,
) -> Provenance:
    """Where the rows of a table come from; without `root` files are told by their name.

    Parameters
    ----------
    content : the bytes of the table. described : from `description_of`.
    """
    description, located, digest = described
    places = description.places if isinstance(description, PlacedDescription) else {}
    return Provenance(
        name=description.name,
        file=path.name if root is None else shown_in(path, root),
        sha256=hashlib.sha256(content).hexdigest(),
        description_file=Path(located.file).name if root is None else located.file,
        description_sha256=digest,
        rows=rows,
        source=description.source,
        licence=description.licence,
        sensitivity=description.sensitivity,
        notes=description.notes,
        places=tuple(places.items()),
    )


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
