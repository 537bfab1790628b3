"""Whatever runs out, and wherever, is exit 4 and a sentence; a bug stays a traceback."""

from __future__ import annotations

import errno
import re
import subprocess
import sys

import duckdb
import numpy as np
import pyarrow
import pytest

from evaluation import cli
from evaluation.cli.lacking import of_the_machine


@pytest.mark.parametrize(
    ("fault", "code", "words"),
    [
        (MemoryError(), 4, "memory does not suffice"),
        (np._core._exceptions._ArrayMemoryError((1 << 40,), np.dtype(float)), 4, "memory"),
        (OSError(errno.ENOSPC, "No space left on device", "/a/b.csv"), 4, "b.csv: .*Free some"),
        (OSError(errno.EMFILE, "Too many open files"), 4, "a file: .*ulimit -n"),
        (OSError(errno.ENAMETOOLONG, "File name too long", "x" * 300), 2, "File name too long"),
        (RuntimeError("can't start new thread"), 4, "ulimit -u"),
        (pyarrow.ArrowException("Unknown error: Failed to launch worker thread: x"), 4, "ulimit"),
        (ImportError("libx.so: failed to map segment from shared object"), 4, "libx.so"),
        (duckdb.OutOfMemoryException("failed to allocate"), 4, "memory does not suffice"),
    ],
    ids=lambda one: type(one).__name__ if isinstance(one, Exception) else None,
)
def test_what_ran_out_is_told(fault, code, words, monkeypatch, capsys):
    def fails(arguments: object) -> int:
        raise fault

    monkeypatch.setattr(cli, "_simulate", fails)
    assert cli.main(["simulate"]) == code
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "Traceback" not in said
    assert re.search(words, said)


@pytest.mark.parametrize("fault", [KeyError("x"), OSError("x"), RuntimeError("x"), ValueError()])
def test_a_bug_stays_a_traceback(fault, monkeypatch):
    def fails(arguments: object) -> int:
        raise fault

    monkeypatch.setattr(cli, "_simulate", fails)
    with pytest.raises(type(fault)):
        cli.main(["simulate"])
    assert of_the_machine(fault) is None


def test_nothing_is_printed_to_a_full_disk_without_a_word():
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "evaluation.cli", "help", "your-city"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 4
    assert "No space left on device" in done.stderr and done.stderr.count("\n") == 1
