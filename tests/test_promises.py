"""Every line of the table in docs/how-to/reproducing.md: what a hand changes, and who sees it."""

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
from evaluation.check.verdict import check_now
from evaluation.cli import main
from evaluation.report.write import write_power
from evaluation.study.acceptances import chain_of, head_bytes, heads, read_changes
from evaluation.study.power.power_evidence import loads
from evaluation.study.written import canonical

PROJECT = Path(__file__).parents[1]
# The quickest of all studies.
SLUG = "groups-synthetic-triggered"
PLAN, CHANGES = f"analyses/{SLUG}/plan.toml", f"analyses/{SLUG}/changes.toml"
REPORTS = f"reports/{SLUG}"
RESULTS, LOCK, POWER = (f"{REPORTS}/{name}" for name in ("results.json", "lock.json", "power.json"))
RECORD = "reports/check.json"
HASH = "0" * 64

pytestmark = pytest.mark.usefixtures("run_once")
Attack = Callable[[Path], None]
ATTACKS: dict[str, tuple[Attack, tuple[str, ...]]] = {}


def call(root: Path, *words: str) -> int:
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        return main(["--root", str(root), *words])


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory, run_once: None) -> Path:
    """One study, accepted twice and checked: the numbers on power came later."""
    root = tmp_path_factory.mktemp("promised")
    for path in (PROJECT / "data/synthetic").glob("group_quarter*"):
        (root / "data/synthetic").mkdir(parents=True, exist_ok=True)
        shutil.copy(path, root / "data/synthetic")
    for name in (f"analyses/{SLUG}", REPORTS):
        shutil.copytree(PROJECT / name, root / name)
    for name in (LOCK, CHANGES):
        (root / name).unlink(missing_ok=True)
    for words in (["run"], ["report"], ["accept", SLUG, "--reason", "First."]):
        assert call(root, *words) == 0
    # Of another study: what matters here is that they are what simulating again gives.
    content = json.loads((PROJECT / "reports/boston/power.json").read_text("utf-8"))
    (root / POWER).write_text(canonical({**content, "slug": SLUG}), encoding="utf-8")
    with simulated(root):
        for words in (["report"], ["accept", SLUG, "--reason", "Power."], ["check", "--record"]):
            assert call(root, *words) == 0
    return root


@contextlib.contextmanager
def simulated(root: Path) -> Iterator[None]:
    """Numbers on power as simulating again gives them, without the minute that it takes."""
    found = loads((root / POWER).read_bytes())
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(accepting, "power", lambda *_, **__: found)
        yield


def table() -> dict[str, tuple[str, str, str]]:
    """What the page promises: for each line what `report`, `accept` and `check` do."""
    text = (PROJECT / "docs/how-to/reproducing.md").read_text("utf-8")
    rows = text.split("| what is changed | report | accept | check |")[1].split("\n\n")[0]
    cells = [line.strip("| ").split(" | ") for line in rows.split("\n")[2:]]
    return {what: (report, accept, check) for what, report, accept, check in cells}


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


@attack(
    "a picture that `report` keeps in `build/`, under a hash that fits, and reported again",
    f"{REPORTS}/index.html",
)
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


@attack(
    "`changes.toml`, `lock.json` and `reports/check.json` deleted, and reported again",
)
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


def test_the_table_has_each_attack_and_no_other():
    assert list(table()) and set(table()) == set(ATTACKS)


def state(root: Path, names: tuple[str, ...]) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for name in names
        for path in ([root / name] if (root / name).is_file() else (root / name).rglob("*"))
        if path.is_file()
    }


@pytest.mark.parametrize("what", sorted(ATTACKS))
def test_each_command_sees_what_the_table_says(pristine, tmp_path, what):
    how, files = ATTACKS[what]
    attacked = Path(shutil.copytree(pristine, tmp_path / "attacked"))
    with simulated(pristine):
        how(attacked)
        good, found = state(pristine, files), []
        verbs = (("report", SLUG), ("accept", SLUG, "--reason", "So it is."), ("check",))
        for number, verb in enumerate(verbs):
            last = number == len(verbs) - 1
            root = attacked if last else Path(shutil.copytree(attacked, tmp_path / verb[0]))
            code = call(root, *verb)
            again = not last and bool(good) and state(root, files) == good
            found.append("yes" if code else "again" if again else "no")
    assert tuple(found) == table()[what]


def test_the_page_of_a_study_and_the_record_tell_the_chain(pristine):
    log = read_changes(SLUG, pristine)
    first, second = heads(log)
    page = (pristine / REPORTS / "appendix.html").read_text("utf-8")
    assert first in page and second not in page
    assert log[0].previous == "" and log[1].previous == first
    held = json.loads((pristine / LOCK).read_text("utf-8"))
    assert held["chain"] == {"entries": 2, "head": second}
    assert json.loads((pristine / RECORD).read_text("utf-8"))["studies"][SLUG]["head"] == second
    assert hashlib.sha256(head_bytes(SLUG, pristine)).hexdigest() == second
    assert log[1].results == hashlib.sha256((pristine / RESULTS).read_bytes()).hexdigest()


def test_recording_again_does_not_make_a_cut_history_good(pristine, tmp_path):
    root = Path(shutil.copytree(pristine, tmp_path / "project"))
    for name in (CHANGES, LOCK):
        (root / name).unlink()
    before = json.loads((root / RECORD).read_text("utf-8"))["studies"][SLUG]["head"]
    for _ in range(2):
        assert call(root, "check", "--record") == 1
        held = json.loads((root / RECORD).read_text("utf-8"))["studies"][SLUG]
        assert held["head"] == before and held["verdict"] == "differs"


def test_a_log_of_a_version_without_a_chain_is_told_and_goes_into_the_chain(pristine, tmp_path):
    root = Path(shutil.copytree(pristine, tmp_path / "project"))
    (root / RECORD).unlink()
    content = json.loads((root / LOCK).read_text("utf-8"))
    del content["chain"]
    content["schema"] = 1
    old = {"by": "", "on": "2026-01-31", "reason": "Then."}
    content["accepted"] = [{**old, "sha256": Lock(SLUG, content).sha256}]
    (root / LOCK).write_text(canonical(content), encoding="utf-8")
    lines = ["[[accepted]]", "on = 2026-01-31", 'reason = "Then."']
    lines += [f'sha256 = "{content["accepted"][0]["sha256"]}"', ""]
    (root / CHANGES).write_text("\n".join(lines), encoding="utf-8")
    (before,) = heads(read_changes(SLUG, root))
    assert call(root, "report") == 0
    # Its appendix tells the chain, which the page that was accepted then did not.
    found = check_now(SLUG, root=root).verdict
    assert found is not None
    assert any("a version that did not chain acceptances" in note for note in found.notes)
    with simulated(pristine):
        assert call(root, "accept", SLUG, "--reason", "Chained.") == 0
    log = read_changes(SLUG, root)
    assert log[1].previous == before and chain_of(log).entries == 2
    assert call(root, "report") == 0 and call(root, "check") == 0
