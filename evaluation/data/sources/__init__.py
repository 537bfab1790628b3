"""Published files of others as tables of this project: one file a source.

The door is `place.placed`: published files in, a table and what is known of it out. What is fetched
from the FBI comes in by `fbi_counts.counted` and is written by `fbi_files.write`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from evaluation.data.description import AdapterName
from evaluation.data.findings import Findings
from evaluation.data.sources import fbi
from evaluation.data.sources.adapted import Adapted, Bounds
from evaluation.data.table import Table

Adapter = Callable[[Table, Findings, Bounds], Adapted]
Combiner = Callable[[Sequence[tuple[Table, Findings]], Bounds], Adapted]
ADAPTERS: Final[Mapping[AdapterName, Adapter]] = {"fbi-monthly": fbi.by_month}
# Of several files, and how many.
COMBINERS: Final[Mapping[AdapterName, tuple[Combiner, int]]] = {
    "fbi-annual": (fbi.by_year, 2),
    "fbi-monthly-residents": (fbi.with_residents, 3),
}
