"""The panel, its description and its account: all three new, or all as they were."""

from __future__ import annotations

import csv
import datetime
import io
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from evaluation.data import period
from evaluation.data.description import RecordingChangeTable
from evaluation.data.incidents.count import Counted
from evaluation.data.incidents.files import outputs_of, sha256_of
from evaluation.data.incidents.places import Places
from evaluation.data.incidents.recipe import Recipe
from evaluation.data.incidents.recipe_checks import POPULATION
from evaluation.data.incidents.scan import Scan
from evaluation.errors import DataError
from evaluation.files import inside, project_around, put_together, scratch, turn_for, unwritten
from evaluation.files.writing import OPEN_TO_ALL, OWN

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Account:
    """Everything that the account of a panel tells, beside the recipe itself."""

    recipe: Recipe
    recipe_file: str
    scans: Sequence[Scan]
    places: Places | None
    counted: Counted
    unreadable: Mapping[str, int]
    differ: int
    ignored: Sequence[str]
    extracted: datetime.date | None
    cut: int | None
    notes: Sequence[str]
    conditions: Mapping[str, Mapping[str, int]]
    # (N, T) of each unit and period, and the hash of the table that they come from.
    residents: np.ndarray | None = None
    population: str = ""

    @property
    def read(self) -> int:
        """Rows in all files, headers apart."""
        return sum(scan.rows + len(scan.ragged) for scan in self.scans)

    def totals(self) -> dict[str, int]:
        """Incidents of each outcome in the panel."""
        sums = self.counted.values.sum(axis=(0, 1))
        return {
            name: int(total) for name, total in zip(self.recipe.table.outcomes, sums, strict=True)
        }


def write_all(account: Account) -> None:
    """Writes the three files beside the recipe, once `ceasefire data` accepts them.

    Raises
    ------
    DataError : when the rows do not add up, the dataset is refused, or the folder cannot be
        written to; then what was there is as it was.
    """
    from evaluation.data.read import check_dataset

    counted = account.counted
    if account.read != counted.kept + sum(counted.dropped.values()):
        raise AssertionError("rows read are not those kept and dropped")
    panel, description, told = outputs_of(account.recipe)
    panel, description, told = (Path(os.path.abspath(one)) for one in (panel, description, told))
    try:
        with turn_for("panel", panel) as (root, journal), scratch(panel) as folder:
            drafts = [folder / path.name for path in (panel, description, told)]
            if panel.suffix == ".parquet":
                _write_parquet(account, drafts[0])
            else:
                _write_csv(account, drafts[0])
            _write(drafts[1], _description(account))
            check_dataset(drafts[0], folder)
            _write(drafts[2], _account(account, drafts[0], drafts[1]))
            for draft in drafts:
                os.chmod(draft, OWN if account.recipe.private else OPEN_TO_ALL)
            # Asked again, now that nobody else writes here.
            refuse_overwriting(account.recipe)
            put_together(
                dict(zip((panel, description, told), drafts, strict=True)),
                root=root,
                journal=journal,
            )
    except OSError as fault:
        raise unwritten(panel.name, fault) from None


def refuse_overwriting(recipe: Recipe) -> None:
    """What stands where the panel goes must be a panel of this command, known by its account, and
    no link may lead from the project to a place outside.

    Raises
    ------
    DataError : with the file, or the link.
    """
    panel, description, account = outputs_of(recipe)
    if (root := project_around(recipe.folder)) is not None:
        inside(Path(os.path.abspath(recipe.folder)) / recipe.output, root)
    for path in (panel, description):
        if path.exists() and not account.exists():
            message = f"{path.name} is there and was not written by this command. Move it away."
            raise DataError(recipe.located.fault(("output",), message))


def _write(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())


def _names(account: Account) -> list[str]:
    """The columns of numbers."""
    return [*account.recipe.table.outcomes, *([POPULATION] if account.population else [])]


