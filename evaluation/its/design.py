"""The columns of a segmented regression: what the rows of a series have in them and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np

from evaluation.data import period as calendar
from evaluation.errors import FitError
from evaluation.fact import Fact, fact
from evaluation.its.arrays import whole

Kind = Literal["count", "continuous"]
Effects = Literal["level", "level+slope", "slope"]
Trend = Literal["linear", "quadratic", "none"]
Season = Literal["fourier", "periods", "none"]
Background = Literal[
    "intercept", "trend", "trend^2", "season", "pulse", "covariate", "common", "lag"
]
Role = Literal[Background, "level", "slope", "dose"]
# Rows of different sites are put this many periods apart, so that no error correlation reaches
# from one to another: every method then treats sites as separate blocks.
SITE_GAP = 100_000
ORDINAL = fact("its.design.ordinal")


@dataclass(frozen=True, slots=True)
class Specification:
    """Which terms the segmented regression has.

    Parameters
    ----------
    effect : "level" (one step), "level+slope" (a step and a change of slope) or "slope" (a change
        of slope that begins at nought, for what takes hold little by little).
    trend : "linear", "quadratic" or "none". Leaving it out halves the standard error and is
        dishonest unless the rate is flat.
    season : "fourier" (`harmonics` pairs of sine and cosine; of days a dummy for each day of the
        week as well), "periods" (a dummy for each month or quarter but the first) or "none". Weeks
        and days have no "periods": their waves go with the day of the year over its length.
    offset : None uses the exposure, when the series has one, for counts and not for a mean or
        rate, which is no sum over people; True uses it for both, False for neither.
    phase_in : m periods over which the level rises in equal steps, 1/(m+1) in the first, to 1 in
        the period `start + m`.
    washout : periods left out, counted from the start; time since start is then 0 in the first
        period kept.
    half_life : periods after which half of the level is gone, counted from the end of the
        phase-in; None for an effect that lasts.
    covariates : columns added to the design as they are.
    """

    effect: Effects = "level"
    trend: Trend = "linear"
    season: Season = "fourier"
    harmonics: int = 2
    offset: bool | None = None
    phase_in: int = 0
    washout: int = 0
    half_life: float | None = None
    covariates: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        known = {"effect": Effects, "trend": Trend, "season": Season}
        for name, words in known.items():
            if getattr(self, name) not in get_args(words):
                raise FitError(
                    fact(
                        "its.design.not-known-there",
                        name=name,
                        getattr=getattr(self, name),
                        get_args=tuple(get_args(words)),
                    )
                )
        if not (self.offset is None or isinstance(self.offset, bool)):
            raise FitError(fact("its.design.offset-must-be-true-false", offset=self.offset))
        for name in ("harmonics", "phase_in", "washout"):
            whole(getattr(self, name), name)
        if min(self.harmonics, self.phase_in, self.washout) < 0:
            raise FitError(fact("its.design.harmonics-phase-washout-must-not"))
        _refuse_half_life(self.half_life)
        if self.effect == "slope" and (self.phase_in or self.half_life is not None):
            raise FitError(fact("its.design.slope-has-no-level"))
        names = self.covariates
        if not isinstance(names, list | tuple) or not all(isinstance(one, str) for one in names):
            raise FitError(fact("its.design.covariates-must-be-names-such", names=names))
        if len(set(names)) < len(names):
            raise FitError(fact("its.design.covariate-named-twice-name-each"))
        object.__setattr__(self, "covariates", tuple(names))

    def uses_exposure(self, kind: Kind) -> bool:
        """Whether an exposure, where there is one, is used for an outcome of this kind."""
        return kind == "count" if self.offset is None else self.offset


@dataclass(frozen=True, slots=True)
class Interruption:
    """A further intervention in the treated unit after the main one, such as a dilution or a
    relaunch; its level is the change from the phase before it.

    start : ordinal of its first period. phase_in, half_life : as in `Specification`.
    """

    name: str
    start: int
    phase_in: int = 0
    half_life: float | None = None

    def __post_init__(self) -> None:
        whole(self.start, fact("its.design.start-of", name=self.name), ORDINAL)
        if whole(self.phase_in, fact("its.design.phase-in-of", name=self.name)) < 0:
            raise FitError(fact("its.design.phase-must-not-be-negative", name=self.name))
        _refuse_half_life(self.half_life)


@dataclass(frozen=True, slots=True)
class Pulse:
    """A concurrent event that is given a term of its own for `periods` periods from `start`."""

    name: str
    start: int
    periods: int = 1

    def __post_init__(self) -> None:
        whole(self.start, fact("its.design.start-of", name=self.name), ORDINAL)
        if whole(self.periods, fact("its.design.periods-of", name=self.name)) < 1:
            raise FitError(fact("its.design.must-last-one-period-more", name=self.name))


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one or more sites, site after site, before any model.

    Parameters
    ----------
    y : (n,). exposure : (n,) or None. covariates : (n, c). dose : (n,) or None, the amount of
        intervention a period. period : (n,) ordinals. site : (n,) numbers from 0.
    names : of the sites. starts : ordinal of each site's start, None for a control.
    unused : what was given and has no part in any model.
    """

    y: np.ndarray
    exposure: np.ndarray | None
    covariates: np.ndarray
    dose: np.ndarray | None
    period: np.ndarray
    site: np.ndarray
    names: tuple[str, ...]
    starts: tuple[int | None, ...]
    later: tuple[Interruption, ...] = ()
    pulses: tuple[Pulse, ...] = ()
    unused: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """What a column of the design is.

    role : "common" is a change at the start that a control shares. of : the later change, event,
        covariate or further site that it belongs to; "" for the rest.
    """

    role: Role
    of: str = ""


