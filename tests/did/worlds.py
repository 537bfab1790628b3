"""One invented world for tests of all methods: places with log rates of their own and a known
change under treatment."""

from __future__ import annotations

from typing import Any

import numpy as np

from evaluation.did.cohorts import Cohorts, Kind

EFFECT = float(np.log(0.4))


def places(
    kind: Kind = "count",
    *,
    treated: int = 8,
    controls: int = 16,
    starts: tuple[int, ...] = (6,),
    length: int = 12,
    effect: float = EFFECT,
    mean: float = 40.0,
    seed: int = 1,
    exposed: bool = True,
    **options: Any,
) -> Cohorts:
    """Places by month, the first `treated` of them from the starts in turn.

    Counts change by exp(effect) under treatment; a continuous outcome, whose level is about 10, by
    10 (exp(effect) - 1).
    """
    draw = np.random.default_rng(seed)
    n = treated + controls
    rows = np.arange(n)
    first = np.where(rows < treated, np.array(starts)[rows % len(starts)], np.inf)
    under = np.arange(length) >= first[:, None]
    common = 0.05 * draw.normal(size=length).cumsum()
    people = np.exp(0.3 * draw.normal(size=(n, 1))) * np.ones((n, length))
    if kind == "count":
        y = draw.poisson(people * mean * np.exp(common + effect * under)).astype(float)
    else:
        y = 10 + 2 * draw.normal(size=(n, 1)) + common + 10 * np.expm1(effect) * under
        y = y + 0.5 * draw.normal(size=(n, length))
    exposure = people if kind == "count" and exposed else None
    return Cohorts.from_arrays(y, first, exposure=exposure, kind=kind, **options)


def of_two_kinds(kind: Kind = "count", **options: Any) -> Cohorts:
    """Places with a row of the kind aimed at and one of the other, which nothing changes."""
    own = places(kind, exposed=False, **options)
    other = places(kind, exposed=False, **(options | {"effect": 0.0, "seed": 99}))
    return Cohorts.from_arrays(
        np.vstack([own.y, other.y]),
        np.concatenate([own.first, np.full(own.n, np.inf)]),
        covariates={"affected": np.repeat([1.0, 0.0], own.n)},
        cluster=np.tile(np.arange(own.n), 2),
        kind=kind,
    )
