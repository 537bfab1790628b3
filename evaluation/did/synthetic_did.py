"""Synthetic difference-in-differences: controls and periods weighted so that trends are parallel.

Arkhangelsky, Athey, Hirshberg, Imbens and Wager (2021), American Economic Review 111:4088-4118.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Literal, get_args

import numpy as np

from evaluation.did.cohorts import Cohorts
from evaluation.did.donors import (
    PLACEBOS,
    SEED,
    TOGETHER,
    Combined,
    Donors,
    Sample,
    Solve,
    combine,
    donors,
    dynamic,
    enough_draws,
    expected,
    largest_kept,
    placebo_answer,
    placebos,
    rank_objection,
    rankable,
    ranked,
    scatter_objection,
    told_draws,
    told_rank,
    told_weights,
)
from evaluation.did.effects import Answer, t_answer
from evaluation.did.event_study import too_few
from evaluation.did.usable import FEWEST_CLUSTERS
from evaluation.errors import FitError
from evaluation.fact import Fact, fact
from evaluation.numeric.panel.synthetic import Block, Solver, noise_level, synthetic_did
from evaluation.numeric.shared.draws import stream, uniforms
from evaluation.numeric.shared.parallel import each

Variance = Literal["auto", "placebo", "rank", "jackknife", "bootstrap"]


def fit(
    cohorts: Cohorts,
    *,
    variance: Variance = "auto",
    solver: Solver = "published",
    draws: int = PLACEBOS,
    seed: int = SEED,
) -> Answer:
    """The mean change of treated units less that of weighted controls, between weighted periods.

    Unit and time weights have intercepts, and unit weights the paper's penalty; cohorts are each
    compared with the never-treated and averaged by treated cells. Outcomes are levels, at the mean
    exposure of the treated when there is one. Covariates are not used.

    Standard errors: "placebo" (Algorithm 4) applies the method to controls, all of them in turn
    with one treated unit; t(controls - 1). "jackknife" (Algorithm 3) leaves out each unit with the
    weights held, and needs two treated units in every cohort; t(treated - 1). "bootstrap"
    (Algorithm 2) draws units anew; t(treated - 1). The paper uses the normal throughout. "auto" is
    the jackknife with at least six treated units and controls and no cohort of one, else placebo.
    "rank" takes p from the rank of the estimate among the placebos, (1 + as large)/(1 + placebos),
    and the range from the effects it does not reject; with fewer than 20 placebos no rank is below
    .05, and the t of "placebo" is shown as "not valid here".
    With "placebo" the rank is in a note, and the smallest p it can give.

    Parameters
    ----------
    solver : of the estimate: "published" ends where the R package synthdid does, "exact" at the
        minimum. Standard errors take exact weights. draws, seed : of placebos that are too many to
        enumerate, and of the bootstrap.

    Raises
    ------
    FitError : as `evaluation.did.donors.donors`, for fewer than two periods before treatment, or a
        variance that these units do not allow.
    """
    if variance not in get_args(Variance) or solver not in get_args(Solver):
        raise FitError(
            fact(
                "did.synthetic-did.variance-may-be-solver",
                get_args=tuple(get_args(Variance)),
                get_args2=tuple(get_args(Solver)),
            )
        )
    panel = donors(cohorts)
    found = combine(panel, _solve(panel, solver))
    exact = found if solver == "exact" else combine(panel, _solve(panel, "exact"))
    treated, controls = int(cohorts.ever.sum()), len(panel.controls)
    how = _chosen(variance, found, treated, controls)
    words: tuple[Fact, ...]
    if how in ("placebo", "rank"):
        others, possible = placebos(
            panel, _solve(panel, "exact"), draws=draws, seed=seed, name="synthetic-did"
        )
        estimates = [other.estimate for other in others]
        judged = ranked(found.estimate, estimates, possible)
        answer = placebo_answer(found, others, controls)
        objection = scatter_objection(controls)
        if how == "rank":
            if rankable(judged):
                half = largest_kept(estimates)
                low, high = found.estimate - half, found.estimate + half
                answer = replace(answer, low=low, high=high, p_value=judged.p_value, df=None)
            objection = rank_objection(judged)
        words = (told_draws(others, possible), told_rank(judged))
    else:
        errors = (
            _jackknife(panel, found)
            if how == "jackknife"
            else _bootstrap(panel, exact, draws=draws, seed=seed)
        )
        error = float(np.sqrt((errors[:, 0] ** 2).mean()))
        answer = t_answer("difference", found.estimate, error, float(treated - 1))
        rows = dynamic(found.time, found.event, found.units, errors[:, 1:], treated - 1)
        answer = replace(answer, dynamic=rows)
        words = (fact("did.synthetic-did.error", jackknife=how == "jackknife"),)
        objection = too_few(cohorts)
    notes = [*panel.notes, told_weights(cohorts, panel, found), *words]
    if solver == "published":
        notes.append(fact("did.donors.exact", estimate=exact.estimate))
    return replace(answer, expected=expected(panel, found), notes=tuple(notes), objection=objection)


def _solve(panel: Donors, solver: Solver) -> Solve:
    """The method at the noise level of all controls, which placebos and draws keep."""
    y0 = panel.y[panel.controls]
    starts = np.unique(panel.first[panel.first < panel.y.shape[1]]).tolist()
    noise = {start: noise_level(y0, start) for start in starts}

    def solve(sample: Sample) -> Block:
        return synthetic_did(
            sample.y0,
            sample.y1,
            sample.start,
            sample.treated,
            noise=noise[sample.start],
            solver=solver,
        )

    return solve


def _chosen(variance: Variance, found: Combined, treated: int, controls: int) -> Variance:
    single = any(len(members) < 2 for members in found.rows)
    lone = any((block.unit > 0).sum() < 2 for block in found.blocks)
    if variance == "jackknife" and (single or lone):
        raise FitError(fact("did.synthetic-did.jackknife-needs-two-treated-units"))
    if variance == "bootstrap" and single:
        raise FitError(fact("did.synthetic-did.bootstrap-needs-two-treated-units"))
    if variance != "auto":
        return variance
    enough = min(treated, controls) >= FEWEST_CLUSTERS and not single and not lone
    return "jackknife" if enough else "placebo"


def _jackknife(panel: Donors, found: Combined) -> np.ndarray:
    """(N, 1 + k) departures whose mean square is the jackknife variance of estimate and events.

    Each unit is left out with the weights held, those of the controls scaled to sum to one again.
    """
    length = panel.y.shape[1]
    n = len(panel.first)
    sums = np.zeros((n, len(found.time)))
    units = np.zeros((n, len(found.time)))
    totals, cells = np.zeros(n), np.zeros(n)
    longest = -int(found.time[0])
    for block, members in zip(found.blocks, found.rows, strict=True):
        size, start = len(members), block.start
        own = panel.y - (panel.y[:, :start] @ block.time)[:, None]
        line = own[members].mean(axis=0)
        weighted = block.unit @ own[panel.controls]
        paths = np.tile(line - weighted, (n, 1))
        paths[members] = (size * line - own[members]) / (size - 1) - weighted
        left = block.unit[:, None]
        paths[panel.controls] = line - (weighted - left * own[panel.controls]) / (1 - left)
        sizes = np.full(n, float(size))
        sizes[members] -= 1
        begin = longest - start
        sums[:, begin : begin + length] += sizes[:, None] * paths
        units[:, begin : begin + length] += sizes[:, None]
        totals += sizes * paths[:, start:].sum(axis=1)
        cells += sizes * (length - start)
    values = np.column_stack([totals / cells, sums / units])
    # The mean of n squares is to be (n - 1)/n times their sum.
    return np.asarray((values - values.mean(axis=0)) * np.sqrt(n - 1))


def _bootstrap(panel: Donors, found: Combined, *, draws: int, seed: int) -> np.ndarray:
    """(draws, 1 + k) departures over samples of units with every cohort and two controls."""
    enough_draws(draws)
    length, n = panel.y.shape[1], len(panel.first)
    starts = np.unique(panel.first)
    source = stream(seed, "synthetic-did/bootstrap")
    solve = _solve(panel, "exact")
    samples: list[np.ndarray] = []
    for _ in range(20 * draws):
        rows = (uniforms(source, n) * n).astype(int)
        first = panel.first[rows]
        inside = len(np.unique(first)) == len(starts)
        if inside and len(np.unique(rows[first == length])) > 1:
            samples.append(rows)
        if len(samples) == draws:
            break
    else:
        raise FitError(fact("did.synthetic-did.too-few-samples-units-hold"))
    values = np.array(list(each(partial(_sampled, panel, solve), samples, together=TOGETHER)))
    return np.asarray(values - values.mean(axis=0))


def _sampled(panel: Donors, solve: Solve, rows: np.ndarray) -> np.ndarray:
    drawn = combine(panel.taking(rows, panel.first[rows]), solve)
    return np.concatenate([[drawn.estimate], drawn.event])
