"""Randomization inference over units, dates and both."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from one_city import REFERENCE, cities, first_only, r_panel, rates

from evaluation.did import randomization
from evaluation.did.cohorts import NEVER, Cohorts
from evaluation.errors import FitError


def staggered(seed: int = 3, effect: float = 0.0, n: int = 12) -> Cohorts:
    draw = np.random.default_rng(seed)
    first = np.full(n, NEVER)
    first[:4] = [6, 6, 9, 9]
    y = draw.normal(size=(n, 15)) + draw.normal(size=15) + np.arange(n)[:, None]
    return Cohorts.from_arrays(y + effect * (np.arange(15) >= first[:, None]), first)


def test_over_units_is_the_poisson_two_way_rank_of_r():
    # tests/reference/random_effects.R: glm(y ~ treated + unit + time, poisson) for each unit.
    answer = randomization.fit(r_panel(exposure=False))
    twoway = np.array(REFERENCE["twoway"])
    assert answer.estimate == pytest.approx(twoway[0], abs=1e-9)
    judged = randomization._one(r_panel(exposure=False), "unit", "estimate").rank(0.0)
    assert judged.p_value == pytest.approx(REFERENCE["p_unit"][0])
    # 13 assignments have no p below .05: the range is by t(11) from their spread.
    assert answer.df == 11 and f"(here {judged.p_value:.3f})" in str(answer.objection)
    assert answer.std_error == pytest.approx(np.sqrt((twoway[1:] ** 2).mean()), abs=1e-9)


@pytest.mark.parametrize(("over", "total"), [("unit", 13), ("date", 59), ("unit x date", 767)])
def test_every_unit_and_date_is_judged_once_and_the_floor_is_named(over, total):
    answer = randomization.fit(cities(effect=-0.5), over=over)
    assert f"{total} assignments (all); the smallest p they can give is" in str(answer.notes[0])
    assert total < 20 or answer.p_value >= 1 / total - 1e-12
    assert (answer.p_value < 0.05) == (answer.low > 0 or answer.high < 0)
    assert (answer.objection is None) == (total >= 20)


def test_statistic_t_divides_by_the_poisson_error():
    cohorts = cities()
    y, start = cohorts.y, 48
    t = []
    for unit in range(13):
        own, rest = y[unit], np.delete(y, unit, axis=0).sum(axis=0)
        totals = own[start:].sum(), rest[start:].sum(), own[:start].sum(), rest[:start].sum()
        log_ratio = np.log(totals[0] * totals[3] / totals[1] / totals[2])
        t.append(log_ratio / np.sqrt(sum(1 / one for one in totals)))
    expected = np.mean(np.abs(t) >= abs(t[0]) - 1e-12)
    assert randomization._one(cohorts, "unit", "t").rank(0.0).p_value == pytest.approx(expected)


@pytest.mark.parametrize(
    ("make", "options"),
    [
        (cities, {"over": "unit x date"}),
        (cities, {"over": "date"}),
        (cities, {"over": "unit x date", "statistic": "t"}),
        (rates, {"over": "unit x date"}),
        (staggered, {"over": "unit"}),
        (staggered, {"over": "unit x date", "draws": 400}),
    ],
)
def test_range_ends_where_rejection_begins(make, options):
    cohorts = make()
    answer = randomization.fit(cohorts, **options)
    assert answer.low < answer.estimate < answer.high
    for end in (answer.low, answer.high):
        for share, rejected in ((0.999, False), (1.001, True)):
            effect = answer.estimate + share * (end - answer.estimate)
            y = cohorts.y.copy()
            treated = cohorts.treated
            if answer.scale == "log ratio":
                y[treated] *= np.exp(-effect)
            else:
                y[treated] -= effect
            again = randomization.fit(replace(cohorts, y=y), **options)
            assert (again.p_value < 0.05 - 1e-12) == rejected


def test_shuffled_starts_are_enumerated_when_few_and_drawn_when_many():
    few = staggered().keeping([0, 1, 2, 3, 4, 5, 6])
    assert "210 assignments (all)" in str(randomization.fit(few).notes[0])
    many = randomization.fit(staggered(n=40), draws=500)
    assert "501 assignments (drawn" in str(many.notes[0])


def test_few_dates_do_not_promise_a_smaller_p_than_they_can_give():
    first = np.full(6, NEVER)
    first[:2] = 5
    cohorts = Cohorts.from_arrays(np.random.default_rng(1).normal(size=(6, 12)), first)
    answer = randomization.fit(cohorts, over="date")
    # Dates from 2 to 10, all with the two units together.
    assert "9 assignments (all); the smallest p they can give is 0.111" in str(answer.notes[0])
    assert answer.objection is not None and str(answer.objection).startswith("not valid here")


def test_draws_are_the_same_every_time_and_close_to_all():
    cohorts = staggered(effect=0.6)
    drawn = [randomization.fit(cohorts, over="unit x date", draws=300, seed=s) for s in (1, 1, 2)]
    assert drawn[0] == drawn[1] and drawn[0] != drawn[2]


def test_one_treated_unit_gives_the_same_p_by_totals_and_by_regression():
    cohorts = rates()
    one = randomization.fit(cohorts)
    several = randomization._several(cohorts, "unit", 10, 1)
    assert several.estimate == pytest.approx(one.estimate, abs=1e-10)
    by_totals = randomization._one(cohorts, "unit", "estimate")
    assert several.rank(0.0).p_value == pytest.approx(by_totals.rank(0.0).p_value)


def test_type_one_error_without_an_effect_is_its_level():
    p = np.array(
        [
            randomization._several(staggered(seed, n=9), "unit", 1, 1).rank(0.0).p_value
            for seed in range(200)
        ]
    )
    assert (p <= 0.05).mean() == pytest.approx(0.05, abs=3 * np.sqrt(0.05 * 0.95 / 200))


def test_range_without_an_end_is_cut_off_and_said():
    # So large a fall that what it does to the placebo dates hides the actual one.
    answer = randomization.fit(cities(effect=-1.5), over="date")
    assert answer.objection is not None and "no end on one side" in str(answer.objection)
    assert np.isfinite([answer.low, answer.high]).all()


def test_unequal_weights_split_clusters_and_unknown_settings_are_refused():
    cohorts = staggered()
    with pytest.raises(FitError, match="unequal weights"):
        randomization.fit(replace(cohorts, weight=np.arange(1.0, 13)))
    split = replace(cohorts, cluster=np.array([0, 0, 1, 1, *([0] * 8)]))
    with pytest.raises(FitError, match="different starts"):
        randomization.fit(split)
    with pytest.raises(FitError, match='over may be "unit"'):
        randomization.fit(cohorts, over="city")
    with pytest.raises(FitError, match='"t" is for counts'):
        randomization.fit(cohorts, statistic="t")
    with pytest.raises(FitError, match="no untreated unit"):
        randomization.fit(cohorts.keeping([0, 1, 2, 3]))


def test_unit_without_events_after_the_start_is_refused():
    cohorts = cities()
    y = cohorts.y.copy()
    y[0, 48:] = 0
    with pytest.raises(FitError, match="no event on one side"):
        randomization.fit(replace(cohorts, y=y))


def test_inputs_are_not_changed():
    cohorts = Cohorts.from_arrays(cities().y, first_only(13, 48), kind="count")
    before = cohorts.y.copy()
    randomization.fit(cohorts, over="unit x date")
    assert np.array_equal(cohorts.y, before)
