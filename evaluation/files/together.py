"""Several files or folders that take their places together: all of them, or none.

A journal is written first, and taken away last. Whoever has the turn after a kill in between does
what it says to the end, before anything else is done.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from evaluation.errors import DataError
from evaluation.files.places import inside, shown_from
from evaluation.files.reading import MIB, content_of
from evaluation.files.writing import OWN, draft_of, is_part, unwritten, write_atomically

JOURNAL: Final = "build/ceasefire.moves"


def put_together(drafts: Mapping[Path, Path], *, root: Path, journal: str = JOURNAL) -> None:
    """Gives every draft its place: all of them, or, when one cannot have it, none.

    Parameters
    ----------
    drafts : the draft by the file or folder that it becomes. A draft has a name of `draft_of` and
        lies beside its place, or has its own name in a folder of such a name beside it. A folder
        can only take a place where nothing is. root : the folder that no link may lead out of, and
        whose turn the caller has. journal : where the journal is, from there.

    Raises
    ------
    DataError, EnvironmentFault : as `write_atomically`; then all is as it was.
    """
    for path in drafts:
        inside(path, root)
    moves = [[_from(draft, root), _from(path, root)] for path, draft in drafts.items()]
    former: dict[Path, Path] = {}
    path = root / journal
    try:
        for path in drafts:
            if path.is_file() and not path.is_symlink():
                former[path] = draft_of(path)
                _name_again(path, former[path])
        write_atomically(root / journal, json.dumps(moves), root=root, private=True)
        for path, draft in drafts.items():
            os.replace(draft, path)
    except BaseException as fault:  # an interruption too
        _undo(drafts, former)
        if isinstance(fault, OSError):
            raise unwritten(shown_from(path, root), fault) from None
        raise
    finally:
        # Who comes next finds nothing left to move.
        for one in (root / journal, *former.values()):
            with contextlib.suppress(OSError):
                one.unlink(missing_ok=True)


def _from(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()


def _name_again(path: Path, other: Path) -> None:
    """A second name for the file that is there, so that it can come back, or a copy of it where
    the disk knows no second names."""
    try:
        os.link(path, other)
    except OSError:
        shutil.copy2(path, other)


def _undo(drafts: Mapping[Path, Path], former: Mapping[Path, Path]) -> None:
    """All places as they were. A draft that is still there was not moved."""
    for path, draft in drafts.items():
        if draft.exists():
            continue
        with contextlib.suppress(OSError):
            if path in former:
                os.replace(former[path], path)
            else:
                shutil.rmtree(path) if path.is_dir() else path.unlink()


def finish(root: Path, journal: str = JOURNAL) -> None:
    """Moves what a journal says and a killed process did not move any more.

    Only a journal that this user's program wrote counts, which no clone brings along: it is closed
    to others. Nothing but a draft beside its own place is moved.
    """
    path = root / journal
    with contextlib.suppress(OSError, ValueError, TypeError, DataError):
        found = os.lstat(path)
        own = os.name != "posix" or found.st_uid == os.getuid()
        if own and (os.name != "posix" or found.st_mode == stat.S_IFREG | OWN):
            for draft, place in json.loads(content_of(path, journal, most=MIB)):
                _move(root / draft, root / place, root)
    with contextlib.suppress(OSError, DataError):
        inside(path, root).unlink(missing_ok=True)


def _move(draft: Path, place: Path, root: Path) -> None:
    own = is_part(draft) and draft.parent == place.parent
    in_folder = is_part(draft.parent) and draft.parent.parent == place.parent
    if (own or (in_folder and draft.name == place.name)) and ".." not in place.parts:
        with contextlib.suppress(OSError, DataError):
            inside(draft, root)
            os.replace(draft, inside(place, root))
