"""The panels that the tests of staggered groups share."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from evaluation.data.read import read_panel
from evaluation.did.cohorts import Cohorts
from evaluation.numeric.shared.draws import normals, stream, uniforms

ROOT = Path(__file__).parents[2]


def reference() -> dict[str, Any]:
    """What R 4.2.2 gives for the committed table (tests/reference/did_groups.R)."""
    text = (ROOT / "tests/reference/did_groups.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def committed(name: str = "group_quarter") -> Cohorts:
    """A committed table of groups by quarter."""
    panel = read_panel(ROOT / f"data/synthetic/{name}.csv", ROOT)
    return Cohorts.from_panel(
        panel, outcome="shootings", treatment="called_in", covariates=("alliance",)
    )


def small(n: int = 40, length: int = 10, *, seed: int = 1) -> Cohorts:
    """A continuous panel with three cohorts, effects that grow, weights and pairs as clusters."""
    source = stream(seed, "groups/small")
    shock = normals(source, n * length).reshape(n, length)
    first = np.where(uniforms(source, n) < 0.4, np.inf, 4 + 2 * (np.arange(n) % 3))
    since = np.arange(length) - first[:, None]
    level = normals(source, n)[:, None] + 0.2 * np.arange(length)
    y = level + shock + np.where(since >= 0, 1 + 0.2 * np.clip(since, 0, None), 0)
    weight = 0.5 + uniforms(source, n)
    return Cohorts.from_arrays(y, first, cluster=np.arange(n) // 2, weight=weight)


def plain(*, pairs: bool = False) -> Cohorts:
    """`small` without weights, as given to another program; each unit its own cluster, or pairs."""
    cohorts = small(n=60, length=12)
    cluster = cohorts.cluster if pairs else np.arange(cohorts.n)
    return replace(cohorts, weight=np.ones(cohorts.n), cluster=cluster)


def counted(n: int = 24, length: int = 12, *, seed: int = 1, exposed: bool = False) -> Cohorts:
    """Counts of about two, three cohorts, half of the units never treated, effect -30 %."""
    source = stream(seed, "groups/counted")
    first = np.where(np.arange(n) % 2 == 0, np.inf, 5 + 2 * (np.arange(n) // 2 % 3))
    exposure = 0.5 + uniforms(source, n * length).reshape(n, length)
    treated = np.arange(length) >= first[:, None]
    level = 1 + 2 * uniforms(source, n)
    mean = level[:, None] * np.where(treated, 0.7, 1) * (exposure if exposed else 1)
    y = np.floor(mean + uniforms(source, n * length).reshape(n, length) * 1.9)
    return Cohorts.from_arrays(y, first, exposure=exposure if exposed else None, kind="count")
