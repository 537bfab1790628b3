"""What was accepted, to the byte: `lock.json`; when and why is in `changes.toml`.

`reports/<slug>/lock.json` holds what a machine can make again from plan, data and `changes.toml`,
on which stack, and no clock, so that the same stack writes the same bytes. `ceasefire accept` alone
writes it. Its sha256, over everything in it, is in the chain of `evaluation.study.acceptances`.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from evaluation.check.differences import said
from evaluation.check.lock_schema import FormerLock, LockFile
from evaluation.data.json_places import LocatedJson, first_difference
from evaluation.economics.compute import supplied
from evaluation.errors import DataError
from evaluation.files import content_of, decoded, is_part
from evaluation.numeric.shared.draws import BitGenerator
from evaluation.report.blocks import Figure, every
from evaluation.report.layers import report_document
from evaluation.report.write import BRIEF, PDF, around
from evaluation.study.acceptances import Accepted, Chain, chain_of
from evaluation.study.evidence import Evidence, dumps, loads
from evaluation.study.read_back import bytes_of, mended
from evaluation.study.run_cache import OF_PAGES, inputs_of, pages_sha256, sha256_of, version_of
from evaluation.study.written import canonical, rounded
from evaluation.version import VERSION

SCHEMA, FORMER = 2, 1
FILE = "lock.json"
# In the folder of a study, but pinned in another way or not committed.
ASIDE = frozenset({FILE, "results.json", BRIEF, PDF})
# Files that desktops and web servers leave or ask for, and how one with no word in it begins: the
# first is the mark of a binary format, the others are empty.
NO_PAGES: Final = {".DS_Store": b"\0\0\0\1Bud1", ".nojekyll": b"", ".gitkeep": b""}
# All that must be exactly as accepted; and with it, what `sha256` in changes.toml is of. A version
# that did not chain acceptances left out on what, and with which seeds, they were made.
EXACT = ("plan", "data", "results", "answers", "figures", "report")
COVERED = (*EXACT, "code", "environment", "seeds")


@dataclass(frozen=True, slots=True)
class Lock:
    """An accepted state of one study; `content` as in the file."""

    slug: str
    content: Mapping[str, Any]

    @property
    def sha256(self) -> str:
        """Of everything in it but the log: plan, data, results, answers, figures, pages, and the
        code, the versions and the seeds that they were made with."""
        keys = COVERED if self.chained else EXACT
        return sha256(canonical({key: self.content.get(key) for key in keys}))

    @property
    def chained(self) -> bool:
        """False of a lock that a version wrote which did not chain acceptances."""
        return bool(self.content["schema"] != FORMER)

    @property
    def exact(self) -> Mapping[str, Any]:
        """What must be exactly as accepted, on whatever machine."""
        return {key: self.content[key] for key in EXACT}

    @property
    def chain(self) -> Chain | None:
        """The chain as the lock gives it; None where it is not chained."""
        return Chain(**self.content["chain"]) if self.chained else None

    @property
    def results_sha256(self) -> str:
        return str(self.content["results"]["sha256"])

    @property
    def accepted(self) -> tuple[Accepted, ...]:
        return tuple(Accepted(**entry) for entry in self.content["accepted"])

    def with_log(self, accepted: Sequence[Accepted]) -> Lock:
        """The same state with another log of acceptances, the latest last, and its chain."""
        log = {
            "accepted": [one.as_json() for one in accepted],
            "chain": asdict(chain_of(accepted)),
        }
        return Lock(self.slug, {**self.content, **log})

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
    package = VERSION
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
        "chain": asdict(chain_of(())),
    }
    return Lock(slug, rounded(content, "lock"))


def load_lock(slug: str, root: Path) -> Lock | None:
    """The lock of a study; None when nothing was accepted yet.

    Raises
    ------
    DataError : at a line, when the file is not, to the byte, a lock as the program writes it.
    """
    shown, again = f"reports/{slug}/{FILE}", f"accept {slug}"
    path = root / shown
    if not path.exists() and not path.is_symlink():
        return None
    content = bytes_of(path, shown, again)
    try:
        text = decoded(content, shown, advice="")
        located = LocatedJson(shown, text, DataError)
        form = FormerLock if located.content.get("schema") == FORMER else LockFile
        located.parse(form)
        lock = Lock(slug, located.content)
        if other := first_difference(shown, text, str(lock)):
            raise DataError(other)
    except DataError as problem:
        raise DataError([mended(one, again) for one in problem.faults]) from None
    return lock


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
    """sha256 of every file of `reports/<slug>/` but results and lock, by name; "" of what is there
    and cannot be read as a file, such as a link to a folder or to nothing."""
    folder = root / "reports" / slug
    return {
        name: sha256_of(path)
        for path in sorted(folder.rglob("*"))
        if (path.is_symlink() or not path.is_dir())
        and (name := path.relative_to(folder).as_posix()) not in ASIDE
        and not says_nothing(path)
    }


def says_nothing(path: Path) -> bool:
    """Whether a name stands for an ordinary file without a word for a reader: what a desktop leaves
    or a web server asks for, or what a killed process left half written."""
    if path.is_symlink() or not path.is_file():
        return False
    if is_part(path):
        return True
    begins = NO_PAGES.get(path.name)
    if begins is None:
        return False
    content = content_of(path, path.name)
    return content.startswith(begins) and bool(begins) == bool(content)


def links_in(folder: Path, root: Path) -> tuple[str, ...]:
    """The links among what the program makes in a folder, itself too: elsewhere, what they lead to
    may be something else."""
    held = sorted(folder.rglob("*")) if folder.is_dir() else []
    return tuple(path.relative_to(root).as_posix() for path in (folder, *held) if path.is_symlink())


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
