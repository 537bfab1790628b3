"""When and why results were accepted, and the chain of hashes over it: `changes.toml`.

`analyses/<slug>/changes.toml` people write: `ceasefire accept` only adds to its end what a person
could have typed. Each entry that it completes holds the hash of what was accepted and, as
`previous`, the hash of the entry before, which holds that of the one before it: whoever changes or
takes out an entry must change all after it. The last of these hashes is the head of the chain. It
vouches for everything before, to whoever noted it down elsewhere; whoever can rewrite the whole
project can rewrite its chain (Haber and Stornetta, 1991, Journal of Cryptology 3, 99-111).
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from evaluation.data.toml_places import Located, read
from evaluation.errors import Fault, PlanError
from evaluation.files import text_of, write_atomically
from evaluation.study.run_cache import sha256_of
from evaluation.study.written import canonical

LOG = "changes.toml"
HEAD = """\
# What was accepted as the results of this study, and why; the latest last. `ceasefire accept`
# adds an entry. `sha256` says what was accepted, which is in lock.json too; `previous` is the hash
# of the entry before, so that none can be changed or taken out without all after it.
"""
_WHEN = "Write it as on = 2026-01-31, without quotes."


class _Entry(BaseModel):
    """`[[accepted]]`."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    on: datetime.date
    reason: str
    by: str | None = None
    sha256: str | None = None
    results: str | None = None
    previous: str | None = None


