"""`reports/check.json`: what the last check of all studies found, for the front page to tell.

It holds the verdict on each study and the sha256 of the lock that it was held to, and no clock, so
that the same tree gives the same bytes. `ceasefire check --record` alone writes it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from evaluation.check.json_places import LocatedJson
from evaluation.check.lock import FILE as LOCK
from evaluation.check.verdict import Checked
from evaluation.errors import DataError, Fault
from evaluation.report.last_check import COMMAND, LastCheck, State
from evaluation.study.run_cache import sha256_of, version_of
from evaluation.study.written import canonical

FILE: Final = "check.json"
SHOWN: Final = f"reports/{FILE}"
SCHEMA: Final = 1
# Far above some two hundred bytes a study.
LARGEST: Final = 1024**2
_MEND: Final = f"Run `{COMMAND}`, or take the file from the last commit."

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


class _File(BaseModel):
    """The whole file."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    package: Annotated[str, Field(min_length=1)]
    written: Literal[1] = Field(alias="schema")
    studies: dict[str, _Study]


@dataclass(frozen=True, slots=True)
class Recorded:
    """The verdict on one study, and the sha256 of the lock.json it was held to; None without."""

    verdict: Found
    lock_sha256: str | None


@dataclass(frozen=True, slots=True)
class Record:
    """What one check of all studies found, and the version of the program that ran them."""

    package: str
    studies: Mapping[str, Recorded]

    def __str__(self) -> str:
        content = {"schema": SCHEMA, "package": self.package}
        studies = {slug: asdict(one) for slug, one in self.studies.items()}
        return canonical({**content, "studies": studies})


def locks_of(slugs: Sequence[str], root: Path) -> dict[str, str | None]:
    """The sha256 of the lock of each study as it lies here; None where nothing was accepted."""
    return {slug: sha256_of(root / "reports" / slug / LOCK) or None for slug in slugs}


def recorded(checks: Sequence[Checked], locks: Mapping[str, str | None]) -> Record:
    """What a check found, ready to be written.

    Parameters
    ----------
    checks : of every study, each of them run again. locks : from `locks_of`, before the check;
        studies that are not in it are not on the front page, and are left out.
    """
    return Record(
        package=version_of("ceasefire-evaluation"),
        studies={
            entry.slug: Recorded(_verdict(entry), locks[entry.slug])
            for entry in checks
            if entry.slug in locks
        },
    )


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
    try:
        if path.stat().st_size > LARGEST:
            raise DataError(Fault(SHOWN, None, None, f"is too large to be a record. {_MEND}"))
        text = path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return None
    except OSError as fault:
        words = f"cannot be read ({fault.strerror})"
        raise DataError(Fault(SHOWN, None, None, words)) from None
    except UnicodeDecodeError as fault:
        line = path.read_bytes()[: fault.start].count(b"\n") + 1
        raise DataError(Fault(SHOWN, line, None, f"is not UTF-8 text. {_MEND}")) from None
    try:
        found = LocatedJson(SHOWN, text, DataError).parse(_File)
    except DataError as problem:
        mended = [replace(one, message=f"{_ended(one.message)} {_MEND}") for one in problem.faults]
        raise DataError(mended) from None
    record = Record(
        found.package,
        {slug: Recorded(one.verdict, one.lock_sha256) for slug, one in found.studies.items()},
    )
    if text != str(record):
        raise DataError(_other(text, str(record)))
    return record


def _ended(message: str) -> str:
    return message if message.endswith((".", "?")) else f"{message}."


def _other(text: str, expected: str) -> Fault:
    """The first place where a file of the right content is not as the program writes it."""
    same = next(
        (i for i, (a, b) in enumerate(zip(text, expected, strict=False)) if a != b),
        min(len(text), len(expected)),
    )
    before = text[:same]
    line, column = before.count("\n") + 1, same - (before.rfind("\n") + 1) + 1
    return Fault(SHOWN, line, column, f"was changed by hand. {_MEND}")


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
    """Names in the record that are no study of the front page."""
    return [] if record is None else sorted(set(record.studies) - set(slugs))
