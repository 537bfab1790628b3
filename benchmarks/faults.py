"""Every file operation of every verb fails, or is the last before a kill: is all old or new?

    python -m benchmarks.faults                    every operation of every verb; writes the counts
    python -m benchmarks.faults --of 3 new panel   of these verbs three trials, and no page

A process forks for each trial, so that nothing is loaded twice. In the child a hook counts what the
verb does to files: opening for writing, writing, syncing, renaming, linking, deleting, folders and
modes. At one of them it raises that the disk is full, after half of what was to be written, or ends
the process as a kill does. A kill after one is that before the next. Then each file must be the
old one or the new one, and the same verb, called again, must give what it gives undisturbed, with
nothing half written left. What DuckDB and Arrow write by themselves is not counted.
"""

from __future__ import annotations

import argparse
import errno
import hashlib
import importlib
import io
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np

from evaluation.cli import main as ceasefire
from evaluation.files import is_part
from evaluation.numeric.shared.draws import stream, uniforms

ROOT: Final = Path(__file__).parents[1]
PAGE: Final = ROOT / "docs/evidence/reliability.md"
BEGIN, END = "<!-- faults -->", "<!-- end of faults -->"
SEED: Final = 20261130
KILLED: Final = 137
SECONDS: Final = 300
MODES: Final = ("fails", "killed")
_CHANGES: Final = {
    *("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "os.link", "os.symlink"),
    *("os.truncate", "os.utime"),
}
_WRITES: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

TABLE: Final = "unit;month;shootings\n" + "".join(
    f"Town;{year}-{month:02d};{12 + (year + month) % 5}\n"
    for year in range(2012, 2020)
    for month in range(1, 13)
)
ROWS: Final = "case,day,beat,offense\n" + "".join(
    f"{number},{2012 + number % 8}-{1 + number % 12:02d}-{1 + number % 28:02d},beat {number % 3},"
    f"{('THEFT', 'HOMICIDE')[number % 2]}\n"
    for number in range(400)
)
RECIPE: Final = """
name = "Invented incidents"
period = "year"
source = "benchmarks/faults.py"
licence = "MIT"
sensitivity = "private"
incidents = { files = "rows.csv", id = "case", occurred = "day" }
time = { zone = "America/Los_Angeles", naive = "local" }
units = { column = "beat", which = "found" }
coverage = { first = "2012", last = "2019" }
duplicates = { keep = "refuse" }
[outcomes.homicides]
measure = "victims a year"
where.offense = ["HOMICIDE"]
"""
TOWN: Final = TABLE.replace(";", ",")
DESCRIPTION: Final = f"""
name = "Town"
file = "town.csv"
frequency = "month"
key = ["unit", "month"]
source = "Invented"
licence = "Of others"
sensitivity = "public"
obtain = "Ask the town."
[original]
sha256 = "{hashlib.sha256(TOWN.encode()).hexdigest()}"
[columns.unit]
role = "unit"
type = "text"
[columns.month]
role = "period"
type = "period"
[columns.shootings]
role = "outcome"
type = "count"
measure = "victims a month"
"""


@dataclass(frozen=True, slots=True)
class Case:
    """A verb on a project. words : after `--root`, PROJECT standing for its folder; before : what
    is done to it first, which may run other verbs; estimates : whether it needs more libraries."""

    name: str
    words: tuple[str, ...]
    before: Callable[[Path], None]
    estimates: bool = False


@dataclass(slots=True)
class Tried:
    """How many operations a verb has, what was tried at them, and what did not hold."""

    name: str
    operations: int = 0
    fails: int = 0
    kills: int = 0
    wrong: list[str] = field(default_factory=list)


def _called(root: Path, *words: str) -> None:
    with redirect_stdout(io.StringIO()):
        code = ceasefire([word.replace("PROJECT", str(root)) for word in words])
    if code:
        raise SystemExit(f"{' '.join(words)}: exit {code}")


def _project(root: Path) -> None:
    _called(root, "init", "PROJECT", "--example")


def _incidents(root: Path) -> None:
    _project(root)
    folder = root / "data" / "mine"
    folder.mkdir()
    (folder / "rows.csv").write_text(ROWS, encoding="utf-8")
    (folder / "beats.toml").write_text(RECIPE, encoding="utf-8")
    (folder / "town.csv").write_text(TABLE, encoding="utf-8")


def _counted(root: Path) -> None:
    _incidents(root)
    _called(root, "panel", "PROJECT/data/mine/beats.toml")
    with (root / "data/mine/rows.csv").open("a", encoding="utf-8") as rows:
        rows.write("900,2019-12-30,beat 7,HOMICIDE\n")


def _dated(root: Path) -> None:
    _project(root)
    path = root / "analyses/example/plan.toml"
    head, tail = path.read_text("utf-8").split("\n[", 1)
    path.write_text(f"{head}\nfrozen = 2026-01-01\n\n[{tail}", encoding="utf-8")


def _obtained(root: Path) -> None:
    _project(root)
    folder = root / "data" / "replication"
    folder.mkdir()
    (folder / "town.dataset.toml").write_text(DESCRIPTION, encoding="utf-8")
    (root / "town.csv").write_text(TOWN, encoding="utf-8")


def _stale(root: Path) -> None:
    _project(root)
    for path in (root / "data/synthetic").iterdir():
        path.write_text("of another time\n", encoding="utf-8")


def _kept(root: Path) -> None:
    """Run before, so that another run takes what is kept; the results are of another time."""
    _project(root)
    _called(root, "--root", "PROJECT", "run")
    (root / "reports/example/results.json").write_text("of another time\n", encoding="utf-8")


def _reported(root: Path) -> None:
    _project(root)
    for verb in (["run"], ["report", "-j", "1"], ["power", "--draws", "100", "--effects", "20"]):
        _called(root, "--root", "PROJECT", *verb)
    with (root / "ceasefire.toml").open("a", encoding="utf-8") as settings:
        settings.write('\nauthors = ["Another"]\n')


def _accepted(root: Path) -> None:
    _project(root)
    for verb in (
        ["run"],
        ["report", "-j", "1"],
        ["accept", "example", "--reason", "first", "--on", "2026-01-01"],
    ):
        _called(root, "--root", "PROJECT", *verb)


def _to_accept(root: Path) -> None:
    _project(root)
    for verb in (["run"], ["report", "-j", "1"]):
        _called(root, "--root", "PROJECT", *verb)


_ACCEPT = ("accept", "example", "--reason", "new data", "--on", "2026-01-01")
_MINE = "PROJECT/data/mine"
CASES: Final = (
    Case("init", ("init", "PROJECT"), lambda root: root.mkdir()),
    Case("new", ("--root", "PROJECT", "new", "second"), _project),
    Case("data --new", ("data", "--new", f"{_MINE}/town.csv"), _incidents),
    Case("data add", ("--root", "PROJECT", "data", "add", "town", "PROJECT/town.csv"), _obtained),
    Case("panel --new", ("panel", "--new", f"{_MINE}/rows.csv"), _incidents),
    Case("panel", ("panel", f"{_MINE}/beats.toml"), _incidents),
    Case("panel again", ("panel", f"{_MINE}/beats.toml"), _counted),
    Case("plan", ("--root", "PROJECT", "plan", "example"), _dated),
    Case("simulate", ("--root", "PROJECT", "simulate", "city_month"), _stale),
    Case("run", ("--root", "PROJECT", "run"), _kept, True),
    Case(
        "power",
        ("--root", "PROJECT", "power", "example", "--draws", "100", "--effects", "20"),
        _reported,
        True,
    ),
    Case("screen", ("--root", "PROJECT", "screen", "example"), _project, True),
    Case("report", ("--root", "PROJECT", "report", "-j", "1"), _reported, True),
    Case("check --record", ("--root", "PROJECT", "check", "--record", "-j", "1"), _accepted, True),
    Case("accept", ("--root", "PROJECT", *_ACCEPT), _to_accept, True),
)


def tried(case: Case, folder: Path, *, of: int | None) -> Tried:
    """What became of a project at the operations of a verb.

    Parameters
    ----------
    of : how many operations, drawn by a named seed; None for every one.
    """
    found, root = Tried(case.name), folder / "project"
    ready = folder / "ready"
    _in_child(lambda: case.before(root))
    root.rename(ready)
    old = _held(ready)
    shutil.copytree(ready, root, symlinks=True)
    report = folder / "count"
    code, said = _verb(case, root, report=report)
    if code:
        raise SystemExit(f"{case.name}: exit {code}: {said}")
    new, found.operations = _held(root), int(report.read_text())
    points = [(mode, at) for at in range(found.operations) for mode in MODES]
    if of is not None and of < len(points):
        drawn = np.argsort(uniforms(stream(SEED, case.name), len(points)))[:of]
        points = [points[at] for at in sorted(drawn.tolist())]
    for mode, at in points:
        shutil.rmtree(root)
        shutil.copytree(ready, root, symlinks=True)
        found.wrong += [f"{mode} at {at}: {one}" for one in _trial(case, root, mode, at, old, new)]
        found.fails += mode == "fails"
        found.kills += mode == "killed"
    return found


def _trial(
    case: Case, root: Path, mode: str, at: int, old: Mapping[str, str], new: Mapping[str, str]
) -> Iterator[str]:
    code, said = _verb(case, root, mode=mode, at=at)
    if "Traceback" in said:
        yield f"a traceback: {said[-400:]}"
    if mode == "fails" and code not in (0, 2, 4):
        yield f"exit {code}: {said[-200:]}"
    between = _held(root)
    for name in sorted(old.keys() | new.keys() | between.keys()):
        if between.get(name) not in (old.get(name), new.get(name)):
            yield f"{name} is neither old nor new"
    if mode == "fails" and code == 0 and between != new:
        yield "exit 0, and not what it should be"
    code, said = _verb(case, root)
    after = _held(root)
    # It may refuse, when all is there after what the kill cut short was ended.
    if after != new:
        differ = [one for one in after.keys() | new.keys() if after.get(one) != new.get(one)]
        yield f"called again: exit {code}, other than it should be: {', '.join(sorted(differ)[:4])}"
        yield f"it said: {said[-200:]}"
    left = [path.name for path in root.rglob("*") if is_part(path) or path.suffix == ".moves"]
    # What a refusal leaves is swept by the next verb that writes.
    if left and not code:
        yield f"left: {', '.join(left)}"


def _held(root: Path) -> dict[str, str]:
    """The hash of every file that is a user's to see, by its name; of folders that they are."""
    return {
        path.relative_to(root).as_posix(): (
            hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder"
        )
        for path in root.rglob("*")
        if "build" not in path.relative_to(root).parts
        and not any(is_part(Path(part)) for part in path.relative_to(root).parts)
    }


def _verb(
    case: Case, root: Path, *, mode: str = "", at: int = -1, report: Path | None = None
) -> tuple[int, str]:
    """Exit code of a verb in a child of its own, and what it said on the stream of errors."""
    words = [word.replace("PROJECT", str(root)) for word in case.words]
    told = root.parent / "told"

    def child() -> int:
        shim = _Shim(root, mode, at)
        with told.open("w", encoding="utf-8") as stream:
            with redirect_stdout(io.StringIO()), redirect_stderr(stream):
                shim.on = True
                try:
                    code = ceasefire(words)
                finally:
                    shim.on = False
            if report is not None:
                report.write_text(str(shim.count), encoding="utf-8")
        return code

    return _in_child(child, known=True), told.read_text(encoding="utf-8")


def _in_child(work: Callable[[], Any], *, known: bool = False) -> int:
    pid = os.fork()
    if pid == 0:
        code = 70
        try:
            code = int(work() or 0)
        except BaseException:
            import traceback

            traceback.print_exc()
        finally:
            os._exit(code)
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            code = os.waitstatus_to_exitcode(status)
            if code and not known:
                raise SystemExit(f"exit {code} of a child")
            return code
        time.sleep(0.005)
    os.kill(pid, 9)
    os.waitpid(pid, 0)
    return -9


class _Shim:
    """Counts what this process does to files in a folder; at one of these it ends, or fails."""

    def __init__(self, root: Path, mode: str, at: int) -> None:
        self.on, self.count = False, 0
        self._root, self._mode, self._at = str(root), mode, at
        # They have no event of their own.
        self._fsync, self._fdopen = os.fsync, os.fdopen
        os.fsync = self._synced  # type: ignore[assignment]
        os.fdopen = self._opened  # type: ignore[assignment]
        sys.addaudithook(self._heard)

    def _heard(self, event: str, given: tuple[Any, ...]) -> None:
        if not self.on:
            return
        if event == "open":
            path, mode, flags = given
            writes = flags & _WRITES if mode is None else set(str(mode)) & set("wax+")
            if writes and isinstance(path, (str, bytes, os.PathLike)) and self._ours(path):
                self._meets(lambda: None)
        elif event in _CHANGES and (self._ours(given[0]) or given[-1] not in (-1, None)):
            self._meets(lambda: None)

    def _ours(self, path: Any) -> bool:
        return not isinstance(path, int) and os.fsdecode(path).startswith(self._root)

    def _meets(self, half: Callable[[], None]) -> None:
        number, self.count = self.count, self.count + 1
        if number != self._at:
            return
        half()
        if self._mode == "killed":
            os._exit(KILLED)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _synced(self, handle: int) -> None:
        if self.on:
            self._meets(lambda: None)
        self._fsync(handle)

    def _opened(self, handle: int, mode: str = "r", *more: Any, **named: Any) -> Any:
        stream = self._fdopen(handle, mode, *more, **named)
        return _Halved(stream, self) if self.on and mode == "wb" else stream

    def written(self, stream: BinaryIO, content: bytes) -> int:
        def half() -> None:
            stream.write(content[: len(content) // 2])
            stream.flush()

        if self.on:
            self._meets(half)
        return stream.write(content)


class _Halved:
    """A stream whose writes can end half way."""

    def __init__(self, stream: BinaryIO, shim: _Shim) -> None:
        self._stream, self._shim = stream, shim

    def write(self, content: bytes) -> int:
        return self._shim.written(self._stream, content)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def __enter__(self) -> _Halved:
        return self

    def __exit__(self, *given: object) -> None:
        self._stream.close()


def told(found: Sequence[Tried]) -> str:
    """The table of the page."""
    lines = [
        "| verb | operations | failed | killed at | did not hold |",
        "|---|---:|---:|---:|---:|",
    ]
    lines += [
        f"| `{one.name}` | {one.operations} | {one.fails} | {one.kills} | {len(one.wrong)} |"
        for one in found
    ]
    sums = (sum(getattr(one, name) for one in found) for name in ("operations", "fails", "kills"))
    return "\n".join([*lines, "| all | " + " | ".join(map(str, sums)) + f" | {_wrong(found)} |"])


def _wrong(found: Sequence[Tried]) -> int:
    return sum(len(one.wrong) for one in found)


def main(argv: Sequence[str] | None = None) -> int:
    """Tries the verbs, and writes the counts into the page when all of them were tried."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.faults", description=__doc__)
    parser.add_argument("names", nargs="*", help="verbs (default: all)")
    parser.add_argument("--of", type=int, help="trials of each verb (default: all)")
    parser.add_argument("--json", action="store_true", help="print what was found")
    asked = parser.parse_args(argv)
    _load(asked.names)
    found = []
    for case in CASES:
        if asked.names and case.name not in asked.names:
            continue
        with tempfile.TemporaryDirectory() as name:
            started = time.monotonic()
            one = tried(case, Path(name).resolve(), of=asked.of)
        found.append(one)
        words = f"{one.name}: {one.operations} operations, {one.fails + one.kills} tried"
        print(f"{words}, {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
        for wrong in one.wrong:
            print(f"  {wrong}", file=sys.stderr, flush=True)
    if asked.json:
        shown = [(one.name, one.operations, one.fails, one.kills, one.wrong) for one in found]
        print(json.dumps(shown))
    elif not asked.names:
        before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
        _, _, after = rest.partition(END)
        text = f"{before}{BEGIN}\n{told(found)}\n{END}{after}"
        PAGE.write_text(text, encoding="utf-8", newline="\n")
    return 1 if _wrong(found) else 0


def _load(names: Sequence[str]) -> None:
    """What verbs import, imported once before anything forks."""
    wanted = ["pyarrow.parquet", "duckdb", "evaluation.data.incidents.build"]
    wanted += ["evaluation.study.plan.skeleton", "evaluation.study.plan.project_files"]
    if not names or set(names) & {case.name for case in CASES if case.estimates}:
        wanted += [
            *("evaluation.study.run", "evaluation.study.power.power", "evaluation.study.screen"),
            *("evaluation.check.accept", "evaluation.report.write"),
        ]
    for name in wanted:
        importlib.import_module(name)


if __name__ == "__main__":
    raise SystemExit(main())
