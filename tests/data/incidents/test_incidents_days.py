"""Days stay the days that were written, however a file writes times."""

from __future__ import annotations

import csv
import datetime
from collections.abc import Callable
from pathlib import Path

import pytest

from evaluation.data.incidents.build import build_panel
from evaluation.errors import EvaluationError

Project = Callable[..., Path]
Refused = Callable[..., EvaluationError]

HEADER = "case,when,told,beat,offense"
# The first days of three months, which any shift to the west puts into the month before.
MIDNIGHTS = [
    "{day}T00:00:00Z",
    "{day}T00:00:00.000Z",
    "{day} 00:00:00+00:00",
    "{day}T00:00+0000",
    "{day} 00:00:00-03",
]


def lines(form: str, start: int = 0) -> list[str]:
    days = [f"2012-{month:02d}-01" for month in (1, 2, 3)]
    return [f"{start + k},{form.format(day=day)},{day},A,HOMICIDE" for k, day in enumerate(days)]


def timed(recipe: str, *keys: str, naive: str = "local") -> str:
    return recipe.replace('naive = "local"', "\n".join([f'naive = "{naive}"', *keys]))


def counts(path: Path) -> list[int]:
    with path.with_name("panel.csv").open(encoding="utf-8") as stream:
        return [int(row["homicides"]) for row in csv.DictReader(stream)]


@pytest.mark.parametrize("form", MIDNIGHTS)
def test_days_exported_as_midnight_elsewhere_are_refused(
    project: Project, refused: Refused, recipe: str, form: str
) -> None:
    fault = refused(project(recipe, (HEADER, *lines(form))))
    assert str(fault).startswith("panel.toml:13:1: time: 3 of 3 times in column 'when'")
    assert "date_only = true" in str(fault)


@pytest.mark.parametrize("form", MIDNIGHTS)
def test_date_only_takes_the_day_as_it_is_written(project: Project, recipe: str, form: str) -> None:
    path = project(timed(recipe, "date_only = true"), (HEADER, *lines(form)))
    build_panel(path)
    assert counts(path) == [1, 1, 1]


def test_midnights_without_an_offset_are_refused_where_they_are_said_to_be_utc(
    project: Project, refused: Refused, recipe: str
) -> None:
    told = (HEADER, *lines("{day} 00:00:00"))
    assert "date_only" in str(refused(project(timed(recipe, naive="utc"), told)))
    path = project(timed(recipe, "date_only = true", naive="utc"), told)
    build_panel(path)
    assert counts(path) == [1, 1, 1]


@pytest.mark.parametrize(
    ("form", "zone"),
    [
        ("{day}T08:00:00Z", "America/Los_Angeles"),  # local midnight, as it should be exported
        ("{day}T00:00:00-08:00", "America/Los_Angeles"),
        ("{day}T00:00:00Z", "Europe/Madrid"),  # an hour later is the same day
        ("{day} 00:00:00", "America/Los_Angeles"),
        ("{day}", "America/Los_Angeles"),
    ],
)
def test_midnights_that_move_no_day_are_read(
    project: Project, recipe: str, form: str, zone: str
) -> None:
    path = project(recipe.replace("America/Los_Angeles", zone), (HEADER, *lines(form)))
    assert not [note for note in build_panel(path).notes if "date_only" in note]
    assert counts(path) == [1, 1, 1]


def test_one_file_of_midnights_among_others_is_refused(
    project: Project, refused: Refused, recipe: str
) -> None:
    project(recipe, (HEADER, *lines("{day}T20:00:00Z"), *lines("{day} 10:00", 3)), "a.csv")
    path = project(recipe, (HEADER, *lines("{day}T00:00:00Z", 9)), "b.csv")
    assert "raw/b.csv" in str(refused(path))


def test_some_midnights_are_told_and_moved(project: Project, recipe: str) -> None:
    told = [*lines("{day}T20:00:00Z"), *lines("{day}T00:00:00Z", 3)]
    path = project(recipe, (HEADER, *told))
    words = "\n".join(build_panel(path).notes)
    assert "3 of 6 times in raw/a.csv are exactly midnight" in words
    assert counts(path) == [2, 2, 1]


def test_midnights_that_are_moments_can_be_said_to_be(project: Project, recipe: str) -> None:
    path = project(timed(recipe, "date_only = false"), (HEADER, *lines("{day}T00:00:00Z")))
    build_panel(path)
    assert counts(path) == [1, 1, 0]


def test_date_only_says_which_true_times_it_takes_as_days(project: Project, recipe: str) -> None:
    path = project(timed(recipe, "date_only = true"), (HEADER, *lines("{day}T05:00:00Z")))
    assert "3 times not at midnight and on another day" in "\n".join(build_panel(path).notes)
    assert counts(path) == [1, 1, 1]


def test_midnights_in_parquet_are_days_too(project: Project, refused: Refused, recipe: str) -> None:
    import pyarrow
    from pyarrow import parquet

    path = project(recipe, (HEADER,))
    (path.parent / "raw" / "a.csv").unlink()
    when = [datetime.datetime(2012, month, 1, tzinfo=datetime.UTC) for month in (1, 2, 3)]
    columns = {"case": ["1", "2", "3"], "when": when, "told": when}
    columns |= {"beat": ["A"] * 3, "offense": ["HOMICIDE"] * 3}
    parquet.write_table(pyarrow.table(columns), path.parent / "raw" / "a.parquet")
    assert "date_only" in str(refused(path))
    path.write_text(timed(recipe, "date_only = true"), encoding="utf-8")
    build_panel(path)
    assert counts(path) == [1, 1, 1]


