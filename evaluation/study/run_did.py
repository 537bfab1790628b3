"""A difference-in-differences as a design: treated units beside untreated ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property, partial
from inspect import signature
from itertools import compress

import numpy as np

from evaluation import did
from evaluation.data import period
from evaluation.data.panel import Column, Panel
from evaluation.did import carry_over
from evaluation.did.each_unit_check import each_treated_unit
from evaluation.did.spillover import treated_places
from evaluation.effect import Check, Effect, Told
from evaluation.errors import DataError, EvaluationError, FitError
from evaluation.fact import Fact, fact
from evaluation.study import reference_class
from evaluation.study.build.change import AS_PLANNED, Change
from evaluation.study.build.cohorts import (
    did_window,
    method_of,
    planned_cohorts,
    planned_who,
    set_method,
    set_options,
    spillover_links,
    treated_words,
)
from evaluation.study.by_year import ByYear, by_year
from evaluation.study.could_find import could_be_found
from evaluation.study.curve_did import specification_curve
from evaluation.study.design import (
    Answered,
    Ask,
    Case,
    Design,
    Looked,
    Progress,
    Study,
    asked_by_name,
    named,
)
from evaluation.study.evidence import ABOUT, DataRecord
from evaluation.study.grade.rules import Start
from evaluation.study.plan.freeze import plan_record
from evaluation.study.plan.ignored import cluster_note, unadjusted_note
from evaluation.study.plan.schema import Plan, PlannedAlternative, PlannedOutcome
from evaluation.study.power.comparison import power_of_comparison
from evaluation.study.run_its import described, read
from evaluation.study.run_who import who_is_in
from evaluation.study.table_checks import nearby_changes, recording_change

# Names of units of one start that a table lists.
NAMED = 8
# Checks that tell the size or the side of the estimate, or how it compares with others like it.
OF_ESTIMATE = frozenset(
    {
        "differing-trends",
        "placebo-units",
        "leave-one-control-out",
        "contaminated-controls",
        "later-events",
        "carry-over",
        "two-way-weights",
        "spillover",
        "treated-places",
        "could-be-found",
        "each-treated-unit",
        reference_class.NAME,
    }
)
NOT_ASKED = "study.run-did.not-asked"
# What is always shown has no settings of the plan's.
_BESIDE = PlannedAlternative(label="beside", options={})


def _described(plan: Plan, panel: Panel) -> DataRecord:
    """The window ends where a table of adoption ends the panel."""
    column = plan.outcomes[0].column
    first, last = did_window(plan, panel)
    until = planned_who(plan, panel, column).until
    window = first, (last if until is None else min(last, until))
    return described(panel, treated_words(planned_cohorts(plan, panel, column)), window)


def _cases(study: Study) -> Iterator[tuple[PlannedOutcome, Case]]:
    for planned in study.plan.outcomes:
        column = study.data.column(planned.column)
        yield planned, _Compared(study.plan, study.data, planned, column)


@dataclass(frozen=True)
class _Compared:
    """One planned outcome."""

    plan: Plan
    panel: Panel
    planned: PlannedOutcome
    column: Column
    start: Start = "did"

    @property
    def label(self) -> str:
        return self.column.label

    @property
    def measure(self) -> str:
        return self.column.measure

    @property
    def last_period(self) -> str:
        return did_window(self.plan, self.panel, self.column.name)[1]

    @cached_property
    def _cohorts(self) -> did.Cohorts:
        return planned_cohorts(self.plan, self.panel, self.column.name)

    @cached_property
    def _method(self) -> did.Method:
        """The headline's method, with the planned settings."""
        plan = self.plan
        name = did.default(self._cohorts).name if plan.model is None else plan.model
        return set_method(plan, AS_PLANNED, name)

    def headline(self) -> Ask:
        method = self._method
        return Ask(
            named(method),
            partial(method.fit, self._cohorts),
            (_reason(self._cohorts, method),),
            _unused(self.plan, AS_PLANNED, method),
        )

    def alternatives(self) -> Iterator[Ask]:
        for entry in self.plan.alternatives:
            yield self._alternative(entry)
        asked = asked_by_name(self.plan)
        for beside in did.always_beside(self._cohorts, self._method.name):
            if beside.words not in asked:
                quicker = beside.without_events()
                notes = _unused(self.plan, Change(_BESIDE), beside)
                fit = partial(quicker.fit, self._cohorts)
                yield Ask(named(beside, planned=False), fit, notes=notes)

    def _alternative(self, entry: PlannedAlternative) -> Ask:
        plan, change = self.plan, Change(alternative=entry)
        try:
            cohorts = planned_cohorts(plan, self.panel, self.column.name, change)
            method = method_of(plan, change, self._method, cohorts)
        except (DataError, FitError) as fault:
            method = did.METHODS[entry.model or self._method.name]
            about = replace(named(method, entry.label, entry.assumes), coverage="")
            return Ask(about, partial(_refused, fault))
        return Ask(
            named(method, entry.label, entry.assumes),
            partial(method.without_events().fit, cohorts),
            notes=_unused(plan, change, method),
        )

    def checks(self, headline: Answered, step: Progress) -> Looked:
        plan, panel, column = self.plan, self.panel, self.column
        found = (_groups(self._cohorts), *who_is_in(plan, panel, column, self._cohorts))
        told = headline.shown.effect
        if headline.effect is not None:
            made = self._standing(headline.effect, step)
            found += made if told is not None else tuple(map(_silenced, made))
        if told is not None:
            found += specification_curve(plan, panel, column, self._method, told, step)
        known = nearby_changes(plan, column.name, panel, self._own_starts())
        found += (recording_change(plan, column.name, known, (), panel, 0, others_count=True),)
        return Looked(found, known, by_year=self._by_year(told))

    def _by_year(self, effect: Effect | None) -> ByYear | None:
        cohorts = self._cohorts
        treated = cohorts.ever
        around = None
        if len(cohorts.cohorts) == 1 and cohorts.on is None:
            first = cohorts.periods[int(cohorts.first[treated][0])]
            counts = period.ordinal(first, self.panel.frequency)
            around = (counts - cohorts.skipped, counts)
        return by_year(
            self.panel,
            self.column.name,
            treated=tuple(compress(cohorts.units, treated)),
            beside=tuple(compress(cohorts.units, ~treated)),
            window=did_window(self.plan, self.panel, self.column.name),
            around=around,
            effect=effect,
        )

    def _standing(self, effect: Effect, step: Progress) -> tuple[Check, ...]:
        plan, panel, column = self.plan, self.panel, self.column
        cohorts, method = self._cohorts, self._method
        checks = did.run_checks(
            cohorts,
            method,
            effect,
            outcomes={
                panel.column(entry.column).label: planned_cohorts(plan, panel, entry.column)
                for entry in plan.unaffected
            },
            contaminated=self._contaminated(),
            links=spillover_links(plan, panel, column.name),
            progress=step,
        )
        checks += self._ended()
        checks += self._in_real_cities(effect)
        # Who is behind a small number is not told of data that may not leave the house.
        if int(cohorts.ever.sum()) > 1 and panel.provenance.sensitivity != "private":
            checks += (treated_places(cohorts, method), *each_treated_unit(cohorts, method))
        return (*checks, could_be_found(effect, self.planned.better, self.planned.worthwhile))

    def _in_real_cities(self, effect: Effect) -> tuple[Check, ...]:
        """The change among those of US cities where nothing began, of one city beside others."""
        cohorts = self._cohorts
        treated = np.flatnonzero(cohorts.ever)
        if len(treated) != 1:
            return ()
        unit, start = int(treated[0]), int(cohorts.first[treated[0]])
        if not reference_class.covered(self.panel, self.column, cohorts.units[unit]):
            return ()
        after, others = cohorts.length - start, cohorts.y[~cohorts.ever, :start]
        # A method that judges the first months alone has their number as a setting.
        setting = signature(self._method.solve).parameters.get("window")
        if setting is not None:
            judged = reference_class.JUDGED if setting.default is None else setting.default
            after = min(after, judged) if judged else after
        return reference_class.check(
            "compared",
            self.column,
            effect,
            ways=(effect.method, "random-effects"),
            before=cohorts.y[unit, :start],
            after=after,
            others=others[~np.isnan(others).any(axis=1)],
        )

    def _ended(self) -> tuple[Check, ...]:
        """Whether effects last after programs end, where an alternative ends them as a table has it
        and the headline does not."""
        for entry in self.plan.alternatives if self._cohorts.on is None else ():
            if entry.adoption is None or entry.adoption.ends != "as written":
                continue
            change = Change(alternative=entry)
            try:
                ended = planned_cohorts(self.plan, self.panel, self.column.name, change)
                if ended.on is None or not ended.after_end.any():
                    continue
                lighter = self._method.without_events()
                found = carry_over.check(ended, lighter, lighter.fit(ended))
            except (DataError, FitError):
                continue
            says = fact("study.run-did.in-alternative", label=entry.label, says=found.says)
            return (replace(found, found=says),)
        return ()

    def _own_starts(self) -> dict[str, str]:
        """When each of several treated units began, by the table of adoption."""
        if self.plan.adoption is None or self.plan.unit:
            return {}
        who = planned_who(self.plan, self.panel, self.column.name)
        return {one.unit: one.since for one in who.standings if one.what == "treated"}

    def _contaminated(self) -> dict[str, str]:
        """Controls with a program of their own and what that was, by the plan or by a table."""
        found = {entry.unit: entry.why for entry in self.plan.contaminated}
        for one in planned_who(self.plan, self.panel, self.column.name).standings:
            if one.what == "contaminated":
                found.setdefault(one.unit, one.why)
        return {unit: why for unit, why in found.items() if unit in self._cohorts.units}


