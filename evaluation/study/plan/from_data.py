"""A plan as far as a table tells it, and what the table can answer."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import numpy as np

from evaluation import did, its
from evaluation.data import period
from evaluation.data.panel import Column, Panel
from evaluation.data.read import read_panel
from evaluation.data.record_description import describes_records
from evaluation.data.toml_places import Located, shown_in
from evaluation.errors import DataError, EvaluationError, PlanError
from evaluation.fact import Fact, fact, said
from evaluation.study.build.cohorts import planned_cohorts
from evaluation.study.plan.from_records import plan_from_records
from evaluation.study.plan.schema import OF_DESIGNS, Plan

# Years on each side of a start that let a trend and seasons be told, and an effect last.
BEFORE, AFTER = 2, 1
# Fewer events than this in all before the start are too few to expect anything from.
FEW_EVENTS = 30
# Outcomes beside the primary one that a plan begins with.
_MOST = 4

Design = Literal["its", "did", "individual", "survey"]


@dataclass(frozen=True, slots=True)
class FromData:
    """A plan and what is to be said of it.

    Parameters
    ----------
    text : of plan.toml. title : of the study. facts : the choice of design and method, and what can
    be answered. open : whether the start is to be written yet.
    """

    text: str
    title: str
    facts: tuple[Fact, ...]
    open: bool


def plan_from_data(
    slug: str, data: Path, root: Path, *, design: Design | None, unit: str, start: str
) -> FromData:
    """The plan of a table of outcomes by unit and period, of people or of answers.

    Parameters
    ----------
    data : the table, as the user named it. design : None lets the units decide. unit : where the
        program ran; "" where there is one unit, or a column says it. start : the first period with
        an effect, or "" where it is to be written.

    Raises
    ------
    DataError : with every fault of the table. PlanError : when the
        unit is not there, must be named, or the start is outside of what the table has.
    """
    if not data.exists() and (root / data).exists():
        data = root / data
    if data.exists() and describes_records(data):
        return FromData(*plan_from_records(slug, data, root, design=design, unit=unit, start=start))
    if design in ("individual", "survey"):
        raise DataError(
            f"{data}: is no table of people or answers, which a plan of {design} takes. Leave out "
            "--design, or name another table."
        )
    shown = shown_in(data, root) if data.exists() else str(data)
    panel = read_panel(data, root if data.exists() else None)
    treatment = panel.named("treatment")
    chosen: Design = design or ("did" if len(panel.units) > 1 else "its")
    if chosen == "did" and len(panel.units) == 1:
        raise PlanError(f"{shown}: has one unit, so that nothing can stand beside it. Use its.")
    by_column = chosen == "did" and bool(treatment) and not unit
    own = "" if by_column else _unit(panel, unit, shown)
    first, last = _window(panel, own)
    begun = _start(start, panel, first, last)
    outcome = _outcomes(panel)[0]
    model, why = _method(panel, outcome, chosen)
    title = f"{_plain(outcome)} in {own or panel.provenance.name}"
    text = _template().format(
        slug=slug,
        data=shown,
        data_text=_text(shown),
        design=chosen,
        question=_text(f"Did the program reduce {_plain(outcome)} in {own or 'the places'}?"),
        title=_text(title),
        unit=f"unit = {_text(own)}" if own else "# Who is treated when: [intervention] says it.",
        why=_commented(said(why)),
        model=_text(model),
        outcomes="\n".join(_outcome_table(one, number) for number, one in _numbered(panel)),
        frequency=panel.frequency,
        start=_text(begun),
        treatment=f"treatment = {_text(treatment[0].name)}" if by_column else "",
        first=period.text(first, panel.frequency),
        last=period.text(last, panel.frequency),
        first_text=_text(period.text(first, panel.frequency)),
        last_text=_text(period.text(last, panel.frequency)),
        design_tables=_of_its(panel) if chosen == "its" else "",
    )
    facts = [_design(chosen, panel, own), *_answerable(panel, own, outcome, begun, first, last)]
    if begun and chosen == "did":
        facts.append(_of_comparison(text, panel, outcome))
    else:
        facts.append(why)
    return FromData(text, title, tuple(facts), not begun)


def _template() -> str:
    folder = files("evaluation.study").joinpath("templates")
    return str(folder.joinpath("plan_from_data.toml").read_text("utf-8"))


def _unit(panel: Panel, unit: str, shown: str) -> str:
    if unit:
        panel.unit_index(unit)
        return unit
    if len(panel.units) == 1:
        return panel.units[0]
    some = ", ".join(panel.units[:8])
    more = f" and {len(panel.units) - 8} more" if len(panel.units) > 8 else ""
    raise PlanError(
        f"{shown}: has {len(panel.units)} units ({some}{more}). Say where the program ran: --unit "
        f'"{panel.units[0]}".'
    )


def _window(panel: Panel, unit: str) -> tuple[int, int]:
    """First and last ordinal with every outcome of the unit; of all where none is named."""
    rows = [panel.unit_index(unit)] if unit else list(range(len(panel.units)))
    names = [one.name for one in _outcomes(panel)]
    held = np.all([~np.isnan(panel.values[name][rows]).all(axis=0) for name in names], axis=0)
    if not held.any():
        raise PlanError(f"{panel.provenance.file}: no period has every outcome of {unit}.")
    at = np.flatnonzero(held)
    start = period.ordinal(panel.periods[0], panel.frequency)
    return start + int(at[0]), start + int(at[-1])


def _start(start: str, panel: Panel, first: int, last: int) -> str:
    if not start:
        return ""
    try:
        like = period.ordinal(panel.periods[0], panel.frequency)
        when = period.begun(start, panel.frequency, like)
    except ValueError as fault:
        raise PlanError(f"--start: {fault}.") from None
    if not first < when <= last:
        begin, end = (period.text(one, panel.frequency) for one in (first, last))
        raise PlanError(f"--start {start}: is outside of the data, which have {begin} to {end}.")
    return period.text(when, panel.frequency)


def _outcomes(panel: Panel) -> tuple[Column, ...]:
    found = panel.named("outcome")
    if not found:
        raise DataError(f"{panel.provenance.file}: has no column of role outcome.")
    return found[:_MOST]


def _numbered(panel: Panel) -> list[tuple[int, Column]]:
    return list(enumerate(_outcomes(panel)))


def _outcome_table(column: Column, number: int) -> str:
    lines = [
        "# What is measured: one table for each outcome; the answer rests on the primary one."
        if number == 0
        else "",
        "[[outcomes]]",
        f"column = {_text(column.name)}",
        'better = "lower"        # which direction is good: "lower" or "higher"',
        f"primary = {'true' if number == 0 else 'false'}",
        "worthwhile = 10         # the smallest change in percent that would be worth having",
        "",
    ]
    return "\n".join(line for place, line in enumerate(lines) if line or place)


def _of_its(panel: Panel) -> str:
    exposure = panel.named("exposure")
    lines = [
        "# What the model of the main answer allows for.",
        "[specification]",
        'effect = "level"        # one lasting step; "level+slope": also a change of slope',
        'trend = "linear"',
        f'season = "{"none" if panel.frequency == "year" else "fourier"}"',
        *([] if panel.frequency == "year" else [f"harmonics = {_waves(panel)}"]),
        f"offset = {'true' if exposure else 'false'}"
        + (f"           # counts per {exposure[0].name}" if exposure else ""),
        "",
        "# Other reasonable ways to answer, chosen now; all are printed beside the main answer.",
        "[[alternatives]]",
        'label = "Effect over three periods"',
        "phase_in = 3",
        "",
        "[[alternatives]]",
        'label = "Quadratic trend"',
        'trend = "quadratic"',
    ]
    return "\n" + "\n".join(lines)


def _waves(panel: Panel) -> int:
    return 1 if panel.frequency == "quarter" else 2


def _method(panel: Panel, outcome: Column, design: Design) -> tuple[str, Fact]:
    """The default method and why it is; of a comparison the plan's own cohorts say more."""
    if design == "did":
        return "imputation", fact("newplan.method.did")
    kind: Literal["count", "continuous"] = "count" if outcome.type == "count" else "continuous"
    name = its.default(kind, frequency=panel.frequency).name
    key = "number" if kind == "continuous" else "count" if outcome.offense else "undeclared"
    if kind == "count" and panel.frequency not in period.MONTHS:
        key = "weeks"
    told: dict[str, Any] = {"offense": outcome.offense, "frequency": panel.frequency}
    return name, fact(f"newplan.method.{key}", method=name, **told)


