"""Who bears the program, what it cost, who paid, and who has a stake in the answer.

Results by group and place, stops and arrests, trust, and whether violence took another form or
moved next door; what the author of a plan declares.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from evaluation.data.panel import About
from evaluation.effect import Point
from evaluation.report import blocks as page
from evaluation.report import words
from evaluation.say import say
from evaluation.study.evidence import Evidence, OutcomeEvidence
from evaluation.study.outcome_kinds import SUBGROUPS, asked

SPILLOVER = "spillover"
# The goal for which violence of another kind matters.
_VIOLENCE = 1


def who_bears_it(evidence: Evidence, answer: Callable[[OutcomeEvidence], str]) -> list[page.Block]:
    """What was found for those who bear it, and what data would be needed for the rest.

    Parameters
    ----------
    answer : the sentence about an outcome, the same as at the head of the page.
    """
    by_group, parts = subgroups(evidence), of_a_group(evidence)
    burden, trust = enforcement(evidence), about(evidence, "trust")
    other, moved = other_violence(evidence), displacement(evidence)
    blocks: list[page.Block] = [
        page.heading("equity.title", "bears"),
        page.paragraph("equity.effect-on-average-can-come"),
    ]
    if by_group:
        blocks.append(_told(by_group))
        blocks.append(
            page.paragraph(
                "equity.numbers-are", link=page.Link(say("equity.shown-by-group"), "#who")
            )
        )
    rows = [
        *_rows(answer, say("equity.stops-arrests-force-custody"), burden, rise_harms=True),
        *_rows(answer, say("equity.trust-in-police"), trust),
        *_rows(answer, say("equity.violence-of-another-kind"), other),
        *_rows(
            answer,
            say("equity.some-people-or-places-only"),
            [outcome for outcome in parts if outcome not in (*burden, *trust, *other)],
        ),
    ]
    if rows:
        blocks.append(
            page.table(
                "bears-outcomes",
                say("equity.outcomes-that-say-who-bears"),
                ("outcome", "of-what", "what-was-found", "certainty", "harm"),
                rows,
            )
        )
    if counted := [outcome for outcome in parts if _spans(outcome)]:
        blocks.append(_incidence(counted))
    if moved:
        blocks.append(_told(moved))
    missing = [
        *([] if by_group or parts else [_NO_GROUPS]),
        *([] if burden else [_NO_ENFORCEMENT]),
        *([] if trust else [_NO_TRUST]),
    ]
    if evidence.goal == _VIOLENCE and not other:
        missing.append(_NO_OTHER)
    if missing:
        blocks.append(page.bullets(missing))
    return blocks


def subgroups(evidence: Evidence) -> tuple[tuple[str, str, str], ...]:
    """Label of the outcome, question and finding of every check by group."""
    return _checks(evidence, SUBGROUPS)


def displacement(evidence: Evidence) -> tuple[tuple[str, str, str], ...]:
    """The same of every check on whether violence moved to neighbors."""
    return _checks(evidence, SPILLOVER)


def _checks(evidence: Evidence, name: str) -> tuple[tuple[str, str, str], ...]:
    return tuple(
        (outcome.label, str(check.question), str(check.says))
        for outcome in evidence.outcomes
        for check in outcome.checks
        if asked(check)[0] == name and check.table
    )


def _told(checks: tuple[tuple[str, str, str], ...]) -> page.BulletList:
    return page.bullets(
        (page.Strong(f"{words.capital(label)}: "), f"{question} {words.sentence(says)}")
        for label, question, says in checks
    )


def about(evidence: Evidence, role: About) -> list[OutcomeEvidence]:
    """The outcomes that the description of the data declares to be about this; a scale is about
    what its questions are."""
    return [outcome for outcome in evidence.outcomes if role in declared(evidence, outcome)]


def declared(evidence: Evidence, outcome: OutcomeEvidence) -> frozenset[About]:
    """What the description of the data declares an outcome to be about. Its name says nothing: a
    workforce is no force, and stops of a bus are no stops."""
    return frozenset(
        role
        for column in evidence.data.columns
        if outcome.column in (column.name, column.scale)
        for role in column.about
    )


def enforcement(evidence: Evidence) -> list[OutcomeEvidence]:
    """The outcomes that say what police and courts did to people."""
    return about(evidence, "enforcement")


def other_violence(evidence: Evidence) -> list[OutcomeEvidence]:
    """Outcomes that say whether violence took another form; none of what the study aims at."""
    return [one for one in about(evidence, "substitution") if not one.primary]


def of_a_group(evidence: Evidence) -> list[OutcomeEvidence]:
    """Outcomes of some people or some places, by race or neighborhood."""
    return about(evidence, "group")


def harm(outcome: OutcomeEvidence, *, rise_harms: bool) -> str:
    """Which way would be harm, and whether it was seen or can be ruled out.

    Parameters
    ----------
    rise_harms : a rise is harm whatever the plan calls good, as of arrests; otherwise harm is the
        way that the plan does not call good. Either is taken in the effect's own terms: more days
        free of arrest are no more arrests.
    """
    effect = outcome.headline.effect
    turned = effect is not None and words.good_way(outcome, effect) != outcome.better
    rises = (rise_harms or outcome.better == "lower") != turned
    said = say("equity.would-be-harm", rises=rises)
    if rise_harms and outcome.better == "higher":
        said = say("equity.plan-calls-more-of-it", said=said)
    if outcome.refused or not outcome.estimated:
        return say("equity.not-known", said=said)
    effect = outcome.effect
    worst = effect.percent.high if rises else effect.percent.low
    least = effect.percent.low if rises else effect.percent.high
    unsure = say("equity.but-we-cannot-tell-why") if outcome.grade.level == "very low" else ""
    sign = 1 if rises else -1
    if sign * least > 0:
        return say(
            "equity.seen-expected",
            said=said,
            estimate=words.change(effect.percent.estimate),
            unsure=unsure,
        )
    if sign * worst > 0:
        return say("equity.not-ruled-out-up-to", said=said, worst=words.change(worst))
    return say("equity.not-seen", said=said, unsure=unsure)


def _rows(
    answer: Callable[[OutcomeEvidence], str],
    of: str,
    outcomes: list[OutcomeEvidence],
    *,
    rise_harms: bool = False,
) -> list[tuple[page.Text, ...]]:
    return [
        (
            (words.capital(outcome.label),),
            (of,),
            (answer(outcome),),
            (words.capital(outcome.grade.level),),
            (harm(outcome, rise_harms=rise_harms),),
        )
        for outcome in outcomes
    ]


def _spans(outcome: OutcomeEvidence) -> tuple[list[Point], list[Point]] | None:
    """Periods before the start and once the program is in place; None without both."""
    if outcome.refused or not outcome.estimated:
        return None
    path = outcome.effect.path
    before = [point for point in path if point.phase == "before"]
    after = [point for point in path if point.phase == "after"]
    return (before, after) if before and after else None


def _incidence(outcomes: Sequence[OutcomeEvidence]) -> page.Table:
    """What was recorded for each group before and after, beside what was expected."""
    rows: list[tuple[page.Text, ...]] = []
    for outcome in outcomes:
        spans = _spans(outcome)
        assert spans is not None
        before, after = spans
        means = (
            sum(point.observed for point in before) / len(before),
            sum(point.observed for point in after) / len(after),
            sum(point.expected for point in after) / len(after),
        )
        rows.append(
            (
                (words.capital(outcome.label),),
                (outcome.measure,),
                *((words.number(mean),) for mean in means),
            )
        )
    return page.table(
        "bears-incidence",
        say("equity.incidence-by-group-average-of"),
        ("outcome", "measured-as", "#before", "#after", "#expected-after"),
        rows,
    )


def _needed(what: str, role: About, needed: str) -> page.Text:
    """What no outcome is declared to be about, and what data it would need."""
    return (
        page.Strong(f"{what}: "),
        *page.inline(
            "equity.no-outcome-is-declared-to-be-about-it",
            code=page.Code(f'about = "{role}"'),
            needed=needed,
        ),
    )


_NO_GROUPS: page.Text = (
    page.strong("equity.by-group"),
    *page.inline(
        "equity.no-outcome-is-declared-to",
        code=page.Code('about = "group"'),
        code2=page.Code("subgroups"),
    ),
)
_NO_ENFORCEMENT = _needed(
    say("equity.stops-and-arrests"), "enforcement", say("equity.stops-arrests-and-uses-of")
)
_NO_TRUST = _needed(say("equity.trust"), "trust", say("equity.survey-of-residents-before-and"))
_NO_OTHER = _needed(
    say("equity.violence-of-another-kind"),
    "substitution",
    say("equity.assaults-without-gun-robberies-and"),
)


def cost(evidence: Evidence) -> list[page.Block]:
    """The cost with its year and source, or that none was supplied."""
    heading, told = page.heading("declared.title", "cost"), _cost(evidence)
    if not told:
        return [
            heading,
            page.callout(
                "empty",
                "declared.not-supplied",
                "declared.nobody-supplied-cost-and-none",
                code=page.Code("[cost]"),
            ),
        ]
    covers = (
        say("declared.for", covers=str(told["covers"]).rstrip(".")) if told.get("covers") else ""
    )
    return [
        heading,
        page.Paragraph(
            (
                page.Strong(f"{_amount(told)}{covers}"),
                say(
                    "declared.in-money-of-source-it",
                    year=told["year"],
                    source=words.sentence(str(told["source"])),
                ),
            )
        ),
    ]


def _cost(evidence: Evidence) -> Mapping[str, Any]:
    told: Mapping[str, Any] = evidence.plan.content.get("cost") or {}
    return told


def cost_told(evidence: Evidence) -> str:
    """The cost as the plan has it, or "" where it has none."""
    told = _cost(evidence)
    return _amount(told) if told else ""


def _amount(told: Mapping[str, Any]) -> str:
    return f"{words.number(float(told['amount']), 2)} {told['currency']}"


def conflicts(evidence: Evidence) -> list[page.Block]:
    """The role of the funder and the stakes of the authors, or that the plan is silent."""
    items: tuple[page.Text, ...] = (
        _declared(evidence, "funder", say("declared.who-paid-and-what-part")),
        _declared(evidence, "conflicts", say("declared.who-has-stake-in-answer")),
    )
    return [page.heading("declared.ties", "conflicts"), page.BulletList(items)]


def not_here(evidence: Evidence) -> str:
    """What the answer does not say, of why and for whom, with what the study has left out of it."""
    lacks = {
        "results-by-group": not (subgroups(evidence) or of_a_group(evidence)),
        "stops-and-arrests": not enforcement(evidence),
        "delivery": evidence.delivery is None,
        "cost-missing": not evidence.plan.content.get("cost"),
    }
    missing = tuple(say(f"declared.{key}") for key, lacking in lacks.items() if lacking)
    said = say("declared.it-says-whether-outcome-changed")
    return say("declared.not-in-these-data-or", said=said, names=missing) if missing else said


def _declared(evidence: Evidence, key: str, label: str) -> page.Text:
    told = evidence.plan.content.get(key)
    if told:
        return (page.Strong(label), words.sentence(str(told)))
    return page.inline(
        "declared.plan-does-not-say-its", strong=page.Strong(label), code=page.Code(key)
    )
