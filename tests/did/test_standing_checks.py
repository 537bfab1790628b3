"""Which questions are asked of which panel, and that each is answered in words."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
from worlds import places

from evaluation import did
from evaluation.did import METHODS, Cohorts, spillover, standing_checks
from evaluation.effect import Check

ALWAYS = (
    "placebo-units",
    "leave-one-control-out",
    "smallest-p",
    "regression-to-the-mean",
    "later-events",
    "common-shocks",
)


def one(**options) -> Cohorts:
    return places(**{"treated": 1, "controls": 12, "length": 40, "starts": (24,)} | options)


def staggered(kind: str = "count", **options) -> Cohorts:
    return places(
        kind,
        **{"treated": 12, "controls": 12, "length": 24, "starts": (12, 14), "mean": 60.0} | options,
    )


def asked(cohorts: Cohorts, method: did.Method | None = None, **more) -> dict[str, Check]:
    method = did.default(cohorts) if method is None else method
    found = did.run_checks(cohorts, method, method.fit(cohorts), **more)
    assert len({check.name for check in found}) == len(found)
    return {check.name: check for check in found}


def single(name: str, cohorts: Cohorts, method: did.Method | None = None, **more) -> Check:
    """One of them alone, which is faster."""
    method = did.default(cohorts) if method is None else method
    given = {"outcomes": None, "contaminated": None, "links": None, "seed": 1} | more
    ask = dict(standing_checks._questions(cohorts, method, *given.values()))[name]
    return ask(cohorts, method, method.fit(cohorts))


@pytest.fixture(scope="module", autouse=True)
def few_placebos():
    """Which questions are asked and answered does not hang on how many placebos there are."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(standing_checks, "PLACEBOS", 25)
        yield


@pytest.fixture(scope="module")
def of_one():
    return asked(one())


@pytest.fixture(scope="module")
def of_several():
    return asked(places(controls=10, starts=(5, 7), mean=60.0))


def test_one_treated_unit_is_compared_with_each_control_before_the_start(of_one):
    assert tuple(of_one) == (*ALWAYS[:2], "pre-period-splits", "own-past", *ALWAYS[2:])
    assert "Without one control (all 12 tried)" in str(of_one["leave-one-control-out"].says)
    cohorts = one()
    method = METHODS["random-effects"]
    by_weight = {
        check.name: check for check in did.run_checks(cohorts, method, method.fit(cohorts))
    }
    assert "no control may have more than 40 % of the weight" in (
        str(by_weight["leave-one-control-out"].says)
    )
    assert len(of_one["placebo-units"].table) == 12


def test_several_treated_are_asked_about_trends(of_several):
    assert tuple(of_several) == ("pre-trends", "differing-trends", *ALWAYS)
    # 18 clusters, three for each of the differences.
    assert "All 6 differences before treatment" in str(of_several["pre-trends"].says)


@pytest.mark.parametrize("name", ["of_one", "of_several"])
def test_every_check_speaks_and_has_rows_that_can_be_written(name, request):
    found = request.getfixturevalue(name)
    for check in found.values():
        assert str(check.question).endswith("?")
        assert str(check.says).endswith(".")
        assert check.passed is None or any(character.isdigit() for character in str(check.says))
        for row in check.table:
            assert set(row) == set(check.table[0])
            numbers = [value for value in row.values() if isinstance(value, (float, np.floating))]
            assert all(math.isfinite(value) for value in numbers), (check.name, row)


@pytest.mark.parametrize("name", ["of_one", "of_several"])
def test_nothing_is_wrong_with_a_world_made_as_the_methods_assume(name, request):
    found = request.getfixturevalue(name)
    wrong = {check.name for check in found.values() if check.passed is False}
    assert wrong == set()


def test_what_a_plan_names_is_asked_too_and_in_place():
    cohorts = staggered()
    given = (
        {"traffic deaths": staggered(effect=0.0, seed=8)},
        {"unit 20": "a program of its own in 2002"},
        {"allies": spillover.same(np.arange(24) % 12)},
    )
    asks = dict(standing_checks._questions(cohorts, METHODS["poisson-twfe"], *given, 1))
    assert tuple(asks) == (
        "pre-trends",
        "differing-trends",
        "placebo-units",
        "placebo-outcomes",
        "leave-one-control-out",
        "contaminated-controls",
        *ALWAYS[2:],
        "two-way-weights",
        "spillover",
    )
    effect = did.estimate(cohorts, "poisson-twfe")
    for name, words in (
        ("placebo-outcomes", "traffic deaths"),
        ("contaminated-controls", "unit 20 (a program of its own in 2002)"),
    ):
        assert words in str(asks[name](cohorts, METHODS["poisson-twfe"], effect).says)


def test_progress_is_told_and_placebos_follow_the_seed():
    cohorts, steps = places("continuous", controls=8), []
    names = asked(cohorts, progress=steps.append)
    assert steps == [name.replace("-", " ") for name in names]
    same, other = (single("placebo-units", cohorts, seed=seed) for seed in (1, 2))
    assert same == names["placebo-units"] and other.table != same.table


