"""The table of programs that cities ran: what is refused, and where."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from evaluation.data.adoption import AdoptionTable, read_adoption
from evaluation.data.read import check_dataset, read_panel
from evaluation.errors import DataError

PROJECT = Path(__file__).parents[2]
TABLE = PROJECT / "data/public/adoption.csv"
HEADER = (
    "agency,ori,program,first_month,first_certainty,last_month,level,role,scope,other_programs,"
    "certainty,dated,source,url,note"
)
ROWS = (
    'Oakland,CA00109,Ceasefire,2012-10,month,2019,city,adopter,,,read,,A newspaper,,""',
    "Oakland,CA00109,earlier runs,2007,uncertain,2011,part,partial,,,second hand,,A review,,",
    'Fresno,CA01005,none found,,,,none,control,,,"searched, nothing found",,A search,,',
    "Mesa,AZ00717,not searched,,,,unknown,control,,,not searched,,,,",
)
DESCRIPTION = (
    'name = "Programs"\nkind = "adoption of programs"\nkey = ["agency"]\nsource = "Invented"\n'
    'licence = "CC0"\nsensitivity = "public"\n'
)
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a table with its description, spoiled in one place."""

    def written(
        old: str = "", new: str = "", *, described: str = DESCRIPTION, more: tuple[str, ...] = ()
    ) -> Path:
        text = "\n".join((HEADER, *ROWS, *more)) + "\n"
        assert old in text
        (tmp_path / "adoption.csv").write_text(text.replace(old, new, 1), encoding="utf-8")
        (tmp_path / "adoption.dataset.toml").write_text(described, encoding="utf-8")
        return tmp_path / "adoption.csv"

    return written


def refused(path: Path) -> list[str]:
    with pytest.raises(DataError) as found:
        read_adoption(path, path.parent)
    return str(found.value).splitlines()


def test_rows_become_episodes_of_their_agency_in_order_of_time(write: Write) -> None:
    table = read_adoption(write())
    assert list(table.agencies()) == ["Oakland", "Fresno", "Mesa"]
    earlier, later = table.agencies()["Oakland"]
    assert (earlier.program, earlier.first_month, earlier.last_month) == (
        "earlier runs",
        "2007",
        "2011",
    )
    assert (later.role, later.level, later.line, later.ori) == ("adopter", "city", 2, "CA00109")
    assert table.provenance.rows == 4


def test_the_command_line_says_what_it_holds(write: Write) -> None:
    told = check_dataset(write())
    assert "adoption.csv is good." in told and "4 rows of 3 agencies" in told
    assert "roles: 1 adopter, 1 partial, 2 control" in told


@pytest.mark.parametrize(
    ("old", "new", "where", "words"),
    [
        ("2012-10,month", "10/2012,month", "2:27", "first_month: '10/2012' is no month."),
        ("2012-10,month", "2012-13,month", "2:27", "first_month: '2012-13' is no month."),
        ("2012-10,month", "2012,month", "2:32", "is 'month', but the first month is 2012."),
        ("2012-10,month", "2012-10,year", "2:35", "is 'year', but the first month is 2012-10"),
        ("2012-10,month", "2012-10,", "2:35", "first_certainty: is empty beside 2012-10."),
        ("2012-10,month", ",", "2:27", "first_month: is empty. Where the role is adopter"),
        ("2012-10,month,2019", ",month,2019", "2:28", "is 'month' without a first month"),
        ("month,2019", "month,2012-09", "2:41", "last_month: 2012-09 is before 2012-10"),
        ("month,2019", "month,2011", "2:41", "last_month: 2011 is before 2012-10"),
        ("city,adopter", "citi,adopter", "2:46", "'citi' is not known. Did you mean 'city'?"),
        ("city,adopter", "small,adopter", "2:46", "Where the role is adopter it is city or part"),
        ("city,adopter", "city,adopted", "2:51", "'adopted' is not known. Did you mean 'adopter'"),
        ("city,adopter", "city,control", "2:46", "A city with such a program is no control."),
        ("Oakland,CA00109,C", "Oakland,CA109,C", "2:9", "is no identifier of seven places"),
        ("Oakland,CA00109,C", ",CA00109,C", "2:1", "agency: is empty. Write the police agency"),
        ("CA00109,Ceasefire", "CA00109,", "2:17", "program: is empty."),
        (",read,", ",heard,", "2:61", "certainty: 'heard' is not known."),
        (",read,", ",not searched,", "2:61", "but a program was found. Say how."),
        ("A newspaper,,", ",,", "2:67", "source: is empty. Name where it was read."),
        ("A newspaper,,", "A newspaper,oakland.com,", "2:79", "'oakland.com' is no address."),
        ("unknown,control", "unknown,control,", "5:", "has 16 cells, the header has 15"),
        ("none found,,", "none found,2009,year", "4:27", "but a control had no program"),
        ("CA00109,earlier", "CA00108,earlier", "3:9", "Oakland has 'CA00109' on line 2, and"),
        ("CA01005", "CA00109", "4:8", "CA00109 is Oakland on line 2. Correct one."),
        ("agency,ori", "agency,id", "1:8", "column 'id' is not known."),
        ("agency,ori", "agency,agency", "1:8", "column 'agency' is there twice."),
        ("agency,ori,", "agency,", "1:", "no column 'ori' (its identifier at the FBI"),
    ],
)
def test_what_is_wrong_in_a_row_has_its_line_and_column(
    write: Write, old: str, new: str, where: str, words: str
) -> None:
    lines = refused(write(old, new))
    assert any(line.startswith(f"adoption.csv:{where}") and words in line for line in lines), lines


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (ROWS[0], "adoption.csv:6:17: Oakland, Ceasefire is on line 2 already."),
        (
            ROWS[0].replace("Oakland,CA00109", "Fresno,CA01005"),
            "adoption.csv:6:50: role: Fresno is a control and has another row (line 4).",
        ),
        (
            ROWS[3].replace("Mesa,AZ00717", "Oakland,CA00109"),
            "role: Oakland is a control and has another row (line 2).",
        ),
    ],
)
def test_rows_that_contradict_each_other_are_refused(write: Write, row: str, words: str) -> None:
    assert any(words in line for line in refused(write(more=(row,))))


