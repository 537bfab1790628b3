"""A plan in plain words says what the plan says, and nothing it does not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from evaluation.study.plan.read import read_plan
from evaluation.study.plan.schema import Plan
from evaluation.study.plan.words import plan_words

ROOT = Path(__file__).parents[3]
CONTENT: dict[str, Any] = {
    "question": "Did it help?",
    "goal": 1,
    "data": "data/city.csv",
    "unit": "City",
    "design": "its",
    "outcomes": [{"column": "gun_homicides", "better": "lower"}],
    "intervention": {"name": "Ceasefire", "start": "2012-10"},
}


def sentences(**changes: Any) -> tuple[str, ...]:
    return plan_words(Plan.model_validate({**CONTENT, **changes}))


def settled(**changes: Any) -> str:
    words = sentences(intervention={**CONTENT["intervention"], **changes})
    return next(sentence for sentence in words if sentence.startswith("Intervention"))


@pytest.mark.parametrize(
    ("goal", "words"),
    [(1, "shootings and homicides"), (2, "recidivism and incarceration"), (3, "community")],
)
def test_goal_is_said_in_words(goal: int, words: str) -> None:
    assert words in sentences(goal=goal)[1]


@pytest.mark.parametrize(
    ("better", "words"), [("lower", "a fall of 10%"), ("higher", "a rise of 10%")]
)
def test_effect_worth_having_has_its_direction(better: str, words: str) -> None:
    outcomes = [{"column": "trust", "better": better, "worthwhile": 10}]
    assert f"Main outcome: trust; {better} is better" in sentences(outcomes=outcomes)[4]
    assert words in sentences(outcomes=outcomes)[4]


def test_missing_effect_worth_having_is_said_to_be_missing() -> None:
    assert "names no smallest effect worth having" in sentences()[4]


def test_only_the_primary_outcome_is_the_main_one() -> None:
    outcomes = [
        {"column": "a", "better": "lower"},
        {"column": "b", "better": "lower", "primary": True},
    ]
    words = sentences(outcomes=outcomes)
    assert words[4].startswith("Further outcome: a;")
    assert words[5].startswith("Main outcome: b;")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "from October 2012, with the whole effect at once."),
        ({"phase_in": 3}, "builds up in equal steps and is whole from January 2013."),
        ({"washout": 1}, "the first month left out and the whole effect at once."),
        ({"washout": 2, "phase_in": 1}, "the first 2 months left out and an effect that builds"),
        ({"washout": 2, "phase_in": 1}, "whole from January 2013."),
        ({"start": "2012-Q4", "phase_in": 1}, "from the fourth quarter of 2012, with"),
        ({"start": "2012-Q4", "phase_in": 1}, "whole from the first quarter of 2013."),
        ({"start": "2012", "phase_in": 1}, "from 2012, with an effect"),
    ],
)
def test_start_and_settling_are_said(changes: dict[str, Any], words: str) -> None:
    assert words in settled(**changes)


@pytest.mark.parametrize(
    ("window", "words"),
    [
        ({}, "all periods in the data."),
        ({"first": "2007-01"}, "January 2007 to the end of the data."),
        ({"last": "2019-12"}, "the beginning of the data to December 2019."),
        ({"first": "2007-01", "last": "2019-12"}, "January 2007 to December 2019."),
    ],
)
def test_window_is_said(window: dict[str, str], words: str) -> None:
    assert f"Analyzed: {words}" in sentences(window=window)


def test_end_and_fade_are_said() -> None:
    intervention = {**CONTENT["intervention"], "end": "2019-10", "fade": "slowly"}
    words = sentences(intervention=intervention)
    assert "The last period with an effect is October 2019." in words
    assert "How the effect is expected to fade: slowly." in words


def test_model_is_said_with_all_its_terms() -> None:
    terms = {"effect": "level+slope", "trend": "none", "season": "none", "covariates": ["x_y"]}
    model = next(s for s in sentences(specification=terms) if s.startswith("Model"))
    for words in ("change of slope", "no trend", "no season", "population", "adjustment for x y"):
        assert words in model


def test_alternative_names_what_it_changes_and_nothing_else() -> None:
    alternatives = [{"label": "Plain", "model": "poisson", "trend": "none", "season": "fourier"}]
    words = sentences(alternatives=alternatives)
    assert (
        "Planned alternative, Plain: as the model, but with the method poisson (Poisson), no trend."
        in words
    )


def test_alternative_that_equals_the_headline_is_said_to() -> None:
    words = sentences(alternatives=[{"label": "Linear", "trend": "linear"}])
    assert "Planned alternative, Linear: as the model again." in words


def test_alternative_with_another_settling_says_it() -> None:
    intervention = {**CONTENT["intervention"], "phase_in": 3}
    alternatives = [{"label": "Donut", "phase_in": 0, "washout": 3, "assumes": "a clean cut"}]
    words = sentences(intervention=intervention, alternatives=alternatives)
    expected = (
        "Planned alternative, Donut: as the model, but with the first 3 months left out and the "
        "whole effect at once; it assumes a clean cut."
    )
    assert expected in words


def test_alternative_that_leaves_nothing_out_says_so_where_the_headline_does() -> None:
    intervention = {**CONTENT["intervention"], "phase_in": 0, "washout": 3}
    start = {"label": "Later", "start": "2013-01", "washout": 0}
    words = sentences(
        intervention=intervention, alternatives=[{"label": "At once", "washout": 0}, start]
    )
    said = "no month left out and the whole effect at once."
    assert f"Planned alternative, At once: as the model, but with {said}" in words
    later = f"Planned alternative, Later: as the model, but with a start in January 2013, {said}"
    assert later in words


def test_events_are_said_with_their_day_or_period() -> None:
    events = [{"date": "2013-03-05", "what": "A."}, {"date": "2014-11", "what": "B"}]
    words = sentences(events=events)
    assert "Also happening, March 5, 2013: A." in words
    assert "Also happening, November 2014: B." in words


def test_plan_without_events_or_alternatives_says_there_are_none() -> None:
    words = sentences()
    assert "The plan lists no other event that could explain a change." in words
    assert "No alternative of its own is planned beside the standard ones." in words


def test_margin_notes_and_conflicts_are_said() -> None:
    words = sentences(margin=5, notes="Known before", conflicts="None.")
    assert "A change smaller than 5% counts as no useful effect." in words
    assert "Note: Known before." in words
    assert "Conflicts of interest: None." in words


@pytest.mark.parametrize(
    ("controls", "words"),
    [
        ({"units": ["A"]}, "Compared with: A; the effect is what City changed beyond that."),
        ({"units": ["A", "B"]}, "Compared with: A and B, together as one series; the effect"),
        (
            {"units": ["A", "B", "C"], "weights": [2, 1, 0.5]},
            "Compared with: A, B and C, together as one series with weights 2, 1 and 0.5; the",
        ),
        ({"units": ["A", "B"], "pooled": False}, "Compared with: A and B, each by itself; the"),
        (
            {"outcome": "all_theft"},
            "Compared with: all theft in City; the effect is what the outcome changed beyond it.",
        ),
    ],
)
def test_what_the_unit_is_compared_with_is_said(controls: dict[str, Any], words: str) -> None:
    assert any(sentence.startswith(words) for sentence in sentences(controls=controls))


def test_further_sites_are_said_with_their_starts() -> None:
    words = sentences(sites=[{"unit": "Stockton", "start": "2013-06"}])
    assert "Further site: Stockton, from June 2013." in words
    assert any("taken to be the same in all sites" in sentence for sentence in words)


def test_later_changes_are_said_and_the_first_bounds_the_answer() -> None:
    later = [
        {"name": "Dilution", "start": "2020-01", "half_life": 12},
        {"name": "Relaunch", "start": "2024-01", "phase_in": 2},
    ]
    words = [sentence for sentence in sentences(later=later) if sentence.startswith("Later")]
    assert words[0] == (
        "Later: Dilution, from January 2020, with the whole effect at once, of which half is "
        "expected to be gone 12 months after that; it is measured as the change from the phase "
        "before it. The main answer is about the time before it."
    )
    assert "whole from March 2024" in words[1] and "main answer" not in words[1]


def test_dose_is_said_in_place_of_a_level() -> None:
    words = sentences(intervention={**CONTENT["intervention"], "dose": "call_ins", "washout": 2})
    assert (
        "Intervention: Ceasefire, from October 2012, with the first 2 months left out and an "
        "effect in proportion to its amount each month (call ins)." in words
    )
    model = next(sentence for sentence in words if sentence.startswith("Model"))
    assert "in proportion to the amount" in model and "one lasting change" not in model


def test_settings_of_the_method_are_said() -> None:
    words = sentences(model="newey-west", options={"lag": 6, "order": [1, 0, 0]})
    assert any("(Poisson, Newey-West; lag 6, order 1 0 0)" in sentence for sentence in words)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"start": "2013-01"}, "but with a start in January 2013."),
        ({"controls": False}, "but with City alone, compared with nothing."),
        ({"half_life": 6}, "but with an effect of which half is gone after 6 months."),
        ({"options": {"lag": 3}}, "but with lag 3."),
        (
            {"model": "newey-west", "options": {"lag": 3}},
            "but with the method newey-west (Poisson, Newey-West; lag 3).",
        ),
        ({"start": "2013-01", "phase_in": 1}, "builds up in equal steps and is whole from Feb"),
    ],
)
def test_alternative_says_every_change_of_the_design(change: dict[str, Any], words: str) -> None:
    said = sentences(alternatives=[{"label": "Other", **change}], controls={"units": ["A"]})
    assert any("Planned alternative, Other" in one and words in one for one in said)


def test_curve_says_what_it_crosses() -> None:
    words = sentences(curve={"trend": ["linear", "none"], "first": ["2007-01"], "phase_in": [0, 3]})
    assert (
        "Specification curve: every combination of trend (linear, none), phase-in (0, 3) and "
        "first period (2007-01)." in words
    )
    assert not any("curve" in sentence for sentence in sentences())


def test_outcome_that_should_not_move_is_said_with_its_reason() -> None:
    words = sentences(unaffected=[{"column": "all_theft", "why": "Ceasefire is not about theft"}])
    assert "Should not move: all theft. Ceasefire is not about theft." in words


def test_event_with_a_term_says_for_how_long() -> None:
    events = [
        {"date": "2013-03-05", "what": "A", "periods": 3},
        {"date": "2014-11", "what": "B.", "periods": 1},
    ]
    words = sentences(events=events)
    assert (
        "Also happening, March 5, 2013: A. The model has a term of its own for 3 months from then."
        in words
    )
    assert any(sentence.endswith("a term of its own for that month.") for sentence in words)


def test_unfrozen_plan_says_it_can_change() -> None:
    assert "not frozen" in sentences()[-1]


@pytest.mark.parametrize("slug", ["boston", "oakland-synthetic"])
def test_every_item_of_a_committed_plan_is_closed_as_a_sentence(slug: str) -> None:
    words = plan_words(read_plan(slug, ROOT).plan)
    assert "November 24, 2026" in words[-1]
    for sentence in words:
        assert sentence.endswith((".", "?")) and "\n" not in sentence
        assert ".." not in sentence and "None" not in sentence
