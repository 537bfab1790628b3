"""Focused deterrence elsewhere: what others published, with what is missing as plain as what is
there. From the numbers as `elsewhere.json` holds them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from evaluation.data.project import Project
from evaluation.report import blocks as page
from evaluation.report import words
from evaluation.report.html import render
from evaluation.report.sections.about import front_page
from evaluation.report.sections.beside_published import at_home, beside, every_result
from evaluation.report.sections.elsewhere_family import family_blocks, listed
from evaluation.report.sections.elsewhere_goals import apart_blocks, evaluators_part, goal_blocks
from evaluation.say import ENGLISH, say

if TYPE_CHECKING:
    from evaluation.synthesis.result import Elsewhere, Told

_CONCLUDED = (
    ("no effect found", say("elsewhere.no-effect-was-found-in")),
    ("short-lived", say("elsewhere.fall-did-not-last-in")),
    ("rose", say("elsewhere.rise-was-found-in")),
    ("unclear", say("elsewhere.it-is-not-clear-in")),
)


def elsewhere_html(found: Elsewhere, project: Project | None = None) -> str:
    """The page, from the numbers as elsewhere.json holds them; `project` says whose it is."""
    return render(elsewhere_document(found, project))


def elsewhere_document(found: Elsewhere, project: Project | None = None) -> page.Document:
    """The page over all published results."""
    owner = project or Project()
    squares = ""
    if any(row.shown is not None for row in at_home(found)):
        squares = say("elsewhere.squares-are-as-published-by", home=found.home)
    blocks: list[page.Block] = [
        _finding(found, owner),
        *_nulls(found),
        page.callout(
            "warning", "elsewhere.counting-is-not-weighing", "elsewhere.count-does-not-tell-how"
        ),
        page.Paragraph((_lopsided(found),)),
        page.Contents(),
        page.heading("elsewhere.title", "outcomes"),
        page.paragraph("elsewhere.filled-mark-has-95-range", squares=squares),
    ]
    for family in found.families:
        blocks += family_blocks(found, family)
    blocks += [*goal_blocks(found, owner), *beside(found)]
    blocks += [*_needed(found), *_better_than_it_is(found), *apart_blocks(found)]
    blocks += [
        page.heading("elsewhere.every-published-result", "results"),
        page.paragraph("elsewhere.numbers-stand-as-printed-where"),
        page.Paragraph(evaluators_part(found)),
        *every_result(found),
        *_origin(found),
    ]
    return page.Document(
        title=say("elsewhere.focused-deterrence-elsewhere-what-is"),
        window_title=say("elsewhere.focused-deterrence-elsewhere"),
        over=say("elsewhere.what-others-found-for-each"),
        blocks=tuple(blocks),
        home=page.Link(ENGLISH.say("site.home"), front_page(owner, ENGLISH)),
    )


def away(found: Elsewhere) -> list[Told]:
    """The counted results of other places of which a fall is hoped for."""
    return [row for row in found.results if found.counted(row) and row.fall_hoped]


def _finding(found: Elsewhere, project: Project) -> page.KeyFinding:
    tally = found.tally
    pooled = [family.name for family in found.families if family.mean is not None]
    how_many = (
        say("elsewhere.most")
        if 2 * tally.fell > tally.results
        else say("elsewhere.of", fell=tally.fell, results=tally.results)
    )
    if pooled:
        size = say("elsewhere.average-can-be-worked-out", pooled=listed(pooled))
        if len(pooled) == len(found.families):
            size = say("elsewhere.for-each-kind-of-outcome-average-can-be")
    else:
        size = say("elsewhere.how-large-fall-to-expect")
    program = project.names.program
    like = (
        say("elsewhere.programs-like", program=program)
        if program
        else say("elsewhere.programs-of-focused-deterrence")
    )
    faded = tally.no_effect + tally.short_lived
    return page.KeyFinding(
        label=say("elsewhere.outside", like=like, home=found.home) if found.home else like,
        sentence=say("elsewhere.published-results-found-fall-but", how_many=how_many, size=size),
        facts=(
            page.Fact(
                say("elsewhere.found-fall"),
                say("elsewhere.of", fell=tally.fell, results=tally.results),
                say("elsewhere.results-from-places", sites=tally.sites),
            ),
            page.Fact(
                say("elsewhere.no-effect-or-it-faded"),
                say("elsewhere.of-2", faded=faded, results=tally.results),
            ),
            page.Fact(
                say("elsewhere.with-number"),
                say("elsewhere.of-3", numbered=tally.numbered, results=tally.results),
            ),
            page.Fact(
                say("elsewhere.with-range"),
                say("elsewhere.of-4", with_error=tally.with_error, results=tally.results),
                say("elsewhere.from", error_sites=listed(tally.error_sites))
                if len(tally.error_sites) in (1, 2)
                else "",
            ),
            page.Fact(
                say("elsewhere.average-effect"),
                listed(pooled).capitalize() if pooled else say("elsewhere.cannot-be-given"),
            ),
        ),
        tone="unclear",
    )


def _nulls(found: Elsewhere) -> Iterator[page.Block]:
    """Where it did not work, or not for long, by name."""
    items: list[page.Text] = []
    for word, name in _CONCLUDED:
        rows = [row for row in away(found) if row.found == word]
        if rows:
            items.append(
                page.inline("elsewhere.text", strong=page.Strong(name), rows=_by_site(rows))
            )
    if items:
        yield page.paragraph("elsewhere.it-did-not-work-in")
        yield page.bullets(items)


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
    said = say(
        "elsewhere.we-could-read-number-for",
        falls_numbered=tally.falls_numbered,
        fell=tally.fell,
        others=others,
        rest=rest,
    )
    if rest and tally.fell and tally.falls_numbered / tally.fell > others / rest:
        said += say("elsewhere.so-numbers-alone-look-better")
    return said


def _needed(found: Elsewhere) -> list[page.Block]:
    """Why there is no average, and what would change that."""
    rows = away(found)
    bare = sorted({named(row, rows) for row in rows if row.shown is not None and row.span is None})
    silent = sorted({named(row, rows) for row in rows if row.shown is None})
    items: list[page.Text] = []
    if bare:
        items.append(
            page.inline(
                "elsewhere.for-results-that-have-number",
                strong=page.strong("elsewhere.range-or-standard-error"),
                bare=listed(bare),
            )
        )
    if silent:
        items.append(
            page.inline(
                "elsewhere.for-results-that-have-none",
                strong=page.strong("elsewhere.number"),
                silent=listed(silent),
            )
        )
    items += [
        page.inline(
            "elsewhere.for-each-kind-of-outcome", strong=page.strong("elsewhere.two-places-or-more")
        ),
        page.inline(
            "elsewhere.those-that-found-nothing-too", strong=page.strong("elsewhere.all-of-them")
        ),
    ]
    return [
        page.heading("elsewhere.what-average-would-need", "needed"),
        page.paragraph("elsewhere.to-average-results-each-must"),
        page.bullets(items),
    ]


def _better_than_it_is(found: Elsewhere) -> list[page.Block]:
    """What may make the record look better than the program is."""
    rows = away(found)
    chance = sum(row.design == "randomized" for row in rows)
    past = sum(row.design in ("interrupted time series", "before and after") for row in rows)
    unknown = sum(row.design == "not certain" for row in rows)
    indirect = sum(row.certainty != "read in a public text" for row in found.results)
    narrow = [row for row in rows if row.level is not None and row.level != 95]
    items: list[page.Text] = [
        (page.strong("elsewhere.what-is-printed"), say("elsewhere.studies-that-find-fall-are")),
        (
            page.strong("elsewhere.designs"),
            say(
                "elsewhere.of-results-had-places-or",
                chance=chance or say("elsewhere.none"),
                n_rows=len(rows),
                past=past,
            )
            + (say("elsewhere.and-of-design-is-not", unknown=unknown) if unknown else "."),
        ),
        (page.strong("elsewhere.timing"), say("elsewhere.programs-often-start-when-violence")),
    ]
    if narrow:
        levels = listed(sorted({f"{words.number(row.level or 0.0)}%" for row in narrow}))
        sites = listed(sorted({named(row, rows) for row in narrow}))
        items.append(
            (
                page.strong("elsewhere.ranges"),
                say("elsewhere.those-of-are-printed-as", sites=sites, levels=levels),
            )
        )
    if indirect:
        items.append(
            (
                page.strong("elsewhere.sources"),
                say(
                    "elsewhere.of-results-were-read-in",
                    indirect=indirect,
                    n_results=len(found.results),
                ),
            )
        )
    return [page.heading("elsewhere.why-it-may-look-better", "caveats"), page.bullets(items)]


def _origin(found: Elsewhere) -> list[page.Block]:
    return [
        page.heading("elsewhere.where-this-comes-from", "origin"),
        page.paragraph(
            "elsewhere.table-is-with-fingerprint-licence",
            code=page.Code(found.file),
            sha256=found.sha256[:12],
            source=words.sentence(found.source),
            licence=words.sentence(found.licence),
            link=page.Link("elsewhere.json", "elsewhere.json"),
        ),
    ]
