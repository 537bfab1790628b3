"""One study as a document: the answer first, then all a doubter asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evaluation.effect import Check
from evaluation.report import appendix, figures, words
from evaluation.report.blocks import (
    Block,
    BulletList,
    Callout,
    Contents,
    Details,
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
    Text,
)
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
_VERDICTS = {True: "Passed", False: "Failed", None: "Informs"}


def report_document(evidence: Evidence) -> Document:
    """The report of one study."""
    blocks: list[Block] = [
        *banners(evidence),
        Heading(2, "The answer", "answer"),
        *(key_finding(evidence, outcome) for outcome in evidence.outcomes),
        Paragraph(
            (
                Strong("Expected"),
                " means what the model says would have happened without ",
                f"{evidence.intervention}, had the earlier pattern gone on. ",
                Strong("Range"),
                " means the 95% interval: values outside it fit the data poorly.",
            )
        ),
        Contents(),
        Heading(2, "What happened, and what was expected", "observed"),
        *_each(evidence, "observed", _observed),
        Heading(2, "What other methods say", "alternatives"),
        Paragraph(
            (
                "One method is the headline. The others were planned beside it, or are always "
                "shown, so that no one can choose the answer after seeing it. If they disagree, "
                "trust the answer less.",
            )
        ),
        *_each(
            evidence, "alternatives", lambda _, outcome: [figures.planned_alternatives(outcome)]
        ),
        Heading(2, "How sure are we, and why", "certainty"),
        *_each(evidence, "certainty", lambda _, outcome: _certainty(outcome)),
        *_events(evidence),
        *appendix.methods(evidence),
        *appendix.plan(evidence),
        *appendix.data(evidence),
        *_limits(evidence),
        *appendix.reproduce(evidence),
    ]
    return Document(
        title=evidence.question,
        window_title=evidence.title,
        over=f"Goal {evidence.goal}: {words.GOALS[evidence.goal]}",
        blocks=tuple(blocks),
        home=HOME,
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
    effect, grade = outcome.effect, outcome.grade
    way, side = words.direction_words(outcome)
    unclear = words.direction(effect) == "unclear" or grade.level == "very low"
    said = words.answer(outcome, evidence.intervention, margin=_margin(evidence))
    return KeyFinding(
        label=words.capital(outcome.label) + ("" if outcome.primary else " (secondary outcome)"),
        # The words travel without the banner when someone copies them.
        sentence=f"In synthetic data: {said}" if is_synthetic(evidence) else said,
        facts=(
            Fact("Direction", way, side),
            Fact(
                "Size",
                words.capital(words.change(effect.percent.estimate, effect)),
                words.capital(words.spread(effect)),
            ),
            Fact("Certainty", words.capital(grade.level), steps=words.GRADE_STEPS[grade.level]),
            Fact("Studies", "1", "Single study"),
            Fact("Cost", "Not supplied", "No cost is in the data"),
        ),
        tone="unclear" if unclear else "good" if words.good(effect, outcome.better) else "bad",
        link=link,
    )


def is_synthetic(evidence: Evidence) -> bool:
    """Whether a computer made the data, so that no answer here is about a real place."""
    return evidence.data.provenance.sensitivity == "synthetic"


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


def _observed(evidence: Evidence, outcome: OutcomeEvidence) -> list[Block]:
    effect = outcome.effect
    said: list[Inline] = []
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


def _certainty(outcome: OutcomeEvidence) -> list[Block]:
    grade = outcome.grade
    moved = (
        "and ends here for these reasons:" if grade.reasons else "and no rule raised or lowered it."
    )
    blocks: list[Block] = [
        Paragraph(
            (
                Strong(f"{words.capital(grade.level)} certainty."),
                f" {words.how_sure(grade.level)} The grade started at {grade.start}, {moved}",
            )
        )
    ]
    if grade.reasons:
        blocks.append(BulletList(tuple((words.sentence(reason),) for reason in grade.reasons)))
    if outcome.checks:
        blocks.append(_checks_table(outcome))
        for check in outcome.checks:
            if check.table:
                blocks.append(_check_details(outcome, check))
    return blocks


def _checks_table(outcome: OutcomeEvidence) -> Table:
    return Table(
        key=f"checks-{figures.anchor(outcome.column)}",
        caption=f"{words.capital(outcome.label)}: questions asked of the answer",
        headers=(Header("Question"), Header("What was found"), Header("Verdict")),
        rows=tuple(
            (
                (words.capital(check.question),),
                (words.sentence(check.says),),
                (Strong(_VERDICTS[check.passed]),),
            )
            for check in outcome.checks
        ),
    )


def _check_details(outcome: OutcomeEvidence, check: Check) -> Details:
    names = tuple(str(name) for name in check.table[0])
    first = check.table[0]
    table = Table(
        key=f"check-{figures.anchor(outcome.column)}-{figures.anchor(check.name)}",
        caption=f"{words.capital(outcome.label)}: {check.question}",
        headers=tuple(
            Header(words.capital(name.replace("_", " ")), numeric=_is_number(first[name]))
            for name in names
        ),
        rows=tuple(tuple(_cell(row[name]) for name in names) for row in check.table),
    )
    return Details(f"Numbers behind: {check.question}", (table,))


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _cell(value: Any) -> Text:
    if isinstance(value, bool):
        return ("Yes" if value else "No",)
    if value is None:
        return ("–",)
    return (words.number(value, 3) if _is_number(value) else str(value),)


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


def _limits(evidence: Evidence) -> list[Block]:
    design = str(evidence.plan.content.get("design", "its"))
    items: list[Text] = [
        (
            f"The answer rests on this: {words.design_assumption(design, evidence.intervention)} "
            "No test can confirm it.",
        ),
        (
            f"This is one study of one place, {evidence.data.unit}. It does not say what would "
            "happen elsewhere.",
        ),
        (
            "It says whether an outcome changed, not why, nor who bears the burden: results by "
            "group, stops and arrests, delivery and cost are not in these data.",
        ),
    ]
    if design == "its":
        items.insert(
            1,
            (
                "No other place is compared. A change that reached every city at the same time "
                "would look like an effect here.",
            ),
        )
    if evidence.data.recording_changes:
        items.append(
            (
                "The way the outcome was recorded changed; see ",
                Link("the data", "#data"),
                ". A change near the start can look like an effect.",
            )
        )
    return [Heading(2, "Limits", "limits"), BulletList(tuple(items))]
