"""Proportional hazards: Cox's partial likelihood, robust errors and the test of proportionality.

The formulas are those of Therneau and Grambsch (2000), Modeling Survival Data, and the numbers
those of R's `coxph` and `cox.zph`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.numeric.people.kaplan_meier import Test, chi_square, kaplan_meier
from evaluation.numeric.people.risk_sets import RiskSets, risk_sets, tied
from evaluation.numeric.shared.linear import RANK_TOLERANCE
from evaluation.numeric.shared.regressions import Dependent

Ties = Literal["efron", "breslow"]
Transform = Literal["km", "rank", "identity", "log"]

NEWTON_STEPS = 60
HALVINGS = 30
# Newton's method stops when no log hazard moves by more than this. A coefficient without a finite
# estimate moves by about one a step for ever, until the information is gone.
STEP_TOLERANCE = 1e-9
FLAT = 1e13


@dataclass(frozen=True, slots=True)
class Steps:
    """What the partial likelihood is a sum of: a term a time (Breslow), or a death (Efron).

    at : (E,) index of the time. fraction : (E,) of the deaths at that time that count as gone.
    mass : (E,) weight. mean : (E, k) of the covariates at risk. hazard : (E,) mass over the sum at
    risk.
    """

    at: np.ndarray
    fraction: np.ndarray
    mass: np.ndarray
    mean: np.ndarray
    hazard: np.ndarray

    def by_time(self, values: np.ndarray, count: int) -> np.ndarray:
        """(J, q) sums over the terms of each time; values (E,) or (E, q)."""
        columns = values.reshape(len(values), -1).T
        return np.stack([np.bincount(self.at, v, count) for v in columns], axis=1)


@dataclass(frozen=True, slots=True)
class Cox:
    """A fitted model.

    Parameters
    ----------
    beta : (k,) log hazard ratios. bread : (k, k), inverse information, R's `naive.var`.
    log_likelihood : with all coefficients nought, and fitted. scores : (n, k) score residuals times
        weight, a row of data each. n, events : rows and events with weight.
    x, weight, time, start, center, sets, steps : what was fitted, for tests of it; the hazards are
        of a row with covariates `center` (k,).
    """

    beta: np.ndarray
    bread: np.ndarray
    log_likelihood: tuple[float, float]
    scores: np.ndarray
    n: int
    events: int
    x: np.ndarray
    weight: np.ndarray
    time: np.ndarray
    start: np.ndarray | None
    center: np.ndarray
    sets: RiskSets
    steps: Steps

    @property
    def moved(self) -> np.ndarray:
        """(n, k) what each row moves the coefficients by: R's weighted dfbeta."""
        return np.asarray(self.scores @ self.bread)

    def robust(self, cluster: np.ndarray | None = None) -> np.ndarray:
        """(k, k) covariance by sums of `moved` over clusters, without a small-sample factor (Lin
        and Wei 1989, JASA 84:1074-1078): R's `coxph(robust = TRUE)` and `coxph(cluster =)`.

        Parameters
        ----------
        cluster : (n,) labels; several rows of a person must have one.
        """
        rows = self.moved
        if cluster is not None:
            which = np.unique(cluster, return_inverse=True)[1]
            rows = np.stack([np.bincount(which, column) for column in rows.T], axis=1)
        return np.asarray(rows.T @ rows)


def cox(
    time: np.ndarray,
    event: np.ndarray,
    x: np.ndarray,
    *,
    weight: np.ndarray | None = None,
    start: np.ndarray | None = None,
    strata: np.ndarray | None = None,
    ties: Ties = "efron",
) -> Cox:
    """Cox regression (Cox 1972, JRSS B 34:187-220), with Efron's (1977) or Breslow's ties.

    Parameters
    ----------
    time : (n,) of the event or of censoring. event : (n,) 0 and 1. x : (n, k), no constant.
    weight : (n,) not negative; rows without weight are as not there. start : (n,) late entry, or
    the beginning of a spell. strata : (n,) labels, each with a baseline hazard of its own.

    Raises
    ------
    Dependent, FitError : when a covariate does not vary, some coefficient has no finite estimate
    (nobody, or everybody, with some value has the event), somebody enters after leaving, or there
    is no event.
    """
    w = np.ones(len(time)) if weight is None else np.asarray(weight, dtype=float)
    time, start = tied(time, start)
    happened = (np.asarray(event) == 1) & (w > 0)
    sets = risk_sets(time, happened, start=start, strata=strata)
    return fitted(sets, time, np.asarray(x, dtype=float), w, ties=ties, start=start)


