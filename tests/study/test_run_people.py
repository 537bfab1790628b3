"""A plan for people from table to graded evidence, with nothing in it about one person."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from evaluation.data.read import read_records
from evaluation.individual import incidence
from evaluation.numeric.shared.permutation import holm
from evaluation.study.build.people import planned_people
from evaluation.study.evidence import dumps, load_evidence, loads
from evaluation.study.plan.read import read_plan
from evaluation.study.run import run

PROJECT = Path(__file__).parents[2]
SLUG = "participants-synthetic"


def copied(root: Path) -> Path:
    shutil.copytree(PROJECT / "data" / "synthetic", root / "data" / "synthetic")
    shutil.copytree(PROJECT / "analyses" / SLUG, root / "analyses" / SLUG)
    return root


def edited(root: Path, *changes: tuple[str, str]) -> None:
    path = root / "analyses" / SLUG / "plan.toml"
    text = path.read_text("utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text, "utf-8")


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    root = copied(tmp_path_factory.mktemp("people"))
    return root, run(SLUG, root)


def test_headline_is_what_the_method_gives_in_a_notebook(found):
    root, evidence = found
    plan = read_plan(SLUG, root).plan
    people = planned_people(plan, read_records(root / plan.data, root))
    alone = incidence.risk(people, "arrest", day=730)
    # But for what five of the 400 treated people change.
    effect = evidence.outcome("arrest_days").effect
    assert effect.estimate == pytest.approx(alone.estimate, abs=5 / 400)
    assert effect.std_error == pytest.approx(alone.std_error, rel=0.02)


def test_built_in_effects_are_in_the_range(found):
    truth = json.loads((found[0] / "data/synthetic/participants.truth.json").read_text())
    known = truth["expected_24_months"]
    for column, name in (
        ("shot_days", "shot"),
        ("days_incarcerated", "days_incarcerated"),
        ("violent_arrest_days", "arrested_with_violence"),
    ):
        effect = found[1].outcome(column).effect
        assert effect.low < known[name]["difference"] < effect.high
    effect = found[1].outcome("arrest_days").effect
    assert effect.low < truth["arrest_risk"]["730"]["difference"] < effect.high


def test_weighting_finds_what_the_plain_comparison_hides(found):
    outcome = found[1].outcome("arrest_days")
    plain = next(one for one in outcome.alternatives if one.label == "Risks as they are")
    # It is no answer: nothing made the groups alike, and the coverage is its own.
    assert plain.effect is None and "raw comparison" in str(plain.reason)
    assert plain.coverage != outcome.headline.coverage
    assert abs(outcome.effect.estimate) > 0.02


def test_evidence_survives_its_written_form(found):
    text = dumps(found[1])
    assert dumps(loads(text)) == text


def test_no_person_is_in_the_results(found):
    root, evidence = found
    text = dumps(evidence)
    lines = (root / "data/synthetic/participants.csv").read_text().splitlines()[1:]
    assert not re.search(r"P\d{4}", text)
    for line in lines:
        # Neither a raw row, nor the day on which someone entered.
        assert line not in text and line.split(",")[1] not in text


def test_p_values_hold_over_the_family(found):
    effects = [one.effect for one in found[1].outcomes]
    adjusted = holm(np.array([one.p_value for one in effects]))
    for effect, p in zip(effects, adjusted, strict=True):
        shown = "below 0.001" if p < 0.001 else f"{p:.3f}"
        assert str(effect.notes[-1]).endswith(f"(Holm): {shown}")


def test_every_check_is_asked_once_and_people_are_counted(found):
    names = [check.name for check in found[1].outcome("arrest_days").checks]
    assert len(names) == len(set(names))
    assert {"balance", "overlap", "immortal-time", "left-early", "side-by-side"} <= set(names)
    assert found[1].data.unit == "400 of 1,200 people"
    for outcome in found[1].outcomes:
        for check in outcome.checks:
            for row in check.table:
                for key in {"treated", "untreated", "people"} & set(row):
                    if check.name in ("overlap", "who-is-compared"):
                        assert isinstance(row[key], str) or row[key] >= 10


def test_grade_starts_low_and_says_why(found):
    grade = found[1].outcome("arrest_days").grade
    assert grade.start == "low"
    assert str(grade.reasons[0]) == "people who took part beside people who did not start at low"


def test_completers_only_are_refused_for_immortal_time(tmp_path):
    root = copied(tmp_path)
    old, new = 'name = "the call-in"', 'name = "services"\ntreatment = "completed"'
    edited(root, (old, new))
    outcome = run(SLUG, root).outcome("arrest_days")
    assert outcome.refused
    assert "after entry" in str(outcome.headline.reason)
    assert outcome.grade.level == "very low"
    # What a reader asks first where there is no answer: were the two sides alike?
    asked = {check.name: check for check in outcome.checks}
    assert asked["balance"].table and asked["overlap"].table


def test_fewer_than_ten_events_are_refused_and_not_told(tmp_path):
    root = copied(tmp_path)
    path = root / "data/synthetic/participants.csv"
    header, *rows = [line.split(",") for line in path.read_text().splitlines()]
    day, cause, invited = (header.index(n) for n in ("shot_days", "shot_cause", "invited"))
    left = 7
    for row in rows:
        if row[invited] == "1" and row[cause] == "1":
            left -= 1
            if left < 0:
                row[cause], row[day] = "0", row[header.index("followed")]
    path.write_text("\n".join(",".join(row) for row in [header, *rows]) + "\n")
    evidence = run(SLUG, root)
    outcome = evidence.outcome("shot_days")
    assert outcome.refused and "fewer than 10 events" in str(outcome.headline.reason)
    for one in outcome.alternatives:
        assert one.effect is None
    beside = next(
        check for check in evidence.outcome("arrest_days").checks if check.name == "side-by-side"
    )
    assert "shooting of the person" not in str(beside.says)


def stepped(root: Path) -> None:
    """A made-up table of people who are all eligible and called in on one of six days, or never;
    being called halves the rate of arrests."""
    draw = np.random.default_rng(20121019)
    folder = root / "data" / "mine"
    folder.mkdir(parents=True)
    rows, events = [], []
    for number in range(400):
        call = int(draw.integers(1, 9)) * 90
        called = call <= 540
        days = np.flatnonzero(draw.random(1000) < 0.002) + 1
        kept = [d for d in days if not (called and d > call) or draw.random() < 0.5]
        first, cause = (kept[0], 1) if kept else (1000, 0)
        who = f"X{number:04d}"
        decided = np.datetime64("2015-01-01") + np.timedelta64(call, "D") if called else ""
        rows.append(f"{who},2015-01-01,{int(called)},{decided},1000,{first},{cause}")
        events += [f"{who},{day},arrest" for day in kept]
    (folder / "people.csv").write_text(
        "person,entry,called,call_day,followed,arrest_days,arrest_cause\n" + "\n".join(rows) + "\n"
    )
    (folder / "events.csv").write_text("person,day,event\n" + "\n".join(events) + "\n")
    common = 'source = "made up"\nlicence = "MIT"\nsensitivity = "synthetic"\n'
    columns = {
        "person": ("person", "text", ""),
        "entry": ("entry", "date", ""),
        "called": ("treatment", "flag", ""),
        "call_day": ("decided", "date", ""),
        "followed": ("follow_up", "count", ""),
        "arrest_days": ("time", "count", 'cause = "arrest_cause"\nlabel = "arrest"\n'),
        "arrest_cause": ("cause", "count", ""),
    }
    (folder / "people.dataset.toml").write_text(
        f'name = "Stepped"\nkind = "people"\nkey = ["person"]\n{common}'
        + "".join(
            f'[columns.{name}]\nrole = "{role}"\ntype = "{kind}"\nmeasure = "m"\n{more}'
            for name, (role, kind, more) in columns.items()
        )
    )
    (folder / "events.dataset.toml").write_text(
        f'name = "Events"\nkind = "events"\npeople = "people.csv"\n'
        f'key = ["person", "day", "event"]\n{common}'
        '[columns.person]\nrole = "person"\ntype = "text"\n'
        '[columns.day]\nrole = "time"\ntype = "count"\nmeasure = "days"\n'
        '[columns.event]\nrole = "event"\ntype = "text"\n'
    )
    plan = root / "analyses" / "stepped"
    plan.mkdir(parents=True)
    (plan / "plan.toml").write_text(
        'question = "Fewer arrests?"\ngoal = 2\ndata = "data/mine/people.csv"\n'
        'event_data = "data/mine/events.csv"\ndesign = "individual"\nmodel = "not-yet-called"\n'
        '[[outcomes]]\ncolumn = "arrest_days"\nbetter = "lower"\nhorizon = 365\n'
        '[intervention]\nname = "call-ins"\nstart = "2015-01"\n'
    )


def test_people_called_one_after_another_are_beside_those_still_to_be_called(tmp_path):
    stepped(tmp_path)
    outcome = run("stepped", tmp_path).outcome("arrest_days")
    assert outcome.estimated, outcome.headline.reason
    assert outcome.effect.percent.low < -50 < outcome.effect.percent.high < 0
    assert outcome.grade.start == "moderate"
    names = [check.name for check in outcome.checks]
    # The day of the call is part of the design: it makes nobody immortal.
    assert names == ["who-is-compared", "regression-to-the-mean"]


def test_days_of_people_who_moved_away_more_often_on_one_side_are_refused():
    """In participants_attrition 30 % of those invited and 3 % of the others left before the end:
    days add up only while somebody is followed (participants_attrition.truth.json)."""
    outcome = load_evidence("participants-synthetic-attrition", PROJECT).outcome(
        "days_incarcerated"
    )
    assert outcome.refused and "% of treated" in str(outcome.headline.reason)
    assert all(one.effect is None for one in outcome.alternatives)
    standard = load_evidence(SLUG, PROJECT).outcome("days_incarcerated")
    assert standard.estimated
    (check,) = [one for one in standard.checks if one.name == "left-early"]
    assert check.passed


def test_a_program_that_does_nothing_is_not_found_to_work():
    for slug in ("participants-synthetic-null", "survey-synthetic-null"):
        for outcome in load_evidence(slug, PROJECT).outcomes:
            assert not outcome.effect.percent.excludes_zero, (slug, outcome.column)


def test_blind_to_the_spike_the_answer_has_the_wrong_sign():
    """participants_reverting: people were called in after a spike; without arrests just before
    entry among the covariates the comparison hides the effect."""
    outcome = load_evidence("participants-synthetic-reverting", PROJECT).outcome("arrest_days")
    (blind,) = [one for one in outcome.alternatives if one.label.startswith("Blind")]
    assert outcome.effect.percent.estimate < 0 < blind.effect.percent.estimate
