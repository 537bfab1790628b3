"""The verbs of `ceasefire` that take studies: screen, run and report.

Imports happen inside each verb, so that `--help` waits for none of them.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from evaluation.cli.common import print_json
from evaluation.cli.next_steps import say_next
from evaluation.cli.terminal import QUIET, VERBOSE, Silent, loudness, tell, terminal, words_to
from evaluation.errors import DataError, EvaluationError, FitError, PlanError

if TYPE_CHECKING:
    from evaluation.check.record import Record
    from evaluation.study.batch_runs import Progress, Ran

GOOD, DIFFERS = 0, 1
Tell = Callable[[str], None]


def root_of(arguments: argparse.Namespace) -> Path:
    """The project folder: the one named, or the nearest one upward."""
    from evaluation.files import followed
    from evaluation.study.evidence import find_root

    if arguments.root is None:
        return find_root()
    root: Path = followed(arguments.root)
    if not (root / "analyses").is_dir():
        raise DataError(f"--root {arguments.root}: holds no folder `analyses/`")
    return root


def slugs_of(arguments: argparse.Namespace, root: Path) -> list[str]:
    """The analyses named, or all whose data are here, with a line for each of the others."""
    from evaluation.study.batch_runs import checked_folder
    from evaluation.study.plan.read import absent_data, checked_slug

    named = [checked_slug(slug) for slug in dict.fromkeys(arguments.slug)]
    found = named or _planned(root)
    if not found:
        raise DataError("no analysis yet. Start one with `ceasefire new <slug>`.")
    for slug in found:
        checked_folder(slug, root)
    absent = {slug: why for slug in found if (why := absent_data(slug, root)) is not None}
    if named and absent:
        raise PlanError("\n".join(f"{slug}: {why}" for slug, why in absent.items()))
    # What `--json` prints is to be read by a program.
    out = sys.stderr if getattr(arguments, "json", False) else sys.stdout
    for slug, why in absent.items():
        print(f"{slug}: skipped: {why}", file=out)
    return [slug for slug in found if slug not in absent]


def reported(root: Path) -> list[str]:
    """Analyses with results, whose data are here and that replicate none, by name."""
    from evaluation.study.plan.read import absent_data, is_replication

    return [
        slug
        for slug in _planned(root)
        if (root / "reports" / slug / "results.json").exists()
        and not is_replication(slug, root)
        and absent_data(slug, root) is None
    ]


def screen(arguments: argparse.Namespace) -> int:
    """The headline of every unit of a table, in one file; 3 when none could be estimated."""
    from evaluation.cli.terminal import shown
    from evaluation.files import turn
    from evaluation.study.batch_runs import workers
    from evaluation.study.screen import check_ending, screen, units_json, write_units

    root, slug = root_of(arguments), arguments.slug
    path: Path = arguments.to or root / "reports" / slug / "screen.csv"
    check_ending(path)
    with (
        workers(jobs=arguments.jobs, cluster=arguments.cluster),
        shown(slug) as show,
        turn("screen", root),
    ):
        found = screen(
            slug,
            root,
            data=arguments.data,
            starts=arguments.starts,
            progress=lambda done, total: show(f"{slug}: units", done, total),
        )
        rows, private = found.rows, found.private
        write_units(rows, path, root=root if arguments.to is None else None, private=private)
    made = [row for row in rows if not row.reason]
    if arguments.json:
        print(units_json(rows), end="")
    else:
        units = len({row.unit for row in rows})
        below = sum(row.p_value < 0.05 for row in made if row.p_value is not None)
        left = sum(row.p_holm < 0.05 for row in made if row.p_holm is not None)
        print(f"{units} units, {len(rows)} rows, {len(rows) - len(made)} not estimated")
        print(f"p below 0.05: {below}; adjusted over all units (Holm): {left}")
        print(f"wrote {arguments.to or f'reports/{slug}/screen.csv'}")
        say_next(arguments, "screen", table=arguments.to or f"reports/{slug}/screen.csv")
    return GOOD if made else FitError.exit_code


def run(arguments: argparse.Namespace) -> int:
    """Results of every study whose inputs changed, written as each is done."""
    from evaluation.files import turn
    from evaluation.study.batch_runs import across, results_of

    root = root_of(arguments)
    slugs = slugs_of(arguments, root)
    codes = [GOOD]
    with turn("run", root), status_line(slugs) as (progress, done):
        work = partial(results_of, root=root, force=arguments.force)

        def one(slug: str) -> Ran:
            return work(slug, progress=progress(slug))

        # Another process has no line to write its steps on.
        here = not arguments.cluster and serial(arguments.jobs, slugs)
        do = one if here else work
        for ran in across(do, slugs, root, jobs=arguments.jobs, cluster=arguments.cluster):
            done(ran.slug)
            codes.append(_take(ran, root, words_to(arguments)))
    if arguments.json:
        print_json(_headlines(slugs, root))
    elif max(codes) == GOOD:
        say_next(arguments, "run")
    return max(codes)


def _headlines(slugs: Sequence[str], root: Path) -> list[dict[str, object]]:
    """The row of `reports/results.json` of every headline of these studies that has results."""
    from evaluation.check.from_files import from_files
    from evaluation.report.write import rows
    from evaluation.study.batch_runs import committed_results

    here = [slug for slug in slugs if (root / "reports" / slug / "results.json").is_file()]
    with from_files(here, root):
        found = rows([committed_results(slug, root) for slug in here])
    return [dict(row) for row in found if row["kind"] == "headline"]


def report(arguments: argparse.Namespace) -> int:
    """Every page anew, from the results that are there."""
    from evaluation.check.lock import FILE as LOCK
    from evaluation.check.record import read_record
    from evaluation.data.project import read_project
    from evaluation.files import turn
    from evaluation.study.batch_runs import across, processors

    root = root_of(arguments)
    slugs = slugs_of(arguments, root)
    work = partial(_pages, root=root, pdf=arguments.pdf)
    with turn("report", root), status_line(slugs) as (_, done):
        # A record that cannot be read is told before a page is written, and so is ceasefire.toml.
        record = read_record(root)
        read_project(root)
        written = {}
        for slug, names, fault in across(work, slugs, root, jobs=arguments.jobs or processors()):
            done(slug)
            written[slug] = names, fault
        out, files = words_to(arguments), []
        for slug in slugs:
            files += [f"reports/{slug}/{name}" for name in written[slug][0]]
        for name in files:
            print(f"wrote {name}", file=out)
        faults = [fault for _, fault in written.values() if fault is not None]
        for fault in faults:
            print(fault, file=sys.stderr)
        if faults:
            return max(fault.exit_code for fault in faults)
        for name in front_written(record, root):
            files.append(f"reports/{name}")
            print(f"wrote reports/{name}", file=out)
        if arguments.json:
            print_json({"wrote": files})
        else:
            open_ones = [one for one in slugs if not (root / "reports" / one / LOCK).exists()]
            page = f"reports/{slugs[0]}/index.html" if len(slugs) == 1 else "reports/index.html"
            key = "report.unaccepted" if open_ones else "report"
            say_next(arguments, key, page=page, slugs=" ".join(open_ones))
    return GOOD


def front_written(
    record: Record | None, root: Path, *, also: Mapping[str, str] | None = None
) -> list[str]:
    """The names of the files over all studies, each written.

    Parameters
    ----------
    record : of the last check, or None. also : texts to write with them, by name in `reports/`.
    """
    from evaluation.check.from_files import from_files
    from evaluation.check.record import last_check
    from evaluation.files import inside, write_atomically
    from evaluation.report.write import write_site
    from evaluation.study.batch_runs import committed_results
    from evaluation.synthesis.elsewhere import FILE as ELSEWHERE
    from evaluation.synthesis.elsewhere import for_site

    slugs = reported(root)
    with from_files(slugs, root):
        studies = [committed_results(slug, root) for slug in slugs]
        together = for_site(studies, root)
        first = {**(also or {}), **together.numbers}
        for name, text in first.items():
            write_atomically(root / "reports" / name, text, root=root)
        checked = last_check(record, slugs, root)
        pages = write_site(studies, root, together, last_check=checked)
    # As its page goes, so do the numbers of what is published, where there is none any more.
    numbers = inside(root / "reports" / ELSEWHERE, root)
    if ELSEWHERE not in first and numbers.is_file():
        numbers.unlink()
    return [*first, *(path.name for path in pages)]


def _pages(
    slug: str, *, root: Path, pdf: bool
) -> tuple[str, tuple[str, ...], EvaluationError | None]:
    """The names of the pages written for one study, and what went wrong, if anything."""
    from evaluation.check.from_files import from_files
    from evaluation.economics.compute import supplied
    from evaluation.report.write import has_power, write_power, write_report
    from evaluation.study.batch_runs import committed_results

    names: list[str] = []
    try:
        with from_files([slug], root):
            evidence, economics = committed_results(slug, root), supplied(slug, root)
            found = write_report(evidence, root, economics=economics, pdf=pdf)
            folder = root / "reports" / slug
            names += [path.relative_to(folder).as_posix() for path in found]
            if has_power(slug, root):
                names.append(write_power(slug, root).name)
    except EvaluationError as fault:
        return slug, tuple(names), fault
    return slug, tuple(names), None


def _take(ran: Ran, root: Path, out: TextIO | Silent) -> int:
    """Writes the results of one study, says so there, and returns its exit code."""
    from evaluation.economics.compute import FILE as ECONOMICS
    from evaluation.economics.compute import computed, has_costs
    from evaluation.files import content_of, write_atomically
    from evaluation.study.evidence import load_evidence, loads

    if ran.fault is not None:
        print(ran.fault, file=sys.stderr)
        return ran.fault.exit_code
    why = ", ".join(ran.stale)
    path = root / "reports" / ran.slug / "results.json"
    evidence = loads(ran.text)
    if path.is_file() and content_of(path, f"reports/{ran.slug}/results.json") == ran.text.encode(
        "utf-8"
    ):
        words = f"run ({why}): the same results" if why else "up to date"
        print(f"{ran.slug}: {words}", file=out)
    elif _accepted(ran, root):
        words = f"run ({why}): as accepted but for the last digits; left as it is"
        print(f"{ran.slug}: {words}", file=out)
    else:
        write_atomically(path, ran.text, root=root)
        after = f" ({why})" if why else ""
        print(f"wrote reports/{ran.slug}/results.json{after}", file=out)
    if has_costs(ran.slug, root):
        # From the results as they stand in the file, which may be the accepted ones.
        money = computed(load_evidence(ran.slug, root), root)
        write_atomically(path.with_name(ECONOMICS), money, root=root)
        print(f"wrote reports/{ran.slug}/{ECONOMICS}", file=out)
    code = GOOD
    for outcome in evidence.outcomes:
        if not outcome.estimated:
            reason = outcome.headline.reason
            print(f"{ran.slug}: {outcome.label}: not estimated: {reason}", file=sys.stderr)
            # An answer that is refused is a finding of the study.
            code = code if outcome.refused else FitError.exit_code
    return code


def _accepted(ran: Ran, root: Path) -> bool:
    """Whether accepted results are there and differ only as another machine's would, so that its
    last digits do not reach a file."""
    from evaluation.check.lock import load_lock, results_sha256
    from evaluation.check.verdict import agree
    from evaluation.study.batch_runs import committed_results
    from evaluation.study.evidence import loads

    try:
        lock = load_lock(ran.slug, root)
        committed = committed_results(ran.slug, root)
    except DataError:
        return False
    if lock is None or lock.results_sha256 != results_sha256(committed):
        return False
    return agree(committed, loads(ran.text))


def _planned(root: Path) -> list[str]:
    return sorted(path.parent.name for path in (root / "analyses").glob("*/plan.toml"))


def serial(jobs: int, slugs: Sequence[str]) -> bool:
    return min(jobs, len(slugs)) <= 1


@contextlib.contextmanager
def status_line(slugs: Sequence[str]) -> Iterator[tuple[Callable[[str], Progress], Tell]]:
    """A line on stderr while studies run, when that is a terminal: the step of one study, or how
    many are done. Gives what to call for each step, and when a study is done."""
    if loudness() == VERBOSE:
        yield (
            (lambda slug: lambda step: tell(f"{slug}: {step}")),
            (lambda slug: tell(f"{slug}: done")),
        )
        return
    from rich.console import Console

    console = Console(file=terminal())
    if not console.is_terminal or loudness() == QUIET:
        yield (lambda slug: lambda step: None), (lambda slug: None)
        return
    with console.status(f"{len(slugs)} studies") as status:
        finished: list[str] = []

        def progress(slug: str) -> Progress:
            return lambda step: status.update(f"{slug}: {step}")

        def done(slug: str) -> None:
            finished.append(slug)
            status.update(f"{len(finished)} of {len(slugs)} studies done; last {slug}")

        yield progress, done
