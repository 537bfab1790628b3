"""Events that come again against R's survival 3.5."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.errors import FitError
from evaluation.numeric.people.cox import cox
from evaluation.numeric.people.risk_sets import spells
from tests.numeric.survival_cases import errors, said, table

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


def test_an_event_outside_follow_up_is_refused():
    with pytest.raises(FitError, match="an event of person 2 "):
        spells([[5.0], [200.0]], np.array([100.0, 100.0]))
    with pytest.raises(FitError, match="an event of person 1 "):
        spells([[0.0], [20.0]], np.array([100.0, 100.0]))
