"""The tables of the FBI's counts in data/public: sums, totals, and the files they come from."""

from __future__ import annotations

import csv
import os
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from evaluation.data import period
from evaluation.data.panel import Panel
from evaluation.data.read import check_dataset, read_panel
from evaluation.data.sources.place import names, placed
from evaluation.errors import DataError
from evaluation.its.series import Series

PROJECT = Path(__file__).parents[2]
MONTHS = "oakland_ucr_monthly_2005_2020.csv"
CALIFORNIA = "california_ucr_monthly_2007_2019.csv"
MARSHALL = "marshall_ucr_annual_1975_2015.csv"
LATER = "cities_homicide_fbi_2014_2023.csv"
FILES = {
    "oakland_ucr": (MONTHS, MARSHALL, LATER),
    "california_ucr": (CALIFORNIA,),
    "cities_ucr": (MARSHALL, LATER),
}


def table(name: str) -> Panel:
    return read_panel(PROJECT / f"data/public/{name}.csv", PROJECT)


def source(file: str) -> Path:
    """One of the files that the tables come from, where it is at hand."""
    folder = Path(os.environ.get("CEASEFIRE_REFERENCE_DATA", PROJECT.parent / "shared" / "data"))
    if not (folder / file).is_file():
        pytest.skip(f"{file} is not at hand; CEASEFIRE_REFERENCE_DATA may name its folder")
    return folder / file


def rows(file: str) -> list[dict[str, str]]:
    with source(file).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def of_year(panel: Panel, name: str, unit: str) -> dict[str, float]:
    """The sum of the months of each year; not a number when one of them is missing."""
    sums: dict[str, float] = defaultdict(float)
    values = panel.values[name][panel.unit_index(unit)]
    for when, value in zip(panel.periods, values, strict=True):
        sums[when[:4]] += value
    return dict(sums)


@pytest.mark.parametrize("name", FILES)
def test_the_description_fits_the_table(name: str) -> None:
    told = check_dataset(PROJECT / f"data/public/{name}.csv", PROJECT)
    assert told.startswith(f"data/public/{name}.csv is good.") and "public domain" in told
    assert name in names(PROJECT)


@pytest.mark.parametrize(
    ("name", "outcome", "cells", "total"),
    [
        ("oakland_ucr", "murder", 191, 1552),
        ("california_ucr", "murder", 15 * 156 - 12 - 1, 9181),
        ("cities_ucr", "homicide", 2254, 266789),
    ],
)
def test_totals_are_those_counted_by_hand(name: str, outcome: str, cells: int, total: int) -> None:
    values = table(name).values[outcome]
    assert (int((~np.isnan(values)).sum()), int(np.nansum(values))) == (cells, total)


@pytest.mark.parametrize("name", ["oakland_ucr", "california_ucr"])
def test_kinds_of_assault_add_up_in_every_month(name: str) -> None:
    values = table(name).values
    kinds = ("gun_assault", "knife_assault", "other_weapon_assault", "unarmed_assault")
    np.testing.assert_array_equal(sum(values[kind] for kind in kinds), values["aggravated_assault"])
    assert (values["gun_robbery"] <= values["robbery"])[~np.isnan(values["robbery"])].all()


def test_months_of_a_year_add_up_to_the_year() -> None:
    """Where both tables have the city and the year whole."""
    years = table("cities_ucr")
    compared = 0
    for name in ("oakland_ucr", "california_ucr"):
        months = table(name)
        for unit in months.units:
            whole = next((one for one in years.units if one.split(",")[0] == unit), None)
            if whole is None:
                continue
            homicide = years.values["homicide"][years.unit_index(whole)]
            for year, total in of_year(months, "murder", unit).items():
                at = int(year) - 1985
                if at < len(homicide) and not np.isnan([total, homicide[at]]).any():
                    assert homicide[at] == total, (unit, year)
                    compared += 1
    # Oakland 15 years, Long Beach and San Jose 13, the four that end in 2015 nine each.
    assert compared == 15 + 2 * 13 + 4 * 9


@pytest.mark.parametrize("name", ["oakland_ucr", "california_ucr"])
def test_residents_are_those_of_the_year_in_each_of_its_months(name: str) -> None:
    months, years = table(name), table("cities_ucr")
    for unit, residents in zip(months.units, months.values["population"], strict=True):
        of = defaultdict(set)
        for when, value in zip(months.periods, residents, strict=True):
            of[when[:4]].add("none" if np.isnan(value) else int(value))
        assert {len(values) for values in of.values()} == {1}, unit
        if unit == "Oakland":
            known = years.values["population"][years.unit_index("Oakland, Calif.")]
            assert of.pop("2020") == {"none"}
            assert of == {str(1985 + at): {int(known[at])} for at in range(20, 35)}


