"""Work spread over processes of this machine or of a Dask cluster, to the same bytes as in turn.

Whoever starts a calculation says where it runs (`with spread_out(jobs=4):`); whoever has many
tasks hands them to `each`. A task is a function of its argument alone, with named random streams
of its own, so that neither order nor number of processes can move a result.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from evaluation.errors import EnvironmentFault

Task = TypeVar("Task")
Result = TypeVar("Result")
# Tasks done and tasks in all.
Progress = Callable[[int, int], None]

# A process that is killed takes its task with it, which is done again by another; what kills so
# many in a row will kill the next. It is what Dask allows too.
LIVES = 4
# To find a cluster and its workers, in seconds.
PATIENCE = 10
EXTRA = "pip install 'ceasefire-evaluation[distributed]'"


@dataclass(frozen=True, slots=True)
class _Crew:
    """Who works: so many processes of this machine, or the workers that a Dask client knows."""

    jobs: int = 1
    client: Any = None


ALONE = _Crew()
_CREW: ContextVar[_Crew] = ContextVar("crew")


@contextlib.contextmanager
def spread_out(
    *, jobs: int = 1, cluster: str = "", alike: Callable[[], object] | None = None
) -> Iterator[None]:
    """What `each` is given in here is done by several processes.

    Parameters
    ----------
    jobs : processes of this machine, 1 or more; not used with a cluster, which has as many as it
        has. cluster : address of a Dask scheduler, such as "tcp://10.0.0.7:8786". Whoever can
        reach that scheduler can run any code as its workers' user: trusted networks only.
    alike : a function that must give on every worker what it gives here (code, versions, data).

    Raises
    ------
    EnvironmentFault : when the cluster cannot be reached or used, or the extra is not installed.
    """
    with _reached(cluster, alike) if cluster else contextlib.nullcontext() as client:
        token = _CREW.set(_Crew(jobs, client))
        try:
            yield
        finally:
            _CREW.reset(token)


def each(
    work: Callable[[Task], Result],
    tasks: Sequence[Task],
    *,
    together: int = 1,
    progress: Progress = lambda done, total: None,
) -> Iterator[Result]:
    """What `work` gives for each task, in the order of the tasks, as soon as it is there.

    Everything runs on one thread, so that sums come out alike on any number of cores. When the
    caller stops early, or is interrupted, what was begun ends with it.

    Parameters
    ----------
    work : a function that can be pickled. tasks : its arguments. together : tasks sent at once;
        sending costs about a millisecond, and more where arguments are large.
    progress : called after each result.

    Raises
    ------
    EnvironmentFault : when processes die again and again, or a cluster goes away.
    What `work` raises.
    """
    crew = _CREW.get(ALONE)
    chunks = [tasks[begin : begin + together] for begin in range(0, len(tasks), together)]
    do = partial(_in_turn, work)
    if crew.client is not None:
        results = _on_cluster(do, chunks, crew.client)
    elif min(crew.jobs, len(chunks)) > 1:
        results = _on_processes(do, chunks, min(crew.jobs, len(chunks)))
    else:
        results = map(do, chunks)
    return _told(results, len(tasks), progress)


def _in_turn(work: Callable[[Task], Result], chunk: Sequence[Task]) -> list[Result]:
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        return [work(task) for task in chunk]


def _told(results: Iterator[list[Result]], total: int, progress: Progress) -> Iterator[Result]:
    done = 0
    try:
        for chunk in results:
            for result in chunk:
                done += 1
                progress(done, total)
                yield result
    finally:
        if hasattr(results, "close"):
            results.close()


def _on_processes(
    do: Callable[[Sequence[Task]], list[Result]], chunks: list[Sequence[Task]], jobs: int
) -> Iterator[list[Result]]:
    from joblib import Parallel, delayed
    from joblib.externals.loky.process_executor import BrokenProcessPool

    done = lost = 0
    while lost < LIVES:
        parallel = Parallel(
            n_jobs=jobs,
            # Large arrays go through pipes: in the files that joblib makes of them in the memory of
            # the machine, a kill would leave data that may be private.
            max_nbytes=None,
            batch_size=1,
            pre_dispatch="all",
            return_as="generator",
            initializer=_end_with,
            initargs=(os.getpid(),),
        )
        try:
            with _undisturbed():
                found = parallel(delayed(do)(chunk) for chunk in chunks[done:])
            for result in found:
                yield result
                done, lost = done + 1, 0
            return
        except BrokenProcessPool:
            lost += 1
    raise EnvironmentFault(
        f"the processes of -j {jobs} were ended from outside {LIVES} times, most likely because "
        "memory ran out. Use fewer processes."
    )


def _on_cluster(
    do: Callable[[Sequence[Task]], list[Result]], chunks: list[Sequence[Task]], client: Any
) -> Iterator[list[Result]]:
    from concurrent.futures import CancelledError

    from distributed import KilledWorker
    from joblib import Parallel, delayed, parallel_config

    with parallel_config(backend=_dask_backend(client)):
        parallel = Parallel(batch_size=1, pre_dispatch="all", return_as="generator")
    try:
        # A task is inside its function: what joblib would scatter beside it, a killed worker would
        # take along for good.
        yield from parallel(delayed(partial(do, chunk))() for chunk in chunks)
    except KilledWorker:
        message = f"{LIVES} workers of the cluster died over one task, most likely because memory "
        raise EnvironmentFault(f"{message}ran out. Give them more.") from None
    except (CancelledError, OSError, TimeoutError) as fault:
        name = type(fault).__name__
        raise EnvironmentFault(f"the cluster went away ({name}). Run it again.") from None


def _dask_backend(client: Any) -> Any:
    """joblib's backend for Dask, which by itself waits for ever for a task that Dask gave up."""
    from concurrent.futures import Future

    from joblib._dask import DaskDistributedBackend

    class Backend(DaskDistributedBackend):  # type: ignore[misc]
        def effective_n_jobs(self, n_jobs: int) -> int:
            # With one, joblib would work here and leave the cluster alone.
            return max(2, int(super().effective_n_jobs(n_jobs)))

        def submit(self, func: Any, callback: Any = None) -> Any:
            waiting = super().submit(func, callback)
            waiting.add_done_callback(lambda done: callback(done) if done.exception() else None)
            return waiting

        def retrieve_result_callback(self, out: Any) -> Any:
            if isinstance(out, Future):
                return out.result()
            if isinstance(out, BaseException):  # a task canceled with its scheduler
                raise out
            return super().retrieve_result_callback(out)

    return Backend(client=client)


