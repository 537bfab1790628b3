"""Augmented synthetic control: what the weighted controls miss before is corrected by ridge.

Ben-Michael, Feller and Rothstein (2021), Journal of the American Statistical Association
116:1789-1803.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from evaluation.did.cohorts import Cohorts
from evaluation.did.donors import (
    PLACEBOS,
    SEED,
    Combined,
    Donors,
    Sample,
    combine,
    donors,
    expected,
    placebo_answer,
    placebos,
    ranked,
    scatter_objection,
    told_draws,
    told_rank,
    told_weights,
)
from evaluation.did.effects import Answer, not_valid
from evaluation.did.synthetic_control import EXACT
from evaluation.errors import FitError
from evaluation.fact import Fact, fact
from evaluation.numeric.panel.synthetic import Block, augmented_control, chosen_ridge


def fit(
    cohorts: Cohorts, *, ridge: float | None = None, draws: int = PLACEBOS, seed: int = SEED
) -> Answer:
    """The mean gap between the treated and their weighted controls, weights corrected by ridge.

    Weights sum to one and may be negative, so that a treated unit outside the range of the
    controls is reached by extrapolation, less of it the larger the penalty. Without one given it is
    chosen by leaving out periods before (the largest within a standard error of the best), anew
    for every placebo. Outcomes are levels, at the mean exposure of the treated when there is one.
    Covariates are not used. The standard error is that of placebos in space, with t(controls - 1).

    Parameters
    ----------
    ridge : the penalty lambda, in squared outcome units; not negative.

    Raises
    ------
    FitError : as `evaluation.did.donors.donors`, or with fewer than three periods before treatment
        and no penalty.
    """
    panel = donors(cohorts)
    found = _found(panel, ridge)
    controls = len(panel.controls)
    others, possible = placebos(
        panel,
        lambda sample: _block(sample, ridge),
        draws=draws,
        seed=seed,
        name="augmented-control",
    )
    judged = ranked(found.estimate, [other.estimate for other in others], possible)
    answer = placebo_answer(found, others, controls)
    negative = float(sum(np.minimum(block.unit, 0).sum() for block in found.blocks))
    return replace(
        answer,
        expected=expected(panel, found),
        notes=(
            *panel.notes,
            told_weights(cohorts, panel, found),
            fact("did.augmented-control.negative", weights=negative, gap=found.before),
            told_draws(others, possible),
            told_rank(judged),
        ),
        objection=scatter_objection(controls) or _objection(panel, found),
    )


def _objection(panel: Donors, found: Combined) -> Fact | None:
    """Why a fit says nothing, or None."""
    start = max(block.start for block in found.blocks)
    if found.before > EXACT * float(np.median(panel.y[panel.controls, :start].std(axis=1))):
        return None
    return not_valid("did.augmented-control.exact")


def _found(panel: Donors, ridge: float | None) -> Combined:
    if ridge is not None and not (np.isfinite(ridge) and ridge >= 0):
        raise FitError(fact("did.augmented-control.ridge-penalty-must-be-number"))
    return combine(panel, lambda sample: _block(sample, ridge))


def _block(sample: Sample, ridge: float | None) -> Block:
    y0, y1, start = sample.y0, sample.y1, sample.start
    return augmented_control(y0, y1, start, chosen_ridge(y0, y1, start) if ridge is None else ridge)