FORMATS = 'formats = ["%m/%d/%Y", "%m/%d/%Y %H:%M:%S %z"]'


@pytest.mark.parametrize("naive", ["local", "utc"])
def test_formats_leave_iso_on(project: Project, recipe: str, naive: str) -> None:
    told = [*lines("{day}"), *lines("{day}T20:00:00Z", 3), *lines("{day} 20:00:00", 6)]
    told += [f"9{m},{m:02d}/01/2012,2012-01-01,A,HOMICIDE" for m in (1, 2, 3)]
    path = project(timed(recipe, FORMATS, naive=naive), (HEADER, *told))
    build_panel(path)
    assert counts(path) == [4, 4, 4]


@pytest.mark.parametrize(
    ("written", "month"),
    [
        ("03/01/2012 07:59:59 +0000", 1),
        ("03/01/2012 08:00:00 +0000", 2),
        ("03/01/2012 08:00:00 Z", 2),
        ("03/01/2012 08:00:00Z", 2),
        ("03/01/2012 00:00:00 -08:00", 2),
        ("02/29/2012 23:59:59 -0800", 1),
        ("03/01/2012 13:29:00 +05:30", 1),
        ("03/01/2012 13:31:00 +05:30", 2),
    ],
)
def test_offset_of_a_format_is_a_moment_in_the_zone(
    project: Project, recipe: str, written: str, month: int
) -> None:
    row = f"1,{written},2012-03-03,A,HOMICIDE"
    path = project(timed(recipe, FORMATS), (HEADER, row))
    build_panel(path)
    assert counts(path) == [int(k == month) for k in range(3)]


def test_midnights_of_a_format_with_an_offset_are_refused(
    project: Project, refused: Refused, recipe: str
) -> None:
    told = [f"{m},{m:02d}/01/2012 00:00:00 +0000,2012-01-01,A,HOMICIDE" for m in (1, 2, 3)]
    assert "date_only" in str(refused(project(timed(recipe, FORMATS), (HEADER, *told))))
    path = project(timed(recipe, FORMATS, "date_only = true"), (HEADER, *told))
    build_panel(path)
    assert counts(path) == [1, 1, 1]


def test_format_that_takes_the_month_of_iso_for_the_day_stands_alone(
    project: Project, refused: Refused, recipe: str
) -> None:
    text = timed(recipe, 'formats = ["%Y-%d-%m"]').replace('reported = "told"\n', "")
    text = text.replace('"first reported"', '"refuse"')
    path = project(text, (HEADER, "1,2012-01-03,,A,HOMICIDE"))
    build_panel(path)
    assert counts(path) == [0, 0, 1]
    assert "is no time" in str(refused(project(text, (HEADER, "1,2012-01-13,,A,HOMICIDE"))))


@pytest.mark.parametrize("given", ["%m/%d/%Y %Z", "%z %m/%d/%Y", "%m/%d/%Y %z %z"])
def test_format_with_a_zone_that_cannot_be_told_is_refused(
    project: Project, refused: Refused, recipe: str, given: str
) -> None:
    assert "time.formats" in str(refused(project(timed(recipe, f'formats = ["{given}"]'))))


@pytest.mark.parametrize("offset", ["+99:00", "-30", "+05:75", "+2400"])
@pytest.mark.parametrize("formats", [(), ('formats = ["%m/%d/%Y %H:%M %z"]',)])
def test_an_offset_that_no_clock_has_is_no_time(
    project: Project, refused: Refused, recipe: str, offset: str, formats: tuple[str, ...]
) -> None:
    when = f"02/01/2012 12:00 {offset}" if formats else f"2012-02-01T12:00:00{offset}"
    path = project(timed(recipe, *formats), (HEADER, f"1,{when},2012-02-02,A,HOMICIDE"))
    assert f"'{when}' is no time like" in str(refused(path))


@pytest.mark.parametrize("cell", ["40940", "40940.75"])
def test_a_number_of_days_of_a_spreadsheet_is_named(
    project: Project, refused: Refused, recipe: str, cell: str
) -> None:
    path = project(recipe, (HEADER, f"1,{cell},2012-02-02,A,HOMICIDE"))
    assert "is no time but a number of days. Export the column as dates" in str(refused(path))


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "-08:00", "UTC"])
def test_date_only_takes_no_day_of_a_parquet_file_that_shows_two(
    project: Project, refused: Refused, recipe: str, zone: str
) -> None:
    from pyarrow import array as column
    from pyarrow import parquet, table, timestamp

    path = project(timed(recipe, "date_only = true").replace('["raw"]', '["raw/b.parquet"]'))
    # Ten in the evening of January 31 in Los Angeles, so another day in UTC.
    when = [datetime.datetime(2012, 2, 1, 6)]
    kept = {"case": ["1"], "when": column(when, timestamp("us", zone)), "told": ["2012-02-02"]}
    kept |= {"beat": ["A"], "offense": ["HOMICIDE"]}
    parquet.write_table(table(kept), path.parent / "raw" / "b.parquet")
    if zone == "UTC":
        build_panel(path)
        assert counts(path) == [0, 1, 0]
        return
    assert "date_only cannot tell which was meant" in str(refused(path))
    path.write_text(path.read_text().replace("date_only = true\n", ""))
    build_panel(path)
    assert counts(path) == [1, 0, 0]
