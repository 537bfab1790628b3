"""Counts from the FBI as a dataset: a table, its description and an account, all new or as before.

The account holds what was asked, the SHA-256 of every answer, and that of the two other files. By
the last the next run knows that they are its own, and that nobody changed them by hand.
"""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from evaluation.data import period
from evaluation.data.read import LARGEST_FILE, check_dataset
from evaluation.data.sources.fbi_counts import (
    NOT_REPORTED,
    NOT_TAKING_PART,
    OFFENSES,
    POPULATION,
    City,
    Counted,
    rows,
)
from evaluation.errors import DataError, EnvironmentFault
from evaluation.fact import Fact, fact, said
from evaluation.files import content_of, inside, put_together, scratch, text_of, unwritten
from evaluation.files.writing import OPEN_TO_ALL

FOLDER: Final = "data/fbi"
FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: names from the project folder, the account, and what to know.

    Parameters
    ----------
    files : table, description and account. summary : the table as `ceasefire data` tells it.
    account : content of the account. notes : of the counts, and how they moved since the last time.
    """

    files: tuple[str, ...]
    summary: str
    account: Mapping[str, Any]
    notes: tuple[Fact, ...]


def files_of(table: Counted) -> tuple[str, str, str]:
    """Where the dataset of a city belongs, from the project folder."""
    agency = table.cities[0].agency
    place = agency.place.removeprefix("us-")
    # The id of a state alone is no name of an agency.
    name = place if "-" in place else agency.ori.lower()
    if len(table.cities) > 1:
        name += "-and-others"
    stem = f"{FOLDER}/{name}"
    return f"{stem}.csv", f"{stem}.dataset.toml", f"{stem}.fbi.json"


def write(table: Counted, asked: Mapping[str, Any], root: Path) -> Written:
    """Writes the three files, once `ceasefire data` accepts them.

    Parameters
    ----------
    asked : the words of the command, for the account; no key. root : the project folder.

    Raises
    ------
    DataError : when one of the files is there and is not what the last run wrote, or the folder
        cannot be written to. Then what was there is as it was.
    """
    names = files_of(table)
    paths = [inside(root / name, root) for name in names]
    before = _before(paths, names)
    content = _csv(table)
    notes = [*table.notes, *_revised(before, content)]
    try:
        with scratch(paths[0]) as folder:
            drafts = [folder / path.name for path in paths]
            _write(drafts[0], content)
            _write(drafts[1], _description(table, names[0]))
            summary = check_dataset(drafts[0], folder)
            account = _account(table, asked, drafts, notes)
            _write(drafts[2], json.dumps(account, indent=2, ensure_ascii=False) + "\n")
            put_together(dict(zip(paths, drafts, strict=True)), root=root)
    except OSError as fault:
        if isinstance(unwritten(names[0], fault), EnvironmentFault):
            raise unwritten(names[0], fault) from None
        raise DataError(fact("data.fbi.write", file=names[0], why=fault.strerror)) from None
    return Written(names, summary, account, tuple(notes))


def _before(paths: Sequence[Path], names: Sequence[str]) -> str:
    """The table of the last run, "" when there was none."""
    there = [path for path in paths if path.exists() or path.is_symlink()]
    if not there:
        return ""
    known: dict[str, Any] = {}
    with contextlib.suppress(OSError, DataError, ValueError, RecursionError):
        told = json.loads(content_of(paths[2], names[2]))
        known = told if isinstance(told, dict) else {}
    for path, name, key in zip(paths, names, ("table", "description"), strict=False):
        if path in there and (path.is_symlink() or _sha256(path) != known.get(f"{key}_sha256")):
            raise DataError(fact("data.fbi.own", file=name))
    if paths[2] in there and not known:
        raise DataError(fact("data.fbi.own", file=names[2]))
    return text_of(paths[0], names[0]) if paths[0] in there else ""


def _revised(before: str, now: str) -> Iterator[Fact]:
    """How many cells that both tables have are other ones now."""

    def cells(text: str) -> dict[tuple[str, str, str], str]:
        return {
            (row["city"], row["month"], column): value
            for row in csv.DictReader(io.StringIO(text))
            for column, value in row.items()
        }

    was, found = cells(before), cells(now)
    both = was.keys() & found.keys()
    if changed := sorted(cell for cell in both if was[cell] != found[cell]):
        first = ", ".join(changed[0])
        old, new = was[changed[0]] or "empty", found[changed[0]] or "empty"
        yield fact("data.fbi.revised", n=len(changed), first=first, was=old, now=new)
    gone = {unit for unit, _, _ in was} - {unit for unit, _, _ in found}
    if gone:
        yield fact("data.fbi.gone", units=tuple(sorted(gone)))


def _csv(table: Counted) -> str:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows(rows(table))
    return stream.getvalue()


def _description(table: Counted, name: str) -> str:
    """The `dataset.toml` of the table."""
    cities = sorted(table.cities, key=lambda one: one.unit)
    units = [city.unit for city in cities]
    first = table.cities[0].unit
    shown = ", ".join(units) if len(units) < 6 else f"{first} and {len(units) - 1} more"
    until = period.text(table.until, "month")
    agencies = "; ".join(f"{one.agency.name} ({one.agency.ori})" for one in cities)
    source = said(
        fact("data.fbi.source", until=until, refreshed=table.refreshed, agencies=agencies)
    )
    account = Path(name).with_suffix(".fbi.json").name
    out = io.StringIO()
    out.write("# Written by `ceasefire data fbi`, which writes it anew while nobody changes it.\n")
    for key, value in (
        ("name", said(fact("data.fbi.name", cities=shown))),
        ("file", Path(name).name),
        ("frequency", "month"),
        ("source", source),
        ("licence", said(fact("data.fbi.licence"))),
        ("sensitivity", "public"),
        ("notes", said(fact("data.fbi.notes", account=account))),
    ):
        out.write(f"{key} = {_quoted(value)}\n")
    out.write('key = ["city", "month"]\n\n[places]\n')
    out.writelines(f"{_quoted(one.unit)} = {_quoted(one.agency.place)}\n" for one in cities)
    out.write("\n[agencies]\n")
    # Seven places, as in the FBI's older files.
    out.writelines(f"{_quoted(one.unit)} = {_quoted(one.agency.ori[:7])}\n" for one in cities)
    for column, keys in _columns(table):
        out.write(f"\n[columns.{column}]\n")
        out.writelines(f"{key} = {_quoted(value)}\n" for key, value in keys.items() if value)
    for change in table.notes:
        if change.key == "data.fbi.nibrs":
            entry = {
                "date": str(change.numbers["day"]),
                "what": said(fact("data.fbi.nibrs-change")),
                "unit": str(change.numbers["unit"]),
            }
            out.write(_entry("recording_changes", entry))
    for city in cities:
        out.writelines(_entry("missing", entry) for entry in _missing(city, table))
        out.writelines(_entry("corrections", entry) for entry in _corrections(city, table))
    return out.getvalue()


def _columns(table: Counted) -> Iterator[tuple[str, dict[str, str]]]:
    yield "city", {"role": "unit", "type": "text"}
    yield "month", {"role": "period", "type": "period", "measure": "calendar month"}
    of = {one.column: one for one in OFFENSES}
    for column in table.columns:
        if column == POPULATION:
            yield column, {"role": "exposure", "type": "count", "measure": "residents"}
            continue
        keys = {"role": "outcome", "type": "count", "measure": of[column].measure}
        more = {name: getattr(of[column], name) for name in ("label", "offense", "family")}
        yield column, keys | more


def _missing(city: City, table: Counted) -> Iterator[dict[str, Any]]:
    """Stretches of months in which the same columns are empty for the same reason."""

    def empty(month: int) -> tuple[tuple[str, ...], str]:
        columns = tuple(one for one in table.columns if city.value(one, month) is None)
        idle = any(month in city.idle.get(column, ()) for column in columns)
        return columns, NOT_TAKING_PART if idle else NOT_REPORTED

    for (columns, why), stretch in groupby(range(table.first, table.last + 1), key=empty):
        inside_it = [period.text(month, "month") for month in stretch]
        if columns:
            yield {
                "unit": city.unit,
                "first": inside_it[0],
                "last": inside_it[-1],
                "columns": list(columns),
                "why": why,
            }


def _corrections(city: City, table: Counted) -> Iterator[dict[str, Any]]:
    for column in table.columns:
        for month in range(table.first, table.last + 1):
            if (city.value(column, month) or 0) < 0:
                yield {
                    "unit": city.unit,
                    "period": period.text(month, "month"),
                    "column": column,
                    "why": said(fact("data.fbi.correction")),
                }


def _entry(name: str, keys: Mapping[str, Any]) -> str:
    lines = [
        f"{key} = [{', '.join(map(_quoted, value))}]"
        if isinstance(value, list)
        else f"{key} = {_quoted(value)}"
        for key, value in keys.items()
    ]
    return "\n".join([f"\n[[{name}]]", *lines, ""])


def _quoted(value: str) -> str:
    """Text as a basic string of TOML; JSON leaves one control character that TOML does not."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _account(
    table: Counted, asked: Mapping[str, Any], drafts: Sequence[Path], notes: Sequence[Fact]
) -> dict[str, Any]:
    """What was asked and answered, and what became of it. No key, no clock, no address."""
    span = range(table.first, table.last + 1)
    return {
        "format": FORMAT,
        "asked": dict(asked),
        "months": [period.text(table.first, "month"), period.text(table.last, "month")],
        "data_until": period.text(table.until, "month"),
        "refreshed": table.refreshed,
        "agencies": [
            {
                "unit": one.unit,
                "ori": one.agency.ori,
                "name": one.agency.name,
                "kind": one.agency.kind,
                "county": one.agency.county,
                "nibrs_since": one.agency.nibrs,
                "totals": {
                    column: sum(one.value(column, month) or 0 for month in span)
                    for column in table.columns
                    if column != POPULATION
                },
                "months_missing": {
                    column: sum(one.value(column, month) is None for month in span)
                    for column in table.columns
                },
            }
            for one in table.cities
        ],
        "answers": [{"path": one.path, "sha256": one.sha256} for one in table.answers],
        "notes": [said(note) for note in notes],
        "rows": len(table.cities) * len(span),
        "table_sha256": _sha256(drafts[0]),
        "description_sha256": _sha256(drafts[1]),
    }


def _write(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    os.chmod(path, OPEN_TO_ALL)


def _sha256(path: Path) -> str:
    return hashlib.sha256(content_of(path, path.name, most=LARGEST_FILE)).hexdigest()
