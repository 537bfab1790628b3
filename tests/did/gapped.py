"""Cities by year with gaps, starts of their own and periods left out, as plain tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from evaluation.did.cohorts import Cohorts

YEARS = 20


@dataclass(frozen=True)
class Tables:
    """y : (N, T), NaN where there is none. first : (N,). people : (N, T). left_out : (N, T)."""

    y: np.ndarray
    first: np.ndarray
    people: np.ndarray
    left_out: np.ndarray
    units: tuple[str, ...]

    def cohorts(self, rows: Any = None, **options: Any) -> Cohorts:
        chosen = np.arange(len(self.y)) if rows is None else np.asarray(rows)
        return Cohorts.from_arrays(
            self.y[chosen],
            self.first[chosen],
            exposure=self.people[chosen],
            left_out=self.left_out[chosen],
            units=[self.units[row] for row in chosen],
            gaps="missing",
            first="2000",
            frequency="year",
            kind="count",
            **options,
        )


def tables(seed: int = 1, *, treated: int = 6, controls: int = 14, effect: float = -0.3) -> Tables:
    """The first `treated` start one after another, in the start year only in part; three of them
    and two controls lack some years."""
    draw = np.random.default_rng(seed)
    n = treated + controls
    first = np.full(n, np.inf)
    first[:treated] = np.linspace(6, 14, treated).round()
    people = np.exp(draw.normal(0, 0.5, (n, 1)) + 0.01 * np.arange(YEARS))
    walk = 0.08 * draw.normal(size=(n, YEARS)).cumsum(axis=1)
    under = np.arange(YEARS) >= first[:, None]
    y = draw.poisson(40 * people * np.exp(walk + effect * under)).astype(float)
    y[0, 3:5], y[1, 17:], y[2, 0] = np.nan, np.nan, np.nan
    y[treated, 18:], y[treated + 1, 0] = np.nan, np.nan
    left_out = np.arange(YEARS) == first[:, None]
    names = (*(f"City {k}" for k in range(treated)), *(f"Town {k}" for k in range(controls)))
    return Tables(y, first, people, left_out, names)
