"""Power of two sides of people, or of respondents: what change the planned method would find, and
how often, where those without the program stand in for everyone and a known change is put into what
happened to them. No outcome of anyone with the program is read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Protocol

import numpy as np

from evaluation.data.panel import Provenance
from evaluation.effect import Check, Effect, Told
from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.its.verdicts import Verdicts
from evaluation.numeric.shared.parallel import each
from evaluation.study.plan.read import PlanFile
from evaluation.study.plan.schema import PlannedOutcome
from evaluation.study.power.curve import LEVEL, Step, detectable, point_of
from evaluation.study.power.power_evidence import SEED, OutcomePower, PowerEvidence, Sides

# A fit of people or of a survey takes some hundredths of a second.
DRAWS = 200
WINDOW = fact("study.power.planned-follow-up-only")
AS_FOUND = fact("study.power.as-found")


class StandIns(Protocol):
    """One outcome that can be made up again and again, and asked by the planned method."""

    def drawn(self, number: int) -> Any:
        """One draw, with its random numbers."""
        ...

    def asked(self, drawn: Any, percent: float) -> Effect:
        """What the planned method finds of it with a change of this size; raises FitError."""
        ...


@dataclass(frozen=True, slots=True)
class Ready:
    """One outcome made ready.

    Parameters
    ----------
    percents : the changes put in, all falls or all rises. checks : who is compared, balance and
        overlap, as they may be told. told : what is said of people, as it may be.
    """

    outcome: PlannedOutcome
    label: str
    measure: str
    method: str
    method_label: str
    stand_ins: StandIns
    sides: Sides
    draws: int
    percents: tuple[float, ...]
    told: Callable[[Told], Told]
    checks: tuple[Check, ...] = ()

    @property
    def steps(self) -> int:
        return len(self.percents) + 1


def sizes_of(
    outcome: PlannedOutcome, sizes: Sequence[float], given: Sequence[float], most: float
) -> tuple[float, ...]:
    """The changes to put in: those given or the usual ones, and the worthwhile one, in the good
    direction, as far as the outcome has room.

    Parameters
    ----------
    most : percent that it has room for.
    """
    wanted = [*(given or sizes)]
    if outcome.worthwhile is not None:
        wanted.append(outcome.worthwhile)
    sign = -1.0 if outcome.better == "lower" else 1.0
    end = min(most, 99.0) if sign < 0 else most
    kept = {sign * size for size in wanted if size <= end}
    return tuple(sorted(kept or {sign * end}, key=abs))


def power_of_sides(
    plan_file: PlanFile,
    tasks: Sequence[Ready],
    source: Provenance,
    unit: str,
    span: tuple[str, str],
    progress: Callable[[str, int, int], None],
) -> PowerEvidence:
    """What a study of two sides could find.

    Parameters
    ----------
    source : of the table. unit : who is treated, in words. span : first and last month or wave.
    """
    plan = plan_file.plan
    total, done = sum(task.steps for task in tasks), 0

    def stepped(label: str) -> None:
        nonlocal done
        done += 1
        progress(str(fact("study.power.curve", label=label)), done, total)

    return PowerEvidence(
        slug=plan_file.slug,
        title=plan.title,
        question=plan.question,
        goal=plan.goal,
        intervention=plan.intervention.name,
        start=plan.intervention.start,
        plan_sha256=plan_file.sha256,
        data=source.file,
        sensitivity=source.sensitivity,
        unit=unit,
        frequency=tasks[0].sides.row,
        first=span[0],
        last=span[1],
        periods_after=0,
        seed=SEED,
        outcomes=tuple(_outcome(task, partial(stepped, task.label)) for task in tasks),
    )


def _outcome(task: Ready, stepped: Step) -> OutcomePower:
    drawn = [task.stand_ins.drawn(number) for number in range(task.draws)]
    changes, refused = [0.0, *task.percents], _refused(task.stand_ins, drawn)
    if refused is not None:
        changes = []
    work = partial(_judged, task.stand_ins, drawn)
    verdicts = list(each(work, changes, progress=lambda done, total: stepped()))
    toward = float(np.sign(task.percents[-1]))
    curve = tuple(
        point_of(percent, toward, verdict)
        for percent, verdict in zip(changes, verdicts, strict=True)
    )
    sides = task.sides
    return OutcomePower(
        column=task.outcome.column,
        label=task.label,
        measure=task.measure,
        better=task.outcome.better,
        primary=task.outcome.primary,
        worthwhile=task.outcome.worthwhile,
        method=task.method,
        method_label=task.method_label,
        draws=task.draws,
        assumed=None,
        curve=curve,
        false_alarms=float(np.mean(verdicts[0][1] < LEVEL)) if verdicts else 0.0,
        detectable=detectable(curve),
        persistent=(),
        persistent_detectable=None,
        persistent_reason=AS_FOUND,
        after=(),
        needed=None,
        needed_reason=WINDOW,
        sides=sides if refused is None else replace(sides, refused=task.told(refused)),
        checks=task.checks,
    )


def _refused(stand_ins: StandIns, drawn: Sequence[Any]) -> Told | None:
    """Why the planned method gives no valid answer, where the first draws have none; else None."""
    why: Told | None = None
    for one in drawn[:3]:
        try:
            why = stand_ins.asked(one, 0.0).objection
        except FitError as fault:
            why = fault.fact
        if why is None:
            return None
    return why


def _judged(stand_ins: StandIns, drawn: Sequence[Any], percent: float) -> Verdicts:
    """Estimates and p values by draw, not a number where there is no valid answer."""
    found = np.full((2, len(drawn)), np.nan)
    for place, one in enumerate(drawn):
        try:
            effect = stand_ins.asked(one, percent)
        except FitError:
            continue
        if effect.objection is None:
            # Time without the event grows where the event becomes rarer.
            sign = -1.0 if effect.percent_of == "days" else 1.0
            found[:, place] = sign * effect.estimate, effect.p_value
    return found[0], found[1]
