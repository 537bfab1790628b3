"""A ready-made table described by `ceasefire data --new`: right, or refused with its place.

What a table holds is worked out here a second time from the numbers that the test draws, so that a
column taken for another, a month read as a day or a total counted twice would show.
"""

from __future__ import annotations

import datetime
import os
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from evaluation import cli
from evaluation.data.read import read_panel, read_records

MONTHS = [(year, month) for year in range(2015, 2019) for month in range(1, 13)]
# The first days of 60 weeks.
SUNDAY = datetime.date(2014, 12, 7)
WEEKS = [SUNDAY + datetime.timedelta(days=7 * n) for n in range(60)]
ISO = [f"{year}-{month:02d}" for year, month in MONTHS]
COUNTS = [5 + n * 7 % 9 for n in range(len(ISO))]
NAMES = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def table(head: str, rows: list[str]) -> str:
    return "\n".join([head, *rows]) + "\n"


def by(write: Callable[[int, int], str], head: str = "month,shootings") -> str:
    pairs = zip(MONTHS, COUNTS, strict=True)
    return table(head, [f"{write(*when)},{number}" for when, number in pairs])


PLAIN = by(lambda year, month: f"{year}-{month:02d}")
ROWS = PLAIN.splitlines()[1:]


def last_day(year: int, month: int) -> datetime.date:
    return datetime.date(year + month // 12, month % 12 + 1, 1) - datetime.timedelta(days=1)


def serial(year: int, month: int) -> str:
    return str((datetime.date(year, month, 1) - datetime.date(1899, 12, 30)).days)


def described(folder: Path, content: str | bytes, *more: str, name: str = "t.csv") -> Path:
    """The table that was described, with what only its author can say filled in."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    before = path.read_bytes()
    assert cli.main(["data", "--new", str(path), *more]) == 0
    assert path.read_bytes() == before
    (description,) = folder.glob("*.dataset.toml")
    text = description.read_text("utf-8")
    for key in ("source", "licence", "unit"):
        text = text.replace(f'\n{key} = ""\n', f'\n{key} = "Invented for a test"\n')
    description.write_text(text, encoding="utf-8")
    (found,) = (
        one
        for one in folder.iterdir()
        if one.suffix in (".csv", ".parquet") and one.stem == description.name.split(".dataset")[0]
    )
    return found


# One series of months, written in every way that it may be.
SAME: dict[str, str | bytes] = {
    "as the reader takes it": PLAIN,
    "first days": by(lambda year, month: f"{year}-{month:02d}-01"),
    "last days": by(lambda year, month: last_day(year, month).isoformat()),
    "times at midnight": by(lambda year, month: f"{year}-{month:02d}-01T00:00:00.000Z"),
    "month and year": by(lambda year, month: f"{month}/{year}"),
    "Jan-15": by(lambda year, month: f"{NAMES[month - 1]}-{year % 100}"),
    "15-Jan": by(lambda year, month: f"{year % 100}-{NAMES[month - 1]}"),
    "January 2015": by(lambda year, month: f"{NAMES[month - 1]} {year}"),
    "serial numbers": by(serial),
    "American days": by(lambda year, month: f"{month}/1/{year}"),
    "European days": by(lambda year, month: f"01.{month:02d}.{year}"),
    "last American days": by(lambda year, month: f"{month}/{last_day(year, month).day}/{year}"),
    "digits": by(lambda year, month: f"{year}{month:02d}"),
    "two columns": by(lambda year, month: f"{year},{month}", "year,month,shootings"),
    "a month's name": by(lambda year, month: f"{year},{NAMES[month - 1]}", "Year,Month,shootings"),
    "digits of a name": by(lambda year, month: f"{year}{month:02d}", "YYYYMM,shootings"),
    "words in one": by(lambda year, month: f"{year}{month:02d}", "YearMonth,shootings"),
    "newest first": table("month,shootings", ROWS[::-1]),
    "byte-order mark": b"\xef\xbb\xbf" + PLAIN.encode(),
    "UTF-16": PLAIN.encode("utf-16"),
    "semicolons": PLAIN.replace(",", ";"),
    "tabs": PLAIN.replace(",", "\t"),
    "a line that names the separator": "sep=;\n" + PLAIN.replace(",", ";"),
    "carriage returns": PLAIN.replace("\n", "\r"),
    "spaces": PLAIN.replace(",", ", "),
    "lines above": "Oakland police,\nMonthly report,\n\n" + PLAIN,
    "lines below": PLAIN + 'Total,400\n\n"Source: police, extract of 2020",\n',
    "totals of years": re.sub(r"((\d{4})-12,\d+\n)", r"\1\2 Total,99\n", PLAIN),
    "blank lines": PLAIN.replace("2016-01", "\n\n2016-01"),
    "empty columns": PLAIN.replace("\n", ",,\n"),
    "numbers of rows": table(",month,shootings", [f"{n},{row}" for n, row in enumerate(ROWS)]),
    "words beside": table("month,shootings,note", [f"{row},checked" for row in ROWS]),
    "quoted": "\n".join(",".join(f'"{c}"' for c in r.split(",")) for r in PLAIN.split()) + "\n",
    "decimals that are whole": re.sub(r",(\d+)\n", r",\1.0\n", PLAIN),
}


@pytest.mark.parametrize("how", SAME)
def test_a_monthly_series_is_the_same_however_it_is_written(how: str, tmp_path: Path) -> None:
    panel = read_panel(described(tmp_path, SAME[how]))
    assert (panel.frequency, panel.periods) == ("month", tuple(ISO))
    (outcome,) = panel.named("outcome")
    assert (outcome.name, outcome.type, outcome.offense) == ("shootings", "count", "shooting")
    np.testing.assert_array_equal(panel.values["shootings"], [COUNTS])


def test_the_file_itself_is_described_where_it_can_be_read(tmp_path: Path) -> None:
    assert described(tmp_path, PLAIN).name == "t.csv"
    (tmp_path / "x").mkdir()
    assert described(tmp_path / "x", PLAIN.replace(",", ";")).name == "t_ready.csv"


def test_years_and_quarters(tmp_path: Path) -> None:
    rows = [f"{year},{year % 7},400000" for year in range(2000, 2020)]
    panel = read_panel(described(tmp_path, table("year,homicides,population", rows)))
    assert (panel.frequency, panel.periods[0], panel.periods[-1]) == ("year", "2000", "2019")
    assert [one.role for one in panel.columns] == ["period", "outcome", "exposure"]
    quarters = [f"Q{q} {year},{q}" for year in range(2010, 2014) for q in (1, 2, 3, 4)]
    (tmp_path / "q").mkdir()
    panel = read_panel(described(tmp_path / "q", table("quarter,robberies", quarters)))
    assert (panel.frequency, panel.periods[0]) == ("quarter", "2010-Q1")
    days = [f"{year}-{m:02d}-{d},{m}" for year in range(2010, 2014) for m, d in ENDS]
    (tmp_path / "e").mkdir()
    panel = read_panel(described(tmp_path / "e", table("date,robberies", days)))
    assert (panel.frequency, panel.periods[-1]) == ("quarter", "2013-Q4")


@pytest.mark.parametrize(
    ("name", "shift", "form", "first", "says"),
    [
        ("week", 0, "%Y-%m-%d", "2014-W49-7", "first row is of 2014-12-07 to 2014-12-13"),
        ("week", 0, "%m/%d/%Y", "2014-W49-7", "taken for the first day"),
        ("week_ending", 6, "%m/%d/%Y", "2014-W49-7", "first row is of 2014-12-07 to 2014-12-13"),
        ("date", 1, "%Y-%m-%d", "2014-W50", "taken for the first day"),
        ("week", 1, "%G-W%V", "2014-W50", ""),
        ("week", 1, "%GW%V", "2014-W50", ""),
    ],
)
def test_a_weekly_table_is_read_and_said(
    tmp_path: Path, name: str, shift: int, form: str, first: str, says: str
) -> None:
    rows = [(one + datetime.timedelta(days=shift)).strftime(form) for one in WEEKS]
    path = described(tmp_path, table(f"{name},shootings", [f"{one},3" for one in rows]))
    panel = read_panel(path)
    assert (panel.frequency, panel.periods[0], len(panel.periods)) == ("week", first, 60)
    description = path.with_name(f"{path.stem}.dataset.toml").read_text("utf-8")
    assert says in " ".join(description.replace("\n#", "").split())
    assert 'measure = "shootings a week"' in description


def test_a_weekly_table_of_two_places_has_its_coverage(tmp_path: Path) -> None:
    rows = [f"{city},{one},3" for city in "AB" for one in WEEKS[city == "B" :]]
    panel = read_panel(described(tmp_path, table("city,week,shootings", rows)))
    assert (panel.frequency, panel.units) == ("week", ("A", "B"))
    assert np.isnan(panel.values["shootings"][1, 0])


def test_a_daily_table_is_read_and_said(tmp_path: Path) -> None:
    days = [SUNDAY + datetime.timedelta(days=n) for n in range(400)]
    path = described(tmp_path, table("date,shootings", [f"{one},1" for one in days]))
    assert path.name == "t.csv"
    panel = read_panel(path)
    assert (panel.frequency, panel.periods[0], len(panel.periods)) == ("day", str(SUNDAY), 400)
    assert "A row is a day." in (tmp_path / "t.dataset.toml").read_text("utf-8")


ENDS = ((3, 31), (6, 30), (9, 30), (12, 31))


def test_two_places_flags_and_accents_of_windows(tmp_path: Path) -> None:
    rows = [
        f"{city},{when},{number},{'Yes' if city == 'Oakland' and n > 20 else 'No'}"
        for city in ("Oakland", "Cañon City")
        for n, (when, number) in enumerate(zip(ISO, COUNTS, strict=True))
    ]
    content = table("city,month,shootings,ceasefire", rows).encode("windows-1252")
    panel = read_panel(described(tmp_path, content))
    assert panel.units == ("Oakland", "Cañon City")
    (flag,) = panel.named("treatment")
    assert panel.values[flag.name].sum() == len(ISO) - 21


@pytest.mark.parametrize("name", ["Residents", "participants", "cases", "people", "members"])
def test_numbers_of_people_by_month_are_no_people(name: str, tmp_path: Path) -> None:
    lines = [f"{row},{400 + n}" for n, row in enumerate(ROWS)]
    panel = read_panel(described(tmp_path, table(f"month,shootings,{name}", lines)))
    assert panel.periods == tuple(ISO)


def test_a_place_that_is_the_sum_of_the_others_is_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [
        f"{city},{when},{number * times}"
        for city, times in (("Oakland", 1), ("Fresno", 2), ("Total", 3))
        for when, number in zip(ISO, COUNTS, strict=True)
    ]
    panel = read_panel(described(tmp_path, table("city,month,shootings", rows)))
    assert panel.units == ("Oakland", "Fresno")
    assert "would count twice" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("separator", "written", "value"),
    [
        (",", '"401,300"', 401300.0),
        (",", '"1,401,300"', 1401300.0),
        (";", "401 300", 401300.0),
        (";", "1.401.300", 1401300.0),
        (";", "12,5", 12.5),
        (";", "1.412,5", 1412.5),
        (",", "12.5", 12.5),
        (",", "401'300", 401300.0),
        ("\t", "401\u00a0300", 401300.0),
    ],
)
def test_numbers_of_every_style(separator: str, written: str, value: float, tmp_path: Path) -> None:
    lines = [f"{row.replace(',', separator)}{separator}{written}" for row in ROWS]
    head = f"month{separator}shootings{separator}population"
    panel = read_panel(described(tmp_path, table(head, lines)))
    assert set(panel.values["population"].ravel()) == {value}


def test_a_point_before_three_digits_is_refused_where_nothing_tells(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [f"{row.replace(',', ';')};401.300" for row in ROWS]
    path = tmp_path / "t.csv"
    path.write_text(table("month;shootings;income", lines), encoding="utf-8")
    assert cli.main(["data", "--new", str(path)]) == 2
    assert "t.csv:2:11: income is '401.300': nothing tells" in capsys.readouterr().err
    # With another number in the file that tells it.
    lines = [f"{row.replace(',', ';')};401.300;{n},5" for n, row in enumerate(ROWS)]
    (tmp_path / "x").mkdir()
    content = table("month;shootings;income;unemployment", lines)
    panel = read_panel(described(tmp_path / "x", content))
    assert set(panel.values["income"].ravel()) == {401300.0}


def test_what_is_counted_has_no_decimals(tmp_path: Path) -> None:
    lines = [f"{row.replace(',', ';')};401.300" for row in ROWS]
    panel = read_panel(described(tmp_path, table("month;shootings;residents", lines)))
    assert set(panel.values["residents"].ravel()) == {401300.0}


def swapped(at: int, row: str) -> str:
    return table("month,shootings", [*ROWS[:at], row, *ROWS[at + 1 :]])


CITIES = [f"{row},{n % 4}" for n, row in enumerate(ROWS)]
WRONG: dict[str, tuple[str | bytes, str]] = {
    "a typing error": (swapped(5, "2015-13,4"), "t.csv:7:1: '2015-13' is no month"),
    "no period": (swapped(5, ",4"), "t.csv:7:1: month is blank"),
    "a withheld number": (swapped(5, "2015-06,<5"), "t.csv:7:9: shootings is '<5', not a number"),
    "too many cells": (swapped(5, "2015-06,4,1"), "t.csv:7: has 3 cells, the header has 2"),
    "an open quote": (swapped(5, '"2015-06,4'), "t.csv:7: a quote opens here and never closes"),
    "no names": ("\n".join(ROWS), "t.csv:1:1: '2015-01' is no name of a column"),
    "one name twice": (table("month,n,n", CITIES), "t.csv:1:9: column 'n' is there twice"),
    "a column without a name": (table("month,n,", CITIES), "t.csv:1:9: a column with cells has no"),
    "a column a city": (table("month,Oakland,Fresno", CITIES), "t.csv:1:7: columns 'Oakland'"),
    "a column a year": ("city,2015,2016,2017\nA,1,2,3\n", "t.csv:1:6: columns '2015' to '2017'"),
    "a column a month": (
        table(f"year,{','.join(NAMES)}", [f"2015{',1' * 12}", f"2016{',1' * 12}"]),
        "t.csv:1:6: columns 'Jan' to 'Dec' are periods",
    ),
    "kinds below one another": (
        table("month,offense,n", [f"{w},{o},3" for o in ("murder", "theft") for w in ISO]),
        "t.csv:1:7: rows of one period differ in 'offense'",
    ),
    "kinds of two cities": (
        table(
            "city,month,offense,n",
            [f"{c},{w},{o},3" for c in "AB" for o in ("murder", "theft") for w in ISO],
        ),
        "t.csv:50:3: rows of one city and period differ in 'offense'",
    ),
    "fiscal years": (
        table("year,homicides", [f"{y}-{y % 100 + 1:02d},4" for y in range(2003, 2012)]),
        "t.csv:2:1: '2003-04' is a fiscal year",
    ),
    "days or years": ("month,n\n12-Jan,3\n13-Feb,4\n14-Mar,5\n", "t.csv:2:1: '12-Jan' can be read"),
    "days or months": ("date,n\n1/2/2015,3\n2/1/2015,4\n", "t.csv:2:1: '1/2/2015' can be read"),
    "days with gaps": (
        table("date,n", [f"2015-01-{day:02d},3" for day in range(1, 29, 2)]),
        "t.csv:3:1: '2015-01-03': a month has several rows",
    ),
    "incidents": (
        table("case,date,offense", [f"{n},2015-01-{1 + n % 28:02d},THEFT" for n in range(60)]),
        "`ceasefire panel --new t.csv`",
    ),
    "weeks of a year of 52": (
        table("week,n", [f"2015-W{n:02d},3" for n in range(1, 50)] + ["2015-W54,3"]),
        "t.csv:51:1: '2015-W54' is no week as the others",
    ),
    "a week that begins on another day": (
        table("week,n", [f"2015-W{n:02d},3" for n in range(1, 50)] + ["2015-W50-4,3"]),
        "t.csv:51:1: '2015-W50-4' is no week as the others",
    ),
    "weeks by number": (
        table("year,week,n", [f"2015,{n},3" for n in range(1, 53)]),
        "t.csv:1:6: 'week' numbers the weeks of a year",
    ),
    "a week from a Wednesday": (
        table("week,n", [f"{one},3" for one in WEEKS[:40]] + ["2015-09-16,3"]),
        "t.csv:42:1: '2015-09-16' is a Wednesday, but the others are Sundays",
    ),
    "several rows a day": (
        table("date,n", [f"2015-01-{day:02d},3" for day in range(1, 29) for _ in "ab"]),
        "there must be one a place and day, or week",
    ),
    "no period at all": ("city,n\nA,3\nB,4\n", "t.csv:1: no column holds periods"),
    "no numbers": (table("month,note", [f"{w},x" for w in ISO]), "no column holds numbers"),
    "nothing": ("", "t.csv:1: is empty"),
    "names alone": ("month,shootings\n", "t.csv:1: no rows follow"),
    "one column": (table("month", ISO), "has one column only"),
    "a spreadsheet": (b"PK\x03\x04" + bytes(40), "is a spreadsheet by its content"),
    "UTF-16 without a mark": (PLAIN.encode("utf-16-le"), "NUL byte"),
    "bytes of no text": (b"month,n\n2015-01,3\x81\n", "t.csv:2:10: byte 0x81"),
    "people that nothing names": (
        table("ID,Start,Group,Arrested", [f"{n},2015-0{1 + n % 9},A,{n % 2}" for n in range(60)]),
        "t.csv:1:1: most of 'ID' have a single row",
    ),
    "waves by number": (
        table("respondent,wave,program,q1", [f"R{n},{n % 2 + 1},0,{n % 5}" for n in range(40)]),
        "t.csv:2:4: column 'wave' does not say when",
    ),
    "a person twice": (
        table("person,entry,treated,arrests", [f"P{n // 2},2015-01-11,0,1" for n in range(60)]),
        "t.csv:1:1: 30 rows are of a person",
    ),
    "days of people that could be others": (
        table("person,entry,treated,arrests", [f"P{n},3/4/2015,{n % 2},1" for n in range(60)]),
        "t.csv:2:4: entry: day and month could be exchanged",
    ),
    "a word among the numbers of people": (
        table(
            "person,entry,treated,arrests",
            [f"P{n},2015-03-20,{n % 2},{'secret' if n == 9 else 1}" for n in range(60)],
        ),
        "t.csv:11:17: arrests: not a number",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_cannot_be_told_is_refused_with_its_place(
    what: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content, message = WRONG[what]
    path = tmp_path / "t.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    assert cli.main(["data", "--new", str(path)]) == 2
    said = capsys.readouterr()
    assert message in said.err.replace(f"{tmp_path}{os.sep}", "")
    assert said.out == "" and "secret" not in said.err
    assert [one.name for one in tmp_path.iterdir()] == ["t.csv"]


# Said when it is described, and refused with its place by whoever reads it.
SAID: dict[str, tuple[str, str, str]] = {
    "a gap": (table("month,shootings", ROWS[:9] + ROWS[11:]), "2 months between", "t.csv:11:1"),
    "a month twice": (PLAIN + ROWS[-1] + "\n", "(lines 49 and 50)", "t.csv:50:1"),
    "no number": (swapped(5, "2015-06,"), "1 cell has no value", "t.csv:7:9: shootings is blank"),
    "n/a": (swapped(5, "2015-06,N/A"), "such as N/A", "t_ready.csv:7:9: shootings is blank"),
    "below zero": (swapped(5, "2015-06,-3"), "Some are below zero", "t.csv:7:9: shootings is -3"),
    "two spellings": (
        table("city,month,n", [f"{'Reno' if n else 'reno'},{w},3" for n, w in enumerate(ISO)]),
        "are one place in several spellings",
        "t.csv:3:1: 'Reno' is written 'reno'",
    ),
}


@pytest.mark.parametrize("what", SAID)
def test_what_is_suspicious_is_said_and_never_read(
    what: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content, doubt, refusal = SAID[what]
    path = described(tmp_path, content)
    said = capsys.readouterr().out
    assert doubt in said
    # It stands above the key that it is about, too.
    text = " ".join(re.sub("^# *", "", path.with_suffix(".dataset.toml").read_text("utf-8"),
                           flags=re.MULTILINE).split())  # fmt: skip
    assert doubt in text
    assert cli.main(["data", str(path)]) == 2
    assert refusal in capsys.readouterr().err


def test_cells_without_a_number_are_declared_by_taking_the_sign_away(tmp_path: Path) -> None:
    path = described(tmp_path, swapped(5, "2015-06,"))
    description = path.with_suffix(".dataset.toml")
    text = description.read_text("utf-8")
    head, tail = text.split("# [[missing]]")
    tail = tail.replace("# ", "").replace('why = ""', 'why = "not reported"')
    description.write_text(f"{head}[[missing]]{tail}", encoding="utf-8")
    panel = read_panel(path)
    assert np.isnan(panel.values["shootings"]).sum() == 1


def test_people_are_private_and_nothing_of_them_is_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [
        f"{1000 + n},Ann Example {n},{1 + n % 12}/{1 + n % 28}/2015,{'Yes' if n % 2 else 'No'},"
        f"{20 + n % 9},{n % 4},{n % 3},{'A' if n % 2 else 'B'}"
        for n in range(60)
    ]
    head = "Client ID,Name,Enrollment Date,Program,Age,Prior arrests,Arrests in 24 months,Group"
    path = described(tmp_path, table(head, rows))
    said = capsys.readouterr().out
    assert "Ann" not in said and "Ann" not in path.read_text("utf-8")
    people = read_records(path)
    assert people.kind == "people" and people.provenance.sensitivity == "private"
    roles = {one.name: (one.role, one.type) for one in people.columns}
    assert roles == {
        "Client ID": ("person", "text"),
        "Enrollment Date": ("entry", "date"),
        "Program": ("treatment", "flag"),
        "Age": ("covariate", "count"),
        "Prior arrests": ("covariate", "count"),
        "Arrests in 24 months": ("outcome", "count"),
        "Group": ("trait", "text"),
    }
    assert people.values_of("Program").sum() == 30


def test_answers_of_a_survey_and_codes_that_are_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def rows(odd: int | str) -> list[str]:
        return [
            f"R{n},{2012 if n < 40 else 2014},N{n % 4},{n % 2},{1 + n % 3},{1 + n % 5},"
            f"{odd if n == 7 else 1 + n * 2 % 5},{20 + n % 50}"
            for n in range(80)
        ]

    head = "respondent,wave,neighborhood,program,weight,q1,q2,age"
    survey = read_records(described(tmp_path, table(head, rows(""))))
    assert [one.role for one in survey.columns] == [
        *("person", "wave", "area", "treatment", "weight", "item", "item", "trait")
    ]
    item = survey.column("q2")
    assert (item.low, item.high) == (1, 5)
    (tmp_path / "x").mkdir()
    path = described(tmp_path / "x", table(head, rows(9)))
    assert "stand apart from 1 to 5" in capsys.readouterr().out
    assert cli.main(["data", str(path)]) == 2
    assert "q2 is outside 1 to 5" in capsys.readouterr().err


def test_the_kind_and_the_place_may_be_told(tmp_path: Path) -> None:
    path = described(tmp_path, table("month,stabbings,fires", CITIES), "--unit", "Oakland")
    panel = read_panel(path)
    assert panel.units == ("Oakland",) and len(panel.named("outcome")) == 2


def test_nothing_that_is_there_is_written_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number, (content, there) in enumerate(
        ((PLAIN, "t.dataset.toml"), (PLAIN.replace(",", ";"), "t_ready.csv"),
         (PLAIN.replace(",", ";"), "t_ready.dataset.toml"))
    ):  # fmt: skip
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "t.csv").write_text(content, encoding="utf-8")
        (folder / there).write_text("mine", encoding="utf-8")
        assert cli.main(["data", "--new", str(folder / "t.csv")]) == 2
        assert f"{there}: is already there" in capsys.readouterr().err
        assert (folder / there).read_text(encoding="utf-8") == "mine"
        assert len(list(folder.iterdir())) == 2


def test_a_folder_with_spaces_and_accents_and_one_nobody_may_write_to(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "Année 2020 (mes données)"
    folder.mkdir()
    path = described(folder, PLAIN.replace(",", ";"), name="tirs à Reno.csv")
    said = capsys.readouterr().out.splitlines()[-1]
    # What it says can be typed as it stands.
    assert f"ceasefire data '{folder}/tirs à Reno_ready.csv'" in said
    assert read_panel(path).periods == tuple(ISO)
    if os.geteuid() == 0:
        return  # to root no folder is read-only
    closed = tmp_path / "closed"
    closed.mkdir()
    (closed / "t.csv").write_text(PLAIN, encoding="utf-8")
    closed.chmod(0o500)
    assert cli.main(["data", "--new", str(closed / "t.csv")]) == 2
    assert "could not be written" in capsys.readouterr().err
    closed.chmod(0o700)


def test_what_is_no_table_says_what_to_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "t.xlsx").write_bytes(b"PK")
    (tmp_path / "t.pdf").write_bytes(b"%PDF")
    for words, message in (
        (["t.xlsx"], "Save its sheet as 'CSV UTF-8'"),
        (["t.pdf"], "name a file that ends in"),
        (["none.csv"], "no such file"),
        (["."], "is a folder"),
        (["t.pdf", "t.xlsx"], "one table at a time"),
    ):
        files = [str(tmp_path / one) for one in words]
        assert cli.main(["data", "--new", *files]) == 2
        assert message in capsys.readouterr().err


def test_a_table_that_is_counted_already_is_no_list_of_incidents(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "t.csv").write_text(SAME["last days"], encoding="utf-8")  # type: ignore[arg-type]
    assert cli.main(["panel", "--new", str(tmp_path / "t.csv")]) == 0
    assert "is this table counted already?" in capsys.readouterr().out
