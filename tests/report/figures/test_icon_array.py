"""Icons are drawn only where the answer credits a change, and every number of them is its own."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest
from example_counts import FALL, RISE, UNCLEAR, counting
from example_study import study
from report_page import faults, report_html
from section_words import with_plan

from evaluation.effect import Interval, Quantity
from evaluation.report.blocks import Figure, every
from evaluation.report.figures.icon_array import icon_array
from evaluation.report.layers import report_document
from evaluation.report.words import GRADES, amount, answer, credits_change, number
from evaluation.study.evidence import load_evidence

PROJECT = Path(__file__).parents[3]
CITIES, GROUPS, PEOPLE = (
    load_evidence(slug, PROJECT)
    for slug in ("oakland-synthetic-cities", "groups-synthetic", "participants-synthetic")
)
CREDITS = re.compile(r"[Ii]t (was (very likely|probably)|may have been) Ceasefire")


def icons_of(outcome, evidence=None) -> Figure:
    (figure,) = icon_array(evidence or study(outcomes=(outcome,)), outcome)
    return figure


def counted(figure: Figure) -> dict[str, int]:
    """Icons of each kind in the picture itself."""
    groups = re.findall(r'-icons-(\w+)">(.*?)</g>\s*</g>', figure.svg, re.DOTALL)
    return {kind: len(re.findall(r"<use\b", inside)) for kind, inside in groups}


def people(difference: tuple[float, float, float], grade: str = "moderate"):
    """An arrest among people, with another difference of risks in percentage points."""
    made = PEOPLE.outcome("arrest_days")
    quantities = tuple(
        Quantity(one.name, one.unit, *difference, one.how)
        if str(one.name) == "risk difference"
        else one
        for one in made.effect.quantities
    )
    without = 100 * next(
        term.estimate for term in made.effect.terms if term.name == "mean without it"
    )
    percent = Interval(*(100 * end / without for end in difference))
    effect = replace(made.effect, quantities=quantities, percent=percent)
    changed = replace(made, grade=replace(made.grade, level=grade))
    return replace(changed, headline=replace(made.headline, effect=effect)), without


@pytest.mark.parametrize(
    ("grade", "percent", "margin"),
    list(product(GRADES, (FALL, RISE, UNCLEAR, (-2.0, -3.0, -1.0)), (None, 5.0))),
)
def test_a_change_is_credited_just_where_the_answer_credits_one(grade, percent, margin):
    made = counting(percent, grade=grade)
    said = answer(made, "Ceasefire", margin=margin)
    credited = bool(CREDITS.search(said))
    assert credits_change(made, margin=margin) == credited
    plan = with_plan(study(outcomes=(made,)), **({} if margin is None else {"margin": margin}))
    assert bool(icon_array(plan, made)) == credited


def test_fewer_than_100_expected_have_an_icon_each():
    made = counting(level=1.5)
    expected = sum(one.expected for one in made.effect.path if one.phase != "before")
    averted = made.effect.averted.estimate
    assert 40 < expected < 100
    figure = icons_of(made)
    drawn = counted(figure)
    assert drawn["happened"] + drawn["changed"] == round(expected)
    assert drawn["changed"] == round(averted * round(expected) / expected)
    assert figure.title.startswith(f"Gun homicides: of about {round(expected)} expected, about ")
    assert f"about {drawn['changed']} probably did not happen" in figure.title
    assert "One icon stands for one of the gun homicides." in figure.note


def test_of_more_one_icon_stands_for_several_and_says_for_how_many():
    made = counting(level=8.4)
    expected = sum(one.expected for one in made.effect.path if one.phase != "before")
    averted = made.effect.averted
    figure = icons_of(made)
    drawn = counted(figure)
    share = 100 * averted.estimate / expected
    assert drawn == {"happened": 100 - round(share), "changed": round(share)}
    assert f"of every 100 expected, about {round(share)} probably" in figure.title
    told = f"{number(expected / 100)} of the {expected:.0f} gun homicides expected"
    assert f"One icon stands for about {told}" in figure.note


def test_the_range_is_of_those_expected_at_each_end():
    made = counting()
    rest = sum(one.fitted for one in made.effect.path if one.phase != "before")
    averted = made.effect.averted
    low, high = (100 * end / (rest + end) for end in (averted.low, averted.high))
    figure = icons_of(made)
    assert f"(range {low:.0f} to {high:.0f})" in figure.title
    row = figure.table.rows[1]
    assert row[2] == (f"{amount(low)} to {amount(high)}",)
    assert f"{round(high) - round(low)} places on a gray field" in figure.description


@pytest.mark.parametrize(
    ("grade", "fall", "rise"),
    [
        ("high", "26 did not happen", "26 more were added"),
        ("moderate", "26 probably did not happen", "26 more were probably added"),
        ("low", "26 may not have happened", "26 more may have been added"),
    ],
)
def test_words_are_as_sure_as_the_grade_and_harm_is_told_as_plainly(grade, fall, rise):
    # Three months of build-up leave a little less than the full 26%.
    saved = icons_of(counting((-27.0, -38.0, -11.0), grade=grade))
    harmed = icons_of(counting((27.0, 11.0, 45.0), grade=grade))
    assert fall in saved.title
    assert rise in harmed.title
    assert "for every 100 expected" in harmed.title
    assert counted(saved)["changed"] == counted(harmed)["changed"] == 26
    assert counted(harmed)["happened"] == 100
    assert "filled triangles" in harmed.description
    assert "hollow diamonds" in saved.description
    for figure in (saved, harmed):
        assert not re.search(r"signific|prove[dns]?\b", figure.title + figure.description, re.I)


def test_a_large_harm_is_drawn_with_fewer_expected_and_a_cut_range_is_owned_up_to():
    huge = icons_of(counting((400.0, 150.0, 900.0)))
    drawn = counted(huge)
    assert drawn["happened"] == 50
    assert drawn["happened"] + drawn["changed"] <= 300
    assert drawn["changed"] / 50 == pytest.approx(400 * 34.5 / 36 / 100, abs=0.05)
    assert "The range goes on beyond the figure." in huge.note
    assert "goes on" not in icons_of(counting(RISE)).note


def test_pictures_follow_the_numbers_and_not_the_names():
    assert icons_of(counting()).svg != icons_of(counting((-40.0, -50.0, -30.0))).svg


def test_an_outcome_that_is_no_count_has_no_icons():
    made = counting()
    base = study(outcomes=(made,))
    columns = tuple(replace(column, type="number") for column in base.data.columns)
    assert icon_array(base, made)
    assert not icon_array(replace(base, data=replace(base.data, columns=columns)), made)


def test_periods_that_do_not_add_up_to_the_total_give_no_icons():
    made = counting()
    averted = replace(made.effect.averted, estimate=made.effect.averted.estimate * 1.2)
    odd = replace(
        made, headline=replace(made.headline, effect=replace(made.effect, averted=averted))
    )
    assert not icon_array(study(outcomes=(odd,)), odd)


def test_a_count_whose_range_holds_none_has_no_icons():
    made = counting()
    averted = replace(made.effect.averted, low=-1.0)
    odd = replace(
        made, headline=replace(made.headline, effect=replace(made.effect, averted=averted))
    )
    assert credits_change(odd)
    assert not icon_array(study(outcomes=(odd,)), odd)


@pytest.mark.parametrize("evidence", [CITIES, GROUPS], ids=lambda one: one.slug)
def test_icons_of_a_comparison_agree_with_its_percent(evidence):
    for outcome in evidence.outcomes:
        percent = outcome.effect.percent
        drawn = counted(icons_of(outcome, evidence))
        assert drawn == {
            "happened": 100 - round(-percent.estimate),
            "changed": round(-percent.estimate),
        }
        spread = f"(range {amount(percent.high)} to {amount(percent.low)})"
        assert spread in icons_of(outcome, evidence).title


def test_those_treated_later_are_not_counted_before_they_are():
    (outcome,) = GROUPS.outcomes
    expected = -100 * outcome.effect.averted.estimate / outcome.effect.percent.estimate
    on_path = sum(one.expected for one in outcome.effect.path if one.phase != "before")
    assert expected < 0.7 * on_path
    figure = icons_of(outcome, GROUPS)
    assert f"of the {expected:.0f} shootings expected" in figure.note
    assert "each from its own start on" in figure.note


@pytest.mark.parametrize(
    ("difference", "grade", "said", "changed"),
    [
        (
            (-9.7, -15.3, -4.1),
            "moderate",
            "about 9.7 were probably spared it (range 4.1 to 15)",
            10,
        ),
        ((-9.7, -15.3, -4.1), "low", "about 9.7 may have been spared it (range 4.1 to 15)", 10),
        ((9.7, 4.1, 15.3), "low", "about 9.7 more may have had it because of the program", 10),
        ((9.7, 4.1, 15.3), "high", "about 9.7 more had it because of the program", 10),
    ],
)
def test_of_people_there_are_always_100(difference, grade, said, changed):
    made, without = people(difference, grade)
    figure = icons_of(made, PEOPLE)
    assert said in figure.title
    assert "of 100 people" in figure.title
    drawn = counted(figure)
    assert sum(drawn.values()) == 100
    assert drawn["changed"] == changed
    assert drawn["happened"] + (changed if difference[0] < 0 else 0) == round(without)


def test_a_range_of_people_ends_at_100_of_them():
    made, without = people((20.0, 5.0, 60.0))
    figure = icons_of(made, PEOPLE)
    assert sum(counted(figure).values()) == 100
    assert f"{100 - round(without) - 5} places on a gray field" in figure.description
    assert "The range goes on beyond the figure." in figure.note


def test_no_icons_of_people_where_nobody_can_tell():
    for made in (people((-3.1, -10.0, 3.8))[0], people((-9.7, -15.3, -4.1), "very low")[0]):
        assert not icon_array(PEOPLE, made)
    days = PEOPLE.outcome("days_incarcerated")
    assert not icon_array(PEOPLE, replace(days, grade=replace(days.grade, level="high")))


def test_icons_stand_in_the_section_on_what_was_expected_and_never_in_the_answer():
    document = report_document(study(outcomes=(counting(),)))
    blocks = every(document.blocks)
    kinds = [getattr(block, "key", getattr(block, "anchor", "")) for block in blocks]
    before = kinds[: kinds.index("about")] if "about" in kinds else kinds[:8]
    assert not any(kind.startswith("icons-") for kind in before)
    at = kinds.index("icons-gun_homicides")
    assert kinds.index("observed") < at < kinds.index("estimates")


def test_a_page_with_icons_is_sound():
    made, _ = people((-9.7, -15.3, -4.1))
    outcomes = tuple(made if one.column == made.column else one for one in PEOPLE.outcomes)
    for evidence in (
        study(outcomes=(counting(), counting(RISE, column="nonfatal", label="shootings"))),
        replace(PEOPLE, outcomes=outcomes),
    ):
        assert faults(report_html(evidence)) == []


@pytest.mark.parametrize("percent_of", ["rate", "days"])
def test_a_rate_or_days_are_no_number_of_people(percent_of):
    made, _ = people((-9.7, -15.3, -4.1))
    effect = replace(made.effect, percent_of=percent_of)
    assert icon_array(PEOPLE, made)
    assert not icon_array(PEOPLE, replace(made, headline=replace(made.headline, effect=effect)))
