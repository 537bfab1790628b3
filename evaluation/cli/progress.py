"""How far a long calculation has come, on a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

# What is being done, and how many of how many are done where that is known.
Show = Callable[[str, "int | None", "int | None"], None]


@contextmanager
def shown(first: str) -> Iterator[Show]:
    """A bar on the terminal that goes when it ends; elsewhere nothing is written."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda step, done, total: None
        return
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task(first, total=None)

        def show(step: str, done: int | None, total: int | None) -> None:
            bar.update(task, description=step, completed=done, total=total)

        yield show