@dataclass(frozen=True, slots=True)
class Design:
    """Columns (n, k) by name, the same without the intervention, and which rows are which."""

    names: tuple[str, ...]
    columns: tuple[Column, ...]
    x: np.ndarray
    baseline: np.ndarray
    kept: np.ndarray
    affected: np.ndarray
    settled: np.ndarray


@dataclass(slots=True)
class _Columns:
    names: list[str] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)
    values: list[np.ndarray] = field(default_factory=list)

    def add(self, name: str, values: np.ndarray, role: Role, of: str = "") -> None:
        self.names.append(name)
        self.columns.append(Column(role, of))
        self.values.append(values.astype(float))


def design(rows: Rows, frequency: calendar.Frequency, specification: Specification) -> Design:
    """The design of one treated series, of a treated and a control series, or of several sites.

    Every site has an intercept and a trend of its own; the season is common. With controls and a
    single start, all sites share a change of level (and slope) at the start, and at every later
    change, and the effect is what the treated site changes beyond it. With several treated sites
    the effect is common.

    Raises
    ------
    FitError : when a start, with washout and phase-in, is not inside its site's periods.
    """
    treated, since = _since(rows, specification)
    n = len(rows.y)
    ramp = _level(since, specification.phase_in, specification.half_life)
    background = _background(rows, frequency, specification)
    effects = _Columns()
    stepped, sloped = specification.effect != "slope", specification.effect != "level"
    if not stepped and any(one.phase_in or one.half_life is not None for one in rows.later):
        raise FitError(fact("its.design.slope-has-no-level"))
    starts = {start for start in rows.starts if start is not None}
    compared = None in rows.starts and len(starts) == 1 and rows.dose is None
    if compared:
        everywhere = rows.period - next(iter(starts)) - specification.washout
        shared = _level(everywhere, specification.phase_in, specification.half_life)
        if stepped:
            background.add("common level", shared, "common")
        if sloped:
            background.add("common slope", np.maximum(everywhere, 0), "common")
    if rows.dose is not None:
        _refuse_shape_of_dose(specification)
        effects.add("dose", np.where(treated & (since >= 0), rows.dose, 0.0), "dose")
    else:
        if stepped:
            effects.add("level", np.where(treated, ramp, 0.0), "level")
        if sloped:
            effects.add("slope", np.where(treated, np.maximum(since, 0), 0), "slope")
    before_next = np.ones(n, dtype=bool)
    for change in rows.later:
        after = rows.period - change.start
        before_next &= after < 0
        if not (treated & (after >= 0)).any():
            continue
        name, level = change.name, _level(after, change.phase_in, change.half_life)
        slope = np.maximum(after, 0)
        if compared:
            if stepped:
                background.add(f"common level: {name}", level, "common", name)
            if sloped:
                background.add(f"common slope: {name}", slope, "common", name)
        if stepped:
            effects.add(f"level: {name}", np.where(treated, level, 0.0), "level", name)
        if sloped:
            effects.add(f"slope: {name}", np.where(treated, slope, 0), "slope", name)
    _refuse_two_of_a_name((*background.names, *effects.names))
    x = np.column_stack([*background.values, *effects.values])
    baseline = x.copy()
    baseline[:, len(background.names) :] = 0.0
    # In the washout a control has nothing to wash out, but is left out too: the common change
    # at the start is as unsettled there.
    start = rows.period - min(starts) if len(starts) == 1 else since + specification.washout
    kept = (start < 0) | (start >= specification.washout)
    affected = treated & (since >= 0) & kept
    if rows.dose is not None:
        settled = affected & (rows.dose > 0)
        if not settled.any():
            raise FitError(fact("its.design.dose-nought-every-period-after"))
    else:
        settled = affected & (since >= specification.phase_in) & before_next
        if not settled.any():
            raise FitError(fact("its.design.no-period-left-between-start", name=rows.later[0].name))
    return Design(
        (*background.names, *effects.names),
        (*background.columns, *effects.columns),
        x,
        baseline,
        kept,
        affected,
        settled,
    )


