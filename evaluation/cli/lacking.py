"""What ran out on the machine, told in a sentence whatever part of the program met it."""

from __future__ import annotations

import sys
from pathlib import Path

from evaluation.cli.terminal import nowhere
from evaluation.errors import DataError, EnvironmentFault, EvaluationError
from evaluation.files import lacks

MEMORY = (
    "memory does not suffice. Close other programs, or let fewer processes run at a time (-j 1). "
    "Files are as they were or complete."
)
# How Python and Arrow say that a thread could not be started, for want of memory or of room for it.
NO_THREAD = ("can't start new thread", "Failed to launch worker thread")


def of_the_machine(fault: Exception) -> EvaluationError | None:
    """The fault as one that a user can mend; None when it is a bug.

    Parameters
    ----------
    fault : what no room of the program took for a fault of its own.
    """
    if isinstance(fault, MemoryError):
        return EnvironmentFault(MEMORY)
    if isinstance(fault, OSError) and fault.errno is not None:
        return _of_files(fault)
    if isinstance(fault, ImportError) or type(fault).__name__ == "LibraryError":
        # A library is there and cannot be loaded: into too little memory, or a broken one.
        return EnvironmentFault(f"a library could not be loaded ({fault})")
    if any(words in str(fault) for words in NO_THREAD):
        words = "the machine lets no more of them run (ulimit -u, ulimit -v)"
        return EnvironmentFault(f"{fault}: {words}")
    if "duckdb" in sys.modules:
        import duckdb

        from evaluation.data.lacking import lacking_of

        if isinstance(fault, duckdb.Error):
            return lacking_of(fault)
    return None


def leave_unprinted() -> None:
    """What is still to be printed and cannot be, is not tried again at the end."""
    try:
        sys.stdout.flush()
    except OSError:
        nowhere(sys.stdout)


def _of_files(fault: OSError) -> EvaluationError:
    named = fault.filename
    shown = Path(named).name if isinstance(named, str) else "a file"
    words = f"{shown}: cannot be read or written ({fault.strerror})"
    hint = lacks(fault)
    return EnvironmentFault(f"{words}. {hint}") if hint else DataError(words)
