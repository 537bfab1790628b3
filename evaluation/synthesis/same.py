"""Which results are about one place, one outcome and the same events: by ids and periods.

Names do not tell: "Oakland" and "Oakland, Calif." are one city, and there are several Oaklands. A
name decides only where the id of one of the two is not declared.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence

from evaluation.data.labels import drawn
from evaluation.data.period import span
from evaluation.study.evidence import Evidence
from evaluation.study.outcome_kinds import kind_of, same_outcome, window_of

_WEEK = re.compile(r"\d{4}-W\d{2}(?:-\d)?")
_PERIOD = re.compile(r"(\d{4})(?:-Q([1-4])|-(\d{2})(?:-\d{2})?)?")

# First and last month, counted from year 0.
Months = tuple[int, int]


def clusters(places: Sequence[tuple[Collection[str], str]]) -> tuple[int, ...]:
    """For each result the number of its cluster; those of one cluster share a place.

    Results share a place that share an id. One without an id is of one place with all of the same
    name, whatever their ids: that they differ is not known, and dependent results that are taken
    to be independent look too sure.

    Parameters
    ----------
    places : for each result the ids of its places, and its name.

    Examples
    --------
    >>> clusters([(["us-ca-oakland"], "Oakland"), (["us-ca-oakland"], "Oakland, Calif.")])
    (0, 0)
    >>> clusters([(["us-ca-oakland"], "Oakland"), (["us-tn-oakland"], "Oakland")])
    (0, 1)
    """
    leader = list(range(len(places)))

    def lead(one: int) -> int:
        while leader[one] != one:
            one = leader[one]
        return one

    def join(one: int, other: int) -> None:
        low, high = sorted((lead(one), lead(other)))
        leader[high] = low

    with_id: dict[str, int] = {}
    named: dict[str, list[int]] = {}
    for index, (ids, name) in enumerate(places):
        named.setdefault(drawn(name), []).append(index)
        for place in ids:
            join(with_id.setdefault(place, index), index)
    for alike in named.values():
        for index in alike:
            if not places[index][0]:
                for other in alike:
                    join(index, other)
    numbers: dict[int, int] = {}
    return tuple(numbers.setdefault(lead(index), len(numbers)) for index in range(len(places)))


def place_ids(study: Evidence) -> tuple[str, ...]:
    """The ids of all places of which a study has data, each once."""
    named = (study.data.unit, *study.data.units)
    found = dict.fromkeys(study.data.provenance.place_of(unit) for unit in named)
    return tuple(place for place in found if place)


def own_id(study: Evidence, unit: str) -> str:
    """The id of a unit that is a place of its own; "" for one of several parts of a place."""
    place, alone = _units(study).get(unit, ("", False))
    return place if alone else ""


def common_units(one: Evidence, other: Evidence) -> tuple[str, ...]:
    """The units of both studies, by the names that the first has for them.

    Two units are one when they have one id that no other unit of their study has, or one name and
    no ids that differ.
    """
    theirs = _units(other)
    ours = _units(one)
    by_id = {place: unit for unit, (place, alone) in theirs.items() if place and alone}
    by_name = {drawn(unit): unit for unit in theirs}
    return tuple(
        unit
        for unit, (place, alone) in ours.items()
        if (alone and place in by_id) or _named_alike(unit, place, by_name, theirs)
    )


def _named_alike(
    unit: str,
    place: str,
    by_name: Mapping[str, str],
    theirs: Mapping[str, tuple[str, bool]],
) -> bool:
    name = by_name.get(drawn(unit))
    return name is not None and (theirs[name][0] == place or not (theirs[name][0] and place))


def _units(study: Evidence) -> dict[str, tuple[str, bool]]:
    """Each unit with its id, and whether no other unit of the study has that id."""
    found = {unit: study.data.provenance.place_of(unit) for unit in study.data.units}
    times = Counter(found.values())
    return {unit: (place, times[place] == 1) for unit, place in found.items()}


def common_events(one: Evidence, other: Evidence) -> tuple[tuple[str, tuple[str, str]], ...]:
    """The kinds of events that both studies count in places, each with the first and last month in
    which both use outcomes of it."""
    if not all(study.about.of_places for study in (one, other)):
        return ()
    kinds: dict[str, tuple[str, tuple[str, str]]] = {}
    for outcome in one.outcomes:
        for its in other.outcomes:
            covered = common_months(window_of(one, outcome), window_of(other, its))
            if covered is not None and same_outcome(one, outcome, other, its):
                kind = kind_of(one, outcome)
                kinds.setdefault(drawn(kind), (kind, covered))
    return tuple(kinds.values())


def common_months(one: tuple[str, str], other: tuple[str, str]) -> tuple[str, str] | None:
    """First and last month that both cover; None when they do not meet or are not dated.

    Parameters
    ----------
    one, other : first and last period of each, as written.
    """
    spans = months(*one), months(*other)
    if spans[0] is None or spans[1] is None:
        return None
    first, last = max(spans[0][0], spans[1][0]), min(spans[0][1], spans[1][1])
    return None if first > last else (_month_text(first), _month_text(last))


def months(first: str, last: str) -> Months | None:
    """First and last month of a window, counted from year 0; None when it is not dated."""
    begin, end = (_PERIOD.match(_month_of(text, k)) for k, text in enumerate((first, last)))
    if not begin or not end:
        return None
    return _bounds(begin)[0], _bounds(end)[1]


def _month_of(written: str, end: int) -> str:
    """The month of the first (0) or last (1) day of a week; any other period as it is."""
    return span(written)[end].isoformat() if _WEEK.fullmatch(written) else written


def of_years(written: str) -> tuple[str, str]:
    """First and last period of years like 2009-2016, or 2014; two times "" without them."""
    first, _, last = written.partition("-")
    return first, last or first


def _bounds(match: re.Match[str]) -> Months:
    year = 12 * int(match[1])
    if match[2]:
        begin = year + 3 * (int(match[2]) - 1)
        return begin, begin + 2
    if match[3]:
        month = year + int(match[3]) - 1
        return month, month
    return year, year + 11


def _month_text(month: int) -> str:
    return f"{month // 12:04d}-{month % 12 + 1:02d}"


def undeclared(studies: Sequence[Evidence]) -> Iterator[str]:
    """The studies that name a place without its id, while another names one with: whether the two
    are one place is not known."""
    declared = [bool(place_ids(study)) for study in studies]
    for study, known in zip(studies, declared, strict=True):
        if not known and any(declared):
            yield study.slug
