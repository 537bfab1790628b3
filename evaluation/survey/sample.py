"""Respondents of a survey in two waves or more, how they were drawn, and which wave came first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, get_args

import numpy as np

from evaluation.data import counted, one_per_row
from evaluation.data.one_per_row import Rows, by_name, code
from evaluation.errors import DataError
from evaluation.fact import Fact, fact
from evaluation.numeric.survey.weighted import Design, Lonely
from evaluation.survey.problems import found, numbers_of

_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
# Seasons by the month in the middle. A winter lies in two years, so it has no place in one.
_SEASONS = {"spring": 4, "summer": 7, "fall": 10, "autumn": 10}
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_SIGNED = re.compile(r"-?\d+(?:\.\d+)?")
_YEAR = re.compile(r"(?:19|20)\d\d")


def in_order(labels: Sequence[str], declared: Sequence[Any] | None, after: Any) -> tuple[str, ...]:
    """The waves in the order of time.

    Parameters
    ----------
    labels : of the waves that occur, each once. declared : all of them in order, as their author
        says, or None. after : the first after the start, or None; of two waves it declares the
        order.

    Raises
    ------
    DataError : when the order is not declared and the labels have none of their own.

    Examples
    --------
    >>> in_order(["wave 10", "wave 2"], None, None)
    ('wave 2', 'wave 10')
    >>> in_order(["2012-fall", "2012-spring"], None, None)
    ('2012-spring', '2012-fall')
    >>> in_order(["after", "before"], None, "after")
    ('before', 'after')
    """
    if declared is not None:
        return _declared(labels, [code(one) for one in declared])
    for key in (_number, _calendar):
        places = [key(label) for label in labels]
        known = [place for place in places if place is not None]
        if len(known) == len(labels) and _apart(known):
            return tuple(
                labels[place] for place in sorted(range(len(labels)), key=known.__getitem__)
            )
    numbered = _numbered(labels)
    if numbered is not None:
        return numbered
    if len(labels) == 2 and after is not None and code(after) in labels:
        last = code(after)
        return (*(label for label in labels if label != last), last)
    raise DataError(fact("survey.waves.no-order", waves=sorted(labels)))


def _declared(labels: Sequence[str], order: Sequence[str]) -> tuple[str, ...]:
    if len(set(order)) < len(order):
        raise DataError(fact("survey.waves.twice"))
    absent = [label for label in labels if label not in order]
    if absent:
        raise DataError(fact("survey.waves.absent", wave=absent[0]))
    return tuple(label for label in order if label in labels)


def _apart(places: Sequence[tuple[float, ...]]) -> bool:
    """Whether no two are in one place, and no year as a whole beside a part of the same year."""
    years = [place[0] for place in places]
    whole = [place[0] for place in places if place[1:] == (0.0, 0.0)]
    return len(set(places)) == len(places) and all(years.count(year) == 1 for year in whole)


def _number(label: str) -> tuple[float, ...] | None:
    return (float(label),) if _SIGNED.fullmatch(label) else None


def _calendar(label: str) -> tuple[float, ...] | None:
    """Year, month and day of a label that has a year and no other number that is none of these."""
    text = label.lower().strip()
    day = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)(?:t.*)?", text)
    if day:
        return int(day[1]), float(day[2]), float(day[3])
    years = _YEAR.findall(text)
    if len(years) != 1:
        return None
    rest = re.sub(r"[\s_,./-]+", " ", text.replace(years[0], " ", 1)).strip()
    year = int(years[0])
    if not rest:
        return year, 0.0, 0.0
    if rest in _SEASONS:
        return year, float(_SEASONS[rest]), 0.0
    part = re.fullmatch(r"([qh])\s*([1-4])", rest)
    if part and (part[1] == "q" or part[2] in "12"):
        length = 3 if part[1] == "q" else 6
        return year, length * int(part[2]) - length / 2, 0.0
    named = [number for number, name in enumerate(_MONTHS, start=1) if name.startswith(rest)]
    if len(rest) >= 3 and named:
        return year, float(named[0]), 0.0
    month = re.fullmatch(r"(\d{4})-(\d\d)", text)
    if month and 1 <= int(month[2]) <= 12:
        return year, float(month[2]), 0.0
    return None


def _numbered(labels: Sequence[str]) -> tuple[str, ...] | None:
    """Labels that differ in numbers alone, where all numbers that differ say the same order."""
    if len({_NUMBER.sub("#", label.lower()) for label in labels}) != 1:
        return None
    numbers = np.array([[float(one) for one in _NUMBER.findall(label)] for label in labels])
    orders = [tuple(np.argsort(column)) for column in numbers.T if len(set(column.tolist())) > 1]
    distinct = all(len(set(column.tolist())) in (1, len(labels)) for column in numbers.T)
    if len(set(orders)) != 1 or not distinct:
        return None
    return tuple(labels[place] for place in orders[0])


# So many faults are printed; the rest are counted.
SHOWN = 20
# So many of the people of the first wave are asked again, or it is no panel.
PANEL_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Sample:
    """Checked answers; build it with `from_arrays`, which refuses what cannot be analysed.

    Parameters
    ----------
    items : (n, k) answers, NaN where there is none. names : of the items. low, high : (k,) the
        range of each item. wave : (n,) number of the wave, from 0; waves : their labels, in order.
    after : number of the first wave after the start. treated : (n,) lives where the program works.
    design : weights, units, strata. strata : their labels. area : (n,) number of the
        neighborhood, or None; areas : their names. person : (n,) number of the person, or None.
    traits : by name, (n,) numbers (NaN where missing) or text ("" where missing).
    """

    items: np.ndarray
    names: tuple[str, ...]
    low: np.ndarray
    high: np.ndarray
    wave: np.ndarray
    waves: tuple[str, ...]
    after: int
    treated: np.ndarray
    design: Design
    strata: tuple[str, ...]
    area: np.ndarray | None = None
    areas: tuple[str, ...] = ()
    person: np.ndarray | None = None
    traits: Mapping[str, np.ndarray] = field(default_factory=dict)

    @property
    def weight(self) -> np.ndarray:
        """(n,) weights."""
        return self.design.weight

    @property
    def post(self) -> np.ndarray:
        """(n,) answered after the start."""
        return np.asarray(self.wave >= self.after)

    @property
    def again(self) -> float | None:
        """Share of the people of the first of two waves who were asked again; None when it is no
        panel: without identities, with more waves, or with fewer than `PANEL_SHARE` of them."""
        if self.person is None or len(self.waves) != 2:
            return None
        first, second = (self.person[self.wave == wave] for wave in (0, 1))
        share = float(np.isin(first, second).mean())
        return share if share >= PANEL_SHARE else None

    def groups(self) -> Iterator[tuple[str, np.ndarray]]:
        """Both groups: the name of each, and (n,) who is in it."""
        yield "treated", self.treated
        yield "comparison", ~self.treated

    def cells(self) -> Iterator[tuple[str, str, np.ndarray]]:
        """Each group in each wave: the names of both, and (n,) who is in it."""
        for group, among in self.groups():
            for number, wave in enumerate(self.waves):
                yield group, wave, among & (self.wave == number)

    def trait(self, name: str) -> np.ndarray:
        """(n,) values of a trait.

        Raises
        ------
        DataError : when there is none of this name.
        """
        if name not in self.traits:
            known = tuple(self.traits) or fact("survey.sample.no-traits")
            raise DataError(fact("survey.sample.trait", name=name, known=known))
        return self.traits[name]

    @classmethod
    def from_arrays(
        cls,
        items: Any,
        *,
        wave: Any,
        treated: Any,
        weight: Any,
        stratum: Any = None,
        cluster: Any = None,
        fpc: Any = None,
        names: Sequence[str] | None = None,
        low: Any = 1,
        high: Any = 5,
        after: Any = None,
        area: Any = None,
        person: Any = None,
        traits: Mapping[str, Any] | None = None,
        strata: Sequence[Any] | None = None,
        lonely: Lonely = "error",
        order: Sequence[Any] | None = None,
    ) -> Sample:
        """A sample of n respondents, checked.

        Parameters
        ----------
        items : (n, k) answers to k items, NaN where there is none; a DataFrame names them. wave :
            (n,) label of the wave, such as 2012 and 2016. treated : (n,) 0 or 1. weight : (n,)
            positive; ones when everyone had the same chance. stratum, cluster : (n,) labels of the
            stratum and the primary sampling unit; without them all are one stratum and each person
            (or row) is a unit. fpc : (n,) units in the population of the stratum, or the share
            drawn when all are 1 or less. low, high : range of the items, one number or k;
            infinite for a measure without bounds. after : label of the
            first wave after the start; the second of two where not given. order : every wave,
            first to last, where neither a calendar nor numbers say it ("before", "after"). area :
            (n,) neighborhood. person : (n,) identity in a panel. traits : by name, (n,) numbers or
            text. strata : every stratum of the design, so that an empty one is noticed. lonely :
            what to do with a stratum of one unit (`taylor.Design`).

        Raises
        ------
        DataError : listing what is wrong, each with its respondent counted from 1.
        """
        if lonely not in get_args(Lonely):
            known = get_args(Lonely)
            raise DataError(fact("survey.sample.lonely", lonely=lonely, known=known))
        given = {
            "wave": wave,
            "treated": treated,
            "weight": weight,
            "stratum": stratum,
            "cluster": cluster,
            "fpc": fpc,
            "area": area,
            "person": person,
        }
        for name in ("wave", "treated", "weight"):
            if given[name] is None:
                key = "no-weight" if name == "weight" else "missing"
                raise DataError(fact(f"survey.sample.{key}", name=name))
        more = by_name("traits", traits)
        rows = Rows.of("items", items, (*given.values(), *more.values()))
        answers = one_per_row.table("items", rows.placed("items", items))
        n, k = answers.shape
        called = _names(items, names, k)
        bounds = _bounds("low", low, k), _bounds("high", high, k)
        if (bounds[0] >= bounds[1]).any():
            raise DataError(fact("survey.sample.range"))
        columns = {
            name: one_per_row.cells(name, rows.placed(name, v))
            for name, v in given.items()
            if v is not None
        }
        columns.setdefault("stratum", np.zeros(n, int))
        extra = {
            name: one_per_row.cells(name, rows.placed(name, values))
            for name, values in more.items()
        }
        _same_length(n, called, k, {**columns, **extra})
        if "cluster" not in columns:
            columns["cluster"] = columns.get("person", np.arange(n))
        for name in ("wave", "stratum", "cluster", "area", "person"):
            if name in columns:
                columns[name] = one_per_row.labels(name, columns[name])[0].astype(str)
                if name != "person":
                    one_per_row.one_spelling(name, columns[name])
        faults = found(answers, called, bounds, columns, strata, lonely)
        if faults:
            shown: tuple[Fact, ...] = tuple(fault.what for fault in faults[:SHOWN])
            if len(faults) > SHOWN:
                rest = counted.people(len(faults) - SHOWN)
                shown += (fact("survey.sample.more-faults", more=rest),)
            raise DataError(fact("survey.sample.faults", faults=shown))
        waves = in_order(np.unique(columns["wave"]).tolist(), _order_given(wave, order), after)
        first = _first_after(waves, after)
        flag = numbers_of(columns["treated"]) == 1
        labels, code = np.unique(columns["stratum"], return_inverse=True)
        _, place, unit = np.unique(columns["cluster"], return_index=True, return_inverse=True)
        of_unit = code[place]
        size = np.bincount(of_unit, minlength=len(labels))
        share = np.zeros(len(labels))
        if "fpc" in columns:
            fpc_values = numbers_of(columns["fpc"])
            share[code] = fpc_values if (fpc_values <= 1).all() else size[code] / fpc_values
        sampled = Design(numbers_of(columns["weight"]), unit, of_unit, share, lonely)
        where: tuple[str, ...] = ()
        living = None
        if "area" in columns:
            areas, living = np.unique(columns["area"], return_inverse=True)
            where = tuple(str(area) for area in areas)
        who = np.unique(columns["person"], return_inverse=True)[1] if "person" in columns else None
        return cls(
            answers,
            called,
            bounds[0],
            bounds[1],
            np.array([waves.index(label) for label in columns["wave"].tolist()]),
            waves,
            first,
            flag,
            sampled,
            tuple(str(label) for label in labels),
            living,
            where,
            who,
            {name: _trait(values) for name, values in extra.items()},
        )


def _names(items: Any, names: Sequence[str] | None, k: int) -> tuple[str, ...]:
    if names is not None:
        return (names,) if isinstance(names, str) else tuple(one_per_row.code(one) for one in names)
    if columns := one_per_row.columns_of(items):
        return tuple(one_per_row.code(one) for one in columns)
    return tuple(f"item{j + 1}" for j in range(k))


def _bounds(name: str, given: Any, k: int) -> np.ndarray:
    """(k,) the bound of each item."""
    values = one_per_row.numbers(name, np.ravel(np.array(given, dtype=object)))
    if len(values) not in (1, k) or np.isnan(values).any():
        raise DataError(fact("survey.sample.bounds", name=name, items=k))
    return np.broadcast_to(values, k)


def _order_given(wave: Any, order: Sequence[Any] | None) -> Sequence[Any] | None:
    """The order of the waves: that given, or of an ordered pandas Categorical."""
    if order is not None:
        if isinstance(order, str) or not isinstance(order, Iterable):
            raise DataError(fact("survey.sample.order"))
        return list(order)
    kind: Any = getattr(wave, "dtype", None)
    return list(kind.categories) if getattr(kind, "ordered", False) else None


def _same_length(n: int, names: Sequence[str], k: int, columns: Mapping[str, np.ndarray]) -> None:
    if n == 0:
        raise DataError(fact("survey.sample.nobody"))
    if len(names) != k or len(set(names)) != k:
        raise DataError(fact("survey.sample.names", items=k, given=tuple(names)))
    for name, values in columns.items():
        if len(values) != n:
            there, rows = counted.people(len(values)), counted.people(n)
            raise DataError(fact("survey.sample.lengths", name=name, values=there, rows=rows))


def _first_after(waves: tuple[str, ...], after: Any) -> int:
    """Number of the first wave after the start."""
    if after is None:
        if len(waves) != 2:
            raise DataError(fact("survey.sample.which-after", waves=len(waves)))
        return 1
    label = one_per_row.code(after)
    place = waves.index(label) if label in waves else 0
    if place == 0:
        raise DataError(fact("survey.sample.after", after=label, waves=waves))
    return place


def _trait(values: np.ndarray) -> np.ndarray:
    """Numbers as floats, anything else as text with "" for what is missing; whole numbers that no
    float holds are codes, and stay text."""
    large = values.dtype.kind in "iu" and bool((np.abs(values) > one_per_row.EXACT).any())
    if values.dtype.kind in "biuf" and not large:
        return values.astype(float)
    text = one_per_row.labels("trait", values)[0].astype(str)
    one_per_row.one_spelling("trait", text)
    return text
