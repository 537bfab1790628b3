from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evaluation.data import read as reading
from evaluation.data.findings import SHOWN_OF_A_KIND
from evaluation.data.read import check_dataset, read_panel
from evaluation.data.table import read_csv
from evaluation.errors import DataError

Write = Callable[..., Path]
Lines = tuple[str, ...]


def joined(lines: Lines | list[str], end: str = "\n") -> bytes:
    return (end.join(lines) + end).encode()


def test_a_good_table_becomes_units_by_periods(write: Write, lines: Lines) -> None:
    panel = read_panel(write(joined(lines)))
    assert panel.units == ("Oakland", "Fresno")
    assert panel.periods == ("2012-01", "2012-02", "2012-03")
    assert panel.values["shootings"].tolist() == [[31, 28, 40], [12, 14, 13]]
    assert panel.values["population"][1].tolist() == [500000, 500100, 500200]
    assert panel.values["ceasefire"].tolist() == [[0, 0, 1], [0, 0, 0]]
    assert set(panel.values) == {"shootings", "population", "ceasefire", "unemployment"}


@pytest.mark.parametrize(
    "content",
    [
        lambda lines: joined(lines, "\r\n"),
        lambda lines: joined(lines, "\r"),
        lambda lines: b"\xef\xbb\xbf" + joined(lines),
        lambda lines: joined(lines).rstrip(b"\n"),
        lambda lines: joined(lines) + b"\n\n",
        lambda lines: joined([lines[0], *reversed(lines[1:4]), *lines[4:]]),
        lambda lines: joined(lines).replace(b",31,", b", 31 ,"),
        lambda lines: joined(lines).replace(b",31,", b',"31",'),
        lambda lines: joined(lines).replace(b",31,", b",31.0,"),
        lambda lines: joined(lines).replace(b",31,", b",3.1e1,"),
        lambda lines: joined(lines).replace(b"2012-02", b"2012-02-01"),
    ],
    ids=[
        "CRLF",
        "CR",
        "byte-order mark",
        "no last line end",
        "blank lines at the end",
        "rows out of order",
        "spaces around a number",
        "number in quotes",
        "count with a point",
        "count with an exponent",
        "first days of months",
    ],
)
def test_harmless_differences_of_form_change_nothing(
    write: Write, lines: Lines, content: Callable[[Lines], bytes]
) -> None:
    expected = read_panel(write(joined(lines)))
    found = read_panel(write(content(lines)))
    assert (found.units, found.periods) == (expected.units, expected.periods)
    for name, values in expected.values.items():
        np.testing.assert_array_equal(found.values[name], values)


def test_columns_come_in_the_order_of_the_table(write: Write, lines: Lines) -> None:
    turned = [",".join(reversed(text.split(","))) for text in lines]
    panel = read_panel(write(joined(turned)))
    assert [column.name for column in panel.columns] == list(reversed(lines[0].split(",")))
    assert panel.values["shootings"][0].tolist() == [31, 28, 40]


def test_periods_outside_a_units_coverage_are_not_a_number(
    write: Write, lines: Lines, description: str
) -> None:
    coverage = '[coverage.Oakland]\n[coverage.Fresno]\nfirst = "2012-02"\n'
    panel = read_panel(
        write(
            joined([text for text in lines if text[:14] != "Fresno,2012-01"]),
            description + coverage,
        )
    )
    assert panel.periods[0] == "2012-01"
    for values in panel.values.values():
        assert np.isnan(values[1]).tolist() == [True, False, False]
        assert not np.isnan(values[0]).any()


def test_blank_outcome_outside_the_coverage_is_accepted(
    write: Write, lines: Lines, description: str
) -> None:
    coverage = '[coverage.Oakland]\n[coverage.Fresno]\nfirst = "2012-02"\n'
    content = joined(lines).replace(b"2012-01,12,", b"2012-01,,")
    panel = read_panel(write(content, description + coverage))
    assert np.isnan(panel.values["population"][1, 0])
    assert panel.values["shootings"][1, 1] == 14


def test_a_table_of_one_unit_needs_no_unit_column(
    write: Write, lines: Lines, description: str
) -> None:
    text = description.replace('[columns.city]\nrole = "unit"\ntype = "text"\n\n', "")
    text = text.replace('key = ["city", "month"]', 'unit = "Oakland"\nkey = ["month"]')
    rows = [line.split(",", 1)[1] for line in lines[:4]]
    panel = read_panel(write(joined(rows), text))
    assert panel.units == ("Oakland",)
    assert panel.values["shootings"].tolist() == [[31, 28, 40]]


