"""The rows behind a check, as a table for a reader."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from evaluation.report import words
from evaluation.report.blocks import Header, Strong, Table, Text
from evaluation.say import ENGLISH, say

# In the order a reader wants them; results.json has its keys in the order of the alphabet.
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
    known = ENGLISH.table("column")
    names = [name for name in known if name in present - hidden]
    names += sorted(present - hidden - known.keys())
    headers: list[Header] = []
    for name in names:
        text = known.get(name, words.capital(name.replace("_", " ")))
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
            cells.append((say("between.mixed", low=ends[0], high=ends[1]),))
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
