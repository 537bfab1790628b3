"""Named random streams, and draws whose values no version of numpy can change.

numpy promises the words of its bit generators for ever, but not the values of its distributions.
So the words are turned into uniforms here, and uniforms into draws by inverting the distribution
function: another numpy, or another machine, gives the same count in every cell.
"""

from __future__ import annotations

import zlib

import numpy as np

BitGenerator = np.random.PCG64DXSM
# Counts are told from the Poisson's distribution function when it has this to spare.
NEAR = 2e-6


def stream(seed: int, name: str) -> BitGenerator:
    """The bit generator of this name; another name or seed gives independent words.

    Parameters
    ----------
    seed : nonnegative. name : what is drawn, such as "drift/Oakland"; draws keep their values when
        other streams are added, taken away or reordered.

    Examples
    --------
    >>> int(stream(1, "season").random_raw()) == int(stream(1, "season").random_raw())
    True
    """
    return BitGenerator(np.random.SeedSequence([seed, zlib.crc32(name.encode("utf-8"))]))


def uniforms(source: BitGenerator, n: int) -> np.ndarray:
    """(n,) numbers strictly between 0 and 1, each the middle of one of 2**52 equal cells."""
    # 52 bits and not 53: with 53 the half would round away, and the last cell would give 1.
    cells = np.asarray(source.random_raw(n), dtype=np.uint64) >> np.uint64(12)
    return (cells.astype(float) + 0.5) * 2.0**-52


def normals(source: BitGenerator, n: int) -> np.ndarray:
    """(n,) standard normal draws, by the inverse of the distribution function."""
    from scipy.special import ndtri

    return np.asarray(ndtri(uniforms(source, n)), dtype=float)


def overdispersed_counts(
    u: np.ndarray, mean: np.ndarray, dispersion: float | np.ndarray
) -> np.ndarray:
    """Negative binomial counts, the smallest whose distribution function reaches `u`.

    The probabilities are summed upward from nought by their recursion. That is four operations a
    step that every machine does alike; library quantile functions differ near their boundaries.

    Parameters
    ----------
    u : (...) uniforms. mean : (...) means, each above 0 and below 700. dispersion : variance over
        mean, above 1: one for all (the NB1 form) or (...).

    Returns
    -------
    (...) whole numbers, as int64.

    Raises
    ------
    ValueError : when a mean or the dispersion is outside these bounds.
    """
    if np.any(np.asarray(dispersion) <= 1) or not ((mean > 0) & (mean < 700)).all():
        raise ValueError("means must be between 0 and 700, and the dispersion above 1")
    size = mean / (dispersion - 1)
    failure = 1 - 1 / dispersion
    probability = np.exp(-size * np.log(dispersion))
    reached = probability.copy()
    count = np.zeros(u.shape, dtype=np.int64)
    step = 0
    # Past the mean a sum that no longer grows is complete, though rounding may leave it below `u`.
    while (short := (u > reached) & ((step < mean) | (reached + probability > reached))).any():
        probability = probability * failure * (size + step) / (step + 1)
        step += 1
        reached = reached + probability
        count[short] = step
    return count


def shared_counts(u: np.ndarray, mean: np.ndarray, dispersion: np.ndarray) -> np.ndarray:
    """(R, n) the counts of `overdispersed_counts` where all draws share their means: the sums are
    made once a period, and looked up.

    Parameters
    ----------
    u : (R, n) uniforms. mean, dispersion : (n,), as there.
    """
    most = u.max(axis=0)
    size, failure = mean / (dispersion - 1), 1 - 1 / dispersion
    probability = np.exp(-size * np.log(dispersion))
    sums, last = [probability], np.zeros(len(mean), dtype=int)
    while True:
        step, reached = len(sums) - 1, sums[-1]
        # As there: past the mean a sum that no longer grows is complete.
        short = (most > reached) & ((step < mean) | (reached + probability > reached))
        if not (short & (last == step)).any():
            break
        probability = probability * failure * (size + step) / (step + 1)
        sums.append(reached + probability)
        last[short & (last == step)] = step + 1
    table = np.array(sums).T
    made = [
        np.searchsorted(own[:end], draws) for own, end, draws in zip(table, last, u.T, strict=True)
    ]
    return np.array(made, dtype=np.int64).T


def nearly_poisson_counts(u: np.ndarray, mean: np.ndarray, dispersion: np.ndarray) -> np.ndarray:
    """(...) the counts of `overdispersed_counts` where no dispersion is above 1 + 1e-6.

    Its distribution function is then within 2e-7 of the Poisson's. Where the Poisson's says the
    count with more to spare than that, no sums are made.

    Parameters
    ----------
    u, mean, dispersion : (...), as there.
    """
    from scipy.special import gammaln, ndtri, pdtr

    normal = ndtri(u)
    # Cornish and Fisher (1938): to a tenth of a count where the mean is above 20.
    made = np.maximum(np.floor(mean + np.sqrt(mean) * normal + (normal**2 - 1) / 6 + 0.5), 0)
    top = pdtr(made, mean)
    bottom = top - np.exp(made * np.log(mean) - mean - gammaln(made + 1))
    beyond = np.where(u > top, 1.0, np.where(u <= bottom, -1.0, 0.0))
    if beyond.any():
        moved = beyond != 0
        made[moved] = np.maximum(made + beyond, 0)[moved]
        top[moved] = pdtr(made[moved], mean[moved])
        own = np.exp(made * np.log(mean) - mean - gammaln(made + 1))
        bottom[moved] = (top - own)[moved]
    unsure = ~((bottom + NEAR < u) & (u < top - NEAR))
    made[unsure] = overdispersed_counts(u[unsure], mean[unsure], dispersion[unsure])
    return np.asarray(made, dtype=np.int64)


def changed_counts(counts: np.ndarray, share: float | np.ndarray, u: np.ndarray) -> np.ndarray:
    """(n,) counts after each event was kept, or repeated, by its own random number.

    Parameters
    ----------
    counts : (n,) whole numbers. share : change of the mean, above -1, one for all or (n,).
        u : (E,) uniforms, one an event.
    """
    of_event = np.repeat(np.broadcast_to(share, counts.shape), counts)
    sure = np.floor(np.maximum(of_event, 0.0))
    more = np.where(of_event < 0, -(u < -of_event).astype(float), sure + (u < of_event - sure))
    ends = np.cumsum(counts)
    sums = np.concatenate([[0.0], np.cumsum(more)])
    return np.asarray(counts + sums[ends] - sums[ends - counts])


def stationary_path(shocks: np.ndarray, *, rho: float, deviation: float) -> np.ndarray:
    """(n,) a stationary first-order autoregression.

    Parameters
    ----------
    shocks : (n,) independent standard normals. rho : lag-1 correlation, between -1 and 1.
    deviation : standard deviation of the path in every period.
    """
    path = shocks.copy()
    for t in range(1, len(path)):
        path[t] = rho * path[t - 1] + np.sqrt(1 - rho**2) * shocks[t]
    return deviation * path
