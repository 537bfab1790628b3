"""One at a time: who writes in a project keeps others waiting, and gives way even in a crash."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from evaluation.errors import DataError
from evaluation.files import half_written, inside

FILE = Path("build") / "ceasefire.turn"
PAUSE = 0.1
# Files half written by a process that was killed.
HALVES = {
    "reports": r"[a-z-]+\.(html|json|csv)",
    "reports/*": r"[a-z-]+\.(html|json|pdf)",
    "data/replication": r"[a-z0-9_-]+\.csv",
    "data/public": r"[a-z0-9_-]+\.csv",
    "build/studies": r"[a-z0-9.-]+\.json",
}


def say(words: str) -> None:
    """Words to whoever sits at the terminal."""
    print(words, file=sys.stderr, flush=True)


@contextlib.contextmanager
def turn(verb: str, root: Path, *, tell: Callable[[str], None] = say) -> Iterator[None]:
    """The right to write in a project, waited for while another process has it.

    It is an advisory lock of the operating system on a file that git ignores: it ends with the
    process that holds it, however that ends. Where there are no such locks (Windows) nobody waits.

    Parameters
    ----------
    verb : what holds it, for the message others see. tell : called once with that message.

    Raises
    ------
    DataError : when the project folder cannot be written to.
    """
    try:
        import fcntl
    except ModuleNotFoundError:
        yield
        return
    path = inside(root / FILE, root)
    try:
        path.parent.mkdir(exist_ok=True)
        # Not inherited by the processes a run starts, so that they cannot keep it.
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
    except OSError as fault:
        message = f"{FILE.as_posix()}: could not be written ({fault.strerror})"
        raise DataError(f"{message}. Nothing was changed.") from None
    with os.fdopen(handle, "r+b", buffering=0) as stream:
        told = False
        while True:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if not told:
                    stream.seek(0)
                    holder = stream.read(200).decode("utf-8", errors="replace").strip()
                    tell(f"waiting for {holder or 'another ceasefire'}, which is writing here")
                    told = True
                time.sleep(PAUSE)
            except OSError as fault:  # a file system without locks
                raise DataError(f"{FILE.as_posix()}: cannot be locked ({fault.strerror})") from None
        stream.seek(0)
        stream.truncate()
        with contextlib.suppress(OSError):  # a full disk: only the name of the holder is lost
            stream.write(f"`ceasefire {verb}` (process {os.getpid()})\n".encode())
        sweep(root)
        yield


def sweep(root: Path) -> None:
    """Takes away what a killed process left half written, by the names that the program gives such
    files; what a link leads to outside the project stays."""
    for folder, name in HALVES.items():
        for path in root.glob(f"{folder}/.*"):
            if half_written(path, name):
                with contextlib.suppress(OSError, DataError):
                    inside(path, root).unlink()
