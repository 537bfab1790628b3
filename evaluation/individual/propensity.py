"""Who was likely to be treated, and whom to leave out because nobody on the other side is like
them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Literal, get_args

import numpy as np

from evaluation.data import counted
from evaluation.errors import EnvironmentFault, FitError
from evaluation.fact import Fact, fact
from evaluation.individual.comparison import Comparison
from evaluation.numeric.panel.doubly_robust import inverse_probability
from evaluation.numeric.people.balance import crump_bound
from evaluation.numeric.shared import regressions
from evaluation.numeric.shared.regressions import Regression, Separated

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
