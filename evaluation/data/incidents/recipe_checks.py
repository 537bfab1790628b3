"""What a recipe says, checked for sense: keys that need each other, names, zones, formats, periods.

The checks read what was written, not the validated model, so that one wrong key hides no other
fault. What is of the wrong type is passed over: the model has said so.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping
from itertools import permutations
from typing import Any, Final

from evaluation.data import period
from evaluation.data.description_checks import as_written, period_holding
from evaluation.data.labels import alike, normal, quoted, tidy
from evaluation.data.toml_places import Located, did_you_mean
from evaluation.errors import Fault

# Outcomes are bits of a whole number that is sorted with the rest of a row.
MOST_OUTCOMES: Final = 16
OUTPUTS: Final = (".csv", ".parquet")
# The column of residents that a panel has under [population].
POPULATION: Final = "population"
# What a measure counts is the first of these words in it.
_COUNTED: Final = re.compile(
    r"\b(?:(victims?|victimi[sz]ations?|persons?|people|killed|wounded|injured|casualties|deaths?"
    r"|fatalities|decedents?)|incidents?|events?|cases|calls)\b",
    re.IGNORECASE,
)
# How a measure says in which time its incidents are counted.
_COUNTED_IN: Final = re.compile(
    r"\b(?:a|per|each|every)\s+(day|week|month|quarter|year)\s*$", re.IGNORECASE
)
_PLACE: Final = ("longitude", "latitude", "polygons", "name")
# A day on which month, day and year cannot be taken for one another, nor hour and minute.
_PROBE: Final = datetime.datetime(2003, 2, 1, 16, 5, 7, tzinfo=datetime.UTC)


def meaning_faults(located: Located, recipe_name: str) -> list[Fault]:
    """Every fault in the sense of a recipe, in no order."""
    return [
        *_output_faults(located, recipe_name),
        *_time_faults(located),
        *_unit_faults(located),
        *_population_faults(located),
        *_id_faults(located),
        *_rule_faults(located),
        *_outcome_faults(located),
        *_coverage_faults(located),
        *_recording_faults(located),
    ]


def _table(content: Mapping[str, Any], key: str) -> dict[str, Any]:
    found = content.get(key)
    return found if isinstance(found, dict) else {}


def _text(table: Mapping[str, Any], key: str) -> str:
    found = table.get(key)
    return found if isinstance(found, str) else ""


def _output_faults(located: Located, recipe_name: str) -> Iterator[Fault]:
    output = _text(located.content, "output")
    own = output or f"{recipe_name.split('.')[0]}.csv"
    stem, _, ending = own.rpartition(".")
    if output and (any(char in output for char in "/\\\0\n") or output.startswith(".")):
        yield located.fault(("output",), "must be a file name without folders.")
    elif output and (f".{ending}" not in OUTPUTS or not stem):
        yield located.fault(("output",), f"{output!r} is neither .csv nor .parquet.")
    elif recipe_name in (f"{stem}.dataset.toml", f"{stem}.panel.json", own):
        message = f"the recipe itself is {recipe_name}, which would be overwritten. Rename it."
        yield located.fault(("output",) if output else (), message)


def _time_faults(located: Located) -> Iterator[Fault]:
    from zoneinfo import available_timezones

    time = _table(located.content, "time")
    zone = _text(time, "zone")
    if zone:
        known = available_timezones()
        if zone not in known:
            near = did_you_mean(zone, sorted(known))
            hint = near if near.startswith(" Did") else ' Write it like "America/Los_Angeles".'
            yield located.fault(("time", "zone"), f"{zone!r} is no time zone.{hint}")
    formats = time.get("formats")
    good = []
    for given in formats if isinstance(formats, list) else []:
        if not isinstance(given, str) or not given:
            continue
        if why := _format_fault(given):
            yield located.fault(("time", "formats"), f"{given!r} {why}")
        else:
            good.append(given)
    for one, other in permutations(dict.fromkeys(good), 2):
        try:
            read = datetime.datetime.strptime(_PROBE.strftime(one), other)
        except ValueError:
            continue
        if read.date() != _PROBE.date():
            message = f"{one!r} and {other!r} read one text as two days. Keep one of them."
            yield located.fault(("time", "formats"), message)
            return


def reads_iso_as_another_day(given: str) -> bool:
    """Whether a format takes the month of a date like 2003-02-01 for its day."""
    for iso in ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"):
        try:
            read = datetime.datetime.strptime(_PROBE.strftime(iso), given)
        except ValueError:
            continue
        return read.date() != _PROBE.date()
    return False


def _format_fault(given: str) -> str:
    """Why a format tells no day, or empty."""
    if "%Z" in given:
        return "holds the name of a zone (%Z), which may be of several. Use an offset (%z)."
    if "%z" in given and (given.count("%z") > 1 or not given.endswith("%z")):
        return "must have its offset (%z) once, at the end."
    if "%y" in given:
        return "has a year of two digits, which may be of two centuries. Use %Y."
    if "%Y" not in given or "%d" not in given or not any(m in given for m in ("%m", "%b", "%B")):
        return "must hold a year (%Y), a month (%m, %b or %B) and a day (%d)."
    if ("%I" in given) != ("%p" in given):
        return "must hold both %I and %p, or %H instead."
    allowed = set("YmbBdHIMSfp%aAz")
    directives = given.replace("%%", "").split("%")[1:]
    if strange := [d[:1] for d in directives if d[:1] not in allowed]:
        return f"holds %{strange[0]}, which is not known. Use %Y %m %d %b %H %I %M %S %f %p %z."
    return ""


def _unit_faults(located: Located) -> Iterator[Fault]:
    units = _table(located.content, "units")
    if not units:
        return
    if "unit" in units:
        yield from _whole_faults(located, units)
        return
    if "which" not in units:
        yield located.fault(("units", "which"), 'is missing. Write "found", or list the names.')
    placed = [key for key in _PLACE if key in units]
    if "column" in units and placed:
        message = "is one way, column the other. Give the column, or coordinates and polygons."
        yield located.fault(("units", placed[0]), message)
    elif "column" not in units and not placed:
        message = (
            "is missing. Name the column of units, or give longitude, latitude, polygons, name; "
            "where all rows are of one city, give its name as unit."
        )
        yield located.fault(("units", "column"), message)
    elif placed:
        for key in _PLACE:
            if key not in units:
                message = "is missing. Points need longitude, latitude, polygons and name."
                yield located.fault(("units", key), message)
    which = units.get("which")
    if which == "all" and "column" in units:
        message = '"all" needs polygons; a column knows only the units found. List their names.'
        yield located.fault(("units", "which"), message)
    if isinstance(which, list):
        names = [name for name in which if isinstance(name, str)]
        for name in dict.fromkeys(names):
            if names.count(name) > 1:
                yield located.fault(("units", "which"), f"names {name!r} twice. Once is enough.")
            if name != name.strip():
                yield located.fault(("units", "which"), f"{name!r} has spaces around it.")
            elif tidy(name) != name:
                message = f"{quoted(name)} would be called {quoted(tidy(name))}. Write that."
                yield located.fault(("units", "which"), message)
        for group in alike(names):
            if len({name.strip() for name in group}) > 1:
                message = f"{' and '.join(map(quoted, group))} cannot be told apart. Keep one."
                yield located.fault(("units", "which"), message)


def _population_faults(located: Located) -> Iterator[Fault]:
    """A table of residents of several units that does not say which is whose."""
    content = located.content
    known = _table(content, "population"), _table(content, "units")
    if "population" in content and not any("unit" in one for one in known):
        message = "is missing. Name the column of the population file that holds the units."
        yield located.fault(("population", "unit"), message)


def _whole_faults(located: Located, units: Mapping[str, Any]) -> Iterator[Fault]:
    """What else is said of units where one unit is all rows."""
    name = _text(units, "unit")
    if name and tidy(name) != name:
        message = f"{quoted(name)} would be called {quoted(tidy(name))}. Write that."
        yield located.fault(("units", "unit"), message)
    for key in ("which", "column", *_PLACE):
        if key in units:
            message = "is not used where unit says that all rows are of one place. Remove one."
            yield located.fault(("units", key), message)


def _id_faults(located: Located) -> Iterator[Fault]:
    """The columns of an id, and whether a measure counts what a row is."""
    incidents = _table(located.content, "incidents")
    columns = incidents.get("id")
    if isinstance(columns, list) and len(set(map(str, columns))) < len(columns):
        yield located.fault(("incidents", "id"), "names a column twice. Once is enough.")
    row = incidents.get("row")
    for name, given in _table(located.content, "outcomes").items():
        measure = _text(given, "measure") if isinstance(given, dict) else ""
        if row == "victim" and says_incidents(measure):
            message = (
                f'{measure!r} is not what is counted: incidents.row says that a row is a "victim". '
                'Write "victims", or count each incident once: row = "incident", and id the '
                "column that is the same for all its rows."
            )
        elif row == "incident" and says_victims(measure):
            message = (
                f"{measure!r} is not what is counted: incidents.row says that a row is an "
                '"incident", so one with two victims counts once. Write "incidents", or give '
                'files with a row a victim and row = "victim".'
            )
        else:
            continue
        yield located.fault(("outcomes", name, "measure"), message)


def says_victims(measure: str) -> bool:
    """Whether a measure is of people: a row that stands for an incident cannot give it."""
    found = _COUNTED.search(measure)
    return found is not None and found[1] is not None


def says_incidents(measure: str) -> bool:
    """Whether a measure is of incidents, of which one may have several victims."""
    found = _COUNTED.search(measure)
    return found is not None and found[1] is None


def _rule_faults(located: Located) -> Iterator[Fault]:
    content = located.content
    incidents, keep = _table(content, "incidents"), _table(content, "duplicates").get("keep")
    if "id" not in incidents and keep in ("first reported", "last updated", "refuse"):
        message = 'needs the column id of [incidents]. Name it, or keep = "all" without an id.'
        yield located.fault(("duplicates", "keep"), message)
    if "id" in incidents and keep == "all":
        message = '"all" counts an incident as often as it is listed. Leave out id to mean it.'
        yield located.fault(("duplicates", "keep"), message)
    for rule, column in (("first reported", "reported"), ("last updated", "updated")):
        if keep == rule and column not in incidents:
            message = f"{rule!r} needs the column {column} of [incidents]. Name it."
            yield located.fault(("duplicates", "keep"), message)
    if "updated" in incidents and keep in ("first reported", "refuse", "all"):
        message = f"is not used when duplicates.keep is {keep!r}. Remove it."
        yield located.fault(("incidents", "updated"), message)
    if "late" in content and "reported" not in incidents:
        message = "the rule needs the column reported of [incidents]. Name it."
        yield located.fault(("late",), message)


def _outcome_faults(located: Located) -> Iterator[Fault]:
    content = located.content
    outcomes, units = _table(content, "outcomes"), _table(content, "units")
    if len(outcomes) > MOST_OUTCOMES:
        message = f"{len(outcomes)} are more than {MOST_OUTCOMES}. Write a second recipe."
        yield located.fault(("outcomes",), message)
    unit = next((units[k] for k in ("label", "column", "name") if _text(units, k)), "unit")
    frequency = _text(content, "period")
    if unit == frequency:
        message = f"the column of units would be named {unit!r}, as that of periods. Give a label."
        yield located.fault(("units", "label"), message)
    if unit != unit.strip() or any(ord(char) < 32 for char in unit):
        message = f"the column of units would be named {unit!r}. Give it a plain label."
        yield located.fault(("units", "label"), message)
    for name in outcomes:
        if name == POPULATION and "population" in content:
            message = "is the name of the residents of [population]. Rename the outcome."
            yield located.fault(("outcomes", name), message)
        if name in (unit, frequency):
            message = f"the panel has a column {name!r} already. Rename the outcome."
            yield located.fault(("outcomes", name), message)
        if name != name.strip() or any(ord(char) < 32 for char in name):
            yield located.fault(
                ("outcomes", name), "has spaces around it or control characters in it."
            )
        measure = _text(_table(outcomes, name), "measure")
        told = _COUNTED_IN.search(measure)
        if told and frequency in period.PER_YEAR and told[1].lower() != frequency:
            message = f'{measure!r} is not what is counted: period is "{frequency}". Correct one.'
            yield located.fault(("outcomes", name, "measure"), message)


def _coverage_faults(located: Located) -> Iterator[Fault]:
    content = located.content
    coverage, frequency = _table(content, "coverage"), _text(content, "period")
    if frequency not in period.PER_YEAR:
        return
    windows = coverage.get("windows")
    which = _table(content, "units").get("which")
    listed = [name for name in which if isinstance(name, str)] if isinstance(which, list) else []
    ends = _ends(coverage, frequency)
    yield from _window_faults(located, ("coverage",), coverage, frequency, ends[:1])
    seen: set[str] = set()
    for index, window in enumerate(windows if isinstance(windows, list) else []):
        if not isinstance(window, dict):
            continue
        place = ("coverage", "windows", index)
        yield from _window_faults(located, place, window, frequency, ends[:1])
        names = window.get("units")
        for name in names if isinstance(names, list) else []:
            if not isinstance(name, str):
                continue
            if normal(name) in seen:
                yield located.fault((*place, "units"), f"{name!r} has a window already.")
            seen.add(normal(name))
            if listed and normal(name) not in map(normal, listed):
                message = f"no unit {name!r}.{did_you_mean(name, listed)}"
                yield located.fault((*place, "units"), message)


def _ends(table: Mapping[str, Any], frequency: str) -> list[int]:
    """Ordinals of first and last, as far as they are periods."""
    found = []
    for key in ("first", "last"):
        try:
            found.append(period.begun(str(as_written(table.get(key))), frequency))
        except ValueError:
            continue
    return found


def _window_faults(
    located: Located,
    place: tuple[str | int, ...],
    table: Mapping[str, Any],
    frequency: str,
    like: list[int],
) -> Iterator[Fault]:
    ends = []
    for key in ("first", "last"):
        written = as_written(table.get(key))
        if not isinstance(written, str) or not written:
            continue
        try:
            number = period.begun(written, frequency)
            for one in like:
                period.refuse_other_week(number, one, frequency)
            ends.append(number)
        except ValueError as fault:
            yield located.fault((*place, key), f"{fault}.")
    if len(ends) == 2 and ends[0] > ends[1]:
        yield located.fault((*place, "last"), "is before first. Exchange them.")


def _recording_faults(located: Located) -> Iterator[Fault]:
    content = located.content
    changes, frequency = content.get("recording_changes"), _text(content, "period")
    for index, change in enumerate(changes if isinstance(changes, list) else []):
        if not isinstance(change, dict):
            continue
        date = as_written(change.get("date"))
        if isinstance(date, str) and date and frequency in period.PER_YEAR:
            try:
                period_holding(date, frequency)
            except ValueError as fault:
                message = f"{fault}, or as a day like 2012-10-18."
                yield located.fault(("recording_changes", index, "date"), message)
        column, known = change.get("column"), list(_table(content, "outcomes"))
        if isinstance(column, str) and column and known and column not in known:
            message = f"no outcome {column!r}.{did_you_mean(column, known)}"
            yield located.fault(("recording_changes", index, "column"), message)
