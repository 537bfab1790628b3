"""Who was likely to be treated, matching on that, and whether the sides are alike once weighted.

Standardized differences are the data of a love plot, the bins of propensities those of an overlap
figure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Literal, get_args

import numpy as np

from evaluation.data import counted
from evaluation.effect import Check
from evaluation.errors import EnvironmentFault, FitError
from evaluation.fact import Fact, fact
from evaluation.individual.comparison import Comparison, sides
from evaluation.individual.effects import Answer
from evaluation.numeric.panel.doubly_robust import inverse_probability
from evaluation.numeric.people.balance import (
    crump_bound,
    effective_size,
    spread,
    standardized_differences,
    variance_ratios,
)
from evaluation.numeric.people.nearest import matched_means, nearest
from evaluation.numeric.shared import regressions
from evaluation.numeric.shared.regressions import Regression, Separated, linear

Model = Literal["logistic", "boosting"]
Rule = Literal["none", "crump"]
Trim = Rule | Sequence[float]
Weights = Literal["propensity", "given"]

# Out-of-fold predictions of boosting: each person is predicted by trees that did not see them.
FOLDS, TREES, DEPTH, RATE = 5, 100, 2, 0.05
# A leaf of few people would call them certain to be treated.
LEAF = 20
# A probability that rounds to 0 or 1 has no finite weight.
EDGE = 1e-6


@dataclass(frozen=True, slots=True)
class Propensity:
    """Probabilities of treatment of the people who stay.

    Parameters
    ----------
    used : the comparison of those who stay. p : (m,) their probabilities. fit : the logit, or None
        for boosting. kept : (n,) bool. bounds : lowest and highest probability allowed.
    """

    used: Comparison
    p: np.ndarray
    fit: Regression | None
    kept: np.ndarray
    bounds: tuple[float, float]

    @property
    def logit(self) -> np.ndarray:
        """(m,) log odds."""
        return np.asarray(np.log(self.p / (1 - self.p)))

    @property
    def notes(self) -> tuple[Fact, ...]:
        """What trimming did, if anything."""
        gone = int((~self.kept).sum())
        if not gone:
            return ()
        low, high = self.bounds
        left = counted.part(gone, len(self.kept))
        return (fact("individual.propensity.left-out", left=left, low=low, high=high),)


def propensity(data: Comparison, *, model: Model = "logistic", trim: Trim = "none") -> Propensity:
    """Probabilities of treatment given the covariates, and the people who stay after trimming.

    Parameters
    ----------
    model : "logistic", by maximum likelihood, or "boosting", out of fold (needs scikit-learn).
    trim : "none"; "crump", the bounds that make the effect most precise (Crump and others 2009); or
        the lowest and the highest probability, such as (0.1, 0.9). After trimming the model is
        fitted again to those who stay (Imbens and Rubin 2015, Causal Inference, chapter 16).

    Raises
    ------
    FitError : when the covariates tell treated from untreated, bounds make no sense, or too few
        stay. EnvironmentFault : when scikit-learn is missing.
    """
    p, fit = _probabilities(data, model)
    low, high = _bounds(p, trim)
    kept = (p >= low) & (p <= high)
    if kept.all():
        return Propensity(data, p, fit, kept, (low, high))
    ones, others = int((kept & data.treated).sum()), int((kept & ~data.treated).sum())
    if min(ones, others) <= data.x.shape[1]:
        told: dict[str, Any] = {
            "treated": counted.people(ones),
            "untreated": counted.people(others),
        }
        raise FitError(fact("individual.propensity.too-few-stay", **told))
    used = data.only(kept)
    p, fit = _probabilities(used, model)
    return Propensity(used, p, fit, kept, (low, high))


def weighted(
    data: Comparison, weights: Weights, trim: Trim
) -> tuple[Comparison, np.ndarray, Propensity | None]:
    """The people used, (m,) what each counts for, and the propensities or None.

    Parameters
    ----------
    weights : "propensity", inverse probability of treatment by a logit, times the people's own; or
        "given", only their own.

    Raises
    ------
    FitError : see `propensity`; for a trim of given weights.
    """
    if weights not in get_args(Weights):
        raise FitError(fact("individual.propensity.weights", weights=weights))
    if weights == "given" and trim != "none":
        raise FitError(fact("individual.propensity.nothing-to-trim"))
    if weights == "given":
        return data, data.base, None
    scores = propensity(data, trim=trim)
    used = scores.used
    weight = inverse_probability(scores.p, used.treated, used.base, used.estimand)
    return used, weight, scores


def _bounds(p: np.ndarray, trim: Trim) -> tuple[float, float]:
    if isinstance(trim, str) and trim == "none":
        return 0.0, 1.0
    if isinstance(trim, str) and trim == "crump":
        bound = crump_bound(p)
        return bound, 1 - bound
    given: Any = trim
    bounds = () if isinstance(given, str) else tuple(np.ravel(given).tolist())
    numeric = all(isinstance(one, (int, float)) for one in bounds)
    if len(bounds) != 2 or not numeric or not 0 <= bounds[0] < bounds[1] <= 1:
        raise FitError(fact("individual.propensity.trim-must-be-none-crump", trim=trim))
    return float(bounds[0]), float(bounds[1])


def _probabilities(data: Comparison, model: Model) -> tuple[np.ndarray, Regression | None]:
    if model == "boosting":
        return _boosted(data), None
    if model != "logistic":
        raise FitError(
            fact("individual.propensity.no-propensity-model-there-logistic", model=model)
        )
    try:
        fit = data.regress(data.treated.astype(float), data.base, regressions.logistic)
    except Separated:
        raise FitError(
            fact("individual.propensity.covariates-tell-treated-from-untreated")
        ) from None
    return fit.fitted, fit


def _boosted(data: Comparison) -> np.ndarray:
    try:
        ensemble = import_module("sklearn.ensemble")
    except ImportError:
        raise EnvironmentFault(fact("individual.propensity.no-boosting")) from None
    p = np.zeros(data.n)
    # Whole clusters go into a fold; row order alone decides, so that a run can be repeated.
    fold = data.cluster % FOLDS
    for k in np.unique(fold):
        away = fold != k
        trees = ensemble.GradientBoostingClassifier(
            n_estimators=TREES,
            max_depth=DEPTH,
            learning_rate=RATE,
            min_samples_leaf=LEAF,
            random_state=0,
        )
        trees.fit(data.x[away, 1:], data.treated[away], sample_weight=data.base[away])
        p[~away] = trees.predict_proba(data.x[~away, 1:])[:, 1]
    return np.clip(p, EDGE, 1 - EDGE)


# In standard deviations of the log odds: takes out 98 to 99 % of the bias of a normal score
# (Austin 2011, Pharmaceutical Statistics 10:150-161).
CALIPER = 0.2


def fit(
    data: Comparison,
    *,
    model: Model = "logistic",
    trim: Trim = "none",
    caliper: float = CALIPER,
    ratio: int = 1,
    replacement: bool = False,
    adjust: bool = False,
) -> Answer:
    """Each treated person beside the untreated nearest in log odds of treatment.

    Errors are those of independent matched sets without replacement, and of Abadie and Imbens
    (2006) with it; `numeric.nearest.matched_means` has the formula. The score is taken as known.
    Intervals are normal.

    Parameters
    ----------
    model, trim : see `propensity`. caliper : widest gap, in pooled standard deviations of the log
        odds. ratio : controls for each treated. replacement : a control may stand for several.
    adjust : take out what differs within pairs by a regression of the outcome among the matched
        controls (Abadie and Imbens 2011).

    Raises
    ------
    FitError : for the ATE, unequal weights or clusters (which matching cannot have here), a caliper
        or ratio that is not positive, or nobody with a match.
    """
    if data.estimand != "ATT":
        raise FitError(fact("individual.matching.matching-att-those-treated-beside"))
    if np.ptp(data.base) > 1e-12:
        raise FitError(fact("individual.matching.matching-takes-people-equal-weight"))
    if not data.singly:
        raise FitError(fact("individual.matching.matching-has-no-errors-by"))
    if caliper <= 0 or ratio < 1:
        raise FitError(fact("individual.matching.caliper-must-be-above-nought"))
    scores = propensity(data, model=model, trim=trim)
    used = scores.used
    score = scores.logit
    found = nearest(
        score,
        used.treated,
        ratio=ratio,
        caliper=caliper * _pooled(scores),
        replace=replacement,
    )
    weight = found.weights(used.n)
    expected = None
    if adjust:
        expected = used.x @ used.regress(used.y, weight * ~used.treated, linear).beta
    notes = scores.notes
    if len(found.unmatched):
        left = counted.part(len(found.unmatched), int(used.treated.sum()))
        notes += (fact("individual.matching.left-out", left=left),)
    pairs = None
    if ratio == 1 and not replacement:
        pairs = np.column_stack([found.treated, found.controls[:, 0]])
    arms = matched_means(used.y, found, score, expected=expected)
    return Answer(arms, used, weight, True, scores.p, notes, pairs=pairs)


def _pooled(scores: Propensity) -> float:
    """sqrt((v1 + v0)/2) of the log odds."""
    sides = (scores.logit[scores.used.treated], scores.logit[~scores.used.treated])
    return float(np.sqrt(np.mean([side.var(ddof=1) for side in sides])))


# Differences below a tenth of a standard deviation are taken as none (Austin 2011, Multivariate
# Behavioral Research 46:399-424).
ALIKE = 0.1
BINS = 20
# More of the treated than this without anyone like them, and the effect is an extrapolation.
MOST_APART = 0.05
# Fewer effective people than this on a side cannot carry a mean; nor can one person this share.
FEWEST_EFFECTIVE, LARGEST_SHARE = 30, 0.1


def check(answer: Answer) -> Check:
    """Passes when no covariate differs by more than 0.1 standard deviations after weighting.

    A row a covariate, the one furthest off before weighting first: `before` and `after`, the mean
    of the treated less that of the others over the standard deviation of the treated (ATT) or the
    pooled one (ATE), without weights; and the ratio of their variances. A method that does not
    weight has only `before`.
    """
    used = answer.used
    x, names = used.traits
    if not names:
        return Check("balance", None, fact("individual.balance.no-covariate"))
    scale = spread(x, used.treated, used.base, pooled=used.estimand == "ATE")
    before = standardized_differences(x, used.treated, used.base, scale)
    rows: list[dict[str, object]] = []
    after = standardized_differences(x, used.treated, answer.weight, scale)
    ratios = variance_ratios(x, used.treated, answer.weight)
    for i in np.argsort(-np.abs(before), kind="stable"):
        row: dict[str, object] = {"covariate": names[i], "before": float(before[i])}
        if answer.balances:
            row["after"] = float(after[i])
            row["variance ratio"] = float(ratios[i]) if np.isfinite(ratios[i]) else "none"
        rows.append(row)
    first, last = int(np.abs(before).argmax()), int(np.abs(after).argmax())
    told: dict[str, Any] = {"before": abs(before[first]), "covariate": names[first]}
    if not answer.balances:
        return Check("balance", None, fact("individual.balance.by-model", **told), tuple(rows))
    passed = bool(abs(after[last]) <= ALIKE)
    told |= {"after": abs(after[last]), "covariate_after": names[last]}
    says = fact("individual.balance.weighted", **told, passed=passed, limit=ALIKE)
    return Check("balance", passed, says, tuple(rows))


def overlap(answer: Answer) -> Check:
    """Passes when at most 5 % of those the effect is about are beyond the other side's range, and
    at least 30 of the others are as likely to be treated as the median of the treated.

    A row for each of 20 bins of the probability of treatment: `from`, `to`, and how many people
    are in it, `treated` and `untreated` (the data of an overlap figure).
    """
    used, p = answer.used, answer.propensity
    if p is None:
        try:
            p = propensity(used).p
        except FitError as fault:
            return Check("overlap", False, fact("individual.overlap.none", why=fault))
    edges = np.linspace(0, 1, BINS + 1)
    counts = {word: np.histogram(p[side], edges)[0] for word, side in sides(used.treated)}
    rows = tuple(
        {
            "from": float(edges[i]),
            "to": float(edges[i + 1]),
            **{word: int(count[i]) for word, count in counts.items()},
        }
        for i in range(BINS)
    )
    ones, others = p[used.treated], p[~used.treated]
    beyond = ones > others.max()
    middle = float(np.median(ones))
    near = int((others >= middle).sum())
    parts = [
        fact(
            "individual.overlap.middle",
            middle=middle,
            near=counted.part(near, len(others), the=True),
        ),
        fact("individual.overlap.beyond", share=counted.share_of(beyond)),
    ]
    worst = float(beyond.mean())
    if used.estimand == "ATE":
        below = others < ones.min()
        worst = max(worst, float(below.mean()))
        parts.append(fact("individual.overlap.below", share=counted.share_of(below)))
    bound = crump_bound(p)
    outside = counted.share_of((p < bound) | (p > 1 - bound))
    parts.append(
        fact("individual.overlap.crump", share=outside, low=bound, high=1 - bound)
        if bound > 0
        else fact("individual.overlap.crump-nobody")
    )
    passed = worst <= MOST_APART and near >= FEWEST_EFFECTIVE
    says = fact("individual.overlap.all", parts=parts)
    return Check("overlap", passed, says, rows, tuple(counts))


def effective(answer: Answer) -> Check:
    """Passes when both sides count for at least 30 equally weighted people, and nobody for more
    than a tenth of their side. A row a side."""
    rows, parts = [], []
    good = True
    for word, side in sides(answer.used.treated):
        weight, there = answer.weight * side, int(side.sum())
        size, share = effective_size(weight), float(weight.max() / weight.sum())
        good = good and size >= FEWEST_EFFECTIVE and share <= LARGEST_SHARE
        rows.append({"side": word, "people": there, "effective": size, "largest share": share})
        parts.append(
            fact(
                "individual.overlap.effective",
                side=fact(f"people.{word}"),
                people=counted.people(there),
                share=100 * share,
                counts={"effective": round(size)},
            )
        )
    says = fact("individual.overlap.effective-both", parts=parts)
    return Check("effective-size", good, says, tuple(rows), ("people", "effective"))
