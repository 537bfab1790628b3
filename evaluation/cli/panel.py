"""The verb `ceasefire panel`: incidents become a panel that studies can read."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from evaluation.cli.studies import GOOD
from evaluation.cli.terminal import Add, number_of

LEAST_MEMORY: Final = 0.25


def add_panel_verb(add: Add) -> None:
    """Defines the verb, its arguments and what it does.

    Parameters
    ----------
    add : makes a parser from a name, a function and a sentence.
    """
    one = add("panel", panel, "count incidents by unit and period: write a dataset and its account")
    one.add_argument("recipe", type=Path, help="the TOML file that says what is counted, and how")
    one.add_argument(
        "--source",
        type=Path,
        nargs="+",
        default=(),
        metavar="PATH",
        help="files or folders of incidents, anywhere, in place of those the recipe names",
    )
    one.add_argument("--polygons", type=Path, metavar="FILE", help="in place of the recipe's")
    words = "threads of the database (default: 1); they change no result"
    one.add_argument("--threads", type=number_of("threads"), default=1, metavar="N", help=words)
    words = "that the database may hold (default: 2); what is more goes to disk"
    one.add_argument("--memory", type=_memory, default=2.0, metavar="GIB", help=words)
    words = "folder for what does not fit into memory (default: the system's)"
    one.add_argument("--temporary", type=Path, metavar="FOLDER", help=words)


def panel(arguments: argparse.Namespace) -> int:
    """Three files beside the recipe, and what was counted and dropped in words."""
    from evaluation.cli.terminal import shown
    from evaluation.data.incidents.build import build_panel

    with shown("reading") as show:
        built = build_panel(
            arguments.recipe,
            sources=arguments.source,
            polygons=arguments.polygons,
            threads=arguments.threads,
            memory=arguments.memory,
            temporary=arguments.temporary,
            progress=lambda file, rows: show(f"{file}: {rows:,} rows", None, None),
        )
    for line in built.lines():
        print(line)
    return GOOD


def _memory(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not LEAST_MEMORY <= value <= 65_536:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of GiB from {LEAST_MEMORY} on")
    return value
