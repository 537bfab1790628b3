"""The project's own place and its own results, beside what others published."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from evaluation.report import words
from evaluation.report.blocks import (
    Block,
    BulletList,
    Callout,
    Code,
    Heading,
    Link,
    Paragraph,
    Strong,
    Text,
)
from evaluation.report.sections.elsewhere_family import listed, told
from evaluation.report.spoken import inline
from evaluation.say import say

if TYPE_CHECKING:
    from evaluation.synthesis.result import Elsewhere, Own, Told


def at_home(found: Elsewhere) -> list[Told]:
    """The published results that are about the project's own place."""
    return [row for row in found.results if found.at_home(row)]


def beside(found: Elsewhere) -> list[Block]:
    """The home city and this project's own results, with what they do not add."""
    home = at_home(found)
    numbered = [row for row in home if row.shown is not None]
    title = (
        say("elsewhere-beside.and-our-own-results", home=found.home)
        if home
        else say("elsewhere-beside.our-own-results")
    )
    blocks: list[Block] = [Heading(2, title, "beside")]
    if home:
        drawn = (
            say("elsewhere-beside.they-are-drawn-as-squares")
            if numbered
            else say("elsewhere-beside.they-enter")
        )
        ranged = sum(row.span is not None for row in home)
        blocks.append(
            Paragraph(
                (
                    say(
                        "elsewhere-beside.others-published-results-about-of",
                        n_home=len(home),
                        home=found.home,
                        n_numbered=len(numbered) or say("way.none"),
                        ranged=ranged or say("way.none"),
                        drawn=drawn,
                    ),
                )
            )
        )
        blocks.append(BulletList(tuple(_set_beside(found))))
    items = tuple(_own_item(found, one) for one in found.own)
    if items:
        blocks += [
            Paragraph((say("elsewhere-beside.this-project-made-these-from"),)),
            BulletList(items),
        ]
    else:
        blocks.append(
            Callout(
                "empty",
                say("elsewhere-beside.not-there-yet"),
                inline("elsewhere-beside.this-project-has-no-result", code=Code("family")),
            )
        )
    return blocks


def _set_beside(found: Elsewhere) -> Iterator[Text]:
    """For each kind of outcome, the numbers of the home city and the span of the others'."""
    for family in found.families:
        rows = [row for row in found.results if row.family == family.name and row.shown is not None]
        home = [row for row in rows if found.at_home(row)]
        others = sorted(row.shown or 0.0 for row in rows if found.counted(row))
        if not home:
            continue
        said = listed([f"{told(row.shown or 0.0, family)} ({row.outcome})" for row in home])
        if len(others) > 1:
            ends = say(
                "elsewhere-beside.to",
                others=told(others[0], family),
                others2=told(others[-1], family),
            )
            said += say(
                "elsewhere-beside.numbers-from-other-places-go", n_others=len(others), ends=ends
            )
        elif others:
            said += say(
                "elsewhere-beside.one-number-from-another-place", others=told(others[0], family)
            )
        else:
            said += say("elsewhere-beside.there-is-no-number-from")
        yield (Strong(f"{words.capital(family.name)}: "), said)


def _own_item(found: Elsewhere, one: Own) -> Text:
    link = Link(one.title, f"{one.study}/index.html")
    label = f"{one.place}, {one.outcome}"
    if one.percent is None or one.reason:
        return (
            link,
            say(
                "elsewhere-beside.no-answer-that-may-be",
                label=label,
                reason=words.sentence(str(one.reason)),
            ),
        )
    said = say(
        "elsewhere-beside.95-range-with-certainty",
        label=label,
        estimate=words.signed_percent(one.percent.estimate),
        percent=words.signed_range(one.percent),
        grade=one.grade,
    )
    return (link, said + _published_too(found, one))


def _published_too(found: Elsewhere, one: Own) -> str:
    """What is published about the place and kind of outcome of one of our results, and whether it
    counts the same events: known by ids and years, never by names."""
    if one.places:
        return _about_many(found, one)
    if not one.place_id:
        return say("elsewhere-beside.its-data-do-not-say")
    rows = [
        row
        for row in found.results
        if row.place_id == one.place_id and row.family == one.family and row.shown is not None
    ]
    if not rows:
        return say("elsewhere-beside.nothing-with-number-is-published")
    said = []
    for events, rest in (
        ("same", say("elsewhere-beside.they-count-same-events-in")),
        ("unknown", say("elsewhere-beside.of-which-years-is-not")),
        ("other", say("elsewhere-beside.they-are-of-other-years")),
    ):
        part = [row for row in rows if row.events(one) == events]
        if part:
            printed = listed(
                [f"{words.signed_percent(row.shown or 0.0)} ({row.outcome})" for row in part]
            )
            said.append(say("elsewhere-beside.published-for-same-city", printed=printed, rest=rest))
    said.append(say("elsewhere-beside.results-of-one-city-are"))
    return " ".join(said)


def _about_many(found: Elsewhere, one: Own) -> str:
    """What is published about the places in the data of a result that is about many of them."""
    sites = list(
        dict.fromkeys(
            row.site
            for row in found.results
            if row.place_id in one.places and row.family == one.family
        )
    )
    if not sites:
        return say("elsewhere-beside.nothing-is-published-here-about")
    return say("elsewhere-beside.its-data-hold-places-about", sites=listed(sites))
