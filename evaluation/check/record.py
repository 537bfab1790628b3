"""What the check of all studies found: `reports/check.json`, the pages over all, and a summary.

The record holds the verdict on each study and the sha256 of the lock that it was held to, and no
clock, so that the same tree gives the same bytes. `ceasefire check --record` alone writes it; what
a hand changed in it is told as file:line:column.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from evaluation.check.against_lock import Difference
from evaluation.check.lock import FILE as LOCK
from evaluation.check.pages import against
from evaluation.check.verdict import Checked, Verdict
from evaluation.data.project import read_project
from evaluation.data.toml_places import KeyPath, Located
from evaluation.errors import DataError, EvaluationError, Fault
from evaluation.files import text_of
from evaluation.report.site import COMMAND, LastCheck, State
from evaluation.report.write import site_files
from evaluation.study.batch_runs import committed_results
from evaluation.study.run_cache import sha256_of, version_of
from evaluation.study.written import canonical
from evaluation.synthesis.elsewhere import for_site

# Text in quotes, or a sign; numbers and names of values hold neither.
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,]')


class LocatedJson(Located):
    """A parsed JSON object that can say where each key stands."""

    def __init__(self, file: str, text: str, error: type[EvaluationError]) -> None:
        self.file = file
        self.error = error
        try:
            content = json.loads(text)
        except json.JSONDecodeError as fault:
            words = f"not valid JSON: {fault.msg}"
            raise error(Fault(file, fault.lineno, fault.colno, words)) from None
        except RecursionError:
            raise error(Fault(file, None, None, "nested too deeply to be read")) from None
        except ValueError as fault:  # a number of thousands of digits
            raise error(Fault(file, None, None, f"not valid JSON: {fault}")) from None
        if not isinstance(content, dict):
            raise error(Fault(file, 1, 1, "must be an object in { }"))
        self.content = content
        self.places: dict[KeyPath, tuple[int, int]] = {}
        for path, place in _keys(text):
            if path in self.places:
                words = f"{path[-1]}: stands twice. Keep one of the two"
                raise error(Fault(file, *place, words))
            self.places[path] = place


def _keys(text: str) -> Iterator[tuple[KeyPath, tuple[int, int]]]:
    """Path, line and column of every key of a valid JSON text, in its order."""
    starts = [0, *(place.end() for place in re.finditer("\n", text))]
    # The key or the index at which each open object or list is; "" before its first key.
    within: list[str | int] = []
    key_next = False
    for token in _TOKEN.finditer(text):
        sign = token[0]
        if sign in "{[":
            within.append("" if sign == "{" else 0)
            key_next = sign == "{"
        elif sign in "}]":
            within.pop()
            key_next = False
        elif sign == ",":
            here = within[-1]
            if isinstance(here, int):
                within[-1] = here + 1
            key_next = isinstance(here, str)
        elif sign == ":":
            key_next = False
        elif key_next:
            within[-1] = json.loads(sign)
            line = bisect_right(starts, token.start())
            yield tuple(within), (line, token.start() - starts[line - 1] + 1)


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
    except FileNotFoundError:
        return None
    except OSError as fault:
        words = f"cannot be read ({fault.strerror})"
        raise DataError(Fault(SHOWN, None, None, words)) from None
    try:
        text = text_of(path, SHOWN, most=LARGEST)
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


def check_site(root: Path, slugs: Sequence[str]) -> Verdict:
    """The front page, and that on other places with its numbers, against what the committed
    results, the record of the last check and the table of published ones give.

    Raises
    ------
    DataError : when a page is not there, or the record is not one.
    """
    record = read_record(root)
    try:
        committed = [committed_results(slug, root) for slug in slugs]
    except DataError as fault:
        return Verdict("index", (Difference("page", f"cannot be rendered: {fault}"),))
    together = for_site(committed, root)
    pages = site_files(
        committed,
        together,
        project=read_project(root),
        last_check=last_check(record, slugs, root),
    )
    unknown = [
        Difference("page", f"{SHOWN} names {slug!r}, no study of the front page. Run `{COMMAND}`.")
        for slug in strangers(record, slugs)
    ]
    moved = [
        difference
        for name, text in {**together.numbers, **pages}.items()
        for difference in against(root / "reports" / name, f"reports/{name}", partial(str, text))
    ]
    return Verdict("index", (*unknown, *moved))


# Every sign that Markdown or HTML could take for its own.
_SIGNS = re.compile(r"([\\`*_{}\[\]()#+!|<>&~$@:=-])")


def as_json(verdicts: Sequence[Verdict]) -> str:
    """All verdicts as one JSON object, with its final newline."""
    content = {
        "reproduces": all(verdict.reproduces for verdict in verdicts),
        "studies": [
            {
                "slug": verdict.slug,
                "reproduces": verdict.reproduces,
                "sentence_changes": verdict.sentence_changes,
                "grade_changes": verdict.grade_changes,
                "cause": verdict.cause,
                "differences": [
                    {"kind": one.kind, "words": one.words} for one in verdict.differences
                ],
                "notes": list(verdict.notes),
            }
            for verdict in verdicts
        ],
    }
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def as_markdown(verdicts: Sequence[Verdict]) -> str:
    """All verdicts as a table, and under it every difference, with its final newline."""
    failed = [verdict for verdict in verdicts if not verdict.reproduces]
    lines = ["## Do the committed results reproduce?", ""]
    if failed:
        lines.append(f"**{len(failed)} of {len(verdicts)} do not.**")
    else:
        lines.append(f"All {len(verdicts)} do.")
    lines += [
        "",
        "| Study | Reproduces | Sentence | Grade | Likely cause |",
        "|---|---|---|---|---|",
    ]
    for verdict in verdicts:
        cells = [
            verdict.slug,
            "yes" if verdict.reproduces else "**no**",
            "changes" if verdict.sentence_changes else "unchanged",
            "changes" if verdict.grade_changes else "unchanged",
            escaped(verdict.cause) or "none",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    for verdict in failed:
        lines += ["", f"### {verdict.slug}", ""]
        lines += [f"- {escaped(one.words)}" for one in verdict.differences]
    return "\n".join(lines) + "\n"


def escaped(words: str) -> str:
    """Words from a plan or a table as plain text: nothing in them is a link, a tag or a cell.

    Examples
    --------
    >>> escaped("a|b <b>")
    'a\\\\|b \\\\<b\\\\>'
    """
    return _SIGNS.sub(r"\\\1", " ".join(words.split()))
