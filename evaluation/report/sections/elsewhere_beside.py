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

if TYPE_CHECKING:
    from evaluation.synthesis.result import Elsewhere, Own, Told


def at_home(found: Elsewhere) -> list[Told]:
    """The published results that are about the project's own place."""
    return [row for row in found.results if found.at_home(row)]


def beside(found: Elsewhere) -> list[Block]:
    """The home city and this project's own results, with what they do not add."""
    home = at_home(found)
    numbered = [row for row in home if row.shown is not None]
    title = f"{found.home}, and our own results" if home else "Our own results"
    blocks: list[Block] = [Heading(2, title, "beside")]
    if home:
        drawn = "They are drawn as squares and enter" if numbered else "They enter"
        ranged = sum(row.span is not None for row in home)
        blocks.append(
            Paragraph(
                (
                    f"Others published {len(home)} results about {found.home}, "
                    f"{len(numbered) or 'none'} of them with a number and {ranged or 'none'} with "
                    f"a range. {drawn} no count and no average here, so that {found.home} can be "
                    "set beside the rest.",
                )
            )
        )
        blocks.append(BulletList(tuple(_set_beside(found))))
    items = tuple(_own_item(found, one) for one in found.own)
    if items:
        blocks += [
            Paragraph(("This project made these from raw data. Each can be run again:",)),
            BulletList(items),
        ]
    else:
        blocks.append(
            Callout(
                "empty",
                "Not there yet",
                (
                    "This project has no result on real data that is declared to belong here. The "
                    "description of its data can say with which of these an outcome belongs, "
                    "under ",
                    Code("family"),
                    ".",
                ),
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
            ends = f"{told(others[0], family)} to {told(others[-1], family)}"
            said += f". The {len(others)} numbers from other places go from {ends}."
        elif others:
            said += f". The one number from another place is {told(others[0], family)}."
        else:
            said += ". There is no number from another place."
        yield (Strong(f"{words.capital(family.name)}: "), said)


def _own_item(found: Elsewhere, one: Own) -> Text:
    link = Link(one.title, f"{one.study}/index.html")
    label = f"{one.place}, {one.outcome}"
    if one.percent is None or one.reason:
        return (link, f" ({label}): no answer that may be used. {words.sentence(str(one.reason))}")
    said = (
        f" ({label}): {words.signed_percent(one.percent.estimate)}, 95% range "
        f"{words.signed_range(one.percent)}, with {one.grade} certainty. "
    )
    return (link, said + _published_too(found, one))


def _published_too(found: Elsewhere, one: Own) -> str:
    """What is published about the place and kind of outcome of one of our results, and whether it
    counts the same events: known by ids and years, never by names."""
    if one.places:
        return _about_many(found, one)
    if not one.place_id:
        return "Its data do not say by an id where it is, so nothing was looked up for its city."
    rows = [
        row
        for row in found.results
        if row.place_id == one.place_id and row.family == one.family and row.shown is not None
    ]
    if not rows:
        return "Nothing with a number is published here for this city and kind of outcome."
    said = []
    for events, rest in (
        ("same", "They count the same events in part or all"),
        ("unknown", "Of which years is not known, so they may count the same events"),
        ("other", "They are of other years"),
    ):
        part = [row for row in rows if row.events(one) == events]
        if part:
            printed = listed(
                [f"{words.signed_percent(row.shown or 0.0)} ({row.outcome})" for row in part]
            )
            said.append(f"Published for the same city: {printed}. {rest}.")
    said.append(
        "Results of one city are not independent, so this is not a second piece of evidence."
    )
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
        return "Nothing is published here about the places in its data and this kind of outcome."
    return (
        f"Its data hold places about which results of this kind are published: {listed(sites)}. "
        "They may count the same events, so this is not a second piece of evidence about them."
    )
