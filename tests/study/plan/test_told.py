"""What a plan tells beside its method: read, refused, put into words, and absent by default."""

from __future__ import annotations

import json
import shutil
import tomllib
from pathlib import Path

import pytest
from pydantic import ValidationError
from small_city import PLAN, project

from evaluation.data.toml_places import Located
from evaluation.errors import PlanError
from evaluation.study.build.series import planned_panel
from evaluation.study.plan.freeze import plan_record
from evaluation.study.plan.read import read_plan
from evaluation.study.plan.schema import OF_DESIGNS, Plan
from evaluation.study.plan.skeleton import new_analysis
from evaluation.study.plan.timing import told_faults
from evaluation.study.plan.told import TOLD, PlannedCost, PlannedEpoc, Told
from evaluation.study.plan.words import plan_words

PROJECT = Path(__file__).parents[3]
STUDIES = sorted(
    path.parent.name
    for path in (PROJECT / "reports").glob("*/results.json")
    if not path.parent.name.startswith("replication-")
)
TOP = """\
funder = "A foundation, without a part in the analysis"
next_look = 2027-06-30
delivery = "data/done.csv"
"""
REGISTERED = 'registered = "https://osf.io/abcde"\n'
TABLES = """\
[about]
what = "Meetings and services"
whom = "People in violent groups"
sources = ["One report", "Another"]
[cost]
amount = 2_000_000
currency = "US dollars"
year = 2018
source = "The budget"
covers = "one year"
[[lower]]
column = "gun"
to = "low"
reason = "Another city fell too"
[checklist.epoc]
independent = "LOW:  no other program began"
[checklist.trend]
assignment = "not applicable: one city"
[es]
title = "¿Ayudó?"
outcomes = { gun = "asaltos con arma" }
[[published]]
study = "oakland-2019"
outcome = "gun homicide"
differences = { outcome = "gun assaults", cities = "three more" }
"""


def located(text: str) -> Located:
    return Located("plan.toml", text, PlanError)


def parsed(text: str) -> Plan:
    return located(text).parse(Plan, union=OF_DESIGNS)


def told(text: str) -> list[str]:
    return [str(fault) for fault in told_faults(parsed(text), located(text))]


@pytest.mark.parametrize("slug", STUDIES)
def test_content_and_words_of_a_plan_that_tells_nothing_stay_as_they_were(slug):
    plan_file = read_plan(slug, PROJECT)
    compared = plan_file.plan.design in ("its", "did")
    # The words hold what the data decide: the method and what it divides by.
    panel = planned_panel(plan_file.plan, PROJECT) if compared else None
    record = plan_record(plan_file, PROJECT, panel)
    was = json.loads((PROJECT / "reports" / slug / "results.json").read_text("utf-8"))["plan"]
    told_now = [key for key in TOLD if key in record.content]
    for key in told_now:
        assert key in was["content"], f"{key} came by itself"
    assert json.loads(json.dumps(record.content)) == was["content"]
    assert list(record.words) == was["words"]


def test_a_plan_repeats_what_it_tells_and_only_that():
    content = parsed(REGISTERED + TOP + PLAN + TABLES).model_dump(mode="json", by_alias=True)
    assert {key for key in TOLD if key in content} == set(TOLD)
    assert content["next_look"] == "2027-06-30"
    assert content["lower"] == [{"column": "gun", "to": "low", "reason": "Another city fell too"}]
    assert content["checklist"] == {
        "epoc": {"independent": "low: no other program began"},
        "trend": {"assignment": "not applicable: one city"},
    }
    assert content["published"] == [
        {
            "study": "oakland-2019",
            "outcome": "gun homicide",
            "differences": {"outcome": "gun assaults", "cities": "three more"},
        }
    ]
    assert content["es"] == {"title": "¿Ayudó?", "outcomes": {"gun": "asaltos con arma"}}
    empty = parsed(PLAN).model_dump(mode="json", by_alias=True)
    assert not {*TOLD} & {*empty} and empty["goal"] == 1


def test_the_list_of_keys_that_cost_nothing_is_the_list_of_keys_told():
    assert set(TOLD) == set(Told.model_fields)


def test_words_tell_every_key_and_say_nothing_without_one():
    before, after = plan_words(parsed(PLAN)), plan_words(parsed(REGISTERED + TOP + PLAN + TABLES))
    added = [sentence for sentence in after if sentence not in before]
    assert added == [
        "What the program is: Meetings and services.",
        "Whom it is for: People in violent groups. Source: One report and Another.",
        "What was delivered: the file data/done.csv.",
        "Cost: 2,000,000 US dollars in money of 2018, for one year. Source: The budget.",
        "The next look at the data is on June 30, 2027.",
        "Who paid, and what part they had: A foundation, without a part in the analysis.",
        "By its author's word it is registered: https://osf.io/abcde. In the grade only a time "
        "that a third party signed earns.",
        "The evaluator lowers the grade of gun to low: Another city fell too.",
        "Answers of the evaluator to checklists: EPOC (1) and TREND (1).",
        "Beside the published result oakland-2019, gun homicide. What differs: outcome: gun "
        "assaults; cities: three more.",
        "The first page has words in Spanish.",
    ]


