"""From a table with a row a period to an answer: what a notebook calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, cast, get_args

import numpy as np

from evaluation.data import frames, moments
from evaluation.errors import DataError
from evaluation.fact import fact
from evaluation.fitted import Covariance, Fit
from evaluation.its.arguments import Gaps
from evaluation.its.checks import run_checks
from evaluation.its.design import (
    Effects,
    Interruption,
    Kind,
    Pulse,
    Season,
    Specification,
    Trend,
)
from evaluation.its.effects import Fitted
from evaluation.its.likelihood import alpha, likelihood
from evaluation.its.methods import METHODS, estimate
from evaluation.its.new_observations import with_ranges
from evaluation.its.series import Series
from evaluation.its.solved import fits_kept
from evaluation.method import settings_of


def fit(
    frame: Any,
    *,
    outcome: str,
    time: str,
    start: Any,
    exposure: str | None = None,
    covariates: str | Sequence[str] | None = None,
    season: Season | None = None,
    method: str | None = None,
    options: Mapping[str, object] | None = None,
    effect: Effects = "level",
    trend: Trend = "linear",
    harmonics: int | None = None,
    offset: bool | None = None,
    phase_in: int = 0,
    washout: int = 0,
    half_life: float | None = None,
    dose: str | None = None,
    controls: str | Sequence[str] | Mapping[str, str | None] | None = None,
    later: Mapping[str, Any] | None = None,
    events: Mapping[str, Any] | None = None,
    gaps: Gaps = "refuse",
    kind: Kind | None = None,
    frequency: str | None = None,
) -> Fit:
    """The change in one series at the start of a program.

    Parameters
    ----------
    frame : a table of pandas, polars or pyarrow with a row a period, in any order. outcome, time,
        exposure, dose : names of its columns. start : the date from which the program was there;
        its period is the first of the time after, and a note says so of a date inside one.
        covariates : names of columns, or a formula.
        season : "fourier" (the default within a year), "periods" or "none"; harmonics : pairs of
        "fourier", 2 by default. method : its name in `METHODS`, else the default of the kind of
        outcome; options : its settings by name. effect, trend, offset, phase_in, washout, half_life
        : as in `Specification`. later : the date by the name of each further change of the program.
        events : the date, or the first and the last one, by the name of each event at the side that
        has a term of its own. controls : columns of comparison series, of which the common change
        at the start is taken out: other outcomes of the same place, with its exposure, or by name
        the column of the exposure of each. gaps : "missing" leaves out periods without a row or
        without one of the numbers, and the calendar goes on through them; a method that cannot
        refuses and names them. kind : "count" or "continuous"; by default whole numbers that are
        never negative are counts. frequency : "day", "week", "month", "quarter" or "year", where
        the dates alone do not tell.

    Raises
    ------
    DataError : for a column that is not there or cannot be read, a period twice or missing, or a
        date that is none. FitError : when the start is not inside the series, or the method is not
        known, not for this outcome, or cannot be fitted.

    Examples
    --------
    >>> from evaluation import example, its
    >>> fit = its.fit(example("boston"), outcome="homicides", time="month", start="1996-06")
    >>> fit.percent.excludes_zero
    True
    """
    for what, given, known in (
        ("season", season, (None, *get_args(Season))),
        ("effect", effect, get_args(Effects)),
        ("trend", trend, get_args(Trend)),
        ("gaps", gaps, get_args(Gaps)),
    ):
        frames.one_of(what, given, known)
    table = frames.table(frame)
    when = moments.times(table, time, frequency)
    order = moments.in_order(when, time)
    table, when = table.ordered(order), replace(when, ordinals=when.ordinals[order])
    numbers = table.numbers(outcome, "outcome")
    sizes = _controls(table, controls, exposure)
    if outcome in sizes:
        raise DataError(fact("its.frame.own-control", name=outcome))
    beside = {name: table.numbers(name, "controls") for name in sizes}
    added = frames.covariates(table, covariates)
    missing = gaps == "missing"
    if not missing:
        moments.refuse_gaps(when, time)
        columns = {
            f"outcome ({outcome})": numbers,
            **{f"controls ({name})": column for name, column in beside.items()},
            **{f"covariates ({name})": column for name, column in added.columns.items()},
        }
        for what, column in columns.items():
            moments.refuse_holes(when, np.isnan(column), what)
    laid = partial(_laid, when)
    chosen = season or ("none" if when.frequency == "year" else "fourier")
    specification = Specification(
        effect=effect,
        trend=trend,
        season=chosen,
        harmonics=Specification().harmonics if harmonics is None else harmonics,
        offset=offset,
        phase_in=phase_in,
        washout=washout,
        half_life=half_life,
        covariates=tuple(added.columns),
    )
    made = partial(
        Series.from_arrays,
        start=when.text(when.holding(start, "start")),
        first=when.text(int(when.ordinals[0])),
        frequency=when.frequency,
        kind=cast(Kind, frames.kind_of(numbers, kind)),
        specification=specification,
        covariates={name: laid(column) for name, column in added.columns.items()},
        gaps=gaps,
    )

    def sized(name: str | None) -> Any:
        return laid(_column(table, name, "exposure", missing=missing))

    series = made(
        laid(numbers),
        exposure=sized(exposure),
        dose=laid(_column(table, dose, "dose", missing=missing)),
        later=[
            Interruption(name, when.holding(date, f"later ({name})"))
            for name, date in _by_name(later, "later").items()
        ],
        pulses=[_pulse(name, dates, when) for name, dates in _by_name(events, "events").items()],
        name=outcome,
    )
    if beside:
        series = series.beside(
            [
                made(laid(column), exposure=sized(sizes[name]), name=name)
                for name, column in beside.items()
            ]
        )
    found = _answer(series, outcome, method, options, added.bases)
    like = int(when.ordinals[0])
    return replace(found, notes=moments.inside(start, when.frequency, "start", like=like))


def _answer(
    series: Series,
    outcome: str,
    method: str | None,
    options: Mapping[str, object] | None,
    bases: Mapping[str, str],
) -> Fit:
    """The fit of a series, its coefficients solved once."""
    with fits_kept():
        found = estimate(series, method, options=options)
        asked = METHODS[found.method].set_to(settings_of(options))
        solved = asked.solved(series) if asked.whole is None else None
        found = with_ranges(series, asked, found)
    return Fit(
        design="its",
        outcome=outcome,
        method=asked.label,
        effect=found,
        data=series,
        covariance=None if solved is None else _covariance(series.names, solved),
        likelihood=None if solved is None else likelihood(series, found.method, solved),
        alpha=None if solved is None else alpha(series, found.method, solved),
        bases=bases,
        ask=partial(run_checks, series, asked, found),
    )


def _covariance(names: tuple[str, ...], solved: Fitted) -> Covariance:
    """The covariance that a judge of contrasts has, from the errors of coefficients and of sums of
    two of them, each over its own error."""
    k = len(solved.beta)
    alone = solved.judge(np.eye(k))
    size = np.maximum(alone.std_error, np.finfo(float).tiny)
    one, other = np.triu_indices(k, 1)
    pairs = np.zeros((len(one), k))
    rows = np.arange(len(one))
    pairs[rows, one], pairs[rows, other] = 1 / size[one], 1 / size[other]
    correlation = np.eye(k)
    if len(one):
        correlation[one, other] = solved.judge(pairs).std_error ** 2 / 2 - 1
        correlation[other, one] = correlation[one, other]
    df = float(alone.df.min())
    matrix = correlation * np.outer(alone.std_error, alone.std_error)
    return Covariance(names, alone.estimate, matrix, df if np.isfinite(df) else None)


def _controls(table: frames.Table, given: object, exposure: str | None) -> dict[str, str | None]:
    """The column of the exposure of each comparison series, by the column of its outcome."""
    if given is None:
        return {}
    if isinstance(given, Mapping):
        names = frames.named_in_order(table, list(given), "controls")
        return {name: given[name] for name in names}
    return dict.fromkeys(frames.named_in_order(table, given, "controls"), exposure)


def _column(table: frames.Table, name: str | None, role: str, *, missing: bool) -> Any:
    return None if name is None else table.numbers(name, role, missing=missing)


def _laid(when: moments.Times, column: Any) -> Any:
    """A column of the rows over every period from the first to the last, NaN without a row."""
    if column is None:
        return None
    place = when.ordinals - when.ordinals[0]
    cells = np.full(int(place[-1]) + 1, np.nan)
    cells[place] = column
    return cells


def _by_name(given: object, what: str) -> Mapping[str, Any]:
    if given is None:
        return {}
    if not isinstance(given, Mapping) or not all(isinstance(name, str) for name in given):
        raise DataError(fact("its.frame.by-name", what=what, given=repr(given)))
    return given


def _pulse(name: str, dates: Any, when: moments.Times) -> Pulse:
    """An event of one period, or from a first to a last one."""
    ends = list(dates) if isinstance(dates, list | tuple) else [dates]
    if len(ends) > 2:
        raise DataError(fact("its.frame.two-dates", name=name, given=repr(dates)))
    at = [when.holding(one, f"events ({name})") for one in ends]
    if at[-1] < at[0]:
        raise DataError(fact("its.frame.two-dates", name=name, given=repr(dates)))
    return Pulse(name, at[0], at[-1] - at[0] + 1)
