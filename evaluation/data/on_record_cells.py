"""One row of what is on record about a program: its words, its times, and whether they agree."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from evaluation.data.cells import CellError, number
from evaluation.data.findings import Findings
from evaluation.data.panel import Column
from evaluation.data.place_id import place_fault
from evaluation.data.published_cells import CERTAINTIES, GOALS
from evaluation.data.toml_places import did_you_mean

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
WORDS: Final[Mapping[str, Sequence[str]]] = {
    "goal": GOALS,
    "about": ABOUTS,
    "exactness": EXACTNESSES,
    "certainty": CERTAINTIES,
}
NUMBERS: Final = ("value", "margin")
MAY_BE_EMPTY: Final = ("from", "to", "exactness", "unit", "note", *NUMBERS)
_PERIOD: Final = "[12][0-9]{3}(?:-(?:0[1-9]|1[0-2]))?"
_SPAN = re.compile(f"({_PERIOD})(?: to ({_PERIOD}))?")

Cells = dict[str, str | float | None]


def read_row(
    line: int, cells: Sequence[str], places: Mapping[str, int], findings: Findings
) -> Cells | None:
    """The cells of the row by column, or None with what is wrong noted at its cell."""
    texts = {name: cells[places[name]].strip() for name in ABOUT}
    numbers: dict[str, float | None] = {}
    faults = list(_alone(texts))
    for name in NUMBERS:
        try:
            numbers[name] = _number(name, texts[name])
        except CellError as fault:
            said = str(fault).split(" Nothing is filled in")[0]
            faults.append((name, f"{said} Leave the cell empty where no number was given."))
    faults = faults or list(_together(texts, numbers))
    for name, message in faults:
        findings.add(name, line, f"{name}: {message}", cell=places[name], column=name)
    return None if faults else {**texts, **numbers}


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


def _number(name: str, text: str) -> float | None:
    return number(text, Column(name, "covariate", "number", "", "")) if text else None


def _alone(texts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What is wrong with each cell by itself."""
    for name, text in texts.items():
        known = WORDS.get(name)
        if not text:
            if name not in MAY_BE_EMPTY:
                yield name, f"is empty. Write {ABOUT[name]}."
        elif name == "certainty" and text not in CERTAINTIES:
            yield (
                name,
                f"{text!r} is not enough. Only what was read stands here: "
                f"{', '.join(CERTAINTIES)}.",
            )
        elif known and text not in known:
            yield name, f"{text!r} is not known.{did_you_mean(text, known)}"
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


def _together(
    texts: Mapping[str, str], numbers: Mapping[str, float | None]
) -> Iterator[tuple[str, str]]:
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
