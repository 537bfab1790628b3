"""The study of cities one by one: it runs, its page is that of its table, its claims hold there."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from evaluation.did import METHODS


@pytest.fixture
def study(benchmark_module):
    return benchmark_module("did_cities")


def test_a_scenario_is_measured_and_replaced_in_the_table(study, tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    rows = study.measured("3 null", 2, processes=1)
    assert [row.method for row in rows] == [*study.WAYS, study.IMPUTED]
    once = study.write(rows, table)
    # As text, because what a method does not have is no number.
    assert str(study.write(rows, table)) == str(once) == str(study.read(table))
    assert "## 3 cities: no effect" in study.report(once)


def test_a_draw_has_the_cities_starts_and_ratios_of_its_world(study) -> None:
    world = study.SCENARIOS["10 differ"][1]
    drawn = study.draw(world, 0)
    ever = drawn.cohorts.ever
    assert drawn.cohorts.y.shape == (world.adopters + study.CONTROLS, study.YEARS)
    assert ever.sum() == world.adopters and not drawn.truth[~ever].any()
    starts = drawn.cohorts.first[ever]
    assert (starts.min(), starts.max()) == (study.FIRST_START, study.LAST_START)
    again = study.draw(world, 0)
    assert (again.cohorts.y == drawn.cohorts.y).all()
    assert np.std(drawn.truth[ever]) == pytest.approx(world.spread, rel=0.8)


def test_a_pull_starts_the_cities_that_had_a_bad_time(study) -> None:
    def stood(name: str) -> float:
        found = []
        for number in range(3):
            cohorts = study.draw(study.SCENARIOS[name][1], number).cohorts
            for row in np.flatnonzero(cohorts.ever):
                first = int(cohorts.first[row])
                last = cohorts.y[row, first - study.RECENT : first].mean() + 0.5
                found.append(math.log(last / (cohorts.y[row, : first - 2].mean() + 0.5)))
        return float(np.mean(found))

    assert stood("10 after a peak") > stood("10 after a bad time") > stood("10 differ") + 0.1


def test_committed_page_is_that_of_the_committed_table(study) -> None:
    page = study.TABLE.with_suffix(".md").read_text(encoding="utf-8")
    assert page == study.report(study.read())


def row_of(study, scenario: str, method: str):
    (row,) = [row for row in study.read() if (row.scenario, row.method) == (scenario, method)]
    return row


@pytest.mark.parametrize("scenario", ["3 null", "5 null", "8 null", "15 null", "8 fall"])
def test_pooled_range_holds_the_truth_where_starts_do_not_follow_the_counts(study, scenario):
    for method in study.WAYS:
        row = row_of(study, scenario, method)
        # Three Monte-Carlo errors below 95 %.
        assert row.coverage >= 0.95 - 3 * math.sqrt(0.95 * 0.05 / row.reps), method
        assert row.reps >= 200 and not row.failures
    assert row.flagged <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / row.reps)


def test_after_a_peak_no_way_is_right_and_matching_is_nearest(study) -> None:
    found = {
        method: row_of(study, "10 after a peak", method) for method in (*study.WAYS, *study.PULLED)
    }
    assert all(row.coverage < 0.9 and row.mean > 5 for row in found.values())
    plain, matched = found[study.POOLED], found[f"{study.POOLED}, nearest 10"]
    assert matched.mean < 0.6 * plain.mean
    # Leaving out the last years makes it worse where what was rising goes on to be high.
    assert found[f"{study.POOLED}, donut 2"].mean > plain.mean
    assert plain.flagged > 0.8


def test_the_table_of_methods_has_the_coverage_that_was_measured(study) -> None:
    quiet = [
        row
        for row in study.read()
        if row.method in study.WAYS and not study.SCENARIOS[row.scenario][1].pull
    ]
    low, high = (f"{100 * end(row.coverage for row in quiet):.0f}" for end in (min, max))
    coverage = METHODS["pooled-units"].coverage
    assert coverage.startswith(f"{low} to {high} %")
    for ending, methods in (
        ("when starts follow a spike", (study.POOLED, study.TEN)),
        ("beside the nearest", (f"{study.POOLED}, nearest 10", f"{study.TEN}, nearest 10")),
    ):
        pulled = [
            row.coverage
            for row in study.read()
            if study.SCENARIOS[row.scenario][1].pull and row.method in methods
        ]
        span = f"{100 * min(pulled):.0f} to {100 * max(pulled):.0f} %"
        assert f"{span} {ending}" in coverage
