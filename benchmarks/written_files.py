"""Is any file that the program wrote, spoiled in any way, ever a traceback?

    python -m benchmarks.written_files                 each field of each committed file is read,
                                                       and a share of the trials made by verbs
    python -m benchmarks.written_files --share 0.02    another share of those
    python -m benchmarks.written_files --no-page

First each committed file of each kind is spoiled at every field that no smaller file has, and read
by the one reader of its kind: refused with file, line and column, or taken for what it says. Then
one study is accepted in a temporary project, one of its files at a time is spoiled at one place,
and a verb that reads it is called: exit code 0, 1 or 2, and a message that names the file where it
is 2. A check may not find a spoiled file good. Writes the counts into docs/evidence/reliability.md,
and ends with 1 when something did not hold.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import re
import shutil
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.spoiling import at_places, in_lines, whole_file
from evaluation import plots
from evaluation.check.lock import load_lock
from evaluation.check.record import read_record
from evaluation.cli import main as ceasefire
from evaluation.economics.compute import loads as economics_of
from evaluation.errors import EvaluationError
from evaluation.numeric.shared.draws import stream
from evaluation.study import run as study_run
from evaluation.study.acceptances import read_changes
from evaluation.study.evidence import load_evidence
from evaluation.study.power.power_evidence import load_power
from evaluation.study.run_cache import inputs_of

ROOT = Path(__file__).parents[1]
PAGE, BEGIN = ROOT / "docs/evidence/reliability.md", "## Spoiled files"
# Quick, and with numbers on power.
SLUGS = ("boston",)
SHARE = 0.01
ENDS = ("refused", "differs", "fine", "other pages")
SEED = 21
TOWN = "unit,month,shootings\n" + "".join(
    f"Town,{year}-{month:02d},{12 + (year + month) % 5}\n"
    for year in range(2012, 2020)
    for month in range(1, 13)
)
RECORD, DOCTOR = ("check", "--record"), ("doctor",)
Verbs = tuple[tuple[str, ...], ...]


def files_of(slug: str, root: Path) -> dict[str, Verbs]:
    """What the program writes for a study and reads again, and the verbs that read it."""
    report, check, run = (("report", slug), ("check", slug), ("run", slug))
    accept, diff = ("accept", slug, "--reason", "Again."), ("diff", slug, slug)
    found: dict[str, Verbs] = {
        f"reports/{slug}/results.json": (report, check, accept, run, diff),
        f"reports/{slug}/power.json": (report, check, accept),
        f"reports/{slug}/economics.json": (report, check, accept, run),
        f"reports/{slug}/lock.json": (report, check, accept, run),
        "reports/check.json": (report, check, accept, RECORD),
        "reports/results.json": (report, check),
        "reports/elsewhere.json": (report, check),
        f"build/studies/{slug}.json": (run, DOCTOR, check),
        f"analyses/{slug}/plan.frozen.toml": (("plan", slug), run, check),
        f"analyses/{slug}/changes.toml": (report, check, accept),
        f"analyses/{slug}/notebook.ipynb": (check,),
        "build/ceasefire.moves": (run, report),
        "build/ceasefire.turn": (run, report),
        "data/mine/town.dataset.toml": (("data", "data/mine/town.csv"),),
    }
    pictures = sorted((root / "build/figures").glob("*.svg"))[:1]
    found |= {one.relative_to(root).as_posix(): (report, check) for one in pictures}
    return {file: verbs for file, verbs in found.items() if (root / file).is_file()}


@dataclass(frozen=True, slots=True)
class Trial:
    """One way in which one file is spoiled, and the verb that then reads it."""

    file: str
    way: str
    content: Callable[[], bytes]
    verb: tuple[str, ...]


# The one reader of each kind of file, of a study called `a` in the project given.
Reader = Callable[[Path], object]
READERS: dict[str, Reader] = {
    "reports/a/results.json": lambda root: load_evidence("a", root),
    "reports/a/power.json": lambda root: load_power("a", root),
    "reports/a/economics.json": lambda root: economics_of(
        (root / "reports/a/economics.json").read_bytes(), "reports/a/economics.json", "run a"
    ),
    "reports/a/lock.json": lambda root: load_lock("a", root),
    "reports/check.json": read_record,
    "analyses/a/changes.toml": lambda root: read_changes("a", root),
}


def fields(file: str, root: Path) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Every way to spoil a kind of file, at each field once: of all such files in a project, the
    smallest that has it."""
    paths = sorted(root.glob(file.replace("/a/", "/*/")), key=lambda one: one.stat().st_size)
    known: set[Any] = set()
    for number, path in enumerate(paths):
        text = path.read_bytes()
        if file.startswith("reports/a/"):
            text = text.replace(f'"slug": "{path.parent.name}"'.encode(), b'"slug": "a"', 1)
        if number == 0:
            yield from whole_file(text)
        yield from in_lines(text) if file.endswith(".toml") else at_places(text, known)


