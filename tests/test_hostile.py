"""Input that was made to do harm is refused in a sentence, or shown as the text it is.

Nothing in it is run, nothing outside the project is written, and no memory or time is spent on it
that an honest file of the kind would not need.
"""

from __future__ import annotations

import html.parser
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.check.against_lock import Difference
from evaluation.check.summary import as_markdown, escaped
from evaluation.check.verdict import Verdict
from evaluation.cli import main
from evaluation.errors import PlanError
from evaluation.study.acceptances import Accepted, add, checked_reason, read_changes

pytestmark = pytest.mark.usefixtures("run_once")
PROJECT = Path(__file__).parents[1]
DATA = "data/public/boston_homicide.csv"
DESCRIPTION = "data/public/boston_homicide.dataset.toml"
PLAN = "analyses/boston/plan.toml"
# More than any honest study of this size needs, far less than a bomb holds.
MEMORY, SECONDS = 3 * 1024**3, 60
ATTACKS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</title></svg><script>alert(1)</script>",
    "=cmd|' /C calc'!A0",
    "{{ 7 * 7 }}{% raw %}",
    "]]><!--",
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """One study in a folder that has others beside it, which nothing may touch."""
    inside = tmp_path / "project"
    for name in ("data/public", "analyses/boston", "reports/boston"):
        shutil.copytree(PROJECT / name, inside / name)
    (inside / "reports/boston/lock.json").unlink(missing_ok=True)
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "precious.csv").write_text("as it was\n", encoding="utf-8")
    return inside


def everything(root: Path) -> dict[str, bytes]:
    """All that lies outside the program's own folder for what it keeps."""
    return {
        path.relative_to(root.parent).as_posix(): path.read_bytes()
        for path in root.parent.rglob("*")
        if path.is_file() and "build" not in path.parts
    }


def edit(path: Path, before: str, after: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")


def bounded(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """A command that may use so much memory and time and no more."""

    def limits() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))

    return subprocess.run(
        [sys.executable, "-m", "evaluation.cli", "--root", str(root), *words],
        capture_output=True,
        text=True,
        preexec_fn=limits,
        timeout=SECONDS,
        check=False,
    )


