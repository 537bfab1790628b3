"""What others found, in few words for the front page: at home by goal, and over all places."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from evaluation.report import words
from evaluation.report.blocks import (
    Block,
    Header,
    Heading,
    Inline,
    Link,
    Marks,
    Paragraph,
    Table,
    Text,
)
from evaluation.report.sections.beside_published import printed
from evaluation.report.sections.elsewhere_goals import number as number_of
from evaluation.say import Language

if TYPE_CHECKING:
    from evaluation.data.on_record import Recorded
    from evaluation.synthesis.result import Elsewhere, Told

PAGE = "elsewhere.html"
# Conclusions in the order in which they are told.
CONCLUSIONS = ("fell", "short-lived", "no effect found", "unclear", "rose")
# Records of one kind that are told; more are on the page that is linked.
_KINDS = 2


def others_found(found: Elsewhere, goal: int, family: str, language: Language) -> Text:
    """What is published about the place itself for a goal; without that, what is on record there.

    Parameters
    ----------
    family : of the outcome that speaks for the goal here, or ""; a published result of it is told
        first.
    """
    say = language.say
    home = [row for row in found.results if row.goal == goal and found.at_home(row)]
    link: Inline = Link(say("front.others-link"), f"{PAGE}#goal-{goal}")
    if home:
        told = _told(home, family)
        counts = say(
            "front.others-count", n=len(home), fell=sum(row.found == "fell" for row in home)
        )
        return (*_result(told, language), f"{counts} ", link)
    records = list(_records(found.on_record(goal)))
    if records:
        said = "; ".join(
            say("front.record", what=language.usual(row.what), number=number_of(row, language))
            for row in records
        )
        kinds = {row.about for row in records}
        against = [
            row
            for row in found.on_record(goal)
            if row.value is None and row.about in kinds and row.ends
        ]
        but = say("front.but", said=language.usual(against[0].what)) if against else ""
        return (say("front.on-record", said=said), but, link)
    return (f"{say('front.nothing-found')} ", link)


def _told(rows: Sequence[Told], family: str) -> Told | None:
    """The result that is told: with a number, compared with something, and of the family that our
    own answer is of, if there is one."""
    numbered = [row for row in rows if row.effect is not None and row.design != "before and after"]
    alike = [row for row in numbered if family and row.family == family]
    return next(iter(alike or numbered), None)


def _result(row: Told | None, language: Language) -> tuple[Inline, ...]:
    if row is None:
        return ()
    say = language.say
    part = say("front.part") if row.evaluators_part == "yes" else ""
    bare = say("front.no-range") if row.span is None else ""
    outcome = language.usual(row.outcome)
    years = row.years.replace("-", "–")
    said = say(
        "front.result", outcome=outcome, number=printed(row, language), bare=bare, years=years
    )
    return (f"{said}{part}. ",)


def _records(rows: Sequence[Recorded]) -> Iterator[Recorded]:
    """Changes with a number, one of a kind."""
    kinds: list[str] = []
    for row in rows:
        compares = row.is_change or (row.unit.startswith("% of") and bool(row.begins and row.ends))
        if row.value is None or not compares or row.begins == row.ends:
            continue
        if row.about in kinds or len(kinds) == _KINDS:
            continue
        kinds.append(row.about)
        yield row


def concluded(found: Elsewhere, language: Language) -> Iterator[Block]:
    """What the results of other places concluded, a sign a result, and who had part in
    such a program."""
    say = language.say
    rows = [row for row in found.results if found.counted(row) and row.fall_hoped]
    tally = found.tally
    yield Heading(2, say("front.concluded", results=tally.results), "concluded")
    yield Table(
        key="concluded-table",
        caption=say("front.concluded-caption", results=tally.results),
        headers=(Header(say("front.concluded-head")), Header(say("front.results-head"))),
        rows=tuple(
            ((say(f"front.concluded-{word}"),), (_signs(some, language), f" {len(some)}"))
            for word in CONCLUSIONS
            if (some := [row for row in rows if row.found == word])
        ),
    )
    marked = any(row.evaluators_part == "yes" for row in rows)
    yield Paragraph(
        (
            say("front.concluded-note", sites=tally.sites),
            say("front.concluded-part") if marked else "",
            " ",
            Link(say("front.published"), PAGE),
        )
    )


def _signs(rows: Sequence[Told], language: Language) -> Marks:
    part = sum(row.evaluators_part == "yes" for row in rows)
    said = language.say("front.signs", n=len(rows), part=part)
    return Marks("◐" * part + "●" * (len(rows) - part), words.capital(said))
