"""What would change our mind: for each doubt the data that would lift it, and how strong another
cause would have to be."""

from __future__ import annotations

from collections.abc import Iterator

from evaluation.report import words
from evaluation.report.blocks import (
    Block,
    BulletList,
    Code,
    Heading,
    Paragraph,
    Strong,
    Text,
)
from evaluation.report.figures.figures import anchor
from evaluation.report.spoken import inline
from evaluation.say import say
from evaluation.study.evidence import Evidence, OutcomeEvidence

_BY_LOT = say("would-change.places-or-dates-on-which")
# How the reason of a step begins, and what would lift it. A test goes through every rule.
LIFTS: tuple[tuple[str, str], ...] = (
    (
        say("would-change.single-series-with-no-comparison"),
        say("would-change.same-outcome-from-places-without"),
    ),
    (
        say("would-change.comparison-that-was-not-shown"),
        say("would-change.comparison-place-whose-outcome-went"),
    ),
    (
        say("would-change.people-who-took-part-beside"),
        say("would-change.invitations-that-came-at-random"),
    ),
    (
        say("would-change.survey-of-residents-starts"),
        say("would-change.same-questions-before-and-after"),
    ),
    (
        say("would-change.treated-units-beside-untreated-ones"),
        say("would-change.instead-of-by-choice", by_lot=_BY_LOT),
    ),
    (
        say("would-change.series-with-comparison-that-was"),
        say("would-change.more-places-and", by_lot=_BY_LOT),
    ),
    (
        say("would-change.change-looked-for-at-three"),
        say("would-change.more-places-and", by_lot=_BY_LOT),
    ),
    (
        say("would-change.survey-before-and-after-start"),
        say("would-change.instead-of-by-choice", by_lot=_BY_LOT),
    ),
    (say("would-change.people-called-in-one-after"), say("would-change.order-of-call-ins-that")),
    (
        say("would-change.outcome-was-recorded-in-two"),
        say("would-change.same-incidents-counted-one-way"),
    ),
    (
        say("would-change.method-finds-changes-at-dates"),
        say("would-change.longer-series-before-start-or"),
    ),
    (
        say("would-change.model-leaves-autocorrelation-over"),
        say("would-change.what-drives-swings-that-are"),
    ),
    (
        say("would-change.treated-and-untreated-went-different"),
        say("would-change.untreated-units-that-went-same"),
    ),
    (
        say("would-change.treated-unit-was-not-one"),
        say("would-change.untreated-units-more-like-treated"),
    ),
    (
        say("would-change.method-finds-effects-in-units"),
        say("would-change.more-untreated-units-or-steadier"),
    ),
    (
        say("would-change.treated-and-untreated-people-differ"),
        say("would-change.untreated-people-more-like-those"),
    ),
    (
        say("would-change.who-counts-as-treated-was"),
        say("would-change.day-on-which-each-person"),
    ),
    (
        say("would-change.items-of-scale-do-not"),
        say("would-change.questions-that-belong-together-tried"),
    ),
    (say("would-change.there-are-too-few-sampling"), say("would-change.more-blocks-or-areas-in")),
    (
        say("would-change.refusals-to-answer-changed-differently"),
        say("would-change.why-people-did-not-answer"),
    ),
    (
        say("would-change.other-kinds-of-people-answered"),
        say("would-change.population-figures-for-weights-or"),
    ),
    (
        say("would-change.different-people-left-panel"),
        say("would-change.answers-from-those-who-left"),
    ),
    (
        say("would-change.answer-depends-on-choices"),
        say("would-change.longer-series-or-more-places"),
    ),
    (
        say("would-change.start-follows-unusual-stretch"),
        say("would-change.more-years-before-that-stretch"),
    ),
    (
        say("would-change.people-entered-after-spike"),
        say("would-change.people-compared-who-had-same"),
    ),
    (
        say("would-change.those-who-took-up-services"),
        say("would-change.comparison-of-all-who-were"),
    ),
    (
        say("would-change.treated-and-untreated-people-were"),
        say("would-change.same-follow-up-for-all"),
    ),
    (
        say("would-change.outcomes-that-program-should-not"),
        say("would-change.what-else-happened-at-time"),
    ),
    (
        say("would-change.those-beside-treated-changed-too"),
        say("would-change.untreated-units-too-far-away"),
    ),
    (say("would-change.plan-was-not-frozen"), say("would-change.plan-frozen-before-outcomes-of")),
    (
        say("would-change.plan-was-changed-after-it"),
        say("would-change.next-years-analyzed-by-plan"),
    ),
    (
        say("would-change.plan-was-frozen-when-outcomes"),
        say("would-change.outcomes-from-after-day-of"),
    ),
    (
        say("would-change.only-its-authors-word-dates"),
        say("would-change.date-of-plan-that-others"),
    ),
    (
        say("would-change.outcomes-recording-changed-near-start"),
        say("would-change.counts-from-before-and-after"),
    ),
    (
        say("would-change.related-outcome-breaks-near-start"),
        say("would-change.word-from-those-who-keep"),
    ),
    (
        say("would-change.range-holds-both-no-change"),
        say("would-change.more-periods-more-places-or"),
    ),
    (
        say("would-change.planned-alternative-points-other-way"),
        say("would-change.data-that-tell-alternatives-apart"),
    ),
    (say("would-change.only"), say("would-change.at-least-24-periods-before")),
    (
        say("would-change.it-could-not-be-estimated"),
        say("would-change.data-in-which-outcome-can"),
    ),
)
_BY_EVALUATOR = say("would-change.by-evaluator-to")
_CONFOUNDER = say("would-change.confounder-strength")


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


def lift(reason: str) -> str:
    """The data that would lift the reason of a step or of a start; "" where nothing is known to."""
    bare = reason.removeprefix("one down: ")
    return next((lifts for opening, lifts in LIFTS if bare.startswith(opening)), "")


def _lifted(outcome: OutcomeEvidence) -> Iterator[Text]:
    for reason in map(str, outcome.grade.reasons):
        lifts = lift(reason)
        if lifts:
            doubt = words.capital(reason.removeprefix("one down: ").rstrip("."))
            yield (Strong(f"{doubt}. "), say("would-change.it-would-take", lifts=lifts))
        elif _BY_EVALUATOR in reason:
            yield (
                Strong(words.sentence(reason)),
                say("would-change.it-would-take-answer-to"),
            )


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
        whole=words.number(whole, 2),
    )
    if edge <= 1:
        said += say("would-change.range-holds-no-change-already")
    else:
        said += say("would-change.factor-of-would-bring-range", edge=words.number(edge, 2))
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
        if quantity.name.startswith(_CONFOUNDER):
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
            inline(
                "would-change.text",
                strong=Strong(say("would-change.next-look-at-data")),
                date=words.period_words(str(date)),
            )
        )
    return Paragraph(
        (
            Strong(say("would-change.next-look-at-data")),
            *inline("would-change.plan-sets-no-date-its", code=Code("next_look")),
        )
    )
