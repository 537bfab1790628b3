"""Which cities ran a program, and when: one row an episode, with its source and certainty.

Who is treated in a study of cities is read from such a table (`treated.py`) and typed nowhere. What
a plan says of programs before anyone is treated: which count, and what an end means.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, get_args

from evaluation.data.findings import Findings
from evaluation.data.panel import Provenance
from evaluation.data.told_table import Kind, Numbers, PlacedDescription, Texts, read_told
from evaluation.data.toml_places import did_you_mean
from evaluation.errors import DataError

# How much of the city a program was for, the widest first. `none`: no program, or none against the
# violence in question.
LEVELS: Final = ("city", "part", "small", "none", "unknown")
# What a city is on account of the row: an adopter for certain, one in part or with doubt, one in
# which no sign of a program was found, or one that is good for neither.
ROLES: Final = ("adopter", "partial", "control", "left out")
DATED: Final = ("month", "year", "uncertain")
CERTAINTIES: Final = (
    "read",
    "listing only",
    "second hand",
    "recalled",
    "searched, nothing found",
    "not searched",
)
# What was looked for and not found is no program that was found.
OF_NOTHING: Final = CERTAINTIES[-2:]

# Every column with what it holds, in the order a table should have them.
ABOUT: Final[Mapping[str, str]] = {
    "agency": "the police agency, spelled as in the tables of outcomes",
    "ori": "its identifier at the FBI, seven places; may be empty",
    "program": "what was run, or that nothing was found",
    "first_month": "when it began, like 2012-10, or 2012; empty without a program",
    "first_certainty": "how well that is known: month, year or uncertain",
    "last_month": "when it ended; empty when it goes on or its end was not read",
    "level": "how much of the city it was for: city, part, small, none or unknown",
    "role": "adopter, partial, control or left out",
    "scope": "where and for whom, in words; may be empty",
    "other_programs": "what else ran at the time; may be empty",
    "certainty": "how the row is known",
    "dated": "how its first month is known, in words; may be empty",
    "source": "where it was read; may be empty when nothing was searched",
    "url": "its address; may be empty",
    "note": "may be empty",
}
_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "first_certainty": DATED,
    "level": LEVELS,
    "role": ROLES,
    "certainty": CERTAINTIES,
}
_NEEDED: Final = ("agency", "program", "level", "role", "certainty")
_ORI = re.compile(r"[A-Z]{2}[A-Z0-9]{5}")
_DATE = re.compile(r"(?:19|20)[0-9]{2}(?:-(?:0[1-9]|1[0-2]))?")


class _Description(PlacedDescription):
    kind: Literal["adoption of programs"]


@dataclass(frozen=True, slots=True)
class Episode:
    """One program of one agency, or that none was found.

    Parameters
    ----------
    ori : the agency's identifier at the FBI, or "". first_month : like 2012-10 or 2012, or "" when
        there was none or its date is not known. first_certainty : "month", "year", "uncertain" or
        "". last_month : when it ended, or "". level, role, certainty : words of this module.
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
    """The episodes in a CSV file, read by `read_told`."""
    return AdoptionTable(*read_told(ADOPTION, path, root))


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


def _alone(texts: Texts) -> Iterator[tuple[str, str]]:
    """What is wrong with each cell by itself."""
    for name in ("first_month", "last_month"):
        if texts[name] and not _DATE.fullmatch(texts[name]):
            yield (
                name,
                f"{texts[name]!r} is no month. Write it like 2012-10, or 2012 when the month is "
                "not known.",
            )
    if texts["ori"] and not _ORI.fullmatch(texts["ori"]):
        yield "ori", f"{texts['ori']!r} is no identifier of seven places, such as CA00109."
    if texts["url"] and not re.match(r"https?://\S+$", texts["url"]):
        yield "url", f"{texts['url'][:40]!r} is no address. Write it from https:// on."


