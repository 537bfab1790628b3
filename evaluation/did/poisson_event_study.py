"""The Poisson event study: a rate ratio for each event time, or for bins of them.

Counts with unit and period effects and an indicator of each bin of event times, by Poisson
pseudo-maximum likelihood: what R's `fixest::fepois(y ~ i(bin, ref = -1) | unit + period)` fits. The
log exposure is the offset. Coefficients are logs of rate ratios against the bin just before
treatment, consistent whatever the distribution of the counts when their mean is right (Wooldridge
1999, Journal of Econometrics 90:77-97); units without an event say nothing. Errors are clustered
(CR1) with the factor G/(G - 1) times (n - 1)/(n - K), where n counts cells of units with events and
K the coefficients and the periods, but not the units, which are nested in clusters; the
distribution is t(G - 1).

With effects that differ between cohorts a coefficient mixes event times, as in the linear event
study (Sun and Abraham 2021, Journal of Econometrics 225:175-199; for Poisson models Wooldridge
2023, Econometrics Journal 26:C31-C66): `poisson-imputation` does not. Bins: Schmidheiny and
Siegloch (2023), Journal of Applied Econometrics 38:695-713.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from evaluation.did.cohorts import Cohorts
from evaluation.did.effects import Answer, p_words, t_answer
from evaluation.did.event_study import (
    DRAWS,
    REFERENCE,
    SEED,
    Curve,
    band,
    columns_since,
    event_times,
    least_pooled,
    thin,
    too_few,
)
from evaluation.did.poisson_twfe import refuse_separation
from evaluation.did.usable import refuse_partial
from evaluation.errors import FitError
from evaluation.fact import Fact, fact
from evaluation.numeric.panel import pretest
from evaluation.numeric.panel.fixed_effects import PanelFit, poisson_effects
from evaluation.numeric.shared import clusters
from evaluation.numeric.shared.draws import stream
from evaluation.numeric.shared.wild import multiplied

NAME = "poisson-event-study"


@dataclass(frozen=True, slots=True)
class Binned:
    """The fit by bins.

    Parameters
    ----------
    first : (k,) the first event time of each bin, the reference among them. beta : (k,) log rate
        ratios, nought for the reference. sums : (G, k) influence by cluster, whose cross product is
        their covariance. units : (k,) with a cell in each. place : (N, T) the bin of each cell, k
        for units never treated. fitted : of the counts. ends : the event times beyond which all are
        pooled; chosen : whether nobody asked for it.
    """

    first: np.ndarray
    beta: np.ndarray
    sums: np.ndarray
    units: np.ndarray
    place: np.ndarray
    fitted: PanelFit
    ends: tuple[int | None, int | None] = (None, None)
    chosen: bool = False

    @property
    def curve(self) -> Curve:
        """The coefficients with their covariance; t of the clusters with events, less one."""
        df = float(len(self.sums) - 1)
        return Curve(self.first, self.beta, self.sums.T @ self.sums, self.units, df)


def fit(
    cohorts: Cohorts,
    *,
    bin_width: int = 1,
    earliest: int | None = None,
    latest: int | None = None,
    draws: int = DRAWS,
    seed: int = SEED,
) -> Answer:
    """The log of the events of treated cells over what is expected there; t(G - 1) intervals.

    Expected without treatment is the fitted count of a cell over its rate ratio. In the error of
    the estimate the events of each bin are held fixed, so that the bins' coefficients weigh as what
    is expected in each. `dynamic` has each bin at its first event time, with the reference as
    nought without an error; a note has the joint test of the bins before it.

    Parameters
    ----------
    bin_width : periods a bin; bins begin at the start and go on from it both ways. earliest, latest
        : event times at or before, and at or after, which one ratio is shared; each must be the end
        of a bin. None for both pools no more than must be: farthest bins without an event, and
        where nobody is never treated as few before as identify the rest; a note names them. draws,
        seed : of the multiplier bootstrap (Rademacher) behind the band.

    Raises
    ------
    FitError : for bins that hold no event, or cannot be told from the periods, pooled ends that
        hold the reference or part of a bin, or no events where they are needed.
    """
    found = binned(cohorts, bin_width=bin_width, earliest=earliest, latest=latest)
    curve = found.curve
    relevant = cohorts.treated & cohorts.known
    effects = np.append(found.beta, 0.0)[found.place]
    expected = found.fitted.mu * np.exp(-effects)
    weighted = np.where(relevant, cohorts.weight[:, None] * expected, 0.0)
    total = float((cohorts.weight[:, None] * cohorts.y)[relevant].sum())
    share = np.bincount(found.place.ravel(), weighted.ravel(), minlength=len(found.beta) + 1)
    share = share[:-1] / weighted.sum()
    error = float(np.sqrt(((found.sums @ share) ** 2).sum()))
    estimate = float(np.log(total / weighted.sum()))
    answer = t_answer("log ratio", estimate, error, curve.df)
    drawn = multiplied(found.sums, draws, stream(seed, f"{NAME}/multiplier"))
    return replace(
        answer,
        expected=expected,
        dispersion=_dispersion(cohorts, found),
        dynamic=event_times(curve, band(curve, drawn)),
        notes=(
            fact("did.poisson-event-study.reference", width=bin_width),
            *_pooled(found, bin_width),
            *((fact("did.poisson-event-study.needed-pooling"),) if found.chosen else ()),
            leads(curve),
            *thin(curve),
        ),
        objection=too_few(cohorts),
    )


def binned(
    cohorts: Cohorts,
    *,
    bin_width: int = 1,
    earliest: int | None = None,
    latest: int | None = None,
) -> Binned:
    """The coefficients by bin with their influence.

    Raises
    ------
    FitError : as `fit`.
    """
    _refuse(bin_width, earliest, latest)
    refuse_partial(cohorts)
    refuse_separation(cohorts)
    asked = earliest is not None or latest is not None
    ends = (earliest, latest) if asked else _with_events(cohorts, bin_width)
    found, before = least_pooled(
        cohorts, lambda low, high: _solve(cohorts, bin_width, low, high), *ends, bin_width
    )
    ends = ends if before is None else (before, ends[1])
    return replace(found, ends=ends, chosen=not asked and ends != (None, None))


def leads(curve: Curve) -> Fact:
    """The joint test of the bins before the reference, in Hotelling's form."""
    before = curve.time < curve.time[curve.std_error == 0].max()
    if not before.any():
        return fact("did.poisson-event-study.no-leads")
    try:
        cov = curve.cov[np.ix_(before, before)]
        test = pretest.joint(curve.estimate[before], cov, curve.df)
    except FitError as fault:
        return fact("did.poisson-event-study.leads-not-tested", why=fault)
    return fact("did.poisson-event-study.leads", k=test.k, p=p_words(test.p_value))


