"""What money of one year is worth in the prices of another, by a published index."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from evaluation.data.panel import Provenance
from evaluation.data.read import read_panel
from evaluation.errors import DataError, Fault

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
