"""Units by periods, some of them treated from a period of their own on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from evaluation.data import period as calendar
from evaluation.data.panel import Panel
from evaluation.errors import DataError, FitError

Kind = Literal["count", "continuous"]

# The `first` of a unit that is not treated inside the panel.
NEVER = np.inf


@dataclass(frozen=True, slots=True)
class Cohorts:
    """A balanced panel with the period from which each unit is treated.

    Make one with `from_arrays` or `from_panel`; both refuse what no difference-in-differences can
    use: a missing cell, a unit treated in every period, nobody treated.

    Parameters
    ----------
    y : (N, T) outcomes. exposure : (N, T) population or person-time, or None. first : (N,) index
        of each unit's first treated period, infinite for those never treated. covariates :
        (N, c) time-constant columns named by `covariate_names`. cluster : (N,) numbers from 0; by
        default each unit is its own. weight : (N,) positive sampling weights, by default ones.
    units : (N,) names. periods : (T,) as written.
    """

    y: np.ndarray
    exposure: np.ndarray | None
    first: np.ndarray
    covariates: np.ndarray
    covariate_names: tuple[str, ...]
    cluster: np.ndarray
    weight: np.ndarray
    units: tuple[str, ...]
    periods: tuple[str, ...]
    frequency: calendar.Frequency
    kind: Kind

    @classmethod
    def from_arrays(
        cls,
        y: Sequence[Sequence[float]] | np.ndarray,
        first: Sequence[float] | np.ndarray,
        *,
        exposure: Sequence[Sequence[float]] | np.ndarray | None = None,
        covariates: Mapping[str, Sequence[float] | np.ndarray] | None = None,
        cluster: Sequence[object] | np.ndarray | None = None,
        weight: Sequence[float] | np.ndarray | None = None,
        units: Sequence[str] | None = None,
        start: str = "2000-01",
        frequency: calendar.Frequency = "month",
        kind: Kind = "continuous",
    ) -> Cohorts:
        """A panel from plain numbers.

        Parameters
        ----------
        y : (N, T). first : (N,) index of the first treated period; infinity, NaN or an index at or
            past T for never. exposure : (N, T). covariates : (N,) columns by name. cluster : (N,)
            labels. start : the first period as written.

        Raises
        ------
        FitError : for lengths that differ, a unit named twice, a missing or infinite outcome, a
            negative count, an exposure or weight that is not positive, a unit treated from the
            first period on, or nobody treated.
        """
        outcomes = np.array(y, dtype=float)
        if outcomes.ndim != 2:
            raise FitError("the outcomes must be a table, one row a unit and one column a period")
        n, length = outcomes.shape
        columns = {name: np.asarray(values, float) for name, values in (covariates or {}).items()}
        if any(column.shape != (n,) for column in columns.values()):
            raise FitError("a covariate must have one value a unit")
        begin = calendar.ordinal(start, frequency)
        names = tuple(units or (f"unit {i + 1}" for i in range(n)))
        if len(names) != n:
            raise FitError(f"there are {len(names)} names for {n} units")
        if len(set(names)) < n:
            twice = next(name for name in names if names.count(name) > 1)
            raise FitError(f"{twice!r} is there twice; every unit has one row, add rows up first")
        labels = np.arange(n) if cluster is None else np.asarray(cluster)
        if len(labels) != n:
            raise FitError("there must be one cluster a unit")
        starts = np.asarray(first, dtype=float)
        if starts.shape != (n,):
            raise FitError("there must be one first treated period a unit (infinity for never)")
        return _checked(
            cls(
                y=outcomes,
                exposure=None if exposure is None else np.array(exposure, dtype=float),
                first=np.where(np.isnan(starts) | (starts >= length), NEVER, starts),
                covariates=np.column_stack(list(columns.values())) if columns else np.empty((n, 0)),
                covariate_names=tuple(columns),
                cluster=np.unique(labels, return_inverse=True)[1],
                weight=np.ones(n) if weight is None else np.array(weight, dtype=float),
                units=names,
                periods=tuple(calendar.text(begin + t, frequency) for t in range(length)),
                frequency=frequency,
                kind=kind,
            )
        )

    @classmethod
    def from_panel(
        cls,
        panel: Panel,
        *,
        outcome: str,
        starts: Mapping[str, str] | None = None,
        treatment: str | None = None,
        units: Sequence[str] | None = None,
        window: tuple[str, str] | None = None,
        covariates: Sequence[str] = (),
        cluster: str | None = None,
    ) -> Cohorts:
        """The cohorts of a panel, by written starts or by a treatment column.

        Parameters
        ----------
        outcome : column with the role outcome. starts : first treated period by unit; units not
            named are never treated. treatment : a column of 0 and 1 instead; it must not go back
            to 0. units : those used, in this order; None uses all. window : first and last period
            used; None uses every period. covariates, cluster : columns whose value in the first
            period used counts.

        Raises
        ------
        DataError : when a unit, column or period is not in the panel, a unit has a period without
            an outcome (the panel would be unbalanced), or a treatment switches off.
        FitError : as `from_arrays`.
        """
        file = panel.provenance.file
        column = panel.column(outcome)
        if column.role != "outcome":
            raise DataError(f"{file}: {outcome!r} has the role {column.role}, not outcome")
        if (starts is None) == (treatment is None):
            raise DataError(f"{file}: give either the starts or a treatment column")
        chosen = tuple(panel.units if units is None else units)
        # The search of a panel for a unit takes its time with thousands of them.
        row_of = {unit: row for row, unit in enumerate(panel.units)}
        rows = np.array(
            [row_of[unit] if unit in row_of else panel.unit_index(unit) for unit in chosen]
        )
        begin = calendar.ordinal(panel.periods[0], panel.frequency)
        low, high = 0, len(panel.periods) - 1
        if window is not None:
            low, high = (calendar.ordinal(text, panel.frequency) - begin for text in window)
        if not 0 <= low < high < len(panel.periods):
            raise DataError(
                f"{file}: the window is not inside {panel.periods[0]} to {panel.periods[-1]}"
            )
        inside = slice(low, high + 1)

        def values(name: str) -> np.ndarray:
            return panel.values[panel.column(name).name][rows, inside]

        y = values(outcome)
        gaps = np.isnan(y)
        if gaps.any():
            unit, at = (int(place) for place in np.argwhere(gaps)[0])
            why = panel.declared.why(chosen[unit], begin + low + at, outcome)
            raise DataError(
                f"{file}: {chosen[unit]} has no {outcome} in {panel.periods[low + at]}"
                f"{f' ({why})' if why else ''}, so the panel is unbalanced "
                f"({int(gaps.any(axis=1).sum())} units with gaps). Narrow the window or leave "
                "these units out."
            )
        used = [outcome, *(one.name for one in panel.named("exposure"))]
        panel.refuse_gaps(used, chosen, low, high)
        panel.refuse_gaps([*covariates, *filter(None, [cluster])], chosen, low, low)
        first = np.full(len(chosen), NEVER)
        if treatment is not None:
            flags = values(treatment)
            if (np.diff(flags, axis=1) < 0).any():
                unit = int(np.argwhere(np.diff(flags, axis=1) < 0)[0][0])
                raise DataError(
                    f"{file}: {treatment} of {chosen[unit]} goes from 1 back to 0. Only treatments "
                    "that last are supported: end the window before it stops, or study the end "
                    "with an interrupted time series."
                )
            ever = flags.any(axis=1)
            first[ever] = flags[ever].argmax(axis=1)
        for unit_name, text in (starts or {}).items():
            if unit_name not in chosen:
                raise DataError(f"{file}: {unit_name!r} has a start but is not among the units")
            first[chosen.index(unit_name)] = calendar.ordinal(text, panel.frequency) - begin - low
        exposures = panel.named("exposure")
        return cls.from_arrays(
            y,
            first,
            exposure=values(exposures[0].name) if exposures else None,
            covariates={name: values(name)[:, 0] for name in covariates},
            cluster=values(cluster)[:, 0] if cluster is not None else None,
            units=chosen,
            start=panel.periods[low],
            frequency=panel.frequency,
            kind="count" if column.type == "count" else "continuous",
        )

    @property
    def n(self) -> int:
        """Units."""
        return len(self.y)

    @property
    def length(self) -> int:
        """Periods."""
        return int(self.y.shape[1])

    @property
    def ever(self) -> np.ndarray:
        """(N,) True for units treated at some time."""
        return np.asarray(np.isfinite(self.first))

    @property
    def treated(self) -> np.ndarray:
        """(N, T) True in the cells under treatment."""
        return np.asarray(np.arange(self.length) >= self.first[:, None])

    @property
    def cohorts(self) -> np.ndarray:
        """(C,) the distinct first treated periods, in order, without never."""
        return np.unique(self.first[self.ever]).astype(int)

    @property
    def log_exposure(self) -> np.ndarray:
        """(N, T) log exposure, zeros without one."""
        if self.exposure is None:
            return np.zeros(self.y.shape)
        return np.asarray(np.log(self.exposure))

    @property
    def one_treated(self) -> int:
        """Row of the only treated unit.

        Raises
        ------
        FitError : when there are more.
        """
        rows = np.flatnonzero(self.ever)
        if len(rows) != 1:
            raise FitError(f"this method is for one treated unit; there are {len(rows)}")
        return int(rows[0])

    def keeping(self, rows: np.ndarray | Sequence[int]) -> Cohorts:
        """These units only, by row."""
        chosen = np.asarray(rows)
        if chosen.dtype == bool:
            chosen = np.flatnonzero(chosen)
        return _checked(
            replace(
                self,
                y=self.y[chosen],
                exposure=None if self.exposure is None else self.exposure[chosen],
                first=self.first[chosen],
                covariates=self.covariates[chosen],
                cluster=np.unique(self.cluster[chosen], return_inverse=True)[1],
                weight=self.weight[chosen],
                units=tuple(self.units[row] for row in chosen),
            )
        )

    def without(self, unit: int) -> Cohorts:
        """All but one unit, by row."""
        return self.keeping(np.delete(np.arange(self.n), unit))

    def between(self, low: int, high: int) -> Cohorts:
        """Periods `low` to `high - 1`; a unit treated later than that is never treated here."""
        return _checked(
            replace(
                self,
                y=self.y[:, low:high],
                exposure=None if self.exposure is None else self.exposure[:, low:high],
                first=np.where(self.first >= high, NEVER, self.first - low),
                periods=self.periods[low:high],
            )
        )

    def pretending(self, first: np.ndarray) -> Cohorts:
        """The same outcomes as if the units had been treated from these periods on."""
        return _checked(replace(self, first=np.where(first >= self.length, NEVER, first)))


def _checked(cohorts: Cohorts) -> Cohorts:
    y, first = cohorts.y, cohorts.first
    if y.shape[1] < 2:
        raise FitError("a difference-in-differences needs at least two periods")
    if not np.isfinite(y).all():
        unit, at = (int(place) for place in np.argwhere(~np.isfinite(y))[0])
        raise FitError(
            f"{cohorts.units[unit]} has no outcome in {cohorts.periods[at]}: the panel is "
            "unbalanced. Narrow the window or leave the unit out."
        )
    if cohorts.kind == "count" and (y < 0).any():
        raise FitError("a count is negative")
    exposure = cohorts.exposure
    if exposure is not None and (
        exposure.shape != y.shape or not (np.isfinite(exposure) & (exposure > 0)).all()
    ):
        raise FitError("the exposure must be positive and as large as the outcomes")
    if not (np.isfinite(cohorts.weight) & (cohorts.weight > 0)).all():
        raise FitError("weights must be positive")
    if (first[np.isfinite(first)] % 1 != 0).any():
        raise FitError("a first treated period must be a whole number")
    always = first <= 0
    if always.any():
        names = ", ".join(np.array(cohorts.units)[always][:3])
        count = int(always.sum())
        raise FitError(
            f"{count} unit{' is' if count == 1 else 's are'} treated in every period ({names}): "
            "nothing shows what went before. Leave out such units, or begin the window earlier."
        )
    if not np.isfinite(first).any():
        raise FitError("no unit is treated inside the window")
    return cohorts
