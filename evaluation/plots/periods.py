"""The periods of an answer as a picture reads them, and the gaps between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


class Point(Protocol):
    """A period of an answer, as a picture reads it (`evaluation.effect.Point`)."""

    @property
    def period(self) -> str: ...
    @property
    def observed(self) -> float: ...
    @property
    def fitted(self) -> float: ...
    @property
    def expected(self) -> float: ...
    @property
    def low(self) -> float: ...
    @property
    def high(self) -> float: ...
    @property
    def phase(self) -> str: ...
    @property
    def new_low(self) -> float | None: ...
    @property
    def new_high(self) -> float | None: ...


class Gap(Protocol):
    """A period of which no number is known (`evaluation.effect.Gap`)."""

    @property
    def period(self) -> str: ...
    @property
    def phase(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Hole:
    """A place in the row of periods where every line has a gap."""

    period: str
    phase: str
    observed: float = float("nan")
    fitted: float = float("nan")
    expected: float = float("nan")
    low: float = float("nan")
    high: float = float("nan")
    new_low: float = float("nan")
    new_high: float = float("nan")


def runs(inside: Sequence[bool]) -> list[tuple[int, int]]:
    """First and last place of every unbroken run of what is inside.

    Examples
    --------
    >>> runs([False, True, True, False, True])
    [(1, 2), (4, 4)]
    """
    firsts = [i for i, one in enumerate(inside) if one and not (i and inside[i - 1])]
    lasts = [i for i, one in enumerate(inside) if one and not any(inside[i + 1 : i + 2])]
    return list(zip(firsts, lasts, strict=True))
