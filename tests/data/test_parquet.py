"""A Parquet file means what the same CSV file means."""

from __future__ import annotations

import contextlib
import csv
import datetime
import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evaluation.data.read import read_panel
from evaluation.data.table import read_parquet
from evaluation.errors import DataError

Write = Callable[..., Path]
Lines = tuple[str, ...]


def parquet(lines: Lines, **changed: list[object]) -> bytes:
    """The lines as a Parquet file, with typed columns."""
    import pyarrow
    import pyarrow.parquet

    rows = list(csv.DictReader(lines))
    columns: dict[str, list[object]] = {
        "city": [row["city"] for row in rows],
        "month": [datetime.date.fromisoformat(f"{row['month']}-01") for row in rows],
        "shootings": [int(row["shootings"]) for row in rows],
        "population": [float(row["population"]) for row in rows],
        "ceasefire": [row["ceasefire"] == "1" for row in rows],
        "unemployment": [float(row["unemployment"]) for row in rows],
    }
    held = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table(columns | changed), held)
    return held.getvalue()


def test_parquet_and_csv_give_the_same_panel(write: Write, lines: Lines) -> None:
    expected = read_panel(write("\n".join(lines).encode()))
    found = read_panel(write(parquet(lines), name="cities.parquet"))
    assert (found.units, found.periods) == (expected.units, expected.periods)
    for name, values in expected.values.items():
        np.testing.assert_array_equal(found.values[name], values)


def test_faults_of_parquet_name_the_row_below_a_header(write: Write, lines: Lines) -> None:
    content = parquet(
        lines,
        shootings=[31.5, None, 40, -1, 14, 13],
        unemployment=[1.0, 1.0, 1.0, 1.0, 1.0, float("nan")],
    )
    with pytest.raises(DataError) as caught:
        read_panel(write(content, name="cities.parquet"))
    assert [(fault.line, fault.column) for fault in caught.value.faults] == [
        (2, None),
        (3, None),
        (5, None),
        (7, None),
    ]
    assert "shootings is blank. Nothing is filled in" in caught.value.faults[1].message


def test_corrupt_parquet_is_refused(write: Write, lines: Lines) -> None:
    content = parquet(lines)
    for spoiled in (b"", b"PAR1", content[:-9], content[:4] + b"\xff" * 60 + content[64:]):
        with pytest.raises(DataError, match=r"cities\.parquet: cannot be read as Parquet \("):
            read_panel(write(spoiled, name="cities.parquet"))


def test_parquet_without_columns_is_refused(write: Write) -> None:
    import pyarrow
    import pyarrow.parquet

    held = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table({}), held)
    with pytest.raises(DataError, match=r"cities\.parquet: has no columns"):
        read_panel(write(held.getvalue(), name="cities.parquet"))


def test_damage_over_which_pyarrow_ends_the_process_is_refused(write: Write) -> None:
    """Numbers of levels in the footer that do not fit: found by damaging files at random."""
    import pyarrow
    import pyarrow.parquet

    cities = ["A"] * 8
    months = [f"2020-0{number}" for number in range(1, 9)]
    table = {"city": cities, "month": months, "shootings": list(range(8)), "rate": [0.5] * 8}
    held = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table(table), held)
    good = held.getvalue()
    # Any of them where a version of pyarrow writes the footer a little differently.
    for at in range(len(good) // 2, len(good) - 8):
        content = good[:at] + b"M" + good[at + 1 :]
        with contextlib.suppress(DataError):
            read_parquet(content, "cities.parquet")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.integers(0, 3000), st.binary(min_size=1, max_size=8))
def test_no_damage_to_parquet_raises_anything_but_a_data_error(
    write: Write, lines: Lines, at: int, put: bytes
) -> None:
    good = parquet(lines)
    content = good[:at] + put + good[at + len(put) :]
    try:
        panel = read_panel(write(content, name="cities.parquet"))
    except DataError as problem:
        assert problem.faults
    else:
        assert len(panel.units) >= 1


@pytest.mark.parametrize(("bits", "largest"), [(16, 2**11), (32, 2**24), (64, 2**53)])
def test_codes_that_a_floating_point_column_cannot_hold_are_refused(
    write: Write, lines: Lines, bits: int, largest: int
) -> None:
    """Above the largest whole number up to which each is held, two codes may be one."""

    def said(code: int) -> str:
        cells = np.array([float(code)] * (len(lines) - 1), dtype=f"f{bits // 8}")
        with pytest.raises(DataError) as caught:  # the rows are of several cities
            read_panel(write(parquet(lines, city=cells), name="cities.parquet"))  # type: ignore[arg-type]
        return str(caught.value)

    lost = ("that are too large", "lost its last digits")
    assert any(words in said(largest * 2) for words in lost)
    assert not any(words in said(largest) for words in lost)


def test_a_measure_in_short_floats_is_read(write: Write, lines: Lines) -> None:
    cells = np.array([2.0**25] * (len(lines) - 1), dtype="f4")
    content = parquet(lines, population=cells)  # type: ignore[arg-type]
    panel = read_panel(write(content, name="cities.parquet"))
    assert (panel.values["population"] == 2.0**25).all()
