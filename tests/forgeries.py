"""What a hand can change in a project, for tests/test_promises.py: the lines of the table in
docs/how-to/reproducing.md."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from evaluation import plots
from evaluation.check import accept as accepting
from evaluation.check.lock import Lock
from evaluation.cli import main
from evaluation.report.write import write_power
from evaluation.study.power.power_evidence import loads
from evaluation.study.written import canonical

# The quickest of all studies.
SLUG = "groups-synthetic-triggered"
PLAN, CHANGES = f"analyses/{SLUG}/plan.toml", f"analyses/{SLUG}/changes.toml"
REPORTS = f"reports/{SLUG}"
RESULTS, LOCK, POWER = (f"{REPORTS}/{name}" for name in ("results.json", "lock.json", "power.json"))
RECORD = "reports/check.json"
HASH = "0" * 64

Attack = Callable[[Path], None]
# An attack on what is kept of an earlier rendering, for which every page is rendered.
ON_PICTURES = (
    "a picture that `report` keeps in `build/`, under a hash that fits, and reported again"
)
ATTACKS: dict[str, tuple[Attack, tuple[str, ...]]] = {}


def call(root: Path, *words: str) -> int:
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        return main(["--root", str(root), *words])


@contextlib.contextmanager
def simulated(root: Path) -> Iterator[None]:
    """Numbers on power as simulating again gives them, without the minute that it takes."""
    found = loads((root / POWER).read_bytes())
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(accepting, "power", lambda *_, **__: found)
        yield


def attack(what: str, *files: str) -> Callable[[Attack], Attack]:
    """The attack of a line of the table; `files` are those that may be made again."""

    def named(how: Attack) -> Attack:
        ATTACKS[what] = how, files
        return how

    return named


def rewrite(path: Path, change: Callable[[str], str]) -> None:
    before = path.read_text(encoding="utf-8")
    after = change(before)
    assert after != before, "the attack changed nothing"
    path.write_text(after, encoding="utf-8")


def edit(path: Path, change: Callable[[Any], None]) -> None:
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    rewrite(path, lambda _: canonical(content))


def forged(content: Any) -> None:
    content["data"]["provenance"]["rows"] = 91919
    content["outcomes"][0]["grade"]["level"] = "high"


@attack("a cell of the data")
def _(root):
    (path,) = (root / "data/synthetic").glob("group_quarter_triggered.csv")
    rewrite(path, lambda text: re.sub(r",0,", ",1,", text, count=1))


@attack("the plan")
def _(root):
    rewrite(root / PLAN, lambda text: text.replace("worthwhile = 10", "worthwhile = 1"))


@attack("the frozen plan")
def _(root):
    path = (root / PLAN).with_name("plan.frozen.toml")
    rewrite(path, lambda text: text.replace("worthwhile = 10", "worthwhile = 1"))


@attack("a number in `results.json`")
def _(root):
    edit(root / RESULTS, forged)


@attack("`results.json`, laid out anew")
def _(root):
    rewrite(root / RESULTS, lambda text: text.replace("\n ", "\n   "))


@attack("`results.json`, a key in it twice")
def _(root):
    rewrite(root / RESULTS, lambda text: text.replace('"goal"', '"goal": 3,\n "goal"', 1))


@attack("what `run` keeps in `build/`, under a hash that fits, and run again")
def _(root):
    def fitting(kept: Any) -> None:
        content = json.loads(kept["results"])
        forged(content)
        kept["results"] = canonical(content)
        kept["sha256"] = hashlib.sha256(kept["results"].encode()).hexdigest()

    edit(root / f"build/studies/{SLUG}.json", fitting)
    assert call(root, "run") == 0
    assert '"rows": 91919' in (root / RESULTS).read_text("utf-8")


@attack(ON_PICTURES, f"{REPORTS}/index.html")
def _(root):
    for path in (root / "build/figures").glob("*.svg"):
        content = path.read_bytes().partition(b"\n")[2].replace(b"</svg>", b"<g></g></svg>")
        path.write_bytes(hashlib.sha256(content).hexdigest().encode() + b"\n" + content)
    before = (root / REPORTS / "index.html").read_bytes()
    assert call(root, "report") == 0 and (root / REPORTS / "index.html").read_bytes() != before


@attack("a word of a page", f"{REPORTS}/index.html")
def _(root):
    rewrite(root / REPORTS / "index.html", lambda text: text.replace("call-ins", "calls", 1))


@attack("a figure as numbers", f"{REPORTS}/figures")
def _(root):
    path = sorted((root / REPORTS / "figures").glob("*.csv"))[0]
    rewrite(path, lambda text: text.replace("1", "2", 1))


@attack("`power.json`, and the page made from it")
def _(root):
    def more(content: Any) -> None:
        content["outcomes"][0]["curve"][1]["power"] = 0.5

    edit(root / POWER, more)
    with plots.kept_in(root / "build/figures", root=root):
        write_power(SLUG, root)


@attack("`brief.pdf` or `report.pdf`")
def _(root):
    (root / REPORTS / "brief.pdf").write_bytes(b"%PDF-1.7 forged")


@attack("outputs put into a notebook")
def _(root):
    def shown(content: Any) -> None:
        cell = next(one for one in content["cells"] if one["cell_type"] == "code")
        cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "-91 %"}]

    edit(root / f"analyses/{SLUG}/notebook.ipynb", shown)


@attack("words of a notebook")
def _(root):
    path = root / f"analyses/{SLUG}/notebook.ipynb"
    rewrite(path, lambda text: text.replace("The answer", "The proof"))


@attack("a page more in the folder of a study")
def _(root):
    (root / REPORTS / "more.html").write_text("<p>proved</p>", encoding="utf-8")


@attack("a hidden page more in the folder of a study")
def _(root):
    (root / REPORTS / ".more.html").write_text("<p>proved</p>", encoding="utf-8")


@attack("a link in the folder of a study")
def _(root):
    (root / REPORTS / "more").symlink_to("../../data")


@attack("`.nojekyll`, `.gitkeep` or `.DS_Store` with words in it")
def _(root):
    (root / REPORTS / ".nojekyll").write_text("<p>proved</p>", encoding="utf-8")


@attack("`results.json` or `power.json` of another study")
def _(root):
    edit(root / POWER, lambda content: content.update(slug="boston"))


@attack("a folder more in `reports/`")
def _(root):
    shutil.copytree(root / REPORTS, root / "reports/another-city")


@attack("the front page", "reports/index.html")
def _(root):
    rewrite(root / "reports/index.html", lambda text: text.replace("</h1>", "!</h1>", 1))


@attack("`reports/results.csv`", "reports/results.csv")
def _(root):
    rewrite(root / "reports/results.csv", lambda text: text.replace("low", "high", 1))


def in_lock(change: Callable[[Any], None]) -> Attack:
    return lambda root: edit(root / LOCK, change)


attack("a version in `lock.json`", LOCK)(
    in_lock(lambda content: content["environment"].update(scipy="1.0.0"))
)
attack("a seed in `lock.json`", LOCK)(
    in_lock(lambda content: content["seeds"]["planned"].update(seed=1))
)
attack("the hash of the code in `lock.json`", LOCK)(
    in_lock(lambda content: content["code"].update(estimates_sha256=HASH))
)


@attack("`lock.json`, laid out anew", LOCK)
def _(root):
    rewrite(root / LOCK, lambda text: text.replace("\n ", "\n   "))


@attack("`lock.json`, and its hash wherever it stands but in the chain")
def _(root):
    content = json.loads((root / LOCK).read_text("utf-8"))
    was = Lock(SLUG, content).sha256
    content["environment"]["scipy"] = "1.0.0"
    now = Lock(SLUG, content).sha256
    (root / LOCK).write_text(canonical(content).replace(was, now), encoding="utf-8")
    rewrite(root / CHANGES, lambda text: text.replace(was, now))


@attack("the reason of an acceptance, in `lock.json` and `changes.toml`")
def _(root):
    for name in (LOCK, CHANGES):
        rewrite(root / name, lambda text: text.replace("First.", "Always so."))


@attack("an acceptance taken out of `lock.json` and `changes.toml`")
def _(root):
    edit(root / LOCK, lambda content: content["accepted"].pop(0))

    def without_first(text: str) -> str:
        head, _, rest = text.split("[[accepted]]\n")
        return f"{head}[[accepted]]\n{rest}"

    rewrite(root / CHANGES, without_first)


@attack("`changes.toml` deleted")
def _(root):
    (root / CHANGES).unlink()


@attack("`changes.toml` and `lock.json` deleted")
def _(root):
    (root / CHANGES).unlink()
    (root / LOCK).unlink()


@attack("the head in `reports/check.json`")
def _(root):
    edit(root / RECORD, lambda content: content["studies"][SLUG].update(head=HASH))


@attack("`reports/check.json`, cut short")
def _(root):
    rewrite(root / RECORD, lambda text: text[:-3])


@attack("results, `changes.toml` and `lock.json` deleted, recorded, and run again")
def _(root):
    for name in (RESULTS, CHANGES, LOCK):
        (root / name).unlink()
    assert call(root, "check", "--record") == 2 and call(root, "run") == 0


@attack("`changes.toml`, laid out anew, or a comment in it")
def _(root):
    rewrite(root / CHANGES, lambda text: f"# Seen by a board.\n{text}".replace(" = ", "="))


@attack("the title in `ceasefire.toml`, or the version in `reports/check.json`, and reported again")
def _(root):
    edit(root / RECORD, lambda content: content.update(package="9.9.9"))
    (root / "ceasefire.toml").write_text('title = "It works"\n', encoding="utf-8")
    assert call(root, "report") == 0
    assert "It works" in (root / "reports/index.html").read_text("utf-8")


@attack("`changes.toml`, `lock.json` and `reports/check.json` deleted, and reported again")
def _(root):
    for name in (CHANGES, LOCK, RECORD):
        (root / name).unlink()
    assert call(root, "report") == 0


@attack("all of these made anew with another history, by the program's own commands")
def _(root):
    for name in (CHANGES, LOCK, RECORD):
        (root / name).unlink()
    with simulated(root):
        for words in (["report"], ["accept", SLUG, "--reason", "As planned."]):
            assert call(root, *words) == 0
    assert call(root, "check", "--record") == 0
