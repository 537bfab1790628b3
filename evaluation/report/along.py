"""Many answers side by side along an axis, the headline among them, when one thing is varied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evaluation import plots
from evaluation.effect import Check
from evaluation.report import words
from evaluation.report.blocks import Figure
from evaluation.report.estimates import FILLED, clear, headline, key_of, note_of, one
from evaluation.report.rows import rows_table
from evaluation.study.evidence import OutcomeEvidence


@dataclass(frozen=True, slots=True)
class Drawn:
    """Estimates with their places along an axis, and the words that only this figure has.

    `table` is what the table prints where that is not the rows of the check.
    """

    rows: list[plots.Whisker]
    places: list[float]
    ticks: list[tuple[float, str]]
    across: str
    mark: str
    order: str
    title: str
    note: str
    table: Sequence[Mapping[str, Any]] | None = None


def along(outcome: OutcomeEvidence, check: Check, drawn: Drawn) -> Figure:
    """The figure with its words and its table."""
    key, rows, label = key_of(check, outcome), drawn.rows, words.capital(outcome.label)
    with plots.style():
        figure = plots.blank(plots.ALONG_HEIGHT)
        plots.estimates_along(
            rows,
            drawn.places,
            figure.axes[0],
            ticks=drawn.ticks,
            across=drawn.across,
            mark=drawn.mark,
        )
        svg = plots.svg_text(figure, key)
    lowest = min(rows, key=lambda row: row.estimate)
    highest = max(rows, key=lambda row: row.estimate)
    counted = sum(clear(row) for row in rows)
    return Figure(
        key=key,
        svg=svg,
        title=f"{label}: {drawn.title}; the headline is {headline(outcome)}",
        description=(
            f"Dot plot of percent change in {outcome.label} with 95% ranges, {drawn.order}: "
            f"{len(rows)} estimates, {counted} with a range that leaves out no change. "
            f"Headline {headline(outcome)}. "
            f"Lowest, {lowest.label}: {one(lowest)}. Highest, {highest.label}: {one(highest)}."
        ),
        table=rows_table(
            f"{key}-table",
            f"{label}: {check.question}",
            check.table if drawn.table is None else drawn.table,
        ),
        note=note_of(check, f"{drawn.note} {FILLED}", cut=plots.cut(rows)),
    )
