"""Many small units: untreated ones weighted until their totals are those of the treated.

Robbins, Saunders and Kilmer (2017), Journal of the American Statistical Association 112:109-126.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

import numpy as np

from evaluation.did.cohorts import Cohorts
from evaluation.did.dates import stretch
from evaluation.did.donors import SEED, dynamic
from evaluation.did.effects import Answer, not_valid, t_answer
from evaluation.did.event_study import too_few
from evaluation.did.usable import refuse_partial
from evaluation.effect import Scale
from evaluation.errors import FitError
from evaluation.fact import Fact, fact
from evaluation.numeric.people.balance import Balanced, Distance, Unbalanced, balanced
from evaluation.numeric.shared.draws import stream, uniforms
from evaluation.numeric.shared.permutation import TIE, last_kept, rank

Variance = Literal["jackknife", "linearized", "permutation", "independent periods"]

# Groups of the jackknife: as many as treated clusters, up to this.
GROUPS = 50
# Of the groups or permutations: when more have no weights, those that have are too few to trust.
FAILING = 0.2
DRAWS = 200
# A leverage of 1 would take all of a residual; what is left of it counts at least this.
LEAST_LEFT = 0.02
LEVEL = 0.05
# The normal quantile of a 90 % range.
PUBLISHED = 1.6448536269514722


@dataclass(frozen=True, slots=True)
class _Sample:
    """One split of the units, its weights, and what they give.

    totals : (T,) of the treated. synthetic : (T,) of the weighted controls.
    """

    treated: np.ndarray
    x: np.ndarray
    y: np.ndarray
    start: int
    fit: Balanced
    totals: np.ndarray
    synthetic: np.ndarray

    @property
    def after(self) -> tuple[float, float]:
        return float(self.totals[self.start :].sum()), float(self.synthetic[self.start :].sum())


def fit(
    cohorts: Cohorts,
    *,
    periods: int = 1,
    distance: Distance = "truncated linear",
    variance: Variance = "jackknife",
    draws: int = DRAWS,
    seed: int = SEED,
) -> Answer:
    """The treated units' total after the start, against controls with the same totals before.

    Controls get weights, as near to equal as can be, with which their number, the covariates and
    the outcome of every period before (or of sums of `periods` of them, back from the start) have
    the totals of the treated, exactly; with an exposure, its mean before too. Counts: the log of
    the ratio of totals after the start. Continuous: the difference of totals a treated cell.

    Variances, of units or of clusters where there are any:
    "jackknife" leaves out groups (one treated cluster and its share of controls, shuffled) and
    calibrates again, t(groups - 1). "linearized" is the sandwich of the regression on treatment
    and the matched columns with the weights, HC3, t(treated clusters - 1). "permutation" ranks the
    effect over its linearized error among those of random units in the place of the treated; the
    range holds the effects with a p of .05 or more. "independent periods" is
    what the R package microsynth prints, the sandwich of unit-periods as if those of a unit were
    independent, with the normal; it is too narrow where a unit's periods go together, and there
    to compare ("not valid here"). microsynth's ranges are of 90 % by default: that is in a note.

    Parameters
    ----------
    periods : before the start, added up for matching. distance : "truncated linear" as microsynth
        does by default, or "raking". draws, seed : of permutations, and of the groups.

    Raises
    ------
    FitError : for several starts, no or one control, unequal weights, a total of nought, or when no
        weights meet the totals.
    """
    refuse_partial(cohorts)
    if variance not in get_args(Variance) or distance not in get_args(Distance) or periods < 1:
        raise FitError(
            fact(
                "did.calibration.variance-may-be-distance-periods",
                get_args=tuple(get_args(Variance)),
                get_args2=tuple(get_args(Distance)),
            )
        )
    if len(cohorts.cohorts) > 1:
        raise FitError(fact("did.calibration.calibration-one-start-take-cohorts"))
    if (~cohorts.ever).sum() < 2:
        raise FitError(fact("did.calibration.there-fewer-than-two-controls"))
    if np.ptp(cohorts.weight) > 0:
        raise FitError(fact("did.calibration.sampling-weights-not-used-by"))
    start = int(cohorts.cohorts[0])
    x, names = _columns(cohorts, start, periods)
    try:
        sample = _calibrated(x, cohorts.y, cohorts.ever, start, distance)
    except Unbalanced as fault:
        raise FitError(
            fact(
                "did.calibration.no-weights-controls-meet-treated",
                names=names[fault.column],
                by=fault.by,
            )
        ) from fault
    logs = cohorts.kind == "count"
    estimate = _effect(sample, logs=logs)
    if not np.isfinite(estimate):
        raise FitError(fact("did.calibration.treated-weighted-controls-have-no"))
    if variance == "jackknife":
        answer = _jackknifed(cohorts, sample, estimate, logs=logs, distance=distance, seed=seed)
    elif variance == "permutation":
        answer = _permuted(
            cohorts, sample, estimate, logs=logs, distance=distance, draws=draws, seed=seed
        )
    else:
        answer = _sandwiched(cohorts, sample, estimate, logs=logs, variance=variance)
    w = sample.fit.weights
    expected = np.full(cohorts.y.shape, np.nan)
    expected[cohorts.ever] = sample.synthetic / cohorts.ever.sum()
    observed, synthetic = sample.after
    return replace(
        answer,
        expected=expected,
        covariates=cohorts.covariate_names,
        notes=(
            fact("did.calibration.totals", observed=observed, synthetic=synthetic),
            fact(
                "did.calibration.met",
                totals=len(names),
                controls=(w > 0).sum(),
                worth=w.sum() ** 2 / (w**2).sum(),
                largest=w.max(),
            ),
            *answer.notes,
        ),
        objection=answer.objection or too_few(cohorts),
    )


def _columns(cohorts: Cohorts, start: int, periods: int) -> tuple[np.ndarray, list[Fact | str]]:
    """(N, c) what is matched, ones first, and the name of each."""
    parts = [np.ones((cohorts.n, 1)), cohorts.covariates]
    names: list[Fact | str] = [fact("did.calibration.units"), *cohorts.covariate_names]
    if cohorts.exposure is not None:
        parts.append(cohorts.exposure[:, :start].mean(axis=1, keepdims=True))
        names.append(fact("did.calibration.exposure"))
    for end in range(start, 0, -periods):
        begin = max(end - periods, 0)
        parts.append(cohorts.y[:, begin:end].sum(axis=1, keepdims=True))
        names.append(fact("did.calibration.outcome", of=stretch(cohorts.periods[begin:end])))
    return np.hstack(parts), names


def _calibrated(
    x: np.ndarray,
    y: np.ndarray,
    treated: np.ndarray,
    start: int,
    distance: Distance,
    near: Balanced | None = None,
) -> _Sample:
    count = int((~treated).sum())
    base = np.full(count, treated.sum() / count)
    found = balanced(x[~treated], x[treated].sum(axis=0), base, distance=distance, near=near)
    return _Sample(treated, x, y, start, found, y[treated].sum(axis=0), found.weights @ y[~treated])


def _effect(sample: _Sample, *, logs: bool) -> float:
    observed, synthetic = sample.after
    if not logs:
        cells = int(sample.treated.sum()) * (sample.y.shape[1] - sample.start)
        return float((observed - synthetic) / cells)
    return float(np.log(observed / synthetic)) if observed > 0 and synthetic > 0 else float("nan")


def _sandwiched(
    cohorts: Cohorts, sample: _Sample, estimate: float, *, logs: bool, variance: Variance
) -> Answer:
    if variance == "linearized":
        error = _linearized(sample, cohorts.cluster, logs=logs)
        df = float(len(np.unique(cohorts.cluster[cohorts.ever])) - 1)
        if df < 1:
            raise FitError(fact("did.calibration.linearized-error-needs-two-treated"))
        return replace(
            t_answer("log ratio" if logs else "difference", estimate, error, df),
            notes=(fact("did.calibration.linearized"),),
        )
    # Residuals of the weighted regression on treatment and periods: one effect for all periods.
    y, treated, w = sample.y[:, sample.start :], sample.treated, sample.fit.weights
    own = y[treated].mean(axis=0)
    other = w @ y[~treated] / w.sum()
    middle, half = (own + other) / 2, float((own - other).mean()) / 2
    factors = _factors(sample, logs=logs)
    off = (y[treated] - middle - half) * factors[0]
    off_control = w[:, None] * (y[~treated] - middle + half) * factors[1]
    square = float((off**2).sum() + (off_control**2).sum())
    error = float(np.sqrt(square * y.size / (y.size - 1)))
    low, high = estimate - PUBLISHED * error, estimate + PUBLISHED * error
    printed = fact("did.calibration.range", low=low, high=high)
    if logs:
        low, high = (100 * float(np.expm1(end)) for end in (low, high))
        printed = fact("did.calibration.percent-range", low=low, high=high)
    return replace(
        t_answer("log ratio" if logs else "difference", estimate, error, None),
        notes=(fact("did.calibration.microsynth", printed=printed),),
        objection=not_valid("did.calibration.periods-independent"),
    )


def _factors(sample: _Sample, *, logs: bool) -> tuple[float, float]:
    """What the effect moves by when the total of the treated, or of the controls, does."""
    if logs:
        observed, synthetic = sample.after
        return 1 / observed, 1 / synthetic
    cells = int(sample.treated.sum()) * (sample.y.shape[1] - sample.start)
    return 1 / cells, 1 / cells


def _linearized(sample: _Sample, cluster: np.ndarray, *, logs: bool) -> float:
    """The error from residuals of the outcome after the start on treatment and matched columns."""
    treated = sample.treated
    w = np.ones(len(treated))
    w[~treated] = sample.fit.weights
    used = w > 0
    root = np.sqrt(w[used])
    columns = np.column_stack([treated[used], sample.x[used] / sample.fit.scale])
    u, s, _ = np.linalg.svd(columns * root[:, None], full_matrices=False)
    u = u[:, s > 1e-10 * s[0]]
    goal = sample.y[used, sample.start :].sum(axis=1) * root
    left = np.maximum(1 - (u**2).sum(axis=1), LEAST_LEFT)
    residual = (goal - u @ (u.T @ goal)) * root / left  # each times its weight
    factors = _factors(sample, logs=logs)
    signed = residual * np.where(treated[used], factors[0], -factors[1])
    return float(np.sqrt((np.bincount(cluster[used], signed) ** 2).sum()))


def _jackknifed(
    cohorts: Cohorts,
    sample: _Sample,
    estimate: float,
    *,
    logs: bool,
    distance: Distance,
    seed: int,
) -> Answer:
    start, treated = sample.start, sample.treated
    group = _groups(cohorts.cluster, treated, seed)
    groups = int(group.max()) + 1
    length = cohorts.length - start
    found = []
    for g in range(groups):
        kept = group != g
        try:
            part = _calibrated(
                sample.x[kept], sample.y[kept], treated[kept], start, distance, sample.fit
            )
        except Unbalanced:
            continue
        found.append([_effect(part, logs=logs), *_by_period(part, logs=logs)])
    values = np.array(found).reshape(-1, 1 + length)
    values = values[np.isfinite(values[:, 0])]
    if len(values) < max((1 - FAILING) * groups, 2):
        raise FitError(fact("did.calibration.leaving-out", n_values=len(values), groups=groups))
    # The mean over groups of these squares is to be (G - 1)/G times their sum.
    errors = (values - values.mean(axis=0)) * np.sqrt(groups - 1)
    error = float(np.sqrt((errors[:, 0] ** 2).mean()))
    answer = t_answer("log ratio" if logs else "difference", estimate, error, float(groups - 1))
    path = _by_period(sample, logs=logs)
    shown = np.isfinite(path) & np.isfinite(values[:, 1:]).all(axis=0)
    failed = groups - len(values)
    return replace(
        answer,
        dynamic=dynamic(
            np.flatnonzero(shown),
            path[shown],
            np.full(int(shown.sum()), int(treated.sum())),
            errors[:, 1:][:, shown],
            groups - 1,
        ),
        notes=(fact("did.calibration.jackknife", groups=groups, failed=failed),),
    )


def _by_period(sample: _Sample, *, logs: bool) -> np.ndarray:
    """(T - start,) the effect in every period; NaN where a total is nought."""
    observed, synthetic = sample.totals[sample.start :], sample.synthetic[sample.start :]
    if not logs:
        return np.asarray((observed - synthetic) / sample.treated.sum())
    some = (observed > 0) & (synthetic > 0)
    ratio = np.divide(observed, synthetic, out=np.ones(len(observed)), where=some)
    return np.where(some, np.log(ratio), np.nan)


def _groups(cluster: np.ndarray, treated: np.ndarray, seed: int) -> np.ndarray:
    """(N,) groups of clusters, treated and other clusters each dealt out evenly in random order."""
    source = stream(seed, "calibration/groups")
    with_treated = np.unique(cluster[treated])
    groups = min(len(with_treated), GROUPS)
    if groups < 2:
        raise FitError(fact("did.calibration.jackknife-needs-two-treated-clusters"))
    others = np.setdiff1d(np.unique(cluster), with_treated)
    group = np.empty(int(cluster.max()) + 1, dtype=int)
    for clusters in (with_treated, others):
        group[clusters[np.argsort(uniforms(source, len(clusters)))]] = (
            np.arange(len(clusters)) % groups
        )
    return np.asarray(group[cluster])


def _permuted(
    cohorts: Cohorts,
    sample: _Sample,
    estimate: float,
    *,
    logs: bool,
    distance: Distance,
    draws: int,
    seed: int,
) -> Answer:
    if draws < 1:
        raise FitError(fact("did.calibration.least-one-draw-needed"))
    if len(np.unique(cohorts.cluster)) < cohorts.n:
        raise FitError(fact("did.calibration.permutations-units-clusters-use-variance"))
    source = stream(seed, "calibration/permutation")
    # The columns' units and directions serve every draw; the search begins at equal weights.
    near = replace(sample.fit, multipliers=np.zeros(len(sample.fit.multipliers)))
    size = int(sample.treated.sum())

    def ratio(part: _Sample) -> float:
        error = _linearized(part, cohorts.cluster, logs=False)
        return _effect(part, logs=False) / error if error > 0 else np.inf

    others = []
    for _ in range(draws):
        drawn = np.zeros(cohorts.n, dtype=bool)
        drawn[np.argsort(uniforms(source, cohorts.n))[:size]] = True
        try:
            part = _calibrated(sample.x, sample.y, drawn, sample.start, distance, near)
        except Unbalanced:
            continue
        others.append(ratio(part))
    if len(others) < (1 - FAILING) * draws:
        raise FitError(fact("did.calibration.weights-others", n_others=len(others), draws=draws))
    error = _linearized(sample, cohorts.cluster, logs=logs)
    scale: Scale = "log ratio" if logs else "difference"
    # Over its own error the effect has no scale, so it is ranked as its range is made.
    judged = rank(estimate / error if error > 0 else np.inf, np.array(others), exact=False)
    smallest: dict[str, Any] = {"n": len(others), "smallest": judged.smallest}
    words = (fact("did.calibration.permutations", **smallest),)
    if judged.smallest >= LEVEL * (1 - TIE):
        df = float(len(np.unique(cohorts.cluster[cohorts.ever])) - 1)
        if df < 1:
            raise FitError(
                fact(
                    "did.calibration.smallest-p-permutations-there-no",
                    n_others=len(others),
                    smallest=judged.smallest,
                )
            )
        return replace(
            t_answer(scale, estimate, error, df),
            notes=words,
            objection=not_valid("did.calibration.no-range", **smallest, p=judged.p_value),
        )
    half = last_kept(np.array(others)) * error
    return Answer(
        scale, estimate, error, estimate - half, estimate + half, judged.p_value, notes=words
    )
