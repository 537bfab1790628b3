"""The verb `ceasefire check`: does everything that is committed come out again?"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

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
from evaluation.errors import DataError, EvaluationError

if TYPE_CHECKING:
    from evaluation.check.verdict import Checked


def check(arguments: argparse.Namespace) -> int:
    """The verdict on every study and on the front page; 1 when one does not reproduce."""
    from evaluation.check.record import as_json, as_markdown, check_site, locks_of
    from evaluation.check.verdict import check_now
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
        with status_line(slugs) as (progress, done):
            # What is recorded as run again was: a run that is kept here may be the one that wrote
            # the results.
            force = arguments.force or arguments.record
            work = partial(check_now, root=root, force=force)

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
            if arguments.record:
                # The pages over all studies are written, so there is nothing to compare.
                written = _record(checks, locks, root)
            else:
                verdicts.append(check_site(root, reported(root)))
        except EvaluationError as fault:
            faults.append(fault)
    if arguments.json:
        print(as_json(verdicts), end="")
    else:
        for verdict in verdicts:
            print(verdict)
        print(_how(checks))
    for name in written:
        print(f"wrote reports/{name}", file=sys.stderr if arguments.json else sys.stdout)
    if arguments.markdown is not None:
        write_atomically(arguments.markdown, as_markdown(verdicts), root=None)
    for known in faults:
        print(known, file=sys.stderr)
    differs = not all(verdict.reproduces for verdict in verdicts)
    return max([*(known.exit_code for known in faults), DIFFERS if differs else GOOD])


def _record(checks: Sequence[Checked], locks: Mapping[str, str | None], root: Path) -> list[str]:
    """The names of what was written: the record of a check, and the pages that tell of it."""
    from evaluation.check.record import FILE, recorded

    record = recorded(checks, locks)
    return front_written(record, root, also={FILE: str(record)})


def _how(checks: Sequence[Checked]) -> str:
    """How many studies were run again, and how many were not because nothing changed."""
    again = sum(entry.again for entry in checks)
    kept = len(checks) - again
    words = f"{again} run again"
    if kept:
        words += f", {kept} as run here before from the same data, plan, code and versions"
    return f"{words}."
