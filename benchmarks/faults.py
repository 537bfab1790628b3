"""Every file operation of every verb fails, or is the last before a kill: is all old or new?

    python -m benchmarks.faults                    every operation of every verb; writes the counts
    python -m benchmarks.faults --of 3 new panel   of these verbs three trials, and no page
    python -m benchmarks.faults --keep FILE        what is done already is taken from the file

In a child a hook counts what the verb does to files. Before each operation the project is copied
as it lies: that is what a kill leaves there, with half of what was being written. Then one trial an
operation meets a full disk there. Each file must be the old one or the new one, and the same verb,
called again, must give what it gives undisturbed, with nothing half written left. States that are
alike to the byte are called again once.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.fault_cases import CASES, Case, ready, surroundings
from benchmarks.fault_hook import Hook
from evaluation.cli import main as ceasefire
from evaluation.files import FILE, is_part
from evaluation.numeric.shared.draws import stream, uniforms

ROOT: Final = Path(__file__).parents[1]
PAGE: Final = ROOT / "docs/evidence/reliability.md"
BEGIN, END = "<!-- faults -->", "<!-- end of faults -->"
SEED: Final = 20261130
SECONDS: Final = 300
_RANDOM: Final = re.compile(r"[0-9a-f]{16}(?=\.ceasefire-part)")


@dataclass(slots=True)
class Tried:
    """How many operations a verb has, what was tried at them, and what did not hold.

    Parameters
    ----------
    states : what the trials left, each other state once.
    """

    name: str
    operations: int = 0
    fails: int = 0
    kills: int = 0
    states: int = 0
    wrong: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Ended:
    """How a verb in a child ended: its exit code, what it said on the stream of errors."""

    code: int
    said: str


def tried(case: Case, folder: Path, made: Path, *, of: int | None) -> Tried:
    """What became of a project at the operations of a verb.

    Parameters
    ----------
    folder : an empty one to work in. made : keeps projects that cases begin with. of : how many
        trials, drawn by a named seed; None for every operation.
    """
    found, root, begun = Tried(case.name), folder / "project", folder / "ready"
    ready(case, root, made)
    root.rename(begun)
    old = held(begun)
    shutil.copytree(begun, root, symlinks=True)
    # In this process, so that each child finds done what is calculated.
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()) as stream_:
        code = ceasefire(case.called(root))
    if code:
        raise SystemExit(f"{case.name}: exit {code}: {stream_.getvalue()}")
    new = held(root)
    _put(begun, root)
    found.operations = operations = _count(case, root, folder / "count")
    points = [(mode, at) for at in range(operations) for mode in ("fails", "killed")]
    if of is not None and of < len(points):
        drawn = np.argsort(uniforms(stream(SEED, case.name), len(points)))[:of]
        points = [points[at] for at in sorted(drawn.tolist())]
    known: dict[str, list[str]] = {}

    def judge(mode: str, at: int, wrong: list[str]) -> None:
        state = state_of(root)
        if state not in known:
            known[state] = list(again(case, root, old, new))
        found.wrong += [f"{mode} at {at}: {one}" for one in (*wrong, *known[state])]

    kills = [at for mode, at in points if mode == "killed"]
    _put(begun, root)
    left = _killed(case, root, folder / "left", kills)
    for at in kills:
        shutil.rmtree(root)
        (left / str(at)).rename(root)
        judge("killed", at, [])
    for at in (at for mode, at in points if mode == "fails"):
        _put(begun, root)
        ended = verb(case, root, lambda root, at=at: Hook(root, fails_at=at))
        wrong = [f"a traceback: {ended.said[-400:]}"] if "Traceback" in ended.said else []
        if ended.code not in (0, 2, 4):
            wrong.append(f"exit {ended.code}: {ended.said[-200:]}")
        if ended.code == 0 and held(root) != new:
            wrong.append("exit 0, and not what it should be")
        judge("fails", at, wrong)
    found.kills, found.fails, found.states = len(kills), len(points) - len(kills), len(known)
    return found


def _put(begun: Path, root: Path) -> None:
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(begun, root, symlinks=True)


def _count(case: Case, root: Path, report: Path) -> int:
    """How many operations a verb does."""
    ended = verb(case, root, Hook, report=report)
    if ended.code:
        raise SystemExit(f"{case.name}: exit {ended.code}: {ended.said}")
    return int(report.read_text())


def _killed(case: Case, root: Path, left: Path, kills: Sequence[int]) -> Path:
    """A folder with what a kill at each of these operations leaves, by its number."""
    wanted = set(kills)
    left.mkdir()

    def seen(number: int, path: Path | None, half: bytes) -> None:
        if number in wanted:
            copy = left / str(number)
            shutil.copytree(root, copy, symlinks=True)
            if path is not None:
                with (copy / path.relative_to(root)).open("ab") as cut:
                    cut.write(half)

    ended = verb(case, root, lambda root: Hook(root, seen=seen))
    if ended.code or len(list(left.iterdir())) < len(wanted):
        raise SystemExit(f"{case.name}: exit {ended.code}: {ended.said}")
    return left


def again(case: Case, root: Path, old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[str]:
    """What does not hold in a project after a verb was disturbed, and after it is called again."""
    between = held(root)
    for name in sorted(old.keys() | new.keys() | between.keys()):
        if between.get(name) not in (old.get(name), new.get(name)):
            yield f"{name} is neither old nor new"
    ended = verb(case, root)
    after = held(root)
    # It may refuse, when all is there after what the kill cut short was ended.
    if after != new:
        differ = [one for one in after.keys() | new.keys() if after.get(one) != new.get(one)]
        yield f"called again: exit {ended.code}, other than it should be: "
        yield f"{', '.join(sorted(differ)[:4])}; it said: {ended.said[-200:]}"
    # What a refusal leaves is swept by the next verb that writes.
    if (half := leftovers(root)) and not ended.code:
        yield f"left: {', '.join(half)}"


def leftovers(root: Path) -> list[str]:
    """What is half written, or tells of it."""
    found = [one for one in root.rglob("*") if is_part(one) or one.name.endswith("moves")]
    return [one.name for one in found]


def held(root: Path) -> dict[str, str]:
    """The hash of every file that is a user's to see, by its name; of folders that they are."""
    return {
        path.relative_to(root).as_posix(): (
            hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder"
        )
        for path in root.rglob("*")
        if "build" not in path.relative_to(root).parts
        and not any(is_part(Path(part)) for part in path.relative_to(root).parts)
    }


