"""Sentences that tell of a direction are held to what was built into the data; the committed counts
are of every study and world, and a wrong sentence is found."""

from __future__ import annotations

import csv
import dataclasses
import math

import pytest

from evaluation.data.project import read_project
from evaluation.effect import Interval
from evaluation.numeric.shared.parallel import spread_out
from evaluation.report import words
from evaluation.study.evidence import Grade, loads
from evaluation.study.plan.read import read_plan
from evaluation.study.release.effects import told_effect
from evaluation.study.release.rounding import Grid, Seen
from evaluation.study.release.tables import people_of
from evaluation.study.run import run
from evaluation.synthetic import DATASETS


@pytest.fixture
def study(benchmark_module):
    return benchmark_module("sentences")


@pytest.fixture
def drawn(benchmark_module):
    return benchmark_module("sentences_drawn")


@pytest.fixture
def truths(benchmark_module):
    return benchmark_module("true_effects")


@pytest.fixture
def committed(study):
    with (study.DOCS / "sentences.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def evidence(drawn, slug):
    return loads((drawn.ROOT / "reports" / slug / "results.json").read_text(encoding="utf-8"))


# --- The machinery, on a few draws of cheap worlds.


def test_few_draws_of_a_world_without_effect_are_within_what_chance_allows(study):
    rows = study.study(["survey_null", "group_quarter_triggered"], 3)
    assert [row["built_in"] for row in rows] == ["nothing"] * 5
    assert all(row["right"] == "0" for row in rows)
    assert all(int(row["wrong"]) <= study.allowed(3) for row in rows)
    # A spike before every call-in is seen, and the answer is refused.
    (spike,) = [row for row in rows if row["world"] == "group_quarter_triggered"]
    assert spike["no_answer"] == "3"


def test_effects_that_were_built_in_are_told_with_their_direction(study):
    rows = study.study(["group_quarter", "survey_attrition"], 2)
    assert {row["built_in"] for row in rows} == {"a fall", "a rise"}
    assert sum(int(row["right"]) for row in rows) > sum(int(row["wrong"]) for row in rows)


def test_counts_are_the_same_with_several_processes(study):
    alone = study.study(["group_quarter"], 2)
    with spread_out(jobs=2):
        assert study.study(["group_quarter"], 2) == alone


def test_draws_of_a_world_differ_and_none_is_the_committed_one(drawn):
    one, other = drawn.drawn("group_quarter", 0), drawn.drawn("group_quarter", 1)
    path = "data/synthetic/group_quarter.csv"
    committed = (drawn.ROOT / path).read_text(encoding="utf-8")
    assert len({one[path], other[path], committed}) == 3
    assert one == drawn.drawn("group_quarter", 0)


# --- A wrong sentence is found.


def test_a_direction_told_whatever_the_range_is_counted_wrong_and_odd(study, drawn, monkeypatch):
    monkeypatch.setattr(
        words, "direction", lambda effect: "fall" if effect.percent.estimate < 0 else "rise"
    )
    (row,) = study.study(["place_month_null"], 2)
    assert row["wrong"] == "2"
    assert study.faults([row])[0].startswith("places-synthetic on place_month_null, violent_inc")
    assert "**2**: too many" in study.page([row])


@pytest.mark.parametrize(
    ("percent", "true", "claimed", "wrong"),
    [
        ((-30.0, -40.0, -20.0), 0.0, -1, True),
        ((-30.0, -40.0, -20.0), 0.1, -1, True),
        ((-30.0, -40.0, -20.0), -0.1, -1, False),
        ((30.0, 20.0, 40.0), 0.1, 1, False),
        ((-30.0, -40.0, 2.0), 0.0, 0, False),
        ((-30.0, -40.0, 2.0), -0.1, 0, False),
    ],
)
def test_a_claim_is_wrong_when_nothing_or_the_opposite_is_true(
    drawn, truths, percent, true, claimed, wrong
):
    outcome = evidence(drawn, "oakland-synthetic").outcomes[0]
    effect = dataclasses.replace(outcome.effect, percent=Interval(*percent))
    headline = dataclasses.replace(outcome.headline, effect=effect)
    plan = read_plan("oakland-synthetic", drawn.ROOT).plan
    said = drawn.judged(
        ("city_month", "oakland-synthetic", "gun_homicides"),
        plan,
        truths.TrueEffect(log_ratio=true),
        dataclasses.replace(outcome, headline=headline),
    )
    assert (said.claimed, said.wrong) == (claimed, wrong)


def test_nothing_is_claimed_where_the_answer_is_refused(drawn, truths):
    refused = evidence(drawn, "groups-synthetic-triggered").outcomes[0]
    assert refused.refused
    place = ("group_quarter_triggered", "groups-synthetic-triggered", "shootings")
    plan = read_plan(place[1], drawn.ROOT).plan
    said = drawn.judged(place, plan, truths.TrueEffect(log_ratio=0.0), refused)
    assert (said.answered, said.claimed, said.wrong, said.odd) == (False, 0, False, False)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("No clear change (best estimate {best}; {between}).", False),
        ("{between}: it may have {fell}.", True),
        ("Nobody knows; best estimate {best}, which is {good}.", True),
    ],
)
def test_words_that_tell_of_a_direction_are_found_and_numbers_are_not_taken_for_them(
    drawn, monkeypatch, text, told
):
    outcome = evidence(drawn, "survey-synthetic-null").outcomes[0]
    effect = outcome.effect
    assert effect.percent.low < 0 < effect.percent.high
    plan = read_plan("survey-synthetic-null", drawn.ROOT).plan

    def answer(one, intervention, *, margin, language):
        percent = one.effect.percent
        low, high = sorted((abs(percent.low), abs(percent.high)))
        fell = percent.estimate < 0
        return text.format(
            best=f"{abs(percent.estimate):.1f}% {'por debajo' if fell else 'por encima'}",
            between=f"{low:.0f} to {high:.1f} % {'fewer' if fell else 'more'}",
            fell="fallen" if fell else "risen",
            good="good" if fell else "bad",
        )

    monkeypatch.setattr(words, "answer", answer)
    assert drawn.tells(outcome, plan, words.ENGLISH) == told


