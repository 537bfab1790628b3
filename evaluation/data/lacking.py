"""What the machine lacks, as the database says it."""

from __future__ import annotations

import re
from typing import Final

from evaluation.errors import EnvironmentFault

# How DuckDB says that a disk is full, in an error of any kind: it may close itself at the first.
_NO_ROOM: Final = re.compile(
    "no space left|disk quota|file too large|could not write|cannot write|failed to write|"
    "could not fsync|max_temp_directory_size|read-only file system|input/output error|"
    "cannot create|could not truncate|too many open files",
    re.IGNORECASE,
)
_NO_MEMORY: Final = re.compile(
    "out of memory|failed to allocate|could not allocate|cannot allocate|bad_alloc|bad allocation|"
    "could not create thread|resource temporarily unavailable|thread constructor failed",
    re.IGNORECASE,
)


def lacking_of(fault: Exception) -> EnvironmentFault | None:
    """What ran out, when an error of DuckDB is the machine's; None when it is another one."""
    import duckdb

    what = str(fault).splitlines()[0] if str(fault) else type(fault).__name__
    if isinstance(fault, duckdb.OutOfMemoryException) or _NO_MEMORY.search(str(fault)):
        return EnvironmentFault(
            f"memory does not suffice ({what}). Give more with --memory, or fewer --threads."
        )
    if isinstance(fault, duckdb.IOException) or _NO_ROOM.search(str(fault)):
        return EnvironmentFault(
            f"the temporary folder cannot be written to ({what}). Free some space, or name "
            "another folder with --temporary."
        )
    return None