def _since(rows: Rows, specification: Specification) -> tuple[np.ndarray, np.ndarray]:
    """Which rows are of treated sites, and periods since the first one that counts."""
    treated = np.zeros(len(rows.y), dtype=bool)
    since = np.full(len(rows.y), -SITE_GAP)
    for number, start in enumerate(rows.starts):
        here = rows.site == number
        if start is None:
            continue
        periods = rows.period[here]
        first = start + specification.washout
        if not periods[0] < start <= periods[-1] or first + specification.phase_in > periods[-1]:
            raise FitError(
                fact(
                    "its.design.intervention-period-washout-phase-does",
                    start=start - periods[0] + 1,
                    n_periods=len(periods),
                    washout=specification.washout,
                    phase_in=specification.phase_in,
                )
            )
        treated |= here
        since[here] = periods - first
    return treated, since


def _refuse_two_of_a_name(names: tuple[str, ...]) -> None:
    """Refuse a column that is called like another: nobody could tell their coefficients apart."""
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise FitError(fact("its.design.two-terms-model-called-give", twice=twice[0]))


def _refuse_shape_of_dose(specification: Specification) -> None:
    """Refuse what says how a level comes and goes where a dose takes its place."""
    given = {
        f'effect "{specification.effect}"': specification.effect != "level",
        "phase_in": specification.phase_in > 0,
        "half_life": specification.half_life is not None,
    }
    for name in [name for name, there in given.items() if there]:
        raise FitError(fact("its.design.dose-takes-place-level-has", name=name))


def _refuse_half_life(half_life: object) -> None:
    if half_life is None:
        return
    if isinstance(half_life, bool) or not isinstance(half_life, int | float | np.number):
        raise FitError(fact("its.design.half-life-must-be-number", half_life=half_life))
    if not 0 < float(half_life) < np.inf:
        raise FitError(fact("its.design.half-life-must-be-above"))


def _level(since: np.ndarray, phase_in: int, half_life: float | None) -> np.ndarray:
    """A level that rises over the phase-in and, with a half-life, fades after it."""
    ramp = np.clip((since + 1) / (phase_in + 1), 0.0, 1.0)
    if half_life is None:
        return ramp
    return np.asarray(ramp * 0.5 ** (np.maximum(since - phase_in, 0) / half_life))


def _background(
    rows: Rows, frequency: calendar.Frequency, specification: Specification
) -> _Columns:
    """Intercepts, trends, season, pulses and covariates; time counts 1 up from the first period."""
    columns = _Columns()
    time = rows.period - rows.period.min() + 1.0
    several = len(rows.names) > 1
    for number, site in enumerate(rows.names):
        here = (rows.site == number).astype(float)
        # The first site's terms keep the plain names, as in a single series.
        of = site if several and number else ""
        mark = f": {site}" if several and number else ""
        columns.add(f"intercept{mark}", here, "intercept", of)
        if specification.trend != "none":
            columns.add(f"trend{mark}", here * time, "trend", of)
        if specification.trend == "quadratic":
            columns.add(f"trend^2{mark}", here * time**2, "trend^2", of)
    if specification.season != "none" and frequency not in calendar.MONTHS:
        _add_time_of_year(columns, rows, frequency, specification)
    elif specification.season == "fourier":
        length = calendar.PER_YEAR[frequency]
        part = np.array([calendar.of_year(int(number), frequency) for number in rows.period])
        for harmonic in range(1, min(specification.harmonics, length // 2) + 1):
            angle = 2 * np.pi * harmonic * part / length
            # At the shortest wave the sine is nought in every period.
            if 2 * harmonic != length:
                columns.add(f"sine {harmonic}", np.sin(angle), "season")
            columns.add(f"cosine {harmonic}", np.cos(angle), "season")
    elif specification.season == "periods":
        part = np.array([calendar.of_year(int(number), frequency) for number in rows.period])
        for which in range(2, calendar.PER_YEAR[frequency] + 1):
            columns.add(f"{frequency} {which}", part == which, "season")
    for pulse in rows.pulses:
        inside = (rows.period >= pulse.start) & (rows.period < pulse.start + pulse.periods)
        if inside.any():
            columns.add(f"pulse: {pulse.name}", inside, "pulse", pulse.name)
    for index, name in enumerate(specification.covariates):
        columns.add(name, rows.covariates[:, index], "covariate", name)
    return columns


def _add_time_of_year(
    columns: _Columns, rows: Rows, frequency: calendar.Frequency, specification: Specification
) -> None:
    """The season of weeks and days: waves on the time of the year, as no number of them fills a
    year; and of days a term for each day of the week but Monday."""
    if specification.season == "periods":
        raise FitError(fact("its.design.no-season-of-periods", frequency=frequency))
    passed = np.array([calendar.time_of_year(int(number), frequency) for number in rows.period])
    for harmonic in range(1, specification.harmonics + 1):
        angle = 2 * np.pi * harmonic * passed
        columns.add(f"sine {harmonic}", np.sin(angle), "season")
        columns.add(f"cosine {harmonic}", np.cos(angle), "season")
    if frequency == "day":
        weekday = (rows.period - 1) % 7
        for which in range(1, 7):
            columns.add(f"weekday {which + 1}", weekday == which, "season")
