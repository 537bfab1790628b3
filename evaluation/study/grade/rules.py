"""The rules of the grade, one table: what each looks at, how many steps it costs, and where it is
from. Its question is the text `grade.question.<rule>`. A reason has a name of its own, by which
the texts find it: `grade.reason.<name>`, `doubt.<name>` in a few words, and `lift.<name>` for what
would lift it.

After the shape of GRADE (Guyatt and others 2008, BMJ 336:924-926). Cut-offs are this project's own
proposal, not a standard. To every question, yes is the answer that moves the grade.
"""

from __future__ import annotations

import contextlib
import datetime
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from evaluation.data import period
from evaluation.data.panel import RecordingChange
from evaluation.effect import Better, Check, Effect, Family
from evaluation.fact import Fact, fact
from evaluation.study.evidence import Alternative, PlanRecord
from evaluation.study.outcome_kinds import beside, comparable

Start = Literal[
    "its",
    "controlled its",
    "multiple baseline",
    "did",
    "individual",
    "stepped call-ins",
    "survey",
    "compared survey",
]
SERIES: Final = ("its", "controlled its", "multiple baseline")
PANEL: Final = ("did",)
PEOPLE: Final = ("individual", "stepped call-ins")
SURVEY: Final = ("survey", "compared survey")
EVERY: Final = (*SERIES, *PANEL, *PEOPLE, *SURVEY)
# GRADE calls an effect large when risk is halved or doubled.
LARGE_LOG_RATIO = math.log(2.0)
# The ratio by which something unmeasured would have to go with both the start and the outcome to
# bring the range of a large effect to no change: what doubles a risk is itself large.
CONFOUNDER = 2.0
ENOUGH_BEFORE = 24
# Checks that fail for one reason each, and cost one step together.
CHOICES: Final = (
    "base-period",
    "start-date",
    "trend-dependence",
    "carried-trend",
    "leave-one-control-out",
    "contaminated-controls",
    "later-events",
    "carry-over",
    "two-way-weights",
    "leave-one-out",
    "without-weights",
)
ALIKE: Final = ("balance", "overlap", "effective-size")
# Both ask whether the treated unit was one of a kind with its controls, and cost one step together.
OF_A_KIND: Final = ("pre-period-splits", "own-past")


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules look at.

    better : which way of the outcome is good. nearby_changes : known changes of recording close to
    the start. related_breaks : breaks found close to the start in series that the program should
    not have moved that way. family : the outcome among others that the plan looks at with it.
    """

    plan: PlanRecord
    last_period: str
    worthwhile: float | None
    effect: Effect
    alternatives: tuple[Alternative, ...]
    checks: tuple[Check, ...]
    nearby_changes: tuple[RecordingChange, ...]
    related_breaks: tuple[RecordingChange, ...] = ()
    better: Better = "lower"
    family: Family | None = None

    @property
    def lost(self) -> bool:
        """Whether it could be chance over the outcomes that the plan looks at together."""
        clear = self.effect.percent.excludes_zero
        return clear and self.family is not None and not self.family.holds


# The reason for a step, or None.
Reason = Callable[[Facts], Fact | None]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: the designs that it is for, by where they start, the steps that its reason costs
    (below nought) or earns, and where it is from."""

    name: str
    starts: tuple[Start, ...]
    steps: int
    source: str
    reason: Reason

    @property
    def question(self) -> Fact:
        """What it asks."""
        return Fact(f"grade.question.{self.name}")


def because(name: str, **numbers: object) -> Fact:
    """A reason as a fact."""
    return fact(f"grade.reason.{name}", **numbers)  # type: ignore[arg-type]


def passed(name: str, facts: Facts) -> bool:
    """Whether a check of this name was asked and passed."""
    return any(check.name == name and check.passed is True for check in facts.checks)


def failed(name: str, facts: Facts) -> bool:
    """Whether a check of this name was asked and failed."""
    return any(check.name == name and check.passed is False for check in facts.checks)


