"""Files as the program writes and deletes them: whole or not at all, one writer at a time.

A cloned repository may hold links that lead anywhere. What is written or deleted for a project is
therefore looked up first with every link followed, and refused when that ends outside. Who writes
in a project keeps others waiting, and gives way even in a crash.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from evaluation.errors import DataError

# How Python names what it has half written: eight letters, digits or underscores.
_RANDOM = r"\.[a-z0-9_]{8}"


def inside(path: Path, root: Path) -> Path:
    """The path, when writing or deleting there stays in the project with every link followed.

    A link at the very end is no harm to what it leads to: it is replaced, not followed.

    Parameters
    ----------
    path : the file or folder, under `root`. root : the project folder.

    Raises
    ------
    DataError : when a folder on the way leads out of the project, or is a loop of links.
    """
    try:
        real = path.parent.resolve()
        # A loop of links resolves to itself under some Pythons.
        fine = real.is_relative_to(root.resolve())
    except (OSError, RuntimeError):
        fine = False
    if fine:
        return path
    folder = path.parent
    shown = folder.relative_to(root).as_posix() if folder.is_relative_to(root) else folder.name
    raise DataError(
        f"{shown}: leads out of the project, so nothing is written or deleted there. Make it an "
        "ordinary folder."
    )


def project_around(folder: Path) -> Path | None:
    """The project folder that a folder is named in, links not followed; None outside of one.

    Parameters
    ----------
    folder : as the user wrote it. A project is known by its `analyses/` or its `ceasefire.toml`.
    """
    own = Path(os.path.abspath(folder))
    for candidate in (own, *own.parents):
        if (candidate / "analyses").is_dir() or (candidate / "ceasefire.toml").is_file():
            return candidate
    return None


def half_written(path: Path, name: str) -> bool:
    """Whether a file has the name of one that `write_atomically` was writing when it was killed.

    Parameters
    ----------
    name : pattern (a regular expression) of the file that it was to become.
    """
    return re.fullmatch(rf"\.{name}{_RANDOM}", path.name) is not None


def write_atomically(path: Path, content: str | bytes, *, root: Path | None) -> None:
    """Write a file so that it is at any time the old one or the new one, never half.

    Parameters
    ----------
    root : the project folder, which no link may lead out of; None for a file that the user named
        and that may lie anywhere.

    Raises
    ------
    DataError : when the folder cannot be written to, or leads out of the project.
    """
    if root is not None:
        inside(path, root)
    import tempfile

    temporary: str | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "wb") as stream:
            stream.write(content.encode("utf-8") if isinstance(content, str) else content)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except OSError as fault:
        raise DataError(f"{path.name}: could not be written ({fault.strerror})") from None
    finally:
        if temporary is not None and os.path.exists(temporary):
            os.unlink(temporary)


FILE = Path("build") / "ceasefire.turn"
PAUSE = 0.1
# Files half written by a process that was killed.
HALVES = {
    "reports": r"[a-z-]+\.(html|json|csv)",
    "reports/*": r"[a-z-]+\.(html|json|pdf|png)",
    "reports/*/figures": r"[A-Za-z0-9_-]+\.(svg|csv)",
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
