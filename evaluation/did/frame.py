"""From a table with a row a unit and period to an answer: what a notebook calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, cast, get_args

import numpy as np

from evaluation.data import frames, moments
from evaluation.data import period as calendar
from evaluation.data.one_per_row import absent
from evaluation.data.toml_places import did_you_mean
from evaluation.did.choice import choice, default, estimate
from evaluation.did.coefficients import covariance, likelihood
from evaluation.did.cohorts import NEVER, Cohorts, Kind
from evaluation.did.gaps import Gaps
from evaluation.did.methods import METHODS
from evaluation.did.standing_checks import run_checks
from evaluation.errors import DataError
from evaluation.fact import Fact, fact
from evaluation.fitted import Fit
from evaluation.method import settings_of


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows of a table, unit by unit in the order of time, and where each is in the panel.

    Parameters
    ----------
    row, column : (n,) of the unit and of the period. begin : ordinal of the first period.
    """

    table: frames.Table
    units: tuple[str, ...]
    row: np.ndarray
    column: np.ndarray
    begin: int
    length: int
    frequency: calendar.Frequency

    @property
    def labels(self) -> list[str]:
        """(n,) the unit of each row."""
        return [self.units[row] for row in self.row]

    def laid(self, values: np.ndarray, empty: float = np.nan) -> np.ndarray:
        """(N, T) the values in their cells."""
        cells = np.full((len(self.units), self.length), empty, dtype=values.dtype)
        cells[self.row, self.column] = values
        return cells

    def told(self, cells: np.ndarray) -> list[Fact]:
        """The units and periods of (N, T) cells, the first few told."""
        rows = np.flatnonzero(cells.any(axis=1))
        found = [
            fact(
                "did.frame.unit-periods",
                unit=self.units[row],
                periods=moments.stretches(
                    (self.begin + np.flatnonzero(cells[row])).tolist(), self.frequency
                ),
            )
            for row in rows[: frames.SHOWN].tolist()
        ]
        left = len(rows) - frames.SHOWN
        return [*found, fact("frames.more", more=left)] if left > 0 else found


def fit(
    frame: Any,
    *,
    outcome: str,
    unit: str,
    time: str,
    start: str | Mapping[str, Any],
    exposure: str | None = None,
    weights: str | None = None,
    covariates: str | Sequence[str] | None = None,
    cluster: str | None = None,
    method: str | None = None,
    options: Mapping[str, object] | None = None,
    offset: bool | None = None,
    gaps: Gaps = "refuse",
    washout: int = 0,
    phase_in: int = 0,
    kind: Kind | None = None,
    frequency: str | None = None,
) -> Fit:
    """The change in treated units beside the others.

    Parameters
    ----------
    frame : a table of pandas, polars or pyarrow with a row a unit and period, in any order.
        outcome, unit, time, exposure : names of its columns. start : a column with the date from
        which each unit was treated, empty (or 0, of years) for never (of a date inside a period all
        of it is under treatment, and a note says so); or a column of flags, 1 in
        the periods under treatment; or dates by unit, the others never. cluster : a column that is
        the same in all rows of a unit. weights : a column that says how much each unit counts, such
        as its residents; methods without a use for it refuse it. covariates : names of columns, or
        a formula. Of weights and covariates the value in the first period of a unit counts.
        method : its name in `METHODS`, else that which suits the panel; options : its settings by
        name. offset, washout, phase_in : as in `Cohorts`.
        gaps : "missing" for the methods that take units without a row for every period. kind :
        "count" or "continuous"; by default whole numbers that are never negative are counts.
        frequency : "day", "week", "month", "quarter" or "year", where the dates alone do not tell.

    Raises
    ------
    DataError : for a column that is not there or cannot be read, a row twice, a gap, a unit that is
        not there, or what should be the same in all rows of a unit and is not. FitError : when
        nobody is treated or everybody from the first period on, or the method is not known, not for
        this panel, or cannot be fitted.

    Examples
    --------
    >>> from evaluation import did, example
    >>> fit = did.fit(example("groups"), outcome="shootings", unit="group", time="quarter",
    ...               start="called_in", method="poisson-twfe")
    >>> fit.percent.estimate < 0
    True
    """
    frames.one_of("gaps", gaps, get_args(Gaps))
    rows = _rows(frames.table(frame), unit, time, frequency)
    table = rows.table
    numbers = table.numbers(outcome, "outcome")
    y = rows.laid(numbers)
    if gaps == "refuse" and np.isnan(y).any():
        holes = np.isnan(y)
        told = rows.told(holes)
        raise DataError(fact("did.frame.gaps", n=int(holes.any(axis=1).sum()), units=told))
    first, on, inside = _starts(rows, start, unit)
    divided = None if exposure is None else rows.laid(table.numbers(exposure, "exposure"))
    added = frames.covariates(table, covariates)
    at_first = np.unique(rows.row, return_index=True)[1]
    mass = None if weights is None else table.numbers(weights, "weights", missing=False)
    cohorts = Cohorts.from_arrays(
        y,
        first,
        exposure=divided,
        offset=offset,
        covariates={name: column[at_first] for name, column in added.columns.items()},
        cluster=None if cluster is None else _of_units(rows, cluster, "cluster"),
        weight=None if mass is None else mass[at_first],
        units=rows.units,
        first=calendar.text(rows.begin, rows.frequency),
        frequency=rows.frequency,
        kind=cast(Kind, frames.kind_of(numbers, kind)),
        gaps=gaps,
        on=on,
        washout=washout,
        phase_in=phase_in,
    )
    of_weights = () if mass is None else ((str(weights), mass),)
    changing = [
        fact("did.read-panel.changes", name=name, first=calendar.text(rows.begin, rows.frequency))
        for name, column in (*added.columns.items(), *of_weights)
        if (np.nan_to_num(column) != np.nan_to_num(column[at_first][rows.row])).any()
    ]
    cohorts = replace(cohorts, notes=(*cohorts.notes, *changing))
    asked_for = settings_of(options)
    found = estimate(cohorts, method, options=asked_for)
    asked = (default(cohorts) if method is None else METHODS[found.method]).set_to(asked_for)
    why = () if method is not None else (fact("did.frame.chosen", why=choice(cohorts).why),)
    return Fit(
        design="did",
        outcome=outcome,
        method=asked.label,
        effect=found,
        data=cohorts,
        covariance=covariance(cohorts, asked, found),
        likelihood=likelihood(cohorts, asked),
        bases=added.bases,
        notes=(*why, *inside),
        ask=partial(run_checks, cohorts, asked, found),
    )


