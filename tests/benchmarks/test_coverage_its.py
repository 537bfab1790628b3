"""The coverage study: its worlds, its counting, and what its committed table says."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from evaluation.its import METHODS
from evaluation.its.batch import Judged

DOCS = Path(__file__).parents[2] / "docs/evidence"
DEFAULT = "averaged-reml"


@pytest.fixture
def coverage(benchmark_module):
    return benchmark_module("coverage_its")


@pytest.fixture
def worlds(benchmark_module):
    return benchmark_module("worlds")


@pytest.fixture
def committed(coverage):
    rows = coverage.read()
    return {
        world: [row for row in rows if (row.world, row.method, row.effect) == (world, DEFAULT, 0.0)]
        for world in ("counts", "rate", "drift")
    }


def _low(row) -> float:
    """Coverage in percent plus two Monte-Carlo standard errors."""
    error = np.sqrt(row.coverage * (1 - row.coverage) / (row.reps - row.failures))
    return 100 * (row.coverage + 2 * error)


def test_grid_is_that_of_the_study(worlds):
    assert (len(worlds.COUNTS), len(worlds.RATE)) == (108, 54)
    cells = worlds.SETS["all"]
    assert len(set(cells)) == len(cells)


def test_every_cell_and_part_has_series_of_its_own_that_never_change(worlds):
    first, second = worlds.COUNTS[5], replace(worlds.COUNTS[5], rho=0.6)
    again = first.draw(4)
    assert np.array_equal(first.draw(4), again)
    assert not np.array_equal(first.draw(4, part=1), again)
    assert not np.array_equal(second.draw(4), again)


def test_an_effect_changes_the_mean_from_the_middle_on(worlds):
    cell = worlds.POWER[0]
    y = cell.draw(2000)
    ratio = y[:, cell.start :].mean() / y[:, : cell.start].mean()
    # 132,000 counts a side, variance 1.8 times the mean: the ratio is known to 0.2 %.
    assert ratio == pytest.approx(1 + cell.effect / 100, abs=0.01)


def test_default_covers_and_poisson_does_not_on_a_small_grid(coverage):
    rows = coverage.study(coverage.SMALL, (DEFAULT, "poisson"), 150, processes=1)
    assert len(rows) == 2 * len(coverage.SMALL) == 8
    by_method = {name: [row for row in rows if row.method == name] for name in (DEFAULT, "poisson")}
    # Three Monte-Carlo standard errors of .92, the least the study found for these four cells.
    assert min(row.coverage for row in by_method[DEFAULT]) > 0.92 - 3 * np.sqrt(0.92 * 0.08 / 150)
    assert all(row.coverage < 0.85 for row in by_method["poisson"] if row.rho >= 0.4)


def test_truth_is_a_ratio_or_a_difference_as_the_method_judges(coverage, worlds):
    cell = worlds.POWER[0]
    rows = coverage.measured(cell, (DEFAULT, "prais-winsten"), 100)
    assert [row.coverage > 0.85 for row in rows] == [True, True]
    assert all(0.2 < row.rejected < 0.8 for row in rows)
    assert abs(rows[0].bias) < 0.1


def test_series_without_estimate_are_counted_and_left_out(coverage, worlds):
    nan = float("nan")
    judged = [
        Judged(0.1, 0.1, -0.1, 0.3, 0.3, 10, -9, 35),
        Judged(0.5, 0.1, 0.3, 0.7, 0.001, 65, 35, 101),
        Judged(nan, nan, nan, nan, nan, nan, nan, nan, "no event after the start"),
    ]
    row = coverage._row(worlds.COUNTS[0], DEFAULT, judged)
    assert (row.reps, row.failures, row.covered, row.coverage) == (3, 1, 1, 0.5)
    assert (row.rejected, row.bias) == (0.5, pytest.approx(0.3))


def test_new_rows_take_the_place_of_old_ones_and_others_stay(coverage, worlds, tmp_path):
    table = tmp_path / "table.csv"
    one, other = coverage.study(worlds.COUNTS[:1], ("poisson", "ols"), 5, processes=1)
    coverage.write([one, other], table)
    text = table.read_bytes()
    assert coverage.write([one], table) == coverage.read(table)
    assert table.read_bytes() == text
    rows = coverage.write([replace(one, reps=9)], table)
    assert sorted(row.reps for row in rows) == [5, 9]


def test_command_writes_table_page_and_figure(coverage, tmp_path, capsys):
    table = tmp_path / "coverage_its.csv"
    coverage.main(f"--small --methods poisson --reps 5 --processes 1 --table {table}".split())
    assert len(coverage.read(table)) == 4
    assert "`poisson`" in (tmp_path / "coverage_its.md").read_text()
    with pytest.raises(SystemExit):
        coverage.main(["--methods", "posson"])
    assert "no method 'posson'" in capsys.readouterr().err


@pytest.mark.usefixtures("same_figures")
def test_committed_page_and_figure_are_those_of_the_committed_table(coverage, benchmark_module):
    report = benchmark_module("coverage_report")
    rows = coverage.read()
    assert (DOCS / "coverage_its.md").read_text(encoding="utf-8") == report.report(rows)
    text = (DOCS / "coverage_its.svg").read_text(encoding="utf-8")
    assert text == report.figure(rows)
    ElementTree.fromstring(text)


def test_every_method_in_the_committed_table_exists(coverage):
    assert {row.method for row in coverage.read()} <= set(METHODS)


def test_coverage_beside_each_method_is_that_of_the_table(coverage):
    rows = [row for row in coverage.read() if row.effect == 0]
    for name in {row.method for row in rows}:
        said = METHODS[name].coverage
        for world, words in zip(("counts", "rate"), said.split("; "), strict=True):
            found = [100 * row.coverage for row in rows if (row.method, row.world) == (name, world)]
            least, most = (int(word) for word in words.split(" %")[0].split(" to "))
            assert least == pytest.approx(min(found), abs=0.6), name
            assert most == pytest.approx(max(found), abs=0.6), name


def test_default_is_honest_in_every_cell_of_autocorrelated_counts(committed):
    rows = committed["counts"]
    assert len(rows) == 108
    assert min(row.reps for row in rows) >= 1500
    assert min(_low(row) for row in rows) >= 93.0
    assert 95.0 <= 100 * np.mean([row.coverage for row in rows]) <= 96.5


def test_default_bends_but_does_not_break_when_the_rate_persists(committed):
    rows = committed["rate"]
    assert len(rows) == 54
    assert min(_low(row) for row in rows) >= 89.5
    assert np.mean([100 * row.coverage >= 93.0 for row in rows]) >= 0.7


def test_default_survives_drift_of_up_to_ten_percent_a_year(committed):
    rows = [row for row in committed["drift"] if row.drift <= 0.1]
    assert len(rows) == 16
    assert min(_low(row) for row in rows) >= 92.5
