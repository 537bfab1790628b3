"""Work spread over processes: the same results in the same order, whoever dies or stops."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from evaluation.errors import EnvironmentFault, FitError
from evaluation.numeric.shared.draws import normals, stream
from evaluation.numeric.shared.parallel import LIVES, each, spread_out


def drawn():
    """The sum of draws of a stream named by the task, and a wait that turns the order around."""

    def work(task):
        time.sleep(0.02 * (4 - task % 4))
        return float(normals(stream(7, f"spread/{task}"), 1000).sum())

    return work


def dies_once(mark: Path):
    def work(task):
        if task == 3 and not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return os.getpid(), float(normals(stream(7, f"spread/{task}"), 10).sum())

    return work


def children() -> set[int]:
    """Processes below this one that do work."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes()
            parent = int((path.parent / "stat").read_text().rsplit(")", 1)[1].split()[1])
        except (OSError, ValueError):
            continue
        if b"popen_loky" in words and parent == os.getpid():
            found.add(int(path.parent.name))
    return found


@pytest.mark.parametrize("together", [1, 3, 100])
def test_results_are_the_same_to_the_bit_and_in_the_order_of_the_tasks(together):
    alone = list(each(drawn(), range(10)))
    assert len(set(alone)) == 10
    with spread_out(jobs=2):
        assert list(each(drawn(), range(10), together=together)) == alone


def test_draws_of_a_task_do_not_hang_on_which_others_there_are():
    assert list(each(drawn(), [5, 2])) == [list(each(drawn(), range(6)))[at] for at in (5, 2)]


def test_progress_counts_every_task_once_and_in_order():
    told = []
    for jobs in (1, 2):
        with spread_out(jobs=jobs):
            list(each(abs, range(7), together=2, progress=lambda *step: told.append(step)))
    assert told == [(done, 7) for done in range(1, 8)] * 2


def test_nothing_to_do_gives_nothing():
    with spread_out(jobs=2):
        assert list(each(abs, [])) == []


def test_a_task_whose_process_is_killed_is_done_again_by_another(tmp_path):
    with spread_out(jobs=2):
        found = list(each(dies_once(tmp_path / "mark"), range(8)))
    assert (tmp_path / "mark").exists()
    assert os.getpid() not in {pid for pid, _ in found}
    (tmp_path / "mark").touch()
    alone = each(dies_once(tmp_path / "mark"), range(8))
    assert [value for _, value in found] == [value for _, value in alone]


def test_processes_that_always_die_are_said_in_words_and_with_exit_four():
    def work(task):
        os.kill(os.getpid(), signal.SIGKILL)

    with spread_out(jobs=2), pytest.raises(EnvironmentFault, match=f"{LIVES} times") as told:
        list(each(work, range(4)))
    assert told.value.exit_code == 4


def test_what_a_task_raises_is_raised_here():
    def work(task):
        raise FitError(f"no fit for {task}")

    with spread_out(jobs=2), pytest.raises(FitError, match="no fit for"):
        list(each(work, range(4)))


def test_who_stops_early_leaves_no_task_running(tmp_path):
    def work(mark, task):
        if task:
            time.sleep(3)
            (mark / str(task)).touch()
        return task

    told = "tasks which were still being processed"
    with pytest.warns(UserWarning, match=told), spread_out(jobs=2):
        results = each(partial(work, tmp_path), range(6))
        assert next(results) == 0
        results.close()
    for _ in range(50):
        if not children():
            break
        time.sleep(0.1)
    assert not children()
    assert list(tmp_path.iterdir()) == []


def test_one_thread_serves_every_task():
    def work(task):
        import numpy as np
        from threadpoolctl import threadpool_info

        np.ones((2, 2)) @ np.ones((2, 2))
        return {pool["num_threads"] for pool in threadpool_info()}

    for jobs in (1, 2):
        with spread_out(jobs=jobs):
            assert list(each(work, range(2))) == [{1}] * 2


INTERRUPTED = """
import signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)
from evaluation.numeric.shared.parallel import each, spread_out
def work(task):
    time.sleep(0.2 if task < 2 else 60)
    return task
with spread_out(jobs=2):
    for found in each(work, range(8)):
        print(found, flush=True)
"""


def test_interrupted_no_process_is_left():
    running = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", INTERRUPTED],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert running.stdout is not None
    assert running.stdout.readline() == "0\n"
    # As a terminal does: to all of them.
    os.killpg(running.pid, signal.SIGINT)
    _, said = running.communicate(timeout=30)
    assert "KeyboardInterrupt" in said
    deadline = time.monotonic() + 10
    while group_of(running.pid) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert group_of(running.pid) == []


def group_of(leader: int) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, group = path.read_text().rsplit(")", 1)[1].split()[:3]
        except (OSError, ValueError):
            continue
        if int(group) == leader and state != "Z":
            found.append(int(path.parent.name))
    return found


def test_large_arrays_become_no_files_that_a_kill_would_leave():
    def kind_of(task):
        return type(task).__name__

    tasks = [np.zeros(2**18), np.ones(2**18)]
    with spread_out(jobs=2):
        assert list(each(kind_of, tasks)) == ["ndarray", "ndarray"]
