"""One file of incidents as batches of the few columns that a recipe asks for."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, cast

from evaluation.data.incidents.files import Source, Stream, sha256_of, too_large
from evaluation.data.incidents.recipe import Recipe
from evaluation.data.table import SAVE_AS_UTF_8, TOO_LONG
from evaluation.data.toml_places import did_you_mean
from evaluation.errors import DataError, Fault
from evaluation.files import refuse_lacking

if TYPE_CHECKING:
    import pyarrow

# A row longer than this is no incident: a quote may not be closed.
BLOCK: Final = 4 * 1024**2
ROWS: Final = 65_536
# Numbers of ragged rows are kept, to name lines after them; a file of them is no table.
MOST_RAGGED: Final = 1_000_000
_SEPARATORS: Final = ((";", "semicolons"), ("\t", "tabs"), ("|", "bars"))


@dataclass(slots=True)
class Scan:
    """What is known of a file after its last batch.

    Parameters
    ----------
    ragged : (record number from 1, the header being 1; cells) of rows that were left out because
        they have more or fewer cells than the header. rows : the others.
    """

    source: Source
    encoding: str = "utf-8"
    header: tuple[str, ...] = ()
    rows: int = 0
    ragged: list[tuple[int, int]] = field(default_factory=list)
    bytes: int = 0
    sha256: str = ""


def wanted_columns(recipe: Recipe) -> dict[str, tuple[str | int, ...]]:
    """Every column that the recipe names, and the key that names it first."""
    table = recipe.table
    wanted: dict[str, tuple[str | int, ...]] = {}
    wanted[table.incidents.occurred] = ("incidents", "occurred")
    for name in recipe.ids:
        wanted.setdefault(name, ("incidents", "id"))
    for key in ("reported", "updated"):
        if name := getattr(table.incidents, key):
            wanted.setdefault(name, ("incidents", key))
    for key in ("column", "longitude", "latitude"):
        if name := getattr(table.units, key):
            wanted.setdefault(name, ("units", key))
    for outcome, given in table.outcomes.items():
        for name in given.where:
            wanted.setdefault(name, ("outcomes", outcome, "where", name))
    return wanted


def batches(scan: Scan, recipe: Recipe) -> Iterator[pyarrow.RecordBatch]:
    """The wanted columns of a file, piece by piece; fills in `scan` on the way.

    Raises
    ------
    DataError : when the file has not these columns, or is no table in a form that can be trusted.
    """
    before = scan.source.path.stat()
    scan.bytes = before.st_size
    read = _parquet if scan.source.kind == ".parquet" else _csv
    yield from read(scan, recipe)
    after = scan.source.path.stat()
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise DataError(f"{scan.source.shown}: changed while it was read. Run again.")


def _csv(scan: Scan, recipe: Recipe) -> Iterator[pyarrow.RecordBatch]:
    import pyarrow
    from pyarrow import csv as reader

    limits = recipe.table.limits
    scan.header, line = _header(scan.source, recipe)
    wanted = _match(scan, recipe, line)

    def ragged(row: Any) -> str:
        if len(scan.ragged) >= MOST_RAGGED:
            return "error"
        scan.ragged.append((row.number, row.actual_columns))
        return "skip"

    encoding = recipe.table.incidents.encoding
    stream = Stream(scan.source, gib=limits.gib, ratio=limits.ratio, encoding=encoding)
    try:
        table = reader.open_csv(
            stream,
            read_options=reader.ReadOptions(use_threads=False, block_size=BLOCK),
            parse_options=reader.ParseOptions(newlines_in_values=True, invalid_row_handler=ragged),
            convert_options=reader.ConvertOptions(
                include_columns=wanted,
                column_types={name: pyarrow.string() for name in wanted},
                strings_can_be_null=False,
            ),
        )
        for batch in table:
            scan.rows += batch.num_rows
            yield batch
        stream.finish()
    except pyarrow.ArrowInvalid as problem:
        raise DataError(_misread(scan, str(problem))) from None
    finally:
        scan.sha256 = stream.raw.sha256
        stream.close()


def _misread(scan: Scan, said: str) -> Fault:
    """What a reader of CSV stumbled over, in words and where it is."""
    shown = scan.source.shown
    if "UTF8" in said or "UTF-8" in said:
        line, column = _not_utf8(scan.source)
        ways = f'{SAVE_AS_UTF_8} Where it is of Windows, say incidents.encoding = "windows-1252".'
        return Fault(shown, line, column, f"is not UTF-8 text. {ways}")
    if "straddling" in said or "out of sync" in said:
        return Fault(shown, None, None, "a row is longer than 4 MiB. A quote may not be closed.")
    if len(scan.ragged) >= MOST_RAGGED:
        message = f"over {MOST_RAGGED:,} rows have not as many cells as the header. Check it."
        return Fault(shown, None, None, message)
    what = said.split("\n")[0].split(". ")[0].rstrip(".")
    return Fault(shown, None, None, f"cannot be read as CSV ({what}). Save it again as CSV.")


def text_of(source: Source, encoding: str = "utf-8") -> io.TextIOWrapper:
    """The text of a CSV file for reading again; what cannot be read is replaced."""
    import gzip

    # Opened by its name, gzip closes the file too.
    packed = source.kind == ".csv.gz"
    file: Any = gzip.GzipFile(source.path, "rb") if packed else source.path.open("rb")
    known = "utf-8-sig" if encoding == "utf-8" else encoding
    return io.TextIOWrapper(file, encoding=known, errors="replace", newline="")


def _header(source: Source, recipe: Recipe) -> tuple[tuple[str, ...], int]:
    """The cells of the first row that is not empty, and its line."""
    limits = recipe.table.limits
    encoding = recipe.table.incidents.encoding
    with Stream(source, gib=limits.gib, ratio=limits.ratio, encoding=encoding) as stream:
        start = stream.read(BLOCK) or b""
    text = io.StringIO(start.decode("utf-8-sig", errors="replace"), newline="")
    rows = csv.reader(text)
    line = 1
    with suppress(csv.Error):
        for cells in rows:
            if cells:
                return tuple(cells), line
            line = rows.line_num + 1
        raise DataError(
            Fault(source.shown, 1, None, "holds no row. Name the columns in its first.")
        )
    raise DataError(Fault(source.shown, line, None, TOO_LONG))


def _match(scan: Scan, recipe: Recipe, line: int | None) -> list[str]:
    """The wanted columns, each of which the file must have once."""
    header, shown = scan.header, scan.source.shown
    faults = []
    for separator, name in _SEPARATORS:
        if len(header) == 1 and separator in header[0]:
            message = f"cells are divided by {name}. Save the table with commas."
            raise DataError(Fault(shown, line, header[0].index(separator) + 1, message))
    wanted = wanted_columns(recipe)
    for name, key in wanted.items():
        if name not in header:
            place = ".".join(str(part) for part in key)
            message = (
                f"no column {name!r}, which {recipe.located.file} names ({place})."
                f"{did_you_mean(name, header[:40])}"
            )
            faults.append(Fault(shown, line, None, message))
        elif header.count(name) > 1:
            message = f"column {name!r} is there twice. Remove or rename one of the two."
            faults.append(Fault(shown, line, None, message))
    if faults:
        raise DataError(faults)
    return list(wanted)


def _parquet(scan: Scan, recipe: Recipe) -> Iterator[pyarrow.RecordBatch]:
    import pyarrow
    from pyarrow import parquet

    shown, limits = scan.source.shown, recipe.table.limits
    scan.sha256 = sha256_of(scan.source.path)
    try:
        with parquet.ParquetFile(
            scan.source.path, read_dictionary=_repeated(recipe), memory_map=False
        ) as file:
            scan.header = tuple(file.schema_arrow.names)
            wanted = _match(scan, recipe, None)
            groups = [file.metadata.row_group(k) for k in range(file.metadata.num_row_groups)]
            size = sum(group.total_byte_size for group in groups)
            if why := too_large(size, scan.bytes, limits.gib, limits.ratio):
                raise DataError(Fault(shown, None, None, why))
            for batch in file.iter_batches(batch_size=ROWS, columns=wanted, use_threads=False):
                scan.rows += batch.num_rows
                yield batch
    except (pyarrow.ArrowException, OSError, ValueError, OverflowError) as fault:
        refuse_lacking(fault, shown)
        what = str(fault).split("\n")[0].rstrip(".")
        message = f"cannot be read as Parquet ({what}). Write it again, or use CSV."
        raise DataError(Fault(shown, None, None, message)) from None


def _repeated(recipe: Recipe) -> list[str]:
    """Columns of few different texts, which Parquet hands over by number."""
    filters = [name for values in recipe.filters() for name in values]
    unit = recipe.table.units.column
    times = {recipe.table.incidents.occurred, *recipe.ids}
    return [
        name for name in dict.fromkeys([*filters, *([unit] if unit else [])]) if name not in times
    ]


def _not_utf8(source: Source) -> tuple[int | None, int | None]:
    import gzip

    opened = gzip.open if source.kind == ".csv.gz" else open
    with cast(Any, opened)(source.path, "rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError as fault:
                return number, len(line[: fault.start].decode("utf-8")) + 1
    return None, None


def cells_at(scan: Scan, records: Sequence[int]) -> Iterator[tuple[int, int, list[str]]]:
    """(record, line it starts on, its cells) of records of a CSV file; the header is the first.

    Parameters
    ----------
    records : in rising order.
    """
    wanted = list(records)
    with text_of(scan.source, scan.encoding) as text:
        rows, number = csv.reader(text), 0
        line = 1
        while wanted:
            try:
                cells = next(rows)
            except (StopIteration, csv.Error):
                return
            if cells:
                number += 1
                if number == wanted[0]:
                    yield number, line, cells
                    wanted.pop(0)
            line = rows.line_num + 1


def record_of(scan: Scan, row: int) -> int:
    """Record number of the row with this index among those that were not left out."""
    record = row + 2
    for left_out, _ in scan.ragged:  # in the order of the file
        if left_out > record:
            break
        record += 1
    return record


def rows_of_parquet(scan: Scan, rows: Sequence[int]) -> dict[int, list[str]]:
    """The cells, as text, of rows of a Parquet file, by their index."""
    from pyarrow import parquet

    wanted, found, before = set(rows), dict[int, list[str]](), 0
    with parquet.ParquetFile(scan.source.path, memory_map=False) as file:
        for batch in file.iter_batches(batch_size=ROWS, use_threads=False):
            for row in sorted(wanted):
                if before <= row < before + batch.num_rows:
                    cells = [column[row - before].as_py() for column in batch.columns]
                    found[row] = ["" if cell is None else str(cell) for cell in cells]
            before += batch.num_rows
            if before > max(wanted, default=-1):
                break
    return found
