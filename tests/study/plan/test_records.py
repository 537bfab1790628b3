"""Plans for people: what is wrong with them is told at its line, and what they say in words."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from evaluation.data.toml_places import Located
from evaluation.errors import PlanError
from evaluation.study.plan.read import check_data_of, read_plan
from evaluation.study.plan.schema import OF_DESIGNS, Plan
from evaluation.study.plan.skeleton import new_analysis
from evaluation.study.plan.words import plan_words
from evaluation.study.run import run

PROJECT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plans")
    shutil.copytree(PROJECT / "data" / "synthetic", folder / "data" / "synthetic")
    new_analysis("people", folder, design="individual")
    return folder


def faults(root: Path, old: str, new: str) -> str:
    path = root / "analyses/people/plan.toml"
    text = path.read_text("utf-8")
    assert text.count(old) == 1, old
    path.write_text(text.replace(old, new), "utf-8")
    try:
        with pytest.raises(PlanError) as caught:
            check_data_of(read_plan("people", root), root)
    finally:
        path.write_text(text, "utf-8")
    return str(caught.value)


def test_the_template_runs_as_it_is(root):
    evidence = run("people", root)
    assert evidence.plan.content["design"] == "individual"
    assert all(outcome.estimated for outcome in evidence.outcomes)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('column = "arrest_days"', 'column = "arest_days"', "Did you mean 'arrest_days'"),
        ('column = "arrest_days"', 'column = "age"', "no outcome 'age'"),
        ('start = "2013-02"', 'start = "2013-03"', "2013-02"),
        ('start = "2013-02"', 'start = "2013-02"\nphase_in = 3', "is not for design"),
        ('start = "2013-02"', 'start = "2013-02"\ntreatment = "compleeted"', "'completed'"),
        ('estimand = "ATT"', 'estimand = "ATU"', "Did you mean 'ATT'"),
        ('estimand = "ATT"', 'subgroups = ["age"]', "is not for design"),
        ('estimand = "ATT"', 'unit = "Oakland"', "is not for design"),
        ('estimand = "ATT"', 'weights = "age"', "the column with the role weight"),
        ('estimand = "ATT"', 'model = "newey-west"', "is no method of design = 'individual'"),
        ('estimand = "ATT"', 'model = "two-part"', "is not for arrest_days, a time"),
        ("horizon = 365", "horizon = 0", "greater than or equal to 1"),
        ("horizon = 365", 'season = "none"', "is not for design"),
        ("horizon = 365", 'covariates = ["agee"]', "Did you mean 'age'"),
        ("horizon = 365", 'options = { trimm = "crump" }', "Did you mean 'trim'"),
        ("horizon = 730", "horizon = 730\nat_least = 3", "is not for design"),
        ("horizon = 730", 'horizon = 730\nfirst = "2013-02"', "is not for design"),
        ("horizon = 365", 'adoption = { level = "part" }', "is not for design"),
        ("horizon = 365", 'treated = ["A"]', "is not for design"),
        ("horizon = 365", 'gaps = "missing"', "is not for design"),
        ('start = "2013-02"', 'start = "2013-02"\n[window]\ngaps = "missing"', "is not for design"),
        ('trim = "crump"', 'trim = "some"', "trim"),
        ("participants.csv", "survey.csv", "is a table of survey"),
    ],
)
def test_each_fault_is_told(root, old, new, said):
    # The data line of the comment on events names another file.
    old = f'"data/synthetic/{old}"\n# A table' if old.endswith(".csv") else old
    new = f'"data/synthetic/{new}"\n# A table' if new.endswith(".csv") else new
    told = faults(root, old, new)
    assert said in told
    assert told.startswith("analyses/people/plan.toml:")


def test_keys_for_people_are_refused_elsewhere(root):
    new_analysis("series", root)
    path = root / "analyses/series/plan.toml"
    text = path.read_text("utf-8")
    path.write_text(text.replace('design = "its"', 'design = "its"\nestimand = "ATE"'), "utf-8")
    with pytest.raises(PlanError, match="is for people or surveys"):
        read_plan("series", root)
    path.write_text(text, "utf-8")


def test_results_of_other_designs_do_not_repeat_keys_for_people(root):
    from evaluation.study.plan.freeze import plan_record

    new_analysis("places", root, design="did")
    content = plan_record(read_plan("places", root), root).content
    assert "estimand" not in content and "rake" not in content
    assert all("horizon" not in one for one in (*content["outcomes"], *content["alternatives"]))


def test_words_say_whom_and_by_when(root):
    words = " ".join(plan_words(read_plan("people", root).plan))
    assert "arrest days within 730 days of entry" in words
    assert "The effect is that on those who were treated." in words
    assert "Counts of fewer than 10 people are never told." in words
    assert "Planned alternative, Within one year: as the model, but with events within 365" in words


def test_every_method_that_can_be_named_has_words():
    from evaluation.individual import methods as people_methods

    for name, method in people_methods.METHODS.items():
        assert method.label and method.assumes and method.coverage
        text = (
            'question = "q"\ngoal = 2\ndata = "data/p.csv"\ndesign = "individual"\n'
            f'model = "{name}"\n[[outcomes]]\ncolumn = "a"\nbetter = "lower"\n'
            '[intervention]\nname = "n"\nstart = "2013-01"\n'
        )
        plan = Located("plan.toml", text, PlanError).parse(Plan, union=OF_DESIGNS)
        assert any(method.label in sentence for sentence in plan_words(plan))
