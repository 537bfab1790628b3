"""The arguments of a series: their types, and the rows and columns that they mean in a panel.

What was given and has no part in the model is noted: nothing is ignored in silence.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, get_args

import numpy as np

from evaluation.data import period as calendar
from evaluation.data.moments import stretches
from evaluation.data.panel import Panel
from evaluation.errors import DataError, FitError
from evaluation.fact import Fact, fact
from evaluation.its import arrays
from evaluation.its.design import Interruption, Kind, Pulse, Rows, Specification
from evaluation.its.stacking import part_of

# What is done with periods inside a series that lack a number.
Gaps = Literal["refuse", "missing"]
EXPOSURE, DOSE = fact("its.series.exposure"), fact("its.series.dose")


def refuse_types(
    kind: object,
    frequency: object,
    specification: object,
    name: object,
    later: object,
    pulses: object,
) -> None:
    """Refuse an argument of `Series.from_arrays` that is of another type than it must be."""
    for what, given, allowed in (
        ("kind", kind, get_args(Kind)),
        ("frequency", frequency, get_args(calendar.Frequency)),
    ):
        if not isinstance(given, str) or given not in allowed:
            raise FitError(
                fact(
                    "its.arguments.not-known-there", what=what, given=given, allowed=tuple(allowed)
                )
            )
    if not isinstance(specification, Specification):
        raise FitError(
            fact(
                "its.arguments.specification-must-be-specification-not", specification=specification
            )
        )
    if not isinstance(name, str):
        raise FitError(fact("its.arguments.name-must-be-text-not", name=name))
    for what, several, one in (("later", later, Interruption), ("pulses", pulses, Pulse)):
        good = isinstance(several, list | tuple) and all(isinstance(each, one) for each in several)
        if not good:
            raise FitError(
                fact(
                    "its.arguments.must-be-list-name-start",
                    what=what,
                    name=one.__name__,
                    several=several,
                )
            )


def refuse_rows(rows: Rows, kind: Kind, specification: Specification) -> None:
    """Refuse numbers that no model of a series could be fitted to."""
    if rows.y.ndim != 1 or not len(rows.y):
        raise FitError(fact("its.series.outcome-must-be-one-number"))
    if not np.isfinite(rows.y).all():
        raise FitError(fact("its.series.outcome-has-missing-infinite-value"))
    if rows.exposure is not None and (
        rows.exposure.shape != rows.y.shape
        or not (np.isfinite(rows.exposure) & (rows.exposure > 0)).all()
    ):
        raise FitError(fact("its.series.exposure-must-be-positive-finite"))
    for what, numbers in (
        (arrays.OUTCOME, rows.y),
        (EXPOSURE, rows.exposure),
        (DOSE, rows.dose),
    ):
        arrays.refuse_unwieldy(numbers, what)
    for name, column in zip(specification.covariates, rows.covariates.T, strict=True):
        arrays.refuse_unwieldy(column, fact("its.arrays.covariate", name=name))
    if rows.dose is not None and (len(rows.dose) != len(rows.y) or not (rows.dose >= 0).all()):
        raise FitError(fact("its.series.dose-must-not-be-negative"))
    if kind == "count" and (rows.y < 0).any():
        raise FitError(fact("its.series.count-negative-count-starts-nought", min=rows.y.min()))


def recorded(rows: Rows, gaps: object) -> Rows:
    """The rows of one site; with gaps "missing" those alone that have all their numbers.

    Raises
    ------
    FitError : for another word.
    """
    known = get_args(Gaps)
    if gaps not in known:
        raise FitError(
            fact("its.arguments.not-known-there", what="gaps", given=gaps, allowed=known)
        )
    if gaps == "refuse":
        return rows
    columns = [rows.y, rows.exposure, rows.dose, *rows.covariates.T]
    lost = np.any([np.isnan(one) for one in columns if one is not None], axis=0)
    return part_of(rows, ~lost) if lost.any() else rows


def missing(rows: Rows) -> Iterator[tuple[int, ...]]:
    """The ordinals of the periods of each site, from its first to its last, that have no row."""
    for number in range(len(rows.names)):
        own = rows.period[rows.site == number]
        yield tuple(sorted(set(range(int(own.min()), int(own.max()) + 1)) - set(own.tolist())))


def chosen_rows(panel: Panel, unit: str, outcome: str, window: tuple[str, str] | None) -> slice:
    """The periods of a unit that are used: the window, or all that it covers.

    Raises
    ------
    DataError : when the unit has no value of the outcome, or the window is not inside its periods.
    """
    file = panel.provenance.file
    covered = np.flatnonzero(~np.isnan(panel.values[outcome][panel.unit_index(unit)]))
    if not len(covered):
        raise DataError(f"{file}: {unit} has no value of {outcome}")
    low, high = int(covered[0]), int(covered[-1])
    if window is None:
        return slice(low, high + 1)
    first = calendar.ordinal(panel.periods[0], panel.frequency)
    try:
        low_asked, high_asked = (
            calendar.ordinal(str(text), panel.frequency) - first for text in window
        )
    except (TypeError, ValueError) as fault:
        raise DataError(f"{file}: window must be a first and a last period: {fault}") from None
    if low_asked < low or high_asked > high or low_asked >= high_asked:
        raise DataError(
            f"{file}: window {window[0]} to {window[1]} is not inside {panel.periods[low]} to "
            f"{panel.periods[high]} of {unit}"
        )
    return slice(low_asked, high_asked + 1)


def refuse_cells(
    panel: Panel, unit: str, chosen: slice, used: list[str], dose: str | None, gaps: Gaps
) -> None:
    """Refuse cells of a unit that no model can take; of the dose each must be there, of the other
    columns with gaps "missing" those that are there must be no corrections.

    Raises
    ------
    DataError : for the first such cell.
    """
    whole, ends = [dose] if dose else [], (chosen.start, chosen.stop - 1)
    if gaps == "missing":
        panel.refuse_corrections(used, [unit], *ends)
    else:
        whole = [*used, *whole]
    panel.refuse_gaps(whole, [unit], *ends)


def panel_values(panel: Panel, name: str, row: int) -> np.ndarray:
    """(T,) the numbers of one column of a unit.

    Raises
    ------
    DataError : when there is no such column, or it holds no numbers.
    """
    column = panel.column(name)
    if name not in panel.values:
        raise DataError(
            f"{panel.provenance.file}: {name!r} has the role {column.role} and holds no numbers"
        )
    return np.asarray(panel.values[name][row])


WAVES = Specification().harmonics


def unused(
    rows: Rows, frequency: calendar.Frequency, kind: Kind, specification: Specification
) -> tuple[Fact, ...]:
    """A note for everything given that no fit of this series uses, and for what is missing."""
    return (
        *rows.unused,
        *_exposure(rows, kind, specification),
        *_season(frequency, specification),
        *_outside(rows, frequency),
        *_missing(rows, frequency),
    )


def _missing(rows: Rows, frequency: calendar.Frequency) -> Iterator[Fact]:
    several = len(rows.names) > 1
    for name, lost in zip(rows.names, missing(rows), strict=True):
        if lost:
            yield fact(
                "its.arguments.missing",
                site=name if several else "",
                n=len(lost),
                frequency=frequency,
                periods=stretches(lost, frequency),
            )


def _exposure(rows: Rows, kind: Kind, specification: Specification) -> Iterator[Fact]:
    asked = specification.offset
    if rows.exposure is None:
        if asked:
            yield fact("its.arguments.no-exposure")
    elif not specification.uses_exposure(kind):
        yield fact(
            "its.arguments.exposure-refused" if asked is False else "its.arguments.exposure-of-mean"
        )


def _season(frequency: calendar.Frequency, specification: Specification) -> Iterator[Fact]:
    season, waves = specification.season, specification.harmonics
    length = calendar.PER_YEAR[frequency]
    if length == 1:
        if season != "none":
            yield fact("its.arguments.no-season")
    elif season == "fourier" and waves > length // 2:
        yield fact(
            "its.arguments.too-many-waves", waves=waves, most=length // 2, frequency=frequency
        )
    if waves != WAVES and (season != "fourier" or length == 1):
        yield fact("its.arguments.waves-without-season", waves=waves)


def _outside(rows: Rows, frequency: calendar.Frequency) -> Iterator[Fact]:
    first, last = int(rows.period.min()), int(rows.period.max())
    for change in rows.later:
        if change.start > last:
            begins = calendar.text(change.start, frequency)
            yield fact("its.arguments.begins-too-late", name=change.name, begins=begins)
    for pulse in rows.pulses:
        if pulse.start > last or pulse.start + pulse.periods <= first:
            yield fact("its.arguments.lies-outside", name=pulse.name)
