"""How often the ranges of the survey methods hold the truth.

    python -m benchmarks.coverage_survey                 every world, 600 draws
    python -m benchmarks.coverage_survey --reps 100

The worlds of `evaluation/synthetic/survey.py` with other seeds than the committed tables: scores of
trust, the share that calls the police legitimate, and the panel that loses people with little
trust. Writes coverage_survey.csv.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import numpy as np

from evaluation.errors import FitError
from evaluation.survey import METHODS, Sample, Scale
from evaluation.synthetic import survey as synthetic

TABLE = Path(__file__).parents[1] / "docs/evidence/coverage_survey.csv"
REPS = 600
# Draws are numbered from here, away from the seed of the committed tables.
SEED = 50_000
COLUMNS = ("world", "outcome", "method", "draws", "coverage", "rejected", "bias", "error_ratio")

TRUST = Scale("trust", ("trusts", "honest", "abuses_power"), reverse=("abuses_power",))
LEGITIMATE = Scale("legitimate", ("legitimate",), at_least=4)
WORLDS = {
    "effect": synthetic.STANDARD,
    "null": synthetic.NULL,
    "attrition": synthetic.ATTRITION,
}
ASKED = {
    "effect": (TRUST, LEGITIMATE),
    "null": (TRUST, LEGITIMATE),
    "attrition": (TRUST,),
}


def sample(table: synthetic.Simulated) -> Sample:
    """The respondents of a draw as the methods take them."""
    return Sample.from_arrays(
        table.answers,
        wave=table.wave,
        treated=table.treated,
        weight=table.weight,
        stratum=table.area,
        cluster=table.block,
        area=table.area,
        person=table.person,
        names=[item.name for item in synthetic.ITEMS],
        traits={"age": np.array(list(synthetic.AGES))[table.age]},
    )


def true_effect(world: synthetic.World, scale: Scale) -> float:
    """What the methods estimate in this world."""
    known = synthetic.truth(world)
    if scale is TRUST:
        return float(known["scales"]["trust"]["effect"])
    return float(known["items"]["legitimate"]["agree_effect"])


def study(reps: int) -> list[dict[str, str]]:
    """A row for each world, outcome and method."""
    rows = []
    for name, world in WORLDS.items():
        for scale in ASKED[name]:
            truth = true_effect(world, scale)
            found: dict[str, list[tuple[float, float, float, float, float]]] = {}
            for number in range(reps):
                drawn = sample(synthetic.simulated(world, SEED + number))
                for method in METHODS.values():
                    try:
                        e = method.fit(drawn, scale)
                    except FitError:
                        continue
                    row = (e.estimate, e.std_error, e.low, e.high, e.p_value)
                    found.setdefault(method.name, []).append(row)
            for method_name, each in found.items():
                table = np.array(each)
                held = (table[:, 2] <= truth) & (truth <= table[:, 3])
                rows.append(
                    {
                        "world": name,
                        "outcome": scale.name,
                        "method": method_name,
                        "draws": str(len(table)),
                        "coverage": f"{100 * held.mean():.1f}",
                        "rejected": f"{100 * (table[:, 4] < 0.05).mean():.1f}",
                        "bias": f"{table[:, 0].mean() - truth:.4f}",
                        "error_ratio": f"{table[:, 1].mean() / table[:, 0].std(ddof=1):.3f}",
                    }
                )
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reps", type=int, default=REPS)
    rows = study(parser.parse_args().reps)
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
