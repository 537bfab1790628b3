"""The speed benchmark compares answers as well as seconds, and its page says what it measured."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

PAGE = Path(__file__).parents[2] / "docs/evidence/benchmarks_did.md"
PEERS = {"diff-diff", "differences", "csdid", "pyfixest", "pysyncon"}


@pytest.fixture
def speed(benchmark_module):
    return benchmark_module("speed_did")


@pytest.fixture
def told(benchmark_module):
    return benchmark_module("speed_did_report")


@pytest.fixture
def held(speed):
    return speed.panels(units=60, million=80)


def test_every_case_gives_an_answer_and_a_time(speed, held):
    for case in speed.CASES:
        line = speed.ours(case, held, runs=1)
        assert line.seconds > 0 and not line.fault, case.name
        assert np.isfinite(line.answer["estimate"]), case.name


def test_every_case_is_known_to_the_script_of_the_peers(speed, told, benchmark_module):
    peers = benchmark_module("speed_did_peers")
    wanted = {f"{case.name}:{package}" for case in speed.CASES for package in case.peers}
    assert wanted | {"loop:pyfixest"} == set(peers.CASES)
    assert {name.split(":")[1] for name in peers.CASES} == PEERS
    assert set(told.ALLOWED) <= wanted


def test_counts_are_poisson_about_their_mean(speed):
    panel = speed.drawn("counts", 4000, counts=True)
    y = panel["y"]
    assert (y >= 0).all() and (y % 1 == 0).all()
    untreated = y[np.isinf(panel["first"])]
    # The log mean is .3 times a standard normal level and noise of variance 1 (not in the counts):
    # exp(.3 (z + .02 t)) averages exp(.045) times the mean of exp(.006 t).
    expected = np.exp(0.045) * np.exp(0.006 * np.arange(40)).mean()
    assert untreated.mean() == pytest.approx(expected, rel=0.03)


def test_an_answer_that_differs_is_reported(speed):
    own = speed.Line("cs", "evaluation", seconds=1.0, answer={"estimate": 1.0, "std_error": 0.5})

    def beside(case: str, package: str, estimate: float, error: float | None):
        answer = {"estimate": estimate, "std_error": error}
        return speed.Line(case, package, "1", 2.0, answer)

    close = beside("cs", "csdid", 1 + 1e-8, 0.5)
    assert speed.disagreements([own, close]) == []
    assert "csdid" in speed.disagreements([own, beside("cs", "csdid", 1 + 3e-6, 0.5)])[0]
    assert "csdid" in speed.disagreements([own, beside("cs", "csdid", 1.0, 0.5 + 3e-6)])[0]
    # Nothing to compare is no difference, and neither is a package without an answer.
    assert speed.disagreements([own, beside("cs", "csdid", 1.0, None)]) == []
    assert speed.disagreements([own, speed.Line("cs", "csdid", fault="not there")]) == []
    # An exception holds for what it names alone.
    gardner = speed.Line("gardner-fewer", "evaluation", seconds=1.0, answer=dict(own.answer))
    assert speed.disagreements([gardner, beside("gardner-fewer", "pyfixest", 1 + 1e-5, 0.5)]) == []
    assert speed.disagreements([gardner, beside("gardner-fewer", "diff-diff", 1 + 1e-5, 0.5)])


def test_a_peer_that_is_not_installed_is_a_sentence_and_not_a_crash(speed, tmp_path):
    # Without site-packages there is no numpy: the same as an environment without the peer.
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" -S "$@"\n')
    python.chmod(0o755)
    line = speed.peer(str(python), "cs", "csdid", tmp_path / "none.npz")
    assert "numpy" in line.fault
    own = speed.Line("cs", "evaluation", seconds=1.0, answer={"estimate": 1.0, "std_error": 1.0})
    shuffled = speed.Permuted(10, 1e-6, {"a loop": 2e-3}, 0.0, "Two cities", "3 draws")
    text = speed.page([own, line], shuffled, {}, {"cs": "a case"})
    assert "- csdid: ModuleNotFoundError" in text
    assert "2 ms, 2,000 times as long" in text


def test_permutation_agrees_with_refits(speed, tmp_path):
    found = speed.permuted(None, tmp_path, runs=1, looped=3)
    assert found.assignments == 4368  # 16 choose 5
    assert found.largest < 1e-12
    assert "linearmodels `PanelOLS`" in found.refits


def test_sizes_add_up_what_a_package_needs(speed):
    done = subprocess.run(
        [sys.executable, str(speed.SCRIPT), "sizes", "jinja2,threadpoolctl", "0"],
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout)
    assert set(found) == {"jinja2", "markupsafe", "threadpoolctl"}
    assert 100_000 < found["jinja2"] < 10_000_000


def _rows() -> list[list[str]]:
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    table = [line for line in lines if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table]


def test_committed_page_has_every_peer_slower_at_the_same_answer(speed, told):
    rows, seen, case = _rows(), set(), ""
    names = {one.what: one.name for one in speed.CASES}
    for what, package, _, times, estimate, error in rows:
        if package == "this package":
            case = names[what]
            continue
        name = package.split()[0]
        seen.add(name)
        assert float(times) > 1, (case, package)
        allowed = told.ALLOWED.get(f"{case}:{name}", (told.AGREEMENT, told.AGREEMENT, ""))
        for far, limit in zip((estimate, error), allowed, strict=False):
            assert far == "–" or float(far) <= limit, (case, package)
    assert seen == PEERS
    assert {names[row[0]] for row in rows if row[0]} == {one.name for one in speed.CASES}


def test_committed_page_has_the_ratio_asked_of_the_permutation():
    text = PAGE.read_text(encoding="utf-8")
    ratios = {
        line.split(":")[0]: int(line.split(" ms, ")[1].split()[0].replace(",", ""))
        for line in text.splitlines()
        if line.startswith("- by ") and " ms, " in line
    }
    assert ratios["- by linearmodels `PanelOLS`"] >= 1000
    assert min(value for name, value in ratios.items() if "pyfixest" in name) >= 1000
