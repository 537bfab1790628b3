"""Many treated cities beside the same others at once: log ratios by the kernels of the methods.

The methods themselves are asked of one treated unit at a time; a forecast takes them a tenth of a
second. Only what all others share is pooled with the treated city in it here, as in no method.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from evaluation.did.forecast import BLOCK, REVERT, WINDOW
from evaluation.did.placebo_changes import log_changes
from evaluation.numeric.panel.random_effects import averaged_prediction
from evaluation.numeric.series.forecasting import Judged, Units, forecast, step
from evaluation.numeric.series.quarters import layout, response

YEAR = 12
BATCHED = ("forecast", "step")
# Twenty controls know nearly as much as all (did_methods.md), in a tenth of the time.
CONTROLS = 20


def batched(
    y: np.ndarray,
    own: np.ndarray,
    used: np.ndarray,
    start: int,
    *,
    per_year: int = YEAR,
    names: Sequence[str] = BATCHED,
) -> dict[str, np.ndarray]:
    """(R, 4) estimate, low, high (log ratios) and p of R treated units, by method.

    Parameters
    ----------
    y : (N, T) counts. own : (R, T) of the treated. used : (R, N) 1 where a unit is a control of it.
    start : index of the first period after.
    """
    months = YEAR // per_year
    blocks = layout(start, y.shape[1], max(BLOCK // months, 1), per_year, revert=REVERT)
    pool, ones = y.sum(axis=0), np.ones(y.shape)
    held = ones.sum(axis=0)
    z, v = response(y, ones, pool, held, blocks)
    units = Units(z, v, *response(own, np.ones(own.shape), pool, held, blocks), used)
    ends = blocks.lengths[blocks.after].cumsum() * months
    inside = ends <= WINDOW
    inside[0] = True
    mean = blocks.width * np.concatenate([np.zeros(blocks.before), inside])
    return {
        name: _first(
            step(units, blocks)
            if name == "step"
            else forecast(units, blocks, (mean / mean.sum())[None])
        )
        for name in names
    }


def _first(judged: Judged) -> np.ndarray:
    numbers = (judged.estimate, judged.low, judged.high, judged.p_value)
    return np.column_stack([one[:, 0] for one in numbers])


def compared_changes(y: np.ndarray, start: int) -> dict[str, np.ndarray]:
    """(N,) estimates of each city beside all the others, by the name of the method.

    Parameters
    ----------
    y : (N, T) counts a month. start : index of the first period after.
    """
    n = len(y)
    changes, variances = (part[0] for part in log_changes(y[None], np.ones((1, *y.shape)), start))
    others = np.array([np.delete(np.arange(n), row) for row in range(n)])
    totals = averaged_prediction(changes, variances, changes[others], variances[others])
    return {"random-effects": totals.estimate}


def forecasts(y: np.ndarray, start: int, controls: int = CONTROLS) -> np.ndarray:
    """(N,) estimates of `forecast` of each city beside so many others, spread over all by size, or
    one fewer where it is one of them; y as above."""
    order = np.argsort(y.sum(axis=1), kind="stable")
    others = np.sort(order[np.linspace(0, len(y) - 1, min(controls, len(y))).astype(int)])
    used = (np.arange(len(y))[:, None] != others).astype(float)
    return batched(y[others], y, used, start, names=("forecast",))["forecast"][:, 0]
