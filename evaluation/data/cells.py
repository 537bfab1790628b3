"""One cell of text as a number, a day, a period or a text, or the words for why it is none."""

from __future__ import annotations

import datetime
import re
import unicodedata
from typing import Final

from evaluation.data import period
from evaluation.data.labels import JOINERS, lost_digits, whole
from evaluation.data.panel import Column
from evaluation.data.records import MAY_BE_EMPTY, RecordColumn

# Stricter than float(), which also takes 1_000, nan and digits of other scripts.
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?")
_DECIMAL_COMMA = re.compile(r"[+-]?[0-9]+,[0-9]+")
_NOT_FINITE = re.compile(r"[+-]?(?:nan|inf|infinity)", re.IGNORECASE)
_SPREADSHEET_DATE = re.compile(
    r"[0-9]{1,4}[/.][0-9]{1,2}[/.][0-9]{1,4}|[0-9]{1,2}/[0-9]{4}|[A-Za-z]{3,9}[ -][0-9]{2,4}"
    r"|[0-9]{1,2}-[A-Za-z]{3,9}(?:-[0-9]{2,4})?"
)
_MISSING: Final = frozenset(
    {"na", "n/a", "#n/a", "n.a.", "null", "none", "missing", "unknown", "-", "--", ".", "?"}
)

# Above this a float no longer holds every whole number.
LARGEST_COUNT: Final = 2**53

NOT_IMPUTED: Final = (
    "Nothing is filled in: write the number, say in the description under [[missing]] why there is "
    "none, or end the unit's [coverage] before this period and leave out the row."
)


