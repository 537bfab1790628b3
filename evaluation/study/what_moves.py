"""Which choice of a specification curve moves the estimate, and by how much."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

# Columns of a curve that are no choice.
NUMBERS: Final = frozenset({"percent", "low", "high", "p", "headline"})


@dataclass(frozen=True, slots=True)
class Move:
    """What changing one choice alone does.

    Parameters
    ----------
    choice : its column in the curve. planned, other : its value in the headline, and the other one.
    change : mean change of the percent change, in percentage points. least, most : over the pairs
        of specifications that differ in nothing else. pairs : how many there are.
    """

    choice: str
    planned: Any
    other: Any
    change: float
    least: float
    most: float
    pairs: int


def moves(rows: Sequence[Mapping[str, Any]]) -> tuple[Move, ...]:
    """Each other value of each choice against the planned one, the largest mean change first.

    Parameters
    ----------
    rows : of a specification curve, one of them the headline; none where no row is.
    """
    headline = next((row for row in rows if row.get("headline") is True), None)
    if headline is None:
        return ()
    choices = [name for name in headline if name not in NUMBERS]
    found = []
    for choice in choices:
        by_rest: dict[tuple[str, ...], dict[str, float]] = {}
        named: dict[str, Any] = {}
        for row in rows:
            rest = tuple(str(row.get(name)) for name in choices if name != choice)
            value = row.get(choice)
            named[str(value)] = value
            by_rest.setdefault(rest, {})[str(value)] = float(row["percent"])
        planned = str(headline[choice])
        for text, value in named.items():
            changes = np.array(
                [
                    each[text] - each[planned]
                    for each in by_rest.values()
                    if text in each and planned in each
                ]
            )
            if text == planned or not len(changes):
                continue
            found.append(
                Move(
                    choice,
                    headline[choice],
                    value,
                    float(changes.mean()),
                    float(changes.min()),
                    float(changes.max()),
                    len(changes),
                )
            )
    return tuple(sorted(found, key=lambda move: (-abs(move.change), move.choice, str(move.other))))
