"""A series, or a few of them, with the design of a segmented regression."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from evaluation.data import period as calendar
from evaluation.data.panel import Panel
from evaluation.errors import DataError, FitError
from evaluation.its.design import (
    SITE_GAP,
    Interruption,
    Kind,
    Pulse,
    Rows,
    Specification,
    design,
)

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
    x : (n, k) design, named by `names`. baseline : (n, k), the same without the intervention.
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
    x: np.ndarray
    baseline: np.ndarray
    kept: np.ndarray
    affected: np.ndarray
    settled: np.ndarray

    @classmethod
    def from_arrays(
        cls,
        y: Sequence[float] | np.ndarray,
        *,
        start: int,
        exposure: Sequence[float] | np.ndarray | None = None,
        first: str = "2000-01",
        frequency: calendar.Frequency = "month",
        kind: Kind = "count",
        specification: Specification | None = None,
        covariates: Mapping[str, Sequence[float]] | None = None,
        dose: Sequence[float] | None = None,
        later: Sequence[Interruption] = (),
        pulses: Sequence[Pulse] = (),
        name: str = "treated",
    ) -> Series:
        """A series from plain numbers.

        Parameters
        ----------
        y : (n,) outcomes a period. exposure : (n,) or None. start : index of the first period of
            the intervention. first : the first period as written, which fixes the season.
        covariates : columns by name; those the specification names are used.
        dose : (n,) amount of intervention a period (call-ins, say); it takes the place of the
            level. later, pulses : further interventions and concurrent events, by ordinal.

        Raises
        ------
        FitError : when the start is not inside the series, or lengths differ.
        """
        specification = specification or Specification()
        given = covariates or {}
        missing = [column for column in specification.covariates if column not in given]
        if missing:
            raise FitError(f"covariate {missing[0]!r} is not among {', '.join(given) or 'none'}")
        n = len(y)
        columns = [np.asarray(given[column], float) for column in specification.covariates]
        for name, column in zip(specification.covariates, columns, strict=True):
            if column.shape != (n,):
                raise FitError(f"covariate {name!r} must be as long as the outcome ({n} periods)")
        begin = calendar.ordinal(first, frequency)
        rows = Rows(
            y=np.asarray(y, dtype=float),
            exposure=None if exposure is None else np.asarray(exposure, dtype=float),
            covariates=np.column_stack(columns) if columns else np.empty((n, 0)),
            dose=None if dose is None else np.asarray(dose, dtype=float),
            period=begin + np.arange(n),
            site=np.zeros(n, dtype=int),
            names=(name,),
            starts=(begin + start,),
            later=tuple(later),
            pulses=tuple(pulses),
        )
        return _built(rows, frequency, kind, specification)

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
    ) -> Series:
        """The series of one unit of a panel.

        Parameters
        ----------
        outcome : column with the role outcome. start : first period of the intervention.
        window : first and last period used; None uses all the unit's coverage.
        dose : column with the amount of intervention a period, or None for a level.

        Raises
        ------
        DataError : when unit, column or window is not in the panel.
        FitError : when the start is not inside the window.
        """
        specification = specification or Specification()
        column = panel.column(outcome)
        row = panel.unit_index(unit)
        if column.role != "outcome":
            raise DataError(f"{panel.provenance.file}: {outcome!r} has the role {column.role}")
        first = calendar.ordinal(panel.periods[0], panel.frequency)
        chosen = _window(panel, unit, panel.values[outcome][row], window)
        exposures = panel.named("exposure")
        used = [outcome, *(one.name for one in exposures), *specification.covariates]
        panel.refuse_gaps([*used, *filter(None, [dose])], [unit], chosen.start, chosen.stop - 1)
        covariates = [panel.values[name][row][chosen] for name in specification.covariates]
        return cls.from_arrays(
            panel.values[outcome][row][chosen],
            start=calendar.ordinal(start, panel.frequency) - first - chosen.start,
            exposure=panel.values[exposures[0].name][row][chosen] if exposures else None,
            first=panel.periods[chosen.start],
            frequency=panel.frequency,
            kind="count" if column.type == "count" else "continuous",
            specification=specification,
            covariates=dict(zip(specification.covariates, covariates, strict=True)),
            dose=None if dose is None else panel.values[panel.column(dose).name][row][chosen],
            later=later,
            pulses=pulses,
            name=unit,
        )

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
    def time(self) -> np.ndarray:
        """(n,) whole-number times, rows of different sites far apart."""
        return np.asarray(self.rows.period - self.rows.period.min() + SITE_GAP * self.rows.site)

    @property
    def treated(self) -> np.ndarray:
        """(n,) True in rows of a unit that is treated at some time."""
        ever = np.array([start is not None for start in self.rows.starts])
        return np.asarray(ever[self.rows.site])

    @property
    def log_offset(self) -> np.ndarray:
        """(n,) log exposure where the specification uses it, else zeros."""
        if self.exposure is None or not self.specification.offset:
            return np.zeros(self.n)
        return np.asarray(np.log(self.exposure))

    @property
    def relative_exposure(self) -> np.ndarray:
        """(n,) exposure over its mean where it is used, else ones: linear models fit y over it."""
        if self.exposure is None or not self.specification.offset:
            return np.ones(self.n)
        return np.asarray(self.exposure / self.exposure.mean(), dtype=float)

    def specified(self, **changes: object) -> Series:
        """The same data with other terms in the model."""
        changed = replace(self.specification, **changes)  # type: ignore[arg-type]
        return _built(self.rows, self.frequency, self.kind, changed)

    def starting(self, start: int) -> Series:
        """The same data with the intervention at another index, in every treated site."""
        return self._moved(self.rows, int(self.rows.period.min()) + start)

    def shifted(self, by: int) -> Series:
        """The same data with every site's start moved by so many periods, staggered as they were;
        further interventions stay where they are.

        Raises
        ------
        FitError : when a start leaves its site's periods or does not stay before what came later.
        """
        starts = tuple(None if own is None else own + by for own in self.rows.starts)
        last = max(start for start in starts if start is not None)
        if any(change.start <= last for change in self.rows.later):
            raise FitError(f"a start {by} periods later is not before the next intervention")
        moved = replace(self.rows, starts=starts)
        return _built(moved, self.frequency, self.kind, self.specification)

    def alone(self) -> Series:
        """The first treated site by itself: no controls, no other sites, and a level where there
        was a dose."""
        rows = replace(
            _part(self.rows, self.rows.site == 0),
            dose=None,
            names=self.rows.names[:1],
            starts=self.rows.starts[:1],
        )
        return _built(rows, self.frequency, self.kind, self.specification)

    def between(self, low: int, high: int, *, start: int | None = None) -> Series:
        """Periods `low` to `high - 1`, with the intervention where it was or at index `start` of
        the whole series (in every treated site)."""
        begin = int(self.rows.period.min())
        inside = (self.rows.period >= begin + low) & (self.rows.period < begin + high)
        rows = _part(self.rows, inside)
        if start is None:
            return _built(rows, self.frequency, self.kind, self.specification)
        return self._moved(rows, begin + start)

    def beside(self, controls: Series | Sequence[Series]) -> Series:
        """Controlled interrupted time series: this one with one or more control series.

        A control may be another unit, a weighted group (`pooled`), or another outcome of the same
        unit that the intervention should not touch. Its own start is not used.

        Raises
        ------
        FitError : when kinds or periods differ.
        """
        given = [controls] if isinstance(controls, Series) else list(controls)
        return self._stacked(given, [None] * len(given))

    def joined(self, others: Sequence[Series]) -> Series:
        """Multiple-baseline design: several treated sites, each with its own start and one common
        effect."""
        return self._stacked(others, [other.rows.starts[0] for other in others])

    def _stacked(self, others: Sequence[Series], starts: Sequence[int | None]) -> Series:
        every = [self, *others]
        rows = [series.rows for series in every]
        if any(len(part.names) > 1 for part in rows):
            raise FitError("a series that is already joined cannot be joined again")
        if len({(series.kind, series.frequency) for series in every}) > 1:
            raise FitError("series of different kinds or frequencies cannot be joined")
        if len({part.exposure is None for part in rows}) > 1:
            raise FitError("either every joined series has an exposure or none has")
        if any(part.dose is not None for part in rows):
            raise FitError("a dose is for a single series")
        names = [
            name if names.count(name) == 1 else f"{name} ({number + 1})"
            for names in [[part.names[0] for part in rows]]
            for number, name in enumerate(names)
        ]
        stacked = Rows(
            y=np.concatenate([part.y for part in rows]),
            exposure=None
            if rows[0].exposure is None
            else np.concatenate([part.exposure for part in rows if part.exposure is not None]),
            covariates=np.concatenate([part.covariates for part in rows]),
            dose=None,
            period=np.concatenate([part.period for part in rows]),
            site=np.repeat(np.arange(len(rows)), [len(part.y) for part in rows]),
            names=tuple(names),
            starts=(rows[0].starts[0], *starts),
            later=rows[0].later,
            pulses=rows[0].pulses,
        )
        return _built(stacked, self.frequency, self.kind, self.specification)

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
    FitError : when periods differ, a weight is negative, or all are nought.
    """
    share = np.ones(len(series)) if weights is None else np.asarray(weights, dtype=float)
    if len(share) != len(series) or (share < 0).any() or not share.any():
        raise FitError("weights must be one a series, none negative and not all nought")
    first = series[0].rows
    if any(not np.array_equal(one.rows.period, first.period) for one in series):
        raise FitError("series of different periods cannot be pooled")
    exposures = [one.rows.exposure for one in series]
    given = [exposure for exposure in exposures if exposure is not None]
    rows = replace(
        first,
        y=np.asarray(sum(w * one.rows.y for w, one in zip(share, series, strict=True))),
        exposure=np.asarray(sum(w * e for w, e in zip(share, given, strict=True)))
        if len(given) == len(series)
        else None,
        names=("controls",),
    )
    return _built(rows, series[0].frequency, series[0].kind, series[0].specification)


