"""Covariances that allow for correlation within clusters, and the degrees of freedom they earn.

Everything starts from two things a cluster: its score (G, k), the sum over its rows of weight times
residual times x, and its part of the information (G, k, k), the sum of weight times x x'. They are
enough for the bias-reduced kinds too, because (I - H)^-1/2 on the rows of a cluster acts on its
score as (I - M)^-1/2, where M is its information in coordinates in which all of it together is I.
Effects that are nested in clusters may be taken out of x first: nothing changes (Pustejovsky and
Tipton 2018, theorem 2). Effects that are not, such as periods, must be among the columns.

With weights the working model behind CR2 and its degrees of freedom has variances that are
inverse to the weights.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from evaluation.errors import FitError
from evaluation.fact import fact

Kernel = Literal["uniform", "bartlett"]

# Information of one cluster this near to all there is in some direction: that direction is its own.
OWN = 1 - 1e-9
# A direction with less of the contrast than this does not concern it.
LENS = 1e-6
# Numbers in one block of small matrices.
BLOCK = 4_000_000
EARTH_KM = 6371.0088


def sums(values: np.ndarray, cluster: np.ndarray, count: int | None = None) -> np.ndarray:
    """(G, ...) sums of rows by cluster.

    Parameters
    ----------
    values : (n, ...). cluster : (n,) numbers from 0. count : G; by default as many as there are.
    """
    groups = int(cluster.max()) + 1 if count is None else count
    flat = values.reshape(len(values), -1)
    added = [np.bincount(cluster, weights=column, minlength=groups) for column in flat.T]
    return np.stack(added, axis=1).reshape(groups, *values.shape[1:])


def small_sample(rows: int, groups: int, parameters: int) -> float:
    """G/(G - 1) (n - 1)/(n - K), the factor of CR1.

    Parameters
    ----------
    parameters : K. Effects nested in clusters are counted by Stata's `areg` and
        `linearmodels`, and not by fixest, reghdfe and xtreg: say which.

    Raises
    ------
    FitError : for one cluster, or no more rows than parameters.
    """
    if groups < 2:
        raise FitError(fact("numeric.clusters.cluster-robust-error-needs-least"))
    if rows <= parameters:
        raise FitError(
            fact("numeric.clusters.rows-too-few-coefficients", rows=rows, parameters=parameters)
        )
    return groups / (groups - 1) * (rows - 1) / (rows - parameters)


def covariance(scores: np.ndarray, bread: np.ndarray) -> np.ndarray:
    """(k, k) CR0: bread S'S bread (Liang and Zeger 1986); times `small_sample` it is CR1.

    Parameters
    ----------
    scores : (G, k), a row a cluster. bread : (k, k), inverse information.
    """
    return np.asarray(bread @ (scores.T @ scores) @ bread)


@dataclass(frozen=True, slots=True)
class Reduced:
    """One contrast with a bias-reduced clustered error.

    influence : (G,) what each cluster moves the contrast by; their squares sum to the variance.
    df : Satterthwaite degrees of freedom, NaN for CR3. own : clusters that alone set a part of
        the contrast (the only treated one, say): that part is left out of its adjustment.
    """

    influence: np.ndarray
    df: float
    own: int

    @property
    def std_error(self) -> float:
        return float(np.sqrt((self.influence**2).sum()))


def reduced(
    scores: np.ndarray,
    information: np.ndarray,
    contrast: np.ndarray,
    *,
    kind: Literal["CR2", "CR3"] = "CR2",
) -> Reduced:
    """A contrast with CR2 and Satterthwaite degrees of freedom, or CR3.

    CR2 is unbiased when errors are independent with one variance; its degrees of freedom are twice
    the squared mean over the variance of the variance estimate under that model (Bell and McCaffrey
    2002, Survey Methodology 28:169-181; Imbens and Kolesar 2016; as clubSandwich with the identity
    working model). CR3 has (I - H)^-1: `influence` is then what leaving the cluster out takes off
    the estimate, exactly for least squares. The sum of squares is clubSandwich's CR3; times
    (G - 1)/G it is the jackknife (CV3 of MacKinnon, Nielsen and Webb 2023, Journal of Applied
    Econometrics 38:671-694).

    Parameters
    ----------
    scores : (G, k). information : (G, k, k). contrast : (k,) such as one coefficient.
    """
    whole = information.sum(axis=0)
    root = _inverse_root(whole)
    direction = root.T @ contrast
    turned = scores @ root
    length = float(np.sqrt(direction @ direction))
    g, k = scores.shape
    influence, own_square, touched = np.empty(g), np.empty(g), np.empty((g, k))
    alone = 0
    for begin in range(0, g, max(1, BLOCK // k**2)):
        block = slice(begin, begin + max(1, BLOCK // k**2))
        values, vectors = np.linalg.eigh(root.T @ information[block] @ root)
        values = values.clip(0, 1)
        lone = values > OWN
        rest = np.where(lone, np.inf, 1 - values)
        lens = np.einsum("gji,j->gi", vectors, direction)
        alone += int((lone & (np.abs(lens) > LENS * length)).any(axis=1).sum())
        seen = np.einsum("gji,gj->gi", vectors, turned[block])
        influence[block] = (lens * seen / (np.sqrt(rest) if kind == "CR2" else rest)).sum(axis=1)
        # a'a and Z'a of a = A Z c, the weights of the cluster's errors in its adjusted score.
        own_square[block] = (lens**2 * values / rest).sum(axis=1)
        touched[block] = np.einsum("gji,gi->gj", vectors, lens * values / np.sqrt(rest))
    if kind == "CR3":
        return Reduced(influence, float("nan"), alone)
    square = (touched**2).sum(axis=1)
    trace = float((own_square - square).sum())
    cross = float(((touched.T @ touched) ** 2).sum())
    spread = float((own_square**2 - 2 * own_square * square).sum()) + cross
    return Reduced(influence, trace**2 / spread if spread > 0 else float("nan"), alone)


def _inverse_root(whole: np.ndarray) -> np.ndarray:
    """R with R'AR = I for the information A."""
    scale = np.sqrt(np.diagonal(whole))
    if not (scale > 0).all():
        raise FitError(fact("numeric.clusters.column-design-nought"))
    values, vectors = np.linalg.eigh(whole / np.outer(scale, scale))
    if values[0] <= 1e-13 * values[-1]:
        raise FitError(fact("numeric.clusters.column-design-combination-others"))
    return np.asarray(vectors / np.sqrt(values) / scale[:, None])


