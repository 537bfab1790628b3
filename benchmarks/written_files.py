"""Is any file that the program wrote, spoiled in any way, ever a traceback?

    python -m benchmarks.written_files                 every way, key and verb: many hours
    python -m benchmarks.written_files --share 0.02    a sample of the trials
    python -m benchmarks.written_files --no-page

One study is accepted in a temporary project. Then one of its files at a time is spoiled at one
place and each verb that reads it is called: exit code 0, 1 or 2, and a message that names the file
where it is 2. Writes the counts into docs/evidence/reliability.md, and ends with 1 when one was
neither.
"""

from __future__ import annotations

import argparse
import contextlib
import copy
import io
import json
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

from evaluation import plots
from evaluation.cli import main as ceasefire
from evaluation.numeric.shared.draws import stream
from evaluation.study import run as study_run
from evaluation.study.run_cache import inputs_of
from evaluation.study.written import canonical

ROOT = Path(__file__).parents[1]
PAGE, BEGIN = ROOT / "docs/evidence/reliability.md", "## Spoiled files"
# One has numbers on power, the other costs.
SLUGS = ("boston", "oakland-synthetic-cities")
SEED = 21
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
    }
    return {file: verbs for file, verbs in found.items() if (root / file).is_file()}


Key = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """One way in which one file is spoiled, and the verb that then reads it."""

    file: str
    way: str
    content: Callable[[], bytes]
    verb: tuple[str, ...]


Way = tuple[str, Callable[[], bytes]]


