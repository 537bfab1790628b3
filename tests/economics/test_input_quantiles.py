"""Money of one year in the prices of another."""

from __future__ import annotations

from pathlib import Path

import pytest
from invented import prices

from evaluation.economics.input_quantiles import read_price_index
from evaluation.errors import DataError

DESCRIBED = """\
name = "Prices"
frequency = "{frequency}"
unit = "Nowhere"
key = ["{frequency}"]
source = "invented"
licence = "none"
sensitivity = "synthetic"

[columns.{frequency}]
role = "period"
type = "period"

[columns.{currency}]
role = "outcome"
type = "number"
measure = "index"
"""


def _index(folder: Path, rows: str, *, frequency: str = "year", currency: str = "EUR") -> Path:
    path = folder / "prices.csv"
    path.write_text(f"{frequency},{currency}\n{rows}", encoding="utf-8")
    text = DESCRIBED.format(frequency=frequency, currency=currency)
    (folder / "prices.dataset.toml").write_text(text, encoding="utf-8")
    return path


def test_factor_is_the_ratio_of_published_averages() -> None:
    # CPI-U of 2023 over 2008; a dollar of 2008 is $1.415 of 2023.
    assert prices().factor("USD", year=2008, to=2023) == pytest.approx(304.702 / 215.303, rel=1e-12)


def test_there_and_back_is_the_same_money() -> None:
    index = prices()
    there = index.factor("USD", year=2004, to=2022)
    assert there * index.factor("USD", year=2022, to=2004) == pytest.approx(1.0, rel=1e-12)


@pytest.mark.parametrize(
    ("currency", "year", "words"),
    [("USD", 1999, "no prices of 1999"), ("USD", 2030, "2000 to 2024"), ("EUR", 2010, "EUR")],
)
def test_what_the_index_lacks_is_refused(currency: str, year: int, words: str) -> None:
    with pytest.raises(DataError, match=words):
        prices().factor(currency, year=year, to=2023)


def test_another_currency_is_another_column(tmp_path: Path) -> None:
    index = read_price_index(_index(tmp_path, "2010,100\n2011,110\n"))
    assert index.factor("EUR", year=2010, to=2011) == pytest.approx(1.1, rel=1e-12)


@pytest.mark.parametrize(
    ("rows", "options", "words"),
    [
        ("2010,100\n2011,0\n", {}, "prices.csv:3: EUR of 2011 is 0"),
        ("2010,100\n", {"currency": "euro"}, "prices.csv:1: column 'euro' is no currency"),
        ("2010-01,100\n2010-02,101\n", {"frequency": "month"}, "is no price index"),
    ],
)
def test_what_is_no_index_is_refused(
    tmp_path: Path, rows: str, options: dict[str, str], words: str
) -> None:
    with pytest.raises(DataError) as caught:
        read_price_index(_index(tmp_path, rows, **options))
    assert words in str(caught.value)
    assert caught.value.exit_code == 2
