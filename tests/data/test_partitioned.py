"""A folder of Parquet files read some units at a time gives the panel of the whole table."""

from __future__ import annotations

import os

import duckdb
import numpy as np
import pytest

from evaluation.data.partitioned import _rows, partitioned
from evaluation.data.read import read_panel
from evaluation.errors import DataError, EnvironmentFault

DESCRIPTION = """
name = "Shots"
frequency = "month"
key = ["agency", "month"]
source = "invented"
licence = "MIT"
sensitivity = "synthetic"
[columns.agency]
role = "unit"
type = "text"
[columns.month]
role = "period"
type = "period"
[columns.shots]
role = "outcome"
type = "count"
measure = "a month"
[columns.people]
role = "exposure"
type = "count"
measure = "residents"
"""
ROWS = [
    (agency, f"2020-{month:02d}", 10 * at + month, 1000 + at)
    for at, agency in enumerate(("Ash", "Birch's", "Çam", "Dogwood"))
    for month in range(1, 7)
]


def written(folder, rows=ROWS):
    """Every second row in another file, under partitions, in no order."""
    import pandas

    folder.mkdir(exist_ok=True)
    (folder / "dataset.toml").write_text(DESCRIPTION, encoding="utf-8")
    table = pandas.DataFrame(rows, columns=["agency", "month", "shots", "people"])
    for number in range(2):
        inside = folder / f"half={number}"
        inside.mkdir()
        table[number::2].iloc[::-1].to_parquet(inside / "part.parquet", index=False)
    return folder


def test_batches_are_the_panel_of_the_whole_table(tmp_path):
    import pandas

    table = partitioned(written(tmp_path / "shots"))
    assert table.units == ("Ash", "Birch's", "Dogwood", "Çam")
    assert table.rows == len(ROWS)
    whole = pandas.DataFrame(ROWS, columns=["agency", "month", "shots", "people"])
    whole.to_csv(tmp_path / "whole.csv", index=False)
    (tmp_path / "whole.dataset.toml").write_text(DESCRIPTION, encoding="utf-8")
    panel = read_panel(tmp_path / "whole.csv")
    for units in (("Ash",), ("Çam", "Birch's"), table.units):
        part = table.panel(units)
        assert set(part.units) == set(units)
        assert part.periods == panel.periods
        for name, values in part.values.items():
            expected = panel.values[name][[panel.units.index(unit) for unit in part.units]]
            np.testing.assert_array_equal(values, expected)


def test_the_hash_is_of_the_content_and_not_of_where_it_lies(tmp_path):
    one, two = (partitioned(written(tmp_path / name)) for name in ("one", "two"))
    assert one.sha256 == two.sha256
    changed = [(*ROWS[0][:2], 99, 1000), *ROWS[1:]]
    assert partitioned(written(tmp_path / "three", changed)).sha256 != one.sha256


def test_a_unit_that_begins_later_is_missing_before_and_not_nought(tmp_path):
    part = partitioned(written(tmp_path / "shots", ROWS[2:])).panel(("Ash", "Dogwood"))
    assert np.isnan(part.values["shots"][0, :2]).all()
    assert np.isfinite(part.values["shots"][0, 2:]).all()


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (("Ash", "2020-03", 5, 1000), "Ash 2020-03 is there twice"),
        (("Ash", "2020-08", 5, 1000), "Ash 2020-06 is followed by no row of the next month"),
        (("Ash", "2020-07", -5, 1000), "Ash 2020-07: shots is -5. A count cannot be negative"),
        (("Ash", "2020-07", 5.5, 1000), "Ash 2020-07: shots is 5.5. A count is whole"),
        (("Ash", "2020-07", None, 1000), "Ash 2020-07: shots is blank"),
        (("Ash", "2020-07", 5, 0), "Ash 2020-07: people is 0. An exposure must be more"),
        (("Ash", "July 2020", 5, 1000), "July 2020"),
    ],
)
def test_faults_name_folder_unit_and_period(tmp_path, row, said):
    table = partitioned(written(tmp_path / "shots", [*ROWS, row]))
    with pytest.raises(DataError, match=r"^shots: ") as told:
        table.panel(("Ash",))
    assert said in str(told.value)
    # The other units can be read.
    assert table.panel(("Dogwood",)).units == ("Dogwood",)


def test_no_description_no_files_and_no_unit_column_are_refused(tmp_path):
    with pytest.raises(DataError, match=r"shots: holds no dataset.toml"):
        partitioned(tmp_path / "shots")
    folder = tmp_path / "shots"
    folder.mkdir()
    (folder / "dataset.toml").write_text(DESCRIPTION, encoding="utf-8")
    with pytest.raises(DataError, match=r"^shots: .*No files found"):
        partitioned(folder)
    alone = DESCRIPTION.replace('[columns.agency]\nrole = "unit"\ntype = "text"\n', "")
    alone = alone.replace('key = ["agency", "month"]', 'key = ["month"]\nunit = "Ash"')
    (folder / "dataset.toml").write_text(alone, encoding="utf-8")
    with pytest.raises(DataError, match="needs a column with the role unit"):
        partitioned(folder)


def test_names_are_no_part_of_a_statement(tmp_path):
    folder = written(tmp_path / "it's; DROP TABLE x --")
    hostile = "'); COPY (SELECT 1) TO 'here.csv'; --"
    table = partitioned(folder)
    with pytest.raises(DataError, match=r"no unit .* has a row"):
        table.panel((hostile,))
    assert not list(tmp_path.rglob("here.csv"))


def test_an_object_store_without_its_extension_is_refused_with_what_to_do(tmp_path, monkeypatch):
    folder = written(tmp_path / "shots")
    connect = duckdb.connect

    def bare(*words, config, **options):
        # A home without extensions, wherever the test runs.
        return connect(*words, config={**config, "extension_directory": str(tmp_path)}, **options)

    monkeypatch.setattr(duckdb, "connect", bare)
    with pytest.raises(EnvironmentFault, match="INSTALL httpfs"):
        partitioned(folder, "s3://bucket/**/*.parquet")


def test_a_pipe_among_the_files_is_refused_and_nobody_waits(tmp_path):
    folder = written(tmp_path / "shots")
    os.mkfifo(folder / "half=0" / "more.parquet")
    with pytest.raises(DataError, match=r"^shots: more\.parquet: is no ordinary file"):
        partitioned(folder)


def test_rows_that_do_not_fit_are_not_put_where_others_can_read_them(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    given = {}
    real = duckdb.connect

    def small(config):
        given.update(config)
        return real(config={**config, "memory_limit": "10MB"})

    monkeypatch.setattr(duckdb, "connect", small)
    rows = "SELECT hash(i)::VARCHAR || repeat('x', 99) AS s FROM range(500000) t(i) ORDER BY s"
    with pytest.raises(EnvironmentFault, match=r"^memory does not suffice .*-j 1"):
        _rows("", rows)
    assert given["temp_directory"] == "" and [*tmp_path.iterdir()] == []