@contextlib.contextmanager
def _reached(address: str, alike: Callable[[], object] | None) -> Iterator[Any]:
    """A client of the scheduler at this address, when its workers can be used."""
    try:
        from distributed import Client
    except ImportError:
        message = "--cluster needs the package distributed, which is not here. Install it: "
        raise EnvironmentFault(f"{message}{EXTRA}") from None
    # It logs tracebacks of what is said below in words.
    told = logging.getLogger("distributed")
    level = told.level
    told.setLevel(logging.CRITICAL)
    try:
        yield from _client(Client, address, alike)
    finally:
        told.setLevel(level)


def _client(
    connect: Callable[..., Any], address: str, alike: Callable[[], object] | None
) -> Iterator[Any]:
    # A client that is thrown away while another connects waits for a lock that the other holds,
    # and for ever: none may be collected meanwhile.
    gc.collect()
    collecting = gc.isenabled()
    gc.disable()
    try:
        client = connect(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError, TimeoutError, RuntimeError) as fault:
        what = str(fault).split("\n")[0].rstrip(".")
        raise EnvironmentFault(
            f"--cluster {address}: no Dask scheduler could be reached there ({what}). Start one "
            "with `dask scheduler`, and name the address it prints."
        ) from None
    finally:
        if collecting:
            gc.enable()
    try:
        _refuse_unlike(client, address, alike)
        yield client
    finally:
        client.close(timeout=PATIENCE)


def _refuse_unlike(client: Any, address: str, alike: Callable[[], object] | None) -> None:
    with contextlib.suppress(TimeoutError):
        client.wait_for_workers(1, timeout=PATIENCE)
    threads = client.nthreads()
    if not threads:
        message = "has no worker. Start some with"
        raise EnvironmentFault(f"--cluster {address}: {message} `dask worker --nthreads 1`.")
    if max(threads.values()) > 1:
        raise EnvironmentFault(
            f"--cluster {address}: its workers do several tasks in one process, where libraries "
            "disturb each other. Start them with `dask worker --nworkers auto --nthreads 1`."
        )
    if alike is None:
        return
    try:
        found = client.run(alike)
    except ImportError as fault:
        raise EnvironmentFault(
            f"--cluster {address}: a worker lacks the package {fault.name!r}. Install there what "
            "is installed here."
        ) from None
    here = alike()
    if other := sorted(worker for worker, there in found.items() if there != here):
        raise EnvironmentFault(
            f"--cluster {address}: {len(other)} of {len(found)} workers ({other[0]} first) have "
            "other code, versions or data than this machine, and could give other results. "
            "Install there what is installed here, in a folder that all of them see."
        )


def _end_with(parent: int) -> None:
    """Ends this process with the one that started it, even when that is killed."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Processes started in here hear no interruption; the one that started them ends them. Another
    signal that it hears waits until they are started."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    late: list[int] = []
    before = {signal.SIGINT: signal.signal(signal.SIGINT, signal.SIG_IGN)}
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and callable(signal.getsignal(number)):
            before[number] = signal.signal(number, lambda heard, frame: late.append(heard))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if late:
        signal.raise_signal(late[0])
