"""What was built into the invented tables, beside what the studies of them found.

`data/synthetic/built_in.csv` is made from the truth files by `make sentences`, which also draws
every world anew and counts how often a range held what was built in.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from math import expm1
from pathlib import Path
from typing import Literal

from evaluation.effect import Interval
from evaluation.errors import DataError
from evaluation.files import text_of
from evaluation.study.evidence import Evidence, OutcomeEvidence

TABLE = Path("data/synthetic/built_in.csv")
COLUMNS = ("study", "outcome", "log_ratio", "difference", "draws", "answered", "held", "wrong")


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """What is true of one outcome of one invented table.

    Parameters
    ----------
    study, outcome : slug and column. log_ratio, difference : the effect built in, on the scales of
        an `Effect`; None on a scale that the world has no number on. draws : of the world, anew.
        answered : those with an answer. held : those whose 95 % range held what was built in.
        wrong : those that told of a direction that was not there.
    """

    study: str
    outcome: str
    log_ratio: float | None
    difference: float | None
    draws: int
    answered: int
    held: int
    wrong: int


Unit = Literal["percent", "points", "outcome"]


@dataclass(frozen=True, slots=True)
class Tested:
    """One outcome of a study of invented data beside its truth.

    truth : in `unit`; None where no truth is written down or there is no answer on that scale.
    found : estimate and range in the same unit; None without an answer. unit : percent for a ratio,
    percentage points for a difference of risks, else that of the outcome.
    """

    study: Evidence
    outcome: OutcomeEvidence
    built_in: BuiltIn | None
    truth: float | None
    found: Interval | None
    unit: Unit

    @property
    def caught(self) -> bool | None:
        """Whether the range holds what was built in; None without an answer or a truth."""
        if self.truth is None or self.found is None:
            return None
        return self.found.low <= self.truth <= self.found.high


def read_built_in(root: Path) -> tuple[BuiltIn, ...]:
    """The table, in its order; empty where there is none.

    Raises
    ------
    DataError : when it is not as it was made.
    """
    path = root / TABLE
    if not path.is_file():
        return ()
    again = "It is made by the program; make it again with `make sentences`."
    try:
        reader = csv.DictReader(io.StringIO(text_of(path, TABLE.as_posix()), newline=""))
        if tuple(reader.fieldnames or ()) != COLUMNS:
            raise DataError(f"{TABLE}:1: its columns are not {', '.join(COLUMNS)}. {again}")
        return tuple(_row(row) for row in reader)
    except (ValueError, TypeError) as fault:
        raise DataError(f"{TABLE}: {fault}. {again}") from None


def _row(row: dict[str, str]) -> BuiltIn:
    def known(name: str) -> float | None:
        return float(row[name]) if row[name] else None

    counts = (int(row[name]) for name in COLUMNS[4:])
    return BuiltIn(row["study"], row["outcome"], known("log_ratio"), known("difference"), *counts)


def against_truth(evidences: Sequence[Evidence], table: Sequence[BuiltIn]) -> tuple[Tested, ...]:
    """Every outcome of every study of invented data beside its truth, by name."""
    known = {(one.study, one.outcome): one for one in table}
    return tuple(
        _tested(study, outcome, known.get((study.slug, outcome.column)))
        for study in sorted(evidences, key=lambda one: one.slug)
        if study.data.provenance.sensitivity == "synthetic"
        for outcome in study.outcomes
    )


def _tested(study: Evidence, outcome: OutcomeEvidence, built_in: BuiltIn | None) -> Tested:
    usable = outcome.estimated and not outcome.refused
    effect = outcome.effect if usable else None
    unit: Unit = "percent"
    if effect is not None and effect.scale == "difference":
        unit = "points" if effect.percent_of == "risk" else "outcome"
    elif effect is None and built_in is not None and built_in.log_ratio is None:
        unit = "outcome"
    found = truth = None
    if effect is not None:
        found = Interval(*(_in(unit, end) for end in (effect.estimate, effect.low, effect.high)))
    if built_in is not None:
        number = built_in.log_ratio if unit == "percent" else built_in.difference
        truth = None if number is None else _in(unit, number)
    return Tested(study, outcome, built_in, truth, found, unit)


def _in(unit: Unit, value: float) -> float:
    """An effect on its scale as a reader has it."""
    if unit == "percent":
        return 100 * expm1(value)
    return 100 * value if unit == "points" else value
