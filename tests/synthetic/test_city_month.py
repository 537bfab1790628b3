"""The synthetic Oakland has the truth it states, and what is published about such series."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from evaluation.its.series import Series, Specification
from evaluation.numeric.shared import draws
from evaluation.synthetic import city_month as synthetic

ROOT = Path(__file__).parents[2]
SEEDS = range(300)
START = synthetic.months().index(synthetic.START)
SETTLED = START + synthetic.PHASE_IN


@pytest.fixture(scope="module")
def many() -> list[synthetic.Simulated]:
    return [synthetic.simulated(seed) for seed in SEEDS]


@pytest.fixture(scope="module")
def oakland(many: list[synthetic.Simulated]) -> Callable[[str], np.ndarray]:
    """(300, 156) counts of the treated city for an outcome."""
    return lambda outcome: np.array([table.counts[outcome][0] for table in many])


def test_generator_rewrites_the_committed_files_byte_for_byte() -> None:
    for path, text in synthetic.files().items():
        assert (ROOT / path).read_bytes() == text.encode("utf-8"), path


@pytest.mark.parametrize("hash_seed", ["1", "4242"])
def test_bytes_do_not_depend_on_the_hash_seed_or_time_zone(hash_seed: str) -> None:
    script = (
        "import sys; from evaluation.synthetic.city_month import files;"
        "sys.stdout.write(''.join(files().values()))"
    )
    elsewhere = os.environ | {"PYTHONHASHSEED": hash_seed, "TZ": "Pacific/Kiritimati"}
    done = subprocess.run(
        [sys.executable, "-c", script], env=elsewhere, capture_output=True, check=True
    )
    assert done.stdout.decode("utf-8") == "".join(synthetic.files().values())


def test_another_seed_gives_another_table() -> None:
    assert synthetic.city_month(1)[0] != synthetic.city_month(2)[0]


def test_no_two_streams_share_their_words(monkeypatch: pytest.MonkeyPatch) -> None:
    first_words = []
    original = draws.stream

    def listening(seed: int, name: str) -> draws.BitGenerator:
        first_words.append(int(original(seed, name).random_raw()))
        return original(seed, name)

    monkeypatch.setattr(draws, "stream", listening)
    synthetic.simulated()
    # One drift shared and one a city; noise and counts for each of two outcomes and 13 cities.
    assert len(first_words) == 1 + 13 + 2 * 2 * 13
    assert len(set(first_words)) == len(first_words)


def test_only_oakland_is_treated_and_only_from_the_start() -> None:
    rows = list(csv.DictReader(io.StringIO(synthetic.city_month()[0])))
    assert len(rows) == 13 * 156
    treated = {(row["city"], row["month"]) for row in rows if row["ceasefire"] == "1"}
    assert treated == {("Oakland (synthetic)", month) for month in synthetic.months()[START:]}


def test_every_city_is_named_as_synthetic() -> None:
    names = [city.name for city in synthetic.CITIES]
    assert len(set(names)) == 13
    assert all(name.endswith("(synthetic)") for name in names)


def test_means_differ_from_those_without_effect_in_oakland_after_the_start_alone() -> None:
    table = synthetic.simulated()
    for outcome in synthetic.OUTCOMES:
        name = outcome.column
        ratio = table.means[name] / table.means_without[name]
        assert (ratio[1:] == 1).all()
        assert (ratio[0, :START] == 1).all()
        assert (ratio[0, START:] < 1).all()
        np.testing.assert_allclose(ratio[0, SETTLED:], outcome.rate_ratio, rtol=1e-12)


def test_ramp_is_the_one_that_the_estimators_use() -> None:
    series = Series.from_arrays(
        np.ones(len(synthetic.months())),
        start=START,
        first=synthetic.FIRST,
        specification=Specification(phase_in=synthetic.PHASE_IN),
    )
    assert (series.x[:, series.names.index("level")] == synthetic.ramp()).all()


def test_truth_is_canonical_and_agrees_with_the_means() -> None:
    text = synthetic.files()[f"{synthetic.FILE}.truth.json"]
    truth = json.loads(text)
    assert text == json.dumps(truth, sort_keys=True, indent=1) + "\n"
    assert truth["seed"] == 20121018
    assert truth["bit_generator"] == "PCG64DXSM"
    assert truth["start"] == "2012-10"
    assert truth["ramp"] == [0.25, 0.5, 0.75, 1.0]
    assert truth["comparison_log_rate_ratio"] == 0
    table = synthetic.simulated()
    for name, stated in truth["outcomes"].items():
        share = 1 - np.exp(stated["log_rate_ratio"] * synthetic.ramp()[START:])
        averted = float((table.means_without[name][0, START:] * share).sum())
        # Both are stated to six significant digits, each up to 5e-6 off.
        assert stated["averted"] == pytest.approx(averted, rel=1e-5)
        percent = 100 * np.expm1(stated["log_rate_ratio"])
        assert stated["percent"] == pytest.approx(percent, abs=1e-3)
        assert float(f"{stated['averted']:.6g}") == stated["averted"]


def test_oakland_has_eight_gun_homicides_a_month_before(
    oakland: Callable[[str], np.ndarray],
) -> None:
    # The mean of 300 series, each drifting by about .06 on the log scale: standard error .4 %.
    assert oakland("gun_homicides")[:, :START].mean() == pytest.approx(8.0, rel=0.02)


def test_dispersion_before_is_the_published_one(oakland: Callable[[str], np.ndarray]) -> None:
    truth = synthetic.city_month()[1]["outcomes"]
    for name in ("gun_homicides", "nonfatal_shootings"):
        counts = oakland(name)[:, :60].reshape(-1, 5, 12).astype(float)
        # Year and month effects of a balanced table, the way the published 1.16 was measured.
        expected = (
            counts.sum(axis=2, keepdims=True)
            * counts.sum(axis=1, keepdims=True)
            / counts.sum(axis=(1, 2), keepdims=True)
        )
        pearson = ((counts - expected) ** 2 / expected).sum(axis=(1, 2)) / (4 * 11)
        # One series has a standard error of about sqrt(2/44) times the dispersion, .25 and .34;
        # the mean of 300 has .014 and .020.
        assert pearson.mean() == pytest.approx(truth[name]["dispersion_with_noise"], abs=0.06)
    assert truth["gun_homicides"]["dispersion_with_noise"] == 1.16


def test_season_has_the_published_amplitude_and_peak(
    oakland: Callable[[str], np.ndarray],
) -> None:
    counts = oakland("gun_homicides")[:, :60].reshape(-1, 5, 12)
    log_means = np.log(counts.mean(axis=(0, 1)))
    angle = 2 * np.pi * np.arange(1, 13) / 12
    wave = np.mean(log_means * np.exp(1j * angle)) * 2
    # 12,000 events a month of the year: standard error .004, and .06 months for the peak.
    assert abs(wave) == pytest.approx(0.14, abs=0.02)
    assert np.angle(wave) % (2 * np.pi) * 12 / (2 * np.pi) == pytest.approx(7.5, abs=0.3)


def test_nonfatal_shootings_stand_to_homicides_as_published(
    many: list[synthetic.Simulated],
) -> None:
    for i, city in enumerate(synthetic.CITIES):
        fatal, other = (
            sum(int(table.counts[outcome.column][i, :START].sum()) for table in many)
            for outcome in synthetic.OUTCOMES
        )
        # The smallest city has 20,700 homicides over all seeds: standard error .8 %.
        assert other / fatal == pytest.approx(city.ratio, rel=0.04)
        assert 4.4 <= city.ratio <= 6.6


def test_comparison_cities_run_from_one_to_25_homicides_a_month() -> None:
    sizes = [city.homicides for city in synthetic.CITIES[1:]]
    assert (min(sizes), max(sizes), len(sizes)) == (1.0, 25.0, 12)


def test_counts_hold_the_stated_effect(many: list[synthetic.Simulated]) -> None:
    for outcome in synthetic.OUTCOMES:
        name = outcome.column
        seen = sum(table.counts[name][:, SETTLED:].sum(axis=1) for table in many)
        without = sum(table.means_without[name][:, SETTLED:].sum(axis=1) for table in many)
        # Oakland has 140,000 homicides after: standard error .3 %. The smallest city has 25,000,
        # .7 %, and its ratio is 1: no effect.
        assert seen[0] / without[0] == pytest.approx(outcome.rate_ratio, rel=0.015)
        np.testing.assert_allclose(seen[1:] / without[1:], 1.0, rtol=0.03)


def test_rates_fall_by_one_percent_a_year_in_the_middle_of_all_draws(
    many: list[synthetic.Simulated],
) -> None:
    logs = np.log(
        [table.means_without["gun_homicides"][0] / table.population[0] for table in many]
    ).mean(axis=0)
    # First and last whole year, twelve years apart; drift leaves a standard error of .0006 a year.
    yearly = (logs[-12:].mean() - logs[:12].mean()) / 12
    assert yearly == pytest.approx(synthetic.TREND_PER_YEAR, abs=0.003)
