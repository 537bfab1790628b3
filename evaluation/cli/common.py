"""What every verb of `ceasefire` has: examples in its help, -q and -v, and --json where it prints.

Every example is tried by a test, in the way in which the command reads it.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from typing import Any, Final

# By verb: what to type, and what it does.
EXAMPLES: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "init": (
        ("ceasefire init my-project", "folders, settings and a check in CI"),
        ("ceasefire init x --example", "with a small study that runs as it is"),
    ),
    "new": (
        ("ceasefire new my-study --data data/mine/shootings.csv", "a plan filled in from a table"),
        ("ceasefire new my-city", "one place before and after a start"),
        ("ceasefire new my-groups --design did", "treated units beside untreated ones"),
    ),
    "data": (
        ("ceasefire data data/mine/shootings.csv", "what is wrong with it, or what is in it"),
        ("ceasefire data --new data/mine/outcomes.csv", "describe a table, for you to correct"),
        ("ceasefire data add castle castle.csv", "a file that you obtained"),
        (
            'ceasefire data fbi "Oakland, CA" --from 2005-01 --to 2024-12 --beside "Fresno, '
            'Long Beach"',
            "counts of a city and of others, from the FBI",
        ),
    ),
    "panel": (
        ("ceasefire panel data/mine/shootings.toml", "count incidents as a recipe says"),
        ("ceasefire panel --new 2023.csv 2024.csv", "write a recipe, for you to correct"),
        ("ceasefire panel --new incidents.csv --by week", "the same, to count by week"),
        ("ceasefire panel recipe.toml --source ~/portal --threads 4", "files from elsewhere"),
    ),
    "plan": (("ceasefire plan my-city", "the plan in words; frozen when it has a date"),),
    "stamp": (
        ("ceasefire stamp my-city", "the frozen plan: only its hash is sent"),
        ("ceasefire stamp my-city --accepted", "what was accepted"),
        ("ceasefire stamp my-city --request", "for a machine without a network"),
        ("ceasefire stamp my-city --token reply.tsr", "the answer to that"),
    ),
    "power": (
        ("ceasefire power my-city", "what size of change it could find"),
        ("ceasefire power my-city --effects 10 20 30 --draws 500", "of these sizes, quicker"),
    ),
    "screen": (
        ("ceasefire screen my-city", "every unit of the table of the plan"),
        ("ceasefire screen my-city --data data/beats --to beats.parquet -j 4", "of a folder"),
    ),
    "run": (
        ("ceasefire run", "every analysis whose plan, data or code changed"),
        ("ceasefire run my-city --force -v", "one, whatever changed, told step by step"),
    ),
    "report": (
        ("ceasefire report", "all pages"),
        ("ceasefire report my-city --pdf", "one study, with its PDF file"),
    ),
    "check": (
        ("ceasefire check", "does everything come out again?"),
        ("ceasefire check my-city --json", "the verdict for a program"),
    ),
    "accept": (('ceasefire accept my-city --reason "data of 2025 added"', "let results stand"),),
    "diff": (("ceasefire diff my-city former/results.json", "how two results differ"),),
    "simulate": (
        ("ceasefire simulate", "all invented datasets"),
        ("ceasefire simulate city_month", "one of them"),
    ),
    "doctor": (
        ("ceasefire doctor", "is everything here that is needed?"),
        ("ceasefire doctor --json", "the same for a program"),
    ),
    "help": (
        ("ceasefire help run", "what `ceasefire run --help` says"),
        ("ceasefire help your-city", "from a file to a checked report, command by command"),
    ),
    "completion": (
        ('eval "$(ceasefire completion bash)"', "for this shell; put it into ~/.bashrc to stay"),
        ("ceasefire completion zsh > ~/.zfunc/_ceasefire", "with ~/.zfunc in $fpath"),
    ),
}
# By verb: what --json prints in place of sentences. The verbs that are not here print no results.
JSON: Final[Mapping[str, str]] = {
    "init": "print the names of what was written",
    "new": "print the names of what was written",
    "data": "print what the dataset holds, what was guessed, or the account of what was fetched",
    "panel": "print what was counted and dropped, or what was guessed",
    "plan": "print the words of the plan and whether it is frozen",
    "stamp": "print what was signed, when and by whom",
    "power": "print power.json instead of sentences",
    "screen": "print the rows for a program",
    "run": "print each outcome's estimate, range and grade",
    "report": "print the names of what was written",
    "check": "print the verdicts for a program",
    "accept": "print what was written, by study",
    "diff": "print the differences for a program",
    "simulate": "print what became of each file",
    "doctor": "print what was found for a program",
}


def add_common(one: argparse.ArgumentParser, name: str) -> None:
    """Adds to the parser of a verb its examples, -q, -v and --json."""
    width = max(len(typed) for typed, _ in EXAMPLES[name])
    # What is too long for two columns has its words below.
    apart = "\n" + 8 * " " if width > 62 else "   "
    lines = [
        f"  {typed}{apart}{words}" if width > 62 else f"  {typed:<{width}}{apart}{words}"
        for typed, words in EXAMPLES[name]
    ]
    one.epilog = "\n".join([f"example{'s' * (len(lines) > 1)}:", *lines])
    one.formatter_class = argparse.RawDescriptionHelpFormatter
    how = one.add_mutually_exclusive_group()
    words = "print nothing but faults, and what --json prints"
    how.add_argument("-q", "--quiet", action="store_true", help=words)
    words = "tell versions, steps and seconds on the stream of errors"
    how.add_argument("-v", "--verbose", action="store_true", help=words)
    if name in JSON:
        one.add_argument("--json", action="store_true", help=f"{JSON[name]}, as JSON")


def print_json(content: Any) -> None:
    """Prints what `--json` asks for, as all verbs do."""
    print(json.dumps(content, indent=1, ensure_ascii=False))
