"""The rows behind a check, as a table for a reader."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from evaluation.report import words
from evaluation.report.blocks import Header, Strong, Table, Text
from evaluation.say import say

# In the order a reader wants them; results.json has its keys in the order of the alphabet.
_COLUMNS: dict[str, str] = {
    "rank": say("check-table.rank"),
    "who": say("check-table.who"),
    "side": say("check-table.side"),
    "wave": say("check-table.wave"),
    "covariate": say("check-table.covariate"),
    "trait": say("check-table.trait"),
    "group": say("check-table.group"),
    "item": say("check-table.item"),
    "scale": say("check-table.scale"),
    "rule": say("check-table.rule"),
    "weights": say("check-table.weights"),
    "days": say("check-table.days-after-entry"),
    "from": say("check-table.from"),
    "to": say("check-table.to"),
    "test": say("check-table.test"),
    "measure": say("check-table.measure"),
    "outcome": say("check-table.outcome"),
    "date": say("check-table.when"),
    "what": say("check-table.what"),
    "site": say("check-table.place"),
    "period": say("check-table.period"),
    "lag": say("check-table.periods-before"),
    "since the end": say("check-table.since-end"),
    "first": say("check-table.first-period"),
    "start": say("check-table.start"),
    "unit": say("check-table.unit"),
    "role": say("check-table.role"),
    "units": say("check-table.units"),
    "names": say("check-table.which"),
    "without": say("check-table.without"),
    "last period": say("check-table.last-period"),
    "cells": say("check-table.whose"),
    "allowed": say("check-table.how-trends-may-differ"),
    "bound": say("check-table.by-how-much"),
    "placebo": say("check-table.placebo"),
    "shift": say("check-table.moved-by"),
    "periods": say("check-table.periods-used"),
    "effect": say("check-table.effect"),
    "trend": say("check-table.trend"),
    "season": say("check-table.season"),
    "phase_in": say("check-table.phase-in"),
    "washout": say("check-table.left-out"),
    "method": say("check-table.method"),
    "controls": say("check-table.comparison"),
    "reason": say("check-table.why"),
    "weight": say("check-table.weight"),
    "unevenness": say("check-table.unevenness"),
    "starters": say("check-table.units-that-start"),
    "skipped": say("check-table.units-left-out"),
    "window": say("check-table.periods-before-it"),
    "recent": say("check-table.events-each"),
    "expected": say("check-table.expected"),
    "excess": say("check-table.more-than-expected"),
    "hazard_ratio": say("check-table.chance-of-starting-times"),
    "statistic": say("check-table.statistic"),
    "value": say("check-table.value"),
    "autocorrelation": say("check-table.correlation"),
    "partial": say("check-table.partial-correlation"),
    "band": say("check-table.band-of-chance"),
    "observed": say("check-table.observed"),
    "fitted": say("check-table.model-fit"),
    "residual": say("check-table.residual"),
    "leverage": say("check-table.leverage"),
    "cook": say("check-table.cooks-distance"),
    "people": say("check-table.people"),
    "respondents": say("check-table.respondents"),
    "with the program": say("check-table.with-program"),
    "without it": say("check-table.without-it"),
    "before": say("check-table.before-weighting"),
    "after": say("check-table.after-weighting"),
    "risk": say("check-table.risk"),
    "estimate": say("check-table.estimate"),
    "std_error": say("check-table.standard-error"),
    "percent": say("check-table.change"),
    "found": say("check-table.found-times-in-100"),
    "low": say("check-table.low"),
    "high": say("check-table.high"),
    "change": say("check-table.change-2"),
    "least": say("check-table.smallest-rank-there-is"),
    "spread": say("check-table.spread"),
    "usual spread": say("check-table.usual-spread"),
    "p": "p",
    "p_value": "p",
    "false_alarms": say("check-table.false-alarms"),
    "slope_found_in_half": say("check-table.trend-found-in-50"),
    "slope_found_in_most": say("check-table.trend-found-in-80"),
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
            headers.append(Header(say("head.95-range"), numeric=True))
    return Table(key, caption, tuple(headers), tuple(_row(row, names, present) for row in rows))


def _row(row: Mapping[str, Any], names: Sequence[str], present: set[str]) -> tuple[Text, ...]:
    cells: list[Text] = []
    for name in names:
        cells.append((_cell(name, row.get(name)),))
        if name == "percent" and {"low", "high"} <= present:
            ends = [words.signed_percent(float(row[end])) for end in ("low", "high")]
            cells.append((" to ".join(ends),))
    if row.get("headline") is True:
        cells[0] = (Strong(str(cells[0][0])), say("check-table.headline"))
    return tuple(cells)


def _cell(name: str, value: Any) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return say("check-table.yes") if value else say("check-table.no")
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
