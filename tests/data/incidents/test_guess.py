"""A recipe guessed from files: right, or said to be doubtful, or refused."""

from __future__ import annotations

import datetime
import gzip
import tomllib
from pathlib import Path

import pytest

from evaluation import cli
from evaluation.data.incidents.guess import guess
from evaluation.data.incidents.recipe_text import recipe_text
from evaluation.errors import DataError
from evaluation.fact import said

HEAD = "case_no,date_occurred,offense,city\n"


def written(folder: Path, lines: list[str], name: str = "crimes.csv", head: str = HEAD) -> Path:
    path = folder / name
    path.write_text(head + "\n".join(lines) + "\n", encoding="utf-8")
    return path


def every_day(*, form: str = "{year}-{month:02d}-{day:02d}", year: int = 2019) -> list[str]:
    return [
        f"{year}{month:02d}{day:02d},"
        + form.format(year=year, month=month, day=day)
        + f",{'HOMICIDE' if day % 9 == 0 else 'THEFT'},Reno"
        for month in range(1, 13)
        for day in range(1, 29)
    ]


def keys(path: Path, table: str) -> set[str]:
    return {one.key.removeprefix("recipe.doubt.") for one in guess([path]).doubts[table]}


def recipe(path: Path) -> dict[str, object]:
    found: dict[str, object] = tomllib.loads(recipe_text(guess([path]), say=said))
    return found


def test_columns_unit_outcome_and_window_are_guessed(tmp_path: Path) -> None:
    found = recipe(written(tmp_path, every_day()))
    assert found["incidents"] == {
        "files": ["crimes.csv"],
        "occurred": "date_occurred",
        "row": "incident",
        "id": "case_no",
    }
    assert found["units"] == {"unit": "Reno", "label": "city"}
    assert found["outcomes"] == {
        "homicides": {
            "measure": "incidents a month",
            "offense": "murder",
            "where": {"offense": ["HOMICIDE"]},
        }
    }
    assert found["coverage"] == {"first": "2019-01", "last": "2019-12"}
    assert found["source"] == found["licence"] == ""


@pytest.mark.parametrize(
    ("form", "given"),
    [
        ("{month:02d}/{day:02d}/{year}", "%m/%d/%Y"),
        ("{day:02d}/{month:02d}/{year}", "%d/%m/%Y"),
        ("{year}/{month:02d}/{day:02d} 14:05", "%Y/%m/%d %H:%M"),
        ("{month}/{day}/{year} 02:05:00 PM", "%m/%d/%Y %I:%M:%S %p"),
    ],
)
def test_formats_of_days_are_found(tmp_path: Path, form: str, given: str) -> None:
    found = recipe(written(tmp_path, every_day(form=form)))
    assert found["time"]["formats"] == [given]  # type: ignore[index]
    assert found["coverage"] == {"first": "2019-01", "last": "2019-12"}


def test_days_that_could_be_months_are_said(tmp_path: Path) -> None:
    form = "{month:02d}/{day:02d}/{year}"
    low = [line for line in every_day(form=form) if int(line.split("/")[1]) <= 12]
    assert "either" in keys(written(tmp_path, low), "time")
    assert "either" not in keys(written(tmp_path, every_day(form=form)), "time")


def test_weeks_and_days_are_counted_where_they_are_asked_for(tmp_path: Path) -> None:
    path = written(tmp_path, every_day())
    for by, first, last in (("week", "2019-W01", "2019-W52"), ("day", "2019-01-01", "2019-12-28")):
        found = tomllib.loads(recipe_text(guess([path], frequency=by), say=said))
        assert (found["period"], found["output"]) == (by, f"crimes_by_{by}.csv")
        assert found["outcomes"]["homicides"]["measure"] == f"incidents a {by}"
        assert found["coverage"] == {"first": first, "last": last}


def test_rows_that_are_dated_by_week_are_counted_by_those_weeks(tmp_path: Path) -> None:
    days = [datetime.date(2019, 1, 5) + datetime.timedelta(days=7 * n) for n in range(30)]
    path = written(tmp_path, [f"{n},{day},THEFT,Reno" for day in days for n in range(3)])
    found = recipe(path)
    assert found["period"] == "week"
    assert found["coverage"] == {"first": "2019-W01-6", "last": "2019-W30-6"}
    assert "dated-by-week" in keys(path, "coverage")
    assert "counted" not in keys(path, "incidents")


@pytest.mark.parametrize(("step", "of"), [(1, "day"), (7, "week")])
def test_a_row_a_day_or_week_may_be_counted_already(tmp_path: Path, step: int, of: str) -> None:
    days = [datetime.date(2019, 1, 5) + datetime.timedelta(days=step * n) for n in range(60)]
    path = written(tmp_path, [f"{n},{day},THEFT,Reno" for n, day in enumerate(days)])
    (told,) = [one for one in guess([path]).doubts["incidents"] if one.key.endswith("counted")]
    assert f"60 rows, about one a {of}" in said(told)


def test_midnight_in_utc_counts_the_day_as_written(tmp_path: Path) -> None:
    path = written(tmp_path, every_day(form="{year}-{month:02d}-{day:02d}T00:00:00Z"))
    assert "midnight" in keys(path, "time")
    assert recipe(path)["time"]["date_only"] is True  # type: ignore[index]


