"""The benchmark of panels compares the same panel, and keeps the rows it did not measure."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs/how-to/panels.md"


@pytest.fixture
def bench(benchmark_module):
    return benchmark_module("panel")


@pytest.fixture
def incidents(bench, tmp_path: Path) -> Path:
    bench.draw(tmp_path / "drawn", 5_000)
    return tmp_path / "drawn"


def test_pandas_makes_the_same_panel(bench, incidents, benchmark_module, monkeypatch):
    monkeypatch.setenv("BENCHMARK_THREADS", "1")
    peers = benchmark_module("panel_peers")
    assert bench.ours(incidents) == peers.with_pandas(incidents)


def test_what_a_peer_takes_is_measured_in_its_own_process(bench, incidents):
    found = bench.measured(5_000, "pandas", incidents, threads=1, python=sys.executable)
    assert found.fault == ""
    assert 0 < found.seconds < 60
    assert 0.02 < found.gib < 4
    assert len(found.panel) == 64


def test_memory_is_that_of_the_process_and_not_of_the_one_that_started_it(benchmark_module):
    script = benchmark_module("panel_peers").__file__
    code = f"import runpy; print(runpy.run_path({script!r})['gib_at_most']())"
    held = bytearray(400 * 1024**2)
    held[::4096] = b"x" * len(held[::4096])
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert float(done.stdout) < 0.2


def test_a_peer_that_is_not_installed_is_a_sentence_and_not_a_crash(bench, incidents, tmp_path):
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" -S "$@"\n')
    python.chmod(0o755)
    found = bench.measured(5_000, "polars", incidents, threads=1, python=str(python))
    assert "polars" in found.fault
    own = bench.Taken(5_000, bench.OWN, seconds=2.0, gib=0.5, panel="x")
    assert bench.lines([own, found]) == [["5,000", "this package", "2.0", "1.00", "0.50", "1.00"]]


def test_panels_that_differ_stop_the_run(bench, monkeypatch):
    monkeypatch.setattr(
        bench,
        "measured",
        lambda rows, package, folder, **_: bench.Taken(rows, package, "1", 1.0, 1.0, package),
    )
    with pytest.raises(SystemExit, match="differ"):
        bench.compared(100, ("pandas",), python=sys.executable)


def test_rows_of_other_sizes_stay_in_the_table(bench, tmp_path):
    page = Path(shutil.copy(PAGE, tmp_path))
    before = page.read_text(encoding="utf-8")
    kept = [line for line in before.splitlines() if line.startswith("| 50,000,000 ")]
    assert len(kept) == 1
    own = bench.Taken(5_000_000, bench.OWN, seconds=2.0, gib=0.5, panel="x")
    peer = bench.Taken(5_000_000, "pandas", "9.9", 5.0, 1.0, "x")
    bench.page([own, peer], page)
    after = page.read_text(encoding="utf-8")
    assert [line for line in after.splitlines() if line.startswith("| 5")] == [
        "| 5,000,000 | this package | 2.0 | 1.00 | 0.50 | 1.00 |",
        "| 5,000,000 | pandas 9.9 | 5.0 | 2.50 | 1.00 | 2.00 |",
        *kept,
    ]
    marks = ("<!-- table -->", "<!-- end -->")
    for side, mark in zip((0, 1), marks, strict=True):
        assert after.split(mark)[side] == before.split(mark)[side]


def test_committed_page_has_both_sizes_within_four_gib():
    text = PAGE.read_text(encoding="utf-8")
    rows = [
        line.strip("| ").split(" | ") for line in text.splitlines() if "| this package |" in line
    ]
    assert [row[0] for row in rows] == ["5,000,000", "50,000,000"]
    assert all(float(row[4]) < 4 for row in rows)


def test_script_of_the_peers_answers_in_one_line(benchmark_module, incidents):
    script = benchmark_module("panel_peers").__file__
    done = subprocess.run(
        [sys.executable, script, "pandas", str(incidents)],
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert set(json.loads(done.stdout)) == {"processor", "gib", "panel", "version"}
