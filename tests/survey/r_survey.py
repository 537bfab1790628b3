"""The survey of tests/reference/survey.R and what R found in it."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from evaluation.numeric.survey import weighted
from evaluation.survey.sample import Sample
from evaluation.survey.scales import Scale

FOLDER = Path(__file__).parents[1] / "reference"
R: dict[str, Any] = json.loads((FOLDER / "survey.json").read_text(encoding="utf-8"))
NAMES = ("q1", "q2", "q3", "q4", "q5")
SCORE = Scale("score", NAMES, reverse=("q3",), least_answered=0.6)
AGREE = replace(SCORE, at_least=3.5)
DESIGNS = ("stratified", "finite", "clustered", "simple", "people")


def table() -> dict[str, np.ndarray]:
    """The columns of survey.csv; numbers but for race."""
    with (FOLDER / "survey.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    columns = {}
    for name in rows[0]:
        values = [row[name] for row in rows]
        columns[name] = (
            np.array(values)
            if name == "race"
            else np.array([float(value) if value else np.nan for value in values])
        )
    return columns


def sample(design: str = "stratified", keep: np.ndarray | None = None, **options: Any) -> Sample:
    """The survey by one of the designs in survey.R."""
    d = table()
    if keep is not None:
        d = {name: values[keep] for name, values in d.items()}
    old = np.where(d["age"] >= 45, "old", "young")
    given: dict[str, Any] = {
        "wave": d["wave"],
        "treated": d["treated"],
        "weight": d["weight"],
        "names": NAMES,
        "traits": {"age": d["age"], "race": d["race"], "old": old},
        "area": d["stratum"],
    }
    if design in ("stratified", "finite", "people"):
        given["stratum"] = d["stratum"]
    if design in ("stratified", "finite", "clustered"):
        given["cluster"] = d["cluster"]
    if design == "finite":
        given["fpc"] = d["fpc"]
    items = np.column_stack([d[name] for name in NAMES])
    return Sample.from_arrays(items, **(given | options))


def ratio(
    data: Sample, top: np.ndarray, bottom: np.ndarray, among: np.ndarray | None = None
) -> tuple[float, float]:
    """The ratio of two weighted totals of those who have both, and its linearized error."""
    use = np.isfinite(top) & np.isfinite(bottom)
    use = use if among is None else use & among
    held = (np.where(use, values, 0.0) for values in (top, bottom, data.weight))
    value, influence = weighted.ratio(*held)
    return value, float(weighted.covariance(influence, data.design, use)[0, 0]) ** 0.5


def mean(data: Sample, values: np.ndarray, among: np.ndarray | None = None) -> tuple[float, float]:
    """The weighted mean and its linearized error."""
    return ratio(data, values, np.ones(len(values)), among)
