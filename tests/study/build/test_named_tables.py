"""A published result beside the plan's own: found in the table, refused where it is not, carried to
the results with its numbers as printed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from small_city import PLAN, project

from evaluation.data.published import PUBLISHED
from evaluation.errors import DataError, PlanError
from evaluation.study.build.named_tables import planned_published
from evaluation.study.evidence import dumps, loads
from evaluation.study.plan.freeze import plan_record
from evaluation.study.plan.read import read_plan
from evaluation.study.run import run

PROJECT = Path(__file__).parents[3]
BESIDE = """\
[[published]]
study = "oakland-2019"
outcome = "gun homicide"
differences = { outcome = "gun assaults", window = "two years less" }
"""
LINE = PLAN.count("\n") + 1


def city(root: Path, more: str = BESIDE, *, table: bool = True) -> Path:
    folder = project(root, PLAN + more)
    if table:
        (root / "data" / "public").mkdir(exist_ok=True)
        for ending in ("csv", "dataset.toml"):
            name = f"data/public/focused_deterrence.{ending}"
            shutil.copy(PROJECT / name, root / name)
    return folder


def test_the_numbers_of_the_table_are_carried_to_the_results(tmp_path: Path) -> None:
    evidence = run("city", city(tmp_path))
    (row,) = evidence.published
    assert (row.effect, row.measure, row.low, row.high) == (-31.5, "percent change", None, None)
    assert (row.place_id, row.years, row.column) == ("us-ca-oakland", "2010-2017", "")
    assert row.differences == (("outcome", "gun assaults"), ("window", "two years less"))
    assert loads(dumps(evidence)).published == evidence.published


def test_a_plan_without_the_key_writes_nothing(tmp_path: Path) -> None:
    plan_file = read_plan("city", city(tmp_path, "", table=False))
    assert planned_published(plan_file.plan, plan_file.located, tmp_path) == ()
    assert "published" not in plan_record(plan_file, tmp_path).content
    assert '"published"' not in (PROJECT / "reports/boston/results.json").read_text("utf-8")


@pytest.mark.parametrize("study", ["oakland-2019", "Oakland-2019", " oakland-2019 "])
def test_a_result_is_found_in_whatever_case_it_is_written(tmp_path: Path, study: str) -> None:
    plan_file = read_plan("city", city(tmp_path, BESIDE.replace("oakland-2019", study)))
    (row,) = planned_published(plan_file.plan, plan_file.located, tmp_path)
    assert row.study == "oakland-2019"


def test_of_a_study_with_one_outcome_it_need_not_be_named(tmp_path: Path) -> None:
    more = '[[published]]\nstudy = "oakland-2019"\n'
    plan_file = read_plan("city", city(tmp_path, more))
    (row,) = planned_published(plan_file.plan, plan_file.located, tmp_path)
    assert row.outcome == "gun homicide" and row.differences == ()


@pytest.mark.parametrize(
    ("old", "new", "at", "words"),
    [
        ("oakland-2019", "oakland-2018", f"{LINE + 1}:1", "Did you mean 'oakland-2019'"),
        ("gun homicide", "gun homicides", f"{LINE + 2}:1", "Did you mean 'gun homicide'"),
        ("differences = { outcome", "differences = { outcom", f"{LINE + 3}:", "outcome"),
        ("differences", "difference", f"{LINE + 3}:1", "Did you mean 'differences'"),
        ('outcome = "gun homicide"\n', 'column = "gum"\n', f"{LINE + 2}:1", "Did you mean 'gun'"),
        ("[[published]]", f"{BESIDE}[[published]]", f"{LINE + 4}:1", "named twice"),
        ('"two years less"', '""', f"{LINE + 3}:", "window"),
        (
            'study = "oakland-2019"\noutcome = "gun homicide"',
            'study = "oakland-2019-groups"',
            f"{LINE + 1}:1",
            "has 3 outcomes; name one: gang-involved shootings",
        ),
    ],
)
def test_what_is_not_in_the_table_is_refused_at_its_place(
    tmp_path: Path, old: str, new: str, at: str, words: str
) -> None:
    with pytest.raises(PlanError) as caught:
        read_plan("city", city(tmp_path, BESIDE.replace(old, new, 1)))
    message = str(caught.value)
    assert f"analyses/city/plan.toml:{at}" in message and words in message


def test_without_a_table_the_key_is_refused_and_a_bad_table_says_where(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match=rf"{LINE}:1: published: there is no table of published"):
        read_plan("city", city(tmp_path, table=False))
    folder = city(tmp_path)
    with (folder / PUBLISHED).open("a", encoding="utf-8") as stream:
        stream.write("a,b\n")
    with pytest.raises(DataError, match=r"focused_deterrence\.csv:78"):
        read_plan("city", folder)


def test_written_after_freezing_it_is_listed_and_costs_nothing(tmp_path: Path) -> None:
    folder = city(tmp_path, "")
    frozen = f"frozen = 2011-01-01\n{PLAN}"
    (folder / "analyses/city/plan.toml").write_text(frozen + BESIDE, encoding="utf-8")
    (folder / "analyses/city/plan.frozen.toml").write_text(frozen, encoding="utf-8")
    evidence = run("city", folder)
    assert len(evidence.plan.changes) == 1 and evidence.plan.changes[0].startswith("published: ")
    assert not any("changed after" in str(reason) for reason in evidence.outcomes[0].grade.reasons)
