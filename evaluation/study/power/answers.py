"""What a survey could find, before an answer of a resident with the program is read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from evaluation.effect import Effect
from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.numeric.shared.draws import stream, uniforms
from evaluation.study.plan.schema import PlannedOutcome
from evaluation.study.power.power_evidence import SEED, Sides, refuse_falls
from evaluation.study.power.sides import DRAWS, Ready, sizes_of
from evaluation.study.release.sides import TwoSides
from evaluation.survey.sample import Sample
from evaluation.survey.scales import Scale
from evaluation.survey.stand_ins import Pool, pool_of, room, standing_in, with_change

# Scales move by little: a tenth of the mean is much.
SIZES = (1.0, 2.0, 3.0, 5.0, 7.5, 10.0, 15.0, 20.0, 30.0)
Drawn = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True, slots=True)
class AnswersStandIns:
    """Respondents without the program in the place of all, asked by the planned method.

    name : of the random streams. fit : the planned headline of a sample and a scale.
    """

    pool: Pool
    name: str
    fit: Callable[[Sample, Scale], Effect]

    def drawn(self, number: int) -> Drawn:
        source, n = stream(SEED, f"power/{self.name}/{number}"), len(self.pool.score)
        scores = standing_in(self.pool, uniforms(source, 3 * n))
        return scores, uniforms(source, n)

    def asked(self, drawn: Drawn, percent: float) -> Effect:
        scores, u = drawn
        return self.fit(with_change(self.pool, scores, percent, u), self.pool.scale)


@dataclass(frozen=True, slots=True)
class Asked:
    """How a study asks of one scale; fit : a sample and a scale in, the planned headline out."""

    planned: PlannedOutcome
    label: str
    measure: str
    scale: Scale
    method: str
    method_label: str
    fit: Callable[[Sample, Scale], Effect]


def ready(
    sample: Sample, asked: Asked, told: TwoSides, draws: int | None, effects: Sequence[float]
) -> Ready:
    """One scale, ready to be drawn.

    Raises
    ------
    DataError : for a size by which the scale cannot fall, or one that cannot be built. FitError :
        when too few residents without the program answered to be told of.
    """
    planned = asked.planned
    refuse_falls(planned, asked.label, effects)
    pool = pool_of(sample, asked.scale)
    answered = np.isfinite(pool.score)
    waves = [int((answered & (sample.wave == wave)).sum()) for wave in np.unique(sample.wave)]
    if min(*told.many, *waves) < told.rule.fewest:
        few = fact("release.fewer", fewest=told.rule.fewest)
        fault = fact("study.run-survey.few", few=few)
        raise FitError(fact("study.power.text", label=asked.label, fault=fault))
    sign = -1.0 if planned.better == "lower" else 1.0
    return Ready(
        outcome=planned,
        label=asked.label,
        measure=asked.measure,
        method=asked.method,
        method_label=asked.method_label,
        stand_ins=AnswersStandIns(pool, planned.column, asked.fit),
        sides=Sides(
            "answer", told.people(told.many[0]), told.people(told.many[1]), told.mean(pool.expected)
        ),
        draws=draws or DRAWS,
        percents=sizes_of(planned, SIZES, effects, room(pool, sign)),
        told=told.words,
    )
