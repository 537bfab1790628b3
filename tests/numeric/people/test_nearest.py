"""Matches beside R's MatchIt (tests/reference/people.R), and the error of matched means."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from evaluation.errors import FitError
from evaluation.numeric.people.nearest import matched_means, nearest
from evaluation.numeric.shared.regressions import logistic

REFERENCE = Path(__file__).parents[2] / "reference"


@pytest.fixture
def scored() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    with (REFERENCE / "people.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    names = ("age", "priors", "gang")
    x = np.array([[1.0, *(float(row[name]) for name in names)] for row in rows])
    treated = np.array([row["treated"] == "1" for row in rows])
    p = logistic(x, treated.astype(float)).fitted
    return np.log(p / (1 - p)), treated, np.array([float(row["days"]) for row in rows])


@pytest.mark.parametrize(
    ("name", "options"),
    [("one", {}), ("two", {"ratio": 2}), ("back", {"replace": True})],
)
def test_matches_are_those_of_matchit(scored, name: str, options: dict) -> None:
    expected = json.loads((REFERENCE / "people.json").read_text(encoding="utf-8"))["matching"]
    found = nearest(scored[0], scored[1], **options)
    rows = np.column_stack([found.treated, found.controls]) + 1
    assert rows.tolist() == expected[name]


def test_no_match_is_beyond_the_caliper_and_nobody_is_used_twice(scored) -> None:
    score, treated, _ = scored
    found = nearest(score, treated, caliper=0.02, ratio=2)
    there = found.controls >= 0
    assert 0 < there.sum() < 2 * treated.sum()
    gaps = np.abs(score[found.controls] - score[found.treated][:, None])
    assert gaps[there].max() <= 0.02 + 1e-8
    assert len(set(found.controls[there])) == there.sum()
    assert len(found.unmatched) + len(found.treated) == treated.sum()
    assert found.weights(len(score))[~treated].sum() == pytest.approx(len(found.treated))


def test_the_error_without_replacement_is_that_of_a_paired_t(scored) -> None:
    score, treated, y = scored
    found = nearest(score, treated)
    gaps = y[found.treated] - y[found.controls[:, 0]]
    contrast = matched_means(y, found, score).difference()
    assert contrast.estimate == pytest.approx(gaps.mean())
    assert contrast.std_error == pytest.approx(gaps.std(ddof=1) / np.sqrt(len(gaps)))


def test_using_a_control_again_costs_precision() -> None:
    # Ten treated beside one near control; outcomes of controls differ by two from their neighbor.
    score = np.concatenate([np.zeros(10), [0.0, 1.0, 5.0]])
    treated = np.arange(13) < 10
    y = np.concatenate([np.ones(10), [3.0, 5.0, 4.0]])
    found = nearest(score, treated, replace=True)
    assert set(found.controls[:, 0]) == {10}
    # By hand: the pairs do not differ; K (K - 1) s2 / m^2 with K = m = 10, s2 = (3 - 5)^2 / 2.
    assert matched_means(y, found, score).difference().std_error ** 2 == pytest.approx(1.8)


def test_groups_that_are_apart_are_refused() -> None:
    with pytest.raises(FitError, match="the groups are apart"):
        nearest(np.array([0.0, 5.0]), np.array([True, False]), caliper=1)
