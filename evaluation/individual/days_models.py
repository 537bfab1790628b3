"""Days, such as days incarcerated: many people have none, and a few have very many."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from evaluation.data import counted
from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.individual.comparison import Comparison, naming
from evaluation.individual.effects import Answer, term
from evaluation.numeric.people import two_part
from evaluation.numeric.people.nearest import Arms

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
