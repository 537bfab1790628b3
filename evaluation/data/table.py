"""A CSV or Parquet file as a header and rows of text, each row with the line it starts on."""

from __future__ import annotations

import csv
import datetime
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evaluation.data.findings import Findings
from evaluation.data.labels import EXACT, LARGEST_EXACT
from evaluation.data.toml_places import did_you_mean
from evaluation.errors import DataError, Fault
from evaluation.files import refuse_lacking

UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
SAVE_AS_UTF_8 = "Save the table as UTF-8 (in Excel: 'CSV UTF-8')."
OUT_OF_PLACE = (
    "quote out of place",
    "text follows a closing quote. Put quotes around the whole cell, and double any inside it.",
)
UNCLOSED = ("unclosed quote", "a quote opens here and never closes. Close or remove it.")
# A table of outcomes, people or answers is far smaller; only what was made to do harm is larger.
MOST_CELLS, MOST_ROWS = 50_000_000, 65_536
LARGEST_TABLE, LARGEST_PART = 1024**3, 64 * 1024**2
TOO_LONG = "a cell has over 131,072 characters. A quote may not be closed, or this is no table."


@dataclass(frozen=True, slots=True)
class Table:
    """Cells as written, before any is read as a number.

    Parameters
    ----------
    header : (k,) column names. header_line : where they stand, from 1.
    rows : the line each row starts on, and its k cells. A Parquet file's first row is line 2.
    broken : lines of rows that are not there because they could not be divided into k cells.
    rounded : indices of the columns whose floating-point type cannot hold their numbers exactly.
    """

    header: tuple[str, ...]
    header_line: int
    rows: list[tuple[int, Sequence[str]]]
    broken: list[int]
    rounded: frozenset[int] = frozenset()


def read_csv(content: bytes, file: str) -> tuple[Table, Findings]:
    """The table in the bytes of a CSV file, and what is wrong with its form.

    Parameters
    ----------
    content : comma-separated UTF-8, with or without a byte-order mark, any line ending.
    file : how messages name it.

    Raises
    ------
    DataError : when it is empty or no comma-separated text, so that no cell can be told.
    """
    lines, misread = _lines(content, file)
    findings = Findings(file, lambda line, cell: _place(lines, line, cell))
    for number, column, message in misread:
        findings.add("not UTF-8", number, message, character=column)
    return _divided(lines, findings), findings


def read_parquet(content: bytes, file: str) -> tuple[Table, Findings]:
    """The table in the bytes of a Parquet file, each value as a CSV file would write it.

    Raises
    ------
    DataError : when it is no Parquet file, or holds values no reader can make sense of.
    """
    import pyarrow
    import pyarrow.parquet

    try:
        frame = _held_whole(pyarrow.parquet.ParquetFile(io.BytesIO(content)), file)
        columns = [[_as_text(value) for value in column.to_pylist()] for column in frame.columns]
    except (pyarrow.ArrowException, OSError, ValueError, OverflowError) as fault:
        refuse_lacking(fault, file)
        what = str(fault).split("\n")[0].rstrip(".")
        message = f"cannot be read as Parquet ({what}). Write it again, or use CSV."
        raise DataError(Fault(file, None, None, message)) from None
    if not columns:
        raise DataError(Fault(file, None, None, "has no columns. Write it again, or use CSV."))
    rows: list[tuple[int, Sequence[str]]] = list(enumerate(zip(*columns, strict=True), start=2))
    findings = Findings(file, lambda line, cell: (line, None))
    rounded = frozenset(n for n, column in enumerate(frame.columns) if _rounds(column))
    return Table(tuple(frame.column_names), 1, rows, [], rounded), findings


def _rounds(column: Any) -> bool:
    """Whether a column is of floats and has numbers of which these lose digits."""
    import pyarrow
    from pyarrow import compute

    if not pyarrow.types.is_floating(column.type):
        return False
    largest = compute.max(compute.abs(column.cast(pyarrow.float64()))).as_py()
    return largest is not None and largest > EXACT[column.type.bit_width]


def note_rounded(
    table: Table, texts: Iterable[str], places: Mapping[str, int], findings: Findings
) -> None:
    """Finds columns of codes that went through a type that cannot hold them.

    Parameters
    ----------
    texts : names of the columns described as text. places : index of each column.
    """
    for name in texts:
        if places.get(name) in table.rounded:
            message = (
                f"column {name!r} holds whole numbers that are too large for its floating-point "
                "type, so that several codes may be one. Write it as text."
            )
            findings.add("rounded codes", table.header_line, message, column=name)


