"""How long a panel of incidents takes and how much memory, beside pandas and polars.

    python -m benchmarks.panel --peer <python with both>      5 million incidents, all three
    python -m benchmarks.panel --rows 0 --alone 50000000      50 million, this package alone
    python -m benchmarks.panel --rows 20000 --no-page         to see that it works

Writes rows of the table of panels.md; rows of other sizes stay. The incidents are drawn into a
temporary folder, several Parquet files, and are removed afterwards; each package runs in a process
of its own on the same files, one after the other, the others by `panel_peers`. One incident in ten
is listed twice. All must give the same panel.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks import panel_peers
from benchmarks.panel_peers import FIRST, LAST, LATE, ZONE, told
from evaluation.numeric.shared.draws import stream, uniforms

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/how-to/panels.md"
SEED = 20260501
ROWS, FILES, BEATS = 5_000_000, 8, 300
OFFENSES = (
    *("THEFT", "BURGLARY", "ASSAULT", "ROBBERY", "VANDALISM", "FRAUD", "NARCOTICS"),
    *("AGG ASSAULT FIREARM", "ARSON", "HOMICIDE"),
)
MICRO = 1_000_000
START, END = 1_325_404_800, 1_640_995_200  # 2012-01-01 in that zone to 2022-01-01 in UTC, seconds
BATCH = 500_000
OWN = "this package"
HEAD = [
    "incidents",
    "package",
    "processor seconds",
    "times as long",
    "GiB at most",
    "times as much",
]
RECIPE = f"""
name = "Invented incidents"
period = "month"
source = "benchmarks/panel.py, seed {SEED}"
licence = "MIT"
sensitivity = "synthetic"
incidents = {{ files = "raw", id = "case", occurred = "occurred", reported = "reported" }}
time = {{ zone = "{ZONE}", naive = "utc" }}
units = {{ column = "beat", which = "found" }}
coverage = {{ first = "{FIRST}", last = "{LAST}" }}
duplicates = {{ keep = "first reported" }}
late = {{ days = {LATE}, extracted = 2022-12-31 }}
[outcomes.homicides]
measure = "victims a month"
where.offense = ["HOMICIDE"]
[outcomes.shootings]
measure = "victims a month"
where.offense = ["HOMICIDE", "AGG ASSAULT FIREARM"]
"""


def draw(folder: Path, rows: int) -> None:
    """Incidents in FILES Parquet files; the last tenth of the rows are ids seen before."""
    import pyarrow
    from pyarrow import parquet

    (folder / "raw").mkdir(parents=True)
    (folder / "panel.toml").write_text(RECIPE, encoding="utf-8")
    beats = pyarrow.array([f"beat {number:03d}" for number in range(BEATS)])
    offenses = pyarrow.array(OFFENSES)
    schema = pyarrow.schema(
        {
            "case": pyarrow.string(),
            "occurred": pyarrow.timestamp("us", tz="UTC"),
            "reported": pyarrow.timestamp("us", tz="UTC"),
            "beat": pyarrow.string(),
            "offense": pyarrow.string(),
        }
    )
    ids = rows - rows // 10
    edges = np.linspace(0, rows, FILES + 1).astype(int)
    for number in range(FILES):
        path = folder / "raw" / f"part {number}.parquet"
        with parquet.ParquetWriter(path, schema) as writer:
            for low in range(edges[number], edges[number + 1], BATCH):
                size = min(BATCH, edges[number + 1] - low)
                source = stream(SEED, f"rows from {low}")
                u = uniforms(source, 5 * size).reshape(5, size)
                # Ids in an order that no reader can use.
                case = (np.arange(low, low + size) % ids) * 7_368_787 % 1_000_000_007
                occurred = ((START + u[0] * (END - START)) * MICRO).astype(np.int64)
                delay = (-np.log(1 - u[1]) * 12 * 86_400 * MICRO).astype(np.int64)
                named = np.char.add("CASE-", np.char.zfill(case.astype(str), 10))
                columns = (
                    pyarrow.array(named).cast(pyarrow.string()),
                    pyarrow.array(occurred).cast(schema.field("occurred").type),
                    pyarrow.array(occurred + delay).cast(schema.field("reported").type),
                    beats.take(pyarrow.array((u[2] ** 1.5 * BEATS).astype(int))),
                    offenses.take(pyarrow.array((u[3] ** 0.5 * len(OFFENSES)).astype(int))),
                )
                writer.write_batch(pyarrow.record_batch(list(columns), schema=schema))


def ours(folder: Path) -> str:
    """The panel of this package as CSV."""
    from evaluation.data.incidents.build import build_panel

    memory = float(os.environ.get("BENCHMARK_MEMORY", "2"))
    build_panel(folder / "panel.toml", threads=int(os.environ["BENCHMARK_THREADS"]), memory=memory)
    return (folder / "panel.csv").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Taken:
    """What one package takes; `version` is "" for this one, `fault` says why there is nothing."""

    rows: int
    package: str
    version: str = ""
    seconds: float = np.nan
    gib: float = np.nan
    panel: str = ""
    fault: str = ""


def measured(rows: int, package: str, folder: Path, *, threads: int, python: str) -> Taken:
    """One package on the incidents of a folder, in a process of its own."""
    names = ("BENCHMARK_THREADS", "POLARS_MAX_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")
    call = [python, str(Path(panel_peers.__file__)), package, str(folder)]
    if package == OWN:
        call = [sys.executable, "-m", "benchmarks.panel", "--child", str(folder)]
    done = subprocess.run(
        call,
        cwd=ROOT,
        env=os.environ | dict.fromkeys(names, str(threads)),
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stdout.splitlines()
    if done.returncode or not said:
        last = done.stderr.strip().splitlines()
        why = last[-1] if last else f"ended with {done.returncode}"
        if package == OWN:
            raise SystemExit(f"{package} failed: {why}")
        return Taken(rows, package, fault=why)
    found = json.loads(said[-1])
    if "fault" in found:
        return Taken(rows, package, fault=str(found["fault"]))
    version, panel = str(found.get("version", "")), str(found["panel"])
    return Taken(rows, package, version, float(found["processor"]), float(found["gib"]), panel)


def compared(rows: int, packages: Sequence[str], *, threads: int = 1, python: str) -> list[Taken]:
    """What each package takes, this one first; stops when panels differ."""
    with tempfile.TemporaryDirectory(prefix="incidents-") as name:
        folder = Path(name)
        draw(folder, rows)
        found = [
            measured(rows, package, folder, threads=threads, python=python)
            for package in (OWN, *packages)
        ]
    if len({taken.panel for taken in found if not taken.fault}) > 1:
        raise SystemExit(f"the panels differ: {found}")
    return found


def lines(found: Sequence[Taken]) -> list[list[str]]:
    """Rows of the table; a package without a time has none."""
    own = {taken.rows: taken for taken in found if taken.package == OWN}
    return [
        [
            f"{taken.rows:,}",
            f"{taken.package} {taken.version}".strip(),
            f"{taken.seconds:.1f}",
            f"{taken.seconds / own[taken.rows].seconds:.2f}",
            f"{taken.gib:.2f}",
            f"{taken.gib / own[taken.rows].gib:.2f}",
        ]
        for taken in found
        if not taken.fault
    ]


def page(found: Sequence[Taken], path: Path = PAGE) -> None:
    """Puts the rows between the marks of panels.md; those of other sizes are kept."""
    old = path.read_text(encoding="utf-8")
    marks = r"(?s)(<!-- table -->\n)(.*)(<!-- end -->)"
    before = re.search(marks, old)
    if before is None:
        raise SystemExit(f"{path.name} has no marks of a table. Put them back.")
    rows = [line.strip("| ").split(" | ") for line in before[2].splitlines()[2:]]
    sizes = {f"{taken.rows:,}" for taken in found}
    rows = [*(row for row in rows if row[0] not in sizes), *lines(found)]
    rows.sort(key=lambda row: int(row[0].replace(",", "")))
    text = "\n".join(f"| {' | '.join(row)} |" for row in (HEAD, ["---"] * len(HEAD), *rows))
    path.write_text(re.sub(marks, rf"\g<1>{text}\n\g<3>", old), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--peer", default=sys.executable, help="Python with pandas and polars")
    parser.add_argument("--rows", type=int, default=ROWS, help="incidents for all (0: none)")
    parser.add_argument("--alone", type=int, nargs="*", default=[], help="for this package alone")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--no-page", action="store_true", help="print only")
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        print(json.dumps(told(ours, given.child)))
        return
    asked = [(given.rows, tuple(panel_peers.PACKAGES))] if given.rows else []
    asked += [(rows, ()) for rows in given.alone]
    found = []
    for rows, packages in asked:
        found += compared(rows, packages, threads=given.threads, python=given.peer)
    for row in lines(found):
        print(*row, sep="\t")
    for taken in found:
        if taken.fault:
            print(f"{taken.package}: left out ({taken.fault})")
    if not given.no_page:
        page(found)


if __name__ == "__main__":
    main()
