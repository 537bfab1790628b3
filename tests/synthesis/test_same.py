"""One place, one outcome and the same events are known by ids and months, whatever the spelling."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

from described import described
from published_table import number, table

from evaluation.data.published import PUBLISHED, read_published
from evaluation.effect import Interval
from evaluation.errors import FitError
from evaluation.study.evidence import Evidence
from evaluation.synthesis import (
    agreement,
    concluded,
    funnel,
    meta_regression,
    pooled,
    pooled_levels,
)
from evaluation.synthesis.elsewhere import elsewhere
from evaluation.synthesis.same import clusters, common_months, common_units, months, of_years
from evaluation.synthesis.studies import Result, from_evidence
from tests.synthesis.test_designs import APART, study

ROOT = Path(__file__).parents[2]
SPELLINGS = ("Oakland", "Oakland, Calif.", "OAKLAND (CA)", "City of Oakland", "oakland")
spelling = st.sampled_from(SPELLINGS) | st.text(
    st.characters(min_codepoint=32, max_codepoint=0x17F), min_size=1, max_size=20
)


def result(index: int, site: str, places: tuple[str, ...], effect: float = -0.2) -> Result:
    return Result(
        study=f"s{index}",
        label=site,
        site=site,
        design="comparison",
        strength=3,
        unit="city",
        outcome="homicide",
        family="homicide",
        scale="log rate ratio",
        estimate=effect,
        std_error=0.1,
        obstacle="",
        found="fell",
        error_from="published",
        where=f"t.csv:{index}",
        places=places,
    )


@given(st.lists(st.tuples(st.sampled_from("abc"), spelling), min_size=1, max_size=8))
def test_with_ids_clusters_are_those_of_the_ids_whatever_the_names(rows):
    found = clusters([((f"us-ca-{place}",), name) for place, name in rows])
    named = [place for place, _ in rows]
    assert [found[i] == found[j] for i in range(len(rows)) for j in range(len(rows))] == [
        one == other for one in named for other in named
    ]


@given(st.lists(spelling, min_size=2, max_size=6))
def test_dependent_results_are_refused_as_independent_in_every_spelling(names):
    rows = [result(i, name, ("us-ca-oakland",)) for i, name in enumerate(names)]
    others = [result(90 + i, "Reno", (f"us-nv-reno-{i}",)) for i in range(3)]
    assert concluded([*rows, *others]).sites == 4
    with pytest.raises(FitError, match="are of one site"):
        pooled([*rows, *others])


def test_a_mean_of_several_places_does_not_move_with_the_spelling_of_one():
    rows = [result(i, "Oakland", ("us-ca-oakland",), -0.1 * i) for i in range(2)]
    others = [result(90 + i, "Reno", (f"us-nv-reno-{i}",), -0.1 * i) for i in range(2)]
    spelled = [replace(row, site=name) for row, name in zip(rows, SPELLINGS, strict=False)]
    assert pooled_levels([*spelled, *others]) == pooled_levels([*rows, *others])
    assert pooled_levels([*spelled, *others]).sites == 3


def test_a_funnel_of_dependent_results_is_not_tested_in_any_spelling():
    spread = [result(i, f"Town {i}", (f"us-nv-{i}",), -0.05 * i) for i in range(10)]
    free = [replace(one, std_error=0.1 + 0.02 * i) for i, one in enumerate(spread)]
    tied = [*free[:9], replace(free[9], site="Town, Nev.", places=("us-nv-0",))]
    assert funnel(free).egger is not None
    found = funnel(tied)
    assert found.egger is None and found.filled is None
    assert any("not independent" in note for note in map(str, found.notes))
    said = [*map(str, meta_regression(tied, {"error": lambda one: one.std_error}).notes)]
    assert any("only the robust ones allow for it" in note for note in said)
    said = [*map(str, meta_regression(free, {"error": lambda one: one.std_error}).notes)]
    assert not any("only the robust ones" in note for note in said)


def test_places_of_one_name_and_two_ids_are_pooled_as_two():
    rows = [result(i, "Oakland", (f"us-{state}-oakland",)) for i, state in enumerate(("ca", "tn"))]
    assert pooled(rows).k == 2


def test_where_an_id_is_missing_one_name_is_taken_to_be_one_place():
    rows = [result(0, "Oakland", ("us-ca-oakland",)), result(1, " OAKLAND", ())]
    with pytest.raises(FitError, match="are of one site"):
        pooled(rows)
    assert clusters([((), "A"), ((), "B"), ((), "a")]) == (0, 1, 0)


@pytest.mark.parametrize("name", SPELLINGS[1:4])
def test_two_spellings_of_a_site_are_one_in_counts_and_means(tmp_path: Path, name: str):
    rows = [
        number(1, -0.3, 0.1, site="Oakland", study="a"),
        number(2, -0.2, 0.1, site=name, study="b"),
        number(3, -0.1, 0.1, site="Reno", study="c"),
        number(4, -0.4, 0.1, site="Elko", study="d"),
    ]
    ids = {"Oakland": "us-ca-oakland", name: "us-ca-oakland", "Reno": "us-nv-reno"}
    found = elsewhere(table(tmp_path, *rows, places=ids))
    assert found.tally.sites == 3 and found.tally.error_sites == ("Elko", "Oakland", "Reno")
    (family,) = found.families
    assert family.mean is not None and family.mean.several and family.mean.sites == 3


def test_our_own_study_and_a_published_one_of_its_city_are_not_independent():
    own = from_evidence(described("boston"), "homicides", family="homicide")
    published = result(1, "Boston, Mass.", ("us-ma-boston",))
    with pytest.raises(FitError, match="are of one site"):
        pooled([own, published])
    assert pooled([own, replace(published, places=("us-in-boston",))]).k == 2


def cities(slug: str, units: tuple[str, ...], **change: object) -> Evidence:
    """A study of several cities, each with an id after its first word."""
    ids = tuple((unit, f"us-ca-{unit.split()[0].strip(',').lower()}") for unit in units)
    return study(
        slug,
        -30,
        -20,
        -10,
        sha256=slug,
        unit=f"2 of {len(units)} units",
        units=units,
        places=ids,
        **change,
    )


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(("Oakland", "Oakland, Calif.", "Oakland city")))
def test_units_of_panels_are_one_by_their_ids(name: str):
    one = cities("a", ("Oakland", "Fresno"))
    other = cities("b", (name, "Stockton"))
    assert common_units(one, other) == ("Oakland",)
    (pair,) = agreement([one, other]).shared
    assert ("units", ("Oakland",)) in {(common.kind, common.parts) for common in pair.common}
    events = [common for common in pair.common if common.kind == "events"]
    assert [common.parts for common in events] == [("homicide", "1992-01", "1998-05", "Oakland")]


def test_the_same_events_end_where_an_outcome_of_one_of_them_does():
    one, other = cities("a", ("Oakland",)), cities("b", ("Oakland",))
    content = dict(one.plan.content)
    content["outcomes"] = [{"column": one.outcomes[0].column, "last": "1995-12"}]
    shorter = replace(one, plan=replace(one.plan, content=content))
    (pair,) = agreement([shorter, other]).shared
    events = [common for common in pair.common if common.kind == "events"]
    assert [common.parts for common in events] == [("homicide", "1992-01", "1995-12", "Oakland")]


def test_a_study_of_a_city_and_one_of_many_share_its_events():
    alone = study(
        "a", -30, -20, -10, sha256="a", unit="Oakland", units=("Oakland",), place="us-ca-oakland"
    )
    many = cities("b", ("Oakland, Calif.", "Fresno"))
    found = agreement([alone, many])
    (pair,) = found.shared
    assert any(common.kind == "events" for common in pair.common) and not found.independent
    assert any(
        "count the same events in part or all: homicide, Oakland" in one
        for one in map(str, found.says)
    )


@pytest.mark.parametrize(
    "change",
    [
        {"first": "2005-01", "last": "2010-12"},
        {"place": "us-in-boston"},
    ],
)
def test_other_years_or_another_place_share_no_events(change: dict[str, str]):
    one = study("a", -30, -20, -10, place="us-ma-boston")
    other = study("b", -30, -20, -10, **{"place": "us-ma-boston", "sha256": "b", **change})
    (pair,) = agreement([one, other]).shared
    assert "events" not in {common.kind for common in pair.common}


def test_outcomes_are_one_by_their_family_and_else_by_their_name():
    one = study("a", -30, -20, -10, place="us-ma-boston")
    for family, label, shared in (
        ("homicide", "murders", True),
        ("gun violence", "youth homicides", False),
        ("", "Youth  Homicides", True),
        ("", "murders", False),
    ):
        other = study("b", -30, -20, -10, place="us-ma-boston", sha256="b")
        outcome = replace(other.outcomes[0], label=label)
        columns = tuple(replace(column, family=family) for column in other.data.columns)
        other = replace(other, outcomes=(outcome,), data=replace(other.data, columns=columns))
        (pair,) = agreement([one, other]).shared
        assert ("events" in {common.kind for common in pair.common}) is shared, (family, label)


def test_surveys_and_people_are_not_said_to_count_the_same_events():
    one, other = (study(slug, -30, -20, -10, place="us-ma-boston", sha256=slug) for slug in "ab")
    plan = replace(other.plan, content={**other.plan.content, "design": "survey"})
    (pair,) = agreement([one, replace(other, plan=plan)]).shared
    kinds = {common.kind for common in pair.common}
    assert "events" not in kinds and {"place", "months"} <= kinds


def test_three_studies_of_one_place_share_it_under_one_name():
    spelled = [
        study(slug, -30, -20, -10, sha256=slug, unit=unit, units=(unit,), place="us-ma-boston")
        for slug, unit in (("a", "Boston"), ("b", "Boston, Mass."), ("c", "BOSTON"))
    ]
    places = [one for one in agreement(spelled).together if one.common.kind == "place"]
    assert [(one.common.parts, one.studies) for one in places] == [(("Boston",), ("a", "b", "c"))]


def test_a_study_without_an_id_beside_one_with_one_is_not_said_to_be_independent():
    one = study("a", -30, -20, -10, place="us-ma-boston")
    found = agreement([one, study("b", -30, -20, -10, **APART)])
    assert found.undeclared == ("b",) and not found.independent
    assert any("do not say by an id where they are" in line for line in map(str, found.says))
    assert not any(line.startswith("Nothing that was looked for") for line in map(str, found.says))


@pytest.mark.parametrize(
    ("years", "events"), [("1991-1998", "same"), ("2001-2004", "other"), ("", "unknown")]
)
def test_a_published_result_counts_our_events_when_its_years_meet_ours(years: str, events: str):
    found = elsewhere(read_published(ROOT / PUBLISHED, ROOT), [described("boston")])
    (own,) = found.own
    (row,) = [one for one in found.results if one.study == "boston-1"]
    assert replace(row, years=years).events(own) == events


@given(st.integers(1980, 2020), st.integers(0, 10), st.integers(1980, 2020), st.integers(0, 10))
def test_months_in_common_are_those_of_the_years(first: int, long: int, other: int, much: int):
    one, two = (str(first), str(first + long)), (str(other), str(other + much))
    both = set(range(first, first + long + 1)) & set(range(other, other + much + 1))
    found = common_months(one, two)
    assert (found is None) == (not both)
    if found is not None:
        assert found == (f"{min(both)}-01", f"{max(both)}-12")
    assert common_months(two, one) == found


def test_years_are_read_as_they_are_written():
    assert of_years("2009-2016") == ("2009", "2016") and of_years("2014") == ("2014", "2014")
    assert months(*of_years("")) is None and months("2012-Q2", "2012-Q3") == (24147, 24152)


def test_a_wide_range_is_kept_as_it_was():
    # Naming and ids move no number.
    kept = study("a", -60, -40, -10, place="us-ma-boston")
    (line,) = agreement([kept]).lines
    assert line.percent == Interval(-40, -60, -10) and line.family == "homicide"


def test_weeks_and_days_lie_in_the_months_of_their_days() -> None:
    # The first week of 2013 begins on the last day of 2012.
    assert months("2013-W01", "2013-W05") == (2012 * 12 + 11, 2013 * 12 + 1)
    assert months("2013-01-05", "2013-02-06") == (2013 * 12, 2013 * 12 + 1)
    assert common_months(("2013-W01", "2013-W26"), ("2013-06", "2014-05")) == ("2013-06", "2013-06")