def test_an_agency_has_one_identifier_in_every_table() -> None:
    california, cities = table("california_ucr").agencies, table("cities_ucr").agencies
    known = {agency.split(",")[0]: ori for agency, ori in cities.items()}
    assert len(set(cities.values())) == len(cities) == 68
    assert table("oakland_ucr").agencies == {"Oakland": known["Oakland"]}
    assert {unit for unit, ori in california.items() if known.get(unit, ori) != ori} == set()


def test_a_month_that_was_not_reported_stops_a_series_with_its_reason() -> None:
    panel = table("california_ucr")
    with pytest.raises(DataError, match=r"Richmond has no murder in 2015-11.*zeros for every"):
        Series.from_panel(panel, outcome="murder", unit="Richmond", start="2012-10")
    before = Series.from_panel(
        panel, outcome="murder", unit="Richmond", start="2012-10", window=("2007-01", "2015-10")
    )
    assert before.n == 106
    with pytest.raises(DataError, match="knife_assault of East Palo Alto is -1 in 2012-06"):
        Series.from_panel(panel, outcome="knife_assault", unit="East Palo Alto", start="2014-01")


@pytest.mark.parametrize("name", FILES)
def test_files_at_hand_make_the_committed_table_again(name: str) -> None:
    found = placed(name, [source(file) for file in FILES[name]], PROJECT)
    assert found.text is None
    assert found.lines == (
        f"data/public/{name}.csv is there already, the same; nothing was written.",
    )


@pytest.mark.parametrize(
    ("name", "file"), [("oakland_ucr", MONTHS), ("california_ucr", CALIFORNIA)]
)
def test_every_month_is_the_one_of_the_file(name: str, file: str) -> None:
    panel = table(name)
    words = {
        "gun_assault": "assault_gun",
        "knife_assault": "assault_knife",
        "other_weapon_assault": "assault_other_weapon",
        "unarmed_assault": "assault_unarmed",
        "aggravated_assault": "assault_aggravated",
        "gun_robbery": "robbery_gun",
    }
    compared = 0
    for row in rows(file):
        unit, when = panel.unit_index(row["city"]), panel.periods.index(row["month"])
        for column in (*panel.named("outcome"), *panel.named("exposure")):
            written = row.get(words.get(column.name, column.name))
            if written is not None:
                value = panel.values[column.name][unit, when]
                assert np.isnan(value) if written == "" else value == float(written), row
                compared += 1
    assert compared == {"oakland_ucr": 191 * 9, "california_ucr": 2340 * 10}[name]


@pytest.mark.parametrize(
    ("column", "theirs"),
    [
        ("murder", "homs_sum"),
        ("rape", "rape_sum"),
        ("robbery", "rob_sum"),
        ("aggravated_assault", "agg_ass_sum"),
    ],
)
def test_months_of_oakland_make_the_years_of_the_other_file(column: str, theirs: str) -> None:
    """As the description says: every year from 2005 to 2015, of every kind that both have."""
    years = of_year(table("oakland_ucr"), column, "Oakland")
    yearly = {
        row["year"]: float(row[theirs])
        for row in rows(MARSHALL)
        if row["department_name"] == "Oakland, Calif." and "2005" <= row["year"] <= "2015"
    }
    assert len(yearly) == 11
    assert yearly == {year: years[year] for year in yearly}


def test_every_year_is_the_one_of_its_file() -> None:
    """The join, done again the plain way: to 2014 the one file, from 2015 the other if it can."""
    panel = table("cities_ucr")
    first = {(row["department_name"], row["year"]): row for row in rows(MARSHALL)}
    later = {(row["agency"], row["year"]): row for row in rows(LATER)}
    empty = set()
    for unit, homicides, residents in zip(
        panel.units, panel.values["homicide"], panel.values["population"], strict=True
    ):
        for year, homicide, population in zip(panel.periods, homicides, residents, strict=True):
            if np.isnan(homicide):
                empty.add((unit, year))
                continue
            one = later.get((unit, year)) if year >= "2015" else None
            if one is None:
                old = first[unit, year]
                one = {"homicides": old["homs_sum"], "population": old["total_pop"]}
            assert (homicide, population) == (float(one["homicides"]), float(one["population"]))
    # What is empty is declared as missing, or before or after the years of an agency.
    declared = panel.declared.empty_cells()
    inside = {
        (unit, year)
        for unit, year in empty
        if (unit, period.ordinal(year, "year"), "homicide") in declared
    }
    assert len(inside) == 15
    for unit, year in empty - inside:
        known = ~np.isnan(panel.values["homicide"][panel.unit_index(unit)])
        at, ends = panel.periods.index(year), np.flatnonzero(known)[[0, -1]]
        assert not ends[0] <= at <= ends[1], (unit, year)


def test_no_other_column_of_the_yearly_files_is_there() -> None:
    """Only these of The Marshall Project's columns may be part of this project, and to 2019."""
    header = (PROJECT / "data/public/cities_ucr.csv").read_text(encoding="utf-8").splitlines()[0]
    assert header == "city,year,homicide,population"
    assert max(table("cities_ucr").periods) == "2019"
