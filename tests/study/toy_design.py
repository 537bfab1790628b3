"""A fifth design, of a few lines: the mean of one column less that of another, period by period."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np

from evaluation.data.panel import Column, Panel
from evaluation.data.read import read_panel
from evaluation.data.toml_places import read
from evaluation.effect import Check, Effect, Interval, Point, Term
from evaluation.errors import FitError, PlanError
from evaluation.fact import as_told
from evaluation.method import Method
from evaluation.numeric.shared.linear import law
from evaluation.study.design import Answered, Ask, Case, Design, Looked, Progress, Study, named
from evaluation.study.evidence import About, DataRecord, PlanRecord
from evaluation.study.grade.rules import Start
from evaluation.study.plan.read import PlanFile
from evaluation.study.plan.schema import Plan, PlannedOutcome


class PlanToy(Plan):
    """A plan for it."""

    design: Literal["toy"]


def read_toy(slug: str, root: Path) -> PlanFile:
    path = root / "analyses" / slug / "plan.toml"
    located = read(path, shown_as=f"analyses/{slug}/plan.toml", error=PlanError)
    written = path.read_bytes()
    plan = located.parse(PlanToy)
    return PlanFile(slug, plan, located, written.decode(), hashlib.sha256(written).hexdigest())


def mean_difference(y: np.ndarray, x: np.ndarray, periods: tuple[str, ...]) -> Effect:
    """The mean of (n,) y less that of (n,) x, by t(n - 1) of their differences."""
    apart = y - x
    if not np.ptp(apart) > 0:
        raise FitError(as_told("the two columns differ by the same everywhere"))
    estimate, df = float(apart.mean()), len(apart) - 1.0
    error = float(apart.std(ddof=1)) / len(apart) ** 0.5
    low, high, p_value = law(estimate, error, df)
    base, total = float(x.mean()), len(apart)
    return Effect(
        method="paired-t",
        scale="difference",
        estimand="the mean of one column less that of the other",
        estimate=estimate,
        std_error=error,
        df=df,
        low=low,
        high=high,
        p_value=p_value,
        percent=Interval(*(100 * end / base for end in (estimate, low, high))),
        averted=Interval(*(-total * end for end in (estimate, high, low))),
        averted_estimand="expected less observed, summed over periods",
        terms=(Term("difference", estimate, error, df, low, high, p_value),),
        path=tuple(
            Point(period, float(a), float(a), float(b), float(b), float(b), "after")
            for period, a, b in zip(periods, y, x, strict=True)
        ),
        n=total,
    )


class _Worded(Method):
    """Its words stand here; those of the program's methods are in the text."""

    label = "Paired t"
    assumes = "the two columns would have been alike"
    coverage = "not measured"


METHODS = {"paired-t": _Worded("paired-t", mean_difference, frozenset({"count"}))}


@dataclass(frozen=True)
class _Pair:
    panel: Panel
    planned: PlannedOutcome
    column: Column
    start: Start = "its"

    @property
    def label(self) -> str:
        return self.column.label

    @property
    def measure(self) -> str:
        return self.column.measure

    @property
    def last_period(self) -> str:
        return self.panel.periods[-1]

    def headline(self) -> Ask:
        method = METHODS["paired-t"]
        y = self.panel.values[self.column.name][0]
        x = self.panel.values["knife"][0]
        return Ask(named(method), partial(method.fit, y, x, self.panel.periods))

    def alternatives(self) -> Iterator[Ask]:
        yield from ()

    def checks(self, headline: Answered, step: Progress) -> Looked:
        return Looked((Check("toy", True, as_told("It is."), asked="Is it a toy?"),))


def _cases(study: Study) -> Iterator[tuple[PlannedOutcome, Case]]:
    for planned in study.plan.outcomes:
        yield planned, _Pair(study.data, planned, study.data.column(planned.column))


def _read(plan_file: PlanFile, root: Path) -> Panel:
    return read_panel(root / plan_file.plan.data, root)


def _described(plan: Plan, panel: Panel) -> DataRecord:
    return DataRecord(
        provenance=panel.provenance,
        frequency=panel.frequency,
        unit=panel.units[0],
        units=panel.units,
        first=panel.periods[0],
        last=panel.periods[-1],
        columns=panel.columns,
        recording_changes=(),
    )


def _record(plan_file: PlanFile, root: Path, panel: Panel) -> PlanRecord:
    words = ("One column beside another.",)
    return PlanRecord({"design": "toy"}, words, plan_file.sha256, None, None, ())


TOY = Design(About("toy", "period"), METHODS, _read, _described, _cases, _record)
