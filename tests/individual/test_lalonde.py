"""LaLonde (1986, American Economic Review 76:604-620): does adjusting for what is known lead from
the naive comparison to what the experiment found? Values: Dehejia and Wahba (1999, Journal of the
American Statistical Association 94:1053-1062)."""

from __future__ import annotations

import pytest
from lalonde import beside_survey, experiment

from evaluation.individual import METHODS, estimate, run_checks

EXPERIMENT, NAIVE = 1794.34, -8497.52


def test_the_experiment_and_the_naive_comparison() -> None:
    by_lot = estimate(experiment(), outcome="earnings", method="unadjusted")
    naive = estimate(beside_survey(), outcome="earnings", method="unadjusted")
    assert by_lot.estimate == pytest.approx(EXPERIMENT, abs=0.01)
    assert naive.estimate == pytest.approx(NAIVE, abs=0.01)


@pytest.mark.parametrize(
    "method", ["iptw", "aipw", "entropy-balancing", "standardization", "weighted-regression"]
)
def test_adjusting_comes_near_the_experiment(method: str) -> None:
    effect = estimate(beside_survey(), outcome="earnings", method=method)
    assert abs(effect.estimate - EXPERIMENT) < 400
    assert effect.low < EXPERIMENT < effect.high


@pytest.mark.parametrize("options", [{}, {"replacement": True}, {"ratio": 2, "replacement": True}])
def test_matching_is_nearer_than_a_tenth_of_the_way(options: dict[str, object]) -> None:
    effect = estimate(beside_survey(), outcome="earnings", method="matching", options=options)
    assert abs(effect.estimate - EXPERIMENT) < 0.1 * (EXPERIMENT - NAIVE)
    assert effect.low < EXPERIMENT < effect.high


def test_how_far_the_overlap_allows_is_told() -> None:
    checks = {c.name: c for c in run_checks(beside_survey(), outcome="earnings", method="iptw")}
    assert "Half of the treated have a probability of treatment above" in str(
        checks["overlap"].says
    )
    assert "97 % of all people lie where there are too few" in str(checks["overlap"].says)
    assert sum(row["untreated"] for row in checks["overlap"].table) == 15_992
    sides = {row["side"]: row for row in checks["effective-size"].table}
    assert sides["untreated"]["effective"] < 100
    assert checks["balance"].table[0]["before"] < -3
    assert checks["balance"].passed


def test_trimming_says_whose_effect_is_left() -> None:
    effect = METHODS["iptw"].set_to({"trim": "crump"}).fit(beside_survey(), "earnings")
    assert "were left out" in str(effect.notes[0])
    assert effect.n < 1000
