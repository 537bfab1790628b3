"""What is made from private incidents is closed to others; its account tells no small number."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

import pytest

from benchmarks.fault_cases import RECIPE, ROWS
from evaluation.cli import main
from evaluation.data.incidents.build import build_panel
from evaluation.data.incidents.recipe import FEWEST_TOLD, read_recipe
from evaluation.errors import EnvironmentFault


@pytest.fixture
def recipe(tmp_path: Path):
    (tmp_path / "analyses").mkdir()
    folder = tmp_path / "data" / "mine"
    folder.mkdir(parents=True)
    (folder / "rows.csv").write_text(ROWS, encoding="utf-8")
    path = folder / "beats.toml"
    path.write_text(RECIPE, encoding="utf-8")
    before = os.umask(0)
    yield path
    os.umask(before)


def test_a_private_panel_is_closed_to_others_under_a_lax_mask(recipe):
    built = build_panel(recipe)
    for name in built.files:
        assert recipe.with_name(name).stat().st_mode & 0o777 == 0o600


def test_a_public_panel_is_open(recipe):
    recipe.write_text(RECIPE.replace('"private"', '"public"'), encoding="utf-8")
    for name in build_panel(recipe).files:
        assert recipe.with_name(name).stat().st_mode & 0o777 == 0o644


def test_its_account_tells_no_number_below_ten(recipe):
    with recipe.with_name("rows.csv").open("a", encoding="utf-8") as rows:
        rows.write("900,2031-01-01,beat 1,HOMICIDE\n")
    build_panel(recipe)
    told = json.loads(recipe.with_name("beats.panel.json").read_text())

    def numbers(value: object) -> list[object]:
        if isinstance(value, dict):
            return [one for inner in value.values() for one in numbers(inner)]
        return [value]

    parts = ("rows", "unreadable", "ids_that_differ", "outcomes", "conditions")
    found = [one for part in parts for one in numbers(told[part])]
    assert "fewer than 10" in found
    assert [one for one in found if isinstance(one, int) and 0 < one < 10] == []


def test_the_rows_are_never_in_the_folder_of_the_whole_machine(recipe, tmp_path, monkeypatch):
    shared = tmp_path / "shared"
    shared.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(shared))
    from evaluation.data.incidents import store

    seen = []
    add = store.Store.add

    def looked(self: store.Store, *given: object) -> None:
        seen.append([*shared.iterdir()])
        (folder,) = (tmp_path / "build").glob(".beats.*")
        assert folder.stat().st_mode & 0o777 == 0o700
        assert (folder / "rows.duckdb").exists()
        add(self, *given)

    monkeypatch.setattr(store.Store, "add", looked)
    build_panel(recipe)
    assert seen == [[]]
    assert [one.name for one in (tmp_path / "build").iterdir()] == ["ceasefire.turn"]


def test_a_full_disk_while_rows_are_counted_is_exit_4(recipe, monkeypatch, capsys):
    import duckdb

    from evaluation.data.incidents import store

    def full(self: store.Store, *given: object) -> None:
        raise duckdb.FatalException("Failed: No space left on device")

    monkeypatch.setattr(store.Store, "add", full)
    assert main(["panel", str(recipe)]) == EnvironmentFault.exit_code
    assert "Free some space" in capsys.readouterr().err
    assert not recipe.with_name("beats.csv").exists()


def test_no_number_below_ten_is_left_between_two_others(recipe):
    private = read_recipe(recipe, recipe.name)
    for kept in range(20, 40):
        for dropped in range(1, FEWEST_TOLD):
            told = private.told(kept), private.told(kept + dropped)
            # What may have been dropped, for whoever knows the two numbers.
            may = {
                less
                for less in range(1, FEWEST_TOLD)
                for one in range(15, 45)
                if (private.told(one), private.told(one + less)) == told
            }
            assert len(may) >= 4
    assert private.told(0) == 0 and private.few(1234) == "1,235"


def test_its_account_tells_numbers_in_fives(recipe):
    build_panel(recipe)
    told = json.loads(recipe.with_name("beats.panel.json").read_text())
    counts = [told["rows"]["kept"], told["rows"]["read"], *told["outcomes"].values()]
    counts += [one["rows"] for one in told["sources"]]
    assert [one for one in counts if one % 5] == []