def two_way(
    scores: np.ndarray, bread: np.ndarray, first: np.ndarray, second: np.ndarray
) -> np.ndarray:
    """(k, k) covariance for correlation within either of two clusterings, without a factor.

    V1 + V2 - V12 (Cameron, Gelbach and Miller 2011, Journal of Business and Economic Statistics
    29:238-249); negative eigenvalues are set to nought. With all parts times `small_sample` of the
    smaller number of clusters, and t of that less one, it is fixest's default.

    Parameters
    ----------
    scores : (n, k) by row. first, second : (n,) numbers from 0.
    """
    both = np.unique(first * (int(second.max()) + 1) + second, return_inverse=True)[1]
    parts = [covariance(sums(scores, codes), bread) for codes in (first, second, both)]
    cov = parts[0] + parts[1] - parts[2]
    values, vectors = np.linalg.eigh(cov)
    if values[0] < 0:
        cov = (vectors * values.clip(min=0)) @ vectors.T
    return np.asarray(cov)


def driscoll_kraay(scores: np.ndarray, bread: np.ndarray, lag: int) -> np.ndarray:
    """(k, k) covariance for correlation between all units, dying out over `lag` periods.

    Bartlett weights 1 - j/(lag + 1) on the autocovariances of the scores summed by period (Driscoll
    and Kraay 1998, Review of Economics and Statistics 80:549-560). No factor. It needs many
    periods, not many units.

    Parameters
    ----------
    scores : (T, k) sums by period, in order.
    """
    meat = scores.T @ scores
    for j in range(1, min(lag, len(scores) - 1) + 1):
        product = scores[j:].T @ scores[:-j]
        meat += (1 - j / (lag + 1)) * (product + product.T)
    return np.asarray(bread @ meat @ bread)


def conley(
    scores: np.ndarray,
    bread: np.ndarray,
    position: np.ndarray,
    cutoff: float,
    *,
    kernel: Kernel = "uniform",
    on_earth: bool = True,
) -> np.ndarray:
    """(k, k) covariance for correlation between units nearer to each other than the cutoff.

    Products of the scores of two units count fully ("uniform") or times 1 - d/cutoff ("bartlett";
    Conley 1999, Journal of Econometrics 92:1-45). Scores are summed over a unit's periods, so that
    any correlation over time counts, within a unit and between neighbors. No factor. A uniform
    kernel can give a negative variance, and this is then refused.

    Parameters
    ----------
    scores : (N, k) by unit. position : (N, 2) latitude and longitude in degrees, cutoff in km along
        great circles; or with `on_earth` False plane coordinates in the cutoff's unit.

    Raises
    ------
    FitError : for a cutoff that is not positive, or a negative variance.
    """
    from scipy.spatial import cKDTree

    if not cutoff > 0:
        raise FitError(fact("numeric.clusters.cutoff-distance-must-be-positive", cutoff=cutoff))
    points, reach = position, cutoff
    if on_earth:
        latitude, longitude = np.radians(position).T
        flat = np.cos(latitude)
        points = np.column_stack(
            [flat * np.cos(longitude), flat * np.sin(longitude), np.sin(latitude)]
        )
        reach = 2 * np.sin(min(cutoff / (2 * EARTH_KM), np.pi / 2))
    tree = cKDTree(points)
    pairs = tree.query_pairs(reach, output_type="ndarray")
    apart = np.sqrt(((points[pairs[:, 0]] - points[pairs[:, 1]]) ** 2).sum(axis=1))
    if on_earth:
        apart = 2 * EARTH_KM * np.arcsin(np.minimum(apart / 2, 1))
    weight = np.ones(len(pairs)) if kernel == "uniform" else 1 - apart / cutoff
    product = (scores[pairs[:, 0]] * weight[:, None]).T @ scores[pairs[:, 1]]
    cov = bread @ (scores.T @ scores + product + product.T) @ bread
    if (np.diagonal(cov) <= 0).any():
        raise FitError(fact("numeric.clusters.spatial-variance-negative-cutoff-use"))
    return np.asarray(cov)
