"""`ceasefire doctor` says what is missing, what is left over, and changes nothing."""

from __future__ import annotations

import json
import os
import shutil
from importlib import metadata, util
from pathlib import Path

import pytest

from evaluation.cli import doctor_verb as here
from evaluation.cli import main
from evaluation.files import draft_of

PROJECT = Path(__file__).parents[1]


@pytest.fixture
def small(tmp_path: Path) -> Path:
    shutil.copytree(PROJECT / "analyses/boston", tmp_path / "analyses/boston")
    shutil.copytree(PROJECT / "reports/boston", tmp_path / "reports/boston")
    (tmp_path / "data/public").mkdir(parents=True)
    for path in (PROJECT / "data/public").glob("boston_homicide.*"):
        shutil.copy(path, tmp_path / "data/public")
    shutil.copy(PROJECT / "ceasefire.toml", tmp_path)
    return tmp_path


def found(root: Path, capsys: pytest.CaptureFixture[str], *, code: int = 0) -> dict[str, dict]:
    capsys.readouterr()
    assert main(["--root", str(root), "doctor", "--json"]) == code
    told = json.loads(capsys.readouterr().out)
    assert told["good"] is (code == 0)
    return {one["what"]: one for one in told["found"]}


def test_a_whole_installation_is_good_and_nothing_is_changed(small, capsys):
    before = {path: path.read_bytes() for path in small.rglob("*") if path.is_file()}
    assert main(["--root", str(small), "doctor"]) == 0
    said = capsys.readouterr().out
    assert said.endswith("All that is needed is here.\nnext: ceasefire help\n")
    assert "ok        fonts" in said and "1 analyses" in said
    assert {path: path.read_bytes() for path in small.rglob("*") if path.is_file()} == before


def test_a_needed_package_that_is_missing_is_a_fault_and_exit_four(small, capsys, monkeypatch):
    told = metadata.version

    def version(name: str) -> str:
        if name == "scipy":
            raise metadata.PackageNotFoundError(name)
        return "1.0" if name == "numpy" else told(name)

    monkeypatch.setattr(here.metadata, "version", version)
    monkeypatch.setattr(here.metadata, "requires", lambda name: REQUIRES)
    looked_at = found(small, capsys, code=4)
    assert looked_at["packages"]["state"] == "fault"
    assert "scipy is not installed" in looked_at["packages"]["says"]
    assert "numpy 1.0 is not >=2.0" in looked_at["packages"]["says"]
    assert "make install" in looked_at["packages"]["says"]
    # What is optional makes no fault.
    assert looked_at["extra [pdf]"]["state"] == "optional"


REQUIRES = ["numpy>=2.0", "scipy>=1.15", 'no-such-package>=1; extra == "pdf"', "pandas>=2"]


def test_an_extra_that_is_missing_is_optional(small, capsys, monkeypatch):
    requires = ["numpy>=2.0", 'no-such-package>=1; extra == "geo"']
    monkeypatch.setattr(here.metadata, "requires", lambda name: requires)
    one = found(small, capsys)["extra [geo]"]
    assert one["state"] == "optional" and "no-such-package is not installed" in one["says"]


def test_a_package_that_runs_from_its_folder_is_told(small, capsys, monkeypatch):
    def none(name: str) -> None:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(here.metadata, "requires", none)
    assert found(small, capsys)["ceasefire-evaluation"]["state"] == "note"


def test_fonts_that_are_missing_are_a_fault(small, capsys, monkeypatch):
    real = util.find_spec
    hidden = lambda name: None if name == "matplotlib" else real(name)  # noqa: E731
    monkeypatch.setattr(here.util, "find_spec", hidden)
    assert found(small, capsys, code=4)["fonts"]["state"] == "fault"


def test_chromium_is_optional(small, capsys, monkeypatch):
    monkeypatch.setattr(here.shutil, "which", lambda name: None)
    one = found(small, capsys)["Chromium"]
    assert one["state"] == "optional" and "apt-get install chromium" in one["says"]


def test_versions_other_than_the_locks_are_told(small, capsys):
    assert "no requirements.lock" in found(small, capsys)["lock"]["says"]
    (small / "requirements.lock").write_text("numpy==1.0 \\\n    --hash=sha256:00\nno-such==2\n")
    one = found(small, capsys)["lock"]
    assert one["state"] == "note"
    assert f"numpy {metadata.version('numpy')}, locked 1.0" in one["says"]
    assert "no-such" not in one["says"]


def test_what_a_killed_process_left_is_told_and_stays(small, capsys):
    left = draft_of(small / "reports/boston/results.json")
    left.write_text("half", encoding="utf-8")
    folder = draft_of(small / "data/fbi/x.csv")
    folder.mkdir(parents=True)
    mine = small / "reports/boston/.notes.json.original"
    mine.write_text("mine", encoding="utf-8")
    one = found(small, capsys)["half written"]
    assert one["state"] == "note"
    assert f"reports/boston/{left.name}" in one["says"]
    assert f"data/fbi/{folder.name}" in one["says"]
    assert mine.name not in one["says"]
    assert left.exists()


def test_another_process_that_writes_is_named_without_waiting(small, capsys):
    from evaluation.files import turn

    with turn("run", small):
        one = found(small, capsys)["turn"]
    assert f"`ceasefire run` (process {os.getpid()})" in one["says"] and one["state"] == "note"
    assert found(small, capsys)["turn"]["state"] == "good"


def test_locks_of_no_analysis_and_results_without_a_lock_are_told(small, capsys):
    assert found(small, capsys)["accepted"]["state"] == "good"
    shutil.copytree(small / "reports/boston", small / "reports/gone")
    (small / "reports/boston/lock.json").unlink()
    one = found(small, capsys)["accepted"]
    assert "of no analysis: gone" in one["says"] and "not accepted yet: boston" in one["says"]


def test_a_stale_run_in_the_cache_is_told(small, capsys):
    assert main(["--root", str(small), "run"]) == 0
    one = found(small, capsys)["caches"]
    assert one["state"] == "good" and "1 runs" in one["says"]
    plan = small / "analyses/boston/plan.toml"
    plan.write_text(plan.read_text("utf-8") + "\n# a word more\n", encoding="utf-8")
    (small / "build/studies/nothing.json").write_text("[", encoding="utf-8")
    one = found(small, capsys)["caches"]
    assert one["state"] == "note" and "boston, nothing" in one["says"]


def test_a_wrong_ceasefire_toml_is_a_fault_with_its_line(small, capsys):
    (small / "ceasefire.toml").write_text('plaice = "Oakland"\n', encoding="utf-8")
    one = found(small, capsys, code=4)["ceasefire.toml"]
    assert one["state"] == "fault" and "ceasefire.toml:1" in one["says"]


def test_outside_a_project_the_machine_alone_is_looked_at(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["doctor"]) == 0
    said = capsys.readouterr().out
    assert "note      project" in said and "none around here" in said
    assert main(["--root", str(tmp_path), "doctor"]) == 2
