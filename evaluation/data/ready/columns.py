"""The columns of a ready-made table, and what their names say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final, Literal

from evaluation.data.labels import normal
from evaluation.data.ready.form import Form, blank
from evaluation.data.ready.numbers_read import Numbers, Style, read_numbers, whole
from evaluation.data.ready.periods_read import Periods, readings
from evaluation.errors import DataError, Fault
from evaluation.fact import Fact, fact

Kind = Literal["panel", "people", "survey"]


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


TIME: Final = _words(
    r"\b(date|day|week|month|quarter|year|yr|period|time|mes|fecha|año|y{4}m{2}|"
    r"year ?month)s?\b|date$"
)
UNIT: Final = _words(
    r"\b(unit|city|cities|place|town|municipality|agency|jurisdiction|department|county|state|"
    r"district|dist|beat|precinct|pct|sector|division|ward|zone|neighbou?rhood|community|area|psa|"
    r"borough|tract|region|location|site|group|school|ciudad)s?\b"
)
RESIDENTS: Final = _words(
    r"\b(pop|popul\w*|residents?|inhabitants|exposure|person.?years|poblaci\w+)\b"
)
TREATED: Final = _words(
    r"\b(treat\w*|program\w*|intervention\w*|ceasefire|post|called.?in|invited|particip\w*|enrolled|"
    r"exposed|active|started)\b"
)
COVARIATE: Final = _words(
    r"unemploy|poverty|income|temperat|precip|weather|median|mean|percent|pct|share|ratio|index|"
    r"price|officers|police|budget|arrests.?per|age|density|gdp|school"
)
OUTCOME: Final = _words(
    r"homicid|murder|shoot|shot|robber|assault|burgl|theft|larcen|crime|violen|victim|incident|"
    r"injur|death|fatal|kill|arrest|offen[sc]e|gun|calls|complaint|count|number|\bn\b|cases|events|"
    r"convict|reoffend|recidiv|stops|total|homicidio|robos"
)
CODE: Final = _words(
    r"\b(id|ids|fips|ori|zip|zipcode|postal|code|geoid|objectid|fid|index|lat\w*|lon\w*|lng|x|y|"
    r"phone|key)\b"
)
RATE: Final = _words(r"\brates?\b|per.?100|per.?cap|percent|pct|%")
YES: Final = frozenset({"1", "y", "yes", "true", "t", "si", "sí", "x"})
NO: Final = frozenset({"0", "n", "no", "false", "f"})


@dataclass(frozen=True)
class Column:
    """One column of a table. `at` : its index. numbers : None when most cells are no numbers."""

    name: str
    at: int
    cells: tuple[str, ...]
    numbers: Numbers | None

    def says(self, pattern: re.Pattern[str]) -> bool:
        """Whether a pattern stands in its name."""
        words = re.sub(r"[_\-.]|(?<=[a-z])(?=[A-Z])", " ", self.name)
        return pattern.search(words) is not None

    @cached_property
    def values(self) -> tuple[str, ...]:
        """What it holds, each once, in order of appearance, without blanks."""
        return tuple(dict.fromkeys(cell for cell in self.cells if not blank(cell)))

    @cached_property
    def blanks(self) -> tuple[int, ...]:
        """Indices of cells without a value."""
        return tuple(n for n, cell in enumerate(self.cells) if blank(cell))

    @cached_property
    def periods(self) -> list[Periods]:
        """Every way in which it can be read as periods."""
        return readings(self.cells)

    @cached_property
    def code(self) -> bool:
        """Whether its numbers are names: they begin with zeros, or the name says so."""
        zeros = any(re.fullmatch(r"0\d+", cell) for cell in self.values)
        return zeros or (self.numbers is not None and self.says(CODE))

    @cached_property
    def flag(self) -> bool:
        """Whether it says yes and no."""
        forms = set(map(normal, self.values))
        return bool(forms & YES) and forms <= YES | NO and (len(forms) > 1 or forms <= {"1", "0"})

    @cached_property
    def whole(self) -> bool:
        """Whether all its numbers are whole."""
        return self.numbers is not None and not self.numbers.odd and whole(self.numbers.texts)

    @cached_property
    def day(self) -> Periods | None:
        """Its days, where each cell is one and they can be read in one way."""
        found = [one for one in self.periods if one.frequency == "day"]
        if self.numbers is not None and not self.says(TIME):
            return None
        return found[0] if len(found) == 1 or (found and _same(found)) else None


def _same(found: Sequence[Periods]) -> bool:
    return all(one.ordinals == found[0].ordinals for one in found)


def columns_of(form: Form) -> list[Column]:
    """The columns of a table, each read as numbers in the way of the whole file."""
    cells = list(zip(*(row for _, row in form.rows), strict=True))
    alone = [read_numbers(column) for column in cells]
    shown: list[Style] = [one.style for one in alone if one is not None and one.style]
    usual: Style | Literal[""] = ""
    if shown:
        usual = "comma" if 2 * shown.count("comma") > len(shown) else "point"
    elif form.separator in (",", ""):
        # Between commas a decimal comma is not written, and a quoted one parts thousands.
        usual = "point"
    found = [
        Column(name, n, column, read_numbers(column, usual=usual))
        for n, (name, column) in enumerate(zip(form.header, cells, strict=True))
    ]
    return [_counted(one) for one in found]


def _counted(column: Column) -> Column:
    """The column, with thousands where it counts: what is counted has no decimals."""
    numbers = column.numbers
    counts = column.says(RESIDENTS) or (column.says(OUTCOME) and not column.says(COVARIATE))
    if numbers is None or not numbers.either or not counts or column.says(RATE):
        return column
    style: Style = "comma" if "." in column.cells[numbers.either[0]] else "point"
    return replace(column, numbers=read_numbers(column.cells, usual=style))


@dataclass(frozen=True, slots=True)
class Guessed:
    """A column as the description is to have it.

    Parameters
    ----------
    more : further keys and their values. cells : (n,) as they are to be read. doubts : about it.
    """

    name: str
    role: str
    type: str
    cells: tuple[str, ...]
    more: Mapping[str, Any] = field(default_factory=dict)
    doubts: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class Guess:
    """A description as far as the table tells it, and the table as it is to be read.

    Parameters
    ----------
    frequency, unit : of a panel, else "". rows : indices of the rows that are kept.
    coverage : first and last period of each unit that has fewer than the whole. missing : unit,
    period and column of each cell without a value. changes : in which the table that is described
    differs from the file; empty when it is the file itself. doubts : about the whole.
    """

    form: Form
    kind: Kind
    columns: tuple[Guessed, ...]
    key: tuple[str, ...]
    changes: tuple[Fact, ...]
    doubts: tuple[Fact, ...]
    private: bool = False
    frequency: str = ""
    unit: str = ""
    coverage: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    missing: tuple[tuple[str, str, str], ...] = ()


def number_faults(form: Form, column: Column) -> Iterator[Fault]:
    """Cells of a column of numbers that are none, or of which nothing tells what they are."""
    if column.numbers is None:
        return
    for n in column.numbers.odd:
        message = f"{column.name} is {column.cells[n][:40]!r}, not a number. {_ODD}"
        yield form.fault(form.rows[n][0], column.at, message)
    if column.numbers.either:
        cell = column.cells[column.numbers.either[0]]
        message = (
            f"{column.name} is {cell!r}: nothing tells whether the mark parts thousands or begins "
            "decimals. Write the numbers of this column without marks between thousands, and "
            "decimals with two digits or one."
        )
        yield form.fault(form.rows[column.numbers.either[0]][0], column.at, message)


_ODD: Final = (
    "Write digits only; where nothing was reported leave the cell empty, and where a small number "
    "was withheld ask for it or leave out the rows."
)


def as_numbers(column: Column) -> tuple[str, ...]:
    """The cells of a column of numbers as they are to be read."""
    if column.numbers is None:
        return column.cells
    return (
        tuple(re.sub(r"(?<=\d)\.0*$", "", one) for one in column.numbers.texts)
        if (column.whole)
        else column.numbers.texts
    )


def as_flag(column: Column) -> tuple[str, ...]:
    """The cells of a column that says yes and no, as 1 and 0."""
    return tuple(
        "" if blank(cell) else "1" if normal(cell) in YES else "0" for cell in column.cells
    )


def changed_columns(columns: Sequence[Column], guessed: Sequence[Guessed]) -> Iterator[Fact]:
    """What is written otherwise than in the file, a fact a column, with one cell before and after.

    Periods tell it of themselves.
    """
    by_name = {one.name: one for one in columns}
    for one in guessed:
        old = by_name.get(one.name)
        if old is None or one.type == "period":
            continue
        pairs = zip(old.cells, one.cells, strict=True)
        found = [(before, after) for before, after in pairs if before != after]
        blanks = [before for before, after in found if not after]
        if blanks:
            yield fact("described.change.blanks", column=one.name, n=len(blanks), example=blanks[0])
        if rest := [pair for pair in found if pair[1]]:
            before, after = rest[0]
            yield fact(
                "described.change.cells", column=one.name, n=len(rest), before=before, after=after
            )


def refuse(faults: Sequence[Fault]) -> None:
    """Raises what is wrong, the first of each column, when something is.

    Raises
    ------
    DataError : with every place, at most 40.
    """
    if faults:
        raise DataError(sorted(faults, key=lambda one: (one.line or 0, one.column or 0))[:40])
