"""A project of one's own: the files it begins with, all written or none."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path

from evaluation.data.project import FILE, read_project
from evaluation.errors import DataError, EvaluationError
from evaluation.files import FILE as TURN
from evaluation.files import (
    JOURNAL,
    make_folder,
    project_around,
    put_together,
    scratch,
    turn,
    unwritten,
    write_atomically,
)

_FOLDER = "project"
# Where each template goes. A name with a dot in front would not be seen beside the others.
_PLACES = {
    "ceasefire.toml": FILE,
    "gitattributes": ".gitattributes",
    "gitignore": ".gitignore",
    "workflow.yml": ".github/workflows/ceasefire.yml",
    "requirements.txt": "requirements.txt",
    "data.md": "data/README.md",
    "analyses.md": "analyses/README.md",
}


def project_files(*, version: str, place: str = "", place_id: str = "") -> dict[str, str]:
    """The texts of a new project by path.

    Parameters
    ----------
    version : of this package, which the project then asks for. place, place_id : both or neither.
    """
    folder = files("evaluation.study").joinpath("templates", _FOLDER)
    texts = {
        where: folder.joinpath(name).read_text("utf-8").replace("VERSION", version)
        for name, where in _PLACES.items()
    }
    if place or place_id:
        known = "".join(
            f"{key} = {json.dumps(value, ensure_ascii=False)}\n"
            for key, value in (("place", place), ("place_id", place_id))
            if value
        )
        head, tail = texts[FILE].split("# place = ", 1)
        texts[FILE] = head + known + tail.split("\n", 2)[2]
    return texts


def new_project(folder: Path, texts: Mapping[str, str]) -> list[str]:
    """Writes a project, and gives the paths that were written, below the folder.

    It is made beside the place where it goes, and moved there when it is whole.

    Raises
    ------
    DataError : when the folder is a file, is inside another project, holds something that the
        project would write, or cannot be written to; for a fault of the new ceasefire.toml. Then
        nothing is there that was not before.
    """
    own = Path(os.path.abspath(folder))
    names = sorted({path.split("/")[0] for path in texts})
    if not os.path.lexists(own / JOURNAL):  # else one that was killed is finished first
        _refuse(own, folder, names)
    made = [one for one in (own / TURN).parents if not one.exists()]
    try:
        make_folder(own)
        with turn("init", own):
            # Again, now that nobody else writes here.
            _refuse(own, folder, names)
            _written(own, names, texts)
    except (OSError, EvaluationError, KeyboardInterrupt) as fault:
        if made:
            with contextlib.suppress(OSError):
                (own / TURN).unlink(missing_ok=True)
                for one in made:
                    one.rmdir()
        if isinstance(fault, OSError):
            raise unwritten(str(folder), fault) from None
        raise
    return sorted(texts)


def _refuse(own: Path, folder: Path, names: Sequence[str]) -> None:
    if os.path.lexists(own) and not own.is_dir():
        raise DataError(f"{folder}: is there and is no folder. Choose another name.")
    there = [name for name in names if os.path.lexists(own / name)]
    if there:
        raise DataError(
            f"{folder}: already holds {', '.join(there)}; nothing was written. Choose another "
            "folder, or move them away."
        )
    if (around := project_around(own.parent)) is not None or project_around(own) is not None:
        raise DataError(
            f"{folder}: would be inside the project {around or own}; nothing was written. Choose "
            "a folder outside of it."
        )


def _written(own: Path, names: Sequence[str], texts: Mapping[str, str]) -> None:
    with scratch(own / "project") as draft:
        for path, text in texts.items():
            write_atomically(draft / path, text, root=draft)
        read_project(draft)
        put_together({own / name: draft / name for name in names}, root=own)
