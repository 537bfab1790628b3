"""Times as people and machines write them, as SQL: the local day, and the moment for ordering.

A local time that the clock shows twice when summer time ends has the same date both times, so no
day depends on which was meant; one that the clock skips keeps the date it is written with. Only
the order of two reports inside the repeated hour cannot be told without an offset.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from evaluation.data.incidents.recipe import Recipe
from evaluation.errors import DataError, Fault

if TYPE_CHECKING:
    import pyarrow

# Days are counted from here, so that they are positive whole numbers; 500 years of them fit.
DAY_ONE: Final = "DATE '1800-01-01'"
DAYS: Final = 182_621
MICROSECONDS: Final = 5_364_662_400_000_000  # from 1800-01-01 to 1970-01-01

_CLOCK: Final = r"(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?"
_OFFSET: Final = r"(?:[Zz]|[+-]\d\d(?::?\d\d)?)"
_ISO: Final = rf"\d{{4}}-\d\d-\d\d(?:[ Tt]{_CLOCK}{_OFFSET}?)?"
_WITH_OFFSET: Final = rf".{{11,}}{_OFFSET}"


def kind_of(kind: pyarrow.DataType, shown: str, column: str) -> str:
    """How a column of a file writes times: "text", "instant", "clock" or "day".

    Raises
    ------
    DataError : when its type holds no time.
    """
    import pyarrow

    if pyarrow.types.is_timestamp(kind):
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
    """SQL for the local date and time of a column, NULL when it cannot be read."""
    utc = recipe.table.time.naive == "utc"
    if kind == "day":
        return f"CAST({column} AS TIMESTAMP)"
    if kind == "instant":
        return f"timezone($zone, {column})"
    if kind == "clock":
        return f"timezone($zone, timezone('UTC', {column}))" if utc else column
    if recipe.table.time.formats:
        parsed = f"try_strptime({column}, $formats)"
        if not utc:
            return parsed
        # A format without an hour gives a day, which no zone moves.
        days = f"try_strptime({column}, $dates)"
        return f"coalesce({days}, timezone($zone, timezone('UTC', {parsed})))"
    naive = f"TRY_CAST({column} AS TIMESTAMP)"
    moved = f"timezone($zone, timezone('UTC', {naive}))" if utc else naive
    return (
        f"CASE WHEN NOT regexp_full_match({column}, '{_ISO}') THEN NULL "
        f"WHEN length({column}) = 10 THEN {naive} "
        f"WHEN regexp_full_match({column}, '{_WITH_OFFSET}') "
        f"THEN timezone($zone, TRY_CAST({column} AS TIMESTAMPTZ)) ELSE {moved} END"
    )


def moment(column: str, kind: str, recipe: Recipe) -> str:
    """SQL for the instant of a column as a TIMESTAMPTZ, NULL when it cannot be read.

    The session's time zone is that of the recipe, which a time without an offset is cast by.
    """
    if kind == "instant":
        return column
    if kind == "clock" and recipe.table.time.naive == "utc":
        return f"timezone('UTC', {column})"
    if kind == "text" and not recipe.table.time.formats:
        offset = f"regexp_full_match({column}, '{_WITH_OFFSET}')"
        local = f"timezone($zone, {clock(column, kind, recipe)})"
        return (
            f"CASE WHEN {offset} AND regexp_full_match({column}, '{_ISO}') "
            f"THEN TRY_CAST({column} AS TIMESTAMPTZ) ELSE {local} END"
        )
    return f"timezone($zone, {clock(column, kind, recipe)})"


def formats(recipe: Recipe) -> dict[str, object]:
    """Values of the parameters of the SQL above, each only where it is used."""
    given = recipe.table.time.formats or []
    days = [one for one in given if "%H" not in one and "%I" not in one]
    return {"zone": recipe.table.time.zone, "formats": given, "dates": days}
