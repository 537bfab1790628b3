"""Which outcomes are of one kind, by the family that their descriptions declare, else by name; and
in which periods each was used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from evaluation.data.labels import drawn
from evaluation.study.evidence import Evidence, OutcomeEvidence

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


def window_of(evidence: Evidence, outcome: OutcomeEvidence) -> tuple[str, str]:
    """First and last period analyzed of one outcome."""
    data = evidence.data
    planned: tuple[Mapping[str, Any], ...] = tuple(evidence.plan.content.get("outcomes") or ())
    own = next((one for one in planned if one.get("column") == outcome.column), {})
    first, last = own.get("first") or data.first, own.get("last") or data.last
    return max(str(first), data.first), min(str(last), data.last)
