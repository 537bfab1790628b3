"""Figures that are kept: the same bytes as drawn, drawn again only when an input changed."""

from __future__ import annotations

import importlib
import inspect
import os
import pkgutil
import threading
from dataclasses import dataclass

import pytest
from example_path import months

from evaluation import plots
from evaluation.plots import canvas, figure_cache

MEASURE = "Victims a month"


def drawn(prefix: str = "a", height: float = plots.PATH_HEIGHT, measure: str = MEASURE, **options):
    with plots.style():
        figure = plots.blank(height)
        path = options.pop("path", months(washout=3))
        plots.observed_against_expected(path, figure.axes[0], measure=measure, **options)
        return plots.svg_text(figure, prefix)


@pytest.fixture
def times(monkeypatch):
    """How often a figure was really drawn."""
    counted: list[str] = []
    real = canvas._svg_text

    def counting(figure, prefix):
        counted.append(prefix)
        return real(figure, prefix)

    monkeypatch.setattr(canvas, "_svg_text", counting)
    return counted


def test_a_figure_is_drawn_once_and_has_the_bytes_it_has_when_nothing_is_kept(tmp_path, times):
    expected = drawn()
    with plots.kept_in(tmp_path / "made", root=tmp_path):
        assert drawn() == expected
        assert drawn() == expected
    assert len(times) == 2
    assert len(list((tmp_path / "made").iterdir())) == 1
    # Afterwards nothing is kept any more.
    assert drawn() == expected
    assert len(times) == 3


def test_figures_of_several_panels_are_drawn_with_the_same_bytes(tmp_path):
    lags = [plots.Lag(lag, 0.5 / lag, 0.4 / lag, 0.2) for lag in range(1, 13)]

    def one() -> str:
        with plots.style():
            figure = plots.blank(plots.CORRELOGRAM_HEIGHT)
            plots.correlogram(lags, figure)
            return plots.svg_text(figure, "lags")

    expected = one()
    with plots.kept_in(tmp_path, root=tmp_path.parent):
        assert [one(), one()] == [expected, expected]


@pytest.mark.parametrize(
    "changed",
    [
        {"prefix": "b"},
        {"height": 4.0},
        {"measure": "Victims a week"},
        {"fit_after": False},
        {"later": [("2012-06", "ended")]},
        {"path": months(washout=2)},
        {"path": months(47, washout=3)},
    ],
)
def test_whatever_changes_the_picture_is_drawn_anew(tmp_path, times, changed):
    expected = drawn(**changed)
    with plots.kept_in(tmp_path, root=tmp_path.parent):
        assert drawn() != expected
        assert drawn(**changed) == expected
    assert len(times) == 3


@pytest.mark.parametrize("spoilt", [b"", b"half", None])
def test_a_spoilt_file_counts_as_not_there_and_is_mended(tmp_path, times, spoilt):
    with plots.kept_in(tmp_path, root=tmp_path.parent):
        expected = drawn()
        (path,) = tmp_path.iterdir()
        whole = path.read_bytes()
        path.write_bytes(whole[:-100] if spoilt is None else spoilt)
        assert drawn() == expected
        assert path.read_bytes() == whole
    assert len(times) == 2


def test_another_version_of_what_draws_counts_as_a_change(tmp_path, times, monkeypatch):
    with plots.kept_in(tmp_path, root=tmp_path.parent):
        drawn()
        now = figure_cache._surroundings()
        monkeypatch.setattr(figure_cache, "_surroundings", lambda: [*now[:-1], "0.0"])
        drawn()
    assert len(times) == 2


def test_what_is_not_plain_is_drawn_each_time_and_never_kept(tmp_path, times):
    @dataclass
    class Holder:
        name: object

    assert figure_cache._parts(Holder(1)) == ["Holder", 1]
    with plots.kept_in(tmp_path, root=tmp_path.parent), plots.style():
        figure = plots.blank(plots.whiskers_height(1))
        row = plots.Whisker("x", 1.0, 0.0, 2.0, headline=frozenset())  # type: ignore[arg-type]
        plots.planned_alternatives([row], figure.axes[0])
        assert plots.svg_text(figure, "w").startswith("<svg ")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="a file in place of the folder")
def test_where_nothing_can_be_written_figures_are_drawn_all_the_same(tmp_path):
    (tmp_path / "made").write_text("in the way")
    expected = drawn()
    with plots.kept_in(tmp_path / "made", root=tmp_path):
        assert drawn() == expected
    assert (tmp_path / "made").read_text() == "in the way"


def test_the_folder_does_not_grow_for_ever_and_what_was_used_last_stays(tmp_path, monkeypatch):
    monkeypatch.setattr(figure_cache, "LARGEST", 10_000)
    with plots.kept_in(tmp_path, root=tmp_path.parent):
        for number in range(40):
            content = bytes([number]) * 1000
            assert plots.kept_or_made(f"{number:064x}", "pdf", lambda made=content: made) == content
            os.utime(tmp_path / f"{number:064x}.pdf", (number, number))
            # The first is asked for again and again.
            plots.kept_or_made("0" * 64, "pdf", lambda: b"made anew")
            assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 10_000
    left = sorted(path.stem for path in tmp_path.iterdir())
    assert left[0] == "0" * 64 and left[-1] == f"{39:064x}" and 4 < len(left) < 11


def test_only_what_was_made_here_is_deleted(tmp_path, monkeypatch):
    monkeypatch.setattr(figure_cache, "LARGEST", 1)
    mine = ("notes.txt", "0" * 64, f"{'0' * 64}.svg.bak", f"{'0' * 63}g.svg")
    for name in mine:
        (tmp_path / name).write_text("mine")
    (tmp_path / f"{'1' * 64}.svg").symlink_to(tmp_path / "notes.txt")
    (tmp_path / f"{'2' * 64}.svg").write_text("made here")
    with plots.kept_in(tmp_path, root=tmp_path.parent):
        plots.kept_or_made("3" * 64, "svg", lambda: b"new")
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {*mine, f"{'1' * 64}.svg", f"{'3' * 64}.svg"}


def test_many_at_once_get_whole_files(tmp_path):
    content = bytes(range(256)) * 400
    wrong = []

    def work():
        # A thread begins without the folder.
        with plots.kept_in(tmp_path, root=tmp_path.parent):
            for number in range(60):
                key = f"{number % 7:02x}"
                if plots.kept_or_made(key, "svg", lambda: content) != content:
                    wrong.append(key)
                if number % 10 == 0:
                    (tmp_path / f"{key}.svg").unlink(missing_ok=True)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert all(path.suffix == ".svg" for path in tmp_path.iterdir())


def test_every_function_that_draws_on_given_axes_can_be_put_off():
    draws = []
    for entry in pkgutil.iter_modules(plots.__path__):
        module = importlib.import_module(f"evaluation.plots.{entry.name}")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            given = set(inspect.signature(function).parameters) & {"ax", "figure"}
            own = function.__module__ == module.__name__ and not name.startswith("_")
            if own and given and name != "svg_text":
                draws.append(name)
                assert hasattr(function, "__wrapped__"), f"{entry.name}.{name}: no @drawing"
    assert len(draws) > 12


def test_drawing_on_a_sheet_by_hand_says_what_is_missing(tmp_path):
    with plots.kept_in(tmp_path, root=tmp_path.parent):
        figure = plots.blank(2.0)
        with pytest.raises(AttributeError, match="mark what draws here as a `drawing`"):
            figure.axes[0].plot([1], [1])
