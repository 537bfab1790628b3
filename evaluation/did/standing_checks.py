"""All questions that fit a panel, asked in order.

Each has a function of its own in another file; here stands which fits what. A check that fits but
cannot be made says why and does not judge (`passed` None).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np

from evaluation.data import period as calendar
from evaluation.did import (
    bacon,
    carry_over,
    checks,
    forecast,
    honest,
    own_past,
    pre_trends,
    random_effects,
    spillover,
)
from evaluation.did.cohorts import Cohorts
from evaluation.did.honest import Estimator
from evaluation.did.method import Method
from evaluation.effect import Check, Effect

Ask = Callable[[Cohorts, Method, Effect], Check]
Progress = Callable[[str], None]

# Methods whose estimate is a static two-way coefficient, with its weights. Randomization is one of
# several treated units.
TWO_WAY = ("twfe", "poisson-twfe", "negative-binomial-twfe", "randomization")
# Those that weigh the controls as random-effects does.
BY_WEIGHT = ("random-effects", "random-effects-plug-in", "random-effects-drift")
# Of methods that draw, when a check fits them a hundred times.
FEWER_DRAWS = 199
# Placebo assignments; fewer of panels with more cells than this.
PLACEBOS, FEWER_PLACEBOS, LARGE = 100, 40, 5_000
# Event times looked at on either side: a year, or this many periods if those are more, and so many
# clusters for each.
LEAST_TIMES, CLUSTERS_A_TIME = 5, 3


def run_checks(
    cohorts: Cohorts,
    method: Method,
    effect: Effect,
    *,
    outcomes: Mapping[str, Cohorts] | None = None,
    contaminated: Mapping[str, str] | None = None,
    links: Mapping[str, np.ndarray] | None = None,
    seed: int = checks.SEED,
    progress: Progress = lambda step: None,
) -> tuple[Check, ...]:
    """Every check that fits this panel, in order.

    Parameters
    ----------
    method : of the headline, with its settings. effect : what it gave for this panel.
    outcomes : by name, the same units and starts with an outcome the program cannot have changed.
    contaminated : controls that had a program of their own, and what it was, in words.
    links : by kind, (N, N) bool, row i true at j when the treatment of j reaches i
        (`spillover.same`, `.paired`, `.ringed` make them).
    seed : of placebo assignments. progress : called with the name of each check before it starts.
    """
    found = []
    for name, ask in _questions(cohorts, method, outcomes, contaminated, links, seed):
        progress(name.replace("-", " "))
        # An estimate that runs away overflows on its way; a check leaves it out or tells it.
        with np.errstate(over="ignore", invalid="ignore"):
            found.append(ask(cohorts, method, effect))
    return tuple(found)


def _questions(
    cohorts: Cohorts,
    method: Method,
    outcomes: Mapping[str, Cohorts] | None,
    contaminated: Mapping[str, str] | None,
    links: Mapping[str, np.ndarray] | None,
    seed: int,
) -> list[tuple[str, Ask]]:
    """Names and functions of the checks that fit."""
    single = int(cohorts.ever.sum()) == 1
    asked: list[tuple[str, Ask]] = []
    if not single:
        earliest, latest = _window(cohorts)
        same = {"estimator": _estimator(method), "earliest": earliest, "latest": latest}
        asked += [
            ("pre-trends", partial(pre_trends.check, **same)),  # type: ignore[arg-type]
            ("differing-trends", partial(honest.check, **same)),  # type: ignore[arg-type]
        ]
    draws = FEWER_PLACEBOS if cohorts.y.size > LARGE else PLACEBOS
    placebo = partial(checks.placebo_units, draws=draws, seed=seed)
    asked.append(("placebo-units", _lighter(placebo)))
    if outcomes:
        asked.append(("placebo-outcomes", partial(checks.placebo_outcomes, others=outcomes)))
    left_out: Ask = (
        checks.leave_one_control_out_by_weight
        if single and method.name in BY_WEIGHT
        else partial(checks.leave_one_control_out, seed=seed)
    )
    asked.append(("leave-one-control-out", _lighter(left_out)))
    if contaminated:
        ask = partial(checks.contaminated_controls, programs=contaminated)
        asked.append(("contaminated-controls", ask))
    if single:
        asked.append(("pre-period-splits", random_effects.pre_period_splits))
        if forecast.possible(cohorts):
            asked.append(("own-past", own_past.check))
    asked += [
        ("smallest-p", checks.smallest_p),
        ("regression-to-the-mean", pre_trends.regression_to_the_mean),
        ("later-events", _lighter(checks.later_events)),
        ("common-shocks", pre_trends.common_shocks),
    ]
    if cohorts.on is not None:
        asked.append(("carry-over", carry_over.check))
    if method.name in TWO_WAY and not single:
        asked.append(("two-way-weights", bacon.check))
    if links:
        asked.append(("spillover", partial(spillover.check, links=links)))
    return asked


def _lighter(ask: Ask) -> Ask:
    """The check with fewer draws of the method's own; they make its bands, and ranks coarser."""
    return lambda cohorts, method, effect: ask(cohorts, method.lighter(FEWER_DRAWS), effect)


def _estimator(method: Method) -> Estimator:
    """The effects by event time that belong to the method, if they have one reference period."""
    if method.name == "event-study":
        return "event-study"
    return "sun-abraham" if method.name == "sun-abraham" else "callaway-santanna"


def _window(cohorts: Cohorts) -> tuple[int, int]:
    """First and last event time of the tests of trends: a year to either side, or less.

    Far from the start few cohorts are left, and the covariance of as many differences as there are
    clusters is singular.
    """
    clusters = int(cohorts.cluster.max()) + 1
    year = max(calendar.PER_YEAR[cohorts.frequency], LEAST_TIMES)
    times = max(1, min(year, clusters // CLUSTERS_A_TIME))
    return -times - 1, times - 1
