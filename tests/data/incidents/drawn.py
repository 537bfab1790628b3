"""Recipes and files of incidents for the tests that draw them, and what a panel is written to."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Sequence
from pathlib import Path

Rows = list[dict[str, str]]

COLUMNS = ("case", "when", "told", "updated", "beat", "offense")
ZONE = "America/Los_Angeles"


def recipe(*, naive: str, keep: str, late: int | None, units: Sequence[str] | None) -> str:
    return f"""
name = "Serious violence"
period = "month"
source = "Invented for a test"
licence = "CC0"
sensitivity = "synthetic"

[incidents]
files = "raw"
id = "case"
occurred = "when"
reported = "told"
{'updated = "updated"' if keep == "last updated" else ""}

[time]
zone = "{ZONE}"
naive = "{naive}"

[units]
column = "beat"
which = {'"found"' if units is None else json.dumps(list(units), ensure_ascii=False)}

[outcomes.serious]
measure = "victims a month"
where.offense = ["HOMICIDE", "ASSAULT"]

[coverage]
first = "2012-02"
last = "2012-11"
{'windows = [{units = ["A"], first = "2012-03", last = "2012-06"}]' if units else ""}

[duplicates]
keep = "{keep}"
{f"[late]{chr(10)}days = {late}{chr(10)}extracted = 2013-01-15" if late is not None else ""}
"""


def as_csv(rows: Rows) -> bytes:
    held = io.StringIO(newline="")
    lines = csv.DictWriter(held, COLUMNS)
    lines.writeheader()
    lines.writerows(rows)
    return held.getvalue().encode()


def as_parquet(rows: Rows) -> bytes:
    import pyarrow
    from pyarrow import parquet

    held = io.BytesIO()
    parquet.write_table(
        pyarrow.table({name: [row[name] or None for row in rows] for name in COLUMNS}), held
    )
    return held.getvalue()


def written(folder: Path, text: str, rows: Rows, kinds: Sequence[str] = ("csv",)) -> Path:
    """A recipe beside a folder with the rows dealt to one file of each kind."""
    raw = folder / "raw"
    raw.mkdir(parents=True)
    for number, kind in enumerate(kinds):
        own = rows[number :: len(kinds)]
        content = as_parquet(own) if kind == "parquet" else as_csv(own)
        if kind == "csv.gz":
            content = gzip.compress(content)
        (raw / f"{number}.{kind}").write_bytes(content)
    path = folder / "panel.toml"
    path.write_text(text, encoding="utf-8")
    return path


def outputs(path: Path) -> list[bytes]:
    names = ("panel.csv", "panel.dataset.toml", "panel.panel.json")
    return [path.with_name(name).read_bytes() for name in names]
