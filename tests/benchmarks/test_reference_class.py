"""The tables of changes in real cities: how they are made, on invented ones."""

from __future__ import annotations

import numpy as np
import pytest

MONTHS = tuple(f"{year}-{month:02}" for year in range(2018, 2025) for month in range(1, 13))[:79]


@pytest.fixture
def made(benchmark_module):
    return benchmark_module("reference_class")


def change(made, city: int, rise: float = 0.0, value: float = -0.1, start: str = "2021-01"):
    name = f"City {city}"
    return made.Change("robbery", 36, 12, start, name, 20.0, rise, {"totals": value})


def test_a_cell_needs_enough_cities_and_windows(made):
    starts = ("2021-01", "2021-04", "2021-07")
    few = [change(made, city, start=start) for city in range(7) for start in starts]
    assert len(made.table(few, "alone")) == 1
    heads, line = made.table(few, "compared")
    told = dict(zip(heads, line, strict=True))
    assert (told["cities"], told["starts"], told["windows"]) == ("7", "3", "21")
    assert (told["low"], told["high"], told["q50"]) == ("8", "25", "-0.100")


def test_starts_after_a_rise_are_in_the_class_of_their_own_and_in_all(made):
    rises = [0.0, 12.0, 45.0]
    changes = [
        change(made, city, rise, rise / 100, start)
        for city in range(10)
        for rise in rises
        for start in ("2021-01", "2021-07")
    ]
    heads, *lines = made.table(changes, "alone")
    found = {
        told["rise"]: (told["windows"], told["q50"])
        for told in (dict(zip(heads, line, strict=True)) for line in lines)
    }
    assert found == {"0": ("60", "0.120"), "10": ("20", "0.120"), "30": ("20", "0.450")}


def test_every_window_of_invented_cities_is_measured_by_each_method(made, benchmark_module):
    data = benchmark_module("real_data")
    y = np.random.default_rng(4).poisson(20, (3, len(MONTHS))).astype(float)
    counts = data.Counts(data.ERA, "robbery", ("a", "b", "c"), MONTHS[:40], y[:, :40])
    found = list(made.alone(counts))
    assert {one.before for one in found} == {18, 24} and {one.after for one in found} == {6, 12}
    for one in found:
        assert set(one.measured) == {"totals", *made.ALONE}
        assert all(abs(value) < 1.5 for value in one.measured.values())
    beside = list(made.compared(data.Counts(data.ERA, "robbery", ("a", "b", "c"), MONTHS, y)))
    assert {"random-effects", "forecast"} == {name for one in beside for name in one.measured}
