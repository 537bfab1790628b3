"""Whatever ends a run, and whoever runs beside it, a file is the old one or the new, never half."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from evaluation.cli import main
from evaluation.errors import DataError
from evaluation.files import FILE, turn
from evaluation.study.evidence import dumps
from evaluation.study.run import run

PROJECT = Path(__file__).parents[1]
SLUGS = ("boston", "boston-again")

# Loaded first, so that what comes falls into the middle of the work; interruptions are heard where
# tests run in the background, with interruptions ignored.
READY = """
import signal, sys, time, evaluation.study.run
from evaluation import cli
signal.signal(signal.SIGINT, signal.default_int_handler)
{before}
print("ready", flush=True)
sys.exit(cli.main(sys.argv[1:]))
"""
# Half of the new text is in the temporary file, and the process stays there.
STUCK = """
import os
def stuck(handle, *arguments, **options):
    stream = OPEN(handle, *arguments, **options)
    write = stream.write
    def half(text):
        if b'"schema"' in text and b'"inputs"' not in text:
            write(text[: len(text) // 2]); stream.flush()
            print("half", flush=True)
            time.sleep(600)
        return write(text)
    stream.write = half
    return stream
OPEN, os.fdopen = os.fdopen, stuck
"""


@pytest.fixture(scope="module")
def new(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What a run of each study writes."""
    root = project(tmp_path_factory.mktemp("expected"))
    return {slug: dumps(run(slug, root)) for slug in SLUGS}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return project(tmp_path)


def project(root: Path) -> Path:
    """Two quick studies with results of another time, so that a run has something to write."""
    shutil.copytree(PROJECT / "data/public", root / "data/public")
    for slug in SLUGS:
        shutil.copytree(PROJECT / "analyses/boston", root / "analyses" / slug)
        (root / "reports" / slug).mkdir(parents=True)
        (root / "reports" / slug / "results.json").write_text("old\n", encoding="utf-8")
    return root


def results(root: Path) -> dict[str, str]:
    return {slug: (root / f"reports/{slug}/results.json").read_text() for slug in SLUGS}


def old_or_new(root: Path, new: dict[str, str]) -> bool:
    return all(text in ("old\n", new[slug]) for slug, text in results(root).items())


def hidden(root: Path) -> list[str]:
    return [path.name for path in (root / "reports").rglob(".*")]


@pytest.fixture
def start() -> Iterator:
    """Starts a command and waits until it says that it works; ends it when the test does."""
    running: list[subprocess.Popen[str]] = []

    def started(root: Path, *words: str, before: str = "", until: str = "ready"):
        process = subprocess.Popen(
            [sys.executable, "-c", READY.format(before=before), "--root", str(root), *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        running.append(process)
        assert process.stdout is not None
        while (line := process.stdout.readline().strip()) != until:
            assert line or process.poll() is None, process.stderr.read()
        return process

    yield started
    for process in running:
        if process.poll() is None:
            process.kill()
        process.communicate()


def interrupted(process: subprocess.Popen[str]) -> str:
    """What it says at its end. While processes start, nothing is heard; people press again."""
    for _ in range(6):
        # As a terminal does: to the command and to all that it started.
        os.killpg(process.pid, signal.SIGINT)
        try:
            return process.communicate(timeout=10)[1]
        except subprocess.TimeoutExpired:
            pass
    raise AssertionError("it goes on")


@pytest.mark.parametrize("words", [(), ("-j", "2")])
def test_interrupted_it_is_exit_130_and_every_file_is_whole(root, new, start, words):
    process = start(root, "run", *words)
    time.sleep(0.8)
    said = interrupted(process)
    assert process.returncode == 130
    assert said.count("interrupted; files are as they were or complete, never half") == 1
    assert "Traceback" not in said
    assert old_or_new(root, new) and hidden(root) == []


def test_killed_while_it_writes_the_old_file_stays_and_the_next_run_clears_up(root, new, start):
    process = start(root, "run", before=STUCK, until="half")
    assert len(hidden(root)) == 1
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=60)
    assert results(root) == dict.fromkeys(SLUGS, "old\n")
    # The turn ended with the process: nobody waits for a dead one.
    assert main(["--root", str(root), "run"]) == 0
    assert results(root) == new and hidden(root) == []


def test_killed_with_others_at_work_all_end_and_the_next_run_is_not_disturbed(root, new, start):
    process = start(root, "run", "-j", "2")
    for _ in range(600):  # until there are two at work
        found = children(process.pid)
        if sum("popen_loky" in words for words in found.values()) == 2:
            break
        time.sleep(0.1)
    else:
        raise AssertionError(f"never two at work: {found}")
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=60)
    for _ in range(600):
        if not any(running(pid) for pid in found):
            break
        time.sleep(0.1)
    assert [found[pid] for pid in found if running(pid)] == []
    assert old_or_new(root, new)
    assert main(["--root", str(root), "run"]) == 0
    assert results(root) == new


def children(parent: int) -> dict[int, str]:
    """The processes that one started, by number."""
    listed = subprocess.run(
        ["ps", "-ww", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True
    ).stdout
    rows = [line.split(None, 2) for line in listed.splitlines()]
    return {int(pid): words for pid, ppid, words in rows if int(ppid) == parent}


def running(pid: int) -> bool:
    """Whether a process is there and no mere name of one that ended."""
    listed = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True)
    return bool(listed.stdout.strip()) and not listed.stdout.startswith("Z")


def test_interrupted_while_it_writes_the_old_file_stays_and_nothing_is_left(root, start):
    process = start(root, "run", before=STUCK, until="half")
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130
    assert results(root) == dict.fromkeys(SLUGS, "old\n") and hidden(root) == []


def test_a_full_disk_is_said_and_the_old_file_stays(root, start):
    # Files may grow to 4,096 bytes and no further, which is what a full disk does to results.
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))"
    process = start(root, "run", "boston", before=limit)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 4
    assert "results.json: could not be written (File too large)" in said
    assert "Traceback" not in said
    assert results(root) == dict.fromkeys(SLUGS, "old\n") and hidden(root) == []


