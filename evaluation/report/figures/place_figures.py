"""Each treated place by itself, a small panel each: observed against expected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evaluation import plots
from evaluation.report import words
from evaluation.report.blocks import Figure, Header, Table, Text
from evaluation.report.figures.figures import anchor
from evaluation.study.evidence import Evidence, OutcomeEvidence

# The name of the check whose rows are drawn: one a place and year since its start.
BY_PLACE = "treated-places"
MOST = 24

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _After:
    """A place with its sums from the start on."""

    name: str
    observed: float
    expected: float


def small_multiples(evidence: Evidence, outcome: OutcomeEvidence) -> list[Figure]:
    """The panels of one outcome; nothing where the results hold no numbers by place."""
    check = next((one for one in outcome.checks if one.name == BY_PLACE), None)
    rows = () if check is None or not outcome.estimated else check.table
    if not rows:
        return []
    names = list(dict.fromkeys(str(row["unit"]) for row in rows))
    shown = _largest(rows, names)
    own = {name: [row for row in rows if str(row["unit"]) == name] for name in shown}
    places = [_place(_short(name, names), own[name]) for name in shown]
    key, label = f"places-{anchor(outcome.column)}", words.capital(outcome.label)
    with plots.style():
        figure = plots.blank(plots.multiples_height(len(places)))
        plots.small_multiples(
            places,
            figure,
            measure=f"{label}, {outcome.measure}, mean of each year",
            across="Years since the start of each",
        )
        svg = plots.svg_text(figure, key)
    after = [_after(name, own[name]) for name in shown]
    grouped = any(int(row.get("units", 1)) > 1 for row in rows)
    hidden = len(names) - len(shown)
    return [
        Figure(
            key=key,
            svg=svg,
            title=_title(label, after, grouped, hidden),
            description=_description(outcome, after, grouped),
            table=_table(key, label, [row for name in shown for row in own[name]], grouped),
            note=_note(grouped, hidden),
        )
    ]


def _largest(rows: Sequence[Row], names: Sequence[str]) -> list[str]:
    """Names to draw, in their own order: of too many, those where most is expected."""
    if len(names) <= MOST:
        return list(names)
    sums = {name: 0.0 for name in names}
    for row in rows:
        sums[str(row["unit"])] += float(row["expected"] or 0.0)
    chosen = set(sorted(names, key=lambda name: -sums[name])[:MOST])
    return [name for name in names if name in chosen]


def _place(name: str, rows: Sequence[Row]) -> plots.Place:
    """Means a period of each year, so that a broken year is not drawn as a low one."""
    ordered = sorted(rows, key=lambda row: int(row["year"]))
    return plots.Place(
        name,
        tuple(int(row["year"]) for row in ordered),
        tuple(float(row["observed"]) / int(row["periods"]) for row in ordered),
        tuple(
            None if row["expected"] is None else float(row["expected"]) / int(row["periods"])
            for row in ordered
        ),
    )


def _short(name: str, names: Sequence[str]) -> str:
    """The name without a remark in brackets that all of them end in."""
    _, opened, remark = name.rpartition(" (")
    ending = f"{opened}{remark}"
    if opened and len(names) > 1 and all(one.endswith(ending) for one in names):
        return name.removesuffix(ending)
    return name


def _after(name: str, rows: Sequence[Row]) -> _After:
    counted = [row for row in rows if int(row["year"]) >= 0 and row["expected"] is not None]
    return _After(
        name,
        sum(float(row["observed"]) for row in counted),
        sum(float(row["expected"]) for row in counted),
    )


def _title(label: str, after: Sequence[_After], grouped: bool, hidden: int) -> str:
    what = "groups of units with the same start" if grouped else "places"
    shown = " shown" if hidden else ""
    return f"{label}: observed against expected in each of {len(after)} {what}{shown}"


def _description(outcome: OutcomeEvidence, after: Sequence[_After], grouped: bool) -> str:
    listed = "; ".join(
        f"{one.name}: {words.number(one.observed)} observed, {words.number(one.expected)} expected"
        for one in after
    )
    return (
        f"{len(after)} small line charts on the same axes, one for each "
        f"{'group of units with the same start' if grouped else 'treated place'}: {outcome.label} "
        f"({outcome.measure}) by years since its start, beside what is expected without the "
        f"program. From the start on, added up: {listed}."
    )


def _table(key: str, label: str, rows: Sequence[Row], grouped: bool) -> Table:
    return Table(
        key=f"{key}-table",
        caption=f"{label}: sums by years since the start, 0 the first",
        headers=(
            Header("Group" if grouped else "Place"),
            Header("Start"),
            *((Header("Units", numeric=True),) if grouped else ()),
            Header("Year", numeric=True),
            Header("Periods", numeric=True),
            Header("Observed", numeric=True),
            Header("Expected", numeric=True),
        ),
        rows=tuple(_row(row, grouped) for row in rows),
    )


def _row(row: Row, grouped: bool) -> tuple[Text, ...]:
    expected = row["expected"]
    return (
        (str(row["unit"]),),
        (words.period_words(str(row["start"])),),
        *(((words.number(int(row["units"])),),) if grouped else ()),
        (words.number(int(row["year"])),),
        (words.number(int(row["periods"])),),
        (words.number(float(row["observed"])),),
        ("–" if expected is None else words.number(float(expected)),),
    )


def _note(grouped: bool, hidden: int) -> str:
    said = (
        "Dots are what was recorded, a mean for each year counted from the start (the line at 0). "
        "The dashed line is what is expected without the program. No range is drawn: one "
        f"{'group' if grouped else 'place'} by itself is mostly chance, and the answer is about "
        "all of them together."
    )
    if hidden:
        said += f" {hidden} more, where less is expected, are not shown."
    return said