def whole_file(text: bytes) -> Iterator[Way]:
    """Ways that need no place: cut, empty, of another encoding, of another form."""
    words = text.decode("utf-8")
    for way, content in (
        ("cut", text[: len(text) // 2]),
        ("cut", text[:-2]),
        ("empty", b""),
        ("blank", b"\n"),
        ("byte order mark", b"\xef\xbb\xbf" + text),
        ("other encoding", words.encode("utf-16")),
        ("other encoding", words.replace("e", "é", 1).encode("latin-1", errors="replace")),
        ("other encoding", b"\xff" + text),
        ("nought bytes", b"\0" * 50),
        ("deep nesting", b'{"schema":' + b"[" * 100_000),
        ("deep nesting", b'{"a":' * 900 + b"1" + b"}" * 900),
        *(("another form", one) for one in (b"[]", b"null", b"3", b'"a"', b"{}", b"a = 1\n")),
        ("padded", text + b"\n\n"),
        ("laid out anew", words.replace("\n ", "\n  ").encode("utf-8")),
    ):
        yield way, partial(bytes, content)


SPOILED: tuple[tuple[str, Any], ...] = (
    ("null", None),
    ("wrong type", "a word"),
    ("wrong type", 7),
    ("wrong type", []),
    ("wrong type", {}),
    ("wrong type", True),
    ("huge number", 1e308),
    ("huge number", -(10**400)),
    ("NaN", float("nan")),
    ("NaN", float("inf")),
    ("deep nesting", [[[[[[[[[[[[]]]]]]]]]]]]),
)


def at_places(text: bytes) -> Iterator[Way]:
    """Ways at each key of a JSON file: gone, twice, a value of another kind. Of the entries of a
    list the first that has the key."""
    content = json.loads(text)
    seen = set()
    for path in _places(content, ()):
        kind = tuple("*" if isinstance(part, int) else part for part in path)
        if kind in seen:
            continue
        seen.add(kind)
        yield "key dropped", partial(_with, content, path, None, drop=True)
        for way, value in SPOILED:
            yield way, partial(_with, content, path, value)
        if isinstance(path[-1], str):
            once = json.dumps(path[-1]).encode("utf-8") + b":"
            yield "key twice", partial(text.replace, once, once + b" 1, " + once, 1)


def in_lines(text: bytes) -> Iterator[Way]:
    """Ways at each line of a TOML file: gone, twice, without its value, with another."""
    lines = text.decode("utf-8").split("\n")
    for number, line in enumerate(lines):
        name = line.split("=")[0]
        for way, other in (
            ("line dropped", []),
            ("key twice", [line] * 2),
            ("wrong type", [f"{name}= 7"]),
            ("wrong type", [f"{name}= 2026-01-31T10:00:00"]),
            ("wrong type", [f"{name}= []"]),
            ("huge number", [f"{name}= 1e999"]),
            ("NaN", [f"{name}= nan"]),
            ("cut", [line[: len(line) // 2]]),
        ):
            changed = "\n".join([*lines[:number], *other, *lines[number + 1 :]])
            yield way, partial(changed.encode, "utf-8")


def _places(value: Any, path: Key) -> Iterator[Key]:
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, one in items:
        yield (*path, key)
        if isinstance(one, (dict, list)):
            yield from _places(one, (*path, key))


def _with(content: Any, path: Key, value: Any, *, drop: bool = False) -> bytes:
    changed = copy.deepcopy(content)
    here = changed
    for part in path[:-1]:
        here = here[part]
    if drop:
        del here[path[-1]]
    else:
        here[path[-1]] = value
    return canonical(changed).encode("utf-8")


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
        inner = in_lines if file.endswith(".toml") else at_places
        every = [
            Trial(file, way, content, verb)
            for way, content in (*whole_file(text), *inner(text))
            for verb in verbs
        ]
        source = np.random.Generator(stream(seed, f"written-files/{file}"))
        order = source.permutation(len(every))
        found += [every[i] for i in sorted(order[: max(1, round(share * len(every)))])]
    return found


def outcome(trial: Trial, root: Path) -> str:
    """What came of one trial: "fine", "differs", "refused", or what escaped."""
    path = root / trial.file
    kept = {one: one.read_bytes() for one in _touched(root)}
    out, err = io.StringIO(), io.StringIO()
    try:
        path.write_bytes(trial.content())
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = ceasefire(["--root", str(root), *trial.verb])
    except SystemExit as stopped:
        code = int(stopped.code or 0)
    except Exception:
        return f"traceback: {traceback.format_exc().strip().splitlines()[-1]}"
    finally:
        for one in _touched(root):
            if one not in kept:
                one.unlink()
        for one, before in kept.items():
            one.parent.mkdir(parents=True, exist_ok=True)
            one.write_bytes(before)
    if code not in (0, 1, 2):
        return f"exit code {code}"
    if code == 2 and ":" not in err.getvalue():
        return "no place named"
    return ("fine", "differs", "refused")[code]


def _touched(root: Path) -> list[Path]:
    folders = ("reports", "analyses", "build/studies")
    return [one for name in folders for one in (root / name).rglob("*") if one.is_file()]


@contextlib.contextmanager
def accepted_project(slugs: Sequence[str] = SLUGS) -> Iterator[Path]:
    """A project with these studies, run, reported, accepted and checked; the same inputs are run
    once, and the same picture is drawn once."""
    ran: dict[str, Any] = {}
    real: Callable[..., Any] = study_run.run

    def once(slug: str, root: Path, **options: Any) -> Any:
        key = slug + repr(inputs_of(slug, root))
        if key not in ran:
            ran[key] = real(slug, root, **options)
        return ran[key]

    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve() / "project"
        shutil.copytree(ROOT / "data/public", root / "data/public")
        shutil.copytree(ROOT / "data/synthetic", root / "data/synthetic")
        for folder in (f"{kind}/{slug}" for kind in ("analyses", "reports") for slug in slugs):
            shutil.copytree(ROOT / folder, root / folder)
        study_run.run = once
        accept = ("accept", "--reason", "Accepted to be spoiled.")
        try:
            with plots.kept_in(root.parent / "drawn", root=root.parent):
                for words in (("run",), ("report",), (*accept, *slugs), RECORD):
                    with contextlib.redirect_stdout(io.StringIO()):
                        if ceasefire(["--root", str(root), *words]):
                            raise SystemExit(f"ceasefire {' '.join(words)} failed")
                yield root
        finally:
            study_run.run = real


def page(counts: Counter[tuple[str, str]], told: str) -> str:
    """The section of docs/evidence/reliability.md: how often each file was read to which end.

    Parameters
    ----------
    told : how many of the trials were made, in words.
    """
    ends = ("refused", "differs", "fine")
    lines = [
        BEGIN,
        "",
        "`python -m benchmarks.written_files` spoils each file that the program wrote, at each of",
        "its keys, in each of the ways that it lists (a key dropped, twice or of another kind,",
        "null, NaN, numbers too large, cut, deep, another encoding), and calls each verb that",
        f"reads it; {told}. *Refused* is exit code 2 with the file and its line,",
        "*differs* is what `check` and `diff` find, *fine* is what the verb does not read or makes",
        "again. A sample runs in the tests.",
        "",
        "| file | trials | refused | differs | fine | traceback |",
        "|---|---|---|---|---|---|",
    ]
    for file in dict.fromkeys(name for name, _ in counts):
        of_file = {end: many for (name, end), many in counts.items() if name == file}
        known = [of_file.get(end, 0) for end in ends]
        total, shown = sum(of_file.values()), file
        lines.append(
            f"| {shown} | {total} | {' | '.join(map(str, known))} | {total - sum(known)} |"
        )
    return "\n".join(lines) + "\n"


def written(text: str, section: str) -> str:
    """A page with this section in place of the one of the same heading, or at its end."""
    before, found, after = text.partition(f"{BEGIN}\n")
    rest = after[after.index("\n## ") + 1 :] if found and "\n## " in after else ""
    return f"{before.rstrip()}\n\n{section}" + (f"\n{rest}" if rest else "")


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.written_files")
    parser.add_argument("slug", nargs="*", default=SLUGS, help="studies (default: two)")
    parser.add_argument("--share", type=float, default=1.0, help="of the trials (default: all)")
    parser.add_argument("--no-page", action="store_true", help="leave docs/evidence/reliability.md")
    arguments = parser.parse_args(argv)
    counts: Counter[tuple[str, str]] = Counter()
    wrong = 0
    slugs = tuple(arguments.slug)
    with accepted_project(slugs) as root:
        many = len(trials(root, 1.0, slugs=slugs))
        say = partial(print, file=sys.stderr, flush=True)
        for trial in trials(root, arguments.share, slugs=slugs):
            found = outcome(trial, root)
            end = found if found in ("fine", "differs", "refused") else "traceback"
            counts[trial.file, end] += 1
            if end == "traceback":
                wrong += 1
                say(f"{trial.file}: {trial.way}: {' '.join(trial.verb)}: {found}")
    told = f"{sum(counts.values()):,} of {many:,} trials were made, as a random share"
    print(f"{told}; {wrong} tracebacks")
    if not arguments.no_page:
        before = PAGE.read_text("utf-8") if PAGE.is_file() else "# Reliability\n"
        PAGE.write_text(written(before, page(counts, told)), encoding="utf-8")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
