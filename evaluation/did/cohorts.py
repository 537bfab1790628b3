"""Units by periods, some of them treated from a period of their own on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from evaluation.data import period as calendar
from evaluation.data.panel import Panel
from evaluation.did import arrays, dates
from evaluation.errors import DataError, FitError

Kind = Literal["count", "continuous"]

# The `first` of a unit that is not treated inside the panel.
NEVER = np.inf
# Differences below this share of the size of the values are rounding.
ROUNDING = 1e-12
LARGEST = 1e75


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
    units : (N,) names. periods : (T,) as written. notes : what of the input is not used, or only in
        part, in words; every effect of these cohorts repeats them.
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
    notes: tuple[str, ...] = ()

    @classmethod
    def from_arrays(
        cls,
        y: Sequence[Sequence[float]] | np.ndarray,
        first: Sequence[float] | np.ndarray,
        *,
        exposure: Sequence[Sequence[float]] | np.ndarray | None = None,
        offset: bool | None = None,
        covariates: Mapping[str, Sequence[float] | np.ndarray] | None = None,
        cluster: Sequence[object] | np.ndarray | None = None,
        weight: Sequence[float] | np.ndarray | None = None,
        units: Sequence[str] | None = None,
        start: str | None = None,
        frequency: calendar.Frequency = "month",
        kind: Kind = "continuous",
    ) -> Cohorts:
        """A panel from plain numbers, or from pandas tables.

        Tables are matched by their index (units) and columns (periods), whatever their order; a
        label that has no partner is refused, never guessed.

        Parameters
        ----------
        y : (N, T). first : (N,) index of the first treated period, counted from 0, or the period as
            text or a date; infinity, NaN, an empty text or an index at or past T for never.
        exposure : (N, T). offset : whether outcomes are taken relative to the exposure; None does
            so for counts and not for continuous outcomes, which are often means or rates already.
            An exposure that is not used is in `notes`. covariates : (N,) columns by name, or a
            table. cluster : (N,) labels. weight : (N,). units : (N,) names, by default those of the
            index. start : the first period as written, by default that of the columns, else 2000.

        Raises
        ------
        FitError : for what is not of these types or shapes, lengths or labels that differ, a unit
            named twice, a missing or infinite value, a period left out, a negative count, an
            exposure or weight that is not positive, a unit treated from the first period on,
            or nobody treated.
        """
        arrays.known_kind(kind)
        frequency = arrays.known_frequency(frequency)
        arrays.refuse_unread(y, "the outcomes")
        arrays.refuse_unread(exposure, "the exposure")
        own = arrays.labels(y)
        begin, columns = dates.begin(start, arrays.labels(y, "columns"), frequency)
        outcomes = arrays.numbers(arrays.ordered(y, columns, "y"), "outcomes")
        if outcomes.ndim != 2:
            raise FitError("the outcomes must be a table, one row a unit and one column a period")
        n, length = outcomes.shape
        if not n:
            raise FitError("there is no unit")
        if units is not None:
            names = arrays.names(units, n)
            arrays.refuse_moved(names, own)
        else:
            names = arrays.names(own or [f"unit {i + 1}" for i in range(n)], n)
        # Names given for a table without labels are what other tables are matched by.
        wanted = own if own is not None or units is None else names
        parts: dict[str, Any] = {
            "first": first,
            "exposure": exposure,
            "cluster": cluster,
            "weight": weight,
        }
        parts = {name: arrays.aligned(part, wanted, name, n) for name, part in parts.items()}
        table = parts["exposure"]
        if table is not None:
            table = arrays.numbers(arrays.ordered(table, columns, "exposure"), "exposures")
        table, notes = arrays.used_exposure(table, offset, kind)
        by_name = arrays.covariate_columns(covariates, wanted, names)
        return _checked(
            cls(
                y=outcomes,
                exposure=table,
                first=dates.first_periods(
                    parts["first"],
                    n,
                    length,
                    None if start is None and columns is None else begin,
                    frequency,
                ),
                covariates=np.column_stack(list(by_name.values())) if by_name else np.empty((n, 0)),
                covariate_names=tuple(by_name),
                cluster=arrays.cluster_numbers(parts["cluster"], names),
                weight=arrays.weights(parts["weight"], n),
                units=names,
                periods=tuple(calendar.text(begin + t, frequency) for t in range(length)),
                frequency=frequency,
                kind=kind,
                notes=notes,
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
        offset: bool | None = None,
    ) -> Cohorts:
        """The cohorts of a panel, by written starts or by a treatment column.

        Parameters
        ----------
        outcome : column with the role outcome. starts : first treated period by unit; units not
            named are never treated. treatment : a column of 0 and 1 instead; it must not go back
            to 0. units : those used, in this order; None uses all. window : first and last period
            used; None uses every period. covariates, cluster : columns whose value in the first
            period used counts; `notes` names those that change later. offset : whether outcomes
            are taken relative to the exposure column of the panel, if there is one; None does so
            for counts and not for other numbers.

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
            low, high = (dates.written(text, panel, "the window") - begin for text in window)
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
            if not np.isin(flags, (0, 1)).all():
                raise DataError(
                    f"{file}: {treatment} must be 0 or 1 in every period used; it has other values "
                    "or gaps"
                )
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
            at = dates.written(text, panel, f"the start of {unit_name}") - begin - low
            # Before the window: treated throughout.
            first[chosen.index(unit_name)] = max(at, 0)
        exposures = panel.named("exposure")
        changing = [
            f"{name} changes over time; only its values of {panel.periods[low]} are used"
            for name in (*covariates, *(() if cluster is None else (cluster,)))
            if _changes(values(name))
        ]
        found = cls.from_arrays(
            y,
            first,
            exposure=values(exposures[0].name) if exposures else None,
            covariates={name: values(name)[:, 0] for name in covariates},
            cluster=values(cluster)[:, 0] if cluster is not None else None,
            units=chosen,
            start=panel.periods[low],
            frequency=panel.frequency,
            kind="count" if column.type == "count" else "continuous",
            offset=offset,
        )
        return replace(found, notes=(*found.notes, *changing))

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
        chosen = arrays.rows(rows, self.n)
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
        return self.keeping(np.delete(np.arange(self.n), arrays.rows([unit], self.n)))

    def between(self, low: int, high: int) -> Cohorts:
        """Periods `low` to `high - 1`; a unit treated later than that is never treated here.

        Raises
        ------
        FitError : when these are no two periods or more of the panel.
        """
        arrays.refuse_outside(low, high, self.length)
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
        """The same outcomes as if the units had been treated from these periods on.

        Raises
        ------
        FitError : for another length, what is no index of a period, or nobody treated.
        """
        pretended = dates.first_periods(first, self.n, self.length, None, self.frequency)
        return _checked(replace(self, first=pretended))


def _changes(values: np.ndarray) -> bool:
    """Whether a unit's value differs between periods by more than rounding."""
    spread = np.ptp(values, axis=1)
    return bool((spread > ROUNDING * np.abs(values).max(initial=0)).any())


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
    if np.abs(y).max() > LARGEST:
        raise FitError(
            f"an outcome is {np.abs(y).max():.3g}, too large to be squared and added up; take "
            "another unit of measure"
        )
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
            "nothing shows what went before. Leave out such units, or begin the window earlier. "
            "(Periods are numbered from 0, so a first treated period of 0 is the first of all; a "
            "unit never treated has infinity, numpy.inf.)"
        )
    if not np.isfinite(first).any():
        raise FitError("no unit is treated inside the window")
    return cohorts
