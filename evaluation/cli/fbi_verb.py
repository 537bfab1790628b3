"""`ceasefire data fbi`: the monthly counts of any city of the United States, from the FBI."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from evaluation.cli.common import print_json
from evaluation.cli.next_steps import say_next
from evaluation.cli.studies import GOOD, root_of
from evaluation.errors import DataError

FBI: Final = "fbi"
# The options of this form of `ceasefire data`, by what they are called in the arguments.
OPTIONS: Final = {"first": "--from", "last": "--to", "beside": "--beside"}


def add_fbi_options(one: argparse.ArgumentParser) -> None:
    """Adds the options that only `ceasefire data fbi` takes."""
    group = one.add_argument_group("from the FBI's Crime Data Explorer (key in FBI_API_KEY)")
    group.add_argument("--from", dest="first", metavar="MONTH", help="first month, such as 2005-01")
    group.add_argument("--to", dest="last", metavar="MONTH", help="last month, such as 2024-12")
    words = (
        'cities to compare with: "Fresno, Long Beach, Newark, NJ"; the state where it is another'
    )
    group.add_argument("--beside", metavar="CITIES", help=words)


def refuse_fbi_options(arguments: argparse.Namespace) -> None:
    """Refuses, in another form of `ceasefire data`, what is for this one.

    Raises
    ------
    DataError : with the option.
    """
    for name, option in OPTIONS.items():
        if getattr(arguments, name) is not None:
            raise DataError(f'{option}: is for `ceasefire data fbi "Oakland, CA" ...` only.')


def data_fbi(arguments: argparse.Namespace, words: Sequence[str]) -> int:
    """A table in `data/fbi/` with its description and account, and what to know of it in words.

    Raises
    ------
    DataError, EnvironmentFault : for wrong words, and what the service refuses; nothing is written.
    """
    from evaluation.cli.terminal import shown
    from evaluation.data.period import text
    from evaluation.data.sources.fbi_agencies import beside, state_of_ori, wanted
    from evaluation.data.sources.fbi_cde import explorer
    from evaluation.data.sources.fbi_counts import counted, months
    from evaluation.data.sources.fbi_files import write
    from evaluation.files import turn

    root = root_of(arguments)
    if len(words) != 1:
        example = 'ceasefire data fbi "Oakland, CA" --from 2005-01 --to 2024-12'
        raise DataError(f"ceasefire data fbi: give one city or ORI, in quotes: {example}")
    absent = [OPTIONS[name] for name in ("first", "last") if getattr(arguments, name) is None]
    if absent:
        raise DataError(f"ceasefire data fbi: needs {' and '.join(absent)}, such as 2005-01.")
    first, last = months(arguments.first, arguments.last)
    own = wanted(words[0])
    asked = {"agency": words[0], "from": text(first, "month"), "to": text(last, "month")}
    if arguments.beside is not None:
        asked["beside"] = arguments.beside
    state = state_of_ori(own.ori) if own.ori else own.state
    others = () if arguments.beside is None else beside(arguments.beside, state)
    service = explorer()
    with shown("asking the FBI") as show:
        table = counted(service, [own, *others], first, last, show)
    with turn("data fbi", root):
        done = write(table, asked, root)
    if arguments.json:
        print_json({"wrote": list(done.files), **done.account})
        return GOOD
    print(done.summary)
    for note in done.notes:
        print(note)
    for name in done.files:
        print(f"wrote {name}")
    unit = table.cities[0].unit
    say_next(arguments, "data.fbi", table=Path(done.files[0]), unit=shlex.quote(unit))
    return GOOD
