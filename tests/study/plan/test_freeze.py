"""A frozen plan is a verbatim copy, and what changed since is told in words."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from evaluation.errors import PlanError
from evaluation.study.plan.freeze import differences, freeze, plan_record
from evaluation.study.plan.read import read_plan

PLAN = """\
# A comment.
question = "Did it help?"
goal = 1
data = "data/city.csv"
unit = "City"
design = "its"
frozen = 2012-01-31

[[outcomes]]
column = "deaths"
better = "lower"
primary = true

[[outcomes]]
column = "injuries"
better = "lower"

[intervention]
name = "Ceasefire"
start = "2012-10"

[specification]
trend = "linear"

[[alternatives]]
label = "Plain Poisson step"
model = "poisson"

[[alternatives]]
label = "No trend"
trend = "none"

[[events]]
date = "2013-01"
what = "New police districts."
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "analyses" / "city").mkdir(parents=True)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "city.csv").write_text("")
    write(tmp_path, PLAN)
    return tmp_path


def write(root: Path, text: str) -> None:
    (root / "analyses" / "city" / "plan.toml").write_bytes(text.encode())


def frozen_copy(root: Path) -> Path:
    return root / "analyses" / "city" / "plan.frozen.toml"


def changes(root: Path) -> tuple[str, ...]:
    return plan_record(read_plan("city", root), root).changes


@pytest.mark.parametrize("text", [PLAN, PLAN.replace("\n", "\r\n"), "\ufeff" + PLAN])
def test_frozen_copy_is_the_plan_to_the_byte(project: Path, text: str) -> None:
    write(project, text)
    said = freeze("city", project)
    assert frozen_copy(project).read_bytes() == text.encode()
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    assert said.startswith("Frozen now, dated 2012-01-31") and sha256 in said
    assert changes(project) == ()


def test_plan_without_a_date_is_not_frozen_and_is_told_how(project: Path) -> None:
    write(project, PLAN.replace("frozen = 2012-01-31\n", ""))
    said = freeze("city", project)
    assert "Not frozen" in said and "frozen = YYYY-MM-DD" in said
    assert not frozen_copy(project).exists()


def test_freezing_twice_changes_nothing_and_says_so(project: Path) -> None:
    freeze("city", project)
    assert freeze("city", project).endswith("Unchanged since.")
    assert frozen_copy(project).read_text() == PLAN


def test_edit_after_freezing_is_listed_and_the_copy_kept(project: Path) -> None:
    freeze("city", project)
    write(project, PLAN.replace('"linear"', '"none"'))
    said = freeze("city", project)
    assert said.splitlines()[1:] == ["  specification.trend: 'linear' -> 'none'"]
    assert frozen_copy(project).read_text() == PLAN


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('start = "2012-10"', 'start = "2012-11"', "intervention.start: '2012-10' -> '2012-11'"),
        ("goal = 1", "goal = 2", "goal: 1 -> 2"),
        ("goal = 1\n", "goal = 1\nmargin = 5\n", "margin: not set -> 5"),
        ('trend = "linear"\n', "", "specification.trend: 'linear' -> not set"),
        (
            'trend = "linear"\n',
            'trend = "linear"\noffset = false\n',
            "specification.offset: not set -> false",
        ),
        (
            '[[alternatives]]\nlabel = "Plain Poisson step"\nmodel = "poisson"\n',
            "",
            "planned alternative removed: 'Plain Poisson step'",
        ),
        (
            "[[events]]",
            '[[alternatives]]\nlabel = "Curved"\ntrend = "quadratic"\n\n[[events]]',
            "planned alternative added: 'Curved'",
        ),
        (
            'model = "poisson"',
            'model = "quasi-poisson"',
            "planned alternative 'Plain Poisson step'.model: 'poisson' -> 'quasi-poisson'",
        ),
        (
            '[[outcomes]]\ncolumn = "injuries"\nbetter = "lower"\n',
            "",
            "outcome removed: 'injuries'",
        ),
        (
            "primary = true\n",
            "primary = true\nworthwhile = 10\n",
            "outcome 'deaths'.worthwhile: not set -> 10",
        ),
        (
            '[[events]]\ndate = "2013-01"\nwhat = "New police districts."\n',
            "",
            "concurrent event removed: '2013-01: New police districts.'",
        ),
        (
            "[[events]]",
            '[[sites]]\nunit = "Town"\nstart = "2013-01"\n\n[[events]]',
            "further site added: 'Town'",
        ),
        (
            "[[events]]",
            '[[later]]\nname = "Dilution"\nstart = "2014-01"\n\n[[events]]',
            "later change of the program added: 'Dilution'",
        ),
        (
            "[[events]]",
            '[[unaffected]]\ncolumn = "theft"\nwhy = "No."\n\n[[events]]',
            "outcome that should not move added: 'theft'",
        ),
        (
            "[[events]]",
            '[controls]\nunits = ["Town"]\n\n[[events]]',
            "controls.units: not set -> ['Town']",
        ),
        (
            'trend = "linear"\n',
            'trend = "linear"\n\n[options]\nlag = 6\n',
            "options.lag: not set -> 6",
        ),
        (
            "[[events]]",
            '[curve]\ntrend = ["none"]\n\n[[events]]',
            "curve.trend: not set -> ['none']",
        ),
        (
            'date = "2013-01"\n',
            'date = "2013-01"\nperiods = 2\n',
            "concurrent event '2013-01: New police districts.'.periods: not set -> 2",
        ),
        ("# A comment.", "# Another comment.", "wording of comments or layout only"),
        ("goal = 1", "goal    =   1", "wording of comments or layout only"),
        ("\n", "\r\n", "wording of comments or layout only"),
        ("frozen = 2012-01-31", "frozen = 2011-01-31", "frozen: 2012-01-31 -> 2011-01-31"),
        ("frozen = 2012-01-31\n", "", "frozen: 2012-01-31 -> not set"),
    ],
)
def test_each_change_is_said_once_in_words(
    project: Path, old: str, new: str, expected: str
) -> None:
    freeze("city", project)
    assert old in PLAN
    write(project, PLAN.replace(old, new))
    assert changes(project) == (expected,)


