"""What the methods with effects by event time share: the curve, its bands, when it is not valid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evaluation.did.cohorts import Cohorts
from evaluation.effect import EventTime
from evaluation.errors import FitError
from evaluation.numeric.multiplier import simultaneous, spread

# Fewer treated or control clusters than this, and clustered intervals reject true nulls in half of
# all cases (the project's inference study, section 3).
FEWEST_CLUSTERS = 6
# Event times resting on fewer units have errors that are too small: with cohorts of 5, in 1,000
# simulated panels of 50 units, the 95 % band of Callaway and Sant'Anna held the whole curve in
# 73 % (cohorts of 20: 91 %).
FEWEST_UNITS = 10


@dataclass(frozen=True, slots=True)
class Curve:
    """Effects by event time with their covariance, for checks that ask about all of them together.

    Parameters
    ----------
    time : (k,) periods since treatment began. estimate : (k,). cov : (k, k), nought in the row and
        column of a reference period. n : (k,) units behind each. df : None for the normal.
    """

    time: np.ndarray
    estimate: np.ndarray
    cov: np.ndarray
    n: np.ndarray
    df: float | None

    @property
    def std_error(self) -> np.ndarray:
        return np.asarray(np.sqrt(np.diagonal(self.cov).clip(min=0)))

    @property
    def critical(self) -> float:
        """The multiple of a standard error of one 95 % interval."""
        from scipy.special import ndtri, stdtrit

        return float(ndtri(0.975) if self.df is None else stdtrit(self.df, 0.975))


def event_times(curve: Curve, multiple: float) -> tuple[EventTime, ...]:
    """The curve in rows, its band `multiple` standard errors to either side."""
    rows = []
    for time, estimate, error, n in zip(
        curve.time.tolist(),
        curve.estimate.tolist(),
        curve.std_error.tolist(),
        curve.n.tolist(),
        strict=True,
    ):
        half, wide = curve.critical * error, multiple * error
        rows.append(
            EventTime(
                int(time),
                estimate,
                error,
                estimate - half,
                estimate + half,
                estimate - wide,
                estimate + wide,
                int(n),
            )
        )
    return tuple(rows)


def band(curve: Curve, errors: np.ndarray) -> float:
    """The multiple of the standard errors whose band holds the whole curve with 95 %.

    Parameters
    ----------
    errors : (draws, k) of the multiplier bootstrap. They are compared with their own spread, so
        that a factor in the standard errors of the curve widens the band as much as an interval.
    """
    return simultaneous(errors, spread(errors), curve.critical)


def thin(curve: Curve) -> tuple[str, ...]:
    """A note when effects by event time rest on too few units for their errors."""
    few = curve.time[(curve.n < FEWEST_UNITS) & (curve.std_error > 0)]
    if not few.size:
        return ()
    return (
        f"{few.size} of {len(curve.time)} event times rest on fewer than {FEWEST_UNITS} units: "
        "their intervals and the band are too narrow",
    )


def columns_since(cohorts: Cohorts) -> np.ndarray:
    """(N, T) columns from the first treated one, negative before; of units never treated, from the
    first of all. A washout that left the panel is not counted: `effects.effect` adds it."""
    return np.arange(cohorts.length) - np.where(cohorts.ever, cohorts.first, 0)[:, None]


def rates(cohorts: Cohorts) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """Outcomes at the mean exposure, (N, T), the exposure over its mean, (N, T), and a note.

    A linear method compares changes of levels, so counts of units of unequal size are put on one
    exposure; without an exposure the outcomes are used as they are.
    """
    if cohorts.exposure is None:
        return cohorts.y, np.ones(cohorts.y.shape), ()
    used = cohorts.exposure if cohorts.used is None else cohorts.exposure[cohorts.used]
    relative = cohorts.exposure / used.mean()
    note = f"outcomes are rates at the mean exposure, {used.mean():.6g}"
    return cohorts.y / relative, relative, (note,)


def against_last_cohort(cohorts: Cohorts, anticipation: int) -> tuple[Cohorts, tuple[str, ...]]:
    """The panel before the last cohort (anticipates being) treated, that cohort as never treated.

    Raises
    ------
    FitError : when nothing is left.
    """
    last = int(cohorts.cohorts[-1])
    end = last - anticipation
    if len(cohorts.cohorts) < 2 or int(cohorts.cohorts[0]) >= end:
        raise FitError(
            "every unit is treated at the same time, so nothing shows what would have happened "
            "without; add untreated units"
        )
    note = (
        f"no unit is never treated: the cohort of {cohorts.periods[last]} is the control and "
        f"periods from {cohorts.periods[end]} on are not used"
    )
    return cohorts.between(0, end), (note,)


def cluster_factor(cohorts: Cohorts, coefficients: int) -> float:
    """G/(G - 1) times (n - 1)/(n - K): n cells, K coefficients and periods; units are nested in
    clusters and not counted (the convention of fixest and reghdfe).

    Raises
    ------
    FitError : when there are not more cells than coefficients.
    """
    n, groups = cohorts.y.size, int(cohorts.cluster.max()) + 1
    left = n - coefficients - cohorts.length
    if left <= 0 or groups < 2:
        raise FitError(
            f"{n} cells in {groups} clusters are too few for {coefficients} effects by event time; "
            "use a shorter window, or pool event times"
        )
    return groups / (groups - 1) * (n - 1) / left


def too_few(cohorts: Cohorts) -> str | None:
    """Why a clustered interval is not valid for these units, or None.

    Controls are the never-treated alone: in the last periods there are no others.
    """
    # Of a panel with gaps, those with a treated and an untreated cell.
    rows = cohorts.treated.any(axis=1) & cohorts.untreated.any(axis=1)
    treated = len(np.unique(cohorts.cluster[rows]))
    control = len(np.unique(cohorts.cluster[~cohorts.ever]))
    if min(treated, control) < FEWEST_CLUSTERS:
        return (
            f"not valid here: a clustered interval needs {FEWEST_CLUSTERS} treated and "
            f"{FEWEST_CLUSTERS} never-treated clusters; there are {treated} and {control}"
        )
    _, sizes = np.unique(cohorts.first[rows], return_counts=True)
    single = int((sizes == 1).sum())
    if 2 * single >= len(sizes):
        return (
            f"not valid here: {single} of {len(sizes)} cohorts are a single unit, whose own "
            "chance changes do not enter the standard error"
        )
    return None