def test_many_faults_are_all_told_at_once_in_the_order_of_the_file(
    write: Write, lines: Lines
) -> None:
    spoiled = [
        lines[0].replace("unemployment", "unemploymnt"),
        "Oakland,2012-01,-1,0,2,x",
        "Oakland,2012-02,2.5,NA,0,x",
        "Oakland,2012-01,1,1,1,x",
        "Oakland,2012-05,,4,0,x",
        "Oakland,2012-6,1,4,0,x",
        "",
        "Fresno,2012-01,1",
        *lines[6:],
    ]
    path = write(joined(spoiled))
    with pytest.raises(DataError) as caught:
        read_panel(path)
    places = [(fault.line, fault.column) for fault in caught.value.faults]
    assert places == [
        (1, None),  # column that is missing
        (1, 43),  # column that nothing describes
        (2, 17),  # negative count
        (2, 20),  # zero population
        (2, 22),  # flag of two
        (3, 17),  # fractional count
        (3, 21),  # NA
        (4, 9),  # duplicate key
        (5, 9),  # gap
        (5, 17),  # blank
        (6, 9),  # bad date
        (7, None),  # blank line
        (8, None),  # too few cells
        (9, 8),  # Fresno begins late
        (9, 8),  # and ends early
    ]
    assert all(str(fault).startswith(path.as_posix()) for fault in caught.value.faults)
    assert caught.value.exit_code == 2


def test_more_than_twenty_like_faults_are_shortened(write: Write, lines: Lines) -> None:
    rows = [f"Oakland,{1900 + n // 12}-{n % 12 + 1:02d},x,4,0,1" for n in range(50)]
    with pytest.raises(DataError) as caught:
        read_panel(write(joined([lines[0], *rows])))
    faults = caught.value.faults
    assert len(faults) == SHOWN_OF_A_KIND + 1
    assert faults[-1].line == SHOWN_OF_A_KIND + 2
    assert faults[-1].message.startswith("and 30 more (not a number in 'shootings')")


def test_a_line_end_inside_quotes_does_not_shift_the_lines_below() -> None:
    content = b'a,b,c\n"x\ny",1\n1,2,3\n"p\n\nq",5,"r",7\n'
    table, findings = read_csv(content, "t.csv")
    assert table.rows == [(4, ["1", "2", "3"])]
    places = [(fault.line, fault.column) for fault in findings.faults()]
    # The fourth cell of the last record stands on the line on which that record ends.
    assert places == [(2, None), (7, 10)]


@given(
    st.lists(
        st.lists(st.text("ab \"',\n;é", max_size=4), min_size=3, max_size=3), min_size=1, max_size=6
    ),
    st.sampled_from(["\n", "\r\n"]),
)
def test_places_of_cells_agree_with_a_writer_that_kept_count(
    rows: list[list[str]], end: str
) -> None:
    # Every cell is quoted, so that each starts with the quote the writer puts there.
    text, expected = "a,b,c" + end, []
    for row in rows:
        for index, content in enumerate(row):
            expected.append((text.count("\n") + 1, len(text) - text.rfind("\n")))
            text += '"' + content.replace('"', '""') + '"' + ("," if index < 2 else end)
    table, findings = read_csv(text.encode(), "t.csv")
    kept = [index for index, row in enumerate(rows) if any(cell.strip() for cell in row)]
    assert [list(cells) for _, cells in table.rows] == [rows[index] for index in kept]
    for index, (line, _) in zip(kept, table.rows, strict=True):
        for cell in range(3):
            findings.add("here", line, f"{index} {cell}", cell=cell, column=f"{index} {cell}")
    found = {
        fault.message: (fault.line, fault.column)
        for fault in findings.faults()
        if fault.column is not None
    }
    assert found == {f"{index} {c}": expected[3 * index + c] for index in kept for c in range(3)}


def test_a_cell_too_long_for_any_table_is_refused_with_its_line(write: Write, lines: Lines) -> None:
    content = joined([*lines[:3], '"' + "x" * 140_000 + '",1', *lines[3:]])
    with pytest.raises(DataError, match=r"cities\.csv:4: a cell has over 131,072"):
        read_panel(write(content))


def test_a_column_name_with_spaces_of_its_own_is_read(
    write: Write, lines: Lines, description: str
) -> None:
    text = description.replace("[columns.shootings]", '[columns." shootings"]')
    panel = read_panel(write(joined([lines[0].replace(",s", ", s"), *lines[1:]]), text))
    assert panel.values[" shootings"][0].tolist() == [31, 28, 40]


