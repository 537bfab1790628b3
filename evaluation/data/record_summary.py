"""Records in a few plain lines for a person at the command line, with no small group counted."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from evaluation.data.cells import day_text
from evaluation.data.findings import FEW, SMALLEST
from evaluation.data.records import RecordColumn, Records
from evaluation.data.summary import declared, plain, told

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
