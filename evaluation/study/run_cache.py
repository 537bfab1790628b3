"""Everything that one study's results depend on, as hashes: data, plan, code and versions.

A study whose inputs are as they were need not run again; one whose results moved is explained by
the first of its inputs that changed.

The last results of each study as this machine calculated them, with the inputs they came from: for
the speed of `run` alone. `accept` and `check` never read them, since anyone may have written them.

They lie in `build/`, which git ignores, and may be deleted at any time. What is unreadable,
incomplete or of other inputs counts as not there.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import platform
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from evaluation.data.description import description_path
from evaluation.data.project import FILE as PROJECT
from evaluation.data.read import LARGEST_FILE, READERS
from evaluation.data.toml_places import read
from evaluation.errors import DataError, EvaluationError
from evaluation.files import content_of, followed, opened, write_atomically
from evaluation.study.plan.read import checked_slug

# What the numbers can depend on, and what only the look of a page depends on.
OF_RESULTS = (
    "numpy",
    "scipy",
    "pandas",
    "pyarrow",
    "statsmodels",
    "linearmodels",
    "pydantic",
)
OF_PAGES = ("matplotlib", "jinja2")
# The rooms that a run may enter, and those that only write pages.
ESTIMATES = (
    *("errors.py", "fact.py", "effect.py", "method.py"),
    *("files", "numeric", "data", "fitted", "its", "did", "individual", "survey"),
)
STUDY, PAGES = "study", ("say.py", "plots", "economics", "synthesis", "report")
# What results hold in words: of methods, plans and choices.
WORDS = "report/text/en.toml"
# In `study`, but of no influence on a number: how studies are run, kept and accepted.
ASIDE = frozenset({"acceptances.py", "batch_runs.py", "run_cache.py", "screen.py"})
# A text a person wrote; the largest plan here has 10 kB.
LARGEST_TEXT = 1024**2
TOO_LARGE = "too large"


@dataclass(frozen=True, slots=True)
class Inputs:
    """Hashes and versions behind one study.

    Parameters
    ----------
    plan, frozen : sha256 of the plan and of its frozen copy ("" when there is none).
    tables, descriptions : sha256 by path, relative to the project.
    code : sha256 over the source of everything that estimates.
    versions : of Python, of the packages that calculate, and of the linear algebra.
    """

    plan: str
    frozen: str
    tables: Mapping[str, str]
    descriptions: Mapping[str, str]
    code: str
    versions: Mapping[str, str]

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Inputs:
        """The inputs that `as_json` gave; TypeError when it is something else."""
        return cls(**content)

    def as_json(self) -> dict[str, Any]:
        """The inputs as plain mappings and text."""
        return asdict(self)


def inputs_of(slug: str, root: Path) -> Inputs:
    """What the results of one study depend on, as it lies in the tree now.

    A plan that cannot be read has no tables; what is wrong with it, `read_plan` says.

    Parameters
    ----------
    slug : folder name under `analyses/`. root : the project folder.

    Raises
    ------
    PlanError : when the slug can name no analysis.
    """
    folder = root / "analyses" / checked_slug(slug)
    named = sorted(set(_files_named(_content(folder / "plan.toml"), root, root)))
    tables: dict[str, str] = {}
    descriptions: dict[str, str] = {}
    while named:
        path = named.pop()
        shown = path.relative_to(followed(root)).as_posix()
        if shown in tables or shown in descriptions:
            continue
        tables[shown] = sha256_of(path)
        if path.suffix.lower() not in READERS:
            continue
        try:
            beside = followed(description_path(path, shown))
        except DataError:
            continue
        if beside.is_relative_to(followed(root)):
            descriptions[beside.relative_to(followed(root)).as_posix()] = sha256_of(beside)
            # A table of events names the table of its people.
            named += _files_named(_content(beside), beside.parent, root)
    if "disclosure" in _content(root / PROJECT):
        # What may be told of people is a setting of the project.
        descriptions[PROJECT] = sha256_of(root / PROJECT)
    if token := sha256_of(folder / "plan.frozen.tsr"):
        # When a third party had the frozen plan moves a grade.
        descriptions[f"analyses/{slug}/plan.frozen.tsr"] = token
    return Inputs(
        plan=sha256_of(folder / "plan.toml"),
        frozen=sha256_of(folder / "plan.frozen.toml"),
        tables=dict(sorted(tables.items())),
        descriptions=dict(sorted(descriptions.items())),
        code=code_sha256(),
        versions=versions(),
    )


def changes(was: Inputs, now: Inputs) -> tuple[str, ...]:
    """What changed between two states, in the order data, plan, code, versions; empty if nothing.

    Parameters
    ----------
    was, now : of the same study.
    """
    found = [*_moved(was.tables, now.tables, "data"), *_moved(was.descriptions, now.descriptions)]
    if was.plan != now.plan:
        found.append("plan changed")
    if was.frozen != now.frozen:
        found.append("frozen plan changed")
    if was.code != now.code:
        found.append("code changed")
    found += [
        f"{name} {was.versions.get(name, 'none')} -> {now.versions.get(name, 'none')}"
        for name in sorted(was.versions.keys() | now.versions.keys())
        if was.versions.get(name) != now.versions.get(name)
    ]
    return tuple(found)


def sha256_of(path: Path) -> str:
    """sha256 of a file's bytes; "" when it is not there, "too large" when no reader takes it."""
    digest = hashlib.sha256()
    try:
        if path.stat().st_size > LARGEST_FILE:
            return TOO_LARGE
        with opened(path, path.name, most=LARGEST_FILE) as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    except (OSError, DataError):
        return ""
    return digest.hexdigest()


