"""Every check in its place: choices, false alarms, what is left over, and the table of verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from evaluation.effect import Check
from evaluation.report import study_words, words
from evaluation.report.blocks import (
    Block,
    BulletList,
    Details,
    Header,
    Heading,
    Paragraph,
    Strong,
    Table,
)
from evaluation.report.figures.accumulated import BUILT_UP
from evaluation.report.figures.check_figures import check_figure, has_figure
from evaluation.report.figures.estimates import CHOICES, verdict
from evaluation.report.figures.figures import anchor
from evaluation.report.figures.place_figures import BY_PLACE
from evaluation.report.figures.unit_forest import BY_UNIT
from evaluation.report.sections import comparison
from evaluation.report.sections.check_table import rows_table
from evaluation.report.sections.comparison import WHO_IS_IN
from evaluation.report.sections.measures import kind_of, name_of, who_is_in
from evaluation.report.spoken import heads
from evaluation.say import say
from evaluation.study.evidence import Evidence, OutcomeEvidence
from evaluation.study.outcome_kinds import SUBGROUPS, asked, moves

_CHOICES = CHOICES[:4]
_COMPARED = ("balance", "differing-trends", *CHOICES[4:])
_WHO = (SUBGROUPS, "side-by-side")
_FALSE_ALARMS = (
    "placebo-dates",
    "placebo-units",
    "placebo-outcomes",
    "unaffected-outcomes",
    "real-cities",
)
_LEFT_OVER = ("correlogram", "residual-autocorrelation", "outliers")
# Their tables stand elsewhere: in the methods, and where it is told what happened.
_GROUPS = ("comparison-groups", "risk-curves", BUILT_UP, BY_PLACE, BY_UNIT, WHO_IS_IN)
# The worst first: a reader should not have to look for what failed.
_WORST_FIRST = {False: 0, True: 1, None: 2}


def choices(evidence: Evidence) -> list[Block]:
    """What the answer would be had other choices been made; nothing when that was not asked."""
    return _section(
        evidence,
        Heading(2, say("sensitivity.title"), "choices"),
        say("sensitivity.someone-else-could-have-modeled"),
        _CHOICES,
    )


def compared(evidence: Evidence) -> list[Block]:
    """What the answer owes to the units compared; nothing when that was not asked."""
    return _section(
        evidence,
        Heading(2, say("sensitivity.does-answer-depend-on-who"), "compared"),
        say("sensitivity.untreated-stand-in-for-what"),
        _COMPARED,
    )


def groups_apart(evidence: Evidence) -> list[Block]:
    """The effect by group, and outcomes of the same people beside each other; nothing when that was
    not asked."""
    people = study_words.of_people(evidence)
    # Side by side is the same picture from whichever outcome it begins.
    first = tuple(one for one in evidence.outcomes if one.estimated)[:1]
    return _section(
        replace(evidence, outcomes=first) if people else evidence,
        Heading(
            2,
            say("sensitivity.do-outcomes-agree")
            if people
            else say("sensitivity.is-it-same-for-everyone"),
            "who",
        ),
        say("sensitivity.arrest-is-what-police-record")
        if people
        else say("sensitivity.effect-on-average-can-hide"),
        _WHO,
    )


def false_alarms(evidence: Evidence) -> list[Block]:
    """What the method finds where there is nothing to find; nothing when that was not asked."""
    asked = (
        say("sensitivity.units-or-outcomes-on")
        if comparison.is_did(evidence)
        else say("sensitivity.dates-or-outcomes-at")
    )
    return _section(
        evidence,
        Heading(2, say("sensitivity.would-method-have-cried-wolf"), "wolf"),
        say("sensitivity.same-method-is-asked-about", asked=asked),
        _FALSE_ALARMS,
    )


def left_over(evidence: Evidence) -> list[Block]:
    """What the model does not explain, for a reader with statistics."""
    return _section(
        evidence,
        Heading(2, say("sensitivity.what-model-leaves-over"), "left-over"),
        say("sensitivity.if-model-is-right-what"),
        _LEFT_OVER,
    )


def certainty(outcome: OutcomeEvidence) -> list[Block]:
    """The grade of one outcome, each step of it, and the verdict of every check, failed first."""
    grade = outcome.grade
    moved = (
        say("sensitivity.and-ends-here-for-these")
        if grade.reasons
        else say("sensitivity.and-no-rule-raised-or")
    )
    # Without an estimate nothing can lie close to it.
    close = f" {words.how_sure(grade.level)}" if outcome.estimated else ""
    blocks: list[Block] = [
        Paragraph(
            (
                Strong(say("sensitivity.certainty", level=grade.level)),
                say("sensitivity.grade-started-at", close=close, start=grade.start, moved=moved),
            )
        )
    ]
    if grade.reasons:
        blocks.append(BulletList(tuple((words.sentence(str(reason)),) for reason in grade.reasons)))
    if outcome.checks:
        blocks.append(_verdicts(outcome))
    for check in outcome.checks:
        if check.table and not has_figure(check) and check.name not in (*_LEFT_OVER, *_GROUPS):
            blocks.append(_numbers(outcome, check))
    return blocks


def groups(evidence: Evidence) -> list[Block]:
    """Which units begin when, and which never, and who is left out and why where that is asked;
    once where all outcomes have the same."""
    found = [
        (o, c) for o in evidence.outcomes for c in o.checks if c.name == _GROUPS[0] and c.table
    ]
    if all(check.table == found[0][1].table for _, check in found):
        found = found[:1]
    return [
        Table(
            key=f"compared-{anchor(outcome.column)}",
            caption=say("sensitivity.who-is-compared")
            if len(found) == 1
            else say("sensitivity.who-is-compared-2", label=outcome.label),
            headers=(
                Header(say("head.start")),
                Header(say("head.units"), numeric=True),
                Header(say("head.which")),
            ),
            rows=tuple(
                (
                    (_start(str(row["start"])),),
                    (words.number(int(row["units"])),),
                    (str(row["names"]),),
                )
                for row in check.table
            ),
        )
        for outcome, check in found
    ] + who_is_in(evidence)


def _start(period: str) -> str:
    return say("sensitivity.never") if period == "never" else words.period_words(period)


def _section(
    evidence: Evidence, heading: Heading, opening: str, names: Sequence[str]
) -> list[Block]:
    """The named checks of every outcome; without any, no heading either."""
    blocks: list[Block] = []
    for outcome in evidence.outcomes:
        checks = [check for name in names for check in outcome.checks if asked(check)[0] == name]
        if not checks or not outcome.estimated:
            continue
        if len(evidence.outcomes) > 1:
            own = f"{heading.anchor}-{anchor(outcome.column)}"
            blocks.append(Heading(3, words.capital(outcome.label), own))
        for check in checks:
            blocks += _shown(evidence, outcome, check)
    return [heading, Paragraph((opening,)), *blocks] if blocks else []


def _shown(evidence: Evidence, outcome: OutcomeEvidence, check: Check) -> list[Block]:
    """A figure where there is one, else the finding in words with its numbers."""
    if has_figure(check):
        return [check_figure(evidence, outcome, check), *_what_moves(evidence, outcome, check)]
    said = Paragraph(
        (Strong(words.capital(str(check.question))), f" {words.sentence(str(check.says))}")
    )
    return [said, _numbers(outcome, check)] if check.table else [said]


def _what_moves(evidence: Evidence, outcome: OutcomeEvidence, check: Check) -> list[Block]:
    """Of a specification curve: what each choice does to the estimate when it alone is changed."""
    found = moves(check.table) if check.name == _CHOICES[0] else ()
    if not found:
        return []
    frequency = evidence.data.frequency
    return [
        Table(
            key=f"moves-{anchor(outcome.column)}",
            caption=say("sensitivity.what-moves-estimate", label=outcome.label),
            headers=heads(
                "choice",
                "as-planned",
                "instead",
                numeric=("percentage-points", "from", "to", "pairs"),
            ),
            rows=tuple(
                (
                    (name_of(move.choice),),
                    (kind_of(move.choice, move.planned, frequency),),
                    (kind_of(move.choice, move.other, frequency),),
                    (_points(move.change),),
                    (_points(move.least),),
                    (_points(move.most),),
                    (words.number(move.pairs),),
                )
                for move in found
            ),
        ),
        Paragraph((say("sensitivity.each-choice-is-changed-alone"),)),
    ]


def _points(change: float) -> str:
    """Percentage points with their sign."""
    return f"{'+' if change > 0 else ''}{words.number(change, 1)}"


def _verdicts(outcome: OutcomeEvidence) -> Table:
    return Table(
        key=f"checks-{anchor(outcome.column)}",
        caption=say("sensitivity.questions-asked-of-answer", label=outcome.label),
        headers=heads("question", "what-was-found", "verdict"),
        rows=tuple(
            (
                (words.capital(str(check.question)),),
                (words.sentence(str(check.says)),),
                (Strong(verdict(check)),),
            )
            for check in sorted(outcome.checks, key=lambda check: _WORST_FIRST[check.passed])
        ),
    )


def _numbers(outcome: OutcomeEvidence, check: Check) -> Details:
    table = rows_table(
        f"check-{anchor(outcome.column)}-{anchor(check.name)}",
        f"{words.capital(outcome.label)}: {check.question}",
        check.table,
    )
    return Details(say("sensitivity.numbers-behind", question=check.question), (table,))
