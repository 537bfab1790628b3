"""One cell of text as a number or a period, or the words that say why it is none."""

from __future__ import annotations

import re
from typing import Final

from evaluation.data import period
from evaluation.data.panel import Column

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
