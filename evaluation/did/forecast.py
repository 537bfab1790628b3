"""Forecast and step: one treated unit beside others whose ratios wander, as those of cities do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from evaluation.data import period as calendar
from evaluation.did.cohorts import Cohorts
from evaluation.did.effects import Answer
from evaluation.did.placebo_changes import exposures
from evaluation.did.usable import refuse_partial
from evaluation.effect import EventTime
from evaluation.errors import FitError
from evaluation.fact import Fact, fact
from evaluation.numeric.series import forecasting
from evaluation.numeric.series.forecasting import Judged, Units
from evaluation.numeric.series.quarters import HALF, Layout, layout, response

# Learned on 181 US agencies by month, 2018 to 2024 (did_methods.md): months after the start
# whose mean is the effect; events a month below which blocks are of a year and all months count;
# months of a block, and of one of few events where both sides have two years, or do not.
WINDOW = 24
FEW_EVENTS = 3.0
BLOCK = 3
LONG_BLOCK, SHORTER_BLOCK = 12, 6
# In how many years a city's own deviation falls to 1/e; over more months than this it is not pulled
# back at all, since forecasts over many years were too sure.
REVERT = 3.0
LONGEST_REVERTING = 36
YEAR = 12
# The default from this many controls on: what is known of all cities stands in for more.
ENOUGH_LEARNED = 4
# Pretended starts had so many months before or more; with fewer it is no default.
MEASURED_BEFORE = 24
# So many treated units beside the same controls at once fit the processor cache.
TOGETHER = 25
# With fewer a unit's own noise is not told from what all share.
FEWEST_BEFORE, FEWEST_CONTROLS = 2, 2


@dataclass(frozen=True, slots=True)
class _Panel:
    """One treated unit and its controls in blocks.

    start : first period after. months : of a period.
    """

    cohorts: Cohorts
    treated: int
    controls: np.ndarray
    start: int
    months: int
    blocks: Layout
    units: Units

    @property
    def ends(self) -> np.ndarray:
        """(A,) months from the start to the end of each block after it."""
        after = self.blocks.after
        return np.asarray(self.blocks.lengths[after].cumsum() * self.months)


def fit(cohorts: Cohorts, *, window: int | None = None) -> Answer:
    """The mean log rate of the first months after the start, less its forecast.

    For counts; the default with one treated unit of 3 events a month or more. The forecast is from
    the unit's own months before the start, as far as ratios of units wander, and from the other
    units, for what all share (`evaluation.numeric.series.forecasting`). Blocks are of 3 months
    that meet at the start; where the treated unit has fewer than 3 events a month over the whole
    window, of a year (half a year, with less than two years on a side). Interval and p are those of
    a mixture of t distributions over 162 points. Effects of each block are in `dynamic`.

    Where the months after reach over more than 36 months of the window, a unit's own deviation is a
    plain walk, that nothing pulls back.

    Parameters
    ----------
    window : months after the start whose mean is the effect; 0 for all of them. By default 24, and
        all where events are few.

    Raises
    ------
    FitError : for more than one treated unit, fewer than two controls, a continuous outcome, fewer
        than two blocks before the start or none after, or a window that is no number of blocks.
    """
    seen, asked, reach = _asked(cohorts, window)
    panel = _blocked(cohorts, seen, _revert(reach))
    blocks = panel.blocks
    chosen = _chosen(panel, asked)
    mean = blocks.width * chosen
    alone = np.eye(len(blocks.after))[blocks.after]
    judged = forecasting.forecast(panel.units, blocks, np.vstack([mean / mean.sum(), alone]))
    answer = _answer(panel, judged, chosen)
    inside = chosen[blocks.after]
    used = int(panel.ends[inside][-1])
    notes = (
        fact("did.forecast.of-window", months=used, whole=bool(inside.all()), block=seen.size),
        *_learned(panel, judged),
    )
    # Farther out than that, a forecast that is pulled back is too sure.
    far = reach if reach > LONGEST_REVERTING else LONGEST_REVERTING
    return replace(answer, dynamic=_by_block(panel, judged, far), notes=notes)


def many(panels: Sequence[Cohorts], *, window: int | None = None) -> dict[int, Answer]:
    """The answers of `fit` to many panels, by their place, without notes and effects of blocks:
    those with the same controls are solved together.

    A panel that is left out is for `fit`, which says why.
    """
    groups: dict[tuple[tuple[object, ...], _Seen, int, float], list[int]] = {}
    for place, cohorts in enumerate(panels):
        try:
            seen, asked, reach = _asked(cohorts, window)
        except FitError:
            continue
        beside = np.flatnonzero(~cohorts.ever)
        data = (cohorts.y[beside].tobytes(), exposures(cohorts)[beside].tobytes())
        same = (*data, cohorts.one_treated, cohorts.skipped)
        groups.setdefault((same, seen, asked, _revert(reach)), []).append(place)
    answers: dict[int, Answer] = {}
    for (_, seen, asked, revert), places in groups.items():
        for begin in range(0, len(places), TOGETHER):
            some = places[begin : begin + TOGETHER]
            first = _blocked(panels[some[0]], seen, revert)
            chosen = _chosen(first, asked)
            mean = first.blocks.width * chosen
            units = _beside(first, [panels[place] for place in some])
            judged = forecasting.forecast(units, first.blocks, (mean / mean.sum())[None])
            for row, place in enumerate(some):
                panel = replace(first, cohorts=panels[place])
                try:
                    answers[place] = _answer(panel, judged, chosen, row)
                except FitError:
                    continue
    return answers


def fit_step(cohorts: Cohorts) -> Answer:
    """One constant effect from the start on, in the same model as `fit`.

    It is sharper than the forecast where the effect is there at once, and takes the months nearest
    the start for the whole where it takes time to come: of one that grows over a year it finds half
    as often, and half as much.

    Raises
    ------
    FitError : as `fit`.
    """
    seen = _seen(cohorts)
    panel = _blocked(cohorts, seen, REVERT)
    judged = forecasting.step(panel.units, panel.blocks)
    return replace(_answer(panel, judged, panel.blocks.after), notes=_learned(panel, judged))


def restless(cohorts: Cohorts) -> tuple[Judged, int]:
    """The forecast of the default, and the months before the start behind it: how far the treated
    unit wandered in its own past, beside how far its controls did.

    Raises
    ------
    FitError : as `fit`.
    """
    seen = _seen(cohorts)
    panel = _blocked(cohorts, seen, REVERT)
    mean = panel.blocks.width * panel.blocks.after
    judged = forecasting.forecast(panel.units, panel.blocks, (mean / mean.sum())[None])
    return judged, seen.start * seen.months


@dataclass(frozen=True, slots=True)
class _Seen:
    """What is known before blocks are made: start and months of a period, months of a block."""

    start: int
    months: int
    size: int


def _seen(cohorts: Cohorts) -> _Seen:
    refuse_partial(cohorts)
    treated = cohorts.one_treated
    if cohorts.kind != "count":
        raise FitError(fact("did.forecast.counts"))
    if cohorts.n - 1 < FEWEST_CONTROLS:
        raise FitError(fact("did.forecast.single-control"))
    if cohorts.frequency not in calendar.MONTHS:
        raise FitError(fact("did.forecast.months", frequency=cohorts.frequency))
    start, months = int(cohorts.first[treated]), YEAR // calendar.PER_YEAR[cohorts.frequency]
    shorter = min(start, cohorts.length - start) * months
    size = max(BLOCK, months)
    if _few(cohorts):
        size = max(LONG_BLOCK if shorter >= 2 * YEAR else SHORTER_BLOCK, months)
    if start * months < FEWEST_BEFORE * size or shorter < size:
        raise FitError(fact("did.forecast.short", block=size, fewest=FEWEST_BEFORE * size))
    return _Seen(start, months, size)


def _asked(cohorts: Cohorts, window: int | None) -> tuple[_Seen, int, int]:
    """What is seen of a panel, the months asked about, 0 for all, and how far those reach."""
    seen = _seen(cohorts)
    asked = (0 if _few(cohorts) else WINDOW) if window is None else window
    if asked < 0 or asked % seen.size:
        raise FitError(fact("did.forecast.window", window=asked, block=seen.size))
    after = (cohorts.length - seen.start) * seen.months
    return seen, asked, min(asked, after) if asked else after


def _revert(reach: int) -> float:
    return REVERT if reach <= LONGEST_REVERTING else 0.0


def _chosen(panel: _Panel, asked: int) -> np.ndarray:
    """(K,) True in the blocks that the effect is of."""
    inside = panel.ends <= asked if asked else np.ones(len(panel.ends), dtype=bool)
    # The first block is of the effect even where it is longer than the window.
    inside[0] = True
    chosen = np.zeros(len(panel.blocks.after), dtype=bool)
    chosen[panel.blocks.after] = inside
    return chosen


def _beside(first: _Panel, panels: Sequence[Cohorts]) -> Units:
    """The controls of one panel with the treated units of all."""
    y, exposure = first.cohorts.y[first.controls], exposures(first.cohorts)[first.controls]
    own_y = np.array([cohorts.y[first.treated] for cohorts in panels])
    own_exposure = np.array([exposures(cohorts)[first.treated] for cohorts in panels])
    own = response(own_y, own_exposure, y.sum(axis=0), exposure.sum(axis=0), first.blocks)
    used = np.ones((len(panels), len(first.controls)))
    return Units(first.units.z, first.units.v, *own, used)


def _few(cohorts: Cohorts) -> bool:
    return events_a_month(cohorts) < FEW_EVENTS


def possible(cohorts: Cohorts) -> bool:
    """Whether the forecast can be the default of a panel with one treated unit: counts by month or
    quarter, two years before the start. With less, and by year, it was not measured."""
    if cohorts.kind != "count" or not cohorts.whole or cohorts.frequency == "year":
        return False
    try:
        seen = _seen(cohorts)
    except FitError:
        return False
    return seen.start * seen.months >= MEASURED_BEFORE


def goes_on(cohorts: Cohorts) -> bool:
    """Whether there are months after those that the forecast takes."""
    if not possible(cohorts) or _few(cohorts):
        return False
    seen = _seen(cohorts)
    return (cohorts.length - seen.start) * seen.months > WINDOW


def events_a_month(cohorts: Cohorts) -> float:
    """Events a month of the only treated unit, over the whole window."""
    per_month = calendar.PER_YEAR[cohorts.frequency] / YEAR
    return float(cohorts.y[cohorts.one_treated].mean() * per_month)


def _blocked(cohorts: Cohorts, seen: _Seen, revert: float) -> _Panel:
    per_year = YEAR // seen.months
    blocks = layout(
        seen.start,
        cohorts.length,
        seen.size // seen.months,
        per_year,
        revert=revert,
        skipped=cohorts.skipped,
    )
    treated, controls = cohorts.one_treated, np.flatnonzero(~cohorts.ever)
    exposure = exposures(cohorts)
    pool, held = cohorts.y[controls].sum(axis=0), exposure[controls].sum(axis=0)
    z, v = response(cohorts.y[controls], exposure[controls], pool, held, blocks)
    own = response(cohorts.y[[treated]], exposure[[treated]], pool, held, blocks)
    units = Units(z, v, *own, np.ones((1, len(controls))))
    return _Panel(cohorts, treated, controls, seen.start, seen.months, blocks, units)


def _answer(panel: _Panel, judged: Judged, chosen: np.ndarray, row: int = 0) -> Answer:
    """The first of the effects, which is of the `chosen` blocks, (K,) bool, of a treated unit."""
    cohorts = panel.cohorts
    numbers = (judged.estimate, judged.std_error, judged.low, judged.high, judged.p_value)
    estimate, error, low, high, p_value = (float(one[row, 0]) for one in numbers)
    expected = np.full(cohorts.y.shape, np.nan)
    expected[panel.treated] = _line(panel, judged.line[row], chosen, estimate)
    block = np.searchsorted(panel.blocks.edges, np.arange(cohorts.length), side="right") - 1
    cells = np.zeros(cohorts.y.shape, dtype=bool)
    cells[panel.treated] = chosen[block]
    inside = float(cohorts.y[panel.treated, chosen[block]].sum())
    return Answer(
        "log ratio",
        estimate,
        error,
        low,
        high,
        p_value,
        expected=expected,
        cells=cells,
        own_noise=1 / (inside + HALF),
    )


def _line(panel: _Panel, line: np.ndarray, chosen: np.ndarray, estimate: float) -> np.ndarray:
    """(T,) what the treated unit would have shown: the model's log rate of each block, in it the
    pattern of the controls. Over the `chosen` blocks it is what was observed less the effect, from
    which what was observed falls out again; before the start it adds up to what was observed. NaN
    after the chosen ones.

    Raises
    ------
    FitError : without an event of the treated unit before its start.
    """
    cohorts, blocks = panel.cohorts, panel.blocks
    y, exposure = cohorts.y[panel.treated], exposures(cohorts)
    pool = cohorts.y[panel.controls].sum(axis=0) + HALF
    shape = pool / exposure[panel.controls].sum(axis=0) * exposure[panel.treated]
    block = np.searchsorted(blocks.edges, np.arange(cohorts.length), side="right") - 1
    held = np.add.reduceat(exposure[panel.treated], blocks.edges)
    level = np.exp(line) * held / np.add.reduceat(shape, blocks.edges)
    rate = shape * level[block]
    before, inside = ~blocks.after[block], chosen[block]
    seen, later = float(y[before].sum()), float(y[inside].sum())
    if not seen > 0:
        unit = cohorts.units[panel.treated]
        raise FitError(fact("did.placebo-changes.has-no-event-before-start", units=unit))
    added = HALF * blocks.before
    awaited = (later + HALF * chosen.sum()) * np.exp(-estimate) * seen / (seen + added)
    found = np.full(cohorts.length, np.nan)
    for side, total in ((before, seen), (inside, awaited)):
        found[side] = rate[side] * total / rate[side].sum()
    return found


def _by_block(panel: _Panel, judged: Judged, far: int) -> tuple[EventTime, ...]:
    """The effect of every block that ends within `far` months of the start, at its first period;
    each has its own range."""
    begins = panel.blocks.edges[panel.blocks.after] - panel.start
    numbers = (judged.estimate, judged.std_error, judged.low, judged.high)
    rows = np.column_stack([begins, *(one[0, 1:] for one in numbers)]).tolist()
    return tuple(
        EventTime(int(time), middle, error, low, high, low, high, 1)
        for (time, middle, error, low, high), end in zip(rows, panel.ends, strict=True)
        if end <= far
    )


def _learned(panel: _Panel, judged: Judged) -> tuple[Fact, ...]:
    """What the panel says of how its units wander."""
    return (
        fact(
            "did.forecast.learned",
            n=len(panel.controls),
            drift=float(judged.drift[0]),
            shift=float(judged.shift[0]),
            phi=float(judged.phi[0]),
            scale=float(np.sqrt(judged.scale[0])),
        ),
    )
