"""A file that the program wrote, spoiled in any way, is no traceback: a sample of the trials."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.written_files import (
    BEGIN,
    ENDS,
    READERS,
    ROOT,
    accepted_project,
    fields,
    outcome,
    page,
    read_end,
    trials,
    written,
)

# The quickest of all studies; `python -m benchmarks.written_files` takes one with more in it.
SLUG = "groups-synthetic-triggered"


@pytest.fixture(scope="module")
def root() -> Iterator[Path]:
    with accepted_project((SLUG,)) as made:
        yield made


def test_no_spoiled_file_is_a_traceback(root):
    found = {
        (one.file, one.way, " ".join(one.verb)): outcome(one, root)
        for one in trials(root, 0.001, slugs=(SLUG,))
    }
    ends = Counter(found.values())
    assert {key: end for key, end in found.items() if end not in ENDS} == {}
    assert ends["refused"] > 2 and ends["differs"] > 1


@pytest.mark.parametrize("file", READERS)
def test_a_spoiled_field_is_refused_at_its_line_or_may_be(file, tmp_path):
    every = [*fields(file, ROOT)]
    sample = [*every[:26], *every[26 :: max(1, len(every) // 40)]]
    ends = Counter(read_end(file, content(), tmp_path) for _, content in sample)
    assert set(ends) <= {"refused", "read"}, ends
    assert ends["refused"] > 30


def test_the_section_of_the_page_takes_the_place_of_the_one_before():
    fields = Counter({("a.json", "refused"): 2, ("a.json", "traceback"): 1})
    verbs = Counter({("a.json", "fine"): 2, ("a.json", "found good"): 1})
    section = page(fields, verbs, "3 of 3 trials were made")
    assert "| a.json | 3 | 2 | 0 | 1 |" in section
    assert "| a.json | 3 | 0 | 0 | 2 | 0 | 1 |" in section
    before = f"# Reliability\n\n{BEGIN}\n\nold\n\n## Other\n\nstays\n"
    assert written(before, section) == f"# Reliability\n\n{section}\n## Other\n\nstays\n"
    assert written("# Reliability\n", section) == f"# Reliability\n\n{section}"