def test_trends_that_differ_are_found():
    cohorts = staggered("continuous")
    assert single("pre-trends", cohorts).passed is True
    drift = 0.3 * np.arange(cohorts.length) * cohorts.ever[:, None]
    drifting = replace(cohorts, y=cohorts.y + drift)
    assert single("pre-trends", drifting).passed is False


def test_starts_after_a_spike_are_found_in_groups_and_in_one_unit():
    for cohorts in (staggered(effect=0.0), one(effect=0.0)):
        y = cohorts.y.copy()
        for unit in np.flatnonzero(cohorts.ever):
            start = int(cohorts.first[unit])
            y[unit, start - (2 if cohorts.ever.sum() > 1 else 12) : start] *= 2
        check = single("regression-to-the-mean", replace(cohorts, y=y))
        assert check.passed is False
        assert ("return to the usual" in str(check.says)) == (cohorts.ever.sum() == 1)
        assert ("likely between the estimates" in str(check.says)) == (cohorts.ever.sum() > 1)


def test_spillover_that_hides_an_effect_is_found():
    cohorts = staggered(seed=2)
    allies = spillover.same(np.arange(24) % 12)
    # The last six of the controls have no ally left, so that somebody is not exposed.
    allies[18:], allies[:, 18:] = False, False
    exposed = spillover.exposure(cohorts, {"allies": allies}) >= 0
    fallen = replace(cohorts, y=np.where(exposed, np.floor(cohorts.y / 2), cohorts.y))
    quiet = single("spillover", cohorts, links={"allies": allies})
    found = single("spillover", fallen, links={"allies": allies})
    assert quiet.passed is True and found.passed is False
    cells = {row["cells"]: row for row in found.table}
    assert cells["spillover on allies"]["high"] < 0
    # Taking the exposed out gives back what they hid.
    clean, hidden = cells["treated, exposed controls left out"]["percent"], did.estimate(fallen)
    assert clean < hidden.percent.estimate - 5
    nobody = single("spillover", cohorts, links={"allies": np.zeros((24, 24), bool)})
    assert nobody.passed is None and "Not possible: no untreated unit is exposed" in str(
        str(nobody.says)
    )


def test_two_way_weights_are_looked_at_where_they_are_used():
    cohorts = staggered("continuous")
    same_date = replace(cohorts, first=np.where(cohorts.ever, 12.0, np.inf))
    assert single("two-way-weights", same_date, METHODS["twfe"]).passed is True
    late = staggered("continuous", controls=2, starts=(4, 20))
    assert single("two-way-weights", late, METHODS["twfe"]).passed is False
    with pytest.raises(KeyError):
        single("two-way-weights", cohorts, METHODS["imputation"])


def test_smallest_p_of_several_counts_the_ways_to_give_the_starts():
    few = places("continuous", treated=3, controls=5, starts=(5, 7))
    ways = len(set(permutations(np.minimum(few.first, 99).tolist())))
    assert str(single("smallest-p", few).says) == (
        f"There are {ways} ways to give the starts to 8 clusters, so the smallest p a rank can "
        f"have is {1 / ways:.3f}."
    )
    tiny = places("continuous", treated=2, controls=3)
    assert "cannot find anything" in str(single("smallest-p", tiny).says)


def test_checks_that_cannot_be_made_say_why_and_do_not_judge():
    short = places("continuous", treated=2, controls=3, length=4, starts=(2,))
    found = asked(short)
    reasons = {
        "pre-trends": "Not tested: not valid here",
        "differing-trends": "Not possible: not valid here",
        "regression-to-the-mean": "Not tested: 0 clusters start with 4 periods before",
        "later-events": "Not possible: the window ends within a year",
        "common-shocks": "Not tested: ",
    }
    for name, words in reasons.items():
        assert found[name].passed is None, name
        assert str(found[name].says).startswith(words), found[name].says


def test_method_keeps_its_settings_but_draws_less_in_checks_that_fit_it_often():
    drawn = []

    def solve(cohorts: Cohorts, *, draws: int = 9999, errors: str = "CR1"):
        drawn.append((draws, errors))
        return METHODS["twfe"].set_to({"errors": errors}).solve(cohorts)

    method = replace(METHODS["twfe"], name="a", solve=solve).set_to({"errors": "CR2"})
    single("placebo-units", places("continuous"), method)
    assert drawn == [(9999, "CR2")] + [(199, "CR2")] * 25


def test_lighter_fits_have_the_same_estimate_and_range():
    cohorts = staggered()
    for name in ("poisson-imputation", "imputation", "callaway-santanna", "event-study"):
        whole, light = (one.fit(cohorts) for one in (METHODS[name], METHODS[name].lighter(199)))
        assert (light.estimate, light.low, light.high) == (whole.estimate, whole.low, whole.high)
    assert min(row.time for row in METHODS["imputation"].lighter(9).fit(cohorts).dynamic) == 0
