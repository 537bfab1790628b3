"""How a table of things told by others is read: rows of words and numbers beside a description.

Each kind says its columns, its known words, and what must agree in a row and between rows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from evaluation.data.cells import CellError, number
from evaluation.data.description import description_path
from evaluation.data.findings import Findings
from evaluation.data.labels import PlaceId
from evaluation.data.panel import Column, Provenance, Sensitivity
from evaluation.data.table import Table, read_csv
from evaluation.data.toml_places import Located, did_you_mean, read, shown_in
from evaluation.errors import DataError, Fault
from evaluation.files import content_of as file_content

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


Row = TypeVar("Row")
Texts = Mapping[str, str]
Numbers = Mapping[str, float | None]
# Columns with what is wrong there.
Faults = Iterable[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind(Generic[Row]):
    """What one kind of table has of its own.

    Parameters
    ----------
    name : as `kind` in a description. model : of that. about : every column with what it holds, in
        the order a table should have them. words : the known words of a column. numbers : columns
        of numbers, which may all be empty. may_be_empty : columns of text that may be. may_lack :
        columns of text that a table need not have; a row of one without them has "" there.
    without_number : what to do where there is no number. not_enough : what is said of a certainty
        that is not known, before those that are.
    alone : faults in the cells of a row, each by itself. together : between those that are right.
    row : makes the row of the cells by column, and of its line. rows : notes what only several rows
        show, of the rows and the index of each column.
    placed : the column that `places` of a description names, with what its cells are.
    """

    name: str
    model: type[Description]
    about: Mapping[str, str]
    words: Mapping[str, Sequence[str]]
    numbers: Sequence[str] = ()
    may_be_empty: Sequence[str]
    may_lack: Sequence[str] = ()
    without_number: str = ""
    not_enough: tuple[str, str] = ("", "")
    alone: Callable[[Texts], Faults]
    together: Callable[[Texts, Numbers], Faults]
    row: Callable[[Mapping[str, Any], int], Row]
    rows: Callable[[Sequence[Row], Mapping[str, int], Findings], None]
    placed: tuple[str, str] | None = None

    def describes(self, data_path: Path) -> bool:
        """Whether the description beside a table says that it is of this kind; False without."""
        try:
            path = description_path(data_path, data_path.name)
            return bool(read(path, path.name, DataError).content.get("kind") == self.name)
        except DataError:
            return False


def read_told(
    kind: Kind[Row], path: Path | str, root: Path | None
) -> tuple[tuple[Row, ...], Provenance]:
    """The rows of a CSV file, described by the `dataset.toml` beside it, and where they come from.

    Parameters
    ----------
    path : the table. root : the project folder, to which paths in messages and provenance are
        relative; None keeps file names.

    Raises
    ------
    DataError : with every fault found, at its line and column, in the order of the file. Nothing is
        imputed.
    """
    path = Path(path)
    shown = shown_in(path, root)
    content = content_of(path, shown)
    description, located, digest = _description_of(kind, path, root)
    table, findings = read_csv(content, shown)
    places = _cells_of(table, findings, kind)
    rows = [
        kind.row(cells, line)
        for line, written in table.rows
        if (cells := _cells(kind, line, written, places, findings)) is not None
    ]
    if not table.rows and not findings.faults():
        findings.add("no rows", table.header_line, "no rows follow the header. Add them.")
    kind.rows(rows, places, findings)
    placed = description.places if isinstance(description, PlacedDescription) else {}
    faults = findings.faults()
    if kind.placed and not faults:
        column, what = kind.placed
        known = sorted({str(getattr(row, column)) for row in rows})
        faults = [
            located.fault(
                ("places", name), f"no such {what} in {path.name}.{did_you_mean(name, known)}"
            )
            for name in placed
            if name not in known
        ]
    if faults:
        raise DataError(faults)
    return tuple(rows), Provenance(
        name=description.name,
        file=path.name if root is None else shown,
        sha256=hashlib.sha256(content).hexdigest(),
        description_file=Path(located.file).name if root is None else located.file,
        description_sha256=digest,
        rows=len(rows),
        source=description.source,
        licence=description.licence,
        sensitivity=description.sensitivity,
        notes=description.notes,
        places=tuple(placed.items()),
    )


def _cells(
    kind: Kind[Row],
    line: int,
    written: Sequence[str],
    places: Mapping[str, int],
    findings: Findings,
) -> dict[str, Any] | None:
    """The cells of a row by column, or None with what is wrong noted at its cell."""
    texts = {name: written[places[name]].strip() if name in places else "" for name in kind.about}
    faults = [*_words(kind, texts), *kind.alone(texts)]
    numbers: dict[str, float | None] = {}
    bad = False
    for name in kind.numbers:
        try:
            column = Column(name, "covariate", "number", "", "")
            numbers[name] = number(texts[name], column) if texts[name] else None
        except CellError as fault:
            bad = True
            said = f"{str(fault).split(' Nothing is filled in')[0]} {kind.without_number}"
            findings.add(fault.kind, line, said, cell=places[name], column=name)
    if not faults and not bad:
        faults = list(kind.together(texts, numbers))
    for name, message in faults:
        findings.add(name, line, f"{name}: {message}", cell=places[name], column=name)
    return None if faults or bad else {**texts, **numbers}


def _words(kind: Kind[Row], texts: Texts) -> Iterator[tuple[str, str]]:
    """What is empty and must not be, and words that are not known."""
    for name, text in texts.items():
        known = kind.words.get(name)
        if not text:
            if name not in (*kind.numbers, *kind.may_be_empty, *kind.may_lack):
                yield name, f"is empty. Write {kind.about[name]}."
        elif known and text not in known:
            before, after = kind.not_enough
            if name == "certainty" and before:
                yield name, f"{text!r} is not enough. {before}: {', '.join(known)}.{after}"
            else:
                yield name, f"{text!r} is not known.{did_you_mean(text, known)}"


def content_of(path: Path, shown: str) -> bytes:
    """The bytes of a table.

    Raises
    ------
    DataError : when there is none, or it cannot be read.
    """
    return file_content(path, shown, missing="no such file. Name the table.")


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


def _description_of(
    kind: Kind[Row], path: Path, root: Path | None
) -> tuple[Description, Located, str]:
    """The description beside a table, where its keys stand, and the hash of its bytes.

    Raises
    ------
    DataError : with every fault found.
    """
    beside = description_path(path, shown_in(path, root))
    located = read(beside, shown_in(beside, root), DataError)
    if "kind" not in located.content:
        message = f'kind: is missing. Write kind = "{kind.name}".'
        raise DataError(Fault(located.file, None, None, message))
    described, known = located.parse(kind.model), list(kind.about)
    faults = [
        located.fault(
            ("columns", name), f"no such column here.{did_you_mean(name, list(kind.about))}"
        )
        for name in described.columns
        if name not in known
    ]
    if described.file not in (None, path.name):
        faults.append(located.fault(("file",), f"is {described.file!r}, not {path.name!r}."))
    if faults:
        raise DataError(faults)
    return described, located, hashlib.sha256(located.written).hexdigest()


def _cells_of(table: Table, findings: Findings, kind: Kind[Any]) -> dict[str, int]:
    """Index of each column of the table; strangers and doubles are noted.

    Raises
    ------
    DataError : when a column is missing, with all that was noted.
    """
    about = kind.about
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
    missing = [name for name in about if name not in (*places, *kind.may_lack)]
    for name in missing:
        message = (
            f"no column {name!r} ({about[name]}). Add it; cells may be empty where it says so."
        )
        findings.add("missing column", table.header_line, message)
    if missing:
        raise DataError(findings.faults())
    return places
