"""A file as programs and people save tables: encoding, separator, titles above, notes below.

What is read otherwise than `evaluation.data.table` takes it is a fact in `changes`; a table of such
changes is written anew before it is described, and the file itself is left as it is.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from evaluation.data.labels import NO_VALUE, quoted
from evaluation.data.table import (
    OUT_OF_PLACE,
    TOO_LONG,
    UNCLOSED,
    UTF_16_MARKS,
    cell_starts,
    read_parquet,
)
from evaluation.data.toml_places import did_you_mean
from evaluation.errors import DataError, Fault
from evaluation.fact import Fact, fact
from evaluation.files import content_of

TEXTS: Final = (".csv", ".tsv", ".tab", ".txt")
ENDINGS: Final = (*TEXTS, ".parquet")
# Far beyond any table of outcomes, people or answers; a list of incidents may be larger.
LARGEST: Final = 256 * 1024**2
_SPREADSHEETS: Final = (".xlsx", ".xls", ".xlsm", ".ods", ".numbers")
_SEPARATORS: Final = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
# Below a table there are at most so many lines; more that look so are rows of it.
_BELOW: Final = 12
# Lines by which the separator is found.
_LOOKED: Final = 200
_SHOWN: Final = 8
# What a row begins with that is no row of the table but tells about it or adds it up.
_TOTAL: Final = re.compile(
    r"\W*(\d{4}\W+)?(((grand|sub|year(ly)?|annual|overall)\W?)?total\w*|sum|average|mean|"
    r"all (months|years))\b",
    re.IGNORECASE,
)
_NOTE: Final = re.compile(
    r"\W*(source|note|notes|footnote|data (from|source|as of)|copyright|updated|last updated|"
    r"generated|exported|prepared|fuente|nota)\b|[*†‡©]",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Form:
    """The cells of a file as written, without what stands around the table.

    Parameters
    ----------
    header : (k,) names, spaces around them removed. rows : the line each begins on, and its k
    cells without spaces around. changes : what the reader of tables would not take.
    separator : between cells; "" of a Parquet file.
    """

    path: Path
    header: tuple[str, ...]
    header_line: int
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    changes: tuple[Fact, ...]
    separator: str
    lines: tuple[str, ...]
    at: tuple[int, ...]

    def fault(self, line: int, cell: int | None, message: str) -> Fault:
        """A fault at a cell of the table, as the file has it."""
        column = None
        if cell is not None and self.lines:
            starts = cell_starts(self.lines, line, self.separator)
            place = next((one for n, one in enumerate(starts) if n == self.at[cell]), None)
            line, column = place or (line, None)
        return Fault(str(self.path), line, column, message)


def blank(cell: str) -> bool:
    """Whether a cell says that there is no value."""
    return not cell or cell.casefold() in NO_VALUE


def is_total(cell: str) -> bool:
    """Whether a cell says that its row adds others up."""
    return _TOTAL.match(cell) is not None


def read_form(path: Path) -> Form:
    """The table in a file, however it was saved.

    Raises
    ------
    DataError : when the file is not there, is no table, or its cells cannot be told apart; with
        every place.
    """
    content = _content(path)
    if path.suffix.lower() == ".parquet":
        table, _ = read_parquet(content, str(path))
        rows = [(1, list(table.header)), *((line, list(cells)) for line, cells in table.rows)]
        return _framed(path, rows, [], "", ())
    changes: list[Fact] = []
    if path.suffix.lower() != TEXTS[0]:
        changes.append(fact("described.change.ending", ending=path.suffix))
    text = _text(path, content, changes)
    lines = list(io.StringIO(text, newline=""))
    first = 0
    if lines and (given := re.fullmatch(r'"?sep=(.)"?\s*', lines[0])):
        separator, first = given[1], 1
    else:
        separator = _separator(lines)
    if separator != ",":
        changes.append(
            fact("described.change.separator", name=_SEPARATORS.get(separator, quoted(separator)))
        )
    rows = _divided(path, lines, first, separator)
    return _framed(path, rows, changes, separator, tuple(lines))


def _content(path: Path) -> bytes:
    shown, ending = str(path), path.suffix.lower()
    message = ""
    if path.is_dir():
        message = "is a folder. Name the table in it."
    elif not path.exists():
        near = sorted(one.name for one in path.parent.iterdir()) if path.parent.is_dir() else []
        message = f"no such file.{did_you_mean(path.name, near[:50])}"
    elif ending in _SPREADSHEETS:
        message = "is a spreadsheet. Save its sheet as 'CSV UTF-8', and name that file."
    elif ending not in ENDINGS:
        message = f"is no table: name a file that ends in {', '.join(ENDINGS)}."
    elif not path.is_file():
        message = "is no ordinary file. Name a table."
    elif path.stat().st_size > LARGEST:
        message = (
            "is larger than 256 MiB. A list of incidents is counted by `ceasefire panel --new`."
        )
    if message:
        raise DataError(Fault(shown, None, None, message))
    return content_of(path, shown, most=LARGEST)


def _text(path: Path, content: bytes, changes: list[Fact]) -> str:
    """The characters of a file, in the encoding that it seems to have."""
    if content.startswith(b"PK\x03\x04"):
        message = "is a spreadsheet by its content. Save its sheet as 'CSV UTF-8'."
        raise DataError(Fault(str(path), None, None, message))
    encoding = "utf-8-sig"
    if content.startswith(UTF_16_MARKS):
        encoding = "utf-16"
        changes.append(fact("described.change.encoding", encoding="UTF-16"))
    else:
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            encoding = "windows-1252"
            changes.append(fact("described.change.windows", encoding=encoding))
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as fault:
        before = content[: fault.start]
        line = before.count(b"\n") + 1
        column = fault.start - before.rfind(b"\n")
        message = (
            f"byte 0x{content[fault.start]:02X} is neither UTF-8 nor of {encoding}. Save the "
            "table as UTF-8 (in Excel: 'CSV UTF-8')."
        )
        raise DataError(Fault(str(path), line, column, message)) from None
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        message = "holds a NUL byte, so it is no plain text. Save the table as 'CSV UTF-8'."
        raise DataError(Fault(str(path), line, None, message))
    return text


def _separator(lines: Sequence[str]) -> str:
    """What divides the cells: that by which most lines have one number of cells above 1."""
    some = [line for line in lines[:_LOOKED] if line.strip()]
    best, most = ",", (0, 0)
    for separator in _SEPARATORS:
        try:
            widths = [len(cells) for cells in csv.reader(some, delimiter=separator) if cells]
        except csv.Error:
            continue
        counts = Counter(width for width in widths if width > 1)
        if not counts:
            continue
        width, number = max(counts.items(), key=lambda one: (one[1], one[0]))
        # A decimal comma divides the lines of a table too, but not the one of its names.
        if (number, 0 if separator == "," else width) > most and number > most[0]:
            best, most = separator, (number, width)
    return best


def _divided(
    path: Path, lines: Sequence[str], first: int, separator: str
) -> list[tuple[int, list[str]]]:
    """Every row with the line it begins on; [] for blank lines."""
    rows: list[tuple[int, list[str]]] = []
    reader = csv.reader(lines[first:], delimiter=separator, strict=True)
    while True:
        line = first + reader.line_num + 1
        try:
            rows.append((line, next(reader)))
        except StopIteration:
            return rows
        except csv.Error as fault:
            message = OUT_OF_PLACE[1] if "expected after" in str(fault) else UNCLOSED[1]
            if "field larger" in str(fault):
                message = TOO_LONG
            raise DataError(Fault(str(path), line, None, message)) from None


def _framed(
    path: Path,
    given: Sequence[tuple[int, list[str]]],
    changes: list[Fact],
    separator: str,
    lines: tuple[str, ...],
) -> Form:
    """The header and the rows of the table, without what stands around them."""
    rows = [(line, [cell.strip() for cell in cells]) for line, cells in given]
    held = [(line, cells) for line, cells in rows if any(cells)]
    if not held:
        message = "is empty. Its first line must name the columns."
        raise DataError(Fault(str(path), 1, None, message))
    counts = Counter(len(cells) for _, cells in held)
    width = max(counts, key=lambda one: (counts[one], one))
    if width == 1:
        message = (
            "has one column only. A table has a column of periods, people or answers, and others."
        )
        raise DataError(Fault(str(path), held[0][0], None, message))
    start = next(
        (n for n, (_, cells) in enumerate(held) if len(cells) == width and _names(cells)), None
    )
    if start is None:
        message = "no line names the columns. Write their names into the first line."
        raise DataError(Fault(str(path), held[0][0], None, message))
    if titles := [line for line, _ in held[:start]]:
        changes.append(fact("described.change.titles", lines=_shown(titles)))
    header_line, names = held[start]
    body, below = _body(held[start + 1 :], width)
    if below:
        changes.append(fact("described.change.below", lines=_shown(below)))
    end = body[-1][0] if body else header_line
    if empty := [line for line, cells in rows if header_line < line < end and not any(cells)]:
        changes.append(fact("described.change.blank-lines", lines=_shown(empty)))
    ragged = [
        Fault(str(path), line, None, f"has {len(cells)} cells, the header has {width}. {_RAGGED}")
        for line, cells in body
        if len(cells) != width
    ]
    if ragged:
        raise DataError(ragged[:20])
    if not body:
        raise DataError(Fault(str(path), header_line, None, "no rows follow the header. Add them."))
    counted = [n for n in range(width) if not names[n] and _numbers_rows([c[n] for _, c in body])]
    kept = [
        n
        for n in range(width)
        if n not in counted and (names[n] or any(cells[n] for _, cells in body))
    ]
    form = Form(
        path=path,
        header=tuple(" ".join(names[n].split()) for n in kept),
        header_line=header_line,
        rows=tuple((line, tuple(cells[n] for n in kept)) for line, cells in body),
        changes=(),
        separator=separator,
        lines=lines,
        at=tuple(kept),
    )
    if counted:
        changes.append(fact("described.change.row-numbers"))
    if len(kept) + len(counted) < width:
        changes.append(fact("described.change.empty-columns", n=width - len(kept) - len(counted)))
    if any(given_name != " ".join(given_name.split()) for given_name in _raw(given, header_line)):
        changes.append(fact("described.change.names"))
    within = [cells for line, cells in given if header_line < line <= end]
    if any(cell != cell.strip() for cells in within for cell in cells):
        changes.append(fact("described.change.spaces"))
    _check_names(form)
    return Form(**{**form.__dict__, "changes": tuple(changes)})


_RAGGED: Final = "A cell that holds the separator needs quotes around it."


def _raw(given: Sequence[tuple[int, list[str]]], line: int) -> list[str]:
    return next(cells for at, cells in given if at == line)


def _numbers_rows(cells: Sequence[str]) -> bool:
    """Whether cells only count the rows, as a data frame's index does."""
    return any(cells == [str(n) for n in range(first, first + len(cells))] for first in (0, 1))


