"""How large a change appears in cities where nothing began: what is told, of whom, and when not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from evaluation.data.panel import Column, Panel
from evaluation.data.read import read_panel
from evaluation.effect import Interval
from evaluation.its import METHODS, Series
from evaluation.study import reference_class
from evaluation.study.reference_class import QUANTILES, RISES, Cell, cells, check, covered, risen

PUBLIC = Path(__file__).parents[2] / "data" / "public"
ROBBERY = Column("robbery", "outcome", "count", "offenses", "robberies", offense="robbery")
WAYS = ("averaged-reml", reference_class.TOTALS)


@pytest.fixture(scope="module")
def oakland() -> Panel:
    return read_panel(PUBLIC / "oakland_ucr.csv")


@pytest.fixture(scope="module")
def effect():
    source = np.random.default_rng(3)
    y = source.poisson(20, 60).astype(float)
    return METHODS["averaged-reml"].fit(Series.from_arrays(y, start=36))


def changed(effect, percent: float):
    return replace(effect, percent=Interval(percent, percent - 10, percent + 10))


def flat(months: int = 36, mean: float = 20.0) -> np.ndarray:
    return np.full(months, mean)


@pytest.mark.parametrize("table", ["alone", "compared"])
def test_cells_are_of_enough_cities_and_their_changes_grow(table) -> None:
    found = cells(table)
    assert len(found) > 100
    assert len(
        {(c.measured_as, c.offense, c.low, c.before, c.after, c.rise) for c in found}
    ) == len(found)
    for cell in found:
        assert cell.cities >= 6 and cell.windows >= 20 and cell.rise in (0, *RISES)
        assert len(cell.changes) == len(QUANTILES)
        assert all(np.diff(cell.changes) >= 0)


def test_a_share_is_of_changes_in_the_same_direction() -> None:
    changes = tuple(np.linspace(-0.6, 0.6, len(QUANTILES)))
    cell = Cell("totals", "robbery", 1, 3, 36, 12, 0, 9, 5, 99, changes)
    assert cell.share(0.0001) == pytest.approx(50, abs=0.1)
    assert cell.share(-0.6) == 0.5 and cell.share(0.6) == 0.5
    assert cell.share(-9) == 0.5  # nothing is known of what is rarer
    assert cell.share(-0.3) == pytest.approx(cell.share(0.3))


def test_a_larger_change_is_rarer(effect) -> None:
    def share(percent: float) -> float:
        told = check("alone", ROBBERY, changed(effect, percent), ways=WAYS, before=flat(), after=12)
        return told[0].table[0]["as large, of 100"]

    assert share(-10) > share(-25) > share(-50) and share(10) > share(40)


def test_the_sentence_names_the_cities_the_years_and_the_share(effect) -> None:
    (told,) = check("alone", ROBBERY, changed(effect, -40), ways=WAYS, before=flat(), after=12)
    assert told.name == "real-cities" and told.passed is None
    said = told.says
    assert said.startswith(
        f"In {told.table[0]['cities']} US cities of 2018-2024 with 12 to 30 robb"
    )
    assert "a fall at least this large (40 %) appeared after a pretended start in" in said
    assert "most without such a program" in said and "rise of" not in said


def test_less_than_one_city_of_all_is_not_told(effect) -> None:
    (told,) = check("alone", ROBBERY, changed(effect, -95), ways=WAYS, before=flat(), after=12)
    cities = told.table[0]["cities"]
    assert f"in fewer than {-(-100 // cities)} of 100" in told.says


def test_after_a_rise_the_cities_that_rose_are_told_as_well(effect) -> None:
    before = np.concatenate([np.full(24, 18.0), np.full(12, 21.0)])
    (told,) = check("alone", ROBBERY, changed(effect, -25), ways=WAYS, before=before, after=12)
    assert [row["rise"] for row in told.table] == [0, 10]
    assert (
        "After a rise of 10 % or more in the last year, as there was one here (17 %)" in told.says
    )
    # What comes back by itself comes more often after a rise.
    assert told.table[1]["as large, of 100"] > told.table[0]["as large, of 100"]


def test_the_nearest_lengths_are_those_of_a_cell_there_is(effect) -> None:
    # Five years before and two after do not fit into the months that were measured.
    (told,) = check("alone", ROBBERY, effect, ways=WAYS, before=flat(57), after=27)
    assert "about 36 months before and 24 after" in told.says


def test_a_rise_is_of_whole_years_and_beside_others_less_than_theirs() -> None:
    rising = np.concatenate([np.full(30, 10.0), np.full(12, 15.0)])
    assert risen(rising) == pytest.approx(50, abs=0.5)
    assert risen(flat(20)) is None
    assert risen(rising, np.array([rising, rising])) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(
    ("column", "before", "after"),
    [
        (replace(ROBBERY, offense="shooting"), flat(), 12),
        (replace(ROBBERY, offense=""), flat(), 12),
        (ROBBERY, flat(12), 12),
        (ROBBERY, flat(200), 12),
        (ROBBERY, flat(), 3),
        (ROBBERY, flat(), 84),
        (ROBBERY, flat(mean=0.5), 12),
        (ROBBERY, np.array([np.nan, *flat(35)]), 12),
    ],
)
def test_what_the_tables_do_not_cover_is_left_out(column, before, after, effect) -> None:
    assert check("alone", column, effect, ways=WAYS, before=before, after=after) == ()


def test_only_whole_places_in_the_united_states_by_month_are_covered(oakland: Panel) -> None:
    murder, arson = oakland.column("murder"), replace(oakland.column("murder"), offense="")
    assert covered(oakland, murder, "Oakland")
    assert not covered(oakland, arson, "Oakland")
    assert not covered(replace(oakland, frequency="quarter"), murder, "Oakland")
    source = oakland.provenance
    for changed_source in (
        replace(source, place="gb-sct-glasgow"),
        replace(source, sensitivity="synthetic"),
        replace(source, place=""),
    ):
        assert not covered(replace(oakland, provenance=changed_source), murder, "Oakland")
    districts = replace(oakland, units=("Oakland", "West Oakland"))
    assert not covered(districts, murder, "Oakland")
