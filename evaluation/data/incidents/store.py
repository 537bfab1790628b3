"""The rows of all files in DuckDB on disk: one of each id is kept, and the kept ones are counted.

Nothing that a user wrote becomes part of a statement: columns are renamed before, values and the
time zone are parameters. DuckDB opens no file but its own, and loads no extension.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from evaluation.data import period
from evaluation.data.incidents import times
from evaluation.data.incidents.recipe import Recipe
from evaluation.errors import DataError, EnvironmentFault

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
# Eight bytes that stand for an id. Rows with different ones have different ids; rows with the
# same one are told apart by the ids themselves.
HASH: Final = "hash(id)"

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
class Conflict:
    """Rows of one id that say different things: the place of two of them."""

    files: tuple[int, int]
    rows: tuple[int, int]


class Store:
    """An open database of rows. Made by `opened`."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, recipe: Recipe) -> None:
        self._connection = connection
        self._recipe = recipe
        connection.execute(
            "CREATE TABLE rows (file INTEGER, row BIGINT, id VARCHAR, hashed UBIGINT, day INTEGER,"
            " moment BIGINT, reported INTEGER, unit INTEGER, outcomes INTEGER, late INTEGER,"
            " fault INTEGER)"
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

    def groups(self, rank: Sequence[int]) -> tuple[Groups, int, int, list[Conflict]]:
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
        differ, conflicts = 0, list[Conflict]()
        if keep == "all":
            self._execute(_count(self._recipe, f"SELECT {_PACKED} AS packed {_SOUND}"))
        else:
            shared = self._find_shared(total)
            self._execute(_count(self._recipe, f"SELECT {_PACKED} AS packed {_ALONE}"))
            passes = max(1, -(-shared // ROWS_A_PASS))
            for number in range(passes):
                self._execute(_one_each(keep), {"k": number, "n": passes})
                self._execute(_count(self._recipe, "SELECT packed FROM several"))
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

    def _conflicts(self) -> list[Conflict]:
        found = self._execute(
            "SELECT list(file ORDER BY file, row), list(row ORDER BY file, row) FROM rows"
            " WHERE fault = 0 AND id IN (SELECT id FROM several WHERE lowest <> highest"
            " ORDER BY id LIMIT 20)"
            " GROUP BY id ORDER BY id"
        )
        return [Conflict((f[0], f[1]), (r[0], r[1])) for f, r in found]

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


@contextmanager
def opened(recipe: Recipe, folder: Path, *, threads: int, memory: float) -> Iterator[Store]:
    """A database in a temporary folder, which is closed again at the end.

    Parameters
    ----------
    memory : GiB that it may hold; what is more goes to `folder`.

    Raises
    ------
    EnvironmentFault : when memory or disk do not suffice.
    """
    try:
        import duckdb
    except ImportError:
        raise EnvironmentFault(
            "counting incidents needs the package duckdb, which is not here. "
            "Install it: pip install duckdb"
        ) from None

    connection = duckdb.connect(
        str(folder / "rows.duckdb"),
        config={
            "threads": threads,
            "memory_limit": f"{int(memory * 1024)}MiB",
            "temp_directory": str(folder / "spilled"),
            "preserve_insertion_order": "false",
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "allow_community_extensions": "false",
            "python_enable_replacements": "false",
        },
    )
    try:
        connection.execute("SET TimeZone = $zone", {"zone": recipe.table.time.zone})
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        yield Store(connection, recipe)
    except duckdb.OutOfMemoryException as fault:
        raise EnvironmentFault(_short(fault)) from None
    except duckdb.IOException as fault:
        raise EnvironmentFault(
            f"the temporary folder cannot be written to ({str(fault).splitlines()[0]}). Free some "
            "space, or name another folder with --temporary."
        ) from None
    except duckdb.ConversionException as fault:
        raise DataError(f"{recipe.located.file}: {str(fault).splitlines()[0]}") from None
    finally:
        connection.close()


def _short(fault: Exception) -> str:
    what = str(fault).splitlines()[0]
    return f"memory does not suffice ({what}). Give more with --memory, or fewer --threads."


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
    columns = ["row", "unit", "outcomes", "place", *cleaned]
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
        f" CASE {no_id} {unread} WHEN place > 0 THEN place ELSE 0 END"
        f" FROM (SELECT *, {', '.join(days)} FROM (SELECT *, {', '.join(local)},"
        f" {instant} AS moment FROM (SELECT {', '.join(columns)} FROM source)))"
    )


def _one_each(keep: str) -> str:
    """A statement that keeps one row, as a number, of each id of a pass among the shared hashes."""
    pick = "max" if keep == "last updated" else "min"
    return (
        f"CREATE OR REPLACE TABLE several AS SELECT id, min({_PACKED}) AS lowest,"
        f" max({_PACKED}) AS highest,"
        f" ({pick}(moment::HUGEINT * {WHOLE} + {_PACKED}) % {WHOLE})::BIGINT AS packed {_SOUND}"
        f" AND hashed IN (SELECT hashed FROM shared WHERE {_IN_PASS}) GROUP BY id"
    )


def _count(recipe: Recipe, kept: str) -> str:
    """A statement that adds kept rows to the counts; `kept` is the query that gives them."""
    per = period.PER_YEAR[recipe.table.period]
    part = {12: "month(on_day) - 1", 4: "quarter(on_day) - 1", 1: "0"}[per]
    return (
        f"INSERT INTO counted SELECT year(on_day) * {per} + {part}, dated, unit, outcomes, late,"
        f" count(*) FROM (SELECT {times.DAY_ONE} + greatest(packed // {DAY} - 1, 0)::INTEGER"
        f" AS on_day, packed >= {DAY} AS dated, packed // {UNIT} % {DAY // UNIT} AS unit,"
        f" packed // {OUTCOMES} % {UNIT // OUTCOMES} AS outcomes, packed % {OUTCOMES} AS late"
        f" FROM ({kept})) GROUP BY ALL"
    )
