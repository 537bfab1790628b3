"""A table of published results written for a test, with rows that are the usual one but for a few
cells."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

from evaluation.data.published import PublishedTable, read_published
from evaluation.data.published_cells import ABOUT

USUAL = {
    "study": "town-1",
    "site": "Town",
    "goal": "1",
    "program": "focused deterrence",
    "approach": "focused deterrence",
    "evaluators_part": "unknown",
    "part_why": "",
    "years": "2009-2016",
    "design": "matched comparison",
    "unit": "places",
    "outcome": "shootings",
    "family": "gun violence",
    "measure": "",
    "effect": "",
    "standard_error": "",
    "low": "",
    "high": "",
    "level": "",
    "p_value": "",
    "se_source": "missing",
    "found": "fell",
    "follow_up": "",
    "source": "Somebody (2015)",
    "read_in": "the article",
    "page": "",
    "certainty": "read in a public text",
    "note": "",
}
DESCRIPTION = """\
name = "Test"
kind = "published results"
key = ["study", "outcome"]
source = "a test"
licence = "none"
sensitivity = "{sensitivity}"
"""


def table(
    folder: Path,
    *rows: dict[str, str],
    sensitivity: str = "public",
    places: Mapping[str, str] | None = None,
) -> PublishedTable:
    """The table of these rows, read as any other; `places` are ids of its sites."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "table.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(ABOUT), lineterminator="\n")
        writer.writeheader()
        writer.writerows({**USUAL, **row} for row in rows)
    described = DESCRIPTION.format(sensitivity=sensitivity)
    if places:
        described += "\n[places]\n" + "".join(f'"{k}" = "{v}"\n' for k, v in places.items())
    (folder / "table.dataset.toml").write_text(described, encoding="utf-8")
    return read_published(path)


def number(place: int, effect: float, error: float, **change: str) -> dict[str, str]:
    """A log rate ratio with its standard error, of a place of its own."""
    return {
        "study": f"town-{place}",
        "site": f"Town {place}",
        "measure": "log rate ratio",
        "effect": repr(effect),
        "standard_error": repr(error),
        "se_source": "published",
        "found": "fell" if effect < 0 else "rose",
        **change,
    }