class Tags(html.parser.HTMLParser):
    """Every element of a page, and every attribute that could run something."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.handlers: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.handlers |= {name for name, _ in attrs if name.startswith("on")}


def tags_of(path: Path) -> Tags:
    found = Tags()
    found.feed(path.read_text(encoding="utf-8"))
    return found


def test_markup_and_formulas_in_names_are_shown_as_text(root, capsys):
    before = tags_of(root / "reports/boston/index.html")
    quoted = ["'''" + attack + "'''" for attack in ATTACKS]
    edit(root / DESCRIPTION, 'label = "', f"label = {quoted[0]} #")
    plan = root / PLAN
    text = plan.read_text(encoding="utf-8")
    for key, attack in (("title", quoted[1]), ("question", quoted[2])):
        line = next(line for line in text.splitlines() if line.startswith(f"{key} = "))
        text = text.replace(line, f"{key} = {attack}", 1)
    label = next(line for line in text.splitlines() if line.startswith("label = "))
    text = text.replace(label, f"label = {quoted[3]}", 1)
    name = next(line for line in text.splitlines() if line.startswith("name = "))
    text = text.replace(name, f"name = {quoted[4]}", 1)
    text += f'\n[[events]]\ndate = "1996-05"\nwhat = {quoted[5]}\n'
    plan.write_text(text, encoding="utf-8")
    # Of the plan as it was: `accept` would simulate them again, and refuse them.
    for path in (root / "reports/boston").glob("power.*"):
        path.unlink()
    assert main(["--root", str(root), "run"]) == 0
    assert main(["--root", str(root), "report"]) == 0
    assert main(["--root", str(root), "accept", "boston", "--reason", ATTACKS[0]]) == 0
    assert main(["--root", str(root), "check"]) == 0
    for page in ("boston/index.html", "index.html"):
        found = tags_of(root / "reports" / page)
        assert found.handlers == set()
        assert "script" not in found.tags and "img" not in found.tags
    assert tags_of(root / "reports/boston/index.html").tags <= before.tags | {"p", "li", "ul"}
    shown = (root / "reports/boston/index.html").read_text(encoding="utf-8")
    assert "&lt;script&gt;alert(1)" in shown and "{{ 7 * 7 }}" in shown and "49" not in ATTACKS[4]


def test_markup_in_the_summary_for_ci_is_text():
    words = "a | b <script>x</script> [here](javascript:x) `code` # no"
    summary = as_markdown([Verdict("boston", (Difference("page", words),), words)])
    row = next(line for line in summary.splitlines() if line.startswith("| boston"))
    assert row.replace("\\|", "").count("|") == 6
    assert "<script>" not in summary and "](" not in summary
    assert escaped("line\nbreak") == "line break"


@pytest.mark.parametrize(
    "path",
    [
        "../outside/precious.csv",
        "data/../../outside/precious.csv",
        "/etc/hostname",
        "data/public/../../../outside/precious.csv",
    ],
)
@pytest.mark.parametrize("key", ["data", "event_data"])
def test_a_path_out_of_the_project_is_refused_before_it_is_read(root, capsys, key, path):
    before = everything(root)
    line = next(t for t in (root / PLAN).read_text().splitlines() if t.startswith("data = "))
    edit(root / PLAN, line, f'{key} = "{path}"' + (f"\n{line}" if key != "data" else ""))
    changed = everything(root)
    for verb in ("run", "check", "plan"):
        words = ["boston"] if verb == "plan" else []
        assert main(["--root", str(root), verb, *words]) == 2
        said = capsys.readouterr()
        assert "analyses/boston/plan.toml:" in said.err
        assert "as it was" not in said.err + said.out
    assert everything(root) == changed and set(changed) == set(before)


def test_a_link_out_of_the_project_is_no_way_in(root, capsys):
    (root / DATA).unlink()
    (root / DATA).symlink_to(root.parent / "outside" / "precious.csv")
    assert main(["--root", str(root), "run"]) == 2
    assert "leads out of the project" in capsys.readouterr().err


@pytest.mark.parametrize("verb", ["run", "report", "accept"])
def test_a_link_out_of_the_project_is_no_way_out(root, capsys, verb):
    shutil.rmtree(root / "reports/boston")
    (root / "reports/boston").symlink_to(root.parent / "outside")
    before = everything(root)
    words = ["boston", "--reason", "x"] if verb == "accept" else []
    assert main(["--root", str(root), verb, *words]) == 2
    assert "reports/boston: leads out of the project" in capsys.readouterr().err
    assert everything(root) == before


@pytest.mark.parametrize("slug", ["../outside", "..", "a/b", "boston/../boston", "-x", "x\n", "é"])
@pytest.mark.parametrize("verb", ["run", "report", "check", "accept", "plan", "power", "new"])
def test_a_slug_names_a_folder_of_the_project_or_nothing(root, capsys, verb, slug):
    before = everything(root)
    words = ["--reason", "x"] if verb == "accept" else []
    assert main(["--root", str(root), verb, *words, "--", slug]) == 2
    assert "cannot name an analysis" in capsys.readouterr().err
    assert everything(root) == before


def test_a_table_of_10_gb_is_refused_unread(root, capsys):
    with (root / DATA).open("r+b") as stream:
        stream.truncate(10 * 1024**3)  # sparse: it takes no room
    begun = time.monotonic()
    assert main(["--root", str(root), "run"]) == 2
    assert time.monotonic() - begun < 10
    assert "is larger than 2 GiB" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["results.json", "lock.json"])
def test_results_or_a_lock_of_10_gb_are_refused_unread(root, name):
    with (root / "reports/boston" / name).open("ab") as stream:
        stream.truncate(10 * 1024**3)
    done = bounded(root, "check")
    assert done.returncode in (1, 2)
    assert "is too large to be read" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


NESTED = {
    "arrays": "x = " + "[" * 100_000 + "]" * 100_000,
    "tables": "x = " + "{a=" * 50_000 + "1" + "}" * 50_000,
    "headers": "".join(f"[{'.'.join('a' * depth)}]\n" for depth in range(1, 200)),
}


@pytest.mark.parametrize("kind", NESTED)
@pytest.mark.parametrize("file", [PLAN, "analyses/boston/plan.frozen.toml", DESCRIPTION])
def test_deep_nesting_is_refused_in_a_sentence(root, kind, file):
    path = root / file
    path.write_text(NESTED[kind] + "\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    done = bounded(root, "run")
    assert "Traceback" not in done.stderr, done.stderr[-2000:]
    if "frozen" in file and kind == "headers":
        return  # deep, but not too deep to be compared: the report tells the change
    assert done.returncode == 2
    assert file in done.stderr


def test_nesting_in_what_people_accepted_is_refused_in_a_sentence(root):
    (root / "analyses/boston/changes.toml").write_text(NESTED["arrays"], encoding="utf-8")
    done = bounded(root, "accept", "boston", "--reason", "x")
    assert done.returncode == 2
    assert "analyses/boston/changes.toml: nested too deeply to be read" in done.stderr


def test_deep_nesting_in_json_is_refused_in_a_sentence(root):
    for name in ("results.json", "lock.json"):
        (root / "reports/boston" / name).write_text("[" * 100_000, encoding="utf-8")
    for verb, code in (("check", 1), ("report", 2)):
        done = bounded(root, verb, "boston")
        assert done.returncode == code
        assert "reports/boston/results.json" in (done.stdout + done.stderr)
        assert "Traceback" not in done.stderr, done.stderr[-2000:]


REASONS = ('"""\n[[accepted]]\non = 1999-01-01', "\\", "a\x7fb\u2028c", "'''", "# no", "]]", '"x"')


@given(st.one_of(st.sampled_from(REASONS), st.text(min_size=1)))
def test_a_reason_is_written_as_text_whatever_it_holds(tmp_path_factory, reason):
    root = tmp_path_factory.mktemp("reasons")
    (root / "analyses/boston").mkdir(parents=True)
    try:
        words = checked_reason(reason)
    except PlanError:
        assert not reason.split() or any("\ud800" <= sign <= "\udfff" for sign in reason)
        return
    entries = (
        Accepted("2026-01-31", words, "", "0" * 64),
        Accepted("2026-02-01", words, words, "1" * 64),
    )
    for entry in entries:
        add("boston", root, entry)
    assert read_changes("boston", root) == entries


@pytest.mark.parametrize("reason", ["", "  \n ", "\udcff"])
def test_a_reason_that_is_none_is_refused(root, capsys, reason):
    before = everything(root)
    assert main(["--root", str(root), "accept", "boston", "--reason", reason]) == 2
    assert "reason" in capsys.readouterr().err
    assert everything(root) == before