def of_check(name: str, why: str) -> Reason:
    """The reason that a failed check of this name gives."""

    def reason(facts: Facts) -> Fact | None:
        return because(why) if failed(name, facts) else None

    return reason


def of_either(names: tuple[str, ...], why: str) -> Reason:
    """The reason that one failed check or more of these names gives."""

    def reason(facts: Facts) -> Fact | None:
        return because(why) if any(failed(name, facts) for name in names) else None

    return reason


def of_any(rule: str, names: tuple[str, ...]) -> Reason:
    """Checks that fail for one reason, and cost one step together."""

    def reason(facts: Facts) -> Fact | None:
        found = tuple(Fact(f"grade.why.{rule}.{name}") for name in names if failed(name, facts))
        return because(rule, found=found) if found else None

    return reason


def not_frozen(facts: Facts) -> Fact | None:
    """Why nothing shows the plan to be older than the outcomes: a date that its author typed shows
    nothing, and nor does an address or a tag; a time that a third party signed does."""
    plan = facts.plan
    if plan.frozen_on is None or plan.frozen_sha256 is None:
        return because("not-frozen")
    if plan.changes and not plan.told_only:
        return because("changed")
    if _stamped_before(facts):
        return None
    return because("planned-after" if _known(plan.frozen_on, facts.last_period) else "typed")


def _stamped_before(facts: Facts) -> bool:
    """Whether a third party had the plan before the first period of the effect began: later, its
    author could have seen a part of the answer."""
    if not facts.plan.stamped_at:
        return False
    day = datetime.datetime.fromisoformat(facts.plan.stamped_at).date()
    after = next((point.period for point in facts.effect.path if point.phase == "after"), "")
    for first in (after, facts.last_period):
        with contextlib.suppress(ValueError):  # an event time, or a wave with a name, has no date
            return day < period.span(first)[0]
    return False


def _known(frozen_on: str, last_period: str) -> bool:
    """Whether the author's own date is not before the last period began."""
    try:
        return period.span(frozen_on)[0] >= period.span(last_period)[0]
    except ValueError:
        return False  # a wave with a name of its own has no date


def recording(facts: Facts) -> Fact | None:
    """A known change of recording near the start, or a sign of one."""
    for rule, changes in (
        ("recording", facts.nearby_changes),
        ("related", facts.related_breaks),
    ):
        if changes:
            return because(rule, date=changes[0].date, what=changes[0].what)
    return None


def imprecise(facts: Facts) -> Fact | None:
    """A range too wide to say whether the change matters, or that could be chance over the outcomes
    that the plan looks at together."""
    if facts.lost and facts.family is not None:
        return because("family", outcomes=facts.family.outcomes)
    percent, matters = facts.effect.percent, facts.worthwhile
    if matters is None or percent.excludes_zero:
        return None
    wide = percent.low <= -matters or percent.high >= matters
    return because("wide", worthwhile=matters) if wide else None


def contradiction(facts: Facts) -> Fact | None:
    """Planned alternatives whose range lies on the other side, of those that can be compared."""
    found = beside(facts.effect, facts.better, facts.alternatives)
    turned = tuple(entry.label for entry in found.against if entry.planned)
    return because("contradiction", turned=turned) if turned else None


def short(facts: Facts) -> Fact | None:
    """Too few periods before the start to know the pattern."""
    before = sum(point.phase == "before" for point in facts.effect.path)
    return because("short", before=before) if before < ENOUGH_BEFORE else None


