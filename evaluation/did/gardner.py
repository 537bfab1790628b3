"""Gardner: unit and period effects from untreated cells, then means of what is left of the others.

The point estimates are those of linear imputation. Standard errors are those of both stages
together, as moments (Gardner 2022, arXiv 2207.05943, section 3.3; the R package did2s): the effect
of a cell is taken less the coefficient it belongs to, not less its cohort's mean. Clustered without
a factor for few clusters; the distribution is normal.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from evaluation.did.cohorts import Cohorts
from evaluation.did.effects import Answer, t_answer
from evaluation.did.event_study import Curve, band, event_times, too_few
from evaluation.did.imputation import Imputation, clustered, imputation, terms
from evaluation.did.timing import refusal
from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.numeric.panel.imputation import NONE, Averages, about_average, averages
from evaluation.numeric.shared.draws import stream
from evaluation.numeric.shared.wild import multiplied

DRAWS = 1000
SEED = 1


def fit(
    cohorts: Cohorts,
    *,
    earliest: int | None = None,
    draws: int = DRAWS,
    seed: int = SEED,
) -> Answer:
    """The mean effect over treated cells, with effects by event time; normal intervals.

    `dynamic` before treatment holds means of first-stage residuals. They are drawn toward nought,
    because the same periods were fitted: they show a pre-trend worse than the leads of linear
    imputation. `terms` are the averages by cohort.

    Parameters
    ----------
    earliest : first event time shown; None shows all. draws, seed : of the multiplier bootstrap
        (Rademacher) behind the band.

    Raises
    ------
    FitError : when no treated cell has an untreated one in its period, untreated cells fall apart
        into blocks, or `earliest` is not before treatment.
    """
    imputed = imputation(cohorts)
    overall = _averages(imputed, np.where(imputed.used, 0, NONE))
    starts = np.unique(cohorts.first[imputed.used.any(axis=1)])
    place = np.searchsorted(starts, cohorts.first)[:, None]
    parts = _averages(imputed, np.where(imputed.used, place, NONE))
    found, sums = _curve(cohorts, imputed, earliest)
    total = clustered(cohorts, overall.influence)
    std_error = float(np.sqrt((total**2).sum()))
    drawn = multiplied(sums, draws, stream(seed, "gardner/multiplier"))
    spread = np.sqrt((clustered(cohorts, parts.influence) ** 2).sum(axis=0))
    return replace(
        t_answer("difference", float(overall.estimate[0]), std_error, None),
        expected=imputed.expected,
        relative=imputed.relative,
        dynamic=event_times(found, band(found, drawn)),
        terms=terms(tuple(f"cohort {cohorts.begun(start)}" for start in starts), parts, spread),
        notes=imputed.notes,
        objection=too_few(cohorts) or refusal(cohorts),
    )


def _averages(imputed: Imputation, label: np.ndarray) -> Averages:
    return averages(imputed.found, label, about_average(imputed.found, label))


def _curve(cohorts: Cohorts, imputed: Imputation, earliest: int | None) -> tuple[Curve, np.ndarray]:
    if earliest is not None and earliest >= 0:
        raise FitError(fact("did.gardner.earliest-first-event-time-shown", earliest=earliest))
    shown = imputed.used | (cohorts.ever[:, None] & (imputed.event < 0) & cohorts.known)
    if earliest is not None:
        shown &= imputed.event >= earliest
    times = np.unique(imputed.event[shown]).astype(int)
    found = _averages(imputed, np.where(shown, np.searchsorted(times, imputed.event), NONE))
    sums = clustered(cohorts, found.influence)
    return Curve(times, found.estimate, sums.T @ sums, found.n, None), sums
