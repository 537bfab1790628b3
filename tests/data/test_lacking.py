"""What the database says that ran out, whatever the kind of its error."""

from __future__ import annotations

import duckdb
import pytest

from evaluation.data.lacking import lacking_of, lacking_to_read


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (duckdb.IOException('Could not write file "/x": No space left on device'), "--temporary"),
        (duckdb.FatalException("database has been invalidated: Disk quota exceeded"), "--temp"),
        (duckdb.OutOfMemoryException("failed to pin block"), "--memory"),
        (duckdb.InternalException("std::bad_alloc"), "--memory"),
    ],
)
def test_a_fault_of_the_database_says_what_to_do(fault, says):
    found = lacking_of(fault)
    assert found is not None and found.exit_code == 4 and says in str(found)


def test_another_fault_of_the_database_is_not_the_machines():
    assert lacking_of(duckdb.BinderException("no such column")) is None


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (duckdb.IOException('Cannot open file "x": Too many open files'), "ulimit -n"),
        (duckdb.OutOfMemoryException("failed to pin block"), "-j 1"),
    ],
)
def test_a_reader_is_told_of_no_option_that_it_does_not_have(fault, says):
    found = lacking_to_read(fault)
    assert found is not None and says in str(found) and "--" not in str(found)


def test_a_file_that_cannot_be_read_is_not_the_machines():
    assert lacking_to_read(duckdb.IOException('No files found that match "x"')) is None
