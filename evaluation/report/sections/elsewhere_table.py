"""Published results as table rows: every number as printed, and where it was read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evaluation.report import words
from evaluation.report.blocks import Strong, Table, Text
from evaluation.report.figures.figures import anchor
from evaluation.report.spoken import heads, inline
from evaluation.say import ENGLISH, say

if TYPE_CHECKING:
    from evaluation.data.delivery import BesidePublished
    from evaluation.synthesis.result import Elsewhere, Told


def every_result(found: Elsewhere) -> list[Table]:
    """Every result, a table for each kind of outcome."""
    tables = []
    for family in found.families:
        rows = [row for row in found.results if row.family == family.name]
        tables.append(
            Table(
                key=f"results-{anchor(family.name)}",
                caption=say(
                    "elsewhere-table.published-result",
                    name=family.name,
                    n_rows=len(rows),
                ),
                headers=heads(
                    "place-and-outcome",
                    "design",
                    "what-was-found",
                    "standard-error",
                    "where-it-was-read",
                    "evaluators-part-or-ties",
                ),
                rows=tuple(_row(row) for row in rows),
            )
        )
    return tables


def _row(row: Told) -> tuple[Text, ...]:
    years = f" ({row.years.replace('-', ' to ')})" if row.years else ""
    program = "" if row.program == "focused deterrence" else f" {words.sentence(row.program)}"
    if not row.focused:
        program += say("elsewhere-table.not-counted", approach=row.approach)
    # A page in the source, where the table has it.
    known = say(f"read.{row.certainty}")
    read = say(
        "elsewhere-table.read-in",
        read_in=row.read_in,
        words=f", {row.page}" if row.page else "",
        known=known,
    )
    note = f" {words.sentence(row.note)}" if row.note else ""
    unit = "" if row.unit == "not certain" else say("elsewhere-table.treated", unit=row.unit)
    return (
        inline(
            "elsewhere-table.text",
            strong=Strong(row.site),
            outcome=row.outcome,
            years=years,
            program=program,
        ),
        (f"{words.capital(row.design)}{unit}",),
        (f"{words.capital(row.found)}: {printed(row)}{_by_month(row)}",),
        (say(f"elsewhere-table.error-{row.se_source}"),),
        (f"{words.sentence(row.source)}{read}{note}",),
        (
            say(f"elsewhere-table.parts-{row.evaluators_part}")
            + (f" {row.part_why}" if row.part_why else ""),
        ),
    )


_POINTS = "percentage points"


def _by_month(row: Told) -> str:
    """What was found so many months on: "; by month: 1, 2 and 6 fell, 36 none"."""
    by_word: dict[str, list[str]] = {}
    for month, word in row.by_month:
        by_word.setdefault(word, []).append(str(month))
    said = ", ".join(f"{ENGLISH.listed(at)} {word}" for word, at in by_word.items())
    return say("elsewhere-table.by-month", said=said) if said else ""


def printed(row: Told | BesidePublished) -> str:
    """The effect as printed, with its range and level, or that there is none."""
    if row.effect is None:
        return say("elsewhere-table.no-number")
    percent = row.measure == "percent change"
    said = _number(row.effect, percent=percent) + ("" if percent else f" ({row.measure})")
    if row.measure == _POINTS:
        said = f"{_number(row.effect, percent=True).removesuffix('%')} {_POINTS}"
    if row.low is not None and row.high is not None:
        level = "" if row.level is None else f"{words.number(row.level)}% "
        ends = say(
            "between.mixed",
            low=_number(row.low, percent=percent),
            high=_number(row.high, percent=percent),
        )
        said += say("elsewhere-table.range", level=level, ends=ends)
    if row.p_value is not None:
        said += f", p {words.p_value(row.p_value)}"
    return said


def _number(value: float, *, percent: bool) -> str:
    sign = "−" if value < 0 else "+" if value > 0 else ""
    return f"{sign}{words.planned(abs(value))}" if percent else words.number(value, 2)
