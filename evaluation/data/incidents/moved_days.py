"""Days that a time zone moves: refused where all were days, told where some may be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from evaluation.data.incidents.recipe import FEWEST_TOLD, Recipe
from evaluation.data.incidents.scan import Scan
from evaluation.data.incidents.store import Store
from evaluation.data.incidents.times import MIDNIGHT_MOVED, NO_ZONE, TIME_MOVED
from evaluation.errors import DataError

# Share of the times with an offset that are exactly midnight, from which on they are days.
NEARLY_ALL, SOME = 0.9, 0.1


def refuse_moved_days(store: Store, scans: Sequence[Scan], recipe: Recipe) -> None:
    """Raises when days were exported as midnight of another zone, which would move each of them."""
    if recipe.table.time.date_only is not None:
        return
    columns = [("edge", "occurred")] + [("told", "reported")] * (recipe.table.late is not None)
    for column, key in columns:
        for file, edges in store.edges(column).items():
            moved, given = edges.get(MIDNIGHT_MOVED, 0), _given(edges)
            if given >= 2 and moved >= NEARLY_ALL * given:
                name, shown = getattr(recipe.table.incidents, key), scans[file].source.shown
                some, zone = _part_of(moved, given, recipe), recipe.table.time.zone
                message = (
                    f"{some} times in column {name!r} of {shown} are exactly midnight, and each "
                    f"would be on another day in {zone}. "
                    "Where they are days, say date_only = true: then the day counts as it is "
                    "written. Where they are moments, say date_only = false."
                )
                raise DataError(recipe.located.fault(("time",), message))


def of_days(store: Store, scans: Sequence[Scan], recipe: Recipe) -> Iterator[str]:
    """Days that a zone moves, or does not."""
    name, zone = recipe.table.incidents.occurred, recipe.table.time.zone
    edges = store.edges("edge")
    if recipe.table.time.date_only:
        times = sum(found.get(TIME_MOVED, 0) for found in edges.values())
        if times:
            yield (
                f"{name}: {recipe.many(times, 'time')} not at midnight and on another day in "
                f"{zone}: date_only counts the day that is written"
            )
        return
    for file, found in edges.items():
        moved, given = found.get(MIDNIGHT_MOVED, 0), _given(found)
        if given and moved >= max(SOME * given, 2):
            yield (
                f"{name}: {_part_of(moved, given, recipe)} times in {scans[file].source.shown} are "
                f"exactly midnight and are on another day in {zone}; are they days? See date_only"
            )


def _part_of(some: int, every: int, recipe: Recipe) -> str:
    """So many of so many; of private data neither a few nor all but a few are told."""
    if recipe.private and some == every:
        return "all" if every < FEWEST_TOLD else f"all {every:,}"
    if recipe.private and min(some, every - some) < FEWEST_TOLD:
        return "most" if 2 * some > every else "some"
    return f"{some:,} of {every:,}"


def _given(edges: Mapping[int, int]) -> int:
    return sum(number for edge, number in edges.items() if edge != NO_ZONE)
