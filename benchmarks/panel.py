"""How long a panel of incidents takes and how much memory, beside pandas and polars.

    python -m benchmarks.panel                                5 million incidents, all three
    python -m benchmarks.panel --alone 50000000               and 50 million, this package alone
    python -m benchmarks.panel --rows 20000 --no-page         to see that it works

Writes the table of docs/panels.md. The incidents are drawn into a temporary folder, several Parquet
files, and are removed afterwards; each package runs in a process of its own on the same files, one
after the other. One incident in ten is listed twice. All must give the same panel.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.metadata
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from evaluation.numeric.draws import stream, uniforms

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "panels.md"
SEED = 20260501
ROWS, FILES, BEATS = 5_000_000, 8, 300
ZONE, LATE = "America/Los_Angeles", 60
OFFENSES = (
    *("THEFT", "BURGLARY", "ASSAULT", "ROBBERY", "VANDALISM", "FRAUD", "NARCOTICS"),
    *("AGG ASSAULT FIREARM", "ARSON", "HOMICIDE"),
)
COUNTED = {"homicides": ("HOMICIDE",), "shootings": ("HOMICIDE", "AGG ASSAULT FIREARM")}
FIRST, LAST = "2012-01", "2021-10"
MICRO = 1_000_000
START, END = 1_325_404_800, 1_640_995_200  # 2012-01-01 in that zone to 2022-01-01 in UTC, seconds
BATCH = 500_000
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


def with_pandas(folder: Path) -> str:
    """The same panel by pandas."""
    import pandas as pd

    frame = pd.concat([pd.read_parquet(path) for path in sorted((folder / "raw").iterdir())])
    frame = frame.sort_values("reported").drop_duplicates("case")
    occurred = frame["occurred"].dt.tz_convert(ZONE).dt.tz_localize(None)
    reported = frame["reported"].dt.tz_convert(ZONE).dt.tz_localize(None)
    delay = (reported.dt.normalize() - occurred.dt.normalize()).dt.days
    frame = frame.assign(month=occurred.dt.strftime("%Y-%m"))[delay <= LATE]
    frame = frame[frame["offense"].isin(COUNTED["shootings"])]
    frame = frame[(frame["month"] >= FIRST) & (frame["month"] <= LAST)]
    for name, values in COUNTED.items():
        frame[name] = frame["offense"].isin(values).astype("int64")
    months = pd.period_range(FIRST, LAST, freq="M").strftime("%Y-%m")
    units = sorted(frame["beat"].unique())
    every = pd.MultiIndex.from_product([units, months], names=["beat", "month"])
    sums = frame.groupby(["beat", "month"])[list(COUNTED)].sum()
    return str(sums.reindex(every, fill_value=0).reset_index().to_csv(index=False))


def with_polars(folder: Path) -> str:
    """The same panel by polars, lazily and with its streaming engine."""
    import polars as pl

    def local(name: str) -> pl.Expr:
        return pl.col(name).dt.convert_time_zone(ZONE).dt.replace_time_zone(None)

    frame = (
        pl.scan_parquet(folder / "raw" / "*.parquet")
        .group_by("case")
        .agg(pl.struct("reported", "occurred", "beat", "offense").min_by("reported").alias("one"))
        .unnest("one")
        .filter(pl.col("offense").is_in(COUNTED["shootings"]))
        .filter((local("reported").dt.date() - local("occurred").dt.date()).dt.total_days() <= LATE)
        .with_columns(local("occurred").dt.strftime("%Y-%m").alias("month"))
        .filter(pl.col("month").is_between(pl.lit(FIRST), pl.lit(LAST)))
        .group_by("beat", "month")
        .agg([pl.col("offense").is_in(v).sum().cast(pl.Int64).alias(k) for k, v in COUNTED.items()])
        .collect(engine="streaming")
    )
    months = [f"{y}-{m:02d}" for y in range(2012, 2023) for m in range(1, 13)]
    every = (
        frame.select("beat")
        .unique()
        .join(pl.DataFrame({"month": [m for m in months if FIRST <= m <= LAST]}), how="cross")
    )
    whole = every.join(frame, on=["beat", "month"], how="left").fill_null(0)
    return whole.sort("beat", "month").write_csv()


PACKAGES: dict[str, Callable[[Path], str]] = {
    "this package": ours,
    "pandas": with_pandas,
    "polars": with_polars,
}


def child(package: str, folder: Path) -> None:
    """Runs one package in this process and prints what it took."""
    used = time.process_time()
    panel = PACKAGES[package](folder)
    print(
        json.dumps(
            {
                "processor": time.process_time() - used,
                # In KiB on Linux, in bytes on macOS.
                "gib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
                / (1024**3 if sys.platform == "darwin" else 1024**2),
                "panel": hashlib.sha256(panel.encode()).hexdigest(),
            }
        )
    )


def measured(package: str, folder: Path, threads: int) -> dict[str, float | str]:
    """What one package takes, in a process of its own."""
    limits = {
        name: str(threads)
        for name in ("BENCHMARK_THREADS", "POLARS_MAX_THREADS", "OMP_NUM_THREADS")
    }
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.panel", "--child", package, "--folder", str(folder)],
        cwd=ROOT,
        env=os.environ | limits,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{package} failed: {done.stderr[-2000:]}")
    found: dict[str, float | str] = json.loads(done.stdout.splitlines()[-1])
    return found


def compared(rows: int, packages: list[str], threads: int) -> list[list[str]]:
    """A line of the table for each package; stops when panels differ."""
    with tempfile.TemporaryDirectory(prefix="incidents-") as name:
        folder = Path(name)
        draw(folder, rows)
        found = {package: measured(package, folder, threads) for package in packages}
    if len({line["panel"] for line in found.values()}) > 1:
        raise SystemExit(f"the panels differ: {found}")
    own = found["this package"]
    lines = []
    for package, line in found.items():
        version = "" if package == "this package" else f" {importlib.metadata.version(package)}"
        seconds, gib = float(line["processor"]), float(line["gib"])
        ratios = f"{seconds / float(own['processor']):.2f}", f"{gib / float(own['gib']):.2f}"
        cells = [f"{rows:,}", package + version, f"{seconds:.1f}", ratios[0], f"{gib:.2f}"]
        lines.append([*cells, ratios[1]])
    return lines


def page(lines: list[list[str]]) -> None:
    """Puts the table between the marks of docs/panels.md."""
    head = [
        "incidents",
        "package",
        "processor seconds",
        "times as long",
        "GiB at most",
        "times as much",
    ]
    table = [head, ["---"] * len(head), *lines]
    text = "\n".join(f"| {' | '.join(row)} |" for row in table)
    old = PAGE.read_text(encoding="utf-8")
    marks = r"(?s)(<!-- table -->\n).*(<!-- end -->)"
    PAGE.write_text(re.sub(marks, rf"\g<1>{text}\n\g<2>", old), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "--rows", type=int, default=ROWS, help="incidents for all packages (0: none)"
    )
    parser.add_argument("--alone", type=int, nargs="*", default=[], help="for this package alone")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--no-page", action="store_true", help="print only")
    parser.add_argument("--child", choices=list(PACKAGES), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        child(given.child, given.folder)
        return
    lines = compared(given.rows, list(PACKAGES), given.threads) if given.rows else []
    for rows in given.alone:
        lines += compared(rows, ["this package"], given.threads)
    for line in lines:
        print(*line, sep="\t")
    if not given.no_page:
        page(lines)


if __name__ == "__main__":
    main()
