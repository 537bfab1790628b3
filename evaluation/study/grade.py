"""How sure the evidence about one outcome is: a start by design, less one for each named reason.

After the shape of GRADE (Guyatt and others 2008); the start points and cut-offs are this project's
own proposal, not a standard. One rule a line of `RULES`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from evaluation.data.panel import RecordingChange
from evaluation.effect import Check, Effect
from evaluation.study.evidence import Alternative, Grade, GradeLevel, PlanRecord
from evaluation.study.freeze import LAYOUT_ONLY

LADDER: tuple[GradeLevel, ...] = ("very low", "low", "moderate", "high")
Design = Literal[
    "its",
    "controlled its",
    "multiple baseline",
    "did",
    "individual",
    "stepped call-ins",
    "survey",
    "compared survey",
]
# Where each design starts. A single series has no comparison, so what else changed at the same
# time cannot be seen.
START: dict[Design, tuple[GradeLevel, str]] = {
    "its": ("low", "a single series with no comparison place starts at low"),
    "controlled its": (
        "moderate",
        "a series with a comparison that went along with it before the start begins at moderate",
    ),
    "multiple baseline": (
        "moderate",
        "a change looked for at three or more places, each at its own time, starts at moderate",
    ),
    "did": ("moderate", "treated units beside untreated ones start at moderate"),
    "individual": ("low", "people who took part beside people who did not start at low"),
    "stepped call-ins": (
        "moderate",
        "people called in one after another, beside those still to be called, start at moderate",
    ),
    "survey": ("low", "a survey of residents starts at low"),
    "compared survey": (
        "moderate",
        "a survey before and after the start, with areas to compare, begins at moderate",
    ),
}
# A comparison earns its start only by this check.
COMPARISON = "control-trend"
POOR_COMPARISON: tuple[GradeLevel, str] = (
    "low",
    "a comparison that was not shown to go along before the start is no better than none: low",
)
# "At least three attempts to demonstrate an effect at three different points in time": What Works
# Clearinghouse (2022), Standards Handbook 5.0, on single-case designs.
ENOUGH_STARTS = 3
# GRADE calls an effect large when risk is halved or doubled.
LARGE_LOG_RATIO = 0.6931471805599453
ENOUGH_BEFORE = 24


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules look at.

    nearby_changes : known changes of recording close to the start. related_breaks : breaks found
    close to the start in series that the program should not have moved that way.
    """

    plan: PlanRecord
    last_period: str
    worthwhile: float | None
    effect: Effect
    alternatives: tuple[Alternative, ...]
    checks: tuple[Check, ...]
    nearby_changes: tuple[RecordingChange, ...]
    related_breaks: tuple[RecordingChange, ...] = ()


# The reason for a step down, or None.
Rule = Callable[[Facts], str | None]


def graded_design(controls: bool, starts: Sequence[str]) -> Design:
    """The design that decides where the grade starts.

    Parameters
    ----------
    controls : whether the treated series is compared with others. starts : of every treated site.
    """
    if controls:
        return "controlled its"
    return "multiple baseline" if len(set(starts)) >= ENOUGH_STARTS else "its"


def not_estimated(design: Design, reason: str) -> Grade:
    """The grade of an outcome without an answer: very low, because of the reason."""
    return Grade("very low", START[design][0], (f"it could not be estimated: {reason}",))


def grade(design: Design, facts: Facts) -> Grade:
    """The grade with the reason of every step, first the start."""
    start, why = START[design]
    if design == "controlled its" and not _passed(COMPARISON, facts):
        start, why = POOR_COMPARISON
    level = LADDER.index(start)
    reasons = [why]
    for rule in RULES[design]:
        reason = rule(facts)
        if reason is not None:
            level -= 1
            reasons.append(f"one down: {reason}")
    raised = _large(facts)
    if raised is not None:
        level += 1
        reasons.append(f"one up: {raised}")
    return Grade(LADDER[min(max(level, 0), len(LADDER) - 1)], start, tuple(reasons))


def _passed(name: str, facts: Facts) -> bool:
    return any(check.name == name and check.passed is True for check in facts.checks)


def _failed(name: str, facts: Facts) -> bool:
    return any(check.name == name and check.passed is False for check in facts.checks)


def _failed_check(name: str, words: str) -> Rule:
    def rule(facts: Facts) -> str | None:
        return words if _failed(name, facts) else None

    return rule


def _choices(facts: Facts) -> str | None:
    """Checks that vary one choice each fail for one reason, and cost one step together."""
    failed = [words for name, words in CHOICES.items() if _failed(name, facts)]
    return f"the answer depends on choices: {'; '.join(failed)}" if failed else None


def _not_frozen(facts: Facts) -> str | None:
    plan = facts.plan
    if plan.frozen_on is None or plan.frozen_sha256 is None:
        return "the plan was not frozen"
    if any(change != LAYOUT_ONLY for change in plan.changes):
        return "the plan was changed after it was frozen"
    if plan.frozen_on[: len(facts.last_period)] >= facts.last_period[:7]:
        return "the plan was frozen when the outcomes were already known"
    return None


