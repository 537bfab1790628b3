"""Synthetic control: untreated units weighted to follow the treated one before treatment.

Abadie, Diamond and Hainmueller (2010), Journal of the American Statistical Association
105:493-505; ranks as in section 3.4 there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, get_args

import numpy as np

from evaluation.did.cohorts import Cohorts
from evaluation.did.donors import (
    LEVEL,
    PLACEBOS,
    SEED,
    Combined,
    Donors,
    Sample,
    Solve,
    combine,
    donors,
    expected,
    floor_in_words,
    half_range,
    placebo_answer,
    placebos,
    rank_objection,
    ranked,
    unit_weights,
    weights_in_words,
)
from evaluation.did.effects import Answer
from evaluation.errors import FitError
from evaluation.numeric.predictors import chosen_importance, predictor_weights, standardized
from evaluation.numeric.synthetic import Block, Solver, synthetic_control

Match = Literal["outcomes", "predictors"]

# A gap before treatment this small, over the treated units' spread then, is no measure of fit.
EXACT = 1e-6


def fit(
    cohorts: Cohorts,
    *,
    match: Match = "outcomes",
    importance: Sequence[float] | None = None,
    solver: Solver = "published",
    draws: int = PLACEBOS,
    seed: int = SEED,
) -> Answer:
    """The mean gap between the treated and their weighted controls from the start on.

    p is the rank of the treated units' ratio of root mean square gaps, after over before, among
    those of controls in their place, (1 + as large)/(1 + placebos); the smallest it can be is in a
    note. The range holds the constant effects that the mean gap over the gap before does not
    reject by the same rank; the two can differ. The standard error is the placebos' standard
    deviation. With fewer than 19 controls p cannot reach .05: "not valid here".

    match "outcomes" weights to follow every period before. "predictors" weights to meet the
    covariates and the mean outcome before, each over its standard deviation among units, with
    importances (V) given, or chosen for the least squared gap before (Nelder-Mead from equal ones
    and from the last period's regression, so a local minimum). Several starts are averaged by
    treated cells, and several treated units of a start are one, their mean.

    Parameters
    ----------
    importance : of each covariate in turn and of the mean outcome, for match "predictors". solver :
        of the estimate by outcomes: "published" ends where the R package synthdid does, "exact" at
        the minimum. Ranks and ranges take exact weights.

    Raises
    ------
    FitError : as `evaluation.did.donors.donors`, or predictors without covariates.
    """
    panel = donors(cohorts)
    wanted = _solve(panel, match, importance, solver)
    exact = _solve(panel, match, importance, "exact")
    plain = combine(panel, exact)
    found = plain
    if match == "outcomes" and solver == "published":
        found = combine(panel, wanted)
    others, possible = placebos(panel, exact, draws=draws, seed=seed, name="synthetic-control")
    judged = ranked(_ratio(plain), [_ratio(other) for other in others], possible)
    half = plain.before * half_range(
        [abs(other.estimate) / other.before if other.before > 0 else np.inf for other in others],
        max(LEVEL, judged.smallest),
    )
    answer = placebo_answer(found, others, len(panel.controls))
    notes = [*panel.notes, *weights_in_words(cohorts, panel, found)]
    notes.append(
        f"gap before {plain.before:.4g}, after {plain.after:.4g}; {floor_in_words(judged)}"
    )
    if found is not plain:
        notes.append(f"exact weights give {plain.estimate:.4g}")
    return replace(
        answer,
        low=found.estimate - half,
        high=found.estimate + half,
        p_value=judged.p_value,
        df=None,
        expected=expected(panel, found),
        notes=tuple(notes),
        objection=rank_objection(judged) or _objection(panel, plain),
    )


def control_weights(
    cohorts: Cohorts,
    *,
    match: Match = "outcomes",
    importance: Sequence[float] | None = None,
    solver: Solver = "published",
) -> tuple[np.ndarray, ...]:
    """Rows of the controls and the weight of each."""
    panel = donors(cohorts)
    solve = _solve(panel, match, importance, solver)
    return unit_weights(panel, combine(panel, solve))


def _solve(
    panel: Donors, match: Match, importance: Sequence[float] | None, solver: Solver
) -> Solve:
    if match not in get_args(Match) or solver not in get_args(Solver):
        raise FitError('match may be "outcomes" or "predictors", solver "published" or "exact"')
    if match == "outcomes":
        if importance is not None:
            raise FitError('importances are for match "predictors"')
        return lambda sample: synthetic_control(sample.y0, sample.y1, sample.start, solver=solver)
    predictors = panel.x.shape[1] + 1
    if predictors == 1:
        raise FitError('there are no covariates; use match "outcomes"')
    given = None if importance is None else np.asarray(importance, dtype=float)
    if given is not None and (given.shape != (predictors,) or (given < 0).any() or not given.any()):
        raise FitError(
            f"there must be {predictors} importances, one a covariate and one for the mean outcome "
            "before, none negative and not all nought"
        )
    return lambda sample: _by_predictors(sample, given)


def _by_predictors(sample: Sample, given: np.ndarray | None) -> Block:
    z0, z1 = sample.y0[:, : sample.start], sample.y1[: sample.start]
    x0, x1 = standardized(
        np.column_stack([sample.x0, z0.mean(axis=1)]), np.append(sample.x1, z1.mean())
    )
    importance = chosen_importance(x0, x1, z0, z1) if given is None else given
    unit = predictor_weights(x0, x1, importance)
    return Block(sample.y1 - unit @ sample.y0, unit, np.zeros(sample.start))


def _ratio(found: Combined) -> float:
    return found.after / found.before if found.before > 0 else np.inf


def _objection(panel: Donors, found: Combined) -> str | None:
    """Why gaps before and after cannot be compared, or None."""
    own = [
        panel.y[members].mean(axis=0)[: block.start]
        for block, members in zip(found.blocks, found.rows, strict=True)
    ]
    spread = float(np.sqrt(np.mean([line.var() for line in own])))
    if found.before <= EXACT * spread:
        return (
            "not valid here: the controls follow the treated exactly before the start, so many are "
            "there for so few periods; gaps before measure nothing"
        )
    if found.before > spread:
        return (
            f"not valid here: the gap before is {found.before:.4g}, more than the treated vary "
            f"around their own mean ({spread:.4g}); no weighting of controls is like them"
        )
    return None
