"""Sequential trials beside R (tests/reference/calls.R), and the traps of their data."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evaluation.errors import DataError, FitError
from evaluation.individual.not_yet_called import Calls, estimate, spike, trials

REFERENCE = Path(__file__).parents[1] / "reference"


def expected() -> dict[str, Any]:
    return json.loads((REFERENCE / "calls.json").read_text(encoding="utf-8"))


def calls(*, covariates: bool = True) -> Calls:
    with (REFERENCE / "calls.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return Calls.from_arrays(
        [np.nan if row["called"] == "NA" else float(row["called"]) for row in rows],
        [[float(day) for day in row["events"].split()] for row in rows],
        start=[float(row["start"]) for row in rows],
        end=[float(row["end"]) for row in rows],
        covariates={"age": [float(row["age"]) for row in rows]} if covariates else None,
    )


def test_rate_ratio_and_its_error_agree_with_r() -> None:
    effect = estimate(calls())
    assert effect.estimate == pytest.approx(expected()["all"]["beta"], rel=1e-7)
    assert effect.std_error == pytest.approx(expected()["all"]["se"], rel=1e-6)
    saved = expected()["treated_events"] * np.expm1(-effect.estimate)
    assert effect.averted.estimate == pytest.approx(saved)
    assert effect.averted.low < effect.averted.estimate < effect.averted.high


def test_first_events_agree_with_r() -> None:
    effect = estimate(calls(covariates=False), first_only=True, history=False)
    assert effect.estimate == pytest.approx(expected()["first"]["beta"], rel=1e-7)
    assert effect.std_error == pytest.approx(expected()["first"]["se"], rel=1e-6)


def test_the_others_leave_at_their_own_call() -> None:
    given = Calls.from_arrays(
        [100, 200, np.nan], [[120, 300], [150, 200, 201], [50, 400]], start=[0, 0, 0], end=[500] * 3
    )
    rows = trials(given, horizon=365)
    assert rows.person.tolist() == [0, 1, 2, 1, 2]
    assert rows.treated.tolist() == [True, False, False, True, False]
    assert rows.at_risk.tolist() == [365, 100, 365, 300, 300]
    assert rows.events.tolist() == [2, 2, 1, 1, 1]
    # The first person is no control on day 200: they were called before.
    assert rows.history.sum(axis=1).tolist() == [0, 0, 1, 2, 1]
    first = trials(given, first_only=True)
    assert first.at_risk.tolist() == [20, 50, 300, 1, 200]


def test_calls_that_follow_a_spike_are_told() -> None:
    source = np.random.default_rng(1)
    called = np.where(np.arange(80) < 40, 1000.0 + 30 * (np.arange(80) % 4), np.nan)
    calm = [source.uniform(0, 1500, 4) for _ in range(80)]
    same = {"start": np.zeros(80), "end": np.full(80, 1500.0)}
    assert spike(Calls.from_arrays(called, calm, **same)).passed
    late = [
        np.append(own, called[i] - np.array([5.0, 20.0])) if i < 40 else own
        for i, own in enumerate(calm)
    ]
    found = spike(Calls.from_arrays(called, late, **same))
    assert found.passed is False
    assert "falls back by itself" in str(found.says)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"called": [-5, 200, np.nan]}, "person '1' the call is before start"),
        ({"called": [100, 900, np.nan]}, "person '2' the call is after end"),
        ({"called": [np.nan] * 3}, "nobody is called"),
        ({"end": [500, -1, 500]}, "person '2' end is before start"),
        ({"events": [[1], [2], [501]]}, "person '3' an event is after end"),
        ({"events": [[1], [np.nan], [5]]}, "person '2' an event is after end, or has no day"),
        ({"events": [[1]]}, "one value a person"),
        ({"ids": ["a", "a", "b"]}, "twice"),
        ({"covariates": {"age": [1, 2, np.nan]}}, "person '3' age is missing"),
        ({"start": [np.nan, 0, 0]}, "person '1' start or end is missing"),
    ],
)
def test_refuses_calls(change: dict[str, Any], message: str) -> None:
    given: dict[str, Any] = {
        "called": [100, 200, np.nan],
        "events": [[120], [150], [50]],
        "start": [0, 0, 0],
        "end": [500, 500, 500],
    }
    with pytest.raises(DataError, match=message):
        Calls.from_arrays(**(given | change))


def test_refuses_what_cannot_be_estimated() -> None:
    same: dict[str, Any] = {"start": [0, 0], "end": [500, 500]}
    with pytest.raises(FitError, match="on no day"):
        estimate(Calls.from_arrays([100, 100], [[120], [130]], **same))
    with pytest.raises(FitError, match="no event happened"):
        estimate(Calls.from_arrays([100, np.nan], [[], []], **same))
    with pytest.raises(FitError, match="horizon"):
        estimate(calls(), horizon=0)


def test_few_people_are_an_objection() -> None:
    given = Calls.from_arrays(
        [100, 200, np.nan], [[120, 300], [150, 201], [150, 400]], start=[0] * 3, end=[500] * 3
    )
    effect = estimate(given, history=False)
    assert effect.objection is not None and "fewer than 10 people" in str(effect.objection)
