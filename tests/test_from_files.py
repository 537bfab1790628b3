"""A value of the right kind, of which no page can be made, names its file; a bug stays a bug."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from evaluation.check.from_files import from_files
from evaluation.errors import DataError, FitError
from evaluation.study.acceptances import Accepted, add, completed

PROJECT = Path(__file__).parents[1]
SLUG = "groups-synthetic-triggered"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / f"reports/{SLUG}").mkdir(parents=True)
    (tmp_path / f"analyses/{SLUG}").mkdir(parents=True)
    text = (PROJECT / f"reports/{SLUG}/results.json").read_bytes()
    (tmp_path / f"reports/{SLUG}/results.json").write_bytes(text)
    return tmp_path


def test_results_that_nobody_vouches_for_are_named(root):
    words = rf"reports/{SLUG}/results\.json: holds a value that no page .*`ceasefire run {SLUG}`"
    with pytest.raises(DataError, match=words), from_files([SLUG], root):
        raise ZeroDivisionError("float division by zero")


def test_what_was_accepted_is_a_bug_and_stays_one(root):
    text = (root / f"reports/{SLUG}/results.json").read_bytes()
    results = hashlib.sha256(text).hexdigest()
    entry = completed(Accepted("2026-01-31", "First."), (), sha256="a" * 64, results=results)
    add(SLUG, root, entry)
    with pytest.raises(ZeroDivisionError), from_files([SLUG], root):
        raise ZeroDivisionError


def test_faults_of_a_user_and_of_the_machine_pass(root):
    for fault in (FitError("no answer"), MemoryError(), OSError()):
        with pytest.raises(type(fault)), from_files([SLUG], root):
            raise fault
