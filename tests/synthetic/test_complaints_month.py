"""The synthetic districts have the truth they state, and go through the same reader and methods."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from evaluation import did, its
from evaluation.data.read import read_panel
from evaluation.synthetic import complaints_month as synthetic

ROOT = Path(__file__).parents[2]


def test_generator_rewrites_the_committed_files_byte_for_byte() -> None:
    for path, text in synthetic.files().items():
        assert (ROOT / path).read_bytes() == text.encode("utf-8"), path


def test_committed_table_is_read_by_the_same_reader_as_any_other() -> None:
    panel = read_panel(ROOT / f"{synthetic.FILE}.csv", ROOT)
    assert panel.units == synthetic.names() and panel.periods == synthetic.months()
    assert panel.provenance.sensitivity == "synthetic"
    table = synthetic.simulated()
    for one in synthetic.MEASURES:
        assert (panel.values[one.column] == table.counts[one.column]).all()
    assert (panel.values["population"] == table.population).all()
    assert panel.values["program"].sum() == len(synthetic.months()) - 60


def test_means_differ_by_the_stated_ratios_where_and_when_they_should() -> None:
    table = synthetic.simulated()
    start = synthetic.months().index(synthetic.START)
    for one in synthetic.MEASURES:
        ratio = table.means[one.column] / table.means_without[one.column]
        assert (ratio[1:] == 1).all() and (ratio[0, :start] == 1).all()
        steps = np.log(ratio[0, start : start + 7]) / np.log(one.rate_ratio)
        np.testing.assert_allclose(steps, [*(np.arange(1, 7) / 6), 1], rtol=1e-9)


def test_complaints_rise_with_trust_and_the_good_direction_is_declared() -> None:
    better = {one.column: (one.better, one.rate_ratio) for one in synthetic.MEASURES}
    assert better["complaints"] == ("higher", 1.20)
    assert all((good == "higher") == (ratio > 1) for good, ratio in better.values())


def test_truth_is_canonical_and_agrees_with_the_means() -> None:
    text = synthetic.files()[f"{synthetic.FILE}.truth.json"]
    truth = json.loads(text)
    assert text == json.dumps(truth, sort_keys=True, indent=1) + "\n"
    table = synthetic.simulated()
    for one in synthetic.MEASURES:
        gone = table.means_without[one.column] - table.means[one.column]
        assert truth["measures"][one.column]["averted"] == pytest.approx(gone.sum(), rel=1e-5)


def test_difference_in_differences_finds_the_ratios_on_average() -> None:
    first = np.full(synthetic.DISTRICTS, did.NEVER)
    first[0] = synthetic.months().index(synthetic.START)
    off = []
    for seed in range(12):
        table = synthetic.simulated(seed)
        for one in synthetic.MEASURES[:3]:
            panel = did.Cohorts.from_arrays(
                table.counts[one.column], first, exposure=table.population, kind="count"
            )
            gone = table.means[one.column], table.means_without[one.column]
            truth = np.log(gone[0][0, 60:].sum() / gone[1][0, 60:].sum())
            effect = did.estimate(panel)
            off.append((effect.estimate - truth) / effect.std_error)
    # The mean of 36 ratios to their standard error, most of them no more than two.
    assert abs(np.mean(off)) < 0.5 and np.mean(np.abs(off) < 2) > 0.85


def test_interrupted_time_series_takes_the_treated_district() -> None:
    table = synthetic.simulated()
    series = its.Series.from_arrays(
        table.counts["gunshot_calls"][0],
        start=synthetic.months().index(synthetic.START),
        exposure=table.population[0],
        first=synthetic.FIRST,
    )
    effect = its.estimate(series)
    truth = np.log(1.15)
    assert effect.low < truth < effect.high and effect.estimate > 0
