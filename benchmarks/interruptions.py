"""Verbs that a signal ends at any moment, and two verbs at once in one project: what is left?

    python -m benchmarks.interruptions                     writes the counts
    python -m benchmarks.interruptions --signals 20 --pairs 5

Each file must be the old one or the new one; a signal leaves nothing half written, is told in a
sentence, and ends the verb with 130, 143 or 129. Two verbs at once must leave what one after the
other leaves, with the same exit codes.
"""

from __future__ import annotations

import argparse
import io
import itertools
import os
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.fault_cases import (
    CASES,
    SLUG,
    Case,
    accepted,
    nothing,
    ready,
    surroundings,
    within,
)
from benchmarks.faults import PAGE, SEED, again, forked, held, leftovers, state_of, verb, waited
from evaluation.cli import main as ceasefire
from evaluation.numeric.shared.draws import stream, uniforms

BEGIN, END = "<!-- interruptions -->", "<!-- end of interruptions -->"
SIGNALS: Final = {one: 128 + one for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
SAID: Final = "interrupted; files are as they were or complete, never half"
MANY_SIGNALS, MANY_PAIRS = 120, 40
_MINE = "PROJECT/data/mine"
TOGETHER: Final = tuple(
    Case(" ".join(words[:2]), given, accepted, nothing)
    for words, given in (
        *(
            (words, within(*words))
            for words in (
                ("new", "second"),
                ("data", "add", "town", "PROJECT/town.csv"),
                ("stamp", SLUG, "--request"),
                ("simulate", "city_month"),
                ("run", "--force"),
                ("power", SLUG, "--draws", "100", "--effects", "20"),
                ("screen", SLUG),
                ("report", "-j", "1"),
                ("check", "-j", "1", "--record"),
                ("accept", SLUG, "--reason", "once more", "--on", "2026-01-02"),
                ("plan", SLUG),
            )
        ),
        (("data", "--new"), ("data", "--new", f"{_MINE}/town.csv")),
        (("panel", "--new"), ("panel", "--new", f"{_MINE}/rows.csv")),
        (("panel",), ("panel", f"{_MINE}/beats.toml")),
    )
)


@dataclass(slots=True)
class Found:
    """Trials by what was done, how they ended, and what did not hold."""

    trials: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def signaled(folder: Path, made: Path, many: int) -> Found:
    """Verbs that a signal ends at a moment drawn from the time that they take."""
    found = Found()
    draws = iter(uniforms(stream(SEED, "signals"), many).tolist())
    share = -(-many // len(CASES))
    kinds = itertools.cycle(SIGNALS)
    for case in CASES:
        root, begun = folder / "project", folder / "ready"
        ready(case, root, made)
        root.rename(begun)
        old = held(begun)
        shutil.copytree(begun, root, symlinks=True)
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            ceasefire(case.called(root))
        new = held(root)
        _put(begun, root)
        started = time.monotonic()
        verb(case, root)
        lasts = time.monotonic() - started
        known: dict[str, list[str]] = {}
        for moment in itertools.islice(draws, share):
            _put(begun, root)
            number = next(kinds)
            wrong, end = _signal(case, root, number, moment * lasts, old, new)
            if (state := state_of(root)) not in known:
                known[state] = list(again(case, root, old, new))
            found.trials += 1
            found.ends[end] += 1
            where = f"{case.name}: {number.name} after {moment:.2f} of {lasts:.2f} s"
            found.wrong += [f"{where}: {one}" for one in (*wrong, *known[state])]
        shutil.rmtree(root)
        shutil.rmtree(begun)
    return found


def _signal(
    case: Case,
    root: Path,
    number: signal.Signals,
    after: float,
    old: Mapping[str, str],
    new: Mapping[str, str],
) -> tuple[list[str], str]:
    """What did not hold after a signal, and how the verb ended."""
    told, begun = root.parent / "told", root.parent / "begun"
    begun.unlink(missing_ok=True)

    def child() -> int:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        with _told_to(told):
            begun.touch()
            return ceasefire(case.called(root))

    pid = forked(child)
    while not begun.exists():
        time.sleep(0.001)
    time.sleep(after)
    # It may have ended, and waits to be asked how.

    os.kill(pid, number)
    code, said = waited(pid), told.read_text("utf-8")
    between = held(root)
    wrong = []
    if "Traceback" in said:
        wrong.append(f"a traceback: {said[-300:]}")
    if code == SIGNALS[number] and said.count(SAID) != 1:
        wrong.append(f"it said {said[-200:]!r}")
    # One that comes before the verb began or after it ended ends the process at once.
    outside = code == -number and between in (old, new)
    if code not in (0, SIGNALS[number]) and not outside:
        wrong.append(f"exit {code}: {said[-200:]}")
    if left := leftovers(root):
        wrong.append(f"left: {', '.join(left)}")
    end = "interrupted" if code == SIGNALS[number] else "outside" if outside else f"exit {code}"
    return wrong, end


def at_once(folder: Path, made: Path, many: int) -> Found:
    """Two verbs that begin at the same time, in pairs drawn by a named seed."""
    found = Found()
    pairs = [*itertools.combinations_with_replacement(TOGETHER, 2)]
    order = np.argsort(uniforms(stream(SEED, "pairs"), len(pairs)))
    root, begun = folder / "project", folder / "ready"
    ready(TOGETHER[0], root, made)
    root.rename(begun)
    for number in order[:many].tolist():
        one, other = pairs[number]
        _put(begun, root)
        codes, said = _both(root, one, other)
        after, left = held(root), leftovers(root)
        serial = []
        for first, second in ((one, other), (other, one)):
            _put(begun, root)
            ends = sorted(verb(case, root).code for case in (first, second))
            serial.append((ends, held(root)))
            if serial[-1] == (sorted(codes), after):
                break
        else:
            differ = [
                name for name in after if all(after[name] != one.get(name) for _, one in serial)
            ]
            alone = [ends for ends, _ in serial]
            words = f"exit {codes}, one after the other {alone}; other than both: {differ[:4]}"
            found.wrong.append(f"{one.name} and {other.name}: {words}; said {said[-300:]}")
        if left:
            found.wrong.append(f"{one.name} and {other.name}: left {', '.join(left)}")
        found.trials += 1
        found.ends["waited" if "waiting for" in said else "did not wait"] += 1
    shutil.rmtree(begun)
    return found


def _both(root: Path, one: Case, other: Case) -> tuple[list[int], str]:
    """The exit codes of two verbs at once, and what they said."""
    pids, files = [], []
    for number, case in enumerate((one, other)):
        told = root.parent / f"told-{number}"

        def child(case: Case = case, told: Path = told) -> int:
            with _told_to(told):
                return ceasefire(case.called(root))

        pids.append(forked(child))
        files.append(told)
    codes = [waited(pid) for pid in pids]
    return codes, "".join(one.read_text("utf-8") for one in files)


@contextmanager
def _told_to(path: Path) -> Iterator[None]:
    """What is said in here on the stream of errors stands in a file, and nothing else is said."""
    errors = path.open("w", encoding="utf-8")
    with errors, redirect_stderr(errors), redirect_stdout(io.StringIO()):
        yield


def _put(begun: Path, root: Path) -> None:
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(begun, root, symlinks=True)


def page(signals: Found, pairs: Found) -> str:
    """The table of the page."""
    lines = ["| what | trials | how they ended | did not hold |", "|---|---:|---|---:|"]
    for name, found in (("a signal at a random moment", signals), ("two verbs at once", pairs)):
        ends = ", ".join(f"{many} {end}" for end, many in sorted(found.ends.items()))
        lines.append(f"| {name} | {found.trials} | {ends} | {len(found.wrong)} |")
    return "\n".join(lines)


def main(argv: Sequence[str] | None = None) -> int:
    """Tries both, and writes the counts into the page unless other numbers are asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.interruptions", description=__doc__)
    parser.add_argument("--signals", type=int, default=MANY_SIGNALS, help="trials")
    parser.add_argument("--pairs", type=int, default=MANY_PAIRS, help="trials")
    parser.add_argument("--no-page", action="store_true", help="leave docs/evidence/reliability.md")
    asked = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as name, surroundings(Path(name), CASES):
        whole = Path(name).resolve()
        for part in ("made", "signals", "pairs"):
            (whole / part).mkdir()
        pairs = at_once(whole / "pairs", whole / "made", asked.pairs)
        print(page(Found(), pairs), *pairs.wrong, sep="\n", file=sys.stderr, flush=True)
        signals = signaled(whole / "signals", whole / "made", asked.signals)
    print(page(signals, pairs), *signals.wrong, *pairs.wrong, sep="\n")
    if not asked.no_page:
        before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
        _, _, after = rest.partition(END)
        text = f"{before}{BEGIN}\n{page(signals, pairs)}\n{END}{after}"
        PAGE.write_text(text, encoding="utf-8", newline="\n")
    return 1 if signals.wrong or pairs.wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
