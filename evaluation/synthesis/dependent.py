"""Several results of one site pooled without taking them to be independent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from evaluation.effect import Interval
from evaluation.errors import FitError
from evaluation.fact import Fact, fact
from evaluation.numeric.meta.levels import clustered, fit_levels, profile_interval
from evaluation.synthesis.studies import (
    LeftOut,
    Result,
    entering,
    left_out,
    percent_interval,
    sites_of,
)

# Below this the Satterthwaite t is known to be too sure (Tipton 2015).
LOWEST_DF: Final = 4.0


@dataclass(frozen=True, slots=True)
class PooledLevels:
    """The mean of results that come several to a site.

    Parameters
    ----------
    k, sites : results and sites. estimate, std_error, df, low, high, p_value : with errors robust
        to any correlation within a site (CR2, Satterthwaite). percent : in percent, for log ratios.
    model : the interval of the three-level model itself, t(sites - 1).
    between_sites, within_sites : variances, each with its profile range; share_ : in percent of the
        whole variance.
    left_out, notes : as for `Pooled`.
    """

    outcome: str
    k: int
    sites: int
    scale: str
    estimate: float
    std_error: float
    df: float
    low: float
    high: float
    p_value: float
    percent: Interval | None
    model: Interval
    between_sites: Interval
    within_sites: Interval
    share_between: float
    share_within: float
    left_out: tuple[LeftOut, ...]
    notes: tuple[Fact | str, ...]


def pooled_levels(results: Sequence[Result]) -> PooledLevels:
    """The mean of dependent results: a variance between sites, one within, and errors that are
    robust to what correlation is left.

    Sampling errors of a site are taken as independent in the weights, because studies do not print
    their correlation; the robust error does not rest on that.

    Raises
    ------
    FitError : as `pooled`, but two sites at least are needed, and one with several results.
    """
    usable = entering(results)
    codes = np.array(sites_of(usable), dtype=int)
    sites = len(set(codes.tolist()))
    if sites < 2:
        raise FitError(
            fact(
                "synthesis.dependent.results-site-can-enter-two",
                n_usable=len(usable),
                sites=sites,
                sites2="s" * (sites != 1),
            )
        )
    if sites == len(usable):
        raise FitError(fact("synthesis.dependent.every-site-has-one-result"))
    y = np.array([one.estimate for one in usable], dtype=float)
    v = np.array([one.std_error for one in usable], dtype=float) ** 2
    x, groups = np.ones((len(y), 1)), np.column_stack([codes, np.arange(len(y))])
    found = fit_levels(y, v, x, groups)
    robust = clustered(y, found.variance, x, codes)
    center, scale = float(found.beta[0]), usable[0].scale
    low, high = float(robust.low[0]), float(robust.high[0])
    spreads = [
        Interval(float(found.sigma2[i]), *profile_interval(y, v, x, groups, i)) for i in (0, 1)
    ]
    df = float(robust.df[0])
    notes = [fact("synthesis.dependent.mean-several-results-site-describes")]
    if df < LOWEST_DF:
        notes.append(
            fact("synthesis.dependent.degrees-freedom-fewer-than-range", df=df, lowest_df=LOWEST_DF)
        )
    barred = left_out(results)
    if barred:
        notes.append(
            fact(
                "synthesis.dependent.results-could-not-enter",
                n_barred=len(barred),
                n_results=len(results),
            )
        )
    return PooledLevels(
        outcome=usable[0].family,
        k=len(usable),
        sites=sites,
        scale=scale,
        estimate=center,
        std_error=float(robust.std_error[0]),
        df=df,
        low=low,
        high=high,
        p_value=float(robust.p_value[0]),
        percent=percent_interval(center, low, high, scale),
        model=Interval(center, float(found.low[0]), float(found.high[0])),
        between_sites=spreads[0],
        within_sites=spreads[1],
        share_between=float(found.share[0]),
        share_within=float(found.share[1]),
        left_out=barred,
        notes=tuple(notes),
    )
