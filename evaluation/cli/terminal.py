"""What the verbs of `ceasefire` share: how one is added, and numbers it takes.

How far a long calculation has come, on a terminal.

What the command writes to a terminal: nothing in it can command the terminal.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

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


# What is being done, and how many of how many are done where that is known.
Show = Callable[[str, "int | None", "int | None"], None]


@contextmanager
def shown(first: str) -> Iterator[Show]:
    """A bar on the terminal that goes when it ends; elsewhere nothing is written."""
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import Progress

    console = Console(file=terminal())
    if not console.is_terminal:
        yield lambda step, done, total: None
        return
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task(escape(plain(first)), total=None)

        def show(step: str, done: int | None, total: int | None) -> None:
            bar.update(task, description=escape(plain(step)), completed=done, total=total)

        yield show


class Plain(io.TextIOBase):
    """A stream that shows what is not printable, line ends apart, as JSON would write it.

    Names of files and cells come from others; one can hold what moves the cursor, clears the
    screen or turns the direction of writing.
    """

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        self.stream.write(plain(text))
        return len(text)

    def flush(self) -> None:
        self.stream.flush()

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return self.stream.isatty()

    def fileno(self) -> int:
        return self.stream.fileno()


@contextlib.contextmanager
def plain_streams() -> Iterator[None]:
    """All that is printed inside goes through `Plain`, whoever prints it."""
    with (
        contextlib.redirect_stdout(Plain(sys.stdout)),
        contextlib.redirect_stderr(Plain(sys.stderr)),
    ):
        yield


def terminal() -> TextIO:
    """The stream of errors itself, for a bar that draws over its own lines."""
    return sys.stderr.stream if isinstance(sys.stderr, Plain) else sys.stderr
