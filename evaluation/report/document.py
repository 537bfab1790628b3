"""One study as a document: the answer first, then all a doubter asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from evaluation.report import appendix, comparison, figures, goals, records, sensitivity, words
from evaluation.report.blocks import (
    Block,
    Callout,
    Contents,
    Document,
    Fact,
    Header,
    Heading,
    Inline,
    KeyFinding,
    Link,
    Paragraph,
    Strong,
    Table,
)
from evaluation.report.event_study import by_time
from evaluation.report.measures import measures
from evaluation.study.evidence import Evidence, OutcomeEvidence

HOME = Link("Does Ceasefire work?", "../index.html")
SYNTHETIC = Callout(
    "warning",
    "Synthetic data",
    (
        "A computer made these numbers, with an effect built in, to test the method. They say "
        "nothing about any real city.",
    ),
)


def report_document(evidence: Evidence, *, power_page: bool = False) -> Document:
    """The report of one study; with `power_page` it links to what its data could show at all."""
    blocks: list[Block] = [
        *banners(evidence),
        Heading(2, "The answer", "answer"),
        *(key_finding(evidence, outcome) for outcome in evidence.outcomes),
        Paragraph(
            (
                Strong("Expected"),
                " means what the model says would have happened without ",
                f"{evidence.intervention}, {comparison.gone_on(evidence)}. ",
                Strong("Range"),
                " means the 95% interval: values outside it fit the data poorly.",
            )
        ),
        Contents(),
        Heading(2, "What happened, and what was expected", "observed"),
        *_each(evidence, "observed", _observed),
        *by_time(evidence),
        *measures(evidence),
        Heading(2, "What other methods say", "alternatives"),
        Paragraph(
            (
                "One method is the headline. The others were planned beside it, or are always "
                "shown, so that no one can choose the answer after seeing it. If they disagree, "
                "trust the answer less.",
            )
        ),
        *_each(evidence, "alternatives", lambda _, outcome: _alternatives(outcome)),
        *sensitivity.choices(evidence),
        *sensitivity.compared(evidence),
        *sensitivity.groups_apart(evidence),
        *sensitivity.false_alarms(evidence),
        Heading(2, "How sure are we, and why", "certainty"),
        *_each(evidence, "certainty", lambda _, outcome: sensitivity.certainty(outcome)),
        *([_power_link()] if power_page else []),
        *_events(evidence),
        *appendix.methods(evidence),
        *sensitivity.groups(evidence),
        *sensitivity.left_over(evidence),
        *appendix.plan(evidence),
        *appendix.data(evidence),
        *comparison.limits(evidence),
        *appendix.reproduce(evidence),
    ]
    return Document(
        title=evidence.question,
        window_title=evidence.title,
        over=_over(evidence),
        blocks=tuple(blocks),
        home=HOME,
    )


def _over(evidence: Evidence) -> str:
    """What stands above the question: the goal, or that the study only repeats another."""
    if evidence.plan.content.get("replicates"):
        return "A replication, which tests the method"
    return f"Goal {evidence.goal}: {words.GOALS[evidence.goal]}"


def _power_link() -> Paragraph:
    return Paragraph(
        (
            "How large a change would this study have found? That was worked out from the time "
            "before the start alone: ",
            Link("what this study could find", "power.html"),
            ".",
        )
    )


def banners(evidence: Evidence) -> tuple[Callout, ...]:
    """What must be read before the answer: made-up data, a plan changed after freezing."""
    shown: list[Callout] = []
    if is_synthetic(evidence):
        shown.append(SYNTHETIC)
    if evidence.plan.changes:
        shown.append(
            Callout(
                "warning",
                "The plan was changed after it was frozen",
                (
                    "An answer whose plan moved deserves less trust. ",
                    Link("See every change", "#plan"),
                    ".",
                ),
            )
        )
    elif evidence.plan.frozen_sha256 is None:
        shown.append(
            Callout(
                "note",
                "The plan was not frozen",
                ("Nothing shows that the method was chosen before the results were seen.",),
            )
        )
    return tuple(shown)


def key_finding(
    evidence: Evidence, outcome: OutcomeEvidence, *, link: Link | None = None
) -> KeyFinding:
    """The sentence of one outcome with its strip of facts."""
    grade = outcome.grade
    way, side = words.direction_words(outcome)
    said = words.answer(outcome, evidence.intervention, margin=_margin(evidence))
    return KeyFinding(
        label=words.capital(outcome.label) + ("" if outcome.primary else " (secondary outcome)"),
        # The words travel without the banner when someone copies them.
        sentence=f"In synthetic data: {said}" if is_synthetic(evidence) else said,
        facts=(
            Fact("Direction", way, side),
            _size(evidence, outcome),
            Fact("Certainty", words.capital(grade.level), steps=words.GRADE_STEPS[grade.level]),
            Fact("Studies", "1", "Single study"),
            Fact("Cost", "Not supplied", "No cost is in the data"),
        ),
        tone=_tone(outcome),
        link=link,
    )


def is_synthetic(evidence: Evidence) -> bool:
    """Whether a computer made the data, so that no answer here is about a real place."""
    return evidence.data.provenance.sensitivity == "synthetic"


def _size(evidence: Evidence, outcome: OutcomeEvidence) -> Fact:
    if not outcome.estimated:
        return Fact("Size", "Not valid here" if outcome.refused else "Not estimated")
    effect = outcome.effect
    people = records.size(evidence, outcome) if goals.speaks_for(evidence) else ""
    return Fact(
        "Size",
        words.capital(words.change(effect.percent.estimate, effect)),
        words.capital(words.spread(effect)) + (f"; {people}" if people else ""),
    )


def _tone(outcome: OutcomeEvidence) -> Literal["good", "bad", "unclear"]:
    """Good and bad only for what is clear and can be told."""
    if not outcome.estimated or outcome.grade.level == "very low":
        return "unclear"
    if words.direction(outcome.effect) == "unclear":
        return "unclear"
    return "good" if words.good(outcome.effect, outcome.better) else "bad"


def _margin(evidence: Evidence) -> float | None:
    margin = evidence.plan.content.get("margin")
    return None if margin is None else float(margin)


def _each(evidence: Evidence, section: str, part: Any) -> list[Block]:
    """The part of every outcome, under its own heading when there is more than one."""
    blocks: list[Block] = []
    for outcome in evidence.outcomes:
        if len(evidence.outcomes) > 1:
            anchor = f"{section}-{figures.anchor(outcome.column)}"
            blocks.append(Heading(3, words.capital(outcome.label), anchor))
        blocks.extend(part(evidence, outcome))
    return blocks


def _alternatives(outcome: OutcomeEvidence) -> list[Block]:
    """The plot over its table; the table alone when the headline is not among the estimates."""
    if outcome.estimated:
        return [figures.planned_alternatives(outcome)]
    key = f"alternatives-{figures.anchor(outcome.column)}"
    return [figures.alternatives_table(key, outcome)]


def _observed(evidence: Evidence, outcome: OutcomeEvidence) -> list[Block]:
    if not outcome.estimated:
        why = words.not_estimated(outcome).removeprefix("Not estimated: ")
        why = words.capital(why.removeprefix("Not valid here: "))
        title = "Not valid here" if outcome.refused else "Not estimated"
        return [Callout("empty", title, (why,))]
    if goals.speaks_for(evidence):
        return records.observed(evidence, outcome)
    effect = outcome.effect
    said: list[Inline] = []
    if not effect.path:
        no_line = "The method gives the effect as such and no expected number for each period."
        return [Paragraph((f"{no_line} {words.worth(outcome)}",))]
    column = next((c for c in evidence.data.columns if c.name == outcome.column), None)
    if column is not None and column.type == "count":
        averted = effect.averted
        said += [
            f"From {words.period_words(evidence.start)} to "
            f"{words.period_words(effect.path[-1].period)} the best estimate is ",
            Strong(
                f"{words.number(abs(averted.estimate), 0)} "
                f"{'fewer' if averted.estimate >= 0 else 'more'} {outcome.label} than expected"
            ),
            f" (range {words.count_range(averted)}). ",
        ]
    said.append(words.worth(outcome))
    return [
        figures.observed_against_expected(evidence, outcome),
        *([Paragraph(tuple(said))] if any(said) else []),
    ]


def _events(evidence: Evidence) -> list[Block]:
    events: tuple[Mapping[str, Any], ...] = tuple(evidence.plan.content.get("events") or ())
    blocks: list[Block] = [
        Heading(2, "What else happened at the time", "events"),
    ]
    if not events:
        blocks.append(
            Paragraph(
                (
                    "The plan lists no other event near the start. That is a claim of its author, "
                    "not a finding: the data cannot show what else changed.",
                )
            )
        )
        return blocks
    blocks.append(
        Paragraph(
            (
                "The plan names these. The method cannot tell their effect from that of "
                f"{evidence.intervention} when they fall close to its start.",
            )
        )
    )
    blocks.append(
        Table(
            key="events-table",
            caption="Other events the plan names",
            headers=(Header("When"), Header("What")),
            rows=tuple(
                ((words.period_words(str(event["date"])),), (words.sentence(str(event["what"])),))
                for event in events
            ),
        )
    )
    return blocks
