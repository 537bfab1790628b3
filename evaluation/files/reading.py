"""Files as the program reads them: ordinary ones, up to a size, and never one that blocks.

A pipe in place of a file would be waited for without end, and a device read without end. So a file
is opened without waiting, looked at by what was opened, and read no further than its limit.
"""

from __future__ import annotations

import os
import stat
from io import BufferedReader
from pathlib import Path
from typing import Final

from evaluation.errors import DataError, EnvironmentFault, EvaluationError, Fault
from evaluation.files.lacking import lacks

MIB: Final = 1024**2
# Far above whatever this program writes itself: results have half a megabyte.
LARGEST: Final = 256 * MIB
# For what is read piece by piece, with a limit of its own on the way.
ANY_SIZE: Final = 1 << 62
# Not on every system: a Windows file has no such flags, and a file there is read as text without
# the last.
_FLAGS: Final = os.O_RDONLY | sum(
    getattr(os, name, 0) for name in ("O_CLOEXEC", "O_NONBLOCK", "O_NOCTTY", "O_BINARY")
)


def opened(
    path: Path,
    shown: str,
    *,
    most: int = LARGEST,
    error: type[EvaluationError] = DataError,
    missing: str = "no such file",
) -> BufferedReader:
    """An ordinary file of at most so many bytes, open for reading.

    Parameters
    ----------
    path : where it is; links are followed. shown : how messages name it. most : bytes that it may
        have. error : what to raise. missing : what to say when it is not there.

    Raises
    ------
    EvaluationError : of that type, when there is none, it is a folder, a pipe, a device or a loop
        of links, its name is too long, it is too large, or it may not be read. EnvironmentFault :
        when the machine lacks what it takes to read any.
    """
    handle = -1
    try:
        # A device is not even opened, since that alone can make it do something.
        wrong = _wrong(os.stat(path), most)
        if not wrong:
            handle = os.open(path, _FLAGS)
            wrong = _wrong(os.fstat(handle), most)
    except FileNotFoundError:
        wrong = missing
    except IsADirectoryError:
        wrong = "is a folder, not a file"
    except PermissionError:
        wrong = "may not be read (permissions)"
    except OSError as fault:
        refuse_lacking(fault, shown)
        wrong = f"cannot be read ({fault.strerror or fault})"
    except ValueError as fault:  # a null byte in the name
        wrong = f"cannot be read ({fault})"
    if wrong:
        if handle >= 0:
            os.close(handle)
        raise error(Fault(shown, None, None, wrong))
    return os.fdopen(handle, "rb")


def refuse_lacking(fault: Exception, shown: str) -> None:
    """Nothing, when a file cannot be read for a fault of its own, as which a reader tells it.

    Parameters
    ----------
    fault : of whatever reads files, Arrow too. shown : how messages name the file.

    Raises
    ------
    MemoryError : when it is one. EnvironmentFault : when the machine lacks something else.
    """
    if isinstance(fault, MemoryError):
        raise fault
    if isinstance(fault, OSError) and (hint := lacks(fault)):
        message = f"{shown}: cannot be read ({fault.strerror or fault}). {hint}"
        raise EnvironmentFault(message) from None


def _wrong(found: os.stat_result, most: int) -> str:
    if stat.S_ISDIR(found.st_mode):
        return "is a folder, not a file"
    if not stat.S_ISREG(found.st_mode):
        return "is no ordinary file, such as a pipe or a device. Put the file itself there"
    if found.st_size > most:
        size = f"{most // MIB} MiB" if most >= MIB else f"{most:,} bytes"
        return f"is larger than {size}, and so something else than what belongs here"
    return ""


def content_of(
    path: Path,
    shown: str,
    *,
    most: int = LARGEST,
    error: type[EvaluationError] = DataError,
    missing: str = "no such file",
) -> bytes:
    """The bytes of an ordinary file; parameters and errors as of `opened`."""
    with opened(path, shown, most=most, error=error, missing=missing) as stream:
        try:
            # It may grow while it is read, and some files of the system tell no size.
            content = stream.read(most + 1)
        except OSError as fault:
            refuse_lacking(fault, shown)
            message = f"cannot be read ({fault.strerror})"
            raise error(Fault(shown, None, None, message)) from None
    if len(content) > most:
        raise error(Fault(shown, None, None, f"is larger than {most:,} bytes"))
    return content


def text_of(
    path: Path,
    shown: str,
    *,
    most: int = LARGEST,
    error: type[EvaluationError] = DataError,
    missing: str = "no such file",
) -> str:
    """The text of an ordinary file in UTF-8; parameters and errors as of `opened`, and with the
    line where it is no such text."""
    content = content_of(path, shown, most=most, error=error, missing=missing)
    return decoded(content, shown, error)


def decoded(
    content: bytes,
    shown: str,
    error: type[EvaluationError] = DataError,
    *,
    advice: str = "; save it as UTF-8",
) -> str:
    """The text of bytes in UTF-8.

    Parameters
    ----------
    shown : how messages name the file. error : what to raise. advice : ends what is said; "" where
        another is added, since what the program made is made again and not mended by hand.

    Raises
    ------
    EvaluationError : of the type given, with the line where it is no such text.
    """
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as fault:
        line = content[: fault.start].count(b"\n") + 1
        raise error(Fault(shown, line, None, f"is not UTF-8 text{advice}")) from None
