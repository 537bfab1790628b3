"""What comes after each verb: the one owner of the lines that begin with `next:`."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

# By verb, and by what it did where that matters. Names in braces are files and studies.
STEPS: Final[Mapping[str, str]] = {
    "init": (
        "{inside}put your file into {data} and name it: ceasefire panel --new FILE for a list of "
        "incidents, ceasefire data --new FILE for a table by period, of people or of answers"
    ),
    "init.example": "{inside}ceasefire run && ceasefire report",
    "new": "edit {plan}, then ceasefire plan {slug}",
    "new.data": (
        "{first} ({plan}), then ceasefire power {slug} for the size of change that it could find, "
        "and ceasefire plan {slug} to freeze it"
    ),
    "data": "ceasefire new my-study --data {table}",
    "data.other": "name it in a plan, or read what shows it: ceasefire report",
    "data.new": "read and correct {description}, then ceasefire data {table}",
    "data.add": "ceasefire run",
    "data.fbi": "ceasefire new my-study --data {table} --unit {unit}",
    "panel": "ceasefire data {table}, then ceasefire new my-study --data {table}",
    "panel.new": "read and correct {recipe}, then ceasefire panel {recipe}",
    "plan": "ceasefire run {slug}",
    "plan.unfrozen": (
        "ceasefire power {slug} for the size of change that it could find; to freeze it write "
        "`frozen` into {plan}, then ceasefire plan {slug}"
    ),
    "stamp": "commit its token; ceasefire run {slug}",
    "stamp.accepted": "commit its token; ceasefire check {slug}",
    "stamp.request": "send {request} to an authority, then ceasefire stamp {slug} --token FILE",
    "power": "ceasefire plan {slug} to freeze the plan, then ceasefire run {slug}",
    "screen": "read {table}",
    "run": "ceasefire report",
    "report": "open {page}, then ceasefire check",
    "report.unaccepted": (
        'open {page}; where it is right: ceasefire accept {slugs} --reason "First results", then '
        "ceasefire check"
    ),
    "check": "commit analyses/, data/ and reports/",
    "check.differs": (
        "ceasefire diff STUDY FORMER to see how, ceasefire run to write what came out, and "
        "ceasefire accept STUDY --reason to let it stand"
    ),
    "accept": "ceasefire check",
    "accept.record": "ceasefire check --record, which the front page tells of, then commit",
    "diff": "nothing differs",
    "diff.differs": "ceasefire accept STUDY --reason ... where the new results are to stand",
    "simulate": "ceasefire run",
    "doctor": "ceasefire help",
    "doctor.faults": "mend what is listed, then ceasefire doctor",
}


def say_next(arguments: argparse.Namespace, key: str, **names: object) -> None:
    """Prints what comes next, on the stream of sentences; nothing where a program reads.

    Parameters
    ----------
    names : of the sentence; a path or a name with blanks is quoted as a shell wants it.
    """
    if getattr(arguments, "json", False):
        return
    words = {name: _quoted(one) for name, one in names.items()}
    print(f"next: {STEPS[key].format(**words)}", file=sys.stdout)


def _quoted(given: object) -> str:
    return shlex.quote(str(given)) if isinstance(given, Path) else str(given)
