"""A series, or a few of them, with the design of a segmented regression."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np

from evaluation.data import period as calendar
from evaluation.data.panel import Panel
from evaluation.errors import DataError, FitError
from evaluation.fact import Fact, fact
from evaluation.its import arguments, arrays
from evaluation.its.design import (
    SITE_GAP,
    Column,
    Interruption,
    Kind,
    Pulse,
    Rows,
    Specification,
    design,
)
from evaluation.its.stacking import part_of, stacked, summed

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Interruption", "Kind", "Pulse", "Series", "Specification"]


@dataclass(frozen=True, slots=True)
class Series:
    """Outcomes of a treated unit, with controls or sister sites when it has them, and the design.

    Make one with `from_arrays` or `from_panel`, and join several with `beside` (a control) or
    `joined` (several treated sites); all check what a fit would need.

    Parameters
    ----------
    rows : the data as they came. y : (n,) outcomes. exposure : (n,) population or person-time, or
        None. start : index of the first period of the (earliest) intervention.
    x : (n, k) design, named by `names`; `columns` say what each is. baseline : (n, k), the same
        without the intervention.
    kept : (n,) False in the washout, which is left out of every fit.
    affected : (n,) rows from the start on that are kept; averted outcomes are summed over them.
    settled : (n,) affected rows with the phase-in complete and before any further intervention;
        the headline is about them.
    """

    rows: Rows
    frequency: calendar.Frequency
    kind: Kind
    specification: Specification
    names: tuple[str, ...]
    columns: tuple[Column, ...]
    x: np.ndarray
    baseline: np.ndarray
    kept: np.ndarray
    affected: np.ndarray
    settled: np.ndarray

    @classmethod
    def from_arrays(
        cls,
        y: Sequence[float] | np.ndarray | pd.Series,
        *,
        start: int | str,
        exposure: Sequence[float] | np.ndarray | pd.Series | None = None,
        first: str | None = None,
        frequency: calendar.Frequency = "month",
        kind: Kind = "count",
        specification: Specification | None = None,
        covariates: Mapping[str, Sequence[float] | np.ndarray] | pd.DataFrame | None = None,
        dose: Sequence[float] | np.ndarray | pd.Series | None = None,
        later: Sequence[Interruption] = (),
        pulses: Sequence[Pulse] = (),
        name: str = "treated",
        gaps: arguments.Gaps = "refuse",
    ) -> Series:
        """A series from plain numbers.

        Parameters
        ----------
        y : (n,) outcomes a period, in the order of time: a list, an array, or a column of pandas,
            whose index is read when it has periods. exposure : (n,) or None. start : index of the
            first period of the intervention, or that period as written. first : the first period
            as written, which fixes the season; None takes the index's, or 2000-01.
        covariates : by name, or a table; a note names those that the specification does not.
        dose : (n,) amount of intervention a period, in place of a level. later, pulses : further
            interventions and concurrent events, by ordinal. gaps : "missing" leaves out periods
            where one of these numbers is missing (NaN); time goes on through them.

        Raises
        ------
        FitError : when the start is not inside the series, lengths or periods differ, or an
            argument is not what it must be.
        """
        specification = Specification() if specification is None else specification
        arguments.refuse_types(kind, frequency, specification, name, later, pulses)
        outcome = arrays.outcome_of(y, first, frequency)
        given = arrays.columns_of(covariates, outcome, frequency)
        for column in [one for one in specification.covariates if one not in given]:
            known = tuple(given) or fact("its.none")
            raise FitError(fact("its.series.covariate-not-among", missing=column, value=known))
        extra = [column for column in given if column not in specification.covariates]
        columns = [given[column] for column in specification.covariates]
        n = len(outcome.y)
        if exposure is not None:
            exposure = arrays.beside(exposure, arguments.EXPOSURE, outcome, frequency)
        rows = Rows(
            y=outcome.y,
            exposure=exposure,
            covariates=np.column_stack(columns) if columns else np.empty((n, 0)),
            dose=None if dose is None else arrays.beside(dose, arguments.DOSE, outcome, frequency),
            period=outcome.begin + np.arange(n),
            site=np.zeros(n, dtype=int),
            names=(name,),
            starts=(outcome.begin + arrays.start_of(start, outcome, frequency),),
            later=tuple(later),
            pulses=tuple(pulses),
            unused=tuple(fact("its.series.covariate-not-used", column=one) for one in extra),
        )
        return _built(arguments.recorded(rows, gaps), frequency, kind, specification)

    @classmethod
    def from_panel(
        cls,
        panel: Panel,
        *,
        outcome: str,
        unit: str,
        start: str,
        specification: Specification | None = None,
        window: tuple[str, str] | None = None,
        dose: str | None = None,
        later: Sequence[Interruption] = (),
        pulses: Sequence[Pulse] = (),
        gaps: arguments.Gaps = "refuse",
    ) -> Series:
        """The series of one unit of a panel.

        Parameters
        ----------
        outcome : column with the role outcome. start : first period of the intervention.
        window : first and last period used; None uses all the unit's coverage.
        dose : column with the amount of intervention a period, or None for a level.
        gaps : as in `from_arrays`.

        Raises
        ------
        DataError : when unit, column or window is not in the panel.
        FitError : when the start is not inside the window.
        """
        specification = Specification() if specification is None else specification
        column, row = panel.column(outcome), panel.unit_index(unit)
        if column.role != "outcome":
            raise DataError(f"{panel.provenance.file}: {outcome!r} has the role {column.role}")
        chosen = arguments.chosen_rows(panel, unit, outcome, window)
        exposures = panel.named("exposure")
        used = [outcome, *(one.name for one in exposures), *specification.covariates]
        arguments.refuse_cells(panel, unit, chosen, used, dose, gaps)
        first = panel.periods[chosen.start]
        begin = arrays.ordinal(start, panel.frequency, "start")
        series = cls.from_arrays(
            panel.values[outcome][row][chosen],
            start=begin - calendar.ordinal(first, panel.frequency),
            exposure=panel.values[exposures[0].name][row][chosen] if exposures else None,
            first=first,
            frequency=panel.frequency,
            kind="count" if column.type == "count" else "continuous",
            specification=specification,
            covariates={
                name: arguments.panel_values(panel, name, row)[chosen]
                for name in specification.covariates
            },
            dose=None if dose is None else arguments.panel_values(panel, dose, row)[chosen],
            later=later,
            pulses=pulses,
            name=unit,
            gaps=gaps,
        )
        notes = tuple(
            fact("its.series.exposure-not-used", used=exposures[0].name, other=other.name)
            for other in exposures[1:]
        )
        return replace(series, rows=replace(series.rows, unused=(*series.rows.unused, *notes)))

    @property
    def y(self) -> np.ndarray:
        return self.rows.y

    @property
    def exposure(self) -> np.ndarray | None:
        return self.rows.exposure

    @property
    def n(self) -> int:
        """Rows, over all sites."""
        return len(self.rows.y)

    @property
    def start(self) -> int:
        """Index of the earliest start, counted in periods from the first."""
        starts = [start for start in self.rows.starts if start is not None]
        return min(starts) - int(self.rows.period.min())

    @property
    def periods(self) -> tuple[str, ...]:
        """(n,) period of each row as written."""
        return tuple(calendar.text(int(number), self.frequency) for number in self.rows.period)

    @property
    def missing(self) -> tuple[int, ...]:
        """Ordinals of the periods inside that some site has no row of."""
        return tuple(sorted({one for lost in arguments.missing(self.rows) for one in lost}))

    @property
    def time(self) -> np.ndarray:
        """(n,) whole-number times, rows of different sites far apart."""
        return np.asarray(self.rows.period - self.rows.period.min() + SITE_GAP * self.rows.site)

    @property
    def treated(self) -> np.ndarray:
        """(n,) True in rows of a unit that is treated at some time."""
        ever = np.array([start is not None for start in self.rows.starts])
        return np.asarray(ever[self.rows.site])

    @property
    def uses_exposure(self) -> bool:
        """Whether there is an exposure and the model uses it."""
        return self.exposure is not None and self.specification.uses_exposure(self.kind)

    @property
    def notes(self) -> tuple[Fact, ...]:
        """What was given and has no part in the model."""
        return arguments.unused(self.rows, self.frequency, self.kind, self.specification)

    @property
    def log_offset(self) -> np.ndarray:
        """(n,) log exposure where the specification uses it, else zeros."""
        if self.exposure is None or not self.uses_exposure:
            return np.zeros(self.n)
        return np.asarray(np.log(self.exposure))

    @property
    def relative_exposure(self) -> np.ndarray:
        """(n,) exposure over its mean where it is used, else ones: linear models fit y over it."""
        if self.exposure is None or not self.uses_exposure:
            return np.ones(self.n)
        return np.asarray(self.exposure / self.exposure.mean(), dtype=float)

    def specified(self, **changes: object) -> Series:
        """The same data with other terms in the model, named as in `Specification`."""
        known = [each.name for each in fields(Specification)]
        for name in changes:
            if name not in known:
                raise FitError(
                    fact("its.series.no-term-model-there", name=name, known=tuple(known))
                )
        wanted = changes.get("covariates", self.specification.covariates)
        if wanted != self.specification.covariates:
            raise FitError(fact("its.series.other-covariates-need-their-columns"))
        changed = replace(self.specification, **changes)  # type: ignore[arg-type]
        return _built(self.rows, self.frequency, self.kind, changed)

    def starting(self, start: int) -> Series:
        """The same data with the intervention at another index, in every treated site."""
        return self._moved(self.rows, int(self.rows.period.min()) + arrays.whole(start, "start"))

    def shifted(self, by: int) -> Series:
        """The same data with every site's start moved by so many periods, staggered as they were;
        further interventions stay where they are.

        Raises
        ------
        FitError : when a start leaves its site's periods or does not stay before what came later.
        """
        moved_by = arrays.whole(by, "by")
        starts = tuple(None if own is None else own + moved_by for own in self.rows.starts)
        last = max(start for start in starts if start is not None)
        if any(change.start <= last for change in self.rows.later):
            raise FitError(fact("its.series.start-periods-later-not-before", by=by))
        moved = replace(self.rows, starts=starts)
        return _built(moved, self.frequency, self.kind, self.specification)

    def alone(self) -> Series:
        """The first treated site by itself: no controls, no other sites, and a level where there
        was a dose."""
        rows = replace(
            part_of(self.rows, self.rows.site == 0),
            dose=None,
            names=self.rows.names[:1],
            starts=self.rows.starts[:1],
        )
        return _built(rows, self.frequency, self.kind, self.specification)

    def between(self, low: int, high: int, *, start: int | None = None) -> Series:
        """Periods `low` to `high - 1`, with the intervention where it was or at index `start` of
        the whole series (in every treated site)."""
        low, high = arrays.whole(low, "low"), arrays.whole(high, "high")
        begin = int(self.rows.period.min())
        inside = (self.rows.period >= begin + low) & (self.rows.period < begin + high)
        if not inside.any():
            raise FitError(fact("its.series.there-no-period-from-index", low=low, high=high - 1))
        if start is not None:
            return self._moved(part_of(self.rows, inside), begin + arrays.whole(start, "start"))
        return _built(part_of(self.rows, inside), self.frequency, self.kind, self.specification)

    def beside(self, controls: Series | Sequence[Series]) -> Series:
        """Controlled interrupted time series: this one with one or more control series.

        A control may be another unit, a weighted group (`pooled`), or another outcome of the same
        unit that the intervention should not touch. Its own start is not used.

        Raises
        ------
        FitError : when kinds or periods differ.
        """
        given = _each(controls)
        return self._stacked(given, [None] * len(given))

    def joined(self, others: Series | Sequence[Series]) -> Series:
        """Multiple-baseline design: several treated sites, each with its own start and one common
        effect."""
        given = _each(others)
        return self._stacked(given, [other.rows.starts[0] for other in given])

    def _stacked(self, others: Sequence[Series], starts: Sequence[int | None]) -> Series:
        for other in others:
            if (other.kind, other.frequency) != (self.kind, self.frequency):
                raise FitError(fact("its.series.series-different-kinds-frequencies-cannot"))
            own = self.specification
            # The terms are those of the first: another series may leave them open, not change them.
            open_terms = other.specification == Specification() and not own.covariates
            if other.specification != own and not open_terms:
                raise FitError(
                    fact(
                        "its.series.has-other-terms-than-joined",
                        names=other.rows.names[0],
                        names2=self.rows.names[0],
                    )
                )
        rows = stacked([self.rows, *(other.rows for other in others)], starts)
        return _built(rows, self.frequency, self.kind, self.specification)

    def _moved(self, rows: Rows, start: int) -> Series:
        starts = tuple(None if own is None else start for own in rows.starts)
        # Further interventions belong to the true start, not to a pretended one.
        later = rows.later if starts == rows.starts else ()
        moved = replace(rows, starts=starts, later=later)
        return _built(moved, self.frequency, self.kind, self.specification)


def pooled(series: Sequence[Series], weights: Sequence[float] | None = None) -> Series:
    """One series that is the weighted sum of several, outcomes and exposures alike.

    Raises
    ------
    FitError : when periods, kinds, terms or covariates differ, a weight is negative, or all are
        nought.
    """
    every = _each(series)
    rows = summed([one.rows for one in every], weights)
    first = every[0]
    alike = (first.kind, first.frequency, first.specification)
    if any((one.kind, one.frequency, one.specification) != alike for one in every):
        raise FitError(fact("its.series.series-different-kinds-frequencies-terms"))
    return _built(rows, first.frequency, first.kind, first.specification)


def _each(given: object) -> list[Series]:
    """One series or several, as a list; FitError for anything else."""
    every = [given] if isinstance(given, Series) else given
    if not isinstance(every, list | tuple) or not all(isinstance(one, Series) for one in every):
        raise FitError(fact("its.series.give-series-list-them-made"))
    return list(every)


def _built(
    rows: Rows, frequency: calendar.Frequency, kind: Kind, specification: Specification
) -> Series:
    arguments.refuse_rows(rows, kind, specification)
    made = design(rows, frequency, specification)
    return Series(
        rows=rows,
        frequency=frequency,
        kind=kind,
        specification=specification,
        names=made.names,
        columns=made.columns,
        x=made.x,
        baseline=made.baseline,
        kept=made.kept,
        affected=made.affected,
        settled=made.settled,
    )
