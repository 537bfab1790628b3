"""Which study speaks for a goal: by rules that do not look at how its answer came out.

A comparison before a single series, then the surer one, then the one that rests on more
observations. Studies are never counted for or against: those of one place mostly share their
events.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evaluation.study.evidence import Evidence, GradeLevel, OutcomeEvidence
from evaluation.study.outcome_kinds import same_outcome
from evaluation.synthesis.same import common_events

_SURE: tuple[GradeLevel, ...] = ("very low", "low", "moderate", "high")


@dataclass(frozen=True, slots=True)
class Speaks:
    """The outcome of a study that speaks for a goal.

    Parameters
    ----------
    study, outcome : slug and column. compared : whether who had the program is set beside who had
        not. beside : the same outcome in the other studies of the goal that count some of the same
        events, in the order of the rules.
    """

    study: str
    outcome: str
    compared: bool
    beside: tuple[tuple[str, str], ...] = ()


def by_goal(studies: Sequence[Evidence], place_id: str) -> dict[int, Speaks]:
    """What speaks for each goal in a place; goals that nothing speaks for are left out.

    Parameters
    ----------
    place_id : of the place, as `Evidence.answers_for` takes it.
    """
    own = [study for study in studies if study.answers_for(place_id)]
    found = {goal: speaks([one for one in own if one.goal == goal]) for goal in (1, 2, 3)}
    return {goal: one for goal, one in found.items() if one is not None}


def compared(study: Evidence) -> bool:
    """Whether who had the program is set beside who had not, and not only beside its own past."""
    return not study.about.of_series or bool(study.plan.content.get("controls"))


def speaks(studies: Sequence[Evidence]) -> Speaks | None:
    """What speaks for a goal, or None where no study of it has an answer that may be used.

    Parameters
    ----------
    studies : of one goal and place.
    """
    ranked = sorted(
        (
            (study, outcome)
            for study in studies
            for outcome in study.outcomes
            if outcome.estimated and not outcome.refused
        ),
        key=lambda found: _rank(*found),
    )
    if not ranked:
        return None
    study, outcome = ranked[0]
    beside = tuple(
        (other.slug, its.column)
        for other, its in ranked
        if other.slug != study.slug
        and same_outcome(study, outcome, other, its)
        and (
            study.data.provenance.file == other.data.provenance.file or common_events(study, other)
        )
    )
    return Speaks(study.slug, outcome.column, compared(study), beside)


def _rank(study: Evidence, outcome: OutcomeEvidence) -> tuple[bool, bool, int, int, str]:
    return (
        not outcome.primary,
        not compared(study),
        -_SURE.index(outcome.grade.level),
        -outcome.effect.n,
        study.slug,
    )
