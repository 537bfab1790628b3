"""A study beside what others published about the same question, difference by difference.

Two numbers of different quantities need not agree, so nothing here says which is right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from evaluation.report import words
from evaluation.report.blocks import Block, Header, Heading, Paragraph, Table, Text
from evaluation.report.sections.elsewhere_table import printed
from evaluation.say import ENGLISH
from evaluation.study.evidence import Evidence, OutcomeEvidence

if TYPE_CHECKING:
    from evaluation.data.delivery import BesidePublished

NO_RANGE = "no range was published"
NOTHING: Text = ("–",)


def beside_published(evidence: Evidence) -> list[Block]:
    """The section; nothing where the plan names no published result."""
    if not evidence.published:
        return []
    blocks: list[Block] = [Heading(2, "Beside the published result", "published")]
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
    window = (
        f"{words.period_words(evidence.data.first)} to {words.period_words(evidence.data.last)}"
    )
    known: dict[str, tuple[str, str]] = {
        "outcome": (row.outcome, outcome.label),
        "window": (row.years.replace("-", " to "), window),
        "model": (row.design, outcome.headline.label),
        "start": ("", words.period_words(evidence.start)),
    }
    aspects = [*known, *(aspect for aspect in differs if aspect not in known)]
    rows: list[tuple[Text, ...]] = [
        (("Change",), (_published(row),), (_ours(outcome),), NOTHING),
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
        caption=f"{row.site}, {row.outcome}: {row.source}, and this study",
        headers=(
            Header("What"),
            Header("As published"),
            Header("Here"),
            Header("What differs"),
        ),
        rows=tuple(rows),
    )


def _cell(said: str) -> Text:
    return (words.capital(said),) if said else NOTHING


def _published(row: BesidePublished) -> str:
    if row.effect is None:
        return f"No number was published, or none that is certain; concluded: {row.found}"
    said = printed(row)
    return said if row.low is not None else f"{said}; {NO_RANGE}"


def _ours(outcome: OutcomeEvidence) -> str:
    """The estimate and range of the headline, or why there is none that may be used."""
    reason = outcome.headline.reason or ""
    effect = outcome.headline.effect
    if effect is not None:
        reason = reason or effect.objection or ""
    if effect is None or reason:
        return f"No answer that may be used: {reason or 'not estimated'}"
    estimate = words.signed_percent(effect.percent.estimate)
    return f"{estimate}, 95% range {words.signed_range(effect.percent)}"


def _said(evidence: Evidence, row: BesidePublished) -> str:
    """Where it was read, that both are of one place, and that they are not one quantity."""
    known = row.certainty.removeprefix("read in ")
    said = f"The published number was read in: {row.read_in} ({known})."
    if row.place_id and row.place_id == evidence.data.provenance.place_of(evidence.data.unit):
        said += " Both are of one place, so they are not independent of one another."
    if not row.differences:
        return f"{said} The plan names nothing in which the two differ."
    aspects = [aspect for aspect, _ in row.differences]
    return (
        f"{said} The two are not the same quantity, because they differ in this: "
        f"{ENGLISH.listed(aspects)}. So they need not agree."
    )
