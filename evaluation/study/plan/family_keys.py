"""The families of a plan: planned outcomes that are looked at together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

from pydantic import Field

from evaluation.data.toml_places import Located, did_you_mean
from evaluation.errors import Fault
from evaluation.study.plan.values import Names, Table


class PlannedFamily(Table):
    """Outcomes that are looked at together, so that the chance of finding any of them where nothing
    changed stays within `level`."""

    outcomes: Names
    level: Annotated[float, Field(gt=0, le=0.2)] = 0.05


def family_faults(
    families: Sequence[PlannedFamily], planned: Sequence[str], located: Located
) -> list[Fault]:
    """Families of outcomes that are not planned, of one alone, or that share an outcome.

    Parameters
    ----------
    planned : columns of the planned outcomes.
    """
    return [located.fault(path, message) for path, message in _said(families, planned)]


def _said(
    families: Sequence[PlannedFamily], planned: Sequence[str]
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    taken: set[str] = set()
    for index, family in enumerate(families):
        path = ("families", index, "outcomes")
        for name in family.outcomes:
            if name not in planned:
                yield path, f"{name!r} is no planned outcome.{did_you_mean(name, planned)}"
            elif name in taken:
                yield path, f"{name!r} is in an earlier family already; keep it in one"
        taken |= set(family.outcomes)
        if len(family.outcomes) < 2:
            yield path, "a family has two outcomes or more; with one there is nothing to adjust"
