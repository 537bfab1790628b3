"""What the check of all studies found: `reports/check.json`.

The record holds the verdict on each study, the sha256 of the lock that it was held to and the head
of its chain of acceptances, and no clock, so that the same tree gives the same bytes. `ceasefire
check --record` alone writes it; what a hand changed in it is told as file:line:column.

A head that was recorded once must be in the chain ever after. One that is not there any more stays
in the record, so that recording again does not make a history good that was cut. So does that of a
study that was not checked this time, whether it was taken out or its data are not here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from evaluation.check.lock import FILE as LOCK
from evaluation.data.json_places import LocatedJson, first_difference
from evaluation.errors import DataError
from evaluation.files import content_of, decoded
from evaluation.report.site import COMMAND, LastCheck, State
from evaluation.study.acceptances import Accepted, heads
from evaluation.study.read_back import ended
from evaluation.study.run_cache import sha256_of
from evaluation.study.written import canonical
from evaluation.version import VERSION

if TYPE_CHECKING:
    from evaluation.check.verdict import Checked

FILE: Final = "check.json"
SHOWN: Final = f"reports/{FILE}"
SCHEMA: Final = 1
# Far above some two hundred bytes a study.
LARGEST: Final = 1024**2
Log = Sequence[Accepted]
Found = Literal["reproduces", "differs", "failed"]


def _sha256(text: str) -> str:
    if not re.fullmatch(r"[0-9a-f]{64}", text):
        raise ValueError("is no sha256, which has 64 digits from 0 to f.")
    return text


class _Study(BaseModel):
    """`studies.<slug>`."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    lock_sha256: Annotated[str, AfterValidator(_sha256)] | None
    verdict: Found
    head: Annotated[str, AfterValidator(_sha256)] | None = None


class _File(BaseModel):
    """The whole file."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    package: Annotated[str, Field(min_length=1)]
    written: Literal[1] = Field(alias="schema")
    studies: dict[str, _Study]


@dataclass(frozen=True, slots=True)
class Recorded:
    """The verdict on one study, the sha256 of the lock.json it was held to, None without, and the
    head of its chain of acceptances; "" where none was recorded."""

    verdict: Found
    lock_sha256: str | None
    head: str = ""

    def as_json(self) -> dict[str, str | None]:
        """As the file holds it."""
        known = {"head": self.head} if self.head else {}
        return {"verdict": self.verdict, "lock_sha256": self.lock_sha256, **known}


@dataclass(frozen=True, slots=True)
class Record:
    """What one check of all studies found, and the version of the program that ran them."""

    package: str
    studies: Mapping[str, Recorded]

    def __str__(self) -> str:
        content = {"schema": SCHEMA, "package": self.package}
        studies = {slug: one.as_json() for slug, one in self.studies.items()}
        return canonical({**content, "studies": studies})


def locks_of(slugs: Sequence[str], root: Path) -> dict[str, str | None]:
    """The sha256 of the lock of each study as it lies here; None where nothing was accepted."""
    return {slug: sha256_of(root / "reports" / slug / LOCK) or None for slug in slugs}


def forgotten(head: str, log: Sequence[Accepted]) -> bool:
    """Whether a head that was recorded is no longer in the chain: its history was changed or cut.

    Parameters
    ----------
    head : "" where none was recorded.
    """
    return bool(head) and head not in heads(log)


def head_recorded(slug: str, root: Path) -> str:
    """The head that the record holds for a study; "" where there is none.

    Raises
    ------
    DataError : when the record cannot be read: what it held is not forgotten for that.
    """
    found = former_record(root).studies.get(slug)
    return "" if found is None else found.head


def former_record(root: Path) -> Record:
    """The record until now; an empty one where there is none. Errors as of `read_record`."""
    return read_record(root) or Record("", {})


def recorded(
    checks: Sequence[Checked], locks: Mapping[str, str | None], logs: Mapping[str, Log], was: Record
) -> Record:
    """What a check found, ready to be written.

    Parameters
    ----------
    checks : of every study, each of them run again. locks : from `locks_of`, before the check;
        studies that are not in it are not on the front page, and stay as they were when they have a
        head. logs : of the same studies. was : the record until now.
    """
    found = {
        entry.slug: Recorded(
            _verdict(entry),
            locks[entry.slug],
            _head(logs.get(entry.slug, ()), was.studies.get(entry.slug)),
        )
        for entry in checks
        if entry.slug in locks
    }
    kept = {slug: one for slug, one in was.studies.items() if one.head and slug not in locks}
    return Record(VERSION, {**kept, **found})


def _head(log: Log, was: Recorded | None) -> str:
    """The head to be recorded: that of the chain, or the one before where it is forgotten."""
    if was is not None and forgotten(was.head, log):
        return was.head
    return heads(log)[-1] if any(entry.chained for entry in log) else ""


def _verdict(entry: Checked) -> Found:
    if entry.verdict is None:
        return "failed"
    return "reproduces" if entry.verdict.reproduces else "differs"


def read_record(root: Path) -> Record | None:
    """The record of the last check; None when none was written yet.

    Raises
    ------
    DataError : with every fault of the file, each at its line and column.
    """
    path = root / "reports" / FILE
    if not path.exists() and not path.is_symlink():
        return None
    try:
        content = content_of(path, SHOWN, most=LARGEST)
        text = decoded(content, SHOWN, advice="")
        found = LocatedJson(SHOWN, text, DataError).parse(_File)
        record = Record(
            found.package,
            {
                slug: Recorded(one.verdict, one.lock_sha256, one.head or "")
                for slug, one in found.studies.items()
            },
        )
        if other := first_difference(SHOWN, text, str(record)):
            raise DataError(other)
        return record
    except DataError as problem:
        # Made again just so, it would no longer know the heads that it held.
        words = f"Take it from the last commit, or delete it and run `{COMMAND}`."
        raise DataError([ended(one, words) for one in problem.faults]) from None


def last_check(record: Record | None, slugs: Sequence[str], root: Path) -> LastCheck | None:
    """What the record says about these studies with the locks that they have now.

    Parameters
    ----------
    record : None when none was written. slugs : the studies of the front page.
    """
    if record is None:
        return None
    locks = locks_of(slugs, root)
    return LastCheck(record.package, {slug: _state(record, slug, locks[slug]) for slug in slugs})


def _state(record: Record, slug: str, lock: str | None) -> State:
    found = record.studies.get(slug)
    if found is None:
        return "new"
    # Results that nobody accepted may change without a trace, so no check vouches for them.
    if lock is None:
        return "not accepted"
    return found.verdict if found.lock_sha256 == lock else "accepted since"


def strangers(record: Record | None, slugs: Sequence[str]) -> list[str]:
    """Names in the record, without a head to keep, that are no study of the front page."""
    studies = {} if record is None else record.studies
    return sorted(slug for slug, one in studies.items() if slug not in slugs and not one.head)