def _design(design: Design, panel: Panel, unit: str) -> Fact:
    units = len(panel.units)
    return fact(f"newplan.design.{design}", unit=unit or "", units=units, others=units - 1)


def _of_comparison(text: str, panel: Panel, outcome: Column) -> Fact:
    """What the method of a comparison is chosen by, or why there can be none yet."""
    try:
        plan: Plan = Located("plan.toml", text, PlanError).parse(Plan, union=OF_DESIGNS)
        found = did.choice(planned_cohorts(plan, panel, outcome.name))
    except EvaluationError as fault:
        return fact("newplan.method.not-yet", why=fault)
    return fact("newplan.method.chosen", method=found.method, why=found.why)


def _answerable(
    panel: Panel, unit: str, outcome: Column, start: str, first: int, last: int
) -> Iterator[Fact]:
    """How much there is on each side of the start, and what that is too little for."""
    per, frequency = period.PER_YEAR[panel.frequency], panel.frequency
    if not start:
        low, high = first + BEFORE * per, last + 1 - AFTER * per
        if low > high:
            yield fact("newplan.answer.short", n=last - first + 1, frequency=frequency)
            return
        ends: dict[str, Any] = {
            "low": period.text(low, frequency),
            "high": period.text(high, frequency),
        }
        yield fact("newplan.answer.starts", before=BEFORE, after=AFTER, **ends)
        return
    when = period.ordinal(start, frequency)
    before, after = when - first, last + 1 - when
    rows = [panel.unit_index(unit)] if unit else list(range(len(panel.units)))
    begin = first - period.ordinal(panel.periods[0], frequency)
    values = panel.values[outcome.name][rows, begin : begin + before]
    events, mean = float(np.nansum(values)), float(np.nanmean(values))
    numbers: dict[str, Any] = {
        "before": before,
        "after": after,
        "frequency": frequency,
        "mean": mean,
    }
    yield fact("newplan.answer.sides", label=outcome.label, **numbers)
    if before < BEFORE * per:
        yield fact("newplan.answer.few-before", n=before, years=BEFORE, frequency=frequency)
    if after < AFTER * per:
        yield fact("newplan.answer.few-after", n=after, frequency=frequency)
    if outcome.type == "count" and events < FEW_EVENTS:
        yield fact("newplan.answer.few-events", n=events, label=outcome.label)


def _commented(words: str) -> str:
    """Words as the lines of a comment that follow its first."""
    return "\n# ".join(textwrap.wrap(" ".join(words.split()), 94, break_long_words=False))


def _plain(column: Column) -> str:
    return column.label or column.name.replace("_", " ")


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)
