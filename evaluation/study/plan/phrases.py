"""Pieces of the sentences that a plan is put into."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from evaluation.study.plan.values import frequency_of, is_day

_QUARTERS = ("first", "second", "third", "fourth")


def settings(options: Mapping[str, Any]) -> str:
    """Settings of a method in words, such as "lag 6"."""
    return ", ".join(
        f"{plain(name)} {' '.join(map(str, value)) if isinstance(value, tuple) else value}"
        for name, value in options.items()
    )


def listed(names: Sequence[str]) -> str:
    if not names:
        return ""
    *rest, last = names
    return f"{', '.join(rest)} and {last}" if rest else last


def when(text: str) -> str:
    """A period or day of the plan as an American reader writes it."""
    if is_day(text):
        return day(datetime.date.fromisoformat(text))
    frequency = frequency_of(text)
    if frequency == "month":
        return f"{_month(int(text[5:]))} {text[:4]}"
    if frequency == "quarter":
        return f"the {_QUARTERS[int(text[-1]) - 1]} quarter of {text[:4]}"
    return text


def day(date: datetime.date) -> str:
    return f"{_month(date.month)} {date.day}, {date.year}"


def _month(number: int) -> str:
    # Not strftime: the language of the machine must not reach a report.
    names = "January February March April May June July August September October November December"
    return names.split()[number - 1]


def plain(column: str) -> str:
    return column.replace("_", " ")


def method_words(name: str, label: str, options: Mapping[str, Any]) -> str:
    """A method of the plan with its label and settings."""
    set_to = settings(options)
    return f"the method {name} ({label}{f'; {set_to}' if set_to else ''})"


def alternative_words(label: str, but: str, assumes: str | None) -> str:
    """The sentence about a planned alternative.

    Parameters
    ----------
    but : what it does differently, as it follows "as the model". assumes : what it takes for
        granted, or None.
    """
    words = f"Planned alternative, {label}: as the model{but}"
    return f"{words}." if assumes is None else f"{words}; it assumes {closed(assumes)}"


def unclosed(text: str) -> str:
    """The text without the mark at its end, to stand inside a sentence."""
    return text.rstrip(" .!?")


def closed(text: str) -> str:
    """The text as the end of a sentence."""
    return text if text.endswith((".", "!", "?")) else f"{text}."
