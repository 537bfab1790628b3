"""Real counts of US police agencies: where they are, which are used, and who is held back.

They are no part of the project: they stand in `../shared/data`, or where CEASEFIRE_REFERENCE_DATA
says, and what needs them says so in a line when they do not.
"""

from __future__ import annotations

import csv
import hashlib
import os
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from evaluation.numeric.shared.draws import BitGenerator, uniforms

ROOT = Path(__file__).parents[1]
CITIES = "real_cities_month_2018_2024.csv"
CALIFORNIA = "california_ucr_monthly_2007_2019.csv"
YEARS = "marshall_ucr_annual_1975_2015.csv"
# Column of the file by what the product calls the offense.
OFFENSES = {
    "murder": "murder",
    "robbery": "robbery",
    "aggravated assault": "aggravated_assault",
    "vehicle theft": "motor_vehicle_theft",
}
IN_CALIFORNIA = {
    "murder": "murder",
    "robbery": "robbery",
    "aggravated assault": "assault_aggravated",
}
# Of a method something may be chosen on the first; the second, and other eras, only confirm it.
CHOSEN, HELD = "chosen on", "held back"
ERA, ERA_IN_CALIFORNIA = "2018-2024", "California 2007-2018"
# From 2019 on a city of the fifteen did not report.
LAST_IN_CALIFORNIA = "2018-12"
# A month of 0, or under a tenth of the median, of a series of this mean is a gap in reporting.
GAP_MEAN, GAP_SHARE = 20.0, 0.1
# The decades that the table of years is used for, 68 agencies of which some never reported.
FIRST_YEAR, LAST_YEAR = 1985, 2014


class NotHere(Exception):
    """A file that is not at hand; the message is one line."""


@dataclass(frozen=True, slots=True)
class Counts:
    """One outcome of N agencies in T periods without a gap.

    era : what the page calls them. names : (N,). periods : (T,) as written. y : (N, T).
    frequency : "month" or "year".
    """

    era: str
    offense: str
    names: tuple[str, ...]
    periods: tuple[str, ...]
    y: np.ndarray
    frequency: str = "month"

    def only(self, rows: np.ndarray) -> Counts:
        """Some of the agencies, by a mask or by number."""
        at = np.arange(len(self.names))[rows]
        names = tuple(self.names[row] for row in at)
        return Counts(self.era, self.offense, names, self.periods, self.y[at], self.frequency)


def folder() -> Path:
    """Where the files are looked for."""
    given = os.environ.get("CEASEFIRE_REFERENCE_DATA")
    return Path(given) if given else ROOT.parent / "shared" / "data"


def path_of(file: str) -> Path:
    """The file itself.

    Raises
    ------
    NotHere : when it is not there.
    """
    path = folder() / file
    if not path.is_file():
        raise NotHere(f"{file} is not at hand; CEASEFIRE_REFERENCE_DATA may name its folder")
    return path


def cities(*, least: float = 1.0) -> list[Counts]:
    """The agencies of 2018 to 2024 by month: every offense, those of at least this mean a month."""
    return _monthly(CITIES, "agency", OFFENSES, ERA, least)


def california(*, least: float = 1.0) -> list[Counts]:
    """Fifteen California cities by month, 2007 to 2018."""
    return _monthly(CALIFORNIA, "city", IN_CALIFORNIA, ERA_IN_CALIFORNIA, least)


def homicides(*, least: float = 12.0) -> list[Counts]:
    """Homicides of large agencies by year, 1985 to 2014, at least this many a year."""
    rows: dict[str, dict[str, float]] = defaultdict(dict)
    for line in _lines(YEARS):
        if line["department_name"] != "National" and line["homs_sum"]:
            rows[line["department_name"]][line["year"]] = float(line["homs_sum"])
    periods = tuple(str(year) for year in range(FIRST_YEAR, LAST_YEAR + 1))
    name = f"{FIRST_YEAR}-{LAST_YEAR}"
    return [_usable(name, "murder", rows, periods, least, "year")]


def _monthly(
    file: str, unit: str, offenses: dict[str, str], era: str, least: float
) -> list[Counts]:
    lines = _lines(file)
    last = LAST_IN_CALIFORNIA if era == ERA_IN_CALIFORNIA else "9999"
    periods = tuple(sorted({line["month"] for line in lines if line["month"] <= last}))
    found = []
    for offense, column in offenses.items():
        rows: dict[str, dict[str, float]] = defaultdict(dict)
        for line in lines:
            if line[column] != "":
                rows[line[unit]][line["month"]] = float(line[column])
        found.append(_usable(era, offense, rows, periods, least, "month"))
    return found


def _lines(file: str) -> list[dict[str, str]]:
    with path_of(file).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _usable(
    era: str,
    offense: str,
    rows: dict[str, dict[str, float]],
    periods: tuple[str, ...],
    least: float,
    frequency: str,
) -> Counts:
    """Those that reported every period, corrected nothing below nought and have no gap."""
    names, kept = [], []
    for name in sorted(rows):
        y = np.array([rows[name].get(period, np.nan) for period in periods])
        if np.isnan(y).any() or (y < 0).any() or y.mean() < least:
            continue
        low = (y == 0) | (y < GAP_SHARE * np.median(y))
        if y.mean() >= GAP_MEAN and low.any():
            continue
        names.append(name)
        kept.append(y)
    table = np.array(kept) if kept else np.empty((0, len(periods)))
    return Counts(era, offense, tuple(names), periods, table, frequency)


def half_of(counts: Counts, city: str) -> str:
    """The half of an agency, by the hash of its name; in another era nothing is chosen on any."""
    even = hashlib.sha256(city.encode("utf-8")).digest()[0] % 2 == 0
    return CHOSEN if even and counts.era == ERA else HELD


def thinned(y: np.ndarray, start: int, keep: np.ndarray, source: BitGenerator) -> np.ndarray:
    """(T,) counts of which each event from the start on is kept by its own chance.

    Parameters
    ----------
    keep : (T - start,) chance in each period.
    """
    later = y[start:].astype(int)
    when = np.repeat(np.arange(len(later)), later)
    kept = uniforms(source, len(when)) < keep[when]
    return np.concatenate([y[:start], np.bincount(when[kept], minlength=len(later)).astype(float)])


def rise(y: np.ndarray, start: int, year: int = 12) -> np.ndarray:
    """(...,) log rate of the year before the start less that of the years before it, half an event
    added; NaN with less than two years before. Of the earlier time only whole years count."""
    earlier = (start - year) // year * year
    if earlier < year:
        return np.full(y.shape[:-1], np.nan)
    last = y[..., start - year : start].sum(axis=-1) + 0.5
    before = y[..., start - year - earlier : start - year].sum(axis=-1) + 0.5
    return np.log(last / year) - np.log(before / earlier)
