"""What invented datasets have in common: paths drawn by name, and the files that are written."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from evaluation.data import period
from evaluation.numeric.shared import draws

FOLDER = "data/synthetic"


def between(first: str, last: str, frequency: period.Frequency) -> tuple[str, ...]:
    """The periods from the first to the last, as written."""
    begin, end = (period.ordinal(text, frequency) for text in (first, last))
    return tuple(period.text(number, frequency) for number in range(begin, end + 1))


def drift(seed: int, name: str, n: int, per_year: float) -> np.ndarray:
    """(n,) a random walk in steps of a month, from nought in the first.

    Parameters
    ----------
    per_year : standard deviation after one year.
    """
    steps = draws.normals(draws.stream(seed, name), n) * per_year / np.sqrt(12)
    steps[0] = 0.0
    return np.asarray(np.cumsum(steps), dtype=float)


def noise(
    seed: int, names: Sequence[str], n: int, *, rho: float, deviation: float, of: str = ""
) -> np.ndarray:
    """(N, n) persistent noise of each unit, of one outcome where there are several.

    Parameters
    ----------
    rho : persistence from period to period. deviation : standard deviation.
    """
    streams = [draws.stream(seed, f"noise/{of}{name}") for name in names]
    paths = [draws.normals(one, n) for one in streams]
    return np.array([draws.stationary_path(one, rho=rho, deviation=deviation) for one in paths])


def uniforms(seed: int, names: Sequence[str], n: int, of: str = "") -> np.ndarray:
    """(N, n) from which the counts of each unit are drawn, of one outcome or of all."""
    return np.array([draws.uniforms(draws.stream(seed, f"count/{of}{name}"), n) for name in names])


def six(value: float) -> float:
    """A number to 6 significant digits; nought has no sign."""
    return float(f"{value:.6g}") + 0.0


def csv_text(header: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """A table as CSV text, of cells that need no quotes."""
    lines = [",".join(header), *(",".join(map(str, row)) for row in rows)]
    return "\n".join(lines) + "\n"


def written(name: str, table: str, description: str, truth: Mapping[str, Any]) -> dict[str, str]:
    """The table, its description and the truth behind it, by their paths in the project."""
    return {
        f"{FOLDER}/{name}.csv": table,
        f"{FOLDER}/{name}.dataset.toml": description,
        f"{FOLDER}/{name}.truth.json": json.dumps(truth, sort_keys=True, indent=1) + "\n",
    }


def column(name: str, role: str, kind: str = "", measure: str = "", **keys: object) -> str:
    """One column of a description, its further keys in the order given; empty ones are left out."""
    said = _lines({"role": role, "type": kind, "measure": measure, **keys})
    return f"\n[columns.{name}]\n{said}"


def described(
    name: str,
    title: str,
    module: str,
    seed: int,
    keys: Mapping[str, object],
    columns: Iterable[str],
    *,
    notes: str = "",
    truth: str = "",
    invented: str = "number",
    more: str = "",
) -> str:
    """The text of a description.

    Parameters
    ----------
    module : of this package, which draws it. keys : `frequency` or `kind`, `key` and what stands
        between them, in this order. columns : from `column`. truth : whose truth it has when not
        its own. invented : what is, every one. more : follows the comment at the top.
    """
    comment = (
        f"# Written by `ceasefire simulate`. Every {invented} is invented; the truth behind them "
        f"stands in\n# {truth or name}.truth.json, which no analysis reads.{more}\n"
    )
    head = {
        "name": title,
        "file": f"{name}.csv",
        **keys,
        "source": f"evaluation/synthetic/{module}.py, seed {seed}",
        "licence": "MIT, as the rest of this project",
        "sensitivity": "synthetic",
    }
    told = f'notes = """\n{notes}\\\n"""\n' if notes else ""
    return comment + _lines(head) + told + "".join(columns)


def _lines(keys: Mapping[str, object]) -> str:
    # Texts, whole numbers, truth values and lists of texts are written in TOML as in JSON.
    return "".join(f"{key} = {json.dumps(value)}\n" for key, value in keys.items() if value != "")
