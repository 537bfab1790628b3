"""What becomes of each row: counted, dropped for one reason, or one of several with its id.

Rows that share an id are versions of one row, or several victims of one incident. The number of
each is taken in the form in which numbers are compared.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final
from zlib import crc32

import numpy as np

from evaluation.data import period
from evaluation.data.incidents.naming import read_again, text_of_column
from evaluation.data.incidents.recipe import Recipe
from evaluation.data.incidents.recipe_checks import says_victims
from evaluation.data.incidents.scan import Scan, wanted_columns
from evaluation.data.incidents.store import (
    BEFORE,
    FIRST_UNIT,
    LATE,
    NEAR_THE_START,
    NO_REPORT,
    NO_UNIT,
    UNKNOWN,
    Groups,
    Shared,
)
from evaluation.data.labels import lost_digits, normal, quoted
from evaluation.data.toml_places import did_you_mean
from evaluation.errors import DataError, Fault

if TYPE_CHECKING:
    import pyarrow


_TIME: Final = re.compile(r"\d{4}-\d\d-\d\d|\d{1,2}/\d{1,2}/\d{4}")
# Columns named in a message.
MOST_NAMED = 4


@dataclass(frozen=True, slots=True)
class Row:
    """A row read again. place : file:line. cells : by column."""

    place: str
    cells: Mapping[str, str]

    def form(self, column: str) -> str:
        """Normal form of one of its cells."""
        return normal(self.cells.get(column, ""))


@dataclass(frozen=True, slots=True)
class Repeated:
    """What the rows of some ids say of each other.

    Parameters
    ----------
    looked_at : ids. columns : in how many of them each column differs, the most first.
    unnamed : ids whose rows differ, but in no column that the recipe names and in no time.
    numbering : a column that the recipe does not name and in which all rows of each id differ.
    example : two rows and what they hold, in words; "" where none differ.
    """

    looked_at: int
    columns: Mapping[str, int]
    unnamed: int
    numbering: str
    example: str


def looked_at(shared: Sequence[Shared], scans: Sequence[Scan], recipe: Recipe) -> Repeated:
    """How the rows of these ids differ, by their cells in the files.

    Only rows near the start of a file are read again.
    """
    named = set(wanted_columns(recipe))
    near = [one for one in shared if max(one.rows) <= NEAR_THE_START]
    places = [list(zip(one.files, one.rows, strict=True)) for one in near]
    again = read_again(scans, [place for group in places for place in group])
    columns, numbering, unnamed, example = Counter[str](), Counter[str](), 0, ""
    for group in places:
        rows = [
            Row(again[place][0], dict(zip(scans[place[0]].header, again[place][1], strict=False)))
            for place in group
        ]
        differ = [name for name in rows[0].cells if len({row.form(name) for row in rows}) > 1]
        others = [name for name in differ if name not in named]
        columns.update(differ)
        # A row written at another time is a version of the other.
        versions = any(_TIME.match(row.form(name)) for name in others for row in rows)
        unnamed += bool(differ) and len(others) == len(differ) and not versions
        numbering.update(
            name for name in others if len({row.form(name) for row in rows}) == len(rows)
        )
        if differ and not example:
            example = _example(rows, (others or differ)[0], private=recipe.private)
    everywhere = [name for name, count in numbering.items() if count == len(places)]
    ordered = dict(sorted(columns.items(), key=lambda pair: (-pair[1], pair[0])))
    return Repeated(len(places), ordered, unnamed, everywhere[0] if everywhere else "", example)


def _example(rows: Sequence[Row], column: str, *, private: bool) -> str:
    pair = next(pair for pair in pairwise(rows) if pair[0].form(column) != pair[1].form(column))
    held = f" ({column} {quoted(pair[0].cells.get(column, ''))} and "
    held += f"{quoted(pair[1].cells.get(column, ''))})"
    return f"{pair[0].place} and {pair[1].place}{'' if private else held}"


def refuse_lost_victims(found: Repeated, dropped: int, recipe: Recipe) -> None:
    """Raises when other victims of an incident would be dropped as other rows of its id.

    Their rows differ, but neither in place, day and category nor in when they were reported, so
    they are no versions of one row.
    """
    table = recipe.table
    victims = [one.measure for one in table.outcomes.values() if says_victims(one.measure)]
    declared = table.incidents.row == "victim"
    if not dropped or not victims or not found.unnamed:
        return
    if table.incidents.row == "incident" or (declared and table.duplicates.keep != "refuse"):
        return
    message = (
        f"{recipe.many(dropped, 'row')} would be dropped as other rows of an id, but "
        f"{victims[0]!r} counts victims, and rows of one id differ: {found.example}. "
        f"{remedy(found, recipe)}"
    )
    raise DataError(recipe.located.fault(("incidents", "id"), message))


def remedy(found: Repeated, recipe: Recipe) -> str:
    """What to write, whichever the rows are."""
    ids = [*recipe.ids, found.numbering or "<the number of the victim>"]
    listed = ", ".join(f'"{name}"' for name in ids)
    none = 'leave out id and say duplicates.keep = "all"'
    by_number = f"say id = [{listed}]" if found.numbering else f"say id = [{listed}], or {none}"
    if found.numbering:
        by_number += f" (or {none})"
    as_one = 'say row = "incident" and measure incidents'
    if recipe.table.incidents.row == "victim":
        return f"Where each row is a victim, {by_number}."
    return (
        f'Where each row is a victim, say row = "victim" and {by_number.removeprefix("say ")}. '
        f"Where an id is one incident that counts once, {as_one}."
    )


def told(found: Repeated, dropped: int, recipe: Recipe) -> Iterator[str]:
    """Sentences on rows that were dropped beside another of their id."""
    row, outcomes = recipe.table.incidents.row, recipe.table.outcomes.values()
    victims = any(says_victims(one.measure) for one in outcomes)
    lost = recipe.many(dropped, "row")
    if not dropped:
        return
    if not found.columns:
        if victims:
            alike = "; rows looked at are alike in all columns" if found.looked_at else ""
            yield (
                f"{lost} left out beside another of the same {recipe.id_name}{alike}: listed "
                f"twice, or other victims? {remedy(found, recipe)}"
            )
        return
    named = list(found.columns.items())
    private = recipe.private
    which = ", ".join(
        name if private else f"{name} ({count})" for name, count in named[:MOST_NAMED]
    )
    more = f" and {len(named) - MOST_NAMED} more columns" if len(named) > MOST_NAMED else ""
    yield (
        f"{lost} left out beside another of the same {recipe.id_name}; of "
        f"{recipe.many(found.looked_at, 'such id')} looked at, rows differ in {which}{more}, as in "
        f"{found.example}"
    )
    if row is None and (found.unnamed or victims):
        yield f"is each row an incident or a victim? {remedy(found, recipe)}"
    elif row == "victim" and found.unnamed:
        yield f"an id may be of several victims. {remedy(found, recipe)}"


# Between the parts of an id of several columns; no cell of a table holds it.
BETWEEN: Final = "\x1f"


def id_columns(
    batch: pyarrow.RecordBatch, names: Sequence[str], shown: str, *, private: bool
) -> tuple[Any, np.ndarray]:
    """The ids of a batch in normal form but for their case, and where that is no plain writing.

    Parameters
    ----------
    names : of the columns that are the id together. shown : the file in messages.

    Returns
    -------
    Texts, NULL where a part is blank, and (n,) numbers of 16 bits: 0 where the cell is written as
    most are, and otherwise one that stands for the way it is written.

    Raises
    ------
    DataError : for an id that lost its last digits on the way through a spreadsheet.
    """
    from pyarrow import compute

    parts, odd = [], np.zeros(batch.num_rows, dtype=np.uint16)
    for name in names:
        column = text_of_column(batch.column(name), shown, name)
        part, strange = _plainly(column, shown, name, private=private)
        parts.append(part)
        odd ^= strange
    return (parts[0] if len(parts) == 1 else compute.binary_join_element_wise(*parts, BETWEEN)), odd


def _plainly(column: Any, shown: str, name: str, *, private: bool) -> tuple[Any, np.ndarray]:
    """One column of ids; only what is not plain ASCII, or may be a decimal number, is looked at."""
    import pyarrow
    from pyarrow import compute

    text = compute.utf8_trim_whitespace(column).fill_null("")
    look = compute.invert(compute.ascii_is_printable(text))
    for sign in (".", "  ", "E+", "e+"):
        look = compute.or_(look, compute.match_substring(text, sign))
    odd = np.zeros(len(text), dtype=np.uint16)
    places = np.flatnonzero(look.to_numpy(zero_copy_only=False))
    if places.size:
        values = text.to_pylist()
        for place in places.tolist():
            value = values[place]
            if lost_digits(value):
                raise _lost(value, shown, name, private=private)
            form = normal(value)
            if form != value.lower():
                values[place] = form
                odd[place] = crc32(value.encode("utf-8", "surrogatepass")) & 0xFFFF | 1
        text = pyarrow.array(values, pyarrow.string())
    return compute.if_else(compute.equal(text, ""), None, text), odd


def _lost(value: str, shown: str, name: str, *, private: bool) -> DataError:
    example = "" if private else f" such as {quoted(value)}"
    message = (
        f"column {name!r} holds numbers{example} that lost their last digits in a spreadsheet or a "
        "floating-point column. Export it again as text."
    )
    return DataError(Fault(shown, None, None, message))


# In the order in which they are judged: a row is dropped for the first that applies.
REASONS: Final[Mapping[str, str]] = {
    "unreadable": "could not be read",
    "duplicate": "other rows of an incident that is kept once",
    "no_date": "without a date",
    "other_category": "of no category that is counted",
    "no_unit": "without a place, group or person",
    "unknown_unit": "in no unit of the panel",
    "outside_coverage": "outside the coverage",
    "no_report_date": "without a date of report, which the late-report rule needs",
    "late": "reported too late to compare periods",
}
MOST_CELLS: Final = 50_000_000


@dataclass(frozen=True, slots=True)
class Counted:
    """A panel and what did not come into it.

    Parameters
    ----------
    units : (N,) names, sorted. windows : (N, 2) first and last ordinal of each.
    values : (N, T, K) counts of each outcome from the earliest first on; what is outside a unit's
        window is 0 and is not written. kept : rows counted in at least one outcome.
    dropped : rows by reason. before : kept rows reported before the day they happened.
    """

    units: tuple[str, ...]
    windows: np.ndarray
    values: np.ndarray
    kept: int
    dropped: Mapping[str, int]
    before: int


def count(
    groups: Groups,
    recipe: Recipe,
    names: Sequence[str],
    *,
    cut: int | None,
    unreadable: int,
    duplicates: int,
) -> Counted:
    """The panel of the kept rows.

    Parameters
    ----------
    names : of units, sorted; `groups.unit` counts from FIRST_UNIT in them. cut : last ordinal that
        is complete under the late-report rule, or None.

    Raises
    ------
    DataError : when nothing is left, or a window names a unit that is not there.
    """
    table = recipe.table
    index = groups.unit - FIRST_UNIT
    windows = _windows(recipe, names, cut)
    own = windows[np.maximum(index, 0)] if len(names) else np.zeros((index.size, 2), dtype=int)
    applies = {
        "no_date": ~groups.dated,
        "other_category": groups.outcomes == 0,
        "no_unit": groups.unit == NO_UNIT,
        "unknown_unit": groups.unit == UNKNOWN,
        "outside_coverage": (groups.period < own[:, 0]) | (groups.period > own[:, 1]),
        "no_report_date": groups.late == NO_REPORT,
        "late": groups.late == LATE,
    }
    left = np.ones(index.size, dtype=bool)
    dropped = {"unreadable": unreadable, "duplicate": duplicates}
    for reason, mask in applies.items():
        dropped[reason] = int(groups.count[left & mask].sum())
        left &= ~mask
    kept = int(groups.count[left].sum())
    if kept == 0:
        raise DataError(f"{recipe.located.file}: no incident is left. {_why(dropped, recipe)}")
    chosen = _chosen(recipe, names, index[left])
    place = np.full(len(names), -1)
    place[chosen] = np.arange(chosen.size)
    start, end = int(windows[chosen, 0].min()), int(windows[chosen, 1].max())
    shape = (chosen.size, end - start + 1, len(table.outcomes))
    if shape[0] * shape[1] > MOST_CELLS:
        message = f"{shape[0]:,} units by {shape[1]:,} {table.period}s are too many to hold."
        raise DataError(recipe.located.fault(("units", "which"), message))
    values = np.zeros(shape, dtype=np.int64)
    rows, columns = place[index[left]], groups.period[left] - start
    for number in range(shape[2]):
        counted = np.where(groups.outcomes[left] >> number & 1, groups.count[left], 0)
        np.add.at(values[:, :, number], (rows, columns), counted)
    before = int(groups.count[left & (groups.late == BEFORE)].sum())
    units = tuple(names[k] for k in chosen)
    return Counted(units, windows[chosen], values, kept, dropped, before)


def _windows(recipe: Recipe, names: Sequence[str], cut: int | None) -> np.ndarray:
    """(N, 2) first and last ordinal of each unit, cut where reports are not complete."""
    windows = np.tile(np.array(recipe.window()), (len(names), 1))
    index = {normal(name): number for number, name in enumerate(names)}
    for position, window in enumerate(recipe.table.coverage.windows):
        for unit in window.units:
            if normal(unit) not in index:
                near = "" if recipe.private else did_you_mean(unit, list(names)[:1000])
                message = f"no unit {unit!r} in the data.{near}"
                key = ("coverage", "windows", position, "units")
                raise DataError(recipe.located.fault(key, message))
    for unit, ends in recipe.windows().items():
        windows[index[unit]] = ends
    if cut is None:
        return windows
    after = np.flatnonzero(windows[:, 1] > cut)
    written = period.text(cut, recipe.table.period)
    if after.size and recipe.table.late and recipe.table.late.edge == "refuse":
        message = f"reports are complete until {written} only. End the coverage there."
        raise DataError(recipe.located.fault(("coverage", "last"), message))
    windows[:, 1] = np.minimum(windows[:, 1], cut)
    empty = np.flatnonzero(windows[:, 1] < windows[:, 0])
    if empty.size:
        message = f"{names[empty[0]]!r} has no period with complete reports (until {written})."
        raise DataError(recipe.located.fault(("coverage",), message))
    return windows


def _chosen(recipe: Recipe, names: Sequence[str], found: np.ndarray) -> np.ndarray:
    """Indices of the units that the panel has."""
    if recipe.table.units.which == "found":
        return np.unique(found)
    return np.arange(len(names))


def _why(dropped: Mapping[str, int], recipe: Recipe) -> str:
    most = max(dropped, key=lambda reason: dropped[reason])
    told = f"Most rows ({recipe.few(dropped[most])}) are {REASONS[most]}."
    if most == "unknown_unit" and recipe.table.units.polygons:
        return f"{told} Are longitude and latitude exchanged?"
    return told
