"""Effects by time since the start, with a band that holds all of them and without one."""

from __future__ import annotations

from dataclasses import replace

from example_study import effect, outcome, study

from evaluation.effect import EventTime
from evaluation.report.figures.over_time import by_time


def told(*moments: EventTime) -> str:
    found = effect((-26.0, -38.0, -12.0), (82.0, 33.0, 131.0), dynamic=moments)
    return str(by_time(study(outcomes=(outcome(found),))))


def test_ranges_without_a_band_are_not_said_to_have_one():
    alone = EventTime(0, -0.2, 0.1, -0.4, 0.0, -0.4, 0.0, 1)
    later = replace(alone, time=3)
    said = told(alone, later)
    assert "there is no band" in said and "Units are lined up" not in said
    banded = told(replace(alone, band_low=-0.5, band_high=0.1), later)
    assert "the band holds all of them together" in banded and "Units are lined up" in banded
