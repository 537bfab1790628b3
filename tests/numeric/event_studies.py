"""Published event studies, and one of a formula, that the tests of sensitivity and power share."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from evaluation.numeric.panel.honest import EventStudy

PATH = Path(__file__).parents[1] / "reference" / "event_studies.json"
_SAID = json.loads(PATH.read_text(encoding="utf-8"))


def published(name: str, weights: list[float] | None = None) -> EventStudy:
    """A study of tests/reference/event_studies.json; the first period after by default."""
    study = _SAID[name]
    after = len(study["estimate"]) - study["before"]
    return EventStudy(
        np.array(study["estimate"]),
        np.array(study["cov"]),
        study["before"],
        np.array(weights) if weights else np.eye(after)[0],
    )


def invented() -> EventStudy:
    """The example in the README of HonestDiD.jl: three periods before and five after."""
    std_error = np.array([0.060, 0.050, 0.055, 0.050, 0.052, 0.060, 0.065, 0.070])
    place = np.arange(8)
    cov = np.outer(std_error, std_error) * 0.6 ** np.abs(place[:, None] - place)
    estimate = np.array([0.02, -0.01, 0.03, 0.15, 0.20, 0.25, 0.22, 0.18])
    return EventStudy(estimate, cov, 3, np.eye(5)[0])


def drawn(seed: int, before: int, after: int) -> EventStudy:
    """Estimates and weights at random, with a covariance that is neither diagonal nor regular."""
    draw = np.random.default_rng(seed)
    k = before + after
    root = draw.normal(size=(k, k + 2))
    return EventStudy(
        draw.normal(size=k) * 2, root @ root.T / k, before, draw.uniform(-0.3, 1, size=after)
    )
