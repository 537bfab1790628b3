"""Poisson regression of a panel with unit and period effects, the units' concentrated out.

Given its total, a unit's counts are multinomial over periods with shares proportional to
exp(offset + period effect + x beta); the unit effects never appear, and the estimates are those
with a dummy for each unit (Hausman, Hall and Griliches 1984, Econometrica 52:909-938; Lancaster
2002). What is left is concave, so Newton's method with halved steps finds the maximum.

Logistic regression of shares in a balanced panel, with unit and period effects.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.numeric.shared.linear import RANK_TOLERANCE

MAX_SCORE = 1e-6
STEPS = 60
HALVINGS = 30
# A fitted count this far below the mean belongs to cells that a coefficient without a finite
# estimate pushes to nought.
VANISHING = 1e-7


@dataclass(frozen=True, slots=True)
class PanelFit:
    """Maximum likelihood with unit and period effects.

    Parameters
    ----------
    beta : (k,). period : (P,) effects of the periods kept, the first of them nought. kept : (T,)
        periods with an event; the others say nothing. mu : (N, T) fitted counts, nought in periods
        that are not kept and in units without events. scores : (N, P - 1 + k) of periods and beta
        by unit, with its weight. information : (P - 1 + k, P - 1 + k), whose inverse is the
        covariance when counts are Poisson. max_score : the largest entry of the total score.
    """

    beta: np.ndarray
    period: np.ndarray
    kept: np.ndarray
    mu: np.ndarray
    scores: np.ndarray
    information: np.ndarray
    max_score: float

    @property
    def cov(self) -> np.ndarray:
        """(P - 1 + k, P - 1 + k), model-based."""
        return np.asarray(np.linalg.inv(self.information))


def poisson_effects(
    y: np.ndarray,
    x: np.ndarray,
    offset: np.ndarray,
    *,
    weight: np.ndarray | None = None,
    start: PanelFit | None = None,
    used: np.ndarray | None = None,
) -> PanelFit:
    """Poisson regression with unit and period effects.

    Units without events are kept and say nothing, as do periods without any.

    Parameters
    ----------
    y : (N, T) counts. x : (N, T, k). offset : (N, T) log exposure. weight : (N,), nought leaves a
        unit out. start : a fit of much the same data to begin at. used : (N, T) False in cells that
        have no part, where y must be nought; None uses every cell. Their mu is nought.

    Raises
    ------
    FitError : when a column cannot be told from unit and period effects, has no finite estimate,
        or the score stays above 1e-6.
    """
    heavy = np.ones(len(y)) if weight is None else weight
    total = heavy * y.sum(axis=1)
    kept = heavy @ y > 0
    if kept.sum() < 2 or not (total > 0).any():
        raise FitError(fact("numeric.fixed-effects.there-events-fewer-than-two"))
    active = total > 0
    counts, columns, known = y[active][:, kept], x[active][:, kept], offset[active][:, kept]
    weights, total = heavy[active], total[active]
    cells = None if used is None else used[active][:, kept]
    k, periods = x.shape[2], int(kept.sum())
    theta = np.zeros(periods - 1 + k)
    if start is not None and (start.kept == kept).all():
        theta = np.concatenate([start.period[1:], start.beta])
    else:
        held = np.exp(known) if cells is None else np.where(cells, np.exp(known), 0.0)
        share = np.log(weights @ counts) - np.log(weights @ held)
        theta[: periods - 1] = share[1:] - share[0]

    def shares(at: np.ndarray) -> tuple[np.ndarray, float]:
        eta = known + np.append(0.0, at[: periods - 1]) + columns @ at[periods - 1 :]
        if cells is not None:
            eta = np.where(cells, eta, -np.inf)
        top = eta.max(axis=1, keepdims=True)
        power = np.exp(eta - top)
        whole = power.sum(axis=1, keepdims=True)
        logs = eta - top - np.log(whole)
        if cells is not None:
            logs = np.where(cells, logs, 0.0)
        return power / whole, float(weights @ (counts * logs).sum(axis=1))

    p, value = shares(theta)
    for number in range(STEPS):
        score, information = _derivatives(weights, counts, total, p, columns)
        gradient = score.sum(axis=0)
        try:
            step = _solve(information, gradient, k)
        except FitError:
            if number == 0:
                raise
            # On the way to an infinite estimate; what is wrong is said below.
            break
        if np.abs(gradient).max() < MAX_SCORE * 1e-4:
            break
        size = 1.0
        for _ in range(HALVINGS):
            trial, new = shares(theta + size * step)
            if new >= value - 1e-12 * abs(value):
                break
            size /= 2
        else:
            break
        theta, p, value = theta + size * step, trial, new
    score, information = _derivatives(weights, counts, total, p, columns)
    worst = float(np.abs(score.sum(axis=0)).max())
    own = counts.sum(axis=1, keepdims=True) * p
    said, seen = (own, counts) if cells is None else (own[cells], counts[cells])
    if said.min() < VANISHING * said.mean() and _pushed_away(said, seen):
        raise FitError(fact("numeric.fixed-effects.effect-has-no-finite-estimate"))
    if not worst < MAX_SCORE:
        raise FitError(
            fact("numeric.fixed-effects.poisson-regression-did-not-converge", worst=worst)
        )
    _solve(information, score.sum(axis=0), k)
    mu = np.zeros(y.shape)
    mu[np.ix_(active, kept)] = own
    scores = np.zeros((len(y), score.shape[1]))
    scores[active] = score
    return PanelFit(
        beta=theta[periods - 1 :],
        period=np.append(0.0, theta[: periods - 1]),
        kept=kept,
        mu=mu,
        scores=scores,
        information=information,
        max_score=worst,
    )


def unit_information(fitted: PanelFit, x: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """(N, P - 1 + k, P - 1 + k) each unit's part of the information, which sum to it.

    Parameters
    ----------
    x : (N, T, k). weight : (N,).
    """
    n, periods = len(x), int(fitted.kept.sum())
    rows = np.broadcast_to(np.eye(periods)[1:].T, (n, periods, periods - 1))
    z = np.concatenate([rows, x[:, fitted.kept]], axis=2)
    m = weight[:, None] * fitted.mu[:, fitted.kept]
    total = np.maximum(m.sum(axis=1), np.finfo(float).tiny)
    mean = np.einsum("nt,ntk->nk", m, z)
    weighted = np.swapaxes(z, 1, 2) @ (m[:, :, None] * z)
    return np.asarray(weighted - mean[:, :, None] * mean[:, None, :] / total[:, None, None])


def _derivatives(
    weights: np.ndarray, counts: np.ndarray, total: np.ndarray, p: np.ndarray, x: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """(N, P - 1 + k) scores by unit and the information of the multinomial likelihood."""
    own = counts.sum(axis=1, keepdims=True) * p
    left = weights[:, None] * (counts - own)
    score = np.concatenate([left[:, 1:], np.einsum("nt,ntk->nk", left, x)], axis=1)
    m = weights[:, None] * own
    mean = np.einsum("nt,ntk->nk", p, x)
    later = p[:, 1:]
    top = np.diag(m.sum(axis=0)[1:]) - later.T @ (total[:, None] * later)
    side = np.einsum("nt,ntk->tk", m, x)[1:] - later.T @ (total[:, None] * mean)
    corner = np.einsum("nt,nti,ntj->ij", m, x, x) - mean.T @ (total[:, None] * mean)
    return score, np.block([[top, side], [side.T, corner]])


def _solve(information: np.ndarray, gradient: np.ndarray, k: int) -> np.ndarray:
    """Newton's step; the columns of x are last and must have information of their own."""
    cut = len(gradient) - k
    scale = np.sqrt(np.maximum(np.diagonal(information), np.finfo(float).tiny))
    scaled = information / np.outer(scale, scale)
    try:
        root = np.linalg.cholesky(scaled)
    except np.linalg.LinAlgError:
        root = np.zeros_like(scaled)
    if (np.diagonal(root)[cut:] <= RANK_TOLERANCE**0.5).any() or (np.diagonal(root) == 0).any():
        raise FitError(fact("numeric.fixed-effects.treatment-cannot-be-told-from"))
    half = np.linalg.solve(root, gradient / scale)
    return np.asarray(np.linalg.solve(root.T, half) / scale)


