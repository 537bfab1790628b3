"""Two-way effects as linearmodels estimates them: the coefficient, and its variance."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np


def two_way_effects(
    y: np.ndarray,
    d: np.ndarray,
    weight: np.ndarray,
    *,
    cluster: np.ndarray | None,
    periods: bool = False,
    lag: int = 0,
) -> tuple[float, float]:
    """The coefficient of d beside unit and period effects by `linearmodels.PanelOLS`, and its
    variance without any factor.

    Its own factors count the effects and leave out G/(G - 1); its degrees of freedom are n - k.

    Parameters
    ----------
    y, d : (N, T). weight : (N,). cluster : (N,) numbers from 0, clusters of units; None for the
        errors of Driscoll and Kraay with Bartlett weights to `lag`. periods : by cluster and
        period.
    """
    import pandas as pd
    from linearmodels.panel import PanelOLS

    n, length = y.shape
    index = pd.MultiIndex.from_product([range(n), range(length)])
    how: dict[str, Any] = {"cov_type": "kernel", "kernel": "bartlett", "bandwidth": lag}
    if cluster is not None:
        codes = pd.Series(np.repeat(cluster, length), index)
        how = {"cov_type": "clustered", "clusters": codes, "cluster_time": periods}
    equal = np.ptp(weight) == 0
    with warnings.catch_warnings():
        # Of its own use of pandas and numpy.
        warnings.simplefilter("ignore")
        model = PanelOLS(
            pd.Series(y.ravel(), index, name="y"),
            pd.DataFrame({"d": d.ravel()}, index),
            weights=None if equal else pd.Series(np.repeat(weight, length), index),
            entity_effects=True,
            time_effects=True,
        )
        found = model.fit(debiased=False, auto_df=False, count_effects=False, **how)
        return float(found.params.to_numpy()[0]), float(found.cov.to_numpy()[0, 0])
