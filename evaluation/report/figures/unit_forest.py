"""Each treated unit by itself, all of them together, and the range for one more: a forest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from evaluation import plots
from evaluation.effect import Interval
from evaluation.plots.forest import Band, Mark, forest, forest_height
from evaluation.report import words
from evaluation.report.blocks import Figure, Header, Inline, Strong, Table, Text
from evaluation.report.figures.figures import anchor
from evaluation.study.evidence import Evidence, OutcomeEvidence

# The name of the check whose rows are drawn, and the roles of its rows.
BY_UNIT = "each-treated-unit"
_ALONE, _OTHERWISE, _WHOLE = "alone", "together, otherwise", "together"
_NONE = "no comparison"

Row = Mapping[str, Any]


def unit_forest(evidence: Evidence, outcome: OutcomeEvidence) -> list[Figure]:
    """The forest of one outcome; nothing where the results hold no numbers by unit."""
    check = next((one for one in outcome.checks if one.name == BY_UNIT), None)
    rows = () if check is None or not outcome.estimated else check.table
    if not rows:
        return []
    key, label = f"units-{anchor(outcome.column)}", words.capital(outcome.label)
    units = [row for row in rows if row["role"] not in (_OTHERWISE, _WHOLE)]
    whole = next(row for row in rows if row["role"] == _WHOLE)
    others = [row for row in rows if row["role"] == _OTHERWISE]
    bands = (
        Band("", tuple(_mark(row) for row in units)),
        Band("All together", (*(_other(row) for row in others), _mean(whole))),
    )
    with plots.style():
        figure = plots.blank(forest_height(bands))
        forest(bands, figure.axes[0])
        svg = plots.svg_text(figure, key)
    return [
        Figure(
            key=key,
            svg=svg,
            title=_title(label, units, whole),
            description=_description(outcome, units, others, whole),
            table=_table(key, label, rows),
            note=_note(units),
        )
    ]


def _mark(row: Row) -> Mark:
    name = f"{row['unit']}, from {words.period_words(str(row['start']))}"
    if row["percent"] is None:
        return Mark(name, None, note=_NONE)
    return Mark(name, float(row["percent"]), float(row["low"]), float(row["high"]))


def _other(row: Row) -> Mark:
    name = words.capital(str(row["unit"]).partition(", ")[2])
    ends = float(row["low"]), float(row["high"])
    return Mark(name, float(row["percent"]), *ends, kind="home")


def _mean(row: Row) -> Mark:
    ahead = float(row["ahead low"]), float(row["ahead high"])
    ends = float(row["low"]), float(row["high"])
    return Mark(
        "Mean of all; dashed: range for one more",
        float(row["percent"]),
        *ends,
        kind="mean",
        ahead=ahead,
    )


def _clear(rows: Sequence[Row]) -> int:
    """How many ranges leave out no change."""
    drawn = [row for row in rows if row["percent"] is not None]
    return sum(float(row["low"]) > 0 or float(row["high"]) < 0 for row in drawn)


def _title(label: str, units: Sequence[Row], whole: Row) -> str:
    drawn = sum(row["percent"] is not None for row in units)
    clear = _clear(units)
    return (
        f"{label}: of {drawn} treated units, each by itself, {clear or 'none'} "
        f"{'has' if clear < 2 else 'have'} a range that leaves out no change; their mean is "
        f"{_told(whole)}, and the range for one more {_ahead(whole)}"
    )


def _told(row: Row) -> str:
    """The percent change with its range."""
    one = Interval(float(row["percent"]), float(row["low"]), float(row["high"]))
    return f"{words.signed_percent(one.estimate)} ({words.signed_range(one)})"


def _ahead(row: Row) -> str:
    ends = (words.signed_percent(float(row[f"ahead {end}"])) for end in ("low", "high"))
    return " to ".join(ends)


def _description(
    outcome: OutcomeEvidence, units: Sequence[Row], others: Sequence[Row], whole: Row
) -> str:
    listed = "; ".join(
        f"{row['unit']} {_NONE if row['percent'] is None else _told(row)}" for row in units
    )
    otherwise = "; ".join(f"{row['unit']} {_told(row)}" for row in others)
    return (
        f"Forest plot: percent change in {outcome.label} with 95% ranges, one row a treated unit "
        f"in order of start: {listed}. Mean of all {_told(whole)}; range for the true change of "
        f"one more unit {_ahead(whole)}."
        + (f" Made in other ways: {otherwise}." if otherwise else "")
    )


def _note(units: Sequence[Row]) -> str:
    said = (
        "Each row is one treated unit, over periods of its own, beside never-treated units that "
        "have all of them. The wide mark is the mean, in which a unit counts by how well it is "
        "known; the dashed line under it is the range for the true change of one more unit like "
        "these, its own ups and downs aside. Squares are the same mean made in ways that a peak or "
        "a rise before the starts would move. An arrow marks a range that goes on; the table has "
        "it whole. About one range in twenty leaves out no change by chance alone."
    )
    for row in units:
        if row["why"]:
            said += f" {row['unit']} is not in the mean: {row['why']}."
    return said


def _table(key: str, label: str, rows: Sequence[Row]) -> Table:
    return Table(
        key=f"{key}-table",
        caption=f"{label}: each treated unit by itself, and all together",
        headers=(
            Header("Unit"),
            Header("Start"),
            Header("Change", numeric=True),
            Header("95% range", numeric=True),
            Header("Range for one more", numeric=True),
            Header("Observed", numeric=True),
            Header("Expected", numeric=True),
            Header("Periods before, after", numeric=True),
            Header("Controls", numeric=True),
            Header("Last 2 periods before, beside controls", numeric=True),
        ),
        rows=tuple(_cells(row) for row in rows),
    )


def _cells(row: Row) -> tuple[Text, ...]:
    def count(*names: str) -> Text:
        if row[names[0]] is None:
            return ("–",)
        return (", ".join(words.number(float(row[name])) for name in names),)

    def percents(*names: str) -> Text:
        if row[names[0]] is None:
            return ("–",)
        return (" to ".join(words.signed_percent(float(row[name])) for name in names),)

    name: Inline = str(row["unit"])
    return (
        (Strong(str(name)) if row["role"] == _WHOLE else name,),
        (words.period_words(str(row["start"])) if row["start"] else "–",),
        percents("percent"),
        percents("low", "high"),
        percents("ahead low", "ahead high"),
        count("observed"),
        count("expected"),
        count("periods before", "periods after"),
        count("controls"),
        percents("rise"),
    )
