"""The headlines of the real comparisons, worked out from the tables without this project's code.

Only csv, numpy, scipy and statsmodels: who is treated is read from the table of adoption again,
random-effects prediction follows its formulas, and Poisson imputation is statsmodels' regression
with a dummy for each city and each year.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import numpy as np
from scipy.optimize import brentq
from scipy.stats import norm, t

PUBLIC = Path(__file__).parents[2] / "data" / "public"
WIDTH = {"city": 3, "part": 2, "small": 1, "none": 0, "unknown": 0}


def rows(name: str) -> list[dict[str, str]]:
    with (PUBLIC / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def cells(table: list[dict[str, str]], unit: str, when: str, outcome: str) -> dict[str, dict]:
    """By unit and period: count and residents, of the cells that were reported."""
    found: dict[str, dict[str, tuple[float, float]]] = defaultdict(dict)
    for row in table:
        if row[outcome] and row["population"]:
            found[row[unit]][row[when]] = (float(row[outcome]), float(row["population"]))
    return found


def complete(found: dict[str, dict], periods: list[str]) -> list[str]:
    """Units with a number in each of these periods."""
    return [unit for unit, own in found.items() if all(one in own for one in periods)]


def change(own: dict, before: list[str], after: list[str]) -> tuple[float, float]:
    """Log rate ratio of the sums after over those before, half an event added; its variance."""
    y0, y1 = (sum(own[one][0] for one in some) + 0.5 for some in (before, after))
    n0, n1 = (sum(own[one][1] for one in some) for some in (before, after))
    return float(np.log(y1 / y0) - np.log(n1 / n0)), 1 / y0 + 1 / y1


def predicted(own: tuple[float, float], others: list[tuple[float, float]]) -> dict[str, float]:
    """Random-effects prediction, tau averaged over its restricted likelihood (shared methods)."""
    taus = [0.0, *np.geomspace(0.01, 1.0, 40)]
    widths = [
        (taus[min(k + 1, 40)] - taus[max(k - 1, 0)]) / (1 if k in (0, 40) else 2) for k in range(41)
    ]
    d, v = (np.array(column) for column in zip(*others, strict=True))
    logs, centers, scales = [], [], []
    for tau in taus:
        w = 1 / (v + tau**2)
        mu = float((w * d).sum() / w.sum())
        logs.append(-0.5 * (-np.log(w).sum() + np.log(w.sum()) + float((w * (d - mu) ** 2).sum())))
        centers.append(own[0] - mu)
        scales.append(np.sqrt(own[1] + tau**2 + 1 / w.sum()))
    weight = np.exp(np.array(logs) - max(logs)) * np.array(widths)
    weight /= weight.sum()

    def reached(x: float) -> float:
        return float((weight * norm.cdf((x - np.array(centers)) / np.array(scales))).sum())

    ends = [brentq(lambda x, p=p: reached(x) - p, -20, 20, xtol=1e-13) for p in (0.025, 0.975)]
    estimate = float(weight @ np.array(centers))
    return dict(zip(("estimate", "low", "high"), map(percent, (estimate, *ends)), strict=True))


def percent(log_ratio: float) -> float:
    return float(100 * np.expm1(log_ratio))


def programs() -> dict[str, list[dict[str, str]]]:
    """The rows of each agency in the table of adoption, in order of their dates."""
    found: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows("adoption.csv"):
        found[row["agency"]].append(row)
    for own in found.values():
        own.sort(key=lambda row: row["first_month"])
    return found


def untouched(agency: str, last: str) -> bool:
    """Whether an agency has no sign of any program up to a year: a control."""
    own = programs()[agency]
    if own and own[0]["role"] == "control":
        return True
    if not own or any(not row["first_month"] for row in own):
        return False
    return all(row["first_month"][:4] > last for row in own)


def years(first: int, last: int) -> list[str]:
    return [str(year) for year in range(first, last + 1)]


def oakland_california(outcome: str = "murder", last: str = "2019-12") -> dict[str, float]:
    """Oakland beside the cities with a number in every month of 2007 to 2019."""
    oakland = cells(
        [{**row, "city": "Oakland"} for row in rows("oakland_ucr.csv")], "city", "month", outcome
    )
    others = cells(rows("california_ucr.csv"), "city", "month", outcome)
    months = [f"{year}-{month:02d}" for year in range(2007, 2020) for month in range(1, 13)]
    months = [one for one in months if one <= last]
    before = [one for one in months if one < "2012-10"]
    after = [one for one in months if one >= "2013-01"]
    units = complete(others, months)
    return predicted(
        change(oakland["Oakland"], before, after),
        [change(others[unit], before, after) for unit in units],
    )


def beside_large_cities(agency: str, first: int, start: int, last: int) -> dict[str, float]:
    """One agency beside those untouched to the end, the year of its start left out."""
    found = cells(rows("cities_ucr.csv"), "city", "year", "homicide")
    before, after = years(first, start - 1), years(start + 1, last)
    everyone = complete(found, years(first, last))
    others = [unit for unit in everyone if unit != agency and untouched(unit, str(last))]
    return predicted(
        change(found[agency], before, after),
        [change(found[unit], before, after) for unit in others],
    )


def adopters(first: int, last: int) -> dict[str, tuple[int, int]]:
    """Year of the start, and first year wholly under it, of the agencies treated for a part or
    more of the city, of which the table is certain."""
    found = {}
    for agency, own in programs().items():
        counted = [
            row
            for row in own
            if row["role"] == "adopter"
            and WIDTH[row["level"]] >= WIDTH["part"]
            and row["first_month"][:4] <= str(last)
        ]
        if not counted or any(not row["first_month"] for row in own):
            continue
        begins = counted[0]["first_month"]
        year, at_once = int(begins[:4]), begins[4:] == "-01"
        if year > first:
            found[agency] = (year, year if at_once else year + 1)
    return found


def ceasefire_cities(first: int = 1985, last: int = 2019) -> dict[str, float]:
    """What was observed under the programs over what untreated years make expected."""
    found = cells(rows("cities_ucr.csv"), "city", "year", "homicide")
    treated = {unit: when for unit, when in adopters(first, last).items() if unit in found}
    controls = [unit for unit in found if unit not in treated and untouched(unit, str(last))]
    observations = []  # unit, year, count, residents, under a program
    for unit in (*treated, *controls):
        starts, whole = treated.get(unit, (last + 1, last + 1))
        observations += [
            (unit, int(year), *own, int(year) >= whole)
            for year, own in found[unit].items()
            if first <= int(year) <= last and not starts <= int(year) < whole
        ]
    under = {row[0] for row in observations if row[4]}
    clusters = sorted({row[0] for row in observations})
    whole_ratio = _ratio(observations)
    left = np.array([_scaled([row for row in observations if row[0] != unit]) for unit in clusters])
    groups = len(clusters)
    error = float(np.sqrt((groups - 1) / groups * ((left - whole_ratio) ** 2).sum()))
    half = float(t(len(under) - 1).ppf(0.975)) * error
    ends = (whole_ratio, whole_ratio - half, whole_ratio + half)
    return {
        **dict(zip(("estimate", "low", "high"), map(percent, ends), strict=True)),
        "treated": len(under),
        "controls": len(controls),
    }


def _ratio(observations: list[tuple]) -> float:
    """Log of observed over expected under the programs, by a regression on the other cells."""
    import statsmodels.api as sm

    before = [row for row in observations if not row[4]]
    units = sorted({row[0] for row in before})
    when = sorted({row[1] for row in before})

    def design(some: list[tuple]) -> np.ndarray:
        found = np.zeros((len(some), len(units) + len(when) - 1))
        for line, row in enumerate(some):
            found[line, units.index(row[0])] = 1
            if row[1] != when[0]:
                found[line, len(units) + when.index(row[1]) - 1] = 1
        return found

    fitted = sm.GLM(
        [row[2] for row in before],
        design(before),
        family=sm.families.Poisson(),
        offset=np.log([row[3] for row in before]),
    ).fit(tol=1e-12, maxiter=200)
    after = [row for row in observations if row[4] and row[0] in units and row[1] in when]
    expected = np.exp(design(after) @ fitted.params) * np.array([row[3] for row in after])
    return float(np.log(sum(row[2] for row in after) / expected.sum()))


def _scaled(observations: list[tuple]) -> float:
    """The same by scaling cities and years in turn until both sums are met, which is quicker."""
    units = sorted({row[0] for row in observations})
    when = sorted({row[1] for row in observations})
    count, people = np.zeros((2, len(units), len(when)))
    under = np.zeros(count.shape, dtype=bool)
    for unit, year, events, residents, program in observations:
        place = units.index(unit), when.index(year)
        count[place], people[place], under[place] = events, residents, program
    base = np.where(under, 0.0, people)
    seen = np.where(under, 0.0, count)
    level, effect = np.ones(len(units)), np.ones(len(when))
    for _ in range(100_000):
        level = seen.sum(axis=1) / (base @ effect)
        moved = seen.sum(axis=0) / (level @ base)
        away = np.abs(moved / effect - 1).max()
        effect = moved
        if away < 1e-13:
            break
    expected = (level[:, None] * people * effect)[under].sum()
    return float(np.log(count[under].sum() / expected))
