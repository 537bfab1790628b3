"""One estimator of a panel as the plan names it and the report explains it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from evaluation import method
from evaluation.did import carry_over, timing
from evaluation.did.cohorts import Cohorts
from evaluation.did.effects import Answer, effect
from evaluation.did.gaps import some
from evaluation.effect import Effect
from evaluation.errors import FitError
from evaluation.fact import fact

Treated = Literal["one unit", "several clusters", "any"]


@dataclass(frozen=True, slots=True)
class Method(method.WordedMethod):
    """A row of the METHODS table; `solve` takes cohorts and returns an `Answer`.

    Parameters
    ----------
    treated : how many have to be treated for it. With fewer clusters than its errors need it still
        answers, with an objection. ignores : of "weight" and "cluster", what it does not use; its
        effects say so when they are given. Covariates that are not used are in `Answer`.
    unbalanced : whether it takes panels with cells that are not used, and programs that end.
        phases : whether it takes an effect that comes in by steps. The others refuse them.
    leaves_ends : whether cells after the end of a program are on neither side of its estimate; for
        the others they are untreated.
    """

    treated: Treated = "any"
    ignores: frozenset[str] = frozenset()
    unbalanced: bool = False
    phases: bool = False
    leaves_ends: bool = False

    def fit(self, cohorts: Cohorts) -> Effect:
        """The effect by this method.

        Starts that follow a spike or a lull in counts are an objection to every method (`timing`);
        one that compares with units that had the same says so in a note.

        Raises
        ------
        FitError : when this outcome is not for the method, or it cannot be estimated.
        """
        known_panel(cohorts)
        self.for_kind(cohorts.kind)
        barred = self.barred(cohorts)
        if barred is not None:
            raise FitError(barred)
        answer = self.solve(cohorts)
        answer = replace(answer, notes=(*answer.notes, *self._unused(cohorts, answer)))
        carried: tuple[str, ...] = ()
        if not self.leaves_ends:
            carried = carry_over.note(cohorts, answer.scale, answer.estimate)
        answer = replace(answer, notes=(*answer.notes, *carried))
        if answer.objection is None and self.treated != "one unit":
            answer = _timed(answer, cohorts)
        return effect(cohorts, self.name, self.estimand, answer)

    def barred(self, cohorts: Cohorts) -> str | None:
        """Why this method cannot be asked of a panel with gaps, ends or a phase-in, and what to do;
        None when it can."""
        return self._barred_by_cells(cohorts) or self._barred_by_phases(cohorts)

    def _barred_by_cells(self, cohorts: Cohorts) -> str | None:
        if cohorts.whole or self.unbalanced:
            return None
        able = others(cohorts, lambda one: one.unbalanced)
        if cohorts.used is not None:
            rows = np.asarray(~cohorts.used.all(axis=1))
            cells = int((~cohorts.used).sum())
            return (
                f"{self.name} needs every period of every unit, and {cells} "
                f"cell{'s' if cells > 1 else ''} of {int(rows.sum())} "
                f"unit{'s' if rows.sum() > 1 else ''} ({some(cohorts.units, rows)}) "
                f"{'are' if cells > 1 else 'is'} not used. Take a method that allows it "
                f'({able}), leave the units out (gaps="leave out"), or use a shorter window'
            )
        ended = np.asarray(cohorts.after_end.any(axis=1))
        return (
            f"{self.name} is for treatment that lasts, and the program of "
            f"{some(cohorts.units, ended)} ends inside the window. Take a method that allows it "
            f"({able}), or end the window before"
        )

    def _barred_by_phases(self, cohorts: Cohorts) -> str | None:
        if not cohorts.phase_in or self.phases:
            return None
        able = others(cohorts, lambda one: one.phases)
        return (
            f"{self.name} has no use for a phase-in of {cohorts.phase_in} periods. Leave these "
            f"periods out with washout={cohorts.phase_in}, or take a method that lets the effect "
            f"come in by steps ({able})"
        )

    def _unused(self, cohorts: Cohorts, answer: Answer) -> tuple[str, ...]:
        """What was given and is not used, in words."""
        found = list(cohorts.notes)
        names = [name for name in cohorts.covariate_names if name not in answer.covariates]
        if names:
            found.append(f"not used by {self.name}: {', '.join(names)}")
        if "weight" in self.ignores and np.ptp(cohorts.weight) > 0:
            found.append(f"not used by {self.name}: the weights of units")
        if "cluster" in self.ignores and len(np.unique(cohorts.cluster)) < cohorts.n:
            found.append(f"not used by {self.name}: the clusters; every unit counts by itself")
        return tuple(found)

    def without_events(self) -> Method:
        """The same method without effects by event time, if they can be left out: for answers of
        which nobody shows them."""
        left = {"event_study": False} if "event_study" in self.options else {}
        return self.set_to(left)

    def lighter(self, draws: int) -> Method:
        """The same method with so many draws and without effects before the start, if it has them:
        for checks that fit it again and again and read the estimate and its range."""
        wanted = {"draws": draws, "lead_times": 0, "event_study": False}
        return self.set_to({name: wanted[name] for name in wanted if name in self.options})


def others(cohorts: Cohorts, able: Callable[[Method], bool]) -> str:
    """The names of the methods for such an outcome that are able to do something."""
    # The table is made of methods, so it cannot be imported before they are defined.
    from evaluation.did.methods import METHODS

    names = [one.name for one in METHODS.values() if able(one) and cohorts.kind in one.kinds]
    return ", ".join(names)


def known_panel(cohorts: object) -> None:
    """Nothing, when this is a panel of cohorts.

    Raises
    ------
    FitError : otherwise.
    """
    if not isinstance(cohorts, Cohorts):
        raise FitError(fact("did.method.give-panel-made-by-cohorts", name=type(cohorts).__name__))


def _timed(answer: Answer, cohorts: Cohorts) -> Answer:
    """The answer with what the timing of the starts says against it."""
    if not answer.matched:
        return replace(answer, objection=timing.refusal(cohorts))
    found = timing.tested(cohorts)
    if found is None or found.passed:
        return answer
    note = (
        f"{timing.told(found)}; the controls are those whose last periods were most like it, which "
        "mends much of it and not all"
    )
    return replace(answer, notes=(*answer.notes, note))
