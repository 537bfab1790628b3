"""A recipe and its files become a checked panel, its description and its account.

Its database is a file in a temporary folder that opens no other.
"""

from __future__ import annotations

import datetime
import itertools
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from evaluation.data import period
from evaluation.data.incidents.coding import Coder
from evaluation.data.incidents.count import (
    REASONS,
    Counted,
    count,
    looked_at,
    refuse_lost_victims,
    told,
)
from evaluation.data.incidents.files import outputs_of, sources_of
from evaluation.data.incidents.naming import read_again, refuse_conflicts, refuse_unreadable
from evaluation.data.incidents.notes import (
    conditions,
    ends_of_units,
    of_conditions,
    of_polygons,
    of_strangers,
    of_units,
    refuse_alike,
)
from evaluation.data.incidents.places import read_places
from evaluation.data.incidents.population import read_population
from evaluation.data.incidents.recipe import Recipe, read_recipe
from evaluation.data.incidents.scan import Scan
from evaluation.data.incidents.store import FAULTS, Store
from evaluation.data.incidents.times import of_days, refuse_moved_days
from evaluation.data.incidents.write import Account, refuse_overwriting, write_all
from evaluation.data.labels import quoted
from evaluation.data.lacking import lacking_of
from evaluation.errors import DataError, EnvironmentFault, plain
from evaluation.files import inside, project_around, scratch, turn_for

if TYPE_CHECKING:
    import pyarrow


MEMORY: Final = 2.0
_DAY_ONE: Final = datetime.date(1800, 1, 1)
# How a spreadsheet recognizes a formula.
_FORMULA: Final = ("=", "+", "-", "@", "\t")


@dataclass(frozen=True, slots=True)
class Built:
    """What `ceasefire panel` tells.

    Parameters
    ----------
    read, kept : rows. dropped : rows by reason of `count.REASONS`; read = kept + all of them.
    files : names of what was written. notes : what its user should know, in sentences.
    recipe : says how numbers of private data are told.
    """

    recipe: Recipe

    read: int
    kept: int
    dropped: dict[str, int]
    outcomes: dict[str, int]
    units: int
    periods: tuple[str, str]
    files: tuple[str, ...]
    notes: tuple[str, ...]

    def lines(self) -> list[str]:
        """In words."""
        few = self.recipe.few
        told = [f"{self.recipe.many(self.read, 'row')} read, {few(self.kept)} counted"]
        told += [
            f"  {few(number)} dropped: {REASONS[reason]}"
            for reason, number in self.dropped.items()
            if number
        ]
        first, last = self.periods
        told.append(f"{self.units:,} unit{'s' * (self.units != 1)}, {first} to {last}")
        told += [f"  {name}: {few(total)}" for name, total in self.outcomes.items()]
        told += [f"note: {note}" for note in self.notes]
        return [*told, *(f"wrote {name}" for name in self.files)]


