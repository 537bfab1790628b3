"""The command `ceasefire`: argv, one call, an exit code. Imports happen inside each verb.

The door is `main`, here.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from evaluation import __version__
from evaluation.cli import accepting, studies
from evaluation.cli.check_and_data import add_data_verb, add_panel_verb, check
from evaluation.cli.common import add_common, print_json
from evaluation.cli.ended import endings_heard, exit_code
from evaluation.cli.help_verbs import add_help_verbs
from evaluation.cli.lacking import leave_unprinted, of_the_machine
from evaluation.cli.next_steps import say_next
from evaluation.cli.stamp_verb import add_stamp_verb
from evaluation.cli.start import add_init_verb, new
from evaluation.cli.studies import GOOD, reported, root_of, slugs_of
from evaluation.cli.terminal import number_of, plain_streams, volume
from evaluation.errors import EvaluationError

if TYPE_CHECKING:
    import datetime

_ALL = "which analyses (default: all)"

_EPILOG = """first steps: ceasefire help your-city

exit codes:
  0 good   1 results differ   2 bad input   3 estimation failed   4 environment
  130 interrupted   143 ended by SIGTERM   129 ended by SIGHUP
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one verb and returns its exit code; faults of the user are printed, not raised."""
    with plain_streams(), endings_heard(), warnings.catch_warnings():
        # A process that came to hold much is replaced on the way, and nothing is lost.
        warnings.filterwarnings("ignore", "A worker stopped", UserWarning)
        return _called(argv)


def _called(argv: Sequence[str] | None) -> int:
    try:
        arguments = _parser().parse_args(argv)
        verb: Callable[[argparse.Namespace], int] = arguments.verb
        with volume(arguments):
            code = verb(arguments)
            # What cannot be printed is told now, and not by the interpreter at its end.
            sys.stdout.flush()
            return code
    except EvaluationError as fault:
        print(fault, file=sys.stderr)
        return fault.exit_code
    except KeyboardInterrupt as ended:
        with contextlib.suppress(OSError):  # the terminal may be gone
            print("interrupted; files are as they were or complete, never half", file=sys.stderr)
        return exit_code(ended)
    except ModuleNotFoundError as fault:
        print(f"the package {fault.name!r} is missing; run `make install` again", file=sys.stderr)
        return 4
    except Exception as fault:
        # Whatever ran out, and wherever: every other one is a bug, and shows its traceback.
        if (known := of_the_machine(fault)) is None:
            raise
        leave_unprinted()
        print(known, file=sys.stderr)
        return known.exit_code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ceasefire",
        description="Does Ceasefire work? From an outcome table and a frozen plan to a report.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"ceasefire {__version__}")
    parser.add_argument(
        "--root",
        type=Path,
        metavar="FOLDER",
        help="project folder (default: the one around you with analyses/)",
    )
    verbs = parser.add_subparsers(metavar="verb", required=True)

    def add(
        name: str, verb: Callable[[argparse.Namespace], int], words: str
    ) -> argparse.ArgumentParser:
        sub = verbs.add_parser(name, help=words, description=words)
        sub.set_defaults(verb=verb, called=name)
        add_common(sub, name)
        return sub

    add_init_verb(add)
    one = add("new", new, "start an analysis: a commented plan and a notebook")
    one.add_argument("slug")
    words = (
        "its: a place before and after (default); did: treated units beside untreated ones; "
        "individual: people who took part beside others; survey: residents asked before and after"
    )
    choices = ("its", "did", "individual", "survey")
    one.add_argument("--design", choices=choices, help=words)
    words = "fill the plan in from this table of outcomes by unit and period"
    one.add_argument("--data", type=Path, metavar="FILE", help=words)
    words = "with --data: where the program ran, when the table has several units"
    one.add_argument("--unit", default="", metavar="NAME", help=words)
    words = "with --data: the first period with an effect, such as 2018-04"
    one.add_argument("--start", default="", metavar="PERIOD", help=words)
    add_data_verb(add)
    add_panel_verb(add)
    one = add("plan", _plan, "print a plan in plain words and freeze it")
    one.add_argument("slug")
    add_stamp_verb(add)
    one = add("power", _power, "what could a plan find? write reports/<slug>/power.html and .json")
    one.add_argument("slug", nargs="*", help=_ALL)
    words = "simulated series a point (default: 1000, or 200 to 250 where fits are slow)"
    one.add_argument("--draws", type=int, help=words)
    one.add_argument(
        "--effects", type=float, nargs="+", default=(), metavar="PERCENT", help="sizes of change"
    )
    _processes(one, jobs=1)
    _cluster(one)
    one = add("screen", studies.screen, "a plan's headline for every unit of a table, a row each")
    one.add_argument("slug", help="which analysis, of design its")
    words = "a table, or a folder of Parquet files (default: the table of the plan)"
    one.add_argument("--data", type=Path, metavar="PATH", help=words)
    words = "a CSV file with the columns unit and start (default: the plan's start for all)"
    one.add_argument("--starts", type=Path, metavar="FILE", help=words)
    words = "where to write, .csv, .json or .parquet (default: reports/<slug>/screen.csv)"
    one.add_argument("--to", type=Path, metavar="FILE", help=words)
    _processes(one, jobs=1)
    _cluster(one)
    one = add("run", studies.run, "estimate what changed: write reports/<slug>/results.json")
    one.add_argument("slug", nargs="*", help=_ALL)
    _processes(one, jobs=1)
    words = "run again even where plan, data, code and versions are as they were"
    one.add_argument("--force", action="store_true", help=words)
    _cluster(one)
    one = add("report", studies.report, "render reports/<slug>/index.html and reports/index.html")
    one.add_argument("slug", nargs="*", help=_ALL)
    one.add_argument(
        "--pdf", action="store_true", help="write brief.pdf and report.pdf too (the extra [pdf])"
    )
    _processes(one, jobs=0)
    one = add("check", check, "run again and compare with what is there; change no file of a study")
    one.add_argument("slug", nargs="*", help=_ALL)
    _processes(one, jobs=0)
    words = "run all studies again and write what came out: check.json, told by the front page"
    one.add_argument("--record", action="store_true", help=words)
    one.add_argument("--markdown", type=Path, metavar="FILE", help="write a summary for CI")
    one = add("accept", accepting.accept, "write reports/<slug>/lock.json: these results may stand")
    one.add_argument("slug", nargs="+", help="which analyses")
    one.add_argument("--reason", help="why; it is added to analyses/<slug>/changes.toml")
    one.add_argument("--by", default="", metavar="NAME", help="who accepts, for the log")
    one.add_argument("--on", type=_day, metavar="DATE", help="day of acceptance (default: today)")
    one = add("diff", accepting.diff, "say in words how two results differ")
    one.add_argument("a", help="a study, a results.json or a folder with results")
    one.add_argument("b", help="the same, to compare with")
    one = add("simulate", _simulate, "write the synthetic datasets anew")
    one.add_argument("name", nargs="?", help="which dataset (default: all)")
    add("doctor", _doctor, "is everything here that is needed, and is something left over?")
    add_help_verbs(add, _parser)
    return parser


def _processes(one: argparse.ArgumentParser, *, jobs: int) -> None:
    words = "processes at a time (default: 1)" if jobs else "processes (default: as many as fit)"
    one.add_argument(
        "-j", "--jobs", type=number_of("processes"), default=jobs, metavar="N", help=words
    )


def _cluster(one: argparse.ArgumentParser) -> None:
    words = (
        "use the workers of this Dask scheduler instead, such as tcp://10.0.0.7:8786; trusted "
        "networks only (the extra [distributed])"
    )
    one.add_argument("--cluster", default="", metavar="ADDRESS", help=words)


def _day(text: str) -> datetime.date:
    import datetime

    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day such as 2026-01-31") from None


def _plan(arguments: argparse.Namespace) -> int:
    from evaluation.files import turn
    from evaluation.study.plan.freeze import COPY, freeze
    from evaluation.study.plan.read import check_data_of, read_plan
    from evaluation.study.plan.words import plan_words

    root = root_of(arguments)
    plan_file = read_plan(arguments.slug, root)
    # A plan that its data cannot answer must not be frozen.
    panel = check_data_of(plan_file, root)
    sentences = plan_words(plan_file.plan, panel)
    copy = root / "analyses" / arguments.slug / COPY
    # Printing needs no turn, and no folder that can be written to.
    due = plan_file.plan.frozen is not None and not copy.exists()
    with turn("plan", root) if due else contextlib.nullcontext():
        frozen = freeze(arguments.slug, root)
    if arguments.json:
        on = plan_file.plan.frozen
        dated = None if on is None else on.isoformat()
        told = {"words": list(sentences), "frozen": dated, "says": frozen.splitlines()}
        print_json({"slug": arguments.slug, "sha256": plan_file.sha256, **told})
        return GOOD
    for sentence in sentences:
        print(sentence)
    print()
    print(frozen)
    folder = f"analyses/{arguments.slug}"
    key = "plan" if (root / folder / COPY).exists() else "plan.unfrozen"
    say_next(arguments, key, slug=arguments.slug, plan=f"{folder}/plan.toml")
    return GOOD


def _power(arguments: argparse.Namespace) -> int:
    from evaluation.study.batch_runs import workers
    from evaluation.study.evidence import about
    from evaluation.study.plan.read import read_plan

    root = root_of(arguments)
    slugs = slugs_of(arguments, root)
    with workers(jobs=arguments.jobs, cluster=arguments.cluster):
        # Asked for by name it says why it is not possible.
        able = [
            slug
            for slug in slugs
            if arguments.slug or about(read_plan(slug, root).plan.design).of_series
        ]
        for number, slug in enumerate(able, start=1):
            _power_of(slug, root, arguments, f"{slug} ({number} of {len(able)})")
    say_next(arguments, "power", slug=able[0] if len(able) == 1 else "STUDY")
    return GOOD


def _power_of(slug: str, root: Path, arguments: argparse.Namespace, called: str) -> None:
    from evaluation.check.from_files import from_files
    from evaluation.cli.power_lines import terminal_lines
    from evaluation.cli.terminal import shown
    from evaluation.economics.compute import supplied
    from evaluation.files import turn, write_atomically
    from evaluation.report.sections.power_page import power_html
    from evaluation.report.write import has_power, write_report
    from evaluation.study.evidence import load_evidence
    from evaluation.study.power.power import power
    from evaluation.study.power.power_evidence import dumps, loads

    with shown(called) as show:
        found = power(
            slug,
            root,
            draws=arguments.draws,
            effects=arguments.effects,
            progress=lambda step, done, total: show(f"{called}: {step}", done, total),
        )
    text = dumps(found)
    # The page knows the numbers as the file holds them, and is made before either is written.
    page = power_html(loads(text))
    folder = root / "reports" / slug
    with turn("power", root):
        first = not has_power(slug, root)
        write_atomically(folder / "power.json", text, root=root)
        write_atomically(folder / "power.html", page, root=root)
        if first and (folder / "index.html").exists() and slug in reported(root):
            # The report links to the page on power from now on.
            with from_files([slug], root):
                write_report(load_evidence(slug, root), root, economics=supplied(slug, root))
    if arguments.json:
        print(text, end="")
        return
    for line in terminal_lines(loads(text)):
        print(line)
    print(f"\nwrote reports/{slug}/power.json\nwrote reports/{slug}/power.html")


def _simulate(arguments: argparse.Namespace) -> int:
    from evaluation.files import turn
    from evaluation.synthetic import simulate

    root = root_of(arguments)
    with turn("simulate", root):
        lines = simulate(root, arguments.name)
    if arguments.json:
        print_json({"files": lines})
        return GOOD
    for line in lines:
        print(line)
    say_next(arguments, "simulate")
    return GOOD


def _doctor(arguments: argparse.Namespace) -> int:
    from evaluation.cli.doctor_verb import doctor

    return doctor(arguments)
