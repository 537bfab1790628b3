"""Each treated unit by itself, all of them together, and the range for one more: a forest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from evaluation import plots
from evaluation.effect import Interval
from evaluation.plots.forest import Band, Mark, forest, forest_height
from evaluation.report import words
from evaluation.report.blocks import Figure, Inline, Strong, Table, Text
from evaluation.report.figures.figures import anchor
from evaluation.report.spoken import heads
from evaluation.say import say
from evaluation.study.evidence import Evidence, OutcomeEvidence

# The name of the check whose rows are drawn, and the roles of its rows.
BY_UNIT = "each-treated-unit"
_ALONE, _OTHERWISE, _WHOLE = "alone", say("unit-forest.together-otherwise"), "together"

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
        Band(say("unit-forest.all-together"), (*(_other(row) for row in others), _mean(whole))),
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
    name = say("unit-forest.from", unit=row["unit"], start=str(row["start"]))
    if row["percent"] is None:
        return Mark(name, None, note=say("unit-forest.no-comparison"))
    return Mark(name, float(row["percent"]), float(row["low"]), float(row["high"]))


def _other(row: Row) -> Mark:
    name = words.capital(str(row["unit"]).partition(", ")[2])
    ends = float(row["low"]), float(row["high"])
    return Mark(name, float(row["percent"]), *ends, kind="home")


def _mean(row: Row) -> Mark:
    ahead = float(row["ahead low"]), float(row["ahead high"])
    ends = float(row["low"]), float(row["high"])
    return Mark(
        say("unit-forest.mean-of-all-dashed-range"),
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
    return say(
        "unit-forest.of-treated-units-each-by",
        label=label,
        drawn=drawn,
        clear=clear or say("way.none"),
        few=clear < 2,
        whole=_told(whole),
        whole2=_ahead(whole),
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
    alone = say("unit-forest.no-comparison")
    listed = "; ".join(
        f"{row['unit']} {alone if row['percent'] is None else _told(row)}" for row in units
    )
    otherwise = "; ".join(f"{row['unit']} {_told(row)}" for row in others)
    return say(
        "unit-forest.forest-plot-percent-change-in",
        label=outcome.label,
        listed=listed,
        whole=_told(whole),
        whole2=_ahead(whole),
    ) + (say("unit-forest.made-in-other-ways", otherwise=otherwise) if otherwise else "")


def _note(units: Sequence[Row]) -> str:
    said = say("unit-forest.each-row-is-one-treated")
    for row in units:
        if row["why"]:
            said += say("unit-forest.is-not-in-mean", unit=row["unit"], why=row["why"])
    return said


def _table(key: str, label: str, rows: Sequence[Row]) -> Table:
    return Table(
        key=f"{key}-table",
        caption=say("unit-forest.each-treated-unit-by-itself", label=label),
        headers=heads(
            "unit",
            "start",
            numeric=(
                "change",
                "95-range",
                "range-for-one-more",
                "observed",
                "expected",
                "periods-before-after",
                "controls",
                "last-2-periods-before-beside",
            ),
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
