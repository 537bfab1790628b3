"""Which outcomes are of one kind, and which estimates of one outcome agree with its headline.

The kind is the family that descriptions declare, else the name. Signs are compared by what is good,
since two estimates of one outcome can be of things whose good directions differ: fewer arrests, and
more days free of them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from evaluation.data.labels import drawn
from evaluation.effect import Better, Check, Effect
from evaluation.study.evidence import Alternative, Evidence, OutcomeEvidence

# Of a check by groups of people, of which there is one a trait.
SUBGROUPS: Final = "subgroups"
# Families of several kinds of events: robberies and assaults are both violence, and not the same.
BROAD: Final = ("gun violence", "violence", "crime")


def family_of(study: Evidence, outcome: OutcomeEvidence) -> str:
    """The family of published outcomes with which one of ours is declared to belong, or ""."""
    found = {
        column.family
        for column in study.data.columns
        if outcome.column in (column.name, column.scale)
    }
    # Questions of one scale that belong with different results belong, together, with none.
    return found.pop() if len(found) == 1 else ""


def same_outcome(
    one: Evidence, outcome: OutcomeEvidence, other: Evidence, its: OutcomeEvidence
) -> bool:
    """Whether two outcomes are of one kind: of one family or, where one has none declared or the
    family holds several kinds of events, of one name."""
    families = family_of(one, outcome), family_of(other, its)
    if all(families) and (families[0] != families[1] or families[0] not in BROAD):
        return families[0] == families[1]
    return drawn(outcome.label) == drawn(its.label)


def kind_of(study: Evidence, outcome: OutcomeEvidence) -> str:
    """What kind of events an outcome counts: its family or, where that holds several kinds, or none
    is declared, its name."""
    family = family_of(study, outcome)
    return outcome.label if family in ("", *BROAD) else family


def asked(check: Check) -> tuple[str, str]:
    """What a check is called, and the trait that it is about: subgroups have one a trait."""
    kind, _, trait = check.name.partition("-")
    return (kind, trait) if kind == SUBGROUPS else (check.name, "")


def window_of(evidence: Evidence, outcome: OutcomeEvidence) -> tuple[str, str]:
    """First and last period analyzed of one outcome."""
    data = evidence.data
    planned: tuple[Mapping[str, Any], ...] = tuple(evidence.plan.content.get("outcomes") or ())
    own = next((one for one in planned if one.get("column") == outcome.column), {})
    first, last = own.get("first") or data.first, own.get("last") or data.last
    return max(str(first), data.first), min(str(last), data.last)


# Columns of a curve that are no choice.
NUMBERS: Final = frozenset({"percent", "low", "high", "p", "headline"})


@dataclass(frozen=True, slots=True)
class Move:
    """What changing one choice alone does.

    Parameters
    ----------
    choice : its column in the curve. planned, other : its value in the headline, and the other one.
    change : mean change of the percent change, in percentage points. least, most : over the pairs
        of specifications that differ in nothing else. pairs : how many there are.
    """

    choice: str
    planned: Any
    other: Any
    change: float
    least: float
    most: float
    pairs: int


def moves(rows: Sequence[Mapping[str, Any]]) -> tuple[Move, ...]:
    """Each other value of each choice against the planned one, the largest mean change first.

    Parameters
    ----------
    rows : of a specification curve, one of them the headline; none where no row is.
    """
    headline = next((row for row in rows if row.get("headline") is True), None)
    if headline is None:
        return ()
    choices = [name for name in headline if name not in NUMBERS]
    found = []
    for choice in choices:
        by_rest: dict[tuple[str, ...], dict[str, float]] = {}
        named: dict[str, Any] = {}
        for row in rows:
            rest = tuple(str(row.get(name)) for name in choices if name != choice)
            value = row.get(choice)
            named[str(value)] = value
            by_rest.setdefault(rest, {})[str(value)] = float(row["percent"])
        planned = str(headline[choice])
        for text, value in named.items():
            changes = np.array(
                [
                    each[text] - each[planned]
                    for each in by_rest.values()
                    if text in each and planned in each
                ]
            )
            if text == planned or not len(changes):
                continue
            found.append(
                Move(
                    choice,
                    headline[choice],
                    value,
                    float(changes.mean()),
                    float(changes.min()),
                    float(changes.max()),
                    len(changes),
                )
            )
    return tuple(sorted(found, key=lambda move: (-abs(move.change), move.choice, str(move.other))))


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