def read_end(file: str, content: bytes, root: Path) -> str:
    """What its reader makes of a spoiled file: "refused" with its place, "read", or what escaped.

    Parameters
    ----------
    root : a folder of its own, which is written to.
    """
    path = root / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    try:
        READERS[file](root)
    except EvaluationError as fault:
        return "refused" if _placed(str(fault), file) else f"no place named: {fault}"
    except Exception:
        return f"traceback: {traceback.format_exc().strip().splitlines()[-1]}"
    return "read"


def _placed(said: str, file: str) -> bool:
    """Whether a message names a line, and what makes a file again that no person writes."""
    again = re.search("make it again with|Take it from the last commit", said)
    placed = re.search(rf"{re.escape(file)}:(\d+| is larger than)", said)
    return bool(placed and (again or not file.endswith(".json")))


def trials(
    root: Path, share: float, *, slugs: Sequence[str] = SLUGS, seed: int = SEED
) -> list[Trial]:
    """Every trial on the files of a project, or a share of them, the same for the same seed.

    Parameters
    ----------
    share : of the trials on each file, from 0 to 1; at least one.
    """
    found = []
    of_all = {file: verbs for slug in slugs for file, verbs in files_of(slug, root).items()}
    for file, verbs in of_all.items():
        text = (root / file).read_bytes()
        inner = in_lines(text) if file.endswith(".toml") else _at_places(text)
        every = [
            Trial(file, way, content, verb)
            for way, content in (*whole_file(text), *inner)
            for verb in verbs
        ]
        source = np.random.Generator(stream(seed, f"written-files/{file}"))
        order = source.permutation(len(every))
        found += [every[i] for i in sorted(order[: max(1, round(share * len(every)))])]
    return found


def _at_places(text: bytes) -> Iterator[tuple[str, Callable[[], bytes]]]:
    with contextlib.suppress(ValueError):  # a picture, a name
        yield from at_places(text)


