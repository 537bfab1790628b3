"""What the verbs of `ceasefire` share: how one is added, and numbers it takes.

How far a long calculation has come, on a terminal.

What the command writes to a terminal: nothing in it can command the terminal.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TextIO, cast

from evaluation import __version__
from evaluation.errors import plain

Verb = Callable[[argparse.Namespace], int]
# Makes a parser from a name, a function and a sentence.
Add = Callable[[str, Verb, str], argparse.ArgumentParser]

# Of processes, and of threads.
MOST = 512


def number_of(what: str) -> Callable[[str], int]:
    """A reader of a whole number from 1 to `MOST` of these things."""

    def read(text: str) -> int:
        if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= MOST):
            raise argparse.ArgumentTypeError(f"{text!r} is not a number of {what}")
        return int(text)

    return read


# How much is told beside results, as -q and -v say: nothing, a bar on a terminal, or every step.
QUIET, USUAL, VERBOSE = range(3)
_VOLUME: ContextVar[int] = ContextVar("how much is told", default=USUAL)


@contextmanager
def volume(arguments: argparse.Namespace) -> Iterator[None]:
    """As much is told in here as -q or -v of a verb asks for."""
    if arguments.quiet:
        token = _VOLUME.set(QUIET)
        try:
            # What --json prints is asked for.
            silent = not getattr(arguments, "json", False)
            with contextlib.redirect_stdout(Silent()) if silent else contextlib.nullcontext():
                yield
        finally:
            _VOLUME.reset(token)
        return
    if not arguments.verbose:
        yield
        return
    token, begun = _VOLUME.set(VERBOSE), time.monotonic()
    python = ".".join(map(str, sys.version_info[:3]))
    tell(f"ceasefire {__version__}, Python {python}, {sys.platform}")
    try:
        yield
    finally:
        _VOLUME.reset(token)
        tell(f"ceasefire {arguments.called}: {time.monotonic() - begun:.1f} s")


def tell(words: str) -> None:
    """A line on the stream of errors, at once."""
    print(words, file=sys.stderr, flush=True)


def words_to(arguments: argparse.Namespace) -> TextIO | Silent:
    """Where a verb's sentences go: beside what `--json` prints, and nowhere when quiet."""
    if not arguments.json:
        return sys.stdout
    return Silent() if loudness() == QUIET else sys.stderr


def loudness() -> int:
    """QUIET, USUAL or VERBOSE."""
    return _VOLUME.get()


class Silent(io.TextIOBase):
    """A stream that keeps nothing of what is written to it."""

    def write(self, text: str) -> int:
        return len(text)

    def writable(self) -> bool:
        return True


# What is being done, and how many of how many are done where that is known.
Show = Callable[[str, "int | None", "int | None"], None]


@contextmanager
def shown(first: str) -> Iterator[Show]:
    """A bar on the terminal that goes when it ends; elsewhere nothing is written."""
    if loudness() == VERBOSE:
        yield told_once(first)
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import Progress

    console = Console(file=terminal())
    if not console.is_terminal or loudness() == QUIET:
        yield lambda step, done, total: None
        return
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task(escape(plain(first)), total=None)

        def show(step: str, done: int | None, total: int | None) -> None:
            bar.update(task, description=escape(plain(step)), completed=done, total=total)

        yield show


def told_once(first: str) -> Show:
    """What tells each step on a line of its own when it begins, without its numbers."""
    last = ""

    def show(step: str, done: int | None, total: int | None) -> None:
        nonlocal last
        if step != last:
            tell(step)
            last = step

    show(first, None, None)
    return show


class Plain(io.TextIOBase):
    """A stream that shows what is not printable, line ends apart, as JSON would write it.

    Names of files and cells come from others; one can hold what moves the cursor, clears the
    screen or turns the direction of writing. Who reads may leave: then the verb goes on to its
    end, and its exit code is its own.

    Parameters
    ----------
    needed : whether what cannot be written is a fault, as of results, and not of what is told of
        one.
    """

    def __init__(self, stream: TextIO | Silent, *, needed: bool = True) -> None:
        self.stream = stream
        self.needed = needed

    def write(self, text: str) -> int:
        with self._or_nowhere():
            self.stream.write(_encodable(plain(text), self.stream.encoding))
        return len(text)

    def flush(self) -> None:
        with self._or_nowhere():
            self.stream.flush()

    @contextlib.contextmanager
    def _or_nowhere(self) -> Iterator[None]:
        try:
            yield
        except OSError as fault:
            if self.needed and not isinstance(fault, BrokenPipeError):
                raise
            nowhere(self)

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return self.stream.isatty()

    def fileno(self) -> int:
        return self.stream.fileno()


def _encodable(text: str, encoding: str | None) -> str:
    """The text as the terminal's encoding has it; where it lacks a character, as JSON escapes."""
    try:
        text.encode(encoding or "utf-8")
    except UnicodeEncodeError:
        return "".join(one if one.isascii() else json.dumps(one)[1:-1] for one in text)
    return text


def nowhere(stream: TextIO | Plain) -> None:
    """What is still to be printed there is not tried again, now or by the interpreter's end."""
    with contextlib.suppress(OSError, ValueError):  # it may be no file of the system
        handle = os.open(os.devnull, os.O_WRONLY)
        os.dup2(handle, stream.fileno())
        os.close(handle)


@contextlib.contextmanager
def plain_streams() -> Iterator[None]:
    """All that is printed inside goes through `Plain`, whoever prints it."""
    _open_all()
    # Python has None for a stream that is closed.
    with (
        contextlib.redirect_stdout(Plain(sys.stdout or Silent())),
        contextlib.redirect_stderr(Plain(sys.stderr or Silent(), needed=False)),
    ):
        yield


def _open_all() -> None:
    """Gives the three numbers of the streams to nothing where they are closed: the next file that
    is opened would have one of them, and whatever is printed would stand in it."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            with contextlib.suppress(OSError):
                os.open(os.devnull, os.O_RDWR)


def terminal() -> TextIO:
    """The stream of errors itself, for a bar that draws over its own lines."""
    stream = sys.stderr.stream if isinstance(sys.stderr, Plain) else sys.stderr
    return cast("TextIO", stream)