def _together(texts: Texts, _: Numbers) -> Iterator[tuple[str, str]]:
    """What is wrong between cells of which each by itself is right."""
    first, last, dated = texts["first_month"], texts["last_month"], texts["first_certainty"]
    role, level, certainty = texts["role"], texts["level"], texts["certainty"]
    if first and not dated:
        yield "first_certainty", f"is empty beside {first}. Write {', '.join(DATED)}."
    if dated and not first:
        yield "first_certainty", f"is {dated!r} without a first month. Write that, or remove it."
    if (dated, len(first)) in (("month", 4), ("year", 7)):
        yield "first_certainty", f"is {dated!r}, but the first month is {first}. Correct one."
    if last and not first:
        yield "last_month", f"is {last} without a first month. Write that, or remove it."
    elif last and last[: len(first)] < first[: len(last)]:
        yield "last_month", f"{last} is before {first}, when it began. Correct one of them."
    if role in ("adopter", "partial"):
        if not first:
            yield (
                "first_month",
                f"is empty. Where the role is {role} it has to be known; or the role is left out.",
            )
        if level not in ("city", "part"):
            yield "level", f"is {level!r}. Where the role is {role} it is city or part."
        if certainty in OF_NOTHING:
            yield "certainty", f"is {certainty!r}, but a program was found. Say how."
    elif role == "control":
        if level in ("city", "part"):
            yield "level", f"is {level!r}. A city with such a program is no control."
        if first and level != "small":
            yield "first_month", f"is {first}, but a control had no program, or a small one."
    if not texts["source"] and certainty != "not searched":
        yield "source", f"is empty. Name where it was {certainty.split(',')[0]}."


def _row(cells: Mapping[str, Any], line: int) -> Episode:
    return Episode(**cells, line=line)


def _rows(episodes: Sequence[Episode], places: Mapping[str, int], findings: Findings) -> None:
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


ADOPTION: Final = Kind(
    name="adoption of programs",
    model=_Description,
    about=ABOUT,
    words=_WORDS,
    may_be_empty=[name for name in ABOUT if name not in _NEEDED],
    alone=_alone,
    together=_together,
    row=_row,
    rows=_rows,
    placed=("agency", "agency"),
)


Level = Literal["city", "part", "small"]
Counted = Literal["adopter", "partial"]
Dated = Literal["month", "year", "uncertain"]
Ends = Literal["absorbing", "cut", "as written"]
Earlier = Literal["pass over", "leave out"]
Controls = Literal["all", "searched"]


@dataclass(frozen=True, slots=True)
class Choices:
    """What a plan says of programs before anyone is treated.

    Parameters
    ----------
    level : the narrowest program that treats a city: one for the city, for a part of it, or small.
    roles : "adopter" for those that are certain, also "partial" for the others.
    dates : how well the first month has to be known.
    ends : "absorbing" takes a city as treated from its first start on, whatever became of the
        program (intention to treat; ends are poorly known). "cut" ends the city's series with its
        first program. "as written" takes it as treated only while a program ran.
    washout : periods after an end in which nobody can say whether the city is treated; only with
        "as written".
    earlier : of a program that does not count and came before the one that does, inside the window.
        "pass over" names it and goes on; "leave out" leaves the city out, since its first program
        says what the city is.
    controls : "all" with no sign of a program, or only those that were "searched" for one.
    """

    level: Level = "city"
    roles: tuple[Counted, ...] = ("adopter",)
    dates: tuple[Dated, ...] = ("month", "year", "uncertain")
    ends: Ends = "absorbing"
    washout: int = 0
    earlier: Earlier = "pass over"
    controls: Controls = "all"

    def __post_init__(self) -> None:
        for name, known in (
            ("level", Level),
            ("ends", Ends),
            ("earlier", Earlier),
            ("controls", Controls),
        ):
            _refuse_unknown(name, getattr(self, name), get_args(known))
        for name, known in (("roles", Counted), ("dates", Dated)):
            words = getattr(self, name)
            if isinstance(words, str) or not words:
                raise DataError(f"adoption: {name} must be a list of one or more words")
            for word in words:
                _refuse_unknown(name, word, get_args(known))
        if isinstance(self.washout, bool) or not isinstance(self.washout, int) or self.washout < 0:
            raise DataError(f"adoption: washout must be periods, 0 or more; it is {self.washout!r}")
        if self.washout and self.ends != "as written":
            raise DataError(
                'adoption: washout is for ends = "as written", where a program can stop. Remove it.'
            )


def _refuse_unknown(name: str, word: object, known: Sequence[str]) -> None:
    if word not in known:
        raise DataError(f"adoption: {name}: {word!r} is not known.{did_you_mean(str(word), known)}")
