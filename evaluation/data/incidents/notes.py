"""What the user of a panel should know beside its numbers, in sentences; never more than a few."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from evaluation.data import period
from evaluation.data.incidents.coding import BLANK, OTHER, Coder
from evaluation.data.incidents.count import Counted
from evaluation.data.incidents.recipe import FEWEST_TOLD, Recipe
from evaluation.data.incidents.store import Store, Valued
from evaluation.data.labels import NO_VALUE, alike, drawn, normal, quoted, scripts
from evaluation.errors import DataError

SHOWN: Final = 5
# How improbable a silent end must be, with so many labels looked at, and how many incidents must
# have been seen to say anything.
IMPROBABLE, EXPECTED_BY_CHANCE, LEAST_SEEN = 0.02, 0.5, 4
_DAY_ONE: Final = datetime.date(1800, 1, 1)


@dataclass(frozen=True, slots=True)
class Condition:
    """The values of one column that chooses outcomes.

    Parameters
    ----------
    counted : normal forms of the values that an outcome asks for.
    spellings : of each value by its normal form, the rows with each spelling.
    blank : rows without a value. other : rows with one of more values than are told apart.
    """

    column: str
    counted: frozenset[str]
    spellings: Mapping[str, Mapping[str, Valued]]
    blank: int
    other: int

    def rows(self, form: str) -> int:
        """Rows with a value."""
        return sum(one.rows for one in self.spellings[form].values())

    def summary(self) -> dict[str, int]:
        """Rows by what becomes of them, for the account."""
        counted = sum(self.rows(form) for form in self.spellings if form in self.counted)
        every = sum(self.rows(form) for form in self.spellings) + self.other
        return {"counted": counted, "not_counted": every - counted, "no_value": self.blank}


def conditions(store: Store, coder: Coder, recipe: Recipe) -> list[Condition]:
    """The values of each column that chooses outcomes."""
    first, last = _days(recipe)
    found = []
    for number, (column, names) in enumerate(coder.values.items()):
        values = store.values(number, first, last)
        spellings: dict[str, dict[str, Valued]] = {}
        for code, valued in sorted(values.items()):
            if code not in (BLANK, OTHER):
                spellings.setdefault(normal(names[code]), {})[names[code]] = valued
        wanted = {normal(one) for where in recipe.filters() for one in where.get(column, ())}
        blank, other = (values[code].rows if code in values else 0 for code in (BLANK, OTHER))
        found.append(Condition(column, frozenset(wanted), spellings, blank, other))
    return found


def of_conditions(found: Sequence[Condition], recipe: Recipe) -> Iterator[str]:
    """What is counted under several spellings, what is not counted, and what starts or stops."""
    for one in found:
        if one.blank:
            rows = recipe.many(one.blank, "row")
            yield f"{one.column}: {rows} without a value, which no outcome counts"
        for form in sorted(one.counted & set(one.spellings)):
            if len(one.spellings[form]) > 1:
                yield _together(one, form, recipe)
        yield from _not_counted(one, recipe)
        yield from _mixed(one, recipe)
        yield from _ends_of_values(one, recipe)


def _together(one: Condition, form: str, recipe: Recipe) -> str:
    spelled = one.spellings[form]
    if recipe.private:
        return f"{one.column}: a value counts in {len(spelled)} spellings as one"
    ordered = sorted(spelled, key=lambda name: (-spelled[name].rows, name))
    told = [f"{quoted(name)} ({_span(spelled[name], recipe)})" for name in ordered[:SHOWN]]
    return f"{one.column}: counted as one value: {_listed(told, len(ordered))}"


def _not_counted(one: Condition, recipe: Recipe) -> Iterator[str]:
    left = {form: one.rows(form) for form in one.spellings if form not in one.counted}
    rows = sum(left.values()) + one.other
    if not rows:
        return
    if recipe.private:
        yield f"{one.column}: {recipe.many(rows, 'row')} with a value that no outcome counts"
        return
    ordered = sorted(left, key=lambda form: (-left[form], form))
    told = [f"{quoted(_name(one, form))} ({_part(one, form, recipe)})" for form in ordered[:SHOWN]]
    rest = rows - sum(left[form] for form in ordered[:SHOWN])
    more = f" and {len(ordered) - SHOWN:,} more values ({rest:,})" if rest else ""
    if one.other:
        more = f" and more ({rest:,})"
    counted = recipe.many(rows, "row")
    yield f"{one.column}: {counted} with a value that no outcome counts: {', '.join(told)}{more}"


def _part(one: Condition, form: str, recipe: Recipe) -> str:
    """Rows with a value, and the periods they are from where it starts or stops."""
    rows = f"{one.rows(form):,}"
    seen, ends = _seen(one, form, recipe)
    if not seen or not list(_silent("", seen, ends, recipe.window(), 1, recipe)):
        return rows
    first, last = (period.text(end, recipe.table.period) for end in ends)
    return f"{rows}, {first} to {last}"


def _seen(one: Condition, form: str, recipe: Recipe) -> tuple[int, tuple[int, int]]:
    """Rows with a value inside the coverage, and the first and last period of them."""
    inside = [valued for valued in one.spellings[form].values() if valued.inside]
    if not inside:
        return 0, (0, 0)
    return sum(valued.inside for valued in inside), (
        min(_ordinal(valued.first, recipe) for valued in inside),
        max(_ordinal(valued.last, recipe) for valued in inside),
    )


def _name(one: Condition, form: str) -> str:
    spelled = one.spellings[form]
    return min(spelled, key=lambda name: (-spelled[name].rows, name))


def _mixed(one: Condition, recipe: Recipe) -> Iterator[str]:
    """Values that look like a counted one, or mix letters of several scripts."""
    if recipe.private:
        return
    looks = {drawn(form) for form in one.counted}
    told = []
    for form in sorted(one.spellings):
        name = _name(one, form)
        if form not in one.counted and drawn(form) in looks:
            told.append(f"{quoted(name)} ({one.rows(form):,}) looks like a counted value, but is")
        elif scripts(name):
            told.append(f"{quoted(name)} ({one.rows(form):,})")
    for words in told[:SHOWN]:
        letters = "" if words.endswith(" is") else " mixes letters of several alphabets"
        yield f"{one.column}: {words}{letters or ' written with letters of another alphabet'}"
    if len(told) > SHOWN:
        yield f"{one.column}: {len(told) - SHOWN:,} more values mix letters of several alphabets"


def _ends_of_values(one: Condition, recipe: Recipe) -> Iterator[str]:
    first, last = recipe.window()
    told: list[tuple[float, str]] = []
    for form in sorted(one.counted & set(one.spellings)):
        seen, ends = _seen(one, form, recipe)
        if not seen:
            continue
        name = "a value" if recipe.private else quoted(_name(one, form))
        told += _silent(name, seen, ends, (first, last), len(one.counted), recipe)
    yield from _most_improbable(f"{one.column}: ", told)


def of_units(coder: Coder, counted: Counted, recipe: Recipe) -> Iterator[str]:
    """Units under several spellings, units that look alike, and words for no unit."""
    private = recipe.private
    units = set(counted.units)
    groups = [
        (name, spelled)
        for name, spelled in zip(coder.names(), coder.units.groups(), strict=True)
        if name in units and set(spelled) - {name}
    ]
    column = recipe.table.units.column or recipe.unit_column
    groups.sort(key=lambda group: (-sum(group[1].values()), group[0]))
    several = [group for group in groups if len(group[1]) > 1]
    for name, spelled in [] if private else several[:SHOWN]:
        ordered = sorted(spelled, key=lambda one: (-spelled[one], one))
        told = [f"{quoted(one)} ({recipe.many(spelled[one], 'row')})" for one in ordered[:SHOWN]]
        yield f"{column}: counted as one unit, {quoted(name)}: {_listed(told, len(ordered))}"
    if (more := len(several) - (0 if private else SHOWN)) > 0:
        noun = "unit" if private else "more unit"
        yield f"{column}: {recipe.many(more, noun)} spelled in several ways"
    renamed = [group for group in groups if len(group[1]) == 1]
    if renamed and not private:
        name, spelled = renamed[0]
        also = f" and {len(renamed) - 1:,} more alike" if len(renamed) > 1 else ""
        yield f"{column}: {quoted(next(iter(spelled)))} is called {quoted(name)}{also}"
    if recipe.table.units.which == "found":
        yield from _no_names(column, counted.units, recipe)
    yield from _only_zeros(column, counted.units, recipe)
    if private:
        return
    mixed = [name for name in counted.units if scripts(name)]
    for name in mixed[:SHOWN]:
        yield f"{column}: unit {quoted(name)} mixes letters of {' and '.join(scripts(name))}"


def _no_names(column: str, units: Sequence[str], recipe: Recipe) -> Iterator[str]:
    """Units whose name is what programs and people write where there is none."""
    found = [name for name in units if normal(name) in NO_VALUE]
    if not found:
        return
    which = "a unit"
    if not recipe.private:
        which = f"unit{'s' * (len(found) > 1)} {_listed(_quoted(found), len(found))}"
    yield f"{column}: {which} may be a word for rows without a unit"


def _only_zeros(column: str, units: Sequence[str], recipe: Recipe) -> Iterator[str]:
    """Units whose numbers differ only in zeros before them, as when a spreadsheet drops these."""
    groups: dict[str, list[str]] = {}
    for name in units:
        form = normal(name)
        if form[:1].isdigit():
            groups.setdefault(form.lstrip("0") or "0", []).append(name)
    pairs = [names for names in groups.values() if len(names) > 1]
    if not pairs:
        return
    which = "several"
    if not recipe.private:
        told = [" and ".join(_quoted(names)) for names in pairs[:SHOWN]]
        which = _listed(told, len(pairs))
    words = "units that differ only in the zeros they begin with count apart"
    yield f"{column}: {words}: {which}; are they one?"


def _quoted(names: Sequence[str]) -> list[str]:
    return [quoted(name) for name in names[:SHOWN]]


def of_polygons(names: Sequence[str], recipe: Recipe) -> Iterator[str]:
    """Polygons that are one unit although their names are written in several ways."""
    groups: dict[str, list[str]] = {}
    for name in dict.fromkeys(names):
        groups.setdefault(normal(name), []).append(name)
    several = [group for group in groups.values() if len(group) > 1]
    if several:
        told = [" and ".join(_quoted(group)) for group in several[:SHOWN]]
        which = "" if recipe.private else f": {_listed(told, len(several))}"
        yield f"{recipe.unit_column}: polygons spelled in several ways are one unit{which}"


def refuse_alike(coder: Coder, counted: Counted, recipe: Recipe) -> None:
    """Raises with units that nobody can tell apart, since their letters are of two alphabets."""
    groups = alike(counted.units)
    if not groups:
        return
    key = ("units", "column" if recipe.table.units.column else "polygons")
    rows = dict(zip(coder.names(), map(_total, coder.units.groups()), strict=True))
    told = [f"{quoted(name)} ({recipe.many(rows[name], 'row')})" for name in groups[0]]
    which = "units look alike" if recipe.private else f"{' and '.join(told)} look alike"
    message = (
        f"{which}, but their letters are of two alphabets. Write one name for one unit in the "
        "files, or names that can be told apart."
    )
    raise DataError(recipe.located.fault(key, message))


def _total(spelled: Mapping[str, int]) -> int:
    return sum(spelled.values())


def of_strangers(coder: Coder, recipe: Recipe) -> Iterator[str]:
    """Units in the files that the recipe does not list."""
    strangers = coder.units.strangers()
    if not strangers or recipe.private:
        return
    ordered = sorted(strangers, key=lambda name: (-strangers[name], name))
    told = [f"{quoted(name)} ({recipe.many(strangers[name], 'row')})" for name in ordered[:SHOWN]]
    yield f"not a unit of the panel: {_listed(told, len(ordered))}"


def ends_of_units(counted: Counted, recipe: Recipe) -> Iterator[str]:
    """Units whose incidents start or stop inside their window as they hardly would by chance."""
    start = int(counted.windows[:, 0].min())
    by_period = counted.values.sum(axis=2)
    told: list[tuple[float, str]] = []
    for row, unit in enumerate(counted.units):
        some = np.flatnonzero(by_period[row])
        if not some.size:
            continue
        ends = (start + int(some[0]), start + int(some[-1]))
        window = (int(counted.windows[row, 0]), int(counted.windows[row, 1]))
        name = "a unit" if recipe.private else f"unit {quoted(unit)}"
        seen = int(by_period[row].sum())
        told += _silent(name, seen, ends, window, len(counted.units), recipe)
    yield from _most_improbable("", told)


def _silent(
    name: str,
    seen: int,
    ends: tuple[int, int],
    window: tuple[int, int],
    labels: int,
    recipe: Recipe,
) -> Iterator[tuple[float, str]]:
    """How improbable each silent end is if incidents came evenly, and what to say of it."""
    length = window[1] - window[0] + 1
    limit = min(IMPROBABLE, EXPECTED_BY_CHANCE / max(labels, 1))
    frequency = recipe.table.period
    for silent, when, words in (
        (ends[0] - window[0], ends[0], "no incident before"),
        (window[1] - ends[1], ends[1], "no incident after"),
    ):
        chance = (1 - silent / length) ** seen
        if silent > 0 and seen >= LEAST_SEEN and chance < limit:
            told = "" if recipe.private and seen < FEWEST_TOLD else f" ({recipe.few(seen)} in all)"
            yield chance, f"{name} has {words} {period.text(when, frequency)}{told}"


def _most_improbable(prefix: str, told: list[tuple[float, str]]) -> Iterator[str]:
    ordered = sorted(told)
    for _, words in ordered[:SHOWN]:
        yield f"{prefix}{words}; a new name, or a change in what was recorded?"
    if len(ordered) > SHOWN:
        yield f"{prefix}{len(ordered) - SHOWN:,} more start or stop inside the coverage"


def _days(recipe: Recipe) -> tuple[int, int]:
    """First and last day of the whole coverage, counted as in the store."""
    ends = [recipe.window(), *recipe.windows().values()]
    first, after = min(first for first, _ in ends), max(last for _, last in ends) + 1
    frequency = recipe.table.period

    def day(ordinal: int) -> int:
        try:
            return (period.first_day(ordinal, frequency) - _DAY_ONE).days
        except (ValueError, OverflowError):
            # Of a year that the calendar does not have.
            end = datetime.date.min if ordinal < period.PER_YEAR[frequency] else datetime.date.max
            return (end - _DAY_ONE).days

    return day(first), day(after) - 1


def _ordinal(day: int | None, recipe: Recipe) -> int:
    date = _DAY_ONE + datetime.timedelta(days=day or 0)
    return period.holding(date, recipe.table.period, recipe.window()[0])


def _span(valued: Valued, recipe: Recipe) -> str:
    rows = recipe.many(valued.rows, "row")
    if not valued.inside:
        return rows
    first, last = (
        period.text(_ordinal(day, recipe), recipe.table.period)
        for day in (valued.first, valued.last)
    )
    return f"{rows}, {first} to {last}"


def _listed(told: Sequence[str], number: int) -> str:
    more = f" and {number - SHOWN:,} more" if number > SHOWN else ""
    return f"{', '.join(told)}{more}"
