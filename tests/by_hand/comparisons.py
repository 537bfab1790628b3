"""The headlines of the real comparisons, worked out from the tables without this project's code.

Only csv, numpy and scipy: who is treated is read from the table of adoption again; random-effects
prediction, the choice of the controls most alike and the pooling follow their formulas.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import brentq, minimize_scalar
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


@dataclass(frozen=True)
class Mixture:
    """What a unit changed beyond what others predict: a normal for each spread tau."""

    weight: np.ndarray
    center: np.ndarray
    scale: np.ndarray
    shares: np.ndarray

    @property
    def estimate(self) -> float:
        return float(self.weight @ self.center)

    @property
    def std_error(self) -> float:
        spread = self.scale**2 + (self.center - self.estimate) ** 2
        return float(np.sqrt(self.weight @ spread))

    def percents(self) -> dict[str, float]:
        def reached(x: float) -> float:
            return float(self.weight @ norm.cdf((x - self.center) / self.scale))

        ends = [brentq(lambda x, p=p: reached(x) - p, -20, 20, xtol=1e-13) for p in (0.025, 0.975)]
        return told(self.estimate, *ends)


def told(estimate: float, low: float, high: float) -> dict[str, float]:
    return {"estimate": percent(estimate), "low": percent(low), "high": percent(high)}


def mixture(own: tuple[float, float], others: list[tuple[float, float]]) -> Mixture:
    """Random-effects prediction, tau averaged over its restricted likelihood (shared methods)."""
    taus = [0.0, *np.geomspace(0.01, 1.0, 40)]
    widths = [
        (taus[min(k + 1, 40)] - taus[max(k - 1, 0)]) / (1 if k in (0, 40) else 2) for k in range(41)
    ]
    d, v = (np.array(column) for column in zip(*others, strict=True))
    logs, centers, scales, shares = [], [], [], []
    for tau in taus:
        w = 1 / (v + tau**2)
        mu = float((w * d).sum() / w.sum())
        logs.append(-0.5 * (-np.log(w).sum() + np.log(w.sum()) + float((w * (d - mu) ** 2).sum())))
        centers.append(own[0] - mu)
        scales.append(np.sqrt(own[1] + tau**2 + 1 / w.sum()))
        shares.append(w / w.sum())
    weight = np.exp(np.array(logs) - max(logs)) * np.array(widths)
    weight /= weight.sum()
    return Mixture(weight, np.array(centers), np.array(scales), weight @ np.array(shares))


def predicted(own: tuple[float, float], others: list[tuple[float, float]]) -> dict[str, float]:
    return mixture(own, others).percents()


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
    """Each adopter beside the ten most alike before its start, ten years on either side, pooled."""
    found = cells(rows("cities_ucr.csv"), "city", "year", "homicide")
    everyone = {unit: when for unit, when in adopters(first, last).items() if unit in found}
    # Of a city in which no year under its program was reported nothing but its years before count.
    seen = {
        unit: when
        for unit, when in everyone.items()
        if any(str(year) in found[unit] for year in range(when[1], last + 1))
    }
    others = [unit for unit in found if unit not in everyone and untouched(unit, str(last))]
    others += [unit for unit in everyone if unit not in seen]
    reported = {
        unit: {
            year: own
            for year, own in found[unit].items()
            if unit not in everyone or int(year) < everyone[unit][0]
        }
        for unit in others
    }
    estimates, variances, errors = [], [], []
    for unit, (start, whole) in sorted(seen.items()):
        before = [year for year in years(max(first, start - 10), start - 1) if year in found[unit]]
        after = [year for year in years(whole, min(last, start + 10)) if year in found[unit]]
        complete_here = complete(reported, [*before, *after])
        own_lead = change(found[unit], before[:-2], before[-2:])[0]
        apart = {
            other: abs(change(reported[other], before[:-2], before[-2:])[0] - own_lead)
            for other in complete_here
        }
        alike = sorted(sorted(apart, key=lambda other: (apart[other], other))[:10])
        changes = [change(reported[other], before, after) for other in alike]
        one = mixture(change(found[unit], before, after), changes)
        d = np.array([value for value, _ in changes])
        drift = np.zeros(len(others))
        for other, share, gap in zip(alike, one.shares, d - one.shares @ d, strict=True):
            drift[others.index(other)] = np.sqrt(10 / 9) * share * gap
        estimates.append(one.estimate)
        variances.append(one.std_error**2)
        errors.append(drift)
    return told(*_pooled(np.array(estimates), np.array(variances), np.array(errors)))


def _pooled(y: np.ndarray, v: np.ndarray, errors: np.ndarray) -> tuple[float, float, float]:
    """REML and Hartung-Knapp with floor, t(k - 1), and what controls in common add."""

    def fitted(tau2: float) -> tuple[np.ndarray, float]:
        w = 1 / (v + tau2)
        return w, float((w * y).sum() / w.sum())

    def unlikely(tau2: float) -> float:
        w, mu = fitted(tau2)
        return 0.5 * (-np.log(w).sum() + np.log(w.sum()) + float((w * (y - mu) ** 2).sum()))

    best = minimize_scalar(unlikely, bounds=(0, 4), method="bounded", options={"xatol": 1e-13})
    tau2 = float(best.x) if unlikely(float(best.x)) < unlikely(0.0) else 0.0
    w, mu = fitted(tau2)
    k = len(y)
    spread = max(1.0, float((w * (y - mu) ** 2).sum()) / (k - 1))
    share = w / w.sum()
    common = errors @ errors.T
    shared = float(share @ (common - np.diag(np.diag(common))) @ share)
    std_error = float(np.sqrt(spread / w.sum() + max(shared, 0.0)))
    half = float(t(k - 1).ppf(0.975)) * std_error
    return mu, mu - half, mu + half
