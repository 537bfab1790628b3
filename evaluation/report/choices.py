"""The choices behind a specification, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from evaluation.plots import Choice

_NAMES = {
    "start": "Start",
    "first": "Series from",
    "last": "Series to",
    "periods before": "Before each start",
    "periods after": "From each start on",
    "effect": "Effect",
    "trend": "Trend",
    "season": "Season",
    "phase_in": "Phase-in",
    "washout": "Left out",
    "method": "Method",
    "controls": "Comparison",
    "adopters": "Adopters",
    "gaps": "Gaps",
    "leave_out": "Without",
}
_WORDS: dict[str, dict[str, str]] = {
    "trend": {"linear": "straight line", "quadratic": "curved", "none": "none"},
    "effect": {"level": "one step", "level+slope": "step and slope"},
    "controls": {"True": "with", "False": "without"},
}


def varied(rows: Sequence[Mapping[str, Any]], frequency: str) -> list[Choice]:
    """The choices in which the specifications differ, in a fixed order.

    Parameters
    ----------
    rows : of the specification curve. frequency : "month", "quarter" or "year".
    """
    made = []
    for column, name in _NAMES.items():
        values = [row.get(column) for row in rows]
        kinds = [_kind(column, value, frequency) for value in values]
        if len(set(kinds)) > 1:
            ranked = sorted(zip(values, kinds, strict=True), key=lambda pair: _rank(column, *pair))
            made.append(Choice(name, tuple(kinds), tuple(dict.fromkeys(k for _, k in ranked))))
    return made


def name_of(column: str) -> str:
    """What a choice is called."""
    return _NAMES.get(column, column.replace("_", " "))


def kind_of(column: str, value: Any, frequency: str) -> str:
    """What was chosen, in words."""
    return _kind(column, value, frequency)


def _rank(column: str, value: Any, kind: str) -> tuple[float, float, str]:
    """Numbers by size, known words in the order of the table, the rest by the alphabet."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return (0.0, float(value), kind)
    known = list(_WORDS.get(column, {}))
    return (1.0, float(known.index(str(value))) if str(value) in known else len(known), kind)


def _kind(column: str, value: Any, frequency: str) -> str:
    text = str(value)
    if column in ("phase_in", "washout"):
        return "none" if not value else f"{value} {frequency}{'' if value == 1 else 's'}"
    if column in ("periods before", "periods after") and value != "all":
        return f"{value} {frequency}{'' if value == 1 else 's'}"
    if column == "season":
        return _season(text, frequency)
    if column == "start" and isinstance(value, int) and not isinstance(value, bool):
        return "as planned" if value == 0 else f"{value:+d} {frequency}s".replace("-", "−")
    return _WORDS.get(column, {}).get(text, text)


def _season(text: str, frequency: str) -> str:
    """How the season is drawn: "none", "each month", "2 waves"."""
    if text.startswith("fourier"):
        waves = text.removeprefix("fourier").strip(" -()")
        return f"{waves} wave{'' if waves == '1' else 's'}" if waves else "waves"
    return f"each {frequency}" if text == "periods" else text
