"""Which other estimates of one outcome agree with its headline: facts for the grade and for words.

Signs are compared by what is good, since two estimates of one outcome can be of things whose good
directions differ: fewer arrests, and more days free of them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from evaluation.effect import Better, Effect
from evaluation.study.evidence import Alternative, OutcomeEvidence

# Methods whose answer is the difference of two groups with nothing done about it. It shows what
# adjusting does, and can neither support nor contradict an answer that adjusts.
RAW_METHODS = frozenset({"unadjusted"})
RAW = "as they are"
# Estimates are written with 6 significant digits.
_SAME = 1e-5


@dataclass(frozen=True, slots=True)
class Agreement:
    """Other estimates beside a headline, each in one place, in the order in which they stand.

    Parameters
    ----------
    agree : their range leaves out no change, on the headline's side. against : the same on the
        other side. unclear : their range holds no change, so that they tell neither.
    uncounted : cannot be compared: not estimated, not valid here, of another scale or day than the
        headline, groups as they are, or the headline or an earlier one over again.
    """

    agree: tuple[Alternative, ...] = ()
    against: tuple[Alternative, ...] = ()
    unclear: tuple[Alternative, ...] = ()
    uncounted: tuple[Alternative, ...] = ()

    @property
    def compared(self) -> int:
        """How many there are to compare with."""
        return len(self.agree) + len(self.against) + len(self.unclear)


def counted(outcome: OutcomeEvidence) -> Agreement:
    """How the other estimates of an outcome stand to its headline; nothing where it has none."""
    if outcome.headline.effect is None:
        return Agreement(uncounted=outcome.alternatives)
    return beside(outcome.headline.effect, outcome.better, outcome.alternatives)


def beside(headline: Effect, better: Better, alternatives: Sequence[Alternative]) -> Agreement:
    """How other estimates stand to a headline.

    Parameters
    ----------
    better : which way of the outcome is good.
    """
    found: dict[str, list[Alternative]] = {
        name: [] for name in ("agree", "against", "unclear", "uncounted")
    }
    side = direction(headline, better)
    seen = [headline]
    for entry in alternatives:
        effect = entry.effect
        known = effect is not None and any(again(effect, other) for other in seen)
        if effect is None or known or not comparable(entry, headline):
            found["uncounted"].append(entry)
            continue
        seen.append(effect)
        if not effect.percent.excludes_zero or not side:
            found["unclear"].append(entry)
        elif direction(effect, better) == side:
            found["agree"].append(entry)
        else:
            found["against"].append(entry)
    return Agreement(**{name: tuple(entries) for name, entries in found.items()})


def direction(effect: Effect, better: Better) -> int:
    """1 where the estimate is on the good side of no change, -1 on the bad side, 0 on neither.

    Parameters
    ----------
    better : which way of the outcome is good; an effect of something else says it itself.
    """
    change = effect.percent.estimate
    sign = (change > 0) - (change < 0)
    return sign if (effect.better or better) == "higher" else -sign


def comparable(entry: Alternative, headline: Effect) -> bool:
    """Whether an answer is of the same thing, by the same day, as the headline and may be used."""
    effect = entry.effect
    if effect is None or effect.objection is not None or _raw(entry):
        return False
    days = {effect.horizon, headline.horizon} - {None}
    return effect.percent_of == headline.percent_of and len(days) < 2


def _raw(entry: Alternative) -> bool:
    return entry.method in RAW_METHODS or (not entry.planned and entry.label.endswith(RAW))


def again(effect: Effect, other: Effect) -> bool:
    """Whether two answers are one: the same estimate with the same standard error."""
    return (
        effect.scale == other.scale
        and math.isclose(effect.estimate, other.estimate, rel_tol=_SAME, abs_tol=1e-9)
        and math.isclose(effect.std_error, other.std_error, rel_tol=_SAME, abs_tol=1e-9)
    )
