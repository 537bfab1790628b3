"""Which cities ran a program, and when: one row an episode, with its source and certainty.

Who is treated in a study of cities is read from such a table (`treated.py`) and typed nowhere.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from evaluation.data.adoption_cells import ABOUT, ROLES, read_row
from evaluation.data.findings import Findings
from evaluation.data.panel import Provenance
from evaluation.data.table import read_csv
from evaluation.data.told_table import (
    PlacedDescription,
    cells_of,
    content_of,
    description_of,
    is_of_kind,
    provenance_of,
)
from evaluation.data.toml_places import did_you_mean, shown_in
from evaluation.errors import DataError

KIND: Final = "adoption of programs"


class _Description(PlacedDescription):
    kind: Literal["adoption of programs"]


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
    content = content_of(path, shown)
    described = description, located, _ = description_of(path, root, _Description, KIND, ABOUT)
    table, findings = read_csv(content, shown)
    places = cells_of(table, findings, ABOUT)
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
        provenance_of(path, root, content, described, len(episodes)),
    )


def describes_adoption(data_path: Path) -> bool:
    """Whether the description beside a table is one of adoption; False without one."""
    return is_of_kind(data_path, KIND)


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
