"""A file is the old one or the new one, and only the one who may read it can."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from evaluation.errors import DataError, EnvironmentFault
from evaluation.files import draft_of, is_part, replaced, turn, write_atomically


@pytest.fixture(params=[0o000, 0o022, 0o077], ids=["lax", "usual", "strict"])
def mask(request):
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_private_files_are_closed_to_others_whatever_the_mask(tmp_path, mask):
    for place in ("data/real/a.csv", "data/raw/b.csv", "build/studies/c.json"):
        write_atomically(tmp_path / place, "x", root=tmp_path)
        assert mode(tmp_path / place) == 0o600
    write_atomically(tmp_path / "data/mine/d.csv", "x", root=tmp_path, private=True)
    assert mode(tmp_path / "data/mine/d.csv") == 0o600
    write_atomically(tmp_path / "reports/e.html", "x", root=tmp_path)
    assert mode(tmp_path / "reports/e.html") == 0o644


def test_it_is_closed_to_others_while_it_is_written(tmp_path, mask):
    with replaced(tmp_path / "x", root=tmp_path) as stream:
        (part,) = tmp_path.iterdir()
        assert mode(part) == 0o600 and is_part(part)
        stream.write(b"x")


def test_a_file_that_its_owner_closed_stays_closed(tmp_path):
    path = tmp_path / "x"
    path.write_text("old")
    path.chmod(0o600)
    write_atomically(path, "new", root=tmp_path)
    assert (mode(path), path.read_text()) == (0o600, "new")


def test_other_names_of_a_file_keep_what_they_name(tmp_path):
    (tmp_path / "mine").write_text("mine")
    os.link(tmp_path / "mine", tmp_path / "x")
    write_atomically(tmp_path / "x", "new", root=tmp_path)
    assert (tmp_path / "mine").read_text() == "mine"


def test_only_the_program_makes_such_names():
    assert is_part(draft_of(Path("reports/a b.html")))
    assert is_part(draft_of(Path("x.csv")), r"x\.csv") and not is_part(draft_of(Path("y")), "x")
    assert len(os.fsencode(draft_of(Path("é" * 127)).name)) <= 255
    for name in (
        *(
            ".notes.json.bak",
            ".notes.json.original",
            ".index.html.abcd1234",
            "notes.ceasefire-part",
        ),
        *(".x.ceasefire-part", ".x.0123.ceasefire-part", ".x.0123456789ABCDEF.ceasefire-part"),
    ):
        assert not is_part(Path(name))


@pytest.mark.parametrize("name", ["ENOSPC", "EDQUOT", "EFBIG", "EMFILE", "EROFS"])
def test_what_the_machine_lacks_is_exit_4_with_what_to_do(tmp_path, monkeypatch, name):
    number = getattr(errno, name)

    def full(handle: int) -> None:
        raise OSError(number, os.strerror(number))

    (tmp_path / "x").write_text("old")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(EnvironmentFault, match=r"^x: could not be written \(.*\)\. .*\.$") as told:
        write_atomically(tmp_path / "x", "new", root=tmp_path)
    assert told.value.exit_code == 4
    assert [one.name for one in tmp_path.iterdir()] == ["x"]
    assert (tmp_path / "x").read_text() == "old"


def test_a_place_that_is_wrong_is_exit_2(tmp_path):
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "y").write_text("mine")
    with pytest.raises(DataError, match=r"^x: could not be written \(Is a directory\)$"):
        write_atomically(tmp_path / "x", "new", root=tmp_path)
    assert [one.name for one in tmp_path.iterdir()] == ["x"]


def test_a_fault_while_it_is_written_leaves_the_old_file_and_nothing_else(tmp_path):
    (tmp_path / "x").write_text("old")
    with pytest.raises(MemoryError), replaced(tmp_path / "x", root=tmp_path) as stream:
        stream.write(b"half")
        raise MemoryError
    assert {one.name: one.read_text() for one in tmp_path.iterdir()} == {"x": "old"}


def test_folders_that_are_made_are_their_owners_under_a_lax_mask(tmp_path):
    before = os.umask(0)
    try:
        write_atomically(tmp_path / "a" / "b" / "x", "x", root=tmp_path)
        with turn("run", tmp_path):
            pass
    finally:
        os.umask(before)
    for name in ("a", "a/b", "build"):
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o755
