"""`analyses/<slug>/changes.toml`: what was accepted, when and why. People write it.

`ceasefire accept` only adds to its end what a person could have typed. The day stands here and
nowhere in `reports/`, so that the program's own files hold no clock.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from evaluation.data.toml_places import Located, read
from evaluation.errors import Fault, PlanError
from evaluation.files import write_atomically

FILE = "changes.toml"
HEAD = """\
# What was accepted as the results of this study, and why; the latest last. `ceasefire accept`
# adds an entry. `sha256` says what was accepted: it is in lock.json too.
"""
_WHEN = "Write it as on = 2026-01-31, without quotes."


class _Entry(BaseModel):
    """`[[accepted]]`."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    on: datetime.date
    reason: str
    by: str | None = None
    sha256: str | None = None


class _Changes(BaseModel):
    """The whole file."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    accepted: list[_Entry] = []


@dataclass(frozen=True, slots=True)
class Accepted:
    """One acceptance: its day, its reason, who gave it and the sha256 of what was accepted, the
    last two "" where the file does not say."""

    on: str
    reason: str
    by: str = ""
    sha256: str = ""


def read_changes(slug: str, root: Path) -> tuple[Accepted, ...]:
    """What was accepted so far, the latest last; nothing when there is no such file.

    Raises
    ------
    PlanError : with every fault of the file.
    """
    path = _path(slug, root)
    if not path.exists() and not path.is_symlink():
        return ()
    located = read(path, shown_as=_shown(slug), error=PlanError)
    entries = located.parse(_Changes).accepted
    faults = [*_date_faults(entries, located), *_reason_faults(entries, located)]
    if faults:
        raise PlanError(faults)
    return tuple(
        Accepted(entry.on.isoformat(), entry.reason, entry.by or "", entry.sha256 or "")
        for entry in entries
    )


def add(slug: str, root: Path, entry: Accepted) -> None:
    """Adds one acceptance to the end of the file; all that stands there stays as it is.

    Raises
    ------
    PlanError : when the reason is no text. DataError : when the file cannot be written.
    """
    path = _path(slug, root)
    before = path.read_text(encoding="utf-8") if path.exists() else HEAD
    lines = [f"on = {entry.on}", f"reason = {_quoted(entry.reason)}"]
    lines += [f"by = {_quoted(entry.by)}"] if entry.by else []
    lines += [f'sha256 = "{entry.sha256}"']
    added = "\n".join(["[[accepted]]", *lines])
    write_atomically(path, f"{before.rstrip()}\n\n{added}\n", root=root)


def complete(slug: str, root: Path, sha256: str) -> None:
    """Writes what was accepted under the last entry, to which a person gave day and reason."""
    path = _path(slug, root)
    before = path.read_text(encoding="utf-8").rstrip()
    write_atomically(path, f'{before}\nsha256 = "{sha256}"\n', root=root)


def checked_reason(reason: str) -> str:
    """The reason without blanks around it.

    Raises
    ------
    PlanError : when it is empty, or cannot be written as text.
    """
    words = " ".join(reason.split())
    if not words:
        raise PlanError('a reason is needed: --reason "why the results may change"')
    try:
        words.encode("utf-8")
    except UnicodeEncodeError:
        raise PlanError("the reason is not UTF-8 text; type it again") from None
    return words


def _quoted(words: str) -> str:
    """A TOML string of one line."""
    held = words.replace("\\", "\\\\").replace('"', '\\"')
    signs = [char if char.isprintable() else f"\\U{ord(char):08X}" for char in held]
    return f'"{"".join(signs)}"'


def _date_faults(entries: list[_Entry], located: Located) -> list[Fault]:
    return [
        located.fault(("accepted", index, "on"), f"has a time of day. {_WHEN}")
        for index, entry in enumerate(entries)
        if isinstance(entry.on, datetime.datetime)
    ]


def _reason_faults(entries: list[_Entry], located: Located) -> list[Fault]:
    return [
        located.fault(("accepted", index, "reason"), "is empty. Say why.")
        for index, entry in enumerate(entries)
        if not entry.reason.strip()
    ]


def _path(slug: str, root: Path) -> Path:
    return root / "analyses" / slug / FILE


def _shown(slug: str) -> str:
    return f"analyses/{slug}/{FILE}"
