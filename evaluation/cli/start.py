"""The verbs `ceasefire init` and `ceasefire new`: a project of one's own, and a study in it."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path
from typing import Final

from evaluation import __version__
from evaluation.cli.common import print_json
from evaluation.cli.next_steps import say_next
from evaluation.cli.studies import GOOD, root_of
from evaluation.cli.terminal import Add
from evaluation.errors import DataError

# The study and the invented data of an example.
EXAMPLE: Final = "example"
_INVENTED: Final = "city_month"


def add_init_verb(add: Add) -> None:
    """Defines the verb, its arguments and what it does.

    Parameters
    ----------
    add : makes a parser from a name, a function and a sentence.
    """
    one = add("init", init, "start a project of your own: folders, settings and a check in CI")
    words = "where (default: here); what is there already is left alone"
    one.add_argument("folder", type=Path, nargs="?", default=Path(), help=words)
    words = "with a small study on invented data, which runs as it is"
    one.add_argument("--example", action="store_true", help=words)
    one.add_argument("--place", default="", metavar="NAME", help="the city, as pages print it")
    words = "its id: country, state and name, such as us-pa-philadelphia"
    one.add_argument("--place-id", default="", metavar="ID", help=words)


def init(arguments: argparse.Namespace) -> int:
    """A new project, whole or not at all."""
    from evaluation.study.plan.project_files import new_project, project_files

    place, place_id = arguments.place, arguments.place_id
    if bool(place) != bool(place_id):
        raise DataError("ceasefire init: --place and --place-id go together. Give both or neither.")
    texts = project_files(version=__version__, place=place, place_id=place_id)
    if arguments.example:
        texts |= _example()
    folder: Path = arguments.folder
    written = new_project(folder, texts)
    if arguments.json:
        print_json({"wrote": [str(folder / path) for path in written]})
        return GOOD
    for path in written:
        print(f"wrote {folder / path}")
    inside = "" if folder == Path() else f"cd {shlex.quote(str(folder))} && "
    key = "init.example" if arguments.example else "init"
    say_next(arguments, key, inside=inside, data="data/")
    return GOOD


def _example() -> dict[str, str]:
    """The study of the commented plan, and the invented data that it names."""
    from evaluation.study.plan.skeleton import analysis_files
    from evaluation.synthetic import DATASETS

    return {**DATASETS[_INVENTED](), **analysis_files(EXAMPLE)}


def new(arguments: argparse.Namespace) -> int:
    """A new analysis, its plan filled in where a table is named."""
    from evaluation.study.plan.skeleton import new_analysis

    root, slug = root_of(arguments), arguments.slug
    if arguments.data is not None:
        return _from_data(arguments, root)
    if arguments.unit or arguments.start:
        raise DataError(
            "ceasefire new: --unit and --start fill a plan in from a table: add --data."
        )
    written = new_analysis(slug, root, design=arguments.design or "its")
    if arguments.json:
        print_json({"wrote": [str(path) for path in written]})
        return GOOD
    for path in written:
        print(f"wrote {path}")
    say_next(arguments, "new", slug=slug, plan=f"analyses/{slug}/plan.toml")
    return GOOD


def _from_data(arguments: argparse.Namespace, root: Path) -> int:
    from evaluation.fact import said
    from evaluation.study.plan.from_data import plan_from_data
    from evaluation.study.plan.read import checked_slug
    from evaluation.study.plan.skeleton import new_analysis

    slug = checked_slug(arguments.slug)
    found = plan_from_data(
        slug,
        arguments.data,
        root,
        design=arguments.design,
        unit=arguments.unit,
        start=arguments.start,
    )
    written = new_analysis(slug, root, plan=found.text, title=found.title)
    if arguments.json:
        told = [said(one) for one in found.facts]
        print_json({"wrote": [str(path) for path in written], "found": told})
        return GOOD
    for path in written:
        print(f"wrote {path}")
    for one in found.facts:
        print(f"- {said(one)}")
    first = "write the start into the plan" if found.open else "read and correct the plan"
    say_next(arguments, "new.data", slug=slug, first=first, plan=f"analyses/{slug}/plan.toml")
    return GOOD
