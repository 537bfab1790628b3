"""How often ranges hold the truth in panels with gaps and ends, and carry-over is seen in vain.

    python -m benchmarks.did_partial                300 draws, did_partial.csv
    python -m benchmarks.did_partial --reps 50

Units by 20 periods, three starts, 5 % of cells missing. The programs of most of the treated (6 of
8, 12 of 14, 24 of 30) end after five periods, and their effect with them.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import numpy as np

from evaluation.did import METHODS, Cohorts
from evaluation.did.carry_over import carry_over

TABLE = Path(__file__).parents[1] / "docs/evidence/did_partial.csv"
REPS, SEED = 300, 70_000
LENGTH, STARTS, RUNS, MISSING = 20, np.array([6, 9, 12]), 5, 0.05
# Treated units, controls, and treated units whose program ends.
SIZES = ((8, 16, 6), (14, 20, 12), (30, 40, 24))
LOG_RATIO, DIFFERENCE = -0.4, -2.0
ASKED = {
    "count": (("poisson-imputation", {}), ("poisson-twfe", {})),
    "continuous": (
        ("imputation", {"average": "event-time"}),
        ("imputation", {"average": "cohort-period"}),
        ("gardner", {}),
    ),
}


def world(draw: np.random.Generator, kind: str, size: tuple[int, int, int]) -> Cohorts:
    """One panel, whose effect ends with the program."""
    treated, controls, ended = size
    row = np.arange(treated + controls)
    first = np.where(row < treated, STARTS[row % len(STARTS)], np.inf)
    since = np.arange(LENGTH) - first[:, None]
    on = (since >= 0) & ~((row[:, None] < ended) & (since >= RUNS))
    level = draw.normal(size=(len(row), 1))
    common = 0.1 * draw.normal(size=LENGTH).cumsum()
    own = draw.normal(size=on.shape)
    if kind == "count":
        mean = 8 * np.exp(0.5 * level + common + LOG_RATIO * on + 0.15 * own)
        y = draw.poisson(mean).astype(float)
    else:
        y = 10 + 3 * level + common + DIFFERENCE * on + own
    y = np.where(draw.random(y.shape) < MISSING, np.nan, y)
    return Cohorts.from_arrays(
        y, None, on=on, kind="count" if kind == "count" else "continuous", gaps="missing"
    )


def main() -> None:
    """Draws every world and writes the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--reps", type=int, default=REPS)
    reps = parser.parse_args().reps
    rows = []
    for kind, methods in ASKED.items():
        truth = LOG_RATIO if kind == "count" else DIFFERENCE
        for size in SIZES:
            held = np.zeros(len(methods))
            lasted = 0
            for rep in range(reps):
                panel = world(np.random.default_rng([SEED, size[0], rep]), kind, size)
                for place, (name, options) in enumerate(methods):
                    answer = METHODS[name].lighter(9).set_to(options).solve(panel)
                    held[place] += answer.low <= truth <= answer.high
                found = carry_over(panel, "log ratio" if kind == "count" else "difference")
                lasted += found.lasted
            told = [("coverage", *one, share) for one, share in zip(methods, held, strict=True)]
            for what, name, options, count in [*told, ("alarms", "carry-over", {}, lasted)]:
                how = " ".join(str(value) for value in options.values())
                rows.append([kind, *size, what, name, how, reps, f"{count / reps:.3f}"])
    with TABLE.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(
            ["kind", "treated", "controls", "ends", "what", "of", "setting", "reps", "share"]
        )
        writer.writerows(rows)


if __name__ == "__main__":
    main()
