"""The synthetic places have the truth they state, and methods that should find it do."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from evaluation.data.panel import Panel
from evaluation.data.read import read_panel
from evaluation.did import poisson_imputation, spillover
from evaluation.did.cohorts import Cohorts
from evaluation.numeric.shared import draws
from evaluation.synthetic import DATASETS
from evaluation.synthetic import place_month as synthetic

ROOT = Path(__file__).parents[2]
WORLDS = {
    "place_month": synthetic.STANDARD,
    "place_month_displaced": synthetic.DISPLACED,
    "place_month_null": synthetic.NOTHING,
}


@cache
def _files(name: str) -> dict[str, str]:
    return DATASETS[name]()


@cache
def _panel(name: str) -> Panel:
    return read_panel(ROOT / f"data/synthetic/{name}.csv", ROOT)


def _truth(name: str) -> dict:
    return json.loads(_files(name)[f"data/synthetic/{name}.truth.json"])


def _cohorts(name: str) -> Cohorts:
    return Cohorts.from_panel(
        _panel(name), outcome="violent_incidents", treatment="treated", covariates=("x", "y")
    )


@pytest.mark.parametrize("name", WORLDS)
def test_generator_rewrites_the_committed_files_byte_for_byte(name: str) -> None:
    for path, text in _files(name).items():
        assert (ROOT / path).read_bytes() == text.encode("utf-8"), path


def test_bytes_do_not_depend_on_the_hash_seed_or_time_zone() -> None:
    script = (
        "import sys; from evaluation.synthetic.place_month import displaced_files;"
        "sys.stdout.write(''.join(displaced_files().values()))"
    )
    elsewhere = os.environ | {"PYTHONHASHSEED": "7", "TZ": "Pacific/Kiritimati"}
    done = subprocess.run(
        [sys.executable, "-c", script], env=elsewhere, capture_output=True, check=True
    )
    assert done.stdout.decode("utf-8") == "".join(_files("place_month_displaced").values())


@pytest.mark.parametrize("name", WORLDS)
def test_committed_table_is_read_by_the_same_reader_as_any_other(name: str) -> None:
    panel, table = _panel(name), synthetic.simulated(WORLDS[name])
    assert panel.units == synthetic.names() and panel.periods == synthetic.months()
    assert panel.provenance.sensitivity == "synthetic"
    # Nothing of the truth is among the columns.
    assert set(panel.values) == {"violent_incidents", "population", "x", "y", "treated"}
    assert (panel.values["violent_incidents"] == table.counts).all()
    assert (panel.values["population"] == table.population).all()
    assert (panel.values["treated"] == table.treated).all()
    for axis, column in enumerate("xy"):
        assert (panel.values[column] == table.position[:, [axis]]).all()


def test_no_two_streams_share_their_words(monkeypatch: pytest.MonkeyPatch) -> None:
    first_words = []
    original = draws.stream

    def listening(seed: int, name: str) -> draws.BitGenerator:
        first_words.append(int(original(seed, name).random_raw()))
        return original(seed, name)

    monkeypatch.setattr(draws, "stream", listening)
    synthetic.simulated()
    # Positions, residents, rates and the shock; noise and counts of every place.
    assert len(first_words) == 4 + 2 * synthetic.PLACES
    assert len(set(first_words)) == len(first_words)


def test_means_differ_from_those_without_effect_by_the_stated_ratios() -> None:
    world, table = synthetic.DISPLACED, synthetic.simulated(synthetic.DISPLACED)
    ratio = table.means / table.means_without
    for start, stated in zip(synthetic.NEIGHBORHOODS, world.rate_ratios, strict=True):
        own = table.first == start
        assert own.sum() == 8
        whole = own[:, None] & (table.event >= world.phase_in)
        np.testing.assert_allclose(ratio[whole], stated, rtol=1e-12)
        steps = np.log(ratio[own][:, start : start + 6]) / np.log(stated)
        np.testing.assert_allclose(steps, np.tile(np.arange(1, 7) / 6, (8, 1)), atol=1e-12)
    np.testing.assert_allclose(ratio[table.exposed], world.spillover, rtol=1e-12)
    assert (ratio[~table.treated & ~table.exposed] == 1).all()


def test_exposed_places_are_the_untreated_ones_within_the_ring_of_a_treated_one() -> None:
    table = synthetic.simulated(synthetic.DISPLACED)
    ever = np.isfinite(table.first)
    for i in range(synthetic.PLACES):
        # The slow way: one place and month after another.
        apart = [float(np.hypot(*(table.position[i] - table.position[j]))) for j in range(100)]
        near = [
            table.first[j] for j in range(100) if j != i and ever[j] and apart[j] <= synthetic.RING
        ]
        begin = min(near, default=np.inf)
        expected = [t >= begin and t < table.first[i] for t in range(96)]
        assert table.exposed[i].tolist() == expected
    # Enough places are neither, in every month, to compare with.
    assert (~table.treated & ~table.exposed).sum(axis=0).min() >= 30


def test_levels_trend_shock_and_persistence_are_those_stated() -> None:
    tables = [synthetic.simulated(synthetic.NOTHING, seed) for seed in range(40)]
    ever = np.isfinite(tables[0].first)
    means = np.array([[t.means[ever].mean(), t.means[~ever].mean()] for t in tables])
    # 24 and 76 places with a coefficient of variation of about .65 over 40 draws: errors of 2.1 and
    # 1.2 %, and .9 % of the shared shock.
    assert means[:, 0].mean() == pytest.approx(1.1, rel=0.07)
    assert means[:, 1].mean() == pytest.approx(0.7, rel=0.05)
    assert np.mean([t.counts.mean() for t in tables]) == pytest.approx(0.8, rel=0.05)
    logs = np.array([np.log(t.means / t.population) for t in tables])
    years = logs.reshape(40, 100, 8, 12).mean(axis=(0, 1, 3))
    # Seven of the eight years of the trend; the shock of 40 draws has an error of .02.
    assert years[-1] - years[0] == pytest.approx(np.log(0.8) * 84 / 95, abs=0.06)
    season = logs.reshape(40, 100, 8, 12).mean(axis=(0, 1, 2))
    assert season[[6, 7]].min() - season[[0, 1]].max() == pytest.approx(0.28, abs=0.06)
    own = logs - logs.mean(axis=1, keepdims=True)
    own -= own.mean(axis=2, keepdims=True)
    # Means of 96 months taken out lower both a little.
    assert own.std() == pytest.approx(synthetic.NOISE_DEVIATION, rel=0.04)
    lag = (own[:, :, 1:] * own[:, :, :-1]).mean() / (own**2).mean()
    assert lag == pytest.approx(synthetic.RHO, abs=0.03)
    away = np.array([(t.counts - t.means) ** 2 / t.means for t in tables])
    assert away.mean() == pytest.approx(synthetic.DISPERSION, rel=0.01)


@pytest.mark.parametrize("name", WORLDS)
def test_truth_is_canonical_and_agrees_with_the_means(name: str) -> None:
    text = _files(name)[f"data/synthetic/{name}.truth.json"]
    truth = _truth(name)
    assert text == json.dumps(truth, sort_keys=True, indent=1) + "\n"
    assert "-0.0," not in text
    table = synthetic.simulated(WORLDS[name])
    treated, exposed = table.treated, table.exposed
    saved = table.means_without - table.means
    assert truth["averted"]["treated"] == pytest.approx(saved[treated].sum(), rel=1e-5)
    assert truth["averted"]["exposed"] == pytest.approx(saved[exposed].sum(), rel=1e-5)
    assert truth["averted"]["total"] == pytest.approx(saved[treated | exposed].sum(), rel=1e-5)
    assert truth["difference_per_cell"] == pytest.approx(-saved[treated].mean(), rel=1e-5)
    ratio = table.means[treated].sum() / table.means_without[treated].sum()
    assert truth["log_ratio_treated"] == pytest.approx(np.log(ratio), rel=1e-5)
    assert truth["percent_treated"] == pytest.approx(100 * (ratio - 1), rel=1e-5)
    by_event = truth["log_ratio_by_event_time"]
    assert len(by_event) == 96 - 36
    for time in (0, 7, 30, 59):
        rows = [i for i in range(100) if table.first[i] + time < 96]
        columns = [int(table.first[i]) + time for i in rows]
        ratio = table.means[rows, columns].sum() / table.means_without[rows, columns].sum()
        assert by_event[time] == pytest.approx(np.log(ratio), rel=1e-5, abs=1e-12)
    rows = csv.DictReader(io.StringIO(_files(name)[f"data/synthetic/{name}.csv"]))
    begun: dict[str, str] = {}
    for row in rows:
        if row["treated"] == "1":
            begun.setdefault(row["place"], row["month"])
    stated = {place: start for start, own in truth["cohorts"].items() for place in own["places"]}
    assert begun == stated and len(begun) == 24


@pytest.mark.parametrize("name", ["place_month", "place_month_null"])
def test_poisson_imputation_finds_the_truth_of_the_committed_table(name: str) -> None:
    answer = poisson_imputation.fit(_cohorts(name))
    truth = _truth(name)["log_ratio_treated"]
    assert answer.low < truth < answer.high
    # 24 places of one incident a month each: the error of the log ratio is about .07.
    assert answer.estimate == pytest.approx(truth, abs=0.1)
    assert answer.objection is None
    assert (answer.p_value < 0.05) == (name == "place_month")


def test_displaced_violence_is_found_in_the_ring_and_taken_off_the_total() -> None:
    cohorts, truth = _cohorts("place_month_displaced"), _truth("place_month_displaced")
    answer = spillover.fit(cohorts, place=("x", "y"), rings=(synthetic.RING,))
    found = {term.name: term for term in answer.terms}
    beside = found["spillover on those within 0.8"]
    total = found["total, treated and exposed"]
    assert answer.low < truth["log_ratio_treated"] < answer.high
    assert beside.low < truth["spillover_log_rate_ratio"] < beside.high
    assert total.low < truth["log_ratio_total"] < total.high
    # Exposed places taken for controls rise, which makes the treated look as if they fell more.
    plain = poisson_imputation.fit(cohorts).estimate
    assert plain < answer.estimate - 0.02
    assert plain < truth["log_ratio_treated"]
