"""The simulated cities of the one-treated-city study: the truth, and counts drawn from it."""

from __future__ import annotations

from dataclasses import astuple, dataclass

import numpy as np

from evaluation.numeric.series.simulated import counts
from evaluation.numeric.shared.draws import BitGenerator, normals, stream, uniforms

SEED = 20260201
MONTHS, START, PER_YEAR = 96, 48, 12
# Events a month: of the treated city, three sizes, and of the twelve controls.
TREATED = (2.0, 8.0, 25.0)
CONTROLS = tuple(float(mean) for mean in np.geomspace(1, 25, 12))
# The effect whose power is measured: 31.5 % fewer, the change Oakland's program is known for.
EFFECT = -31.5
# What all cities share: an AR(1), a random walk and a season, all of the log rate.
COMMON, COMMON_RHO, COMMON_WALK, SEASON = 0.1, 0.5, 0.02, 0.15
FRAILTY_RHO = 0.4
# Of the factor world: monthly steps of a common walk, to which cities answer unequally.
FACTOR_STEP, LOADING = 0.04, 0.5
DRIFT = 0.12


@dataclass(frozen=True, slots=True)
class World:
    """How the log rates of cities part.

    frailty : standard deviation of each city's own AR(1) of correlation .4. alpha : counts have
    variance mean + alpha mean^2. factor : loadings on a common walk, 1 on average, have standard
    deviation .5. drift : standard deviation of a year's change of each city's own random walk;
    treated_drift : that of the treated city over it; drift_by_size : drift falls with the root of
    size, and is that of the world at 8 a month. shift : standard deviation of each city's own
    lasting change at the start.
    """

    name: str
    frailty: float = 0.2
    alpha: float = 0.05
    factor: bool = False
    drift: float = 0.0
    treated_drift: float = 1.0
    drift_by_size: bool = False
    shift: float = 0.0

    def draw(self, reps: int, part: int = 0) -> tuple[np.ndarray, np.ndarray]:
        """Counts of the treated city, (2, 3, reps, T) without and with the effect in three sizes,
        and of the controls, (reps, 12, T); the same on every machine."""
        source = stream(SEED, f"{astuple(self)}/{part}")
        means = np.array([*TREATED, *CONTROLS])
        log_rate = np.log(means)[:, None] + self._common(source, reps) + self._own(source, reps)
        own, controls = log_rate[:, : len(TREATED)], log_rate[:, len(TREATED) :]
        after = np.arange(MONTHS) >= START
        treated = np.stack([own, own + np.log1p(EFFECT / 100) * after]).swapaxes(1, 2)
        return self._counts(source, treated), self._counts(source, controls)

    def _counts(self, source: BitGenerator, log_rate: np.ndarray) -> np.ndarray:
        u = uniforms(source, log_rate.size).reshape(log_rate.shape)
        return counts(u, np.exp(log_rate), self.alpha)

    def _common(self, source: BitGenerator, reps: int) -> np.ndarray:
        shape = (reps, 1, MONTHS)
        walk = COMMON_WALK * _normals(source, shape).cumsum(axis=-1)
        season = SEASON * np.sin(2 * np.pi * np.arange(MONTHS) / PER_YEAR)
        return COMMON * _persistent(source, shape, COMMON_RHO) + walk + season

    def _own(self, source: BitGenerator, reps: int) -> np.ndarray:
        means = np.array([*TREATED, *CONTROLS])
        shape = (reps, len(means), MONTHS)
        own = self.frailty * _persistent(source, shape, FRAILTY_RHO) - self.frailty**2 / 2
        if self.factor:
            walk = _anchored(FACTOR_STEP * _normals(source, (reps, 1, MONTHS)))
            own += (1 + LOADING * _normals(source, (reps, len(means), 1))) * walk
        if self.drift:
            size = np.full(len(means), self.drift / np.sqrt(PER_YEAR))
            size[: len(TREATED)] *= self.treated_drift
            if self.drift_by_size:
                size *= np.sqrt(8 / means)
            own += _anchored(size[:, None] * _normals(source, shape))
        if self.shift:
            jump = self.shift * _normals(source, (reps, len(means), 1))
            own += jump * (np.arange(MONTHS) >= START)
        return own


def _normals(source: BitGenerator, shape: tuple[int, ...]) -> np.ndarray:
    return normals(source, int(np.prod(shape))).reshape(shape)


def _persistent(source: BitGenerator, shape: tuple[int, ...], rho: float) -> np.ndarray:
    path = _normals(source, shape)
    for t in range(1, shape[-1]):
        path[..., t] = rho * path[..., t - 1] + np.sqrt(1 - rho**2) * path[..., t]
    return path


def _anchored(steps: np.ndarray) -> np.ndarray:
    """Random walks that are nought in the last month before the start."""
    walk = steps.cumsum(axis=-1)
    return walk - walk[..., START - 1 : START]


STATIONARY = World("stationary")
NINE = (STATIONARY, World("factor", factor=True), World("drift", drift=DRIFT))
STRESS = (
    World("overdispersed", frailty=0.4, alpha=0.3),
    World("overdispersed, drift", frailty=0.4, alpha=0.3, drift=DRIFT),
    World("small cities drift more", drift=DRIFT, drift_by_size=True),
    World("treated drifts twice as much", drift=DRIFT, treated_drift=2.0),
    World("cities shift at the start", shift=0.15),
)