def test_a_sentence_that_hides_its_direction_is_odd(drawn, truths, monkeypatch):
    outcome = evidence(drawn, "places-synthetic").outcomes[0]
    place = ("place_month", "places-synthetic", "violent_incidents")
    plan = read_plan(place[1], drawn.ROOT).plan
    given = (place, plan, truths.TrueEffect(log_ratio=-0.3), outcome)
    assert not drawn.judged(*given).odd
    monkeypatch.setattr(words, "answer", lambda one, *_, **__: "Nobody knows.")
    assert drawn.judged(*given).odd


def test_no_sentence_tells_of_a_direction_that_its_range_does_not(drawn, truths):
    odd = []
    for world, slugs in drawn.studies().items():
        for slug in slugs:
            plan = read_plan(slug, drawn.ROOT).plan
            for outcome in evidence(drawn, slug).outcomes:
                true = truths.TrueEffect(log_ratio=0.0, difference=0.0)
                said = drawn.judged((world, slug, outcome.column), plan, true, outcome)
                odd += [f"{slug}: {outcome.label}"] if said.odd else []
    assert odd == []


def test_only_claims_above_very_low_are_laid_to_the_program(drawn):
    for slug in ("oakland-synthetic", "survey-synthetic", "survey-synthetic-null"):
        for outcome in evidence(drawn, slug).outcomes:
            for level in drawn.LADDER:
                graded = dataclasses.replace(outcome, grade=Grade(level, level, ()))
                told = words.direction(outcome.effect) != "unclear"
                assert words.credits_change(graded) == (told and level != "very low")


# --- Headlines are those of a run, and truths those of the makers.


@pytest.mark.parametrize("slug", ["oakland-synthetic-cities", "participants-synthetic-attrition"])
def test_headlines_are_those_of_the_whole_run_before_its_release(drawn, slug, monkeypatch):
    monkeypatch.setattr("evaluation.study.run.released", lambda found, rule, of_people: found)
    whole = run(slug, drawn.ROOT).outcomes
    alone = drawn.headlines(slug, drawn.ROOT)
    assert [one.label for one in alone] == [one.label for one in whole]
    for one, other in zip(alone, whole, strict=True):
        assert one.refused == other.refused
        assert one.headline.reason == other.headline.reason
        if one.estimated:
            assert one.effect.percent == other.effect.percent
            assert (one.effect.low, one.effect.high) == (other.effect.low, other.effect.high)


