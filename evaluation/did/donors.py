"""What the methods with weighted controls share: the panel as they use it, cohorts put together,
and the same method applied to controls as if they had been treated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from evaluation.did.cohorts import Cohorts
from evaluation.did.effects import Answer, not_valid, t_answer
from evaluation.did.event_study import at_time
from evaluation.did.usable import refuse_partial
from evaluation.effect import EventTime
from evaluation.errors import FitError
from evaluation.fact import Fact, fact
from evaluation.numeric.panel.synthetic import Block
from evaluation.numeric.shared.draws import stream
from evaluation.numeric.shared.parallel import each
from evaluation.numeric.shared.permutation import (
    TIE,
    Rank,
    distinct_assignments,
    every_assignment,
    last_kept,
    rank,
    shuffles,
)

# Placebo assignments up to this many are all judged; of more, so many are drawn.
PLACEBOS = 500
SEED = 1
# Placebos, or samples of a bootstrap, sent to a process at once; fewer are not worth sending.
TOGETHER = 100
# A rank test that cannot reach this says nothing at the usual level.
LEVEL = 0.05
# A rank, and a band that holds a whole curve, need the outer 5 % of so many placebos.
ENOUGH_FOR_BAND = 19
# Of a control's weight, in the notes.
NAMED, NAMED_SHARE = 5, 0.05
# Placebo standard errors of fewer controls than this say little.
FEWEST_CONTROLS = 6


@dataclass(frozen=True, slots=True)
class Sample:
    """What a method is given: one cohort and the never-treated.

    y0 : (n, T) outcomes of controls. y1 : (T,) mean of the treated. start : periods before.
    treated : units behind y1. x0, x1 : (n, c) and (c,) covariates.
    """

    y0: np.ndarray
    y1: np.ndarray
    start: int
    treated: int
    x0: np.ndarray
    x1: np.ndarray


Solve = Callable[[Sample], Block]


@dataclass(frozen=True, slots=True)
class Donors:
    """The panel as a method with weighted controls uses it.

    y : (N, T) outcomes, with an exposure at the mean exposure of the treated cells. relative :
    (N, T) exposure over that mean. x : (N, c) covariates. first : (N,) first treated period, T for
    never.
    """

    y: np.ndarray
    relative: np.ndarray
    x: np.ndarray
    first: np.ndarray
    notes: tuple[Fact, ...]

    @property
    def controls(self) -> np.ndarray:
        return np.flatnonzero(self.first == self.y.shape[1])

    def taking(self, rows: np.ndarray, first: np.ndarray) -> Donors:
        """These rows, as if treated from these periods on."""
        return replace(
            self, y=self.y[rows], relative=self.relative[rows], x=self.x[rows], first=first
        )


@dataclass(frozen=True, slots=True)
class Combined:
    """Blocks of all cohorts, averaged over treated cells.

    estimate : mean effect. time, event : (k,) periods since the start and the effect by them, an
    average over treated units. units : (k,) behind each. before, after : root mean square gap over
    cells of treated units before, and over treated cells.
    """

    estimate: float
    blocks: tuple[Block, ...]
    rows: tuple[np.ndarray, ...]
    time: np.ndarray
    event: np.ndarray
    units: np.ndarray
    before: float
    after: float


def donors(cohorts: Cohorts) -> Donors:
    """The panel, when it can be used.

    Raises
    ------
    FitError : for fewer than two never-treated units, unequal weights, or clusters of several
        units.
    """
    refuse_partial(cohorts)
    controls = int((~cohorts.ever).sum())
    if controls == 0:
        raise FitError(fact("did.donors.no-unit-never-treated-there"))
    if controls == 1:
        raise FitError(fact("did.donors.single-control-leaves-nothing-weight"))
    if np.ptp(cohorts.weight) > 0:
        raise FitError(fact("did.donors.sampling-weights-not-used-by"))
    if len(np.unique(cohorts.cluster)) < cohorts.n:
        raise FitError(fact("did.donors.clusters-hold-several-units-add"))
    notes: tuple[Fact, ...] = ()
    relative = np.ones(cohorts.y.shape)
    if cohorts.exposure is not None:
        mean = float(cohorts.exposure[cohorts.treated].mean())
        relative = cohorts.exposure / mean
        notes = (fact("did.donors.rates", mean=mean),)
    first = np.minimum(cohorts.first, cohorts.length).astype(int)
    return Donors(cohorts.y / relative, relative, cohorts.covariates, first, notes)


def combine(panel: Donors, solve: Solve) -> Combined:
    """Every cohort against the never-treated.

    The overall effect weights cohorts by treated units times treated periods (Clarke, Pailanir,
    Athey and Imbens 2024, Stata Journal 24:557-598).
    """
    y, x, first, length = panel.y, panel.x, panel.first, panel.y.shape[1]
    never = panel.controls
    starts = np.unique(first[first < length])
    rows = tuple(np.flatnonzero(first == start) for start in starts)
    blocks = tuple(
        solve(
            Sample(
                y[never],
                y[members].mean(axis=0),
                int(start),
                len(members),
                x[never],
                x[members].mean(axis=0),
            )
        )
        for start, members in zip(starts, rows, strict=True)
    )
    return _combined(blocks, rows, length)


def _combined(blocks: tuple[Block, ...], rows: tuple[np.ndarray, ...], length: int) -> Combined:
    longest = max(block.start for block in blocks)
    time = np.arange(-longest, length - min(block.start for block in blocks))
    sums, units = np.zeros(len(time)), np.zeros(len(time), dtype=int)
    total = cells = square_before = square_after = cells_before = 0.0
    for block, members in zip(blocks, rows, strict=True):
        n, start = len(members), block.start
        begin = longest - start
        sums[begin : begin + length] += n * block.effects
        units[begin : begin + length] += n
        total += n * float(block.effects[start:].sum())
        cells += n * (length - start)
        cells_before += n * start
        square_before += n * float((block.gap[:start] ** 2).sum())
        square_after += n * float((block.gap[start:] ** 2).sum())
    return Combined(
        total / cells,
        blocks,
        rows,
        time,
        sums / units,
        units,
        float(np.sqrt(square_before / cells_before)),
        float(np.sqrt(square_after / cells)),
    )


def placebos(
    panel: Donors, solve: Solve, *, draws: int = PLACEBOS, seed: int = SEED, name: str
) -> tuple[list[Combined], int]:
    """The method with controls in the place of the treated, who are left out, and how many
    different such assignments there are.

    All of them when there are no more than `draws`, otherwise so many shuffles.

    Raises
    ------
    FitError : when there are not more controls than treated units, or too few draws.
    """
    enough_draws(draws)
    length = panel.y.shape[1]
    never = panel.controls
    starts = panel.first[panel.first < length]
    if len(never) < len(starts) + 2:
        raise FitError(fact("did.donors.placebos-need", n_never=len(never), n_starts=len(starts)))
    template = np.full(len(never), length)
    template[: len(starts)] = np.sort(starts)
    possible = distinct_assignments(template)
    if possible <= draws:
        assigned = every_assignment(template)
    else:
        assigned = template[shuffles(stream(seed, f"{name}/placebo"), draws, len(never))]
    work = partial(_assigned, panel, never, solve)
    return list(each(work, list(assigned), together=TOGETHER)), possible


def _assigned(panel: Donors, never: np.ndarray, solve: Solve, first: np.ndarray) -> Combined:
    return combine(panel.taking(never, first), solve)


def enough_draws(draws: int) -> None:
    """Refuses a number of draws that shows nothing.

    Raises
    ------
    FitError : for fewer than 19.
    """
    if draws < ENOUGH_FOR_BAND:
        raise FitError(
            fact(
                "did.donors.draws-must-be-least-there", enough_for_band=ENOUGH_FOR_BAND, draws=draws
            )
        )


def placebo_answer(found: Combined, others: list[Combined], controls: int) -> Answer:
    """The answer with the placebos' standard deviation (around their mean, over their number) as
    standard error and t(controls - 1), and effects by event time with the same.

    Arkhangelsky et al. (2021), Algorithm 4, where the distribution is the normal: with a dozen
    controls that is too narrow.

    Raises
    ------
    FitError : when all placebos give the same.
    """
    spread = float(np.std([other.estimate for other in others]))
    if not spread > 0:
        raise FitError(fact("did.donors.every-control-place-treated-gives"))
    answer = t_answer("difference", found.estimate, spread, float(controls - 1))
    events = np.array([other.event for other in others])
    errors = events - events.mean(axis=0)
    rows = dynamic(found.time, found.event, found.units, errors, controls - 1)
    return replace(answer, dynamic=rows)


def ranked(actual: float, sizes: list[float], possible: int) -> Rank:
    """The rank of a statistic among those of the placebos.

    Parameters
    ----------
    possible : different placebos there are; the actual assignment is one more.
    """
    exact = possible == len(sizes)
    return rank(actual, np.array(sizes), possible=possible + 1, exact=exact)


def largest_kept(sizes: list[float]) -> float:
    """The largest statistic whose rank among these of the placebos has a p of .05 or more, so that
    the effects within it are the range. `rankable` must hold."""
    return last_kept(np.array(sizes))


def rankable(judged: Rank) -> bool:
    """Whether a rank can be below .05, without which it has no 95 % range."""
    return judged.smallest < LEVEL * (1 - TIE)


def told_floor(judged: Rank) -> Fact:
    """The smallest p of a rank, with how many placebos there are."""
    return fact("did.donors.floor", n=judged.total - 1, smallest=judged.smallest)


def told_rank(judged: Rank) -> Fact:
    """A rank p with the smallest it can be, or that it cannot reach .05."""
    key = "did.donors.rank" if rankable(judged) else "did.donors.no-rank"
    return fact(key, p=judged.p_value, floor=told_floor(judged))


def told_draws(others: list[Combined], possible: int) -> Fact:
    """What the standard error of placebos is from."""
    return fact("did.donors.placebos", n=len(others), possible=possible)


def rank_objection(judged: Rank) -> Fact | None:
    """Why there is no rank range, and what stands in its place, or None."""
    return None if rankable(judged) else not_valid("did.donors.no-range", floor=told_floor(judged))


def scatter_objection(controls: int) -> Fact | None:
    """That so few controls do not show how far placebos scatter, or None."""
    if controls >= FEWEST_CONTROLS:
        return None
    return not_valid("did.donors.few-controls", controls=controls, needed=FEWEST_CONTROLS)


def dynamic(
    time: np.ndarray, values: np.ndarray, units: np.ndarray, errors: np.ndarray, df: float
) -> tuple[EventTime, ...]:
    """Effects (k,) by event time, with the spread of these errors (draws, k) and t(df).

    The band is the largest standardized error's 95 % quantile over the draws, from 19 draws on.
    """
    from scipy.special import stdtrit

    spread = np.sqrt((errors**2).mean(axis=0))
    critical = wide = float(stdtrit(df, 0.975))
    seen = spread > 0
    if len(errors) >= ENOUGH_FOR_BAND and seen.any():
        largest = np.abs(errors[:, seen] / spread[seen]).max(axis=1)
        wide = max(critical, float(np.quantile(largest, 0.95, method="higher")))
    columns = (time.tolist(), values.tolist(), spread.tolist(), units.tolist())
    return tuple(
        at_time(at, value, error, n, (critical, wide))
        for at, value, error, n in zip(*columns, strict=True)
    )


def expected(panel: Donors, found: Combined) -> np.ndarray:
    """(N, T) the treated without treatment: their outcome less their cohort's effect in every
    period, so that figure and estimate agree; NaN for controls."""
    lines = np.full(panel.y.shape, np.nan)
    for block, members in zip(found.blocks, found.rows, strict=True):
        lines[members] = (panel.y[members] - block.effects) * panel.relative[members]
    return lines


def told_weights(cohorts: Cohorts, panel: Donors, found: Combined) -> Fact:
    """The largest control weights, for one cohort; of several, how many cohorts there are."""
    if len(found.blocks) > 1:
        return fact("did.donors.cohorts", n=len(found.blocks))
    unit = found.blocks[0].unit
    order = np.argsort(-np.abs(unit), kind="stable")[:NAMED]
    named = [
        fact("did.donors.weight", name=cohorts.units[panel.controls[i]], weight=unit[i])
        for i in order
        if abs(unit[i]) >= NAMED_SHARE
    ]
    none = fact("did.donors.none-above", share=NAMED_SHARE)
    return fact("did.donors.largest", named=named or none)
