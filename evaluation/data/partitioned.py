"""A panel in a folder of Parquet files, too large to be held: read some units at a time.

The folder may be partitioned (`state=CA/part-0.parquet`); files sorted by unit are read fastest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from evaluation.data import period
from evaluation.data.cells import CellError, number, ordinal
from evaluation.data.description import Description, read_description
from evaluation.data.labels import alike, quoted, whole
from evaluation.data.lacking import lacking_to_read
from evaluation.data.panel import Column, Panel
from evaluation.errors import DataError, EnvironmentFault, Fault
from evaluation.files import ANY_SIZE, opened

if TYPE_CHECKING:
    import duckdb

NAME: Final = "dataset.toml"
REMOTE: Final = ("s3://", "gs://", "gcs://", "r2://", "az://", "abfss://", "http://", "https://")
NO_HTTPFS: Final = (
    "is in an object store, for which DuckDB needs its extension httpfs. Install it once where "
    "there is a network: duckdb.sql('INSTALL httpfs'); keys belong into a DuckDB secret "
    "(CREATE PERSISTENT SECRET)"
)


@dataclass(frozen=True, slots=True)
class Partitioned:
    """A panel on disk. Made by `partitioned`.

    Parameters
    ----------
    files : pattern of the Parquet files. units : names, sorted. rows : of all files. sha256 : over
        the hashes of the files, in the order of their names.
    """

    files: str
    shown: str
    description: Description
    units: tuple[str, ...]
    rows: int
    sha256: str

    def panel(self, units: Sequence[str]) -> Panel:
        """The panel of these units, each covered from its first row to its last.

        Raises
        ------
        DataError : for the first cell that cannot be used, a period twice or a period missing.
        """
        columns = {column.role: column for column in self.description.columns}
        names = [_quoted(column.name) for column in self.description.columns]
        unit, when = _quoted(columns["unit"].name), _quoted(columns["period"].name)
        found = _table(
            self.files,
            f"SELECT {', '.join(names)} FROM {{}} WHERE {unit}::VARCHAR IN"
            f" (SELECT unnest($units)) ORDER BY {unit}::VARCHAR, {when}::VARCHAR",
            {"units": list(units)},
        )
        if lost := sorted(set(units) - set(map(str, found[columns["unit"].name]))):
            raise self._fault(f"no unit {lost[0]!r} has a row")
        return self._panel(found, columns["unit"], columns["period"])

    def _panel(self, found: dict[str, np.ndarray], unit: Column, when: Column) -> Panel:
        frequency = self.description.frequency
        names, row = np.unique(np.asarray(found[unit.name], dtype=str), return_inverse=True)
        written, which = np.unique(np.asarray(found[when.name], dtype=str), return_inverse=True)
        try:
            times = np.array([ordinal(text, frequency, when.name) for text in written])[which]
        except CellError as fault:
            raise self._fault(str(fault)) from None
        first = int(times.min())
        try:
            period.refuse_other_week(int(times.max()), first, frequency)
        except ValueError as fault:
            raise self._fault(f"{fault}") from None
        shape = (len(names), int(times.max()) - first + 1)
        place = row * shape[1] + times - first
        self._refuse_gaps(names, row, times, place)
        values = {}
        for column in self.description.columns:
            if column.role in ("unit", "period"):
                continue
            cells: np.ndarray = np.ma.filled(np.ma.asarray(found[column.name], dtype=float), np.nan)
            for at in np.flatnonzero(_suspect(cells, column))[:1]:
                text = "" if np.isnan(cells[at]) else f"{cells[at]:.17g}"
                try:
                    number(text, column)
                except CellError as fault:
                    words = f"{names[row[at]]} {period.text(int(times[at]), frequency)}: {fault}"
                    raise self._fault(words) from None
            values[column.name] = np.full(shape, np.nan)
            values[column.name].ravel()[place] = cells
        description = self.description
        return Panel(
            units=tuple(names.tolist()),
            periods=tuple(period.text(first + t, frequency) for t in range(shape[1])),
            frequency=frequency,
            values=values,
            columns=description.columns,
            recording_changes=description.recording_changes,
            provenance=description.provenance(
                self.shown, self.sha256, description.located.file, self.rows
            ),
            redefined=description.redefined,
        )

    def _refuse_gaps(
        self, names: np.ndarray, row: np.ndarray, times: np.ndarray, place: np.ndarray
    ) -> None:
        frequency = self.description.frequency
        # Rows come sorted by unit and period.
        after = np.diff(times)
        wrong = np.flatnonzero((np.diff(row) == 0) & (after != 1))
        if len(wrong):
            at = int(wrong[0])
            where = f"{names[row[at]]} {period.text(int(times[at]), frequency)}"
            if after[at] == 0:
                raise self._fault(f"{where} is there twice. Keep one of the two.")
            raise self._fault(f"{where} is followed by no row of the next {frequency}. Add it.")
        assert len(np.unique(place)) == len(place), "one row a cell"

    def _fault(self, message: str) -> DataError:
        return DataError(Fault(self.shown, None, None, message))


def partitioned(folder: Path, files: str | None = None) -> Partitioned:
    """The panel in a folder of Parquet files, described by the `dataset.toml` in it.

    Parameters
    ----------
    folder : holds the `dataset.toml`. files : pattern of the files where they are elsewhere, such
        as "s3://bucket/agencies/**/*.parquet"; None takes all files below the folder.

    Raises
    ------
    DataError : when files or description cannot be used. EnvironmentFault : when they are in an
        object store and DuckDB has no extension for that.
    """
    shown = folder.name if files is None else files
    described = folder / NAME
    if not described.is_file():
        raise DataError(Fault(shown, None, None, f"holds no {NAME}, which describes the columns"))
    description = read_description(described, f"{folder.name}/{NAME}", folder.name)
    role = description.role("unit")
    if role is None:
        message = "a folder of many units needs a column with the role unit"
        raise DataError(description.located.fault(("columns",), message))
    for key in ("missing", "corrections", "agencies"):
        if key in description.located.content:
            message = "is for tables that are read whole; a folder of files cannot have it."
            raise DataError(description.located.fault((key,), message))
    pattern = files or (folder / "**" / "*.parquet").as_posix()
    name = _quoted(role.name)
    try:
        if not pattern.startswith(REMOTE):
            # The database passes over a pipe among them, or waits for it for ever.
            named = _rows(pattern, f"SELECT file FROM glob({_text(pattern)})") if files else ()
            below = () if files else sorted(folder.rglob("*.parquet"))
            for one in (*below, *(Path(name) for (name,) in named)):
                if not one.is_dir():
                    opened(one, one.name, most=ANY_SIZE).close()
        hashes = _rows(
            pattern, f"SELECT sha256(content) FROM read_blob({_text(pattern)}) ORDER BY filename"
        )
        counted = _rows(
            pattern, f"SELECT {name}::VARCHAR, count(*) FROM {{}} GROUP BY ALL ORDER BY ALL"
        )
    except DataError as fault:
        raise DataError(Fault(shown, None, None, str(fault))) from None
    if any(not (unit or "").strip() for unit, _ in counted):
        raise DataError(Fault(shown, None, None, "the unit is blank in some row. Write its name."))
    for unit, _ in counted:
        if whole(unit) != unit:
            message = (
                f"unit {quoted(unit)} is a number with decimals, as a floating-point column "
                f"writes {quoted(whole(unit))}. Write the column as text or as whole numbers."
            )
            raise DataError(Fault(shown, None, None, message))
    if groups := alike(unit for unit, _ in counted):
        message = (
            f"{' and '.join(map(quoted, groups[0]))} are two spellings of one unit, or look alike. "
            "Write one name for one unit."
        )
        raise DataError(Fault(shown, None, None, message))
    together = hashlib.sha256("".join(one for (one,) in hashes).encode()).hexdigest()
    units = tuple(sorted(unit for unit, _ in counted))
    if strangers := sorted(set(description.places) - set(units)):
        located = description.located
        raise DataError(
            [located.fault(("places", one), "no such unit in the files.") for one in strangers]
        )
    return Partitioned(pattern, shown, description, units, sum(n for _, n in counted), together)


def _suspect(cells: np.ndarray, column: Column) -> np.ndarray:
    """(n,) cells that `cells.number` may refuse."""
    wrong = ~np.isfinite(cells)
    if column.type == "count":
        wrong |= (cells < 0) | (cells != np.floor(cells))
    if column.type == "flag":
        wrong |= (cells != 0) & (cells != 1)
    if column.role == "exposure":
        wrong |= cells <= 0
    return np.asarray(wrong)


def _table(files: str, statement: str, values: dict[str, Any]) -> dict[str, np.ndarray]:
    found = _answer(files, statement, values).fetchnumpy()
    return {name: np.ma.asarray(cells) for name, cells in found.items()}


def _rows(files: str, statement: str) -> list[Any]:
    return list(_answer(files, statement, {}).fetchall())


def _answer(files: str, statement: str, values: dict[str, Any]) -> duckdb.DuckDBPyConnection:
    """The answer to a statement in which {} stands for all rows of the files."""
    import duckdb

    # One thread: processes share the work, and rows come in one order.
    connection = duckdb.connect(
        config={
            "threads": 1,
            # What does not fit would be spilled into the folder of whoever called, open to all.
            "temp_directory": "",
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
        }
    )
    if files.startswith(REMOTE):
        try:
            connection.execute("LOAD httpfs")
        except duckdb.Error:
            raise EnvironmentFault(f"{files}: {NO_HTTPFS}") from None
    source = f"read_parquet({_text(files)}, hive_partitioning = true, union_by_name = true)"
    try:
        return connection.execute(statement.replace("{}", source), values)
    except duckdb.Error as fault:
        if lacking := lacking_to_read(fault):
            raise lacking from None
        # Any other file that cannot be read is a fault of the data.
        raise DataError(str(fault).split("\n")[0]) from None


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
