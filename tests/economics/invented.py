"""A study whose effect, count and percent agree exactly, and ledgers to value it with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from example_study import effect, outcome, study
from scipy import stats

from evaluation.economics.input_quantiles import PriceIndex, read_price_index
from evaluation.economics.ledger import Ledger, read_ledger
from evaluation.effect import Effect, Interval
from evaluation.study.evidence import Evidence

ROOT = Path(__file__).parents[2]
HAPPENED = 300.0


def prices() -> PriceIndex:
    return read_price_index(ROOT / "data/public/inflation.csv", ROOT)


# Made once: its path, with a start after five of eight years, is the same in every study.
PLAIN = effect((-20.0, -30.0, -10.0), (1.0, 0.0, 2.0))


def ratio(theta: float, error: float, *, df: float | None = None, base: float = HAPPENED) -> Effect:
    """A log ratio theta with its t(df) interval; averted is base (exp(-theta) - 1)."""
    half = (stats.norm if df is None else stats.t(df)).ppf(0.975) * error
    ends = np.array([theta, theta - half, theta + half])
    percent = 100 * np.expm1(ends)
    saved = base * np.expm1(-ends)
    return replace(
        PLAIN,
        estimate=theta,
        std_error=error,
        df=df,
        low=float(ends[1]),
        high=float(ends[2]),
        percent=Interval(*map(float, percent)),
        averted=Interval(float(saved[0]), float(saved[2]), float(saved[1])),
    )


def difference(number: float, error: float, *, expected: float = 1000.0) -> Effect:
    """A difference of numbers with a normal interval; percent is of what was expected."""
    half = stats.norm.ppf(0.975) * error
    made = ratio(-0.2, 0.1)
    return replace(
        made,
        scale="difference",
        df=None,
        std_error=error,
        percent=Interval(*(-100 * n / expected for n in (number, number + half, number - half))),
        averted=Interval(number, number - half, number + half),
    )


def evidence(*effects: Effect, grade: str = "moderate", **changes: Any) -> Evidence:
    """A study of outcomes gun_homicides and, with a second effect, nonfatal."""
    names = (("gun_homicides", "gun homicides"), ("nonfatal", "nonfatal shootings"))
    outcomes = tuple(
        outcome(found, grade=grade, column=column, label=label)
        for found, (column, label) in zip(effects, names, strict=False)
    )
    return study(outcomes=outcomes, **changes)


HEAD = 'currency = "USD"\nprice_year = 2023\n'
COST = """
[[cost]]
name = "staff"
amount = 1_000_000
low = 800_000
high = 1_500_000
year = 2023
currency = "USD"
per = "year"
perspectives = ["public budget"]
covers = "wages"
source = "invented"
range_source = "invented"
certainty = "invented"
"""
VALUE = """
[[value]]
outcome = "gun_homicides"
perspective = "public budget"
amount = 200_000
low = 100_000
high = 400_000
distribution = "lognormal"
year = 2023
currency = "USD"
covers = "courts"
source = "invented"
range_source = "invented"
certainty = "invented"
"""
EXAMPLE = HEAD + COST + VALUE


def changed(text: str, **keys: str) -> str:
    """A table with the values of some keys replaced."""
    lines = []
    for line in text.split("\n"):
        key = line.split(" = ")[0]
        lines.append(f"{key} = {keys[key]}" if key in keys else line)
    return "\n".join(lines)


def ledger(folder: Path, text: str = EXAMPLE) -> Ledger:
    path = folder / "costs.toml"
    path.write_text(text, encoding="utf-8")
    return read_ledger(path, index=prices())
