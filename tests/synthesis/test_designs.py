"""Our own studies side by side: what they share, how far they agree, and that none is averaged."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from evaluation.effect import Interval
from evaluation.errors import FitError
from evaluation.study.evidence import Evidence, load_evidence
from evaluation.synthesis import agreement
from evaluation.synthesis.designs import NOT_AVERAGED

ROOT = Path(__file__).parents[2]


def study(slug: str, low: float, middle: float, high: float, **change: object) -> Evidence:
    """The committed study of Boston under another name, with this effect in percent."""
    evidence = load_evidence("boston", ROOT)
    outcome = evidence.outcomes[0]
    effect = replace(outcome.effect, percent=Interval(middle, low, high))
    objection = change.pop("objection", None)
    if objection:
        effect = replace(effect, objection=str(objection))
    data = {key: change.pop(key) for key in ("unit", "units", "first", "last") if key in change}
    source = replace(
        evidence.data.provenance,
        **{
            "place": "",
            "places": (),
            **{
                key: change.pop(key)
                for key in ("sha256", "file", "sensitivity", "place", "places")
                if key in change
            },
        },
    )
    headline = replace(outcome.headline, effect=effect)
    if "assumes" in change:
        headline = replace(headline, assumes=str(change.pop("assumes")))
    return replace(
        evidence,
        slug=slug,
        outcomes=(replace(outcome, headline=headline),),
        data=replace(evidence.data, provenance=source, **data),
        **change,  # type: ignore[arg-type]
    )


APART = {
    "unit": "Elsewhere",
    "units": ("Elsewhere",),
    "sha256": "0" * 64,
    "file": "data/other.csv",
    "first": "2009-01",
    "last": "2015-12",
    "start": "2012-01",
    "assumes": "something else",
}


def test_same_file_place_start_months_and_assumption_are_told() -> None:
    found = agreement([study("one", -60, -40, -10), study("two", -50, -30, 5)])
    (pair,) = found.shared
    said = "; ".join(map(str, pair.things))
    for word in (
        "same file, data/public/boston_homicide.csv",
        "are about Boston",
        "start of Operation Ceasefire at 1996-06",
        "1992-01 to 1998-05",
        "take for granted",
    ):
        assert word in said
    assert not found.independent
    assert found.says[-1] == NOT_AVERAGED


def test_studies_that_share_nothing_are_said_to() -> None:
    found = agreement([study("one", -60, -40, -10), study("two", -50, -30, 5, **APART)])
    assert found.independent and found.shared[0].things == ()
    assert any(line.startswith("Nothing that was looked for") for line in map(str, found.says))
    assert found.says[-1] == NOT_AVERAGED


def test_a_study_that_names_no_city_is_not_said_to_be_independent() -> None:
    many = {**APART, "unit": "24 of 100 units", "units": ("Place 1", "Place 2")}
    found = agreement([study("one", -60, -40, -10), study("two", -50, -30, 5, **many)])
    assert not found.independent and found.shared[0].things == ()
    assert any("of two name units and no city" in line for line in map(str, found.says))
    assert not any(line.startswith("Nothing that") for line in map(str, found.says))


@pytest.mark.parametrize("unit", ["25 of 50 units", "400 of 1,200 people"])
def test_as_many_units_are_not_the_same_place(unit: str) -> None:
    one = study("one", -60, -40, -10, unit=unit, units=("A",))
    other = study("two", -50, -30, 5, **{**APART, "unit": unit, "units": ("B",)})
    assert agreement([one, other]).shared[0].things == ()


@pytest.mark.parametrize(
    ("change", "words", "silent"),
    [
        ({"sha256": "1" * 64}, "are about Boston", "same file"),
        ({"unit": "24 places", "units": ("Boston", "Quincy")}, "hold data of Boston", "are about"),
        ({"first": "1999-01", "last": "2003-12"}, "are about Boston", "cover"),
        ({"first": "1995", "last": "2003"}, "cover 1995-01 to 1998-05", "xxx"),
        ({"first": "1990-Q1", "last": "1994-Q3"}, "cover 1992-01 to 1994-09", "xxx"),
        ({"start": "1996-05"}, "same file", "date the start"),
    ],
)
def test_each_thing_shared_is_found_by_itself(
    change: dict[str, object], words: str, silent: str
) -> None:
    found = agreement([study("one", -60, -40, -10), study("two", -50, -30, 5, **change)])
    said = "; ".join(map(str, found.shared[0].things))
    assert words in said and silent not in said


def test_one_place_is_one_by_its_id_whatever_it_is_called() -> None:
    kinds = [
        study(
            slug, -30, -20, -10, sha256=slug, unit=unit, units=("Oakland",), place="us-ca-oakland"
        )
        for slug, unit in (("a", "400 of 1,200 people"), ("b", "Oakland"))
    ]
    (pair,) = agreement(kinds).shared
    assert ("place", ("Oakland",)) in {(one.kind, one.parts) for one in pair.common}


@pytest.mark.parametrize(
    ("here", "there"),
    [("us-ca-oakland", "us-tn-oakland"), ("us-ca-oakland", ""), ("", "us-ca-oakland")],
)
def test_places_of_one_name_are_not_one_place(here: str, there: str) -> None:
    kinds = [
        study(slug, -30, -20, -10, sha256=slug, unit="Oakland", units=(), place=place)
        for slug, place in (("a", here), ("b", there))
    ]
    (pair,) = agreement(kinds).shared
    assert "place" not in {one.kind for one in pair.common}


@pytest.mark.parametrize(("there", "shared"), [("us-tn-oakland", False), ("us-ca-oakland", True)])
def test_districts_of_one_name_in_two_cities_are_not_the_same(there: str, shared: bool) -> None:
    kinds = [
        study(slug, -30, -20, -10, sha256=slug, unit=slug, units=("District 1",), places=places)
        for slug, places in (
            ("a", (("District 1", "us-ca-oakland"),)),
            ("b", (("District 1", there),)),
        )
    ]
    (pair,) = agreement(kinds).shared
    assert ("units" in {one.kind for one in pair.common}) is shared


def test_direction_and_overlap_are_told() -> None:
    found = agreement([study("one", -60, -40, -10), study("two", -50, -30, -5)])
    assert found.same_direction is True and found.overlap is True and found.apart == ()
    assert "All 2 answers lie below what was expected." in [*map(str, found.says)]
    # A range across no change is on neither side, whatever its best estimate.
    found = agreement([study("one", -60, -40, -10), study("two", -50, -30, 5)])
    assert found.same_direction is False and found.overlap is True and found.apart == ()
    assert "Of 2 answers, below what was expected: 1; above: 0; open: 1." in [*map(str, found.says)]
    assert "1 of 2 ranges leave no change out." in [*map(str, found.says)]
    none = agreement([study("one", -38, -0.5, 59), study("two", -50, -30, 5)])
    assert "None of 2 answers can tell a change from none." in [*map(str, none.says)]
    other = agreement([study("one", -60, -40, -20), study("two", -10, 5, 20)])
    assert other.same_direction is False and other.overlap is False
    assert other.apart == (("one (youth homicides)", "two (youth homicides)"),)
    assert any(
        "below what was expected: 1; above: 0; open: 1" in line for line in map(str, other.says)
    )
    assert any("do not meet" in line for line in map(str, other.says))


def test_three_ranges_can_meet_in_pairs_and_not_together() -> None:
    # On a line, ranges that meet in pairs meet together (Helly), so one pair must be apart.
    found = agreement(
        [study("a", -60, -50, -40), study("b", -45, -30, -15), study("c", -20, -10, 0)]
    )
    assert found.overlap is False
    assert found.apart == (("a (youth homicides)", "c (youth homicides)"),)


def test_what_is_not_valid_is_shown_and_not_compared() -> None:
    found = agreement(
        [study("one", -60, -40, -10), study("two", 5, 10, 20, objection="too few clusters")]
    )
    assert [line.counts for line in found.lines] == [True, False]
    assert str(found.lines[1].reason) == "too few clusters"
    assert found.same_direction is None and found.overlap is None
    assert any("may be used: two" in line for line in map(str, found.says))


def test_one_study_has_nothing_beside_it() -> None:
    found = agreement([study("one", -60, -40, -10)])
    assert found.shared == () and found.same_direction is None
    assert [*map(str, found.says)] == ["1 answer: there is nothing to compare."]


def test_nothing_is_averaged_and_order_does_not_matter() -> None:
    one, two = study("one", -60, -40, -10), study("two", -50, -30, 5)
    found = agreement([one, two])
    assert found == agreement([two, one])
    shown = {line.percent.estimate for line in found.lines if line.percent}
    assert shown == {-40, -30}
    assert not any("-35" in line for line in map(str, found.says))


def test_committed_studies_of_invented_data_are_set_side_by_side() -> None:
    slugs = ("oakland-synthetic", "oakland-synthetic-cities", "places-synthetic")
    found = agreement([load_evidence(slug, ROOT) for slug in slugs])
    assert found.synthetic and found.goal == 1
    assert {line.design for line in found.lines} == {
        "Interrupted time series",
        "Comparison with untreated units",
    }
    assert all(line.grade in ("high", "moderate", "low", "very low") for line in found.lines)
    tied = {(pair.one, pair.other) for pair in found.shared if pair.things}
    assert ("oakland-synthetic", "oakland-synthetic-cities") in tied
    more = agreement([load_evidence(slug, ROOT) for slug in slugs], every_outcome=True)
    assert len(more.lines) > len(found.lines)


@pytest.mark.parametrize(
    ("studies", "words"),
    [
        ((), "no studies"),
        (("boston", "boston"), "twice"),
        (("boston", "oakland-synthetic"), "invented data"),
        (("boston", "survey-synthetic"), "goals 1, 3"),
    ],
)
def test_refuses(studies: tuple[str, ...], words: str) -> None:
    with pytest.raises(FitError, match=words):
        agreement([load_evidence(slug, ROOT) for slug in studies])
