"""`ceasefire diff A B`: two results side by side, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from evaluation.check.differences import everything
from evaluation.errors import DataError, EvaluationError
from evaluation.study.evidence import Evidence, read_results
from evaluation.study.plan.read import SLUG
from evaluation.study.read_back import bytes_of

FILE = "results.json"


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs between two results of one study, or between two studies; no lines when
    nothing does beyond the last digits."""

    title: str
    lines: tuple[str, ...]

    def __str__(self) -> str:
        if not self.lines:
            return f"{self.title}: no difference"
        return "\n".join([f"{self.title}:", *(f"  {line}" for line in self.lines)])


@dataclass(frozen=True, slots=True)
class _Side:
    """The results that one word names, by study; `many` when it is a folder of studies."""

    studies: Mapping[str, Evidence]
    many: bool = False


def diff(a: str, b: str, root: Path | None) -> tuple[Difference, ...]:
    """How two results differ, study by study.

    Parameters
    ----------
    a, b : each the name of a study, the path of a results.json or of the folder it is in, or a
        project or reports folder with many. root : the project in which names are looked up.

    Raises
    ------
    DataError : when one of them holds no results, or the two share no study.
    """
    was, now = _found(a, root), _found(b, root)
    if not (was.many or now.many):
        (old,), (new,) = was.studies.values(), now.studies.values()
        name = old.slug if old.slug == new.slug else f"{old.slug} → {new.slug}"
        return (_between(name, old, new),)
    shared = sorted(was.studies.keys() & now.studies.keys())
    if not shared:
        raise DataError(f"{a} and {b} have no study in common")
    found = [_between(slug, was.studies[slug], now.studies[slug]) for slug in shared]
    if was.many and now.many:
        # One study beside a folder of many is a question about that study alone.
        found += [
            Difference(slug, (f"only in {a if slug in was.studies else b}",))
            for slug in sorted(was.studies.keys() ^ now.studies.keys())
        ]
    return tuple(found)


def _between(name: str, old: Evidence, new: Evidence) -> Difference:
    """How two results differ.

    Raises
    ------
    DataError : for values of the right kind that no sentence can be made of: anyone may have
        written them.
    """
    try:
        return Difference(name, everything(old, new))
    except EvaluationError:
        raise
    except Exception as fault:
        words = f"hold a value that cannot be told ({type(fault).__name__}: {fault})"
        raise DataError(f"{name}: {words}. Run `ceasefire run {new.slug}` again.") from None


def _found(name: str, root: Path | None) -> _Side:
    """The results that a word on the command line names."""
    path = Path(name)
    if root is not None and SLUG.fullmatch(name):
        shown = f"reports/{name}/{FILE}"
        if (root / shown).is_file():
            return _Side({(one := _read(root / shown, shown)).slug: one})
    if path.is_file():
        return _Side({(one := _read(path, name)).slug: one})
    if (path / FILE).is_file():
        return _Side({(one := _read(path / FILE, f"{name}/{FILE}")).slug: one})
    for pattern in (f"*/{FILE}", f"reports/*/{FILE}"):
        if path.is_dir() and (files := sorted(path.glob(pattern))):
            read = [_read(file, file.as_posix()) for file in files]
            return _Side({one.slug: one for one in read}, many=True)
    raise DataError(f"{name}: no results. Name a study, a results.json or a folder with one.")


def _read(path: Path, shown: str) -> Evidence:
    again = "run" if not SLUG.fullmatch(path.parent.name) else f"run {path.parent.name}"
    return read_results(bytes_of(path, shown, again), file=shown, again=again)
