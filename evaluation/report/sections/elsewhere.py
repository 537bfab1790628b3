"""Focused deterrence elsewhere: what others published, with what is missing as plain as what is
there. From the numbers as `elsewhere.json` holds them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from evaluation.data.project import Project
from evaluation.report import words
from evaluation.report.blocks import (
    Block,
    BulletList,
    Callout,
    Code,
    Contents,
    Document,
    Fact,
    Heading,
    KeyFinding,
    Link,
    Paragraph,
    Strong,
    Text,
)
from evaluation.report.html import render
from evaluation.report.sections.about import front_page
from evaluation.report.sections.elsewhere_beside import at_home, beside
from evaluation.report.sections.elsewhere_family import family_blocks, listed
from evaluation.report.sections.elsewhere_goals import apart_blocks, evaluators_part, goal_blocks
from evaluation.report.sections.elsewhere_table import every_result
from evaluation.say import ENGLISH

if TYPE_CHECKING:
    from evaluation.synthesis.result import Elsewhere, Told

PAGE = "elsewhere.html"
_CONCLUDED = (
    ("no effect found", "No effect was found in "),
    ("short-lived", "The fall did not last in "),
    ("rose", "A rise was found in "),
    ("unclear", "It is not clear in "),
)


def elsewhere_html(found: Elsewhere, project: Project | None = None) -> str:
    """The page, from the numbers as elsewhere.json holds them; `project` says whose it is."""
    return render(elsewhere_document(found, project))


def elsewhere_document(found: Elsewhere, project: Project | None = None) -> Document:
    """The page over all published results."""
    owner = project or Project()
    squares = ""
    if any(row.shown is not None for row in at_home(found)):
        squares = f"Squares are {found.home}, as published by others. "
    blocks: list[Block] = [
        _finding(found, owner),
        *_nulls(found),
        Callout(
            "warning",
            "Counting is not weighing",
            (
                "A count does not tell how large an effect is. A sure fall and a doubtful one "
                "count the same. Results of one city are not independent. Studies that find a fall "
                "are printed more often, and weak designs find larger falls.",
            ),
        ),
        Paragraph((_lopsided(found),)),
        Contents(),
        Heading(2, "Results by kind of outcome", "outcomes"),
        Paragraph(
            (
                "A filled mark has a 95% range, drawn as a line. A hollow mark has none, so "
                "nobody can tell that change from chance. Results without a number stand below the "
                f"others, so that they are not lost. {squares}Diamonds are this project's own "
                "results.",
            )
        ),
    ]
    for family in found.families:
        blocks += family_blocks(found, family)
    blocks += [*goal_blocks(found, owner), *beside(found)]
    blocks += [*_needed(found), *_better_than_it_is(found), *apart_blocks(found)]
    blocks += [
        Heading(2, "Every published result", "results"),
        Paragraph(
            (
                "Numbers stand as printed. Where it says that there is no number or no standard "
                "error, none was printed or none could be read for certain. Nothing was filled in.",
            )
        ),
        Paragraph(evaluators_part(found)),
        *every_result(found),
        *_origin(found),
    ]
    return Document(
        title="Focused deterrence elsewhere: what is known?",
        window_title="Focused deterrence elsewhere",
        over="What others found, for each of the three goals",
        blocks=tuple(blocks),
        home=Link(ENGLISH.say("site.home"), front_page(owner, ENGLISH)),
    )


def away(found: Elsewhere) -> list[Told]:
    """The counted results of other places of which a fall is hoped for."""
    return [row for row in found.results if found.counted(row) and row.fall_hoped]


def _finding(found: Elsewhere, project: Project) -> KeyFinding:
    tally = found.tally
    pooled = [family.name for family in found.families if family.mean is not None]
    how_many = "Most" if 2 * tally.fell > tally.results else f"{tally.fell} of {tally.results}"
    if pooled:
        size = f"An average can be worked out for {listed(pooled)} only."
        if len(pooled) == len(found.families):
            size = "For each kind of outcome an average can be worked out."
    else:
        size = (
            "How large a fall to expect cannot be told, because too few results come with the "
            "range that an average needs."
        )
    program = project.names.program
    like = f"Programs like {program}" if program else "Programs of focused deterrence"
    faded = tally.no_effect + tally.short_lived
    return KeyFinding(
        label=f"{like}, outside {found.home}" if found.home else like,
        sentence=f"{how_many} published results found a fall, but not all. {size}",
        facts=(
            Fact(
                "Found a fall",
                f"{tally.fell} of {tally.results}",
                f"Results, from {tally.sites} places",
            ),
            Fact("No effect, or it faded", f"{faded} of {tally.results}"),
            Fact("With a number", f"{tally.numbered} of {tally.results}"),
            Fact(
                "With a range",
                f"{tally.with_error} of {tally.results}",
                f"From {listed(tally.error_sites)}" if len(tally.error_sites) in (1, 2) else "",
            ),
            Fact("Average effect", listed(pooled).capitalize() if pooled else "Cannot be given"),
        ),
        tone="unclear",
    )


def _nulls(found: Elsewhere) -> Iterator[Block]:
    """Where it did not work, or not for long, by name."""
    items: list[Text] = []
    for word, name in _CONCLUDED:
        rows = [row for row in away(found) if row.found == word]
        if rows:
            items.append((Strong(name), f"{_by_site(rows)}."))
    if items:
        yield Paragraph(("It did not work in every place, on every outcome, or for long:",))
        yield BulletList(tuple(items))


def _by_site(rows: Sequence[Told]) -> str:
    """The sites in order with their outcomes: "Detroit (weapon arrests) and Newark (shootings)"."""
    sites: dict[str, list[str]] = {}
    for row in rows:
        # Brackets do not stand in brackets.
        said = row.outcome.replace(" (", ", ").replace(")", "")
        sites.setdefault(named(row, rows), []).append(said)
    return listed([f"{site} ({', '.join(sites[site])})" for site in sorted(sites)])


def named(row: Told, rows: Sequence[Told]) -> str:
    """What a place is called: as the first of the rows about it calls it."""
    same = (one.site for one in rows if row.place_id and one.place_id == row.place_id)
    return next(same, row.site)


def _lopsided(found: Elsewhere) -> str:
    """That numbers are printed for some conclusions and not for others."""
    tally = found.tally
    rest = tally.results - tally.fell
    others = tally.numbered - tally.falls_numbered
    said = (
        f"We could read a number for {tally.falls_numbered} of the {tally.fell} results that found "
        f"a fall, and for {others} of the other {rest}."
    )
    if rest and tally.fell and tally.falls_numbered / tally.fell > others / rest:
        said += " So the numbers alone look better than the whole record does."
    return said


def _needed(found: Elsewhere) -> list[Block]:
    """Why there is no average, and what would change that."""
    rows = away(found)
    bare = sorted({named(row, rows) for row in rows if row.shown is not None and row.span is None})
    silent = sorted({named(row, rows) for row in rows if row.shown is None})
    items: list[Text] = []
    if bare:
        items.append(
            (
                Strong("A range or standard error "),
                f"for results that have a number only: {listed(bare)}. Their authors, or "
                "the full papers, may have them; only openings and summaries could be read here.",
            )
        )
    if silent:
        items.append((Strong("A number "), f"for results that have none: {listed(silent)}."))
    items += [
        (
            Strong("Two places or more "),
            "for each kind of outcome. Several results of one city say nothing about other cities.",
        ),
        (
            Strong("All of them, "),
            "those that found nothing too. An average of what happens to be printed leans toward "
            "success.",
        ),
    ]
    return [
        Heading(2, "What an average would need", "needed"),
        Paragraph(
            (
                "To average results each must say how sure it is. A missing range stays missing "
                "here: to guess it would make up evidence.",
            )
        ),
        BulletList(tuple(items)),
    ]


def _better_than_it_is(found: Elsewhere) -> list[Block]:
    """What may make the record look better than the program is."""
    rows = away(found)
    chance = sum(row.design == "randomized" for row in rows)
    past = sum(row.design in ("interrupted time series", "before and after") for row in rows)
    unknown = sum(row.design == "not certain" for row in rows)
    indirect = sum(row.certainty != "read in a public text" for row in found.results)
    narrow = [row for row in rows if row.level is not None and row.level != 95]
    items: list[Text] = [
        (
            Strong("What is printed. "),
            "Studies that find a fall are written up and printed more readily. How many were never "
            "printed is not known, and with so few ranges it cannot be tested.",
        ),
        (
            Strong("Designs. "),
            f"{chance or 'None'} of {len(rows)} results had places or people chosen by chance. "
            f"{past} have only the place's own past to compare with"
            + (f", and of {unknown} the design is not certain." if unknown else "."),
        ),
        (
            Strong("Timing. "),
            "Programs often start when violence is at its worst. It then tends to fall by itself, "
            "and a design that looks only at before and after takes that for an effect.",
        ),
    ]
    if narrow:
        levels = listed(sorted({f"{words.number(row.level or 0.0)}%" for row in narrow}))
        sites = listed(sorted({named(row, rows) for row in narrow}))
        items.append(
            (
                Strong("Ranges. "),
                f"Those of {sites} are printed as {levels} ranges; they are drawn here as 95% "
                "ranges that follow from them.",
            )
        )
    if indirect:
        items.append(
            (
                Strong("Sources. "),
                f"{indirect} of {len(found.results)} results were read in news or second hand, and "
                "most others in summaries or in the openings of papers.",
            )
        )
    return [
        Heading(2, "Why it may look better than it is", "caveats"),
        BulletList(tuple(items)),
    ]


def _origin(found: Elsewhere) -> list[Block]:
    return [
        Heading(2, "Where this comes from", "origin"),
        Paragraph(
            (
                "The table is ",
                Code(found.file),
                f", with fingerprint {found.sha256[:12]}. {words.sentence(found.source)} Licence: "
                f"{words.sentence(found.licence)} All numbers of this page are in ",
                Link("elsewhere.json", "elsewhere.json"),
                ".",
            )
        ),
    ]