@pytest.mark.parametrize(
    ("old", "new", "place", "words"),
    [
        ("currency =", "curency =", "24:1", "Did you mean 'currency'?"),
        ("independent =", "independant =", "33:1", "Did you mean 'independent'?"),
        ("assignment =", "asignment =", "35:1", "Did you mean 'assignment'?"),
        ("[checklist.trend]", "[checklist.trends]", "34:1", "Did you mean 'trend'?"),
        ('"LOW:  no other program began"', '"fine"', "33:1", "must begin with the risk"),
        ('"LOW:  no other program began"', '"low:"', "33:1", "say why"),
        ("year = 2018", "year = 20180", "25:1", "cost.year"),
        ("amount = 2_000_000", "amount = -5", "23:1", "cost.amount"),
        ('to = "low"', 'to = "lov"', "30:1", "Did you mean 'low'?"),
        ("[[lower]]", "[lower]", "28:1", "double brackets"),
        ('reason = "Another city fell too"\n', "", "28:1", "lower.reason: is missing"),
        ("next_look = 2027-06-30", 'next_look = "soon"', "2:1", "must be a date"),
        ('"data/done.csv"', '"/etc/done.csv"', "3:1", "inside the project"),
        ("[about]", "[abuot]", "18:1", "Did you mean 'about'?"),
    ],
)
def test_a_fault_is_told_at_its_place_with_what_to_do(old, new, place, words):
    text = TOP + PLAN + TABLES
    assert text.count(old) == 1
    with pytest.raises(PlanError) as caught:
        parsed(text.replace(old, new))
    line = next(one for one in str(caught.value).split("\n") if words in one)
    assert line.startswith(f"plan.toml:{place}: ")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            'column = "gun"\nto',
            'column = "gum"\nto',
            "plan.toml:29:1: lower.column: 'gum' is no planned outcome. Did you mean 'gun'?",
        ),
        (
            "{ gun =",
            "{ gum =",
            "plan.toml:38:14: es.outcomes.gum: is no planned outcome. Did you mean 'gun'?",
        ),
        (
            '"data/done.csv"',
            '"data/city.csv"',
            "plan.toml:3:1: delivery: is the table of outcomes; name the one of what was delivered",
        ),
        (
            "[checklist.trend]\nassignment",
            "[checklist.strobe]\nbias",
            "plan.toml:34:1: checklist.strobe: is for people who are followed (design "
            '"individual"); answer checklist.trend',
        ),
    ],
)
def test_what_does_not_fit_together_is_told_at_its_place(old, new, said):
    text = TOP + PLAN + TABLES
    assert told(text) == [] and text.count(old) == 1
    assert told(text.replace(old, new)) == [said]


def test_a_grade_lowered_twice_is_refused():
    more = '[[lower]]\ncolumn = "gun"\nto = "very low"\nreason = "x"\n'
    assert told(TOP + PLAN + TABLES + more) == [
        "plan.toml:44:1: lower.column: 'gun' is lowered twice; keep one of the two"
    ]


def test_epoc_is_refused_where_no_series_is_interrupted(tmp_path):
    text = PLAN.replace('"its"', '"did"').replace("[specification]\nharmonics = 1\n", "") + TABLES
    assert any("checklist.epoc: is for interrupted time series" in one for one in told(text))


def test_a_cost_cannot_be_infinite():
    with pytest.raises(ValidationError):
        PlannedCost(amount=float("inf"), currency="x", year=2018, source="y")


@pytest.mark.parametrize("design", ["its", "did", "individual", "survey"])
def test_a_new_plan_shows_every_key_in_comments_and_tells_none(tmp_path, design):
    new_analysis("city", tmp_path, design=design)
    text = (tmp_path / "analyses" / "city" / "plan.toml").read_text("utf-8")
    assert not {*TOLD} & {*tomllib.loads(text)}
    for key in TOLD:
        assert f"# {key} = " in text or f"# [{key}" in text or f"# [[{key}]]" in text, key


@pytest.mark.parametrize("design", ["its", "did", "individual", "survey"])
def test_the_comments_of_a_new_plan_are_a_plan_that_is_read(tmp_path, design):
    new_analysis("city", tmp_path, design=design)
    text = (tmp_path / "analyses" / "city" / "plan.toml").read_text("utf-8")
    start = text.index("# What follows moves no number.")
    shown = "\n".join(
        line.removeprefix("# ") if line.startswith(("# [", "# ")) and _is_toml(line) else ""
        for line in text[start:].split("\n")
    )
    plan = parsed(text[:start] + shown)
    assert plan.about is not None and plan.cost is not None and plan.es is not None
    assert plan.lower[0].to == "low" and plan.checklist is not None
    assert told(text[:start] + shown) == []


def _is_toml(line: str) -> bool:
    try:
        return bool(tomllib.loads(line.removeprefix("# ")))
    except tomllib.TOMLDecodeError:
        return False


def test_the_reader_takes_a_plan_that_tells_everything(tmp_path):
    folder = project(tmp_path, TOP + PLAN + TABLES)
    (tmp_path / "data" / "done.csv").touch()
    shutil.copytree(PROJECT / "data" / "public", tmp_path / "data" / "public")
    plan = read_plan("city", folder).plan
    assert plan.cost is not None and plan.cost.amount == 2_000_000
    assert plan.checklist is not None and isinstance(plan.checklist.epoc, PlannedEpoc)
