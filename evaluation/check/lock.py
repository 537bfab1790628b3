"""What was accepted: to the byte in `lock.json`, and when and why in `changes.toml`.

`reports/<slug>/lock.json` holds what a machine can make again from plan, data and `changes.toml`,
on which stack, and no clock, so that the same stack writes the same bytes. `ceasefire accept` alone
writes it. `analyses/<slug>/changes.toml` people write: `ceasefire accept` only adds to its end what
a person could have typed. The day stands there and nowhere in `reports/`.
"""

from __future__ import annotations

import ast
import datetime
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from evaluation.check.differences import said
from evaluation.data.toml_places import Located, read
from evaluation.economics.compute import supplied
from evaluation.errors import DataError, Fault, PlanError
from evaluation.files import content_of, text_of, write_atomically
from evaluation.numeric.shared.draws import BitGenerator
from evaluation.report.blocks import Figure, every
from evaluation.report.layers import report_document
from evaluation.report.write import BRIEF, PDF, around
from evaluation.study.evidence import Evidence, dumps, loads
from evaluation.study.run_cache import OF_PAGES, inputs_of, pages_sha256, sha256_of, version_of
from evaluation.study.written import canonical, rounded

LOG = "changes.toml"
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
    before = text_of(path, _shown(slug)) if path.exists() else HEAD
    lines = [f"on = {entry.on}", f"reason = {_quoted(entry.reason)}"]
    lines += [f"by = {_quoted(entry.by)}"] if entry.by else []
    lines += [f'sha256 = "{entry.sha256}"']
    added = "\n".join(["[[accepted]]", *lines])
    write_atomically(path, f"{before.rstrip()}\n\n{added}\n", root=root)


def complete(slug: str, root: Path, sha256: str) -> None:
    """Writes what was accepted under the last entry, to which a person gave day and reason."""
    path = _path(slug, root)
    before = text_of(path, _shown(slug)).rstrip()
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
    return root / "analyses" / slug / LOG


def _shown(slug: str) -> str:
    return f"analyses/{slug}/{LOG}"


SCHEMA = 1
FILE = "lock.json"
# In the folder of a study, but pinned in another way or not committed.
_ASIDE = (FILE, "results.json", BRIEF, PDF)
# What `sha256` in changes.toml is of: all that must be exactly as accepted.
EXACT = ("plan", "data", "results", "answers", "figures", "report")
LARGEST = 64 * 1024**2


@dataclass(frozen=True, slots=True)
class Lock:
    """An accepted state of one study; `content` as in the file."""

    slug: str
    content: Mapping[str, Any]

    @property
    def sha256(self) -> str:
        """Of what must be exactly as accepted: plan, data, results, answers, figures, pages."""
        return sha256(canonical({key: self.content.get(key) for key in EXACT}))

    @property
    def results_sha256(self) -> str:
        return str(self.content["results"]["sha256"])

    @property
    def accepted(self) -> tuple[Accepted, ...]:
        return tuple(Accepted(**entry) for entry in self.content["accepted"])

    def with_log(self, accepted: Sequence[Accepted]) -> Lock:
        """The same state with another log of acceptances, the latest last."""
        return Lock(self.slug, {**self.content, "accepted": [asdict(one) for one in accepted]})

    def __str__(self) -> str:
        return canonical(self.content)


def make_lock(evidence: Evidence, root: Path, pages: Mapping[str, str]) -> Lock:
    """The lock of a study as it lies in the tree, its log still empty.

    Parameters
    ----------
    evidence : as results.json holds it. pages : sha256 of each file beside results.json, by name.
    """
    slug = evidence.slug
    found = inputs_of(slug, root)
    provenance = evidence.data.provenance
    package = version_of("ceasefire-evaluation")
    content = {
        "schema": SCHEMA,
        "plan": {
            "path": f"analyses/{slug}/plan.toml",
            "sha256": found.plan,
            "frozen_on": evidence.plan.frozen_on,
            "frozen_sha256": found.frozen or None,
            "changes_after_freezing": list(evidence.plan.changes),
        },
        "data": {
            "tables": dict(found.tables),
            "descriptions": dict(found.descriptions),
            "rows": provenance.rows,
            "sensitivity": provenance.sensitivity,
        },
        "code": {
            "package": package,
            "estimates_sha256": found.code,
            "pages_sha256": pages_sha256(),
        },
        "environment": {
            **found.versions,
            **{name: version_of(name) for name in OF_PAGES},
            "threads": 1,
        },
        "seeds": _seeds(evidence.plan.content),
        "results": {
            "path": f"reports/{slug}/results.json",
            "sha256": results_sha256(evidence),
        },
        "answers": answers(evidence),
        "figures": figures(evidence, root),
        "report": dict(sorted(pages.items())),
        "accepted": [],
    }
    return Lock(slug, rounded(content, "lock"))


