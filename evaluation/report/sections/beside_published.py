"""Published results as rows, every number as printed, and a study or the own place beside them.

Two numbers of different quantities need not agree, so nothing here says which is right.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from evaluation.report import blocks as page
from evaluation.report import words
from evaluation.report.figures.figures import anchor
from evaluation.report.sections.elsewhere_family import listed, told
from evaluation.report.study_words import span
from evaluation.say import ENGLISH, Language, say
from evaluation.study.evidence import Evidence, OutcomeEvidence

if TYPE_CHECKING:
    from evaluation.data.delivery import BesidePublished
    from evaluation.synthesis.result import Elsewhere, Own, Told


def every_result(found: Elsewhere) -> list[page.Table]:
    """Every result, a table for each kind of outcome."""
    tables = []
    for family in found.families:
        rows = [row for row in found.results if row.family == family.name]
        tables.append(
            page.table(
                f"results-{anchor(family.name)}",
                say("elsewhere-table.published-result", name=family.name, n_rows=len(rows)),
                (
                    "place-and-outcome",
                    "design",
                    "what-was-found",
                    "standard-error",
                    "where-it-was-read",
                    "evaluators-part-or-ties",
                ),
                (_row(row) for row in rows),
            )
        )
    return tables


def _row(row: Told) -> tuple[page.Text, ...]:
    years = f" ({row.years.replace('-', ' to ')})" if row.years else ""
    program = "" if row.program == "focused deterrence" else f" {words.sentence(row.program)}"
    if not row.focused:
        program += say("elsewhere-table.not-counted", approach=row.approach)
    # A page in the source, where the table has it.
    known = say(f"read.{row.certainty}")
    read = say(
        "elsewhere-table.read-in",
        read_in=row.read_in,
        words=f", {row.page}" if row.page else "",
        known=known,
    )
    note = f" {words.sentence(row.note)}" if row.note else ""
    unit = "" if row.unit == "not certain" else say("elsewhere-table.treated", unit=row.unit)
    return (
        page.inline(
            "elsewhere-table.text",
            strong=page.Strong(row.site),
            outcome=row.outcome,
            years=years,
            program=program,
        ),
        (f"{words.capital(row.design)}{unit}",),
        (f"{words.capital(row.found)}: {printed(row)}{_by_month(row)}",),
        (say(f"elsewhere-table.error-{row.se_source}"),),
        (f"{words.sentence(row.source)}{read}{note}",),
        (
            say(f"elsewhere-table.parts-{row.evaluators_part}")
            + (f" {row.part_why}" if row.part_why else ""),
        ),
    )


_POINTS = "percentage points"


def _by_month(row: Told) -> str:
    """What was found so many months on: "; by month: 1, 2 and 6 fell, 36 none"."""
    by_word: dict[str, list[str]] = {}
    for month, word in row.by_month:
        by_word.setdefault(word, []).append(str(month))
    said = ", ".join(f"{ENGLISH.listed(at)} {word}" for word, at in by_word.items())
    return say("elsewhere-table.by-month", said=said) if said else ""


def printed(row: Told | BesidePublished, language: Language = ENGLISH) -> str:
    """The effect as printed, with its range and level, or that there is none."""
    say = language.say
    if row.effect is None:
        return say("elsewhere-table.no-number")
    percent = row.measure == "percent change"
    said = _number(row.effect, percent=percent) + ("" if percent else f" ({row.measure})")
    if row.measure == _POINTS:
        points = _number(row.effect, percent=True).removesuffix("%")
        said = say("size.percentage-points", points=points)
    if row.low is not None and row.high is not None:
        level = "" if row.level is None else f"{words.number(row.level)}% "
        ends = words.ends(
            _number(row.low, percent=percent), _number(row.high, percent=percent), language
        )
        said += say("elsewhere-table.range", level=level, ends=ends)
    if row.p_value is not None:
        said += f", p {words.p_value(row.p_value)}"
    return said


def _number(value: float, *, percent: bool) -> str:
    sign = "−" if value < 0 else "+" if value > 0 else ""
    return f"{sign}{words.planned(abs(value))}" if percent else words.number(value, 2)


NOTHING: page.Text = ("–",)


def beside_published(evidence: Evidence) -> list[page.Block]:
    """The section; nothing where the plan names no published result."""
    if not evidence.published:
        return []
    blocks: list[page.Block] = [page.heading("beside-published.title", "published")]
    for number, row in enumerate(evidence.published, start=1):
        blocks += [_table(evidence, row, number), page.Paragraph((_said(evidence, row),))]
    return blocks


def _outcome(evidence: Evidence, row: BesidePublished) -> OutcomeEvidence:
    """The outcome of the study that stands beside: the one asked for, or the primary one."""
    if row.column:
        return evidence.outcome(row.column)
    return next(outcome for outcome in evidence.outcomes if outcome.primary)


def _table(evidence: Evidence, row: BesidePublished, number: int) -> page.Table:
    outcome = _outcome(evidence, row)
    differs = dict(row.differences)
    window = span(evidence, "beside-published.to")
    known: dict[str, tuple[str, str]] = {
        "outcome": (row.outcome, outcome.label),
        "window": (row.years.replace("-", " to "), window),
        "model": (row.design, outcome.headline.label),
        "start": ("", words.period_words(evidence.start)),
    }
    aspects = [*known, *(aspect for aspect in differs if aspect not in known)]
    rows: list[tuple[page.Text, ...]] = [
        ((say("beside-published.change"),), (published(row),), (ours(outcome),), NOTHING),
        *(
            (
                (words.capital(aspect),),
                *(_cell(said) for said in known.get(aspect, ("", ""))),
                _cell(words.sentence(differs[aspect]) if aspect in differs else ""),
            )
            for aspect in aspects
        ),
    ]
    return page.table(
        f"published-{number}",
        say(
            "beside-published.and-this-study", site=row.site, outcome=row.outcome, source=row.source
        ),
        ("what", "as-published", "here", "what-differs"),
        rows,
    )


def _cell(said: str) -> page.Text:
    return (words.capital(said),) if said else NOTHING


def published(row: BesidePublished, language: Language = ENGLISH) -> str:
    if row.effect is None:
        return language.say("beside-published.no-number-was-published-or", found=row.found)
    said = printed(row)
    return (
        said
        if row.low is not None
        else f"{said}; {language.say('beside-published.no-range-was-published')}"
    )


def ours(outcome: OutcomeEvidence, language: Language = ENGLISH) -> str:
    """The estimate and range of the headline, or why there is none that may be used."""
    reason = outcome.headline.reason or ""
    effect = outcome.headline.effect
    if effect is not None:
        reason = reason or effect.objection or ""
    if effect is None or reason:
        return language.say(
            "beside-published.no-answer-that-may-be",
            reason=reason or language.say("beside-published.not-estimated"),
        )
    estimate = words.signed_percent(effect.percent.estimate)
    ends = words.signed_range(effect.percent, language)
    return language.say("beside-published.95-range", estimate=estimate, percent=ends)


def _said(evidence: Evidence, row: BesidePublished) -> str:
    """Where it was read, that both are of one place, and that they are not one quantity."""
    known = say(f"read.{row.certainty}")
    said = say("beside-published.published-number-was-read-in", read_in=row.read_in, known=known)
    if row.place_id and row.place_id == evidence.data.provenance.place_of(evidence.data.unit):
        said += say("beside-published.both-are-of-one-place")
    if not row.differences:
        return say("beside-published.plan-names-nothing-in-which", said=said)
    aspects = [aspect for aspect, _ in row.differences]
    return say(
        "beside-published.two-are-not-same-quantity", said=said, aspects=ENGLISH.listed(aspects)
    )


def at_home(found: Elsewhere) -> list[Told]:
    """The published results that are about the project's own place."""
    return [row for row in found.results if found.at_home(row)]


