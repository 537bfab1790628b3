"""Which cells of a panel are used, from tables and from plain numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from evaluation import did
from evaluation.data.read import read_panel
from evaluation.did.cohorts import Cohorts
from evaluation.errors import DataError, FitError

DESCRIPTION = """\
name = "Shootings in five cities"
file = "cities.csv"
frequency = "year"
key = ["city", "year"]
source = "Invented for a test"
licence = "CC0"
sensitivity = "synthetic"
columns.city = { role = "unit", type = "text" }
columns.year = { role = "period", type = "period" }
columns.shootings = { role = "outcome", type = "count", measure = "victims a year" }
columns.people = { role = "exposure", type = "count", measure = "residents" }
columns.program = { role = "treatment", type = "flag" }

[[missing]]
unit = "A"
first = "2012"
last = "2013"
columns = ["shootings"]
why = "the police did not report"
[[missing]]
unit = "D"
first = "2015"
last = "2015"
columns = ["people"]
why = "no census"
"""
EMPTY = {("A", 2012), ("A", 2013)}
# A has two programs, and B one that lasts.
PROGRAM = {"A": "0000110010", "B": "0000000111", "C": "0" * 10, "D": "0" * 10, "E": "0" * 10}
SPANS = {"A": [("2014", "2015"), ("2018", "2018")], "B": [("2017", None)]}


@pytest.fixture
def panel(tmp_path: Path):
    rows = ["city,year,shootings,people,program"]
    for row, (city, flags) in enumerate(PROGRAM.items()):
        for t, flag in enumerate(flags):
            count = "" if (city, 2010 + t) in EMPTY else str(20 + 3 * row + (7 * t + row) % 5)
            people = "" if (city, 2010 + t) == ("D", 2015) else str(1000 + 100 * row)
            rows.append(f"{city},{2010 + t},{count},{people},{flag}")
    (tmp_path / "cities.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    (tmp_path / "cities.dataset.toml").write_text(DESCRIPTION, encoding="utf-8")
    return read_panel(tmp_path / "cities.csv", tmp_path)


def test_gaps_are_refused_with_why_and_what_to_do(panel):
    words = r'A has no shootings in 2012 \(the police did not report\).*gaps="missing"'
    with pytest.raises(DataError, match=words):
        Cohorts.from_panel(panel, outcome="shootings", starts={"B": "2017"})


def test_units_with_gaps_are_left_out_and_named_with_why(panel):
    found = Cohorts.from_panel(panel, outcome="shootings", starts={"B": "2017"}, gaps="leave out")
    assert found.units == ("B", "C", "E") and found.whole
    note = next(note for note in map(str, found.notes) if "left out" in note)
    assert note == (
        "2 of 5 units have gaps and are left out: A (2012 to 2013: the police did not report); "
        "D (2015: no census)"
    )
    # A treated unit may be the one that is left out.
    both = {"A": "2014", "B": "2017"}
    again = Cohorts.from_panel(panel, outcome="shootings", starts=both, gaps="leave out")
    assert again.units == found.units and again.first.tolist() == found.first.tolist()


def test_missing_cells_are_marked_and_no_unit_falls_out(panel):
    found = Cohorts.from_panel(
        panel, outcome="shootings", starts={"A": "2014", "B": "2017"}, gaps="missing"
    )
    assert found.units == ("A", "B", "C", "D", "E") and found.used is not None
    assert np.argwhere(~found.used).tolist() == [[0, 2], [0, 3], [3, 5]]
    assert np.isnan(found.y[~found.used]).all() and np.isfinite(found.y[found.used]).all()
    assert found.exposure is not None and (found.exposure[~found.used] == 1).all()
    assert "3 of 50 cells, in 2 of 5 units, are not used: 3 without a number" in map(
        str, found.notes
    )
    assert "treated units without a number: A 2012 to 2013" in map(str, found.notes)


def test_programs_that_end_and_start_again_are_cells_under_treatment(panel):
    found = Cohorts.from_panel(panel, outcome="shootings", gaps="missing", spans=SPANS)
    assert found.on is not None and found.first.tolist() == [4, 7, np.inf, np.inf, np.inf]
    assert ["".join("01"[int(flag)] for flag in row) for row in found.on] == list(PROGRAM.values())
    assert found.after_end[0].tolist() == [False] * 6 + [True, True, False, True]
    assert (found.treated & found.untreated).sum() == 0
    assert ((found.treated | found.untreated) == found.known).all()
    assert found.event[0].tolist() == list(range(-4, 6)) and np.isnan(found.event[2]).all()
    assert any(
        note.startswith("programs end inside the window (A)") for note in map(str, found.notes)
    )


def test_stretches_left_out_are_neither_treated_nor_untreated(panel):
    found = Cohorts.from_panel(
        panel,
        outcome="shootings",
        spans=SPANS,
        left_out={"A": [("2012", "2013"), ("2016", "2017")], "D": [("2015", "2030")]},
        window=("2011", "2019"),
    )
    # The cells without a number are among those left out, so that nothing is refused.
    assert found.used is not None
    assert np.argwhere(~found.used[[0]])[:, 1].tolist() == [1, 2, 5, 6]
    assert np.argwhere(~found.used[[3]])[:, 1].tolist() == [4, 5, 6, 7, 8]
    assert found.after_end[0].tolist() == [False] * 8 + [True]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"spans": {"Z": [("2014", None)]}}, "'Z' has a program but is not among the units"),
        ({"spans": {"B": [("2014", "2013")]}}, "ends in 2013, before it begins in 2014"),
        ({"spans": {"B": [("2014", "2016"), ("2016", None)]}}, "overlap or are not in order"),
        ({"spans": {"B": [("2016", None), ("2014", "2015")]}}, "overlap or are not in order"),
        ({"spans": {"B": ["2014"]}}, "give its first and its last period"),
        ({"spans": {"B": [("spring", None)]}}, "spring"),
        ({"spans": {"B": [("2001", "2005")]}}, "ended before 2010, so B is not untreated there"),
        ({"spans": {"B": [("2001", "2012")]}}, "treated in the first period"),
        ({"treatment": "program"}, "program of A goes from 1 back to 0"),
        ({"spans": {}}, "no unit is treated inside the window"),
        ({"spans": SPANS, "starts": {"B": "2014"}}, "either the starts, the spans or a treatment"),
        ({"starts": {"B": "2014"}, "gaps": "fill"}, 'it may be "refuse", "leave out" or "missing"'),
        ({"starts": {"B": "2014"}, "left_out": {"Z": []}}, "'Z' has periods left out but is not"),
        ({"starts": {"B": "2014"}, "washout": -1}, "washout is -1"),
        ({"starts": {"B": "2014"}, "washout": 6}, "leaves no period after"),
        ({"starts": {"B": "2014"}, "phase_in": 6}, "no treated period is left after a phase-in"),
        ({"starts": {"B": "2014"}, "phase_in": 1.5}, "phase_in is 1.5"),
        ({"spans": SPANS, "phase_in": 1, "washout": 1}, "needs one start for all"),
        ({"starts": {"B": "2014"}, "left_out": {"B": [("2014", "2019")]}}, "no cell under"),
    ],
)
def test_what_cannot_be_used_is_refused_with_what_is_allowed(panel, options, words):
    with pytest.raises((DataError, FitError), match=words):
        Cohorts.from_panel(panel, outcome="shootings", **({"gaps": "missing"} | options))


Y = np.arange(24.0).reshape(4, 6) % 7 + 3
FIRST = [3, np.inf, np.inf, np.inf]
ON = np.zeros((4, 6), dtype=bool)
ON[0, 3:5] = True


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"gaps": "leave out"}, 'it may be "refuse" or "missing"'),
        ({"on": ON[:, :5]}, "on must have a row for each unit and a column for each period"),
        ({"on": ON * 2}, "on must be true or false, or 1 and 0"),
        ({"on": [["yes"] * 6] * 4}, "on must be numbers"),
        ({"on": np.roll(ON, 1, axis=1)}, "are not those of `on`; give None"),
        ({"left_out": [True] * 4}, "left_out must have a row for each unit"),
        ({"left_out": np.ones((4, 6), dtype=bool)}, "no cell of the panel is used"),
        ({"gaps": "missing", "y": np.where(Y > 8, np.inf, Y)}, "has no outcome in"),
        ({"washout": True}, "washout is True"),
        ({"washout": "2"}, "washout is '2'"),
        ({"phase_in": -1}, "phase_in is -1"),
        ({"kind": "count", "y": -Y}, "a count is negative: unit 1 in 2000-01"),
        ({"exposure": Y[:, :5], "kind": "count"}, "as large as the outcomes"),
        ({"exposure": np.where(Y > 8, np.nan, 1.0), "kind": "count"}, "has no exposure in 2000-"),
    ],
)
def test_marks_that_are_none_are_refused(options, words):
    with pytest.raises(FitError, match=words):
        Cohorts.from_arrays(**({"y": Y, "start": FIRST} | options))


def test_marks_of_tables_follow_their_labels():
    import pandas as pd

    units, months = ["a", "b", "c", "d"], [f"2020-0{t + 1}" for t in range(6)]
    y = pd.DataFrame(Y, units, months)
    on = pd.DataFrame(ON, units, months)
    out = pd.DataFrame(np.roll(ON, 2, axis=0), units, months)
    plain = Cohorts.from_arrays(y, None, on=on, left_out=out)
    moved = Cohorts.from_arrays(y, None, on=on.loc[units[::-1], months[::-1]], left_out=out)
    assert plain.on is not None and np.array_equal(plain.on, moved.on)
    assert plain.first.tolist() == FIRST and plain.used is not None
    assert np.argwhere(~plain.used).tolist() == [[2, 3], [2, 4]]


def test_washout_of_several_starts_leaves_the_cells_of_the_treated_out():
    base = Cohorts.from_arrays(Y, [2, 3, np.inf, np.inf], washout=1)
    assert base.used is not None and base.skipped == 0 and base.length == 6
    assert np.argwhere(~base.used).tolist() == [[0, 2], [1, 3]]
    assert base.first.tolist()[:2] == [2, 3]
    assert base.event[0][base.treated[0]].tolist() == [1, 2, 3]


def test_washout_of_one_start_leaves_the_panel_and_event_time_counts_from_the_start():
    base = Cohorts.from_arrays(Y, FIRST, washout=2, first="2012-07")
    assert base.whole and base.skipped == 2 and base.first[0] == 3
    assert base.periods == ("2012-07", "2012-08", "2012-09", "2012-12")
    assert base.event[0].tolist() == [-3, -2, -1, 2]
    assert base.begun(3) == "2012-10"
    assert "washout: 2012-10 to 2012-11 from the start on are left out of every unit" in map(
        str, base.notes
    )


def test_marks_stay_with_units_and_periods():
    y = np.where(np.arange(24).reshape(4, 6) == 13, np.nan, Y)
    base = Cohorts.from_arrays(y, None, on=ON, gaps="missing")
    assert base.used is not None and np.argwhere(~base.used).tolist() == [[2, 1]]
    kept = base.keeping([0, 1, 3])
    assert kept.used is None and kept.on is not None
    later = base.between(1, 6)
    assert later.used is not None and np.argwhere(~later.used).tolist() == [[2, 0]]
    # In a window that ends with the program, treatment lasts.
    assert base.between(2, 5).whole
    pretended = base.pretending(np.array([np.inf, 2, np.inf, np.inf]))
    assert pretended.on is None and pretended.used is not None
    left = base.leaving_out(base.after_end)
    assert left.used is not None and np.argwhere(~left.used).tolist() == [[0, 5], [2, 1]]


def test_strength_rises_by_even_steps_from_every_start():
    on = np.zeros((4, 6), dtype=bool)
    on[0, 1:4] = on[0, 5:] = True
    on[1, 2:] = True
    base = Cohorts.from_arrays(Y, None, on=on, phase_in=2)
    third = 1 / 3
    assert base.strength[0] == pytest.approx([0, third, 2 * third, 1, 0, third])
    assert base.strength[1] == pytest.approx([0, 0, third, 2 * third, 1, 1])
    assert did.METHODS["twfe"].fit(base).estimate != 0


def test_a_gap_in_an_exposure_that_is_not_used_leaves_nobody_out(panel):
    found = Cohorts.from_panel(
        panel, outcome="shootings", starts={"B": "2017"}, gaps="leave out", offset=False
    )
    assert found.units == ("B", "C", "D", "E")
