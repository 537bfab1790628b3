"""Outcomes whose periods add up to the number averted, graded and sized as asked."""

from __future__ import annotations

from dataclasses import replace

from example_study import effect, outcome, path

from evaluation.effect import Check, Interval
from evaluation.study.evidence import OutcomeEvidence

# Percent changes with their ranges: a fall, the same the other way, and one nobody can tell.
FALL, RISE, UNCLEAR = (-26.0, -38.0, -11.0), (26.0, 11.0, 45.0), (-8.0, -22.0, 9.0)


def counting(
    percent: tuple[float, float, float] = FALL,
    *,
    level: float = 8.4,
    grade: str = "moderate",
    **changes: object,
) -> OutcomeEvidence:
    """An outcome of 36 months after the start; numbers averted follow from those of the months, and
    their range from that of the percent, as its.effects makes them."""
    made = path(level, percent[0] / 100)
    after = [point for point in made if point.phase != "before"]
    fitted = sum(point.fitted for point in after)
    averted = sum(point.expected - point.fitted for point in after)
    # At the end of the range the same number happened, and another was expected.
    shares = [averted / (fitted + averted) * end / percent[0] for end in percent[:0:-1]]
    ends = sorted(fitted * share / (1 - share) for share in shares)
    found = replace(effect(percent, (0, 0, 0)), averted=Interval(averted, *ends), path=made)
    return outcome(found, grade=grade, **changes)


def with_ranges(made: OutcomeEvidence) -> OutcomeEvidence:
    """The same with a total and its range for every period after the start."""
    rows, total = [], 0.0
    for point in made.effect.path:
        if point.phase != "before":
            total += point.expected - point.fitted
            ends = sorted((0.4 * total, 1.7 * total))
            rows.append(
                {"period": point.period, "estimate": total, "low": ends[0], "high": ends[1]}
            )
    averted = Interval(made.effect.averted.estimate, rows[-1]["low"], rows[-1]["high"])
    found = replace(made.effect, averted=averted)
    check = Check("averted-over-time", None, "Slowly", tuple(rows), asked="When?")
    headline = replace(made.headline, effect=found)
    return replace(made, headline=headline, checks=(*made.checks, check))
