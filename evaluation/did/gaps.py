"""Which cells of a panel are used: those reported, not left out, and not in a washout.

A panel is balanced when every unit has every period. What is missing, left out or washed out is
marked and never filled in; methods that take such panels use the other cells, the rest refuse them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from evaluation.did import arrays, dates
from evaluation.effect import Told
from evaluation.errors import FitError
from evaluation.fact import Fact, fact

if TYPE_CHECKING:
    from evaluation.did.cohorts import Cohorts

Gaps = Literal["refuse", "missing"]
# Units that a message or note names.
NAMED = 3


@dataclass(frozen=True, slots=True)
class Cells:
    """What is left of a table when the cells that are not used are marked.

    y, exposure : (N, T) the outcome NaN and the exposure 1 where not used. used : (N, T), or None
    for every cell. on : (N, T) under treatment, or None when treatment lasts from `first` on.
    columns : (T,) of the table that are kept. skipped : columns taken out from the start on.
    """

    y: np.ndarray
    exposure: np.ndarray | None
    used: np.ndarray | None
    on: np.ndarray | None
    columns: np.ndarray
    skipped: int
    notes: tuple[Fact, ...]


def flags(given: Any, columns: arrays.Labels | None, what: Told, shape: tuple[int, ...]) -> Any:
    """(N, T) true and false of a table of them, or of 0 and 1; None when none was given.

    Raises
    ------
    FitError : for another shape, or another value.
    """
    if given is None:
        return None
    table = arrays.ordered(given, columns, what)
    try:
        raw = np.asarray(table)
        found = raw if raw.dtype == bool else arrays.numbers(raw, what)
    except (TypeError, ValueError) as fault:
        raise FitError(fact("did.gaps.must-be-table-true-false", what=what)) from fault
    if found.shape != shape:
        raise FitError(fact("did.gaps.must-have-row", what=what, shape=shape, shape2=found.shape))
    if not np.isin(found, (0, 1)).all():
        raise FitError(fact("did.gaps.must-be-true-false-1", what=what))
    return found.astype(bool)


def whole_number(value: object, what: Told) -> int:
    """A number of periods.

    Raises
    ------
    FitError : for anything but a whole number from 0 on.
    """
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 0:
        raise FitError(fact("did.gaps.number-periods-0-more", what=what, value=value))
    return int(value)


def first_of(on: np.ndarray) -> np.ndarray:
    """(N,) the first column under treatment, infinite for units without one."""
    return np.where(on.any(axis=1), on.argmax(axis=1).astype(float), np.inf)


def begins(on: np.ndarray) -> np.ndarray:
    """(N, T) True in the first period of each stretch under treatment."""
    before = np.hstack([np.zeros((len(on), 1), dtype=bool), on[:, :-1]])
    return np.asarray(on & ~before)


def since_begin(on: np.ndarray) -> np.ndarray:
    """(N, T) periods since the stretch under treatment began, nought in its first; -1 elsewhere."""
    place = np.broadcast_to(np.arange(on.shape[1]), on.shape)
    last_off = np.maximum.accumulate(np.where(on, -1, place), axis=1)
    return np.where(on, place - last_off - 1, -1)


def before_begin(on: np.ndarray, count: int) -> np.ndarray:
    """(N, T) True in the last `count` periods before each stretch under treatment."""
    found = np.zeros(on.shape, dtype=bool)
    starts = begins(on)
    for back in range(1, min(count, on.shape[1]) + 1):
        found[:, :-back] |= starts[:, back:]
    return np.asarray(found & ~on)


def cells(
    y: np.ndarray,
    exposure: np.ndarray | None,
    first: np.ndarray,
    *,
    on: np.ndarray | None,
    left_out: np.ndarray | None,
    gaps: object,
    washout: object,
    units: tuple[str, ...],
    periods: tuple[str, ...],
) -> Cells:
    """The cells that are used.

    Parameters
    ----------
    y, exposure : (N, T), NaN where nothing is known. first : (N,). on, left_out : (N, T) bool or
        None. washout : periods from each start on that are not used; when all units start at once
        and treatment lasts, they leave the panel for every unit, so that it stays balanced.

    Raises
    ------
    FitError : for a setting that is not known, a washout that leaves no treated period, a gap that
        is refused, or an infinite number.
    """
    if not isinstance(gaps, str) or gaps not in get_args(Gaps):
        raise FitError(fact("did.gaps.gaps-may-be-refuse-missing", gaps=gaps))
    length = y.shape[1]
    washed = whole_number(washout, "washout")
    absorbing = np.arange(length) >= first[:, None]
    if on is not None and (on == absorbing).all():
        on = None
    lost = np.zeros(y.shape, dtype=bool) if left_out is None else left_out
    under = absorbing if on is None else on
    starts = np.unique(first[np.isfinite(first)]).astype(int)
    columns = np.arange(length)
    notes: list[Fact] = []
    skipped = 0
    in_washout = np.zeros(y.shape, dtype=bool)
    if washed and on is None and len(starts) == 1:
        start = int(starts[0])
        if start + washed >= length:
            raise FitError(fact("did.gaps.washout-periods", washed=washed, periods=periods[start]))
        skipped = washed
        columns = np.delete(columns, np.arange(start, start + washed))
        out = dates.stretch(periods[start : start + washed])
        notes.append(fact("did.gaps.washout", periods=out, n=washed))
    elif washed:
        since = since_begin(under)
        in_washout = (since >= 0) & (since < washed)
    missing = np.isnan(y)
    if exposure is not None:
        missing |= np.isnan(exposure)
    y, lost, missing = y[:, columns], lost[:, columns], missing[:, columns]
    in_washout = in_washout[:, columns]
    exposure = None if exposure is None else exposure[:, columns]
    on = None if on is None else on[:, columns]
    unused = lost | in_washout
    if gaps == "missing":
        unused = unused | missing
    if on is not None:
        ended = np.asarray((~on & (np.arange(on.shape[1]) > first[:, None])).any(axis=1))
        notes.append(fact("did.gaps.programs-end", units=some(units, ended)))
    if unused.any():
        kept_periods = tuple(periods[column] for column in columns)
        named = first[:, None] < np.inf
        notes += _told(unused, lost, in_washout & ~lost, units, kept_periods, named.ravel())
        y = np.where(unused, np.nan, y)
        exposure = None if exposure is None else np.where(unused, 1.0, exposure)
    used = ~unused if unused.any() else None
    return Cells(y, exposure, used, on, columns, skipped, tuple(notes))


def _told(
    unused: np.ndarray,
    lost: np.ndarray,
    in_washout: np.ndarray,
    units: tuple[str, ...],
    periods: tuple[str, ...],
    treated: np.ndarray,
) -> list[Fact]:
    """Notes on the cells that are not used, with those of treated units by name."""
    missing = unused & ~lost & ~in_washout
    parts = [
        fact(f"did.gaps.{why}", n=cells.sum())
        for cells, why in ((missing, "unknown"), (lost, "neither"), (in_washout, "washed-out"))
        if cells.any()
    ]
    rows = np.asarray(unused.any(axis=1))
    notes = [
        fact(
            "did.gaps.unused",
            n=unused.sum(),
            cells=unused.size,
            rows=rows.sum(),
            units=len(rows),
            parts=parts,
        )
    ]
    by_name = [
        fact("did.gaps.unit", unit=units[row], periods=stretches(missing[row], periods))
        for row in np.flatnonzero(missing.any(axis=1) & treated)
    ]
    if by_name:
        notes.append(fact("did.gaps.treated-unknown", by_name=by_name))
    return notes


def stretches(marked: np.ndarray, periods: tuple[str, ...]) -> Fact:
    """The marked periods: "1997 to 1998, 2001"."""
    runs: list[list[str]] = []
    for place in np.flatnonzero(marked).tolist():
        if runs and place and marked[place - 1]:
            runs[-1].append(periods[place])
        else:
            runs.append([periods[place]])
    return fact("did.names", names=[dates.stretch(tuple(run)) for run in runs])


def some(units: tuple[str, ...], rows: np.ndarray) -> Fact:
    """The first units of these rows by name, and how many more there are."""
    chosen = [units[int(row)] for row in np.flatnonzero(rows)]
    more = len(chosen) - NAMED
    return fact("did.and-more" if more > 0 else "did.names", names=chosen[:NAMED], more=more)


def around(cohorts: Cohorts, before: int | None, after: int | None) -> Cohorts:
    """The same units, those that are treated only so far from their own start.

    Over decades places drift apart for reasons of their own, so that a unit's distant years say
    little of what it would have been after its start. Untreated units keep all their periods. One
    treated unit beside others is the same panel between two periods.

    Parameters
    ----------
    before : last periods before the start that are used. after : first periods from the start on,
        the one in which it began counted. None uses all.

    Raises
    ------
    FitError : for fewer than one period on a side, or when nothing is left of what a panel needs.
    """
    if (before is not None and before < 1) or (after is not None and after < 1):
        raise FitError(fact("did.gaps.before-after-1-period-more"))
    event = cohorts.event
    with np.errstate(invalid="ignore"):
        far = np.zeros(event.shape, dtype=bool)
        if before is not None:
            far |= event < -before
        if after is not None:
            far |= event >= after
    if not far.any():
        return cohorts
    if int(cohorts.ever.sum()) == 1:
        kept = np.flatnonzero(~far[cohorts.one_treated])
        return cohorts.between(int(kept[0]), int(kept[-1]) + 1)
    near = cohorts.leaving_out(far)
    note = fact(
        "did.gaps.around",
        before=_periods(before),
        after=_periods(after),
        fewer=cohorts.known.sum() - near.known.sum(),
    )
    return replace(near, notes=(*near.notes, note))


def _periods(number: int | None) -> Fact:
    return fact("did.gaps.every-period" if number is None else "did.gaps.in-periods", n=number)