def _part(rows: Rows, chosen: np.ndarray) -> Rows:
    """The rows marked True."""
    return replace(
        rows,
        y=rows.y[chosen],
        exposure=None if rows.exposure is None else rows.exposure[chosen],
        covariates=rows.covariates[chosen],
        dose=None if rows.dose is None else rows.dose[chosen],
        period=rows.period[chosen],
        site=rows.site[chosen],
    )


def _window(panel: Panel, unit: str, values: np.ndarray, window: tuple[str, str] | None) -> slice:
    covered = np.flatnonzero(~np.isnan(values))
    low, high = int(covered[0]), int(covered[-1])
    if window is not None:
        first = calendar.ordinal(panel.periods[0], panel.frequency)
        low_asked = calendar.ordinal(window[0], panel.frequency) - first
        high_asked = calendar.ordinal(window[1], panel.frequency) - first
        if low_asked < low or high_asked > high or low_asked >= high_asked:
            raise DataError(
                f"{panel.provenance.file}: window {window[0]} to {window[1]} is not inside "
                f"{panel.periods[low]} to {panel.periods[high]} of {unit}"
            )
        low, high = low_asked, high_asked
    return slice(low, high + 1)


def _built(
    rows: Rows, frequency: calendar.Frequency, kind: Kind, specification: Specification
) -> Series:
    if rows.y.ndim != 1 or not len(rows.y):
        raise FitError("the outcome must be one number a period, and there must be some")
    if not np.isfinite(rows.y).all():
        raise FitError("the outcome has a missing or infinite value")
    if rows.exposure is not None and (
        rows.exposure.shape != rows.y.shape
        or not (np.isfinite(rows.exposure) & (rows.exposure > 0)).all()
    ):
        raise FitError("the exposure must be positive, finite and as long as the outcome")
    if rows.dose is not None and (len(rows.dose) != len(rows.y) or not (rows.dose >= 0).all()):
        raise FitError("the dose must not be negative and must be as long as the outcome")
    if kind == "count" and (rows.y < 0).any():
        raise FitError(f"a count of {rows.y.min():g} is negative; a count starts at nought")
    made = design(rows, frequency, specification)
    return Series(
        rows=rows,
        frequency=frequency,
        kind=kind,
        specification=specification,
        names=made.names,
        x=made.x,
        baseline=made.baseline,
        kept=made.kept,
        affected=made.affected,
        settled=made.settled,
    )
