"""A file that the program wrote, spoiled in any way, is no traceback: a sample of the trials."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.written_files import BEGIN, accepted_project, outcome, page, trials, written

# The quickest of all studies; `python -m benchmarks.written_files` takes two with more in them.
SLUG = "groups-synthetic-triggered"


@pytest.fixture(scope="module")
def root() -> Iterator[Path]:
    with accepted_project((SLUG,)) as made:
        yield made


def test_no_spoiled_file_is_a_traceback(root):
    found = {
        (one.file, one.way, " ".join(one.verb)): outcome(one, root)
        for one in trials(root, 0.003, slugs=(SLUG,))
    }
    ends = Counter(found.values())
    assert [key for key, end in found.items() if end not in ("fine", "differs", "refused")] == []
    assert ends["refused"] > 5 and ends["differs"] > 1


def test_every_way_to_spoil_a_whole_file_of_results_is_refused(root):
    name = f"reports/{SLUG}/results.json"
    whole = [one for one in trials(root, 1.0, slugs=(SLUG,)) if one.file == name][:85]
    found = {(one.way, outcome(one, root)) for one in whole if one.verb == ("diff", SLUG, SLUG)}
    assert len(found) >= 8 and {end for _, end in found} == {"refused"}


def test_the_section_of_the_page_takes_the_place_of_the_one_before():
    counts = Counter({("a.json", "refused"): 2, ("a.json", "traceback"): 1})
    section = page(counts, "3 of 3 trials were made")
    assert "| a.json | 3 | 2 | 0 | 0 | 1 |" in section
    before = f"# Reliability\n\n{BEGIN}\n\nold\n\n## Other\n\nstays\n"
    assert written(before, section) == f"# Reliability\n\n{section}\n## Other\n\nstays\n"
    assert written("# Reliability\n", section) == f"# Reliability\n\n{section}"
