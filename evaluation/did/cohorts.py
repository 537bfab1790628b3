"""Units by periods, some of them treated from a period of their own on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from evaluation.data import period as calendar
from evaluation.data.panel import Panel
from evaluation.did import arrays, dates, read_arrays, read_panel
from evaluation.did import gaps as masks
from evaluation.did.gaps import Gaps
from evaluation.did.read_panel import Spans
from evaluation.did.usable import refuse_unusable, untreated_where_unseen
from evaluation.effect import Told
from evaluation.errors import FitError
from evaluation.fact import fact

Kind = Literal["count", "continuous"]
# What a plan settled: that the whole effect is there at once, or the default of a former time.
Promised = Literal["", "at once", "former"]

# The `first` of a unit that is not treated inside the panel.
NEVER = np.inf


@dataclass(frozen=True, slots=True)
class Cohorts:
    """A panel with the period from which each unit is treated.

    Make one with `from_arrays` or `from_panel`; both refuse what no difference-in-differences can
    use: a missing cell that nobody marked, a unit treated in every period, nobody treated.

    Parameters
    ----------
    y : (N, T) outcomes. exposure : (N, T) population or person-time, or None. first : (N,) index
        of each unit's first treated period, infinite for those never treated. covariates :
        (N, c) time-constant columns named by `covariate_names`. cluster : (N,) numbers from 0; by
        default each unit is its own. weight : (N,) positive sampling weights, by default ones.
    units : (N,) names. periods : (T,) as written. notes : what of the input is not used, or only in
        part; every effect of these cohorts repeats them.
    used : (N, T) False where a cell is not reported or left out, y is NaN and the exposure 1; None
        uses every cell. on : (N, T) cells under treatment; None when it lasts from `first` on. With
        it `first` is the first treated period of each unit. skipped : periods left out of the whole
        panel between the start and `first` (a washout with one start). phase_in : periods over
        which the effect comes in by even steps. promised : by a frozen plan, of the default method.
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
    notes: tuple[Told, ...] = ()
    used: np.ndarray | None = None
    on: np.ndarray | None = None
    skipped: int = 0
    phase_in: int = 0
    promised: Promised = ""

    @classmethod
    def from_arrays(
        cls,
        y: Sequence[Sequence[float]] | np.ndarray,
        start: Sequence[float] | np.ndarray | None,
        *,
        exposure: Sequence[Sequence[float]] | np.ndarray | None = None,
        offset: bool | None = None,
        covariates: Mapping[str, Sequence[float] | np.ndarray] | None = None,
        cluster: Sequence[object] | np.ndarray | None = None,
        weight: Sequence[float] | np.ndarray | None = None,
        units: Sequence[str] | None = None,
        first: str | None = None,
        frequency: calendar.Frequency = "month",
        kind: Kind = "continuous",
        gaps: Gaps = "refuse",
        left_out: Sequence[Sequence[bool]] | np.ndarray | None = None,
        on: Sequence[Sequence[bool]] | np.ndarray | None = None,
        washout: int = 0,
        phase_in: int = 0,
    ) -> Cohorts:
        """A panel from plain numbers, or from pandas tables.

        Tables are matched by their index (units) and columns (periods), whatever their order; a
        label that has no partner is refused, never guessed.

        Parameters
        ----------
        y : (N, T). start : (N,) index of the first treated period, counted from 0, or the period as
            text or a date; infinity, NaN, an empty text or an index at or past T for never; None
            with `on`, which says it.
        exposure : (N, T). offset : whether outcomes are taken relative to the exposure; None does
            so for counts and not for continuous outcomes, which are often means or rates already.
            An exposure that is not used is in `notes`. covariates : (N,) columns by name, or a
            table. cluster : (N,) labels. weight : (N,). units : (N,) names, by default those of the
            index. first : the first period as written, by default that of the columns, else 2000.
        gaps : "refuse" a cell without an outcome, or mark it as "missing". left_out : (N, T) True
            in cells that are neither treated nor untreated; they may be empty. on : (N, T) True
            under treatment, for programs that end or start again. washout : periods from each start
            on that are not used; with one start and treatment that lasts they leave the panel for
            every unit, otherwise the cells of the treated unit are left out. phase_in : periods
            over which the effect comes in, 1/(k + 1) of it in the first after the washout.

        Units without a cell that is used are dropped, and `notes` names them.

        Raises
        ------
        FitError : for what is not of these types or shapes, lengths or labels that differ, a unit
            named twice, a missing or infinite value, a period left out, a negative count, an
            exposure or weight that is not positive, a unit treated from the first period on,
            nobody treated, or a first treated period that is not that of `on`.
        """
        fields = read_arrays.read(
            y,
            start,
            exposure=exposure,
            offset=offset,
            covariates=covariates,
            cluster=cluster,
            weight=weight,
            units=units,
            first=first,
            frequency=frequency,
            kind=kind,
            gaps=gaps,
            left_out=left_out,
            on=on,
            washout=washout,
            phase_in=phase_in,
        )
        return _without_empty(cls(**fields))

    @classmethod
    def from_panel(
        cls,
        panel: Panel,
        *,
        outcome: str,
        starts: Mapping[str, str] | None = None,
        treatment: str | None = None,
        spans: Spans | None = None,
        left_out: Mapping[str, Sequence[tuple[str, str]]] | None = None,
        units: Sequence[str] | None = None,
        window: tuple[str, str] | None = None,
        covariates: Sequence[str] = (),
        cluster: str | None = None,
        weight: str | None = None,
        offset: bool | None = None,
        gaps: read_panel.Gaps = "refuse",
        washout: int = 0,
        phase_in: int = 0,
    ) -> Cohorts:
        """The cohorts of a panel, by written starts, by programs or by a treatment column.

        Parameters
        ----------
        outcome : column with the role outcome. starts : first treated period by unit; units not
            named are never treated. spans : instead, first and last treated period of each program
            of a unit, the last None when it goes on. treatment : a column of 0 and 1 instead, which
            must not go back to 0. left_out : by unit, first and last period of each stretch that
            is neither treated nor untreated. units : those used, in this order; None uses all.
            window : first and last period used; None uses every period. covariates, cluster,
            weight : columns whose value in the first period used counts; `notes` names those that
            change later. offset : whether outcomes are taken relative to the exposure column, if
            there is one; None does so for counts alone. gaps : "refuse" a unit with a gap, "leave
            out" such units, or mark the cells as "missing". washout, phase_in : see `from_arrays`.

        Raises
        ------
        DataError : when a unit, column or period is not in the panel, a unit has a gap that is
            refused, programs overlap, or a treatment column goes back to 0.
        FitError : as `from_arrays`.
        """
        arguments, notes = read_panel.read(
            panel,
            outcome=outcome,
            starts=starts,
            treatment=treatment,
            spans=spans,
            left_out=left_out,
            units=units,
            window=window,
            covariates=covariates,
            cluster=cluster,
            weight=weight,
            offset=offset,
            gaps=gaps,
        )
        found = cls.from_arrays(**arguments, offset=offset, washout=washout, phase_in=phase_in)
        return replace(found, notes=(*found.notes, *notes))

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
    def under(self) -> np.ndarray:
        """(N, T) True under treatment, whether the cell is used or not."""
        if self.on is not None:
            return self.on
        return np.asarray(np.arange(self.length) >= self.first[:, None])

    @property
    def known(self) -> np.ndarray:
        """(N, T) True in the cells that are used."""
        return np.ones(self.y.shape, dtype=bool) if self.used is None else self.used

    @property
    def treated(self) -> np.ndarray:
        """(N, T) True in the cells under treatment that are used."""
        return self.under if self.used is None else np.asarray(self.under & self.used)

    @property
    def untreated(self) -> np.ndarray:
        """(N, T) True in the cells that are used and not under treatment: never, not yet, or no
        longer."""
        return np.asarray(~self.under & self.known)

    @property
    def after_end(self) -> np.ndarray:
        """(N, T) True in the cells that are used after a program of the unit ended."""
        return np.asarray(self.untreated & (np.arange(self.length) > self.first[:, None]))

    @property
    def strength(self) -> np.ndarray:
        """(N, T) share of the effect that is in place by the phase-in, nought when untreated."""
        if not self.phase_in:
            return self.under.astype(float)
        return np.clip((masks.since_begin(self.under) + 1) / (self.phase_in + 1), 0.0, 1.0)

    @property
    def whole(self) -> bool:
        """Whether every cell is used and treatment lasts."""
        return self.used is None and self.on is None

    @property
    def time(self) -> np.ndarray:
        """(T,) ordinals of the periods; a washout of all units leaves a gap in them."""
        return np.array([calendar.ordinal(period, self.frequency) for period in self.periods])

    @property
    def event(self) -> np.ndarray:
        """(N, T) periods since treatment began, NaN for units never treated."""
        time = self.time
        begin = np.full(self.n, np.nan)
        begin[self.ever] = time[self.first[self.ever].astype(int)] - self.skipped
        return np.asarray(time - begin[:, None])

    def begun(self, first: float) -> str:
        """The period in which treatment began of a unit first treated in this column."""
        ordinal = int(self.time[int(first)]) - self.skipped
        return calendar.text(ordinal, self.frequency)

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
            raise FitError(fact("did.cohorts.method-one-treated-unit-there", n_rows=len(rows)))
        return int(rows[0])

    def keeping(self, rows: np.ndarray | Sequence[int]) -> Cohorts:
        """These units only, by row."""
        chosen = arrays.rows(rows, self.n)
        return _usable(
            replace(
                self,
                y=self.y[chosen],
                exposure=None if self.exposure is None else self.exposure[chosen],
                first=self.first[chosen],
                covariates=self.covariates[chosen],
                cluster=np.unique(self.cluster[chosen], return_inverse=True)[1],
                weight=self.weight[chosen],
                units=tuple(self.units[row] for row in chosen),
                used=_all_or(None if self.used is None else self.used[chosen]),
                on=None if self.on is None else self.on[chosen],
            )
        )

    def without(self, unit: int) -> Cohorts:
        """All but one unit, by row."""
        return self.keeping(np.delete(np.arange(self.n), arrays.rows([unit], self.n)))

    def between(self, low: int, high: int) -> Cohorts:
        """Periods `low` to `high - 1`; a unit treated later than that is never treated here, and
        one without a cell that is used is dropped.

        Raises
        ------
        FitError : when these are no two periods or more of the panel.
        """
        arrays.refuse_outside(low, high, self.length)
        first = np.where(self.first >= high, NEVER, self.first - low)
        return _without_empty(
            replace(
                self,
                y=self.y[:, low:high],
                exposure=None if self.exposure is None else self.exposure[:, low:high],
                first=first,
                periods=self.periods[low:high],
                used=_all_or(None if self.used is None else self.used[:, low:high]),
                on=_unless_lasting(None if self.on is None else self.on[:, low:high], first),
            )
        )

    def leaving_out(self, cells: np.ndarray) -> Cohorts:
        """The same without these cells, (N, T) bool; a unit without any other is dropped.

        Raises
        ------
        FitError : when no treated cell is left.
        """
        marked = masks.flags(np.asarray(cells), None, fact("did.gaps.left-out"), self.y.shape)
        used = np.asarray(self.known & ~marked)
        return _without_empty(
            replace(
                self,
                y=np.where(used, self.y, np.nan),
                exposure=None if self.exposure is None else np.where(used, self.exposure, 1.0),
                used=_all_or(used),
            )
        )

    def pretending(self, first: np.ndarray) -> Cohorts:
        """The same outcomes as if the units had been treated from these periods on, for good.

        Raises
        ------
        FitError : for another length, what is no index of a period, or nobody treated.
        """
        pretended = dates.first_periods(first, self.n, self.length, None, self.frequency)
        starts = pretended[np.isfinite(pretended)]
        kept = bool((starts == self.cohorts[0]).all()) if self.skipped else False
        return _usable(replace(self, first=pretended, on=None, skipped=self.skipped if kept else 0))


def _all_or(used: np.ndarray | None) -> np.ndarray | None:
    """The mask, None when every cell is used."""
    return None if used is None or used.all() else used


def _unless_lasting(on: np.ndarray | None, first: np.ndarray) -> np.ndarray | None:
    """The cells under treatment, None when treatment lasts in every unit."""
    lasts = on is None or (on == (np.arange(on.shape[1]) >= first[:, None])).all()
    return None if lasts else on


def _without_empty(cohorts: Cohorts) -> Cohorts:
    """Without the units of which no cell is used, and checked."""
    cohorts = untreated_where_unseen(cohorts)
    if cohorts.used is None or cohorts.used.any(axis=1).all():
        return _usable(cohorts)
    some = np.asarray(cohorts.used.any(axis=1))
    if not some.any():
        raise FitError(fact("did.cohorts.no-cell-panel-used-everything"))
    note = fact("did.cohorts.no-cell", units=masks.some(cohorts.units, ~some))
    return replace(cohorts.keeping(some), notes=(*cohorts.notes, note))


def _usable(cohorts: Cohorts) -> Cohorts:
    refuse_unusable(cohorts)
    return cohorts
