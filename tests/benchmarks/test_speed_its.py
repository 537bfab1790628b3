"""The speed benchmark counts what it says, and its page names no machine."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs/evidence"


@pytest.fixture
def speed(benchmark_module):
    return benchmark_module("speed_its")


def test_what_is_timed_is_what_the_page_names(speed):
    found = {line.what: line for line in speed.lines(batch=1000, looped=10, judged=3, runs=1)}
    batched = found["Poisson, batched"]
    loop = found["statsmodels GLM Poisson, loop"]
    assert (batched.each, loop.each) == (1000, 10)
    assert all(line.seconds > 0 for line in found.values())
    # `summary` takes them by their place.
    assert [what.startswith("power: ") for what in found] == [False] * 6 + [True] * 2


def test_page_tells_ratios_and_why_a_peer_is_missing(speed):
    line = speed.Line("x", 2.0, 1000)
    hac = speed.Line("hac", 4.0, 1000)
    found = [line, speed.Line("loop", 1.0, 10), hac, line, line, line, hac, line]
    text = speed.page(found, (4.0, 2), {"fault": "No module named 'causalpy'"})
    assert "is 50 times as fast" in text
    assert "With `learned` that takes 0.5 times" in text
    assert "with `averaged-reml` 1 times" in text
    assert "4.0 seconds" in text
    assert "2.0 each" in text
    assert "No module named 'causalpy'" in text


def test_a_peer_that_is_not_installed_is_a_sentence_and_not_a_crash(speed, tmp_path):
    # Without site-packages there is no numpy: the same as an environment without the peer.
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" -S "$@"\n')
    python.chmod(0o755)
    assert "numpy" in str(speed.peer(str(python), count=2)["fault"])


def test_committed_page_has_the_ratio_that_was_asked_for():
    text = (DOCS / "benchmarks_its.md").read_text(encoding="utf-8")
    ratio = int(text.split("The batched Poisson kernel is ")[1].split()[0])
    assert ratio >= 50


def test_committed_page_has_power_beside_a_loop_of_statsmodels():
    text = (DOCS / "benchmarks_its.md").read_text(encoding="utf-8")
    ratio = float(text.split("With `learned` that takes ")[1].split()[0])
    assert ratio < 1
