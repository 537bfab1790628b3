"""Draws of the synthetic survey as samples, and its scales."""

from __future__ import annotations

from typing import Any

import numpy as np

from evaluation.survey import Sample, Scale
from evaluation.synthetic import survey as synthetic

SCALES = {
    name: Scale(
        name,
        tuple(item.name for item in synthetic.ITEMS if item.scale == name),
        reverse=tuple(i.name for i in synthetic.ITEMS if i.scale == name and i.reverse),
    )
    for name in synthetic.SCALES
}
TRUST = SCALES["trust"]
LEGITIMATE = Scale("legitimate", ("legitimate",), at_least=4)


def drawn(
    world: synthetic.World = synthetic.STANDARD, seed: int = synthetic.SEED, **options: Any
) -> Sample:
    """The respondents of one draw."""
    table = synthetic.simulated(world, seed)
    given: dict[str, Any] = {
        "wave": np.array(synthetic.WAVES)[table.wave],
        "treated": table.treated,
        "weight": table.weight,
        "stratum": table.area,
        "cluster": table.block,
        "area": np.array(synthetic.names())[table.area],
        "person": table.person,
        "names": [item.name for item in synthetic.ITEMS],
        "traits": {
            "race": np.array(list(synthetic.RACES))[table.race],
            "age": np.array(list(synthetic.AGES))[table.age],
            "adults": np.array(list(synthetic.HOUSEHOLDS))[table.household],
        },
    }
    return Sample.from_arrays(table.answers, **(given | options))
