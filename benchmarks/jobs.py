"""How much sooner all studies are done with several processes: `ceasefire run` and `power`.

    python -m benchmarks.jobs                                   all studies, 1 and 2 processes
    python -m benchmarks.jobs --only boston --no-page           to see that it works

Writes a section of benchmarks.md. What counts here is the clock on the wall, so nothing else
may run on the machine. Each command runs in a copy of plans and data without results; nothing in
`reports/` is changed. Results must be the same to the byte.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/evidence/benchmarks.md"
JOBS = 2
# What is timed, and what it writes for each study.
VERBS = {"run": "results.json", "power": "power.json"}
SECTION = re.compile(r"(?s)\n<!-- jobs -->\n.*<!-- end of jobs -->\n")


@dataclass(frozen=True, slots=True)
class Spread:
    """One command with one process and with several: seconds on the wall."""

    verb: str
    studies: int
    alone: float
    together: float


def seconds(verb: str, slugs: Sequence[str], jobs: int) -> tuple[float, dict[str, bytes]]:
    """Seconds of a command, and the results of each study.

    Studies whose data are not here are left out by the command, as always. Raises SystemExit when
    none is left.
    """
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        # A link would lead out of the project, which the command refuses.
        for folder in ("analyses", "data"):
            shutil.copytree(ROOT / folder, root / folder)
        (root / "reports").mkdir()
        call = [sys.executable, "-m", "evaluation.cli", "--root", name, verb, "-j", str(jobs)]
        begun = time.perf_counter()
        done = subprocess.run(
            [*call, *slugs], cwd=ROOT, env=dict(os.environ), capture_output=True, text=True
        )
        passed = time.perf_counter() - begun
        written = sorted((root / "reports").glob(f"*/{VERBS[verb]}"))
        if done.returncode or not written:
            raise SystemExit(f"ceasefire {verb} failed: {done.stderr[-2000:]}")
        return passed, {path.parent.name: path.read_bytes() for path in written}


def spread(verb: str, slugs: Sequence[str], jobs: int) -> Spread:
    """One command both ways; stops when the results differ."""
    alone, first = seconds(verb, slugs, 1)
    together, second = seconds(verb, slugs, jobs)
    if first != second:
        raise SystemExit(f"ceasefire {verb} gives other results with {jobs} processes")
    return Spread(verb, len(first), alone, together)


def section(found: Sequence[Spread], jobs: int) -> str:
    """The section between its marks."""
    rows = [
        f"| `ceasefire {one.verb}`, {one.studies} studies | {one.alone:.1f} s |"
        f" {one.together:.1f} s | {one.alone / one.together:.2f} |"
        for one in found
    ]
    text = [
        "",
        "<!-- jobs -->",
        "## Several processes",
        "",
        "Made by `python -m benchmarks.jobs` in a run of its own, by the clock on the wall: every"
        " study whose data are here, nothing kept from before, the same bytes both times.",
        "",
        f"| what | 1 process | {jobs} processes | times as fast |",
        "| --- | --- | --- | --- |",
        *rows,
        "<!-- end of jobs -->",
        "",
    ]
    return "\n".join(text)


def with_section(text: str, new: str) -> str:
    """A page with this section in place of the one it has, or at its end; "" takes none in."""
    return SECTION.sub("", text) + new


def section_of(text: str) -> str:
    """The section that a page has, or ""."""
    found = SECTION.search(text)
    return found[0] if found else ""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="*", default=[], help="which studies (default: all)")
    parser.add_argument("--jobs", type=int, default=JOBS)
    parser.add_argument("--verb", choices=VERBS, action="append", help="default: both")
    parser.add_argument("--no-page", action="store_true", help="print only")
    asked = parser.parse_args()
    found = [spread(verb, asked.only, asked.jobs) for verb in asked.verb or VERBS]
    text = section(found, asked.jobs)
    print(text)
    if not asked.no_page:
        PAGE.write_text(with_section(PAGE.read_text(encoding="utf-8"), text), encoding="utf-8")


if __name__ == "__main__":
    main()