def _recording(facts: Facts) -> str | None:
    if facts.nearby_changes:
        change = facts.nearby_changes[0]
        return f"the outcome's recording changed near the start ({change.date}: {change.what})"
    if facts.related_breaks:
        change = facts.related_breaks[0]
        return (
            f"a related outcome breaks near the start ({change.date}: {change.what}), so that "
            "recording may have changed"
        )
    return None


def _imprecise(facts: Facts) -> str | None:
    percent = facts.effect.percent
    if facts.worthwhile is None or percent.excludes_zero:
        return None
    if percent.low <= -facts.worthwhile or percent.high >= facts.worthwhile:
        return (
            "the range holds both no change and a change that would matter "
            f"({facts.worthwhile:g} %)"
        )
    return None


def _contradiction(facts: Facts) -> str | None:
    main = facts.effect.estimate
    turned = [
        entry.label
        for entry in facts.alternatives
        if entry.planned and entry.effect is not None and entry.effect.estimate * main < 0
    ]
    return f"a planned alternative points the other way: {', '.join(turned)}" if turned else None


def _short(facts: Facts) -> str | None:
    before = sum(point.phase == "before" for point in facts.effect.path)
    return f"only {before} periods before the start" if before < ENOUGH_BEFORE else None


def _large(facts: Facts) -> str | None:
    """Large, and the same in every planned alternative."""
    effect = facts.effect
    if effect.scale != "log ratio" or abs(effect.estimate) < LARGE_LOG_RATIO:
        return None
    planned = [entry.effect for entry in facts.alternatives if entry.planned]
    agree = all(
        other is not None and other.estimate * effect.estimate > 0 and other.percent.excludes_zero
        for other in planned
    )
    if effect.percent.excludes_zero and agree and planned:
        return "a large change (halved or doubled) that every planned alternative finds"
    return None


CHOICES = {
    "base-period": "where the series begins",
    "start-date": "when the effect is taken to begin",
    "trend-dependence": "how the earlier trend is carried on",
    "leave-one-control-out": "a single control",
    "contaminated-controls": "controls that had a program of their own",
    "later-events": "where the window ends",
    "two-way-weights": "how cohorts and periods are weighed",
    "leave-one-out": "a single neighborhood",
    "without-weights": "the weights of respondents",
}
_PEAK = _failed_check(
    "regression-to-the-mean",
    "the start follows an unusual stretch, from which outcomes move back by themselves",
)
_UNAFFECTED = "outcomes that the program should not move changed too"
_SERIES: tuple[Rule, ...] = (
    _failed_check("placebo-dates", "the method finds changes at dates when nothing started"),
    _failed_check("residual-autocorrelation", "the model leaves autocorrelation over"),
    _choices,
    _PEAK,
    _failed_check("unaffected-outcomes", _UNAFFECTED),
    _not_frozen,
    _recording,
    _imprecise,
    _contradiction,
    _short,
)
_PANEL: tuple[Rule, ...] = (
    _failed_check("pre-trends", "treated and untreated went different ways before the start"),
    _failed_check("pre-period-splits", "the treated unit was not one of a kind with its controls"),
    _failed_check("placebo-units", "the method finds effects in units where nothing started"),
    _choices,
    _PEAK,
    _failed_check("placebo-outcomes", _UNAFFECTED),
    _failed_check("spillover", "those beside the treated changed too"),
    _not_frozen,
    _recording,
    _imprecise,
    _contradiction,
)
_ALIKE = {
    "balance": "in what was known at entry",
    "overlap": "so that some treated people have nobody like them",
    "effective-size": "so that the comparison rests on few people",
}


def _unlike(facts: Facts) -> str | None:
    """Signs that the groups are not alike are one reason, and cost one step together."""
    failed = [words for name, words in _ALIKE.items() if _failed(name, facts)]
    return f"treated and untreated people differ {'; '.join(failed)}" if failed else None


_PEOPLE: tuple[Rule, ...] = (
    _unlike,
    _failed_check("immortal-time", "who counts as treated was decided after entry"),
    _failed_check(
        "regression-to-the-mean",
        "people entered after a spike that their comparison did not have, and it falls by itself",
    ),
    _failed_check("service-uptake", "those who took up services differ from those who did not"),
    _failed_check("left-early", "treated and untreated people were not followed equally long"),
    _failed_check("negative-controls", _UNAFFECTED),
    _not_frozen,
    _imprecise,
    _contradiction,
)
_SURVEY: tuple[Rule, ...] = (
    _failed_check("scale-reliability", "the items of the scale do not measure one thing"),
    _failed_check("sampling-units", "there are too few sampling units for the errors"),
    _failed_check("item-non-response", "refusals to answer changed differently"),
    _failed_check("who-answered", "other kinds of people answered"),
    _failed_check("attrition", "different people left the panel in the two groups"),
    _choices,
    _failed_check("placebo-scales", _UNAFFECTED),
    _not_frozen,
    _imprecise,
    _contradiction,
)
RULES: dict[Design, tuple[Rule, ...]] = {
    "its": _SERIES,
    "controlled its": _SERIES,
    "multiple baseline": _SERIES,
    "did": _PANEL,
    "individual": _PEOPLE,
    "stepped call-ins": _PEOPLE,
    "survey": _SURVEY,
    "compared survey": _SURVEY,
}
