"""Outcomes that a plan looks at together, with p-values that hold over all of them (Holm).

Of m outcomes the smallest p-value is held against level/m, the next against level/(m - 1), and so
on until one fails: the chance that any of them is found where nothing changed is at most the level,
however the outcomes go together. An outcome of a family without an estimate counts as one with a
p-value of 1, so that what cannot be estimated makes the others no easier to find.

Holm (1979), Scandinavian Journal of Statistics 6:65-70.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from evaluation.effect import Effect, Family
from evaluation.fact import fact
from evaluation.numeric.shared.permutation import holm
from evaluation.study.evidence import Alternative, OutcomeEvidence
from evaluation.study.plan.schema import Plan

# What cannot be estimated is not found.
_NOT_FOUND = 1.0
# In steps of which an adjusted p-value of people that holds nothing is told above its level.
_STEP = 0.01


def families(plan: Plan, headlines: Mapping[str, Effect | None]) -> dict[str, Family]:
    """What the families of a plan say of each outcome in one, by column.

    Parameters
    ----------
    headlines : effect of every planned outcome, None where there is none.
    """
    found: dict[str, Family] = {}
    for planned in plan.families:
        effects = [headlines.get(column) for column in planned.outcomes]
        p_values = holm(np.array([_NOT_FOUND if one is None else one.p_value for one in effects]))
        for column, p in zip(planned.outcomes, p_values.tolist(), strict=True):
            found[column] = Family(len(planned.outcomes), planned.level, p, p <= planned.level)
    return found


def retold(plan: Plan, outcomes: tuple[OutcomeEvidence, ...]) -> tuple[OutcomeEvidence, ...]:
    """The outcomes with p-values of their families made of those that are told: from exact ones
    beside them an estimate of people could be worked out. Whether they hold is as it was found."""
    told = families(plan, {one.column: one.headline.effect for one in outcomes})

    def shown(one: OutcomeEvidence) -> OutcomeEvidence:
        if one.family is None:
            return one
        p, level = told[one.column].p_value, one.family.level
        if not one.family.holds and p <= level:
            # Told in steps it fell to the level that it is above.
            p = level + _STEP
        return replace(one, family=replace(one.family, p_value=p))

    return tuple(map(shown, outcomes))


def over_all_outcomes(found: tuple[OutcomeEvidence, ...]) -> tuple[OutcomeEvidence, ...]:
    """The same, each headline with a note of its p-value over all planned outcomes: of people and
    of answers, where the plan declares no family."""
    told = [one for one in found if one.headline.effect is not None]
    if len(told) < 2 or any(one.family is not None for one in found):
        return found
    adjusted = holm(np.array([one.effect.p_value for one in told]))
    p_of = {one.column: float(p) for one, p in zip(told, adjusted, strict=True)}
    return tuple(
        one
        if one.column not in p_of
        else replace(one, headline=_noted(one.headline, p_of[one.column], len(told)))
        for one in found
    )


def _noted(headline: Alternative, p_value: float, outcomes: int) -> Alternative:
    assert headline.effect is not None
    key = "study.run-people.holm-below" if p_value < 0.001 else "study.run-people.holm"
    note = fact(key, outcomes=outcomes, p=p_value)
    return replace(headline, effect=replace(headline.effect, notes=(*headline.effect.notes, note)))