def test_provenance_has_both_hashes_and_paths_inside_the_project(
    write: Write, lines: Lines, description: str, tmp_path: Path
) -> None:
    path = write(joined(lines))
    inside = read_panel(path, tmp_path.parent).provenance
    assert inside.file == f"{tmp_path.name}/cities.csv"
    assert inside.description_file == f"{tmp_path.name}/cities.dataset.toml"
    assert inside.sha256 == hashlib.sha256(joined(lines)).hexdigest()
    assert inside.description_sha256 == hashlib.sha256(description.encode()).hexdigest()
    assert inside.rows == 6
    alone = read_panel(path).provenance
    assert (alone.file, alone.description_file) == ("cities.csv", "cities.dataset.toml")


def test_a_path_out_of_the_project_is_refused(write: Write, lines: Lines, tmp_path: Path) -> None:
    write(joined(lines))
    root = tmp_path / "project"
    root.mkdir()
    (root / "link.csv").symlink_to(tmp_path / "cities.csv")
    for path in (root / ".." / "cities.csv", root / "link.csv"):
        with pytest.raises(DataError, match="leads out of the project"):
            read_panel(path, root)


def test_a_file_that_cannot_be_a_table_is_refused_before_it_is_read(
    write: Write, lines: Lines, tmp_path: Path
) -> None:
    write(joined(lines))
    (tmp_path / "cities.xlsx").touch()
    huge = tmp_path / "huge.csv"
    with huge.open("wb") as file:
        file.truncate(reading.LARGEST_FILE + 1)
    for name, says in (
        ("citis.csv", "no such file. Did you mean 'cities.csv'?"),
        ("cities.xlsx", "is neither .csv nor .parquet"),
        ("", "is a folder. Name the table in it. Known: cities.csv"),
        ("huge.csv", "is larger than 2 GiB"),
        ("nul\0.csv", "no such file"),
        ("x" * 300 + ".csv", "cannot be read (File name too long)"),
    ):
        with pytest.raises(DataError) as caught:
            read_panel(tmp_path / name)
        assert says in str(caught.value)


def test_a_table_that_nothing_describes_is_refused(write: Write, lines: Lines) -> None:
    with pytest.raises(DataError, match=r"writes cities\.dataset\.toml beside it"):
        read_panel(write(joined(lines), None))


def test_a_panel_too_sparse_to_hold_is_refused(
    write: Write, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MOST_CELLS", 5)
    with pytest.raises(DataError, match="2 units by 3 months are too many to hold"):
        read_panel(write(joined(lines)))


def test_summary_says_what_is_there(write: Write, lines: Lines, description: str) -> None:
    added = (
        '[coverage.Oakland]\n[coverage.Fresno]\nfirst = "2012-02"\n'
        '[[recording_changes]]\ndate = "2012-02"\nwhat = "New forms"\n'
    )
    content = joined([text for text in lines if not text.startswith("Fresno,2012-01")])
    shown = check_dataset(write(content, description + added))
    for part in (
        "cities.csv is good.",
        "rows              5",
        "2: Oakland, Fresno",
        "3 months, 2012-01 to 2012-03",
        "shootings: total 126; victims a month",
        "population: 400,000 to 500,200 residents",
        "ceasefire: 1 in 1 rows, else 0",
        "Fresno: 2012-02 to 2012-03",
        "2012-02: New forms",
        "Invented for a test",
        "CC0",
    ):
        assert part in shown


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.one_of(
        st.binary(max_size=200),
        st.text('Oakland,Fresno2012-01"\n\r;\t\0é', max_size=200).map(str.encode),
        st.tuples(st.integers(0, 240), st.binary(max_size=5)),
    )
)
def test_no_bytes_raise_anything_but_a_data_error(
    write: Write, lines: Lines, content: bytes | tuple[int, bytes]
) -> None:
    good = joined(lines)
    if isinstance(content, tuple):
        at, put = content
        content = good[:at] + put + good[at + len(put) :]
    try:
        panel = read_panel(write(content))
    except DataError as problem:
        assert problem.faults
        str(problem).encode()  # can be printed
    else:
        assert len(panel.units) >= 1


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.integers(0, 700), st.text("\"[]=.'\n a1-", max_size=4))
def test_no_damage_to_the_description_raises_anything_but_a_data_error(
    write: Write, lines: Lines, description: str, at: int, put: str
) -> None:
    spoiled = description[:at] + put + description[at + len(put) :]
    try:
        panel = read_panel(write(joined(lines), spoiled))
    except DataError as problem:
        assert problem.faults
    else:
        assert len(panel.units) >= 1
