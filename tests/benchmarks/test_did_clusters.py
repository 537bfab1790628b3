"""The study of clustered errors: it runs, its page is that of its table, its claims hold there."""

from __future__ import annotations

import csv

import numpy as np
import pytest


@pytest.fixture
def study(benchmark_module):
    return benchmark_module("did_clusters")


@pytest.fixture
def rows(study):
    with (study.DOCS / "did_clusters.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _shares(rows, study, method: str) -> dict[tuple[str, int, int], float]:
    return {
        (row["world"], int(row["treated"]), int(row["control"])): float(row["rejected"])
        for row in rows
        if row["method"] == method and row["rejected"]
    }


def test_a_draw_is_the_same_each_time_and_every_method_is_counted(study, monkeypatch):
    monkeypatch.setattr(study, "DRAWS", 99)
    found = study._part("drift", 6, 6, 1, 0)
    assert found.shape == (len(study.NAMES), 2)
    assert (found == study._part("drift", 6, 6, 1, 0)).all()
    # One draw: each method rejects, does not, or has no answer.
    assert set(np.unique(found)) <= {0, 1} and (found.sum(axis=1) <= 1).all()
    assert not found[:, 1].any()


def test_a_single_treated_city_has_no_jackknife(study):
    failed = dict(zip(study.NAMES, study._part("stationary", 1, 12, 1, 0)[:, 1], strict=True))
    assert failed["twfe CR3"] == 1 and failed["two-by-two, score"] == 1
    assert failed["twfe CR1"] == 0


def test_committed_page_is_that_of_the_committed_table(study, rows):
    assert (study.DOCS / "did_clusters.md").read_text(encoding="utf-8") == study.page(rows)


def test_every_cell_has_a_thousand_draws(study, rows):
    assert {row["draws"] for row in rows} == {"1000"}
    cells = {(row["world"], int(row["treated"]), int(row["control"])) for row in rows}
    assert cells == {(world, *sides) for world in study.WORLDS for sides in study.SIDES}


@pytest.mark.parametrize("method", ["twfe CR2", "twfe WCR", "two-by-two, score"])
def test_methods_for_scores_are_honest_from_six_clusters_a_side_on(study, rows, method):
    shares = _shares(rows, study, method)
    for (_, treated, control), share in shares.items():
        if min(treated, control) >= 6:
            # 5 % with three Monte-Carlo errors of 1,000 draws.
            assert share <= 0.05 + 3 * 0.007


@pytest.mark.parametrize("method", ["poisson-twfe CR3", "two-by-two, counts"])
def test_the_jackknife_of_counts_is_honest_in_every_cell(study, rows, method):
    assert max(_shares(rows, study, method).values()) <= 0.05 + 3 * 0.007


def test_what_the_refusal_below_six_clusters_is_for_shows(study, rows):
    for method in ("twfe CR1", "poisson-twfe CR1", "twfe WCU"):
        shares = _shares(rows, study, method)
        assert min(shares[world, 1, 12] for world in study.WORLDS) > 0.5
        assert min(shares[world, 2, 12] for world in study.WORLDS) > 0.10