@pytest.mark.parametrize("slug", ["oakland-synthetic", "survey-synthetic", "groups-synthetic"])
def test_headlines_as_they_may_be_told_are_those_of_the_committed_results(drawn, slug):
    rule = read_project(drawn.ROOT).disclosure
    for one in drawn.headlines(slug, drawn.ROOT):
        other = evidence(drawn, slug).outcome(one.column)
        assert (one.label, one.measure, one.refused) == (other.label, other.measure, other.refused)
        found, sides = one.effect, people_of(other.checks)
        if sides:
            grid = Grid.of(sides, rule).among(found.n, sum(sides))
            found = told_effect(found, grid, Seen())
        # Results hold six digits.
        assert found.percent.low == pytest.approx(other.effect.percent.low, rel=1e-5)
        assert found.high == pytest.approx(other.effect.high, rel=1e-5)


@pytest.mark.parametrize(
    ("slug", "column", "scale", "value"),
    [
        ("oakland-synthetic", "gun_homicides", "log_ratio", math.log(0.7)),
        ("survey-synthetic", "trust", "difference", 0.271972),
        ("groups-synthetic", "shootings", "log_ratio", math.log(0.685)),
        ("places-synthetic", "violent_incidents", "log_ratio", -0.32188),
        ("participants-synthetic", "arrest_days", "difference", -0.08053),
        ("participants-synthetic", "days_incarcerated", "difference", -14.2418),
        # Three months of 87 in which it grew: 1/4, 1/2 and 3/4 of log 0.7.
        (
            "oakland-synthetic-cities",
            "gun_homicides",
            "log_ratio",
            math.log((0.7**0.25 + 0.7**0.5 + 0.7**0.75 + 84 * 0.7) / 87),
        ),
    ],
)
def test_truth_is_the_one_that_the_maker_wrote(drawn, truths, slug, column, scale, value):
    plan = read_plan(slug, drawn.ROOT).plan
    files = {
        path.relative_to(drawn.ROOT).as_posix(): path.read_text(encoding="utf-8")
        for path in (drawn.ROOT / "data" / "synthetic").glob("*.*")
    }
    true = truths.true_effect(plan, files, column)
    assert getattr(true, scale) == pytest.approx(value, rel=1e-5)
    assert true.sign == math.copysign(1, value)


def test_a_truth_that_is_written_otherwise_is_named(truths, drawn):
    plan = read_plan("groups-synthetic", drawn.ROOT).plan
    files = {"data/synthetic/group_quarter.truth.json": '{"phase_in": 3}'}
    with pytest.raises(ValueError, match=r"group_quarter\.csv: say in .*true_effects"):
        truths.true_effect(plan, files, "shootings")


# --- What is committed.


def test_every_synthetic_world_is_drawn_and_every_synthetic_study_is_asked(drawn):
    found = drawn.studies()
    # A record of what was delivered has no outcome and no effect.
    assert set(found) == DATASETS.keys() - {"delivery_month"}
    slugs = {path.parent.name for path in (drawn.ROOT / "analyses").glob("*-synthetic*/plan.toml")}
    assert {slug for some in found.values() for slug in some} == slugs


def test_committed_page_is_that_of_the_committed_counts_of_every_study(study, drawn, committed):
    text = (study.DOCS / "sentences.md").read_text(encoding="utf-8")
    assert text == study.page(committed)
    asked = {
        (world, slug, outcome.column)
        for world, slugs in drawn.studies().items()
        for slug in slugs
        for outcome in read_plan(slug, drawn.ROOT).plan.outcomes
    }
    assert {(row["world"], row["study"], row["outcome"]) for row in committed} == asked


def test_committed_sentences_are_wrong_no_more_often_than_chance_explains(study, committed):
    assert {row["draws"] for row in committed} == {str(study.DRAWS)}
    assert study.faults(committed) == []


def test_seventeen_of_two_hundred_are_what_chance_allows(study):
    assert study.DRAWS == 200 and study.allowed(study.DRAWS) == 17
