"""`ceasefire diff`: two results side by side, in words."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from evaluation.check.differences import said
from evaluation.cli import main
from evaluation.report.document import key_finding
from evaluation.study.evidence import loads
from evaluation.study.written import canonical, rounded

PROJECT = Path(__file__).parents[1]
SLUG = "oakland-synthetic-cities"


@pytest.fixture
def two(tmp_path: Path) -> tuple[Path, Path]:
    """The same results twice, in two folders that are no project."""
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
        shutil.copy(PROJECT / f"reports/{SLUG}/results.json", tmp_path / name)
    return tmp_path / "old", tmp_path / "new"


def edit(folder: Path, change: Callable[[dict], None]) -> None:
    path = folder / "results.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    # As the program writes it, which reads nothing else.
    path.write_text(canonical(rounded(content, "")), encoding="utf-8")


def diff(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str]:
    capsys.readouterr()
    code = main(["diff", *map(str, words)])
    out = capsys.readouterr().out
    # What comes next is the last line, where the two could be compared.
    said, _, last = out.rpartition("next: ")
    assert last.count("\n") == 1 or not said
    return code, said if said else out


def test_the_sentence_is_that_of_the_report():
    for slug in (SLUG, "boston", "participants-synthetic", "survey-synthetic"):
        text = (PROJECT / f"reports/{slug}/results.json").read_text(encoding="utf-8")
        evidence = loads(text)
        for outcome in evidence.outcomes:
            assert said(outcome, evidence) == key_finding(evidence, outcome).sentence


def test_alike_says_so_and_is_exit_0(two, capsys):
    assert diff(capsys, *two) == (0, f"{SLUG}: no difference\n")


def test_last_digits_are_no_difference(two, capsys):
    def noise(content: dict) -> None:
        content["outcomes"][0]["headline"]["effect"]["estimate"] *= 1 + 1e-9

    edit(two[1], noise)
    assert diff(capsys, *two)[0] == 0


def test_everything_that_moved_is_in_words(two, capsys):
    def change(content: dict) -> None:
        outcome = content["outcomes"][0]
        effect = outcome["headline"]["effect"]
        effect["estimate"] += effect["std_error"] / 2
        effect["percent"]["estimate"] += 5.5
        outcome["grade"]["level"] = "very low"
        outcome["grade"]["reasons"].append("one down: made up")
        gone = outcome["alternatives"].pop(0)
        change.gone = gone["label"]
        check = next(one for one in outcome["checks"] if one["passed"] is True)
        check["passed"] = False
        change.check = check["name"]
        content["plan"]["content"]["intervention"]["start"] = "2012-11"
        content["data"]["provenance"]["sha256"] = "0" * 64
        content["data"]["provenance"]["rows"] += 2
        change.rows = content["data"]["provenance"]["rows"]

    before = json.loads((two[0] / "results.json").read_text(encoding="utf-8"))["outcomes"][0]
    edit(two[1], change)
    code, said = diff(capsys, *two)
    assert code == 1
    lines = said.splitlines()
    assert lines[0] == f"{SLUG}:"
    old = before["headline"]["effect"]["percent"]["estimate"]
    moved = (
        f"effect {old:.1f} % → {old + 5.5:.1f} % (0.5 standard errors), sentence changed, grade "
    )
    assert moved.replace("-", "−") + f"{before['grade']['level']} → very low" in lines[1]
    label = before["label"]
    for words in (
        f"  {label}: grade reason new: one down: made up",
        f"  {label}: check {change.check}: passed → not passed",
        "  plan: intervention.start: '2012-10' -> '2012-11'",
    ):
        assert words in lines
    assert any(line.endswith(f"{change.gone!r}: no longer among the results") for line in lines)
    assert any(line.startswith(f"  {label}: was said: ") for line in lines)
    assert any(f"→ {change.rows:,} rows)" in line for line in lines)


def test_what_no_page_shows_is_named_by_its_place(two, capsys):
    def change(content: dict) -> None:
        content["outcomes"][0]["headline"]["effect"]["path"][3]["expected"] *= 1.01

    edit(two[1], change)
    words = "only below what a report shows: outcomes[0].headline.effect.path[3].expected"
    assert diff(capsys, *two) == (1, f"{SLUG}:\n  {words}\n")


def test_two_studies_are_compared_by_their_outcomes(capsys, monkeypatch):
    monkeypatch.chdir(PROJECT)
    code, said = diff(capsys, "oakland-synthetic-cities", "oakland-synthetic-compared")
    assert code == 1
    assert said.startswith("oakland-synthetic-cities → oakland-synthetic-compared:\n")
    assert "  plan: " in said


def test_two_projects_are_compared_study_by_study(tmp_path, capsys):
    for side in ("a", "b"):
        for slug in ("boston", SLUG):
            target = tmp_path / side / "reports" / slug
            target.mkdir(parents=True)
            shutil.copy(PROJECT / "reports" / slug / "results.json", target)
    shutil.rmtree(tmp_path / "b/reports/boston")
    code, said = diff(capsys, tmp_path / "a", tmp_path / "b")
    assert (code, said) == (1, f"{SLUG}: no difference\nboston:\n  only in {tmp_path / 'a'}\n")


def test_json_is_for_programs(two, capsys):
    code, said = diff(capsys, "--json", *two)
    assert (code, json.loads(said)) == (0, [{"title": SLUG, "lines": []}])


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"schema": 1}', "[" * 100_000])
def test_what_is_no_results_is_exit_2(two, capsys, text):
    (two[1] / "results.json").write_text(text, encoding="utf-8")
    assert main(["diff", str(two[0]), str(two[1])]) == 2
    said = capsys.readouterr().err
    assert "results.json:" in said and "Traceback" not in said


def test_results_named_by_their_study_are_told_by_their_file(tmp_path, capsys):
    (tmp_path / "analyses").mkdir()
    (tmp_path / "reports/town").mkdir(parents=True)
    (tmp_path / "reports/town/results.json").touch()
    assert main(["--root", str(tmp_path), "diff", "town", "town"]) == 2
    assert capsys.readouterr().err.startswith("reports/town/results.json:1:1: not valid JSON")


def test_nothing_there_is_exit_2_with_what_to_do(tmp_path, capsys):
    assert main(["diff", str(tmp_path), "nowhere"]) == 2
    assert "Name a study, a results.json or a folder" in capsys.readouterr().err