def fitted(
    sets: RiskSets,
    time: np.ndarray,
    x: np.ndarray,
    weight: np.ndarray,
    *,
    ties: Ties = "efron",
    start: np.ndarray | None = None,
) -> Cox:
    """The partial likelihood of these risk sets at its maximum; see `cox`."""
    if ties not in get_args(Ties):
        raise FitError(fact("numeric.cox.ties-not", get_args=tuple(get_args(Ties)), ties=ties))
    center = np.average(x, axis=0, weights=weight)
    scale = np.sqrt(np.average((x - center) ** 2, axis=0, weights=weight))
    _independent((x - center)[weight > 0], scale)
    z = (x - center) / scale
    gamma, step_size = np.zeros(x.shape[1]), 1.0
    likelihood, score, information, steps = _evaluated(sets, z, weight, gamma, ties)
    null = likelihood
    for _ in range(NEWTON_STEPS):
        if not np.isfinite(information).all() or np.linalg.cond(information) > FLAT:
            raise _endless()
        step = np.linalg.solve(information, score)
        step_size = 1.0
        for _ in range(HALVINGS):
            found = _evaluated(sets, z, weight, gamma + step_size * step, ties)
            if found[0] >= likelihood - 1e-10 * abs(likelihood):
                break
            step_size /= 2
        gamma = gamma + step_size * step
        likelihood, score, information, steps = found
        if np.abs(step_size * (z @ step)[weight > 0]).max() < STEP_TOLERANCE:
            break
    else:
        raise _endless()
    inverse = np.linalg.inv(information)
    residual = _score_residuals(sets, z, np.exp(z @ gamma), steps)
    return Cox(
        beta=gamma / scale,
        bread=inverse / np.outer(scale, scale),
        log_likelihood=(null, likelihood),
        scores=weight[:, None] * residual * scale,
        n=int((weight > 0).sum()),
        events=int(sets.event.sum()),
        x=x,
        weight=weight,
        time=time,
        start=start,
        center=center,
        sets=sets,
        steps=Steps(
            steps.at, steps.fraction, steps.mass, steps.mean * scale + center, steps.hazard
        ),
    )


def proportional_hazards(model: Cox, *, transform: Transform = "km") -> tuple[Test, ...]:
    """Tests that each log hazard ratio stays the same over time, and last that all do: score tests
    of covariate times a function of time (Grambsch and Therneau 1994, Biometrika 81:515-526), as
    `cox.zph` of survival 3.

    Parameters
    ----------
    model : of `cox`. transform : of time: "km", one less the Kaplan-Meier curve just before it;
    "rank" of all times; "identity"; or "log".

    Raises
    ------
    FitError : when events are at too few times to tell, or the log of a time of 0 is asked for.
    """
    sets, steps, w = model.sets, model.steps, model.weight
    unit = np.sqrt(np.average((model.x - model.center) ** 2, axis=0, weights=w))
    z, mean = (model.x - model.center) / unit, (steps.mean - model.center) / unit
    k = z.shape[1]
    clock = _clock(model, transform)
    g = clock - clock[sets.event].mean()
    at_time = np.zeros(len(sets.time))
    at_time[sets.place[sets.event]] = g[sets.event]
    g_step = at_time[steps.at]
    risk = w * np.exp((model.x - model.center) @ model.beta)
    score = (w * g)[sets.event] @ z[sets.event] - (steps.mass * g_step) @ mean
    blocks = []
    for power in (0, 1, 2):
        factor = g_step**power
        load = risk * _load(sets, steps, factor)
        inside = mean.T @ ((steps.mass * factor)[:, None] * mean)
        blocks.append(z.T @ (load[:, None] * z) - inside)
    left = blocks[2] - blocks[1] @ np.linalg.solve(blocks[0], blocks[1])
    if np.linalg.cond(left) > FLAT:
        raise FitError(fact("numeric.cox.events-too-few-times-tell"))
    each = [chi_square(float(score[j] ** 2 / left[j, j]), 1) for j in range(k)]
    return (*each, chi_square(float(score @ np.linalg.solve(left, score)), k))


