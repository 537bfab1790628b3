"""Where a project ends: what is written or deleted for it stays in it, whatever links it holds.

A cloned repository may hold links that lead anywhere. What is written or deleted for a project is
therefore looked up first with every link followed, and refused when that ends outside.
"""

from __future__ import annotations

import os
from pathlib import Path

from evaluation.errors import DataError


def inside(path: Path, root: Path) -> Path:
    """The path, when writing or deleting there stays in the project with every link followed.

    A link at the very end that stays in the project is replaced, not followed. A file with several
    names (hard links) is no way out either: a name is given another file, and the file stays.

    Parameters
    ----------
    path : the file or folder, under `root`. root : the project folder.

    Raises
    ------
    DataError : with the name of the link, when the path or a folder on the way leads out of the
        project, or is a loop of links.
    """
    if not stays(path.parent, root):
        shown = shown_from(_first_link(path.parent, root), root)
        raise DataError(
            f"{shown}: leads out of the project, so nothing is written or deleted there. Make it "
            "an ordinary folder."
        )
    if path.is_symlink() and not stays(path, root):
        raise DataError(
            f"{shown_from(path, root)}: is a link that leads out of the project, so nothing is "
            "written or deleted there. Put an ordinary file in its place."
        )
    return path


def followed(path: Path) -> Path:
    """The path with every link followed; a loop of links stays as it is, and is no file then."""
    return Path(os.path.realpath(path))


def stays(path: Path, root: Path) -> bool:
    """Whether a path is in the project with every link followed."""
    try:
        # A loop of links resolves to itself under some Pythons.
        return path.resolve().is_relative_to(root.resolve())
    except (OSError, RuntimeError):
        return False


def _first_link(folder: Path, root: Path) -> Path:
    """The folder nearest to the root that leads out."""
    for one in reversed((folder, *folder.parents)):
        if one.is_relative_to(root) and one.is_symlink() and not stays(one, root):
            return one
    return folder


def shown_from(path: Path, root: Path | None) -> str:
    """How messages name a path: from the project folder, or else by its name alone."""
    if root is not None and path.is_relative_to(root):
        return path.relative_to(root).as_posix()
    return path.name


def project_around(folder: Path) -> Path | None:
    """The project folder that a folder is named in, links not followed; None outside of one.

    Parameters
    ----------
    folder : as the user wrote it. A project is known by its `analyses/` or its `ceasefire.toml`.
    """
    own = Path(os.path.abspath(folder))
    for candidate in (own, *own.parents):
        if (candidate / "analyses").is_dir() or (candidate / "ceasefire.toml").is_file():
            return candidate
    return None
