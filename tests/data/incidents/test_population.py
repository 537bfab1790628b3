"""One unit that is all rows, residents by year, and tables in the encoding of Windows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from evaluation.data.incidents.build import build_panel
from evaluation.data.read import read_panel
from evaluation.errors import DataError

Project = Callable[..., Path]
BEAT = 'column = "beat"\nwhich = "found"'
WHOLE = 'unit = "Reno"\nlabel = "city"'
POPULATION = '\n[population]\nfile = "people.csv"\nyear = "year"\nresidents = "n"\n'


def test_all_rows_are_of_one_city_with_its_residents_of_each_year(
    project: Project, recipe: str
) -> None:
    text = recipe.replace(BEAT, WHOLE).replace('"2012-03"', '"2013-02"') + POPULATION
    path = project(text.replace("sensitivity", 'place = "us-nv-reno"\nsensitivity', 1))
    (path.parent / "people.csv").write_text("year,n\n2012,100\n2013,110.0\n", encoding="utf-8")
    build_panel(path)
    found = read_panel(path.with_name("panel.csv"))
    assert found.units == ("Reno",)
    assert found.values["homicides"].sum() == 3
    assert found.values["population"][0].tolist() == [100.0] * 12 + [110.0] * 2
    assert found.provenance.place == "us-nv-reno"


def test_residents_of_several_units_are_joined_by_name_and_year(
    project: Project, recipe: str
) -> None:
    text = recipe + POPULATION + 'unit = "where"\n'
    path = project(text)
    table = "where,year,n\nb,2012,50\nA,2012,40\nC,2012,1\n"
    (path.parent / "people.csv").write_text(table, encoding="utf-8")
    build_panel(path)
    found = read_panel(path.with_name("panel.csv")).values["population"]
    assert found.tolist() == [[40.0] * 3, [50.0] * 3]


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("year,n\n2011,5\n", r"panel\.toml:\d+:\d+: population.file: has no residents for 2012"),
        ("year,n\n2012,5\n2012,6\n", r"people\.csv:3:1: the year is on line 2 already"),
        ('year,n\n2012,"1,500"\n', r"people\.csv:2:\d+: n is '1,500'. Write a whole number"),
        ("year,n\n12,5\n", r"people\.csv:2:1: year is '12'. Write a year"),
        ("year,m\n2012,5\n", r"people\.csv:1: column 'n', .* is not there"),
        ("year,n\n2012,0\n", r"people\.csv:2:\d+: n is '0'"),
        (None, r"'people.csv': no such file"),
    ],
)
def test_residents_are_refused(
    project: Project, recipe: str, table: str | None, words: str
) -> None:
    path = project(recipe.replace(BEAT, WHOLE) + POPULATION)
    if table is not None:
        (path.parent / "people.csv").write_text(table, encoding="utf-8")
    with pytest.raises(DataError, match=words):
        build_panel(path)
    assert not path.with_name("panel.csv").exists()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (BEAT, 'unit = "Reno"\ncolumn = "beat"', "column: is not used where unit says"),
        (BEAT, 'unit = "Reno"\nwhich = "found"', "which: is not used where unit says"),
        (BEAT, 'unit = " Reno"', "would be called 'Reno'"),
        (BEAT, 'column = "beat"', "which: is missing"),
        (BEAT, BEAT + POPULATION, "population.unit: is missing"),
        ("files = [", 'encoding = "latin-1"\nfiles = [', "'latin-1' is not known"),
    ],
)
def test_recipe_is_refused(project: Project, recipe: str, old: str, new: str, words: str) -> None:
    with pytest.raises(DataError, match=words):
        build_panel(project(recipe.replace(old, new)))


def test_windows_text_is_refused_until_the_recipe_says_it(project: Project, recipe: str) -> None:
    lines = "case,when,told,beat,offense\n1,2012-01-05,2012-01-06,Peña – east,HOMICIDE\n"
    content = lines.encode("windows-1252")
    with pytest.raises(DataError, match=r"a\.csv:2:27: is not UTF-8 text.*windows-1252"):
        build_panel(project(recipe, content))
    path = project(recipe.replace("files =", 'encoding = "windows-1252"\nfiles ='), content)
    build_panel(path)
    assert read_panel(path.with_name("panel.csv")).units == ("Peña – east",)


def test_a_byte_that_windows_has_not_is_refused_at_its_place(project: Project, recipe: str) -> None:
    content = b"case,when,told,beat,offense\n1,2012-01-05,2012-01-06,A\x81,HOMICIDE\n"
    path = project(recipe.replace("files =", 'encoding = "windows-1252"\nfiles ='), content)
    with pytest.raises(DataError, match=r"a\.csv:2:\d+: is no windows-1252 text either"):
        build_panel(path)
