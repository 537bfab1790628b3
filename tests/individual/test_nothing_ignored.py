"""Each thing a user can give is in the answer, is refused, or is named as not in it; and numbers
that cannot be solved are told as such."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from people_worlds import N, events_of, ways, world

from evaluation.effect import Effect
from evaluation.errors import DataError, EvaluationError, FitError
from evaluation.individual import (
    METHODS,
    estimate,
    incidence,
    not_yet_called,
    survival,
)
from evaluation.individual.not_yet_called import Calls
from evaluation.individual.people import Outcome, People

NAMES = [name for name, _ in ways(world())]
ROWS = np.arange(N)
GIVEN: dict[str, Any] = {
    "weight": 1.0 + (ROWS % 7 == 0),
    "cluster": ROWS // 4,
    "entry": 15_000.0 + ROWS,
    "decided": np.where(ROWS % 2 == 0, 100.0, np.nan),
    "completed": (ROWS % 4 == 0).astype(float),
    "invited": (ROWS % 4 != 3).astype(float),
    "history": np.column_stack([ROWS % 3, ROWS % 2, ROWS % 5]),
}


def numbers(found: Effect) -> tuple[object, ...]:
    return (found.estimate, found.std_error, found.df, found.objection)


@pytest.mark.parametrize("given", list(GIVEN))
@pytest.mark.parametrize("name", NAMES)
def test_each_thing_given_is_in_the_answer_refused_or_named(name: str, given: str) -> None:
    before = dict(ways(world()))[name]()
    people = world(**{given: GIVEN[given]})
    try:
        after = dict(ways(people))[name]()
    except EvaluationError:
        return
    if given == "completed":
        # Only completers among the treated is what it is looked at for.
        people = world(completed=people.treated)
        after = dict(ways(people))[name]()
    named = any(f"({given})" in str(note) for note in after.notes)
    assert numbers(before) != numbers(after) or named


def test_settings_that_would_change_nothing_are_refused() -> None:
    people = world()
    for options in ({"trim": "crump"}, {"model": "boosting"}):
        with pytest.raises(FitError, match="leave out"):
            METHODS["weighted-regression"].set_to({"weights": "given", **options}).fit(
                people, "days"
            )
    for fit in (survival.cox, survival.fine_gray):
        with pytest.raises(FitError, match="leave out trim"):
            fit(people, "arrest", weights="given", trim="crump")
    with pytest.raises(FitError, match="ties are efron or breslow, not 'exact'"):
        survival.cox(people, "arrest", ties="exact")
    with pytest.raises(FitError, match="ties are efron or breslow, not 'exact'"):
        survival.andersen_gill(people, events_of(people), name="arrest", ties="exact")
    with pytest.raises(FitError, match="no estimand 'ATC'"):
        incidence.risk(people, "arrest", day=365, estimand="ATC")
    with pytest.raises(FitError, match="no measure 'odds'"):
        estimate(people, outcome="rearrest", measure="odds")
    with pytest.raises(FitError, match="lowest and highest probability"):
        incidence.risk(people, "arrest", day=365, trim="ab")
    with pytest.raises(FitError, match="must be after entry"):
        survival.cox(people, "arrest", horizon=-1)


# Everything that is told of a span after entry.
BY_A_DAY: dict[str, Callable[[People, Any], object]] = {
    "risk": lambda people, day: incidence.risk(people, "arrest", day=day),
    "time-free": lambda people, day: incidence.time_free(people, "arrest", day=day),
    "left-early": lambda people, day: incidence.left_early(people, "arrest", day=day),
    "by_day": lambda people, day: people.by_day("arrest", day),
    "cox": lambda people, day: survival.cox(people, "arrest", horizon=day),
    "fine-gray": lambda people, day: survival.fine_gray(people, "arrest", horizon=day),
    "andersen-gill": lambda people, day: survival.andersen_gill(
        people, events_of(people), name="arrest", horizon=day
    ),
    "not-yet-called": lambda people, day: not_yet_called.estimate(called(), horizon=day),
}


def called() -> Calls:
    start = np.zeros(N)
    draw = np.random.default_rng(5)
    at = np.where(ROWS % 2 == 0, 1.0 + ROWS // 60, np.nan)
    events = [np.sort(draw.uniform(-300, 400, 1 + row % 4)) for row in ROWS]
    return Calls.from_arrays(at, events, start=start, end=np.full(N, 700.0))


@pytest.mark.parametrize("day", [9999.0, np.inf, -1, 0, np.nan, "365", True, [365]])
@pytest.mark.parametrize("name", list(BY_A_DAY))
def test_nothing_is_told_within_a_span_that_nobody_was_followed_for(name: str, day: Any) -> None:
    """ "Within 9999 days" of people followed for 700 was printed of every ratio of hazards."""
    BY_A_DAY[name](world(), 365)
    with pytest.raises(EvaluationError, match=r"followed for|must be after entry"):
        BY_A_DAY[name](world(), day)


def test_a_day_that_is_tied_with_the_end_of_follow_up_is_within_it() -> None:
    time = np.where(ROWS % 4 < 2, 0.3, 0.1)
    given = world(outcomes={"arrest": Outcome.of_time(time, (ROWS % 5 < 2) & (time < 0.3))})
    exact = incidence.risk(given, "arrest", day=0.3)
    assert incidence.risk(given, "arrest", day=0.1 + 0.2).estimate == exact.estimate


def test_a_ratio_of_hazards_without_any_chance_in_it_is_no_estimate() -> None:
    """All who are still there have the event on one day: the ratio was 1, give or take 1e-15."""
    cause = np.where(ROWS % 10 < 8, 1, 0)
    time = np.where(cause == 1, 100.0, 50.0)
    given = world(outcomes={"arrest": Outcome.of_time(time, cause)})
    for weights in ("propensity", "given"):
        with pytest.raises(FitError, match="no standard error"):
            survival.cox(given, "arrest", weights=weights)


def test_a_column_that_says_nothing_is_named_and_not_counted() -> None:
    """ "Column 12 of the design" was said of people without events before."""
    given = called()
    fresh = replace(given, events=tuple(own[own > 9] for own in given.events))
    with pytest.raises(FitError, match=r"events in the year before.*history=False"):
        not_yet_called.estimate(fresh)
    assert not_yet_called.estimate(fresh, history=False).std_error > 0
    same = replace(given, covariates=np.ones((N, 1)), covariate_names=("city",))
    with pytest.raises(FitError, match=r"'city' does not vary.*leave it out"):
        not_yet_called.estimate(same)


def test_no_p_is_told_as_nought() -> None:
    draw = np.random.default_rng(4)
    time = np.ceil(np.minimum(draw.exponential(np.where(ROWS % 2 == 0, 400, 20)), 700))
    given = world(outcomes={"arrest": Outcome.of_time(time, np.ones(N))})
    assert "p below 0.001" in str(incidence.same_curves(given, "arrest").says)


def awkward() -> dict[str, People]:
    given = world()
    time = given.outcome("arrest")
    assert time.cause is not None
    near = time.values + np.where(ROWS % 3 == 0, 3e-13, 0.0) * time.values
    zero = {
        "rearrest": Outcome("binary", np.zeros(N)),
        "days": Outcome("days", np.zeros(N)),
        "arrest": Outcome("time", time.values, np.zeros(N, int)),
    }
    one = {
        "rearrest": Outcome("binary", (ROWS == 0).astype(float)),
        "days": Outcome("days", (ROWS == 1).astype(float)),
        "arrest": Outcome("time", time.values, (ROWS == 2).astype(int)),
    }
    same = {
        "rearrest": Outcome("binary", np.ones(N)),
        "days": Outcome("days", np.full(N, 7.1)),
        "arrest": Outcome("time", np.full(N, 365.0), np.ones(N, int)),
    }
    told = {
        "rearrest": Outcome("binary", given.treated.astype(float)),
        "days": Outcome("days", 5.0 * given.treated),
        "arrest": Outcome("time", np.where(given.treated, 10.0, 20.0), np.ones(N, int)),
    }
    small = {**given.outcomes, "days": Outcome("days", 1e-290 * given.outcome("days").values)}
    large = {**given.outcomes, "days": Outcome("number", 1e200 * given.outcome("days").values)}
    constant = np.full((N, 2), 3.3)
    return {
        "zero": replace(given, outcomes=zero),
        "one event": replace(given, outcomes=one),
        "constant": replace(given, outcomes=same),
        "told by treatment": replace(given, outcomes=told),
        "tiny": replace(given, outcomes=small),
        "huge": replace(given, outcomes=large),
        "near ties": replace(
            given,
            outcomes={**given.outcomes, "arrest": Outcome("time", near, time.cause)},
            follow_up=given.follow_up + 1,
        ),
        "same covariates": replace(given, covariates=constant),
        "one cluster": replace(given, cluster=np.zeros(N, int)),
        "no covariates": replace(given, covariates=np.zeros((N, 0)), covariate_names=()),
        "huge covariate": replace(given, covariates=given.covariates * 1e150),
    }


@pytest.mark.parametrize("case", list(awkward()))
@pytest.mark.parametrize("name", NAMES)
def test_numbers_that_cannot_be_solved_are_an_effect_or_a_fault(name: str, case: str) -> None:
    try:
        found = dict(ways(awkward()[case]))[name]()
    except EvaluationError:
        return
    assert np.isfinite([found.estimate, found.low, found.high, found.p_value]).all()
    assert found.std_error > 0 and 0 <= found.p_value <= 1
    assert (
        (found.p_value < 0.05) == (found.low > 0 or found.high < 0) == found.percent.excludes_zero
    )


TIMED = ("risk", "free", "cox", "fine", "repeated")


@pytest.mark.parametrize("name", [one for one in NAMES if one.startswith(TIMED)])
def test_times_that_differ_by_rounding_are_tied(name: str) -> None:
    people = awkward()["near ties"]
    assert dict(ways(people))[name]().estimate == pytest.approx(
        dict(ways(world()))[name]().estimate, rel=1e-9
    )


PANDAS = pytest.importorskip("pandas")


def frame():
    pd = PANDAS
    draw = np.random.default_rng(5)
    return pd.DataFrame(
        {
            "treated": np.tile([1, 0], 20),
            "age": draw.normal(30, 5, 40),
            "rearrest": (draw.random(40) < 0.5).astype(int),
            "place": np.arange(40) // 2,
        },
        index=[f"p{i}" for i in range(40)],
    )


def test_columns_of_pandas_are_put_in_the_order_of_their_index() -> None:
    table = frame()
    mixed = table.sample(frac=1, random_state=2)
    plain = People.from_arrays(
        table.treated.to_numpy(),
        covariates={"age": table.age.to_numpy()},
        outcomes={"rearrest": table.rearrest.to_numpy()},
        cluster=table.place.to_numpy(),
    )
    given = People.from_arrays(
        table.treated,
        covariates=mixed[["age"]],
        outcomes={"rearrest": Outcome.of(mixed.rearrest, "binary")},
        cluster=mixed.place,
        ids=table.index,
    )
    assert given.ids == tuple(table.index)
    np.testing.assert_array_equal(given.covariates, plain.covariates)
    np.testing.assert_array_equal(
        given.outcome("rearrest").values, plain.outcome("rearrest").values
    )
    np.testing.assert_array_equal(given.cluster, plain.cluster)


@pytest.mark.parametrize(
    "change",
    [
        {"treated": ["yes", "no"] * 20},
        {"treated": "1010"},
        {"treated": 1},
        {"treated": None},
        {"covariates": {"age": ["old"] * 40}},
        {"covariates": {"age": [[1], [2, 3]] * 20}},
        {"covariates": {"age": 3}},
        {"covariates": np.ones((40, 2))},
        {"outcomes": {"rearrest": ["yes"] * 40}},
        {"outcomes": np.ones(40)},
        {"outcomes": {"rearrest": np.ones(39)}},
        {"cluster": [float("nan"), *range(39)]},
        {"cluster": 4},
        {"weight": ["heavy"] * 40},
        {"weight": [1 + 2j] * 40},
        {"ids": [None, *range(39)]},
        {"ids": ["a"] * 40},
        {"history": [[1, 2], [3]] * 20},
        {"history": [["a", "b"]] * 40},
        {"follow_up": ["long"] * 40},
        {"completed": ["True", "False"] * 20},
        {"entry": ["2012"] * 39},
        {"entry": np.array(["2012-01-01"] * 40, dtype="datetime64[D]"), "decided": np.ones(40)},
        {"covariates": {"born": np.array(["1990-01-01"] * 40, dtype="datetime64[D]")}},
    ],
)
def test_arrays_that_cannot_be_used_are_refused_with_what_to_do(change: dict[str, Any]) -> None:
    table = frame()
    good: dict[str, Any] = {
        "treated": table.treated,
        "covariates": {"age": table.age},
        "outcomes": {"rearrest": table.rearrest},
    }
    with pytest.raises(DataError):
        People.from_arrays(**(good | change))
    assert People.from_arrays(**good).n == 40


def test_dates_missing_cells_and_flags_are_taken_for_what_they_are() -> None:
    table = frame()
    days = PANDAS.to_datetime("2012-10-18") + PANDAS.to_timedelta(np.arange(40), unit="D")
    people = People.from_arrays(
        table.treated.astype(bool),
        covariates={"age": table.age.astype("Float64")},
        outcomes={"rearrest": table.rearrest.astype(object)},
        entry=days,
        decided=[day if flag else None for day, flag in zip(days, table.treated, strict=True)],
    )
    assert np.nanmax(people.decided - people.entry) == 0
    with pytest.raises(DataError, match="age is missing"):
        People.from_arrays(
            table.treated,
            covariates={"age": table.age.astype("Float64").where(table.age > 25)},
            outcomes={"rearrest": table.rearrest},
        )