def state_of(root: Path) -> str:
    """A hash of every name, mode and byte of a project, without what is random in names."""
    digest = hashlib.sha256()
    known = []
    for path in root.rglob("*"):
        name, text = path.relative_to(root).as_posix(), b""
        if path.is_file() and name != FILE.as_posix():
            text = path.read_bytes()
            if name.endswith("moves"):
                text = _RANDOM.sub("", text.decode(errors="replace")).encode()
        mode = path.lstat().st_mode
        known.append((_RANDOM.sub("", name), mode, hashlib.sha256(text).hexdigest()))
    digest.update(repr(sorted(known)).encode())
    return digest.hexdigest()


def verb(
    case: Case,
    root: Path,
    hooked: Callable[[Path], Hook] | None = None,
    *,
    report: Path | None = None,
) -> Ended:
    """A verb in a child of its own.

    Parameters
    ----------
    hooked : what listens in the child. report : where it writes how many operations there were.
    """
    told = root.parent / "told"

    def child() -> int:
        hook = None if hooked is None else hooked(root)
        with told.open("w", encoding="utf-8") as errors:
            with redirect_stdout(io.StringIO()), redirect_stderr(errors):
                if hook is not None:
                    hook.on = True
                try:
                    code = ceasefire(case.called(root))
                finally:
                    if hook is not None:
                        hook.on = False
            if report is not None and hook is not None:
                report.write_text(str(hook.count), encoding="utf-8")
        return code

    return Ended(waited(forked(child)), told.read_text(encoding="utf-8"))


def forked(work: Callable[[], Any]) -> int:
    """The number of a process that does this and ends with what it gives as exit code."""
    if pid := os.fork():
        return pid
    code = 70
    try:
        code = int(work() or 0)
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        os._exit(code)


def waited(pid: int) -> int:
    """The exit code of a child; -9 when it did not end."""
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.003)
    os.kill(pid, 9)
    os.waitpid(pid, 0)
    return -9


def told(found: Sequence[Tried]) -> str:
    """The table of the page."""
    lines = [
        "| verb | operations | failed | killed at | states left | did not hold |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    names = ("operations", "fails", "kills", "states")
    for one in found:
        counts = " | ".join(str(getattr(one, name)) for name in names)
        lines.append(f"| `{one.name}` | {counts} | {len(one.wrong)} |")
    sums = (sum(getattr(one, name) for one in found) for name in names)
    return "\n".join([*lines, "| all | " + " | ".join(map(str, sums)) + f" | {_wrong(found)} |"])


def _wrong(found: Sequence[Tried]) -> int:
    return sum(len(one.wrong) for one in found)


def main(argv: Sequence[str] | None = None) -> int:
    """Tries the verbs, and writes the counts into the page when all of them were tried."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.faults", description=__doc__)
    parser.add_argument("names", nargs="*", help="verbs (default: all)")
    parser.add_argument("--of", type=int, help="trials of each verb (default: all)")
    parser.add_argument("--keep", type=Path, metavar="FILE", help="rows, each added when done")
    asked = parser.parse_args(argv)
    kept = {}
    if asked.keep and asked.keep.exists():
        lines = asked.keep.read_text("utf-8").splitlines()
        kept = {one.name: one for one in (Tried(**json.loads(line)) for line in lines)}
    cases = [one for one in CASES if not asked.names or one.name in asked.names]
    found = []
    with tempfile.TemporaryDirectory() as name, surroundings(Path(name), cases):
        whole = Path(name).resolve()
        (whole / "made").mkdir()
        for case in cases:
            if case.name in kept:
                found.append(kept[case.name])
                continue
            found.append(_timed(case, whole, asked.of))
            if asked.keep:
                with asked.keep.open("a", encoding="utf-8") as rows:
                    rows.write(json.dumps(asdict(found[-1])) + "\n")
    if not asked.names:
        before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
        _, _, after = rest.partition(END)
        text = f"{before}{BEGIN}\n{told(found)}\n{END}{after}"
        PAGE.write_text(text, encoding="utf-8", newline="\n")
    return 1 if _wrong(found) else 0


def _timed(case: Case, whole: Path, of: int | None) -> Tried:
    started, folder = time.monotonic(), whole / "one"
    folder.mkdir()
    try:
        found = tried(case, folder, whole / "made", of=of)
    except SystemExit as fault:  # the others are tried all the same
        found = Tried(case.name, wrong=[str(fault)])
    shutil.rmtree(folder)
    words = f"{case.name}: {found.operations} operations, {found.fails + found.kills} tried"
    print(f"{words}, {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
    for wrong in found.wrong:
        print(f"  {wrong}", file=sys.stderr, flush=True)
    return found


if __name__ == "__main__":
    raise SystemExit(main())