def _clock(model: Cox, transform: Transform) -> np.ndarray:
    """(n,) the transformed time of each row."""
    if transform == "identity":
        return model.time
    if transform == "log":
        if model.time.min() <= 0:
            raise FitError(fact("numeric.cox.time-0-has-no-logarithm"))
        return np.asarray(np.log(model.time))
    if transform == "rank":
        from scipy.stats import rankdata

        return np.asarray(rankdata(model.time))
    curve = kaplan_meier(model.time, model.sets.event, start=model.start)
    before = np.searchsorted(curve.time, model.time, "left")
    return np.asarray(1 - np.concatenate([[1.0], curve.survival])[before])


def _evaluated(
    sets: RiskSets, z: np.ndarray, weight: np.ndarray, gamma: np.ndarray, ties: Ties
) -> tuple[float, np.ndarray, np.ndarray, Steps]:
    """Log partial likelihood, score, information and terms at these coefficients."""
    eta = z @ gamma
    # A constant in eta changes nothing; without it a hazard could overflow.
    top = eta.max()
    risk = weight * np.exp(eta - top)
    both = np.column_stack([risk, risk[:, None] * z])
    all_at_risk, dying = sets.sums(both), sets.at_events(both)
    mass = sets.at_events(weight[:, None])[:, 0]
    at, fraction = np.arange(len(sets.time)), np.zeros(len(sets.time))
    if ties == "efron":
        deaths = np.bincount(sets.place[sets.event], minlength=len(sets.time))
        at = np.repeat(at, deaths)
        first = np.repeat(np.cumsum(deaths) - deaths, deaths)
        fraction = (np.arange(len(at)) - first) / deaths[at]
        mass = mass[at] / deaths[at]
    rest = all_at_risk[at] - fraction[:, None] * dying[at]
    with np.errstate(divide="ignore", invalid="ignore"):
        mean, hazard = rest[:, 1:] / rest[:, :1], mass / rest[:, 0]
        likelihood = float(weight[sets.event] @ (eta - top)[sets.event] - mass @ np.log(rest[:, 0]))
    steps = Steps(at, fraction, mass, mean, hazard)
    # The sum over times of second moments is one weighted sum over rows.
    load = risk * _load(sets, steps)
    information = z.T @ (load[:, None] * z) - mean.T @ (mass[:, None] * mean)
    score = weight[sets.event] @ z[sets.event] - mass @ mean
    # From here on hazards belong to exp(eta) itself.
    return likelihood, score, information, Steps(at, fraction, mass, mean, hazard * np.exp(-top))


def _load(sets: RiskSets, steps: Steps, factor: np.ndarray | float = 1.0) -> np.ndarray:
    """(n,) cumulative hazard of each row, times a factor (E,), less what a row that dies with
    others has left of it under Efron's rule."""
    count = len(sets.time)
    out = sets.spread(steps.by_time(steps.hazard * factor, count))[:, 0]
    gone = steps.by_time(steps.hazard * factor * steps.fraction, count)[:, 0]
    out[sets.event] -= gone[sets.place[sets.event]]
    return np.asarray(out)


def _score_residuals(sets: RiskSets, z: np.ndarray, hazard: np.ndarray, steps: Steps) -> np.ndarray:
    """(n, k) score residuals of rows with these hazards (n,), for a weight of one."""
    count = len(sets.time)
    drift = sets.spread(steps.by_time(steps.hazard[:, None] * steps.mean, count))
    gone = (steps.hazard * steps.fraction)[:, None] * steps.mean
    own = sets.place[sets.event]
    drift[sets.event] -= steps.by_time(gone, count)[own]
    residual = -hazard[:, None] * (_load(sets, steps)[:, None] * z - drift)
    total = steps.by_time(steps.mass, count)
    mean = steps.by_time(steps.mass[:, None] * steps.mean, count) / total
    residual[sets.event] += z[sets.event] - mean[own]
    return np.asarray(residual)


def _independent(x: np.ndarray, scale: np.ndarray) -> None:
    size = np.maximum(np.abs(x).max(axis=0), 1e-300)
    still = scale <= RANK_TOLERANCE * size
    if still.any():
        raise Dependent(int(np.argmax(still)))
    r = np.linalg.qr(x / scale, mode="r")
    small = np.abs(np.diagonal(r)) <= RANK_TOLERANCE * np.sqrt(len(x))
    if len(x) <= x.shape[1] or small.any():
        raise Dependent(int(np.argmax(small)))


def _endless() -> FitError:
    return FitError(fact("numeric.cox.some-covariate-tells-those-without"))
