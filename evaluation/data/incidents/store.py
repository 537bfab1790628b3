"""The rows of all files in DuckDB on disk: one of each id is kept, and the kept ones are counted.

Nothing that a user wrote becomes part of a statement: columns are renamed before, values and the
time zone are parameters. DuckDB opens no file but its own, and loads no extension.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from evaluation.data import period
from evaluation.data.incidents import times
from evaluation.data.incidents.recipe import Recipe

if TYPE_CHECKING:
    import duckdb
    import pyarrow

# A row in 61 bits, from the highest: day, unit, outcomes, how late. Sorting by it decides between
# rows of one id that were reported at one moment, whatever the order of rows and files.
DAY, UNIT, OUTCOMES = 1 << 42, 1 << 18, 1 << 2
WHOLE: Final = 1 << 62
MOST_UNITS: Final = 1 << 20
NO_UNIT, UNKNOWN, FIRST_UNIT = 0, 1, 2
IN_TIME, LATE, NO_REPORT, BEFORE = 0, 1, 2, 3
# Hashes, or ids, of one pass are held in memory together.
ROWS_A_PASS: Final = 5_000_000
# Ids are one when they differ in case alone; all else of their writing is as the coder made it.
KEY: Final = "lower(id)"
# Eight bytes that stand for an id. Rows with different ones have different ids; rows with the
# same one are told apart by the ids themselves.
HASH: Final = f"hash({KEY})"
# Rows with one id that are looked at more closely, and how far into a file for their cells.
CONFLICTS, LOOKED_AT, NEAR_THE_START = 20, 200, 500_000

# What is wrong with a row, in the order in which it is looked for.
FAULTS: Final = ("", "id", "occurred", "reported", "updated", "longitude", "latitude")


@dataclass(frozen=True, slots=True)
class Groups:
    """Counts of kept rows that are alike.

    Parameters
    ----------
    period : ordinal, meaningless where `dated` is False. unit : NO_UNIT, UNKNOWN, or FIRST_UNIT
    plus the rank of its name. outcomes : bits. late : as the constants. count : rows. All (G,).
    """

    period: np.ndarray
    dated: np.ndarray
    unit: np.ndarray
    outcomes: np.ndarray
    late: np.ndarray
    count: np.ndarray


@dataclass(frozen=True, slots=True)
class Valued:
    """Rows with one value of a column: all, those inside the coverage, and the days of these.

    Parameters
    ----------
    first, last : days counted as in the table; None where no row is inside.
    """

    rows: int
    inside: int
    first: int | None
    last: int | None


@dataclass(frozen=True, slots=True)
class Shared:
    """The rows of one id: files and rows, in their order."""

    files: tuple[int, ...]
    rows: tuple[int, ...]


class Store:
    """An open database of rows. Made by `opened`."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, recipe: Recipe) -> None:
        self._connection = connection
        self._recipe = recipe
        values = "".join(f", {name} INTEGER" for name in value_columns(recipe))
        connection.execute(
            "CREATE TABLE rows (file INTEGER, row BIGINT, id VARCHAR, hashed UBIGINT, day INTEGER,"
            " moment BIGINT, reported INTEGER, unit INTEGER, outcomes INTEGER, late INTEGER,"
            f" fault INTEGER, odd USMALLINT, edge UTINYINT, told UTINYINT{values})"
        )

    def add(self, file: int, source: Iterator[pyarrow.RecordBatch], kinds: dict[str, str]) -> None:
        """All rows of a file.

        Parameters
        ----------
        source : batches with the columns row, unit, outcomes, place, and id, occurred, reported
            and updated as far as the recipe names them. kinds : how each time is written.

        Raises
        ------
        What `source` raises.
        """
        import duckdb
        import pyarrow

        first = next(source, None)
        if first is None:
            return
        raised: list[BaseException] = []

        def batches() -> Iterator[pyarrow.RecordBatch]:
            # What is raised inside the database comes out as one of its own errors.
            try:
                yield from itertools.chain([first], source)
            except BaseException as fault:
                raised.append(fault)
                raise

        reader = pyarrow.RecordBatchReader.from_batches(first.schema, batches())
        self._connection.register("source", reader)
        try:
            self._execute(
                _insert(self._recipe, kinds), {"file": file, **times.formats(self._recipe)}
            )
        except (duckdb.Error, pyarrow.ArrowException, RuntimeError):
            if raised:
                raise raised[0] from None
            raise
        finally:
            self._connection.unregister("source")

    def faults(self, most: int) -> list[tuple[int, int, int]]:
        """(file, row, index in FAULTS) of the first rows that cannot be read."""
        return self._execute(
            "SELECT file, row, fault FROM rows WHERE fault > 0 ORDER BY file, row LIMIT $most",
            {"most": most},
        )

    def fault_counts(self) -> dict[int, int]:
        """Rows that cannot be read, by index in FAULTS."""
        found = self._execute("SELECT fault, count(*) FROM rows WHERE fault > 0 GROUP BY fault")
        return {int(kind): int(count) for kind, count in found}

    def last_reported(self) -> int | None:
        """The last day of a report, counted as in the table."""
        ((day,),) = self._execute("SELECT max(reported) FROM rows WHERE fault = 0")
        return None if day is None else int(day)

    def edges(self, column: str) -> dict[int, dict[int, int]]:
        """By file, what zones did to the days of `edge` (occurred) or `told` (reported)."""
        found: dict[int, dict[int, int]] = {}
        for file, edge, number in self._execute(
            f"SELECT file, {column}, count(*) FROM rows WHERE fault = 0 GROUP BY ALL ORDER BY ALL"
        ):
            found.setdefault(int(file), {})[int(edge)] = int(number)
        return found

    def values(self, column: int, first: int, last: int) -> dict[int, Valued]:
        """The rows with each value of a column that chooses outcomes, by the value's number.

        Parameters
        ----------
        first, last : days of the coverage, counted as in the table.
        """
        inside = "FILTER (day BETWEEN $first AND $last)"
        found = self._execute(
            f"SELECT c{column}, count(*), count(*) {inside}, min(day) {inside}, max(day) {inside}"
            f" FROM rows WHERE fault = 0 GROUP BY c{column}",
            {"first": first, "last": last},
        )
        return {int(row[0]): Valued(*row[1:]) for row in found}

    def odd_ids(self) -> int:
        """Ids whose rows are not all written alike. After `groups`."""
        return self._scalar("SELECT coalesce(sum(ids), 0)::BIGINT FROM unlike")

    def shared_ids(self, which: str) -> list[Shared]:
        """Some ids with several rows, those early in the files first. After `groups`.

        Parameters
        ----------
        which : "alike" for any ids, "unlike" for those whose rows are not all written alike.
        """
        unlike = "HAVING min(odd) <> max(odd) OR min(id) <> max(id)" if which == "unlike" else ""
        for place in (f"file = 0 AND row < {NEAR_THE_START // 5} AND", ""):
            found = self._execute(
                f"SELECT list(file ORDER BY file, row)[:9], list(row ORDER BY file, row)[:9]"
                f" FROM rows WHERE fault = 0 AND hashed IN (SELECT hashed FROM rows WHERE {place}"
                " fault = 0 AND hashed IN (SELECT hashed FROM shared)"
                f" ORDER BY file, row LIMIT 2000) GROUP BY {KEY}"
                f" {unlike or 'HAVING count(*) > 1'} ORDER BY max(row), max(file) LIMIT {LOOKED_AT}"
            )
            if found:
                break
        return [Shared(tuple(files), tuple(rows)) for files, rows in found]

    def groups(self, rank: Sequence[int]) -> tuple[Groups, int, int, list[Shared]]:
        """Kept rows by kind, how many were duplicates, ids whose rows differ, and the first such.

        Parameters
        ----------
        rank : (U,) place of each unit's name among all names sorted, by the unit's number.
        """
        import pyarrow

        keep = self._recipe.table.duplicates.keep
        codes = pyarrow.table(
            {
                "code": np.arange(-FIRST_UNIT, len(rank)),
                "ranked": np.concatenate([[NO_UNIT, UNKNOWN], np.asarray(rank, int) + FIRST_UNIT]),
            }
        )
        self._connection.register("codes", codes)
        self._execute(
            "CREATE TABLE counted (period BIGINT, dated BOOLEAN, unit BIGINT, outcomes BIGINT,"
            " late BIGINT, count BIGINT)"
        )
        total = self._scalar("SELECT count(*) FROM rows WHERE fault = 0")
        differ, conflicts = 0, list[Shared]()
        if keep == "all":
            self._execute(_count(self._recipe, f"SELECT {_PACKED} AS packed {_SOUND}"))
        else:
            shared = self._find_shared(total)
            self._execute("CREATE TABLE unlike (ids BIGINT)")
            self._execute(_count(self._recipe, f"SELECT {_PACKED} AS packed {_ALONE}"))
            passes = max(1, -(-shared // ROWS_A_PASS))
            for number in range(passes):
                self._execute(_one_each(keep), {"k": number, "n": passes})
                self._execute(_count(self._recipe, "SELECT packed FROM several"))
                self._execute("INSERT INTO unlike SELECT count(*) FROM several WHERE unlike")
                differ += self._scalar("SELECT count(*) FROM several WHERE lowest <> highest")
                if keep == "refuse" and not conflicts:
                    conflicts = self._conflicts()
        found = self._connection.execute(
            "SELECT period, dated, unit, outcomes, late, sum(count)::BIGINT AS count FROM counted"
            " GROUP BY ALL ORDER BY ALL"
        ).fetchnumpy()
        alike = Groups(**{key: np.asarray(found[key]) for key in _GROUPED})
        return alike, total - int(alike.count.sum()), differ, conflicts

    def _find_shared(self, total: int) -> int:
        """Lists the hashes that several of `total` rows have; the number of such rows.

        A row alone with its hash is alone with its id, so most ids, which are long, are never
        read again.
        """
        self._execute("CREATE TABLE shared (hashed UBIGINT, rows BIGINT)")
        passes = max(1, -(-total // ROWS_A_PASS))
        for number in range(passes):
            self._execute(
                "INSERT INTO shared SELECT hashed, count(*) FROM rows WHERE fault = 0"
                f" AND {_IN_PASS} GROUP BY hashed HAVING count(*) > 1",
                {"k": number, "n": passes},
            )
        return self._scalar("SELECT coalesce(sum(rows), 0)::BIGINT FROM shared")

    def _conflicts(self) -> list[Shared]:
        found = self._execute(
            "SELECT list(file ORDER BY file, row), list(row ORDER BY file, row) FROM rows"
            f" WHERE fault = 0 AND {KEY} IN (SELECT key FROM several WHERE lowest <> highest"
            f" ORDER BY key LIMIT {CONFLICTS})"
            f" GROUP BY {KEY} ORDER BY {KEY}"
        )
        return [Shared(tuple(files), tuple(rows)) for files, rows in found]

    def _scalar(self, statement: str) -> int:
        ((number,),) = self._execute(statement)
        return int(number)

    def _execute(self, statement: str, values: dict[str, Any] | None = None) -> list[Any]:
        """All rows of the answer; only values that the statement names are given to it."""
        used = {key: value for key, value in (values or {}).items() if f"${key}" in statement}
        return self._connection.execute(statement, used).fetchall()


# No day is 0, so that it sorts before all.
_PACKED: Final = (
    f"coalesce(day + 1, 0)::BIGINT * {DAY} + ranked * {UNIT} + outcomes * {OUTCOMES} + late"
)
_SOUND: Final = "FROM rows JOIN codes ON rows.unit = codes.code WHERE fault = 0"
_ALONE: Final = f"{_SOUND} AND hashed NOT IN (SELECT hashed FROM shared)"
# Beside other integers DuckDB would divide in 128 bits, which takes ten times as long.
_IN_PASS: Final = "hashed % $n::UBIGINT = $k::UBIGINT"
_GROUPED: Final = ("period", "dated", "unit", "outcomes", "late", "count")


def value_columns(recipe: Recipe) -> list[str]:
    """What the store calls the columns that choose outcomes, in the order of the recipe."""
    named = dict.fromkeys(name for values in recipe.filters() for name in values)
    return [f"c{number}" for number in range(len(named))]


def _insert(recipe: Recipe, kinds: dict[str, str]) -> str:
    """A statement that reads the times of a file and says which of its rows cannot be read."""
    table = recipe.table
    incidents = table.incidents
    # Blank and NULL are one: nothing was written.
    cleaned = [
        f"nullif(trim({name}), '') AS {name}" if kinds.get(name, "text") == "text" else name
        for name in ("id", *kinds)
        if name != "id" or incidents.id
    ]
    values = value_columns(recipe)
    odd = ["odd"] if incidents.id else []
    columns = ["row", "unit", "outcomes", "place", *odd, *values, *cleaned]
    ordered = {"first reported": "reported", "last updated": "updated"}.get(table.duplicates.keep)
    local = [f"{times.clock(name, kinds[name], recipe)} AS {name}_clock" for name in kinds]
    instant = (
        f"epoch_us({times.moment(ordered, kinds[ordered], recipe)}) + {times.MICROSECONDS}"
        if ordered
        else "0"
    )
    days = [
        f"date_diff('day', {times.DAY_ONE}, CAST({name}_clock AS DATE)) AS {name}_day"
        for name in kinds
    ]
    unread = " ".join(
        f"WHEN {name} IS NOT NULL AND ({name}_day IS NULL OR {name}_day NOT BETWEEN 0 AND"
        f" {times.DAYS}) THEN {FAULTS.index(name)}"
        for name in kinds
    )
    edges = [
        f"{times.edge(name, kinds[name], recipe)} AS {name}_edge"
        for name in ("occurred", *(["reported"] if table.late else []))
    ]
    told = "reported_edge" if table.late else str(times.NO_ZONE)
    no_id = "WHEN id IS NULL THEN 1" if incidents.id else ""
    hashed = "NULL" if table.duplicates.keep == "all" else HASH
    late = str(IN_TIME)
    if table.late:
        late = (
            f"CASE WHEN reported_day IS NULL THEN {NO_REPORT}"
            f" WHEN reported_day - occurred_day > {table.late.days} THEN {LATE}"
            f" WHEN reported_day < occurred_day THEN {BEFORE} ELSE {IN_TIME} END"
        )
    # A time that is not there comes last among the first, and first among the last.
    absent = "0" if table.duplicates.keep == "last updated" else str((1 << 54) - 1)
    return (
        f"INSERT INTO rows SELECT $file, row, {'id' if incidents.id else 'NULL'}, {hashed},"
        f" occurred_day, coalesce(moment, {absent}),"
        f" {'reported_day' if incidents.reported else 'NULL'}, unit, outcomes, {late},"
        f" CASE {no_id} {unread} WHEN place > 0 THEN place ELSE 0 END,"
        f" {', '.join([odd[0] if odd else '0', 'occurred_edge', told, *values])}"
        f" FROM (SELECT *, {', '.join(days)} FROM (SELECT *, {', '.join([*local, *edges])},"
        f" {instant} AS moment FROM (SELECT {', '.join(columns)} FROM source)))"
    )


def _one_each(keep: str) -> str:
    """A statement that keeps one row, as a number, of each id of a pass among the shared hashes."""
    pick = "max" if keep == "last updated" else "min"
    return (
        f"CREATE OR REPLACE TABLE several AS SELECT {KEY} AS key, min({_PACKED}) AS lowest,"
        f" max({_PACKED}) AS highest, min(odd) <> max(odd) OR min(id) <> max(id) AS unlike,"
        f" ({pick}(moment::HUGEINT * {WHOLE} + {_PACKED}) % {WHOLE})::BIGINT AS packed {_SOUND}"
        f" AND hashed IN (SELECT hashed FROM shared WHERE {_IN_PASS}) GROUP BY {KEY}"
    )


def _count(recipe: Recipe, kept: str) -> str:
    """A statement that adds kept rows to the counts; `kept` is the query that gives them."""
    return (
        f"INSERT INTO counted SELECT {_ordinal(recipe)}, dated, unit, outcomes, late,"
        f" count(*) FROM (SELECT {times.DAY_ONE} + greatest(packed // {DAY} - 1, 0)::INTEGER"
        f" AS on_day, packed >= {DAY} AS dated, packed // {UNIT} % {DAY // UNIT} AS unit,"
        f" packed // {OUTCOMES} % {UNIT // OUTCOMES} AS outcomes, packed % {OUTCOMES} AS late"
        f" FROM ({kept})) GROUP BY ALL"
    )


def _ordinal(recipe: Recipe) -> str:
    """SQL for the ordinal of the period that holds `on_day`, as `data.period` counts."""
    frequency = recipe.table.period
    if frequency in period.MONTHS:
        part = {"month": "month(on_day) - 1", "quarter": "quarter(on_day) - 1", "year": "0"}
        return f"year(on_day) * {period.PER_YEAR[frequency]} + {part[frequency]}"
    days = "date_diff('day', DATE '0001-01-01', on_day)"
    if frequency == "day":
        return f"{days} + 1"
    weekday = recipe.window()[0] // period.WEEKDAY
    return f"{weekday * period.WEEKDAY} + ({days} - {weekday}) // 7"
