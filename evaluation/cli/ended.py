"""Signals that ask the program to end are heard as an interruption is: files stay whole."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType
from typing import Final

# What `kill`, `timeout`, a scheduler or a service sends, and a terminal that is closed. Not all
# systems have both.
ENDING: Final = tuple(
    getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)
)


class Ended(KeyboardInterrupt):
    """This signal asked the program to end."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def _end(number: int, frame: FrameType | None) -> None:
    raise Ended(number)


@contextlib.contextmanager
def endings_heard() -> Iterator[None]:
    """In here they raise `Ended`. One that was set aside, as by nohup, stays it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {
        number: signal.signal(number, _end)
        for number in ENDING
        if signal.getsignal(number) is signal.SIG_DFL
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def exit_code(ended: KeyboardInterrupt) -> int:
    """128 and the number of the signal, as shells have it: 130, 143 or 129."""
    return 128 + (ended.number if isinstance(ended, Ended) else signal.SIGINT)
