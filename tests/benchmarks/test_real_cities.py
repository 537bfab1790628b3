"""The study of real cities: its windows, its counting and its page, on invented cities."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

DOCS = Path(__file__).parents[2] / "docs/evidence"
MONTHS = tuple(f"{year}-{month:02}" for year in range(2018, 2025) for month in range(1, 13))[:79]


@pytest.fixture
def data(benchmark_module):
    return benchmark_module("real_data")


@pytest.fixture
def trials(benchmark_module):
    return benchmark_module("real_trials")


@pytest.fixture
def alone(benchmark_module):
    return benchmark_module("real_alone")


@pytest.fixture
def compared(benchmark_module):
    return benchmark_module("real_compared")


@pytest.fixture
def study(benchmark_module):
    return benchmark_module("real_cities")


@pytest.fixture
def invented(data):
    """Sixteen cities with 20 robberies a month and nothing else."""
    y = np.random.default_rng(1).poisson(20, (16, len(MONTHS))).astype(float)
    names = tuple(f"City {number}" for number in range(16))
    return data.Counts(data.ERA, "robbery", names, MONTHS, y)


def written(folder: Path, data, rows: list[str]) -> None:
    heads = "agency,month,murder,robbery,aggravated_assault,motor_vehicle_theft"
    (folder / data.CITIES).write_text("\n".join([heads, *rows]) + "\n", encoding="utf-8")


def test_without_the_counts_one_line_says_so(study, data, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("CEASEFIRE_REFERENCE_DATA", str(tmp_path))
    study.main(["--designs", "alone", "--eras", "cities", "--table", str(tmp_path / "a.csv")])
    said = capsys.readouterr().out
    assert said.startswith("alone, cities: left out: real_cities_month_2018_2024.csv is not at")
    assert len(said.splitlines()) == 1 and not (tmp_path / "real_cities.md").exists()


def test_agencies_with_gaps_and_corrections_are_left_out(data, tmp_path, monkeypatch):
    monkeypatch.setenv("CEASEFIRE_REFERENCE_DATA", str(tmp_path))
    counts = {"whole": [30, 31, 29], "gap": [60, 0, 59], "below": [30, -1, 29], "late": [30, 31]}
    rows = [
        f"{name},2018-{month + 1:02},9,{value},9,9"
        for name, values in counts.items()
        for month, value in enumerate(values)
    ]
    written(tmp_path, data, rows)
    by_offense = {one.offense: one.names for one in data.cities()}
    assert by_offense["robbery"] == ("whole",)
    assert by_offense["murder"] == ("below", "gap", "whole")


def test_halves_are_by_name_and_other_years_are_held_back(data, invented):
    halves = [data.half_of(invented, name) for name in invented.names]
    assert set(halves) == {data.CHOSEN, data.HELD}
    other = replace(invented, era=data.ERA_IN_CALIFORNIA)
    assert {data.half_of(other, name) for name in other.names} == {data.HELD}


def test_a_sample_is_part_of_a_larger_one(trials):
    drawn = {
        share: {n for n in range(2000) if trials.sampled(share, "a", n)} for share in (0.1, 0.3)
    }
    assert drawn[0.1] < drawn[0.3]
    assert len(drawn[0.3]) == pytest.approx(600, abs=80)
    assert all(trials.sampled(1.0, n) for n in range(100))


def test_events_are_taken_out_after_the_start_alone(alone, trials):
    y = np.full(48, 1000.0)
    once = alone.with_effect(y, 24, trials.AT_ONCE, 12, "a")
    slow = alone.with_effect(y, 24, trials.GROWING, 12, "a")
    assert np.array_equal(once[:24], y[:24]) and np.array_equal(slow[:24], y[:24])
    assert once[24:].mean() == pytest.approx(700, abs=15)
    assert slow[24] == pytest.approx(975, abs=25) and slow[36:].mean() == pytest.approx(700, abs=20)
    assert np.array_equal(once, alone.with_effect(y, 24, trials.AT_ONCE, 12, "a"))
    assert alone.with_effect(y, 24, trials.NONE, 12, "a") is y


def test_a_range_over_shared_dates_is_wider_than_over_independent_windows(trials):
    cities, dates = (part.ravel() for part in np.meshgrid(np.arange(40), np.arange(5)))
    # All cities find something at one of the dates: one finding, not forty.
    low, high = trials.shared_range(dates == 0, cities.astype(str), dates.astype(str))
    assert low == 0 and high >= 0.5
    spread = np.random.default_rng(2).random(200) < 0.2
    apart = trials.shared_range(spread, np.arange(200).astype(str), np.arange(200).astype(str))
    assert apart[1] - apart[0] < (high - low) / 2
    assert trials.shared_range(dates == 0, cities.astype(str), dates.astype(str)) == (low, high)


def test_every_method_of_the_tables_is_asked(alone, compared):
    from evaluation.did import METHODS as DID
    from evaluation.its import METHODS as ITS

    counted = {name for name, method in ITS.items() if "count" in method.kinds}
    assert set(alone.methods()) | set(alone.ONLY_NAMED) == counted
    one = {name for name, method in DID.items() if method.treated == "one unit"}
    assert one <= set(compared.methods()) and set(compared.HABITS) <= set(compared.methods())


def test_windows_have_what_was_asked_for(alone, invented):
    found = list(alone.windows(invented, 1.0))
    spans = {(window.start, at, len(y)) for window, y, at, _ in found}
    assert all(18 <= at <= 60 and length - at >= 6 for _, at, length in spans)
    # Sixteen cities in each, and no window twice.
    assert len(found) == 16 * len({window.key[3:6] for window, *_ in found})
    share = np.mean([window.bad for window, *_ in found if window.before >= 24])
    assert share == pytest.approx(0.25, abs=0.05)


def test_one_city_is_counted_by_what_methods_find(alone, trials, invented):
    found = alone.trials([invented], share=0.05, names=("quasi-poisson", "poisson"))
    rows = [row for row in trials.rows(found) if (row.by, row.half) == ("all", trials.BOTH)]
    by = {(row.method, row.effect): row for row in rows}
    assert by["quasi-poisson", trials.NONE].found < 0.2
    assert by["quasi-poisson", trials.NONE].covered > 0.8
    assert by["quasi-poisson", trials.AT_ONCE].estimate == pytest.approx(np.log(0.7), abs=0.15)
    assert np.isnan(by["quasi-poisson", trials.GROWING].covered)
    assert by["poisson", trials.NONE].trials == len(found.windows)


def test_batched_forecasts_are_those_of_the_methods(benchmark_module, compared, invented):
    batch = benchmark_module("compared_batch")
    groups = [g for g in compared.groups(invented, 1.0) if not g.windows[0][0].controls]
    group = groups[0]
    own = group.treated("none")
    found = compared._together(group, own, batch.BATCHED)
    known = compared.methods()
    for name in batch.BATCHED:
        answer = compared._answer(known[name], group.cohorts(own[0], group.windows[0][2]))
        # The treated city is pooled with the others in the batch.
        assert found[name][0] == pytest.approx(answer, rel=0.02, abs=1.0)


def test_one_city_beside_others_is_never_beside_the_other_half(compared, data, invented):
    for group in compared.groups(invented, 1.0):
        halves = {data.half_of(invented, name) for name in group.counts.names}
        assert len(halves) == 1
        for window, row, beside in group.windows:
            assert row not in beside and len(set(beside)) == len(beside)
            assert len(beside) == (window.controls or len(group.counts.names) - 1)


def test_page_and_figures_are_made_of_rows_alone(study, trials, alone, invented, tmp_path):
    found = alone.trials([invented], share=0.2, names=("quasi-poisson", "poisson"))
    table = tmp_path / "real_cities.csv"
    rows = study.write(trials.rows(found), table)
    written_once = table.read_bytes()
    study.write(rows, table)
    assert table.read_bytes() == written_once
    study.main(["--report", "--table", str(table)])
    page = (tmp_path / "real_cities.md").read_text("utf-8")
    assert "`quasi-poisson`" in page and "windows apart" in page and "did not help" in page
    first = (tmp_path / "real_cities.svg").read_bytes()
    for name in ("real_cities.svg", "real_cities_power.svg"):
        ElementTree.parse(tmp_path / name)
    study.main(["--report", "--table", str(table)])
    assert (tmp_path / "real_cities.svg").read_bytes() == first


def test_the_committed_page_is_that_of_the_committed_table(study, benchmark_module):
    rows = study.read()
    if not rows:
        pytest.skip("docs/evidence/real_cities.csv is not there")
    report = benchmark_module("real_cities_report")
    assert (DOCS / "real_cities.md").read_text("utf-8") == report.report(rows)


def test_the_real_counts_are_as_they_were_when_measured(data):
    try:
        found = {one.offense: len(one.names) for one in data.cities()}
    except data.NotHere as fault:
        pytest.skip(str(fault))
    assert found == {
        "murder": 50,
        "robbery": 158,
        "aggravated assault": 177,
        "vehicle theft": 178,
    }
