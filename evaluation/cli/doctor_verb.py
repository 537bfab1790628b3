"""`ceasefire doctor`: is everything on this machine that is needed, and is something left over?

It changes nothing. What is needed and missing makes the exit code 4; what is optional, left over or
of another version than the lock's is told and leaves it 0.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib import metadata, util
from pathlib import Path
from typing import Final, Literal

from evaluation import __version__
from evaluation.cli.common import print_json
from evaluation.cli.next_steps import say_next
from evaluation.cli.studies import GOOD, root_of
from evaluation.errors import DataError, EnvironmentFault, EvaluationError
from evaluation.files import text_of

PACKAGE: Final = "ceasefire-evaluation"
LOCK: Final = "requirements.lock"
OLDEST_PYTHON: Final = (3, 11)
# What each extra is for; the others are for those who change the project.
EXTRAS: Final = {
    "pdf": "`ceasefire report --pdf`",
    "notebook": "notebooks",
    "geo": "counting incidents by polygons",
    "distributed": "--cluster",
}
BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
_LOCKED: Final = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)
MOST_TOLD: Final = 6

State = Literal["good", "fault", "optional", "note"]
MARKS: Final = {"good": "ok", "fault": "FAULT", "optional": "optional", "note": "note"}


@dataclass(frozen=True, slots=True)
class Found:
    """One thing looked at. state : "fault" when it is needed and missing or wrong."""

    what: str
    state: State
    says: str


def doctor(arguments: argparse.Namespace) -> int:
    """Everything looked at, a line each; 4 when something needed is missing."""
    found = [*_machine(), *_project(arguments)]
    lacking = [one for one in found if one.state == "fault"]
    if arguments.json:
        print_json({"good": not lacking, "found": [asdict(one) for one in found]})
    else:
        width = max(len(one.what) for one in found)
        for one in found:
            print(f"{MARKS[one.state]:<8}  {one.what:<{width}}  {one.says}")
        print(f"Missing or wrong: {len(lacking)}." if lacking else "All that is needed is here.")
        say_next(arguments, "doctor.faults" if lacking else "doctor")
    return EnvironmentFault.exit_code if lacking else GOOD


def _machine() -> Iterator[Found]:
    """Python, the packages, and what draws and prints."""
    python = ".".join(map(str, sys.version_info[:3]))
    fine = sys.version_info >= OLDEST_PYTHON
    older = "" if fine else "; 3.11 or later is needed"
    yield Found("Python", "good" if fine else "fault", f"{python}{older}")
    yield from _packages()
    yield _fonts()
    yield _typst()
    browser = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    lacks = "not here; only tests open pages in it. On Debian: apt-get install chromium"
    yield Found("Chromium", "optional" if browser is None else "good", Path(browser or lacks).name)
    shell = "here" if util.find_spec("shtab") else "not here: no `ceasefire completion`"
    yield Found("shtab", "good" if shell == "here" else "optional", shell)


def _packages() -> Iterator[Found]:
    """Every requirement of this package, and of its extras, as it is installed."""
    try:
        told = metadata.requires(PACKAGE) or []
    except metadata.PackageNotFoundError:
        words = "not installed: it runs from its folder. Run `make install`"
        yield Found(PACKAGE, "note", words)
        return
    yield Found(PACKAGE, "good", __version__)
    try:
        from packaging.requirements import InvalidRequirement, Requirement
    except ModuleNotFoundError:
        yield Found("packages", "fault", "no package 'packaging'. Run `make install`")
        return
    lacking: dict[str, list[str]] = {name: [] for name in ("", *EXTRAS)}
    for line in told:
        with contextlib.suppress(InvalidRequirement):
            one = Requirement(line)
            for extra in lacking:
                wanted = one.marker is None or one.marker.evaluate({"extra": extra})
                # What is wanted without an extra is wanted with each.
                always = one.marker is None or one.marker.evaluate({"extra": ""})
                if wanted and (not extra or not always) and (wrong := _wrong(one)):
                    lacking[extra].append(wrong)
    needed = lacking.pop("")
    words = "; ".join(needed) + ". Run `make install`" if needed else "all here, new enough"
    yield Found("packages", "fault" if needed else "good", words)
    for extra, absent in lacking.items():
        words = f"for {EXTRAS[extra]}" + (f": {'; '.join(absent)}" if absent else "")
        yield Found(f"extra [{extra}]", "optional" if absent else "good", words)


def _wrong(one: object) -> str:
    """What is wrong with an installed package, or ""."""
    from packaging.requirements import Requirement

    assert isinstance(one, Requirement)
    try:
        version = metadata.version(one.name)
    except metadata.PackageNotFoundError:
        return f"{one.name} is not installed"
    if one.specifier.contains(version, prereleases=True):
        return ""
    return f"{one.name} {version} is not {one.specifier}"


def _fonts() -> Found:
    """The font of all figures, which comes with matplotlib; the machine's are not used."""
    spec = util.find_spec("matplotlib")
    places = [] if spec is None else list(spec.submodule_search_locations or [])
    fonts = [Path(one) / "mpl-data/fonts/ttf/DejaVuSans.ttf" for one in places]
    there = any(path.is_file() for path in fonts)
    words = "DejaVu Sans, with matplotlib" if there else "no DejaVu Sans with matplotlib"
    return Found("fonts", "good" if there else "fault", words)


