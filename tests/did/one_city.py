"""The panel of tests/reference/random_effects.R, and one that looks like real cities."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from evaluation.did.cohorts import NEVER, Cohorts

REFERENCE = json.loads(
    (Path(__file__).parents[1] / "reference" / "random_effects.json").read_text(encoding="utf-8")
)


def r_panel(*, exposure: bool) -> Cohorts:
    """The panel of the R script: 13 units, 24 periods, the first treated from the thirteenth."""
    i, t = np.arange(1, 14)[:, None], np.arange(1, 25)
    y = (7 * i + 11 * t + 3 * i * t + i * i) % (2 + 2 * i)
    y[0, 12:] //= 2
    return Cohorts.from_arrays(
        y,
        first_only(13, 12),
        exposure=100 * i + 2 * t + i * t if exposure else None,
        kind="count",
    )


def first_only(n: int, start: int) -> np.ndarray:
    """Starts of n units of which only the first is treated."""
    return np.where(np.arange(n) == 0, float(start), NEVER)


def cities(seed: int = 1, controls: int = 12, effect: float = 0.0, mean: float = 8.0) -> Cohorts:
    """Monthly counts of one treated and several other cities, 48 months before and 48 after."""
    draw = np.random.default_rng(seed)
    means = np.array([mean, *np.geomspace(1, 25, controls)])[:, None]
    common = 0.05 * draw.normal(size=96).cumsum() + 0.15 * np.sin(np.arange(96) * np.pi / 6)
    own = 0.1 * draw.normal(size=(controls + 1, 1)) * (np.arange(96) >= 48)
    own[0] += effect * (np.arange(96) >= 48)
    return Cohorts.from_arrays(
        draw.poisson(means * np.exp(common + own)), first_only(controls + 1, 48), kind="count"
    )


def rates(seed: int = 1, effect: float = 0.0) -> Cohorts:
    """The same layout with a normal outcome and common shocks."""
    draw = np.random.default_rng(seed)
    y = 50 + 5 * draw.normal(size=(13, 1)) + draw.normal(size=40).cumsum()
    y = y + 2 * draw.normal(size=(13, 40)) + 0.5 * draw.normal(size=(13, 1)) * (np.arange(40) >= 20)
    y[0, 20:] += effect
    return Cohorts.from_arrays(y, first_only(13, 20))
