"""What is written or deleted for a project stays in it, whatever links a clone may hold."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from evaluation.cli import main
from evaluation.errors import DataError
from evaluation.files import half_written, inside, sweep, write_atomically

PROJECT = Path(__file__).parents[1]
SLUG = "boston"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """One study with its results."""
    root = tmp_path / "project"
    for name in ("data/public", f"analyses/{SLUG}", f"reports/{SLUG}"):
        shutil.copytree(PROJECT / name, root / name)
    return root


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder of the user's, with files named as the program names its own."""
    folder = tmp_path / "mine"
    for name in (
        "taxes.txt",
        f"{'ab' * 32}.svg",
        f".{'ab' * 32}.svg.abcd1234",
        ".index.html.abcd1234",
        ".boston.json.abcd1234",
        "boston.json",
        "ceasefire.turn",
    ):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"mine: {name}")
    return folder


def held(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.rglob("*") if path.is_file()}


def link(place: Path, to: Path) -> None:
    if place.is_dir():
        shutil.rmtree(place)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(to, target_is_directory=True)


@pytest.mark.parametrize("verb", ["run", "report", "check", "accept"])
@pytest.mark.parametrize("place", ["build", "build/figures", "build/studies"])
def test_a_link_in_place_of_a_folder_of_caches_costs_nobody_a_file(
    root, outside, verb, place, capsys, monkeypatch
):
    from evaluation.plots import figure_cache

    # As if the caches were full: everything in them that may go, goes.
    monkeypatch.setattr(figure_cache, "LARGEST", 1)
    link(root / place, outside)
    before = held(outside)
    code = main(["--root", str(root), verb, SLUG])
    said = capsys.readouterr().err
    assert held(outside) == before
    if code == 2 and "leads out" in said:
        assert f"{place}: leads out of the project" in said
    elif place == "build":
        pytest.fail(f"{verb} went on: {said}")


@pytest.mark.parametrize(
    "place", [f"reports/{SLUG}", "reports", f"analyses/{SLUG}", "data/replication", "build/studies"]
)
def test_what_was_left_half_written_is_not_looked_for_behind_a_link(root, outside, place):
    link(root / place, outside)
    before = held(outside)
    sweep(root)
    assert held(outside) == before


def test_only_what_the_program_left_half_written_is_swept(root):
    folder = root / "reports" / SLUG
    mine = [".notes.json.bak", ".index.html.orig", ".index.html.abcd12345", ".x y.json.abcd1234"]
    left = [".index.html.abcd1234", ".results.json.x_1y2z3_", ".report.pdf.00000000"]
    for name in (*mine, *left):
        (folder / name).write_text("x")
    sweep(root)
    there = {path.name for path in folder.iterdir()}
    assert there.issuperset(mine) and not there.intersection(left)


def test_a_file_is_not_written_behind_a_link_and_the_message_names_the_folder(root, outside):
    link(root / "reports/other", outside)
    before = held(outside)
    with pytest.raises(DataError, match=r"^reports/other: leads out of the project"):
        write_atomically(root / "reports/other/index.html", "x", root=root)
    with pytest.raises(DataError, match="leads out of the project"):
        write_atomically(root / "reports" / ".." / ".." / "mine" / "x", "x", root=root)
    assert held(outside) == before


def test_a_link_that_stays_in_the_project_is_followed(root):
    link(root / "reports/other", root / "reports" / SLUG)
    write_atomically(root / "reports/other/new.txt", "x", root=root)
    assert (root / "reports" / SLUG / "new.txt").read_text() == "x"


def test_a_link_in_place_of_a_file_is_replaced_and_what_it_leads_to_stays(root, outside):
    path = root / "reports" / "index.html"
    path.symlink_to(outside / "taxes.txt")
    write_atomically(path, "new", root=root)
    assert path.read_text() == "new" and not path.is_symlink()
    assert (outside / "taxes.txt").read_text() == "mine: taxes.txt"


def test_a_loop_of_links_is_refused(root):
    (root / "a").symlink_to(root / "b")
    (root / "b").symlink_to(root / "a")
    with pytest.raises(DataError):
        write_atomically(root / "a" / "x", "x", root=root)


def test_names_of_half_written_files_are_those_python_gives(tmp_path, monkeypatch):
    import os

    seen = []
    monkeypatch.setattr(os, "replace", lambda old, new: seen.append(Path(old)))
    write_atomically(tmp_path / "results.json", "x", root=tmp_path)
    assert half_written(seen[0], r"results\.json")
    assert inside(tmp_path / "results.json", tmp_path) == tmp_path / "results.json"
