"""Several files take their places together, in a fault as after a kill."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from evaluation.errors import EnvironmentFault
from evaluation.files import JOURNAL, draft_of, put_together, turn
from evaluation.files.together import finish

OLD, NEW = {"a": "old a", "b": "old b"}, {"a": "new a", "b": "new b", "c": "new c"}


def held(root: Path) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): path.read_text()
        for path in root.rglob("*")
        if path.is_file() and path.name != "ceasefire.turn"
    }


@pytest.fixture
def drafts(tmp_path: Path) -> dict[Path, Path]:
    for name, text in OLD.items():
        (tmp_path / name).write_text(text)
    found = {}
    for name, text in NEW.items():
        path = found[tmp_path / name] = draft_of(tmp_path / name)
        path.write_text(text)
    return found


def test_all_have_their_places_and_nothing_else_is_left(tmp_path, drafts):
    put_together(drafts, root=tmp_path)
    assert held(tmp_path) == NEW


@pytest.mark.parametrize("links", [True, False])
@pytest.mark.parametrize("at", ["a", "b", "c"])
def test_when_one_cannot_have_its_place_none_has(tmp_path, drafts, monkeypatch, at, links):
    real, link = os.replace, os.link

    def fails(source: Path, target: Path) -> None:
        if Path(target).name == at and Path(source) in drafts.values():
            raise OSError(28, "No space left on device")
        real(source, target)

    def none(source: Path, target: Path) -> None:
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(os, "replace", fails)
    monkeypatch.setattr(os, "link", link if links else none)
    with pytest.raises(EnvironmentFault, match=f"^{at}: could not be written"):
        put_together(drafts, root=tmp_path)
    for draft in drafts.values():
        draft.unlink(missing_ok=True)
    assert held(tmp_path) == OLD


@pytest.mark.parametrize("at", range(3))
def test_killed_in_between_the_next_turn_moves_the_rest(tmp_path, drafts, monkeypatch, at):
    real, seen = os.replace, []

    def killed(source: Path, target: Path) -> None:
        if Path(source) in drafts.values():
            if len(seen) == at:
                os._exit(137)
            seen.append(target)
        real(source, target)

    monkeypatch.setattr(os, "replace", killed)
    if (child := os.fork()) == 0:
        put_together(drafts, root=tmp_path)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 137
    monkeypatch.undo()
    assert {one: text for one, text in held(tmp_path).items() if one in OLD} == {
        **OLD,
        **{one: NEW[one] for one in list(OLD)[:at]},
    }
    with turn("run", tmp_path):
        assert held(tmp_path) == NEW


def test_interrupted_in_between_all_is_as_it_was(tmp_path, drafts, monkeypatch):
    real = os.replace

    def interrupted(source: Path, target: Path) -> None:
        if Path(target).name == "b" and Path(source) in drafts.values():
            raise KeyboardInterrupt
        real(source, target)

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        put_together(drafts, root=tmp_path)
    for draft in drafts.values():
        draft.unlink(missing_ok=True)
    assert held(tmp_path) == OLD


def test_a_journal_that_a_clone_brings_is_not_followed(tmp_path, drafts):
    journal = tmp_path / JOURNAL
    journal.parent.mkdir()
    before = held(tmp_path)
    journal.write_text(json.dumps([[one.name, path.name] for path, one in drafts.items()]))
    journal.chmod(0o644)  # as git writes every file
    finish(tmp_path)
    assert held(tmp_path) == before and not journal.exists()


@pytest.mark.parametrize(
    "moves",
    [
        [["b", "a"]],
        [["sub/.a.0123456789abcdef.ceasefire-part", "a"]],
        [[".a.0123456789abcdef.ceasefire-part", "../a"]],
        [["../x/.a.0123456789abcdef.ceasefire-part", "a"]],
        [[1, 2]],
        {"a": 1},
        "x",
        None,
    ],
)
def test_a_journal_moves_nothing_but_a_draft_beside_its_place(tmp_path, drafts, moves):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / ".a.0123456789abcdef.ceasefire-part").write_text("other")
    journal = tmp_path / JOURNAL
    journal.parent.mkdir()
    before = held(tmp_path)
    journal.write_text(json.dumps(moves))
    journal.chmod(0o600)
    finish(tmp_path)
    assert held(tmp_path) == before