def load_lock(slug: str, root: Path) -> Lock | None:
    """The lock of a study; None when nothing was accepted yet.

    Raises
    ------
    DataError : when the file is no lock as written by this version.
    """
    path = root / "reports" / slug / FILE
    shown = f"reports/{slug}/{FILE}"
    try:
        if path.stat().st_size > LARGEST:
            raise DataError(f"{shown}: is too large to be a lock. Take it from the last commit.")
        content = json.loads(content_of(path, shown, most=LARGEST))
        lock = Lock(slug, content)
        if content["schema"] != SCHEMA:
            raise DataError(f"{shown}: written by another version. Accept the study again.")
        for key in (*EXACT, "code", "environment"):
            content[key].items()
        assert isinstance(lock.results_sha256, str) and isinstance(lock.accepted, tuple)
        return lock
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as fault:
        raise DataError(f"{shown}: is not a lock as written by this version ({fault})") from None


def results_sha256(evidence: Evidence) -> str:
    """sha256 of the canonical text: noise below the sixth digit is not in it. Of results that were
    read in the former form it is that of their own text, which is what was accepted."""
    return evidence.former_sha256 or sha256(dumps(evidence))


def answers(evidence: Evidence) -> dict[str, Any]:
    """What a reader takes away about each outcome, so that a lock can say what moved."""
    return {
        outcome.column: {
            "label": outcome.label,
            "effect": (
                None
                if outcome.headline.effect is None
                else {
                    "estimate": outcome.effect.percent.estimate,
                    "low": outcome.effect.percent.low,
                    "high": outcome.effect.percent.high,
                    "unit": "percent",
                }
            ),
            "sentence": said(outcome, evidence),
            "grade": outcome.grade.level,
            "planned": [entry.label for entry in outcome.alternatives if entry.planned],
        }
        for outcome in evidence.outcomes
    }


def figures(evidence: Evidence, root: Path) -> dict[str, Any]:
    """sha256 of the numbers and of the drawing of every figure of the report."""
    document = report_document(
        loads(dumps(evidence)),
        around=around(evidence.slug, root, economics=supplied(evidence.slug, root)),
    )
    return {
        figure.key: {
            "data_sha256": sha256(repr((figure.table, figure.title, figure.description))),
            "svg_sha256": sha256(figure.svg),
        }
        for figure in every(document.blocks)
        if isinstance(figure, Figure)
    }


def pages_of(slug: str, root: Path) -> dict[str, str]:
    """sha256 of every file of `reports/<slug>/` but results and lock, by name."""
    folder = root / "reports" / slug
    return {
        path.relative_to(folder).as_posix(): sha256_of(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in _ASIDE and path.name[0] != "."
    }


def same_drawings(lock: Lock) -> bool:
    """Whether figures drawn here can have the bytes of those accepted: they depend on the minor
    version of matplotlib and on nothing else that was tried."""
    was = str(lock.content["environment"].get("matplotlib", ""))
    return was.split(".")[:2] == version_of("matplotlib").split(".")[:2]


def _seeds(content: Mapping[str, Any]) -> dict[str, Any]:
    """The generator of words, the seeds that a plan names, and those of its design otherwise."""
    package = Path(__file__).parents[1]
    rooms = ("numeric", str(content["design"]))
    found = {
        path.relative_to(package).with_suffix("").as_posix(): seed
        for room in rooms
        for path in sorted((package / room).glob("*.py"))
        for seed in _written_seed(path)
    }
    return {
        "bit_generator": BitGenerator.__name__,
        "defaults": found,
        "planned": dict(_planned_seeds(content, "")),
    }


def _written_seed(path: Path) -> Iterator[int]:
    """The value of `SEED = ...` at the top of a module."""
    text = path.read_text(encoding="utf-8")
    if "\nSEED" not in text:
        return
    for node in ast.parse(text).body:
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and isinstance(node.value, ast.Constant):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(isinstance(one, ast.Name) and one.id == "SEED" for one in targets):
                yield int(str(node.value.value))


def _planned_seeds(value: Any, where: str) -> Iterator[tuple[str, int]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            place = f"{where}.{key}" if where else str(key)
            if key == "seed" and isinstance(item, int):
                yield place, item
            else:
                yield from _planned_seeds(item, place)
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from _planned_seeds(item, f"{where}[{index}]")


def sha256(content: str | bytes) -> str:
    data = content.encode("utf-8") if isinstance(content, str) else content
    return hashlib.sha256(data).hexdigest()
