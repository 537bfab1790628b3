"""A study beside what others published about the same question, difference by difference.

Two numbers of different quantities need not agree, so nothing here says which is right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from evaluation.report import words
from evaluation.report.blocks import Block, Heading, Paragraph, Table, Text
from evaluation.report.sections.elsewhere_table import printed
from evaluation.report.spoken import heads
from evaluation.say import ENGLISH, say
from evaluation.study.evidence import Evidence, OutcomeEvidence

if TYPE_CHECKING:
    from evaluation.data.delivery import BesidePublished

NOTHING: Text = ("–",)


def beside_published(evidence: Evidence) -> list[Block]:
    """The section; nothing where the plan names no published result."""
    if not evidence.published:
        return []
    blocks: list[Block] = [Heading(2, say("beside-published.title"), "published")]
    for number, row in enumerate(evidence.published, start=1):
        blocks += [_table(evidence, row, number), Paragraph((_said(evidence, row),))]
    return blocks


def _outcome(evidence: Evidence, row: BesidePublished) -> OutcomeEvidence:
    """The outcome of the study that stands beside: the one asked for, or the primary one."""
    if row.column:
        return evidence.outcome(row.column)
    return next(outcome for outcome in evidence.outcomes if outcome.primary)


def _table(evidence: Evidence, row: BesidePublished, number: int) -> Table:
    outcome = _outcome(evidence, row)
    differs = dict(row.differences)
    window = say("beside-published.to", first=evidence.data.first, last=evidence.data.last)
    known: dict[str, tuple[str, str]] = {
        "outcome": (row.outcome, outcome.label),
        "window": (row.years.replace("-", " to "), window),
        "model": (row.design, outcome.headline.label),
        "start": ("", words.period_words(evidence.start)),
    }
    aspects = [*known, *(aspect for aspect in differs if aspect not in known)]
    rows: list[tuple[Text, ...]] = [
        ((say("beside-published.change"),), (_published(row),), (_ours(outcome),), NOTHING),
        *(
            (
                (words.capital(aspect),),
                *(_cell(said) for said in known.get(aspect, ("", ""))),
                _cell(words.sentence(differs[aspect]) if aspect in differs else ""),
            )
            for aspect in aspects
        ),
    ]
    return Table(
        key=f"published-{number}",
        caption=say(
            "beside-published.and-this-study", site=row.site, outcome=row.outcome, source=row.source
        ),
        headers=heads("what", "as-published", "here", "what-differs"),
        rows=tuple(rows),
    )


def _cell(said: str) -> Text:
    return (words.capital(said),) if said else NOTHING


def _published(row: BesidePublished) -> str:
    if row.effect is None:
        return say("beside-published.no-number-was-published-or", found=row.found)
    said = printed(row)
    return (
        said if row.low is not None else f"{said}; {say('beside-published.no-range-was-published')}"
    )


def _ours(outcome: OutcomeEvidence) -> str:
    """The estimate and range of the headline, or why there is none that may be used."""
    reason = outcome.headline.reason or ""
    effect = outcome.headline.effect
    if effect is not None:
        reason = reason or effect.objection or ""
    if effect is None or reason:
        return say(
            "beside-published.no-answer-that-may-be",
            reason=reason or say("beside-published.not-estimated"),
        )
    estimate = words.signed_percent(effect.percent.estimate)
    return say(
        "beside-published.95-range", estimate=estimate, percent=words.signed_range(effect.percent)
    )


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
