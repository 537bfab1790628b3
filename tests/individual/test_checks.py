"""The checks: balance beside MatchIt's, and traps that people were made to fall into."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made_up import columns, people, reference

from evaluation.individual import METHODS, Outcome, People, estimate, gate, propensity, run_checks
from evaluation.individual.standing_checks import (
    e_values,
    rosenbaum,
    side_by_side,
    unaffected_outcomes,
)
from evaluation.numeric.people.unmeasured import e_value, mcnemar_bound


def test_balance_agrees_with_matchit() -> None:
    expected = reference()["matching"]
    answer = METHODS["matching"].set_to({"caliper": 1e9}).answer(people(), "days")
    check = propensity.check(answer)
    rows = {row["covariate"]: row for row in check.table}
    # MatchIt divides by the standard deviation of the treated, as the ATT does here.
    for i, name in enumerate(("age", "priors", "gang")):
        assert rows[name]["before"] == pytest.approx(_raw(name), rel=1e-9)
        if name != "gang":
            assert rows[name]["before"] == pytest.approx(expected["before"][i], rel=1e-8)
            assert rows[name]["after"] == pytest.approx(expected["after"][i], rel=1e-8)
    assert check.passed is (max(abs(row["after"]) for row in check.table) <= 0.1)
    assert not propensity.check(METHODS["unadjusted"].answer(people(), "days")).passed
    back = METHODS["matching"].set_to({"caliper": 1e9, "replacement": True})
    sides = propensity.effective(back.answer(people(), "days")).table
    assert sides[1]["effective"] == pytest.approx(expected["ess"], rel=1e-8)


def _raw(name: str) -> float:
    table = columns()
    one, none = (table[name][table["treated"] == side] for side in (1, 0))
    return float((one.mean() - none.mean()) / one.std(ddof=1))


def test_entropy_balancing_is_exact_and_weighting_nearly() -> None:
    exact = propensity.check(METHODS["entropy-balancing"].answer(people(), "days"))
    assert max(abs(row["after"]) for row in exact.table) < 1e-6
    assert exact.passed
    near = propensity.check(METHODS["iptw"].answer(people(), "days"))
    assert 1e-6 < max(abs(row["after"]) for row in near.table) < 0.1
    other = propensity.check(METHODS["standardization"].answer(people(), "days"))
    assert "after" not in other.table[0]


def test_groups_still_apart_are_an_objection() -> None:
    given = people()
    given.covariates[:, 0] += 15 * given.treated + np.arange(400) / 1e4
    found = METHODS["matching"].set_to({"caliper": 1e9}).fit(given, "days")
    assert found.objection is not None
    assert str(found.objection).startswith("after weighting the groups still differ by")
    assert "in age" in str(found.objection)
    plain = METHODS["unadjusted"].fit(given, "days")
    assert plain.objection is not None and "nothing was done" in str(plain.objection)


def test_few_events_are_an_objection_without_their_number() -> None:
    given = people()
    rare = np.zeros(400)
    rare[np.flatnonzero(given.treated)[:3]] = 1
    rare[np.flatnonzero(~given.treated)[:30]] = 1
    given.outcomes["rearrest"].values[:] = rare
    found = estimate(given, outcome="rearrest", method="iptw")
    assert (
        str(found.objection) == "too few treated people had the rarer outcome for a normal interval"
    )


def test_overlap_fails_where_nobody_is_like_the_treated() -> None:
    assert propensity.overlap(METHODS["iptw"].answer(people(), "days")).passed
    given = people()
    source = np.random.default_rng(4)
    apart = np.where(given.treated, 2.2, -2.2) + source.normal(size=400)
    given.covariates[:, 0] = apart
    found = propensity.overlap(METHODS["iptw"].answer(given, "days"))
    assert found.passed is False
    assert sum(row["treated"] for row in found.table) == given.treated.sum()
    given.covariates[:, 0] = given.treated
    none = propensity.overlap(METHODS["unadjusted"].answer(given, "days"))
    assert none.passed is False and "There is no overlap" in str(none.says)


def test_e_value_of_a_risk_ratio_and_of_a_difference() -> None:
    answer = METHODS["aipw"].answer(people(), "rearrest")
    effect = METHODS["aipw"].worded(answer)
    (row,) = e_values(answer, effect).table
    assert row["e-value"] == pytest.approx(e_value(row["risk ratio"]))
    assert row["risk ratio"] == pytest.approx(1 + effect.percent.estimate / 100)
    assert 1 < row["e-value of the interval"] < row["e-value"]
    answer = METHODS["aipw"].answer(people(), "days")
    effect = METHODS["aipw"].worded(answer)
    (row,) = e_values(answer, effect).table
    spread = columns()["days"][columns()["treated"] == 0].std(ddof=1)
    assert row["risk ratio"] == pytest.approx(np.exp(0.91 * effect.estimate / spread))


def test_rosenbaum_bounds_are_those_of_the_pairs() -> None:
    answer = METHODS["matching"].answer(people(), "rearrest")
    check = rosenbaum(answer)
    gap = answer.used.y[answer.pairs[:, 0]] - answer.used.y[answer.pairs[:, 1]]
    better, both = int((gap < 0).sum()), int((gap != 0).sum())
    for row in check.table:
        assert row["largest p"] == pytest.approx(mcnemar_bound(better, both, row["gamma"]))
    values = [row["largest p"] for row in rosenbaum(answer).table]
    assert values == sorted(values)
    # Other methods borrow the pairs of matching.
    other = rosenbaum(METHODS["aipw"].answer(people(weight=True), "rearrest"))
    assert other.table == check.table


def test_completers_are_refused_as_the_treated() -> None:
    table = columns()
    with_dates = people(entry=np.zeros(400), decided=np.where(table["treated"] == 1, 0.0, np.nan))
    assert gate.immortal_time(with_dates).passed
    assert estimate(with_dates, outcome="rearrest").objection is None
    late = people(
        entry=np.zeros(400),
        decided=np.where(table["treated"] == 1, np.where(np.arange(400) % 2, 90.0, 0.0), np.nan),
    )
    found = gate.immortal_time(late)
    assert found.passed is False and "90 days after it in the middle" in str(found.says)
    assert estimate(late, outcome="rearrest").objection == found.says
    completers = people(completed=table["treated"])
    found = gate.immortal_time(completers)
    assert found.passed is False and "Only those who completed" in str(found.says)
    some = people(completed=table["treated"] * (np.arange(400) % 3 > 0))
    assert gate.immortal_time(some).passed
    assert gate.immortal_time(people()).passed is None


def test_the_gift_of_immortal_time_is_real() -> None:
    """Nobody gains, but those arrested before day 180 cannot complete; the naive effect is a fall,
    and it is the one with the objection."""
    source = np.random.default_rng(5)
    time = source.exponential(400, 2000)
    began = np.arange(2000) < 1000
    completed = began & (time > 180)
    people_ = People.from_arrays(
        completed.astype(float),
        covariates={"age": source.normal(25, 4, 2000)},
        outcomes={"arrest": (time < 365).astype(float)},
        entry=np.zeros(2000),
        decided=np.where(completed, 180.0, np.nan),
        completed=completed.astype(float),
        invited=began.astype(float),
    )
    naive = estimate(people_, outcome="arrest")
    assert naive.high < -0.1 and naive.objection is not None
    honest = estimate(replace(people_, treated=began), outcome="arrest")
    assert honest.low < 0 < honest.high


def test_a_spike_before_entry_is_told_unless_the_comparison_shares_it() -> None:
    source = np.random.default_rng(6)
    calm = source.poisson(1.0, (400, 4))
    assert gate.regression_to_the_mean(people(history=calm)).passed
    treated = columns()["treated"] == 1
    spiked = calm.copy()
    spiked[:, -1] += treated * source.poisson(1.5, 400)
    found = gate.regression_to_the_mean(people(history=spiked))
    assert found.passed is False and "falls back by itself" in str(found.says)
    assert found.table[-1]["treated"] > found.table[-2]["treated"] + 1
    shared = calm.copy()
    shared[:, -1] += source.poisson(1.5, 400)
    found = gate.regression_to_the_mean(people(history=shared))
    assert found.passed and "both fall back alike" in str(found.says)
    assert gate.regression_to_the_mean(people()).passed is None


def test_selection_on_uptake_is_told() -> None:
    table = columns()
    invited = (table["treated"] == 1) | (table["age"] > 27)
    found = gate.uptake(people(invited=invited))
    assert found.passed is False and "(age)" in str(found.says)
    assert gate.uptake(people(invited=table["treated"])).passed
    assert gate.uptake(people()).passed is None


def test_negative_controls_and_outcomes_side_by_side() -> None:
    table, source = columns(), np.random.default_rng(7)
    given = People.from_arrays(
        table["treated"],
        covariates={name: table[name] for name in ("age", "priors", "gang")},
        outcomes={
            "arrest": table["rearrest"],
            "victim": source.integers(0, 2, 400),
            "height": 170 + table["treated"] * 5 + source.normal(0, 5, 400),
            "time": Outcome.of_time(np.ones(400), np.ones(400)),
        },
    )
    method = METHODS["aipw"]
    assert unaffected_outcomes(given, ["victim"], method).passed
    found = unaffected_outcomes(given, ["victim", "height", "time"], method)
    assert found.passed is False
    assert "an effect on height" in str(found.says) and "Not possible: time" in str(found.says)
    both = side_by_side(given, "arrest", ["victim"], method)
    assert [row["outcome"] for row in both.table] == ["arrest", "victim"]
    assert both.passed is None


@pytest.mark.parametrize("method", [one for one, row in METHODS.items() if "binary" in row.kinds])
def test_every_method_can_be_asked_everything(method: str) -> None:
    seen: list[str] = []
    found = run_checks(
        people(history=np.ones((400, 3))),
        outcome="rearrest",
        method=method,
        unaffected=["days"],
        beside=["days"],
        progress=seen.append,
    )
    assert [check.name.replace("-", " ") for check in found] == seen
    assert len(found) == 11
    for check in found:
        assert str(check.says).endswith(".") and str(check.question).endswith("?")
        assert all(row.keys() == check.table[0].keys() for row in check.table)


def test_sums_over_unequal_follow_up_are_told_and_equal_ones_pass() -> None:
    given = people()
    n = given.n
    alike = people(follow_up=np.full(n, 730.0))
    assert gate.short_follow_up(alike, day=730).passed
    gone = np.where(given.treated & (np.arange(n) % 3 == 0), 200.0, 730.0)
    check = gate.short_follow_up(people(follow_up=gone), day=730)
    assert check.passed is False
    share = 100 * float((gone < 730)[given.treated].mean())
    assert str(check.says).startswith(f"{share:.0f} % of treated and under 4 % of untreated people")
    nobody = "under 11 % of treated and under 4 %"
    assert str(gate.short_follow_up(given, day=730).says).startswith(nobody)
