"""Logistic regression of shares in a balanced panel, with unit and period effects."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evaluation.errors import FitError
from evaluation.numeric.linear import RANK_TOLERANCE

MAX_SCORE = 1e-6
STEPS = 60
HALVINGS = 30
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
        raise FitError("there are events of both kinds in fewer than two periods")
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
                raise FitError("the treatment cannot be told from place and period effects")
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
        raise FitError(
            "an effect has no finite estimate: one kind of event never happens in some cells that "
            "it alone describes (separation)"
        )
    if not worst < MAX_SCORE:
        raise FitError(f"the share regression did not converge: max|score| {worst:.2g}")
    everywhere = np.full(y.shape, np.nan)
    everywhere[cells] = eta
    return ShareFit(float(rest[-1]), everywhere, int((~units).sum()))
