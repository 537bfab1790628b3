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
from evaluation.effect import Effect, Told
from evaluation.errors import FitError
from evaluation.fact import Fact, fact

Treated = Literal["one unit", "several clusters", "any"]


@dataclass(frozen=True, slots=True)
class Method(method.Method):
    """A row of the METHODS table; `solve` takes cohorts and returns an `Answer`.

    Parameters
    ----------
    treated : how many have to be treated for it. With fewer clusters than its errors need it still
        answers, with an objection. ignores : of "weight" and "cluster", what it does not use: it
        refuses unequal weights, and its effects say so of clusters. Covariates that are not used
        are in `Answer`.
    unbalanced : whether it takes panels with cells that are not used, and programs that end.
        phases : whether it takes an effect that comes in by steps. The others refuse them.
    leaves_ends : whether cells after the end of a program are on neither side of its estimate; for
        the others they are untreated. known_as : the name of its words, where settings make it
        answer another question; "" for those of its own name.
    """

    treated: Treated = "any"
    ignores: frozenset[str] = frozenset()
    unbalanced: bool = False
    phases: bool = False
    leaves_ends: bool = False
    known_as: str = ""

    @property
    def words(self) -> str:
        return self.known_as or self.name

    def fit(self, cohorts: Cohorts) -> Effect:
        """The effect by this method.

        Starts that follow a spike or a lull in counts are an objection to every method (`timing`);
        one that compares with units that had the same says so in a note.

        Raises
        ------
        FitError : when this outcome is not for the method, or it cannot be estimated.
        """
        self.refuse(cohorts)
        answer = self.solve(cohorts)
        notes = (*answer.notes, *self._unused(cohorts, answer))
        if not self.leaves_ends:
            notes = (*notes, *carry_over.note(cohorts, answer.scale, answer.estimate))
        answer = self.timed(replace(answer, notes=notes), cohorts)
        return effect(cohorts, self.name, Fact(f"method.{self.words}.estimand"), answer)

    def refuse(self, cohorts: Cohorts) -> None:
        """Nothing, when the method can be asked of the panel.

        Raises
        ------
        FitError : otherwise.
        """
        known_panel(cohorts)
        self.for_kind(cohorts.kind)
        barred = self.barred(cohorts)
        if barred is not None:
            raise FitError(barred)

    def timed(self, answer: Answer, cohorts: Cohorts) -> Answer:
        """The answer with what the timing of the starts says against it."""
        if answer.objection is not None or self.treated == "one unit":
            return answer
        if not answer.matched:
            return replace(answer, objection=timing.refusal(cohorts))
        found = timing.tested(cohorts)
        if found is None or found.passed:
            return answer
        note = fact("did.method.matched", told=timing.told(found))
        return replace(answer, notes=(*answer.notes, note))

    def barred(self, cohorts: Cohorts) -> Fact | None:
        """Why this method cannot be asked of a panel with gaps, ends, a phase-in or weights, and
        what to do; None when it can."""
        if not cohorts.whole and not self.unbalanced:
            return self._barred_by_cells(cohorts)
        if cohorts.phase_in and not self.phases:
            able = others(cohorts, lambda one: one.phases)
            key, periods = "did.method.no-phase-in", cohorts.phase_in
            return fact(key, name=self.name, phase_in=periods, able=able)
        if "weight" in self.ignores and np.ptp(cohorts.weight) > 0:
            able = others(cohorts, lambda one: "weight" not in one.ignores)
            return fact("did.method.no-weights", name=self.name, able=able)
        return None

    def _barred_by_cells(self, cohorts: Cohorts) -> Fact:
        able = others(cohorts, lambda one: one.unbalanced)
        if cohorts.used is None:
            ended = some(cohorts.units, np.asarray(cohorts.after_end.any(axis=1)))
            return fact("did.method.no-ends", name=self.name, units=ended, able=able)
        rows = np.asarray(~cohorts.used.all(axis=1))
        return fact(
            "did.method.no-gaps",
            name=self.name,
            cells=(~cohorts.used).sum(),
            rows=rows.sum(),
            units=some(cohorts.units, rows),
            able=able,
        )

    def _unused(self, cohorts: Cohorts, answer: Answer) -> tuple[Told, ...]:
        """What was given and is not used."""
        names = [name for name in cohorts.covariate_names if name not in answer.covariates]
        clustered = "cluster" in self.ignores and len(np.unique(cohorts.cluster)) < cohorts.n
        idle = (
            (bool(names), fact("did.names", names=names)),
            (clustered, fact("did.method.clusters")),
        )
        told = [fact("did.method.unused", name=self.name, what=what) for so, what in idle if so]
        return (*cohorts.notes, *told)

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


def others(cohorts: Cohorts, able: Callable[[Method], bool]) -> list[str]:
    """The names of the methods for such an outcome that are able to do something."""
    # The table is made of methods, so it cannot be imported before they are defined.
    from evaluation.did.methods import METHODS

    return [one.name for one in METHODS.values() if able(one) and cohorts.kind in one.kinds]


def known_panel(cohorts: object) -> None:
    """Nothing, when this is a panel of cohorts.

    Raises
    ------
    FitError : otherwise.
    """
    if not isinstance(cohorts, Cohorts):
        raise FitError(fact("did.method.give-panel-made-by-cohorts", name=type(cohorts).__name__))