def _rows(account: Account) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Each unit, its ordinals inside its window, and (t, K) numbers."""
    counted, numbers = account.counted, account.counted.values
    if account.residents is not None:
        numbers = np.concatenate([numbers, account.residents[:, :, None]], axis=2)
    start = int(counted.windows[:, 0].min())
    for unit, (first, last), values in zip(counted.units, counted.windows, numbers, strict=True):
        yield unit, np.arange(first, last + 1), values[first - start : last + 1 - start]


def _write_csv(account: Account, path: Path) -> None:
    recipe = account.recipe
    frequency = recipe.table.period
    with path.open("w", encoding="utf-8", newline="") as stream:
        lines = csv.writer(stream, lineterminator="\n")
        lines.writerow([recipe.unit_column, recipe.period_column, *_names(account)])
        for unit, ordinals, values in _rows(account):
            for ordinal, numbers in zip(ordinals.tolist(), values.tolist(), strict=True):
                lines.writerow([unit, period.text(ordinal, frequency), *numbers])
        stream.flush()
        os.fsync(stream.fileno())


def _write_parquet(account: Account, path: Path) -> None:
    import pyarrow
    from pyarrow import parquet

    recipe = account.recipe
    units, periods, counts = list[str](), list[str](), []
    for unit, ordinals, values in _rows(account):
        units += [unit] * ordinals.size
        periods += [period.text(one, recipe.table.period) for one in ordinals.tolist()]
        counts.append(values)
    stacked = np.concatenate(counts)
    columns = {recipe.unit_column: units, recipe.period_column: periods}
    table = pyarrow.table(columns | {name: stacked[:, k] for k, name in enumerate(_names(account))})
    parquet.write_table(table, path)


def _description(account: Account) -> str:
    """The `dataset.toml` of the panel."""
    recipe, counted = account.recipe, account.counted
    table, out = recipe.table, io.StringIO()
    notes = (
        table.notes or f"Counted from incidents; {Path(recipe.output).stem}.panel.json tells how."
    )
    out.write(f"# Written by `ceasefire panel {account.recipe_file}`.\n")
    for key, value in (
        ("name", table.name),
        ("file", recipe.output),
        ("frequency", table.period),
        ("source", table.source),
        ("licence", table.licence),
        ("sensitivity", table.sensitivity),
        ("notes", notes),
        *([("place", table.place)] if table.place else []),
    ):
        out.write(f"{key} = {_quoted(value)}\n")
    names = (recipe.unit_column, recipe.period_column)
    out.write(f"key = [{', '.join(map(_quoted, names))}]\n")
    out.write(_column(names[0], role="unit", type="text"))
    out.write(_column(names[1], role="period", type="period", measure=f"calendar {table.period}"))
    for name, given in table.outcomes.items():
        told = {"label": given.label, "offense": given.offense}
        more = {key: value for key, value in told.items() if value}
        out.write(_column(name, role="outcome", type="count", measure=given.measure, **more))
    if account.population:
        out.write(_column(POPULATION, role="exposure", type="count", measure="residents"))
    if len(np.unique(counted.windows, axis=0)) > 1:
        for unit, (first, last) in zip(counted.units, counted.windows.tolist(), strict=True):
            out.write(f"\n[coverage.{_quoted(unit)}]\n")
            out.write(f"first = {_quoted(period.text(first, table.period))}\n")
            out.write(f"last = {_quoted(period.text(last, table.period))}\n")
    for change in table.recording_changes:
        out.write(_change(change))
    return out.getvalue()


def _column(name: str, **keys: str) -> str:
    lines = [f"{key} = {_quoted(value)}" for key, value in keys.items()]
    return "\n".join([f"\n[columns.{_quoted(name)}]", *lines, ""])


def _change(change: RecordingChangeTable) -> str:
    given = change.model_dump(exclude_defaults=True)
    return "\n".join(
        [
            "\n[[recording_changes]]",
            *(f"{key} = {_quoted(value)}" for key, value in given.items()),
            "",
        ]
    )


def _quoted(value: str) -> str:
    """Text as a basic string of TOML."""
    held = json.dumps(value, ensure_ascii=False)
    # The one control character that JSON leaves as it is and TOML does not.
    return held.replace("\x7f", "\\u007f")


def _each(few: Callable[[int], int | str], numbers: Mapping[str, int]) -> dict[str, int | str]:
    return {name: few(number) for name, number in numbers.items()}


def _account(account: Account, panel: Path, description: Path) -> str:
    """The `.panel.json`: what was read, kept and dropped, from which bytes and by which rules."""
    recipe, counted = account.recipe, account.counted
    table = recipe.table
    rows = [scan.rows + len(scan.ragged) for scan in account.scans]
    few = recipe.told
    told: dict[str, Any] = {
        "format": FORMAT,
        "recipe": {"file": account.recipe_file, "sha256": recipe.sha256},
        "sources": [
            {"file": s.source.shown, "bytes": s.bytes, "sha256": s.sha256, "rows": few(number)}
            for s, number in zip(account.scans, rows, strict=True)
        ],
        "not_read": list(account.ignored),
        **({"population": account.population} if account.population else {}),
        "polygons": dict(account.places.sha256) if account.places else {},
        "rules": table.model_dump(
            mode="json",
            exclude={"name", "source", "licence", "sensitivity", "notes", "output"},
            exclude_none=True,
        ),
        "extracted": account.extracted.isoformat() if account.extracted else None,
        "complete_until": (
            period.text(account.cut, table.period) if account.cut is not None else None
        ),
        "rows": {
            "read": few(account.read),
            "kept": few(counted.kept),
            "dropped": _each(few, counted.dropped),
        },
        "unreadable": _each(few, account.unreadable),
        "ids_that_differ": few(account.differ),
        "outcomes": _each(few, account.totals()),
        "units": len(counted.units),
        "panel": {
            "file": panel.name,
            "sha256": sha256_of(panel),
            "rows": int((counted.windows[:, 1] - counted.windows[:, 0] + 1).sum()),
        },
        "description": {
            "file": description.name,
            "sha256": sha256_of(description),
        },
        "conditions": {name: _each(few, rows) for name, rows in account.conditions.items()},
        "notes": list(account.notes),
    }
    return json.dumps(told, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
