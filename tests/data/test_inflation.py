"""The shipped table of prices against figures of the Bureau of Labor Statistics."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from evaluation.data.read import read_panel

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "data" / "public" / "inflation.csv"

# Monthly CPI-U, U.S. city average, all items, 1982-84 = 100, not seasonally adjusted: Bureau of
# Labor Statistics, Region III, "fax 9130", as archived on 2008-09-16 by the University of North
# Texas (webarchive.library.unt.edu/eot2008). To one decimal until 2006, to three in 2007.
MONTHS = {
    2000: "168.8 169.8 171.2 171.3 171.5 172.4 172.8 172.8 173.7 174.0 174.1 174.0",
    2001: "175.1 175.8 176.2 176.9 177.7 178.0 177.5 177.5 178.3 177.7 177.4 176.7",
    2002: "177.1 177.8 178.8 179.8 179.8 179.9 180.1 180.7 181.0 181.3 181.3 180.9",
    2003: "181.7 183.1 184.2 183.8 183.5 183.7 183.9 184.6 185.2 185.0 184.5 184.3",
    2004: "185.2 186.2 187.4 188.0 189.1 189.7 189.4 189.5 189.9 190.9 191.0 190.3",
    2005: "190.7 191.8 193.3 194.6 194.4 194.5 195.4 196.4 198.8 199.2 197.6 196.8",
    2006: "198.3 198.7 199.8 201.5 202.5 202.9 203.5 203.9 202.9 201.8 201.5 201.8",
    2007: "202.416 203.499 205.352 206.686 207.949 208.352 208.299 207.917 208.490 208.936 "
    "210.177 210.036",
}
# Annual averages of series CUUR0000SA0 as published.
ANCHORS = {
    2012: 229.594,
    2013: 232.957,
    2019: 255.657,
    2020: 258.811,
    2021: 270.970,
    2022: 292.655,
    2023: 304.702,
}


@pytest.fixture(scope="module")
def prices() -> dict[int, float]:
    panel = read_panel(TABLE, ROOT)
    return dict(zip(map(int, panel.periods), panel.values["USD"][0], strict=True))


def test_every_year_from_2000_to_2024_is_there_once(prices: dict[int, float]) -> None:
    assert list(prices) == list(range(2000, 2025))


@pytest.mark.parametrize(("year", "published"), ANCHORS.items())
def test_table_holds_the_published_average(
    prices: dict[int, float], year: int, published: float
) -> None:
    assert prices[year] == published


@pytest.mark.parametrize("year", MONTHS)
def test_average_is_that_of_the_published_months(prices: dict[int, float], year: int) -> None:
    mean = np.mean([float(value) for value in MONTHS[year].split()])
    # The average is published with as many decimals as the months of its time.
    assert prices[year] == pytest.approx(mean, abs=0.05 if year < 2007 else 0.0005)


def test_only_2009_had_falling_prices(prices: dict[int, float]) -> None:
    """Known of these years: of the annual averages, that of 2009 alone is below the one before."""
    years = list(prices)
    fell = [year for year in years[1:] if prices[year] < prices[year - 1]]
    assert fell == [2009]


def test_description_names_the_official_series() -> None:
    source = read_panel(TABLE, ROOT).provenance.source
    assert "CUUR0000SA0" in source
    assert "Bureau of Labor Statistics" in source
