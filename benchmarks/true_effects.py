"""The effect that was built into an invented world, on the scale of a study's headline."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import numpy as np

from evaluation.effect import Effect
from evaluation.study.plan.schema import Plan

# Outcomes of people by the name that the truth has for them, all within so many days.
DAYS = 730
EXPECTED = {
    "violent_arrest_days": "arrested_with_violence",
    "gun_arrest_days": "arrested_with_gun",
    "conviction_days": "convicted",
    "shot_days": "shot",
    "days_incarcerated": "days_incarcerated",
}


@dataclass(frozen=True, slots=True)
class TrueEffect:
    """What is true of one outcome: on one of the two scales of an `Effect`, or on both; NaN where
    the world has no such number."""

    log_ratio: float = math.nan
    difference: float = math.nan

    @property
    def sign(self) -> int:
        """-1 for a fall, 1 for a rise, 0 for nothing."""
        known = self.difference if math.isnan(self.log_ratio) else self.log_ratio
        return (known > 0) - (known < 0)

    def within(self, effect: Effect) -> bool:
        """Whether the 95 % range of an answer holds it.

        Raises
        ------
        ValueError : when the world has no number on the scale of the answer.
        """
        true = self.log_ratio if effect.scale == "log ratio" else self.difference
        if math.isnan(true):
            raise ValueError(f"the truth has no number on the scale {effect.scale!r}")
        return effect.low <= true <= effect.high


def true_effect(plan: Plan, files: Mapping[str, str], column: str) -> TrueEffect:
    """What was built into the outcome of this draw.

    A series is held to the whole effect, and a comparison of periods to its mean over the periods
    from the start on, those in which it grew among them. Groups and places: of the sums over all
    treated cells. People: of those called in, had they been called in and not. Scales: of the mean
    of all residents.

    Parameters
    ----------
    files : what the maker of the world wrote, by path.

    Raises
    ------
    ValueError : when the truth of this world is written in a way that is not known here.
    """
    known = json.loads(files[str(PurePosixPath(plan.data).with_suffix(".truth.json"))])
    by_column = known.get("outcomes") or known.get("measures")
    if by_column and column in by_column:
        whole = float(by_column[column]["log_rate_ratio"])
        grown = whole if plan.design == "its" else _grown(plan, known, files, whole)
        return TrueEffect(log_ratio=grown)
    for key in ("scales", "items"):
        if column in known.get(key, {}):
            return TrueEffect(difference=float(known[key][column]["effect"]))
    if plan.design == "individual":
        return _of_people(known, column)
    if "log_ratio_treated" in known:
        return TrueEffect(log_ratio=float(known["log_ratio_treated"]))
    if known.get("phase_in") == 0:
        return TrueEffect(log_ratio=float(known["log_rate_ratio"]))
    raise ValueError(f"{plan.data}: say in {__name__} what its truth has for {column}")


def _grown(plan: Plan, known: Mapping[str, Any], files: Mapping[str, str], whole: float) -> float:
    """The log ratio of sums over the periods from the start on, had all been alike."""
    months = {row["month"] for row in csv.DictReader(io.StringIO(files[plan.data]))}
    after = sum(month >= known["start"] for month in months)
    ramp = np.clip((np.arange(after) + 1) / (known["phase_in"] + 1), 0, 1)
    return float(np.log(np.exp(whole * ramp).mean()))


def _of_people(known: Mapping[str, Any], column: str) -> TrueEffect:
    if column == "arrest_days":
        both = known["arrest_risk"][str(DAYS)]
    else:
        both = known["expected_24_months"][EXPECTED[column]]
    ratio = math.log(both["with"] / both["without"])
    return TrueEffect(log_ratio=ratio, difference=float(both["difference"]))
