"""A panel of incidents by pandas and by polars; run by `panel` in an environment of their own.

    python benchmarks/panel_peers.py <pandas or polars> <folder of the incidents>

Nothing of this project is imported. The answer is one line of JSON: processor seconds, memory at
most, the hash of the panel as CSV, and the version.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import re
import resource
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

ZONE, LATE = "America/Los_Angeles", 60
COUNTED = {"homicides": ("HOMICIDE",), "shootings": ("HOMICIDE", "AGG ASSAULT FIREARM")}
FIRST, LAST = "2012-01", "2021-10"


def with_pandas(folder: Path) -> str:
    """The panel by pandas, as CSV."""
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
    """The panel by polars, lazily and with its streaming engine, as CSV."""
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


PACKAGES: dict[str, Callable[[Path], str]] = {"pandas": with_pandas, "polars": with_polars}


def told(work: Callable[[Path], str], folder: Path) -> dict[str, float | str]:
    """What a panel takes in this process."""
    used = time.process_time()
    panel = work(folder)
    return {
        "processor": time.process_time() - used,
        "gib": gib_at_most(),
        "panel": hashlib.sha256(panel.encode()).hexdigest(),
    }


def gib_at_most() -> float:
    """The most memory that this process has held."""
    status = Path("/proc/self/status")
    if status.is_file():
        # The other count begins with what the process that started this one held.
        held = re.search(r"VmHWM:\s+(\d+) kB", status.read_text(encoding="utf-8"))
        if held:
            return int(held[1]) / 1024**2
    # In KiB on Linux, in bytes on macOS.
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1024**3 if sys.platform == "darwin" else 1024**2)


def main(package: str, folder: str) -> None:
    try:
        importlib.import_module(package)
        found = told(PACKAGES[package], Path(folder)) | {"version": version(package)}
    except Exception as fault:
        # A page with a reason is wanted, whatever the other package runs into.
        found = {"fault": f"{type(fault).__name__}: {fault}"}
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
