"""The synthetic groups have the truth they state, and the triggered ones follow a spike."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from evaluation.data.read import read_panel
from evaluation.numeric.shared import draws
from evaluation.synthetic import DATASETS
from evaluation.synthetic import group_quarter as synthetic

ROOT = Path(__file__).parents[2]
NAMES = ("group_quarter", "group_quarter_triggered")


@pytest.mark.parametrize("name", NAMES)
def test_generator_rewrites_the_committed_files_byte_for_byte(name: str) -> None:
    for path, text in DATASETS[name]().items():
        assert (ROOT / path).read_bytes() == text.encode("utf-8"), path


def test_bytes_do_not_depend_on_the_hash_seed_or_time_zone() -> None:
    script = (
        "import sys; from evaluation.synthetic.group_quarter import files, triggered_files;"
        "sys.stdout.write(''.join([*files().values(), *triggered_files().values()]))"
    )
    elsewhere = os.environ | {"PYTHONHASHSEED": "7", "TZ": "Pacific/Kiritimati"}
    done = subprocess.run(
        [sys.executable, "-c", script], env=elsewhere, capture_output=True, check=True
    )
    texts = [text for name in NAMES for text in DATASETS[name]().values()]
    assert done.stdout.decode("utf-8") == "".join(texts)


@pytest.mark.parametrize("name", NAMES)
def test_committed_table_is_read_by_the_same_reader_as_any_other(name: str) -> None:
    panel = read_panel(ROOT / f"data/synthetic/{name}.csv", ROOT)
    assert panel.units == synthetic.names() and panel.periods == synthetic.quarters()
    assert panel.provenance.sensitivity == "synthetic"
    world = synthetic.TRIGGERED if "triggered" in name else synthetic.STANDARD
    table = synthetic.simulated(world)
    assert (panel.values["shootings"] == table.counts).all()
    assert (panel.values["called_in"] == table.treated).all()
    assert (panel.values["alliance"] == table.alliance[:, None]).all()


def test_no_two_streams_share_their_words(monkeypatch: pytest.MonkeyPatch) -> None:
    first_words = []
    original = draws.stream

    def listening(seed: int, name: str) -> draws.BitGenerator:
        first_words.append(int(original(seed, name).random_raw()))
        return original(seed, name)

    monkeypatch.setattr(draws, "stream", listening)
    synthetic.simulated(synthetic.TRIGGERED)
    # Who is called in, levels, ties and alliances; noise and counts of every group.
    assert len(first_words) == 4 + 2 * synthetic.GROUPS
    assert len(set(first_words)) == len(first_words)


def test_means_differ_from_those_without_effect_by_the_stated_ratios() -> None:
    world, table = synthetic.STANDARD, synthetic.simulated()
    ratio = table.means / table.means_without
    np.testing.assert_allclose(ratio[table.treated], world.rate_ratio, rtol=1e-12)
    np.testing.assert_allclose(ratio[table.exposed], world.spillover, rtol=1e-12)
    assert (ratio[~table.treated & ~table.exposed] == 1).all()


def test_effect_grows_in_equal_steps() -> None:
    world = synthetic.World(phase_in=3, spillover=1.0)
    table = synthetic.simulated(world)
    row = int(np.flatnonzero(table.first == synthetic.CALL_INS[0])[0])
    steps = np.log(table.means / table.means_without)[row, 8:13] / np.log(world.rate_ratio)
    np.testing.assert_allclose(steps, [0.25, 0.5, 0.75, 1, 1], atol=1e-12)


def test_exposed_groups_have_an_ally_called_in_and_were_not_themselves() -> None:
    table = synthetic.simulated()
    for i, t in np.argwhere(table.exposed):
        allies = (table.alliance == table.alliance[i]) & (np.arange(50) != i)
        assert table.first[i] > t and table.first[allies].min() <= t
    sizes = np.bincount(table.alliance)[1:]
    assert sorted(sizes.tolist()) == [1] * 20 + [3] * 10


def test_each_date_calls_in_five_groups() -> None:
    for world in (synthetic.STANDARD, synthetic.TRIGGERED, synthetic.World(triggered=3)):
        first = synthetic.simulated(world, 5).first
        assert [int((first == date).sum()) for date in synthetic.CALL_INS] == [5] * 5


def test_triggered_call_ins_go_to_the_groups_with_the_most_recent_shootings() -> None:
    table = synthetic.simulated(synthetic.TRIGGERED)
    np.testing.assert_array_equal(table.means, table.means_without)
    for date in synthetic.CALL_INS:
        recent = table.counts[:, date - 2 : date].sum(axis=1)
        called = table.first == date
        waiting = table.first > date
        assert recent[called].min() >= recent[waiting].max()


def test_level_trend_and_spread_are_those_stated() -> None:
    tables = [synthetic.simulated(synthetic.World(rate_ratio=1, spillover=1), s) for s in range(60)]
    called = np.array([t.counts[np.isfinite(t.first)].mean() for t in tables])
    others = np.array([t.counts[~np.isfinite(t.first)].mean() for t in tables])
    # Levels of 25 groups with a coefficient of variation of .53: standard error 1.4 % over draws.
    assert called.mean() == pytest.approx(0.45, rel=0.05)
    assert others.mean() == pytest.approx(0.20, rel=0.05)
    ends = np.array([t.means_without[:, [0, -1]].sum(axis=0) for t in tables]).sum(axis=0)
    assert ends[1] / ends[0] == pytest.approx(0.6, rel=0.05)


@pytest.mark.parametrize("name", NAMES)
def test_truth_is_canonical_and_agrees_with_the_means(name: str) -> None:
    text = DATASETS[name]()[f"data/synthetic/{name}.truth.json"]
    truth = json.loads(text)
    assert text == json.dumps(truth, sort_keys=True, indent=1) + "\n"
    world = synthetic.TRIGGERED if truth["triggered"] else synthetic.STANDARD
    table = synthetic.simulated(world)
    saved = table.means_without - table.means
    assert truth["averted"]["treated"] == pytest.approx(saved[table.treated].sum(), rel=1e-5)
    assert truth["averted"]["exposed"] == pytest.approx(saved[table.exposed].sum(), rel=1e-5)
    assert truth["log_rate_ratio"] == pytest.approx(np.log(world.rate_ratio), rel=1e-5)
    assert (
        len(truth["call_ins"]) == 25 == sum(start >= "2010" for start in truth["call_ins"].values())
    )
    rows = list(csv.DictReader(io.StringIO(DATASETS[name]()[f"data/synthetic/{name}.csv"])))
    starts = {row["group"]: row["quarter"] for row in reversed(rows) if row["called_in"] == "1"}
    assert starts == truth["call_ins"]
