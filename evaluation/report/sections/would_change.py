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
from evaluation.study.evidence import Evidence, OutcomeEvidence

_BY_LOT = "places, or the dates on which they start, drawn by lot"
# How the reason of a step begins, and what would lift it. A test goes through every rule.
LIFTS: tuple[tuple[str, str], ...] = (
    (
        "a single series with no comparison place",
        "the same outcome from places without the program, recorded in the same way and going "
        "along with it before the start",
    ),
    (
        "a comparison that was not shown to go along",
        "a comparison place whose outcome went along before the start",
    ),
    (
        "people who took part beside people who did not",
        "invitations that came at random, or in an order that has nothing to do with risk",
    ),
    (
        "a survey of residents starts",
        "the same questions, before and after the start, in areas without the program",
    ),
    ("treated units beside untreated ones", f"{_BY_LOT}, instead of by choice"),
    ("a series with a comparison that was not seen", f"more places, and {_BY_LOT}"),
    ("a change looked for at three or more places", f"more places, and {_BY_LOT}"),
    ("a survey before and after the start", f"{_BY_LOT}, instead of by choice"),
    ("people called in one after another", "an order of call-ins that is drawn by lot"),
    (
        "the outcome was recorded in two ways within the window",
        "the same incidents counted one way throughout, or a window that ends before the change",
    ),
    (
        "the method finds changes at dates when nothing started",
        "a longer series before the start, or comparison places that share its swings",
    ),
    (
        "the model leaves autocorrelation over",
        "what drives the swings that are left over, recorded for every period",
    ),
    (
        "treated and untreated went different ways",
        "untreated units that went the same way before the start",
    ),
    (
        "the treated unit was not one of a kind",
        "untreated units more like the treated one before the start",
    ),
    (
        "the method finds effects in units where nothing started",
        "more untreated units, or steadier counts from larger ones",
    ),
    (
        "treated and untreated people differ",
        "untreated people more like those who took part, with the same things known of them",
    ),
    (
        "who counts as treated was decided after entry",
        "the day on which each person was invited, so that all count from then on",
    ),
    (
        "the items of the scale do not measure one thing",
        "questions that belong together, tried out beforehand",
    ),
    ("there are too few sampling units", "more blocks or areas in the sample of each group"),
    (
        "refusals to answer changed differently",
        "why people did not answer, or a second try to reach them",
    ),
    (
        "other kinds of people answered",
        "population figures for weights, or the same people asked again",
    ),
    ("different people left the panel", "answers from those who left, or records of why they did"),
    (
        "the answer depends on choices",
        "a longer series, or more places to compare, so that the choices matter less",
    ),
    (
        "the start follows an unusual stretch",
        "more years before that stretch, or places with such a stretch and no program",
    ),
    (
        "people entered after a spike",
        "people compared who had the same spike at the same distance from entry",
    ),
    (
        "those who took up services differ",
        "a comparison of all who were offered services, taken up or not",
    ),
    (
        "treated and untreated people were not followed equally long",
        "the same follow-up for all, or records of why people left it",
    ),
    (
        "outcomes that the program should not move changed too",
        "what else happened at the time, or a comparison that it reached too",
    ),
    (
        "those beside the treated changed too",
        "untreated units too far away to be reached, or a record of who moved",
    ),
    ("the plan was not frozen", "a plan frozen before the outcomes of the next years are known"),
    (
        "the plan was changed after it was frozen",
        "the next years analyzed by the plan as it stands now",
    ),
    (
        "the plan was frozen when the outcomes were already known",
        "outcomes from after the day of freezing, by the same plan",
    ),
    (
        "only its author's word dates the plan before the outcomes were known",
        "a date of the plan that others can vouch for, such as a public register",
    ),
    (
        "the outcome's recording changed near the start",
        "counts from before and after that change by the same rules",
    ),
    (
        "a related outcome breaks near the start",
        "word from those who keep the records of what changed then",
    ),
    (
        "the range holds both no change and a change that would matter",
        "more periods, more places or more people, which narrow the range",
    ),
    (
        "a planned alternative points the other way",
        "data that tell the alternatives apart, such as more periods or places",
    ),
    ("only ", "at least 24 periods before the start, if records go back that far"),
    (
        "it could not be estimated",
        "data in which the outcome can be estimated; the reason says why",
    ),
)
_BY_EVALUATOR = "by the evaluator, to "
_CONFOUNDER = "confounder strength"


def would_change(evidence: Evidence) -> list[Block]:
    """Of each outcome the doubts and what would lift them, the strength of another cause that would
    explain the change away, and when the data are looked at next."""
    blocks: list[Block] = [Heading(2, "What would change our mind", "mind")]
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
            yield (Strong(f"{doubt}. "), f"It would take {lifts}.")
        elif _BY_EVALUATOR in reason:
            yield (
                Strong(words.sentence(reason)),
                " It would take an answer to that reason in data.",
            )


def _confounder(evidence: Evidence, outcome: OutcomeEvidence) -> Iterator[Text]:
    """How strong something unmeasured would have to be, where the study worked that out."""
    found = strength(outcome)
    if found is None:
        return
    whole, edge = found
    said = (
        "Something that is not in the data would explain the whole estimate if it went with "
        f"{evidence.intervention} and with {outcome.label} by a factor of "
        f"{words.number(whole, 2)} each. "
    )
    if edge <= 1:
        said += "The range holds no change already."
    else:
        said += f"A factor of {words.number(edge, 2)} would bring the range to no change."
    yield (Strong("Another cause. "), said, " Evidence of one that strong would change our mind.")


def strength(outcome: OutcomeEvidence) -> tuple[float, float] | None:
    """The E-value of the estimate and of the end of its range nearer to no change."""
    if not outcome.estimated:
        return None
    for quantity in outcome.effect.quantities:
        if str(quantity.name).startswith(_CONFOUNDER):
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
            (Strong("The next look at the data: "), f"{words.period_words(str(date))}.")
        )
    return Paragraph(
        (
            Strong("The next look at the data: "),
            "the plan sets no date. Its author can, under ",
            Code("next_look"),
            ".",
        )
    )
