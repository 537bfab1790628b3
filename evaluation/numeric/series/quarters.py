"""Counts of many units in blocks that meet at a start: their times, log rates and noise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# Added to a count for its logarithm.
HALF = 0.5
# So fine a division of a block gives the covariances of block means.
FINE = 12


@dataclass(frozen=True, slots=True)
class Layout:
    """K blocks of `size` periods counted from the start both ways; the outermost blocks take what
    is left over, so that no period is lost.

    edges : (K,) first period of each. lengths : (K,) periods. width : (K,) years. after : (K,) True
    from the start on. walk : (K, K) covariances of block means of a unit's own deviation, of
    variance 1 a year. season : (K, K) share of two blocks that is the same part of the year.
    """

    edges: np.ndarray
    lengths: np.ndarray
    width: np.ndarray
    after: np.ndarray
    walk: np.ndarray
    season: np.ndarray

    @property
    def before(self) -> int:
        """Blocks before the start."""
        return int((~self.after).sum())


def layout(
    start: int, length: int, size: int, per_year: int, *, revert: float, skipped: int = 0
) -> Layout:
    """The blocks of `length` periods, of which those from `start` on are after.

    A unit's own deviation has the covariance revert/2 exp(-|t - t'|/revert): a random walk of
    variance 1 a year that is pulled back to nought. With revert 0 it is a plain walk, min(t, t').

    Parameters
    ----------
    size : periods a block; each side has at least as many. revert : years in which a deviation
        falls to 1/e. skipped : periods left out between the last before and the first after.
    """
    cuts = [
        *reversed([start - size * k for k in range(1, start // size + 1)]),
        *(start + size * k for k in range((length - start) // size)),
    ]
    cuts[0] = 0
    edges = np.array(cuts)
    lengths = np.diff([*cuts, length])
    width, after = lengths / per_year, edges >= start
    begins = np.concatenate([[0.0], width.cumsum()])[:-1] + after * (skipped / per_year)
    t = begins[:, None] + width[:, None] * (np.arange(FINE) + 0.5) / FINE
    if revert:
        apart = np.abs(np.subtract.outer(t, t))
        walk = (revert / 2 * np.exp(-apart / revert)).mean(axis=(1, 3))
    else:
        walk = np.minimum.outer(t, t).mean(axis=(1, 3))
    return Layout(edges, lengths, width, after, walk, _season(after, size, per_year, skipped))


def _season(after: np.ndarray, size: int, per_year: int, skipped: int) -> np.ndarray:
    """(K, K); parts of the year are counted from the start, and a block that lies in two of them
    because of `skipped` is shared out. A block of a whole year has none."""
    parts, blocks = per_year // size, np.arange(len(after))
    if parts < 2:
        return np.zeros((len(after), len(after)))
    back = np.where(after, 0, skipped)
    earlier, shared = -(-back // size), (-back % size) / size
    phase = blocks - int((~after).sum()) - earlier
    share = np.zeros((len(after), parts))
    np.add.at(share, (blocks, phase % parts), 1 - shared)
    np.add.at(share, (blocks, (phase + 1) % parts), shared)
    return np.asarray(share @ share.T)


def response(
    y: np.ndarray, exposure: np.ndarray, pool: np.ndarray, held: np.ndarray, blocks: Layout
) -> tuple[np.ndarray, np.ndarray]:
    """(M, K) log rates, and the variances 1/mu that Poisson counts would have.

    z = log((count + .5)/exposure). Of a unit's events before (after), mu is the share that falls
    into the block when they come as those of the pool do, at the unit's own exposure.

    Parameters
    ----------
    y, exposure : (M, T). pool, held : (T,) events and exposure of the controls, summed.
    """
    count, own, p, h = (
        np.add.reduceat(x, blocks.edges, axis=-1) for x in (y, exposure, pool, held)
    )
    mu = np.empty(count.shape)
    for side in (blocks.after, ~blocks.after):
        share = own[:, side] * ((p[side] + HALF) / h[side])
        share = share / share.sum(axis=1, keepdims=True)
        mu[:, side] = (count[:, side].sum(axis=1, keepdims=True) + HALF) * share
    return np.log((count + HALF) / own), 1 / mu