@cache
def code_sha256() -> str:
    """sha256 over the source of everything that can move a number, or a word beside one."""
    return _source_sha256((*ESTIMATES, STUDY, WORDS))


@cache
def pages_sha256() -> str:
    """sha256 over the source of everything that can move a page and no number."""
    return _source_sha256(PAGES)


@cache
def versions() -> dict[str, str]:
    """Versions of Python, of the packages that calculate, and of the linear algebra."""
    found = {name: version_of(name) for name in OF_RESULTS}
    return {"python": platform.python_version(), **found, "blas": _blas()}


def version_of(package: str) -> str:
    """The installed version of a package, or "none"."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "none"


def _blas() -> str:
    """Name, version and kernel of each linear algebra library, without the machine's paths."""
    import numpy as np
    import scipy.linalg
    from threadpoolctl import threadpool_info

    assert np is not None and scipy.linalg is not None, "loaded, so that they are listed"
    found = {
        " ".join(
            str(item.get(key))
            for key in ("internal_api", "version", "architecture")
            if item.get(key)
        )
        for item in threadpool_info()
        if item.get("user_api") == "blas"
    }
    return ", ".join(sorted(found)) or "none"


def _source_sha256(rooms: tuple[str, ...]) -> str:
    package = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for room in rooms:
        place = package / room
        for path in [place] if place.is_file() else sorted(place.rglob("*")):
            if not path.is_file() or "__pycache__" in path.parts:
                continue
            if path.parent.name == STUDY and path.name in ASIDE:
                continue
            digest.update(path.relative_to(package).as_posix().encode() + b"\0")
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _moved(was: Mapping[str, str], now: Mapping[str, str], what: str = "") -> list[str]:
    words = f"{what} " if what else ""
    return [
        f"{words}{path} {_verb(was.get(path), now.get(path))}"
        for path in sorted(was.keys() | now.keys())
        if was.get(path) != now.get(path)
    ]


def _verb(was: str | None, now: str | None) -> str:
    if was is None:
        return "is new"
    return "is gone" if now is None else "changed"


def _content(path: Path) -> Mapping[str, Any]:
    """A TOML file that people write, unchecked; nothing when it cannot be read."""
    try:
        if path.stat().st_size > LARGEST_TEXT:
            return {}
        return read(path, path.name, DataError).content
    except (OSError, DataError):
        return {}


def _files_named(content: Any, folder: Path, root: Path) -> Iterator[Path]:
    """The files inside the project that any text of a TOML file names."""
    waiting = [content]
    while waiting:
        value = waiting.pop()
        if isinstance(value, Mapping):
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
        elif isinstance(value, str) and "." in value and value.isprintable() and len(value) < 500:
            try:
                path = followed(folder / value)
                if path.is_file() and path.is_relative_to(followed(root)):
                    yield path
            except OSError:
                continue


FOLDER = Path("build") / "studies"
NEVER = ("not run here yet",)


@dataclass(frozen=True, slots=True)
class Kept:
    """Results kept for one study.

    Parameters
    ----------
    text : of `results.json`; "" when there is none that counts.
    stale : why a run is due, in words; empty when it is not.
    """

    text: str
    stale: tuple[str, ...]


def kept(slug: str, root: Path, now: Inputs) -> Kept:
    """The results kept for a study, when they come from the inputs as they are now."""
    try:
        content = json.loads(content_of(root / FOLDER / f"{slug}.json", slug))
        text = content["results"]
        whole = hashlib.sha256(text.encode()).hexdigest() == content["sha256"]
        was = Inputs.from_json(content["inputs"])
        stale = changes(was, now) if whole else NEVER
    except (DataError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Kept("", NEVER)
    return Kept("" if stale else text, stale)


def keep(slug: str, root: Path, inputs: Inputs, text: str) -> None:
    """Keeps the results of a study; where nothing can be written, nothing is kept."""
    content = {
        "inputs": inputs.as_json(),
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
        "results": text,
    }
    with contextlib.suppress(EvaluationError):
        text = json.dumps(content, sort_keys=True)
        write_atomically(root / FOLDER / f"{slug}.json", text, root=root)
