"""The values a person writes in a plan: text, periods, days, lists; each checked on its own.

A failed check raises ValueError with a message for the user; the reader adds file, line and key.
"""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
)

from evaluation.data import period
from evaluation.data.toml_places import did_you_mean

Item = TypeVar("Item")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def frequency_of(text: str) -> period.Frequency:
    """Month, quarter, year, week or day, from how a period that was checked is written.

    Examples
    --------
    >>> frequency_of("2012-Q4")
    'quarter'
    """
    if "Q" in text:
        return "quarter"
    if "W" in text:
        return "week"
    if is_day(text):
        return "day"
    return "year" if len(text) == 4 else "month"


def is_day(text: str) -> bool:
    """True for a date with a day, such as 2012-10-18."""
    return _DAY.fullmatch(text) is not None


def period_of(text: str, frequency: period.Frequency, like: int = 0) -> int:
    """The ordinal of a period, or of the period that holds a day.

    Parameters
    ----------
    like : ordinal of a week that begins on the day of the week that those of the data do.

    Raises
    ------
    ValueError : with a message for the user, when `text` is a period of another frequency.

    Examples
    --------
    >>> period_of("2014-11-03", "quarter") == period.ordinal("2014-Q4", "quarter")
    True
    """
    if not is_day(text):
        return period.ordinal(text, frequency)
    return period.holding(datetime.date.fromisoformat(text), frequency, like)


def _one_line(text: str) -> str:
    """The text with runs of white space as one space: reports print it inside sentences."""
    line = " ".join(text.split())
    if not line.isprintable():
        hidden = next(character for character in line if not character.isprintable())
        raise ValueError(f"has a character that cannot be seen (U+{ord(hidden):04X}); delete it")
    return line


def _period(value: Any, info: ValidationInfo) -> str:
    text = _date_as_text(value)
    if is_day(text):
        # The frequency of the table that the plan names, where its description says it.
        frequency = (info.context or {}).get("frequency") or "day"
        return period.text(period.begun(_day(text), frequency), frequency)
    return _written_period(text)


def _written_period(text: str) -> str:
    for frequency in period.EXAMPLE:
        try:
            return period.text(period.ordinal(text, frequency), frequency)
        except ValueError as fault:
            if "must be" in str(fault):
                raise
    examples = "'2012-10', '2012-Q4', '2012', '2012-W40' or '2012-10-18'"
    raise ValueError(f"{text!r} is not a period; write it like {examples}")


def _period_or_day(value: Any) -> str:
    text = _date_as_text(value)
    return _day(text) if is_day(text) else _written_period(text)


def _day(text: str) -> str:
    try:
        return datetime.date.fromisoformat(text).isoformat()
    except ValueError:
        raise ValueError(f"{text!r} is not a day of the calendar") from None


def _date_as_text(value: Any) -> str:
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        return value.isoformat()
    if not isinstance(value, str):
        raise ValueError(f"must be a period in quotes, such as '2012-10'; it is {value}")
    return value.strip()


def _inside_project(text: str) -> str:
    path = PurePosixPath(text)
    if path.is_absolute() or ".." in path.parts or "\\" in text or ":" in text:
        raise ValueError(
            f"{text!r} must be a path inside the project, with forward slashes, "
            "such as 'data/public/boston_homicide.csv'"
        )
    return str(path)


def method_of(design: str) -> AfterValidator:
    """A check that a name is of a method of this design."""

    from evaluation.did import ALIASES

    def known(text: str) -> str:
        every = _methods()
        text = ALIASES.get(text, text) if design == "did" else text
        if text in every[design]:
            return text
        owner = next((name for name, methods in every.items() if text in methods), None)
        if owner is None:
            names = [name for methods in every.values() for name in methods]
            raise ValueError(f"{text!r} is not known.{did_you_mean(text, names)}")
        hint = did_you_mean(text, every[design])
        if design in ("its", "did"):
            raise ValueError(f'{text!r} is a method of design = "{owner}".{hint}')
        raise ValueError(f"{text!r} is no method of design = {design!r}.{hint}")

    return AfterValidator(known)


def _methods() -> Mapping[str, Sequence[str]]:
    from evaluation import did, individual, its, survey

    return {
        "its": list(its.METHODS),
        "did": list(did.METHODS),
        "individual": list(individual.METHODS),
        "survey": list(survey.METHODS),
    }


def tables(value: Any) -> Any:
    """A list of tables as the tuple that a frozen model holds."""
    if isinstance(value, dict):
        raise ValueError("write its header in double brackets, [[ ]]: there can be several")
    return _fixed(value)


def _fixed(value: Any) -> Any:
    """A list of TOML as the tuple a frozen model holds; anything else is left to be refused."""
    return tuple(value) if isinstance(value, list) else value


def _each_once(names: tuple[str, ...]) -> tuple[str, ...]:
    twice = next((name for place, name in enumerate(names) if name in names[:place]), None)
    if twice is not None:
        raise ValueError(f"{twice!r} is named twice")
    return names


def _setting(value: Any) -> Any:
    """A setting of a method: a word, a number, true or false, or a list of these."""
    items = value if isinstance(value, (list, tuple)) else [value]
    for item in items:
        if not isinstance(item, (bool, int, float, str)):
            raise ValueError("must be a number, text, true or false, or a list of these")
        if isinstance(item, float) and not math.isfinite(item):
            raise ValueError("must be a finite number")
    return _fixed(value)


Text = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1), AfterValidator(_one_line)
]
Period = Annotated[str, BeforeValidator(_period)]
PeriodOrDay = Annotated[str, BeforeValidator(_period_or_day)]
DataPath = Annotated[Text, AfterValidator(_inside_project)]
Tables = Annotated[tuple[Item, ...], BeforeValidator(tables)]
List = Annotated[tuple[Item, ...], BeforeValidator(_fixed)]
Names = Annotated[List[Text], AfterValidator(_each_once)]
Count = Annotated[int, Field(ge=1)]
Periods = Annotated[int, Field(ge=0)]
Options = dict[Text, Annotated[Any, BeforeValidator(_setting)]]


@dataclass(frozen=True, slots=True)
class Said:
    """That a key is told in one sentence, "plan.words.<key>", of its value as `form` has it.

    Parameters
    ----------
    template : the line that a new plan shows in a comment, where its template has none.
    """

    form: Callable[[Any], object] = str
    template: str = ""


class _Absent:
    """What `absent` makes: read from an instance, and no attribute of the class."""

    def __init__(self, value: object) -> None:
        self.value = value

    def __get__(self, instance: object, owner: type | None = None) -> object:
        if instance is None:
            raise AttributeError("a key of some designs")
        return self.value


def absent(value: object) -> Any:
    """A key that only some designs have, in a class beside the table of all: code that serves all
    reads it as this value, and it can be written only where a table has it."""
    return _Absent(value)


class Table(BaseModel):
    """A table of a plan: no unknown key, no conversion of types, no change after reading."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
