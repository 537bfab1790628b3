"""Goal by goal what was evaluated and what is only on record, and what is shown apart.

What is on record is no result. It stands in tables of its own, each row with what speaks against
it, and no sentence here names a cause.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from evaluation.data.project import Project
from evaluation.report import blocks as page
from evaluation.report import words
from evaluation.report.sections.beside_published import printed
from evaluation.say import ENGLISH, Language, say

if TYPE_CHECKING:
    from evaluation.data.on_record import Recorded
    from evaluation.synthesis.result import Elsewhere, Told


def goal_blocks(found: Elsewhere, project: Project) -> list[page.Block]:
    """For each goal how much was evaluated, in other places and at home, and what is on record."""
    blocks: list[page.Block] = [page.heading("elsewhere-goals.title", "goals")]
    for goal, name in words.GOALS.items():
        blocks += [
            page.heading("elsewhere-goals.goal", f"goal-{goal}", level=3, goal=goal, name=name),
            *_goal(found, project, goal),
        ]
    return blocks


def apart_blocks(found: Elsewhere) -> list[page.Block]:
    """The results that enter no count and no average, by why they do not."""
    blocks: list[page.Block] = []
    for approach, rows in found.apart():
        # What several rows say alike is said once.
        notes = ["", *(row.note for row in rows)]
        items = [_apart(row, told=row.note == was) for row, was in zip(rows, notes, strict=False)]
        title = f"{_APART[approach][0]}: {_APART[approach][1]}"
        blocks += [page.Paragraph((page.Strong(title),)), page.bullets(items)]
    if not blocks:
        return []
    return [page.heading("elsewhere-goals.shown-apart-and-not-counted", "apart"), *blocks]


_APART = {
    "services beside it": (
        say("elsewhere-goals.services-beside-such-program"),
        say("elsewhere-goals.what-city-offered-beside-program"),
    ),
    "another idea": (
        say("elsewhere-goals.programs-with-another-idea"),
        say("elsewhere-goals.they-aim-at-same-violence"),
    ),
}


def _apart(row: Told, *, told: bool) -> page.Text:
    note = f" {words.sentence(row.note)}" if row.note and not told else ""
    return (
        page.Strong(f"{words.capital(row.site)}, {row.program}: "),
        f"{row.outcome}: {row.found}, {printed(row)}.{note}",
    )


def _goal(found: Elsewhere, project: Project, goal: int) -> list[page.Block]:
    blocks: list[page.Block] = [page.Paragraph(_evaluated(found, project, goal))]
    rows = found.on_record(goal)
    if rows:
        blocks.append(_table(goal, rows, found.records.file if found.records else ""))
    return blocks


def _evaluated(found: Elsewhere, project: Project, goal: int) -> page.Text:
    """How many results there are for a goal, or that there is none of the home's program."""
    of_goal = [row for row in found.results if row.goal == goal]
    away = [row for row in of_goal if found.counted(row)]
    home = [row for row in of_goal if found.at_home(row)]
    where = say(
        "elsewhere-goals.in-other-places" if found.home else "elsewhere-goals.in-all-places"
    )
    said = say("elsewhere-goals.of-focused-deterrence", n_away=_results(len(away)), where=where)
    program = project.names.program or say("elsewhere-goals.program")
    if found.home and not home:
        return (
            page.strong("elsewhere-goals.no-evaluation-was-found"),
            say(
                "elsewhere-goals.nobody-whose-work-we-found",
                program=program,
                home=found.home,
                n_away=len(away),
                said=said,
            ),
            _beneath(found, goal),
        )
    if found.home:
        beside = sum(not row.focused for row in home)
        said += say(
            "elsewhere-goals.about", n_home=_results(len(home)).capitalize(), home=found.home
        )
        said += (
            say("elsewhere-goals.of-them-about-services-beside", beside=beside, program=program)
            if beside
            else "."
        )
    return (words.sentence(words.capital(said)), _beneath(found, goal))


def _beneath(found: Elsewhere, goal: int) -> str:
    if not found.on_record(goal):
        return ""
    return say("elsewhere-goals.what-stands-beneath-is-on")


def _results(count: int) -> str:
    return say("elsewhere-goals.result", count=count or "no")


def _table(goal: int, rows: tuple[Recorded, ...], file: str) -> page.Table:
    places = list(dict.fromkeys(row.site for row in rows))
    return page.table(
        f"on-record-{goal}",
        say("elsewhere-goals.on-record-for-goal-in", goal=goal, places=tuple(places), file=file),
        (
            "what-is-on-record",
            "when",
            "number",
            "who-counted-or-said-it",
            "what-speaks-against-it",
            "where-it-was-read",
        ),
        (_row(row, several=len(places) > 1) for row in rows),
    )


def _row(row: Recorded, *, several: bool) -> tuple[page.Text, ...]:
    where = f"{row.site}: " if several else ""
    note = f" {words.sentence(row.note)}" if row.note else ""
    known = say(f"read.{row.certainty}")
    return (
        (page.Strong(f"{where}{row.what}"), f".{note}"),
        (_when(row),),
        (number(row),),
        (words.sentence(row.counted_by),),
        (words.sentence(row.doubt),),
        (
            say(
                "elsewhere-goals.read-in",
                source=words.sentence(row.source),
                read_in=row.read_in,
                known=known,
            ),
        ),
    )


def number(row: Recorded, language: Language = ENGLISH) -> str:
    """The number with its unit as a reader says it, or that there is none."""
    say = language.say
    if row.value is None:
        return say("elsewhere-goals.no-number")
    unit = language.usual(row.unit)
    if row.is_change:
        said = words.signed_percent(row.value)
    elif row.unit.startswith("%"):
        said = f"{words.number(row.value)}{unit}"
    else:
        said = f"{words.number(row.value)} {unit}"
    margin = "" if row.margin is None else say("elsewhere-goals.points", margin=row.margin)
    return words.capital(
        say(
            "elsewhere-goals.text",
            say=say(f"elsewhere-goals.prefix-{row.exactness}"),
            said=said,
            margin=margin,
        )
    )


def _when(row: Recorded) -> str:
    """The time, or the two times that are set beside one another."""
    begins, ends = _span(row.begins), _span(row.ends)
    if row.is_change:
        return say("elsewhere-goals.and", begins=begins, ends=ends)
    if begins and ends:
        return begins if begins == ends else say("elsewhere-goals.to", begins=begins, ends=ends)
    if begins:
        return say("elsewhere-goals.since", begins=begins)
    return say("elsewhere-goals.by", ends=ends) if ends else say("elsewhere-goals.not-known")


def _span(written: str) -> str:
    """A span of months as words: January 2012 to June 2012."""
    parts = [words.period_words(part) for part in written.split(" to ") if part]
    return " to ".join(parts)


def evaluators_part(found: Elsewhere) -> page.Text:
    """For how many results it is known whether the evaluators had part in the program or ties."""
    yes = sum(row.evaluators_part == "yes" for row in found.results)
    no = sum(row.evaluators_part == "no" for row in found.results)
    unknown = len(found.results) - yes - no
    return (
        page.strong("elsewhere-goals.evaluators-part"),
        *page.inline(
            "elsewhere-goals.who-helps-to-build-program",
            yes=yes or say("way.none"),
            no=no or say("way.none"),
            unknown=unknown,
            code=page.Code("evaluators_part"),
        ),
    )
