"""The verbs `ceasefire check`, `ceasefire data` and `ceasefire panel`.

Does everything that is committed come out again? Is a dataset in order, or can one that was
obtained be added to the project? Incidents become a panel that studies can read.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from evaluation.cli.common import print_json
from evaluation.cli.fbi_verb import FBI, add_fbi_options, data_fbi, refuse_fbi_options
from evaluation.cli.next_steps import say_next
from evaluation.cli.studies import (
    DIFFERS,
    GOOD,
    front_written,
    reported,
    root_of,
    serial,
    slugs_of,
    status_line,
)
from evaluation.cli.terminal import Add, number_of
from evaluation.errors import DataError, EvaluationError

if TYPE_CHECKING:
    from evaluation.check.record import Record
    from evaluation.check.verdict import Checked


def check(arguments: argparse.Namespace) -> int:
    """The verdict on every study and on the front page; 1 when one does not reproduce."""
    from evaluation.check.record import former_record, locks_of
    from evaluation.check.site import check_site, taken_out
    from evaluation.check.summary import as_json, as_markdown
    from evaluation.check.verdict import Verdict, check_now
    from evaluation.files import turn, write_atomically
    from evaluation.study.batch_runs import across, processors

    if arguments.record and arguments.slug:
        raise DataError(
            "ceasefire check --record: is for all studies at once, since the front page tells of "
            f"all. Leave out {', '.join(map(repr, arguments.slug))}, or leave out --record."
        )
    root = root_of(arguments)
    slugs = slugs_of(arguments, root)
    jobs = arguments.jobs or processors()
    writable = os.access(root / "build" if (root / "build").exists() else root, os.W_OK)
    written: list[str] = []
    # Not while another writes; a tree that nobody can write to needs no turn.
    with turn("check", root) if writable else contextlib.nullcontext():
        # Of the state in which the studies are checked, should someone accept one meanwhile.
        locks = locks_of(reported(root), root)
        was = former_record(root) if arguments.record else None
        with status_line(slugs) as (progress, done):
            work = partial(check_now, root=root)

            def one(slug: str) -> Checked:
                return work(slug, progress=progress(slug))

            do = one if serial(jobs, slugs) else work
            found = {}
            for checked in across(do, slugs, root, jobs=jobs):
                done(checked.slug)
                found[checked.slug] = checked
        checks = [found[slug] for slug in slugs]
        verdicts = [entry.verdict for entry in checks if entry.verdict is not None]
        faults = [entry.fault for entry in checks if entry.fault is not None]
        try:
            if was is not None:
                # The pages over all studies are written, so there is nothing to compare.
                written = _record(checks, locks, was, root)
                if gone := taken_out(was, root):
                    verdicts.append(Verdict("index", gone))
            else:
                verdicts.append(check_site(root, reported(root)))
        except EvaluationError as fault:
            faults.append(fault)
    if arguments.json:
        print(as_json(verdicts), end="")
    else:
        for verdict in verdicts:
            print(verdict)
        print(f"{len(checks)} run again.")
    for name in written:
        print(f"wrote reports/{name}", file=sys.stderr if arguments.json else sys.stdout)
    if arguments.markdown is not None:
        write_atomically(arguments.markdown, as_markdown(verdicts), root=None)
    for known in faults:
        print(known, file=sys.stderr)
    differs = not all(verdict.reproduces for verdict in verdicts)
    if not faults:
        say_next(arguments, "check.differs" if differs else "check")
    return max([*(known.exit_code for known in faults), DIFFERS if differs else GOOD])


def _record(
    checks: Sequence[Checked], locks: Mapping[str, str | None], was: Record, root: Path
) -> list[str]:
    """The names of what was written: the record of a check, and the pages that tell of it."""
    from evaluation.check.record import FILE, recorded
    from evaluation.study.acceptances import read_changes

    logs = {}
    for slug in locks:
        with contextlib.suppress(EvaluationError):  # told by the check of that study
            logs[slug] = read_changes(slug, root)
    record = recorded(checks, locks, logs, was)
    return front_written(record, root, also={FILE: str(record)})


ADD: Final = "add"
_USAGE: Final = """\
ceasefire data [options] FILE
       ceasefire data --new FILE [--kind KIND] [--unit NAME]
       ceasefire data [options] add NAME FILE [FILE ...]
       ceasefire data [options] fbi CITY_OR_ORI --from MONTH --to MONTH [--beside CITIES]"""


def add_data_verb(add: Add) -> None:
    """Defines the verb, its arguments and what it does.

    Parameters
    ----------
    add : makes a parser from a name, a function and a sentence.
    """
    words = "check a table, describe a new one, add one that was obtained, or ask the FBI for one"
    one = add("data", data, words)
    one.usage = _USAGE
    words = "the CSV or Parquet file; or add, a name in data/public/ or data/replication/ and "
    words += "what was obtained; or fbi and a city of the United States"
    # A file may be named "add" or "fbi" too: ./add means that one.
    one.add_argument("words", nargs="*", metavar="FILE", help=words)
    words = "write a description instead, guessed from this table, for you to correct"
    one.add_argument("--new", type=Path, nargs="+", default=(), metavar="FILE", help=words)
    words = "with --new: rows are places and periods, people, or answers (default: guessed)"
    one.add_argument("--kind", choices=("panel", "people", "survey"), help=words)
    words = "with --new: the name of the one place of a table by period"
    one.add_argument("--unit", metavar="NAME", help=words)
    add_fbi_options(one)


def data(arguments: argparse.Namespace) -> int:
    """What a dataset holds in words, or what was obtained or fetched as a table of the project."""
    words: list[str] = arguments.words
    if arguments.new:
        return _new(arguments, words)
    for option in ("kind", "unit"):
        if getattr(arguments, option) is not None:
            raise DataError(f"ceasefire data: --{option} is for --new only.")
    if not words:
        raise DataError(
            "ceasefire data: name a table that is described, or --new and a table to describe: "
            "ceasefire data --new outcomes.csv"
        )
    if words[0] == FBI:
        return data_fbi(arguments, words[1:])
    refuse_fbi_options(arguments)
    if words[0] == ADD:
        if len(words) < 3:
            raise DataError("ceasefire data add: give a name and a file, in this order.")
        files = [Path(word) for word in words[2:]]
        return add_data(words[1], files, root_of(arguments), arguments)
    if len(words) != 1:
        raise DataError("ceasefire data: one file at a time.")
    from evaluation.data.read import check_dataset

    told = check_dataset(Path(words[0]), None)
    if arguments.json:
        more = _panel_content(Path(words[0]))
        print_json({"file": words[0], "good": True, **more, "says": told.splitlines()})
    else:
        print(told)
    _say_next_of(arguments, Path(words[0]))
    return GOOD


def _new(arguments: argparse.Namespace, words: Sequence[str]) -> int:
    from evaluation.cli.guessing import new_description

    if words:
        raise DataError("ceasefire data --new: takes the file alone.")
    refuse_fbi_options(arguments)
    return new_description(arguments.new, arguments)


def _say_next_of(arguments: argparse.Namespace, path: Path) -> None:
    """What comes after a table was found good: a plan of the design that it is for."""
    plain = _kind_of(path) in ("", "people", "survey")
    say_next(arguments, "data" if plain else "data.other", table=path)


def _kind_of(path: Path) -> str:
    """What the description of a good table gives as its kind; "" of a panel."""
    from evaluation.data.description import description_path
    from evaluation.data.toml_places import read

    content = read(description_path(path, path.name), path.name, DataError).content
    return str(content.get("kind", ""))


def _panel_content(path: Path) -> dict[str, Any]:
    """Units, periods and columns of a good table of outcomes; nothing of a table of another kind,
    which may be of people."""
    from evaluation.data.read import read_panel

    if _kind_of(path):
        return {}
    panel = read_panel(path)
    return {
        "sha256": panel.provenance.sha256,
        "frequency": panel.frequency,
        "units": list(panel.units),
        "periods": [panel.periods[0], panel.periods[-1]],
        "columns": [
            {"name": one.name, "role": one.role, "type": one.type, "measure": one.measure}
            for one in panel.columns
        ],
    }


def add_data(name: str, files: Sequence[Path], root: Path, arguments: argparse.Namespace) -> int:
    """The table beside its description, once the files are known by their SHA-256.

    Parameters
    ----------
    name : of a description under `data/public/` or `data/replication/`. files : anywhere. root :
        the project folder.

    Raises
    ------
    DataError : as `evaluation.data.sources.place.placed`; what is there stays as it is.
    """
    from evaluation.data.sources.place import IGNORED, placed
    from evaluation.files import turn, write_atomically

    with turn("data add", root):
        found = placed(name, files, root)
        if found.text is not None:
            write_atomically(found.path, found.text, root=root, private=found.private)
    if arguments.json:
        wrote = [] if found.text is None else [found.shown]
        print_json({"wrote": wrote, "says": list(found.lines)})
        return GOOD
    for line in found.lines:
        print(line)
    if found.text is not None:
        ignored = found.shown.startswith(f"{IGNORED}/")
        after = "; git ignores it. Studies of it are no longer skipped." if ignored else "."
        print(f"wrote {found.shown}{after}")
    say_next(arguments, "data.add")
    return GOOD


LEAST_MEMORY: Final = 0.25


def add_panel_verb(add: Add) -> None:
    """Defines the verb, its arguments and what it does.

    Parameters
    ----------
    add : makes a parser from a name, a function and a sentence.
    """
    one = add("panel", panel, "count incidents by unit and period: write a dataset and its account")
    words = "the TOML file that says what is counted, and how"
    one.add_argument("recipe", type=Path, nargs="?", help=words)
    words = "write a recipe instead, guessed from these files of incidents, for you to correct"
    one.add_argument("--new", type=Path, nargs="+", default=(), metavar="FILE", help=words)
    words = "with --new: the period to count by (default: month, or week where rows are dated so)"
    one.add_argument("--by", choices=("month", "quarter", "year", "week", "day"), help=words)
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
    words = "folder for what does not fit into memory (default: build/ of the project)"
    one.add_argument("--temporary", type=Path, metavar="FOLDER", help=words)


def panel(arguments: argparse.Namespace) -> int:
    """Three files beside the recipe, and what was counted and dropped in words."""
    from evaluation.cli.terminal import shown
    from evaluation.data.incidents.build import build_panel

    if arguments.new:
        from evaluation.cli.guessing import new_recipe

        return new_recipe(arguments.new, arguments)
    if arguments.by is not None:
        raise DataError(
            "ceasefire panel: --by is for --new; a recipe says what to count by (`period`)."
        )
    if arguments.recipe is None:
        raise DataError(
            "ceasefire panel: give a recipe, or --new and the files to write one for: "
            "ceasefire panel --new data/mine/incidents.csv"
        )
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
    if arguments.json:
        # Not the account itself, which of private data tells more than may be shown.
        print_json({"wrote": list(built.files), "says": built.lines()[: -len(built.files)]})
        return GOOD
    for line in built.lines():
        print(line)
    say_next(arguments, "panel", table=arguments.recipe.with_name(built.files[0]))
    return GOOD


def _memory(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not LEAST_MEMORY <= value <= 65_536:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of GiB from {LEAST_MEMORY} on")
    return value
