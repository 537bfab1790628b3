"""Every line of the table in docs/how-to/reproducing.md: what a hand changes, and who sees it."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from evaluation.check import pages, site
from evaluation.check.lock import Lock
from evaluation.check.verdict import check_now
from evaluation.report import write
from evaluation.study.acceptances import chain_of, head_bytes, heads, read_changes
from evaluation.study.written import canonical
from tests.forgeries import (
    ATTACKS,
    CHANGES,
    LOCK,
    ON_PICTURES,
    POWER,
    RECORD,
    REPORTS,
    RESULTS,
    SLUG,
    call,
    simulated,
)

PROJECT = Path(__file__).parents[1]
pytestmark = pytest.mark.usefixtures("run_once", "made_once")


@pytest.fixture(scope="module")
def made_once() -> Iterator[list[str]]:
    """Pages are made once of the same content: who compares them with what, and when, is what is
    tried here. Not while a name is in the list."""
    made: dict[Any, Any] = {}
    off: list[str] = []

    def once(real: Callable[..., Any]) -> Callable[..., Any]:
        def found(*given: Any, **more: Any) -> Any:
            key = real.__name__, repr(given), repr(more)
            if off or key not in made:
                content = real(*given, **more)
                if off:
                    return content
                held = content if isinstance(content, dict) else {}
                later = any(map(callable, held.values()))
                made[key] = {name: cache(one) for name, one in held.items()} if later else content
            return made[key]

        return found

    with pytest.MonkeyPatch.context() as patched:
        for module, names in (
            (write, ("study_files", "power_html", "_site_files", "front_papers")),
            (pages, ("study_files", "power_html")),
            (site, ("front_papers",)),
        ):
            for name in names:
                patched.setattr(module, name, once(getattr(module, name)))
        yield off


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory, run_once: None, made_once: None) -> Path:
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


def table() -> dict[str, tuple[str, str, str]]:
    """What the page promises: for each line what `report`, `accept` and `check` do."""
    text = (PROJECT / "docs/how-to/reproducing.md").read_text("utf-8")
    rows = text.split("| what is changed | report | accept | check |")[1].split("\n\n")[0]
    cells = [line.strip("| ").split(" | ") for line in rows.split("\n")[2:]]
    return {what: (report, accept, check) for what, report, accept, check in cells}


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
def test_each_command_sees_what_the_table_says(pristine, tmp_path, what, made_once):
    how, files = ATTACKS[what]
    if what == ON_PICTURES:
        made_once.append(what)
    attacked = Path(shutil.copytree(pristine, tmp_path / "attacked"))
    with simulated(pristine):
        how(attacked)
        good, found = state(pristine, files), []
        verbs = (("report", SLUG), ("accept", SLUG, "--reason", "So it is."), ("check",))
        for number, verb in enumerate(verbs):
            last = number == len(verbs) - 1
            root = attacked if last else tmp_path / verb[0]
            if not last:
                shutil.copytree(attacked, root, symlinks=True)
            code = call(root, *verb)
            again = not last and bool(good) and state(root, files) == good
            found.append("yes" if code else "again" if again else "no")
    made_once.clear()
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
