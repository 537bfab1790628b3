"""Pieces of the sentences that a plan is put into."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from evaluation.data import period
from evaluation.fact import Fact, fact
from evaluation.study.plan.tables import PlannedAlternative
from evaluation.study.plan.values import frequency_of, is_day


def settings(options: Mapping[str, Any]) -> str:
    """Settings of a method by name, such as "lag 6"."""
    return ", ".join(
        f"{plain(name)} {' '.join(map(str, value)) if isinstance(value, tuple) else value}"
        for name, value in options.items()
    )


def listed(names: Sequence[str | Fact]) -> Fact:
    """Names or facts, the last after "and"."""
    return fact("plan.listed", names=tuple(names))


def when(text: str) -> Fact:
    """A period or day of the plan as a reader writes it."""
    if is_day(text):
        return day(datetime.date.fromisoformat(text))
    frequency, year = frequency_of(text), text[:4]
    if frequency == "week":
        return fact("plan.when.week", day=day(period.span(text)[0]))
    if frequency == "month":
        return fact("plan.when.month", month=fact(f"plan.month.{int(text[5:])}"), year=year)
    if frequency == "quarter":
        return fact("plan.when.quarter", quarter=fact(f"plan.quarter.{text[-1]}"), year=year)
    return fact("plan.when.year", year=year)


def day(date: datetime.date) -> Fact:
    """A day as a reader writes it."""
    month = fact(f"plan.month.{date.month}")
    return fact("plan.when.day", month=month, day=date.day, year=date.year)


def between(key: str, first: str | None, last: str | None) -> Fact:
    """The periods used: the text of the key and "-both", "-first", "-last" or "-all"."""
    bounds: dict[str, Any] = {
        name: when(text) for name, text in (("first", first), ("last", last)) if text
    }
    which = "all" if not bounds else "both" if len(bounds) > 1 else next(iter(bounds))
    return fact(f"{key}-{which}", **bounds)


def some(number: float, start: str) -> Fact:
    """So many periods of the frequency of a start; of one, the noun alone."""
    return fact(f"plan.some.{frequency_of(start)}", n=number)


def plain(column: str) -> str:
    return column.replace("_", " ")


def method_words(name: str, label: str, options: Mapping[str, Any]) -> Fact:
    """A method of the plan with its label and settings."""
    return set_so("plan.method.named", options, name=name, label=label)


def set_so(key: str, options: Mapping[str, Any], **parts: Any) -> Fact:
    """A method with its settings, where it has any: the text of the key, or the one "-set"."""
    set_to = settings(options)
    return fact(f"{key}-set", settings=set_to, **parts) if set_to else fact(key, **parts)


def set_words(options: Mapping[str, Any] | None) -> str | Fact:
    """The settings of a method that keeps its name."""
    return settings(options or {}) or fact("plan.method.own-settings")


def alternative_words(entry: PlannedAlternative, changes: Sequence[str | Fact], join: str) -> Fact:
    """The sentence about a planned alternative.

    Parameters
    ----------
    changes : what it does differently, as it follows "with". join : name of how they are listed.
    """
    but = fact("plan.alternative.but", changes=fact(join, names=tuple(changes)))
    if not changes:
        but = fact("plan.alternative.again")
    if entry.assumes is None:
        return fact("plan.alternative.whole", label=entry.label, but=but)
    assumed = closed(entry.assumes)
    return fact("plan.alternative.assuming", label=entry.label, but=but, assumed=assumed)


def adjusted(names: Sequence[str]) -> Fact:
    """Covariates, or "nothing"."""
    if not names:
        return fact("plan.nothing")
    return listed([plain(name) for name in names])


def unclosed(text: str) -> str:
    """The text without the mark at its end, to stand inside a sentence."""
    return text.rstrip(" .!?")


def closed(text: str) -> str:
    """The text as the end of a sentence."""
    return text if text.endswith((".", "!", "?")) else f"{text}."