def test_alternatives_in_another_order_are_said_to_be(project: Path) -> None:
    freeze("city", project)
    first = '[[alternatives]]\nlabel = "Plain Poisson step"\nmodel = "poisson"\n'
    second = '[[alternatives]]\nlabel = "No trend"\ntrend = "none"\n'
    moved = PLAN.replace(f"{first}\n{second}", f"{second}\n{first}")
    write(project, moved)
    assert changes(project) == ("alternatives: in another order",)


def test_event_listed_twice_is_not_lost(project: Path) -> None:
    freeze("city", project)
    event = '[[events]]\ndate = "2013-01"\nwhat = "New police districts."\n'
    write(project, PLAN + event)
    assert changes(project) == ("concurrent event added: '2013-01: New police districts. (2)'",)


def test_date_of_freezing_is_that_of_the_copy(project: Path) -> None:
    freeze("city", project)
    write(project, PLAN.replace("2012-01-31", "2011-01-31"))
    record = plan_record(read_plan("city", project), project)
    assert record.frozen_on == "2012-01-31"
    assert record.frozen_sha256 == hashlib.sha256(PLAN.encode()).hexdigest()
    assert record.sha256 != record.frozen_sha256


def test_date_without_a_copy_has_no_frozen_hash(project: Path) -> None:
    record = plan_record(read_plan("city", project), project)
    assert record.frozen_on == "2012-01-31"
    assert record.frozen_sha256 is None
    assert record.changes == ()


def test_record_holds_what_was_written_and_chosen_as_text_numbers_and_lists(project: Path) -> None:
    record = plan_record(read_plan("city", project), project)
    content = json.loads(json.dumps(record.content))
    assert content == record.content
    assert content["title"] == "Did it help?"
    assert content["frozen"] == "2012-01-31"
    assert content["specification"]["season"] == "fourier"
    assert content["outcomes"][1] == {
        "column": "injuries",
        "better": "lower",
    }
    assert "cluster" not in content and "margin" not in content
    assert record.words[0] == "Question: Did it help?"


def test_broken_frozen_copy_is_refused_with_its_line(project: Path) -> None:
    freeze("city", project)
    frozen_copy(project).write_text("goal = \n")
    with pytest.raises(PlanError, match=r"analyses/city/plan\.frozen\.toml:1:8: not valid TOML"):
        freeze("city", project)


def test_invalid_plan_is_not_frozen(project: Path) -> None:
    write(project, PLAN.replace("goal = 1", "goal = 9"))
    with pytest.raises(PlanError, match=r"analyses/city/plan\.toml:3:1: goal"):
        freeze("city", project)
    assert not frozen_copy(project).exists()


@pytest.mark.parametrize("slug", ["boston", "oakland-synthetic"])
def test_committed_plan_is_as_it_was_frozen(slug: str) -> None:
    root = Path(__file__).parents[3]
    record = plan_record(read_plan(slug, root), root)
    assert record.frozen_sha256 == record.sha256
    assert record.changes == ()


def test_only_what_can_move_an_estimate_counts_as_a_change_of_the_study(project: Path) -> None:
    before = {"goal": 1, "funder": "A", "lower": [{"column": "deaths", "to": "low"}]}
    told = differences(before, {"goal": 1, "funder": "B"})
    assert [change.moves for change in told] == [False, False]
    assert [change.path for change in told] == [("funder",), ("lower", "deaths")]
    (moved,) = differences(before, {**before, "goal": 2})
    assert moved.moves and moved.path == ("goal",)
    (layout,) = differences(before, before)
    assert not layout.moves
    freeze("city", project)
    for text, told_only in (("margin = 5\n", False), ('funder = "A"\n', True)):
        write(project, text + PLAN)
        assert plan_record(read_plan("city", project), project).told_only is told_only
