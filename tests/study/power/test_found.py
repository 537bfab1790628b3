"""The smallest change that power calls detectable is found four times in five, in series and panels
that are made here, by other means, and judged by the method itself."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom, nbinom, norm

from evaluation import did
from evaluation.did.cohorts import NEVER, Cohorts
from evaluation.its import METHODS
from evaluation.its.batch import judge_many
from evaluation.its.design import Specification
from evaluation.its.series import Series
from evaluation.its.verdicts import with_outcomes
from evaluation.study.plan.schema import PlannedOutcome
from evaluation.study.power.comparison import Ready, outcome_power
from evaluation.study.power.curve import detectable, power_curve
from evaluation.study.power.world import World

ENOUGH, LEVEL = 0.8, 0.05
# A right answer fails once in ten thousand times; the curve has an error of its own beside.
SURE = 1e-4


def as_often_as_promised(found: int, of: int, error: float) -> bool:
    """Whether so many found are likely when 80 % are, give or take 3 errors of the curve."""
    least, most = ENOUGH - 3 * error, ENOUGH + 3 * error
    return bool(binom.cdf(found, of, least) > SURE and binom.sf(found - 1, of, most) > SURE)


def test_a_bound_that_lets_everything_pass_would_be_seen() -> None:
    assert as_often_as_promised(160, 200, 0.013)
    assert not as_often_as_promised(116, 200, 0.013)
    assert not as_often_as_promised(192, 200, 0.013)


def counts_about(level: np.ndarray, alpha: float, rho: float, draws: int) -> np.ndarray:
    """(R, n) negative binomial counts whose normal scores are an AR(1), by numpy and scipy."""
    draw, (n,) = np.random.default_rng(987), level.shape
    scores = np.empty((draws, n))
    scores[:, 0] = draw.normal(size=draws)
    for t in range(1, n):
        scores[:, t] = rho * scores[:, t - 1] + np.sqrt(1 - rho**2) * draw.normal(size=draws)
    return np.asarray(nbinom.ppf(norm.cdf(scores), 1 / alpha, 1 / (1 + alpha * level)))


@pytest.mark.parametrize("name", ["averaged-reml", "learned"])
@pytest.mark.parametrize("rho", [0.0, 0.3])
def test_the_smallest_fall_of_a_series_is_found_four_times_in_five(name: str, rho: float) -> None:
    months, start, mean, alpha, draws = 96, 48, 12.0, 0.1, 400
    specification = Specification(trend="none", season="none")
    series = Series.from_arrays(np.full(months, mean), start=start, specification=specification)
    world = World(series, np.full(months, mean), (alpha,), 0.0, rho)
    falls = [-10.0, -20.0, -25.0, -30.0, -35.0, -40.0, -50.0]
    curve, _ = power_curve(world, METHODS[name], falls, draws=1000, name="found")
    smallest = detectable(curve)
    assert smallest is not None
    level = np.where(np.arange(months) >= start, 1 + smallest.estimate / 100, 1.0) * mean
    made = counts_about(level, alpha, rho, draws)
    judged = judge_many(METHODS[name], with_outcomes(series, made))
    found = sum(one.p_value < LEVEL and one.estimate < 0 for one in judged)
    assert as_often_as_promised(found, draws, 0.013), (smallest, found)


def panel(draw: np.random.Generator, units: int, change: float) -> Cohorts:
    """Counts of cities that differ in size, in what all share and in a lasting change of their own;
    what happens to the first of them from month 12 on is changed."""
    months, start = 24, 12
    own, after = draw.normal(0, 0.1, (units, 1)), np.arange(months) >= start
    level = draw.normal(2.5, 0.4, (units, 1)) + draw.normal(0, 0.15, months) + own * after
    level[0] += np.log1p(change) * after
    first = np.where(np.arange(units) == 0, float(start), NEVER)
    return Cohorts.from_arrays(draw.poisson(np.exp(level)), first, kind="count")


def test_the_smallest_fall_of_one_city_beside_others_is_found_four_times_in_five() -> None:
    """Power takes events out of what was recorded of stand-ins; here whole panels are new, and each
    goes through `Method.fit`."""
    draw, units, draws = np.random.default_rng(654), 200, 300
    cohorts, method = panel(draw, units + 1, 0.0), did.METHODS["random-effects"]
    planned = PlannedOutcome(column="y", better="lower")
    falls = (-10.0, -20.0, -30.0, -40.0, -50.0)
    task = Ready(planned, "events", "events", cohorts, method, units, units, falls)
    smallest = outcome_power(task, lambda: None).detectable
    assert smallest is not None
    panels = [panel(draw, 41, smallest.estimate / 100) for _ in range(draws)]
    effects = [method.fit(one) for one in panels]
    found = sum(one.p_value < LEVEL and one.estimate < 0 for one in effects)
    # Of 200 stand-ins, drawn 200 times with repetition: the curve is off by 4 points.
    assert as_often_as_promised(found, draws, 0.04), (smallest, found)
