"""The study of one treated city: its worlds, its counting, and what its committed table says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from evaluation.did import (
    count_ratios,
    placebo_changes,
    random_effects,
    random_effects_drift,
    randomization,
)
from evaluation.did.cohorts import NEVER, Cohorts

DOCS = Path(__file__).parents[2] / "docs/evidence"
NINE = ("stationary", "factor", "drift")
DEFAULT, DRIFT = "random-effects", "random-effects-drift"


@pytest.fixture
def one_city(benchmark_module):
    return benchmark_module("did_one_city")


@pytest.fixture
def worlds(benchmark_module):
    return benchmark_module("did_worlds")


@pytest.fixture
def committed(one_city):
    """Rows by method, with all twelve controls, world, treated mean and effect."""
    return {
        (row.method, row.world, row.mean, row.effect): row
        for row in one_city.read()
        if row.controls == 12
    }


def test_worlds_are_drawn_the_same_again_and_parts_differ(worlds):
    treated, controls = worlds.STATIONARY.draw(3)
    again = worlds.STATIONARY.draw(3)
    assert (treated.shape, controls.shape) == ((2, 3, 3, 96), (3, 12, 96))
    assert np.array_equal(treated, again[0]) and np.array_equal(controls, again[1])
    assert not np.array_equal(controls, worlds.STATIONARY.draw(3, part=1)[1])


def test_effect_is_31_and_a_half_percent_from_the_start_on(worlds):
    treated, _ = worlds.STATIONARY.draw(400)
    totals = treated.sum(axis=2)
    before, after = totals[..., :48].sum(axis=-1), totals[..., 48:].sum(axis=-1)
    ratio = (after / before)[1] / (after / before)[0]
    # The totals are of 38,000 to 480,000 events: known to 1.5 % at the least.
    assert ratio == pytest.approx(np.full(3, 0.685), rel=0.03)


def test_study_judges_as_the_methods_do(one_city, worlds):
    treated, controls = worlds.NINE[2].draw(1)
    y = np.concatenate([treated[1, 1][:, None], controls], axis=1)
    found = {(name, n): one for name, n, one in one_city.judged(y, drift=True, series=True)}
    first = np.where(np.arange(13) == 0, 48.0, NEVER)
    cohorts = Cohorts.from_arrays(y[0], first, kind="count")
    few = cohorts.keeping([0, *(1 + row for row in one_city.SERIES[3])])
    answers = {
        ("random-effects", 12): random_effects.fit(cohorts),
        ("random-effects-plug-in", 12): random_effects.fit_plug_in(cohorts),
        ("random-effects-drift", 12): random_effects_drift.fit(cohorts),
        ("placebo-t", 12): placebo_changes.fit_equal_variance(cohorts),
        ("ferman-pinto", 12): placebo_changes.fit_ferman_pinto(cohorts),
        ("ferman-pinto-rank", 12): placebo_changes.fit_ferman_pinto_rank(cohorts),
        ("conley-taber", 12): placebo_changes.fit_conley_taber(cohorts),
        ("randomization, unit x date, t", 12): randomization.fit(
            cohorts, over="unit x date", statistic="t"
        ),
        ("ratio-series", 3): count_ratios.fit(few),
    }
    for key, answer in answers.items():
        assert found[key].estimate[0] == pytest.approx(answer.estimate, abs=1e-7), key
        p_value, within = answer.p_value, 1e-6
        if key == ("ferman-pinto-rank", 12):
            # Of twelve controls no range goes with the rank, so its p stands in a note.
            (told,) = (note for note in map(str, answer.notes) if note.startswith("rank p "))
            p_value, within = float(told.split()[2].rstrip(";")), 5e-4
        assert found[key].p_value[0] == pytest.approx(p_value, abs=within), key


def test_default_is_honest_on_a_small_run(one_city, worlds, monkeypatch):
    monkeypatch.setattr(one_city, "DRIFT_REPS", 0)
    monkeypatch.setattr(one_city, "SERIES_REPS", 0)
    rows = [
        row
        for row in one_city.study(worlds.STATIONARY, 120)
        if (row.method, row.controls, row.effect) == (DEFAULT, 12, 0.0)
    ]
    assert [row.mean for row in rows] == [2, 8, 25]
    assert max(row.rejected for row in rows) < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 120)


def test_command_writes_table_and_page(one_city, worlds, tmp_path, monkeypatch):
    monkeypatch.setattr(one_city, "DRIFT_REPS", 0)
    monkeypatch.setattr(one_city, "SERIES_REPS", 0)
    rows = one_city.study(worlds.STATIONARY, 4)
    table = tmp_path / "did_one_city.csv"
    one_city.write(rows, table)
    text = table.read_bytes()
    one_city.main(["--report", "--table", str(table)])
    assert table.read_bytes() == text
    assert "`random-effects`" in (tmp_path / "did_one_city.md").read_text(encoding="utf-8")


def test_committed_page_is_that_of_the_committed_table(one_city):
    page = (DOCS / "did_one_city.md").read_text(encoding="utf-8")
    assert page == one_city.report(one_city.read())


def test_default_rejects_three_to_six_percent_in_all_nine_null_cells(committed):
    cells = [committed[DEFAULT, world, mean, 0.0] for world in NINE for mean in (2, 8, 25)]
    assert min(row.reps for row in cells) >= 2000
    assert all(0.03 <= row.rejected <= 0.06 for row in cells)


def test_default_finds_the_effect_in_three_of_four_stationary_cities(committed, worlds):
    assert committed[DEFAULT, "stationary", 8, worlds.EFFECT].rejected >= 0.75


def test_learning_drift_finds_more_in_drifting_cities_and_is_not_wrong_more_often(
    committed, worlds
):
    for world in NINE:
        for mean in (2, 8, 25):
            row = committed[DRIFT, world, mean, 0.0]
            assert row.rejected <= 0.06 + 2 * np.sqrt(0.06 * 0.94 / row.reps)
    for mean, more in ((8, 0.05), (25, 0.10)):
        one, other = (committed[name, "drift", mean, worlds.EFFECT] for name in (DRIFT, DEFAULT))
        assert one.rejected >= other.rejected + more
