"""One writes at a time, here and on Windows, and nobody takes a living one's folder away."""

from __future__ import annotations

import os
import sys
import threading
import time
import types
from pathlib import Path

import pytest

from evaluation.errors import DataError, PlanError
from evaluation.files import FILE, draft_of, scratch, sweep, turn, turn_for
from evaluation.files.turn import lock
from evaluation.study.plan.skeleton import new_analysis


def test_another_name_of_the_lock_is_not_written_over(tmp_path):
    mine = tmp_path / "mine"
    mine.write_text("precious")
    (tmp_path / "build").mkdir()
    os.link(mine, tmp_path / FILE)
    with pytest.raises(DataError, match="no ordinary file of its own"), turn("run", tmp_path):
        raise AssertionError("it was taken")
    assert mine.read_text() == "precious"


@pytest.mark.parametrize("made", [os.mkfifo, os.mkdir], ids=["pipe", "folder"])
def test_what_is_no_file_in_place_of_the_lock_is_refused(tmp_path, made):
    (tmp_path / "build").mkdir()
    made(tmp_path / FILE)
    words = r"^build/ceasefire.turn: could not be written"
    with pytest.raises(DataError, match=words), turn("run", tmp_path):
        raise AssertionError("it was taken")


def test_outside_of_a_project_the_lock_stands_beside_the_file_and_goes_again(tmp_path):
    path = tmp_path / "beats.csv"
    with turn_for("panel", path) as (folder, journal):
        assert (folder, journal) == (tmp_path, ".beats.csv.ceasefire-moves")
        assert [one.name for one in tmp_path.iterdir()] == [".beats.csv.ceasefire-turn"]
    assert list(tmp_path.iterdir()) == []


def test_inside_of_a_project_it_is_that_of_the_project(tmp_path):
    (tmp_path / "analyses").mkdir()
    (tmp_path / "data").mkdir()
    with turn_for("panel", tmp_path / "data" / "beats.csv") as (folder, _):
        assert folder == tmp_path
        told: list[str] = []
        handle = os.open(tmp_path / FILE, os.O_RDWR)
        assert not lock(handle)
        os.close(handle)
    assert told == []


def test_a_lock_that_was_taken_away_is_not_the_one_that_counts(tmp_path, monkeypatch):
    # Who waited for a lock file that its holder then deleted must not write beside the next.
    seen: list[Path] = []
    real = lock

    def slow(handle: int) -> bool:
        if not seen:
            seen.append(tmp_path / FILE)
            (tmp_path / FILE).unlink()
        return real(handle)

    monkeypatch.setattr(sys.modules["evaluation.files.turn"], "lock", slow)
    monkeypatch.setattr(sys.modules["evaluation.files.turn"], "PAUSE", 0.0)
    with turn("run", tmp_path):
        assert (tmp_path / FILE).read_text().startswith("`ceasefire run`")


def test_a_folder_of_a_living_process_stays_and_that_of_a_dead_one_goes(tmp_path):
    dead = draft_of(tmp_path / "build" / "beats")
    dead.mkdir(parents=True)
    (dead / ".turn").write_text("")
    (dead / "rows.duckdb").write_text("private")
    with scratch(tmp_path / "build" / "beats") as living:
        assert not dead.exists()
        assert living.stat().st_mode & 0o777 == 0o700
        sweep(tmp_path)
        assert living.is_dir()
    assert list((tmp_path / "build").iterdir()) == []


def test_without_the_locks_of_unix_bytes_are_locked_as_windows_does(tmp_path, monkeypatch):
    held: dict[int, int] = {}

    def locking(handle: int, mode: int, size: int) -> None:
        # A byte is one process's; here one handle's.
        node = os.fstat(handle).st_ino
        assert (mode, size, os.lseek(handle, 0, os.SEEK_CUR)) == (2, 1, 1 << 30)
        if held.setdefault(node, handle) != handle:
            raise PermissionError(13, "Permission denied")

    windows = types.SimpleNamespace(locking=locking, LK_NBLCK=2)
    monkeypatch.setitem(sys.modules, "msvcrt", windows)
    monkeypatch.setitem(sys.modules, "fcntl", None)
    with turn("run", tmp_path):
        handle = os.open(tmp_path / FILE, os.O_RDWR)
        assert not lock(handle)
        assert os.read(handle, 100).startswith(b"`ceasefire run`")
        os.close(handle)


def test_of_two_new_studies_of_one_name_one_is_told(tmp_path):
    (tmp_path / "analyses").mkdir()
    said: list[str] = []

    def started() -> None:
        try:
            new_analysis("x", tmp_path)
        except PlanError as fault:
            said.append(str(fault))

    with turn("run", tmp_path, tell=said.append):
        both = [threading.Thread(target=started) for _ in range(2)]
        for one in both:
            one.start()
        # Both have seen that nothing is there, and wait.
        time.sleep(0.3)
        assert not (tmp_path / "analyses/x").exists()
    for one in both:
        one.join(timeout=60)
    assert [one.split(":")[0] for one in said] == ["analyses/x"]
    assert sorted(one.name for one in (tmp_path / "analyses").iterdir()) == ["x"]
    assert sorted(one.name for one in (tmp_path / "analyses/x").iterdir()) == [
        "notebook.ipynb",
        "plan.toml",
    ]
