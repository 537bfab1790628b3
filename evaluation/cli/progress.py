"""How far a long calculation has come, on a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from evaluation.cli.say import terminal
from evaluation.errors import plain

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