def _pushed_away(own: np.ndarray, counts: np.ndarray) -> bool:
    """Whether the cells with vanishing means are cells without events, as under separation."""
    small = own < VANISHING * own.mean()
    return bool(counts[small].sum() == 0)


# Log odds beyond this belong to an effect without a finite estimate.
FARTHEST = 25.0


@dataclass(frozen=True, slots=True)
class ShareFit:
    """Maximum likelihood with unit and period effects.

    Parameters
    ----------
    beta : of the column. eta : (N, T) log odds, NaN in units and periods that say nothing. silent :
        units whose share is nought or one throughout; they say nothing.
    """

    beta: float
    eta: np.ndarray
    silent: int


def binomial_effects(
    y: np.ndarray,
    total: np.ndarray,
    x: np.ndarray,
    offset: np.ndarray,
    weight: np.ndarray,
) -> ShareFit:
    """Binomial regression with logit link on unit effects, period effects and one column.

    Newton's method with halved steps; the units' effects are eliminated from each step.

    Parameters
    ----------
    y, total : (N, T) events of one kind and of both. x, offset : (N, T). weight : (N,).

    Raises
    ------
    FitError : when the column cannot be told from the effects, has no finite estimate, or the score
        stays above 1e-6.
    """
    units = (y.sum(axis=1) > 0) & (y.sum(axis=1) < total.sum(axis=1))
    heavy = weight * units
    periods = (heavy @ y > 0) & (heavy @ (total - y) > 0)
    cells = np.ix_(units, periods)
    if periods.sum() < 2 or not units.any():
        raise FitError(fact("numeric.fixed-effects.there-events-both-kinds-fewer"))
    own, whole, column, known = y[cells], total[cells], x[cells], offset[cells]
    w = weight[units][:, None]
    length = own.shape[1]
    share = own.sum(axis=1) / whole.sum(axis=1)
    unit, rest = np.log(share / (1 - share)), np.zeros(length)

    def log_odds(unit: np.ndarray, rest: np.ndarray) -> np.ndarray:
        return np.asarray(
            known + unit[:, None] + np.append(0.0, rest[: length - 1]) + column * rest[-1]
        )

    def value(eta: np.ndarray) -> float:
        return float((w * (own * eta - whole * np.logaddexp(0, eta))).sum())

    eta = log_odds(unit, rest)
    height, worst = value(eta), np.inf
    for number in range(STEPS):
        p = 1 / (1 + np.exp(-eta))
        left, spread = w * (own - whole * p), w * whole * p * (1 - p)
        by_unit = left.sum(axis=1)
        by_rest = np.append(left.sum(axis=0)[1:], (left * column).sum())
        worst = float(max(np.abs(by_unit).max(), np.abs(by_rest).max()))
        if worst < MAX_SCORE * 1e-4 or np.abs(eta).max() > FARTHEST:
            break
        diagonal = spread.sum(axis=1)
        cross = np.column_stack([spread[:, 1:], (spread * column).sum(axis=1)])
        system = np.diag(np.append(spread.sum(axis=0)[1:], (spread * column**2).sum()))
        system[:-1, -1] = system[-1, :-1] = (spread * column).sum(axis=0)[1:]
        scale = np.sqrt(np.maximum(np.diagonal(system), np.finfo(float).tiny))
        system = (system - cross.T @ (cross / diagonal[:, None])) / np.outer(scale, scale)
        if np.linalg.eigvalsh(system)[0] <= RANK_TOLERANCE:
            if number == 0:
                raise FitError(fact("numeric.fixed-effects.treatment-cannot-be-told-from-2"))
            break
        step = np.linalg.solve(system, (by_rest - cross.T @ (by_unit / diagonal)) / scale) / scale
        unit_step = (by_unit - cross @ step) / diagonal
        size = 1.0
        for _ in range(HALVINGS):
            trial = log_odds(unit + size * unit_step, rest + size * step)
            new = value(trial)
            if new >= height - 1e-12 * abs(height):
                break
            size /= 2
        else:
            break
        unit, rest, eta, height = unit + size * unit_step, rest + size * step, trial, new
    if np.abs(eta - known).max() > FARTHEST:
        raise FitError(fact("numeric.fixed-effects.effect-has-no-finite-estimate-2"))
    if not worst < MAX_SCORE:
        raise FitError(fact("numeric.fixed-effects.share-regression-did-not-converge", worst=worst))
    everywhere = np.full(y.shape, np.nan)
    everywhere[cells] = eta
    return ShareFit(float(rest[-1]), everywhere, int((~units).sum()))