def _names(cells: Sequence[str]) -> bool:
    """Whether a row may name the columns: most of its cells say something."""
    return sum(map(bool, cells)) >= max(2, (len(cells) + 1) // 2)


def _body(
    rows: Sequence[tuple[int, list[str]]], width: int
) -> tuple[list[tuple[int, list[str]]], list[int]]:
    """The rows of the table, and the lines of totals and notes below it."""
    last = len(rows)
    while last and _below(rows[last - 1][1], width):
        last -= 1
    if len(rows) - last > _BELOW:
        last = len(rows)
    return list(rows[:last]), [line for line, _ in rows[last:]]


def _below(cells: Sequence[str], width: int) -> bool:
    said = [cell for cell in cells if cell]
    if is_total(said[0]) or _NOTE.match(said[0]):
        return True
    return len(said) == 1 and width > 2 and not said[0][:1].isdigit()


def _shown(lines: Sequence[int]) -> tuple[str, ...]:
    some = tuple(map(str, lines[:_SHOWN]))
    return some if len(lines) <= _SHOWN else (*some, f"{lines[-1]} (the last)")


def _check_names(form: Form) -> None:
    """Refuses names that are not there, that are there twice, and cells in their place.

    Raises
    ------
    DataError : with every place.
    """
    faults = []
    for n, name in enumerate(form.header):
        if not name:
            message = "a column with cells has no name. Write one into this line."
            faults.append(form.fault(form.header_line, n, message))
        elif name in form.header[:n]:
            message = f"column {name!r} is there twice. Remove or rename one of the two."
            faults.append(form.fault(form.header_line, n, message))
    if faults:
        raise DataError(faults)
