"""What a fit of a comparison has beside its effect: the covariance of its coefficients, and its
likelihood."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np

from evaluation.did import callaway_santanna, event_study, poisson_event_study, sun_abraham
from evaluation.did.callaway_santanna import Comparison, Events
from evaluation.did.cohorts import Cohorts
from evaluation.did.event_study import Curve
from evaluation.did.method import Method
from evaluation.effect import Effect
from evaluation.fitted import Covariance, Likelihood
from evaluation.numeric.panel.fixed_effects import PanelFit, poisson_effects

TREATMENT = "treatment"
# Methods whose estimate is one coefficient of a regression.
SINGLE = ("twfe", "poisson-twfe", "negative-binomial-twfe")


def covariance(cohorts: Cohorts, method: Method, effect: Effect) -> Covariance | None:
    """The coefficients by event time with their covariance, named "time -2", "time 0" and so on,
    those before and after the start as groups; of a two-way regression that of "treatment". None
    for a method without, or with errors that have no covariance.

    Parameters
    ----------
    method : with its settings. effect : what it gave.
    """
    if method.name in SINGLE:
        error = np.array([[effect.std_error**2]])
        return Covariance((TREATMENT,), np.array([effect.estimate]), error, effect.df)
    curve = _curve(cohorts, method)
    if curve is None:
        return None
    shown = curve.std_error > 0
    times = np.where(curve.time >= 0, curve.time + cohorts.skipped, curve.time)[shown].astype(int)
    names = tuple(f"time {time}" for time in times.tolist())
    sides = {
        "before": tuple(name for name, time in zip(names, times, strict=True) if time < 0),
        "after": tuple(name for name, time in zip(names, times, strict=True) if time >= 0),
    }
    return Covariance(
        names,
        curve.estimate[shown],
        curve.cov[np.ix_(shown, shown)],
        curve.df,
        clusters=None if curve.df is None else int(curve.df) + 1,
        groups={side: inside for side, inside in sides.items() if inside},
    )


def _curve(cohorts: Cohorts, method: Method) -> Curve | None:
    given = _settings(method)
    if method.name == poisson_event_study.NAME:
        return poisson_event_study.binned(cohorts, **given).curve
    if method.name == "event-study":
        return event_study.curve(cohorts, **given)
    if method.name == "sun-abraham":
        return sun_abraham.curve(cohorts, **given)
    if method.name == "callaway-santanna" and given.get("errors", "analytic") == "analytic":
        how, events = (
            {one.name: given[one.name] for one in fields(kind) if one.name in given}
            for kind in (Comparison, Events)
        )
        return callaway_santanna.curve(cohorts, how=Comparison(**how), events=Events(**events))
    return None


def _settings(method: Method) -> dict[str, Any]:
    """Those that the coefficients depend on."""
    return {name: one for name, one in method.settings.items() if name not in ("draws", "seed")}


def likelihood(cohorts: Cohorts, method: Method) -> Likelihood | None:
    """That of the counts as Poisson with unit and period effects, which are parameters too; units
    and periods without an event have none. None for another method, or for units that are weighed
    differently.

    With its constants, as R's `logLik` of `glm` and of `fixest::fepois`.
    """
    from scipy.special import gammaln, xlogy

    if np.ptp(cohorts.weight) > 0:
        return None
    fitted = _poisson(cohorts, method)
    if fitted is None:
        return None
    said = fitted.mu > 0
    y, mu = cohorts.y[said], fitted.mu[said]
    units, periods = int(said.any(axis=1).sum()), int(fitted.kept.sum())
    value = float((xlogy(y, mu) - mu - gammaln(y + 1)).sum())
    return Likelihood(value, units + periods - 1 + len(fitted.beta), int(said.sum()))


def _poisson(cohorts: Cohorts, method: Method) -> PanelFit | None:
    if method.name == poisson_event_study.NAME:
        return poisson_event_study.binned(cohorts, **_settings(method)).fitted
    if method.name != "poisson-twfe":
        return None
    y = cohorts.y if cohorts.used is None else np.where(cohorts.used, cohorts.y, 0.0)
    x = cohorts.strength[:, :, None]
    return poisson_effects(y, x, cohorts.log_exposure, weight=cohorts.weight, used=cohorts.used)
