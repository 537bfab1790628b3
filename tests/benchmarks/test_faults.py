"""Some operations of some verbs on files fail or are the last before a kill, each time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.fault_cases import CASES, WITHOUT
from benchmarks.faults import BEGIN, END, PAGE, Tried, told
from benchmarks.interruptions import TOGETHER, Found, page
from evaluation.cli import _parser
from evaluation.cli.help_verbs import verbs_of

ROOT = Path(__file__).parents[2]
# Quick ones: a folder, and several files together; the rest is `make faults`.
QUICK = ("new", "panel again")


def test_all_is_old_or_new_and_the_same_verb_ends_it(tmp_path):
    rows = tmp_path / "rows"
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.faults", "--of", "3", "--keep", str(rows), *QUICK],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = [Tried(**json.loads(line)) for line in rows.read_text("utf-8").splitlines()]
    assert [(one.name, one.fails + one.kills, one.wrong) for one in found] == [
        (name, 3, []) for name in QUICK
    ]
    assert all(one.operations > 10 and 0 < one.states <= 3 for one in found)


def test_the_page_tells_of_verbs_that_there_are_and_nothing_that_did_not_hold():
    text = PAGE.read_text(encoding="utf-8")
    rows = text[text.index(BEGIN) : text.index(END)].strip().splitlines()[3:]
    cells = [[cell.strip(" `") for cell in row.strip("|").split("|")] for row in rows]
    names = [one.name for one in CASES]
    assert cells[-1][0] == "all" and {row[0] for row in cells[:-1]} <= set(names)
    assert [row for row in cells if row[-1] != "0"] == []


def test_what_did_not_hold_is_in_the_table():
    found = [Tried("new", 3, 3, 2, 4, ["x is neither"]), Tried("plan", 1, 1, 1, 1)]
    assert told(found).splitlines()[-1] == "| all | 4 | 4 | 3 | 5 | 1 |"
    signals = Found(3, wrong=["x is neither"])
    signals.ends.update(["interrupted", "interrupted", "exit 0"])
    assert page(signals, Found()).splitlines()[2] == (
        "| a signal at a random moment | 3 | 1 exit 0, 2 interrupted | 1 |"
    )


@pytest.mark.parametrize("case", (*CASES, *TOGETHER), ids=lambda one: one.name)
def test_every_case_is_a_verb(case):
    parsed = _parser().parse_args(list(case.words))
    assert parsed.called in case.words


def test_every_verb_has_a_row_or_a_reason_to_have_none():
    verbs = set(verbs_of(_parser()))
    tried = {_parser().parse_args(list(case.words)).called for case in CASES}
    assert tried | set(WITHOUT) == verbs and tried & set(WITHOUT) == set()
