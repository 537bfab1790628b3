"""`ceasefire init` and `ceasefire new --data`: whole or not at all, and never a wrong plan."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from evaluation import cli
from evaluation.data.project import read_project
from evaluation.study.plan.read import check_data_of, read_plan

TABLE = """\
name = "Shootings"
file = "t.csv"
frequency = "month"
source = "Invented for a test"
licence = "CC0"
sensitivity = "synthetic"
key = ["unit", "month"]
[columns.unit]
role = "unit"
type = "text"
[columns.month]
role = "period"
type = "period"
[columns.shootings]
role = "outcome"
type = "count"
measure = "victims a month"
"""


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A new project with a table of two cities, as the current folder."""
    assert cli.main(["init", str(tmp_path / "mine")]) == 0
    folder = tmp_path / "mine"
    monkeypatch.chdir(folder)
    months = [f"{year}-{month:02d}" for year in range(2014, 2021) for month in range(1, 13)]
    lines = [f"{unit},{one},{20 + k % 5}" for unit in "AB" for k, one in enumerate(months)]
    for name, rows in (("t", lines), ("one", lines[: len(months)])):
        (folder / f"data/{name}.csv").write_text(
            "unit,month,shootings\n" + "\n".join(rows) + "\n", encoding="utf-8"
        )
        (folder / f"data/{name}.dataset.toml").write_text(
            TABLE.replace("t.csv", f"{name}.csv"), encoding="utf-8"
        )
    return folder


def test_a_project_names_its_place_and_says_what_comes_next(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["init", str(tmp_path / "a" / "b"), "--place", "Reno", "--place-id", "us-nv-reno"]
    assert cli.main(words) == 0
    assert "next: cd " in capsys.readouterr().out
    project = read_project(tmp_path / "a" / "b")
    assert (project.names.place, project.place_id) == ("Reno", "us-nv-reno")


def test_init_refuses_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    (tmp_path / "full" / "data").mkdir(parents=True)
    (tmp_path / "own" / "analyses").mkdir(parents=True)
    before = sorted(tmp_path.rglob("*"))
    new = str(tmp_path / "new" / "deep")
    for words, message in (
        ([str(tmp_path / "file")], "is no folder"),
        ([str(tmp_path / "full")], "already holds data"),
        ([str(tmp_path / "own" / "inner")], "inside the project"),
        ([new, "--place", "Reno"], "go together"),
        ([new, "--place", "Reno", "--place-id", "reno"], "ceasefire.toml"),
        ([new, "--place", " ", "--place-id", "us-nv-reno"], "is blank"),
    ):
        assert cli.main(["init", *words]) == 2
        assert message in capsys.readouterr().err
        assert sorted(tmp_path.rglob("*")) == before


def test_init_that_fails_half_way_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = os.replace

    def fails(source: object, target: Path) -> None:
        if Path(target).name == "data":
            raise OSError(28, "No space left on device")
        done(source, target)  # type: ignore[arg-type]

    monkeypatch.setattr("evaluation.files.together.os.replace", fails)
    # 4: the machine lacks something.
    assert cli.main(["init", str(tmp_path / "x")]) == 4
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "more",
    [
        ["--data", "data/one.csv", "--start", "2018-04"],
        ["--data", "data/t.csv", "--unit", "A", "--start", "2018-04"],
        ["--data", "data/t.csv", "--unit", "B", "--design", "its", "--start", "2018-04"],
    ],
)
def test_a_plan_from_data_can_be_answered_by_them(
    mine: Path, more: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["new", "s", *more]) == 0
    out = capsys.readouterr().out
    assert "51 months before the start" in out
    assert "Method " in out
    plan_file = read_plan("s", mine)
    assert check_data_of(plan_file, mine) is not None
    assert plan_file.plan.design == ("its" if "its" in more or "one" in more[1] else "did")


def test_without_a_start_the_plan_asks_for_it(
    mine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["new", "s", "--data", "data/one.csv"]) == 0
    assert "A start from 2016-01 to 2020-01" in capsys.readouterr().out
    assert cli.main(["plan", "s"]) == 2
    assert "start" in capsys.readouterr().err


def test_new_refuses_what_the_data_cannot_fill(
    mine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for more, message in (
        (["--data", "data/none.csv"], "no such file"),
        (["--data", "data/t.csv"], "Say where the program ran: --unit"),
        (["--data", "data/t.csv", "--unit", "C"], "no unit 'C'"),
        (["--data", "data/one.csv", "--start", "2031-01"], "outside of the data"),
        (["--data", "data/one.csv", "--start", "April"], "is not a month"),
        (["--data", "data/one.csv", "--design", "did"], "has one unit"),
        (["--data", "data/one.csv", "--design", "survey"], "no table of people or answers"),
        (["--start", "2018-04"], "add --data"),
    ):
        assert cli.main(["new", "s", *more]) == 2
        assert message in capsys.readouterr().err, more
        assert not (mine / "analyses" / "s").exists()


@pytest.mark.parametrize(
    ("name", "design", "start", "primary"),
    [
        ("participants", "individual", "2013-02", "arrest_days"),
        ("survey", "survey", "2016", "procedural justice"),
    ],
)
def test_a_plan_from_people_or_answers_can_be_read_with_its_data(
    mine: Path,
    name: str,
    design: str,
    start: str,
    primary: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    public = Path(__file__).parents[1] / "data" / "synthetic"
    for ending in ("csv", "dataset.toml"):
        (mine / f"data/{name}.{ending}").write_bytes((public / f"{name}.{ending}").read_bytes())
    assert cli.main(["data", f"data/{name}.csv"]) == 0
    assert f"next: ceasefire new my-study --data data/{name}.csv" in capsys.readouterr().out
    assert cli.main(["new", "s", "--data", f"data/{name}.csv"]) == 0
    assert f"Design {design}" in capsys.readouterr().out
    plan_file = read_plan("s", mine)
    check_data_of(plan_file, mine)
    plan = plan_file.plan
    assert (plan.design, plan.outcomes[0].column) == (design, primary)
    assert plan.intervention.start == start
    assert cli.main(["new", "x", "--data", f"data/{name}.csv", "--design", "its"]) == 2
    assert "is a table of " in capsys.readouterr().err
    assert not (mine / "analyses/x").exists()


def test_a_flag_in_a_table_of_one_place_does_not_ask_for_a_comparison(mine: Path) -> None:
    public = Path(__file__).parents[1] / "data" / "public"
    for ending in ("csv", "dataset.toml"):
        path = f"boston_homicide.{ending}"
        (mine / "data" / path).write_bytes((public / path).read_bytes())
    words = ["new", "s", "--data", "data/boston_homicide.csv", "--start", "1996-06"]
    assert cli.main(words) == 0
    assert read_plan("s", mine).plan.design == "its"
