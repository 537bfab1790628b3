"""The specification curve: the answers of many defensible models side by side (Simonsohn, Simmons
and Nelson 2020, Nature Human Behaviour 4:1208-1214)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from itertools import product
from typing import Any, Literal

import numpy as np

from evaluation.data import period as calendar
from evaluation.effect import Effect
from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.its.batch import Judged
from evaluation.its.check_helpers import Finding, not_estimated, tried
from evaluation.its.design import Effects
from evaluation.its.methods import METHODS, Method
from evaluation.its.sensitivity import least_before
from evaluation.its.series import Series, Specification

Trend = Literal["linear", "quadratic", "none"]
Season = Literal["fourier", "periods", "none"]
# More than this would take minutes, and nobody planned them one by one.
MOST = 2000


@dataclass(frozen=True, slots=True)
class Grid:
    """What is varied in a specification curve, every choice with every other.

    A field left empty keeps what is planned; the headline's own model is always among them.

    Parameters
    ----------
    effect, trend, season, harmonics, phase_in, washout : as in `Specification`; harmonics matter
        with a "fourier" season only. start : shifts of the start, in periods, 0 for the planned
        one. first : periods cut from the beginning of the window, 0 for none. methods : names in
        `METHODS`. controls : for a series with controls, True with and False without them.
    """

    effect: tuple[Effects, ...] = ()
    trend: tuple[Trend, ...] = ()
    season: tuple[Season, ...] = ()
    harmonics: tuple[int, ...] = ()
    phase_in: tuple[int, ...] = ()
    washout: tuple[int, ...] = ()
    start: tuple[int, ...] = ()
    first: tuple[int, ...] = ()
    methods: tuple[str, ...] = ()
    controls: tuple[bool, ...] = ()


@dataclass(frozen=True, slots=True)
class _Choice:
    """One specification: terms, shift of the start, periods cut, method, controls or none."""

    terms: Specification
    start: int
    first: int
    method: str
    controls: bool


def default_grid(series: Series) -> Grid:
    """What is varied when the plan names nothing: three trends, one or two waves or a term for each
    month, the phase-in or none, and the window begun up to two years later."""
    planned = series.specification
    year = calendar.PER_YEAR[series.frequency]
    # Two waves are all that four quarters can tell apart, and a year has no season.
    season: tuple[Season, ...] = ("fourier", "periods")
    if series.frequency != "month":
        season = (planned.season,) if series.frequency != "quarter" else ("fourier",)
    longest = series.start - least_before(series.start, series.frequency)
    return Grid(
        trend=("linear", "quadratic", "none"),
        season=season,
        harmonics=(1, 2) if series.frequency != "year" else (),
        phase_in=(0, planned.phase_in),
        first=tuple(cut for cut in (0, year, 2 * year) if cut <= max(longest, 0)),
        controls=(True, False),
    )


def specification_curve(
    series: Series, method: Method, effect: Effect, grid: Grid | None = None
) -> Finding:
    """Every specification of the grid, sorted by percent change; informs and does not judge.

    Parameters
    ----------
    method : of the headline, with its settings. grid : None takes `default_grid`.

    Raises
    ------
    FitError : when a method is not known, or the grid has more than 2,000 specifications.
    """
    choices = _choices(series, method, grid or default_grid(series))
    answers = _answers(series, method, choices)
    if not answers:
        raise FitError(
            fact("its.curve.none-specifications-could-be-estimated", n_choices=len(choices))
        )
    planned = choices[0]
    ordered = sorted(answers, key=lambda answer: answer[1].percent)
    table = tuple(_row(series, choice, one, choice == planned) for choice, one in ordered)
    percents = np.array([one.percent for _, one in ordered])
    falls = effect.percent.estimate < 0
    same = int((percents < 0).sum() if falls else (percents > 0).sum())
    clear = sum((one.percent_high < 0) if falls else (one.percent_low > 0) for _, one in ordered)
    return Finding(
        None,
        fact(
            "its.curve.found",
            n=len(ordered),
            same=100 * same / len(ordered),
            falls=falls,
            planned=effect.percent.estimate,
            clear=100 * clear / len(ordered),
            low=percents[0],
            high=percents[-1],
            median=np.median(percents),
            more=not_estimated(len(choices), len(ordered)),
        ),
        table,
    )


def _choices(series: Series, method: Method, grid: Grid) -> list[_Choice]:
    """The headline's own specification, then every other of the grid, each once."""
    planned = series.specification
    controlled = None in series.rows.starts
    lists: tuple[Sequence[Any], ...] = (
        grid.effect or (planned.effect,),
        grid.trend or (planned.trend,),
        grid.season or (planned.season,),
        grid.harmonics or (planned.harmonics,),
        grid.phase_in or (planned.phase_in,),
        grid.washout or (planned.washout,),
        grid.start or (0,),
        grid.first or (0,),
        grid.methods or (method.name,),
        (grid.controls or (True,)) if controlled else (True,),
    )
    size = int(np.prod([len(dict.fromkeys(values)) for values in lists]))
    if size > MOST:
        raise FitError(fact("its.curve.curve-has-specifications-more-than", size=size, most=MOST))
    unknown = [name for name in grid.methods if name not in METHODS and name != method.name]
    if unknown:
        raise FitError(
            fact("its.curve.no-method-there", unknown=unknown[0], methods=tuple(METHODS))
        )
    found = {_Choice(planned, 0, 0, method.name, True): None}
    for effect, trend, season, waves, phase_in, washout, start, first, name, controls in product(
        *lists
    ):
        terms = replace(
            planned,
            effect=effect,
            trend=trend,
            season=season,
            # The number of waves says nothing where there are none: one choice, not several.
            harmonics=waves if season == "fourier" else planned.harmonics,
            phase_in=phase_in,
            washout=washout,
        )
        found[_Choice(terms, start, first, name, controls)] = None
    return list(found)


def _answers(
    series: Series, method: Method, choices: Sequence[_Choice]
) -> list[tuple[_Choice, Judged]]:
    """What each choice gives, without those that give nothing; each method is asked once."""
    last = int(np.ptp(series.rows.period)) + 1

    def made(choice: _Choice) -> Series:
        changed = series if choice.controls else series.alone()
        terms = {field.name: getattr(choice.terms, field.name) for field in fields(choice.terms)}
        changed = changed.specified(**terms)
        if choice.start:
            changed = changed.shifted(choice.start)
        return changed.between(choice.first, last) if choice.first else changed

    answers = []
    for name in dict.fromkeys(choice.method for choice in choices):
        chosen = method if name == method.name else METHODS[name]
        own = [choice for choice in choices if choice.method == name]
        answers += [(choice, one) for choice, _, one in tried(chosen, own, made)]
    return answers


def _row(series: Series, choice: _Choice, one: Judged, headline: bool) -> dict[str, Any]:
    begin = int(series.rows.period.min())
    terms = choice.terms
    waves = f" {terms.harmonics}" if terms.season == "fourier" else ""
    controlled = None in series.rows.starts
    return {
        "percent": one.percent,
        "low": one.percent_low,
        "high": one.percent_high,
        "p": one.p_value,
        "start": calendar.text(begin + series.start + choice.start, series.frequency),
        "first": calendar.text(begin + choice.first, series.frequency),
        "effect": terms.effect,
        "trend": terms.trend,
        "season": terms.season + waves,
        "phase_in": terms.phase_in,
        "washout": terms.washout,
        "method": choice.method,
        **({"controls": choice.controls} if controlled else {}),
        "headline": headline,
    }