def _rows(table: frames.Table, unit: str, time: str, frequency: str | None) -> _Rows:
    """The rows in order.

    Raises
    ------
    DataError : when a unit has several rows in a period.
    """
    when = moments.times(table, time, frequency)
    labels = np.array(table.labels(unit, "unit"), dtype=str)
    units, row = np.unique(labels, return_inverse=True)
    order = np.lexsort((when.ordinals, row))
    row, ordinals = row[order], when.ordinals[order]
    begin, end = int(ordinals.min()), int(ordinals.max())
    found = _Rows(
        table.ordered(order),
        tuple(units.tolist()),
        row,
        ordinals - begin,
        begin,
        end - begin + 1,
        when.frequency,
    )
    again = (np.diff(row) == 0) & (np.diff(ordinals) == 0)
    if again.any():
        cells = np.zeros((len(units), found.length), dtype=bool)
        cells[row[1:][again], found.column[1:][again]] = True
        told = found.told(cells)
        raise DataError(fact("did.frame.twice", units=told, frequency=when.frequency))
    return found


def _starts(
    rows: _Rows, given: object, unit: str
) -> tuple[np.ndarray | None, np.ndarray | None, tuple[Fact, ...]]:
    """(N,) the index of the first treated period, or (N, T) the cells under treatment where
    programs end; and of the first date inside a period that this is so."""
    if isinstance(given, Mapping):
        by_unit = {frames.text_of(name): date for name, date in given.items()}
        for name in by_unit:
            if name not in rows.units:
                hint = did_you_mean(name, rows.units)
                raise DataError(fact("did.frame.no-unit", unit=name, column=unit, hint=hint))
        dates = [by_unit.get(name) for name in rows.units]
        return _indices(rows, dates), None, _inside(rows, dates)
    if not isinstance(given, str):
        raise DataError(fact("did.frame.start-kind", given=repr(given)))
    table = rows.table
    if given not in table.names:
        hint = did_you_mean(given, table.names)
        raise DataError(fact("did.frame.start", given=repr(given), hint=hint))
    values = table.values(given, "start")
    if not all(absent(one) or (not isinstance(one, str) and one in (0, 1)) for one in values):
        dates = frames.each_once(rows.labels, values, "start")
        return _indices(rows, dates), None, _inside(rows, dates)
    flags = rows.laid(table.flags(given, "start").astype(float))
    # A cell without a row is as the one before it.
    for t in range(rows.length):
        unknown = np.isnan(flags[:, t])
        flags[unknown, t] = flags[unknown, t - 1] if t else 0.0
    on = flags == 1
    if (np.diff(flags, axis=1) < 0).any():
        return None, on, ()
    return np.where(on.any(axis=1), on.argmax(axis=1), NEVER), None, ()


def _indices(rows: _Rows, dates: Sequence[Any]) -> np.ndarray:
    """(N,) the index of the period of each date; a date before the first period is that one."""
    found = np.full(len(dates), NEVER)
    for place, (name, date) in enumerate(zip(rows.units, dates, strict=True)):
        # R's did writes 0 for never, or infinity.
        if absent(date) or (not isinstance(date, str) and date in (0, np.inf)):
            continue
        what = f"start ({name})"
        at = moments.moment(date, rows.frequency, what, like=rows.begin) - rows.begin
        if at < rows.length:
            found[place] = max(at, 0)
    return found


def _inside(rows: _Rows, dates: Sequence[Any]) -> tuple[Fact, ...]:
    """That starts lie inside the periods that hold them, of the first that does."""
    for name, date in zip(rows.units, dates, strict=True):
        what = f"start ({name})"
        if found := moments.inside(date, rows.frequency, what, like=rows.begin):
            return found
    return ()


def _of_units(rows: _Rows, name: str, role: str) -> list[str]:
    values = frames.each_once(rows.labels, rows.table.labels(name, role), role)
    return [str(one) for one in values]
