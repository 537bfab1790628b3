"""What a study of many agencies costs, and how it grows.

    python -m benchmarks.scale                        1 to 1,000 agencies, and what that foretells
    python -m benchmarks.scale --most 10 --no-page    to see that it works

Writes the tables of scale.md between its marks. Counts are drawn (20 years by month, 10
outcomes) into a folder of Parquet files of 100 agencies each, and are removed afterwards. Every
size runs in a process of its own, so that its memory is its own. Processor time is what counts:
it is the same when others use the machine.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from evaluation.numeric.shared.draws import overdispersed_counts, stream, uniforms

PAGE = Path(__file__).parents[1] / "docs/how-to/scale.md"
SEED, YEARS, OUTCOMES, A_FILE = 20260601, 20, 10, 100
MEAN, DISPERSION = 8.0, 1.4
SIZES = (1, 10, 100, 1000)
GOAL = 20_000
NAMES = tuple(f"outcome_{number}" for number in range(OUTCOMES))
DESCRIPTION = """
name = "Invented agencies"
frequency = "month"
key = ["agency", "month"]
source = "benchmarks/scale.py"
licence = "MIT"
sensitivity = "synthetic"
[columns.agency]
role = "unit"
type = "text"
[columns.month]
role = "period"
type = "period"
""" + "".join(
    f'[columns.{name}]\nrole = "outcome"\ntype = "count"\nmeasure = "a month"\n' for name in NAMES
)


def draw(folder: Path, agencies: int) -> None:
    """Counts without any effect, the agencies of a file together and sorted."""
    import pyarrow
    from pyarrow import parquet

    months = [f"{2001 + at // 12}-{at % 12 + 1:02d}" for at in range(12 * YEARS)]
    folder.mkdir(parents=True)
    (folder / "dataset.toml").write_text(DESCRIPTION, encoding="utf-8")
    for begin in range(0, agencies, A_FILE):
        part = range(begin, min(begin + A_FILE, agencies))
        table = {
            "agency": np.repeat([f"agency {number:05d}" for number in part], len(months)),
            "month": np.tile(months, len(part)),
        }
        for name in NAMES:
            u = uniforms(stream(SEED, f"{name}/{begin}"), len(part) * len(months))
            table[name] = overdispersed_counts(u, np.full(len(u), MEAN), DISPERSION)
        inside = folder / f"part={begin // A_FILE:04d}"
        inside.mkdir()
        parquet.write_table(pyarrow.table(table), inside / "agencies.parquet")


def plan() -> object:
    from evaluation.study.plan.schema import Plan

    return Plan.model_validate(
        {
            "question": "Did counts fall?",
            "goal": 1,
            "data": "data/agencies.parquet",
            "unit": "agency 00000",
            "design": "its",
            "outcomes": [
                {"column": name, "better": "lower", "primary": name == NAMES[0]} for name in NAMES
            ],
            "intervention": {"name": "a program", "start": "2012-01"},
        }
    )


def measured(folder: Path, jobs: int) -> dict[str, float]:
    """Seconds and memory of one study of all agencies in a folder, in this process."""
    from evaluation.data.partitioned import partitioned
    from evaluation.study.batch_runs import workers
    from evaluation.study.screen import each_unit, write_units

    wall = time.perf_counter()
    table = partitioned(folder)
    with workers(jobs=jobs):
        rows = each_unit(plan(), table)
    write_units(rows, folder / "effects.parquet")
    wall = time.perf_counter() - wall
    own, theirs = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return {
        "wall": wall,
        "cpu": own.ru_utime + own.ru_stime + theirs.ru_utime + theirs.ru_stime,
        "mib": own.ru_maxrss / 1024,
        "estimated": sum(row.p_value is not None for row in rows),
        "rows": len(rows),
        "kib": sum(path.stat().st_size for path in folder.rglob("agencies.parquet")) / 1024,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="What a study of many agencies costs.")
    parser.add_argument("--most", type=int, default=SIZES[-1])
    parser.add_argument("--no-page", action="store_true")
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--jobs", type=int, default=1, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one is not None:
        print(json.dumps(measured(arguments.one, arguments.jobs)))
        return
    found = {}
    with tempfile.TemporaryDirectory() as made:
        for size in (size for size in SIZES if size <= arguments.most):
            folder = Path(made) / str(size)
            draw(folder, size)
            found[size] = apart(folder, 1)
            print(size, found[size])
    text = page(found)
    print(text)
    if not arguments.no_page:
        old = PAGE.read_text(encoding="utf-8")
        marks = r"(<!-- measured -->\n).*(<!-- end -->)"
        new = re.sub(marks, lambda at: at[1] + text + at[2], old, flags=re.DOTALL)
        PAGE.write_text(new, encoding="utf-8")


def apart(folder: Path, jobs: int) -> dict[str, float]:
    """The same in a process of its own."""
    words = [sys.executable, "-m", "benchmarks.scale", "--one", str(folder), "--jobs", str(jobs)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout))


def page(found: dict[int, dict[str, float]]) -> str:
    """The tables: measured, and carried on in a straight line through the two largest sizes."""
    lines = [
        "| agencies | studies (agency x outcome) | estimated | processor seconds | milliseconds a "
        "study | memory of the process | Parquet |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for size, one in found.items():
        lines.append(
            f"| {size:,} | {one['rows']:,.0f} | {one['estimated']:,.0f} | {one['cpu']:.1f} | "
            f"{1000 * one['cpu'] / one['rows']:.1f} | {one['mib']:,.0f} MiB | "
            f"{one['kib'] / 1024:.1f} MiB |"
        )
    if len(found) > 1:
        (small, least), (large, most) = list(found.items())[-2:]
        slope = {key: (most[key] - least[key]) / (large - small) for key in ("cpu", "mib", "kib")}
        at = {key: most[key] + slope[key] * (GOAL - large) for key in slope}
        lines += [
            "",
            f"Carried on in a straight line through the last two rows: {GOAL:,} agencies x {YEARS} "
            f"years x {OUTCOMES} outcomes are {GOAL * OUTCOMES:,} studies, {at['cpu'] / 60:.0f} "
            f"minutes of one processor ({1000 * slope['cpu'] / OUTCOMES:.1f} milliseconds each), "
            f"{at['kib'] / 1024:.0f} MiB of Parquet and at most {at['mib'] / 1024:.1f} GiB in "
            "the process that collects the rows. This was not run: it is a forecast, and from "
            f"{large:,} agencies a long one.",
        ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
