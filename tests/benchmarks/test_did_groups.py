"""The study of staggered groups: it runs, its page is that of its table, its claims hold there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest


@pytest.fixture
def study(benchmark_module):
    return benchmark_module("did_groups")


def test_a_scenario_is_measured_and_replaced_in_the_table(study, tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    rows = study.measured("S4", 3, processes=1)
    assert {row.scenario for row in rows} == {"S4"} and rows[0].flagged == 1
    once = study.write(rows, table)
    assert study.write(rows, table) == once == study.read(table)
    assert "Flagged by the timing test: 100.0 %." in study.report(once)


def test_pooled_percent_is_that_of_all_events_over_all_expected_ones(study) -> None:
    # By hand: what each draw's log ratio says was expected, from its own count of events.
    found = [study.judged("S2", number)[0]["poisson-imputation"] for number in range(3)]
    events = [
        drawn.counts[drawn.treated].sum()
        for drawn in (
            study.draw(study.SCENARIOS["S2"][1], study.SEED + number) for number in range(3)
        )
    ]
    expected = [n / (1 + one.percent / 100) for n, one in zip(events, found, strict=True)]
    row = next(
        row for row in study.measured("S2", 3, processes=1) if row.method == "poisson-imputation"
    )
    assert row.pooled == pytest.approx(100 * (sum(events) / sum(expected) - 1), rel=1e-12)
    # It is no mean of percents: draws with more expected count more.
    assert row.pooled != pytest.approx(row.mean, abs=1e-3)


def test_committed_page_is_that_of_the_committed_table(study) -> None:
    page = study.TABLE.with_suffix(".md").read_text(encoding="utf-8")
    assert page == study.report(study.read())


@pytest.mark.parametrize("scenario", ["S1", "S2 null", "S2", "S3", "S5"])
def test_default_covers_and_is_unbiased_with_exposure_handled(study, scenario: str) -> None:
    method = "spillover, treated" if scenario == "S3" else "poisson-imputation"
    row = next(row for row in study.read() if (row.scenario, row.method) == (scenario, method))
    assert row.reps >= 1000 and row.failures <= 0.01 * row.reps
    assert 0.93 <= row.coverage <= 0.98
    # The mean of the percents leans to the right and misses 3 points twice; the page says so.
    assert abs(row.median - row.truth) <= 3
    assert abs(row.pooled - row.truth) <= 1
    assert row.flagged <= 0.06


def test_a_mean_that_misses_the_bound_is_named_on_the_page(study) -> None:
    page = study.TABLE.with_suffix(".md").read_text(encoding="utf-8")
    assert "more than 3 points away in S2 null (+3.3) and S3 (+3.2)" in page
    rows = [replace(row, mean=row.truth) for row in study.read()]
    assert "The mean is nowhere more than 3 points away." in study.report(rows)


def test_spike_triggered_draws_are_flagged(study) -> None:
    flagged = {row.scenario: row.flagged for row in study.read()}
    assert set(flagged) == set(study.SCENARIOS)
    assert flagged["S4"] >= 0.9
