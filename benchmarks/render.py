"""How long the reports of all studies take to write, part by part.

    python -m benchmarks.render              processor seconds of each part, and of the command
    python -m benchmarks.render --jobs 2     the command on 2 processes

The committed results are read and nothing in `reports/` is changed; what is written goes into a
temporary folder. `ceasefire report --pdf` is measured twice: with nothing kept in `build/figures`,
and with everything kept there from the time before.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from evaluation import plots

ROOT = Path(__file__).parents[1]
Part = TypeVar("Part")


def main() -> None:
    parser = argparse.ArgumentParser(description="Seconds to write all reports.")
    parser.add_argument("slug", nargs="*", help="which studies (default: all with results)")
    parser.add_argument("--jobs", type=int, default=0, help="processes (default: all processors)")
    arguments = parser.parse_args()
    slugs = arguments.slug or sorted(
        path.parent.name for path in (ROOT / "reports").glob("*/results.json")
    )
    print(f"{len(slugs)} studies; processor seconds of one process")
    # As the command draws them, with an empty folder for what is kept.
    with tempfile.TemporaryDirectory() as made, plots.kept_in(Path(made)):
        for name, seconds in parts(slugs):
            print(f"  {name:<24} {seconds:6.2f}")
    print("`ceasefire report --pdf`; seconds, and processor seconds of all processes")
    with copied(slugs) as root:
        for name in ("nothing kept", "everything kept"):
            passed, used = command(root, slugs, arguments.jobs)
            print(f"  {name:<24} {passed:6.2f} {used:6.2f}")


def parts(slugs: list[str]) -> Iterator[tuple[str, float]]:
    """Name and processor seconds of each part, nothing kept."""
    from evaluation.economics.compute import supplied
    from evaluation.plots import canvas
    from evaluation.report.html import render
    from evaluation.report.layers import report_document
    from evaluation.report.pdf import pdf_bytes
    from evaluation.report.write import around
    from evaluation.study.evidence import load_evidence

    drawing = [0.0]
    real = canvas._svg_text

    def saved(*given: object) -> str:
        text, seconds = timed(lambda: real(*given))  # type: ignore[arg-type]
        drawing[0] += seconds
        return text

    canvas._svg_text = saved
    known, seconds = timed(lambda: [load_evidence(slug, ROOT) for slug in slugs])
    yield "results read", seconds
    documents, seconds = timed(
        lambda: [
            report_document(one, around=around(one.slug, ROOT, economics=supplied(one.slug, ROOT)))
            for one in known
        ]
    )
    yield "documents", seconds
    yield "  of it SVG of figures", drawing[0]
    _, seconds = timed(lambda: [render(document) for document in documents])
    yield "HTML", seconds
    _, seconds = timed(lambda: [pdf_bytes(document) for document in documents])
    yield "PDF", seconds


def timed(do: Callable[[], Part]) -> tuple[Part, float]:
    """What it gives, and the processor seconds that it took."""
    begun = time.process_time()
    found = do()
    return found, time.process_time() - begun


@contextmanager
def copied(slugs: list[str]) -> Iterator[Path]:
    """A project with the same plans and results, and no pages."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        shutil.copytree(ROOT / "analyses", root / "analyses")
        # A link would lead out of the project, which the command refuses.
        shutil.copytree(ROOT / "data", root / "data")
        for slug in slugs:
            (root / "reports" / slug).mkdir(parents=True)
            for path in (ROOT / "reports" / slug).glob("*.json"):
                shutil.copy(path, root / "reports" / slug)
        yield root


def command(root: Path, slugs: list[str], jobs: int) -> tuple[float, float]:
    """Seconds that passed, and processor seconds of the command and all its processes."""
    call = [sys.executable, "-m", "evaluation.cli", "--root", str(root), "report", "--pdf", *slugs]
    if jobs:
        call += ["--jobs", str(jobs)]
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(call, check=True, cwd=ROOT, env=dict(os.environ), stdout=subprocess.DEVNULL)
    passed, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return passed, used


if __name__ == "__main__":
    main()