def _with_events(cohorts: Cohorts, width: int) -> tuple[int | None, int | None]:
    """Ends beyond which bins are pooled so that each holds an event; None where each does."""
    number = columns_since(cohorts)[cohorts.ever].astype(int) // width
    held = set(number[cohorts.y[cohorts.ever] > 0].tolist())
    empty = set(number.ravel().tolist()) - held
    after = min((one for one in empty if one >= 0), default=None)
    before = max((one for one in empty if one < REFERENCE), default=None)
    # The nearest bin without an event shares with those beyond it, or else with the next one.
    if after is not None and max(held) < after:
        after -= 1
    if before is not None and min(held) > before:
        before += 1
    return (
        width * (before + 1) - 1 if before is not None and before < REFERENCE else None,
        width * after if after is not None and after >= 0 else None,
    )


def _refuse(width: int, earliest: int | None, latest: int | None) -> None:
    if width < 1:
        raise FitError(fact("did.poisson-event-study.width", width=width))
    for end, part in ((earliest, 1), (latest, 0)):
        if end is not None and (end + part) % width:
            raise FitError(
                fact("did.poisson-event-study.end-inside", end=end, width=width, before=part == 1)
            )
    if (earliest is not None and earliest >= -width) or (latest is not None and latest < 0):
        raise FitError(fact("did.event-study.pooled-ends-must-leave-reference"))


def _solve(cohorts: Cohorts, width: int, earliest: int | None, latest: int | None) -> Binned:
    event = columns_since(cohorts)
    event = np.clip(event, earliest, latest) if earliest or latest is not None else event
    number = event // width
    numbers = np.unique(number[cohorts.ever])
    if not (numbers == REFERENCE).any():
        raise FitError(fact("did.event-study.no-period-just-before-treatment"))
    shown = cohorts.ever[:, None, None] & (number[:, :, None] == numbers)  # (N, T, k)
    first = numbers * width
    for time, cells in zip(first.astype(int).tolist(), np.moveaxis(shown, 2, 0), strict=True):
        if cohorts.y[cells].sum() == 0:
            raise FitError(fact("did.poisson-event-study.no-event", time=time, width=width))
    free = numbers != REFERENCE
    x = shown[:, :, free].astype(float)
    try:
        fitted = poisson_effects(cohorts.y, x, cohorts.log_exposure, weight=cohorts.weight)
    except FitError as fault:
        raise FitError(fact("did.poisson-event-study.not-told-apart", why=fault)) from fault
    k, periods = int(free.sum()), int(fitted.kept.sum())
    events = cohorts.y.sum(axis=1) > 0
    _, own = np.unique(cohorts.cluster[events], return_inverse=True)
    influence = clusters.sums(fitted.scores[events] @ fitted.cov[:, -k:], own)
    rows = int(events.sum()) * periods
    factor = clusters.small_sample(rows, len(influence), k + periods)
    beta = np.zeros(len(numbers))
    beta[free] = fitted.beta
    sums = np.zeros((len(influence), len(numbers)))
    sums[:, free] = influence * np.sqrt(factor)
    place = np.where(shown.any(axis=2), shown.argmax(axis=2), len(numbers))
    return Binned(first, beta, sums, shown.any(axis=1).sum(axis=0), place, fitted)


def _dispersion(cohorts: Cohorts, found: Binned) -> float | None:
    """Pearson's chi-squared over its degrees of freedom."""
    mu = found.fitted.mu
    said = mu > 0
    units, periods = int((cohorts.y.sum(axis=1) > 0).sum()), int(found.fitted.kept.sum())
    freedom = int(said.sum()) - units - periods + 1 - len(found.fitted.beta)
    spread = float(((cohorts.y - mu)[said] ** 2 / mu[said]).sum())
    return spread / freedom if freedom > 0 else None


def _pooled(found: Binned, width: int) -> tuple[Fact, ...]:
    """Which event times stand for those beyond them."""
    return tuple(
        fact("did.event-study.stands-for", time=width * (time // width), before=time < 0)
        for time in found.ends
        if time is not None and width * (time // width) in found.first
    )
