"""Tables read as one: nothing is lost, nothing is mixed up, and what cannot be one is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from evaluation.data.declared import Declared, Missing
from evaluation.data.joined import joined
from evaluation.data.panel import Column, Panel, Provenance, RecordingChange
from evaluation.data.period import ordinal, text
from evaluation.data.read import read_panel
from evaluation.errors import DataError

PROJECT = Path(__file__).parents[2]
OAKLAND = read_panel(PROJECT / "data/public/oakland_ucr.csv", PROJECT)
CALIFORNIA = read_panel(PROJECT / "data/public/california_ucr.csv", PROJECT)


def panel(*units: str, first: str = "2010", periods: int = 4, **changed: object) -> Panel:
    """A table of these units by year; counts tell unit and period apart."""
    size = (len(units), periods)
    begin = ordinal(first, "year")
    when = begin + np.arange(periods)
    found = Panel(
        units=units,
        periods=tuple(text(int(one), "year") for one in when),
        frequency="year",
        values={
            "deaths": np.array([[1000.0 * ord(unit[0]) + t for t in when] for unit in units]),
            "residents": np.full(size, 1e5),
        },
        columns=(
            Column("city", "unit", "text", "", "city"),
            Column("year", "period", "period", "", "year"),
            Column("deaths", "outcome", "count", "victims a year", "deaths"),
            Column("residents", "exposure", "count", "residents", "residents"),
        ),
        recording_changes=(),
        provenance=Provenance(
            units[0], f"data/{units[0]}.csv", units[0], f"data/{units[0]}.dataset.toml", "0", 4,
            "source", "licence", "public", place=f"place-{units[0].lower()}",
        ),
        agencies={unit: f"XX{ord(unit[0]):03d}00" for unit in units},
    )  # fmt: skip
    return replace(found, **changed)


def test_units_of_every_table_stand_in_the_periods_that_all_have() -> None:
    one = joined(panel("A", first="2008", periods=6), [panel("B", "C", first="2010", periods=9)])
    assert one.units == ("A", "B", "C")
    assert one.periods == ("2010", "2011", "2012", "2013")
    for row, unit in enumerate(one.units):
        expected = [1000 * ord(unit) + ordinal(when, "year") for when in one.periods]
        assert one.values["deaths"][row].tolist() == expected
    assert one.provenance.place_of("A") == "place-a"
    assert one.provenance.place_of("C") == "place-b"
    assert [table.file for table in one.provenance.beside] == ["data/B.csv"]
    assert one.agencies == {unit: f"XX{ord(unit):03d}00" for unit in "ABC"}


def test_one_table_alone_is_itself() -> None:
    alone = panel("A")
    assert joined(alone, []) is alone


def test_a_column_that_one_table_lacks_is_left_out() -> None:
    first = panel("A")
    more = Column("injuries", "outcome", "count", "victims a year", "injuries")
    first = replace(
        first,
        columns=(*first.columns, more),
        values={**first.values, "injuries": np.ones((1, 4))},
    )
    one = joined(first, [panel("B")])
    assert [column.name for column in one.named("outcome")] == ["deaths"]
    assert set(one.values) == {"deaths", "residents"}


def test_recording_changes_and_missing_cells_keep_to_the_units_of_their_table() -> None:
    everywhere = RecordingChange("2012", "redefined by law")
    here = RecordingChange("2011", "recorded otherwise", "deaths")
    gap = Missing("B", ordinal("2012", "year"), ordinal("2012", "year"), ("deaths",), "a flood")
    one = joined(
        panel("A", recording_changes=(everywhere, here)),
        [panel("B", "C", recording_changes=(everywhere,), declared=Declared((gap,)))],
    )
    assert one.recording_changes == (everywhere, replace(here, unit="A"))
    assert one.declared.why("B", ordinal("2012", "year"), "deaths") == "a flood"


def test_a_unit_is_told_with_the_table_that_it_stands_in() -> None:
    other = panel("B", "C")
    values = {**other.values, "deaths": np.where(np.eye(2, 4, dtype=bool), np.nan, 1.0)}
    one = joined(panel("A"), [replace(other, values=values)])
    assert [one.file_of(unit) for unit in one.units] == ["data/A.csv", "data/B.csv", "data/B.csv"]
    with pytest.raises(DataError, match=r"^data/B\.csv: C has no deaths in 2011"):
        one.refuse_gaps(["deaths"], ["A", "C"], 0, 3)


def test_the_most_private_table_says_how_private_the_whole_is() -> None:
    other = panel("B")
    private = replace(other, provenance=replace(other.provenance, sensitivity="private"))
    assert joined(panel("A"), [private]).provenance.sensitivity == "private"
    assert joined(private, [panel("A")]).provenance.sensitivity == "private"


def _synthetic() -> Panel:
    found = panel("B")
    return replace(found, provenance=replace(found.provenance, sensitivity="synthetic"))


def _measured_otherwise() -> Panel:
    found = panel("B")
    columns = tuple(
        replace(column, measure="incidents a year") if column.name == "deaths" else column
        for column in found.columns
    )
    return replace(found, columns=columns)


@pytest.mark.parametrize(
    ("other", "told"),
    [
        (panel("A"), "A is in data/A.csv too"),
        (panel("a ", agencies={}), "a  is in data/A.csv too"),
        (panel("B", agencies={"B": "XX06500"}), "the police agency XX06500, as A is"),
        (panel("B", first="2015"), "no year in common"),
        (panel("B", frequency="month"), "is by month, but data/A.csv is by year"),
        (_synthetic(), "invented data are not read as one with real data"),
        (_measured_otherwise(), "measure of deaths is 'incidents a year', but 'victims a year'"),
    ],
)
def test_what_cannot_be_one_is_refused_with_both_files(other: Panel, told: str) -> None:
    with pytest.raises(DataError, match=None) as caught:
        joined(panel("A"), [other])
    assert told in str(caught.value)


def test_oakland_beside_california_is_every_cell_of_both_tables() -> None:
    one = joined(OAKLAND, [CALIFORNIA])
    assert one.units == ("Oakland", *CALIFORNIA.units)
    assert (one.periods[0], one.periods[-1]) == ("2007-01", "2019-12")
    begin = OAKLAND.periods.index("2007-01")
    for name in ("murder", "robbery", "gun_assault", "population"):
        mine = OAKLAND.values[name][0, begin : begin + len(one.periods)]
        assert np.array_equal(one.values[name][0], mine, equal_nan=True)
        assert np.array_equal(one.values[name][1:], CALIFORNIA.values[name], equal_nan=True)
    # The reform of 2015 in Oakland touches no other city; the new definition of rape touches all.
    gun = [change for change in one.recording_changes if change.column == "gun_assault"]
    assert {change.unit for change in gun if change.date == "2015-02"} == {"Oakland", "Sacramento"}
    assert [change.unit for change in one.redefined] == [None]
