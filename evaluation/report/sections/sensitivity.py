"""Every check in its place: choices, false alarms, what is left over, and the table of verdicts.

What would change our mind: for each doubt the data that would lift it, and how strong another
cause would have to be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from evaluation.effect import Check
from evaluation.fact import Fact
from evaluation.report import blocks as page
from evaluation.report import study_words, words
from evaluation.report.doubts import EVALUATOR, doubt, step_of
from evaluation.report.figures.check_figures import check_figure, has_figure
from evaluation.report.figures.estimates import CHOICES, rows_table, verdict
from evaluation.report.figures.figures import anchor
from evaluation.report.figures.unit_figures import BY_PLACE, BY_UNIT
from evaluation.report.sections import comparison
from evaluation.report.sections.comparison import WHO_IS_IN
from evaluation.report.sections.folded import folded
from evaluation.report.sections.measures import kind_of, name_of, who_is_in
from evaluation.report.study_words import CONFOUNDER, measure_of
from evaluation.say import ENGLISH, Language, say
from evaluation.study.evidence import Evidence, OutcomeEvidence
from evaluation.study.outcome_kinds import SUBGROUPS, asked, moves
from evaluation.study.totals import BUILT_UP

_LEFT_OVER = ("correlogram", "residual-autocorrelation", "outliers")
# Sections of checks by their anchors: title, opening, and which checks.
_SECTIONS: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "choices": ("title", "someone-else-could-have-modeled", (*CHOICES[:4], "carried-trend")),
    "compared": (
        "does-answer-depend-on-who",
        "untreated-stand-in-for-what",
        ("balance", "differing-trends", *CHOICES[4:]),
    ),
    "who": ("is-it-same-for-everyone", "effect-on-average-can-hide", (SUBGROUPS, "side-by-side")),
    "wolf": (
        "would-method-have-cried-wolf",
        "same-method-is-asked-about",
        (
            "placebo-dates",
            "placebo-units",
            "placebo-outcomes",
            "unaffected-outcomes",
            "real-cities",
        ),
    ),
    "left-over": ("what-model-leaves-over", "if-model-is-right-what", _LEFT_OVER),
}
# Title and opening of the effect by group, where outcomes of the same people stand side by side.
_OF_PEOPLE = ("do-outcomes-agree", "arrest-is-what-police-record")
# Their tables stand elsewhere: in the methods, and where it is told what happened.
_GROUPS = ("comparison-groups", "risk-curves", BUILT_UP, BY_PLACE, BY_UNIT, WHO_IS_IN)
# The worst first: a reader should not have to look for what failed.
_WORST_FIRST = {False: 0, True: 1, None: 2}


def section(evidence: Evidence, anchor: str) -> list[page.Block]:
    """The checks of one section, of every outcome; without any, no heading either.

    Parameters
    ----------
    anchor : "choices", what the answer would be had others been made; "compared", what it owes to
        the units compared; "who", the effect by group, or outcomes of the same people; "wolf", what
        the method finds where nothing is to be found; "left-over", what the model does not explain.
    """
    title, opening, names = _SECTIONS[anchor]
    outcomes = tuple(one for one in evidence.outcomes if one.estimated)
    if anchor == "who" and study_words.of_people(evidence):
        # Side by side is the same picture from whichever outcome it begins.
        (title, opening), evidence = _OF_PEOPLE, replace(evidence, outcomes=outcomes[:1])
        outcomes = outcomes[:1]
    where = "units-or-outcomes-on" if comparison.is_did(evidence) else "dates-or-outcomes-at"
    blocks: list[page.Block] = []
    for outcome in outcomes:
        checks = [check for name in names for check in outcome.checks if asked(check)[0] == name]
        told = [block for check in checks for block in _shown(evidence, outcome, check)]
        blocks += folded(evidence, outcome, anchor, told)
    if not blocks:
        return []
    said = page.paragraph(f"sensitivity.{opening}", asked=say(f"sensitivity.{where}"))
    return [page.heading(f"sensitivity.{title}", anchor), said, *blocks]


def certainty(outcome: OutcomeEvidence) -> list[page.Block]:
    """The grade of one outcome, each step of it, and the verdict of every check, failed first."""
    grade = outcome.grade
    moved = say(
        "sensitivity.and-ends-here-for-these"
        if grade.reasons
        else "sensitivity.and-no-rule-raised-or"
    )
    # Without an estimate nothing can lie close to it.
    close = f" {words.how_sure(grade.level)}" if outcome.estimated else ""
    blocks: list[page.Block] = [
        page.Paragraph(
            (
                page.strong("sensitivity.certainty", level=grade.level),
                say("sensitivity.grade-started-at", close=close, start=grade.start, moved=moved),
            )
        )
    ]
    if grade.reasons:
        blocks.append(page.bullets(words.sentence(str(reason)) for reason in grade.reasons))
    if outcome.checks:
        blocks.append(_verdicts(outcome))
    for check in outcome.checks:
        if check.table and not has_figure(check) and check.name not in (*_LEFT_OVER, *_GROUPS):
            blocks.append(_numbers(outcome, check))
    return blocks


def groups(evidence: Evidence) -> list[page.Block]:
    """Which units begin when, and which never, and who is left out and why where that is asked;
    once where all outcomes have the same."""
    found = [
        (o, c) for o in evidence.outcomes for c in o.checks if c.name == _GROUPS[0] and c.table
    ]
    if all(check.table == found[0][1].table for _, check in found):
        found = found[:1]
    return [
        page.table(
            f"compared-{anchor(outcome.column)}",
            say("sensitivity.who-is-compared")
            if len(found) == 1
            else say("sensitivity.who-is-compared-2", label=outcome.label),
            ("start", "#units", "which"),
            (
                (_start(str(row["start"])), words.number(int(row["units"])), str(row["names"]))
                for row in check.table
            ),
        )
        for outcome, check in found
    ] + who_is_in(evidence)


def _start(period: str) -> str:
    return say("sensitivity.never") if period == "never" else words.period_words(period)


def _shown(evidence: Evidence, outcome: OutcomeEvidence, check: Check) -> list[page.Block]:
    """A figure where there is one, else the finding in words with its numbers."""
    if has_figure(check):
        return [check_figure(evidence, outcome, check), *_what_moves(evidence, outcome, check)]
    said = page.Paragraph(
        (page.Strong(words.capital(str(check.question))), f" {words.sentence(str(check.says))}")
    )
    return [said, _numbers(outcome, check)] if check.table else [said]


def _what_moves(evidence: Evidence, outcome: OutcomeEvidence, check: Check) -> list[page.Block]:
    """Of a specification curve: what each choice does to the estimate when it alone is changed."""
    found = moves(check.table) if check.name == CHOICES[0] else ()
    if not found:
        return []
    frequency = evidence.data.frequency
    return [
        page.table(
            f"moves-{anchor(outcome.column)}",
            say("sensitivity.what-moves-estimate", label=outcome.label),
            ("choice", "as-planned", "instead", "#percentage-points", "#from", "#to", "#pairs"),
            (
                (
                    name_of(move.choice),
                    kind_of(move.choice, move.planned, frequency),
                    kind_of(move.choice, move.other, frequency),
                    _points(move.change),
                    _points(move.least),
                    _points(move.most),
                    words.number(move.pairs),
                )
                for move in found
            ),
        ),
        page.paragraph("sensitivity.each-choice-is-changed-alone"),
    ]


def _points(change: float) -> str:
    """Percentage points with their sign."""
    return f"{'+' if change > 0 else ''}{words.number(change, 1)}"


def _verdicts(outcome: OutcomeEvidence) -> page.Table:
    return page.table(
        f"checks-{anchor(outcome.column)}",
        say("sensitivity.questions-asked-of-answer", label=outcome.label),
        ("question", "what-was-found", "verdict"),
        (
            (
                words.capital(str(check.question)),
                words.sentence(str(check.says)),
                page.Strong(verdict(check)),
            )
            for check in sorted(outcome.checks, key=lambda check: _WORST_FIRST[check.passed])
        ),
    )


def _numbers(outcome: OutcomeEvidence, check: Check) -> page.Details:
    table = rows_table(
        f"check-{anchor(outcome.column)}-{anchor(check.name)}",
        f"{words.capital(outcome.label)}: {check.question}",
        check.table,
    )
    return page.Details(say("sensitivity.numbers-behind", question=check.question), (table,))


def would_change(evidence: Evidence) -> list[page.Block]:
    """Of each outcome but the primary, whose are on the first layer, the doubts and what would lift
    them; the strength of another cause that would explain the change away, and the next look."""
    blocks: list[page.Block] = [page.heading("would-change.title", "mind")]
    for outcome in evidence.outcomes:
        items = [*_confounder(evidence, outcome)]
        if not outcome.primary:
            items = [*_lifted(outcome), *items]
        told = [page.bullets(items)] if items else []
        blocks += folded(evidence, outcome, "mind", told)
    return [*blocks, _next_look(evidence)]


def lift(reason: Fact | str, language: Language = ENGLISH) -> str:
    """The data that would lift the reason of a step or of a start; "" where nothing is known to."""
    key = f"lift.{doubt(reason)}"
    return language.say(key) if ENGLISH.has(key) else ""


def _lifted(outcome: OutcomeEvidence) -> Iterator[page.Text]:
    for reason in outcome.grade.reasons:
        lifts = lift(reason)
        if lifts:
            bare = words.capital(str(step_of(reason)).rstrip("."))
            yield (page.Strong(f"{bare}. "), say("would-change.it-would-take", lifts=lifts))
        elif doubt(reason) == EVALUATOR:
            yield (
                page.Strong(words.sentence(str(reason))),
                say("would-change.it-would-take-answer-to"),
            )


def _confounder(evidence: Evidence, outcome: OutcomeEvidence) -> Iterator[page.Text]:
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
        page.strong("would-change.another-cause"),
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


def _next_look(evidence: Evidence) -> page.Paragraph:
    date = evidence.plan.content.get("next_look")
    if date:
        return page.Paragraph(
            (page.strong("would-change.next-look-at-data"), f"{words.period_words(str(date))}.")
        )
    return page.Paragraph(
        (
            page.strong("would-change.next-look-at-data"),
            *page.inline("would-change.plan-sets-no-date-its", code=page.Code("next_look")),
        )
    )
