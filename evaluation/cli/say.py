"""What the command writes to a terminal: nothing in it can command the terminal."""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Iterator
from typing import TextIO

from evaluation.errors import plain


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
