"""What would change our mind: for each doubt the data that would lift it, and how strong another
cause would have to be."""

from __future__ import annotations

from collections.abc import Iterator

from evaluation.fact import Fact
from evaluation.report import words
from evaluation.report.blocks import Block, BulletList, Code, Heading, Paragraph, Strong, Text
from evaluation.report.doubts import EVALUATOR, doubt, step_of
from evaluation.report.figures.figures import anchor
from evaluation.report.spoken import inline
from evaluation.report.study_words import CONFOUNDER, measure_of
from evaluation.say import ENGLISH, say
from evaluation.study.evidence import Evidence, OutcomeEvidence


def would_change(evidence: Evidence) -> list[Block]:
    """Of each outcome the doubts and what would lift them, the strength of another cause that would
    explain the change away, and when the data are looked at next."""
    blocks: list[Block] = [Heading(2, say("would-change.title"), "mind")]
    for outcome in evidence.outcomes:
        if len(evidence.outcomes) > 1:
            name = f"mind-{anchor(outcome.column)}"
            blocks.append(Heading(3, words.capital(outcome.label), name))
        items = [*_lifted(outcome), *_confounder(evidence, outcome)]
        if items:
            blocks.append(BulletList(tuple(items)))
    return [*blocks, _next_look(evidence)]


def lift(reason: Fact | str) -> str:
    """The data that would lift the reason of a step or of a start; "" where nothing is known to."""
    key = f"lift.{doubt(reason)}"
    return say(key) if ENGLISH.has(key) else ""


def _lifted(outcome: OutcomeEvidence) -> Iterator[Text]:
    for reason in outcome.grade.reasons:
        lifts = lift(reason)
        if lifts:
            bare = words.capital(str(step_of(reason)).rstrip("."))
            yield (Strong(f"{bare}. "), say("would-change.it-would-take", lifts=lifts))
        elif doubt(reason) == EVALUATOR:
            yield (Strong(words.sentence(str(reason))), say("would-change.it-would-take-answer-to"))


def _confounder(evidence: Evidence, outcome: OutcomeEvidence) -> Iterator[Text]:
    """How strong something unmeasured would have to be, where the study worked that out."""
    found = strength(outcome)
    if found is None:
        return
    whole, edge = found
    said = say(
        "would-change.something-that-is-not-in",
        intervention=evidence.intervention,
        label=outcome.label,
        whole=whole,
    )
    if edge <= 1:
        said += say("would-change.range-holds-no-change-already")
    else:
        said += say("would-change.factor-of-would-bring-range", edge=edge)
    yield (
        Strong(say("would-change.another-cause")),
        said,
        say("would-change.evidence-of-one-that-strong"),
    )


def strength(outcome: OutcomeEvidence) -> tuple[float, float] | None:
    """The E-value of the estimate and of the end of its range nearer to no change."""
    if not outcome.estimated:
        return None
    for quantity in outcome.effect.quantities:
        if measure_of(quantity) == CONFOUNDER:
            return quantity.estimate, quantity.low
    for check in outcome.checks:
        if check.name == "e-value" and check.table:
            row = check.table[0]
            return float(row["e-value"]), float(row["e-value of the interval"])
    return None


def _next_look(evidence: Evidence) -> Paragraph:
    date = evidence.plan.content.get("next_look")
    if date:
        return Paragraph(
            (Strong(say("would-change.next-look-at-data")), f"{words.period_words(str(date))}.")
        )
    return Paragraph(
        (
            Strong(say("would-change.next-look-at-data")),
            *inline("would-change.plan-sets-no-date-its", code=Code("next_look")),
        )
    )
