"""What officials, courts and polls have on record about a program, as a table of its own kind.

None of it is a result: no one estimated what the program did. Each row has what speaks against it
beside what it says, and nothing here can enter a count of evaluations or a mean.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from evaluation.data.findings import Findings
from evaluation.data.labels import drawn, place_fault
from evaluation.data.panel import Provenance
from evaluation.data.published_cells import CERTAINTIES, GOALS
from evaluation.data.told_table import Description, Kind, Numbers, Texts, read_told

# The table of a project, from its folder.
ON_RECORD: Final = "data/public/on_record.csv"
# What a record is about.
ABOUTS: Final = (
    "oversight",
    "force",
    "complaints",
    "claims",
    "shootings by police",
    "stops",
    "trust",
    "services",
    "program",
    "violence",
)
EXACTNESSES: Final = ("exact", "about", "almost", "more than")
CHANGE: Final = "% change"

# Every column with what it holds, in the order a table should have them.
ABOUT: Final[Mapping[str, str]] = {
    "place": "id of the place, like us-ca-oakland",
    "site": "what a sentence calls the place",
    "goal": "which of the three goals it bears on: 1 violence, 2 participants, 3 trust",
    "about": "what kind of thing it is",
    "what": "what is on record",
    "from": "when it begins, or the time it is set against, like 2012-01 to 2012-06; may be empty",
    "to": "when it ends, or when it was counted, written alike; may be empty",
    "value": "the number; may be empty",
    "exactness": "how the source gives the number; empty without one",
    "unit": "of the number, like % change or people; empty without one",
    "margin": "of a poll, in points each way, as printed; may be empty",
    "counted_by": "who counted, asked or said it",
    "source": "what was published",
    "read_in": "where it was read",
    "certainty": "how it is known",
    "doubt": "what speaks against it, or what it does not say",
    "note": "anything else; may be empty",
}
_WORDS: Final[Mapping[str, Sequence[str]]] = {
    "goal": GOALS,
    "about": ABOUTS,
    "exactness": EXACTNESSES,
    "certainty": CERTAINTIES,
}
_NUMBERS: Final = ("value", "margin")
_MAY_BE_EMPTY: Final = ("from", "to", "exactness", "unit", "note")
_PERIOD: Final = "[12][0-9]{3}(?:-(?:0[1-9]|1[0-2]))?"
_SPAN = re.compile(f"({_PERIOD})(?: to ({_PERIOD}))?")


class _Description(Description):
    kind: Literal["on record"]


@dataclass(frozen=True, slots=True)
class Recorded:
    """One thing that is on record about a program; it is no result.

    Parameters
    ----------
    place, site : id of the place, and what a sentence calls it. goal : 1, 2 or 3. about : a word of
        `ABOUTS`. what : in words.
    begins, ends : columns from and to; of a change the two times that are set beside one another.
    value : the number, or None; exactness, unit : of it. margin : of a poll, in points each way.
    counted_by : who counted, asked or said it. source, read_in, certainty : as for `Published`.
    doubt : what speaks against it. note : or "".
    """

    place: str
    site: str
    goal: int
    about: str
    what: str
    begins: str
    ends: str
    value: float | None
    exactness: str
    unit: str
    margin: float | None
    counted_by: str
    source: str
    read_in: str
    certainty: str
    doubt: str
    note: str

    @property
    def is_change(self) -> bool:
        """Whether the number is a change from one time to another."""
        return self.unit == CHANGE


@dataclass(frozen=True, slots=True)
class OnRecord(Recorded):
    """The same with its line in the table."""

    line: int


@dataclass(frozen=True, slots=True)
class RecordTable:
    """What is on record, in the order of the table, and where it comes from."""

    rows: tuple[OnRecord, ...]
    provenance: Provenance


def read_on_record(path: Path | str, root: Path | None = None) -> RecordTable:
    """What is on record in a CSV file, read by `read_told`."""
    return RecordTable(*read_told(RECORD, path, root))


def on_record_summary(table: RecordTable) -> str:
    """What a table of what is on record holds, for the command line."""
    goals = Counter(row.goal for row in table.rows)
    known = Counter(row.certainty for row in table.rows)
    numbers = sum(row.value is not None for row in table.rows)
    places = {row.place: row.site for row in table.rows}
    lines = [
        f"{table.provenance.file}: {len(table.rows)} things on record, none of them a result",
        f"  places: {', '.join(f'{site} ({place})' for place, site in places.items())}",
        *(f"  goal {goal}: {goals[goal]}" for goal in sorted(goals)),
        f"  {numbers} with a number; every one with what speaks against it",
        f"  how known: {', '.join(f'{n} {word}' for word, n in known.most_common())}",
    ]
    return "\n".join(lines)


def months_of(span: str) -> tuple[str, str]:
    """First and last month of a span that was checked.

    Examples
    --------
    >>> months_of("2012"), months_of("2012-01 to 2012-06")
    (('2012-01', '2012-12'), ('2012-01', '2012-06'))
    """
    first, _, last = span.partition(" to ")
    last = last or first
    return (first if len(first) > 4 else f"{first}-01", last if len(last) > 4 else f"{last}-12")


def _alone(texts: Texts) -> Iterator[tuple[str, str]]:
    """What is wrong with the place and with each time by itself."""
    if texts["place"] and (message := place_fault(texts["place"])):
        yield "place", message
    for name in ("from", "to"):
        if texts[name]:
            yield from ((name, message) for message in _span_faults(texts[name]))


def _span_faults(text: str) -> Iterator[str]:
    match = _SPAN.fullmatch(text)
    if not match:
        yield f"{text!r} is no time. Write it like 2012, 2012-06 or 2012-01 to 2012-06."
    elif months_of(text)[1] < months_of(text)[0]:
        yield f"{text!r} ends before it begins. Exchange the two."


def _together(texts: Texts, numbers: Numbers) -> Iterator[tuple[str, str]]:
    """What is wrong between cells of which each by itself is right."""
    value, margin, unit = numbers["value"], numbers["margin"], texts["unit"]
    begins, ends = texts["from"], texts["to"]
    if value is None:
        for name in ("exactness", "unit", "margin"):
            if texts[name]:
                yield name, "is given without a value. Write the value, or remove it."
    else:
        for name in ("exactness", "unit"):
            if not texts[name]:
                yield name, f"is empty beside a value. Write {ABOUT[name]}."
        if unit == CHANGE and not (begins and ends):
            empty = "to" if begins else "from"
            yield empty, "is empty. A change is from one time to another; write both."
        if unit == CHANGE and value < -100:
            yield "value", f"is {value:g} %. Nothing falls by more than 100 %; correct it."
        if unit.startswith("%") and unit != CHANGE and not 0 <= value <= 100:
            yield "value", f"is {value:g} %. A share is from 0 to 100; correct it."
        if not unit.startswith("%") and unit and value < 0:
            yield "value", f"is {value:g}. A number of {unit} is not below zero; correct it."
    if margin is not None and margin <= 0:
        yield "margin", f"is {margin:g}. A margin is more than zero; correct it."
    if begins and ends and months_of(ends)[1] < months_of(begins)[0]:
        yield "to", f"{ends} is before {begins}. Exchange them."


def _row(cells: Mapping[str, Any], line: int) -> OnRecord:
    named = {name: cells[name] for name in ABOUT if name not in ("from", "to", "goal")}
    times = {"begins": cells["from"], "ends": cells["to"]}
    return OnRecord(**named, **times, goal=int(cells["goal"]), line=line)


def _rows(rows: Sequence[OnRecord], places: Mapping[str, int], findings: Findings) -> None:
    """What only several rows show: a thing twice, a place of two names."""
    seen: dict[tuple[str, ...], int] = {}
    named: dict[str, OnRecord] = {}
    for row in rows:
        key = (row.place, drawn(row.what), row.begins, row.ends)
        line = seen.setdefault(key, row.line)
        if line != row.line:
            message = f"what: is on line {line} already, of the same time. Keep one of the two."
            findings.add("duplicate", row.line, message, cell=places["what"])
        first = named.setdefault(row.place, row)
        if first.site != row.site:
            message = (
                f"site: {row.place} is called {first.site!r} on line {first.line}. Write one name."
            )
            findings.add("two names", row.line, message, cell=places["site"])


RECORD: Final = Kind(
    name="on record",
    model=_Description,
    about=ABOUT,
    words=_WORDS,
    numbers=_NUMBERS,
    may_be_empty=_MAY_BE_EMPTY,
    without_number="Leave the cell empty where no number was given.",
    not_enough=("Only what was read stands here", ""),
    alone=_alone,
    together=_together,
    row=_row,
    rows=_rows,
)
