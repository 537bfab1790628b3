"""Some operations of some verbs on files fail or are the last before a kill, each time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.faults import BEGIN, CASES, END, PAGE, Tried, told

ROOT = Path(__file__).parents[2]
# Quick ones: a folder, and several files together; the rest is `make faults`.
QUICK = ("new", "panel again")


def test_all_is_old_or_new_and_the_same_verb_ends_it():
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.faults", "--of", "2", "--json", *QUICK],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = {
        name: (fails + kills, wrong) for name, _, fails, kills, wrong in json.loads(done.stdout)
    }
    assert found == dict.fromkeys(QUICK, (2, []))


def test_the_page_tells_of_verbs_that_there_are_and_nothing_that_did_not_hold():
    page = PAGE.read_text(encoding="utf-8")
    rows = page[page.index(BEGIN) : page.index(END)].strip().splitlines()[3:]
    cells = [[cell.strip(" `") for cell in row.strip("|").split("|")] for row in rows]
    names = [one.name for one in CASES]
    assert cells[-1][0] == "all" and {row[0] for row in cells[:-1]} <= set(names)
    assert [row for row in cells if row[-1] != "0"] == []


def test_what_did_not_hold_is_in_the_table():
    found = [Tried("new", 3, 3, 2, ["x is neither"]), Tried("plan", 1, 1, 1)]
    assert told(found).splitlines()[-1] == "| all | 4 | 4 | 3 | 1 |"


@pytest.mark.parametrize("case", CASES, ids=lambda one: one.name)
def test_every_case_is_a_verb(case):
    from evaluation.cli import _parser

    parsed = _parser().parse_args(list(case.words))
    assert parsed.called in case.words
