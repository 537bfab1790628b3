"""What money of one year is worth in the prices of another, by a published index.

Quantiles of what is known about an amount or an effect, and uniforms spread evenly.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from evaluation.data.panel import Provenance
from evaluation.data.read import read_panel
from evaluation.errors import DataError, Fault
from evaluation.numeric.shared.draws import BitGenerator, uniforms

CURRENCY = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True, slots=True)
class PriceIndex:
    """Consumer prices by currency and year, and where they were published.

    Parameters
    ----------
    values : for each currency, the index of each year it has.
    """

    values: Mapping[str, Mapping[int, float]]
    provenance: Provenance

    def missing(self, currency: str, year: int) -> str:
        """Why money of this currency and year cannot be converted; "" when it can."""
        if currency not in self.values:
            known = ", ".join(sorted(self.values))
            return f"no prices in {currency} in {self.provenance.file}; it has {known}."
        years = self.values[currency]
        if year not in years:
            return (
                f"no prices of {year} in {self.provenance.file}, which has {min(years)} to "
                f"{max(years)}. Give a year within, or add the published figure to the table."
            )
        return ""

    def factor(self, currency: str, *, year: int, to: int) -> float:
        """What one unit of money of `year` is in the prices of the year `to`.

        Raises
        ------
        DataError : when the index lacks the currency or a year.
        """
        for wanted in (year, to):
            if fault := self.missing(currency, wanted):
                raise DataError(fault)
        return self.values[currency][to] / self.values[currency][year]


def read_price_index(path: Path | str, root: Path | None = None) -> PriceIndex:
    """The index in a dataset of one row a year, with one outcome column named by each currency.

    Parameters
    ----------
    path : the table, described by the `dataset.toml` beside it. root : the project folder.

    Raises
    ------
    DataError : when it cannot be read, is not yearly, or holds what is no index.
    """
    panel = read_panel(path, root)
    file = panel.provenance.file
    if panel.frequency != "year" or len(panel.units) != 1:
        message = "is no price index. It needs one row a year, of one country."
        raise DataError(Fault(file, None, None, message))
    values = {}
    for column in panel.named("outcome"):
        if not CURRENCY.fullmatch(column.name):
            message = f"column {column.name!r} is no currency. Name it like USD."
            raise DataError(Fault(file, 1, None, message))
        series = panel.values[column.name][0]
        for line, (year, value) in enumerate(zip(panel.periods, series, strict=True), start=2):
            if not value > 0:
                message = f"{column.name} of {year} is {value:g}. An index is above nought."
                raise DataError(Fault(file, line, None, message))
        values[column.name] = {
            int(year): float(value) for year, value in zip(panel.periods, series, strict=True)
        }
    return PriceIndex(values, panel.provenance)


Distribution = Literal["triangular", "uniform", "lognormal"]
# What low and high mean: the ends for a triangle or a uniform, the 95 % range for a lognormal.
TAIL = 0.025


def stratified(source: BitGenerator, n: int) -> np.ndarray:
    """(n,) one number from each of n equal parts of 0 to 1, in random order.

    Each input alone is then spread exactly, and only the pairing of inputs is random (McKay,
    Beckman and Conover 1979, Technometrics 21:239-245, with the middle of each part).
    """
    order = np.argsort(uniforms(source, n), kind="stable")
    return (np.argsort(order, kind="stable") + 0.5) / n


def amount_at(
    u: np.ndarray, *, low: float, best: float, high: float, distribution: Distribution
) -> np.ndarray:
    """(n,) quantiles of an amount, at or above nought.

    Parameters
    ----------
    u : (n,) between 0 and 1. low, best, high : with a triangle `best` is the peak, with a uniform
        it plays no part; with a lognormal it is the median, and low and high are the 2.5 % and
        97.5 % points, each side with a width of its own on the log scale.
    """
    if low == high:
        return np.full_like(u, best)
    if distribution == "uniform":
        return low + u * (high - low)
    if distribution == "triangular":
        width, peak = high - low, (best - low) / (high - low)
        rising = low + np.sqrt(u * width * (best - low))
        falling = high - np.sqrt((1 - u) * width * (high - best))
        return np.where(u < peak, rising, falling)
    logs = split_at(u, low=np.log(low), middle=np.log(best), high=np.log(high), df=None)
    return np.asarray(np.exp(logs))


def split_at(
    u: np.ndarray, *, low: float, middle: float, high: float, df: float | None
) -> np.ndarray:
    """(n,) quantiles of a t with `middle` as median, and low and high as 2.5 % and 97.5 % points.

    Each side has a width of its own, so that an interval which is not symmetric is kept as it was
    found. df : of the t, or None for a normal.
    """
    from scipy.special import ndtri, stdtrit

    z = ndtri(u) if df is None else stdtrit(df, u)
    limit = float(ndtri(1 - TAIL) if df is None else stdtrit(df, 1 - TAIL))
    return np.asarray(middle + z / limit * np.where(z < 0, middle - low, high - middle))


def range_of(draws: np.ndarray) -> tuple[float, float]:
    """The 2.5 % and 97.5 % points of draws."""
    low, high = np.quantile(draws, [TAIL, 1 - TAIL])
    return float(low), float(high)
