"""Monthly counts of police agencies from the answers of the FBI's Crime Data Explorer.

A month that an answer leaves out was not reported, and is missing. A zero is a zero, unless the
agency counts as not participating in that month (its participated population is empty): then
nobody reported it, and it is missing too. Nothing is filled in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from evaluation.data import period
from evaluation.data.sources.fbi_agencies import (
    Agency,
    Wanted,
    chosen,
    listed,
    state_of_ori,
)
from evaluation.data.sources.fbi_answers import Monthly, monthly, properties
from evaluation.data.sources.fbi_cde import Answer, Explorer
from evaluation.errors import DataError
from evaluation.fact import Fact, fact

# Uniform Crime Reporting began in 1930; the four digits of a year after it are no slip.
_MONTH: Final = re.compile(r"(19[3-9][0-9]|20[0-9]{2})-(0[1-9]|1[0-2])(?:-01)?")
# A year of so many that stand in these months alone was handed in by the quarter or at its end.
_LAST_OF_QUARTERS: Final = frozenset({3, 6, 9, 12})
_FEWEST_TO_TELL: Final = 24
POPULATION: Final = "population"


class Offense(NamedTuple):
    """An offense as the service names it, and as a column here."""

    code: str
    column: str
    label: str
    measure: str
    offense: str
    family: str = ""


# Those whose definition held over the years; rape was redefined in 2013. Thefts of vehicles are
# what a program against shootings should leave alone.
OFFENSES: Final = (
    Offense("HOM", "murder", "murders", "victims a month", "murder", "homicide"),
    Offense("ROB", "robbery", "robberies", "offenses a month", "robbery", "violence"),
    Offense(
        "ASS",
        "aggravated_assault",
        "aggravated assaults",
        "victims a month",
        "aggravated assault",
        "violence",
    ),
    Offense("MVT", "vehicle_theft", "thefts of vehicles", "thefts a month", "vehicle theft"),
)
NOT_REPORTED: Final = "not in the FBI's answer: the agency did not report it"
NOT_TAKING_PART: Final = (
    "a zero in the FBI's answer for a month in which the agency does not count as participating"
)

# What is under way, steps done, steps in all.
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class City:
    """One agency's months. counts : by column, then ordinal of the month; what was not reported is
    not there. idle : months by column whose zero was not reported. residents : by month."""

    unit: str
    agency: Agency
    counts: Mapping[str, Mapping[int, int]]
    idle: Mapping[str, frozenset[int]]
    residents: Mapping[int, int]

    def value(self, column: str, month: int) -> int | None:
        """The cell of a column; None where it is missing."""
        return (self.residents if column == POPULATION else self.counts[column]).get(month)


@dataclass(frozen=True, slots=True)
class Counted:
    """All that was asked for.

    Parameters
    ----------
    first, last : ordinals of the months of the table. columns : those with a number, in order.
    until : the last month that the FBI has, of any agency. refreshed : as the FBI writes it, or "".
    answers : everything that was read. notes : what a user must know.
    """

    cities: tuple[City, ...]
    first: int
    last: int
    columns: tuple[str, ...]
    until: int
    refreshed: str
    answers: tuple[Answer, ...]
    notes: tuple[Fact, ...]


def months(first: str, last: str) -> tuple[int, int]:
    """The ordinals of two months, the first not after the last; a month may be its first day.

    Raises
    ------
    DataError : for anything else.
    """
    for option, text in (("--from", first), ("--to", last)):
        if not _MONTH.fullmatch(text):
            raise DataError(fact("data.fbi.month", option=option, text=text))
    begin, end = period.begun(first, "month"), period.begun(last, "month")
    if begin > end:
        raise DataError(fact("data.fbi.order", first=first, last=last))
    return begin, end


def counted(
    service: Explorer,
    asked: Sequence[Wanted],
    first: int,
    last: int,
    progress: Progress = lambda step, done, total: None,
) -> Counted:
    """The counts and residents of every agency that is meant.

    Parameters
    ----------
    asked : the city itself first. first, last : ordinals of months.

    Raises
    ------
    DataError : when one is not known or not the only one, was asked for twice, reported nothing,
        or an answer has another form. EnvironmentFault : as `Explorer.ask`.
    """
    answers: list[Answer] = []

    def ask(path: str) -> Answer:
        answers.append(service.ask(path))
        return answers[-1]

    agencies = _agencies(asked, ask, progress)
    begin, end = (_theirs(one) for one in (first, last))
    ends, refreshed = list[int](), ""
    found: list[tuple[Agency, list[Monthly]]] = []
    for number, agency in enumerate(agencies):
        told = list[Monthly]()
        for offense in OFFENSES:
            done = number * len(OFFENSES) + len(told)
            progress(f"{agency.name}: {offense.label}", done, len(agencies) * len(OFFENSES))
            path = f"/summarized/agency/{agency.ori}/{offense.code}?from={begin}&to={end}"
            answer = ask(path)
            told.append(monthly(answer, agency, first, last))
            until, day = properties(answer)
            ends.append(until)
            refreshed = refreshed or day
        found.append((agency, told))
    until = min(ends)
    if until < first:
        raise DataError(fact("data.fbi.too-late", until=period.text(until, "month")))
    names = _names([agency for agency, _ in found])
    cities = tuple(
        City(
            unit,
            agency,
            {one.column: month.counts for one, month in zip(OFFENSES, told, strict=True)},
            {one.column: month.idle for one, month in zip(OFFENSES, told, strict=True)},
            told[0].residents,
        )
        for unit, (agency, told) in zip(names, found, strict=True)
    )
    table = _checked(cities, first, min(last, until), last, until, refreshed, tuple(answers))
    others = [
        fact("data.fbi.called", agency=agency.told(), name=name)
        for agency, told in found
        for name in sorted({one.called for one in told} - {agency.name})
    ]
    return replace(table, notes=(*others, *table.notes))


def rows(table: Counted) -> Iterator[tuple[str, ...]]:
    """The header, then a row for each city and month; what is missing is an empty cell."""
    yield ("city", "month", *table.columns)
    for city in sorted(table.cities, key=lambda one: one.unit):
        for month in range(table.first, table.last + 1):
            cells = (city.value(column, month) for column in table.columns)
            written = ("" if cell is None else str(cell) for cell in cells)
            yield (city.unit, period.text(month, "month"), *written)


def _agencies(
    asked: Sequence[Wanted], ask: Callable[[str], Answer], progress: Progress
) -> list[Agency]:
    """Each agency that is meant; a list of a state is asked for once."""
    lists: dict[str, tuple[Agency, ...]] = {}

    def of(state: str) -> tuple[Agency, ...]:
        if state not in lists:
            progress(f"agencies of {state}", 0, 1)
            lists[state] = listed(ask(f"/agency/byStateAbbr/{state}"), state)
        return lists[state]

    found: list[Agency] = []
    for one in asked:
        if not (one.ori or one.state):
            raise DataError(fact("data.fbi.state", text=one.text))
        agency = chosen(one, of(state_of_ori(one.ori) if one.ori else one.state))
        if agency in found:
            raise DataError(fact("data.fbi.twice", text=one.text, agency=agency.told()))
        found.append(agency)
    return found


def _names(agencies: Sequence[Agency]) -> list[str]:
    """What each is called in the table: its city, with the state where two have one name, and
    whole where that is not enough."""
    cities = [agency.city for agency in agencies]
    longer = [f"{agency.city}, {agency.state}" for agency in agencies]
    return [
        city if cities.count(city) == 1 else more if longer.count(more) == 1 else agency.told()
        for city, more, agency in zip(cities, longer, agencies, strict=True)
    ]


def _checked(
    cities: tuple[City, ...],
    first: int,
    last: int,
    asked: int,
    until: int,
    refreshed: str,
    answers: tuple[Answer, ...],
) -> Counted:
    """The table, when everyone in it reported something, and what is to be known of it."""
    span = range(first, last + 1)
    columns = [one.column for one in OFFENSES]
    for city in cities:
        if not any(month in span for column in columns for month in city.counts[column]):
            begin, end = period.text(first, "month"), period.text(last, "month")
            agency = city.agency.told()
            raise DataError(fact("data.fbi.nothing", agency=agency, first=begin, last=end))
    notes: list[Fact] = []
    if last < asked:
        end = period.text(until, "month")
        notes.append(fact("data.fbi.ends", until=end, asked=period.text(asked, "month")))
    kept = [
        column
        for column in (POPULATION, *columns)
        if any(city.value(column, month) is not None for city in cities for month in span)
    ]
    notes += [
        fact("data.fbi.no-column", column=column)
        for column in (POPULATION, *columns)
        if column not in kept
    ]
    for city in cities:
        notes += _of_city(city, span, [one for one in kept if one != POPULATION])
    return Counted(cities, first, last, tuple(kept), until, refreshed, answers, tuple(notes))


def _of_city(city: City, span: range, columns: Sequence[str]) -> Iterator[Fact]:
    """What is not whole in the years of a city."""
    by_year: dict[int, list[int]] = {}
    for month in span:
        by_year.setdefault(month // 12, []).append(month)
    handed_in: dict[str, list[str]] = {}
    for year, inside in by_year.items():
        told = [m for m in inside if all(city.value(column, m) is not None for column in columns)]
        if len(told) < len(inside):
            n, of = len(told), len(inside)
            yield fact("data.fbi.partial", unit=city.unit, year=str(year), n=n, of=of)
        for column in columns:
            if _handed_in(city.counts[column], inside):
                handed_in.setdefault(column, []).append(str(year))
    for column, years in handed_in.items():
        label = next(one.label for one in OFFENSES if one.column == column)
        yield fact("data.fbi.handed-in", unit=city.unit, label=label, years=tuple(years))
    nibrs = city.agency.nibrs
    if nibrs and span.start < period.ordinal(nibrs[:7], "month") < span.stop:
        yield fact("data.fbi.nibrs", unit=city.unit, day=nibrs)


def _handed_in(counts: Mapping[int, int], inside: Sequence[int]) -> bool:
    """Whether a whole year's counts stand in the last months of quarters alone."""
    with_some = {month % 12 + 1 for month in inside if counts.get(month)}
    many = sum(counts.get(month, 0) for month in inside) >= _FEWEST_TO_TELL
    return len(inside) == 12 and many and with_some <= _LAST_OF_QUARTERS


def _theirs(month: int) -> str:
    """A month as the service writes it, "11-2023"."""
    written = period.text(month, "month")
    return f"{written[5:]}-{written[:4]}"
