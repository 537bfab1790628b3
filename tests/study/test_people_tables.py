"""Tables of people as agencies hand them out: categories in words, and no dates."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from evaluation import individual
from evaluation.errors import DataError, PlanError
from evaluation.report.html import render
from evaluation.report.layers import report_document
from evaluation.study.evidence import dumps, loads
from evaluation.study.plan.read import check_data_of, read_plan
from evaluation.study.run import run

HEAD = """\
name = "Invented people"
file = "people.csv"
kind = "people"
key = ["person"]
source = "tests"
licence = "MIT"
sensitivity = "synthetic"
[columns.person]
role = "person"
type = "text"
[columns.offered]
role = "treatment"
type = "flag"
[columns.age]
role = "covariate"
type = "number"
[columns.race]
role = "covariate"
type = "text"
[columns.followed]
role = "follow_up"
type = "count"
[columns.arrest_days]
role = "time"
type = "count"
label = "arrest"
cause = "arrest_cause"
[columns.arrest_cause]
role = "cause"
type = "count"
"""
PLAN = """\
question = "Did it help?"
goal = 2
data = "data/people.csv"
design = "individual"
[[outcomes]]
column = "arrest_days"
better = "lower"
horizon = 365
[intervention]
name = "the call-in"
start = "2015-01"
[[alternatives]]
label = "Cox"
model = "cox"
"""
RACES = ("black", "white", "latino", "islander", "asian")
N = 900


def table() -> dict[str, list]:
    source = np.random.default_rng(11)
    race = source.choice(5, N, p=[0.5, 0.25, 0.17, 0.04, 0.04])
    age = source.normal(26, 4, N).round(1)
    chance = 1 / (1 + np.exp(0.8 - 0.5 * (race == 1) + 0.05 * (age - 26)))
    offered = (source.random(N) < chance).astype(int)
    hazard = (1 + 0.6 * (race == 1)) * np.where(offered, 0.6, 1) / 700
    event = np.ceil(source.exponential(1 / hazard))
    followed = source.integers(400, 700, N)
    seen = event <= followed
    return {
        "person": [f"p{row:04d}" for row in range(N)],
        "offered": offered.tolist(),
        "age": age.tolist(),
        "race": [RACES[one] for one in race],
        "followed": followed.tolist(),
        "arrest_days": np.where(seen, event, followed).astype(int).tolist(),
        "arrest_cause": seen.astype(int).tolist(),
    }


def project(root: Path, plan: str = PLAN, description: str = HEAD) -> Path:
    (root / "analyses" / "people").mkdir(parents=True, exist_ok=True)
    (root / "data").mkdir(exist_ok=True)
    columns = table()
    rows = zip(*columns.values(), strict=True)
    lines = [",".join(columns), *(",".join(map(str, row)) for row in rows)]
    (root / "data" / "people.csv").write_text("\n".join(lines) + "\n", "utf-8")
    (root / "data" / "people.dataset.toml").write_text(description, "utf-8")
    (root / "analyses" / "people" / "plan.toml").write_text(plan, "utf-8")
    return root


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    return run("people", project(tmp_path_factory.mktemp("undated")))


def test_people_without_dates_are_compared_by_a_day_and_by_survival(found):
    outcome = found.outcomes[0]
    assert outcome.estimated and outcome.effect.method == "risk-by-day"
    assert outcome.effect.percent.estimate < 0
    cox = next(one for one in outcome.alternatives if one.label == "Cox")
    assert cox.effect is not None and cox.effect.percent.estimate < 0
    assert dumps(loads(dumps(found))) == dumps(found)


def test_the_page_says_that_there_are_no_dates_and_shows_none_for_them(found):
    said = render(report_document(found))
    assert "The table has no dates" in said
    assert "the data hold no dates; people are followed by days from entry" in said
    assert "January 2015 to January 2015" not in said


def test_balance_has_a_row_for_each_category_and_for_the_base(found):
    check = next(one for one in found.outcomes[0].checks if one.name == "balance")
    names = {row["covariate"] for row in check.table}
    # Two rare categories are one: of neither may a number be told.
    assert names == {"age", "race: black", "race: white", "race: latino", "race: other"}
    assert "islander" not in dumps(found)


def test_a_notebook_finds_the_same(found):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(table())
    frame["race"] = frame["race"].where(frame["race"].isin(RACES[:3]), "other")
    fit = individual.fit(
        frame,
        outcome="arrest_days",
        event="arrest_cause",
        treated="offered",
        covariates=["age", "race"],
        follow_up="followed",
        horizon=365,
    )
    # The page tells people in steps.
    assert fit.estimate == pytest.approx(found.outcomes[0].effect.estimate, abs=0.02)
    balance = next(one for one in fit.checks() if one.name == "balance")
    assert "race: black" in {row["covariate"] for row in balance.table}


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('model = "cox"', 'model = "not-yet-called"', "on days of the calendar"),
        ("horizon = 365", "horizon = 365\nfirst = '2015-01'", "is not for design"),
    ],
)
def test_what_needs_dates_is_refused_with_the_reason(tmp_path, old, new, says):
    root = project(tmp_path, PLAN.replace(old, new))
    with pytest.raises(PlanError, match=r"plan\.toml:\d+:\d+") as caught:
        check_data_of(read_plan("people", root), root)
    assert says in str(caught.value)


def test_dates_without_a_day_of_entry_are_refused_where_they_are_described(tmp_path):
    dated = HEAD.replace('"follow_up"\ntype = "count"', '"follow_up"\ntype = "date"')
    root = project(tmp_path, description=dated)
    with pytest.raises(DataError, match="no column has the role entry") as caught:
        check_data_of(read_plan("people", root), root)
    assert "people.dataset.toml:" in str(caught.value)


def test_events_after_the_end_of_follow_up_are_found_without_dates(tmp_path):
    root = project(tmp_path)
    path = root / "data" / "people.csv"
    head, first, *rest = path.read_text("utf-8").splitlines()
    cells = first.split(",")
    cells[5] = str(int(cells[4]) + 1)
    path.write_text("\n".join([head, ",".join(cells), *rest]) + "\n", "utf-8")
    with pytest.raises(DataError, match="after the end of follow-up"):
        check_data_of(read_plan("people", root), root)
