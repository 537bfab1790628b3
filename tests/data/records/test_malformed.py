"""Each way of spoiling a good table of people, answers or events gives its own faults, placed.

The places were counted by hand in the lines of `record_tables`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from record_tables import TABLES, Spoil, cell, everywhere, joined, write

from evaluation.data.read import read_records
from evaluation.errors import DataError


@dataclass(frozen=True)
class Case:
    """places : of every fault, in order. says : in the first message. added : to dataset.toml."""

    name: str
    kind: str
    spoil: Spoil
    places: tuple[str, ...]
    says: str
    replaced: tuple[str, str] = ("", "")


def rename(old: str, new: str) -> Spoil:
    return lambda lines: [lines[0].replace(old, new), *lines[1:]]


def only(*numbers: int) -> Spoil:
    return lambda lines: [text for at, text in enumerate(lines, start=1) if at in numbers]


def both(*spoils: Spoil) -> Spoil:
    def spoiled(lines: list[str]) -> list[str]:
        for spoil in spoils:
            lines = spoil(lines)
        return lines

    return spoiled


PEOPLE = [
    Case("missing column", "people", rename(",age", ",agee"), ("1", "1:31"), "Did you mean 'agee'"),
    Case(
        "column not described", "people", lambda x: [f"{r},1" for r in x], ("1:96",), "column '1'"
    ),
    Case("duplicate column", "people", rename("jail_days", "age"), ("1", "1:74"), "'jail_days'"),
    Case("spaces around a name", "people", rename(",age", ", age"), ("1:31",), "Remove them"),
    Case("header only", "people", only(1), ("1",), "no rows follow the header"),
    Case(
        "too few cells", "people", cell(3, 10, "end\nQ9"), ("4",), "has 1 cell, the header has 11"
    ),
    Case("person twice", "people", cell(4, 0, "Q1"), ("4:1",), "'Q1': on line 2 already."),
    Case("empty person", "people", cell(3, 0, ""), ("3:1",), "write the text."),
    Case("spaces around a person", "people", cell(3, 0, " Q2"), ("3:1",), "spaces around it"),
    Case("control character", "people", cell(3, 0, "Q\a2"), ("3:1",), "character U+0007"),
    Case("zero-width space", "people", cell(3, 0, "Q2\u200b"), ("3:1",), "character U+200B"),
    Case("empty entry", "people", cell(3, 1, ""), ("3:4",), "write the date."),
    Case("a spreadsheet's date", "people", cell(3, 1, "5/15/2018"), ("3:4",), "not a day like"),
    Case("no such day", "people", cell(3, 1, "2018-02-30"), ("3:4",), "no day of the calendar"),
    Case("undivided date", "people", cell(3, 1, "20180515"), ("3:4",), "not a day like"),
    Case("year slipped", "people", cell(3, 1, "0218-05-15"), ("3:4",), "years 1900 to 2100"),
    Case(
        "entry in the future",
        "people",
        cell(4, 1, "2021-01-01"),
        ("4:4",),
        "'2021-01-01': after the end of recording, 2020-12-31",
    ),
    Case(
        "follow-up in the future",
        "people",
        both(cell(4, 2, "800"), cell(4, 1, "2019-01-10")),
        ("4:15",),
        "'800': counted from entry, after the end of recording",
    ),
    Case("negative days", "people", cell(4, 5, "-3"), ("4:24",), "negative, so before entry"),
    Case("negative follow-up", "people", cell(4, 2, "-1"), ("4:15",), "negative, so before entry"),
    Case("fractional days", "people", cell(4, 5, "3.5"), ("4:24",), "not whole"),
    Case(
        "event after the end", "people", cell(4, 5, "401"), ("4:24",), "after the end of follow-up"
    ),
    Case("service before entry", "people", cell(2, 7, "2018-05-14"), ("2:32",), "before entry"),
    Case(
        "service in the future", "people", cell(2, 7, "2021-05-14"), ("2:32",), "after the end of"
    ),
    Case("service after the end", "people", cell(2, 7, "2020-05-14"), ("2:32",), "of follow-up"),
    Case("flag not 0 or 1", "people", cell(3, 3, "2"), ("3:19",), "neither 0 nor 1"),
    Case("flag in words", "people", cell(3, 3, "yes"), ("3:19",), "'yes': not a number"),
    Case("empty treatment", "people", cell(3, 3, ""), ("3:19",), "write the number."),
    Case("all treated", "people", everywhere(3, "1"), ("2:19",), "1 in every row. Add the people"),
    Case("none treated", "people", everywhere(3, "0"), ("2:19",), "0 in every row"),
    Case("empty covariate", "people", cell(3, 4, ""), ("3:21",), "or say missing = true"),
    Case(
        "a word for missing", "people", cell(3, 4, "NA"), ("3:21",), "a word for a missing number"
    ),
    Case("not finite", "people", cell(3, 4, "inf"), ("3:21",), "not a finite number"),
    Case("thousands", "people", cell(3, 8, '"1,000"'), ("3:31",), "no comma between thousands"),
    Case("decimal comma", "people", cell(3, 4, '"22,5"'), ("3:21",), "a point before decimals"),
    Case("negative count", "people", cell(3, 8, "-4"), ("3:31",), "A count cannot be"),
    Case("cause not whole", "people", cell(3, 6, "0.5"), ("3:28",), "not whole"),
    Case("zero weight", "people", cell(3, 9, "0"), ("3:33",), "not more than zero"),
    Case("negative weight", "people", cell(3, 9, "-1"), ("3:33",), "not more than zero"),
    Case("empty weight", "people", cell(3, 9, ""), ("3:33",), "write the number."),
    Case("unknown level", "people", cell(5, 10, "dead"), ("5:35",), "They are 'end', 'moved'"),
    Case("empty column", "people", everywhere(8, ""), ("1:74",), "is empty in every row"),
    Case(
        "event that happened, without a day",
        "people",
        cell(2, 5, ""),
        ("2:26",),
        "arrest_cause says that it happened",
        ('cause = "arrest_cause"', 'cause = "arrest_cause"\nmissing = true'),
    ),
    Case(
        "exit before entry",
        "people",
        both(
            everywhere(2, "2020-06-01"),
            cell(3, 2, "2018-05-14"),
        ),
        ("3:15",),
        "'2018-05-14': before entry",
        ('role = "follow_up"\ntype = "count"', 'role = "follow_up"\ntype = "date"'),
    ),
    Case(
        "event before entry",
        "people",
        both(everywhere(5, "2019-02-01"), cell(3, 5, "2018-05-14")),
        ("3:24",),
        "'2018-05-14': before entry",
        ('role = "time"\ntype = "count"', 'role = "time"\ntype = "date"'),
    ),
    Case(
        "several faults at once",
        "people",
        both(cell(2, 3, "x"), cell(3, 9, "-1"), cell(5, 1, "2031-01-01"), cell(4, 0, "Q1")),
        ("2:19", "3:33", "4:1", "5:4"),
        "'x': not a number",
    ),
]

SURVEY = [
    Case("item too high", "survey", cell(2, 7, "6"), ("2:29",), "'6': outside 1 to 5"),
    Case("item too low", "survey", cell(2, 7, "0"), ("2:29",), "'0': outside 1 to 5"),
    Case("item not whole", "survey", cell(2, 7, "3.5"), ("2:29",), "Answers are whole numbers"),
    Case("item of nobody", "survey", everywhere(7, ""), ("1:44",), "is empty in every row"),
    Case(
        "person twice in a wave",
        "survey",
        cell(3, 0, "R1"),
        ("3:1",),
        "'R1': on line 2 already in this wave. Keep",
    ),
    Case(
        "person in two neighborhoods",
        "survey",
        cell(5, 0, "R1"),
        ("5:1",),
        "on line 2 already in this wave, in another stratum",
    ),
    Case("one wave", "survey", only(1, 2, 3, 4, 5), ("2:4",), "every row is of wave 2012"),
    Case("empty wave", "survey", cell(2, 1, ""), ("2:4",), "write the period."),
    Case("not a wave", "survey", cell(2, 1, "first"), ("2:4",), "Write it like 2012"),
    Case("waves unlike", "survey", cell(9, 1, "2016-Q1"), ("9:4",), "a quarter, but a year"),
    Case("empty stratum", "survey", cell(2, 2, ""), ("2:9",), "area is blank"),
    Case("empty cluster", "survey", cell(2, 3, ""), ("2:14",), "block is blank"),
    Case("empty flag", "survey", cell(2, 4, ""), ("2:17",), "program is blank"),
    Case(
        "treatment differs within a cluster",
        "survey",
        cell(6, 4, "0"),
        ("6:17",),
        "another than on line 2, in the same cluster",
    ),
    Case(
        "cluster in two strata of a wave",
        "survey",
        cell(3, 3, "B3"),
        ("4:9", "4:17", "8:17"),
        "A cluster has one stratum in a wave",
    ),
    Case("all treated", "survey", everywhere(4, "1"), ("2:17",), "1 in every row."),
    Case(
        "all treated in a wave",
        "survey",
        only(1, 2, 3, 4, 5, 6, 7),
        ("6:17",),
        "1 in every row of wave 2016",
    ),
    Case("negative weight", "survey", cell(2, 5, "-1.5"), ("2:19",), "not more than zero"),
    Case(
        "stratum with nobody",
        "survey",
        lambda x: x,
        ("2:9",),
        "nobody is in stratum 'North' in wave 2012 and 2016",
        (
            'role = "stratum"\ntype = "text"',
            'role = "stratum"\ntype = "text"\nlevels = ["West", "East", "North"]',
        ),
    ),
    Case(
        "wave after the end of recording",
        "survey",
        lambda x: x,
        ("6:4", "7:4", "8:4", "9:4"),
        "'2016': after the end of recording, 2015-12-31",
        ("key =", "until = 2015-12-31\nkey ="),
    ),
]

EVENTS = [
    Case("unknown person", "events", cell(3, 0, "Q7"), ("3:1",), "nobody of people.csv"),
    Case("event before entry", "events", cell(3, 1, "-1"), ("3:4",), "before entry"),
    Case("event after the end", "events", cell(4, 1, "301"), ("4:4",), "end of that person's"),
    Case(
        "the same event twice",
        "events",
        cell(3, 1, "100\nQ1,100,arrest\nQ1,101"),
        ("3", "4:1"),
        "has 2 cells",
    ),
    Case("no event", "events", cell(3, 2, ""), ("3:8",), "event is blank"),
]


@pytest.mark.parametrize(
    "case", [*PEOPLE, *SURVEY, *EVENTS], ids=lambda case: f"{case.kind}: {case.name}"
)
def test_a_malformed_table_is_refused_at_its_place(case: Case, tmp_path: Path) -> None:
    description, lines = TABLES[case.kind]
    assert case.replaced[0] in description
    description = description.replace(*case.replaced, 1) if case.replaced[0] else description
    path = write(tmp_path, case.kind, description, joined(case.spoil(list(lines))))
    with pytest.raises(DataError) as caught:
        read_records(path)
    shown = [
        f"{fault.line}:{fault.column}" if fault.column else f"{fault.line}"
        for fault in caught.value.faults
    ]
    assert shown == list(case.places), str(caught.value)
    assert case.says in caught.value.faults[0].message
    assert all(fault.file == path.as_posix() for fault in caught.value.faults)


BYTES = [
    ("empty", b"", "1", "is empty"),
    ("UTF-16", "person,entry\n".encode("utf-16"), "1", "is UTF-16 text"),
    ("NUL byte", b"person,entry\nQ\x001,2012-01-01\n", "2:2", "NUL byte"),
    ("semicolons", b"person;entry\nQ1;2012-01-01\n", "1:7", "semicolons"),
]


@pytest.mark.parametrize(
    ("content", "place", "says"), [c[1:] for c in BYTES], ids=[c[0] for c in BYTES]
)
def test_bytes_that_are_no_table_are_refused(
    tmp_path: Path, content: bytes, place: str, says: str
) -> None:
    path = write(tmp_path, "people", TABLES["people"][0], content)
    with pytest.raises(DataError) as caught:
        read_records(path)
    assert str(caught.value.faults[0]).startswith(f"{path.as_posix()}:{place}: ")
    assert says in caught.value.faults[0].message


def test_latin_1_is_refused_at_its_byte_and_the_cells_are_checked_all_the_same(
    tmp_path: Path,
) -> None:
    description, lines = TABLES["survey"]
    spoiled = [text.replace("West", "Cañada") for text in cell(2, 7, "9")(list(lines))]
    path = write(tmp_path, "survey", description, "\n".join(spoiled).encode("latin-1"))
    with pytest.raises(DataError) as caught:
        read_records(path)
    places = [(fault.line, fault.column) for fault in caught.value.faults]
    assert places == [(2, 11), (2, 31), (3, 11), (6, 11), (7, 11)]
    assert "byte 0xF1 is not UTF-8 (in Latin-1 it is 'ñ')" in caught.value.faults[0].message


@pytest.mark.parametrize("case", [*PEOPLE, *SURVEY], ids=lambda case: f"{case.kind}: {case.name}")
def test_no_message_about_a_private_table_shows_what_a_cell_holds(
    case: Case, tmp_path: Path
) -> None:
    description, lines = TABLES[case.kind]
    description = description.replace('sensitivity = "public"', 'sensitivity = "private"')
    description = description.replace(*case.replaced, 1) if case.replaced[0] else description
    spoiled = case.spoil(list(lines))
    path = write(tmp_path, case.kind, description, joined(spoiled))
    with pytest.raises(DataError) as caught:
        read_records(path)
    # The line and column are there as before.
    shown = [f"{f.line}:{f.column}" if f.column else f"{f.line}" for f in caught.value.faults]
    assert shown == list(case.places)
    held = {
        text.strip(' "')
        for line in spoiled[1:]
        for text in line.split(",")
        # Short numbers stand in messages anyway (0 or 1, a line, a range); a level is in the
        # description.
        if len(text.strip()) > 1 and text not in ("end", "moved", "died")
    }
    for fault in caught.value.faults:
        words = fault.message.replace("like 2012, 2012-Q4 or 2012-10", "").replace("2012-10-18", "")
        assert not [text for text in held if text in words.split() or f"'{text}'" in words]
        assert "'" not in words.split("Did you mean")[0].replace("'North'", "").replace(
            "'end', 'moved', 'died'", ""
        ).replace("'jail_days'", "").replace("'age'", "")


def test_a_private_table_without_its_header_shows_no_cell_as_a_column(tmp_path: Path) -> None:
    description, lines = TABLES["people"]
    description = description.replace('sensitivity = "public"', 'sensitivity = "private"')
    path = write(tmp_path, "people", description, joined(lines[1:]))
    with pytest.raises(DataError) as caught:
        read_records(path)
    assert "Q1" not in str(caught.value)
    assert "2018-05-15" not in str(caught.value)
    assert len(caught.value.faults) == 22  # 11 columns not described, 11 missing


def test_a_wrong_byte_of_a_private_table_is_not_shown(tmp_path: Path) -> None:
    description, lines = TABLES["people"]
    description = description.replace('sensitivity = "public"', 'sensitivity = "private"')
    content = joined(cell(2, 0, "Ñ")(list(lines))).decode().encode("latin-1")
    with pytest.raises(DataError) as caught:
        read_records(write(tmp_path, "people", description, content))
    (fault,) = caught.value.faults
    assert (fault.line, fault.column) == (2, 1)
    assert fault.message.startswith("a byte here is not UTF-8. Save the table as UTF-8")


def test_a_column_of_wrong_cells_is_shortened(tmp_path: Path) -> None:
    description, lines = TABLES["survey"]
    rows = [f"P{i:03d},{2012 + 4 * (i % 2)},West,B{i},{i // 2 % 2},1,White,9,1" for i in range(60)]
    path = write(tmp_path, "survey", description, joined([lines[0], *rows]))
    with pytest.raises(DataError) as caught:
        read_records(path)
    assert len(caught.value.faults) == 21
    assert "and 40 more (outside the range in 'trusts')" in caught.value.faults[-1].message