class _Changes(BaseModel):
    """The whole file."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    accepted: list[_Entry] = []


@dataclass(frozen=True, slots=True)
class Accepted:
    """One acceptance.

    Parameters
    ----------
    on, reason, by : its day, its reason, and who gave it, "" where the file does not say.
    sha256 : of what was accepted; "" until `ceasefire accept` completes it. results : sha256 of
        results.json. previous : hash of the entry before, "" before the first; None in an entry of
        a version that did not chain them.
    """

    on: str
    reason: str
    by: str = ""
    sha256: str = ""
    results: str = ""
    previous: str | None = None

    @property
    def chained(self) -> bool:
        return self.previous is not None

    def as_json(self) -> dict[str, str]:
        """As a lock holds it; of one that is not chained, in the form in which it was written."""
        content: dict[str, str] = asdict(self)
        if self.previous is None:
            del content["results"], content["previous"]
        return content


@dataclass(frozen=True, slots=True)
class Chain:
    """So many acceptances, and the hash of the last of them; "" where there is none."""

    entries: int
    head: str


NONE = Chain(0, "")


def linked(entry: Accepted, before: str) -> bytes:
    """The bytes of one entry, whose sha256 is the head of the chain after it.

    Parameters
    ----------
    before : the head of the chain before it. It is covered also where the entry does not name it.
    """
    return canonical({**asdict(entry), "previous": before}).encode("utf-8")


def heads(log: Sequence[Accepted]) -> tuple[str, ...]:
    """The head of the chain after each entry, the latest last."""
    found: list[str] = []
    for entry in log:
        before = found[-1] if found else ""
        found.append(hashlib.sha256(linked(entry, before)).hexdigest())
    return tuple(found)


def chain_of(log: Sequence[Accepted]) -> Chain:
    """How long the chain is, and its head."""
    return Chain(len(log), (heads(log) or ("",))[-1])


def head_bytes(slug: str, root: Path) -> bytes:
    """The bytes whose sha256 is the head of a study's chain; nothing when none was accepted.

    A third party that stamps them with a time has stamped everything accepted until then.

    Raises
    ------
    PlanError : with every fault of changes.toml.
    """
    log = read_changes(slug, root)
    return linked(log[-1], ("", *heads(log))[-2]) if log else b""


def broken(log: Sequence[Accepted]) -> int | None:
    """The number, from 0, of the first entry that does not hold the hash of all before it; None
    when each does. Entries of a version that did not chain them may stand before the first that
    does, and one that nobody completed yet at the end."""
    before, chained = "", False
    for number, (entry, head) in enumerate(zip(log, heads(log), strict=True)):
        chained = chained or entry.chained
        pending = number == len(log) - 1 and not entry.sha256
        if chained and not pending and entry.previous != before:
            return number
        before = head
    return None


def continued(slug: str, root: Path) -> Chain:
    """The chain before the results that are there were accepted, or before they may be.

    A page cannot hold the head that covers it, so this is the one it tells.

    Raises
    ------
    PlanError : with every fault of changes.toml.
    """
    log = [entry for entry in read_changes(slug, root) if entry.sha256]
    here = sha256_of(root / "reports" / slug / "results.json")
    if log and log[-1].results == here != "":
        log.pop()
    return chain_of(log)


def read_changes(slug: str, root: Path) -> tuple[Accepted, ...]:
    """What was accepted so far, the latest last; nothing when there is no such file.

    Raises
    ------
    PlanError : with every fault of the file.
    """
    return _read(slug, root)[0]


def checked_changes(slug: str, root: Path) -> tuple[Accepted, ...]:
    """The same, when each entry holds the hash of the one before.

    Raises
    ------
    PlanError : also at the first entry that does not.
    """
    log, located = _read(slug, root)
    if (number := broken(log)) is not None and located is not None:
        words = "is not the hash of the entries before: one of them was changed or taken out. "
        words += "Take the file from the last commit."
        raise PlanError(located.fault(("accepted", number, "previous"), words))
    return log


def _read(slug: str, root: Path) -> tuple[tuple[Accepted, ...], Located | None]:
    path = _path(slug, root)
    if not path.exists() and not path.is_symlink():
        return (), None
    located = read(path, shown_as=_shown(slug), error=PlanError)
    return _entries(located), located


def _entries(located: Located) -> tuple[Accepted, ...]:
    entries = located.parse(_Changes).accepted
    faults = [*_date_faults(entries, located), *_reason_faults(entries, located)]
    if faults:
        raise PlanError(faults)
    return tuple(
        Accepted(
            entry.on.isoformat(),
            entry.reason,
            entry.by or "",
            entry.sha256 or "",
            entry.results or "",
            entry.previous,
        )
        for entry in entries
    )


def completed(entry: Accepted, log: Sequence[Accepted], *, sha256: str, results: str) -> Accepted:
    """The entry as the next of a log, with what was accepted and the hash of all before.

    Parameters
    ----------
    log : what stands before it. sha256 : of what was accepted. results : of results.json.
    """
    return replace(entry, sha256=sha256, results=results, previous=chain_of(log).head)


def add(slug: str, root: Path, entry: Accepted) -> None:
    """Adds one acceptance to the end of the file; all that stands there stays as it is.

    Raises
    ------
    PlanError : when the file would not read as all that stands there and this entry. DataError :
        when it cannot be written.
    """
    path = _path(slug, root)
    before = text_of(path, _shown(slug)) if path.exists() else HEAD
    lines = [f"on = {entry.on}", f"reason = {_quoted(entry.reason)}"]
    lines += [f"by = {_quoted(entry.by)}"] if entry.by else []
    added = "\n".join(["[[accepted]]", *lines, *_hashes(entry)])
    _write(slug, root, f"{before.rstrip()}\n\n{added}\n", (*read_changes(slug, root), entry))


def complete(slug: str, root: Path, entry: Accepted) -> None:
    """Writes what was accepted under the last entry, to which a person gave day and reason.

    Raises
    ------
    PlanError, DataError : as `add`.
    """
    lines = [text_of(_path(slug, root), _shown(slug)).rstrip(), *_hashes(entry)]
    _write(slug, root, "\n".join(lines) + "\n", (*read_changes(slug, root)[:-1], entry))


def _write(slug: str, root: Path, text: str, log: tuple[Accepted, ...]) -> None:
    """Writes a text that reads as this log, and no other: TOML has forms to whose end nothing can
    be added, such as a list of tables in one line."""
    plain = text.removeprefix("\ufeff").replace("\r\n", "\n")
    try:
        same = _entries(Located(_shown(slug), plain, PlanError)) == log
    except PlanError:
        same = False
    if not same:
        raise PlanError(
            f"{_shown(slug)}: nothing can be added to its end. Write each entry under a line "
            "[[accepted]], a key a line, the latest last."
        )
    write_atomically(_path(slug, root), text, root=root)


def _hashes(entry: Accepted) -> list[str]:
    lines = [f'results = "{entry.results}"'] if entry.results else []
    lines.append(f'sha256 = "{entry.sha256}"')
    return lines if entry.previous is None else [*lines, f'previous = "{entry.previous}"']


def checked_day(on: str, now: datetime.date) -> str:
    """The day of an acceptance, when it is not one to come.

    Parameters
    ----------
    on : as 2026-01-31. now : today.

    Raises
    ------
    PlanError : when it is.
    """
    if on > now.isoformat():
        raise PlanError(f"{on} is still to come; results are accepted on a day that was")
    return on


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
    return root / "analyses" / slug / LOG


def _shown(slug: str) -> str:
    return f"analyses/{slug}/{LOG}"
