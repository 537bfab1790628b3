"""A label in two spellings is one unit, one category, one incident; and the account says so."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from evaluation.data.incidents.build import Built, build_panel
from evaluation.errors import DataError, EvaluationError

Project = Callable[..., Path]
Refused = Callable[..., EvaluationError]

HEADER = "case,when,told,beat,offense"
SPELLINGS = [
    ("HOMICIDE", "Homicide"),
    ("12", "12.0"),
    ("12X", "12x"),
    ("North Side", "North\u00a0 Side"),
    ("Oakland", "Oak\u200bland"),
    ("Oakland", "Ｏakland"),
    ("Oakland", "oakland "),
]


def rows(
    *, beat: tuple[str, str] = ("A", "A"), offense: tuple[str, str] = ("HOMICIDE", "HOMICIDE")
) -> tuple[str, ...]:
    """Two incidents a month of 2012; the second half of the year is written in another way."""
    told = []
    for number in range(24):
        half = number // 12
        when = f"2012-{number // 2 + 1:02d}-05"
        told.append(f'{number},{when},{when},"{beat[half]}","{offense[half]}"')
    return HEADER, *told


@pytest.fixture
def year(recipe: str) -> str:
    return recipe.replace('last = "2012-03"', 'last = "2012-12"')


def counts(path: Path) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    with path.with_name("panel.csv").open(encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            found.setdefault(row["beat"], []).append(int(row["homicides"]))
    return found


def said(built: Built) -> str:
    return "\n".join(built.lines())


@pytest.mark.parametrize(("one", "other"), SPELLINGS)
def test_unit_in_two_spellings_is_one_and_is_told(
    project: Project, year: str, one: str, other: str
) -> None:
    path = project(year, rows(beat=(one, other)))
    built = build_panel(path)
    assert counts(path) == {one: [2] * 12}
    # Blanks around a name are no other spelling worth a word.
    if one != other.strip():
        assert f"counted as one unit, '{one}': " in said(built)


@pytest.mark.parametrize(("one", "other"), SPELLINGS)
def test_category_in_two_spellings_is_counted_and_told(
    project: Project, year: str, one: str, other: str
) -> None:
    text = year.replace('["HOMICIDE"]', json.dumps([one]))
    path = project(text, rows(offense=(one, other)))
    built = build_panel(path)
    assert counts(path) == {"A": [2] * 12}
    if one != other.strip():
        assert f"'{one}' (12 rows, 2012-01 to 2012-06)" in said(built)
        assert "(12 rows, 2012-07 to 2012-12)" in said(built)


@pytest.mark.parametrize(("one", "other"), SPELLINGS)
def test_listed_units_and_windows_are_found_in_any_spelling(
    project: Project, year: str, one: str, other: str
) -> None:
    text = year.replace('which = "found"', f"which = {json.dumps([one])}")
    window = f'units = [{json.dumps(one.upper())}], first = "2012-03", last = "2012-12"'
    text = text.replace("[duplicates]", f"windows = [{{ {window} }}]\n[duplicates]")
    path = project(text, rows(beat=(other, other)))
    build_panel(path)
    assert counts(path) == {one: [2] * 10}


@pytest.mark.parametrize(("one", "other"), [*SPELLINGS, ("19001", "19001.0"), ("a-1", "A\u20111")])
def test_id_in_two_spellings_counts_once_and_is_told(
    project: Project, recipe: str, one: str, other: str
) -> None:
    told = [f"{case},2012-01-05,2012-01-05,A,HOMICIDE" for case in (one, other, "else")]
    path = project(recipe, (HEADER, *told))
    built = build_panel(path)
    assert (built.kept, built.dropped["duplicate"]) == (2, 1)
    if one != other.strip():
        assert "1 id spelled in several ways, such as" in said(built)


def test_years_that_write_a_unit_otherwise_are_one_over_files(project: Project, year: str) -> None:
    whole = rows(beat=("12", "12.0"))
    project(year, whole[:13], "2011.csv")
    path = project(year, (HEADER, *whole[13:]), "2012.csv")
    build_panel(path)
    assert counts(path) == {"12": [2] * 12}


def test_leading_zeros_and_letters_keep_units_apart(project: Project, recipe: str) -> None:
    beats = ("007", "7", "1e3", "1000", "12.5", "12")
    told = [f"{k},2012-01-05,2012-01-05,{beat},HOMICIDE" for k, beat in enumerate(beats)]
    path = project(recipe, (HEADER, *told))
    build_panel(path)
    assert set(counts(path)) == set(beats)


def test_codes_of_a_floating_point_column_are_whole_numbers(project: Project, recipe: str) -> None:
    import pyarrow
    from pyarrow import parquet

    path = project(recipe, (HEADER,), "a.csv")
    (path.parent / "raw" / "a.csv").unlink()
    days = ["2012-01-05"] * 4
    table = pyarrow.table(
        {
            "case": [6001400100.0, 6001400101.0, 6001400102.0, 6001400102.0],
            "when": days,
            "told": days,
            "beat": [6001400100.0, 12.0, None, None],
            "offense": ["HOMICIDE"] * 4,
        }
    )
    parquet.write_table(table, path.parent / "raw" / "a.parquet")
    built = build_panel(path)
    assert (built.kept, built.dropped["no_unit"], built.dropped["duplicate"]) == (2, 1, 1)
    assert set(counts(path)) == {"6001400100", "12"}


@pytest.mark.parametrize("column", ["case", "beat", "offense"])
@pytest.mark.parametrize("kind", ["double", "float"])
def test_floating_point_column_that_lost_digits_is_refused(
    project: Project, refused: Refused, recipe: str, column: str, kind: str
) -> None:
    import pyarrow
    from pyarrow import parquet

    path = project(recipe, (HEADER,), "a.csv")
    (path.parent / "raw" / "a.csv").unlink()
    table = pyarrow.table({name: ["2012-01-05"] for name in HEADER.split(",")})
    place = table.schema.get_field_index(column)
    code = 2.0**60 if kind == "double" else 6001400100.0
    table = table.set_column(
        place,
        column,
        pyarrow.array([code], type=getattr(pyarrow, f"float{64 if kind == 'double' else 32}")()),
    )
    parquet.write_table(table, path.parent / "raw" / "a.parquet")
    fault = refused(path)
    assert column in str(fault)
    assert "Write it as text" in str(fault)


@pytest.mark.parametrize(("case", "beat"), [("6.0014E+09", "A"), ("1", "6.0014E+09")])
def test_code_shortened_by_a_spreadsheet_is_refused(
    project: Project, refused: Refused, recipe: str, case: str, beat: str
) -> None:
    fault = refused(project(recipe, (HEADER, f"{case},2012-01-05,2012-01-05,{beat},HOMICIDE")))
    assert "'6.0014E+09'" in str(fault)
    assert "lost" in str(fault)


def test_units_that_only_look_alike_are_refused(
    project: Project, refused: Refused, year: str
) -> None:
    fault = refused(project(year, rows(beat=("12A", "12А"))))
    assert "'12A' (12 rows) and '12А' (12 rows) look alike" in str(fault)


def test_category_that_only_looks_like_a_counted_one_is_named(project: Project, year: str) -> None:
    built = build_panel(project(year, rows(offense=("HOMICIDE", "HOMIСIDE"))))
    assert "'HOMIСIDE' (12) looks like a counted value" in said(built)


def test_values_that_are_not_counted_are_named_the_most_frequent_first(
    project: Project, recipe: str
) -> None:
    offenses = [f"kind {k}" for k in range(1, 9) for _ in range(k)] + ["HOMICIDE"]
    days = [f"2012-{1 + n % 3:02d}-05" for n in range(len(offenses))]
    told = [f"{n},{days[n]},{days[n]},A,{one}" for n, one in enumerate(offenses)]
    path = project(recipe, (HEADER, *told))
    assert (
        "note: offense: 36 rows with a value that no outcome counts: 'kind 8' (8), 'kind 7' (7), "
        "'kind 6' (6), 'kind 5' (5), 'kind 4' (4) and 3 more values (6)"
    ) in said(build_panel(path))


def test_rows_without_a_value_in_a_condition_are_in_the_account(
    project: Project, year: str
) -> None:
    path = project(year, rows(offense=("HOMICIDE", "")))
    assert "offense: 12 rows without a value, which no outcome counts" in said(build_panel(path))
    account = json.loads(path.with_name("panel.panel.json").read_text(encoding="utf-8"))
    assert account["conditions"] == {"offense": {"counted": 12, "not_counted": 0, "no_value": 12}}


def test_category_that_gets_a_new_name_is_told_to_stop_and_the_new_one_to_start(
    project: Project, year: str
) -> None:
    words = said(build_panel(project(year, rows(offense=("HOMICIDE", "MURDER")))))
    assert "offense: 'HOMICIDE' has no incident after 2012-06 (12 in all)" in words
    assert "'MURDER' (12, 2012-07 to 2012-12)" in words


def test_unit_that_gets_a_new_name_is_told_to_stop_and_the_new_one_to_start(
    project: Project, year: str
) -> None:
    words = said(build_panel(project(year, rows(beat=("12A", "12B")))))
    assert "unit '12A' has no incident after 2012-06 (12 in all)" in words
    assert "unit '12B' has no incident before 2012-07 (12 in all)" in words


def test_unit_with_few_incidents_is_not_said_to_stop(project: Project, year: str) -> None:
    path = project(year, (HEADER, "1,2012-01-05,2012-01-05,A,HOMICIDE"))
    assert "no incident" not in said(build_panel(path))


def test_notes_stay_few_however_many_labels_meet(project: Project, year: str) -> None:
    told = [HEADER]
    for number in range(400):
        when = f"2012-{1 + number % 3:02d}-05"
        beat = f"beat {number % 40}"
        told.append(f"{number},{when},{when},{beat.upper() if number % 2 else beat},x{number}")
    told += [f"h{k},2012-01-05,2012-01-05,{k},HOMICIDE" for k in range(9)]
    built = build_panel(project(year, tuple(told)))
    assert len(built.notes) < 20


def test_private_labels_and_small_counts_are_not_told(project: Project, year: str) -> None:
    path = project(
        year.replace('"synthetic"', '"private"'),
        rows(beat=("12X", "12x"), offense=("HOMICIDE", "Jane")),
    )
    words = said(build_panel(path)).split("note: ", 1)[1]
    assert "Jane" not in words
    assert "12X" not in words
    small = project(
        year.replace('"synthetic"', '"private"'),
        (HEADER, "1,2012-01-05,2012-01-05,A,HOMICIDE", "2,2012-01-05,2012-01-05,A,x"),
    )
    assert "fewer than 10 rows with a value" in said(build_panel(small))


def test_word_for_no_unit_is_told(project: Project, year: str) -> None:
    assert "'Unknown' may be a word for rows without a unit" in said(
        build_panel(project(year, rows(beat=("A", "Unknown"))))
    )


def test_every_word_for_no_unit_is_counted_in_one_note(project: Project, year: str) -> None:
    words = ("N/A", "NULL", "unknown", "-", "None", "nan", "Unk")
    told = [f"{k},2012-01-05,2012-01-05,{word},HOMICIDE" for k, word in enumerate(words)]
    built = build_panel(project(year, (HEADER, *told)))
    assert [note for note in built.notes if "a word for" in note] == [
        "beat: units '-', 'N/A', 'NULL', 'None', 'Unk' and 2 more may be a word for rows without "
        "a unit"
    ]
    built = build_panel(project(year.replace('"synthetic"', '"private"'), (HEADER, *told)))
    assert "beat: a unit may be a word for rows without a unit" in built.notes


@pytest.mark.parametrize(("one", "other"), [("001", "1"), ("012X", "12x"), ("00", "0")])
def test_units_that_differ_in_zeros_they_begin_with_stay_two_and_are_told(
    project: Project, year: str, one: str, other: str
) -> None:
    path = project(year, rows(beat=(one, other)))
    built = build_panel(path)
    assert counts(path) == {one: [2] * 6 + [0] * 6, other: [0] * 6 + [2] * 6}
    first, second = sorted((one, other))
    assert f"count apart: '{first}' and '{second}'; are they one?" in said(built)
    listed = year.replace('which = "found"', f"which = {json.dumps([one])}")
    built = build_panel(project(listed, rows(beat=(one, other))))
    assert f"not a unit of the panel: '{other}' (12 rows)" in said(built)


@pytest.mark.parametrize("names", [("1", "2"), ("0", "1"), ("10", "1"), ("A01", "A1")])
def test_units_of_other_numbers_are_not_told_as_one(
    project: Project, year: str, names: tuple[str, str]
) -> None:
    assert "are they one?" not in said(build_panel(project(year, rows(beat=names))))


def test_listed_units_that_are_one_are_refused(
    project: Project, refused: Refused, year: str
) -> None:
    text = year.replace('which = "found"', 'which = ["12X", "12x"]')
    assert "cannot be told apart" in str(refused(project(text)))


@pytest.mark.parametrize("name", ["Nor\u200bth", "North  Side", "12.0"])
def test_a_listed_unit_that_a_panel_would_not_be_called_is_refused_in_the_recipe(
    project: Project, refused: Refused, year: str, name: str
) -> None:
    text = year.replace('which = "found"', f"which = {json.dumps([name])}")
    said = str(refused(project(text, rows(beat=(name, name)))))
    assert said.startswith("panel.toml:") and "would be called" in said
    # What the message says to do works.
    advised = said.rpartition("would be called '")[2].partition("'")[0]
    text = text.replace(json.dumps(name), json.dumps(advised))
    assert build_panel(project(text, rows(beat=(name, name)))).kept == 24


def test_control_character_in_a_unit_is_refused_and_shown_escaped(
    project: Project, refused: Refused, year: str
) -> None:
    fault = refused(project(year, rows(beat=("A", "\x1b[31mA"))))
    assert "\\u001b[31mA" in str(fault)
    assert "\x1b" not in str(fault)
    assert isinstance(fault, DataError)