def _refused(fault: EvaluationError) -> Effect:
    raise fault


def _reason(cohorts: did.Cohorts, method: did.Method) -> Told:
    """Why this method, for the notes."""
    chosen = did.default(cohorts)
    if method.name == chosen.name:
        return str(did.choice(cohorts).why).rstrip(".")
    return fact("study.run.plan-names", method=method.name, default=chosen.name)


def _unused(plan: Plan, change: Change, method: did.Method) -> tuple[str, ...]:
    """What an answer was given by the plan and does not use, in words."""
    entry = change.alternative
    names = plan.terms.covariates
    if entry is not None and entry.covariates is not None:
        names = entry.covariates
    options = set_options(plan, change, method.name)
    told = (unadjusted_note(names, method.name, options), cluster_note(plan.cluster, method.name))
    return tuple(one for one in told if one)


def _groups(cohorts: did.Cohorts) -> Check:
    """Who is treated when, and who never."""
    rows = []
    for first in (*cohorts.cohorts, did.NEVER):
        names = [cohorts.units[int(row)] for row in np.flatnonzero(cohorts.first == first)]
        if not names:
            continue
        more = len(names) - NAMED
        key = f"study.run-did.names{'-more' if more > 0 else ''}"
        listed = str(fact(key, names=names[:NAMED], more=more))
        start = "never" if first == did.NEVER else cohorts.begun(first)
        rows.append({"start": start, "units": len(names), "names": listed})
    treated = int(cohorts.ever.sum())
    says = fact(
        "study.run-did.groups",
        treated=treated,
        units=cohorts.n,
        starts=len(cohorts.cohorts),
        controls=cohorts.n - treated,
        length=cohorts.length,
        period=cohorts.frequency,
        first=cohorts.periods[0],
        last=cohorts.periods[-1],
    )
    return Check("comparison-groups", None, says, tuple(rows))


def _silenced(check: Check) -> Check:
    """The same check beside an estimate that is not valid: what would tell it is not told."""
    if check.name not in OF_ESTIMATE:
        return check
    return Check(check.name, None, Fact(NOT_ASKED), asked=check.asked)


DID = Design(
    ABOUT["did"],
    did.METHODS,
    read,
    _described,
    _cases,
    plan_record,
    could_find=power_of_comparison,
)
