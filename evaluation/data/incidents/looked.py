"""A file of incidents as its columns, before anybody has said what they mean."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from evaluation.data.incidents.files import ENDINGS, Source, Stream
from evaluation.data.labels import NO_VALUE, normal
from evaluation.data.toml_places import did_you_mean
from evaluation.errors import DataError, Fault
from evaluation.files import refuse_lacking

if TYPE_CHECKING:
    import pyarrow

# More rows are not looked at, and the recipe says so.
MOST_ROWS: Final = 2_000_000
# A column of more different values is no list of categories.
MOST_VALUES: Final = 400
_GIB, _RATIO = 8, 200
_SEPARATORS: Final = ((";", "semicolons"), ("\t", "tabs"), ("|", "bars"))


@dataclass(frozen=True)
class Column:
    """One column of all files together.

    Parameters
    ----------
    counts : rows of each text, blanks around it removed; "" is blank.
    """

    name: str
    counts: Mapping[str, int]

    @cached_property
    def values(self) -> tuple[str, ...]:
        """What it holds, the most frequent first, without what means that there is no value."""
        held = [value for value in self.counts if not blank(value)]
        return tuple(sorted(held, key=lambda value: (-self.counts[value], value)))

    @cached_property
    def blanks(self) -> int:
        """Rows without a value."""
        return sum(number for value, number in self.counts.items() if blank(value))

    @property
    def category(self) -> bool:
        """Whether its values may be kinds of a thing."""
        return 1 < len(self.values) <= MOST_VALUES

    def says(self, pattern: re.Pattern[str]) -> bool:
        """Whether a pattern stands in its name."""
        return pattern.search(self.name.replace("_", " ")) is not None


@dataclass(frozen=True)
class Looked:
    """What stands in files of one header.

    Parameters
    ----------
    rows : that were looked at. ragged : rows of another number of cells, passed over.
    same : rows that are another row's equal in every column but those that number the rows.
    years : by file, the years that its name has. more : whether there are more rows than that.
    """

    files: tuple[Path, ...]
    encoding: str
    columns: tuple[Column, ...]
    rows: int
    ragged: int
    same: int
    more: bool

    def column(self, name: str) -> Column:
        """The column of that name."""
        return next(one for one in self.columns if one.name == name)


_NUMBERS_ROWS: Final = re.compile(
    r"^(the geom.*|object ?id|o?g?c?_?fid|row ?(id|number)?|index|)$", re.I
)


def blank(value: str) -> bool:
    """Whether a cell says that there is no value."""
    return not value or normal(value) in NO_VALUE or not normal(value)


def numbers_rows(name: str) -> bool:
    """Whether a column only counts the rows of an export."""
    return _NUMBERS_ROWS.match(name.strip().replace("_", " ").strip()) is not None


def look_at(paths: Sequence[Path]) -> Looked:
    """The columns of some files, all of them text.

    Raises
    ------
    DataError : when a file is not there, is no table, or has another header than the first.
    """
    import pyarrow

    tables, encodings, ragged = [], set[str](), 0
    for path in paths:
        table, encoding, left = _read(path)
        tables.append(table)
        ragged += left
        if encoding:
            encodings.add(encoding)
        if table.column_names != tables[0].column_names:
            odd = set(table.column_names) ^ set(tables[0].column_names)
            which = ", ".join(sorted(map(repr, odd))[:5]) or "their order"
            message = f"has other columns than {paths[0].name} ({which}). Give files of one header."
            raise DataError(Fault(path.name, 1, None, message))
    whole = pyarrow.concat_tables(tables)
    more = whole.num_rows > MOST_ROWS
    whole = whole.slice(0, MOST_ROWS)
    if not whole.num_rows:
        raise DataError(Fault(paths[0].name, None, None, "no rows follow the header. Add them."))
    names = [name for name in whole.column_names if not numbers_rows(name)]
    distinct = whole.group_by(names).aggregate([]).num_rows if names else whole.num_rows
    return Looked(
        files=tuple(paths),
        encoding=max(encodings, default="utf-8", key=lambda one: one != "utf-8"),
        columns=tuple(_column(name, whole.column(name)) for name in whole.column_names),
        rows=whole.num_rows,
        ragged=ragged,
        same=whole.num_rows - distinct,
        more=more,
    )


def _column(name: str, values: Any) -> Column:
    counts: dict[str, int] = {}
    for one in values.value_counts().to_pylist():
        text = (one["values"] or "").strip()
        counts[text] = counts.get(text, 0) + one["counts"]
    return Column(name, counts)


def _read(path: Path) -> tuple[pyarrow.Table, str, int]:
    """The table as text, its encoding ("" where it has none), and how many rows were ragged."""
    source = Source(path, path.name)
    if not path.exists():
        near = sorted(one.name for one in path.parent.iterdir()) if path.parent.is_dir() else []
        message = f"no such file.{did_you_mean(path.name, near[:50])}"
        raise DataError(Fault(str(path), None, None, message))
    if not path.is_file() or not source.kind:
        message = f"is no table: name files that end in {', '.join(ENDINGS)}."
        raise DataError(Fault(str(path), None, None, message))
    if source.kind == ".parquet":
        return _parquet(path), "", 0
    encoding = _encoding(source)
    table, ragged = _csv(source, encoding)
    return table, encoding, ragged


def _parquet(path: Path) -> pyarrow.Table:
    import pyarrow
    from pyarrow import parquet

    try:
        table = parquet.read_table(path).slice(0, MOST_ROWS + 1)
        columns = [
            pyarrow.array(
                [None if cell is None else str(cell) for cell in column.to_pylist()],
                pyarrow.string(),
            )
            for column in table.columns
        ]
    except (pyarrow.ArrowException, OSError, ValueError) as fault:
        refuse_lacking(fault, path.name)
        what = str(fault).split("\n")[0].rstrip(".")
        message = f"cannot be read as Parquet ({what}). Write it again, or use CSV."
        raise DataError(Fault(path.name, None, None, message)) from None
    return pyarrow.table(columns, names=table.column_names)


def _encoding(source: Source) -> str:
    """UTF-8 where the text is that, or else that of Windows."""
    import codecs

    decoder = codecs.getincrementaldecoder("utf-8")()
    with Stream(source, gib=_GIB, ratio=_RATIO, encoding="utf-8") as stream:
        try:
            while chunk := stream.read(1 << 20):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "windows-1252"
    return "utf-8"


def _csv(source: Source, encoding: str) -> tuple[pyarrow.Table, int]:
    import pyarrow
    from pyarrow import csv as reader

    ragged = 0

    def pass_over(row: Any) -> str:
        nonlocal ragged
        ragged += 1
        return "skip"

    stream = Stream(source, gib=_GIB, ratio=_RATIO, encoding=encoding)
    batches, rows = [], 0
    try:
        names = _header(source, encoding)
        found = reader.open_csv(
            stream,
            read_options=reader.ReadOptions(use_threads=False, block_size=4 * 1024**2),
            parse_options=reader.ParseOptions(
                newlines_in_values=True, invalid_row_handler=pass_over
            ),
            convert_options=reader.ConvertOptions(
                column_types={name: pyarrow.string() for name in names}, strings_can_be_null=False
            ),
        )
        schema = found.schema
        for batch in found:
            batches.append(batch)
            rows += batch.num_rows
            if rows > MOST_ROWS:
                break
    except pyarrow.ArrowInvalid as problem:
        what = str(problem).split("\n")[0].split(". ")[0].rstrip(".")
        message = f"cannot be read as CSV ({what}). Save it again as CSV."
        raise DataError(Fault(source.shown, None, None, message)) from None
    finally:
        stream.close()
    return pyarrow.Table.from_batches(batches, schema), ragged


def _header(source: Source, encoding: str) -> list[str]:
    """The names of the columns, each of which is there once."""
    import csv
    import io

    with Stream(source, gib=_GIB, ratio=_RATIO, encoding=encoding) as stream:
        text = (stream.read(1 << 20) or b"").decode("utf-8-sig", errors="replace")
    names = next((row for row in csv.reader(io.StringIO(text, newline="")) if row), [])
    for separator, word in _SEPARATORS:
        if len(names) == 1 and separator in names[0]:
            message = f"cells are divided by {word}. Save the table with commas."
            raise DataError(Fault(source.shown, 1, None, message))
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        message = f"column {twice[0]!r} is there twice. Remove or rename one of the two."
        raise DataError(Fault(source.shown, 1, None, message))
    return names
