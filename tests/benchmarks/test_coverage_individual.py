"""The study of methods for people: it runs, its page is that of its table, its claims hold."""

from __future__ import annotations

import csv
import re

import pytest

from evaluation.individual.methods import METHODS

ADJUSTED = [one for one, row in METHODS.items() if "binary" in row.kinds and one != "unadjusted"]


@pytest.fixture
def study(benchmark_module):
    return benchmark_module("coverage_individual")


@pytest.fixture
def rows(study):
    with (study.DOCS / "coverage_individual.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_draw_is_the_same_each_time_and_every_method_is_counted(study, monkeypatch):
    monkeypatch.setattr(study, "MANY", 2000)
    found = study.study("300 people", 2)
    assert found == study.study("300 people", 2)
    assert {row["method"] for row in found} == set(study.METHOD_SETTINGS)
    assert all(row["failed"] == 0 for row in found)


def test_committed_page_is_that_of_the_committed_table(study, rows):
    page = (study.DOCS / "coverage_individual.md").read_text(encoding="utf-8")
    assert page == study.page(rows)
    assert {row["draws"] for row in rows} == {"1000"}
    assert {row["world"] for row in rows} == set(study.WORLDS)


@pytest.mark.parametrize("method", ["aipw", "aipw, stacked", "iptw", "entropy-balancing"])
@pytest.mark.parametrize("world", ["1,200 people", "300 people", "no effect"])
def test_honest_methods_cover_93_to_97_percent(rows, method, world):
    cells = [float(r["coverage"]) for r in rows if (r["method"], r["world"]) == (method, world)]
    assert len(cells) == 2
    assert all(93 <= cell <= 97 for cell in cells)


def test_doing_nothing_does_not_cover(rows):
    assert all(float(r["coverage"]) < 80 for r in rows if r["method"] == "unadjusted")


@pytest.mark.parametrize(
    "name", [one for one, row in METHODS.items() if "binary" in row.kinds and one != "unadjusted"]
)
def test_what_methods_say_of_themselves_is_in_the_table(study, rows, name):
    labels = [label for label, (m, _) in study.METHOD_SETTINGS.items() if m == name]
    usual = [
        float(r["coverage"])
        for r in rows
        if r["method"] == labels[0] and r["world"] in ("1,200 people", "300 people", "no effect")
    ]
    low, high = re.findall(r"(\d+) to (\d+) %", METHODS[name].coverage)[0]
    assert (int(low), int(high)) == (round(min(usual)), round(max(usual)))
