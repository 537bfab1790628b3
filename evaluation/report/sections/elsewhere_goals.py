"""Goal by goal what was evaluated and what is only on record, and what is shown apart.

What is on record is no result. It stands in tables of its own, each row with what speaks against
it, and no sentence here names a cause.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from evaluation.data.project import Project
from evaluation.report import words
from evaluation.report.blocks import (
    Block,
    BulletList,
    Code,
    Header,
    Heading,
    Paragraph,
    Strong,
    Table,
    Text,
)
from evaluation.report.sections.elsewhere_table import printed

if TYPE_CHECKING:
    from evaluation.synthesis.result import Elsewhere, Recorded, Told

NONE_FOUND = "No evaluation was found. "
_PREFIX = {"exact": "", "about": "about ", "almost": "almost ", "more than": "more than "}


def goal_blocks(found: Elsewhere, project: Project) -> list[Block]:
    """For each goal how much was evaluated, in other places and at home, and what is on record."""
    blocks: list[Block] = [
        Heading(2, "Goal by goal: what was evaluated, and what is on record", "goals")
    ]
    for goal, name in words.GOALS.items():
        blocks += [Heading(3, f"Goal {goal}: {name}", f"goal-{goal}"), *_goal(found, project, goal)]
    return blocks


def apart_blocks(found: Elsewhere) -> list[Block]:
    """The results that enter no count and no average, by why they do not."""
    blocks: list[Block] = []
    for approach, rows in found.apart():
        # What several rows say alike is said once.
        notes = ["", *(row.note for row in rows)]
        items = [_apart(row, told=row.note == was) for row, was in zip(rows, notes, strict=False)]
        title = f"{_APART[approach][0]}: {_APART[approach][1]}"
        blocks += [Paragraph((Strong(title),)), BulletList(tuple(items))]
    if not blocks:
        return []
    return [Heading(2, "Shown apart, and not counted", "apart"), *blocks]


_APART = {
    "services beside it": (
        "Services beside such a program",
        "what a city offered beside the program, judged without it.",
    ),
    "another idea": (
        "Programs with another idea",
        "they aim at the same violence, or at trust, by other means.",
    ),
}


def _apart(row: Told, *, told: bool) -> Text:
    note = f" {words.sentence(row.note)}" if row.note and not told else ""
    return (
        Strong(f"{words.capital(row.site)}, {row.program}: "),
        f"{row.outcome}: {row.found}, {printed(row)}.{note}",
    )


def _goal(found: Elsewhere, project: Project, goal: int) -> list[Block]:
    blocks: list[Block] = [Paragraph(_evaluated(found, project, goal))]
    rows = found.on_record(goal)
    if rows:
        blocks.append(_table(goal, rows, found.records.file if found.records else ""))
    return blocks


def _evaluated(found: Elsewhere, project: Project, goal: int) -> Text:
    """How many results there are for a goal, or that there is none of the home's program."""
    of_goal = [row for row in found.results if row.goal == goal]
    away = [row for row in of_goal if found.counted(row)]
    home = [row for row in of_goal if found.at_home(row)]
    where = "in other places" if found.home else "in all places"
    said = f"{_results(len(away))} of focused deterrence {where}."
    program = project.names.program or "the program"
    if found.home and not home:
        return (
            Strong(NONE_FOUND),
            f"Nobody whose work we found has estimated what {program} did to this in {found.home}. "
            f"There {'is' if len(away) == 1 else 'are'} {said}",
            _beneath(found, goal),
        )
    if found.home:
        beside = sum(not row.focused for row in home)
        said += f" {_results(len(home)).capitalize()} about {found.home}"
        said += f", {beside} of them about services beside {program}." if beside else "."
    return (words.sentence(words.capital(said)), _beneath(found, goal))


def _beneath(found: Elsewhere, goal: int) -> str:
    if not found.on_record(goal):
        return ""
    return (
        " What stands beneath is on record: counts, findings and answers of others, with what "
        "speaks against each. None of it is a result, and none of it tells why anything changed."
    )


def _results(count: int) -> str:
    return f"{count or 'no'} result{'s' * (count != 1)}"


def _table(goal: int, rows: tuple[Recorded, ...], file: str) -> Table:
    places = list(dict.fromkeys(row.site for row in rows))
    return Table(
        key=f"on-record-{goal}",
        caption=f"On record for goal {goal} in {', '.join(places)}, from {file}; none is a result",
        headers=(
            Header("What is on record"),
            Header("When"),
            Header("Number"),
            Header("Who counted or said it"),
            Header("What speaks against it"),
            Header("Where it was read"),
        ),
        rows=tuple(_row(row, several=len(places) > 1) for row in rows),
    )


def _row(row: Recorded, *, several: bool) -> tuple[Text, ...]:
    where = f"{row.site}: " if several else ""
    note = f" {words.sentence(row.note)}" if row.note else ""
    known = row.certainty.removeprefix("read in ")
    return (
        (Strong(f"{where}{row.what}"), f".{note}"),
        (_when(row),),
        (number(row),),
        (words.sentence(row.counted_by),),
        (words.sentence(row.doubt),),
        (f"{words.sentence(row.source)} Read in: {row.read_in} ({known}).",),
    )


def number(row: Recorded) -> str:
    """The number with its unit as a reader says it, or that there is none."""
    if row.value is None:
        return "No number"
    if row.is_change:
        said = words.signed_percent(row.value)
    elif row.unit.startswith("%"):
        said = f"{words.number(row.value)}{row.unit}"
    else:
        said = f"{words.number(row.value)} {row.unit}"
    margin = "" if row.margin is None else f" (±{words.number(row.margin)} points)"
    return words.capital(f"{_PREFIX[row.exactness]}{said}{margin}")


def _when(row: Recorded) -> str:
    """The time, or the two times that are set beside one another."""
    begins, ends = _span(row.begins), _span(row.ends)
    if row.is_change:
        return f"{begins}, and {ends}"
    if begins and ends:
        return begins if begins == ends else f"{begins} to {ends}"
    if begins:
        return f"Since {begins}"
    return f"By {ends}" if ends else "Not known"


def _span(written: str) -> str:
    """A span of months as words: January 2012 to June 2012."""
    parts = [words.period_words(part) for part in written.split(" to ") if part]
    return " to ".join(parts)


def evaluators_part(found: Elsewhere) -> Text:
    """For how many results it is known whether the evaluators had part in the program or ties."""
    yes = sum(row.evaluators_part == "yes" for row in found.results)
    no = sum(row.evaluators_part == "no" for row in found.results)
    unknown = len(found.results) - yes - no
    return (
        Strong("Evaluators' part. "),
        "Who helps to build a program, or believes in its strategy, may judge it more kindly. For "
        f"{yes or 'none'} of these results the evaluators had part in the program or have ties to "
        f"the strategy; for {no or 'none'} it was read that they have neither; for {unknown} "
        "nothing about it was read. The table says why, in the column ",
        Code("evaluators_part"),
        ".",
    )
