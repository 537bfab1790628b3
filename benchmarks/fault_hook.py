"""What a process does to files in a folder, operation by operation: counted, and disturbed at one.

An audit hook hears opening for writing, renaming, linking, deleting, folders and modes; writing
and syncing, which have no event, are wrapped. What DuckDB and Arrow do by themselves is not heard.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, Final

_CHANGES: Final = {
    *("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "os.link", "os.symlink"),
    *("os.truncate", "os.utime"),
}
_WRITES: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
# Before which operation, and, where it writes, the file and what half of it adds.
Seen = Callable[[int, "Path | None", bytes], None]


class Hook:
    """Heard from when `on` is set; installed for good, so in a process that ends afterwards.

    Parameters
    ----------
    root : files in this folder count. fails_at : the operation that meets a full disk, after half
        of what it was to write. seen : called before each operation: what lies there then is what a
        kill would leave.
    """

    def __init__(
        self, root: Path, *, fails_at: int = -1, seen: Seen = lambda number, path, half: None
    ) -> None:
        self.on, self.count = False, 0
        self._root, self._fails_at, self._seen = str(root), fails_at, seen
        self._opened_last = ""
        self._fsync, self._fdopen = os.fsync, os.fdopen
        os.fsync = self._synced  # type: ignore[assignment]
        os.fdopen = self._stream  # type: ignore[assignment]
        sys.addaudithook(self._heard)

    def _heard(self, event: str, given: tuple[Any, ...]) -> None:
        if not self.on:
            return
        if event == "open":
            path, mode, flags = given
            writes = flags & _WRITES if mode is None else set(str(mode)) & set("wax+")
            if writes and isinstance(path, (str, bytes, os.PathLike)) and self._ours(path):
                self._opened_last = os.fsdecode(path)
                self._meets()
        elif event in _CHANGES and (self._ours(given[0]) or given[-1] not in (-1, None)):
            self._meets()

    def _ours(self, path: Any) -> bool:
        return not isinstance(path, int) and os.fsdecode(path).startswith(self._root)

    def _meets(self, stream: BinaryIO | None = None, path: str = "", half: bytes = b"") -> None:
        number, self.count = self.count, self.count + 1
        # What looks, and what is done when it fails, is not counted.
        self.on = False
        try:
            self._seen(number, Path(path) if path else None, half)
            if number == self._fails_at:
                if stream is not None:
                    stream.write(half)
                    stream.flush()
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        finally:
            self.on = True

    def _synced(self, handle: int) -> None:
        if self.on:
            self._meets()
        self._fsync(handle)

    def _stream(self, handle: int, mode: str = "r", *more: Any, **named: Any) -> Any:
        stream = self._fdopen(handle, mode, *more, **named)
        return _Halved(stream, self, self._opened_last) if self.on and mode == "wb" else stream

    def written(self, stream: BinaryIO, path: str, content: bytes) -> int:
        if self.on:
            stream.flush()
            self._meets(stream, path, content[: len(content) // 2])
        return stream.write(content)


class _Halved:
    """A stream whose writes can end half way."""

    def __init__(self, stream: BinaryIO, hook: Hook, path: str) -> None:
        self._stream, self._hook, self._path = stream, hook, path

    def write(self, content: bytes) -> int:
        return self._hook.written(self._stream, self._path, content)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def __enter__(self) -> _Halved:
        return self

    def __exit__(self, *given: object) -> None:
        self._stream.close()
