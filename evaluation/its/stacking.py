"""Rows of several series put below one another, or summed into one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce

import numpy as np

from evaluation.errors import FitError
from evaluation.fact import Fact, fact
from evaluation.its.design import Rows


def stacked(rows: Sequence[Rows], starts: Sequence[int | None]) -> Rows:
    """All rows, site after site, with the later changes and events of the first.

    Parameters
    ----------
    starts : of the sites after the first; None for a control.

    Raises
    ------
    FitError : when a part is joined already, only some have an exposure, one has a dose, or one
        has later changes or events that the first has not.
    """
    first = rows[0]
    if any(len(part.names) > 1 for part in rows):
        raise FitError(fact("its.stacking.series-already-joined-cannot-be"))
    if len({part.exposure is None for part in rows}) > 1:
        raise FitError(fact("its.stacking.either-every-joined-series-has"))
    if any(part.dose is not None for part in rows):
        raise FitError(fact("its.stacking.dose-single-series"))
    for part in rows[1:]:
        if part.later not in ((), first.later) or part.pulses not in ((), first.pulses):
            raise FitError(
                fact(
                    "its.stacking.has-later-changes-events-has",
                    names=part.names[0],
                    names2=first.names[0],
                )
            )
    own = [part.names[0] for part in rows]
    controls = [
        fact("its.stacking.start-of-control", control=part.names[0])
        for part, start in zip(rows[1:], starts, strict=True)
        if start is None and part.starts[0] not in (None, first.starts[0])
    ]
    return Rows(
        y=np.concatenate([part.y for part in rows]),
        exposure=None
        if first.exposure is None
        else np.concatenate([part.exposure for part in rows if part.exposure is not None]),
        covariates=np.concatenate([part.covariates for part in rows]),
        dose=None,
        period=np.concatenate([part.period for part in rows]),
        site=np.repeat(np.arange(len(rows)), [len(part.y) for part in rows]),
        names=tuple(
            name if own.count(name) == 1 else f"{name} ({number + 1})"
            for number, name in enumerate(own)
        ),
        starts=(first.starts[0], *starts),
        later=first.later,
        pulses=first.pulses,
        unused=_once([*(note for part in rows for note in part.unused), *controls]),
    )


def summed(rows: Sequence[Rows], weights: object) -> Rows:
    """The weighted sum of outcomes and exposures, named "controls".

    Raises
    ------
    FitError : when there are none, periods differ, weights are not one each, only some have an
        exposure, or covariates, doses, later changes or events differ.
    """
    if not rows:
        raise FitError(fact("its.stacking.there-no-series-pool-give"))
    if any(len(part.names) > 1 for part in rows):
        raise FitError(fact("its.stacking.series-already-joined-cannot-be-2"))
    first = rows[0]
    share = _shares(weights, len(rows))
    ends = [part.period[[0, -1]] for part in rows]
    if any(not np.array_equal(own, ends[0]) for own in ends):
        raise FitError(fact("its.stacking.series-different-periods-cannot-be"))
    # A period that is missing in one of them is missing in their sum.
    common = reduce(np.intersect1d, [part.period for part in rows])
    rows = [part_of(part, np.isin(part.period, common)) for part in rows]
    first = rows[0]
    exposures = [part.exposure for part in rows if part.exposure is not None]
    if len(exposures) not in (0, len(rows)):
        raise FitError(fact("its.stacking.either-every-pooled-series-has"))
    if any(part.dose is not None for part in rows):
        raise FitError(fact("its.stacking.dose-single-series-controls-have"))
    for part in rows[1:]:
        if not np.array_equal(part.covariates, first.covariates, equal_nan=True):
            raise FitError(fact("its.stacking.covariates-pooled-series-differ-sum"))
        if (part.later, part.pulses) != (first.later, first.pulses):
            raise FitError(fact("its.stacking.series-different-later-changes-events"))
    return replace(
        first,
        y=np.asarray(sum(w * part.y for w, part in zip(share, rows, strict=True))),
        exposure=np.asarray(sum(w * e for w, e in zip(share, exposures, strict=True)))
        if exposures
        else None,
        names=("controls",),
        unused=_once([note for part in rows for note in part.unused]),
    )


def part_of(rows: Rows, chosen: np.ndarray) -> Rows:
    """The rows marked True."""
    return replace(
        rows,
        y=rows.y[chosen],
        exposure=None if rows.exposure is None else rows.exposure[chosen],
        covariates=rows.covariates[chosen],
        dose=None if rows.dose is None else rows.dose[chosen],
        period=rows.period[chosen],
        site=rows.site[chosen],
    )


def _once(notes: Sequence[Fact]) -> tuple[Fact, ...]:
    return tuple(note for place, note in enumerate(notes) if note not in notes[:place])


def _shares(weights: object, count: int) -> np.ndarray:
    if weights is None:
        return np.ones(count)
    try:
        share = np.asarray(weights, dtype=float)
    except (TypeError, ValueError):
        share = np.empty(0)
    good = share.shape == (count,) and bool(np.isfinite(share).all())
    if not good or (share < 0).any() or not share.any():
        raise FitError(fact("its.stacking.weights-must-be-one-series"))
    return share