def beside(found: Elsewhere) -> list[page.Block]:
    """The home city and this project's own results, with what they do not add."""
    home = at_home(found)
    numbered = [row for row in home if row.shown is not None]
    title = (
        say("elsewhere-beside.and-our-own-results", home=found.home)
        if home
        else say("elsewhere-beside.our-own-results")
    )
    blocks: list[page.Block] = [page.Heading(2, title, "beside")]
    if home:
        drawn = say(
            "elsewhere-beside.they-are-drawn-as-squares"
            if numbered
            else "elsewhere-beside.they-enter"
        )
        ranged = sum(row.span is not None for row in home)
        blocks.append(
            page.paragraph(
                "elsewhere-beside.others-published-results-about-of",
                n_home=len(home),
                home=found.home,
                n_numbered=len(numbered) or say("way.none"),
                ranged=ranged or say("way.none"),
                drawn=drawn,
            )
        )
        blocks.append(page.bullets(_set_beside(found)))
    items = tuple(_own_item(found, one) for one in found.own)
    if items:
        blocks += [
            page.paragraph("elsewhere-beside.this-project-made-these-from"),
            page.BulletList(items),
        ]
    else:
        blocks.append(
            page.callout(
                "empty",
                "elsewhere-beside.not-there-yet",
                "elsewhere-beside.this-project-has-no-result",
                code=page.Code("family"),
            )
        )
    return blocks


def _set_beside(found: Elsewhere) -> Iterator[page.Text]:
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
        yield (page.Strong(f"{words.capital(family.name)}: "), said)


def _own_item(found: Elsewhere, one: Own) -> page.Text:
    link = page.Link(one.title, f"{one.study}/index.html")
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
