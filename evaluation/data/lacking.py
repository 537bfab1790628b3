"""What the machine lacks, as the database says it."""

from __future__ import annotations

import errno
import os
import re
from typing import Final

from evaluation.errors import EnvironmentFault
from evaluation.files import lacks

# How DuckDB says that a disk is full, in an error of any kind: it may close itself at the first.
_NO_ROOM: Final = re.compile(
    "no space left|disk quota|file too large|could not write|cannot write|failed to write|"
    "could not fsync|max_temp_directory_size|read-only file system|input/output error|"
    "cannot create|could not truncate|too many open files",
    re.IGNORECASE,
)
# What can be lacking where nothing is written.
_READS: Final = (errno.EMFILE, errno.ENFILE, errno.EIO)
_NO_MEMORY: Final = re.compile(
    "out of memory|failed to allocate|could not allocate|cannot allocate|bad_alloc|bad allocation|"
    "could not create thread|resource temporarily unavailable|thread constructor failed",
    re.IGNORECASE,
)


def lacking_of(fault: Exception) -> EnvironmentFault | None:
    """What ran out while incidents are counted, when an error of DuckDB is the machine's; None
    when it is another one."""
    import duckdb

    if what := _no_memory(fault):
        return EnvironmentFault(
            f"memory does not suffice ({what}). Give more with --memory, or fewer --threads."
        )
    what = _first_line(fault)
    if isinstance(fault, duckdb.IOException) or _NO_ROOM.search(str(fault)):
        return EnvironmentFault(
            f"the temporary folder cannot be written to ({what}). Free some space, or name "
            "another folder with --temporary."
        )
    return None


def lacking_to_read(fault: Exception) -> EnvironmentFault | None:
    """What ran out while files are read and nothing is written, as of `lacking_of`."""
    if what := _no_memory(fault):
        return EnvironmentFault(
            f"memory does not suffice ({what}). Let fewer processes run at a time (-j 1), or close "
            "other programs."
        )
    if hint := next((lacks(OSError(one, "")) for one in _READS if _says(fault, one)), ""):
        return EnvironmentFault(f"a file cannot be read ({_first_line(fault)}). {hint}")
    return None


def _no_memory(fault: Exception) -> str:
    """How an error of DuckDB says that memory ran out; "" when it does not."""
    import duckdb

    told = isinstance(fault, duckdb.OutOfMemoryException) or _NO_MEMORY.search(str(fault))
    return _first_line(fault) if told else ""


def _says(fault: Exception, number: int) -> bool:
    return os.strerror(number).lower() in str(fault).lower()


def _first_line(fault: Exception) -> str:
    return str(fault).splitlines()[0] if str(fault) else type(fault).__name__
