"""One unit after a start, as its own time before and other units forecast it; or one step there."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

import numpy as np

from evaluation.numeric.panel.random_effects import LEVEL
from evaluation.numeric.series.mixtures import mixture_quantile
from evaluation.numeric.series.quarters import Layout

# Learned on 181 US agencies by month, 2018 to 2024 (did_methods.md). Standard deviations are
# of log rates; of a year's move of a unit, of its own lasting change at the start, of its own
# season, and of a year's mean beyond the noise of counting; the last as a multiple of Poisson
# variance.
DRIFTS = np.array([0.03, 0.07, 0.12, 0.18, 0.27, 0.4])
SHIFTS = np.array([0.03, 0.08, 0.16])
SEASON = 0.05
NOISE = 0.03
PHIS = np.array([1.05, 1.6, 2.5])
# A unit's own scale is nu/chi2(nu).
NUS = np.array([6.0, 14.0, 40.0])
# Priors: log-normal (median, standard deviation of the log), half-normal, flat for nu.
DRIFT, PHI, SHIFT = (0.14, 0.6), (1.5, 0.5), 0.06
# Times that the weights of units follow how far they are from the others.
PASSES = 2
# Of a unit's distance from the others, below which floats leave nothing.
NEAREST = 1e-9


@dataclass(frozen=True, slots=True)
class Units:
    """N controls and R treated units in K blocks, log rates z and their Poisson variances v.

    z, v : (N, K). own_z, own_v : (R, K). used : (R, N) 1 where a control is one of that unit's.
    """

    z: np.ndarray
    v: np.ndarray
    own_z: np.ndarray
    own_v: np.ndarray
    used: np.ndarray


@dataclass(frozen=True, slots=True)
class Judged:
    """Effects of R treated units, J each, as mixtures of t distributions over G points.

    estimate, std_error, low, high, p_value : (R, J), the central 95 % and a two-sided p. line :
    (R, K) log rates without an effect, in blocks before as the model smooths them. drift, shift,
    phi, nu : (R,) averages. scale : (R,) squared scale of the treated unit. scales : (R, N) of its
    controls. restless : (R,) probability that a unit of the same model is as far from the others as
    the treated unit is, in the blocks by which it informs the model.
    """

    estimate: np.ndarray
    std_error: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p_value: np.ndarray
    line: np.ndarray
    drift: np.ndarray
    shift: np.ndarray
    phi: np.ndarray
    nu: np.ndarray
    scale: np.ndarray
    scales: np.ndarray
    restless: np.ndarray


def forecast(units: Units, blocks: Layout, windows: np.ndarray) -> Judged:
    """How far means of log rates after the start are from their forecast, all others as controls.

    With z = log((count + .5)/exposure) of unit i in block b, T_b years wide,

        z_ib = alpha_i + g_b + effect + x_ib,
        Cov(x_i) = s_i [drift^2 E + shift^2 a a' + .05^2 Q + diag(phi/mu_ib + .03^2/T_b)],

    where E and Q are `walk` and `season` of the layout, a is 1 after the start, s_i is a scale of
    unit i's own, nu/chi2(nu), and alpha_i and g_b are flat. Every unit has the same drift, shift,
    phi and nu, which are averaged over a grid by their restricted likelihood times their prior. At
    each point g solves sum u_i P_i (z_i - g) = 0 with P_i the inverse covariance without the unit's
    level and u_i = (nu + m_i)/(nu + (z_i - g)'P_i(z_i - g)); the treated unit is in it with its
    blocks before the start alone. The effect is the mean of z - g less its universal kriging from
    those blocks, t with nu + m degrees of freedom, m their number less 1; interval and p are those
    of the mixture of t over the grid. This project's own (did_methods.md).

    Parameters
    ----------
    windows : (J, K) weights of the blocks in each mean, nought before the start, rows summing to 1.
    """
    return _judged(units, blocks, windows)


def step(units: Units, blocks: Layout) -> Judged:
    """The same model with one constant effect from the start on, J = 1, from all blocks of the
    treated unit; t with nu + K - 2 degrees of freedom at each point of the grid."""
    return _judged(units, blocks, None)


class _Part(NamedTuple):
    """What a point of drift and shift finds, for V nus and F phis."""

    log_det: np.ndarray  # (V, F, R) of everything that is not a unit's distance
    far: np.ndarray  # (V, F, R, N) distances of controls
    own_far: np.ndarray  # (V, F, R) of the treated
    estimate: np.ndarray  # (V, F, R, J)
    alone: np.ndarray  # (V, F, R, J) variance of the treated unit at scale 1
    common: np.ndarray  # (V, F, R, J) of the path in common
    line: np.ndarray  # (V, F, R, K)


def _judged(units: Units, blocks: Layout, windows: np.ndarray | None) -> Judged:
    from scipy.special import fdtrc, stdtr

    pairs, priors = _pairs()
    found = [_at(units, blocks, windows, *pair) for pair in pairs]
    # Points one after the other: (D V F, R, ...).
    joined = (np.concatenate(several) for several in zip(*found, strict=True))
    part = _Part(*(one.reshape(-1, *one.shape[2:]) for one in joined))
    grid = np.array([(*pair, phi, nu) for pair, nu, phi in product(pairs, NUS, PHIS)])
    prior = np.repeat(priors, len(NUS) * len(PHIS)) + _log_normal(grid[:, 2], *PHI)
    nu, k = grid[:, 3], len(blocks.after)
    informing = k - 2 if windows is None else blocks.before - 1
    log_weight = (units.used * _log_density(nu[:, None, None], k - 1, part.far)).sum(axis=-1)
    log_weight += _log_density(nu[:, None], informing, part.own_far) - 0.5 * part.log_det
    log_weight = (log_weight + prior[:, None]).T
    weight = np.exp(log_weight - log_weight.max(axis=1, keepdims=True))
    weight /= weight.sum(axis=1, keepdims=True)
    df = nu + informing
    scale = (nu[:, None] + part.own_far) / df[:, None]
    scales = (nu[:, None, None] + part.far) / (nu[:, None, None] + k - 1)
    r, j = part.estimate.shape[1:]
    variance = scale[..., None] * part.alone + part.common
    e, var = (np.moveaxis(x, 0, -1).reshape(r * j, -1) for x in (part.estimate, variance))
    w = np.repeat(weight, j, axis=0)
    sd = np.sqrt(var)
    estimate = (w * e).sum(axis=1)
    spread = var * df / (df - 2) + (e - estimate[:, None]) ** 2
    left, right = ((w * stdtr(df, side * e / sd)).sum(axis=1) for side in (-1, 1))
    answers = (
        estimate,
        np.sqrt((w * spread).sum(axis=1)),
        mixture_quantile((1 - LEVEL) / 2, w, e, sd, df),
        mixture_quantile((1 + LEVEL) / 2, w, e, sd, df),
        np.minimum(2 * np.minimum(left, right), 1.0),
    )
    middle, error, low, high, p_value = (one.reshape(r, j) for one in answers)
    drift, shift, phi, of_scale = (weight @ grid).T
    return Judged(
        *(middle, error, low, high, p_value),
        np.einsum("rg,grk->rk", weight, part.line),
        *(drift, shift, phi, of_scale),
        np.einsum("rg,gr->r", weight, scale),
        np.einsum("rg,grn->rn", weight, scales),
        # A distance over the number of contrasts in it is F(contrasts, nu).
        np.einsum("rg,gr->r", weight, fdtrc(informing, nu[:, None], part.own_far / informing)),
    )


def _pairs() -> tuple[list[tuple[float, float]], np.ndarray]:
    """Every drift with every shift, and their log priors."""
    of_shift = -0.5 * (SHIFTS / SHIFT) ** 2 + np.log(np.gradient(SHIFTS))
    priors = np.add.outer(_log_normal(DRIFTS, *DRIFT), of_shift).ravel()
    return [(float(drift), float(shift)) for drift, shift in product(DRIFTS, SHIFTS)], priors


def _log_normal(x: np.ndarray, median: float, deviation: float) -> np.ndarray:
    return np.asarray(-0.5 * (np.log(x / median) / deviation) ** 2)


def _at(
    units: Units, blocks: Layout, windows: np.ndarray | None, drift: float, shift: float
) -> _Part:
    """One drift and shift, with every phi and nu."""
    z, own_z, used = units.z, units.own_z, units.used
    (r, n), k = used.shape, z.shape[1]
    a = blocks.after.astype(float)
    shared = drift**2 * blocks.walk + shift**2 * np.outer(a, a) + SEASON**2 * blocks.season
    covariance, own = (_covariance(v, blocks, shared) for v in (units.v, units.own_v))
    p, log_det, _, _, _ = _without_level(covariance)
    f = (p @ z[..., None])[..., 0]
    q = (f * z).sum(axis=-1)[:, None]
    flat = p.reshape(-1, n, k * k)
    across, turned = np.swapaxes(f, 1, 2), np.swapaxes(flat, 1, 2)
    treated = _stepped(own, shared, a) if windows is None else _kriged(own, shared, blocks, windows)
    own_p, own_det, informing, contrast, smooth = treated
    own_flat, own_f = own_p.reshape(-1, r, k * k), (own_p @ own_z[..., None])[..., 0]
    own_q = (own_f * own_z).sum(axis=-1)

    def weighted(u: np.ndarray, own_u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Information on the path in common, (V, F, R, K - 1, K - 1), and its right side; it is
        relative to the first block, which the levels take."""
        information = (u @ flat + own_u[..., None] * own_flat).reshape(*own_u.shape, k, k)
        right = u @ f + own_u[..., None] * own_f
        return information[..., 1:, 1:], right[..., 1:, None]

    def distances(path: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The path g, (V, F, R, K), and how far controls and treated are from it."""
        g = np.concatenate([np.zeros((*path.shape[:-2], 1)), path[..., 0]], axis=-1)
        square = (g[..., :, None] * g[..., None, :]).reshape(*g.shape[:-1], -1)
        far = q - 2 * g @ across + square @ turned
        own_far = own_q - 2 * (g * own_f).sum(axis=-1) + (square * own_flat).sum(axis=-1)
        return g, np.maximum(far, NEAREST), np.maximum(own_far, NEAREST)

    nu, m = NUS[:, None, None], k - 1
    _, far, own_far = distances(
        np.linalg.solve(*weighted(used[None, None], np.ones((1, len(PHIS), r))))
    )
    for last in range(1, PASSES + 1):
        u = used * ((nu[..., None] + m) / (nu[..., None] + far))
        information, right = weighted(u, (nu + informing) / (nu + own_far))
        if last < PASSES:
            _, far, own_far = distances(np.linalg.solve(information, right))
    inverse = np.linalg.inv(information)
    g, far, own_far = distances(inverse @ right)
    apart = own_z - g
    of_path = contrast[..., 1:]  # (F, R, J, K - 1)
    alone = (contrast * (contrast @ own)).sum(axis=-1)
    return _Part(
        log_det @ used.T + own_det + np.linalg.slogdet(information)[1],
        far,
        own_far,
        (contrast @ apart[..., None])[..., 0],
        np.broadcast_to(alone, (len(NUS), *alone.shape)),
        (of_path * (of_path @ inverse)).sum(axis=-1),
        g + (smooth @ apart[..., None])[..., 0],
    )


def _covariance(v: np.ndarray, blocks: Layout, shared: np.ndarray) -> np.ndarray:
    """(F, M, K, K) of units with Poisson variances v, (M, K), but for their scales."""
    k = np.arange(v.shape[1])
    covariance = np.empty((len(PHIS), *v.shape, len(k)))
    covariance[:] = shared
    covariance[..., k, k] += PHIS[:, None, None] * v + NOISE**2 / blocks.width
    return covariance


class _Treated(NamedTuple):
    """How the treated units enter: P and log-determinant of what of them informs the common path,
    how many contrasts that are, (F, R, J, K) weights of the effects and (F, R, K, K) of the smooth
    line."""

    p: np.ndarray
    log_det: np.ndarray
    informing: int
    contrast: np.ndarray
    smooth: np.ndarray


def _kriged(own: np.ndarray, shared: np.ndarray, blocks: Layout, windows: np.ndarray) -> _Treated:
    """With the blocks before alone; effects are means after less what these predict."""
    before = blocks.before
    p, log_det, _, rows, total = _without_level(own[..., :before, :before])
    weights = p @ shared[:before] + (rows / total[..., None])[..., None]  # (F, R, T0, K)
    smooth, known = np.zeros(own.shape), np.zeros(own.shape)
    smooth[..., :before] = np.swapaxes(weights, -1, -2)
    known[..., :before, :before] = p
    return _Treated(known, log_det, before - 1, windows - windows @ smooth, smooth)


def _stepped(own: np.ndarray, shared: np.ndarray, a: np.ndarray) -> _Treated:
    """With all blocks, the step projected out; the effect is the step."""
    p, log_det, inverse, rows, _ = _without_level(own)
    of_step = p @ a
    total = of_step @ a
    left = p - of_step[..., None] * of_step[..., None, :] / total[..., None, None]
    # The level beside a step: its weights are those of a constant with the step projected out.
    stepped = inverse @ a
    level = rows - stepped * ((rows @ a) / (stepped @ a))[..., None]
    level = level / level.sum(axis=-1, keepdims=True)
    smooth = shared @ left + level[..., None, :]
    contrast = (of_step / total[..., None])[..., None, :]
    return _Treated(left, log_det + np.log(total), own.shape[-1] - 2, contrast, smooth)


def _without_level(covariance: np.ndarray) -> tuple[np.ndarray, ...]:
    """Inverse with the unit's own level projected out, log |C| |1'C^-1 1|; inverse, its row sums
    and total."""
    inverse = np.linalg.inv(covariance)
    rows = inverse.sum(axis=-1)
    total = rows.sum(axis=-1)
    projected = inverse - rows[..., None] * rows[..., None, :] / total[..., None, None]
    half = np.log(np.diagonal(np.linalg.cholesky(covariance), axis1=-2, axis2=-1)).sum(axis=-1)
    return projected, 2 * half + np.log(total), inverse, rows, total


def _log_density(nu: np.ndarray, k: int, far: np.ndarray) -> np.ndarray:
    """Of k contrasts of a unit, its scale integrated over; determinants aside."""
    from scipy.special import gammaln

    constant = gammaln((nu + k) / 2) - gammaln(nu / 2) - k / 2 * np.log(nu / 2)
    return np.asarray(constant - (nu + k) / 2 * np.log1p(far / nu))
