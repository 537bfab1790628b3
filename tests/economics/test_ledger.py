"""Files of costs and values: read in the prices of one year, every fault at its place."""

from __future__ import annotations

from pathlib import Path

import pytest
from invented import COST, EXAMPLE, HEAD, VALUE, changed, evidence, ledger, prices, ratio

from evaluation.economics import cost_benefit, read_ledger
from evaluation.errors import DataError

ROOT = Path(__file__).parents[2]
# Where keys stand in EXAMPLE.
AMOUNT, LOW, YEAR, CURRENCY, PERSPECTIVES = 6, 7, 9, 10, 12
V_HEAD, V_OUTCOME, V_PERSPECTIVE, V_LOW = 18, 19, 20, 22


def _says(folder: Path, text: str) -> str:
    with pytest.raises(DataError) as caught:
        ledger(folder, text)
    assert caught.value.exit_code == 2
    return str(caught.value)


def test_amounts_are_brought_to_the_price_year(tmp_path: Path) -> None:
    text = HEAD + changed(COST, year="2008") + VALUE
    (cost,) = ledger(tmp_path, text).costs
    factor = 304.702 / 215.303
    assert cost.money.given == 1_000_000
    assert cost.money.best == pytest.approx(1e6 * factor, rel=1e-12)
    assert cost.money.low == pytest.approx(8e5 * factor, rel=1e-12)
    assert cost.money.high == pytest.approx(1.5e6 * factor, rel=1e-12)


def test_default_rate_is_three_percent_between_nothing_and_seven(tmp_path: Path) -> None:
    read = ledger(tmp_path)
    assert (read.rate, read.rate_low, read.rate_high) == (3.0, 0.0, 7.0)


@pytest.mark.parametrize(
    ("part", "key", "value", "line", "words"),
    [
        (COST, "currency", '"EUR"', CURRENCY, "cost.currency: EUR where the file is in USD"),
        (COST, "year", "1990", YEAR, "cost.year: no prices of 1990"),
        (COST, "year", '"2010"', YEAR, "cost.year: must be a whole number"),
        (COST, "amount", "-5", AMOUNT, "cost.amount: is -5. A cost cannot be negative"),
        (COST, "amount", "0", AMOUNT, "cost.amount: is nought"),
        (COST, "amount", "nan", AMOUNT, "cost.amount: must be a finite number"),
        (COST, "low", "1_100_000", LOW, "does not hold the amount"),
        (COST, "low", "-1", LOW, "cost.low: is -1"),
        (COST, "perspectives", '["publik budget"]', PERSPECTIVES, "Did you mean 'public budget'"),
        (COST, "perspectives", '["society", "society"]', PERSPECTIVES, "names one twice"),
        (VALUE, "perspective", '"mayor"', V_PERSPECTIVE, "'mayor' is not known"),
        (VALUE, "low", "0", V_LOW, "lognormal never reaches"),
    ],
)
def test_fault_of_one_key_is_told_at_its_place(
    tmp_path: Path, part: str, key: str, value: str, line: int, words: str
) -> None:
    text = EXAMPLE.replace(part, changed(part, **{key: value}))
    said = _says(tmp_path, text)
    assert said.startswith(f"costs.toml:{line}:1: ")
    assert words in said
    assert "\n" not in said


@pytest.mark.parametrize("key", ["year", "source", "currency", "range_source", "certainty"])
def test_what_is_missing_is_told_at_its_table(tmp_path: Path, key: str) -> None:
    kept = "\n".join(line for line in VALUE.split("\n") if not line.startswith(f"{key} ="))
    said = _says(tmp_path, HEAD + COST + kept)
    assert said == f"costs.toml:{V_HEAD}:1: value.{key}: is missing. Add it."


def test_empty_source_is_refused(tmp_path: Path) -> None:
    said = _says(tmp_path, HEAD + COST + changed(VALUE, source='""'))
    assert "value.source: must not be empty" in said


def test_same_value_twice_names_both_lines(tmp_path: Path) -> None:
    said = _says(tmp_path, EXAMPLE + VALUE)
    assert said.startswith("costs.toml:33:1: value.outcome:")
    assert f"on line {V_OUTCOME} already" in said


def test_same_cost_twice_is_refused_whatever_its_capitals(tmp_path: Path) -> None:
    said = _says(tmp_path, HEAD + COST + changed(COST, name='"Staff"'))
    assert said.startswith("costs.toml:19:1: cost.name: the cost 'Staff' is on line 5 already")


def test_key_written_twice_is_refused(tmp_path: Path) -> None:
    said = _says(tmp_path, EXAMPLE.replace("amount = 1_000_000", "amount = 1\namount = 2"))
    assert said.startswith("costs.toml:7:")
    assert "not valid TOML" in said


def test_part_of_a_valued_outcome_would_count_twice(tmp_path: Path) -> None:
    part = changed(VALUE, outcome='"nonfatal"') + 'part_of = "gun_homicides"\n'
    said = _says(tmp_path, EXAMPLE + part)
    assert said.startswith("costs.toml:45:1: value.part_of:")
    assert "would count twice" in said


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ('currency = "EUR"\nprice_year = 2023\n', "costs.toml:1:1: currency: no prices in EUR"),
        ('currency = "USD"\nprice_year = 1950\n', "costs.toml:2:1: price_year: no prices of 1950"),
        (f"{HEAD}discount = {{rate = 30}}\n", "costs.toml:3:13: discount.rate: is 30"),
        (f"{HEAD}discount = {{low = 4}}\n", "costs.toml:3:13: discount.low: is above the rate"),
        (f"{HEAD}horizon_years = -1\n", "costs.toml:3:1: horizon_years: must be above nought"),
        (f"{HEAD}benefit = 1\n", "costs.toml:3:1: benefit: is not known here."),
    ],
)
def test_fault_of_the_file_is_told_at_its_place(tmp_path: Path, head: str, said: str) -> None:
    assert said in _says(tmp_path, head + COST + VALUE)


def test_all_faults_are_told_at_once_in_order(tmp_path: Path) -> None:
    text = HEAD + changed(COST, currency='"EUR"', amount="-1") + changed(VALUE, year="1900")
    lines = _says(tmp_path, text).split("\n")
    assert [line.split(":")[1] for line in lines] == [str(AMOUNT), str(CURRENCY), "25"]


def test_file_without_amounts_is_refused(tmp_path: Path) -> None:
    assert "has no [[cost]] and no [[value]]" in _says(tmp_path, HEAD)


def test_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.toml: no such file"):
        read_ledger(tmp_path / "none.toml", index=prices())


def test_value_of_an_outcome_the_study_lacks_is_told_at_its_place(tmp_path: Path) -> None:
    read = ledger(tmp_path, HEAD + COST + changed(VALUE, outcome='"gun_homicide"'))
    with pytest.raises(DataError) as caught:
        cost_benefit(evidence(ratio(-0.3, 0.1)), read)
    assert str(caught.value) == (
        f"costs.toml:{V_OUTCOME}:1: value.outcome: the study has no outcome 'gun_homicide'. "
        "Did you mean 'gun_homicides'?"
    )


def test_shipped_example_is_invented_throughout() -> None:
    read = read_ledger(ROOT / "data/synthetic/costs.toml", index=prices())
    moneys = [item.money for item in (*read.costs, *read.values)]
    assert len(moneys) == 6
    assert {money.certainty for money in moneys} == {"invented"}