def test_rows_of_the_next_year_and_typing_errors_are_said(tmp_path: Path) -> None:
    lines = [*every_day(), "9,2020-01-02,THEFT,Reno", "8,2091-01-02,THEFT,Reno"]
    path = written(tmp_path, lines, "2019.csv")
    assert "other-year" in keys(path, "incidents")
    assert {"stray", "ends"} <= keys(path, "coverage")
    assert recipe(path)["coverage"]["last"] == "2019-12"  # type: ignore[index]


def test_files_that_overlap_are_said(tmp_path: Path) -> None:
    one = written(tmp_path, every_day(), "a.csv")
    other = written(tmp_path, every_day()[-10:], "b.csv")
    found = guess([one, other])
    assert "recipe.doubt.same-files" in {fact.key for fact in found.doubts["incidents"]}


def test_mixed_codes_and_spellings_are_said(tmp_path: Path) -> None:
    lines = [
        line.replace("THEFT", "0100" if k % 2 else "100") for k, line in enumerate(every_day())
    ]
    lines[8] = lines[8].replace("HOMICIDE", "Homicide")
    assert {"zeros", "spelled", "codes"} <= keys(written(tmp_path, lines), "outcomes")


def test_days_written_in_three_ways_in_one_column_are_read(
    tmp_path: Path,
) -> None:
    other = {0: "%Y/%m/%d 00:00:00+00", 1: "%m/%d/%Y %I:%M:%S %p", 2: "%b %d, %Y"}
    lines = []
    for number, line in enumerate(every_day()):
        case, day, rest = line.split(",", 2)
        written_so = datetime.date.fromisoformat(day).strftime(other[number % 3])
        lines.append(f'{case},"{written_so}",{rest}')
    path = written(tmp_path, lines)
    found = guess([path])
    formats = {"%b %d, %Y", "%m/%d/%Y %I:%M:%S %p", "%Y/%m/%d %H:%M:%S%z"}
    assert set(found.days.formats) == formats
    assert sum(found.days.rows.values()) == len(lines) and not found.days.unread
    assert found.days.midnight == found.days.zoned == (len(lines) + 2) // 3


def test_what_a_cell_holds_cannot_end_a_comment(tmp_path: Path) -> None:
    lines = [*every_day(), '1,2019-02-02,"x\nsensitivity = ""public""",Reno']
    assert recipe(written(tmp_path, lines))["incidents"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("a,b\n1,2\n", "no column holds days"),
        ("date,kind\n03/04/19,x\n05/06/19,x\n", "two digits"),
        ("date,kind\n03-Apr-19,x\n05-Jun-19,x\n", "two digits"),
        ("date,kind\n03/04/2019,x\n05-Jun-19,x\n", "in 1 of 2 rows, and others that are not"),
        ("date,kind\n2019-01-01,x\n5th of June,x\n", "such as '5th of June'"),
        ("date,kind\n43500,x\n43501,y\n", "days as numbers"),
        ("date;kind\n2019-01-01;x\n", "divided by semicolons"),
        ("date,date\n2019-01-01,x\n", "there twice"),
        ("date,kind\n", "no rows"),
        ("", "is empty"),
    ],
)
def test_no_recipe_is_written_for(tmp_path: Path, content: str, words: str, capsys) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "raw.csv"
    path.write_text(content, encoding="utf-8")
    assert cli.main(["panel", "--new", str(path)]) == 2
    assert words in capsys.readouterr().err
    assert [one.name for one in tmp_path.iterdir()] == ["raw.csv"]


def test_wrong_calls_of_the_verb_are_refused(tmp_path: Path, capsys) -> None:  # type: ignore[no-untyped-def]
    path = written(tmp_path, every_day())
    below = tmp_path / "below"
    below.mkdir()
    wrong = [
        (["panel"], "give a recipe, or --new"),
        (["panel", "--new", str(tmp_path / "crimez.csv")], "Did you mean 'crimes.csv'?"),
        (["panel", "--new", str(path), str(path)], "named twice"),
        (["panel", "--new", str(below)], "is no table"),
        (["panel", "r.toml", "--by", "week"], "--by is for --new"),
        (["panel", "r.toml", "--new", str(path)], "without a recipe"),
    ]
    for words, message in wrong:
        assert cli.main(words) == 2
        assert message in capsys.readouterr().err
    other = written(below, every_day(), head=HEAD.replace("city", "town"))
    assert cli.main(["panel", "--new", str(path), str(other)]) == 2
    assert "other columns" in capsys.readouterr().err
    assert cli.main(["panel", "--new", str(path)]) == 0
    assert "next: " in capsys.readouterr().out
    assert cli.main(["panel", "--new", str(path)]) == 2
    assert "already there" in capsys.readouterr().err


def test_gzip_is_read_and_two_encodings_are_one_table(tmp_path: Path) -> None:
    text = HEAD + "\n".join(every_day()) + "\n"
    path = tmp_path / "old.csv.gz"
    path.write_bytes(gzip.compress(text.replace("Reno", "Peña").encode("windows-1252")))
    found = guess([path])
    assert (found.looked.encoding, found.unit) == ("windows-1252", "Peña")
    with pytest.raises(DataError, match="no such file"):
        guess([tmp_path / "none.csv"])
