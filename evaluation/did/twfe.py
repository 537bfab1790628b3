"""Two-way fixed effects by least squares: outcome on unit effects, period effects and treatment.

The coefficient and its CR0, CR1, two-way and Driscoll-Kraay covariance are those of
`linearmodels.PanelOLS` up to 2,000 rows; its factors are left out, and those below are R's. Beyond,
where it takes a thousand times as long (`engines.md`), and for the other errors they are ours,
equal to 1e-10: a whole panel has one weight a unit, so taking out the means of units and periods
once is exact, and nothing is iterated. With gaps `twfe_gaps` takes them out of the rows there are.

Cluster conventions. The factor of CR1 is G/(G - 1) times (n - 1)/(n - K). K has the treatment and
the periods; unit effects are nested in clusters and are not counted by default, as in fixest and
reghdfe. `nested="counted"` counts them, as Stata's `areg` does. Intervals are t(G - 1), but t with
Satterthwaite's degrees of freedom for CR2 and t(min(treated, control clusters) - 1) for CR3.

With effects that grow over time or differ between cohorts the coefficient is no average of effects:
some of them count negatively (`evaluation.did.bacon`). Goodman-Bacon (2021), Journal of
Econometrics 225:254-277; de Chaisemartin and D'Haultfoeuille (2020), American Economic Review
110:2964-2996. Clusters: Bertrand, Duflo and Mullainathan (2004), Quarterly Journal of Economics
119:249-275.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal, get_args

import numpy as np

from evaluation.did import twfe_gaps
from evaluation.did.cohorts import Cohorts
from evaluation.did.effects import Answer, t_answer
from evaluation.did.event_study import rates
from evaluation.did.usable import Nested, clusters_unused, few, sides
from evaluation.errors import FitError
from evaluation.fact import Fact, fact
from evaluation.numeric.panel.absorb import means_out
from evaluation.numeric.panel.library import two_way_effects
from evaluation.numeric.shared import clusters, wild
from evaluation.numeric.shared.draws import stream
from evaluation.numeric.shared.linear import RANK_TOLERANCE

Errors = Literal["CR0", "CR1", "CR2", "CR3", "two-way", "driscoll-kraay", "conley", "WCR", "WCU"]

DRAWS = 9999
SEED = 1
# Rows up to which the library is used: a fit of 2,000 takes a fifth of a second, ours a thousandth
# of that, and placebos fit hundreds.
BY_LIBRARY = 2000

# Settings of certain errors only. Draws and seed are of the bootstrap too, but checks set them for
# every method.
USED_BY: dict[str, tuple[Errors, ...]] = {
    "nested": ("CR1", "two-way", "WCR", "WCU"),
    "lag": ("driscoll-kraay",),
    "position": ("conley",),
    "cutoff": ("conley",),
    "kernel": ("conley",),
    "signs": ("WCR", "WCU"),
}
# Errors that are sums of scores, which the library has.
SUMMED = ("CR0", "CR1", "two-way", "driscoll-kraay")
# Errors that are not by cluster.
UNCLUSTERED = ("driscoll-kraay", "conley")


@dataclass(frozen=True, slots=True)
class Judgement:
    """How sure the estimate is: the settings of `fit` of the same names."""

    errors: Errors = "CR1"
    nested: Nested = "not counted"
    lag: int | None = None
    position: tuple[str, str] = ("latitude", "longitude")
    cutoff: float | None = None
    kernel: clusters.Kernel = "uniform"
    signs: wild.Signs = "rademacher"
    draws: int = DRAWS
    seed: int = SEED


@dataclass(frozen=True, slots=True)
class _Solved:
    """The treatment (N, T) and the outcome without unit and period effects, the coefficient, and
    its variance without factor where the library is to give it."""

    d: np.ndarray
    y: np.ndarray
    beta: float
    bread: float
    variance: float | None = None

    @property
    def residuals(self) -> np.ndarray:
        return self.y - self.beta * self.d


def fit(
    cohorts: Cohorts,
    *,
    errors: Errors = "CR1",
    nested: Nested = "not counted",
    lag: int | None = None,
    position: Sequence[str] = ("latitude", "longitude"),
    cutoff: float | None = None,
    kernel: clusters.Kernel = "uniform",
    signs: wild.Signs = "rademacher",
    draws: int = DRAWS,
    seed: int = SEED,
) -> Answer:
    """The coefficient of treatment, in outcome units a period; of rates at the mean exposure when
    there is one.

    Parameters
    ----------
    errors : "CR0", "CR1", "CR2" and "CR3" (jackknife, factor (G - 1)/G) by cluster; "two-way", by
        cluster and period; "driscoll-kraay", t(T - 1); "conley", by distance between units,
        t(N - 1); "WCR" and "WCU", the restricted and unrestricted wild cluster bootstrap. nested :
        whether unit effects count in the factor. lag : periods of Driscoll and Kraay, by default
        floor(4 (T/100)^(2/9)). position, cutoff, kernel : of Conley: the names of the covariates
        with latitude and longitude, kilometers, and "uniform" or "bartlett". signs, draws, seed :
        of the bootstrap, which enumerates all signs when there are no more than `draws`.

    Raises
    ------
    FitError : for a treatment that is the same in all units, fewer than two
        clusters, or a setting that is not known.
    """
    how = Judgement(
        errors, nested, lag, (position[0], position[1]), cutoff, kernel, signs, draws, seed
    )
    if errors not in get_args(Errors):
        known = ", ".join(get_args(Errors))
        raise FitError(fact("did.twfe.errors-not-known-there", errors=errors, known=known))
    _refuse_idle(how)
    y, relative, notes = rates(cohorts)
    if cohorts.used is None:
        solved = _solve(cohorts, y, how)
        answer = judge(cohorts, solved, how)
        line = y - solved.beta * cohorts.strength - solved.residuals
    else:
        answer, line = twfe_gaps.fit(cohorts, y, errors, nested == "counted")
    return replace(
        answer,
        expected=line * relative,
        relative=relative,
        covariates=how.position if errors == "conley" else (),
        notes=(*notes, *answer.notes, *clusters_unused(cohorts, errors in UNCLUSTERED, errors)),
        objection=few(*sides(cohorts)),
    )


def _refuse_idle(how: Judgement) -> None:
    """Nothing, when every setting that is not the usual one is used by the errors asked for.

    Raises
    ------
    FitError : naming the setting that would change nothing.
    """
    usual = Judgement()
    for setting, errors in USED_BY.items():
        if how.errors not in errors and getattr(how, setting) != getattr(usual, setting):
            raise FitError(
                fact(
                    "did.twfe.changes-nothing-errors-leave-out",
                    setting=setting,
                    errors=how.errors,
                    errors2=tuple(errors),
                )
            )


def _solve(cohorts: Cohorts, y: np.ndarray, how: Judgement) -> _Solved:
    treated = cohorts.strength
    d = means_out(treated, cohorts.weight)
    weighted = cohorts.weight[:, None] * d
    square = float((weighted * d).sum())
    if square <= RANK_TOLERANCE * float((cohorts.weight @ treated).sum()):
        raise FitError(fact("did.twfe.treatment-cannot-be-told-from"))
    outcome = means_out(y, cohorts.weight)
    if how.errors not in SUMMED or y.size > BY_LIBRARY:
        return _Solved(d, outcome, float((weighted * outcome).sum()) / square, 1 / square)
    beta, variance = two_way_effects(
        y,
        treated,
        cohorts.weight,
        cluster=None if how.errors == "driscoll-kraay" else cohorts.cluster,
        periods=how.errors == "two-way",
        lag=_lag(how, y.shape[1]),
    )
    return _Solved(d, outcome, beta, 1 / square, variance)


def _lag(how: Judgement, length: int) -> int:
    """Of Driscoll and Kraay."""
    return int(4 * (length / 100) ** (2 / 9)) if how.lag is None else how.lag


def judge(cohorts: Cohorts, solved: _Solved, how: Judgement) -> Answer:
    """The answer with the errors asked for, and a note on them."""
    n, length = solved.y.shape
    groups = int(cohorts.cluster.max()) + 1
    scores = cohorts.weight[:, None] * solved.d * solved.residuals
    bread = np.array([[solved.bread]])
    counted = n - 1 if how.nested == "counted" else 0
    parameters = 1 + length + counted
    by_unit = scores.sum(axis=1)[:, None]

    def plain(variance: float, df: float, *notes: Fact) -> Answer:
        answer = t_answer("difference", solved.beta, float(np.sqrt(max(variance, 0.0))), df)
        return replace(answer, notes=notes)

    def summed(cov: Callable[[], np.ndarray]) -> float:
        return float(cov()[0, 0]) if solved.variance is None else solved.variance

    if how.errors in ("CR0", "CR1"):
        factor = clusters.small_sample(n * length, groups, parameters)
        by_cluster = partial(clusters.sums, by_unit, cohorts.cluster)
        variance = summed(lambda: clusters.covariance(by_cluster(), bread))
        return plain(variance * (factor if how.errors == "CR1" else 1.0), groups - 1)
    if how.errors in ("CR2", "CR3"):
        return _bias_reduced(cohorts, solved, how.errors)
    if how.errors in ("WCR", "WCU"):
        factor = clusters.small_sample(n * length, groups, parameters)
        return _bootstrapped(cohorts, solved, how, factor)
    if how.errors == "two-way":
        rows = np.repeat(cohorts.cluster, length)
        times = np.tile(np.arange(length), n)
        flat = scores.reshape(-1, 1)
        variance = summed(lambda: clusters.two_way(flat, bread, rows, times))
        # Both sets of effects are nested in a clustering; one level of them remains.
        k = 2 if how.nested == "not counted" else parameters
        count = min(groups, length)
        return plain(variance * clusters.small_sample(n * length, count, k), count - 1)
    if how.errors == "driscoll-kraay":
        lag = _lag(how, length)
        by_period = scores.sum(axis=0)[:, None]
        variance = summed(lambda: clusters.driscoll_kraay(by_period, bread, lag))
        # Periods are what is independent here, so nothing is nested and all effects count.
        factor = clusters.small_sample(n * length, length, n + length)
        return plain(variance * factor, length - 1, fact("did.twfe.driscoll-kraay", lag=lag))
    if how.cutoff is None:
        raise FitError(fact("did.twfe.conley-errors-need-cutoff-kilometers"))
    missing = [name for name in how.position if name not in cohorts.covariate_names]
    if missing:
        raise FitError(fact("did.twfe.conley-errors-need-position-there", missing=missing[0]))
    columns = [cohorts.covariate_names.index(name) for name in how.position]
    place = cohorts.covariates[:, columns]
    cov = clusters.conley(by_unit, bread, place, how.cutoff, kernel=how.kernel)
    told = fact("did.twfe.conley", kernel=how.kernel, cutoff=how.cutoff)
    return plain(float(cov[0, 0]), n - 1, told)


def _bias_reduced(cohorts: Cohorts, solved: _Solved, kind: Literal["CR2", "CR3"]) -> Answer:
    """Periods are not nested in clusters: they are columns, beside the treatment without them."""
    periods = _contrasts(solved.y.shape[1])
    weighted = cohorts.weight[:, None] * solved.d
    residuals = cohorts.weight[:, None] * solved.residuals
    own = np.column_stack([(weighted * solved.residuals).sum(axis=1), residuals @ periods])
    scores = clusters.sums(own, cohorts.cluster)
    total = clusters.sums(cohorts.weight, cohorts.cluster)
    g, k = scores.shape
    information = np.zeros((g, k, k))
    information[:, 0, 0] = clusters.sums((weighted * solved.d).sum(axis=1), cohorts.cluster)
    cross = clusters.sums(weighted @ periods, cohorts.cluster)
    information[:, 0, 1:] = information[:, 1:, 0] = cross
    information[:, 1:, 1:] = total[:, None, None] * np.eye(k - 1)
    found = clusters.reduced(scores, information, np.eye(k)[0], kind=kind)
    treated, control = sides(cohorts)
    if kind == "CR3":
        if found.own:
            raise FitError(fact("did.twfe.without-one-clusters-there-no"))
        error = found.std_error * np.sqrt((g - 1) / g)
        df = float(max(min(treated, control) - 1, 1))
        return t_answer("difference", solved.beta, error, df)
    if found.own or not found.df > 0:
        note = fact("did.twfe.own", n=found.own)
        answer = t_answer("difference", solved.beta, found.std_error, max(found.df, 1.0))
        return replace(answer, notes=(note,))
    return t_answer("difference", solved.beta, found.std_error, found.df)


def _bootstrapped(cohorts: Cohorts, solved: _Solved, how: Judgement, factor: float) -> Answer:
    weighted = cohorts.weight[:, None] * solved.d
    total = np.sqrt(cohorts.weight.sum())
    model = wild.Clustered(
        own=clusters.sums((weighted * solved.d).sum(axis=1), cohorts.cluster),
        score=clusters.sums((weighted * solved.y).sum(axis=1), cohorts.cluster),
        # Of the periods, whose columns of a root weight over the root of all are orthonormal.
        lever=clusters.sums(weighted, cohorts.cluster) / total,
        outcome=clusters.sums(cohorts.weight[:, None] * solved.y, cohorts.cluster) / total,
        factor=factor,
    )
    source = stream(how.seed, f"twfe/{how.errors}")
    groups = int(cohorts.cluster.max()) + 1
    factors, every = wild.multipliers(source, groups, how.draws, how.signs)
    solve = wild.restricted if how.errors == "WCR" else wild.unrestricted
    found = solve(model, factors, enumerated=every)
    told = fact(
        "did.twfe.bootstrap",
        errors=how.errors,
        signs=how.signs,
        draws=found.draws,
        enumerated=found.enumerated,
    )
    return Answer(
        "difference",
        found.estimate,
        found.std_error,
        found.low,
        found.high,
        found.p_value,
        notes=(told,),
    )


def _contrasts(length: int) -> np.ndarray:
    """(T, T - 1) orthonormal columns that sum to nought: the periods, once units' means are out."""
    q = np.linalg.qr(np.eye(length) - 1 / length)[0]
    return np.asarray(q[:, : length - 1])
