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
    rank_in_words,
    ranked,
    unit_weights,
    weights_in_words,
)
from evaluation.did.effects import Answer
from evaluation.did.synthetic_control import EXACT
from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.numeric.panel.synthetic import Block, augmented_control, chosen_ridge

# As for synthetic difference-in-differences.
FEWEST_CONTROLS = 6


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
            *weights_in_words(cohorts, panel, found),
            f"negative weights add up to {negative:.2f}; gap before {found.before:.4g}",
            f"placebo standard error from {len(others)} of {possible} assignments",
            rank_in_words(judged),
        ),
        objection=_objection(panel, found)
        if controls >= FEWEST_CONTROLS
        else f"not valid here: {controls} controls do not show how far placebos scatter "
        f"({FEWEST_CONTROLS} are needed)",
    )


def _objection(panel: Donors, found: Combined) -> str | None:
    """Why a fit says nothing, or None."""
    start = max(block.start for block in found.blocks)
    if found.before > EXACT * float(np.median(panel.y[panel.controls, :start].std(axis=1))):
        return None
    return (
        "not valid here: the controls follow the treated exactly before the start, so many are "
        "there for so few periods and so small a penalty; that they would have gone on is not shown"
    )


def control_weights(
    cohorts: Cohorts, *, ridge: float | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Rows of the controls and the weight of each."""
    panel = donors(cohorts)
    return unit_weights(panel, _found(panel, ridge))


def _found(panel: Donors, ridge: float | None) -> Combined:
    if ridge is not None and not (np.isfinite(ridge) and ridge >= 0):
        raise FitError(fact("did.augmented-control.ridge-penalty-must-be-number"))
    return combine(panel, lambda sample: _block(sample, ridge))


def _block(sample: Sample, ridge: float | None) -> Block:
    y0, y1, start = sample.y0, sample.y1, sample.start
    return augmented_control(y0, y1, start, chosen_ridge(y0, y1, start) if ridge is None else ridge)
