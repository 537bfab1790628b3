"""The sample and scales that a plan for a survey names, from its table of answers."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from evaluation.data.counted import SMALLEST, words_of
from evaluation.data.one_per_row import code
from evaluation.data.period import begun, span
from evaluation.data.records import RecordColumn, Records
from evaluation.errors import DataError
from evaluation.files import text_of
from evaluation.study.plan.schema import Plan, PlannedOutcome
from evaluation.study.plan.values import frequency_of, is_day
from evaluation.survey import Sample, Scale
from evaluation.survey.raking import Margins, Raked, rake
from evaluation.survey.sample import in_order

_HEADER = ["trait", "level", "residents"]
LEAST_ANSWERED = 0.5


def waves(records: Records) -> tuple[str, ...]:
    """The waves, in the order of time."""
    found = {str(one) for one in records.values_of(records.named("wave")[0].name)}
    return in_order(sorted(found), None, None)


def first_after(plan: Plan, records: Records) -> str | None:
    """The first wave that began at the start or after, or None; a start within a wave counts."""
    began, _ = span(plan.intervention.start)
    return next((wave for wave in waves(records) if span(wave)[1] >= began), None)


def in_step(plan: Plan, records: Records) -> bool:
    """Whether the start is written as the waves are."""
    start, own = plan.intervention.start, frequency_of(waves(records)[0])
    try:
        return frequency_of(start) == own or (is_day(start) and begun(start, own) >= 0)
    except ValueError:
        return False


def measured(records: Records) -> tuple[RecordColumn, ...]:
    """The columns that a scale can be made of: items, and outcomes without a range."""
    return (*records.named("item"), *records.named("outcome"))


def names(records: Records) -> tuple[str, ...]:
    """What a plan can name as an outcome: scales, then single columns."""
    return (*records.scales(), *(column.name for column in measured(records)))


def planned_scale(records: Records, column: str, planned: PlannedOutcome | None = None) -> Scale:
    """The scale of this name, or the single item.

    Parameters
    ----------
    planned : with the rule for missing answers, the cut and the good direction.
    """
    scales = records.scales()
    items = scales[column] if column in scales else (records.column(column),)
    return Scale(
        column,
        tuple(item.name for item in items),
        reverse=tuple(item.name for item in items if item.reverse),
        better="higher" if planned is None else planned.better,
        least_answered=(planned.least_answered if planned else None) or LEAST_ANSWERED,
        at_least=planned.at_least if planned else None,
    )


def planned_sample(plan: Plan, records: Records, root: Path) -> tuple[Sample, Raked | None]:
    """The respondents, with weights that agree with the residents where the plan asks for it.

    Raises
    ------
    DataError, FitError : for what a sample or raking cannot use.
    """
    columns = measured(records)
    traits = (*records.named("trait"), *records.named("covariate"))
    strata = _first(records, "stratum")
    sample = Sample.from_arrays(
        np.column_stack([records.values_of(one.name) for one in columns]),
        wave=np.array([str(one) for one in records.values_of(records.named("wave")[0].name)]),
        treated=records.values_of(records.named("treatment")[0].name),
        weight=_or_ones(_first(records, "weight"), records.rows),
        stratum=strata,
        cluster=_first(records, "cluster"),
        fpc=_first(records, "fpc"),
        names=[one.name for one in columns],
        low=[-math.inf if one.low is None else one.low for one in columns],
        high=[math.inf if one.high is None else one.high for one in columns],
        after=first_after(plan, records),
        area=_area(records, strata),
        person=_first(records, "person"),
        traits={one.name: records.values_of(one.name) for one in traits},
    )
    if plan.rake is None:
        return sample, None
    bounds = {"most": plan.rake.most, "least": plan.rake.least}
    raked = rake(sample, read_margins(root / plan.rake.margins, plan.rake.margins), **bounds)
    return raked.sample, raked


def read_margins(path: Path, shown: str) -> Margins:
    """Residents by trait and level, from a table with the columns trait, level and residents.

    Raises
    ------
    DataError : with the line at fault.
    """
    missing = "not there; write a table of trait, level, residents"
    text = text_of(path, shown, missing=missing)
    rows = list(csv.reader(io.StringIO(text, newline="")))
    if not rows or rows[0] != _HEADER:
        raise DataError(f"{shown}:1: the columns must be {', '.join(_HEADER)}, in this order")
    margins: dict[str, dict[str, float]] = {}
    for line, row in enumerate(rows[1:], start=2):
        if len(row) != len(_HEADER):
            raise DataError(f"{shown}:{line}: {len(row)} cells; there must be {len(_HEADER)}")
        trait, level, residents = row
        try:
            size = float(residents)
        except ValueError:
            size = math.nan
        if not (math.isfinite(size) and size > 0):
            raise DataError(f"{shown}:{line}: residents is {residents!r}; it must be above 0")
        if level in margins.setdefault(trait, {}):
            raise DataError(f"{shown}:{line}: {trait} {level!r} is there already")
        margins[trait][level] = size
    return margins


def label_of(records: Records, column: str) -> tuple[str, str]:
    """How a sentence names a scale or item, and in what it is measured."""
    scales = records.scales()
    if column in scales:
        low, high = scales[column][0].low, scales[column][0].high
        return (
            column,
            f"points from {code(low)} to {code(high)}, mean of {len(scales[column])} items",
        )
    one = records.column(column)
    return one.label, one.measure or f"points from {code(one.low)} to {code(one.high)}"


def treated_words(sample: Sample) -> str:
    """Who lives where the program works, for display."""
    respondents = int(sample.treated.sum())
    if sample.area is not None:
        there = len(np.unique(sample.area[sample.treated]))
        return f"{there} of {len(sample.areas)} neighborhoods"
    if min(respondents, len(sample.wave) - respondents) < SMALLEST:
        return "residents of treated areas"
    return f"{words_of(respondents)} of {words_of(len(sample.wave))} respondents"


def _first(records: Records, role: str) -> np.ndarray | None:
    found = records.named(role)
    if not found:
        return None
    values = records.values_of(found[0].name)
    return values if values.dtype.kind == "f" else np.array([str(one) for one in values])


def _or_ones(values: np.ndarray | None, rows: int) -> np.ndarray:
    return np.ones(rows) if values is None else values


def _area(records: Records, strata: np.ndarray | None) -> np.ndarray | None:
    """The neighborhood: the column of that role, or the stratum when strata are within groups."""
    area = _first(records, "area")
    if area is not None or strata is None:
        return area
    treated = records.values_of(records.named("treatment")[0].name)
    sides: Sequence[set[float]] = [
        set(treated[strata == stratum].tolist()) for stratum in np.unique(strata)
    ]
    return strata if all(len(side) == 1 for side in sides) else None