def large(facts: Facts) -> Fact | None:
    """Large, the same in every planned alternative, and not explained by a plausible cause."""
    effect = facts.effect
    if effect.scale != "log ratio" or abs(effect.estimate) < LARGE_LOG_RATIO:
        return None
    planned = [entry for entry in facts.alternatives if entry.planned]
    if any(entry.effect is None for entry in planned):
        return None
    agree = beside(effect, facts.better, [e for e in planned if comparable(e, effect)])
    if (
        facts.lost
        or not (effect.percent.excludes_zero and agree.agree)
        or agree.against
        or agree.unclear
    ):
        return None
    needed = _confounder(effect)
    return because("large", needed=needed) if needed >= CONFOUNDER else None


def _confounder(effect: Effect) -> float:
    """The E-value of the end of the range nearer to no change (VanderWeele and Ding 2017, Annals of
    Internal Medicine 167:268-274): ratio + sqrt(ratio (ratio - 1)), the ratio taken above 1."""
    ratio = math.exp(min(abs(effect.low), abs(effect.high)))
    return ratio + math.sqrt(ratio * (ratio - 1))


_BIAS, _CONSISTENT, _OURS = "GRADE, risk of bias", "GRADE, inconsistency", "this project"
_MISSING = "ROBINS-I, missing data"


def _checked(name: str, starts: tuple[Start, ...], source: str, why: str) -> Rule:
    """A rule by which a failed check of its own name costs a step."""
    return Rule(name, starts, -1, source, of_check(name, why))


RULES: tuple[Rule, ...] = (
    _checked("placebo-dates", SERIES, _BIAS, "no-start"),
    _checked("residual-autocorrelation", SERIES, "Lopez Bernal and others 2017", "swings"),
    _checked("pre-trends", PANEL, _BIAS, "other-way"),
    Rule("pre-period-splits", PANEL, -1, _OURS, of_either(OF_A_KIND, "other-kind")),
    _checked("placebo-units", PANEL, _BIAS, "no-program"),
    Rule("unlike", PEOPLE, -1, "ROBINS-I, confounding", of_any("unlike", ALIKE)),
    _checked("immortal-time", PEOPLE, "ROBINS-I, classification", "afterward"),
    _checked("scale-reliability", SURVEY, "ROBINS-I, measurement", "scale"),
    _checked("sampling-units", SURVEY, _OURS, "few-sampled"),
    _checked("item-non-response", SURVEY, _MISSING, "refusals"),
    _checked("who-answered", SURVEY, "ROBINS-I, selection", "other-people"),
    _checked("attrition", SURVEY, _MISSING, "left-panel"),
    Rule("choices", (*SERIES, *PANEL, *SURVEY), -1, _CONSISTENT, of_any("choices", CHOICES)),
    _checked("regression-to-the-mean", (*SERIES, *PANEL), _BIAS, "stretch"),
    Rule("spike-before-entry", PEOPLE, -1, _BIAS, of_check("regression-to-the-mean", "spike")),
    _checked("service-uptake", PEOPLE, "ROBINS-I, deviations", "uptake"),
    _checked("left-early", PEOPLE, _MISSING, "left-early"),
    _checked("unaffected-outcomes", SERIES, _BIAS, "unaffected"),
    _checked("placebo-outcomes", PANEL, _BIAS, "unaffected"),
    _checked("negative-controls", PEOPLE, _BIAS, "unaffected"),
    _checked("placebo-scales", SURVEY, _BIAS, "unaffected"),
    _checked("spillover", PANEL, _BIAS, "neighbors"),
    Rule("not-frozen", EVERY, -1, "GRADE, publication bias; EPOC, question 6", not_frozen),
    Rule("recording", (*SERIES, *PANEL), -1, "EPOC, question 3", recording),
    _checked("recording-in-window", SERIES, "EPOC, question 3", "two-ways"),
    Rule("imprecise", EVERY, -1, "GRADE, imprecision", imprecise),
    Rule("contradiction", EVERY, -1, _CONSISTENT, contradiction),
    Rule("short", SERIES, -1, "Hawley and others 2019", short),
    Rule("large", EVERY, 1, "GRADE, large effect; VanderWeele and Ding 2017", large),
)
