"""What a table of people may not contain."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from evaluation.errors import DataError, FitError
from evaluation.individual import estimate
from evaluation.individual.people import Outcome, People

N = 12


def given(**change: Any) -> dict[str, Any]:
    base: dict[str, Any] = {
        "treated": [1] * 6 + [0] * 6,
        "covariates": {"age": np.arange(20.0, 20 + N)},
        "outcomes": {"rearrest": [0, 1] * 6},
        "follow_up": [400.0] * N,
    }
    return base | change


def at(value: float, other: float = 1.0, row: int = 3) -> list[float]:
    return [value if i == row else other for i in range(N)]


def timed(time: list[float], cause: list[float] | None = None) -> dict[str, Any]:
    return {"outcomes": {"arrest": Outcome.of_time(time, cause or [1.0] * N)}}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"treated": [1] * N}, "12 of 12 people are treated"),
        ({"treated": [0] * N}, "fewer than 10 of 12 people are treated"),
        ({"treated": at(2)}, "person '4' treated must be 0 or 1"),
        ({"treated": at(np.nan)}, "person '4' treated must be 0 or 1"),
        ({"covariates": {"age": at(np.nan)}}, "person '4' age is missing"),
        (
            {"covariates": {"age": [1.0, 2.0]}},
            "age must have one value a person; 12 people are there",
        ),
        ({"ids": [str(i) for i in at(1, 2)]}, "is there twice"),
        ({"ids": ["a"]}, "fewer than 10 ids for 12 people"),
        ({"weight": at(0)}, "person '4' weight is not positive"),
        ({"weight": at(-1)}, "person '4' weight is not positive"),
        ({"follow_up": at(-2)}, "person '4' the end of follow-up is before entry"),
        ({"entry": at(np.nan)}, "person '4' entry is missing"),
        ({"outcomes": {}}, "there is no outcome"),
        ({"outcomes": {"rearrest": at(np.nan)}}, "person '4' rearrest is missing"),
        ({"outcomes": {"days": Outcome.of(at(-1), "days")}}, "person '4' days is negative"),
        ({"outcomes": {"days": Outcome.of(at(401), "days")}}, "more than the days of follow-up"),
        ({"outcomes": {"n": Outcome.of(at(1.5), "count")}}, "person '4' n is not a whole number"),
        ({"outcomes": {"r": Outcome.of(at(2), "binary")}}, "person '4' r must be 0 or 1"),
        (timed(at(-3)), "person '4' arrest is before entry"),
        (timed(at(401)), "person '4' arrest is after the end of follow-up"),
        (timed(at(5), at(-1)), "person '4' the cause of arrest is not 0, 1, 2"),
        (timed(at(5), at(0.5)), "person '4' the cause of arrest is not 0, 1, 2"),
        ({"outcomes": {"arrest": Outcome("time", np.ones(N))}}, "needs a cause a person"),
        ({"history": np.ones(N)}, "a row a person and a column a window"),
        ({"history": np.column_stack([at(1), at(-1)])}, "person '4' history is not a count"),
        ({"completed": at(3)}, "person '4' completed must be 0 or 1"),
    ],
)
def test_refuses(change: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        People.from_arrays(**given(**change))


def test_how_many_more_are_at_fault_is_told() -> None:
    with pytest.raises(DataError, match=r"person '1' \(and of 11 more\) weight"):
        People.from_arrays(**given(weight=[0.0] * N))


def test_an_event_by_some_day_counts_competing_events_as_none() -> None:
    time = [10.0, 50.0, 100.0, 400.0] * 3
    people = People.from_arrays(**given(**timed(time, [1.0, 2.0, 1.0, 0.0] * 3)))
    within = people.by_day("arrest", 60)
    assert within.outcome("arrest within 60 days").values.tolist() == [1, 0, 0, 0] * 3
    assert people.by_day("arrest", 100, name="a").outcome("a").values.tolist() == [1, 0, 1, 0] * 3
    with pytest.raises(DataError, match="fewer than 10 of 12 people were not followed for"):
        people.by_day("arrest", 401)
    with pytest.raises(DataError, match="no outcome 'theft'; there are arrest"):
        people.by_day("theft", 10)
    with pytest.raises(FitError, match=r"people\.by_day"):
        estimate(people, outcome="arrest")


def test_a_part_keeps_every_column() -> None:
    people = People.from_arrays(
        **given(
            history=np.arange(2.0 * N).reshape(N, 2), completed=[1] * N, weight=np.arange(1, 13)
        )
    )
    part = people.only(np.arange(N)[::-1])
    assert part.ids[0] == "12"
    assert part.history is not None and part.history[0].tolist() == [22, 23]
    assert part.weight.mean() == pytest.approx(1)
    assert part.treated.tolist() == people.treated[::-1].tolist()
    assert part.outcome("rearrest").values[0] == 1


def test_nothing_given_is_changed() -> None:
    covariate = np.arange(20.0, 20 + N)
    people = People.from_arrays(**given(covariates={"age": covariate}))
    people.covariates[:] = 0
    assert covariate[0] == 20


def test_what_a_mask_covers_is_missing() -> None:
    weight = np.ma.masked_array(np.ones(20), mask=np.arange(20) < 2)
    with pytest.raises(DataError, match="weight is missing"):
        People.from_arrays(
            np.tile([1.0, 0.0], 10),
            covariates={},
            outcomes={"y": np.tile([0.0, 0.0, 1.0, 1.0], 5)},
            weight=weight,
        )
