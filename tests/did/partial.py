"""Panels that are not whole, for tests: some cells without a number, and programs that end."""

from __future__ import annotations

from typing import Any

import numpy as np
from worlds import places

from evaluation.did.cohorts import Cohorts, Kind


def holes(shape: tuple[int, int], share: float = 0.08, seed: int = 7) -> np.ndarray:
    """(N, T) True in some cells."""
    return np.random.default_rng(seed).random(shape) < share


def with_gaps(cohorts: Cohorts, cells: np.ndarray, **options: Any) -> Cohorts:
    """The same panel without a number in these cells."""
    return Cohorts.from_arrays(
        np.where(cells, np.nan, cohorts.y),
        cohorts.first,
        exposure=cohorts.exposure,
        weight=cohorts.weight,
        units=cohorts.units,
        kind=cohorts.kind,
        gaps="missing",
        **options,
    )


def ending(
    kind: Kind = "count", *, effect: float, lasting: float = 0.0, units: int = 8, **options: Any
) -> Cohorts:
    """Places whose first programs run for four periods, with an effect of `effect`, and with one of
    `lasting` in every period after."""
    base = places(kind, effect=0.0, **({"length": 14, "starts": (4, 6)} | options))
    since = np.arange(base.length) - base.first[:, None]
    some = np.arange(base.n)[:, None] < units
    on = (since >= 0) & ~(some & (since >= 4))
    change = np.where(on, effect, np.where(since >= 4, lasting, 0.0))
    draw = np.random.default_rng(5)
    if kind == "count":
        people = np.ones(base.y.shape) if base.exposure is None else base.exposure
        y = draw.poisson(people * 60 * np.exp(change)).astype(float)
    else:
        y = base.y + 10 * np.expm1(change)
    return Cohorts.from_arrays(y, None, on=on, exposure=base.exposure, kind=kind)