def build_panel(
    path: Path,
    *,
    sources: Sequence[Path] = (),
    polygons: Path | None = None,
    threads: int = 1,
    memory: float = MEMORY,
    temporary: Path | None = None,
    progress: Callable[[str, int], None] = lambda file, rows: None,
) -> Built:
    """Counts the incidents of a recipe and writes three files beside it.

    Parameters
    ----------
    sources : files or folders in place of those of the recipe. polygons : likewise.
    threads, memory : of the database; memory in GiB. Neither changes a byte of what is written.
    temporary : folder for what does not fit into memory (default: build/ of the project, or that of
        the recipe outside of one).
    progress : told the file and the rows read of it, again and again.

    Raises
    ------
    DataError : for a fault of the recipe, of a file or of a row. EnvironmentFault : when memory,
        disk or a package is missing. Then what was there before is as it was.
    """
    recipe = read_recipe(path, path.name)
    found, ignored = sources_of(recipe, sources)
    # Before hours of work: would the result be refused? What a kill cut short is ended first.
    with turn_for("panel", outputs_of(recipe)[0]):
        refuse_overwriting(recipe)
    places = read_places(recipe, polygons) if recipe.table.units.longitude else None
    population = read_population(recipe)
    with (
        _rows_in(recipe, temporary) as folder,
        opened(recipe, folder, threads=threads, memory=memory) as store,
    ):
        coder = Coder(recipe, places)
        scans = [Scan(source, recipe.table.incidents.encoding) for source in found]
        for number, scan in enumerate(scans):
            _add(store, coder, scan, number, progress)
        _refuse_same_bytes(scans)
        if recipe.table.on_fault == "refuse":
            refuse_unreadable(store, scans, recipe)
        refuse_moved_days(store, scans, recipe)
        coder.refuse_unseen()
        extracted, cut = _edge(store, recipe)
        groups, duplicates, differ, conflicts = store.groups(coder.ranks())
        refuse_conflicts(conflicts, scans, recipe)
        repeated = looked_at(store.shared_ids("alike") if duplicates else [], scans, recipe)
        refuse_lost_victims(repeated, duplicates, recipe)
        by_kind = store.fault_counts()
        ragged = sum(len(scan.ragged) for scan in scans)
        unreadable = {"cells": ragged} | {
            FAULTS[kind]: number for kind, number in sorted(by_kind.items())
        }
        counted = count(
            groups,
            recipe,
            sorted(coder.names()),
            cut=cut,
            unreadable=sum(unreadable.values()),
            duplicates=duplicates,
        )
        refuse_alike(coder, counted, recipe)
        residents = population.of(counted, recipe) if population else None
        chosen_by = conditions(store, coder, recipe)
        notes = [
            *_notes(recipe, coder, counted, differ=differ, ignored=ignored, cut=cut),
            *told(repeated, duplicates, recipe),
            *(_odd_ids(store, scans, recipe) if duplicates else ()),
            *of_days(store, scans, recipe),
            *of_conditions(chosen_by, recipe),
            *of_units(coder, counted, recipe),
            *of_polygons(places.names if places else (), recipe),
            *of_strangers(coder, recipe),
            *ends_of_units(counted, recipe),
        ]
    notes = [plain(note).replace("\n", " ") for note in notes]
    account = Account(
        recipe=recipe,
        recipe_file=path.name,
        scans=scans,
        places=places,
        counted=counted,
        unreadable=unreadable,
        differ=differ,
        ignored=ignored,
        extracted=extracted,
        cut=cut,
        notes=notes,
        conditions={one.column: one.summary() for one in chosen_by},
        residents=residents,
        population=population.sha256 if population else "",
    )
    write_all(account)
    return _built(account, tuple(notes))


@contextmanager
def _rows_in(recipe: Recipe, temporary: Path | None) -> Iterator[Path]:
    """A folder for the database, closed to others: it holds the rows. It lies where the next run
    finds and sweeps what a kill leaves, and not where all of the machine put their files.

    Raises
    ------
    EnvironmentFault : when it cannot be made.
    """
    folder = Path(os.path.abspath(recipe.folder))
    name = Path(recipe.output).stem
    if temporary is not None:
        place = temporary / name
    elif (root := project_around(folder)) is not None:
        place = inside(root / "build" / name, root)
    else:
        place = folder / f"{name}.rows"
    with ExitStack() as stack:
        try:
            if temporary is not None:
                os.scandir(temporary).close()  # it is there, and a folder
            found = stack.enter_context(scratch(place))
        except OSError as fault:
            raise EnvironmentFault(
                f"the temporary folder cannot be used ({fault.strerror}). Name another: "
                "--temporary."
            ) from None
        yield found


def _add(
    store: Store, coder: Coder, scan: Scan, number: int, progress: Callable[[str, int], None]
) -> None:
    kinds: dict[str, str] = {}
    batches = coder.coded(scan, kinds)
    first = next(batches, None)
    if first is None:
        return

    def each() -> Iterator[pyarrow.RecordBatch]:
        for batch in itertools.chain([first], batches):
            progress(scan.source.shown, scan.rows)
            yield batch

    store.add(number, each(), kinds)


def _refuse_same_bytes(scans: Sequence[Scan]) -> None:
    seen: dict[str, str] = {}
    for scan in scans:
        other = seen.setdefault(scan.sha256, scan.source.shown)
        if other != scan.source.shown:
            raise DataError(f"{scan.source.shown}: is the same as {other}. Remove one of the two.")


def _edge(store: Store, recipe: Recipe) -> tuple[datetime.date | None, int | None]:
    """The day that the records were taken out, and the last period with complete reports."""
    late = recipe.table.late
    if late is None:
        return None, None
    last = store.last_reported()
    if last is None:
        message = "no row has a date of report. Remove the rule, or name another column."
        raise DataError(recipe.located.fault(("late",), message))
    reported = _DAY_ONE + datetime.timedelta(days=last)
    extracted = late.extracted or reported
    if reported > extracted:
        message = f"a row was reported on {reported.isoformat()}, after this day."
        raise DataError(recipe.located.fault(("late", "extracted"), message))
    complete = extracted - datetime.timedelta(days=late.days)
    return extracted, _last_whole(complete, recipe.table.period, recipe.window()[0])


