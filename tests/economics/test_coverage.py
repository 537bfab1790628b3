"""How often the range of net benefit holds the truth, in worlds where it is known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from invented import COST, HAPPENED, HEAD, VALUE, changed, evidence, ledger, ratio

from evaluation.economics import cost_benefit
from evaluation.study.evidence import Evidence

WORLDS = 500
# Four binomial standard errors of 95 % in so many worlds are 3.9 points.
LOWEST, HIGHEST = 0.911, 0.989


def _told(study: Evidence, theta: float, error: float, df: float | None) -> Evidence:
    """The study with another estimate."""
    (outcome,) = study.outcomes
    headline = replace(outcome.headline, effect=ratio(theta, error, df=df))
    return replace(study, outcomes=(replace(outcome, headline=headline),))


@pytest.mark.parametrize(
    ("theta", "error", "df"), [(-0.3, 0.12, None), (0.0, 0.2, None), (-0.3, 0.12, 8.0)]
)
def test_range_of_net_benefit_holds_the_truth_about_95_times_of_100(
    tmp_path: Path, theta: float, error: float, df: float | None
) -> None:
    """The study errs about a fixed true effect; the true value and cost are as uncertain as the
    ledger says, and drawn anew in each world."""
    discount = "discount = {rate = 0, low = 0, high = 0}\n"
    plain = changed(VALUE, distribution='"triangular"')
    read = ledger(tmp_path, HEAD + discount + COST + plain)
    study, rng = evidence(ratio(theta, error, df=df)), np.random.default_rng(7)
    held = 0
    for _ in range(WORLDS):
        z = rng.standard_normal() if df is None else rng.standard_t(df)
        net = (
            cost_benefit(_told(study, theta + error * z, error, df), read, draws=1_000)
            .balance("public budget")
            .net
        )
        assert net is not None
        value = rng.triangular(1e5, 2e5, 4e5)
        cost = 3 * rng.triangular(8e5, 1e6, 1.5e6)
        truth = HAPPENED * np.expm1(-theta) * value - cost
        held += net.low <= truth <= net.high
    assert LOWEST < held / WORLDS < HIGHEST
