"""Models of the outcome: alone, doubly robust, and of days, of which many people have none."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from evaluation.data import counted
from evaluation.errors import FitError
from evaluation.fact import Fact, fact
from evaluation.individual.comparison import Comparison, naming, sides
from evaluation.individual.effects import Answer, term
from evaluation.individual.gate import RAW
from evaluation.individual.propensity import Model, Trim, propensity
from evaluation.numeric.panel import doubly_robust
from evaluation.numeric.people import two_part
from evaluation.numeric.people.nearest import Arms, from_influence
from evaluation.numeric.shared.regressions import Separated

Errors = Literal["influence", "stacked"]


def fit(
    data: Comparison,
    *,
    model: Model = "logistic",
    trim: Trim = "none",
    separate: bool = True,
    errors: Errors | None = None,
) -> Answer:
    """Augmented inverse probability weighting: predictions of the outcome, corrected by weighted
    residuals. Right when the model of treatment or that of the outcome is.

    Parameters
    ----------
    model, trim : see `propensity`. separate : one outcome model a side (logistic when binary, else
        linear), or False for one with a step for the treated.
    errors : "influence", sd(psi)/sqrt(n) of the efficient influence function, right when both
        models are; "stacked" counts the error of their coefficients, right when one is (not with
        boosting). None is "influence" for a binary outcome and "stacked" for others where it can
        be: their outcome model is linear, which days and counts never are, and where few are alike
        influence errors left out no change in 10 % of 369 worlds without an effect, stacked ones
        in 8 % of 223. Intervals are normal, with clusters t(G - 1).

    Raises
    ------
    FitError : see `propensity`; when an outcome model has no finite coefficients.
    """
    scores = propensity(data, model=model, trim=trim)
    used = scores.used
    both = None
    if errors == "stacked" and scores.fit is None:
        raise FitError(fact("individual.aipw.stacked-errors-need-logistic-propensity"))
    linear = errors is None and used.kind != "binary"
    if scores.fit is not None and (errors == "stacked" or linear):
        both = used.x, scores.fit.influence
    means, influence = doubly_robust.doubly_robust(
        used.y,
        used.treated,
        scores.p,
        used.base,
        _predicted(used, separate),
        used.estimand,
        stacked=both,
    )
    weight = doubly_robust.inverse_probability(scores.p, used.treated, used.base, used.estimand)
    arms = from_influence(means, influence, used.cluster)
    return Answer(arms, used, weight, True, scores.p, (*scores.notes, *_outside(used, means)))


def fit_standardized(data: Comparison, *, separate: bool = True) -> Answer:
    """The outcome model alone: mean predictions with and without treatment, over the treated (ATT)
    or everyone (ATE). Errors by the delta method with robust errors of the coefficients.

    Raises
    ------
    FitError : when an outcome model has no finite coefficients.
    """
    means, influence = doubly_robust.standardized(
        data.y, data.treated, data.base, _predicted(data, separate), data.estimand
    )
    return Answer(from_influence(means, influence, data.cluster), data, data.base, False)


def fit_unadjusted(data: Comparison) -> Answer:
    """Means as they are: how far the groups differ with nothing done about it."""
    means, influence = doubly_robust.weighted_means(data.y, data.treated, data.base)
    return Answer(
        from_influence(means, influence, data.cluster),
        data,
        data.base,
        False,
        objection=RAW,
        raw=True,
    )


def _predicted(data: Comparison, separate: bool) -> doubly_robust.Predicted:
    try:
        return doubly_robust.predicted(
            data.y, data.treated, data.x, data.base, data.fitter, separate=separate
        )
    except Separated:
        for who, side in sides(data.treated):
            if np.ptp(data.y[side]) == 0:
                word = fact(f"people.{who}")
                raise FitError(
                    fact("individual.aipw.all-people-used-had-same", word=word)
                ) from None
        raise FitError(fact("individual.aipw.covariates-tell-who-had-outcome")) from None


def _outside(used: Comparison, means: np.ndarray) -> tuple[Fact, ...]:
    outside = used.kind == "binary" and (means.min() < 0 or means.max() > 1)
    return (fact("individual.aipw.risk-outside"),) if outside else ()


Population = Literal["drawn", "fixed"]


def fit_two_part(
    data: Comparison, *, part: two_part.Part = "gamma", population: Population = "drawn"
) -> Answer:
    """Any days by logistic regression, how many by gamma regression with log link among those with
    some, each on treatment and covariates; the effect is the difference of mean predicted days.

    Parameters
    ----------
    part : "gamma", or "log-linear" with Duan's smear. population : "drawn" counts that other people
    could have taken part; "fixed" is the delta method for these people (Stata's `margins`).
    Errors are robust; intervals are normal, with clusters t(G - 1).

    Raises
    ------
    FitError : when days are negative, everyone or nobody on both sides has some, or a part cannot
    be fitted.
    """
    x = _design(data)
    names = _names(data)
    with naming(names):
        model = two_part.two_part(x, data.y, weight=data.base, part=part)
    arms, errors = _arms(data, x, model, population)
    terms = tuple(
        term(f"{word}: {name}", float(b), float(e), None)
        for word, beta, own in (
            ("log odds of any days", model.any_days.beta, errors[: len(names)]),
            ("log days if any", model.number.beta, errors[len(names) : 2 * len(names)]),
        )
        for name, b, e in zip(names, beta, own, strict=True)
    )
    share = 100 * float(data.base @ (data.y > 0) / data.base.sum())
    had = counted.share(share, data.n, int((data.y > 0).sum()))
    notes = (fact("individual.days-models.any", share=had),)
    return Answer(arms, data, data.base, False, notes=notes, terms=terms)


def fit_negative_binomial(data: Comparison, *, population: Population = "drawn") -> Answer:
    """Negative binomial regression (NB2, log link) of days or counts on treatment and covariates;
    the effect is the difference of mean predictions.

    People must have been followed equally long. Errors as in `fit_two_part`.

    Raises
    ------
    FitError : with sampling weights, negative values, or when it cannot be fitted.
    """
    if not np.allclose(data.base, data.base[0]):
        raise FitError(fact("individual.days-models.negative-binomial-knows-no-weights"))
    if (data.y < 0).any():
        raise FitError(fact("individual.days-models.days-counts-cannot-be-negative"))
    x = _design(data)
    model = two_part.count_model(x, data.y)
    arms, errors = _arms(data, x, model, population)
    terms = tuple(
        term(f"log mean: {name}", float(b), float(e), None)
        for name, b, e in zip(_names(data), model.beta, errors, strict=True)
    )
    notes = (fact("individual.days-models.variance", alpha=model.alpha),)
    return Answer(arms, data, data.base, False, notes=notes, terms=terms)


def _design(data: Comparison) -> np.ndarray:
    return np.column_stack([np.ones(data.n), data.treated, data.x[:, 1:]])


def _names(data: Comparison) -> tuple[str, ...]:
    return ("constant", "treated", *data.names[1:])


def _arms(
    data: Comparison, x: np.ndarray, model: Any, population: Population
) -> tuple[Arms, np.ndarray]:
    """Mean predictions with and without treatment, and the errors of the coefficients."""
    predicted = []
    for treated in (1.0, 0.0):
        side = x.copy()
        side[:, 1] = treated
        predicted.append(model.predicted(side))
    over = data.base * (data.treated if data.estimand == "ATT" else 1.0)
    arms = two_part.mean_arms(
        predicted[0],
        predicted[1],
        over,
        model.moved,
        cluster=data.cluster,
        fixed=population == "fixed",
    )
    return arms, np.sqrt((model.moved**2).sum(axis=0))
