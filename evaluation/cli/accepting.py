"""The verbs `ceasefire accept` and `ceasefire diff`: results may stand, or differ from those."""

from __future__ import annotations

import argparse
import contextlib
import sys
from pathlib import Path

from evaluation.cli.common import print_json
from evaluation.cli.next_steps import say_next
from evaluation.cli.studies import DIFFERS, GOOD, root_of, slugs_of
from evaluation.cli.terminal import words_to
from evaluation.errors import DataError, EvaluationError


def accept(arguments: argparse.Namespace) -> int:
    """The lock of every study named."""
    from evaluation.check.accept import accept
    from evaluation.check.from_files import from_files
    from evaluation.check.record import SHOWN
    from evaluation.files import turn
    from evaluation.report.site import COMMAND
    from evaluation.study.batch_runs import results_of
    from evaluation.study.evidence import loads

    root = root_of(arguments)
    codes = [GOOD]
    accepted: dict[str, list[str]] = {}
    slugs, out = slugs_of(arguments, root), words_to(arguments)
    with turn("accept", root):
        for slug in slugs:
            # What `run` keeps is for its own speed: anyone may have written it.
            ran = results_of(slug, root, force=True)
            try:
                if ran.fault is not None:
                    raise ran.fault
                with from_files([slug], root):
                    lines = accept(
                        slug,
                        root,
                        loads(ran.text),
                        reason=arguments.reason,
                        by=arguments.by,
                        on=arguments.on,
                    )
            except EvaluationError as fault:
                print(fault, file=sys.stderr)
                codes.append(fault.exit_code)
                continue
            for line in lines:
                print(line, file=out)
            accepted[slug] = list(lines)
    if arguments.json:
        print_json(accepted)
    moved = any(line.startswith("wrote ") for lines in accepted.values() for line in lines)
    if moved and (root / SHOWN).exists():
        words = f"The front page tells of the last check: run `{COMMAND}` before you commit."
        print(words, file=out)
    if max(codes) == GOOD:
        told = moved and (root / SHOWN).exists()
        say_next(arguments, "accept.record" if told else "accept")
    return max(codes)


def diff(arguments: argparse.Namespace) -> int:
    """How two results differ; 1 when they do."""
    from evaluation.check.diff import diff
    from evaluation.study.evidence import find_root

    root: Path | None = None
    with contextlib.suppress(DataError):
        # Results in any two folders can be compared, outside a project too.
        root = root_of(arguments) if arguments.root is not None else find_root()
    found = diff(arguments.a, arguments.b, root)
    if arguments.json:
        print_json([{"title": one.title, "lines": list(one.lines)} for one in found])
    else:
        for one in found:
            print(one)
    differs = any(one.lines for one in found)
    say_next(arguments, "diff.differs" if differs else "diff")
    return DIFFERS if differs else GOOD
