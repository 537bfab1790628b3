"""Figures and files as they were made before, so that one is made again only when it would differ.

A picture is kept under a hash of what it is drawn from: the drawing functions with their inputs,
the source of this room, and the versions of matplotlib, numpy and Python. The folder may be deleted
at any time; what is unreadable or incomplete counts as not there.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import os
import platform
import re
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import fields, is_dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

from evaluation.errors import EvaluationError
from evaluation.files import content_of, inside, is_part, make_folder, replaced

# Bytes that the folder may hold; all pictures and PDF files of the studies here take 25 MB.
LARGEST = 100 * 1024**2
# How a file is called that is kept: its key, and what it is.
_NAME = r"[0-9a-f]{64}\.[a-z]+"
_FOLDER: ContextVar[Path | None] = ContextVar("folder of what is kept", default=None)

Inputs = ParamSpec("Inputs")
Place = TypeVar("Place")


class Spot:
    """Where a drawing function would draw: a sheet itself, or the first axes on it."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"{name}: nothing is drawn yet; mark what draws here as a `drawing`")


class Sheet(Spot):
    """A figure not drawn yet: its size in inches, and the calls that will draw it."""

    def __init__(self, height: float, width: float) -> None:
        super().__init__(self)
        self.height, self.width = height, width
        self.axes = [Spot(self)]
        self.calls: list[tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]] = []

    def draw_on(self, figure: Any) -> None:
        """Makes the calls that were noted, on the figure in place of this sheet."""
        places = {id(self): figure, id(self.axes[0]): figure.axes[0]}
        for draw, inputs, options in self.calls:
            draw(
                *(places.get(id(value), value) for value in inputs),
                **{name: places.get(id(value), value) for name, value in options.items()},
            )


def drawing(draw: Callable[Inputs, Place]) -> Callable[Inputs, Place]:
    """The drawing function, which on a sheet only notes what it would draw."""

    @functools.wraps(draw)
    def noted(*inputs: Inputs.args, **options: Inputs.kwargs) -> Place:
        for value in (*inputs, *options.values()):
            if isinstance(value, Spot):
                value.sheet.calls.append((draw, inputs, dict(options)))
                return cast("Place", value)
        return draw(*inputs, **options)

    return noted


@contextlib.contextmanager
def kept_in(folder: Path, *, root: Path) -> Iterator[None]:
    """In here what was made before is taken from the folder, and what is not there put into it.

    Parameters
    ----------
    root : the project folder, which no link may lead out of: things here are deleted again.

    Raises
    ------
    DataError : on entering, when the folder leads out of the project.
    """
    inside(folder / _NAME, root)
    before = _FOLDER.set(folder)
    try:
        yield
    finally:
        _FOLDER.reset(before)


def keeps() -> bool:
    """Whether anything is kept where this is asked."""
    return _FOLDER.get() is not None


def picture(sheet: Sheet, prefix: str, draw: Callable[[], str]) -> str:
    """The SVG of a sheet: as kept, or else what `draw` gives, which is then kept."""
    key = _key(sheet, prefix)
    if key is None:
        return draw()
    return kept_or_made(key, "svg", lambda: draw().encode("utf-8")).decode("utf-8")


def kept_or_made(key: str, kind: str, make: Callable[[], bytes]) -> bytes:
    """What is kept under a key, or else what `make` gives, which is then kept.

    Parameters
    ----------
    key : hexadecimal digits; a hash of everything that the bytes depend on. kind : ends the name.
    """
    folder = _FOLDER.get()
    if folder is None:
        return make()
    path = folder / f"{key}.{kind}"
    content = _read(path)
    if content is None:
        content = make()
        _write(path, content)
    return content


def _key(sheet: Sheet, prefix: str) -> str | None:
    """sha256 of all that the bytes of a picture depend on; None when an input is not plain."""
    calls = [[draw.__qualname__, inputs, options] for draw, inputs, options in sheet.calls]
    try:
        text = json.dumps(
            [_surroundings(), prefix, sheet.height, sheet.width, calls], default=_parts
        )
    except TypeError:
        return None
    return hashlib.sha256(text.encode()).hexdigest()


def _parts(value: Any) -> list[Any]:
    if isinstance(value, Spot):
        return ["figure" if isinstance(value, Sheet) else "axes"]
    if is_dataclass(value) and not isinstance(value, type):
        return [type(value).__name__, *(getattr(value, field.name) for field in fields(value))]
    raise TypeError(f"a {type(value).__name__} is no plain input")


@functools.cache
def _surroundings() -> list[str]:
    """A hash of the source that draws, and versions of what it draws with."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    versions = [metadata.version(package) for package in ("matplotlib", "numpy")]
    return [digest.hexdigest(), platform.python_version(), *versions]


def _read(path: Path) -> bytes | None:
    try:
        whole, _, content = content_of(path, path.name).partition(b"\n")
    except EvaluationError:
        return None
    if hashlib.sha256(content).hexdigest().encode() != whole:
        return None
    # The time says what nobody asked for lately.
    with contextlib.suppress(OSError):
        os.utime(path)
    return content


def _write(path: Path, content: bytes) -> None:
    """Puts something into the folder, if it can be written to; a reader never sees half of it."""
    with contextlib.suppress(OSError, EvaluationError):
        make_folder(path.parent)
        _make_room(path.parent, len(content))
        with replaced(path, root=None, private=True, sync=False) as stream:
            stream.write(hashlib.sha256(content).hexdigest().encode() + b"\n" + content)


def _make_room(folder: Path, needed: int) -> None:
    """Deletes what was not used for longest when there is too little room for more: only files
    under names that are made here."""
    held = []
    with os.scandir(folder) as entries:
        for entry in entries:
            path = Path(entry.path)
            made = re.fullmatch(_NAME, entry.name) or is_part(path, _NAME)
            if not made or not entry.is_file(follow_symlinks=False):
                continue
            # Another process may delete it at the same time.
            with contextlib.suppress(OSError):
                found = entry.stat()
                held.append((found.st_mtime, found.st_size, path))
    size = needed + sum(size for _, size, _ in held)
    if size <= LARGEST:
        return
    for _, freed, path in sorted(held):
        with contextlib.suppress(OSError):
            path.unlink()
        size -= freed
        # A quarter is left free, so that this is seldom done.
        if size <= 0.75 * LARGEST:
            return
