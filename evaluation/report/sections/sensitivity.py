"""Every check in its place: choices, false alarms, what is left over, and the table of verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from evaluation.effect import Check
from evaluation.report import people_and_survey_words, words
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
from evaluation.report.figures.figures import anchor
from evaluation.report.figures.place_figures import BY_PLACE
from evaluation.report.figures.strip_figure import CHOICES, verdict
from evaluation.report.figures.unit_forest import BY_UNIT
from evaluation.report.sections import comparison
from evaluation.report.sections.check_table import rows_table
from evaluation.report.sections.comparison import WHO_IS_IN
from evaluation.report.sections.measures import kind_of, name_of, who_is_in
from evaluation.study.evidence import Evidence, OutcomeEvidence
from evaluation.study.outcome_kinds import moves

_CHOICES = CHOICES[:4]
_COMPARED = ("balance", "differing-trends", *CHOICES[4:])
_WHO = ("subgroups", "side-by-side")
_FALSE_ALARMS = ("placebo-dates", "placebo-units", "placebo-outcomes", "unaffected-outcomes")
_LEFT_OVER = ("correlogram", "residual-autocorrelation", "outliers")
# Their tables stand elsewhere: in the methods, and where it is told what happened.
_GROUPS = ("comparison-groups", "risk-curves", BUILT_UP, BY_PLACE, BY_UNIT, WHO_IS_IN)
# The worst first: a reader should not have to look for what failed.
_WORST_FIRST = {False: 0, True: 1, None: 2}


def choices(evidence: Evidence) -> list[Block]:
    """What the answer would be had other choices been made; nothing when that was not asked."""
    return _section(
        evidence,
        Heading(2, "Does the answer depend on our choices?", "choices"),
        "Someone else could have modeled these data in another way, begun the series at another "
        "time, or dated the start otherwise. Here are their answers. The plan made its choice "
        "beforehand; if the others lie far from it, trust it less.",
        _CHOICES,
    )


def compared(evidence: Evidence) -> list[Block]:
    """What the answer owes to the units compared; nothing when that was not asked."""
    return _section(
        evidence,
        Heading(2, "Does the answer depend on who is compared?", "compared"),
        "The untreated stand in for what would have happened to the treated. That is only as good "
        "as they are alike in how they change. Here is what remains without those that may be poor "
        "stand-ins, and, where that can be asked, if trends differed.",
        _COMPARED,
    )


def groups_apart(evidence: Evidence) -> list[Block]:
    """The effect by group, and outcomes of the same people beside each other; nothing when that was
    not asked."""
    people = people_and_survey_words.of_people(evidence)
    # Side by side is the same picture from whichever outcome it begins.
    first = tuple(one for one in evidence.outcomes if one.estimated)[:1]
    return _section(
        replace(evidence, outcomes=first) if people else evidence,
        Heading(2, "Do the outcomes agree?" if people else "Is it the same for everyone?", "who"),
        "An arrest is what the police record, and being hurt is not. Where the two go apart, less "
        "enforcement can look like less offending."
        if people
        else "An effect on average can hide that it is larger for some, or that others are worse "
        "off. With few people in each group, differences between groups are seldom clear.",
        _WHO,
    )


def false_alarms(evidence: Evidence) -> list[Block]:
    """What the method finds where there is nothing to find; nothing when that was not asked."""
    asked = "units, or outcomes, on" if comparison.is_did(evidence) else "dates, or outcomes, at"
    return _section(
        evidence,
        Heading(2, "Would the method have cried wolf?", "wolf"),
        f"The same method is asked about {asked} which the program can have done "
        "nothing. A method that finds changes there too cannot be believed here. About one in "
        "twenty is found by chance.",
        _FALSE_ALARMS,
    )


def left_over(evidence: Evidence) -> list[Block]:
    """What the model does not explain, for a reader with statistics."""
    return _section(
        evidence,
        Heading(2, "What the model leaves over", "left-over"),
        "If the model is right, what it leaves over is noise without a pattern. These are the "
        "tests of that, and the periods that fit it least.",
        _LEFT_OVER,
    )


def certainty(outcome: OutcomeEvidence) -> list[Block]:
    """The grade of one outcome, each step of it, and the verdict of every check, failed first."""
    grade = outcome.grade
    moved = (
        "and ends here for these reasons:" if grade.reasons else "and no rule raised or lowered it."
    )
    # Without an estimate nothing can lie close to it.
    close = f" {words.how_sure(grade.level)}" if outcome.estimated else ""
    blocks: list[Block] = [
        Paragraph(
            (
                Strong(f"{words.capital(grade.level)} certainty."),
                f"{close} The grade started at {grade.start}, {moved}",
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
            caption="Who is compared"
            if len(found) == 1
            else f"{words.capital(outcome.label)}: who is compared",
            headers=(Header("Start"), Header("Units", numeric=True), Header("Which")),
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
    return "Never" if period == "never" else words.period_words(period)


def _section(
    evidence: Evidence, heading: Heading, opening: str, names: Sequence[str]
) -> list[Block]:
    """The named checks of every outcome; without any, no heading either."""
    blocks: list[Block] = []
    for outcome in evidence.outcomes:
        checks = [
            check
            for name in names
            for check in outcome.checks
            if check.name == name or check.name.startswith(f"{name}-")
        ]
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
    said = Paragraph((Strong(words.capital(check.question)), f" {words.sentence(str(check.says))}"))
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
            caption=f"{words.capital(outcome.label)}: what moves the estimate",
            headers=(
                Header("Choice"),
                Header("As planned"),
                Header("Instead"),
                Header("Percentage points", numeric=True),
                Header("From", numeric=True),
                Header("To", numeric=True),
                Header("Pairs", numeric=True),
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
        Paragraph(
            ("Each choice is changed alone: the mean over all the others, the largest first.",)
        ),
    ]


def _points(change: float) -> str:
    """Percentage points with their sign."""
    return f"{'+' if change > 0 else ''}{words.number(change, 1)}"


def _verdicts(outcome: OutcomeEvidence) -> Table:
    return Table(
        key=f"checks-{anchor(outcome.column)}",
        caption=f"{words.capital(outcome.label)}: questions asked of the answer",
        headers=(Header("Question"), Header("What was found"), Header("Verdict")),
        rows=tuple(
            (
                (words.capital(check.question),),
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
    return Details(f"Numbers behind: {check.question}", (table,))
