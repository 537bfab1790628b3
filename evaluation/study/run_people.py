"""People as a design: those who took part beside others, or called in one after another."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from evaluation.data.project import Disclosure, read_project
from evaluation.data.records import RecordColumn
from evaluation.effect import Better, Check, Effect, Told
from evaluation.errors import DataError, FitError, PlanError
from evaluation.fact import fact
from evaluation.individual import gate, incidence, not_yet_called, run_checks, survival
from evaluation.individual import methods as people_methods
from evaluation.individual import propensity as balance
from evaluation.individual.people import Kind, People
from evaluation.study.build.change import AS_PLANNED, Change
from evaluation.study.build.people import (
    event_days,
    kind_of,
    months,
    name_of,
    planned_calls,
    planned_people,
    span_of,
    treated_words,
)
from evaluation.study.could_find import few, few_called, risk_curves, told_of
from evaluation.study.design import Answered, Ask, Case, Design, Looked, Progress, Study, named
from evaluation.study.evidence import ABOUT, DataRecord
from evaluation.study.families import over_all_outcomes
from evaluation.study.grade.rules import Start
from evaluation.study.plan.read import PlanFile
from evaluation.study.plan.schema import Plan, PlannedAlternative, PlannedOutcome
from evaluation.study.power import people as power_people
from evaluation.study.power.power_evidence import PowerEvidence
from evaluation.study.power.sides import power_of_sides
from evaluation.study.release.sides import TwoSides
from evaluation.study.rows import Persons, described, read_people

ALWAYS = ("unadjusted",)


def _described(plan: Plan, data: Persons) -> DataRecord:
    unit = treated_words(plan, data.records)
    found = described(data.records, unit, "person", months(plan, data.records))
    return replace(found, undated=not data.records.dated)


def _cases(study: Study) -> Iterator[tuple[PlannedOutcome, Case]]:
    people = planned_people(study.plan, study.data.records)
    for planned in study.plan.outcomes:
        column = study.data.records.column(planned.column)
        yield planned, _OfPeople(study.plan, study.data, people, planned, column, study.rule)


@dataclass(frozen=True)
class _OfPeople:
    """One planned outcome."""

    plan: Plan
    data: Persons
    people: People
    planned: PlannedOutcome
    column: RecordColumn
    rule: Disclosure

    @property
    def label(self) -> str:
        """A first event with the span it is counted in."""
        if self._kind != "time":
            return self.column.label
        span = span_of(AS_PLANNED.horizon(self.planned))
        return str(fact("study.run-people.within", label=self.column.label, span=span))

    @property
    def measure(self) -> str:
        return self.column.measure

    @property
    def last_period(self) -> str:
        return months(self.plan, self.data.records)[1]

    @property
    def start(self) -> Start:
        return "stepped call-ins" if self._stepped else "individual"

    @property
    def _kind(self) -> Kind:
        return kind_of(self.column)

    @property
    def _name(self) -> str:
        return people_methods.chosen(self.plan.model, self._kind)

    @property
    def _stepped(self) -> bool:
        return self._name == people_methods.NOT_YET_CALLED

    def headline(self) -> Ask:
        return self._ask(self._name, self.plan.options)

    def alternatives(self) -> Iterator[Ask]:
        """The planned alternatives, then the means as they are."""
        for entry in self.plan.alternatives:
            name = entry.model or self._name
            if _applies(entry, name, self._kind):
                yield self._ask(name, _options(self.plan, entry, name), Change(entry))
        asked = {entry.model for entry in self.plan.alternatives}
        for name in ALWAYS:
            if name not in asked and name != self._name:
                yield self._as_they_are(name)

    def _as_they_are(self, name: str) -> Ask:
        if self._kind != "time":
            plain = self._ask(name, {})
            return replace(plain, entry=replace(plain.entry, planned=False))
        plain = self._ask(people_methods.RISK.name, {"weights": "given"})
        method = people_methods.PLAIN[name]
        # The coverage of the weighted risk says nothing of one without weights.
        entry = replace(
            plain.entry,
            label=str(fact("study.run-people.as-they-are")),
            planned=False,
            assumes=method.assumes,
            coverage=method.coverage,
        )
        return replace(plain, entry=entry)

    def _ask(self, name: str, options: Mapping[str, object], change: Change = AS_PLANNED) -> Ask:
        """One answer; what rests on too few people is not valid."""
        own = change.alternative
        label, assumes = ("", None) if own is None else (own.label, own.assumes)
        entry = named(people_methods.METHODS[name], label, assumes)
        return Ask(entry, partial(self._fit, name, options, change))

    def _fit(self, name: str, options: Mapping[str, object], change: Change) -> Effect:
        effect, barred = self._found(name, options, change)
        return effect if barred is None else replace(effect, objection=barred)

    def _found(
        self, name: str, options: Mapping[str, object], change: Change
    ) -> tuple[Effect, Told | None]:
        """The effect, and why it may not be told, or None."""
        plan, records, kind = self.plan, self.data.records, self._kind
        outcome = name_of(self.column, records)
        day, estimand = float(change.horizon(self.planned)), change.estimand(plan)
        if name == people_methods.NOT_YET_CALLED:
            return self._called(options, change, day)
        given = self.people if change is AS_PLANNED else planned_people(plan, records, change)
        people = _of_fit(given, name)
        method = people_methods.method_for(name, day, options)
        if name in people_methods.TIMED:
            found = None
            if name == "andersen-gill" and self.data.events is not None:
                found = event_days(records, self.data.events, self.column)
            barred = few(method.answer(people, outcome, estimand), self.rule.fewest)
            effect = people_methods.fit_timed(name, people, outcome, estimand, day, options, found)
            if effect.percent_of == "days":
                # Time without the event is good where the event is bad.
                better: Better = "higher" if self.planned.better == "lower" else "lower"
                effect = replace(effect, better=better)
            return effect, barred
        if kind == "time" and name in people_methods.PLAIN:
            people = people.by_day(outcome, day)
            outcome = str(fact("study.run-people.by-day", outcome=outcome, day=day))
        barred = few(method.answer(people, outcome, estimand), self.rule.fewest) or _cut_short(
            given, kind, day
        )
        effect = method.fit(people, outcome, estimand)
        return (replace(effect, horizon=day) if kind == "time" else effect), barred

    def _called(
        self, options: Mapping[str, object], change: Change, day: float
    ) -> tuple[Effect, Told | None]:
        records = self.data.records
        calls = planned_calls(self.plan, records, self.data.events, self.column, change)
        first_only = options.get("first_only") is True
        made = not_yet_called.estimate(calls, horizon=day, first_only=first_only, history=False)
        if records.named("weight"):
            raise FitError(fact("study.run-people.no-weights"))
        if records.named("cluster"):
            note = fact("study.run-people.unused", roles=("cluster",))
            made = replace(made, notes=(*made.notes, note))
        return made, few_called(calls, day, self.rule.fewest)

    def checks(self, headline: Answered, step: Progress) -> Looked:
        asked = self._alike() if headline.shown.effect is None else self._standing(step)
        return Looked((self._compared(), *asked))

    def _compared(self) -> Check:
        """Who is compared with whom; counts of both sides."""
        treated = int(self.people.treated.sum())
        others = self.people.n - treated
        first, last = months(self.plan, self.data.records)
        rows = ({"who": "treated", "people": treated}, {"who": "not treated", "people": others})
        counts = {"treated": treated, "others": others}
        key = f"study.run-people.compared{'' if self.data.records.dated else '-undated'}"
        says = fact(key, first=first, last=last, counts=counts)
        return Check("who-is-compared", None, says, rows, ("people",))

    def _alike(self) -> tuple[Check, ...]:
        """How alike both sides are and where they overlap, where there is no answer: most often
        that is why."""
        if self._stepped:
            return ()
        for method in (self._weighted(), people_methods.PLAIN["unadjusted"]):
            people, outcome = self.people, name_of(self.column, self.data.records)
            try:
                if self._kind == "time" and method.name in people_methods.PLAIN:
                    people = people.by_day(outcome, self._day)
                    outcome = str(fact("study.run-people.by-day", outcome=outcome, day=self._day))
                answer = method.answer(people, outcome, self.plan.estimand)
            except (FitError, DataError):
                continue
            return balance.check(answer), balance.overlap(answer)
        return ()

    @property
    def _day(self) -> float:
        return float(self.planned.horizon or people_methods.HORIZON)

    def _weighted(self) -> people_methods.Method:
        """The method of the headline as the checks ask it; weights of the risk for first events."""
        method = people_methods.method_for(self._name, self._day, self.plan.options)
        if self._kind == "time" and self._name in people_methods.PLAIN:
            return replace(people_methods.RISK, day=self._day)
        return method

    def _standing(self, step: Progress) -> tuple[Check, ...]:
        plan, people, records = self.plan, self.people, self.data.records
        kind, outcome, day = self._kind, name_of(self.column, records), self._day
        if self._stepped:
            # The questions of the battery are about people who were called beside others who never
            # were; here the day of the call is part of the design.
            calls = planned_calls(plan, records, self.data.events, self.column, AS_PLANNED)
            return (not_yet_called.spike(calls, horizon=day),)
        method = self._weighted()
        beside = [
            name_of(records.column(one.column), records)
            for one in plan.outcomes
            if one.column != self.planned.column
        ]
        unaffected = [name_of(records.column(one.column), records) for one in plan.unaffected]
        told = told_of(people, (*beside, *unaffected), method, plan, self.rule.fewest)
        found = run_checks(
            people,
            outcome=outcome,
            method=method,
            estimand=plan.estimand,
            unaffected=[one for one in unaffected if one in told],
            beside=[one for one in beside if one in told],
            progress=step,
        )
        if kind in ("days", "count"):
            return (*found, gate.short_follow_up(people, day=day))
        return found if kind != "time" else (*found, *self._of_time(outcome, day))

    def _of_time(self, outcome: str, day: float) -> Iterator[Check]:
        people = self.people
        asked: tuple[Callable[[], Check], ...] = (
            lambda: incidence.left_early(people, outcome, day=day),
            lambda: survival.proportionality(people, outcome),
            lambda: incidence.same_curves(people, outcome),
            lambda: risk_curves(people, outcome, day, self.plan, self.rule.fewest),
        )
        for ask in asked:
            try:
                yield ask()
            except FitError:
                continue


def _applies(entry: PlannedAlternative, name: str, kind: Kind) -> bool:
    """Whether an alternative says anything about an outcome of this kind; one of the plan may be
    for other outcomes."""
    return kind in people_methods.METHODS[name].kinds and (kind == "time" or not entry.horizon)


def _options(plan: Plan, entry: PlannedAlternative, name: str) -> Mapping[str, object]:
    options: dict[str, object] = dict(plan.alternative_options(entry))
    trim = Change(entry).trim()
    if trim is not None:
        # Of a method that trims nobody this is a setting it does not have, which it says.
        options["trim"] = trim
    return options


def _of_fit(people: People, name: str) -> People:
    """The people with what goes into a fit or its gate: what a plan's checks alone look at is told
    with the checks."""
    follow_up = people.follow_up if name == "andersen-gill" else np.full(people.n, np.inf)
    entry = people.entry if people.decided is not None else np.zeros(people.n)
    return replace(people, follow_up=follow_up, entry=entry, invited=None, history=None)


def _cut_short(people: People, kind: Kind, day: float) -> Told | None:
    """Why days or counts of people who were not followed alike may not be compared, or None."""
    if kind not in ("days", "count"):
        return None
    check = gate.short_follow_up(people, day=day)
    return None if check.passed else check.says


def _could_find(
    plan_file: PlanFile,
    root: Path,
    draws: int | None,
    effects: Sequence[float],
    progress: Callable[[str, int, int], None],
) -> PowerEvidence:
    """What a study of people could find, and how alike both sides are."""
    plan, data = plan_file.plan, read_people(plan_file, root)
    rule = read_project(root).disclosure
    tasks = []
    for planned in plan.outcomes:
        people, column = planned_people(plan, data.records), data.records.column(planned.column)
        case = _OfPeople(plan, data, people, planned, column, rule)
        if case._name in (people_methods.NOT_YET_CALLED, "andersen-gill"):
            refused = fact("study.power.needs-every-event", method=case._name)
            raise PlanError(plan_file.located.fault(("model",), str(refused)))
        asked = power_people.Asked(
            planned,
            case.label,
            case.measure,
            name_of(column, data.records),
            case._day,
            case._name,
            people_methods.METHODS[case._name].label,
            partial(_asked_of, case),
            partial(_alike_of, case),
        )
        sides = (int(people.treated.sum()), int((~people.treated).sum()))
        told = TwoSides(plan_file.slug, sides, rule)
        tasks.append(power_people.ready(people, asked, told, draws, effects))
    unit, span = treated_words(plan, data.records), months(plan, data.records)
    unit = str(tasks[0].told(unit))
    return power_of_sides(plan_file, tasks, data.records.provenance, unit, span, progress)


def _asked_of(case: _OfPeople, people: People) -> Effect:
    """The planned headline of other people."""
    return replace(case, people=people)._fit(case._name, case.plan.options, AS_PLANNED)


def _alike_of(case: _OfPeople, people: People) -> tuple[Check, ...]:
    return replace(case, people=people)._alike()


PEOPLE = Design(
    ABOUT["individual"],
    people_methods.METHODS,
    read_people,
    _described,
    _cases,
    finish=over_all_outcomes,
    of_people=True,
    could_find=_could_find,
)
