"""One treated unit beside its controls as placebos: Student's t, Ferman-Pinto, Conley-Taber.

What methods for one treated unit start from: each unit's change at the start, and its noise.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np

from evaluation.did.cohorts import Cohorts
from evaluation.did.effects import Answer, not_valid, one_of
from evaluation.did.event_study import rates
from evaluation.did.usable import refuse_partial
from evaluation.effect import Scale
from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.numeric.panel.placebo import (
    Placebo,
    conley_taber,
    equal_variance,
    ferman_pinto,
    ferman_pinto_rank,
    share_as_far,
    size_slope,
)

Size = Literal["noise", "exposure"]

# A rank among fewer controls than this cannot be below .05.
RANKABLE = 20
# Quantiles of fewer residuals than this lie beyond the outermost of them.
QUANTILE_CONTROLS = 39


def fit_equal_variance(cohorts: Cohorts) -> Answer:
    """The treated unit's change less the controls' mean, with the controls' spread, t(n - 1).

    It takes every unit's change to have the same variance; noise falls with size, so it rejects a
    true null too often where the treated unit is small (9 %) and too seldom where it is large.

    Raises
    ------
    FitError : for more than one treated unit, fewer than two controls, or controls that all change
        alike.
    """
    found = changes(cohorts)
    return _answer(cohorts, found, equal_variance(np.array([found.own]), found.d[None]), found.n)


def fit_ferman_pinto(cohorts: Cohorts, *, size: Size = "noise") -> Answer:
    """The same with variances A + B h that fall as units grow, t(n - 1).

    Parameters
    ----------
    size : h is the known part of each change's variance ("noise": 1/before + 1/after for counts,
        `evaluation.did.placebo_changes`) or one over the mean exposure ("exposure", as published).

    Raises
    ------
    FitError : as `fit_equal_variance`; for size "exposure" without one.
    """
    found = changes(cohorts)
    sized = _sized(cohorts, found, size)
    answer = _answer(cohorts, found, ferman_pinto(*sized), found.n)
    if size != "noise":
        return answer
    noise = float(size_slope(*sized[2:])[0]) * own_noise(cohorts, found)
    return replace(answer, own_noise=noise)


def fit_ferman_pinto_rank(cohorts: Cohorts, *, size: Size = "noise") -> Answer:
    """The rank of the treated unit's change among the controls', each over its own A + B h.

    With fewer than 20 controls no rank is below .05 and there is no range: the answer is that of
    `fit_ferman_pinto`, "not valid here", with the rank in a note.

    Parameters
    ----------
    size : as `fit_ferman_pinto`.

    Raises
    ------
    FitError : as `fit_ferman_pinto`.
    """
    found = changes(cohorts)
    sized = _sized(cohorts, found, size)
    judged = ferman_pinto_rank(*sized)
    floor = fact("did.placebo-changes.floor", n=found.n, smallest=judged.smallest)
    if found.n >= RANKABLE:
        answer = _answer(cohorts, found, judged, None)
        return replace(answer, notes=(*answer.notes, floor))
    answer = _answer(cohorts, found, ferman_pinto(*sized), found.n)
    told = fact("did.donors.rank", p=float(judged.p_value[0]), floor=floor)
    return replace(
        answer,
        notes=(*answer.notes, told),
        objection=not_valid("did.placebo-changes.no-rank", floor=floor, needed=RANKABLE),
    )


def fit_conley_taber(cohorts: Cohorts) -> Answer:
    """The effect distributed as the controls' residuals, which takes many controls of one size.

    p is of the distribution that the range is from; that of the source, the share of controls with
    a residual as large, is in a note.

    Raises
    ------
    FitError : as `fit_equal_variance`.
    """
    found = changes(cohorts)
    answer = _answer(cohorts, found, conley_taber(np.array([found.own]), found.d[None]), None)
    share = float(share_as_far(np.array([found.own]), found.d[None])[0])
    told = fact("did.placebo-changes.as-far", share=100 * share, n=found.n, least=1 / found.n)
    objection = None
    if found.n < QUANTILE_CONTROLS:
        objection = not_valid(
            "did.placebo-changes.few-controls", n=found.n, needed=QUANTILE_CONTROLS
        )
    return replace(answer, notes=(*answer.notes, told), objection=objection)


def _sized(
    cohorts: Cohorts, found: Changes, size: Size
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    if size not in get_args(Size):
        raise FitError(
            fact(
                "did.placebo-changes.not-known-size-may-be",
                size=size,
                get_args=tuple(get_args(Size)),
            )
        )
    if size == "noise":
        own_h, h = found.own_variance, found.v
    else:
        if cohorts.exposure is None:
            raise FitError(fact("did.placebo-changes.there-no-exposure-size-may"))
        inverse = 1 / cohorts.exposure.mean(axis=1)
        own_h, h = float(inverse[found.treated]), inverse[found.controls]
    return np.array([found.own]), np.array([own_h]), found.d[None], h[None]


def _answer(cohorts: Cohorts, found: Changes, judged: Placebo, n: int | None) -> Answer:
    """The answer with t(n - 1), or without degrees of freedom."""
    answer = one_of(found.scale, judged, None if n is None else float(n - 1))
    return replace(
        answer,
        expected=expected_line(cohorts, found, answer.estimate),
        relative=relative_to_mean(cohorts, found),
        notes=(fact("did.placebo-changes.controls", n=found.n),),
    )


# Added to counts before the logarithm, so that a unit without events has a change and a variance.
HALF = 0.5


@dataclass(frozen=True, slots=True)
class Changes:
    """The change of every unit from before to after the start of the one treated.

    Parameters
    ----------
    scale : "log ratio" for counts, "difference" otherwise. own, own_variance : of the treated
        unit. d, v : (n,) changes of the controls and the known part of their variance. controls :
        (n,) rows of the panel.
    """

    scale: Scale
    treated: int
    own: float
    own_variance: float
    controls: np.ndarray
    d: np.ndarray
    v: np.ndarray

    @property
    def n(self) -> int:
        """Controls."""
        return len(self.d)


def changes(cohorts: Cohorts) -> Changes:
    """Each unit's change at the start of the only treated one.

    Counts: d = log((post + .5)/(pre + .5)) less the log ratio of exposures summed over the same
    periods (of the numbers of periods, without an exposure), where pre and post are the events
    before and from the start; v = 1/(pre + .5) + 1/(post + .5), the Poisson variance of d.

    Continuous outcomes: d is the mean after less the mean before, of rates at the mean exposure
    when there is one. Its variance v = s^2 (1/n_pre + 1/n_post) has s^2 from the unit's own
    departures from its two means, after the period means of the controls' departures (a common
    shock) are taken out, over T - 2 degrees of freedom. Autocorrelation is not in it; what it adds
    to the spread of the changes counts as differences between units, which the methods estimate.

    Raises
    ------
    FitError : for more than one treated unit, no control, or a continuous outcome with fewer than
        two periods on a side.
    """
    refuse_partial(cohorts)
    treated = cohorts.one_treated
    controls = np.flatnonzero(~cohorts.ever)
    if not len(controls):
        raise FitError(fact("did.placebo-changes.there-no-control-use-interrupted"))
    start = int(cohorts.first[treated])
    if cohorts.kind == "count":
        scale: Scale = "log ratio"
        d, v = log_changes(cohorts.y, exposures(cohorts), start)
    else:
        scale = "difference"
        d, v = _mean_changes(rates(cohorts)[0], start, controls)
    return Changes(
        scale, treated, float(d[treated]), float(v[treated]), controls, d[controls], v[controls]
    )


def exposures(cohorts: Cohorts) -> np.ndarray:
    """(N, T) exposure, ones without one."""
    return np.ones(cohorts.y.shape) if cohorts.exposure is None else cohorts.exposure


def log_changes(y: np.ndarray, exposure: np.ndarray, start: int) -> tuple[np.ndarray, np.ndarray]:
    """(...,) log rate ratios and their Poisson variances, as in `changes`.

    Parameters
    ----------
    y, exposure : (..., T). start : first period after.
    """
    before, after = y[..., :start].sum(axis=-1) + HALF, y[..., start:].sum(axis=-1) + HALF
    relative = exposure[..., start:].sum(axis=-1) / exposure[..., :start].sum(axis=-1)
    return np.log(after / before) - np.log(relative), 1 / before + 1 / after


def _mean_changes(y: np.ndarray, start: int, controls: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    length = y.shape[1]
    pieces = (y[:, :start], y[:, start:])
    if min(piece.shape[1] for piece in pieces) < 2:
        raise FitError(fact("did.placebo-changes.continuous-outcome-needs-two-periods"))
    d = pieces[1].mean(axis=1) - pieces[0].mean(axis=1)
    departures = np.hstack([piece - piece.mean(axis=1, keepdims=True) for piece in pieces])
    n = len(controls)
    common = departures[controls].mean(axis=0)
    # A control is in the mean taken out of it, which shrinks its departures by 1 - 1/n.
    shrunk = np.where(np.isin(np.arange(len(y)), controls), 1 - 1 / n, 1 + 1 / n)
    square = ((departures - common) ** 2).sum(axis=1) / (length - 2) / np.maximum(shrunk, 1 / n)
    return d, square * (1 / start + 1 / (length - start))


def own_noise(cohorts: Cohorts, found: Changes) -> float:
    """The Poisson variance of the log of the events of the treated unit after its start."""
    if found.scale != "log ratio":
        return 0.0
    after = cohorts.y[found.treated, int(cohorts.first[found.treated]) :].sum()
    return 1 / (float(after) + HALF)


def relative_to_mean(cohorts: Cohorts, found: Changes) -> np.ndarray | None:
    """(N, T) exposure over its mean, for a difference; None for a ratio."""
    return None if found.scale == "log ratio" else rates(cohorts)[1]


def expected_line(
    cohorts: Cohorts,
    found: Changes,
    estimate: float,
    *,
    added: tuple[float, float] = (HALF, HALF),
) -> np.ndarray:
    """(N, T) what the treated unit would have shown: the controls' path at its own level.

    Counts: the controls' pooled rate at its exposure, scaled to its events before the start, and
    from then on to those events times the change that the method predicts. Continuous: the
    controls' mean path moved to its mean before, and from then on to its observed mean less the
    estimate. So that table, figure and estimate agree. NaN for controls.

    Parameters
    ----------
    added : what the method adds to counts before and after for their logarithms. The change it
        predicts is (after + added)/(before + added)/exp(estimate), from which what was observed
        after the start falls out.

    Raises
    ------
    FitError : for counts, without an event of the treated unit before its start.
    """
    start = int(cohorts.first[found.treated])
    own = cohorts.y[found.treated]
    expected = np.full(cohorts.y.shape, np.nan)
    line = np.empty(cohorts.length)
    if found.scale == "log ratio":
        before, after = float(own[:start].sum()), float(own[start:].sum())
        if not before > 0:
            raise FitError(
                fact(
                    "did.placebo-changes.has-no-event-before-start",
                    units=cohorts.units[found.treated],
                )
            )
        awaited = before * (after + added[1]) / (before + added[0]) * np.exp(-estimate)
        exposure = exposures(cohorts)
        pool = (cohorts.y[found.controls].sum(axis=0) + HALF) / exposure[found.controls].sum(axis=0)
        shape = pool * exposure[found.treated]
        for side, total in ((slice(start), before), (slice(start, None), awaited)):
            line[side] = shape[side] * total / shape[side].sum()
    else:
        values, relative, _ = rates(cohorts)
        path = values[found.controls].mean(axis=0)
        for side, less in ((slice(start), 0.0), (slice(start, None), estimate)):
            level = values[found.treated, side].mean() - less
            line[side] = (path[side] - path[side].mean() + level) * relative[found.treated, side]
    expected[found.treated] = line
    return expected
