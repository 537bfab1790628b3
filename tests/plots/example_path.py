"""Months made by hand, with a start and, where asked for, a washout."""

from __future__ import annotations

from evaluation.effect import Phase, Point


def months(count: int = 48, start: int = 24, *, washout: int = 0) -> list[Point]:
    made = []
    for month in range(count):
        phase: Phase = "before"
        if month >= start:
            phase = (
                "left out"
                if month < start + washout
                else "phase-in"
                if month < start + washout + 2
                else "after"
            )
        expected = 8.0 + month % 12 / 6
        made.append(
            Point(
                f"{2010 + month // 12}-{month % 12 + 1:02d}",
                float(month % 7),
                expected if month < start else 0.7 * expected,
                expected,
                0.8 * expected,
                1.2 * expected,
                phase,
            )
        )
    return made
