"""Each way of spoiling a good table gives exactly its own faults, at their exact places."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from evaluation.data.read import read_panel
from evaluation.errors import DataError

OAKLAND = '[coverage.Oakland]\nfirst = "2012-01"\nlast = "2012-03"\n'
FRESNO = '[coverage.Fresno]\nfirst = "2012-01"\nlast = "2012-03"\n'

# A table is spoiled as a list of lines without their ends, or as bytes.
Spoil = Callable[[list[str]], list[str]]


def line(number: int, text: str) -> Spoil:
    """Another text in a line, counted from 1."""
    return lambda lines: [*lines[: number - 1], text, *lines[number:]]


def without(*numbers: int) -> Spoil:
    return lambda lines: [
        text for number, text in enumerate(lines, start=1) if number not in numbers
    ]


def before(number: int, *texts: str) -> Spoil:
    return lambda lines: [*lines[: number - 1], *texts, *lines[number - 1 :]]


def everywhere(old: str, new: str) -> Spoil:
    return lambda lines: [text.replace(old, new) for text in lines]


def cell(number: int, index: int, text: str) -> Spoil:
    """Another text in one cell; lines from 1, cells from 0."""

    def spoiled(lines: list[str]) -> list[str]:
        cells = lines[number - 1].split(",")
        cells[index] = text
        return [*lines[: number - 1], ",".join(cells), *lines[number:]]

    return spoiled


@dataclass(frozen=True)
class Case:
    """places : of every fault, in order. says : in the first message. added : to dataset.toml."""

    name: str
    spoil: Spoil
    places: tuple[str, ...]
    says: str
    added: str = ""


CASES = [
    # The header. Line 1 has 55 characters: cells start at 1, 6, 12, 22, 33 and 43.
    Case("missing column", lambda x: [r.rsplit(",", 1)[0] for r in x], ("1",), "'unemployment'"),
    Case(
        "misspelt column",
        everywhere("shootings", "shotings"),
        ("1", "1:12"),
        "Did you mean 'shotings'?",
    ),
    Case(
        "extra column", lambda x: [r + ",1" for r in x], ("1:56",), "does not describe column '1'"
    ),
    Case("column twice", lambda x: [r + "," + r.split(",")[2] for r in x], ("1:56",), "twice"),
    Case("space in the header", everywhere(",month", ", month"), ("1:6",), "Remove them"),
    Case(
        "no header", without(1), ("1",) * 6 + ("1:1", "1:9", "1:17", "1:20", "1:27", "1:29"), "no"
    ),
    Case("semicolons", everywhere(",", ";"), ("1:5",), "semicolons"),
    Case("tabs", everywhere(",", "\t"), ("1:5",), "tabs"),
    Case("header only", lambda x: x[:1], ("1",), "no rows follow the header"),
    # The form of the rows.
    Case("too few cells", line(3, "Oakland,2012-02,28"), ("3",), "has 3 cells, the header has 6"),
    Case("too many cells", line(3, "Oakland,2012-02,28,4,0,10.4,7"), ("3:29",), "has 7 cells"),
    Case("thousands split a cell", cell(2, 3, "400,000"), ("2:30",), "needs quotes"),
    Case("blank line inside", before(4, ""), ("4",), "blank line"),
    Case("line of spaces inside", before(4, "   "), ("4",), "blank line"),
    Case("blank line before the header", before(1, ""), ("1",), "blank line"),
    Case("line of commas", before(8, ",,,,,"), ("8",), "every cell is blank"),
    Case("unclosed quote", cell(4, 3, '"400200'), ("4:20",), "never closes"),
    Case("unclosed quote in the header", line(1, '"city,month'), ("1:1",), "never closes"),
    Case("text after a quote", cell(4, 2, '"4"0'), ("4:17",), "text follows a closing quote"),
    # Numbers. In line 2 the cells start at 1, 9, 17, 20, 27 and 29.
    Case("blank count", cell(2, 2, ""), ("2:17",), "Nothing is filled in"),
    Case("blank last cell", cell(7, 5, ""), ("7:28",), "unemployment is blank"),
    Case("NA", cell(2, 2, "NA"), ("2:17",), "Nothing is filled in"),
    Case("n/a", cell(2, 5, "n/a"), ("2:29",), "Nothing is filled in"),
    Case("words", cell(2, 2, "thirty"), ("2:17",), "'thirty', not a number"),
    Case("thousands in quotes", cell(2, 3, '"400,000"'), ("2:20",), "Write 400000."),
    Case("decimal comma", cell(2, 5, '"10,5"'), ("2:29",), "Write 10.5."),
    Case("percent sign", cell(2, 5, "10.5%"), ("2:29",), "not a number"),
    Case("underscore that Python takes", cell(2, 3, "400_000"), ("2:20",), "not a number"),
    Case("digits of another script", cell(2, 2, "٣١"), ("2:17",), "not a number"),
    Case("nan", cell(2, 5, "nan"), ("2:29",), "not a finite number"),
    Case("infinity", cell(2, 5, "-inf"), ("2:29",), "not a finite number"),
    Case("overflow", cell(2, 5, "1e999"), ("2:29",), "too large"),
    Case("negative count", cell(2, 2, "-3"), ("2:17",), "cannot be negative"),
    Case("fractional count", cell(2, 2, "3.5"), ("2:17",), "A count is whole"),
    Case("count no float can hold", cell(2, 2, "9" * 17), ("2:17",), "too large for a count"),
    Case("zero population", cell(2, 3, "0"), ("2:20",), "more than zero"),
    Case("negative population", cell(2, 3, "-4"), ("2:20",), "more than zero"),
    Case("flag of two", cell(2, 4, "2"), ("2:27",), "must be 0 or 1"),
    Case("flag in words", cell(2, 4, "yes"), ("2:27",), "not a number"),
    Case("cell after quotes", line(2, '"Oakland","2012-01",x,4,0,1'), ("2:21",), "not a number"),
    # Periods.
    Case("blank month", cell(3, 1, ""), ("3:9",), "month is blank"),
    Case("spreadsheet date", cell(3, 1, "01/02/2012"), ("3:9",), "as spreadsheets write it"),
    Case("spreadsheet month", cell(3, 1, "Feb-12"), ("3:9",), "as spreadsheets write it"),
    Case("month thirteen", cell(3, 1, "2012-13"), ("3:9",), "it must be 1 to 12"),
    Case("a day inside the month", cell(3, 1, "2012-02-14"), ("3:9",), "write it like 2012-02"),
    Case("quarter among months", cell(3, 1, "2012-Q1"), ("3:9",), "is a quarter, but"),
    Case("year among months", cell(3, 1, "2012"), ("3:9",), "is a year, but"),
    # Key and calendar.
    Case("duplicate key", before(4, "Oakland,2012-01,1,4,0,1"), ("4:9",), "on line 2 already"),
    Case("gap", without(3), ("3:9",), "no row for 2012-02. Add the row; nothing is filled in"),
    Case(
        "gap where rows are in no order",
        lambda x: [x[0], x[3], *x[4:], x[1]],
        ("2:9",),
        "Oakland has no row for 2012-02.",
    ),
    Case("unit begins late", without(5), ("5:8",), "Fresno has no row for 2012-01."),
    Case("unit ends early", without(6, 7), ("5:8",), "2012-02 to 2012-03 (2 months)"),
    Case("bad date does not make a gap too", cell(3, 1, "soon"), ("3:9",), "is not a month"),
    Case("bad date at the end of a unit", cell(7, 1, "soon"), ("7:8",), "is not a month"),
    # Units and coverage.
    Case("blank unit", cell(3, 0, ""), ("3:1",), "the unit is blank"),
    Case("space after a unit", cell(3, 0, "Oakland "), ("3:1",), "Write 'Oakland'"),
    Case(
        "unknown unit",
        everywhere("Oakland", "Oaklnd"),
        ("2:1", "D34:1"),
        "Did you mean 'Oakland'?",
        OAKLAND + FRESNO,
    ),
    Case(
        "covered unit without rows",
        without(5, 6, 7),
        ("D37:1",),
        "cities.csv has no row of it",
        OAKLAND + FRESNO,
    ),
    Case(
        "outcome before the coverage",
        lambda x: x,
        ("2:17",),
        "in 2012-01, before the coverage of Oakland begins (2012-02)",
        OAKLAND.replace("2012-01", "2012-02") + FRESNO,
    ),
    Case(
        "outcome after the coverage",
        lambda x: x,
        ("7:16",),
        "after the coverage of Fresno ends (2012-02)",
        OAKLAND + FRESNO.replace("2012-03", "2012-02"),
    ),
    Case(
        "coverage begins before the rows",
        lambda x: x,
        ("2:9",),
        "Oakland has no row for 2011-11 to 2011-12 (2 months)",
        OAKLAND.replace("2012-01", "2011-11") + FRESNO,
    ),
    Case(
        "coverage ends after the rows",
        lambda x: x,
        ("7:8",),
        "Fresno has no row for 2012-04. Add the row, or say in [coverage]",
        OAKLAND + FRESNO.replace("2012-03", "2012-04"),
    ),
    Case(
        "recording change of an unknown unit",
        lambda x: x,
        ("D37:1",),
        "Did you mean 'Oakland'?",
        '[[recording_changes]]\ndate = "2012-02"\nwhat = "x"\nunit = "Oaklnd"\n',
    ),
]


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_malformed_table_is_refused_at_its_place(
    case: Case, write: Callable[..., Path], lines: tuple[str, ...], description: str
) -> None:
    content = "\n".join(case.spoil(list(lines))) + "\n"
    path = write(content.encode(), description + case.added)
    with pytest.raises(DataError) as caught:
        read_panel(path)
    # "D" stands for the description, a bare place for the table.
    shown = [
        ("D" if fault.file.endswith(".toml") else "")
        + (f"{fault.line}:{fault.column}" if fault.column else f"{fault.line}")
        for fault in caught.value.faults
    ]
    assert shown == list(case.places)
    assert case.says in caught.value.faults[0].message


BYTES = [
    ("empty", b"", "1", "is empty"),
    ("only line ends", b"\n\r\n\n", "1", "is empty"),
    ("only a byte-order mark", b"\xef\xbb\xbf", "1", "is empty"),
    ("UTF-16", "city,month\n".encode("utf-16"), "1", "is UTF-16 text"),
    ("UTF-16 without a mark", "city,month\n".encode("utf-16-le"), "1:2", "NUL byte"),
    ("NUL byte", b"city,month\nOak\0land,2012-01\n", "2:4", "NUL byte"),
    ("a Parquet file by another name", b"PAR1\x15\x00\x15", "1:6", "NUL byte"),
]


@pytest.mark.parametrize(
    ("content", "place", "says"), [c[1:] for c in BYTES], ids=[c[0] for c in BYTES]
)
def test_bytes_that_are_no_table_are_refused(
    write: Callable[..., Path], content: bytes, place: str, says: str
) -> None:
    path = write(content)
    with pytest.raises(DataError) as caught:
        read_panel(path)
    fault = caught.value.faults[0]
    assert str(fault).startswith(f"{path.as_posix()}:{place}: ")
    assert says in fault.message


def test_latin_1_is_refused_at_its_byte_and_the_cells_are_checked_all_the_same(
    write: Callable[..., Path], lines: tuple[str, ...]
) -> None:
    spoiled = [text.replace("Fresno", "Cañada") for text in lines]
    content = "\n".join(cell(6, 2, "-1")(spoiled)).encode("latin-1")
    with pytest.raises(DataError) as caught:
        read_panel(write(content))
    places = [(fault.line, fault.column) for fault in caught.value.faults]
    assert places == [(5, 3), (6, 3), (6, 16), (7, 3)]
    assert "byte 0xF1 is not UTF-8 (in Latin-1 it is 'ñ')" in caught.value.faults[0].message
