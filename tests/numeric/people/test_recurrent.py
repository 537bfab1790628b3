"""Events that come again against R's survival 3.5."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.errors import FitError
from evaluation.numeric.people.cox import cox
from evaluation.numeric.people.recurrent import mean_number, spells
from tests.numeric.survival_cases import HORIZONS, errors, said, table

ROWS, R = table("survival_spells.csv"), said()["andersen_gill"]
X = np.column_stack([ROWS["arm"], ROWS["age"]])


def cut():
    """The spells of the table, made from events and ends of follow-up."""
    people = np.unique(ROWS["id"])
    events = [ROWS["stop"][(ROWS["id"] == i) & (ROWS["event"] == 1)] for i in people]
    return spells(events, np.array([ROWS["stop"][ROWS["id"] == i].max() for i in people]))


def test_spells_are_cut_at_events():
    made = cut()
    for name in ("start", "stop", "event"):
        assert (getattr(made, name) == ROWS[name]).all()
    assert (np.unique(ROWS["id"])[made.person] == ROWS["id"]).all()


def test_andersen_gill_is_that_of_coxph():
    found = cox(ROWS["stop"], ROWS["event"], X, start=ROWS["start"])
    assert found.beta == pytest.approx(R["plain"]["beta"], rel=1e-10)
    assert errors(found.robust(ROWS["id"])) == pytest.approx(R["plain"]["robust"], rel=1e-10)
    weighted = cox(
        ROWS["stop"],
        ROWS["event"],
        X,
        start=ROWS["start"],
        weight=ROWS["weight"],
        ties="breslow",
    )
    assert weighted.beta == pytest.approx(R["weighted"]["beta"], rel=1e-10)
    robust = errors(weighted.robust(ROWS["id"]))
    assert robust == pytest.approx(R["weighted"]["robust"], rel=1e-10)


@pytest.mark.parametrize(("case", "weight"), [("mcf", None), ("mcf_weighted", ROWS["weight"])])
def test_mean_number_is_the_cumulative_hazard_of_survfit(case, weight):
    found = mean_number(cut(), weight=weight)
    assert found.at(HORIZONS) == pytest.approx(R[case]["chaz"], rel=1e-12)
    assert found.error_at(HORIZONS) == pytest.approx(R[case]["se"], rel=1e-12)


def test_without_early_leaving_the_mean_number_is_a_mean():
    events = [[10.0, 20.0], [], [30.0], [5.0, 15.0, 30.0]]
    found = mean_number(spells(events, np.full(4, 100.0)))
    assert found.at(np.array([15.0, 50.0])) == pytest.approx([3 / 4, 6 / 4])
    # The plain error of a mean with n in place of n - 1.
    assert found.error_at(np.array([50.0])) == pytest.approx(np.std([2, 0, 1, 3]) / 2)


def test_an_event_outside_follow_up_is_refused():
    with pytest.raises(FitError, match="an event of person 2 "):
        spells([[5.0], [200.0]], np.array([100.0, 100.0]))
    with pytest.raises(FitError, match="an event of person 1 "):
        spells([[0.0], [20.0]], np.array([100.0, 100.0]))
