"""The rows behind a check, as a table for a reader."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from evaluation.report import words
from evaluation.report.blocks import Header, Strong, Table, Text

# In the order a reader wants them; results.json has its keys in the order of the alphabet.
_COLUMNS: dict[str, str] = {
    "rank": "Rank",
    "who": "Who",
    "side": "Side",
    "wave": "Wave",
    "covariate": "Covariate",
    "trait": "Trait",
    "group": "Group",
    "item": "Item",
    "scale": "Scale",
    "rule": "Rule",
    "weights": "Weights",
    "days": "Days after entry",
    "from": "From",
    "to": "To",
    "test": "Test",
    "measure": "Measure",
    "outcome": "Outcome",
    "date": "When",
    "what": "What",
    "site": "Place",
    "period": "Period",
    "lag": "Periods before",
    "since the end": "Since the end",
    "first": "First period",
    "start": "Start",
    "unit": "Unit",
    "role": "Role",
    "units": "Units",
    "names": "Which",
    "without": "Without",
    "last period": "Last period",
    "cells": "Whose",
    "allowed": "How trends may differ",
    "bound": "By how much",
    "placebo": "Placebo",
    "shift": "Moved by",
    "periods": "Periods used",
    "effect": "Effect",
    "trend": "Trend",
    "season": "Season",
    "phase_in": "Phase-in",
    "washout": "Left out",
    "method": "Method",
    "controls": "Comparison",
    "reason": "Why",
    "weight": "Weight",
    "unevenness": "Unevenness",
    "starters": "Units that start",
    "skipped": "Units left out",
    "window": "Periods before it",
    "recent": "Events each",
    "expected": "Expected",
    "excess": "More than expected",
    "hazard_ratio": "Chance of starting, times",
    "statistic": "Statistic",
    "value": "Value",
    "autocorrelation": "Correlation",
    "partial": "Partial correlation",
    "band": "Band of chance",
    "observed": "Observed",
    "fitted": "Model fit",
    "residual": "Residual",
    "leverage": "Leverage",
    "cook": "Cook's distance",
    "people": "People",
    "respondents": "Respondents",
    "with the program": "With the program",
    "without it": "Without it",
    "before": "Before weighting",
    "after": "After weighting",
    "risk": "Risk",
    "estimate": "Estimate",
    "std_error": "Standard error",
    "percent": "Change",
    "found": "Found, times in 100",
    "low": "Low",
    "high": "High",
    "change": "Change, %",
    "least": "Smallest rank there is",
    "spread": "Spread",
    "usual spread": "Usual spread",
    "p": "p",
    "p_value": "p",
    "false_alarms": "False alarms",
    "slope_found_in_half": "Trend found in 50%",
    "slope_found_in_most": "Trend found in 80%",
}
_SIGNED = ("shift",)
# As the figures and sentences about the same rows have them.
_ENDS = ("estimate", "low", "high")


def rows_table(
    key: str, caption: str, rows: Sequence[Mapping[str, Any]], *, without: Sequence[str] = ()
) -> Table:
    """The rows under plain headings: percent changes signed, with their range in one column.

    A row whose `headline` is true is marked. Where a percent change is there, the same on the
    scale of the model is left out.

    Parameters
    ----------
    rows : at least one. without : columns to leave out.
    """
    present = {name for row in rows for name in row}
    hidden = {"headline", *without}
    if "percent" in present:
        hidden |= {"estimate", "low", "high"}
    names = [name for name in _COLUMNS if name in present - hidden]
    names += sorted(present - hidden - set(_COLUMNS))
    headers: list[Header] = []
    for name in names:
        text = _COLUMNS.get(name, words.capital(name.replace("_", " ")))
        headers.append(Header(text, numeric=all(_is_number(row.get(name)) for row in rows)))
        if name == "percent" and {"low", "high"} <= present:
            headers.append(Header("95% range", numeric=True))
    return Table(key, caption, tuple(headers), tuple(_row(row, names, present) for row in rows))


def _row(row: Mapping[str, Any], names: Sequence[str], present: set[str]) -> tuple[Text, ...]:
    cells: list[Text] = []
    for name in names:
        cells.append((_cell(name, row.get(name)),))
        if name == "percent" and {"low", "high"} <= present:
            ends = [words.signed_percent(float(row[end])) for end in ("low", "high")]
            cells.append((" to ".join(ends),))
    if row.get("headline") is True:
        cells[0] = (Strong(str(cells[0][0])), " (headline)")
    return tuple(cells)


def _cell(name: str, value: Any) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if not isinstance(value, (int, float)):
        return str(value)
    if name == "percent":
        return words.signed_percent(value)
    if name in ("p", "p_value"):
        return words.p_value(value)
    text = words.number(value, 2 if name in _ENDS else 3)
    return f"+{text}" if name in _SIGNED and value > 0 else text


def _is_number(value: Any) -> bool:
    return value is None or (isinstance(value, (int, float)) and not isinstance(value, bool))
