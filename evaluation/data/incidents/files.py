"""The files of incidents: which they are, their hashes, and a stream that cannot explode."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np

from evaluation.data.incidents.recipe import Recipe
from evaluation.data.table import SAVE_AS_UTF_8, UTF_16_MARKS
from evaluation.data.toml_places import did_you_mean
from evaluation.errors import DataError, Fault
from evaluation.files import ANY_SIZE, opened

ENDINGS: Final = (".csv", ".csv.gz", ".parquet")
GIB: Final = 1024**3
# Below this size no ratio is too large: a small file of one repeated row is no bomb.
SMALL: Final = 64 * 1024**2
_CHUNK: Final = 1 << 20
_ARCHIVES: Final = {b"PK\x03\x04": "a zip archive (or an Excel file)", b"\x1f\x8b": "gzip"}
_QUOTE, _LINE_FEED = b'"'[0], b"\n"[0]
_BEFORE_A_CELL: Final = np.frombuffer(b',\n\r"', dtype=np.uint8)


@dataclass(frozen=True, slots=True)
class Source:
    """One file of incidents. shown : how messages and the account name it."""

    path: Path
    shown: str

    @property
    def kind(self) -> str:
        """Its ending, one of ENDINGS."""
        return next((end for end in ENDINGS if self.path.name.lower().endswith(end)), "")


def sources_of(recipe: Recipe, given: Sequence[Path] = ()) -> tuple[list[Source], list[str]]:
    """The files of a recipe by name, and the names of files in its folders that are none.

    Parameters
    ----------
    given : files or folders named by the user, in place of those of the recipe; they may be
        anywhere. What the recipe names must be inside its folder.

    Raises
    ------
    DataError : when a name leads out, matches nothing, or matches what the panel overwrites.
    """
    found: dict[str, Source] = {}
    ignored: list[str] = []
    if given:
        for path in given:
            for one in _expanded(path, str(path)):
                inside = one.relative_to(path).as_posix() if path.is_dir() else one.name
                if inside in found and not found[inside].path.samefile(one):
                    raise DataError(f"{inside}: two files have this name. Rename one of them.")
                found[inside] = Source(one, inside)
    else:
        for index, written in enumerate(recipe.table.incidents.files):
            for path in _matching(recipe, written, index):
                shown = path.relative_to(recipe.folder).as_posix()
                found[shown] = Source(path, shown)
    sources = []
    for source in sorted(found.values(), key=lambda one: one.shown):
        if source.kind:
            sources.append(source)
        else:
            ignored.append(source.shown)
    if not sources:
        what = f" Found only {', '.join(ignored[:5])}." if ignored else ""
        message = f"no file ends in {', '.join(ENDINGS)}.{what}"
        raise DataError(recipe.located.fault(("incidents", "files"), message))
    _refuse_own(recipe, sources)
    return sources, ignored


def inside(recipe: Recipe, written: str, key: tuple[str | int, ...]) -> Path:
    """A path of the recipe, inside its folder also when links are followed.

    Raises
    ------
    DataError : at the key of the recipe, when it leads out.
    """
    parts = written.replace("\\", "/").split("/")
    if "\0" in written or written.startswith(("/", "\\", "~")) or ":" in parts[0] or ".." in parts:
        message = f"{written!r} leads out of the recipe's folder. {_ELSEWHERE}"
        raise DataError(recipe.located.fault(key, message))
    path = recipe.folder / written
    _refuse_outside(recipe, path, written, key)
    return path


_ELSEWHERE: Final = "Put the files beside the recipe, or name them on the command line."


def _refuse_outside(recipe: Recipe, path: Path, shown: str, key: tuple[str | int, ...]) -> None:
    real, folder = os.path.realpath(path), os.path.realpath(recipe.folder)
    if os.path.commonpath([real, folder]) != folder:
        message = f"{shown!r} is a link out of the recipe's folder. {_ELSEWHERE}"
        raise DataError(recipe.located.fault(key, message))


def _matching(recipe: Recipe, written: str, index: int) -> list[Path]:
    key = ("incidents", "files", index)
    path = inside(recipe, written, key)
    if any(char in written for char in "*?["):
        matched = sorted(one for one in recipe.folder.glob(written) if not _hidden(one.name))
        found = [inner for one in matched for inner in _expanded(one, one.name)]
    elif path.exists():
        found = _expanded(path, written)
    else:
        near = [one.name for one in path.parent.iterdir()] if path.parent.is_dir() else []
        message = f"{written!r}: no such file.{did_you_mean(path.name, sorted(near)[:50])}"
        raise DataError(recipe.located.fault(key, message))
    if not found:
        raise DataError(recipe.located.fault(key, f"{written!r} matches no file."))
    for one in found:
        _refuse_outside(recipe, one, one.relative_to(recipe.folder).as_posix(), key)
    return found


def _expanded(path: Path, shown: str) -> list[Path]:
    """The path itself, or all files below it when it is a folder."""
    if path.is_dir():
        below = sorted(one for one in path.rglob("*") if one.is_file())
        return [one for one in below if not any(map(_hidden, one.relative_to(path).parts))]
    if not path.exists():
        raise DataError(f"{shown}: no such file or folder")
    if not path.is_file():
        raise DataError(f"{shown}: is no ordinary file")
    return [path]


def _hidden(name: str) -> bool:
    return name.startswith((".", "_"))


def outputs_of(recipe: Recipe) -> tuple[Path, Path, Path]:
    """Where the panel, its description and its account are written."""
    panel = recipe.folder / recipe.output
    stem = panel.stem
    return panel, panel.with_name(f"{stem}.dataset.toml"), panel.with_name(f"{stem}.panel.json")


def _refuse_own(recipe: Recipe, sources: Sequence[Source]) -> None:
    written = {os.path.realpath(path) for path in outputs_of(recipe)}
    for source in sources:
        if os.path.realpath(source.path) in written:
            message = f"{source.shown} is what the panel is written to. Name another output."
            raise DataError(recipe.located.fault(("output",), message))


class Stream(io.RawIOBase):
    """The text of a CSV file, decompressed, hashed and checked while it is read.

    Quotes must stand around whole cells: a reader that is not strict about them may take two
    rows for one without a word.
    """

    def __init__(self, source: Source, *, gib: int, ratio: int, encoding: str = "utf-8") -> None:
        self.shown = source.shown
        self._file: BinaryIO = opened(source.path, source.shown, most=ANY_SIZE)
        self.raw = _Hashed(self._file)
        packed = source.kind == ".csv.gz"
        self._text: Any = gzip.GzipFile(fileobj=self.raw) if packed else self.raw
        self._limits = (gib, ratio) if packed else None
        self._encoding = encoding
        self._read = 0
        self._quotes = 0
        self._lines = 0
        self._since = 0
        self._last = _LINE_FEED
        self._open = 0
        self._pending = False

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self._file.close()
        super().close()

    def readinto(self, buffer: Any) -> int:
        try:
            chunk: bytes = self._text.read(max(len(buffer) // self._widest, 1))
        except (EOFError, gzip.BadGzipFile, zlib.error) as fault:
            message = f"cannot be decompressed ({fault}). Fetch it again."
            raise DataError(Fault(self.shown, None, None, message)) from None
        if self._widest > 1:
            chunk = self._as_utf_8(chunk)
        self._check_form(chunk)
        self._read += len(chunk)
        self._check_size()
        buffer[: len(chunk)] = chunk
        return len(chunk)

    def finish(self) -> None:
        """Reads what is left, so that the hash is of the whole file."""
        while self.read(_CHUNK):
            pass
        while self.raw.read(_CHUNK):
            pass

    @property
    def _widest(self) -> int:
        """Bytes of UTF-8 that one byte of the file may become."""
        return 1 if self._encoding == "utf-8" else 3

    def _as_utf_8(self, chunk: bytes) -> bytes:
        """The same text in UTF-8; of such an encoding each byte is a character by itself."""
        try:
            return chunk.decode(self._encoding).encode("utf-8")
        except UnicodeDecodeError as fault:
            line, column = self._place(chunk, fault.start)
            message = f"is no {self._encoding} text either. {SAVE_AS_UTF_8}"
            raise DataError(Fault(self.shown, line, column, message)) from None

    def _check_size(self) -> None:
        if self._limits and (why := too_large(self._read, self.raw.count, *self._limits)):
            raise DataError(Fault(self.shown, None, None, why))

    def _check_form(self, chunk: bytes) -> None:
        if self._read == 0:
            self._check_start(chunk)
        if b"\0" in chunk:
            line, column = self._place(chunk, chunk.index(b"\0"))
            message = f"holds a NUL byte, so it is no plain text. {SAVE_AS_UTF_8}"
            raise DataError(Fault(self.shown, line, column, message))
        if b'"' in chunk or self._pending or (not chunk and self._quotes % 2):
            self._check_quotes(chunk)
        if chunk:
            self._lines += chunk.count(b"\n")
            at = chunk.rfind(b"\n")
            self._since = len(chunk) - at - 1 if at >= 0 else self._since + len(chunk)
            self._last = chunk[-1]

    def _check_start(self, chunk: bytes) -> None:
        if chunk.startswith(UTF_16_MARKS):
            raise DataError(Fault(self.shown, 1, None, f"is UTF-16 text. {SAVE_AS_UTF_8}"))
        if chunk.startswith(b"PAR1"):
            message = "is a Parquet file. Give it the ending .parquet."
            raise DataError(Fault(self.shown, None, None, message))
        for mark, what in _ARCHIVES.items():
            if chunk.startswith(mark):
                message = f"is {what}, no text. Unpack it, or use .csv.gz for one table in gzip."
                raise DataError(Fault(self.shown, None, None, message))
        if not chunk:
            message = "is empty. Its first line must name the columns."
            raise DataError(Fault(self.shown, 1, None, message))

    def _check_quotes(self, chunk: bytes) -> None:
        """Every first quote must open a cell, and every second one close it."""
        if not chunk and self._quotes % 2:
            message = "a quote opens here and never closes. Close or remove it."
            raise DataError(Fault(self.shown, self._open, None, message))
        data = np.frombuffer(chunk, dtype=np.uint8)
        places = np.flatnonzero(data == _QUOTE)
        number = self._quotes + np.arange(places.size)
        before = np.append(np.uint8(self._last), data[:-1])[places] if places.size else data[:0]
        opens = number % 2 == 0
        start = (places == 0) & (self._read == 0)
        byte_mark = (places == 3) & (self._read == 0) & chunk.startswith(b"\xef\xbb\xbf")
        wrong = opens & ~np.isin(before, _BEFORE_A_CELL) & ~start & ~byte_mark
        closing = places[~opens & (places < data.size - 1)]
        after = data[closing + 1]
        late = closing[~np.isin(after, _BEFORE_A_CELL)]
        bad = [*places[wrong].tolist(), *late.tolist()]
        if self._pending and chunk and data[0] not in _BEFORE_A_CELL:
            bad.append(0)
        if bad:
            line, column = self._place(chunk, min(bad))
            message = (
                "a quote stands inside a cell. Put quotes around the whole cell, and double any "
                "inside it."
            )
            raise DataError(Fault(self.shown, line, column, message))
        opened = places[opens]
        if opened.size:
            self._open = self._place(chunk, int(opened[-1]))[0]
        self._quotes += places.size
        # A closing quote at the end of this piece is judged by the first byte of the next.
        self._pending = bool(chunk) and data[-1] == _QUOTE and self._quotes % 2 == 0

    def _place(self, chunk: bytes, at: int) -> tuple[int, int]:
        """Line and column (in bytes) of a place in this piece."""
        newline = chunk.rfind(b"\n", 0, at)
        line = self._lines + chunk.count(b"\n", 0, at) + 1
        return line, (at - newline if newline >= 0 else self._since + at + 1)


class _Hashed(io.RawIOBase):
    """A file that hashes and counts what is read from it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._hash = hashlib.sha256()
        self.count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        chunk = self._file.read(len(buffer))
        self._hash.update(chunk)
        self.count += len(chunk)
        buffer[: len(chunk)] = chunk
        return len(chunk)

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()


def too_large(size: int, packed: int, gib: int, ratio: int) -> str:
    """Why so many bytes from so few may not be read on, or nothing."""
    if size > gib * GIB:
        return f"is more than {gib} GiB when decompressed. Raise limits.gib if it may be."
    if size > SMALL and size > ratio * max(packed, 1):
        return (
            f"grows more than {ratio} times when decompressed, as no table does. Raise "
            "limits.ratio if it may."
        )
    return ""


def sha256_of(path: Path) -> str:
    """Hash of a file that need not fit into memory."""
    with opened(path, path.name, most=ANY_SIZE) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
