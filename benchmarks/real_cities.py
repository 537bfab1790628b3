"""How often methods find what is not there in real US cities, and what is: pretended starts.

    python -m benchmarks.real_cities                 every window; some hours
    python -m benchmarks.real_cities --sample .05    one window in twenty; some minutes
    python -m benchmarks.real_cities --methods learned,newey-west --designs alone
    python -m benchmarks.real_cities --report        page and figures from the CSV alone

Rows of `real_cities.csv` for the same design, years and method are replaced; others stay.
The counts are no part of the project (`benchmarks.real_data`); without them nothing is run.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import astuple, fields
from pathlib import Path

from benchmarks import real_alone, real_compared
from benchmarks.real_cities_report import write_report
from benchmarks.real_data import Counts, NotHere, california, cities, homicides
from benchmarks.real_trials import COLUMNS, Row, rows

TABLE = Path(__file__).parents[1] / "docs/evidence/real_cities.csv"
ERAS: Mapping[str, Callable[[], list[Counts]]] = {
    "cities": cities,
    "california": california,
    "years": homicides,
}
# Of the windows that are asked about, so much more in eras of few cities.
MORE: Mapping[tuple[str, str], float] = {
    ("alone", "california"): 4.0,
    ("alone", "years"): 4.0,
    ("compared", "cities"): 4.0,
    ("compared", "california"): 20.0,
    ("compared", "years"): 3.0,
}


def study(design: str, era: str, share: float, named: Sequence[str]) -> list[Row]:
    """The rows of a design in an era, of the methods named or of all.

    Raises
    ------
    NotHere : when the counts are not at hand.
    """
    from threadpoolctl import threadpool_limits

    module = real_alone if design == "alone" else real_compared
    known = module.methods() if not named else [name for name in named if module.knows(name)]
    share = min(1.0, share * MORE.get((design, era), 1.0))
    with threadpool_limits(1):
        return list(rows(module.trials(ERAS[era](), share=share, names=tuple(known))))


def read(path: Path = TABLE) -> list[Row]:
    """The rows of a table that was written before; none when there is no file."""
    if not path.exists():
        return []
    kinds = {"str": str, "int": int, "float": float}
    with path.open(encoding="utf-8", newline="") as stream:
        return [
            Row(*(kinds[str(field.type)](line[field.name]) for field in fields(Row)))
            for line in csv.DictReader(stream)
        ]


def write(found: Iterable[Row], path: Path = TABLE) -> list[Row]:
    """The table with these rows in the place of those of the same design, era and method."""
    found = list(found)
    new = {(row.design, row.era, row.method) for row in found}
    kept = [row for row in read(path) if (row.design, row.era, row.method) not in new]
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        for row in [*kept, *found]:
            writer.writerow([f"{v:.4g}" if isinstance(v, float) else v for v in astuple(row)])
    return read(path)


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sample", type=float, default=1.0, help="share of the windows")
    parser.add_argument("--methods", default="", help="names, separated by commas")
    parser.add_argument("--designs", default="alone,compared")
    parser.add_argument("--eras", default=",".join(ERAS))
    parser.add_argument("--table", type=Path, default=TABLE)
    parser.add_argument("--report", action="store_true", help="only page and figures")
    asked = parser.parse_args(arguments)
    named = [name for name in asked.methods.split(",") if name]
    for design in asked.designs.split(",") if not asked.report else ():
        for era in asked.eras.split(","):
            try:
                found = study(design, era, asked.sample, named)
            except NotHere as fault:
                print(f"{design}, {era}: left out: {fault}")
                continue
            write(found, asked.table)
            print(f"{design}, {era}: {len(found):,} rows", flush=True)
    told = read(asked.table)
    if told:
        write_report(told, asked.table.parent)


if __name__ == "__main__":
    main()
