"""The ordered logit difference-in-differences: a model of every answer category.

It does not take the steps between categories as equal in what moves an answer; the effect is read
back as the change in the mean answer. Scores of several items are fitted with a category for each
value that occurs.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from evaluation.data.one_per_row import code
from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.numeric.survey import ordinal
from evaluation.survey.difference import averaged, marginal, model, terms_of
from evaluation.survey.effects import Answer
from evaluation.survey.sample import Sample
from evaluation.survey.scales import Scale

# More distinct values than this are a continuous score.
MOST_LEVELS = 60


def fit(sample: Sample, scale: Scale, *, covariates: Sequence[str] = ()) -> Answer:
    """The change in the mean answer of the treated that an ordered logit does not expect.

    Log cumulative odds move in parallel without the program (survey's `svyolr`); t with the df of
    svyglm, cuts counted as one constant. Errors hold those of the coefficients and of who was
    asked. Sources: McCullagh (1980), Journal of the Royal Statistical Society B 42:109-142; Liu,
    Shepherd, Li and Harrell (2017), Statistics in Medicine 36:4316-4335, for many categories.

    Raises
    ------
    FitError, DataError : as the linear model, for a score with too many values, or when a
        coefficient has no finite estimate.
    """
    design = model(sample, scale, covariates)
    levels, category = np.unique(design.y[design.used].round(9), return_inverse=True)
    if len(levels) > MOST_LEVELS:
        raise FitError(
            fact(
                "survey.ordered.score-takes-values-ordered-logit",
                n_levels=len(levels),
                most_levels=MOST_LEVELS,
            )
        )
    y = np.zeros(len(design.y), dtype=int)
    y[design.used] = category
    x = design.x[:, 1:]
    fitted = ordinal.ordered(y, x, design.weight)
    theta = np.concatenate([fitted.beta, fitted.cuts])
    without = x.copy()
    without[:, design.place - 1] = 0.0
    mean, slope = ordinal.expected(theta, x, levels)
    expected, slope_without = ordinal.expected(theta, without, levels)
    estimate, influence = averaged(
        sample, design, mean - expected, slope - slope_without, fitted.influence
    )
    cuts = tuple(f"cut {code(low)}|{code(high)}" for low, high in pairwise(levels))
    names = (*design.names[1:], *cuts)
    coefficients = terms_of(sample, design, names, theta, fitted.influence)
    note = fact("survey.ordered.log-odds")
    return marginal(sample, design, estimate, influence, coefficients, note)
