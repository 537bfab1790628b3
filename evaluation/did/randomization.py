"""Randomization inference: the effect among those of all other units and dates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import product
from typing import Literal, get_args

import numpy as np

from evaluation.did.cohorts import Cohorts
from evaluation.did.effects import Answer, not_valid, t_answer
from evaluation.did.event_study import rates
from evaluation.did.placebo_changes import changes, expected_line, exposures, relative_to_mean
from evaluation.did.usable import refuse_partial
from evaluation.effect import Scale
from evaluation.errors import FitError
from evaluation.fact import Fact, fact
from evaluation.numeric.shared.draws import stream, uniforms
from evaluation.numeric.shared.permutation import (
    TIE,
    Rank,
    StaticEffects,
    distinct_assignments,
    every_assignment,
    one_unit_one_date,
    rank,
    shuffles,
)

Over = Literal["unit", "date", "unit x date"]
Statistic = Literal["estimate", "t"]

DRAWS = 10_000
# Of the Monte Carlo draws; another seed moves p by their error.
SEED = 1
# So many assignments are enumerated; more are drawn from.
ENUMERATED = 20_000
# A placebo date has this share of the periods on either side, or as many as the true one if fewer.
MARGIN_SHARE = 0.2
REJECT = 0.05
# Where the search for the end of a range gives up, in standard errors from the estimate.
FARTHEST = 16.0
HALVINGS = 40


@dataclass(frozen=True, slots=True)
class _Null:
    """Statistics under the hypothesis that the effect is so large, and what belongs to them.

    judge : effect to the actual statistic and those of the other assignments. others : their
    effects at nought. possible : assignments there are. exact : whether all of them are judged.
    """

    estimate: float
    others: np.ndarray
    judge: Callable[[float], tuple[float, np.ndarray]]
    possible: int
    exact: bool

    def rank(self, effect: float) -> Rank:
        actual, others = self.judge(effect)
        return rank(actual, others, possible=self.possible, exact=self.exact)


def fit(
    cohorts: Cohorts,
    *,
    over: Over = "unit",
    statistic: Statistic = "estimate",
    draws: int = DRAWS,
    seed: int = SEED,
) -> Answer:
    """The effect with its rank among the effects of other assignments of the treatment.

    One treated unit: every other unit, date, or both, exhaustively. For counts the effect is the
    log ratio of totals that Poisson two-way fixed effects give (of rates, with an exposure), for
    continuous outcomes the difference in differences of means. Several treated units: static
    linear two-way fixed effects of the outcome (of rates at the mean exposure), with the starts
    shuffled among clusters, enumerated up to 20,000 different ways and drawn above; or each
    cohort's date drawn anew, or both.

    p is the share of assignments, the actual one among them, whose statistic is at least as far
    from nought, ties within 1e-9 of it included. The range holds the effects whose p is .05 or more
    once they are taken out of the treated cells. Where no p is below .05 the answer says "not valid
    here", and range and p are t(other assignments - 1) with the standard error, which is the root
    mean square of the other assignments' effects.

    MacKinnon and Webb (2020), Journal of Econometrics 218:435-450, on when which statistic is fair.

    Parameters
    ----------
    over : what is assigned anew. statistic : "estimate", or "t", the effect over its Poisson
        error, for counts with one treated unit. draws, seed : where assignments are drawn.

    Raises
    ------
    FitError : without untreated units, for unequal weights, a cluster with several starts, a unit
        without events where one is needed, or a setting that is not known.
    """
    refuse_partial(cohorts)
    if over not in get_args(Over) or statistic not in get_args(Statistic):
        raise FitError(fact("did.randomization.over-may-be-unit-date"))
    if np.ptp(cohorts.weight) > 0:
        raise FitError(fact("did.randomization.units-unequal-weights-not-exchangeable"))
    if cohorts.ever.all():
        raise FitError(fact("did.randomization.there-no-untreated-unit"))
    one = cohorts.ever.sum() == 1 and len(np.unique(cohorts.cluster)) == cohorts.n
    if statistic == "t" and not (one and cohorts.kind == "count"):
        raise FitError(fact("did.randomization.statistic-t-counts-one-treated"))
    null = _one(cohorts, over, statistic) if one else _several(cohorts, over, draws, seed)
    found = null.rank(0.0)
    spread = float(np.sqrt((null.others[np.isfinite(null.others)] ** 2).mean()))
    scale: Scale = "log ratio" if one and cohorts.kind == "count" else "difference"
    ends = True
    if found.smallest < REJECT * (1 - TIE):
        (low, below), (high, above) = (
            _end(null, side * spread, kept=found.p_value >= REJECT * (1 - TIE))
            for side in (-1.0, 1.0)
        )
        ends = below and above
        answer = Answer(scale, null.estimate, spread, low, high, found.p_value)
    else:
        answer = t_answer(scale, null.estimate, spread, float(max(found.total - 2, 1)))
    answer = replace(
        answer,
        notes=(
            fact(
                "did.randomization.assignments",
                total=found.total,
                every=found.exact,
                smallest=found.smallest,
            ),
        ),
        objection=_objection(found, ends) or (None if one else _unlike(cohorts)),
    )
    if one:
        found_changes = changes(cohorts)
        line = expected_line(cohorts, found_changes, null.estimate, added=(0.0, 0.0))
        relative = relative_to_mean(cohorts, found_changes)
        return replace(answer, expected=line, relative=relative)
    return answer if cohorts.exposure is None else replace(answer, relative=rates(cohorts)[1])


def _one(cohorts: Cohorts, over: Over, statistic: Statistic) -> _Null:
    """Every unit and date, for one treated unit."""
    treated, start = cohorts.one_treated, int(cohorts.first[cohorts.one_treated])
    logs = cohorts.kind == "count"
    y = cohorts.y if logs else rates(cohorts)[0]
    exposure = exposures(cohorts) if logs else None
    starts = np.array([start]) if over == "unit" else _dates(cohorts, [start])
    at = int(np.flatnonzero(starts == start)[0])
    rows = np.array([treated]) if over == "date" else np.arange(cohorts.n)
    place = int(np.flatnonzero(rows == treated)[0]) * len(starts) + at

    def judge(effect: float, kind: Statistic = statistic) -> tuple[float, np.ndarray]:
        without = y.copy()
        if logs:
            without[treated, start:] *= np.exp(-effect)
        else:
            without[treated, start:] -= effect
        values, errors = one_unit_one_date(without, exposure, starts, logs=logs)
        flat = (values / errors if kind == "t" else values)[rows].ravel()
        return float(flat[place]), np.delete(flat, place)

    estimate, others = judge(0.0, "estimate")
    if not np.isfinite(estimate):
        raise FitError(
            fact("did.randomization.controls-have-no-event-on", units=cohorts.units[treated])
        )
    return _Null(estimate, others, judge, len(others) + 1, exact=True)


def _several(cohorts: Cohorts, over: Over, draws: int, seed: int) -> _Null:
    """Starts shuffled among clusters, or drawn anew, for several treated units."""
    y = rates(cohorts)[0]
    pairs = np.unique(np.column_stack([cohorts.cluster, cohorts.first]), axis=0)
    groups = int(cohorts.cluster.max()) + 1
    if len(pairs) != groups:
        raise FitError(fact("did.randomization.cluster-has-units-different-starts"))
    first = np.minimum(pairs[:, 1], cohorts.length).astype(int)
    possible, dates = 1, np.empty(0, dtype=int)
    if over != "date":
        possible *= distinct_assignments(first)
    if over != "unit":
        dates = _dates(cohorts, cohorts.cohorts.tolist())
        possible *= len(dates) ** len(cohorts.cohorts)
    exact = over != "unit x date" and possible <= ENUMERATED
    if exact:
        assigned = (
            every_assignment(first)
            if over == "unit"
            else _every_date(first, cohorts.cohorts, dates)
        )
        assigned = assigned[(assigned != first).any(axis=1)]
    else:
        source = stream(seed, f"randomization/{over}")
        assigned = np.broadcast_to(first, (draws, groups)).copy()
        if over != "unit":
            for cohort in cohorts.cohorts:
                drawn = dates[(uniforms(source, draws) * len(dates)).astype(int)]
                assigned[:, first == cohort] = drawn[:, None]
        if over != "date":
            order = shuffles(source, draws, groups)
            assigned = np.take_along_axis(assigned, order, axis=1)
    model = StaticEffects(y, cohorts.cluster)
    # What the treatment itself gives under another assignment: an effect taken out moves that much.
    treatment = StaticEffects(cohorts.treated.astype(float), cohorts.cluster)
    estimate = float(model.effects(first[None])[0])
    if not np.isfinite(estimate):
        raise FitError(fact("did.randomization.treatment-sum-unit-period-effect"))
    others, slopes = model.effects(assigned), treatment.effects(assigned)
    return _Null(
        estimate,
        others,
        lambda effect: (estimate - effect, others - effect * slopes),
        possible,
        exact=exact,
    )


def _every_date(first: np.ndarray, cohorts: np.ndarray, dates: np.ndarray) -> np.ndarray:
    """(A, G) every combination of dates for the cohorts, whose units start together."""
    choices = np.array(list(product(dates, repeat=len(cohorts))))
    assigned = np.broadcast_to(first, (len(choices), len(first))).copy()
    for place, cohort in enumerate(cohorts):
        assigned[:, first == cohort] = choices[:, [place]]
    return assigned


def _dates(cohorts: Cohorts, starts: list[int]) -> np.ndarray:
    """Placebo starts: the true ones are among them."""
    length = cohorts.length
    wanted = max(1, int(MARGIN_SHARE * length))
    return np.arange(min(wanted, *starts), max(length - wanted, *starts) + 1)


def _end(null: _Null, step: float, *, kept: bool) -> tuple[float, bool]:
    """The effect beyond which the hypothesis is rejected (p below .05), on the side that `step`
    points to, and whether there is one: when every date looks alike, no effect may be too large.

    Effects between two that are kept can be rejected. The range holds nought exactly when nought is
    kept: it is searched from the estimate to nought when that is rejected, past it otherwise.

    Parameters
    ----------
    kept : whether an effect of nought is kept.
    """

    def rejected(away: float) -> bool:
        return null.rank(null.estimate + away).p_value < REJECT * (1 - TIE)

    nought = -null.estimate
    inside, outside = 0.0, step
    if nought * step > 0:
        inside, outside = (nought, nought + step) if kept else (0.0, nought)
    while not rejected(outside):
        inside, outside = outside, inside + 2 * (outside - inside)
        if abs(outside - nought) > FARTHEST * abs(step) + abs(nought) or step == 0:
            return null.estimate + inside, False
    for _ in range(HALVINGS):
        middle = (inside + outside) / 2
        if rejected(middle):
            outside = middle
        else:
            inside = middle
    return null.estimate + inside, True


def _objection(found: Rank, ends: bool) -> Fact | None:
    if found.smallest >= REJECT * (1 - TIE):
        return not_valid(
            "did.randomization.no-range",
            total=found.total,
            smallest=found.smallest,
            p=found.p_value,
        )
    return None if ends else not_valid("did.randomization.no-end", farthest=FARTHEST)


def _unlike(cohorts: Cohorts) -> Fact | None:
    """That levels of counts are compared, whose changes grow with a unit's size, or None."""
    if cohorts.kind != "count" or cohorts.exposure is not None:
        return None
    return not_valid("did.randomization.unlike")
