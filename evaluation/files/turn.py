"""One writer at a time, and what a killed one left is finished or swept by the next."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import stat
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from evaluation.errors import DataError, EvaluationError
from evaluation.files.places import inside, project_around, stays
from evaluation.files.together import JOURNAL, finish
from evaluation.files.writing import draft_of, is_part, make_folder, unwritten

FILE = Path("build") / "ceasefire.turn"
PAUSE: Final = 0.1
# Where the program writes, from the project folder; a panel may lie deeper, and sweeps for itself.
PLACES: Final = (
    *("", "analyses", "analyses/*", "build", "build/*", "data", "data/*", "data/*/*"),
    *("reports", "reports/*", "reports/*/figures"),
)
# Windows locks bytes, which nobody can then read: one behind the name of who has the turn.
_BYTE: Final = 1 << 30
# In a folder of what is not done yet: locked while that goes on.
TURN: Final = ".turn"


def say(words: str) -> None:
    """Words to whoever sits at the terminal."""
    print(words, file=sys.stderr, flush=True)


def lock(handle: int) -> bool:
    """Whether the file is this process's from now on, which ends with it however it ends.

    Raises
    ------
    OSError : where files cannot be locked.
    """
    try:
        import fcntl
    except ModuleNotFoundError:
        return _lock_byte(handle)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _lock_byte(handle: int) -> bool:
    import msvcrt

    os.lseek(handle, _BYTE, os.SEEK_SET)
    try:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
    except PermissionError:
        return False
    finally:
        os.lseek(handle, 0, os.SEEK_SET)
    return True


def _opened(path: Path) -> int:
    flags = os.O_RDWR | os.O_CREAT
    # Not inherited by the processes a run starts, so that they cannot keep it.
    names = ("O_CLOEXEC", "O_NOFOLLOW", "O_NONBLOCK", "O_BINARY")
    handle = os.open(path, flags | sum(getattr(os, name, 0) for name in names), 0o644)
    found = os.fstat(handle)
    # What it says is written over, so it must be no file that has another name elsewhere.
    if stat.S_ISREG(found.st_mode) and found.st_nlink <= 1:
        return handle
    os.close(handle)
    raise OSError(None, "it is no ordinary file of its own")


@contextlib.contextmanager
def turn(verb: str, root: Path, *, tell: Callable[[str], None] = say) -> Iterator[None]:
    """The right to write in a project, waited for while another process has it.

    It is an advisory lock of the operating system on a file that git ignores: it ends with the
    process that holds it, however that ends.

    Parameters
    ----------
    verb : what holds it, for the message others see. tell : called once with that message.

    Raises
    ------
    DataError : when the project folder cannot be written to, or its disk knows no locks.
    EnvironmentFault : when the disk is full.
    """
    with _held(verb, inside(root / FILE, root), FILE.as_posix(), tell):
        finish(root)
        sweep(root)
        try:
            yield
        except KeyboardInterrupt:
            # It may have come where what is half written is taken away.
            sweep(root)
            raise


@contextlib.contextmanager
def turn_for(
    verb: str, path: Path, *, tell: Callable[[str], None] = say
) -> Iterator[tuple[Path, str]]:
    """The right to write a file that may lie in a project or outside of any: the folder that no
    link may lead out of, and the journal of `put_together` there.

    Parameters
    ----------
    path : the file; outside of a project the lock stands beside it, and is gone afterwards.

    Raises
    ------
    DataError, EnvironmentFault : as `turn`, and when a link leads out of the project.
    """
    folder = Path(os.path.abspath(path.parent))
    if (root := project_around(folder)) is not None:
        inside(folder / path.name, root)
        with turn(verb, root, tell=tell):
            yield root, JOURNAL
        return
    own, journal = folder / f".{path.name}.ceasefire-turn", f".{path.name}.ceasefire-moves"
    with _held(verb, own, own.name, tell):
        try:
            finish(folder, journal)
            yield folder, journal
        finally:
            with contextlib.suppress(OSError):
                own.unlink()


@contextlib.contextmanager
def _held(verb: str, path: Path, shown: str, tell: Callable[[str], None]) -> Iterator[None]:
    told = False
    while True:
        try:
            make_folder(path.parent)
            handle = _opened(path)
        except OSError as fault:
            wrong = unwritten(shown, fault)
            message = f"{str(wrong).removesuffix('.')}. Nothing was changed."
            raise type(wrong)(message) from None
        with os.fdopen(handle, "r+b", buffering=0) as stream:
            try:
                mine = lock(handle)
            except OSError as fault:  # a file system without locks
                raise DataError(f"{shown}: cannot be locked ({fault.strerror})") from None
            # Whoever had it may have taken the file away: then another stands there, or none.
            if mine and _is(handle, path):
                stream.seek(0)
                stream.truncate()
                with contextlib.suppress(OSError):  # a full disk: only the holder's name is lost
                    stream.write(f"`ceasefire {verb}` (process {os.getpid()})\n".encode())
                yield
                return
            if not mine and not told:
                stream.seek(0)
                holder = stream.read(200).decode("utf-8", errors="replace").strip()
                words = f"waiting for {holder or 'another ceasefire'}, which is writing here"
                tell(words)
                told = True
        time.sleep(PAUSE)


def _is(handle: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), os.lstat(path))
    except OSError:
        return False


@contextlib.contextmanager
def scratch(path: Path) -> Iterator[Path]:
    """A folder closed to others for what is not done yet, beside a path and gone afterwards.

    Parameters
    ----------
    path : what it is for, which gives it its name. What killed processes left of the same is swept.

    Raises
    ------
    OSError : when it cannot be made.
    """
    make_folder(path.parent)
    for left in _hidden(path.parent):
        if is_part(left, re.escape(path.name)):
            _take_away(left)
    folder, handle = _locked_folder(path)
    try:
        yield folder
    finally:
        os.close(handle)
        shutil.rmtree(folder, ignore_errors=True)


def _locked_folder(path: Path) -> tuple[Path, int]:
    """A new folder, and the lock that keeps a sweep from taking it away as long as this process
    lives."""
    for left in reversed(range(3)):
        folder = draft_of(path)
        folder.mkdir(mode=0o700)
        try:
            handle = _opened(folder / TURN)
        except FileNotFoundError:  # swept before it was locked
            if left:
                continue
            raise
        with contextlib.suppress(OSError):
            lock(handle)
        return folder, handle
    raise AssertionError("three tries")


def leftovers(root: Path) -> Iterator[Path]:
    """What killed processes left half written in a project, by names that only the program makes;
    what a link leads to outside the project is not looked at."""
    for place in PLACES:
        for folder in root.glob(place) if place else (root,):
            if folder.is_dir() and stays(folder, root):
                yield from filter(is_part, _hidden(folder))


def _hidden(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            return [Path(one.path) for one in entries if one.name.startswith(".")]
    except OSError:
        return []


def sweep(root: Path) -> None:
    """Takes away what killed processes left half written."""
    for path in [*leftovers(root)]:
        _take_away(path)


def _take_away(path: Path) -> None:
    with contextlib.suppress(OSError, EvaluationError):
        if path.is_symlink() or not path.is_dir():
            path.unlink()
        elif not _in_use(path):
            shutil.rmtree(path)


def _in_use(folder: Path) -> bool:
    """Whether a process that lives holds the folder of `scratch`."""
    try:
        handle = os.open(folder / TURN, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0))
    except OSError:
        return False
    try:
        return not lock(handle)
    except OSError:
        return False
    finally:
        os.close(handle)
