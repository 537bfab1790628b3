"""Which outcomes are of one kind, by the family that their descriptions declare, else by name; and
in which periods each was used.

Which choice of a specification curve moves the estimate, and by how much.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from evaluation.data.labels import drawn
from evaluation.effect import Check
from evaluation.study.evidence import Evidence, OutcomeEvidence

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
