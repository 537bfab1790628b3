"""Balances against arithmetic by hand, closed forms and a brute-force simulation."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
from invented import COST, EXAMPLE, HAPPENED, HEAD, VALUE, changed, difference, evidence, ledger
from invented import ratio as log_ratio

from evaluation.economics import CostBenefit, cost_benefit
from evaluation.economics.balance import reciprocal_set
from evaluation.errors import DataError, FitError
from evaluation.study.evidence import Evidence
from evaluation.study.written import rounded

YEARS = 3.0
PUBLIC = "public budget"
FLAT = "discount = {rate = 0, low = 0, high = 0}\n"


def _found(folder: Path, text: str = EXAMPLE, study: Evidence | None = None) -> CostBenefit:
    return cost_benefit(study or evidence(log_ratio(-0.3, 0.1)), ledger(folder, text))


def test_best_estimates_are_arithmetic(tmp_path: Path) -> None:
    balance = _found(tmp_path, HEAD + FLAT + COST + VALUE).balance(PUBLIC)
    averted = HAPPENED * np.expm1(0.3)
    assert balance.benefits is not None
    assert balance.benefits.estimate == pytest.approx(averted * 200_000, rel=1e-9)
    assert balance.costs is not None
    assert balance.costs.estimate == pytest.approx(YEARS * 1e6, rel=1e-12)
    assert balance.net is not None
    assert balance.net.estimate == pytest.approx(averted * 200_000 - 3e6, rel=1e-9)
    assert balance.ratio is not None
    assert balance.ratio.estimate == pytest.approx(averted * 200_000 / 3e6, rel=1e-9)


def test_cost_a_year_is_discounted_month_by_month_and_cost_once_is_not(tmp_path: Path) -> None:
    once = changed(COST, per='"once"', name='"setting up"')
    balance = _found(tmp_path, HEAD + COST + once + VALUE).balance(PUBLIC)
    months = sum(1e6 / 12 * 1.03 ** -((month + 0.5) / 12) for month in range(36))
    assert balance.costs is not None
    assert balance.costs.estimate == pytest.approx(months + 1e6, rel=1e-12)


def test_benefit_is_discounted_by_when_outcomes_were_expected(tmp_path: Path) -> None:
    effect = log_ratio(-0.3, 0.1)
    after = [point.expected for point in effect.path if point.phase != "before"]
    factors = [1.03 ** -((month + 0.5) / 12) for month in range(36)]
    worth = np.average(factors, weights=after)
    balance = _found(tmp_path).balance(PUBLIC)
    assert balance.benefits is not None
    wanted = HAPPENED * np.expm1(0.3) * 200_000 * worth
    assert balance.benefits.estimate == pytest.approx(wanted, rel=1e-9)


@pytest.mark.parametrize("df", [None, 12.0])
def test_ranges_are_those_of_a_brute_force_simulation(tmp_path: Path, df: float | None) -> None:
    """Another generator, other algorithms, 2 million draws of the model as stated."""
    balance = _found(
        tmp_path, HEAD + FLAT + COST + VALUE, evidence(log_ratio(-0.25, 0.2, df=df))
    ).balance(PUBLIC)
    rng = np.random.default_rng(20121018)
    n = 2_000_000
    z = rng.standard_normal(n) if df is None else rng.standard_t(df, n)
    averted = HAPPENED * np.expm1(0.25 + 0.2 * z)
    # 100,000 to 400,000 about 200,000 is even on the log scale.
    value = rng.lognormal(np.log(2e5), np.log(2) / 1.959963985, n)
    cost = YEARS * rng.triangular(8e5, 1e6, 1.5e6, n)
    gains = averted * value
    for interval, draws in (
        (balance.benefits, gains),
        (balance.costs, cost),
        (balance.net, gains - cost),
        (balance.ratio, gains / cost),
    ):
        assert interval is not None
        low, high = np.quantile(draws, [0.025, 0.975])
        # 40,000 draws leave an end uncertain by about 1 % of the width; three times that.
        assert interval.low == pytest.approx(low, abs=0.03 * (high - low))
        assert interval.high == pytest.approx(high, abs=0.03 * (high - low))
    assert balance.chance == pytest.approx(np.mean(gains > cost), abs=0.01)
    low, high = np.quantile(averted / cost, [0.025, 0.975])
    (row,) = balance.cost_per
    assert row.low == pytest.approx(1 / high, rel=0.03)
    falls = cost / value / (HAPPENED + cost / value)
    assert balance.break_even is not None
    wanted = 100 * np.quantile(falls, [0.025, 0.975])
    assert [balance.break_even.low, balance.break_even.high] == pytest.approx(wanted, rel=0.03)


def test_with_certain_amounts_the_range_is_that_of_the_effect_alone(tmp_path: Path) -> None:
    """Nothing of the effect's interval is lost: each end is the study's own end times the value."""
    effect = log_ratio(-0.2, 0.15, df=20.0)
    sure = {"low": "200_000", "high": "200_000"}
    paid = {"low": "1_000_000", "high": "1_000_000"}
    text = HEAD + FLAT + changed(COST, **paid) + changed(VALUE, **sure)
    net = _found(tmp_path, text, evidence(effect)).balance(PUBLIC).net
    assert net is not None
    # Stratified draws leave no more than the step between neighbors.
    assert net.low == pytest.approx(effect.averted.low * 2e5 - 3e6, rel=1e-3)
    assert net.high == pytest.approx(effect.averted.high * 2e5 - 3e6, rel=1e-3)


def test_more_uncertain_effect_gives_a_wider_range_of_money(tmp_path: Path) -> None:
    widths = []
    for error in (0.02, 0.1, 0.3):
        net = _found(tmp_path, study=evidence(log_ratio(-0.3, error))).balance(PUBLIC).net
        assert net is not None
        widths.append(net.high - net.low)
    assert widths[0] < widths[1] < widths[2]


def test_set_of_the_cost_of_one_averted_is_that_of_fieller() -> None:
    """Fieller (1954): the roots of (c - r a)^2 = z^2 (sc^2 + r^2 sa^2) for independent normals."""
    rng = np.random.default_rng(3)
    c, sc, a, sa, z = 10.0, 1.0, 50.0, 12.0, 1.959964
    cost, number = rng.normal(c, sc, 1_000_000), rng.normal(a, sa, 1_000_000)
    kind, low, high = reciprocal_set(cost, number)
    roots = np.sort(np.roots([a**2 - z**2 * sa**2, -2 * a * c, c**2 - z**2 * sc**2]))
    assert kind == "range"
    assert [low, high] == pytest.approx(roots, rel=0.01)


def test_set_has_no_upper_end_when_none_may_have_been_averted() -> None:
    rng = np.random.default_rng(4)
    c, sc, a, sa, z = 10.0, 1.0, 20.0, 12.0, 1.959964
    cost, number = rng.normal(c, sc, 1_000_000), rng.normal(a, sa, 1_000_000)
    kind, low, high = reciprocal_set(cost, number)
    # Here the leading term is below nought: the set is all r above the positive root, or below the
    # negative one, which is where none is averted.
    roots = np.sort(np.roots([a**2 - z**2 * sa**2, -2 * a * c, c**2 - z**2 * sc**2]))
    assert a**2 < z**2 * sa**2
    assert (kind, high) == ("unbounded", None)
    assert low == pytest.approx(roots[1], rel=0.01)


@pytest.mark.parametrize(
    ("theta", "error", "kind"),
    [(-0.3, 0.1, "range"), (-0.1, 0.2, "unbounded"), (0.1, 0.2, "unbounded"), (0.5, 0.1, "none")],
)
def test_kind_of_cost_per_averted_follows_the_interval(
    tmp_path: Path, theta: float, error: float, kind: str
) -> None:
    effect = log_ratio(theta, error)
    (row,) = _found(tmp_path, study=evidence(effect)).balance(PUBLIC).cost_per
    assert row.kind == kind
    assert (row.estimate is None) == (theta > 0)
    assert (row.high is None) == (kind != "range")
    assert (row.low is None) == (kind == "none")
    if row.low is not None:
        # At least the least cost over the most averted; costs are between 2.4 and 4.5 million.
        assert row.low > 2.4e6 / effect.averted.high


def test_cost_of_one_averted_is_money_over_outcomes_neither_discounted(tmp_path: Path) -> None:
    (row,) = _found(tmp_path).balance(PUBLIC).cost_per
    assert row.estimate == pytest.approx(YEARS * 1e6 / (HAPPENED * np.expm1(0.3)), rel=1e-9)


def test_break_even_has_a_closed_form_for_a_ratio(tmp_path: Path) -> None:
    even = _found(tmp_path, HEAD + FLAT + COST + VALUE).balance(PUBLIC).break_even
    needed = 3e6 / 2e5
    assert even is not None
    assert even.estimate == pytest.approx(100 * needed / (HAPPENED + needed), rel=1e-9)


def test_benefits_equal_costs_at_the_break_even_effect(tmp_path: Path) -> None:
    even = _found(tmp_path).balance(PUBLIC).break_even
    assert even is not None
    assert even.estimate is not None
    there = evidence(log_ratio(float(np.log1p(-even.estimate / 100)), 0.1))
    net = _found(tmp_path, study=there).balance(PUBLIC).net
    assert net is not None
    assert net.estimate == pytest.approx(0.0, abs=1.0)


def test_break_even_does_not_depend_on_the_effect_that_was_found(tmp_path: Path) -> None:
    one, two = (
        _found(tmp_path, study=evidence(log_ratio(theta, 0.1))).balance(PUBLIC).break_even
        for theta in (-0.5, 0.2)
    )
    assert one is not None
    assert two is not None
    assert one.estimate == pytest.approx(two.estimate, rel=1e-6)


def test_break_even_of_two_outcomes_counts_both(tmp_path: Path) -> None:
    text = HEAD + FLAT + COST + VALUE + changed(VALUE, outcome='"nonfatal"')
    both = evidence(log_ratio(-0.3, 0.1), log_ratio(-0.1, 0.1, base=600.0))
    even = _found(tmp_path, text, both).balance(PUBLIC).break_even
    needed = 3e6 / 2e5
    assert even is not None
    assert even.estimate == pytest.approx(100 * needed / (900 + needed), rel=1e-9)


def test_break_even_of_a_ratio_beside_a_difference_is_a_root(tmp_path: Path) -> None:
    text = HEAD + FLAT + COST + VALUE + changed(VALUE, outcome='"nonfatal"')
    both = evidence(log_ratio(-0.3, 0.1), difference(80.0, 30.0, expected=500.0))
    even = _found(tmp_path, text, both).balance(PUBLIC).break_even
    assert even is not None
    assert even.estimate is not None
    fall = even.estimate / 100
    assert 2e5 * (HAPPENED * fall / (1 - fall) + 500 * fall) == pytest.approx(3e6, rel=1e-9)
    assert 0 < fall < 1


def test_fall_of_everything_may_not_pay(tmp_path: Path) -> None:
    """With a difference no more than all that was expected can be averted."""
    text = HEAD + COST + changed(VALUE, amount="1_000", low="500", high="2_000")
    even = _found(tmp_path, text, evidence(difference(80.0, 30.0))).balance(PUBLIC).break_even
    assert even is not None
    assert (even.estimate, even.low, even.high) == (None, None, None)


def test_each_row_of_the_tornado_moves_one_input_alone(tmp_path: Path) -> None:
    effect = log_ratio(-0.3, 0.1)
    balance = _found(tmp_path, HEAD + FLAT + COST + VALUE, evidence(effect)).balance(PUBLIC)
    rows = {bar.what: (bar.at_low, bar.at_high) for bar in balance.tornado}
    best = effect.averted.estimate
    assert rows["the effect"] == pytest.approx(
        (effect.averted.low * 2e5 - 3e6, effect.averted.high * 2e5 - 3e6), rel=1e-9
    )
    assert rows["value of gun homicides"] == pytest.approx(
        (best * 1e5 - 3e6, best * 4e5 - 3e6), rel=1e-9
    )
    assert rows["cost: staff"] == pytest.approx((best * 2e5 - 2.4e6, best * 2e5 - 4.5e6), rel=1e-9)
    assert rows["discount rate"][0] == rows["discount rate"][1]
    widths = [abs(bar.at_high - bar.at_low) for bar in balance.tornado]
    assert widths == sorted(widths, reverse=True)


def test_perspectives_are_kept_apart(tmp_path: Path) -> None:
    victims = changed(VALUE, perspective='"victims"', amount="9_000_000", high="12_000_000")
    alone = _found(tmp_path).balance(PUBLIC)
    found = _found(tmp_path, EXAMPLE + victims)
    assert found.balance(PUBLIC) == alone
    assert [balance.perspective for balance in found.balances] == [PUBLIC, "victims"]
    with pytest.raises(DataError, match="no balance for 'society'"):
        found.balance("society")


def test_cost_that_was_not_supplied_is_none_and_not_nought(tmp_path: Path) -> None:
    found = _found(tmp_path, HEAD + VALUE)
    balance = found.balance(PUBLIC)
    assert balance.benefits is not None
    assert (balance.costs, balance.net, balance.ratio) == (None, None, None)
    assert (balance.chance, balance.break_even, balance.cost_per) == (None, None, ())
    assert any("no cost was supplied" in item for item in map(str, found.not_counted))


def test_value_that_was_not_supplied_leaves_the_cost_of_one_averted(tmp_path: Path) -> None:
    found = _found(tmp_path, HEAD + COST)
    balance = found.balance(PUBLIC)
    assert (balance.benefits, balance.net, balance.grade) == (None, None, None)
    assert [row.column for row in balance.cost_per] == ["gun_homicides"]
    assert any("no value was supplied" in item for item in map(str, found.not_counted))


def test_harm_is_a_negative_benefit(tmp_path: Path) -> None:
    balance = _found(tmp_path, study=evidence(log_ratio(0.4, 0.1))).balance(PUBLIC)
    assert balance.benefits is not None
    assert balance.benefits.high < 0
    assert balance.chance == 0.0


def test_two_outcomes_move_together(tmp_path: Path) -> None:
    """Of sums with given parts, that of parts that move together has the widest range."""
    one = log_ratio(-0.3, 0.1)
    sure = {"low": "200_000", "high": "200_000"}
    first, second = changed(VALUE, **sure), changed(VALUE, outcome='"nonfatal"', **sure)
    both = _found(tmp_path, HEAD + COST + first + second, evidence(one, one)).balance(PUBLIC)
    single = _found(tmp_path, HEAD + COST + first, evidence(one)).balance(PUBLIC)
    assert both.benefits is not None
    assert single.benefits is not None
    assert both.benefits.high == pytest.approx(2 * single.benefits.high, rel=1e-9)
    assert both.benefits.low == pytest.approx(2 * single.benefits.low, rel=1e-9)


def test_order_of_the_file_and_of_the_outcomes_changes_nothing(tmp_path: Path) -> None:
    other = changed(COST, name='"rent"', amount="200_000", low="100_000", high="300_000")
    second = changed(VALUE, outcome='"nonfatal"')
    study = evidence(log_ratio(-0.3, 0.1), log_ratio(-0.1, 0.2))
    turned = replace(study, outcomes=study.outcomes[::-1])
    one = _found(tmp_path, HEAD + COST + other + VALUE + second, study)
    two = _found(tmp_path, HEAD + second + other + VALUE + COST, turned)
    assert replace(one, ledger_sha256="") == replace(two, ledger_sha256="")


def test_an_input_more_does_not_change_the_draws_of_the_others(tmp_path: Path) -> None:
    other = changed(COST, name='"rent"', perspectives='["society"]')
    assert _found(tmp_path, EXAMPLE + other).balance(PUBLIC) == _found(tmp_path).balance(PUBLIC)


def test_same_seed_same_numbers_and_another_seed_hardly_others(tmp_path: Path) -> None:
    study, read = evidence(log_ratio(-0.3, 0.1)), ledger(tmp_path)
    first = cost_benefit(study, read)
    assert first == cost_benefit(study, read)
    one, two = first.balance(PUBLIC).net, cost_benefit(study, read, seed=2).balance(PUBLIC).net
    assert one is not None
    assert two is not None
    assert one != two
    assert one.low == pytest.approx(two.low, abs=0.03 * (one.high - one.low))


def test_money_in_thousands_gives_the_same_ratio_and_chance(tmp_path: Path) -> None:
    small = {"amount": "200", "low": "100", "high": "400"}
    paid = {"amount": "1_000", "low": "800", "high": "1_500"}
    one = _found(tmp_path).balance(PUBLIC)
    two = _found(tmp_path, HEAD + changed(COST, **paid) + changed(VALUE, **small)).balance(PUBLIC)
    assert one.ratio is not None
    assert two.ratio is not None
    assert one.chance == two.chance
    assert two.ratio.low == pytest.approx(one.ratio.low, rel=1e-9)
    assert two.ratio.high == pytest.approx(one.ratio.high, rel=1e-9)


def test_all_prices_moved_to_another_year_give_the_same_ratio(tmp_path: Path) -> None:
    one = _found(tmp_path).balance(PUBLIC)
    two = _found(tmp_path, EXAMPLE.replace("price_year = 2023", "price_year = 2012"))
    ratio = two.balance(PUBLIC).ratio
    assert ratio is not None
    assert one.ratio is not None
    assert ratio.estimate == pytest.approx(one.ratio.estimate, rel=1e-9)
    assert one.costs is not None
    costs = two.balance(PUBLIC).costs
    assert costs is not None
    assert costs.estimate == pytest.approx(one.costs.estimate * 229.594 / 304.702, rel=1e-9)


def test_curve_falls_and_meets_the_chance_at_the_cost(tmp_path: Path) -> None:
    sure = {"low": "1_000_000", "high": "1_000_000"}
    balance = _found(tmp_path, HEAD + FLAT + changed(COST, **sure) + VALUE).balance(PUBLIC)
    chances = [point.chance for point in balance.curve]
    assert chances == sorted(chances, reverse=True)
    at_cost = np.interp(3e6, [point.cost for point in balance.curve], chances)
    assert balance.chance == pytest.approx(at_cost, abs=0.02)


def test_everything_can_be_written_with_six_digits(tmp_path: Path) -> None:
    for theta in (-0.3, 0.0, 0.5):
        found = _found(tmp_path, study=evidence(log_ratio(theta, 0.2)))
        text = json.dumps(rounded(asdict(found), "found"), sort_keys=True, allow_nan=False)
        assert '"price_year": 2023' in text


def test_study_without_a_path_needs_a_horizon(tmp_path: Path) -> None:
    bare = evidence(replace(difference(80.0, 30.0), path=()))
    with pytest.raises(DataError, match=r"costs\.toml: horizon_years: is missing"):
        _found(tmp_path, study=bare)
    found = _found(tmp_path, f"{HEAD}horizon_years = 2\n{FLAT}{COST}{VALUE}", bare)
    costs = found.balance(PUBLIC).costs
    assert costs is not None
    assert costs.estimate == pytest.approx(2e6, rel=1e-12)
    assert (found.years, found.first) == (2.0, "")


def test_study_with_a_path_refuses_another_horizon(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"costs\.toml:3:1: horizon_years: the study counts 3"):
        _found(tmp_path, f"{HEAD}horizon_years = 10\n{COST}{VALUE}")


def test_effect_without_an_interval_is_refused(tmp_path: Path) -> None:
    bare = replace(log_ratio(-0.3, 0.1), std_error=0.0)
    with pytest.raises(FitError, match="an effect without its uncertainty is not valued"):
        _found(tmp_path, study=evidence(bare))


def test_grade_of_a_balance_is_that_of_its_weakest_outcome(tmp_path: Path) -> None:
    study = evidence(log_ratio(-0.3, 0.1), log_ratio(-0.1, 0.1))
    weak = replace(study.outcomes[1], grade=replace(study.outcomes[1].grade, level="very low"))
    mixed = replace(study, outcomes=(study.outcomes[0], weak))
    text = EXAMPLE + changed(VALUE, outcome='"nonfatal"', perspective='"society"')
    found = _found(tmp_path, text, mixed)
    assert found.balance(PUBLIC).grade == "moderate"
    assert found.balance("society").grade == "very low"


def test_nothing_is_changed_by_reading_it(tmp_path: Path) -> None:
    study, read = evidence(log_ratio(-0.3, 0.1)), ledger(tmp_path)
    before = (asdict(study), asdict(read.costs[0]), asdict(read.values[0]))
    cost_benefit(study, read)
    assert before == (asdict(study), asdict(read.costs[0]), asdict(read.values[0]))
