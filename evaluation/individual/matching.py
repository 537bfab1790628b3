"""Nearest-neighbor matching on the propensity score."""

from __future__ import annotations

import numpy as np

from evaluation.data import counted
from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.individual.comparison import Comparison
from evaluation.individual.effects import Answer
from evaluation.individual.propensity import Model, Propensity, Trim, propensity
from evaluation.numeric.people.nearest import matched_means, nearest
from evaluation.numeric.shared.regressions import linear

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
