"""Speed beside other packages, in one run: what `make bench` does.

    python -m benchmarks                            writes benchmarks.md and its parts
    python -m benchmarks --small --docs FOLDER      small sizes, to see that it works

The parts are `speed_its`, `speed_did` and `panel`; coverage is `make coverage`. Peers are installed
into build/peers; one that cannot be had is left out and named. Answers that differ without a known
reason make the run fail, after the pages are written.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks import panel, panel_peers, speed_did, speed_its, summary
from benchmarks.jobs import section_of, with_section
from benchmarks.peers import FOLDER, Peers, environment, wanted
from benchmarks.speed_did_report import disagreements, installed
from benchmarks.speed_did_report import page as did_page

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs/evidence"
SMALL_ITS = {"batch": 500, "looped": 10, "judged": 20, "runs": 1}
SMALL_DID = {"units": 300, "million": 500, "runs": 1}
SMALL_ROWS = 20_000


def measured(peers: Peers, *, small: bool) -> summary.Found:
    """Every part, one after the other; tells on the way what is done."""

    def told(what: str) -> None:
        print(what, file=sys.stderr, flush=True)

    told("panels of incidents")
    rows = SMALL_ROWS if small else panel.ROWS
    others = tuple(panel_peers.PACKAGES) if peers.python else ()
    incidents = panel.compared(rows, others, python=peers.python or "")
    told("a whole study")
    study = speed_its.study_seconds()
    told("time series")
    series = speed_its.lines(**(SMALL_ITS if small else {}))
    rival: dict[str, object] = {"fault": "no environment with it"}
    if peers.python:
        rival = speed_its.peer(peers.python, 2 if small else 20)
    told("difference-in-differences")
    with tempfile.TemporaryDirectory() as name:
        lines = speed_did.measured(peers.python, Path(name), **(SMALL_DID if small else {}))
        shuffled = speed_did.permuted(peers.python, Path(name))
    return summary.Found(series, study, rival, lines, shuffled, incidents, peers)


def write(found: summary.Found, docs: Path) -> str:
    """Writes the table and the longer ones of its parts; the table.

    What `benchmarks.jobs` and larger panels wrote is kept.
    """
    whole, names = docs / "benchmarks.md", {case.name: case.what for case in speed_did.CASES}
    python = found.peers.python
    able = {line.package for line in found.lines if not line.fault}
    sizes = installed(python) if python and {"diff-diff", "pyfixest"} <= able else {}
    pages = {
        docs / "benchmarks_its.md": speed_its.page(found.series, found.study, found.rival),
        docs / "benchmarks_did.md": did_page(found.lines, found.shuffled, sizes, names),
    }
    text = summary.page(found)
    old = whole.read_text(encoding="utf-8") if whole.exists() else ""
    pages[whole] = with_section(text, section_of(old))
    for path, told in pages.items():
        path.write_text(told, encoding="utf-8")
    # The page of panels is no page of measurements, and so stands in another folder.
    place = panel.PAGE if docs == DOCS else docs / panel.PAGE.name
    panel.page(found.incidents, place)
    return text


def main(argv: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Speed, with peers.")
    parser.add_argument("--small", action="store_true", help="small sizes, to see that it works")
    parser.add_argument("--docs", type=Path, default=DOCS, help="where the pages go")
    parser.add_argument("--peers", type=Path, default=FOLDER, help="environment of the peers")
    asked = parser.parse_args(argv)
    if asked.small and asked.docs.resolve() == DOCS:
        parser.error("small sizes are no measurement. Name another folder for the pages: --docs")
    asked.docs.mkdir(parents=True, exist_ok=True)
    if asked.docs.resolve() != DOCS:
        # The table of panels goes between the marks of its page.
        shutil.copy(panel.PAGE, asked.docs)
    begun = time.monotonic()
    found = measured(environment(wanted(), asked.peers), small=asked.small)
    print(write(found, asked.docs))
    print(f"{(time.monotonic() - begun) / 60:.0f} minutes", file=sys.stderr)
    if asked.small:
        print("Sizes in these pages are those of a whole run; fewer were timed.", file=sys.stderr)
    # With few units the factors for few clusters of two packages differ by more.
    if not asked.small and (wrong := disagreements(found.lines)):
        raise SystemExit("\n".join(wrong))


if __name__ == "__main__":
    main()
