"""Files as the program writes them: at any time the old one or the new one, never half.

A file is written under a name that only this program makes, beside the place where it belongs, and
then given its own name. What a killed process leaves is known by that name and swept by the next.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

from evaluation.errors import DataError, EnvironmentFault, EvaluationError
from evaluation.files.lacking import lacks
from evaluation.files.places import inside, shown_from

_PART: Final = re.compile(r"\.(?P<name>.+)\.[0-9a-f]{16}\.ceasefire-part", re.DOTALL)
_PART_OF: Final = re.compile(r"\.([^/]+)\.[0-9a-f]{16}\.ceasefire-part")
# A name may have 255 bytes, of which the rest is needed.
_LONGEST: Final = 200
# Places of the project whose files nobody else on the machine may read, whoever writes them.
PRIVATE: Final = ("data/real", "data/raw", "build")
OPEN_TO_ALL, OWN = 0o644, 0o600


def draft_of(path: Path) -> Path:
    """A name for what is to become a file or folder: beside it, and one that only the program
    makes."""
    name = path.name
    while len(os.fsencode(name)) > _LONGEST:
        name = name[:-1]
    return path.with_name(f".{name}.{secrets.token_hex(8)}.ceasefire-part")


def is_part(path: Path, name: str = ".+") -> bool:
    """Whether a file or folder has the name of one that was half written.

    Parameters
    ----------
    name : pattern (a regular expression) of what it was to become.
    """
    found = _PART.fullmatch(path.name)
    return found is not None and re.fullmatch(name, found["name"], re.DOTALL) is not None


def unwritten(shown: str, fault: OSError) -> EvaluationError:
    """That something could not be written: the machine's fault when it lacks something, with what
    to do, and else that of the place.

    Parameters
    ----------
    shown : how messages name it.
    """
    shown = _PART_OF.sub(r"\1", shown)
    message = f"{shown}: could not be written ({fault.strerror or fault})"
    hint = lacks(fault)
    return EnvironmentFault(f"{message}. {hint}") if hint else DataError(message)


def make_folder(folder: Path) -> None:
    """Makes a folder, and those around it, unless they are there; only their owner may write to
    them, also where the mask of the user is lax.

    Raises
    ------
    OSError : when it cannot be made.
    """
    for one in reversed([one for one in (folder, *folder.parents) if not one.exists()]):
        one.mkdir(mode=0o755, exist_ok=True)


@contextlib.contextmanager
def replaced(
    path: Path, *, root: Path | None, private: bool = False, sync: bool = True
) -> Iterator[BinaryIO]:
    """A stream whose content takes the place of a file at the end, when all went well.

    Parameters
    ----------
    root : the project folder, which no link may lead out of; None for a file that the user named
        and that may lie anywhere. private : whether only its owner may read it; in the places of
        `PRIVATE` it is always so, and a file that was closed to others stays it. sync : False for
        what is calculated again when a fall of the machine takes it.

    Raises
    ------
    DataError : when it cannot be written, or leads out of the project. EnvironmentFault : when the
        disk is full, or the machine lacks something else.
    """
    if root is not None:
        inside(path, root)
    part = draft_of(path)
    try:
        make_folder(path.parent)
        mode = OWN if private or _is_private(path, root) else _mode_of(path)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        flags |= sum(getattr(os, name, 0) for name in ("O_CLOEXEC", "O_NOFOLLOW", "O_BINARY"))
        with os.fdopen(os.open(part, flags, OWN), "wb") as stream:
            yield stream
            stream.flush()
            if sync:
                os.fsync(stream.fileno())
        # Not left to the mask of the user, which may be lax or strict.
        os.chmod(part, mode)
        os.replace(part, path)
    except OSError as fault:
        raise unwritten(shown_from(path, root), fault) from None
    finally:
        with contextlib.suppress(OSError):
            os.unlink(part)


def write_atomically(
    path: Path, content: str | bytes, *, root: Path | None, private: bool = False
) -> None:
    """Write a file so that it is at any time the old one or the new one, never half.

    Parameters and errors as of `replaced`.
    """
    with replaced(path, root=root, private=private) as stream:
        stream.write(content.encode("utf-8") if isinstance(content, str) else content)


def _is_private(path: Path, root: Path | None) -> bool:
    return root is not None and any(path.is_relative_to(root / one) for one in PRIVATE)


def _mode_of(path: Path) -> int:
    """As everybody may read it, unless its owner closed the file that is there."""
    try:
        found = os.lstat(path)
    except OSError:
        return OPEN_TO_ALL
    return OPEN_TO_ALL & found.st_mode | OWN if stat.S_ISREG(found.st_mode) else OPEN_TO_ALL
