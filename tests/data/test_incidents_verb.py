"""The verb `ceasefire panel`, called as the command calls it."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from evaluation.cli.check_and_data import add_panel_verb
from evaluation.cli.common import add_common
from evaluation.data.incidents.build import MEMORY
from evaluation.errors import DataError

RECIPE = """\
name = "Homicides"
period = "year"
source = "Invented for a test"
licence = "CC0"
sensitivity = "synthetic"
incidents = { files = "incidents.csv", occurred = "when" }
time = { zone = "America/Chicago", naive = "local" }
units = { column = "city", which = "found" }
outcomes.homicides.measure = "victims a year"
coverage = { first = 2012, last = 2013 }
duplicates = { keep = "all" }
"""


def parser() -> argparse.ArgumentParser:
    whole = argparse.ArgumentParser()
    verbs = whole.add_subparsers(required=True)

    def add(name: str, verb: object, words: str) -> argparse.ArgumentParser:
        sub = verbs.add_parser(name, help=words, description=words)
        sub.set_defaults(verb=verb)
        add_common(sub, name)
        return sub

    add_panel_verb(add)
    return whole


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "incidents.csv").write_text(
        "when,city\n2012-05-01,Chicago\n2013-05-01,Chicago\n2014-01-01,Chicago\n", encoding="utf-8"
    )
    (tmp_path / "homicides.toml").write_text(RECIPE, encoding="utf-8")
    return tmp_path / "homicides.toml"


def test_verb_counts_and_tells(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = parser().parse_args(["panel", str(path), "--threads", "2", "--memory", "0.5"])
    assert arguments.verb(arguments) == 0
    assert capsys.readouterr().out.splitlines() == [
        "3 rows read, 2 counted",
        "  1 dropped: outside the coverage",
        "1 unit, 2012 to 2013",
        "  homicides: 2",
        "note: no [late] rule: where reports come in late, the last periods may be short of them",
        "wrote homicides.csv",
        "wrote homicides.dataset.toml",
        "wrote homicides.panel.json",
        f"next: ceasefire data {path.with_suffix('.csv')}, then ceasefire new my-study --data "
        f"{path.with_suffix('.csv')}",
    ]
    written = path.with_name("homicides.csv").read_text(encoding="utf-8")
    assert written == "city,year,homicides\nChicago,2012,1\nChicago,2013,1\n"
    assert sorted(one.name for one in path.parent.iterdir()) == [
        *("homicides.csv", "homicides.dataset.toml", "homicides.panel.json", "homicides.toml"),
        "incidents.csv",
    ]


def test_verb_takes_sources_of_the_user(
    path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = tmp_path_factory.mktemp("other") / "x.csv"
    other.write_text("when,city\n2012-05-01,Gary\n", encoding="utf-8")
    arguments = parser().parse_args(["panel", str(path), "--source", str(other)])
    arguments.verb(arguments)
    assert "Gary,2012,1" in path.with_name("homicides.csv").read_text(encoding="utf-8")


def test_missing_recipe_is_a_fault_with_exit_code_2(tmp_path: Path) -> None:
    arguments = parser().parse_args(["panel", str(tmp_path / "none.toml")])
    with pytest.raises(DataError, match="no such file") as caught:
        arguments.verb(arguments)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("words", [["--threads", "0"], ["--memory", "0.1"], ["--memory", "lots"]])
def test_numbers_out_of_bounds_are_refused(words: list[str]) -> None:
    with pytest.raises(SystemExit):
        parser().parse_args(["panel", "x.toml", *words])


def test_default_memory_is_that_of_the_function() -> None:
    assert parser().parse_args(["panel", "x.toml"]).memory == MEMORY
