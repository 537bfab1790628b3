"""Which cities ran a program, and when: one row an episode, with its source and certainty.

Who is treated in a study of cities is read from such a table (`treated.py`) and typed nowhere.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from evaluation.data.adoption_cells import ABOUT, ROLES, read_row
from evaluation.data.description import description_path
from evaluation.data.findings import Findings
from evaluation.data.located import did_you_mean, read, shown_in
from evaluation.data.panel import Provenance, Sensitivity
from evaluation.data.place_id import PlaceId
from evaluation.data.table import Table, read_csv
from evaluation.errors import DataError, Fault

KIND: Final = "adoption of programs"
Text = Annotated[str, Field(min_length=1)]


class _Table(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class _Column(_Table):
    about: Text


class _Description(_Table):
    name: Text
    file: Text | None = None
    kind: Literal["adoption of programs"]
    key: Annotated[list[Text], Field(min_length=1)]
    source: Text
    licence: Text
    sensitivity: Sensitivity
    notes: str = ""
    places: dict[Text, PlaceId] = {}
    columns: dict[Text, _Column] = {}


@dataclass(frozen=True, slots=True)
class Episode:
    """One program of one agency, or that none was found.

    Parameters
    ----------
    ori : the agency's identifier at the FBI, or "". first_month : like 2012-10 or 2012, or "" when
        there was none or its date is not known. first_certainty : "month", "year", "uncertain" or
        "". last_month : when it ended, or "". level, role, certainty : words of `adoption_cells`.
        dated : how the first month is known. line : in the table.
    """

    agency: str
    ori: str
    program: str
    first_month: str
    first_certainty: str
    last_month: str
    level: str
    role: str
    scope: str
    other_programs: str
    certainty: str
    dated: str
    source: str
    url: str
    note: str
    line: int


@dataclass(frozen=True, slots=True)
class AdoptionTable:
    """The episodes of a table, in its order, and where it comes from."""

    episodes: tuple[Episode, ...]
    provenance: Provenance

    def agencies(self) -> dict[str, tuple[Episode, ...]]:
        """The episodes of each agency by its name, the earliest first."""
        found: dict[str, list[Episode]] = {}
        for episode in self.episodes:
            found.setdefault(episode.agency, []).append(episode)
        return {
            agency: tuple(sorted(episodes, key=lambda one: one.first_month))
            for agency, episodes in found.items()
        }


def read_adoption(path: Path | str, root: Path | None = None) -> AdoptionTable:
    """The episodes in a CSV file, described by the `dataset.toml` beside it.

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
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise DataError(Fault(shown, None, None, "no such file. Name the table.")) from None
    except OSError as fault:
        raise DataError(Fault(shown, None, None, f"cannot be read ({fault.strerror}).")) from None
    beside = description_path(path, shown)
    description, digest = _description(beside, shown_in(beside, root), path.name)
    table, findings = read_csv(content, shown)
    places = _places(table, findings)
    episodes = [
        Episode(**texts, line=line)
        for line, cells in table.rows
        if (texts := read_row(line, cells, places, findings)) is not None
    ]
    if not table.rows and not findings.faults():
        findings.add("no rows", table.header_line, "no rows follow the header. Add them.")
    _check_together(episodes, places, findings)
    agencies = sorted({one.agency for one in episodes})
    strange = [name for name in description.places if name not in agencies]
    faults = findings.faults()
    if strange and not faults:
        located = read(beside, shown_in(beside, root), DataError)
        faults = [
            located.fault(
                ("places", name), f"no such agency in {path.name}.{did_you_mean(name, agencies)}"
            )
            for name in strange
        ]
    if faults:
        raise DataError(faults)
    return AdoptionTable(
        tuple(episodes),
        Provenance(
            name=description.name,
            file=path.name if root is None else shown,
            sha256=hashlib.sha256(content).hexdigest(),
            description_file=beside.name if root is None else shown_in(beside, root),
            description_sha256=digest,
            rows=len(episodes),
            source=description.source,
            licence=description.licence,
            sensitivity=description.sensitivity,
            notes=description.notes,
            places=tuple(description.places.items()),
        ),
    )


def describes_adoption(data_path: Path) -> bool:
    """Whether the description beside a table is one of adoption; False without one."""
    try:
        path = description_path(data_path, data_path.name)
        return bool(read(path, path.name, DataError).content.get("kind") == KIND)
    except DataError:
        return False


