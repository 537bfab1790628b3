"""Effects by event time against one reference period, for questions about all of them together."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, get_args

import numpy as np

from evaluation.did import callaway_santanna, event_study, sun_abraham
from evaluation.did.cohorts import Cohorts
from evaluation.did.event_study import Curve
from evaluation.did.usable import refuse_partial
from evaluation.errors import FitError
from evaluation.fact import fact

# Methods whose effects before and after treatment are differences from the same period, the last
# before it. Imputation compares with the mean of all periods before, and cannot be used so.
Estimator = Literal["callaway-santanna", "sun-abraham", "event-study"]
REFERENCE = -1


def against_reference(
    cohorts: Cohorts,
    *,
    estimator: Estimator = "callaway-santanna",
    earliest: int | None = None,
    latest: int | None = None,
) -> Curve:
    """The curve without its reference period, df never None: clusters less 1 where the method's
    own intervals are normal.

    Parameters
    ----------
    earliest, latest : first and last event time kept; None keeps all that can be estimated.

    Raises
    ------
    FitError : as the method, and when a period between the first and last kept has no estimate.
    """
    refuse_partial(cohorts)
    if estimator not in get_args(Estimator):
        known = ", ".join(get_args(Estimator))
        raise FitError(
            fact("did.curves.has-no-common-reference-period", estimator=estimator, known=known)
        )
    curve = _curve(cohorts, estimator)
    if cohorts.skipped:
        # The washout is between the reference and the first effect.
        curve = replace(
            curve, time=np.where(curve.time >= 0, curve.time + cohorts.skipped, curve.time)
        )
    kept = (curve.std_error > 0) & (curve.time != REFERENCE)
    if earliest is not None:
        kept &= curve.time >= earliest
    if latest is not None:
        kept &= curve.time <= latest
    time = curve.time[kept]
    if not (time < REFERENCE).any() or not (time >= 0).any():
        raise FitError(fact("did.curves.trends-cannot-be-compared-without"))
    wanted = np.arange(time[0], time[-1] + 1)
    awaited = (wanted < REFERENCE) | (wanted >= cohorts.skipped)
    missing = np.setdiff1d(wanted[awaited], time)
    if missing.size:
        raise FitError(fact("did.curves.no-effect-can-be-estimated", missing=missing[0]))
    df = float(cohorts.cluster.max()) if curve.df is None else curve.df
    return replace(
        curve,
        time=time,
        estimate=curve.estimate[kept],
        cov=curve.cov[np.ix_(kept, kept)],
        n=curve.n[kept],
        df=df,
    )


def _curve(cohorts: Cohorts, estimator: Estimator) -> Curve:
    if estimator == "event-study":
        return event_study.curve(cohorts)
    if estimator == "sun-abraham":
        return sun_abraham.curve(cohorts)
    how = callaway_santanna.Comparison(
        base="universal", controls="not-yet" if cohorts.ever.all() else "never"
    )
    return callaway_santanna.curve(cohorts, how=how)
