"""A plan as far as a table of people or of survey answers tells it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Final, Literal

import numpy as np

from evaluation.data.cells import day_text
from evaluation.data.description import in_words
from evaluation.data.read import read_records
from evaluation.data.records import Records
from evaluation.data.toml_places import shown_in
from evaluation.errors import PlanError
from evaluation.fact import Fact, fact

Design = Literal["individual", "survey"]
DESIGNS: Final[dict[str, Design]] = {"people": "individual", "survey": "survey"}
# Outcomes that a plan begins with.
_MOST: Final = 5


def plan_from_records(
    slug: str, data: Path, root: Path, *, design: str | None, unit: str, start: str
) -> tuple[str, str, tuple[Fact, ...], bool]:
    """The plan of a table of people or answers, its title, what is to be said, and whether the
    start is to be written yet.

    Parameters
    ----------
    data, slug, root, design, unit, start : as of `plan_from_data`.

    Raises
    ------
    DataError : with every fault of the table. PlanError : when it is of another kind than the
        design, or a unit is named.
    """
    records = read_records(data, root)
    shown = shown_in(data, root)
    own = DESIGNS.get(records.kind)
    if own is None or (design is not None and design != own):
        of = f"use --design {own}" if own else "name the table of the people, which names it"
        raise PlanError(f"{shown}: is a table of {records.kind}: {of}.")
    if unit:
        raise PlanError("--unit: is for tables of outcomes by unit and period. Leave it out.")
    outcomes = list(_outcomes(records))[:_MOST]
    if not outcomes:
        raise PlanError(f"{shown}: has no column of role outcome, time or item.")
    begun = start or _start(records)
    first = in_words(outcomes[0])
    title = f"{first}, {records.provenance.name}"
    people = own == "individual"
    question = (
        f"Did those who took part have less of this than similar people: {first}?"
        if people
        else f"Did residents answer otherwise where the program worked: {first}?"
    )
    text = _template().format(
        slug=slug,
        data=shown,
        data_text=_text(shown),
        design=own,
        goal=2 if people else 3,
        question=_text(question),
        title=_text(title),
        outcomes="\n".join(
            _outcome(name, primary=number == 0, better="lower" if people else "higher")
            for number, name in enumerate(outcomes)
        ),
        start=_text(begun),
        start_words=(
            "The month in which the first treated person entered, as the table has it."
            if people
            else "Written as the waves are. The first wave from then on counts as after."
        ),
    )
    facts = (fact(f"newplan.design.{own}"), fact(f"newplan.outcomes.{own}", names=tuple(outcomes)))
    return text, title, facts, not begun


def _template() -> str:
    folder = files("evaluation.study").joinpath("templates")
    return str(folder.joinpath("plan_from_records.toml").read_text("utf-8"))


def _outcomes(records: Records) -> Iterator[str]:
    """Columns that may be outcomes; of a survey the scales before single items."""
    scales = records.scales()
    yield from scales
    for role in ("time", "outcome", "item"):
        yield from (one.name for one in records.named(role) if not one.scale)


def _start(records: Records) -> str:
    """The first month with a treated entry, or the second of two waves; "" where it is open."""
    if records.kind == "people":
        treated = records.values_of(records.named("treatment")[0].name) == 1
        entries = records.values_of(records.named("entry")[0].name)[treated]
        return day_text(float(np.nanmin(entries)))[:7] if entries.size else ""
    waves = sorted(set(records.values_of(records.named("wave")[0].name)))
    return str(waves[1]) if len(waves) == 2 else ""


def _outcome(name: str, *, primary: bool, better: str) -> str:
    lines = [
        *(["# One table for each outcome; the answer rests on the primary one."] * primary),
        "[[outcomes]]",
        f"column = {_text(name)}",
        f'better = "{better}"        # which direction is good: "lower" or "higher"',
        f"primary = {'true' if primary else 'false'}",
        "worthwhile = 10         # the smallest change in percent that would be worth having",
        "",
    ]
    return "\n".join(lines)


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)
