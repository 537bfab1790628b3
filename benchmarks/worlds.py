"""The simulated worlds of the coverage study: what the truth is, and series drawn from it."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from itertools import product

import numpy as np
from numpy.random import BitGenerator

from evaluation.numeric.series.simulated import copula_counts, counts, latent_counts
from evaluation.numeric.shared.draws import normals, stream, uniforms

SEED = 20260101
LENGTHS = (48, 84, 132)
MEANS = (2.0, 8.0, 30.0)
# The effect whose power is measured: 31.5 % fewer, the change Oakland's program is known for.
EFFECT = -31.5


def drifting_counts(
    mean: np.ndarray,
    *,
    alpha: float,
    drift: float,
    source: BitGenerator,
    draws: int,
    per_year: int = 12,
) -> np.ndarray:
    """(R, n) counts about a rate that wanders without limit, with NB2 variance about it.

    The log of the rate is that of the mean plus a Gaussian random walk, nought halfway through the
    series, whose change over a year has standard deviation `drift`.

    Parameters
    ----------
    mean : (n,) or (R, n). alpha : at least 0, counting noise beyond the Poisson. draws : R.
    """
    n = mean.shape[-1]
    steps = normals(source, draws * n).reshape(draws, n) * drift / np.sqrt(per_year)
    walk = np.cumsum(steps, axis=1)
    rate = mean * np.exp(walk - walk[:, n // 2, None])
    return counts(uniforms(source, rate.size).reshape(rate.shape), rate, alpha)


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """One world.

    world : "counts" (the counts themselves are autocorrelated), "rate" (a persistent rate under
    Poisson noise) or "drift" (the log of the rate is a random walk). n : months. mean : events a
    month before the step. alpha : variance is mean + alpha mean^2. rho : lag-1 correlation.
    drift : standard deviation of a year's change of the log rate. effect : percent, from the
    middle of the series.
    """

    world: str
    n: int
    mean: float
    alpha: float
    rho: float
    drift: float = 0.0
    effect: float = 0.0

    @property
    def start(self) -> int:
        return self.n // 2

    @property
    def log_ratio(self) -> float:
        return float(np.log1p(self.effect / 100))

    @property
    def difference(self) -> float:
        return self.mean * self.effect / 100

    def draw(self, reps: int, part: int = 0) -> np.ndarray:
        """(reps, n) series; the same on every machine, and for every method. `part` numbers
        batches that go on where the last one ended."""
        source = stream(SEED, f"{astuple(self)}/{part}")
        mean = np.full(self.n, self.mean)
        mean[self.start :] *= 1 + self.effect / 100
        if self.world == "counts":
            return copula_counts(mean, alpha=self.alpha, rho=self.rho, source=source, draws=reps)
        if self.world == "rate":
            return latent_counts(mean, alpha=self.alpha, rho=self.rho, source=source, draws=reps)
        return drifting_counts(mean, alpha=self.alpha, drift=self.drift, source=source, draws=reps)


COUNTS = tuple(
    Cell("counts", n, mean, alpha, rho)
    for n, mean, alpha, rho in product(LENGTHS, MEANS, (0.0, 0.1, 0.3), (0.0, 0.2, 0.4, 0.6))
)
RATE = tuple(
    Cell("rate", n, mean, alpha, rho)
    for n, mean, alpha, rho in product(LENGTHS, MEANS, (0.1, 0.3), (0.4, 0.6, 0.8))
)
DRIFT = tuple(
    Cell("drift", n, mean, alpha, 0.0, drift)
    for n, mean, alpha, drift in product((84, 132), (8.0, 30.0), (0.0, 0.1), (0.05, 0.1, 0.2))
)
POWER = tuple(
    Cell("counts", 132, 8.0, 0.1, rho, effect=effect)
    for effect, rho in product((EFFECT,), (0.0, 0.2, 0.4))
)
# For methods that are fitted one series at a time: the middle of the grid.
MIDDLE = tuple(cell for cell in COUNTS + RATE if cell.mean == 8 and cell.alpha == 0.1)
SETS = {
    "counts": COUNTS,
    "rate": RATE,
    "drift": DRIFT,
    "power": POWER,
    "middle": MIDDLE,
    "all": COUNTS + RATE + DRIFT + POWER,
}
