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
    Strong,
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
# What a program is, as the table has it, the program itself first.
APPROACHES = ("focused deterrence", "services beside it", "another idea")
# Conclusions in the order in which they are told.
CONCLUSIONS = ("fell", "short-lived", "no effect found", "unclear", "rose")
# Records of one kind that are told; more are on the page that is linked.
_KINDS = 2


def others_found(
    found: Elsewhere, goal: int, family: str, program: str, language: Language
) -> Text:
    """What is published about the place itself for a goal: of the program, and apart from it of
    what ran beside it. Where nobody evaluated the program, what is on record.

    Parameters
    ----------
    family : of the outcome that speaks for the goal here, or ""; a published result of it is told
        first. program : as the page calls it.
    """
    home = [row for row in found.results if row.goal == goal and found.at_home(row)]
    link: Inline = Link(language.say("front.others-link"), f"{PAGE}#goal-{goal}")
    told: list[Inline] = []
    for approach in APPROACHES:
        rows = [row for row in home if row.approach == approach]
        own = approach == APPROACHES[0]
        said = _results(rows, family, language) if rows else ""
        if own and not rows:
            said = _recorded(found.on_record(goal), language)
        if said:
            whose = language.say(f"front.others-{approach}", program=words.capital(program))
            told += [Strong(whose), f"{said} "]
    # Without results of anything there is nobody's name to put before what is on record.
    return (*(told if home else told[1:]), link)


def _results(rows: Sequence[Told], family: str, language: Language) -> str:
    """One result in words, how many went the way that is hoped for, and who evaluated them."""
    counts = language.say(
        "front.others-count",
        n=len(rows),
        good=sum(row.for_the_better for row in rows),
        part=sum(row.evaluators_part == "yes" for row in rows),
    )
    return f"{_result(_told(rows, family), language)} {counts}"


def _recorded(rows: Sequence[Recorded], language: Language) -> str:
    """What is on record where no evaluation was found, with what speaks against it."""
    say, told = language.say, list(_records(rows))
    if not told:
        return say("front.nothing-found")
    said = "; ".join(
        say("front.record", what=language.usual(row.what), number=number_of(row, language))
        for row in told
    )
    kinds = {row.about for row in told}
    against = [row for row in rows if row.value is None and row.about in kinds and row.ends]
    but = say("front.but", said=language.usual(against[0].what)) if against else ""
    return say("front.on-record", said=said) + but


def _told(rows: Sequence[Told], family: str) -> Told:
    """The result that is told: with a number, compared with something, and of the family that our
    own answer is of, if there is one."""
    numbered = [row for row in rows if row.effect is not None and row.design != "before and after"]
    alike = [row for row in numbered if family and row.family == family]
    return next(iter(alike or numbered or rows))


def _result(row: Told, language: Language) -> str:
    say, bare = language.say, row.effect is None
    return say(
        "front.result",
        outcome=language.usual(row.outcome),
        years=row.years.replace("-", "–"),
        number=say(f"front.found-{row.found}") if bare else printed(row, language),
        bare=say("front.no-number" if bare else "front.no-range") if row.span is None else "",
    )


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