def _held_whole(held: Any, file: str) -> Any:
    """The whole table of a Parquet file, read in parts that are small enough to be counted.

    A few bytes can stand for any number of equal cells: a cell is at most as long as what its
    column holds, so the parts are chosen by that.

    Raises
    ------
    DataError : when it is too large to be held.
    """
    import pyarrow

    cells = held.metadata.num_rows * held.metadata.num_columns
    longest = _longest_row(held) if cells <= MOST_CELLS else 0
    parts: list[Any] = []
    size = 0
    if cells <= MOST_CELLS and longest <= LARGEST_PART:
        for part in held.iter_batches(min(MOST_ROWS, max(LARGEST_PART // max(longest, 1), 1))):
            plain = [
                column.dictionary_decode() if pyarrow.types.is_dictionary(column.type) else column
                for column in part.columns
            ]
            parts.append(pyarrow.Table.from_arrays(plain, names=part.schema.names))
            size += parts[-1].nbytes
            if size > LARGEST_TABLE:
                break
        else:
            return pyarrow.concat_tables(parts) if parts else held.schema_arrow.empty_table()
    message = f"holds {cells:,} cells, too much to be held whole. Divide the table."
    raise DataError(Fault(file, None, None, message))


def _longest_row(held: Any) -> int:
    """Bytes that no row is longer than: those of the longest chunks, one of each column."""
    sizes = []
    for number in range(held.metadata.num_row_groups):
        # Asked for a damaged chunk, pyarrow ends the process; reading a row of it is an error.
        next(held.iter_batches(1, row_groups=[number]), None)
        group = held.metadata.row_group(number)
        sizes += [group.column(n).total_uncompressed_size for n in range(group.num_columns)]
    return int(sum(sorted(sizes)[-held.metadata.num_columns :]))


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, datetime.datetime):
        midnight = value.time() == datetime.time()
        return value.date().isoformat() if midnight else value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) <= LARGEST_EXACT:
        # A code in a column where some cell is blank is held as a decimal number.
        return str(int(value))
    return str(value)


def _lines(content: bytes, file: str) -> tuple[list[str], list[tuple[int, int, str]]]:
    """Physical lines with their endings, and (line, column, message) of bytes that are not UTF-8.

    A line with such bytes is read as Latin-1, so that the faults in its cells are found too.
    """
    if content.startswith(UTF_16_MARKS):
        raise DataError(Fault(file, 1, None, f"is UTF-16 text. {SAVE_AS_UTF_8}"))
    text = content.decode("utf-8", errors="surrogateescape").removeprefix("\ufeff")
    lines = list(io.StringIO(text, newline=""))
    nul = [(number, line) for number, line in enumerate(lines, start=1) if "\0" in line]
    if nul:
        message = f"holds a NUL byte, so it is no plain text. {SAVE_AS_UTF_8}"
        findings = Findings(file, lambda line, cell: (line, None))
        for number, line in nul:
            findings.add("NUL byte", number, message, character=line.index("\0") + 1)
        raise DataError(findings.faults())
    misread = []
    for index, line in enumerate(lines):
        wrong = next((at for at, char in enumerate(line) if "\udc80" <= char <= "\udcff"), None)
        if wrong is None:
            continue
        byte = ord(line[wrong]) - 0xDC00
        char = chr(byte)
        meant = f" (in Latin-1 it is {char!r})" if char.isprintable() else ""
        misread.append(
            (index + 1, wrong + 1, f"byte 0x{byte:02X} is not UTF-8{meant}. {SAVE_AS_UTF_8}")
        )
        lines[index] = line.encode("utf-8", errors="surrogateescape").decode("latin-1")
    return lines, misread


def _divided(lines: list[str], findings: Findings) -> Table:
    """The lines as a table; a row that cannot be divided is a finding."""
    header: tuple[str, ...] = ()
    header_line = 0
    rows: list[tuple[int, Sequence[str]]] = []
    broken: list[int] = []
    blank: list[int] = []
    reader = csv.reader(lines, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            break
        except csv.Error as fault:
            broken += range(line, reader.line_num + 1)
            misplaced = "expected after" in str(fault)
            if "field larger" in str(fault):
                findings.add("cell too long", line, TOO_LONG)
            else:
                cell = sum(1 for _ in cell_starts(lines, line)) - 1
                kind, message = OUT_OF_PLACE if misplaced else UNCLOSED
                findings.add(kind, line, message, cell=cell)
            if misplaced and header:
                continue
            break
        if not cells or (len(cells) == 1 and not cells[0].strip()):
            blank.append(line)
            continue
        # Blank lines at the very end are only how some programs end a file.
        for empty in blank:
            findings.add("blank line", empty, "is a blank line. Remove it.")
        blank = []
        if not header:
            header, header_line = tuple(cells), line
            _refuse_other_separators(cells, findings.file, line)
        elif not any(cell.strip() for cell in cells):
            findings.add("blank line", line, "every cell is blank. Remove the line.")
        elif len(cells) != len(header):
            broken.append(line)
            _ragged(line, len(cells), len(header), findings)
        else:
            rows.append((line, cells))
    if not header and not findings.faults():
        message = "is empty. Its first line must name the columns."
        raise DataError(Fault(findings.file, 1, None, message))
    return Table(header, header_line, rows, broken)


def _refuse_other_separators(cells: list[str], file: str, line: int) -> None:
    for separator, name in ((";", "semicolons"), ("\t", "tabs")):
        if len(cells) == 1 and separator in cells[0]:
            message = f"cells are divided by {name}. Save the table with commas."
            raise DataError(Fault(file, line, cells[0].index(separator) + 1, message))


def _ragged(line: int, found: int, wanted: int, findings: Findings) -> None:
    cells = f"has {found} cell{'s' * (found > 1)}, the header has {wanted}."
    if found > wanted:
        hint = "A comma inside a cell needs quotes around the cell."
        findings.add("too many cells", line, f"{cells} {hint}", cell=wanted)
    else:
        hint = "Write every cell; a comma stands before each but the first."
        findings.add("too few cells", line, f"{cells} {hint}")


def _place(lines: list[str], line: int, cell: int) -> tuple[int, int | None]:
    """Where a cell of the record starting on `line` starts; the reader itself does not say."""
    for index, start in enumerate(cell_starts(lines, line)):
        if index == cell:
            return start
    return line, None


def cell_starts(lines: Sequence[str], line: int, separator: str = ",") -> Iterator[tuple[int, int]]:
    """(line, column) of each cell of one record, up to its end or to where it breaks."""
    opening, in_quotes, closed = True, False, False
    for number in range(line, len(lines) + 1):
        for column, char in enumerate(lines[number - 1], start=1):
            if opening:
                yield number, column
                opening, in_quotes, closed = False, char == '"', False
                if in_quotes:
                    continue
            if in_quotes:
                in_quotes, closed = char != '"', char == '"'
            elif closed and char == '"':
                in_quotes, closed = True, False
            elif char == separator:
                opening = True
            elif char in "\r\n" or closed:
                return
    if opening:
        yield len(lines), len(lines[-1]) + 1


def match_header(
    table: Table, described: Mapping[str, str], file: str, findings: Findings, *, private: bool
) -> dict[str, int]:
    """Index of each described column that the table has; what does not match is noted.

    Parameters
    ----------
    described : type of each column by name. file : the description, as messages name it. private :
        names of columns that are not described are not shown: where the header was forgotten, they
        may be cells.
    """
    places: dict[str, int] = {}
    strangers: list[str] = []
    line = table.header_line
    for index, written in enumerate(table.header):
        name = written if written in described else written.strip()
        if name in places:
            message = f"column {name!r} is there twice. Remove or rename one of the two."
            findings.add("column twice", line, message, cell=index)
        elif name in described:
            places[name] = index
            if name != written:
                message = f"column {name!r} has spaces around its name. Remove them."
                findings.add("spaces around a name", line, message, cell=index)
        else:
            strangers += [] if private else [name]
            which = "this column" if private else f"column {name!r}"
            message = (
                f"{file} does not describe {which}. Remove the column or describe it."
                f"{did_you_mean(name, list(described))}"
            )
            findings.add("column not described", line, message, cell=index)
    for name in described:
        if name not in places:
            message = f"no column {name!r}, which {file} describes. Add it."
            findings.add("missing column", line, f"{message}{did_you_mean(name, strangers)}")
    texts = [name for name, kind in described.items() if kind == "text"]
    note_rounded(table, texts, places, findings)
    return places
