"""Mean time without the event up to a horizon: the area under a survival curve."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evaluation.errors import FitError
from evaluation.numeric.kaplan_meier import Curve, jackknife, without


@dataclass(frozen=True, slots=True)
class RestrictedMean:
    """Mean time up to the horizon, in the unit of time.

    std_error : by Greenwood, as R's `print(survfit, rmean =)`. influence : (n,) derivative by each
    person's weight. weight : (n,).
    """

    estimate: float
    std_error: float
    influence: np.ndarray
    weight: np.ndarray

    def robust_error(self, cluster: np.ndarray | None = None) -> float:
        """The infinitesimal jackknife, right with weights (taken as known) and clusters."""
        return jackknife(self.weight * self.influence, cluster)


def restricted_mean(curve: Curve, horizon: float) -> RestrictedMean:
    """The area under the curve from 0 to the horizon (Irwin 1949; Royston and Parmar 2013, BMC
    Medical Research Methodology 13:152).

    Raises
    ------
    FitError : for a horizon that is not positive. See `followed_to` for one past follow-up.
    """
    sets = curve.counted
    if horizon <= 0:
        raise FitError(f"the horizon is {horizon:g}; it must be after entry")
    before = curve.time < horizon
    edges = np.concatenate([[0.0], curve.time[before], [horizon]])
    heights = np.concatenate([[1.0], curve.survival[before]])
    areas = np.diff(edges) * heights
    # Area from each time with an event to the horizon.
    after = np.zeros(len(curve.time))
    after[before] = np.cumsum(areas[::-1])[::-1][1:]
    hazard = sets.hazard
    factor = after * without(hazard)
    variance = float((after**2 * hazard / sets.at_risk * without(hazard)).sum())
    return RestrictedMean(
        estimate=float(areas.sum()),
        std_error=float(np.sqrt(variance)),
        influence=-sets.pulled(factor, hazard),
        weight=sets.weight,
    )


def followed_to(time: np.ndarray, event: np.ndarray, horizon: float, who: str = "people") -> None:
    """Nothing, when someone was seen up to the horizon or the last one to leave had the event.

    Parameters
    ----------
    who : how the message names them.

    Raises
    ------
    FitError : when follow-up ends before, so that the curve says nothing about the time between.
    """
    end = float(time.max())
    if end < horizon and not (np.asarray(event)[time == end] != 0).all():
        raise FitError(
            f"none of the {who} was followed for {horizon:g} days; the longest was {end:g}. Use a "
            "horizon within that"
        )
