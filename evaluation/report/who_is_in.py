"""Who is in a comparison and who is out, by name and with the reason; controls in one line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from evaluation.report import words
from evaluation.report.blocks import Block, Header, Paragraph, Table, Text
from evaluation.report.comparison import WHO_IS_IN
from evaluation.report.figures import anchor
from evaluation.study.evidence import Evidence, OutcomeEvidence

_SHOWN = ("treated", "contaminated", "left out")
_KNOWN = {"month": "to the month", "year": "to the year", "uncertain": "with doubt", "": ""}

Row = Mapping[str, Any]


def who_is_in(evidence: Evidence) -> list[Block]:
    """A table of those treated and left out, and a line of the controls; once where all outcomes
    have the same, nothing where that was not asked."""
    found = [
        (outcome, check)
        for outcome in evidence.outcomes
        for check in outcome.checks
        if check.name == WHO_IS_IN and check.table
    ]
    if all(check.table == found[0][1].table for _, check in found):
        found = found[:1]
    return [
        block
        for outcome, check in found
        for block in _of_outcome(outcome, check.table, one=len(found) == 1)
    ]


def _of_outcome(outcome: OutcomeEvidence, rows: Sequence[Row], *, one: bool) -> list[Block]:
    asked = "who is in, who is out, and why"
    unnamed = [row for row in rows if row["what"] == "not named"]
    shown = [row for what in _SHOWN for row in rows if row["what"] == what]
    controls = [row for row in rows if row["what"] == "control"]
    return [
        Table(
            key=f"who-{anchor(outcome.column)}",
            caption=words.capital(asked if one else f"{outcome.label}: {asked}"),
            headers=(
                Header("Unit"),
                Header("What it is"),
                Header("Since"),
                Header("Start known"),
                Header("Why"),
                Header("Periods used", numeric=True),
                Header("Not reported", numeric=True),
            ),
            rows=tuple(_cells(row) for row in shown),
        ),
        Paragraph((_line(controls) + _unnamed(unnamed),)),
    ]


def _cells(row: Row) -> tuple[Text, ...]:
    since = str(row["since"])
    texts = (
        str(row["unit"]),
        words.capital(str(row["what"])),
        words.period_words(since) if since else "",
        _KNOWN.get(str(row["certainty"]), str(row["certainty"])),
        str(row["why"]),
        words.number(int(row["used"])),
        words.number(int(row["missing"])),
    )
    return tuple((text,) for text in texts)


def _unnamed(rows: Sequence[Row]) -> str:
    """The units that the plan could have named as controls and did not."""
    names = "; ".join(str(row["unit"]) for row in rows)
    return f" Not among the controls that the plan names: {names}." if rows else ""


def _line(controls: Sequence[Row]) -> str:
    """The controls in one sentence, with those that lack periods."""
    if not controls:
        return "No other unit is a control."
    names = "; ".join(
        f"{row['unit']} ({words.number(int(row['missing']))} not reported)"
        if row["missing"]
        else str(row["unit"])
        for row in controls
    )
    return f"Controls ({words.number(len(controls))}): {names}."