def outcome(trial: Trial, root: Path) -> str:
    """What came of one trial: one of `ENDS`, or what did not hold.

    "other pages": it ended well and wrote something else than before, from values that may be. The
    file itself may be as it was, or spoiled still.
    """
    path, content = root / trial.file, trial.content()
    kept = {one: (_stamp(one), one.read_bytes()) for one in _touched(root)}
    if content == path.read_bytes():
        return "fine"
    out, err = io.StringIO(), io.StringIO()
    try:
        path.write_bytes(content)
        with (
            contextlib.chdir(root),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            code = ceasefire(["--root", str(root), *trial.verb])
        seen = path.is_file() and path.read_bytes() != content
        written = any(
            one != path and (one not in kept or one.read_bytes() != kept[one][1])
            for one in _touched(root)
            if "build" not in one.relative_to(root).parts
        )
    except SystemExit as stopped:
        code, seen, written = int(stopped.code or 0), False, False
    except Exception:
        return f"traceback: {traceback.format_exc().strip().splitlines()[-1]}"
    finally:
        for one in _touched(root):
            if one not in kept:
                one.unlink()
        for one, (stamp, before) in kept.items():
            if not one.is_file() or _stamp(one) != stamp:
                one.parent.mkdir(parents=True, exist_ok=True)
                one.write_bytes(before)
    if code not in (0, 1, 2):
        return f"exit code {code}"
    if code == 2 and Path(trial.file).name not in err.getvalue():
        return f"no place named: {err.getvalue()[:200]}"
    # The words of a notebook are its author's, and what is kept in build/ is not read by a check.
    free = trial.file.startswith("build/") or trial.file.endswith(".ipynb")
    if code == 0 and trial.verb[0] == "check" and not free and not seen:
        return "found good"
    if code == 0 and written:
        return "other pages"
    return ("fine", "differs", "refused")[code]


def _stamp(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_mtime_ns, found.st_size, found.st_ino


def _touched(root: Path) -> list[Path]:
    folders = ("reports", "analyses", "build", "data/mine")
    return [one for name in folders for one in (root / name).rglob("*") if one.is_file()]


@contextlib.contextmanager
def accepted_project(slugs: Sequence[str] = SLUGS) -> Iterator[Path]:
    """A project with these studies, run, reported, accepted and checked; the same inputs are run
    once, and the same picture is drawn once."""
    real: Callable[..., Any] = study_run.run
    ran: dict[str, Any] = {}

    def once(slug: str, root: Path, **options: Any) -> Any:
        key = slug + repr(inputs_of(slug, root))
        if key not in ran:
            ran[key] = real(slug, root, **options)
        return ran[key]

    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve() / "project"
        shutil.copytree(ROOT / "data/public", root / "data/public")
        shutil.copytree(ROOT / "data/synthetic", root / "data/synthetic")
        for part in (f"{kind}/{slug}" for kind in ("analyses", "reports") for slug in slugs):
            shutil.copytree(ROOT / part, root / part)
        (root / "data/mine").mkdir()
        (root / "data/mine/town.csv").write_text(TOWN, encoding="utf-8")
        study_run.run = once
        accept = ("accept", "--reason", "Accepted to be spoiled.")
        try:
            with plots.kept_in(root.parent / "drawn", root=root.parent):
                for words in (
                    *(("run",), ("report",), (*accept, *slugs), RECORD),
                    ("data", "--new", str(root / "data/mine/town.csv")),
                ):
                    with contextlib.redirect_stdout(io.StringIO()):
                        if ceasefire(["--root", str(root), *words]):
                            raise SystemExit(f"ceasefire {' '.join(words)} failed")
                (root / "build/ceasefire.moves").write_text("[]", encoding="utf-8")
                yield root
        finally:
            study_run.run = real


def page(of_fields: Counter[tuple[str, str]], of_verbs: Counter[tuple[str, str]], told: str) -> str:
    """The section of docs/evidence/reliability.md: how often each file was read to which end.

    Parameters
    ----------
    of_fields, of_verbs : how often, by file and end. told : how many of the trials of verbs were
        made, in words.
    """
    lines = [
        BEGIN,
        "",
        "`python -m benchmarks.written_files` spoils the files that the program wrote: cut at each",
        "quarter, empty, in another encoding or with other line ends, nested deep; at each key",
        "dropped, twice, of another kind, null, NaN, too large; and of the right kind but",
        "impossible: negative, upside down, an unknown word, no month, a list that is longer. At",
        "each field of each kind of file, in the smallest committed file that has it, its one",
        "reader was called. *Refused* is a fault with file, line and the command that makes it",
        "again; *read* is a value that could be, which `check` compares with a run of its own.",
        "",
        *_table(of_fields, ("refused", "read")),
        "",
        f"Verbs were called on one accepted study; {told}. *Differs* is what `check` and `diff`",
        "find, *fine* is what the verb does not read or makes again, *other pages* what `report`",
        "makes of a value that could be, and `check` then finds. A check that finds a spoiled file",
        "good would stand in the last column. A sample runs in the tests.",
        "",
        *_table(of_verbs, ENDS),
    ]
    return "\n".join(lines) + "\n"


def _table(counts: Counter[tuple[str, str]], ends: Sequence[str]) -> Iterator[str]:
    yield f"| file | trials | {' | '.join(ends)} | did not hold |"
    yield "|---|" + "---:|" * (len(ends) + 2)
    for file in dict.fromkeys(name for name, _ in counts):
        of_file = {end: many for (name, end), many in counts.items() if name == file}
        known, total = [of_file.get(end, 0) for end in ends], sum(of_file.values())
        yield f"| {file} | {total} | {' | '.join(map(str, known))} | {total - sum(known)} |"


def written(text: str, section: str) -> str:
    """A page with this section in place of the one of the same heading, or at its end."""
    before, found, after = text.partition(f"{BEGIN}\n")
    rest = after[after.index("\n## ") + 1 :] if found and "\n## " in after else ""
    return f"{before.rstrip()}\n\n{section}" + (f"\n{rest}" if rest else "")


def main(argv: Sequence[str] | None = None) -> int:
    """Spoils every field, then a share of all for the verbs; writes the counts into the page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.written_files")
    parser.add_argument("slug", nargs="*", default=SLUGS, help="studies (default: boston)")
    parser.add_argument("--share", type=float, default=SHARE, help=f"of verbs (default: {SHARE})")
    parser.add_argument("--no-page", action="store_true", help="leave docs/evidence/reliability.md")
    arguments = parser.parse_args(argv)
    say = partial(print, file=sys.stderr, flush=True)
    of_fields: Counter[tuple[str, str]] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for file in READERS:
            for way, content in fields(file, ROOT):
                end = read_end(file, content(), Path(folder))
                of_fields[file.replace("/a/", "/<study>/"), end.split(":")[0]] += 1
                if end not in ("refused", "read"):
                    say(f"{file}: {way}: {end}")
            say(f"{file}: {sum(n for (one, _), n in of_fields.items() if one == file)}")
    of_verbs: Counter[tuple[str, str]] = Counter()
    slugs = tuple(arguments.slug)
    with accepted_project(slugs) as root:
        many = len(trials(root, 1.0, slugs=slugs))
        for trial in trials(root, arguments.share, slugs=slugs):
            end = outcome(trial, root)
            of_verbs[trial.file, end.split(":")[0]] += 1
            if end not in ENDS:
                say(f"{trial.file}: {trial.way}: {' '.join(trial.verb)}: {end}")
    told = f"{sum(of_verbs.values()):,} of {many:,} trials were made, as a random share"
    wrong = sum(n for (_, end), n in of_fields.items() if end not in ("refused", "read"))
    wrong += sum(n for (_, end), n in of_verbs.items() if end not in ENDS)
    print(f"{sum(of_fields.values()):,} fields; {told}; {wrong} did not hold")
    if not arguments.no_page:
        before = PAGE.read_text("utf-8") if PAGE.is_file() else "# Reliability\n"
        section = page(of_fields, of_verbs, told)
        PAGE.write_text(written(before, section), encoding="utf-8")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
