"""`ceasefire accept` and the lock it writes: what is in it, and when it may be written."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from evaluation.cli import main
from evaluation.study.acceptances import heads, read_changes

PROJECT = Path(__file__).parents[1]
SLUG = "boston"
PLACES = ("data/public", f"analyses/{SLUG}", f"reports/{SLUG}")
LOCK, CHANGES = f"reports/{SLUG}/lock.json", f"analyses/{SLUG}/changes.toml"
RESULTS, PAGE = f"reports/{SLUG}/results.json", f"reports/{SLUG}/index.html"
pytestmark = pytest.mark.usefixtures("run_once")


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One study as a run and a report leave it, accepted by nobody."""
    root = tmp_path_factory.mktemp("lock")
    for name in PLACES:
        shutil.copytree(PROJECT / name, root / name)
    # Without the pages on power, whose drawing would double the time; tests/test_check.py has them.
    for path in (root / LOCK, root / CHANGES, *(root / f"reports/{SLUG}").glob("power.*")):
        path.unlink(missing_ok=True)
    for verb in ("run", "report", "check"):
        assert main(["--root", str(root), verb]) == 0
    return root


@pytest.fixture
def root(pristine: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(pristine, tmp_path / "project"))


def call(root: Path, *words: str) -> int:
    return main(["--root", str(root), *words])


def accept(root: Path, *words: str) -> int:
    return call(root, "accept", SLUG, *words)


def lock(root: Path) -> dict:
    return json.loads((root / LOCK).read_text(encoding="utf-8"))


def test_only_accept_writes_a_lock_and_only_with_a_reason(root, capsys):
    assert not (root / LOCK).exists()
    before = (root / PAGE).read_bytes()
    assert accept(root) == 2
    assert '--reason "..."' in capsys.readouterr().err
    assert not (root / LOCK).exists() and not (root / CHANGES).exists()
    assert (
        accept(root, "--reason", "First results.", "--on", "2026-01-31", "--by", "A. Reader") == 0
    )
    said = capsys.readouterr().out
    (head,) = heads(read_changes(SLUG, root))
    told = f"boston: the chain of 1 ends in {head}"
    lines = [f"wrote {CHANGES}", f"wrote {LOCK}", told, "next: ceasefire check"]
    assert said.splitlines() == lines
    assert (root / PAGE).read_bytes() == before
    text = (root / CHANGES).read_text(encoding="utf-8")
    assert '[[accepted]]\non = 2026-01-31\nreason = "First results."\nby = "A. Reader"\n' in text


def test_a_lock_says_what_was_accepted_and_on_which_stack(root):
    assert accept(root, "--reason", "First results.", "--on", "2026-01-31") == 0
    held = lock(root)
    shasum = subprocess.run(
        ["sha256sum", *(str(root / name) for name in ("analyses/boston/plan.toml", PAGE, RESULTS))],
        capture_output=True,
        text=True,
        check=True,
    )
    plan, page, results = (line.split()[0] for line in shasum.stdout.splitlines())
    assert held["plan"]["sha256"] == plan
    assert held["report"]["index.html"] == page
    assert held["results"]["sha256"] == results
    assert list(held["data"]["tables"]) == ["data/public/boston_homicide.csv"]
    assert list(held["data"]["descriptions"]) == ["data/public/boston_homicide.dataset.toml"]
    assert held["data"]["rows"] == 77
    assert {"python", "numpy", "scipy", "statsmodels", "matplotlib", "blas"} <= set(
        held["environment"]
    )
    assert held["environment"]["threads"] == 1
    assert held["seeds"]["bit_generator"] == "PCG64DXSM"
    assert held["seeds"]["defaults"]["its/timing"] == 20130101
    assert held["answers"]["homicides"]["grade"]
    assert held["figures"] and all(
        set(one) == {"data_sha256", "svg_sha256"} for one in held["figures"].values()
    )
    (entry,) = held["accepted"]
    assert (entry["on"], entry["reason"]) == ("2026-01-31", "First results.")


def test_a_lock_holds_nothing_of_the_machine(root):
    assert accept(root, "--reason", "First results.", "--on", "2026-01-31") == 0
    text = (root / LOCK).read_text(encoding="utf-8")
    assert str(root) not in text and str(PROJECT) not in text
    import getpass
    import platform

    for word in (getpass.getuser(), platform.node()):
        assert f'"{word}"' not in text
    content = json.loads(text)
    assert text == json.dumps(content, sort_keys=True, indent=1, ensure_ascii=False) + "\n"