def _last_whole(day: datetime.date, frequency: str, like: int) -> int:
    """Ordinal of the last period that ends on this day or before."""
    return period.holding(day + datetime.timedelta(days=1), frequency, like) - 1


def _notes(
    recipe: Recipe,
    coder: Coder,
    counted: Counted,
    *,
    differ: int,
    ignored: Sequence[str],
    cut: int | None,
) -> list[str]:
    table, notes = recipe.table, list[str]()
    if table.late is None:
        notes.append(
            "no [late] rule: where reports come in late, the last periods may be short of them"
        )
    ends = [recipe.window()[1], *(last for _, last in recipe.windows().values())]
    if cut is not None and cut < max(ends):
        notes.append(
            f"the coverage ends with {period.text(cut, table.period)}, the last {table.period} "
            f"whose reports are complete after {table.late.days if table.late else 0} days"
        )
    if counted.before:
        rows, verb = recipe.many(counted.before, "counted row"), _be(counted.before, recipe)
        notes.append(f"{rows} {verb} reported before the day of the incident")
    if differ:
        rows = "rows that differ in date, unit, category or delay"
        notes.append(f"{recipe.many(differ, 'id')} with {rows}")
    if ignored:
        more = f" and {len(ignored) - 1:,} more" if len(ignored) > 1 else ""
        notes.append(f"not read, because no table: {ignored[0]}{more}")
    notes += coder.unseen()
    if any(unit.startswith(_FORMULA) for unit in counted.units):
        notes.append("a unit's name begins like a formula; open the CSV as text in a spreadsheet")
    return notes


def _be(number: int, recipe: Recipe) -> str:
    return "was" if number == 1 and not recipe.private else "were"


def _odd_ids(store: Store, scans: Sequence[Scan], recipe: Recipe) -> Iterator[str]:
    """Ids that count once although their rows spell them differently."""
    number = store.odd_ids()
    if not number:
        return
    example = ""
    if not recipe.private and (shared := store.shared_ids("unlike")):
        one = shared[0]
        places = list(zip(one.files, one.rows, strict=True))
        again = read_again(scans, places)
        names = [
            quoted(dict(zip(scans[place[0]].header, again[place][1], strict=False))[column])
            for place in places
            for column in recipe.ids
        ]
        example = f", such as {' and '.join(dict.fromkeys(names))}"
    yield f"{recipe.many(number, 'id')} spelled in several ways{example}; each counts once"


def _built(account: Account, notes: tuple[str, ...]) -> Built:
    counted, recipe = account.counted, account.recipe
    frequency = recipe.table.period
    return Built(
        recipe=recipe,
        read=account.read,
        kept=counted.kept,
        dropped=dict(counted.dropped),
        outcomes=account.totals(),
        units=len(counted.units),
        periods=(
            period.text(int(counted.windows[:, 0].min()), frequency),
            period.text(int(counted.windows[:, 1].max()), frequency),
        ),
        files=tuple(path.name for path in outputs_of(recipe)),
        notes=notes,
    )


@contextmanager
def opened(recipe: Recipe, folder: Path, *, threads: int, memory: float) -> Iterator[Store]:
    """A database in a temporary folder, which is closed again at the end.

    Parameters
    ----------
    memory : GiB that it may hold; what is more goes to `folder`.

    Raises
    ------
    EnvironmentFault : when memory or disk do not suffice.
    """
    try:
        import duckdb
    except ImportError:
        raise EnvironmentFault(
            "counting incidents needs the package duckdb, which is not here. "
            "Install it: pip install duckdb"
        ) from None

    config: dict[str, str | bool | int | float | list[str]] = {
        "threads": threads,
        "memory_limit": f"{int(memory * 1024)}MiB",
        "temp_directory": str(folder / "spilled"),
        "preserve_insertion_order": "false",
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "allow_community_extensions": "false",
        "python_enable_replacements": "false",
    }
    connection = None
    try:
        connection = duckdb.connect(str(folder / "rows.duckdb"), config=config)
        connection.execute("SET TimeZone = $zone", {"zone": recipe.table.time.zone})
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        yield Store(connection, recipe)
    except duckdb.ConversionException as fault:
        raise DataError(f"{recipe.located.file}: {str(fault).splitlines()[0]}") from None
    except duckdb.Error as fault:
        if (lacking := lacking_of(fault)) is None:
            raise
        raise lacking from None
    finally:
        if connection is not None:
            with suppress(duckdb.Error):  # a full disk: what is in it is not kept anyway
                connection.close()
