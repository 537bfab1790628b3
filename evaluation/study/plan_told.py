"""Faults of what a plan tells beside its method that the plan shows by itself."""

from __future__ import annotations

from collections.abc import Iterator

from evaluation.data.located import Located, did_you_mean
from evaluation.errors import Fault
from evaluation.study.plan_designs import repeated
from evaluation.study.planned import Plan

Key = tuple[str | int, ...]


def told_faults(plan: Plan, located: Located) -> list[Fault]:
    """Outcomes that are not planned, grades lowered twice, lists that the design has not."""
    said = [*_lower_faults(plan), *_spanish_faults(plan), *_list_faults(plan)]
    if plan.delivery is not None and plan.delivery == plan.data:
        said.append((("delivery",), "is the table of outcomes; name the one of what was delivered"))
    return [located.fault(path, message) for path, message in said]


def _lower_faults(plan: Plan) -> Iterator[tuple[Key, str]]:
    planned = [outcome.column for outcome in plan.outcomes]
    lowered = [entry.column for entry in plan.lower]
    for index, name in enumerate(lowered):
        if name not in planned:
            yield (
                ("lower", index, "column"),
                f"{name!r} is no planned outcome.{did_you_mean(name, planned)}",
            )
    for index, name in repeated(lowered):
        yield ("lower", index, "column"), f"{name!r} is lowered twice; keep one of the two"


def _spanish_faults(plan: Plan) -> Iterator[tuple[Key, str]]:
    planned = [outcome.column for outcome in plan.outcomes]
    for name in (plan.es and plan.es.outcomes) or {}:
        if name not in planned:
            yield (
                ("es", "outcomes", name),
                f"is no planned outcome.{did_you_mean(name, planned)}",
            )


def _list_faults(plan: Plan) -> Iterator[tuple[Key, str]]:
    lists = plan.checklist
    if lists is None:
        return
    if lists.epoc is not None and plan.design != "its":
        words = 'is for interrupted time series (design "its"); answer checklist.trend'
        yield ("checklist", "epoc"), words
    if lists.strobe is not None and plan.design != "individual":
        words = 'is for people who are followed (design "individual"); answer checklist.trend'
        yield ("checklist", "strobe"), words
