"""Entropy balancing: weights that give the groups equal means of every covariate."""

from __future__ import annotations

from typing import Literal

import numpy as np

from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.individual.comparison import Comparison
from evaluation.individual.effects import Answer
from evaluation.numeric.panel.doubly_robust import entropy_balanced, weighted_means
from evaluation.numeric.people.balance import Unbalanced
from evaluation.numeric.people.nearest import from_influence

Errors = Literal["stacked", "known weights"]


def fit(data: Comparison, *, squares: bool = False, errors: Errors = "stacked") -> Answer:
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
        (means, influence), weight = entropy_balanced(
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
        means, influence = weighted_means(data.y, data.treated, weight)
    return Answer(from_influence(means, influence, data.cluster), data, weight, True)
