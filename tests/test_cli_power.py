"""`ceasefire power` as its users meet it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from evaluation.cli import main
from evaluation.study.power import series as study
from evaluation.study.power.power_evidence import loads

PROJECT = Path(__file__).parents[1]
PEOPLE = PROJECT / "analyses/participants-synthetic/plan.toml"


def call(project, *words):
    return main(["--root", str(project), "power", *words])


@pytest.fixture(autouse=True)
def _quick(project):
    """Nothing called worth having: no search for the months it takes."""
    plan = project / "analyses/boston/plan.toml"
    plan.write_text(plan.read_text().replace("worthwhile = 10\n", ""))


def outputs(project):
    return {
        str(path.relative_to(project / "reports/boston")): path.read_bytes()
        for path in (project / "reports/boston").rglob("*")
        if path.is_file()
    }


@pytest.mark.usefixtures("same_figures")
def test_sentences_curve_and_files(project, capsys):
    for name in ("power.json", "power.html"):
        (project / "reports/boston" / name).unlink(missing_ok=True)
    before = outputs(project)
    assert call(project, "boston", "--draws", "100", "--effects", "40", "70") == 0
    told = capsys.readouterr()
    assert told.err == ""
    assert "youth homicides" in told.out
    assert "four times in five" in told.out
    assert "−40%" in told.out
    assert "wrote reports/boston/power.json" in told.out
    after = outputs(project)
    assert set(after) - set(before) == {"power.json", "power.html"}
    assert {name: after[name] for name in before} == before


def test_json_on_stdout_is_the_file_and_comes_out_the_same_elsewhere(project, capsys):
    words = ["boston", "--draws", "100", "--effects", "50", "--json"]
    assert call(project, *words) == 0
    text = capsys.readouterr().out
    files = outputs(project)
    assert text.encode() == files["power.json"]
    assert [point.percent for point in loads(text).outcomes[0].curve] == [0.0, -50.0]
    subprocess.run(
        [sys.executable, "-m", "evaluation.cli", "--root", str(project), "power", *words],
        env={"OPENBLAS_CORETYPE": "Nehalem", "PYTHONHASHSEED": "5", "TZ": "Asia/Tokyo"},
        check=True,
        capture_output=True,
    )
    assert outputs(project) == files


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["boston", "--draws", "5"], "--draws 5: must be between"),
        (["boston", "--effects", "-30"], "--effects -30: must be above 0"),
        (["bostn"], "Did you mean"),
    ],
)
def test_bad_words_end_with_two_and_change_no_file(project, capsys, words, said):
    before = outputs(project)
    assert call(project, *words) == 2
    assert said in capsys.readouterr().err
    assert outputs(project) == before


def test_draws_that_are_no_number_end_with_two(project, capsys):
    with pytest.raises(SystemExit) as told:
        call(project, "boston", "--draws", "many")
    assert told.value.code == 2
    assert "--draws" in capsys.readouterr().err


def test_an_interruption_leaves_the_old_files(project, capsys, monkeypatch):
    assert call(project, "boston", "--draws", "100", "--effects", "50") == 0
    before = outputs(project)

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(study, "power_after", interrupted)
    assert call(project, "boston", "--draws", "200", "--effects", "50") == 130
    assert outputs(project) == before
    assert "interrupted" in capsys.readouterr().err


def test_people_are_told_how_alike_both_sides_are_before_freezing(project, capsys):
    plan = project / "analyses/oakland-synthetic-cities/plan.toml"
    text = PEOPLE.read_text(encoding="utf-8")
    # One outcome, whose method is quick.
    text = "\n".join(line for line in text.split("\n") if "event_data" not in line)
    first, last = text.index("[[outcomes]]"), text.index("[[outcomes]]", text.index("shot_days"))
    end = text.index("[[alternatives]]")
    text = text[:first] + text[last:end].replace("worthwhile = 10", "primary = true")
    plan.write_text(text, encoding="utf-8")
    (plan.parent / "plan.frozen.toml").unlink(missing_ok=True)
    for path in (PROJECT / "data/synthetic").glob("participants*"):
        (project / "data/synthetic" / path.name).write_bytes(path.read_bytes())
    words = ["oakland-synthetic-cities", "--draws", "100", "--effects", "50"]
    assert call(project, *words) == 0
    told = capsys.readouterr().out
    assert "Are treated and untreated people alike" in told and "member of a group" in told
    assert "Nothing that happened to a person with the program was used" in told
    assert call(project, *words, "--json") == 0
    checks = loads(capsys.readouterr().out).outcomes[0].checks
    assert [check.name for check in checks] == ["balance", "overlap"]
