"""`ceasefire screen` as its users meet it."""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path

import pytest

from evaluation.cli import main
from evaluation.data.read import read_panel

SLUG = "oakland-synthetic"
TABLE = "data/synthetic/city_month.csv"


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A project with one study, of some of its cities."""
    home = Path(__file__).parents[1]
    for name in (f"analyses/{SLUG}/plan.toml", TABLE, TABLE.replace(".csv", ".dataset.toml")):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes((home / name).read_bytes())
    return tmp_path


def call(project: Path, *words: str) -> int:
    return main(["--root", str(project), "screen", *words])


def test_every_unit_has_a_row_an_outcome(small, capsys):
    assert call(small, SLUG) == 0
    told = capsys.readouterr()
    assert told.err == ""
    assert "13 units, 26 rows, 0 not estimated" in told.out
    assert f"wrote reports/{SLUG}/screen.csv" in told.out
    text = (small / f"reports/{SLUG}/screen.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert {row["unit"] for row in rows} == set(read_panel(small / TABLE, small).units)
    assert all(float(row["p_value"]) <= float(row["p_holm"]) for row in rows)


def test_a_folder_with_starts_is_screened_to_the_same_numbers_and_read_by_a_program(small, capsys):
    import pandas

    folder = small / "cities"
    (folder / "part=0").mkdir(parents=True)
    pandas.read_csv(small / TABLE).to_parquet(folder / "part=0/a.parquet", index=False)
    described = (small / TABLE.replace(".csv", ".dataset.toml")).read_text(encoding="utf-8")
    text = described.replace('file = "city_month.csv"\n', "")
    (folder / "dataset.toml").write_text(text, encoding="utf-8")
    starts = small / "starts.csv"
    starts.write_text("unit,start\nOakland (synthetic),2012-10\n", encoding="utf-8")
    to = small / "out.json"
    words = ["--data", str(folder), "--starts", str(starts), "--to", str(to), "--json"]
    assert call(small, SLUG, *words) == 0
    printed = capsys.readouterr().out
    assert printed == to.read_text(encoding="utf-8")
    rows = json.loads(printed)
    assert {row["unit"] for row in rows} == {"Oakland (synthetic)"}
    assert call(small, SLUG, "--starts", str(starts)) == 0
    whole = (small / f"reports/{SLUG}/screen.csv").read_text(encoding="utf-8")
    assert f"{rows[0]['estimate']}" in whole


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("city,start\nx,2012-10\n", "starts.csv:1: the columns must be unit and start"),
        (
            "unit,start\nOaklnd (synthetic),2012-10\n",
            "starts.csv:2:1: no unit 'Oaklnd",
        ),
        ("unit,start\nOakland (synthetic),2012\n", "starts.csv:2:21: "),
        ("unit,start\n" + "Oakland (synthetic),2012-10\n" * 2, "starts.csv:3:1: 'Oakland"),
        ("unit,start\n", "starts.csv:1: no rows follow"),
    ],
)
def test_starts_that_cannot_be_used_are_told_by_line(small, capsys, rows, said):
    (small / "starts.csv").write_text(rows, encoding="utf-8")
    assert call(small, SLUG, "--starts", str(small / "starts.csv")) == 2
    assert said in capsys.readouterr().err
    assert not (small / "reports" / SLUG).exists()


def test_a_plan_or_a_file_that_does_not_suit_is_told_and_nothing_is_written(small, capsys):
    assert call(small, SLUG, "--to", str(small / "out.txt")) == 2
    assert "out.txt: ends in none of .csv, .json, .parquet" in capsys.readouterr().err
    assert call(small, SLUG, "--data", str(small / "gone.csv")) == 2
    assert "gone" in capsys.readouterr().err
    assert call(small, "oakland-synthetc") == 2
    assert "Did you mean" in capsys.readouterr().err
    plan = small / f"analyses/{SLUG}/plan.toml"
    text = plan.read_text(encoding="utf-8")
    column = text.split('column = "')[1].split('"')[0]
    plan.write_text(text.replace(f'column = "{column}"', f'column = "{column}s"'), encoding="utf-8")
    assert call(small, SLUG) == 2
    err = capsys.readouterr().err
    assert f"analyses/{SLUG}/plan.toml:" in err and f"no outcome '{column}s'" in err
    assert not (small / "out.txt").exists()


def test_without_an_estimate_it_ends_with_three_and_the_file_says_why(small, capsys):
    starts = small / "starts.csv"
    starts.write_text("unit,start\nOakland (synthetic),2020-01\n", encoding="utf-8")
    assert call(small, SLUG, "--starts", str(starts)) == 3
    assert "1 units, 2 rows, 2 not estimated" in capsys.readouterr().out
    text = (small / f"reports/{SLUG}/screen.csv").read_text(encoding="utf-8")
    assert all(row["reason"] for row in csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize("to", [None, "out.parquet"])
def test_what_is_screened_of_private_data_is_closed_to_others(small, to):
    described = small / TABLE.replace(".csv", ".dataset.toml")
    text = described.read_text(encoding="utf-8")
    described.write_text(text.replace('"synthetic"', '"private"'), encoding="utf-8")
    starts = small / "starts.csv"
    starts.write_text("unit,start\nOakland (synthetic),2012-10\n", encoding="utf-8")
    path = small / (to or f"reports/{SLUG}/screen.csv")
    before = os.umask(0)
    try:
        assert call(small, SLUG, "--starts", str(starts), *(["--to", str(path)] if to else [])) == 0
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o600