class CellError(ValueError):
    """A cell that cannot be used. `kind` is what similar cells share."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def number(text: str, column: Column, *, below_zero: bool = False) -> float:
    """The number in a cell, fit for its column's role and type.

    Parameters
    ----------
    text : the cell without spaces around it. below_zero : whether a count may be negative here,
        because the description declares a correction.

    Raises
    ------
    CellError : when it is no finite number, or not one that the column may hold.
    """
    if not _NUMBER.fullmatch(text):
        raise _no_number(text, column.name)
    value = float(text)
    name = column.name
    if value in (float("inf"), float("-inf")):
        raise CellError("too large", f"{name} is {text}, too large a number. Check it.")
    if column.type == "flag":
        if value not in (0.0, 1.0):
            raise CellError("not 0 or 1", f"{name} is {text}. It must be 0 or 1.")
        return value
    if column.role == "exposure" and value <= 0:
        message = f"{name} is {text}. An exposure must be more than zero; correct it."
        raise CellError("zero or negative exposure", message)
    if column.type == "count":
        if value < 0 and not below_zero:
            message = f"{name} is {text}. A count cannot be negative."
            raise CellError("negative count", message)
        if value > LARGEST_COUNT:
            raise CellError("too large", f"{name} is {text}, too large for a count. Check it.")
        if not value.is_integer():
            message = f'{name} is {text}. A count is whole; correct it, or give type = "number".'
            raise CellError("fractional count", message)
    return value


def ordinal(text: str, frequency: str, name: str) -> int:
    """The period in a cell, as its ordinal.

    Raises
    ------
    CellError : when it is blank, a date as spreadsheets write it, or of another frequency.
    """
    like = period.EXAMPLE[frequency]
    if not text:
        raise CellError("blank", f"{name} is blank. Write the {frequency}, like {like}.")
    if _SPREADSHEET_DATE.fullmatch(text):
        message = (
            f"{text!r} is a date as spreadsheets write it, in which day and month can be "
            f"mistaken. Write it like {like}."
        )
        raise CellError("spreadsheet date", message)
    try:
        return period.ordinal(text, frequency)
    except ValueError as fault:
        raise CellError("bad date", f"{fault}.") from None


def _no_number(text: str, name: str) -> CellError:
    if not text:
        return CellError("blank", f"{name} is blank. {NOT_IMPUTED}")
    if text.lower() in _MISSING:
        return CellError("missing number", f"{name} is {text!r}. {NOT_IMPUTED}")
    if _NOT_FINITE.fullmatch(text):
        return CellError("not finite", f"{name} is {text!r}, not a finite number. {NOT_IMPUTED}")
    if _THOUSANDS.fullmatch(text):
        plain = text.replace(",", "")
        message = f"{name} is {text!r}, with a comma between thousands. Write {plain}."
        return CellError("comma in a number", message)
    if _DECIMAL_COMMA.fullmatch(text):
        point = text.replace(",", ".")
        message = f"{name} is {text!r}, with a decimal comma. Write {point}."
        return CellError("comma in a number", message)
    shown = text if len(text) <= 40 else f"{text[:37]}..."
    return CellError("not a number", f"{name} is {shown!r}, not a number. Write digits only.")


_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_FIRST_DAY: Final = datetime.date(1970, 1, 1)

# Outside these years a date is a slip of the pen, whatever the dataset covers.
YEARS: Final = (1900, 2100)

# Roles whose texts may be numbers that a program wrote with decimals.
CODED: Final = ("person", "cluster", "stratum", "area")
_INVISIBLE: Final = ("Cc", "Cf", "Zl", "Zp")

_EMPTY: Final = (
    "Nothing is filled in: write the number, or leave the cell empty where the column may be."
)
# What is wrong with a number and what to do, by the kind of fault that `cells.number` finds.
_SAYS: Final[dict[str, tuple[str, str]]] = {
    "missing number": ("a word for a missing number", _EMPTY),
    "not finite": ("not a finite number", _EMPTY),
    "comma in a number": (
        "a number with a comma",
        "Write no comma between thousands, and a point before decimals.",
    ),
    "not a number": ("not a number", "Write digits only."),
    "too large": ("too large a number", "Check it."),
    "not 0 or 1": ("neither 0 nor 1", "Write 0 or 1."),
    "negative count": ("negative", "A count cannot be; correct it."),
    "fractional count": ("not whole", 'Correct it, or give type = "number".'),
}


def day_of(text: str) -> float:
    """Days since 1970-01-01 of a day written like 2012-10-18.

    Raises
    ------
    ValueError : when it is no such day; the message says which.

    Examples
    --------
    >>> day_of("1970-01-31")
    30.0
    """
    if not _DAY.fullmatch(text):
        raise ValueError("not a day like 2012-10-18")
    try:
        day = datetime.date.fromisoformat(text)
    except ValueError:
        raise ValueError("no day of the calendar") from None
    if not YEARS[0] <= day.year <= YEARS[1]:
        raise ValueError(f"not in the years {YEARS[0]} to {YEARS[1]}")
    return float((day - _FIRST_DAY).days)


def day_text(day: float) -> str:
    """The day so many days after 1970-01-01, as it is written.

    Examples
    --------
    >>> day_text(day_of("2012-10-18"))
    '2012-10-18'
    """
    return (_FIRST_DAY + datetime.timedelta(days=int(day))).isoformat()


def invisible(text: str) -> str:
    """The first invisible character in a text, as U+0007, or nothing."""
    if text.isascii() and text.isprintable():
        return ""
    found = (c for c in text if unicodedata.category(c) in _INVISIBLE and c not in JOINERS)
    return next((f"U+{ord(c):04X}" for c in found), "")


def value(text: str, column: RecordColumn, until: float | None, *, private: bool) -> float | str:
    """What one cell holds: text as it is, periods as written, numbers and days as floats.

    Parameters
    ----------
    text : the cell, with the spaces around it. until : the last day recorded, or None.
    private : the message must not show what the cell holds.

    Returns
    -------
    NaN, or "" for text, where the cell is empty and may be.

    Raises
    ------
    CellError : when the cell cannot be used.
    """
    if character := invisible(text.strip(" ")):
        message = (
            f"{column.name} holds the invisible character {character}. Write the cell again, "
            "without it."
        )
        raise CellError("invisible character", message)
    bare = text.strip()
    if not bare:
        return _of_empty(column)
    if column.type == "text":
        return _text(text, bare, column, private)
    if column.type == "date":
        return _day(bare, column, until, private)
    if column.type == "period":
        return _period(bare, column, until, private)
    return _checked_number(bare, column, private)


def told(column: RecordColumn, text: str, private: bool) -> str:
    """The words that open a message about a cell: its column, and what it holds unless private."""
    if private:
        return f"{column.name} is"
    shown = text if len(text) <= 40 else f"{text[:37]}..."
    return f"{column.name} is {shown!r}:"


def _of_empty(column: RecordColumn) -> float | str:
    if column.missing or column.role in MAY_BE_EMPTY:
        return "" if column.type in ("text", "period") else float("nan")
    what = "number" if column.type in ("count", "number", "flag") else column.type
    hint = ""
    if column.role not in ("person", "entry", "treatment", "weight", "stratum", "cluster", "wave"):
        hint = ", or say missing = true for the column"
    raise CellError(
        "blank", f"{column.name} is blank. Nothing is filled in: write the {what}{hint}."
    )


def _text(text: str, bare: str, column: RecordColumn, private: bool) -> str:
    if text != bare:
        message = f"{told(column, text, private)} written with spaces around it. Remove them."
        raise CellError("spaces around a text", message)
    if column.levels and bare not in column.levels:
        known = ", ".join(repr(level) for level in column.levels)
        message = f"{told(column, bare, private)} none of its levels. They are {known}."
        raise CellError("unknown level", message)
    if column.levels or column.role not in CODED:
        return bare
    if lost_digits(bare):
        message = (
            f"{told(column, bare, private)} a number that lost its last digits in a spreadsheet or "
            "a floating-point column. Write it whole."
        )
        raise CellError("lost digits", message)
    return whole(bare)


def _day(text: str, column: RecordColumn, until: float | None, private: bool) -> float:
    try:
        day = day_of(text)
    except ValueError as fault:
        message = f"{told(column, text, private)} {fault}. Write it as year-month-day."
        raise CellError("not a date", message) from None
    if until is not None and day > until:
        raise _late(column, text, until, private)
    return day


def _late(column: RecordColumn, text: str, until: float, private: bool) -> CellError:
    message = (
        f"{told(column, text, private)} after the end of recording, {day_text(until)}. Correct "
        "it, or `until` in the description."
    )
    return CellError("in the future", message)


def _period(text: str, column: RecordColumn, until: float | None, private: bool) -> str:
    for frequency in ("year", "quarter", "month"):
        try:
            ordinal = period.ordinal(text, frequency)
        except ValueError:
            continue
        if until is not None:
            year, part = divmod(ordinal, period.PER_YEAR[frequency])
            month = part * 12 // period.PER_YEAR[frequency] + 1
            if day_of(f"{year:04d}-{month:02d}-01") > until:
                raise _late(column, text, until, private)
        return period.text(ordinal, frequency)
    message = f"{told(column, text, private)} no period. Write it like 2012, 2012-Q4 or 2012-10."
    raise CellError("not a period", message)


def _checked_number(text: str, column: RecordColumn, private: bool) -> float:
    kind = column.type if column.type in ("count", "flag") else "number"
    plain = Column(column.name, "covariate", kind, "", "")
    try:
        found = number(text, plain)
    except CellError as fault:
        what, advice = _SAYS[fault.kind]
        if fault.kind == "negative count" and column.role in ("time", "follow_up", "decided"):
            what, advice = "negative, so before entry", "Correct it or the day of entry."
        if fault.kind == "fractional count" and column.role == "item":
            advice = "Answers are whole numbers; correct it, or leave the cell empty."
        message = f"{told(column, text, private)} {what}. {advice}"
        raise CellError(fault.kind, message) from None
    if column.role in ("weight", "fpc") and found <= 0:
        message = (
            f"{told(column, text, private)} not more than zero. Correct it, or leave out the row "
            "and say so in the notes."
        )
        raise CellError("zero or negative", message)
    low, high = column.low, column.high
    if low is not None and high is not None and not low <= found <= high:
        message = (
            f"{told(column, text, private)} outside {low:g} to {high:g}. Correct it, or leave the "
            "cell empty for no answer."
        )
        raise CellError("outside the range", message)
    return found
