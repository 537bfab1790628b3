"""The database of a panel: a file in a temporary folder that opens no other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from evaluation.data.incidents.recipe import Recipe
from evaluation.data.incidents.store import Store
from evaluation.errors import DataError, EnvironmentFault


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

    connection = duckdb.connect(
        str(folder / "rows.duckdb"),
        config={
            "threads": threads,
            "memory_limit": f"{int(memory * 1024)}MiB",
            "temp_directory": str(folder / "spilled"),
            "preserve_insertion_order": "false",
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "allow_community_extensions": "false",
            "python_enable_replacements": "false",
        },
    )
    try:
        connection.execute("SET TimeZone = $zone", {"zone": recipe.table.time.zone})
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        yield Store(connection, recipe)
    except duckdb.OutOfMemoryException as fault:
        raise EnvironmentFault(_short(fault)) from None
    except duckdb.IOException as fault:
        raise EnvironmentFault(
            f"the temporary folder cannot be written to ({str(fault).splitlines()[0]}). Free some "
            "space, or name another folder with --temporary."
        ) from None
    except duckdb.ConversionException as fault:
        raise DataError(f"{recipe.located.file}: {str(fault).splitlines()[0]}") from None
    finally:
        connection.close()


def _short(fault: Exception) -> str:
    what = str(fault).splitlines()[0]
    return f"memory does not suffice ({what}). Give more with --memory, or fewer --threads."
