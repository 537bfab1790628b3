"""Published files of others as tables of this project: one file an adapter.

The door is `place.placed`: published files in, a table and what is known of it out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from evaluation.data.description import AdapterName
from evaluation.data.findings import Findings
from evaluation.data.sources import fbi_annual, fbi_monthly
from evaluation.data.sources.adapted import Adapted, Bounds
from evaluation.data.table import Table

Adapter = Callable[[Table, Findings, Bounds], Adapted]
Combiner = Callable[[Sequence[tuple[Table, Findings]], Bounds], Adapted]
ADAPTERS: Final[Mapping[AdapterName, Adapter]] = {"fbi-monthly": fbi_monthly.adapt}
# Of several files, and how many.
COMBINERS: Final[Mapping[AdapterName, tuple[Combiner, int]]] = {
    "fbi-annual": (fbi_annual.adapt, 2),
    "fbi-monthly-residents": (fbi_monthly.with_residents, 3),
}
