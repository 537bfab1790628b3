"""What a study of people or a survey could find, beside a loop that asks the public `fit`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evaluation import individual, survey
from evaluation.cli.power_lines import terminal_lines
from evaluation.errors import EvaluationError, FitError
from evaluation.report.sections.power_page import power_html
from evaluation.report.sections.power_words import limits, no_peeking
from evaluation.study.power.power import power
from evaluation.study.power.power_evidence import dumps, loads

PEOPLE_PLAN = """\
title = "Invented people"
question = "Did it help?"
goal = 2
data = "data/people.csv"
design = "individual"
[[outcomes]]
column = "arrested"
better = "lower"
primary = true
[intervention]
name = "the call-in"
start = "2013-02"
"""
PEOPLE_TABLE = """\
name = "Invented people"
file = "people.csv"
kind = "people"
key = ["person"]
source = "tests"
licence = "MIT"
sensitivity = "synthetic"
[columns.person]
role = "id"
type = "text"
[columns.entry]
role = "entry"
type = "date"
measure = "day"
[columns.called]
role = "treatment"
type = "flag"
measure = "1 for those called in"
label = "the call-in"
[columns.age]
role = "covariate"
type = "count"
measure = "years"
label = "age"
[columns.arrested]
role = "outcome"
type = "flag"
measure = "1 for arrested within a year"
label = "arrest"
"""
SURVEY_PLAN = """\
title = "Invented answers"
question = "Did trust grow?"
goal = 3
data = "data/answers.csv"
design = "survey"
[[outcomes]]
column = "trust"
better = "higher"
primary = true
[intervention]
name = "Ceasefire"
start = "2013"
"""
SURVEY_TABLE = """\
name = "Invented answers"
file = "answers.csv"
kind = "survey"
key = ["person", "wave"]
source = "tests"
licence = "MIT"
sensitivity = "synthetic"
[columns.person]
role = "person"
type = "text"
[columns.wave]
role = "wave"
type = "period"
measure = "year"
[columns.program]
role = "treatment"
type = "flag"
measure = "1 where the program works"
[columns.trust]
role = "item"
low = 1
high = 5
type = "number"
measure = "trust"
label = "trust"
"""
RISK, DRAWS = 0.4, 100


def people(n: int = 300, apart: float = 0.0) -> pd.DataFrame:
    """Half are called in; older people are arrested less."""
    source = np.random.default_rng(8)
    called = np.arange(n) % 2
    age = np.round(source.normal(30 + apart * called, 5))
    return pd.DataFrame(
        {
            "person": [f"p{i}" for i in range(n)],
            "entry": "2013-02-01",
            "called": called,
            "age": age.astype(int),
            "arrested": (source.random(n) < RISK - 0.01 * (age - 30)).astype(int),
        }
    )


def answers(n: int = 400) -> pd.DataFrame:
    source = np.random.default_rng(9)
    return pd.DataFrame(
        {
            "person": [f"p{i}" for i in range(n)],
            "wave": np.where(np.arange(n) < n // 2, "2012", "2014"),
            "program": np.arange(n) % 2,
            "trust": source.choice(5, n, p=[0.15, 0.25, 0.3, 0.2, 0.1]) + 1,
        }
    )


def project(root: Path, kind: str, frame: pd.DataFrame) -> Path:
    plan, table = {"people": (PEOPLE_PLAN, PEOPLE_TABLE), "answers": (SURVEY_PLAN, SURVEY_TABLE)}[
        kind
    ]
    (root / "analyses" / "study").mkdir(parents=True)
    (root / "data").mkdir()
    (root / "analyses" / "study" / "plan.toml").write_text(plan)
    (root / "data" / f"{kind}.dataset.toml").write_text(table)
    frame.to_csv(root / "data" / f"{kind}.csv", index=False)
    return root


@pytest.fixture(scope="module")
def of_people(tmp_path_factory):
    root = project(tmp_path_factory.mktemp("people"), "people", people())
    return root, power("study", root, draws=DRAWS, effects=(30.0, 60.0))


@pytest.fixture(scope="module")
def of_answers(tmp_path_factory):
    root = project(tmp_path_factory.mktemp("answers"), "answers", answers())
    return root, power("study", root, draws=DRAWS, effects=(15.0, 35.0))


def within_error(share: float, known: float, draws: int) -> bool:
    """Whether two shares of so many draws each differ by less than four of their errors."""
    return abs(share - known) < 4 * np.sqrt(2 * 0.25 / draws)


def found_by_hand_of_people(percent: float, draws: int) -> float:
    source, found = np.random.default_rng(10), 0
    frame = people()
    risk = RISK - 0.01 * (frame["age"] - 30)
    for _ in range(draws):
        kept = np.where(frame["called"] == 1, 1 + percent / 100, 1.0)
        frame["arrested"] = (source.random(len(frame)) < risk * kept).astype(int)
        made = individual.fit(frame, outcome="arrested", treated="called", covariates=["age"])
        found += made.effect.p_value < 0.05 and made.effect.estimate < 0
    return found / draws


def found_by_hand_of_answers(percent: float, draws: int) -> float:
    source, found = np.random.default_rng(10), 0
    frame = answers()
    chances = np.array([0.15, 0.25, 0.3, 0.2, 0.1])
    # Every answer goes up one step with this chance, but for the highest.
    up = percent / 100 * (chances @ np.arange(1, 6)) / (1 - chances[-1])
    here = ((frame["program"] == 1) & (frame["wave"] == "2014")).to_numpy()
    for _ in range(draws):
        drawn = source.choice(5, len(frame), p=chances) + 1
        more = here & (drawn < 5) & (source.random(len(frame)) < up)
        frame["trust"] = drawn + more
        made = survey.fit(
            frame, outcome="trust", treated="program", wave="wave", weights=None, low=1, high=5
        )
        found += made.effect.p_value < 0.05 and made.effect.estimate > 0
    return found / draws


@pytest.mark.parametrize("size", [30.0, 60.0])
def test_people_are_found_as_often_as_by_a_loop_over_the_public_fit(of_people, size):
    point = of_people[1].outcomes[0].at(size)
    assert within_error(point.power, found_by_hand_of_people(-size, DRAWS), DRAWS)


@pytest.mark.parametrize("size", [15.0, 35.0])
def test_answers_are_found_as_often_as_by_a_loop_over_the_public_fit(of_answers, size):
    point = of_answers[1].outcomes[0].at(size)
    assert within_error(point.power, found_by_hand_of_answers(size, DRAWS), DRAWS)


def test_the_smallest_detectable_change_is_found_four_times_in_five(of_people, of_answers):
    for (_, told), by_hand in (
        (of_people, found_by_hand_of_people),
        (of_answers, found_by_hand_of_answers),
    ):
        least = told.outcomes[0].detectable
        assert least is not None
        assert within_error(0.8, by_hand(least.estimate, DRAWS), DRAWS)
    for _, told in (of_people, of_answers):
        assert told.outcomes[0].false_alarms < 0.05 + 4 * np.sqrt(0.05 * 0.95 / DRAWS)


def test_nothing_that_happened_to_those_with_the_program_is_read(of_people, tmp_path):
    frame = people()
    frame.loc[frame["called"] == 1, "arrested"] = 1
    root = project(tmp_path, "people", frame)
    assert power("study", root, draws=DRAWS, effects=(30.0, 60.0)).outcomes == (
        of_people[1].outcomes
    )


def test_no_answer_of_residents_with_the_program_is_read(of_answers, tmp_path):
    frame = answers()
    frame.loc[frame["program"] == 1, "trust"] = 5
    root = project(tmp_path, "answers", frame)
    again = power("study", root, draws=DRAWS, effects=(15.0, 35.0))
    assert again.outcomes == of_answers[1].outcomes


def test_balance_and_overlap_are_told_before_freezing(of_people):
    told = loads(dumps(of_people[1]))
    assert dumps(told) == dumps(of_people[1])
    assert [check.name for check in told.outcomes[0].checks] == ["balance", "overlap"]
    lines, page = "\n".join(terminal_lines(told)), power_html(told)
    for text in (lines, page):
        assert "Are treated and untreated people alike in what was known at entry?" in text
        assert no_peeking(told) in text
        # Counts of people are told in steps, as on any page.
        assert "withheld" in text
    assert all(limit[:40] in page for limit in limits(told))
    assert (told.outcomes[0].sides.treated, told.outcomes[0].sides.others) == (150, 150)


def test_a_refused_study_shows_why_and_how_far_apart_both_sides_are(tmp_path):
    root = project(tmp_path, "people", people(apart=60.0))
    told = power("study", root, draws=100, effects=(50.0,))
    (outcome,) = told.outcomes
    assert outcome.sides.refused is not None and outcome.curve == ()
    assert [check.name for check in outcome.checks] == ["balance", "overlap"]
    lines, page = "\n".join(terminal_lines(told)), power_html(loads(dumps(told)))
    for text in (lines, page):
        assert "no valid answer on these two sides" in text and "standard deviations" in text


def test_the_page_of_a_survey_says_what_was_made_up(of_answers):
    told = of_answers[1]
    page = power_html(told)
    assert no_peeking(told) in page and "sampling unit for sampling unit" in page
    assert "Answers of residents with the program" in page
    assert told.outcomes[0].checks == ()


def test_too_few_people_to_tell_of_are_refused(tmp_path):
    frame = people(60)
    frame.loc[frame["called"] == 0, "arrested"] = 0
    with pytest.raises(FitError, match="fewer than 10"):
        power("study", project(tmp_path, "people", frame))


def test_a_method_that_needs_every_event_is_refused_at_its_line(tmp_path):
    root = project(tmp_path, "people", people())
    plan = root / "analyses" / "study" / "plan.toml"
    table = root / "data" / "people.dataset.toml"
    table.write_text(
        table.read_text()
        .replace('"flag"\nmeasure = "1 for arrested', '"count"\nmeasure = "days')
        .replace('role = "outcome"', 'role = "time"')
        + 'cause = "cause"\n[columns.cause]\nrole = "cause"\ntype = "count"\nmeasure = "1 arrest"\n'
        + '[columns.followed]\nrole = "follow_up"\ntype = "count"\nmeasure = "days"\n'
    )
    frame = people()
    frame["cause"] = frame["arrested"]
    frame["arrested"] = np.where(frame["arrested"] == 1, 100, 730)
    frame["followed"] = 730
    frame.to_csv(root / "data" / "people.csv", index=False)
    plan.write_text(plan.read_text().replace('"individual"\n', '"individual"\nmodel = "cox"\n'))
    found = power("study", root, draws=100, effects=(60.0,))
    assert found.outcomes[0].curve[-1].power > 0.9
    plan.write_text(plan.read_text().replace('"cox"', '"andersen-gill"'))
    with pytest.raises(EvaluationError, match=r"andersen-gill"):
        power("study", root, draws=100)


def test_draws_and_sizes_do_not_hang_on_each_other(of_people):
    root, told = of_people
    again = power("study", root, draws=DRAWS, effects=(60.0,))
    assert again.outcomes[0].at(60.0) == told.outcomes[0].at(60.0)
    assert replace(again.outcomes[0], curve=(), detectable=None) == replace(
        told.outcomes[0], curve=(), detectable=None
    )
