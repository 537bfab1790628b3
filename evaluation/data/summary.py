"""A dataset in a few plain lines at the command line; of people, no small group is counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from evaluation.data import period
from evaluation.data.cells import day_text
from evaluation.data.counted import FEW, SMALLEST
from evaluation.data.labels import quoted, scripts
from evaluation.data.panel import Column, Panel, Provenance, RecordingChange
from evaluation.data.records import RecordColumn, Records


def summary(panel: Panel) -> str:
    """What a dataset holds and where it comes from, one fact a line.

    Outcomes are summed over units and periods; an exposure is shown as its range.
    """
    source = panel.provenance
    count = len(panel.units)
    units = ", ".join(panel.units)
    facts = [
        ("name", source.name),
        ("rows", f"{source.rows:,}"),
        ("units" if count > 1 else "unit", f"{count}: {units}" if count > 1 else units),
        (
            "periods",
            f"{len(panel.periods)} {panel.frequency}s, {panel.periods[0]} to {panel.periods[-1]}",
        ),
    ]
    for column in panel.columns:
        if column.role not in ("unit", "period"):
            facts.append((column.role, _column(column, panel.values[column.name])))
    facts += declared(panel.columns, source)
    facts += _coverage(panel)
    facts += _cells(panel)
    facts += [
        ("note", f"unit {quoted(unit)} mixes letters of {' and '.join(scripts(unit))}")
        for unit in panel.units
        if scripts(unit)
    ]
    facts += [
        ("recording change", f"{change.date}: {_whose(change)}{change.what}")
        for change in panel.recording_changes
    ]
    return told(source, facts)


def told(source: Provenance, facts: Sequence[tuple[str, str]]) -> str:
    """The facts about a good dataset in lines, and where it comes from."""
    rows = [
        *facts,
        ("source", source.source),
        ("licence", source.licence),
        ("sensitivity", source.sensitivity),
        ("notes", source.notes),
        ("sha256", source.sha256),
    ]
    width = max(len(name) for name, _ in rows)
    lines = [f"  {name:<{width}}  {' '.join(fact.split())}" for name, fact in rows if fact]
    return "\n".join([f"{source.file} is good.", *lines])


def declared(columns: Sequence[Column | RecordColumn], source: Provenance) -> list[tuple[str, str]]:
    """Where the data are and what outcomes are about, as declared; what to write for a place where
    none is."""
    places = [f"{name}: {place}" for name, place in source.places]
    about = [f"{one.name}: {', '.join(one.about)}" for one in columns if one.about]
    family = [f"{one.name}: {one.family}" for one in columns if one.family]
    offense = [
        f"{one.name}: {one.offense}" for one in columns if isinstance(one, Column) and one.offense
    ]
    nowhere = 'not declared; such as place = "us-ca-oakland", for pages to know where it is'
    return [
        ("place", "; ".join([*([source.place] if source.place else []), *places]) or nowhere),
        ("about", "; ".join(about)),
        ("family", "; ".join(family)),
        ("offense", "; ".join(offense)),
    ]


def _column(column: Column, values: np.ndarray) -> str:
    measure = f" {column.measure}" if column.measure else ""
    name = column.name if column.label == column.name else f"{column.name} ({column.label})"
    if column.role == "outcome" and column.type == "count":
        return f"{name}: total {plain(float(np.nansum(values)))}; {column.measure}"
    if column.type == "flag":
        return f"{name}: 1 in {int(np.nansum(values)):,} rows, else 0"
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    return f"{name}: {plain(low)} to {plain(high)}{measure}"


def _coverage(panel: Panel) -> list[tuple[str, str]]:
    """Units that do not cover all periods of the panel."""
    outcome = panel.values[panel.named("outcome")[0].name]
    facts = []
    for unit, row in zip(panel.units, outcome, strict=True):
        covered = np.flatnonzero(~np.isnan(row))
        if len(covered) and covered[-1] - covered[0] + 1 < len(panel.periods):
            ends = f"{panel.periods[covered[0]]} to {panel.periods[covered[-1]]}"
            facts.append(("coverage", f"{unit}: {ends}"))
    return facts or [("coverage", "every unit has every period")]


def _whose(change: RecordingChange) -> str:
    return "" if change.unit is None else f"{change.unit}, "


def _cells(panel: Panel) -> list[tuple[str, str]]:
    """Cells that are empty or below zero, as the description declares them."""

    def text(ordinal: int) -> str:
        return period.text(ordinal, panel.frequency)

    facts = []
    for gap in panel.declared.missing:
        span = text(gap.first) + (f" to {text(gap.last)}" if gap.last > gap.first else "")
        facts.append(("missing", f"{gap.unit} {span} ({', '.join(gap.columns)}): {gap.why}"))
    for one in panel.declared.corrections:
        cell = f"{one.unit} {text(one.period)} ({one.column})"
        facts.append(("correction", f"{cell}: {one.why}"))
    return facts


def plain(value: float) -> str:
    """A number as a line of a summary has it."""
    return f"{value:,.0f}" if value.is_integer() else f"{value:,.6g}"


# More levels than this make no line that anyone reads.
MOST_LEVELS = 8


def record_summary(records: Records) -> str:
    """What a dataset of records holds and where it comes from, one fact a line.

    Groups below ten are not counted, nor is the next larger where it would give the small one
    away. Of a private dataset no value of a single row is shown, so no range either.
    """
    source = records.provenance
    people = records.values_of(records.named("person")[0].name)
    facts = [
        ("name", source.name),
        ("kind", records.kind),
        ("rows", _count(records.rows)),
        ("people", _count(len(set(people)))),
        *_when(records),
        *_groups(records),
    ]
    for column in records.columns:
        facts += _fact(records, column)
    # The people of a table of events are where their own table says.
    facts += [] if records.kind == "events" else declared(records.columns, source)
    facts += _scales(records)
    return told(source, [*facts, *_empty(records)])


def counts_shown(counts: Mapping[str, int]) -> dict[str, str]:
    """Counts of groups that make up a known whole, in words, small ones not told.

    What is not told could be worked out from the whole where it is one group, or where it is small
    all together; the next larger group is then not told either.

    Examples
    --------
    >>> counts_shown({"a": 40, "b": 12, "c": 3})
    {'a': '40', 'b': 'not shown', 'c': 'fewer than 10'}
    """
    hidden: list[str] = []
    small = [name for name, count in counts.items() if 0 < count < SMALLEST]
    others = sorted((n for n, c in counts.items() if c >= SMALLEST), key=lambda n: counts[n])
    total = sum(counts[name] for name in small)
    while small and others and (len(small) + len(hidden) < 2 or total < SMALLEST):
        hidden.append(others.pop(0))
        total += counts[hidden[-1]]
    return {
        name: "not shown" if name in hidden else _count(count) for name, count in counts.items()
    }


def _count(count: int) -> str:
    return FEW if 0 < count < SMALLEST else f"{count:,}"


def _tally(values: np.ndarray) -> dict[str, int]:
    levels, counts = np.unique(values.astype(str), return_counts=True)
    return dict(zip(levels.tolist(), counts.tolist(), strict=True))


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} ({shown})" for name, shown in counts_shown(counts).items())


def _when(records: Records) -> list[tuple[str, str]]:
    facts = []
    for column in records.named("wave"):
        facts.append(("waves", _listed(_tally(records.values_of(column.name)))))
    for column in records.named("entry"):
        days = records.values_of(column.name)
        ends = [day_text(float(day)) for day in (days.min(), days.max())]
        if _private(records):  # a day is somebody's; a year is not
            ends = [end[:4] for end in ends]
        facts.append(("entry", f"{column.name}: {ends[0]} to {ends[1]}"))
    dates = any(column.type == "date" for column in records.columns)
    if records.until is not None:
        facts.append(("recorded until", day_text(records.until)))
    elif dates:
        note = "not given, so no date is known to be too late. Write until = with the last day."
        facts.append(("recorded until", note))
    return facts


def _private(records: Records) -> bool:
    return records.provenance.sensitivity == "private"


def _groups(records: Records) -> list[tuple[str, str]]:
    """How many rows are treated and not, in each wave."""
    facts = []
    waves = records.named("wave")
    for column in records.named("treatment"):
        flags = records.values_of(column.name)
        where = records.values_of(waves[0].name) if waves else np.full(len(flags), "")
        counts = {
            f"{f'in {wave} ' if waves else ''}{words}": int(
                ((where == wave) & (flags == flag)).sum()
            )
            for wave in sorted(set(where.tolist()))
            for flag, words in ((1, f"{column.name} = 1"), (0, f"{column.name} = 0"))
        }
        facts += [
            ("group", f"{name}: {shown} rows") for name, shown in _groups_shown(counts).items()
        ]
    return facts


def _groups_shown(counts: Mapping[str, int]) -> dict[str, str]:
    """As `counts_shown`, group by group in pairs, each wave being a known whole."""
    names = list(counts)
    pairs = [{name: counts[name] for name in names[i : i + 2]} for i in range(0, len(names), 2)]
    return {name: shown for pair in pairs for name, shown in counts_shown(pair).items()}


def _fact(records: Records, column: RecordColumn) -> list[tuple[str, str]]:
    values = records.values_of(column.name)
    measure = f" {column.measure}" if column.measure else ""
    if column.role in ("stratum", "cluster", "area"):
        return [(column.role, f"{column.name}: {_count(len(set(values)))} different")]
    if column.role in ("person", "wave", "entry", "treatment", "item"):
        return []
    if column.type == "text":
        given = _tally(values[values != ""])
        # A text that nobody foresaw may itself tell who it is about.
        if len(given) > MOST_LEVELS or (_private(records) and not column.levels):
            return [(column.role, f"{column.name}: {len(given):,} different")]
        return [(column.role, f"{column.name}: {_listed(given)}")]
    known = values[~np.isnan(values)]
    if column.type == "flag":
        counts = counts_shown({"1": int((known == 1).sum()), "0": int((known == 0).sum())})
        return [(column.role, f"{column.name}: 1 in {counts['1']} rows, 0 in {counts['0']}")]
    if column.role == "cause":
        return [(column.role, f"{column.name}: {_listed(_tally(known.astype(int)))}")]
    if _private(records):
        return [(column.role, f"{column.name}:{measure}" if measure else column.name)]
    low, high = float(known.min()), float(known.max())
    shown = day_text if column.type == "date" else plain
    return [(column.role, f"{column.name}: {shown(low)} to {shown(high)}{measure}")]


def _scales(records: Records) -> list[tuple[str, str]]:
    facts = []
    alone = [item for item in records.named("item") if not item.scale]
    scales = [*records.scales().items(), *([("no scale", tuple(alone))] if alone else [])]
    for scale, items in scales:
        ranges = {f"{plain(item.low or 0.0)} to {plain(item.high or 0.0)}" for item in items}
        words = ", ".join(f"{one.name}{' (reversed)' if one.reverse else ''}" for one in items)
        facts.append(("scale", f"{scale}: {words}; {', '.join(sorted(ranges))}"))
    return facts


def _empty(records: Records) -> list[tuple[str, str]]:
    """Columns with empty cells, of the rows; a small number of them is no secret of a person."""
    found = []
    for column in records.columns:
        values = records.values_of(column.name)
        empty = int((values == "").sum() if values.dtype == object else np.isnan(values).sum())
        if empty:
            found.append(f"{column.name} ({_count(empty)})")
    return [("empty cells", ", ".join(found) or "none")]
