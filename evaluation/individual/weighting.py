"""Weights that make groups alike: inverse probability of treatment, in means or in a regression,
and entropy balancing, which gives equal means of every covariate."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.individual.comparison import Comparison
from evaluation.individual.effects import Answer, term
from evaluation.individual.propensity import Model, Propensity, Trim, Weights, propensity
from evaluation.numeric.panel import doubly_robust
from evaluation.numeric.people.balance import Unbalanced
from evaluation.numeric.people.nearest import Arms, from_influence
from evaluation.numeric.shared.ols import clustered, heteroskedastic
from evaluation.numeric.shared.regressions import Regression, linear

Errors = Literal["stacked", "HC0", "HC1"]
Robust = Literal["HC0", "HC1", "HC2", "HC3"]
Known = Literal["stacked", "known weights"]


def fit(
    data: Comparison, *, model: Model = "logistic", trim: Trim = "none", errors: Errors = "stacked"
) -> Answer:
    """Weighted means: the ATT weights the untreated by their odds of treatment, the ATE everyone by
    one over the probability of what they got; weights sum to one on either side (Hajek).

    Parameters
    ----------
    model, trim : see `propensity`. errors : "stacked" counts the error of the propensities (all
        estimating equations stacked, Lunceford and Davidian 2004); HC0 and HC1 take the weights as
        known, as a weighted regression on treatment with `sandwich::vcovHC` does (`vcovCL` with
        clusters). Intervals are normal, with clusters t(G - 1).

    Raises
    ------
    FitError : see `propensity`; stacked errors with boosting.
    """
    scores = propensity(data, model=model, trim=trim)
    used = scores.used
    weight = doubly_robust.inverse_probability(scores.p, used.treated, used.base, used.estimand)
    if errors == "stacked":
        if scores.fit is None:
            raise FitError(fact("individual.weighting.stacked-errors-need-logistic-propensity"))
        means, influence = doubly_robust.weighted_by_propensity(
            used.y, used.treated, used.x, used.base, scores.fit, used.estimand
        )
        arms = from_influence(means, influence, used.cluster)
    else:
        arms = _as_known(used, weight, errors)
    return Answer(arms, used, weight, True, scores.p, scores.notes)


def stabilized(scores: Propensity) -> np.ndarray:
    """(m,) weights times the share of the side a person is on, so that their mean is near one
    (Robins, Hernan and Brumback 2000, Epidemiology 11:550-560); of the ATT as they are, over the
    odds of the share. They leave weighted means as they are, and matter beside covariates."""
    used = scores.used
    weight = doubly_robust.inverse_probability(scores.p, used.treated, used.base, used.estimand)
    share = float((used.base * used.treated).sum() / used.base.sum())
    if used.estimand == "ATE":
        return np.asarray(weight * np.where(used.treated, share, 1 - share))
    return np.asarray(weight * np.where(used.treated, 1.0, (1 - share) / share))


def fit_regression(
    data: Comparison,
    *,
    weights: Weights = "propensity",
    model: Model = "logistic",
    trim: Trim = "none",
    adjust: bool = False,
    errors: Robust = "HC1",
) -> Answer:
    """Weighted logistic (binary) or linear regression on treatment, with robust errors.

    The coefficients are in `terms`: of a binary outcome log odds ratios, equal to R's `glm(family =
    quasibinomial, weights =)` with `sandwich::vcovHC` (`vcovCL(type = "HC1")` with clusters). The
    effect is the difference of mean predictions, by the delta method, with the weights as known.

    Parameters
    ----------
    weights : "propensity", stabilized, times the people's own; or "given", only their own.
    adjust : True puts the covariates beside treatment. errors : with clusters HC0 and HC1 only.

    Raises
    ------
    FitError : see `propensity` and the regressions.
    """
    if weights == "given" and (model != "logistic" or trim != "none"):
        raise FitError(fact("individual.weighting.given-weights-have-no-propensity"))
    scores = propensity(data, model=model, trim=trim) if weights == "propensity" else None
    used = data if scores is None else scores.used
    weight = used.base if scores is None else stabilized(scores)
    x = np.column_stack([np.ones(used.n), used.treated, *(used.x[:, 1:].T if adjust else ())])
    found = used.fitter(x, used.y, weight)
    if not used.singly and errors not in ("HC0", "HC1"):
        raise FitError(fact("individual.weighting.clusters-errors-hc0-hc1-not", errors=errors))
    cov, df = _robust(found, used, errors)
    over = used.base * (used.treated if used.estimand == "ATT" else 1.0)
    over = over / over.sum()
    means, gradients = np.zeros(2), np.zeros((2, x.shape[1]))
    for arm, value in enumerate((1.0, 0.0)):
        side = x.copy()
        side[:, 1] = value
        fitted = side @ found.beta
        slope = np.ones(used.n)
        if used.kind == "binary":
            fitted = 1 / (1 + np.exp(-fitted))
            slope = fitted * (1 - fitted)
        means[arm], gradients[arm] = over @ fitted, (over * slope) @ side
    names = ("constant", "treated", *(used.names[1:] if adjust else ()))
    word = "log odds" if used.kind == "binary" else "coefficient"
    coefficients = tuple(
        term(f"{word}: {name}", float(b), float(np.sqrt(v)), df)
        for name, b, v in zip(names, found.beta, np.diagonal(cov), strict=True)
    )
    return Answer(
        Arms(means, gradients @ cov @ gradients.T, df),
        used,
        weight,
        # With the people's own weights, or covariates beside, the weights need not balance.
        balances=scores is not None and not adjust,
        propensity=None if scores is None else scores.p,
        notes=() if scores is None else scores.notes,
        terms=coefficients,
        raw=scores is None and not adjust,
    )


def fit_entropy(data: Comparison, *, squares: bool = False, errors: Known = "stacked") -> Answer:
    """Means under weights nearest to equal ones that make covariate means exactly alike.

    Parameters
    ----------
    squares : also squares of covariates that are not flags. errors : "stacked" counts that the
        weights are estimated; "known weights" does not. Intervals are normal, with clusters t(G-1).

    Raises
    ------
    FitError : when no weights make the means alike, with the covariate that is furthest off.

    Sources
    -------
    Hainmueller (2012), Political Analysis 20:25-46.
    """
    x, names = data.x, list(data.names)
    if squares:
        varied = [i for i in range(1, x.shape[1]) if len(np.unique(x[:, i])) > 2]
        # Squares about the mean, so that they are not nearly the covariates themselves.
        x = np.column_stack([x, (x[:, varied] - x[:, varied].mean(axis=0)) ** 2])
        names += [f"{names[i]} squared" for i in varied]
    try:
        (means, influence), weight = doubly_robust.entropy_balanced(
            data.y, data.treated, x, data.base, data.estimand
        )
    except Unbalanced as fault:
        raise FitError(
            fact(
                "individual.entropy-balance.no-weights-make-untreated-like",
                names=names[fault.column],
            )
        ) from None
    if errors == "known weights":
        means, influence = doubly_robust.weighted_means(data.y, data.treated, weight)
    return Answer(from_influence(means, influence, data.cluster), data, weight, True)


def _as_known(used: Comparison, weight: np.ndarray, errors: Errors) -> Arms:
    x = np.column_stack([used.treated, ~used.treated]).astype(float)
    found = linear(x, used.y, weight)
    return Arms(found.beta, *_robust(found, used, errors))


def _robust(
    found: Regression, used: Comparison, errors: Robust | Errors
) -> tuple[np.ndarray, float | None]:
    """The sandwich covariance of coefficients, and degrees of freedom: G - 1 of clusters."""
    if used.singly:
        kind: Any = errors
        cov = heteroskedastic(found.scores, found.bread, kind=kind, leverage=found.leverage)
        return cov, None
    kind = "CR1" if errors == "HC1" else "CR0"
    cov = clustered(found.scores, found.bread, used.cluster, kind=kind)
    return cov, float(len(np.unique(used.cluster)) - 1)
