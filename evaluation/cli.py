"""The command `ceasefire`: argv, one call, an exit code. Imports happen inside each verb."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from evaluation import __version__
from evaluation.errors import DataError, EvaluationError, FitError, PlanError

if TYPE_CHECKING:
    from evaluation.study.evidence import Evidence

GOOD, DIFFERS, INTERRUPTED = 0, 1, 130

_EPILOG = """exit codes:
  0 good   1 results differ   2 bad input   3 estimation failed   4 environment   130 interrupted
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one verb and returns its exit code; faults of the user are printed, not raised."""
    arguments = _parser().parse_args(argv)
    verb: Callable[[argparse.Namespace], int] = arguments.verb
    try:
        return verb(arguments)
    except EvaluationError as fault:
        print(fault, file=sys.stderr)
        return fault.exit_code
    except KeyboardInterrupt:
        print("interrupted; files are as they were or complete, never half", file=sys.stderr)
        return INTERRUPTED
    except ModuleNotFoundError as fault:
        print(f"the package {fault.name!r} is missing; run `make reports` again", file=sys.stderr)
        return 4
    except BrokenPipeError:
        return GOOD


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ceasefire",
        description="Does Ceasefire work? From an outcome table and a frozen plan to a report.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"ceasefire {__version__}")
    parser.add_argument(
        "--root", type=Path, help="project folder (default: the one around you with analyses/)"
    )
    verbs = parser.add_subparsers(metavar="verb", required=True)

    def add(
        name: str, verb: Callable[[argparse.Namespace], int], words: str
    ) -> argparse.ArgumentParser:
        sub = verbs.add_parser(name, help=words, description=words)
        sub.set_defaults(verb=verb)
        return sub

    one = add("new", _new, "start an analysis: a commented plan and a notebook")
    one.add_argument("slug")
    words = (
        "its: a place before and after (default); did: treated units beside untreated ones; "
        "individual: people who took part beside others; survey: residents asked before and after"
    )
    choices = ("its", "did", "individual", "survey")
    one.add_argument("--design", choices=choices, default="its", help=words)
    one = add("data", _data, "check a dataset and describe it")
    one.add_argument("path", type=Path, help="the CSV or Parquet file")
    one = add("plan", _plan, "print a plan in plain words and freeze it")
    one.add_argument("slug")
    one = add("power", _power, "what could a plan find? write reports/<slug>/power.html and .json")
    one.add_argument("slug", nargs="*", help="which analyses (default: all)")
    words = "simulated series a point (default: 1000, or 200 to 250 where fits are slow)"
    one.add_argument("--draws", type=int, help=words)
    one.add_argument(
        "--effects", type=float, nargs="+", default=(), metavar="PERCENT", help="sizes of change"
    )
    one.add_argument("--json", action="store_true", help="print power.json instead of sentences")
    for name, run_verb, words in (
        ("run", _run, "estimate: write reports/<slug>/results.json"),
        ("report", _report, "render reports/<slug>/index.html and reports/index.html"),
        ("check", _check, "run again and compare with what is committed; change nothing"),
    ):
        one = add(name, run_verb, words)
        one.add_argument("slug", nargs="*", help="which analyses (default: all)")
    one = add("simulate", _simulate, "write the synthetic datasets anew")
    one.add_argument("name", nargs="?", help="which dataset (default: all)")
    return parser


def _root(arguments: argparse.Namespace) -> Path:
    from evaluation.study.evidence import find_root

    if arguments.root is None:
        return find_root()
    root: Path = arguments.root.resolve()
    if not (root / "analyses").is_dir():
        raise DataError(f"--root {arguments.root}: holds no folder `analyses/`")
    return root


def _slugs(arguments: argparse.Namespace, root: Path) -> list[str]:
    """The analyses named, or all whose data are here, with a line for each of the others."""
    from evaluation.study.plan import absent_data

    named = list(dict.fromkeys(arguments.slug))
    found = named or _planned(root)
    if not found:
        raise DataError("no analysis yet. Start one with `ceasefire new <slug>`.")
    absent = {slug: why for slug in found if (why := absent_data(slug, root)) is not None}
    if named and absent:
        raise PlanError("\n".join(f"{slug}: {why}" for slug, why in absent.items()))
    # What `power --json` prints is to be read by a program.
    out = sys.stderr if getattr(arguments, "json", False) else sys.stdout
    for slug, why in absent.items():
        print(f"{slug}: skipped: {why}", file=out)
    return [slug for slug in found if slug not in absent]


def _new(arguments: argparse.Namespace) -> int:
    from evaluation.study.skeleton import new_analysis

    root = _root(arguments)
    for path in new_analysis(arguments.slug, root, design=arguments.design):
        print(f"wrote {path}")
    print(f"Edit the plan, then: ceasefire plan {arguments.slug}")
    return GOOD


def _data(arguments: argparse.Namespace) -> int:
    from evaluation.data.read import check_dataset

    print(check_dataset(arguments.path, None))
    return GOOD


def _plan(arguments: argparse.Namespace) -> int:
    from evaluation.study.freeze import freeze
    from evaluation.study.plan import check_data_of, read_plan
    from evaluation.study.plan_words import plan_words

    root = _root(arguments)
    plan_file = read_plan(arguments.slug, root)
    # A plan that its data cannot answer must not be frozen.
    check_data_of(plan_file, root)
    for sentence in plan_words(plan_file.plan):
        print(sentence)
    print()
    print(freeze(arguments.slug, root))
    return GOOD


def _power(arguments: argparse.Namespace) -> int:
    from evaluation.study.plan import read_plan

    root = _root(arguments)
    for slug in _slugs(arguments, root):
        # Asked for by name it says why it is not possible.
        if arguments.slug or read_plan(slug, root).plan.design == "its":
            _power_of(slug, root, arguments)
    return GOOD


def _power_of(slug: str, root: Path, arguments: argparse.Namespace) -> None:
    from rich.console import Console
    from rich.progress import Progress

    from evaluation.report.power_page import power_html
    from evaluation.report.power_words import terminal_lines
    from evaluation.report.write import write_report
    from evaluation.study.evidence import load_evidence, write_atomically
    from evaluation.study.power import power
    from evaluation.study.power_evidence import dumps, loads

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(slug, total=None)

        def show(step: str, done: int, total: int) -> None:
            bar.update(task, description=f"{slug}: {step}", completed=done, total=total)

        found = power(slug, root, draws=arguments.draws, effects=arguments.effects, progress=show)
    text = dumps(found)
    # The page knows the numbers as the file holds them, and is made before either is written.
    page = power_html(loads(text))
    write_atomically(root / "reports" / slug / "power.json", text)
    write_atomically(root / "reports" / slug / "power.html", page)
    if (root / "reports" / slug / "index.html").exists() and slug in _reported(root):
        # The report links to the page on power from now on.
        write_report(load_evidence(slug, root), root)
    if arguments.json:
        print(text, end="")
        return
    for line in terminal_lines(loads(text)):
        print(line)
    print(f"\nwrote reports/{slug}/power.json\nwrote reports/{slug}/power.html")


def _run(arguments: argparse.Namespace) -> int:
    from evaluation.study.evidence import dumps, write_atomically

    root = _root(arguments)
    code = GOOD
    for slug, evidence in _evidence(_slugs(arguments, root), root):
        write_atomically(root / "reports" / slug / "results.json", dumps(evidence))
        print(f"wrote reports/{slug}/results.json")
        for outcome in evidence.outcomes:
            if not outcome.estimated:
                reason = outcome.headline.reason
                print(f"{slug}: {outcome.label}: not estimated: {reason}", file=sys.stderr)
                # An answer that is refused is a finding of the study.
                code = code if outcome.refused else FitError.exit_code
    return code


def _report(arguments: argparse.Namespace) -> int:
    from evaluation.report.write import has_power, write_power, write_report, write_site
    from evaluation.study.evidence import load_evidence

    root = _root(arguments)
    for slug in _slugs(arguments, root):
        write_report(load_evidence(slug, root), root)
        print(f"wrote reports/{slug}/index.html")
        if has_power(slug, root):
            write_power(slug, root)
            print(f"wrote reports/{slug}/power.html")
    write_site([load_evidence(slug, root) for slug in _reported(root)], root)
    print("wrote reports/index.html")
    return GOOD


def _check(arguments: argparse.Namespace) -> int:
    from evaluation.check import check_site, check_study

    root = _root(arguments)
    slugs = _slugs(arguments, root)
    verdicts = [check_study(slug, root, fresh) for slug, fresh in _evidence(slugs, root)]
    verdicts.append(check_site(root, _reported(root)))
    for verdict in verdicts:
        print(verdict)
    return GOOD if all(verdict.reproduces for verdict in verdicts) else DIFFERS


def _simulate(arguments: argparse.Namespace) -> int:
    from evaluation.synthetic import simulate

    for line in simulate(_root(arguments), arguments.name):
        print(line)
    return GOOD


def _reported(root: Path) -> list[str]:
    """Analyses with results, whose data are here and that replicate none, by name."""
    from evaluation.study.plan import absent_data, is_replication

    return [
        slug
        for slug in _planned(root)
        if (root / "reports" / slug / "results.json").exists()
        and not is_replication(slug, root)
        and absent_data(slug, root) is None
    ]


def _planned(root: Path) -> list[str]:
    return sorted(path.parent.name for path in (root / "analyses").glob("*/plan.toml"))


def _evidence(slugs: Sequence[str], root: Path) -> list[tuple[str, Evidence]]:
    """Every study run, with a progress line on stderr when that is a terminal."""
    from rich.console import Console

    from evaluation.study.run import run

    console = Console(stderr=True)
    found = []
    with console.status("") if console.is_terminal else _Silent() as status:
        for slug in slugs:

            def show(step: str, slug: str = slug) -> None:
                status.update(f"{slug}: {step}")

            found.append((slug, run(slug, root, progress=show)))
    return found


class _Silent:
    """Stands in for a progress line where there is no terminal."""

    def __enter__(self) -> _Silent:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def update(self, _: str) -> None:
        return None


if __name__ == "__main__":
    sys.exit(main())