def _typst() -> Found:
    """Whether PDF files can be made, tried on a page of one word."""
    try:
        import typst
    except ModuleNotFoundError:
        return Found("typst", "optional", 'not here: no PDF files. pip install "typst"')
    try:
        typst.compile(b"probe", format="pdf")
    except Exception as fault:  # whatever a broken build of it raises
        return Found("typst", "optional", f"here, but it makes no PDF file ({str(fault)[:80]})")
    return Found("typst", "good", f"{metadata.version('typst')}, with fonts of its own")


def _project(arguments: argparse.Namespace) -> Iterator[Found]:
    """The project folder: what is in it, against its lock, and what was left there."""
    try:
        root = root_of(arguments)
    except DataError as fault:
        if arguments.root is not None:
            raise
        yield Found("project", "note", f"none around here: {fault}")
        return
    plans = sorted((root / "analyses").glob("*/plan.toml"))
    writable = os.access(root, os.W_OK)
    words = f"{len(plans)} analyses" + ("" if writable else "; the folder cannot be written to")
    yield Found("project", "good" if writable else "note", words)
    yield _settings(root)
    yield _against_lock(root)
    for look in (_turn, _half_written, _locks, _caches):
        yield look(root)


def _settings(root: Path) -> Found:
    from evaluation.data.project import read_project

    try:
        read_project(root)
    except EvaluationError as fault:
        return Found("ceasefire.toml", "fault", str(fault))
    there = (root / "ceasefire.toml").is_file()
    return Found("ceasefire.toml", "good", "read" if there else "none; nothing needs it")


def _against_lock(root: Path) -> Found:
    """Installed versions beside those of the lock; another one may move last digits."""
    try:
        text = text_of(root / LOCK, LOCK)
    except DataError:
        return Found("lock", "note", f"no {LOCK} here to compare versions with")
    locked: dict[str, set[str]] = {}
    for name, version in _LOCKED.findall(text):
        locked.setdefault(name.lower(), set()).add(version)
    others = []
    for name, versions in locked.items():
        with contextlib.suppress(metadata.PackageNotFoundError):
            if (installed := metadata.version(name)) not in versions:
                others.append(f"{name} {installed}, locked {' or '.join(sorted(versions))}")
    if not others:
        return Found("lock", "good", f"every package that is here is that of {LOCK}")
    return Found("lock", "note", f"other versions than {LOCK}: {_few(others)}")


def _turn(root: Path) -> Found:
    """Whether another process is writing in the project now."""
    from evaluation.files import FILE, opened
    from evaluation.files.turn import lock

    with (
        contextlib.suppress(OSError, DataError),
        opened(root / FILE, FILE.as_posix()) as stream,
    ):
        if lock(stream.fileno()):
            words = "nobody is writing here; what was left of the last one locks none"
            return Found("turn", "good", words)
        holder = stream.read(200).decode("utf-8", "replace").strip()
        return Found("turn", "note", f"{holder or 'another ceasefire'} is writing here now")
    return Found("turn", "good", "nobody is writing here")


def _half_written(root: Path) -> Found:
    """Files that a killed process left."""
    from evaluation.files import leftovers

    left = sorted(path.relative_to(root).as_posix() for path in leftovers(root))
    if not left:
        return Found("half written", "good", "nothing")
    return Found("half written", "note", f"{_few(left)}; the next verb that writes takes it away")


def _locks(root: Path) -> Found:
    """Locks of studies that are gone, and studies with results that nobody accepted."""
    locks = {path.parent.name for path in (root / "reports").glob("*/lock.json")}
    plans = {path.parent.name for path in (root / "analyses").glob("*/plan.toml")}
    results = {path.parent.name for path in (root / "reports").glob("*/results.json")}
    gone, open_ = sorted(locks - plans), sorted((results & plans) - locks)
    words = [f"of no analysis: {_few(gone)}"] if gone else []
    words += [f"not accepted yet: {_few(open_)}"] if open_ else []
    if not words:
        return Found("accepted", "good", f"{len(locks)} studies have a lock")
    return Found("accepted", "note", "; ".join(words))


def _caches(root: Path) -> Found:
    """What `build/` keeps, and how much of it is of former code, data, plans or versions."""
    from evaluation.report.write import MADE
    from evaluation.study.run_cache import FOLDER

    kept = sorted((root / FOLDER).glob("*.json"))
    stale = [path.stem for path in kept if _stale(path.stem, root)]
    pictures = [path for path in (root / MADE).glob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in (*kept, *pictures)) / 1e6
    words = f"{len(kept)} runs and {len(pictures)} pictures in build/, {size:.0f} MB"
    if not stale:
        return Found("caches", "good", f"{words}; none stale")
    return Found("caches", "note", f"{words}; stale, so run again when asked for: {_few(stale)}")


def _stale(slug: str, root: Path) -> bool:
    """Whether the kept results of a study are of other inputs than those of now."""
    from evaluation.study.run_cache import inputs_of, kept

    with contextlib.suppress(EvaluationError, json.JSONDecodeError):
        return bool(kept(slug, root, inputs_of(slug, root)).stale)
    return True


def _few(names: list[str]) -> str:
    more = len(names) - MOST_TOLD
    return ", ".join(names[:MOST_TOLD]) + (f" and {more} more" if more > 0 else "")