def test_a_lost_lock_comes_back_to_the_byte_without_a_new_reason(root, capsys):
    assert accept(root, "--reason", "First results.") == 0
    before = (root / LOCK).read_bytes()
    changes = (root / CHANGES).read_bytes()
    # All that the program wrote, and all that it kept.
    shutil.rmtree(root / "reports" / SLUG)
    shutil.rmtree(root / "build")
    assert call(root, "run") == 0 and call(root, "report") == 0
    done = subprocess.run(
        [sys.executable, "-m", "evaluation.cli", "--root", str(root), "accept", SLUG],
        env={**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (root / LOCK).read_bytes() == before
    assert (root / CHANGES).read_bytes() == changes


def test_accepting_again_what_is_accepted_changes_nothing(root, capsys):
    assert accept(root, "--reason", "First results.") == 0
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    capsys.readouterr()
    assert accept(root, "--reason", "Once more.") == 0
    assert capsys.readouterr().out == (
        "boston: nothing has changed since it was accepted\nnext: ceasefire check\n"
    )
    after = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    turns = {root / "build/ceasefire.turn"}
    assert {p: t for p, t in after.items() if p not in turns} == {
        p: t for p, t in before.items() if p not in turns
    }


def test_results_that_no_run_gives_cannot_be_accepted(root, capsys):
    content = json.loads((root / RESULTS).read_text(encoding="utf-8"))
    content["outcomes"][0]["headline"]["effect"]["percent"]["estimate"] = -99.0
    text = json.dumps(content, sort_keys=True, indent=1, ensure_ascii=False) + "\n"
    (root / RESULTS).write_text(text, encoding="utf-8")
    assert accept(root, "--reason", "Looks better.") == 2
    assert "is not what plan and data give now" in capsys.readouterr().err
    assert not (root / LOCK).exists() and not (root / CHANGES).exists()


def test_a_reason_that_a_person_wrote_is_taken_and_completed(root):
    written = (
        '# Ours.\n\n[[accepted]]\non = 2026-01-31\nreason = "First results."\nby = "A. Reader"\n'
    )
    (root / CHANGES).write_text(written, encoding="utf-8")
    assert accept(root) == 0
    after = (root / CHANGES).read_text(encoding="utf-8")
    assert after.startswith(written.rstrip()) and after.count("sha256 = ") == 1
    assert lock(root)["accepted"][0]["by"] == "A. Reader"
    assert call(root, "check") == 0


def test_a_reason_beside_one_that_waits_is_refused(root, capsys):
    written = '[[accepted]]\non = 2026-01-31\nreason = "First results."\n'
    (root / CHANGES).write_text(written, encoding="utf-8")
    assert accept(root, "--reason", "Another.") == 2
    assert "its last entry already says why" in capsys.readouterr().err
    assert (root / CHANGES).read_text(encoding="utf-8") == written


def test_the_log_grows_and_what_stands_in_it_stays(root):
    assert accept(root, "--reason", "First results.", "--on", "2026-01-31") == 0
    first = (root / CHANGES).read_text(encoding="utf-8")
    plan = root / "analyses/boston/plan.toml"
    plan.write_text(plan.read_text(encoding="utf-8") + "\n# a remark\n", encoding="utf-8")
    assert call(root, "check") == 1
    assert call(root, "run") == 0
    assert accept(root, "--reason", "A remark in the plan.", "--on", "2026-02-01") == 0
    assert (root / CHANGES).read_text(encoding="utf-8").startswith(first)
    assert [entry["reason"] for entry in lock(root)["accepted"]] == [
        "First results.",
        "A remark in the plan.",
    ]
    # Accepting writes the pages of what it accepts; the front page is the report's own.
    assert call(root, "report") == 0 and call(root, "check") == 0


def test_cut_short_before_the_lock_was_written_no_new_reason_is_needed(root, monkeypatch):
    from evaluation.check import accept as module

    with monkeypatch.context() as patched:
        patched.setattr(module, "_write", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        assert accept(root, "--reason", "First results.") == 130
    assert (root / CHANGES).exists() and not (root / LOCK).exists()
    assert accept(root) == 0
    assert (root / CHANGES).read_text(encoding="utf-8").count("[[accepted]]") == 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("accepted = 1\n", "changes.toml:1:1: accepted"),
        ('[[accepted]]\non = "2026-01-31"\nreason = "x"\n', "changes.toml:2:1: accepted.on"),
        ("[[accepted]]\non = 2026-01-31\n", "accepted.reason: is missing"),
        ('[[accepted]]\non = 2026-01-31\nreason = " "\n', "accepted.reason: is empty"),
        ('[[accepted]]\non = 2026-01-31\nreson = "x"\n', "Did you mean 'reason'?"),
    ],
)
def test_faults_of_the_log_are_told_with_their_place(root, capsys, text, says):
    (root / CHANGES).write_text(text, encoding="utf-8")
    assert accept(root, "--reason", "x") == 2
    assert says in capsys.readouterr().err
    assert (root / CHANGES).read_text(encoding="utf-8") == text


def test_last_digits_of_another_machine_do_not_reach_accepted_files(root, capsys, monkeypatch):
    assert accept(root, "--reason", "First results.") == 0
    before = (root / RESULTS).read_bytes()
    import evaluation.study.run

    content = json.loads(before)
    effect = content["outcomes"][0]["headline"]["effect"]
    effect["std_error"] = float(f"{effect['std_error'] * (1 + 8e-6):.6g}")
    from evaluation.study.evidence import dumps, loads

    other = loads(json.dumps(content))
    assert dumps(other).encode() != before
    monkeypatch.setattr(evaluation.study.run, "run", lambda *_, **__: other)
    assert call(root, "run", "--force") == 0
    assert "as accepted but for the last digits; left as it is" in capsys.readouterr().out
    assert (root / RESULTS).read_bytes() == before


def test_accepting_is_for_studies_named(root):
    with pytest.raises(SystemExit) as stopped:
        call(root, "accept", "--reason", "x")
    assert stopped.value.code == 2


@pytest.mark.parametrize("words", [("--on", "yesterday"), ("--on", "2026-13-01")])
def test_a_day_that_is_none_is_a_usage_error(root, words):
    with pytest.raises(SystemExit) as stopped:
        accept(root, "--reason", "x", *words)
    assert stopped.value.code == 2
