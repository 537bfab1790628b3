"""Who is treated, who is a control and who is left out, under each choice of a plan."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.data import period
from evaluation.data.adoption import AdoptionTable, Choices, Episode, read_adoption
from evaluation.data.panel import Provenance
from evaluation.data.read import read_panel
from evaluation.data.treated import Assignment, Control, LeftOut, Treated, of_units, who_is_treated
from evaluation.errors import DataError

PROJECT = Path(__file__).parents[2]
COMMITTED = read_adoption(PROJECT / "data/public/adoption.csv", PROJECT)
SOURCE = Provenance("x", "x.csv", "", "x.dataset.toml", "", 0, "", "", "public")
NONE = Episode("", "", "none", "", "", "", "none", "control", "", "", "read", "", "x", "", "", 2)


def program(agency: str, first: str, last: str = "", **given: str) -> Episode:
    known = {"level": "city", "role": "adopter", "first_certainty": "month", **given}
    return replace(NONE, agency=agency, program="P", first_month=first, last_month=last, **known)


def table(*episodes: Episode) -> AdoptionTable:
    return AdoptionTable(episodes, SOURCE)


def found(
    *episodes: Episode, first: str = "2000", last: str = "2019", frequency: str = "year", **given
) -> Treated | Control | LeftOut:
    """What the only agency of these episodes is."""
    choices = Choices(**given)
    assigned = who_is_treated(
        table(*episodes), first=first, last=last, frequency=frequency, choices=choices
    )
    (one,) = (*assigned.treated, *assigned.controls, *assigned.left_out)
    return one


def test_a_start_is_the_period_that_holds_it_and_the_first_whole_one_follows() -> None:
    one = found(program("A", "2012-10"))
    assert (one.start, one.whole, one.spans) == ("2012", "2013", (("2012", None),))
    one = found(program("A", "2012-01"))
    assert (one.start, one.whole) == ("2012", "2012")
    # Of a year alone nothing says that it began in January.
    one = found(program("A", "2012", first_certainty="year"))
    assert (one.start, one.whole) == ("2012", "2013")
    months = {"first": "2000-01", "last": "2019-12", "frequency": "month"}
    one = found(program("A", "2012-10"), **months)
    assert (one.start, one.whole) == ("2012-10", "2012-10")
    quarters = {"first": "2000-Q1", "last": "2019-Q4", "frequency": "quarter"}
    one = found(program("A", "2012-11"), **quarters)
    assert (one.start, one.whole) == ("2012-Q4", "2013-Q1")


def test_a_year_alone_dates_no_month() -> None:
    one = found(
        program("A", "2012", first_certainty="year"),
        first="2000-01",
        last="2019-12",
        frequency="month",
    )
    assert isinstance(one, LeftOut) and "only the year of its start is known" in one.why


@pytest.mark.parametrize(
    ("given", "treated"),
    [
        ({"level": "city", "role": "adopter"}, {"city": True, "part": True, "small": True}),
        ({"level": "part", "role": "adopter"}, {"city": False, "part": True, "small": True}),
        ({"level": "city", "role": "partial"}, {"city": False, "part": False, "small": False}),
        ({"level": "unknown", "role": "left out"}, dict.fromkeys(("city", "part"), False)),
    ],
)
def test_what_does_not_count_leaves_a_city_out_and_makes_it_no_control(given, treated) -> None:
    for level, counts in treated.items():
        one = found(program("A", "2012-10", **given), level=level)
        assert isinstance(one, Treated if counts else LeftOut)
        if not counts:
            told = {
                "adopter": "narrower than what counts here",
                "partial": "partial or doubtful",
                "left out": "set aside by the table",
            }
            assert one.since == "2012" and one.why.endswith(f"; {told[given['role']]})")


def test_partial_adopters_count_when_the_plan_says_so() -> None:
    partial = program("A", "2012-10", role="partial")
    assert isinstance(found(partial), LeftOut)
    assert isinstance(found(partial, roles=("adopter", "partial")), Treated)


def test_a_program_after_the_window_leaves_its_city_a_control_until_then() -> None:
    one = found(program("A", "2020-01"))
    assert isinstance(one, Control) and "begins after the window (P, 2020-01)" in one.why
    one = found(program("A", "2020-01", level="small", role="left out"))
    assert isinstance(one, Control)


@pytest.mark.parametrize("first", ["1999-05", "2000-01", "2000-12"])
def test_without_a_period_before_the_start_a_city_is_left_out(first: str) -> None:
    one = found(program("A", first))
    assert isinstance(one, LeftOut) and "at or before the first period" in one.why


def test_controls_that_nobody_searched_can_be_left_out() -> None:
    unsearched = replace(NONE, agency="A", certainty="not searched")
    assert isinstance(found(unsearched), Control)
    assert isinstance(found(unsearched, controls="searched"), LeftOut)
    searched = replace(NONE, agency="A", certainty="searched, nothing found")
    assert isinstance(found(searched, controls="searched"), Control)


def test_a_row_without_a_date_leaves_its_city_out() -> None:
    one = found(replace(NONE, agency="A", role="left out", level="unknown"))
    assert isinstance(one, LeftOut) and "no date" in one.why


TWICE = (program("A", "2005-03", "2009-06"), program("A", "2013-02", "2015"))


def test_a_city_stays_treated_once_it_began_unless_the_plan_says_otherwise() -> None:
    one = found(*TWICE)
    assert (one.spans, one.unclear, one.until) == ((("2005", None),), (), None)


def test_a_cut_series_ends_with_its_first_program() -> None:
    one = found(*TWICE, ends="cut")
    assert (one.spans, one.until) == ((("2005", "2009"),), "2009")
    assert found(program("A", "2005-03"), ends="cut").until is None


def test_as_written_a_program_stops_and_starts_again_with_a_washout_between() -> None:
    one = found(*TWICE, ends="as written", washout=2)
    assert one.spans == (("2005", "2009"), ("2013", "2015"))
    assert one.unclear == (("2010", "2011"), ("2016", "2017"))
    # A washout longer than the pause ends with it.
    one = found(*TWICE, ends="as written", washout=9)
    assert one.unclear == (("2010", "2012"), ("2016", "2019"))
    one = found(*TWICE, ends="as written")
    assert one.unclear == ()


def test_programs_that_touch_are_one_and_an_end_after_the_window_is_none() -> None:
    touching = (program("A", "2005-03", "2009-06"), program("A", "2010-01", "2030"))
    assert found(*touching, ends="as written").spans == (("2005", None),)


def test_a_lesser_program_after_the_end_is_not_untreated_time() -> None:
    lesser = program("A", "2011-01", "2012-12", role="partial", level="part")
    one = found(*TWICE, lesser, ends="as written", washout=1)
    assert one.unclear == (("2010", "2012"), ("2016", "2016"))
    goes_on = program("A", "2017-01", role="left out", level="small")
    one = found(*TWICE, goes_on, ends="as written")
    assert one.unclear == (("2017", "2019"),)


def test_a_program_over_long_before_the_window_is_history_only_as_written() -> None:
    before = program("A", "1990-01", "1995-12")
    again = program("A", "2007-01")
    assert isinstance(found(before, again), LeftOut)
    one = found(before, again, ends="as written", washout=3)
    assert (one.start, one.passed_over) == (
        "2007",
        ("P, 1990-01 to 1995-12 (adopter, for the city)",),
    )
    # Within the washout of the first period it is not over.
    assert isinstance(found(before, again, ends="as written", washout=5), LeftOut)
    one = found(before, ends="as written")
    assert isinstance(one, LeftOut) and "no control" in one.why


def test_a_lesser_program_that_came_first_is_named_or_leaves_the_city_out() -> None:
    lesser = program("A", "2007", "2011", role="partial", level="part", first_certainty="year")
    adopted = program("A", "2012-10")
    one = found(lesser, adopted)
    assert (one.start, one.passed_over) == (
        "2012",
        ("P, 2007 to 2011 (partial, for a part of the city)",),
    )
    out = found(lesser, adopted, earlier="leave out")
    assert isinstance(out, LeftOut) and out.since == "2007" and "came first" in out.why
    # It is over before this window.
    assert isinstance(
        found(lesser, adopted, earlier="leave out", first="2012", last="2019"), LeftOut
    )
    later = replace(adopted, first_month="2014-01")
    assert isinstance(found(lesser, later, earlier="leave out", first="2012"), Treated)


def test_uncertain_starts_can_be_left_out() -> None:
    one = program("A", "2012-10", first_certainty="uncertain")
    assert isinstance(found(one), Treated)
    out = found(one, dates=("month", "year"))
    assert isinstance(out, LeftOut) and "its start is uncertain" in out.why
    year = program("A", "2012", first_certainty="year")
    out = found(year, dates=("month",))
    assert isinstance(out, LeftOut) and "known to the year only" in out.why


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"level": "town"}, "level: 'town' is not known"),
        ({"ends": "absorb"}, "Did you mean 'absorbing'?"),
        ({"roles": ()}, "roles must be a list of one or more words"),
        ({"roles": "adopter"}, "roles must be a list"),
        ({"roles": ("control",)}, "roles: 'control' is not known"),
        ({"dates": ("day",)}, "dates: 'day' is not known"),
        ({"earlier": "keep"}, "earlier: 'keep' is not known"),
        ({"controls": "none"}, "controls: 'none' is not known"),
        ({"washout": 1}, 'washout is for ends = "as written"'),
        ({"washout": -1, "ends": "as written"}, "washout must be periods, 0 or more"),
        ({"washout": 1.5, "ends": "as written"}, "washout must be periods, 0 or more"),
        ({"level": ["city"]}, "is not known"),
    ],
)
def test_a_choice_that_is_none_is_refused(given, words: str) -> None:
    with pytest.raises(DataError) as caught:
        Choices(**given)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("first", "last", "frequency"),
    [
        ("2019", "2000", "year"),
        ("2000", "2000", "year"),
        ("2000-01", "2019", "year"),
        ("2000", "2019", "month"),
        ("2000", "2019", "hour"),
    ],
)
def test_a_window_that_is_none_is_refused(first: str, last: str, frequency: str) -> None:
    with pytest.raises(DataError, match="adoption: the window"):
        who_is_treated(COMMITTED, first=first, last=last, frequency=frequency)


@pytest.mark.parametrize(
    ("first", "last", "frequency"),
    [("2000-W01", "2019-W52", "week"), ("2000-01-01", "2019-12-31", "day")],
)
def test_months_of_adoption_do_not_date_weeks_and_days(
    first: str, last: str, frequency: str
) -> None:
    words = f"programs are dated by months, which do not say in which {frequency} one began"
    with pytest.raises(DataError, match=words):
        who_is_treated(COMMITTED, first=first, last=last, frequency=frequency)


@given(
    first=st.integers(1985, 2020),
    length=st.integers(1, 35),
    level=st.sampled_from(["city", "part", "small"]),
    roles=st.sampled_from([("adopter",), ("adopter", "partial")]),
    ends=st.sampled_from(["absorbing", "cut", "as written"]),
    washout=st.integers(0, 4),
    earlier=st.sampled_from(["pass over", "leave out"]),
)
def test_everyone_is_one_thing_and_no_control_had_a_program_in_the_window(
    first: int, length: int, level, roles, ends, washout: int, earlier
) -> None:
    last = first + length
    choices = Choices(
        level=level,
        roles=roles,
        ends=ends,
        washout=washout if ends == "as written" else 0,
        earlier=earlier,
    )
    assigned = who_is_treated(
        COMMITTED, first=str(first), last=str(last), frequency="year", choices=choices
    )
    names = [one.agency for one in everyone(assigned)]
    agencies = COMMITTED.agencies()
    assert sorted(names) == sorted(agencies)
    for one in assigned.controls:
        dated = [e for e in agencies[one.agency] if e.first_month and e.role != "control"]
        assert all(int(e.first_month[:4]) > last for e in dated)
    for one in assigned.treated:
        assert first < int(one.start) <= last
        # No period is treated and unclear, and stretches follow one another.
        cells = [
            *(range(int(low), int(high or last) + 1) for low, high in one.spans),
            *(range(int(low), int(high) + 1) for low, high in one.unclear),
        ]
        every = [year for cell in cells for year in cell]
        assert len(every) == len(set(every)) and max(every) <= max(last, int(one.start))
        assert {e.role for e in agencies[one.agency]} & set(roles)


def everyone(assigned: Assignment) -> list[Treated | Control | LeftOut]:
    return [*assigned.treated, *assigned.controls, *assigned.left_out]


def test_the_committed_table_treats_the_cities_that_it_names() -> None:
    """By hand from adoption.csv, firm adopters 1995 to 2019, districts counted."""
    assigned = who_is_treated(
        COMMITTED, first="1995", last="2019", frequency="year", choices=Choices(level="part")
    )
    assert {one.agency: one.start for one in assigned.treated} == {
        "Boston": "1996",
        "Cincinnati": "2007",
        "Detroit": "2013",
        "Indianapolis": "1998",
        "Jacksonville, Fla.": "2016",
        "Kansas City, Mo.": "2013",
        "Minneapolis": "1997",
        "New Haven": "2012",
        "New Orleans": "2012",
        "Oakland, Calif.": "2012",
        "Pittsburgh": "2010",
        "Rochester": "2003",
        "Stockton": "1997",
    }
    left_out = {one.agency for one in assigned.left_out}
    assert {
        "Chicago",
        "Philadelphia",
        "Los Angeles",
        "Washington, D.C.",
        "Columbus, Ohio",
    } <= left_out
    assert assigned.of("Milwaukee", "WIMPD00") in assigned.controls


def test_units_of_a_table_of_outcomes_are_found_by_their_identifier() -> None:
    panel = read_panel(PROJECT / "data/public/california_ucr.csv", PROJECT)
    assigned = who_is_treated(COMMITTED, first="2007-01", last="2019-12", frequency="month")
    units = of_units(assigned, (*panel.units, "Sparta"), panel.agencies)
    assert {unit for unit, one in units.items() if isinstance(one, Control)} == {
        *("Bakersfield", "East Palo Alto", "Inglewood", "Long Beach", "Modesto"),
        *("San Bernardino", "San Jose", "Vallejo"),
    }
    assert units["Sparta"].why == "the table of adoption has no row of it"
    assert (
        "Ceasefire, 2012-03 (for a part of the city; partial or doubtful)" in units["Richmond"].why
    )
    # Without its identifier an agency that has one is not taken for its namesake.
    (unknown,) = of_units(assigned, ["Milwaukee"], {}).values()
    assert isinstance(unknown, LeftOut)
    assert period.ordinal(units["Fresno"].since, "month") == period.ordinal("2010-07", "month")
