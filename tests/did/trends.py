"""A panel whose difference in trends is known, for the tests of what is said about trends."""

from __future__ import annotations

import numpy as np

from evaluation.did.cohorts import Cohorts
from evaluation.did.event_study import Curve
from evaluation.numeric.shared.draws import normals, stream


def world(
    *,
    slope: float = 0.0,
    bend: float = 0.0,
    effect: float = 0.0,
    noise: float = 0.5,
    n: int = 60,
    length: int = 10,
    start: int = 6,
    seed: int = 1,
) -> Cohorts:
    """Half of the units treated from `start` on.

    Parameters
    ----------
    slope : of the treated less the others, a period, all the time. bend : by how much that slope
        goes up at the start. effect : from the start on, of one size. noise : standard deviation of
        single outcomes.
    """
    source = stream(seed, "trends/world")
    first = np.where(np.arange(n) % 2 == 0, float(start), np.inf)
    t = np.arange(length)
    apart = slope * t + bend * np.clip(t - start + 1, 0, None) + effect * (t >= start)
    y = normals(source, n)[:, None] + np.sin(t) + np.where(np.isfinite(first)[:, None], apart, 0)
    return Cohorts.from_arrays(
        y + noise * normals(source, n * length).reshape(n, length), first, kind="continuous"
    )


def curve_of(estimate: np.ndarray, cov: np.ndarray, before: int, df: float = 1e9) -> Curve:
    """A curve without its reference from estimates before it, then from event time 0 on."""
    after = len(estimate) - before
    time = np.r_[np.arange(-1 - before, -1), np.arange(after)]
    return Curve(time, np.asarray(estimate), np.asarray(cov), np.full(len(time), 50), df)
