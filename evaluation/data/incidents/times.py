"""Times as people and machines write them, as SQL: the local day, and the moment for ordering.

A local time that the clock shows twice when summer time ends has the same date both times, so no
day depends on which was meant; one that the clock skips keeps the date it is written with. Only
the order of two reports inside the repeated hour cannot be told without an offset.

Days that a time zone moves: refused where all were days, told where some may be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from evaluation.data.incidents.recipe import FEWEST_TOLD, Recipe
from evaluation.data.incidents.recipe_checks import reads_iso_as_another_day
from evaluation.errors import DataError, Fault

if TYPE_CHECKING:
    import pyarrow

    from evaluation.data.incidents.scan import Scan
    from evaluation.data.incidents.store import Store


# Days are counted from here, so that they are positive whole numbers; 500 years of them fit.
DAY_ONE: Final = "DATE '1800-01-01'"
DAYS: Final = 182_621
MICROSECONDS: Final = 5_364_662_400_000_000  # from 1800-01-01 to 1970-01-01

_UTC: Final = ("UTC", "Z", "ETC/UTC", "+00:00")
_CLOCK: Final = r"(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?"
# No calendar has ever been further from UTC than 16 hours.
_OFFSET: Final = r"(?:[Zz]|[+-](?:0\d|1[0-5])(?::?[0-5]\d)?)"
_ISO: Final = rf"\d{{4}}-\d\d-\d\d(?:[ Tt]{_CLOCK}{_OFFSET}?)?"
_WITH_OFFSET: Final = rf".{{11,}}{_OFFSET}"
_MIDNIGHT: Final = rf".{{10}}[ Tt]00:00(?::00(?:\.0+)?)?{_OFFSET}?"
_ZONED: Final = rf"^(.*?)\s*({_OFFSET})$"

# What becomes of a day by its zone: nothing to move; moved, but in the same day; from exactly
# midnight, as days are exported, into another day; from another time into another day.
NO_ZONE, SAME_DAY, MIDNIGHT_MOVED, TIME_MOVED = 0, 1, 2, 3


def kind_of(kind: pyarrow.DataType, shown: str, column: str, recipe: Recipe) -> str:
    """How a column of a file writes times: "text", "instant", "clock" or "day".

    Raises
    ------
    DataError : when its type holds no time, or `date_only` asks for a day that it does not write:
        an instant is kept in UTC and shown in a zone, and either may be the day that was meant.
    """
    import pyarrow

    if pyarrow.types.is_timestamp(kind):
        if kind.tz and kind.tz.upper() not in _UTC and recipe.table.time.date_only:
            message = (
                f"column {column!r} is {kind}: its day in UTC and that in {kind.tz} are two, and "
                "date_only cannot tell which was meant. Write the column as dates, or leave out "
                f"date_only: then its day in {recipe.table.time.zone} counts."
            )
            raise DataError(Fault(shown, None, None, message))
        return "instant" if kind.tz else "clock"
    if pyarrow.types.is_date(kind):
        return "day"
    if pyarrow.types.is_dictionary(kind):
        kind = kind.value_type
    if pyarrow.types.is_string(kind) or pyarrow.types.is_large_string(kind):
        return "text"
    message = f"column {column!r} is {kind}, no time. Write it as text, date or timestamp."
    raise DataError(Fault(shown, None, None, message))


def clock(column: str, kind: str, recipe: Recipe) -> str:
    """SQL for the local date and time of a column, NULL when it cannot be read.

    With `date_only` it is the day as written, whatever offset is written beside it.
    """
    if recipe.table.time.date_only:
        return _written(column, kind, recipe)
    return _moved(column, kind, recipe)


def moment(column: str, kind: str, recipe: Recipe) -> str:
    """SQL for the instant of a column as a TIMESTAMPTZ, NULL when it cannot be read.

    The session's time zone is that of the recipe, which a time without an offset is cast by.
    """
    if kind == "instant":
        return column
    if kind == "clock" and recipe.table.time.naive == "utc":
        return f"timezone('UTC', {column})"
    local = f"timezone($zone, {_moved(column, kind, recipe)})"
    if kind != "text":
        return local
    instants = []
    if _divided(recipe)[1]:
        instants.append(_zoned_instant(column))
    if _iso(recipe):
        offset = f"{_has_offset(column)} AND regexp_full_match({column}, '{_ISO}')"
        instants.append(f"CASE WHEN {offset} THEN TRY_CAST({column} AS TIMESTAMPTZ) END")
    return f"coalesce({', '.join([*instants, local])})"


def edge(column: str, kind: str, recipe: Recipe) -> str:
    """SQL for what a time zone does to the day of a column: one of the numbers below."""
    time = recipe.table.time
    utc = time.naive == "utc"
    moved = _moved(column, kind, recipe)
    if kind == "day" or (kind == "clock" and not utc):
        return str(NO_ZONE)
    if kind != "text":
        day, midnight = _day_and_midnight(_written(column, kind, recipe))
        return _edge(f"{column} IS NOT NULL", moved, day, midnight)
    if time.formats:
        day, midnight = _day_and_midnight(_written(column, kind, recipe))
        plain, zoned, dates = _divided(recipe)
        some = [f"{_zoned_clock(column)} IS NOT NULL"] if zoned else []
        if _iso(recipe):
            some.append(f"length({column}) > 10" if utc else _has_offset(column))
        if utc and plain and not _iso(recipe):
            some.append("true")
        given = " OR ".join(some) or "false"
        if dates:
            given = f"({given}) AND try_strptime({column}, $dates) IS NULL"
        return _edge(given, moved, day, midnight)
    given = f"length({column}) > 10" if utc else _has_offset(column)
    # Few rows are looked at by the costly match.
    midnight = (
        f"CASE WHEN substring({column}, 12, 5) = '00:00' "
        f"THEN regexp_full_match({column}, '{_MIDNIGHT}') ELSE false END"
    )
    return _edge(given, moved, f"TRY_CAST(left({column}, 10) AS DATE)", midnight)


def formats(recipe: Recipe) -> dict[str, object]:
    """Values of the parameters of the SQL above, each only where it is used."""
    plain, zoned, dates = _divided(recipe)
    return {"zone": recipe.table.time.zone, "formats": plain, "zoned": zoned, "dates": dates}


def _divided(recipe: Recipe) -> tuple[list[str], list[str], list[str]]:
    """Formats without an offset, those with one (which is cut off), and those without an hour."""
    given = recipe.table.time.formats or []
    plain = [one for one in given if not one.endswith("%z")]
    zoned = [one.removesuffix("%z").rstrip() for one in given if one.endswith("%z")]
    return plain, zoned, [one for one in plain if "%H" not in one and "%I" not in one]


def _iso(recipe: Recipe) -> bool:
    """Whether ISO 8601 is read too: unless a format reads such a text as another day."""
    return not any(map(reads_iso_as_another_day, recipe.table.time.formats or []))


def _moved(column: str, kind: str, recipe: Recipe) -> str:
    """SQL for the local date and time, where what has an offset is moved into the zone."""
    utc = recipe.table.time.naive == "utc"
    if kind == "day":
        return f"CAST({column} AS TIMESTAMP)"
    if kind == "instant":
        return f"timezone($zone, {column})"
    if kind == "clock":
        return f"timezone($zone, timezone('UTC', {column}))" if utc else column
    ways = []
    plain, zoned, dates = _divided(recipe)
    if utc and dates:
        # A format without an hour gives a day, which no zone moves.
        ways.append(f"try_strptime({column}, $dates)")
    if plain:
        parsed = f"try_strptime({column}, $formats)"
        ways.append(f"timezone($zone, timezone('UTC', {parsed}))" if utc else parsed)
    if zoned:
        ways.append(f"timezone($zone, {_zoned_instant(column)})")
    if _iso(recipe):
        naive = f"TRY_CAST({column} AS TIMESTAMP)"
        moved = f"timezone($zone, timezone('UTC', {naive}))" if utc else naive
        ways.append(
            f"CASE WHEN NOT regexp_full_match({column}, '{_ISO}') THEN NULL "
            f"WHEN length({column}) = 10 THEN {naive} "
            f"WHEN {_has_offset(column)} "
            f"THEN timezone($zone, TRY_CAST({column} AS TIMESTAMPTZ)) ELSE {moved} END"
        )
    return ways[0] if len(ways) == 1 else f"coalesce({', '.join(ways)})"


def _written(column: str, kind: str, recipe: Recipe) -> str:
    """SQL for the date and time as they are written, whatever their offset is."""
    if kind == "day":
        return f"CAST({column} AS TIMESTAMP)"
    if kind == "instant":
        return f"timezone('UTC', {column})"
    if kind == "clock":
        return column
    ways = []
    plain, zoned, _ = _divided(recipe)
    if plain:
        ways.append(f"try_strptime({column}, $formats)")
    if zoned:
        ways.append(_zoned_clock(column))
    if _iso(recipe):
        bare = (
            f"CASE WHEN {_has_offset(column)} "
            f"THEN regexp_replace({column}, '{_OFFSET}$', '') ELSE {column} END"
        )
        iso = f"regexp_full_match({column}, '{_ISO}')"
        ways.append(f"CASE WHEN {iso} THEN TRY_CAST({bare} AS TIMESTAMP) END")
    return f"coalesce({', '.join(ways)}, NULL)"


def _has_offset(column: str) -> str:
    return f"regexp_full_match({column}, '{_WITH_OFFSET}')"


def _zoned_clock(column: str) -> str:
    return f"try_strptime(regexp_extract({column}, '{_ZONED}', 1), $zoned)"


def _zoned_instant(column: str) -> str:
    offset = f"regexp_extract({column}, '{_ZONED}', 2)"
    digits = f"rpad(regexp_replace({offset}, '[^0-9]', '', 'g'), 4, '0')"
    minutes = f"(CAST(left({digits}, 2) AS INTEGER) * 60 + CAST(right({digits}, 2) AS INTEGER))"
    sign = f"CASE WHEN {offset} LIKE '-%' THEN -1 ELSE 1 END"
    return f"timezone('UTC', {_zoned_clock(column)} - to_minutes({sign} * {minutes}))"


def _day_and_midnight(written: str) -> tuple[str, str]:
    return f"CAST({written} AS DATE)", f"CAST({written} AS TIME) = TIME '00:00:00'"


def _edge(given: str, moved: str, day: str, midnight: str) -> str:
    return (
        f"CASE WHEN NOT coalesce({given}, false) OR {moved} IS NULL THEN {NO_ZONE} "
        f"WHEN CAST({moved} AS DATE) = {day} THEN {SAME_DAY} "
        f"WHEN {midnight} THEN {MIDNIGHT_MOVED} ELSE {TIME_MOVED} END"
    )


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
        return "all" if every < FEWEST_TOLD else f"all {recipe.few(every)}"
    if recipe.private and min(some, every - some) < FEWEST_TOLD:
        return "most" if 2 * some > every else "some"
    return f"{recipe.few(some)} of {recipe.few(every)}"


def _given(edges: Mapping[int, int]) -> int:
    return sum(number for edge, number in edges.items() if edge != NO_ZONE)
