"""A table of measured scenarios, one dataclass a row: read, and written with some rows replaced."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, TypeVar

Measured = TypeVar("Measured")
_KINDS = {"str": str, "int": int, "float": float}


def read(kind: type[Measured], path: Path) -> list[Measured]:
    """The rows of a table written before; none when there is no file.

    Parameters
    ----------
    kind : a dataclass of text, whole numbers and floats, the scenario among them.
    """
    if not path.exists():
        return []
    named: Any = kind
    with path.open(encoding="utf-8", newline="") as stream:
        return [
            kind(**{one.name: _KINDS[str(one.type)](line[one.name]) for one in fields(named)})
            for line in csv.DictReader(stream)
        ]


def write(kind: type[Measured], rows: Sequence[Any], path: Path, order: Sequence[str]) -> None:
    """The table with these rows in the place of those of the same scenarios.

    Parameters
    ----------
    order : of the scenarios.
    """
    new = {row.scenario for row in rows}
    known: list[Any] = list(read(kind, path))
    kept = [row for row in known if row.scenario not in new]
    joined = sorted([*kept, *rows], key=lambda row: order.index(row.scenario))
    named: Any = kind
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow([one.name for one in fields(named)])
        for row in joined:
            writer.writerow(
                f"{value:.4g}" if isinstance(value, float) else value
                for value in asdict(row).values()
            )
