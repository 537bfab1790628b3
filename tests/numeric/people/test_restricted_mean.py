"""Restricted mean times against R's survival 3.5, and weighted ones against derivatives by the
weights taken numerically in R."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.errors import FitError
from evaluation.numeric.people.kaplan_meier import (
    followed_to,
    kaplan_meier,
    restricted_mean,
)
from tests.numeric.survival_cases import jackknife, said, table

PEOPLE, R = table(), said()["rmst"]
TIME, EVENT, ARM = PEOPLE["time"], PEOPLE["cause"] == 1, PEOPLE["arm"]


@pytest.mark.parametrize(
    ("case", "rows", "start"),
    [
        ("plain", ARM >= 0, None),
        ("arm1", ARM == 1, None),
        ("arm0", ARM == 0, None),
        ("late", ARM >= 0, PEOPLE["start"]),
    ],
)
def test_mean_and_error_are_those_of_rmean(case, rows, start):
    found = restricted_mean(kaplan_meier(TIME[rows], EVENT[rows], start=start), 365)
    assert [found.estimate, found.std_error] == pytest.approx(R[case], rel=1e-12)


def test_weighted_errors_are_the_derivatives_by_the_weights():
    found = restricted_mean(kaplan_meier(TIME, EVENT, weight=PEOPLE["weight"]), 365)
    moves = found.weight * found.influence
    both = [found.estimate, jackknife(moves), jackknife(moves, PEOPLE["cluster"])]
    # R's derivatives are numerical.
    assert both == pytest.approx(R["weighted"], rel=1e-7)


def test_without_events_before_the_horizon_all_time_is_free():
    found = restricted_mean(kaplan_meier(np.array([5.0, 6.0, 7.0]), np.ones(3)), 4)
    assert (found.estimate, found.std_error) == (4.0, 0.0)
    assert jackknife(found.weight * found.influence) == 0


def test_refusals():
    with pytest.raises(
        FitError, match="none of the treated was followed for 800 days; the longest was 790"
    ):
        followed_to(np.array([100.0, 790.0]), np.array([1, 0]), 800, "treated")
    followed_to(np.array([100.0, 790.0]), np.array([0, 1]), 800)
    with pytest.raises(FitError, match="must be after entry"):
        restricted_mean(kaplan_meier(TIME, EVENT), 0)
