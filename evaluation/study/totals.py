"""What the periods of an effect add up to, and the part of those expected that did not happen.

Numbers of results as they are written; the words and pictures of them are made elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from evaluation.effect import Effect, Point
from evaluation.study.evidence import OutcomeEvidence

# The name of the check whose rows are the total up to each period with its range; without it only
# the range at the end is known.
BUILT_UP: Final = "averted-over-time"


def affected(effect: Effect) -> list[Point]:
    """The periods over which the total is summed."""
    return [point for point in effect.path if point.phase in ("phase-in", "after")]


def met(point: Point, effect: Effect) -> float:
    """What the total sets against expected: the fit of the model, or what was recorded."""
    return point.fitted if effect.averted_of == "fitted" else point.observed


@dataclass(frozen=True, slots=True)
class Step:
    """One period: what was expected and what is counted beside it, and fewer than expected so far,
    with the range where it is known."""

    point: Point
    met: float
    total: float
    low: float | None
    high: float | None


def running_total(outcome: OutcomeEvidence) -> list[Step]:
    """Every period that counts, with the range of every total where the results hold them, else of
    the last; none where their sum is not what was estimated."""
    effect = outcome.effect
    points = affected(effect)
    gaps = [point.expected - met(point, effect) for point in points]
    totals = list(accumulate(gaps))
    # Both are rounded to six digits, period by period; a method may also count other cells.
    apart = abs(totals[-1] - effect.averted.estimate) if totals else 0.0
    if not totals or apart > max(0.05, 0.005 * abs(effect.averted.estimate)):
        return []
    # The last one is the number that everything else tells.
    totals[-1] = effect.averted.estimate
    ranges = {
        str(row["period"]): (float(row["low"]), float(row["high"]))
        for check in outcome.checks
        if check.name == BUILT_UP
        for row in check.table
    }
    if any(point.period not in ranges for point in points):
        ranges = {}
    ranges[points[-1].period] = (effect.averted.low, effect.averted.high)
    return [
        Step(point, met(point, effect), total, *ranges.get(point.period, (None, None)))
        for point, total in zip(points, totals, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class Averted:
    """How many events were expected, and the part of them that was averted (or added, as a part of
    those expected), with its range. What happened is known; at the ends of the range it is set
    against other expected numbers."""

    expected: float
    share: float
    low: float
    high: float
    added: bool


def averted_share(outcome: OutcomeEvidence, *, from_own_start: bool) -> Averted | None:
    """The part averted of the events expected; None where the count and the percent of the answer
    do not go the same way, or the periods do not add up to the total.

    Parameters
    ----------
    from_own_start : the effect is of treated units from the start of each on, which is what the
        percent is of; the path then also has those that begin later.
    """
    effect = outcome.effect
    averted, percent = effect.averted, effect.percent
    if not averted.excludes_zero or (averted.estimate > 0) != (percent.estimate < 0):
        return None
    if from_own_start:
        expected = averted.estimate / -(percent.estimate / 100)
    else:
        expected = sum(point.expected for point in affected(effect))
        counted = sum(met(point, effect) for point in affected(effect))
        if abs(expected - counted - averted.estimate) > max(0.5, 0.01 * abs(averted.estimate)):
            return None
    rest = expected - averted.estimate
    if min(expected, *(rest + end for end in (averted.low, averted.high))) <= 0 or rest < 0:
        return None
    shares = [abs(end) / (rest + end) for end in (averted.low, averted.high)]
    share = abs(averted.estimate) / expected
    return Averted(expected, share, min(shares), max(shares), averted.estimate < 0)
