"""`ceasefire panel --new` and `data --new`: what a file may be, written for its author."""

from __future__ import annotations

import argparse
import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from evaluation.cli.common import print_json
from evaluation.cli.next_steps import say_next
from evaluation.cli.studies import GOOD
from evaluation.errors import DataError

if TYPE_CHECKING:
    from evaluation.data.project import Project


def new_recipe(files: Sequence[Path], arguments: argparse.Namespace) -> int:
    """A guessed recipe beside the first file, and what its author must look at.

    Raises
    ------
    DataError : when files cannot be read as incidents, lie in several folders, or the recipe is
        there; then nothing is written.
    """
    from evaluation.data.incidents.guess import guess
    from evaluation.data.incidents.recipe_text import recipe_path, recipe_text, to_fill_in
    from evaluation.fact import said
    from evaluation.files import followed, turn_for, write_atomically

    if arguments.recipe is not None or arguments.source or arguments.polygons:
        raise DataError("ceasefire panel --new: takes the files alone, without a recipe.")
    path, folder = recipe_path(files[0]), followed(files[0].parent)
    for file in files:
        if folder != followed(file.parent) and folder not in followed(file).parents:
            raise DataError(
                f"{file}: is in another folder than {files[0].name}. Put them together."
            )
    if len({followed(file) for file in files}) < len(files):
        raise DataError("ceasefire panel --new: a file is named twice. Once is enough.")
    _refuse_there(path)
    root, project = _project_of(files[0])
    found = guess(files, place=project.names.place, frequency=arguments.by)
    text = recipe_text(found, say=said, place_id=project.place_id)
    with turn_for("panel --new", path):
        _refuse_there(path)
        # Nobody has said yet that what it names may be public.
        write_atomically(path, text, root=root, private=True)
    doubts = [said(one) for facts in found.doubts.values() for one in facts]
    _tell(arguments, [path], doubts, to_fill_in(found))
    say_next(arguments, "panel.new", recipe=path)
    return GOOD


def new_description(files: Sequence[Path], arguments: argparse.Namespace) -> int:
    """A guessed description beside a table, and what its author must look at.

    The table itself stays as it is: where it has to be read otherwise than it is written, another
    is written beside it, and that one is described.

    Raises
    ------
    DataError : when it cannot be read as a table of one of the kinds, or what would be written is
        there; then nothing is written.
    """
    from evaluation.data.ready.described_text import (
        description_of,
        description_text,
        table_path,
        to_fill_in,
    )
    from evaluation.data.ready.guess import guess, rewritten
    from evaluation.fact import said
    from evaluation.files import content_of, draft_of, put_together, turn_for, write_atomically

    if len(files) != 1:
        raise DataError("ceasefire data --new: one table at a time.")
    (file,) = files
    root, project = _project_of(file)
    if file.exists():
        with turn_for("data --new", file):  # what a kill cut short is ended first
            _refuse_there(description_of(file))
    found = guess(
        file, kind=arguments.kind or "", unit=arguments.unit or "", place=project.names.place
    )
    table = table_path(file, found)
    path = description_of(table)
    digest = hashlib.sha256(content_of(file, str(file))).hexdigest() if found.changes else ""
    text = description_text(found, table, say=said, place_id=project.place_id, sha256=digest)
    texts = {**({table: rewritten(found)} if found.changes else {}), path: text}
    wrote = list(texts)
    with turn_for("data --new", file) as (base, journal):
        places = {Path(os.path.abspath(one)): one for one in texts}
        drafts = {place: draft_of(place) for place in places}
        try:
            for place, one in places.items():
                _refuse_there(one)
                # Nobody has said yet that it may be public.
                write_atomically(drafts[place], texts[one], root=root, private=True)
            put_together(drafts, root=base, journal=journal)
        finally:
            for draft in drafts.values():
                draft.unlink(missing_ok=True)
    doubts = [said(one) for one in found.doubts]
    doubts += [f"{each.name}: {said(one)}" for each in found.columns for one in each.doubts]
    _tell(arguments, wrote, doubts, to_fill_in(found), changes=list(map(said, found.changes)))
    say_next(arguments, "data.new", description=path, table=table)
    return GOOD


def _project_of(file: Path) -> tuple[Path | None, Project]:
    """The project folder around a file, or None, and what it says of itself."""
    from evaluation.data.project import Project, read_project
    from evaluation.files import project_around

    root = project_around(file.parent)
    if root is None:
        return None, Project()
    return Path(os.path.abspath(root)), read_project(root)


def _refuse_there(path: Path) -> None:
    if os.path.lexists(path):
        raise DataError(f"{path}: is already there; nothing was written. Move it away first.")


def _tell(
    arguments: argparse.Namespace,
    wrote: Sequence[Path],
    doubts: Sequence[str],
    open_ones: Sequence[str],
    *,
    changes: Sequence[str] = (),
) -> None:
    """What was written, what is doubtful, and what stands empty."""
    if arguments.json:
        told = {"changes": changes, "doubts": doubts, "fill_in": list(open_ones)}
        print_json({"wrote": list(map(str, wrote)), **told})
        return
    for one in (*changes, *doubts):
        print(f"- {one}")
    for path in wrote:
        print(f"wrote {path}")
    print(f"Only you can say: {', '.join(open_ones)}. They stand empty in {wrote[-1].name}.")
