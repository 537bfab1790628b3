"""What is written or deleted for a project stays in it, whatever links a clone may hold."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from evaluation.cli import main
from evaluation.errors import DataError
from evaluation.files import draft_of, sweep, write_atomically

PROJECT = Path(__file__).parents[2]
SLUG = "boston"
pytestmark = pytest.mark.usefixtures("run_once", "drawn_once")


@pytest.fixture(scope="module")
def drawn_once() -> Iterator[None]:
    """A picture that the program forgets, since its cache is full, is not drawn again by matplotlib
    or typst; the cache itself reads, writes and deletes as ever."""
    from evaluation import plots
    from evaluation.plots import figure_cache

    made: dict[str, bytes] = {}
    real = figure_cache.kept_or_made

    def once(key: str, kind: str, make: Callable[[], bytes]) -> bytes:
        return real(key, kind, lambda: made[key] if key in made else made.setdefault(key, make()))

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(figure_cache, "kept_or_made", once)
        patched.setattr(plots, "kept_or_made", once)
        yield


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
        f".{'ab' * 32}.svg.0123456789abcdef.ceasefire-part",
        ".index.html.0123456789abcdef.ceasefire-part",
        ".boston.json.0123456789abcdef.ceasefire-part",
        "boston.json",
        "ceasefire.turn",
    ):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"mine: {name}")
    return folder


def held(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


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


@pytest.mark.parametrize(
    "place", ["", "reports", f"reports/{SLUG}", f"analyses/{SLUG}", "data/real", "build/figures"]
)
def test_only_what_the_program_left_half_written_is_swept(root, place):
    folder = root / place
    folder.mkdir(parents=True, exist_ok=True)
    mine = [".notes.json.bak", ".notes.json.original", ".index.html.abcd1234", "x.ceasefire-part"]
    for name in mine:
        (folder / name).write_text("x")
    left = [draft_of(folder / name) for name in ("index.html", "results.json", "a b")]
    for path in left[:2]:
        path.write_text("half")
    left[2].mkdir()
    (left[2] / "inner").write_text("half")
    sweep(root)
    there = {path.name for path in folder.iterdir()}
    assert there.issuperset(mine) and not there.intersection(path.name for path in left)


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


def test_a_link_out_in_place_of_a_file_is_refused_by_its_name(root, outside):
    path = root / "reports" / "index.html"
    path.symlink_to(outside / "taxes.txt")
    with pytest.raises(DataError, match=r"^reports/index.html: is a link that leads out"):
        write_atomically(path, "new", root=root)
    assert path.read_text() == "mine: taxes.txt"


def test_a_link_in_the_project_in_place_of_a_file_is_replaced(root):
    path = root / "reports" / "index.html"
    path.symlink_to(root / "reports" / SLUG / "index.html")
    write_atomically(path, "new", root=root)
    assert path.read_text() == "new" and not path.is_symlink()
    assert (root / "reports" / SLUG / "index.html").read_text() != "new"


def test_a_loop_of_links_is_refused(root):
    (root / "a").symlink_to(root / "b")
    (root / "b").symlink_to(root / "a")
    with pytest.raises(DataError):
        write_atomically(root / "a" / "x", "x", root=root)


def test_a_table_that_is_a_loop_of_links_is_no_table(root, capsys):
    for path in (root / "data/public").glob("boston_homicide*"):
        path.unlink()
        path.symlink_to(path.name)
    assert main(["--root", str(root), "plan", SLUG]) == 2
    assert "boston_homicide.csv" in capsys.readouterr().err


# What each verb writes, and a place in the project that is on the way there.
VERBS = (
    (["--root", "ROOT", "new", "second"], "analyses"),
    (["--root", "ROOT", "plan", SLUG], f"analyses/{SLUG}"),
    (["--root", "ROOT", "plan", SLUG], f"analyses/{SLUG}/plan.frozen.toml"),
    (["--root", "ROOT", "run", "--force"], "reports"),
    (["--root", "ROOT", "run", "--force"], f"reports/{SLUG}"),
    (["--root", "ROOT", "simulate", "city_month"], "data/synthetic"),
    (["--root", "ROOT", "simulate", "city_month"], "data/synthetic/city_month.csv"),
    (["data", "--new", "ROOT/data/real/t.csv"], "data/real"),
    (["data", "--new", "ROOT/data/real/t.csv"], "data"),
    (["panel", "--new", "ROOT/data/real/r.csv"], "data/real"),
)


@pytest.mark.parametrize(("words", "place"), VERBS, ids=[f"{w[-2]} {p}" for w, p in VERBS])
def test_no_verb_writes_behind_a_link(root, outside, words, place, capsys):
    (root / "data/real").mkdir()
    rows = "".join(f"T;2015-{month:02d};{10 + month}\n" for month in range(1, 13))
    (root / "data/real/t.csv").write_text(f"unit;month;shootings\n{rows}")
    incidents = "".join(f"{k},2015-{1 + k % 12:02d}-03,A,THEFT\n" for k in range(60))
    (root / "data/real/r.csv").write_text(f"case,day,beat,offense\n{incidents}")
    plan = root / f"analyses/{SLUG}/plan.toml"
    if words[2] == "plan":
        (root / f"analyses/{SLUG}/plan.frozen.toml").unlink(missing_ok=True)
        if "\nfrozen" not in plan.read_text():
            plan.write_text(f"frozen = 2026-01-01\n{plan.read_text()}")
    path = root / place
    if path.suffix:
        to = outside / "taxes.txt"
    else:
        # As it is, but elsewhere.
        to = outside / "moved"
        if path.is_dir():
            shutil.copytree(path, to)
            shutil.rmtree(path)
        to.mkdir(exist_ok=True)
    path.unlink(missing_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(to)
    before = held(outside)
    code = main([word.replace("ROOT", str(root)) for word in words])
    said = capsys.readouterr().err
    assert held(outside) == before
    assert (code, place in said) == (2, True), said
