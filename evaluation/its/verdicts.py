"""Whether each of many series of one design is found changed: what power asks, and no more of it.

A step short of the answer shows on which side of the level most are; what is near it is asked of
the method itself.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from evaluation.errors import FitError
from evaluation.its import averaged_reml
from evaluation.its.batch import headline_of, judge_many, mixture_parts
from evaluation.its.effects import NO_ERROR, used
from evaluation.its.methods import Method
from evaluation.its.series import Series
from evaluation.numeric.series.averaged import averaged_poisson
from evaluation.numeric.series.correlation import Grid, Prior
from evaluation.numeric.shared.linear import mixture_tests

# Estimates and p values, each (R,), not a number where there is none.
Verdicts = tuple[np.ndarray, np.ndarray]


# Of the last step of the first look: it need not be the answer, only near it.
TOLERANCE = 1e-3
# A log p this far from that of the level is on its side. In series drawn from the worlds of Boston
# and Oakland, p between .02 and .12 was off by at most .06. Fewer correlation models are no first
# look: in worlds whose rate persists they put one series in 300 on the other side.
FAR = 0.1


def verdicts(method: Method, series: Series, outcomes: np.ndarray, level: float) -> Verdicts:
    """Estimate and p value of one design with each of these outcomes.

    Every p is on the side of `level` that the method's own is on, and no number where the method
    gives none; far from the level it may be off, which moves no verdict. Averaged REML is looked at
    in this way; other methods are asked by `judge_many`.

    Parameters
    ----------
    outcomes : (R, n). level : of the two-sided test.
    """
    estimate, p_value = np.full(len(outcomes), np.nan), np.full(len(outcomes), np.nan)
    left = np.ones(len(outcomes), dtype=bool)
    known = series.kind == "count" and method.whole is None
    if known and method.solve in averaged_reml.AVERAGES:
        rows = np.flatnonzero(_with_events(series, outcomes))
        models = averaged_reml.AVERAGES[method.solve]
        estimate[rows], p_value[rows] = _looked(series, outcomes[rows], *models)
        with np.errstate(all="ignore"):
            left[rows] = ~(np.abs(np.log(p_value[rows] / level)) > FAR)
    if left.any():
        judged = judge_many(method, with_outcomes(series, outcomes[left]))
        estimate[left] = [one.estimate for one in judged]
        p_value[left] = [one.p_value for one in judged]
    return estimate, p_value


def with_outcomes(series: Series, outcomes: np.ndarray) -> list[Series]:
    """The same design with each row of (R, n) outcomes: the columns need not be built again."""
    return [replace(series, rows=replace(series.rows, y=y)) for y in outcomes]


def _with_events(series: Series, outcomes: np.ndarray) -> np.ndarray:
    """(R,) whether there is an event on both sides and in the periods of every term, without which
    the method refuses."""
    keep = series.kept
    x = series.x[keep]
    switches = ((x == 0) | (x == 1)).all(axis=0)
    before = series.treated & ~series.affected & keep
    terms = (outcomes[:, keep] @ x[:, switches] > 0).all(axis=1)
    sides = [outcomes[:, rows].sum(axis=1) > 0 for rows in (before, series.affected)]
    return np.asarray(terms & sides[0] & sides[1])


def _looked(
    series: Series, outcomes: np.ndarray, grid: Grid, prior: Prior
) -> tuple[np.ndarray, np.ndarray]:
    """Estimates and p values (R,), not a number where a look does not settle."""
    if not len(outcomes):
        return np.empty(0), np.empty(0)
    found_none = np.full(len(outcomes), np.nan)
    try:
        _, x, offset, time = used(with_outcomes(series, outcomes[:1])[0])
        fit = averaged_poisson(
            outcomes[:, series.kept], x, offset, time, grid, prior=prior, tolerance=TOLERANCE
        )
    except FitError:  # the method says why, of every series alike
        return found_none, found_none
    with np.errstate(all="ignore"):
        found = [headline_of(series, beta) for beta in fit.beta]
        gradients = np.array([gradient for _, gradient in found])
        values = np.array([value for value, _ in found])
        centers, scales = mixture_parts(fit, np.arange(len(outcomes)), gradients, values)
        estimate, p_value = mixture_tests(fit.weights, centers, scales, fit.df)
    # What looks certain out of rounding is for the method to refuse.
    return estimate, np.where(scales.max(axis=1) > NO_ERROR, p_value, np.nan)