def test_every_fault_is_told_at_once(write: Write) -> None:
    lines = refused(write("2012-10,month", "2012-13,monht"))
    assert len(lines) == 2 and all(line.startswith("adoption.csv:2:") for line in lines)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('kind = "adoption of programs"\n', "", "kind: is missing."),
        ('"adoption of programs"', '"adoptions"', "kind: 'adoptions' is not known."),
        ("source =", "sauce =", "sauce: is not known here. Did you mean 'source'?"),
        ('"public"\n', '"public"\n[columns.orri]\nabout = "x"\n', "columns.orri: no such column"),
        ('name = "Programs"', 'name = "P"\nfile = "x.csv"', "file: is 'x.csv'"),
    ],
)
def test_a_wrong_description_has_its_line(write: Write, old: str, new: str, words: str) -> None:
    lines = refused(write(described=DESCRIPTION.replace(old, new, 1)))
    assert any(line.startswith("adoption.dataset.toml") and words in line for line in lines), lines


def test_no_rows_and_no_file_are_said(write: Write) -> None:
    path = write("\n" + "\n".join(ROWS), "")
    assert refused(path) == ["adoption.csv:1: no rows follow the header. Add them."]
    path.unlink()
    assert refused(path) == ["adoption.csv: no such file. Name the table."]


def committed() -> AdoptionTable:
    return read_adoption(TABLE, PROJECT)


def test_the_committed_table_is_good_and_has_every_agency_of_the_others() -> None:
    assert check_dataset(TABLE, PROJECT).startswith("data/public/adoption.csv is good.\n  104 rows")
    agencies = committed().agencies()
    oris = {episodes[0].ori: agency for agency, episodes in agencies.items() if episodes[0].ori}
    for name in ("oakland_ucr", "california_ucr", "cities_ucr"):
        panel = read_panel(PROJECT / f"data/public/{name}.csv", PROJECT)
        for unit in panel.units:
            ori = panel.agencies.get(unit)
            assert oris[ori].split(",")[0] == unit.split(",")[0] if ori else unit in agencies


def test_it_says_what_the_reading_says() -> None:
    """Machine-readable cells, row by row; words differ in spelling and in who is spoken of."""
    beside = PROJECT.parent / "shared" / "data"
    folder = Path(os.environ.get("CEASEFIRE_REFERENCE_DATA", beside)).parent / "reference"
    if not (folder / "adoption.csv").is_file():
        pytest.skip("the reading that the table was made from is not at hand")
    with (folder / "adoption.csv").open(encoding="utf-8", newline="") as stream:
        read = list(csv.DictReader(stream))
    made = committed().episodes
    assert len(read) == len(made) == 104
    same = ("ori", "first_month", "first_certainty", "last_month", "level", "role", "url")
    for row, one in zip(read, made, strict=True):
        assert {name: row[name] for name in same} == {name: getattr(one, name) for name in same}
        assert one.agency == row["agency"] or row["agency"] == "Richmond CA"
        assert row["certainty"].startswith("read") == (one.certainty in ("read", "listing only"))


@pytest.mark.parametrize(
    ("name", "kind"),
    [("adoption", "adoption of programs"), ("focused_deterrence", "published results")],
)
def test_as_outcomes_it_is_refused_by_its_kind(name: str, kind: str) -> None:
    with pytest.raises(DataError) as found:
        read_panel(PROJECT / f"data/public/{name}.csv", PROJECT)
    message = str(found.value)
    assert message.startswith(f"data/public/{name}.dataset.toml:4:1: kind: a dataset of {kind} has")
    assert len(message.splitlines()) == 1