def adoption_summary(table: AdoptionTable) -> str:
    """What a table of adoption holds, for the command line."""
    agencies = table.agencies()
    roles = Counter(one.role for one in table.episodes)
    known = Counter(one.certainty for one in table.episodes)
    dated = Counter(one.first_certainty for one in table.episodes if one.first_certainty)
    ended = sum(bool(one.last_month) for one in table.episodes)
    without = sorted(name for name, episodes in agencies.items() if not episodes[0].ori)
    lines = [
        f"{table.provenance.file} is good.",
        f"  {len(table.episodes)} rows of {len(agencies)} agencies",
        f"  roles: {', '.join(f'{roles[role]} {role}' for role in ROLES if roles[role])}",
        f"  first month known to the: {', '.join(f'{n} {word}' for word, n in dated.items())}",
        f"  an end is known of {ended}",
        f"  how known: {', '.join(f'{n} {word}' for word, n in known.most_common())}",
    ]
    if without:
        lines.append(f"  no ORI, so found by name alone: {', '.join(without)}")
    lines += [
        f"  source: {' '.join(table.provenance.source.split())}",
        f"  notes: {' '.join(table.provenance.notes.split())}",
        f"  sha256: {table.provenance.sha256}",
    ]
    return "\n".join(lines)


def _description(path: Path, shown: str, data_name: str) -> tuple[_Description, str]:
    located = read(path, shown, DataError)
    if "kind" not in located.content:
        message = f'kind: is missing. Write kind = "{KIND}".'
        raise DataError(Fault(shown, None, None, message))
    described = located.parse(_Description)
    faults = [
        located.fault(("columns", name), f"no such column here.{did_you_mean(name, list(ABOUT))}")
        for name in described.columns
        if name not in ABOUT
    ]
    if described.file not in (None, data_name):
        faults.append(located.fault(("file",), f"is {described.file!r}, not {data_name!r}."))
    if faults:
        raise DataError(faults)
    return described, hashlib.sha256(path.read_bytes()).hexdigest()


def _places(table: Table, findings: Findings) -> dict[str, int]:
    """Index of each column of the table; strangers, doubles and what is missing are noted."""
    places: dict[str, int] = {}
    for index, written in enumerate(table.header):
        name = written.strip()
        if name in places:
            message = f"column {name!r} is there twice. Remove one of the two."
            findings.add("column twice", table.header_line, message, cell=index)
        elif name not in ABOUT:
            message = f"column {name!r} is not known.{did_you_mean(name, list(ABOUT))}"
            findings.add("unknown column", table.header_line, message, cell=index)
        else:
            places[name] = index
    missing = [name for name in ABOUT if name not in places]
    for name in missing:
        findings.add(
            "missing column", table.header_line, f"no column {name!r} ({ABOUT[name]}). Add it."
        )
    if missing:
        raise DataError(findings.faults())
    return places


def _check_together(episodes: list[Episode], places: dict[str, int], findings: Findings) -> None:
    """What only several rows show: a row twice, an agency with two identifiers or two roles."""
    seen: dict[tuple[str, str, str], int] = {}
    oris: dict[str, Episode] = {}
    names: dict[str, Episode] = {}
    for one in episodes:
        line = seen.setdefault((one.agency, one.program, one.first_month), one.line)
        if line != one.line:
            message = f"{one.agency}, {one.program} is on line {line} already. Keep one of the two."
            findings.add("duplicate", one.line, message, cell=places["program"])
        before = names.setdefault(one.agency, one)
        if before.ori != one.ori:
            message = (
                f"ori: {one.agency} has {before.ori or 'none'!r} on line {before.line}, and "
                f"{one.ori or 'none'!r} here. Write the same in every row."
            )
            findings.add("two identifiers", one.line, message, cell=places["ori"])
        elif one.ori and (other := oris.setdefault(one.ori, one)).agency != one.agency:
            message = f"ori: {one.ori} is {other.agency} on line {other.line}. Correct one."
            findings.add("two agencies", one.line, message, cell=places["ori"])
        if "control" in (before.role, one.role) and before is not one:
            message = (
                f"role: {one.agency} is a control and has another row (line {before.line}). A city "
                "with a program is no control before or after it; remove the row of the control."
            )
            findings.add("control and program", one.line, message, cell=places["role"])
