"""Studies and simulations on a Dask cluster of several processes, here on this machine."""

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
from evaluation.errors import EnvironmentFault
from evaluation.its import METHODS
from evaluation.its.series import Series
from evaluation.numeric.shared import parallel as module
from evaluation.numeric.shared.parallel import LIVES, each, spread_out
from evaluation.study.batch_runs import workers
from evaluation.study.power.curve import power_curve
from evaluation.study.power.world import World

distributed = pytest.importorskip("distributed")

PROJECT = Path(__file__).parents[1]
# Dask leaves some of its own sockets to the collector.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning")


@pytest.fixture(scope="module")
def cluster() -> Iterator[object]:
    with distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        dashboard_address=":0",
        silence_logs=60,
    ) as made:
        yield made


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with one small study, and results of another time."""
    shutil.copytree(PROJECT / "analyses/boston", tmp_path / "analyses/boston")
    shutil.copytree(PROJECT / "data/public", tmp_path / "data/public")
    (tmp_path / "reports/boston").mkdir(parents=True)
    return tmp_path


def curve():
    """Power of 100 draws at each of four changes."""
    import numpy as np

    level = np.full(96, 8.0)
    world = World(Series.from_arrays(level, start=48), level, (0.1,), 0.0, 0.2)
    changes = [-20.0, -40.0, -60.0]
    return power_curve(world, METHODS["averaged-reml"], changes, draws=100, name="cluster")


def pids(address: str) -> set[int]:
    with distributed.Client(address, set_as_default=False) as client:
        return set(client.run(os.getpid).values())


def settled(address: str, workers: int = 2) -> None:
    """Waits until the nannies have put new workers in the place of dead ones."""
    with distributed.Client(address, set_as_default=False) as client:
        client.wait_for_workers(workers, timeout=60)


def test_simulations_and_their_draws_are_the_same_to_the_bit(cluster):
    alone = curve()
    with workers(jobs=1, cluster=cluster.scheduler_address):
        assert curve() == alone
    with workers(jobs=2):
        assert curve() == alone


def test_run_and_power_write_the_same_bytes_as_without(cluster, root, capsys):
    files = {}
    for words in ([], ["--cluster", cluster.scheduler_address]):
        for path in (root / "reports/boston").iterdir():
            path.unlink()
        shutil.rmtree(root / "build", ignore_errors=True)
        assert main(["--root", str(root), "run", *words]) == 0
        few = ["--draws", "100", "--effects", "60"]
        assert main(["--root", str(root), "power", *few, *words]) == 0
        for path in (root / "reports/boston").iterdir():
            files.setdefault(path.name, set()).add(path.read_bytes())
    assert set(files) == {"results.json", "power.json", "power.html"}
    assert all(len(contents) == 1 for contents in files.values())
    assert capsys.readouterr().err == ""


def test_a_worker_is_killed_and_the_rest_is_done_all_the_same(cluster, tmp_path):
    mark = tmp_path / "mark"

    def work(task: int) -> tuple[int, float]:
        import time

        from evaluation.numeric.shared.draws import normals, stream

        if task == 5 and not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(0.05)
        return task, float(normals(stream(3, f"killed/{task}"), 100).sum())

    before = pids(cluster.scheduler_address)
    with spread_out(cluster=cluster.scheduler_address):
        found = list(each(work, range(16)))
    assert mark.exists()
    assert found == list(each(work, range(16)))
    settled(cluster.scheduler_address)
    after = pids(cluster.scheduler_address)
    assert len(before - after) == 1, "one worker of before is gone"


def test_a_task_that_kills_every_worker_ends_in_words(cluster):
    def work(task: int) -> int:
        if task == 1:
            os._exit(1)
        return task

    with (
        spread_out(cluster=cluster.scheduler_address),
        pytest.raises(EnvironmentFault, match=f"{LIVES} workers of the cluster died"),
    ):
        list(each(work, range(3)))
    settled(cluster.scheduler_address)


def test_interrupted_nothing_is_half_written_and_the_cluster_is_free_again(cluster, root):
    script = (
        "import signal, sys, evaluation.study.run\n"
        "from evaluation import cli\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "sys.exit(cli.main(sys.argv[1:]))\n"
    )
    words = ["power", "boston", "--draws", "1000", "--cluster", cluster.scheduler_address]
    running = subprocess.Popen(
        [sys.executable, "-c", script, "--root", str(root), *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with distributed.Client(cluster.scheduler_address, set_as_default=False) as client:
        wait_until(lambda: any(client.processing().values()))
        os.killpg(running.pid, signal.SIGINT)
        _, said = running.communicate(timeout=60)
        assert running.returncode == 130
        assert said == "interrupted; files are as they were or complete, never half\n"
        assert list((root / "reports/boston").iterdir()) == []
        # What a worker has begun it ends; nothing else waits.
        wait_until(lambda: not any(client.processing().values()))
        assert client.submit(abs, -4).result(timeout=60) == 4


def wait_until(true) -> None:
    for _ in range(600):
        if true():
            return
        time.sleep(0.1)
    raise AssertionError("never came true")


def test_a_cluster_that_is_not_there_is_exit_four_and_changes_nothing(root, monkeypatch, capsys):
    monkeypatch.setattr(module, "PATIENCE", 0.5)
    for address, said in (
        ("tcp://127.0.0.1:9", "no Dask scheduler could be reached there"),
        ("here", "missing port number"),
        ("foo://here:1", "unknown address scheme"),
    ):
        assert main(["--root", str(root), "run", "--cluster", address]) == 4
        told = capsys.readouterr()
        assert told.err.startswith(f"--cluster {address}: ") and said in told.err
        assert told.err.count("\n") == 1
    assert list((root / "reports/boston").iterdir()) == []


def test_without_the_extra_it_says_what_to_install(root, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert main(["--root", str(root), "power", "--cluster", "tcp://127.0.0.1:9"]) == 4
    assert "pip install 'ceasefire-evaluation[distributed]'" in capsys.readouterr().err


def test_workers_with_threads_or_with_other_data_are_refused(cluster, monkeypatch):
    with (
        pytest.raises(EnvironmentFault, match="have other code, versions or data"),
        spread_out(cluster=cluster.scheduler_address, alike=lambda: os.getpid()),
    ):
        pass
    with (
        distributed.LocalCluster(
            n_workers=1, threads_per_worker=2, dashboard_address=":0", silence_logs=60
        ) as threads,
        pytest.raises(EnvironmentFault, match="--nthreads 1"),
        spread_out(cluster=threads.scheduler_address),
    ):
        pass
    with (
        distributed.LocalCluster(n_workers=0, dashboard_address=":0", silence_logs=60) as empty,
        pytest.raises(EnvironmentFault, match="has no worker"),
    ):
        monkeypatch.setattr(module, "PATIENCE", 0.5)
        with spread_out(cluster=empty.scheduler_address):
            pass
