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
    PLACEBOS,
    SEED,
    Combined,
    Donors,
    Sample,
    Solve,
    combine,
    donors,
    expected,
    largest_kept,
    placebo_answer,
    placebos,
    rank_objection,
    ranked,
    told_floor,
    told_weights,
)
from evaluation.did.effects import Answer, not_valid
from evaluation.errors import FitError
from evaluation.fact import Fact, fact
from evaluation.numeric.panel.synthetic import (
    Block,
    Solver,
    chosen_importance,
    predictor_weights,
    standardized,
    synthetic_control,
)

Match = Literal["outcomes", "predictors"]

# A gap before treatment this small, over the spread of outcomes then, is no measure of fit: weights
# that solve for every period leave it to rounding and to where the search ends.
EXACT = 1e-3


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
    note. The range holds the constant effects that, taken out of the gaps after, leave a ratio
    whose p is .05 or more (Firpo and Possebom 2018, Journal of Causal Inference 6(2)). The standard
    error is the placebos' standard deviation. With fewer than 20 controls no p is below .05, and a
    gap before that is nothing but rounding, of the treated or of a placebo, makes a ratio of
    nothing: then range and p are t(controls - 1) with that standard error, "not valid here". So
    they are where effects are too uneven for any constant one, with the rank in a note.

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
    exact = wanted if match == "predictors" else _solve(panel, match, importance, "exact")
    plain = combine(panel, exact)
    found = plain
    if match == "outcomes" and solver == "published":
        found = combine(panel, wanted)
    others, possible = placebos(panel, exact, draws=draws, seed=seed, name="synthetic-control")
    ratios = [_ratio(other) for other in others]
    judged = ranked(_ratio(plain), ratios, possible)
    answer = placebo_answer(found, others, len(panel.controls))
    notes = [
        *panel.notes,
        told_weights(cohorts, panel, found),
        fact(
            "did.synthetic-control.gaps",
            before=plain.before,
            after=plain.after,
            floor=told_floor(judged),
        ),
    ]
    if found is not plain:
        notes.append(fact("did.donors.exact", estimate=plain.estimate))
    objection = _objection(panel, plain, others) or rank_objection(judged)
    half = _half(plain, ratios) if objection is None else None
    if half is not None:
        answer = replace(
            answer,
            low=min(plain.estimate - half, found.estimate),
            high=max(plain.estimate + half, found.estimate),
            p_value=judged.p_value,
            df=None,
        )
    else:
        uneven = objection is None
        notes.append(fact("did.synthetic-control.by-t", p=judged.p_value, uneven=uneven))
    return replace(
        answer,
        expected=expected(panel, found),
        covariates=cohorts.covariate_names if match == "predictors" else (),
        notes=tuple(notes),
        objection=objection,
    )


def _solve(
    panel: Donors, match: Match, importance: Sequence[float] | None, solver: Solver
) -> Solve:
    if match not in get_args(Match) or solver not in get_args(Solver):
        raise FitError(fact("did.synthetic-control.match-may-be-outcomes-predictors"))
    if match == "predictors" and solver != "published":
        raise FitError(fact("did.synthetic-control.solver-match-outcomes-leave-out"))
    if match == "outcomes":
        if importance is not None:
            raise FitError(fact("did.synthetic-control.importances-match-predictors"))
        return lambda sample: synthetic_control(sample.y0, sample.y1, sample.start, solver=solver)
    predictors = panel.x.shape[1] + 1
    if predictors == 1:
        raise FitError(fact("did.synthetic-control.there-no-covariates-use-match"))
    given = None if importance is None else np.asarray(importance, dtype=float)
    if given is not None and (given.shape != (predictors,) or (given < 0).any() or not given.any()):
        raise FitError(
            fact("did.synthetic-control.there-must-be-importances-one", predictors=predictors)
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


def _half(found: Combined, ratios: list[float]) -> float | None:
    """How far constant effects may be from the mean gap without that the ratio of gaps, less the
    effect, is among the largest of the placebos' ratios; None when every effect is rejected."""
    uneven = max(found.after**2 - found.estimate**2, 0.0)
    left = (found.before * largest_kept(ratios)) ** 2 - uneven
    return float(np.sqrt(left)) if left >= 0 else None


def _objection(panel: Donors, found: Combined, others: list[Combined]) -> Fact | None:
    """Why gaps before and after cannot be compared, or None."""
    own = [
        panel.y[members].mean(axis=0)[: block.start]
        for block, members in zip(found.blocks, found.rows, strict=True)
    ]
    spread = float(np.sqrt(np.mean([line.var() for line in own])))
    if found.before <= EXACT * spread:
        return not_valid("did.synthetic-control.exact")
    # Placebos are judged by how controls vary, in the median.
    start = max(block.start for block in found.blocks)
    usual = float(np.median(panel.y[panel.controls, :start].std(axis=1)))
    exact = sum(other.before <= EXACT * usual for other in others)
    if exact:
        return not_valid("did.synthetic-control.exact-placebos", exact=exact, n=len(others))
    if found.before > spread:
        return not_valid("did.synthetic-control.far", gap=found.before, spread=spread)
    return None