# As the superuser, whom no permission stops, the right to be an exception is given up first.
NOBODY_SPECIAL = """
import ctypes, os
if os.geteuid() == 0:
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    assert ctypes.CDLL(None).capset(header, (ctypes.c_uint32 * 6)()) == 0
"""


def test_a_folder_that_may_not_be_written_to_is_said_and_nothing_changes(root, start):
    folders = [root, *(path for path in root.rglob("*") if path.is_dir())]
    for path in folders:
        path.chmod(0o555)
    try:
        process = start(root, "run", "boston", before=NOBODY_SPECIAL)
        _, said = process.communicate(timeout=60)
        assert process.returncode == 2
        assert "could not be written (Permission denied). Nothing was changed." in said
        assert "Traceback" not in said
        # A check writes nothing, and needs no turn.
        process = start(root, "check", "boston", before=NOBODY_SPECIAL)
        out, said = process.communicate(timeout=60)
        assert "boston: reports/boston/results.json:1:1: not valid JSON" in f"boston: {said}{out}"
    finally:
        for path in folders:
            path.chmod(0o755)
    assert not (root / "build").exists()


def test_a_second_run_waits_for_the_first_and_names_it(root, new, start):
    with turn("power", root):
        process = start(root, "run", "boston")
        assert process.stderr is not None
        words = f"waiting for `ceasefire power` (process {os.getpid()}), which is writing here"
        assert process.stderr.readline().strip() == words
        assert process.poll() is None
        assert results(root)["boston"] == "old\n"
    _, said = process.communicate(timeout=60)
    assert process.returncode == 0, said
    assert results(root)["boston"] == new["boston"]


def test_a_run_that_waits_can_be_interrupted(root, start):
    with turn("run", root):
        process = start(root, "run", "boston")
        process.stderr.readline()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        assert process.returncode == 130
    assert results(root)["boston"] == "old\n"


def test_two_runs_at_once_both_end_well(root, new, start):
    first, second = start(root, "run"), start(root, "run")
    said = [process.communicate(timeout=120) for process in (first, second)]
    assert [first.returncode, second.returncode] == [0, 0]
    assert results(root) == new
    # What the first calculated the second did not calculate again.
    assert sum("up to date" in out for out, _ in said) == 1


def test_a_turn_is_free_again_after_a_fault(tmp_path):
    with pytest.raises(RuntimeError), turn("run", tmp_path):
        raise RuntimeError
    told: list[str] = []
    with turn("run", tmp_path, tell=told.append):
        assert told == []


def test_a_link_in_place_of_the_turn_is_not_followed(tmp_path):
    (tmp_path / "build").mkdir()
    target = tmp_path / "precious"
    target.write_text("as it was", encoding="utf-8")
    (tmp_path / FILE).symlink_to(target)
    with pytest.raises(DataError, match="could not be written"), turn("run", tmp_path):
        raise AssertionError("it was followed")
    assert target.read_text(encoding="utf-8") == "as it was"
