"""How units came to have the program, where chance decided it, and the day of freezing: what their
author says of both, and when it cannot be."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from evaluation.data.located import Located
from evaluation.errors import Fault
from evaluation.study.plan_phrases import closed, day
from evaluation.study.planned import Plan

Key = tuple[str | int, ...]
# Designs with units that were drawn beside units that were not.
DRAWN = ("did", "individual")


def assignment_faults(plan: Plan, located: Located) -> list[Fault]:
    """A lottery without its source, or in a design without anyone who was not drawn; a day of
    freezing that is still to come."""
    return [located.fault(path, words) for path, words in (*_lottery(plan), *_future(plan))]


def assignment_sentences(plan: Plan) -> Iterator[str]:
    """Who says that lots decided, where the plan says so."""
    if plan.assignment is not None and plan.assignment_source is not None:
        yield (
            "Who got the program was decided by lottery, by its author's word. Source: "
            f"{closed(plan.assignment_source)}"
        )


def _lottery(plan: Plan) -> Iterator[tuple[Key, str]]:
    if plan.assignment is None:
        if plan.assignment_source is not None:
            yield ("assignment_source",), 'is the source of assignment = "lottery"; write that too'
        return
    if plan.design not in DRAWN:
        words = (
            "a lottery is between some who were drawn and others who were not, which design = "
            f'"{plan.design}" does not compare; use design = "did" or "individual", or leave it out'
        )
        yield ("assignment",), words
    elif plan.assignment_source is None:
        words = (
            "a lottery needs its source: write assignment_source = "
            '"...", where it stands how the lots were drawn, by whom and when'
        )
        yield ("assignment",), words


def _future(plan: Plan) -> Iterator[tuple[Key, str]]:
    today = datetime.date.today()
    if plan.frozen is not None and plan.frozen > today:
        words = (
            f"{day(plan.frozen)} is still to come (today is {day(today)}); write the day on which "
            "you stop changing the plan"
        )
        yield ("frozen",), words
