"""Why a grade goes a step down or up: what each rule looks at, and the words when it applies."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from evaluation.data import period
from evaluation.data.panel import RecordingChange
from evaluation.effect import Better, Check, Effect
from evaluation.study.agreement import beside, comparable
from evaluation.study.evidence import Alternative, PlanRecord
from evaluation.study.plan.freeze import LAYOUT_ONLY
from evaluation.study.plan.told import LOWERED, TOLD

# GRADE calls an effect large when risk is halved or doubled.
LARGE_LOG_RATIO = math.log(2.0)
# The ratio by which something unmeasured would have to go with both the start and the outcome to
# bring the range of a large effect to no change: what doubles a risk is itself large.
CONFOUNDER = 2.0
ENOUGH_BEFORE = 24
NOT_FROZEN = "the plan was not frozen"
CHANGED = "the plan was changed after it was frozen"
KNOWN = "the plan was frozen when the outcomes were already known"
TYPED = "only its author's word dates the plan before the outcomes were known"


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules look at.

    better : which way of the outcome is good. nearby_changes : known changes of recording close to
    the start. related_breaks : breaks found close to the start in series that the program should
    not have moved that way.
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


# The reason for a step, or None.
Reason = Callable[[Facts], str | None]


def passed(name: str, facts: Facts) -> bool:
    """Whether a check of this name was asked and passed."""
    return any(check.name == name and check.passed is True for check in facts.checks)


def failed(name: str, facts: Facts) -> bool:
    """Whether a check of this name was asked and failed."""
    return any(check.name == name and check.passed is False for check in facts.checks)


def of_check(name: str, words: str) -> Reason:
    """The reason that a failed check of this name gives."""

    def reason(facts: Facts) -> str | None:
        return words if failed(name, facts) else None

    return reason


def of_any(names: Mapping[str, str], words: str) -> Reason:
    """Checks that fail for one reason, and cost one step together."""

    def reason(facts: Facts) -> str | None:
        found = [why for name, why in names.items() if failed(name, facts)]
        return f"{words} {'; '.join(found)}" if found else None

    return reason


def not_frozen(facts: Facts) -> str:
    """Why nothing shows the plan to be older than the outcomes: a date that its author typed shows
    nothing, and there is no other."""
    plan = facts.plan
    if plan.frozen_on is None or plan.frozen_sha256 is None:
        return NOT_FROZEN
    if any(_moves(change) for change in plan.changes):
        return CHANGED
    if _known(plan.frozen_on, facts.last_period):
        return KNOWN
    return TYPED


def _known(frozen_on: str, last_period: str) -> bool:
    """Whether the author's own date is not before the last period began."""
    try:
        return period.span(frozen_on)[0] >= period.span(last_period)[0]
    except ValueError:
        return False  # a wave with a name of its own has no date


def _moves(change: str) -> bool:
    """Whether a change of the plan can move an estimate: not one of layout, nor of what is told."""
    told = tuple(f"{key}{end}" for key in TOLD for end in (": ", "."))
    return change != LAYOUT_ONLY and not change.startswith((*told, LOWERED))


def recording(facts: Facts) -> str | None:
    """A known change of recording near the start, or a sign of one."""
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


def imprecise(facts: Facts) -> str | None:
    """A range too wide to say whether the change matters."""
    percent = facts.effect.percent
    if facts.worthwhile is None or percent.excludes_zero:
        return None
    if percent.low <= -facts.worthwhile or percent.high >= facts.worthwhile:
        return (
            "the range holds both no change and a change that would matter "
            f"({facts.worthwhile:g} %)"
        )
    return None


def contradiction(facts: Facts) -> str | None:
    """Planned alternatives whose range lies on the other side, of those that can be compared."""
    found = beside(facts.effect, facts.better, facts.alternatives)
    turned = [entry.label for entry in found.against if entry.planned]
    return f"a planned alternative points the other way: {', '.join(turned)}" if turned else None


def short(facts: Facts) -> str | None:
    """Too few periods before the start to know the pattern."""
    before = sum(point.phase == "before" for point in facts.effect.path)
    return f"only {before} periods before the start" if before < ENOUGH_BEFORE else None


def large(facts: Facts) -> str | None:
    """Large, the same in every planned alternative, and not explained by a plausible cause."""
    effect = facts.effect
    if effect.scale != "log ratio" or abs(effect.estimate) < LARGE_LOG_RATIO:
        return None
    planned = [entry for entry in facts.alternatives if entry.planned]
    if any(entry.effect is None for entry in planned):
        return None
    agree = beside(effect, facts.better, [e for e in planned if comparable(e, effect)])
    if not (effect.percent.excludes_zero and agree.agree) or agree.against or agree.unclear:
        return None
    needed = _confounder(effect)
    if needed < CONFOUNDER:
        return None
    return (
        "a large change (halved or doubled) that every planned alternative finds; to explain it, "
        "something unmeasured would have to go with the start and the outcome by a factor of "
        f"{needed:.2g} each"
    )


def _confounder(effect: Effect) -> float:
    """The E-value of the end of the range nearer to no change (VanderWeele and Ding 2017, Annals of
    Internal Medicine 167:268-274): ratio + sqrt(ratio (ratio - 1)), the ratio taken above 1."""
    ratio = math.exp(min(abs(effect.low), abs(effect.high)))
    return ratio + math.sqrt(ratio * (ratio - 1))
