"""One row of a table of programs that cities ran: its words, its dates, and whether they agree.

What a plan says of programs before anyone is treated: which count, and what an end means.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

from evaluation.data.findings import Findings
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
WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "first_certainty": DATED,
    "level": LEVELS,
    "role": ROLES,
    "certainty": CERTAINTIES,
}
NEEDED: Final = ("agency", "program", "level", "role", "certainty")
_ORI = re.compile(r"[A-Z]{2}[A-Z0-9]{5}")
_DATE = re.compile(r"(?:19|20)[0-9]{2}(?:-(?:0[1-9]|1[0-2]))?")


def read_row(
    line: int, cells: Sequence[str], places: Mapping[str, int], findings: Findings
) -> dict[str, str] | None:
    """The texts of the row by column, or None with what is wrong noted at its cell."""
    texts = {name: cells[places[name]].strip() for name in ABOUT}
    faults = list(_alone(texts)) or list(_together(texts))
    for name, message in faults:
        findings.add(name, line, f"{name}: {message}", cell=places[name], column=name)
    return None if faults else texts


def _alone(texts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What is wrong with each cell by itself."""
    for name in NEEDED:
        if not texts[name]:
            yield name, f"is empty. Write {ABOUT[name]}."
    for name, known in WORDS.items():
        if texts[name] and texts[name] not in known:
            yield name, f"{texts[name]!r} is not known.{did_you_mean(texts[name], known)}"
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


def _together(texts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
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
