"""What a person gives: taken correctly, or a FitError that says what to do; nothing raw."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest

from evaluation.data.period import ordinal
from evaluation.errors import EvaluationError, FitError
from evaluation.its import Interruption, Pulse, Series, Specification, estimate, pooled

N, START, FIRST = 48, 24, "1998-03"
Y = np.random.default_rng(3).poisson(9, N).astype(float)
MONTHS = pd.period_range(FIRST, periods=N, freq="M")
PLAIN = Series.from_arrays(Y, start=START, first=FIRST)


def same(series: Series) -> bool:
    return (
        np.array_equal(series.y, PLAIN.y)
        and np.array_equal(series.x, PLAIN.x)
        and series.periods == PLAIN.periods
    )


COLUMNS: dict[str, Any] = {
    "list": list(Y),
    "whole numbers": Y.astype(int),
    "column": pd.Series(Y),
    "column of a nullable type": pd.Series(Y, dtype="Int64"),
    "objects": np.array(list(Y), dtype=object),
    "periods": pd.Series(Y, index=MONTHS),
    "first days": pd.Series(Y, index=MONTHS.to_timestamp()),
    "last days": pd.Series(Y, index=MONTHS.to_timestamp(how="end")),
    "written periods": pd.Series(Y, index=MONTHS.astype(str)),
    "dates": pd.Series(Y, index=[day.date() for day in MONTHS.to_timestamp()]),
    "numbers that go on from another": pd.Series(Y, index=np.arange(N) + 700),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_the_same_outcome_however_it_is_written_is_the_same_series(name):
    assert same(Series.from_arrays(COLUMNS[name], start=START, first=FIRST))


@pytest.mark.parametrize("name", [n for n in COLUMNS if "periods" in n or "da" in n])
def test_the_index_tells_the_first_period_and_the_start_may_be_a_period(name):
    assert same(Series.from_arrays(COLUMNS[name], start=START))
    assert same(Series.from_arrays(COLUMNS[name], start="2000-03"))
    assert same(Series.from_arrays(COLUMNS[name], start=pd.Period("2000-03", "M")))
    with pytest.raises(FitError, match="begins with 1998-03"):
        Series.from_arrays(COLUMNS[name], start=START, first="1998-04")


def test_an_exposure_in_another_order_is_put_in_that_of_the_outcome():
    population = pd.Series(np.linspace(1e5, 2e5, N), index=MONTHS)
    plain = Series.from_arrays(Y, start=START, first=FIRST, exposure=population.to_numpy())
    for mixed in (population.sample(frac=1, random_state=1), population[::-1]):
        for outcome in (Y, pd.Series(Y, index=MONTHS)):
            made = Series.from_arrays(outcome, start=START, first=FIRST, exposure=mixed)
            assert np.array_equal(made.exposure, plain.exposure)
        table = pd.DataFrame({"c": mixed})
        terms = Specification(covariates=("c",))
        series = Series.from_arrays(
            pd.Series(Y, index=MONTHS), start=START, specification=terms, covariates=table
        )
        assert np.array_equal(series.rows.covariates[:, 0], population.to_numpy())


def test_rows_by_number_are_put_in_order_by_number():
    frame = pd.DataFrame({"y": Y, "people": np.arange(N) + 1.0}, index=np.arange(N) + 12)
    made = Series.from_arrays(frame["y"], start=START, exposure=frame["people"][::-1])
    assert np.array_equal(made.exposure, frame["people"])


DAYS = pd.date_range("1998-03-01", periods=N, freq="D")
WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "a table": ({"y": pd.DataFrame({"y": Y})}, "one column of it"),
    "a text": ({"y": "123"}, "a list, an array"),
    "a number": ({"y": 3}, "a list, an array"),
    "nothing": ({"y": None}, "not nothing"),
    "a mapping": ({"y": {"a": 1}}, "a list, an array"),
    "a generator": ({"y": (v for v in Y)}, "a list, an array"),
    "texts": ({"y": [str(v) for v in Y]}, "text"),
    "texts among objects": ({"y": np.array([*Y[:-1], "x"], dtype=object)}, "'x'"),
    "dates": ({"y": DAYS.to_numpy()}, "dates"),
    "complex numbers": ({"y": Y + 1j}, "no plain numbers"),
    "rows of different length": ({"y": [[1, 2], [3]]}, "differ in length|no number|one number"),
    "masked": ({"y": np.ma.masked_equal(Y, Y[3])}, "missing"),
    "None among numbers": ({"y": [*Y[:-1], None]}, "missing"),
    "NA": ({"y": pd.Series([*Y[:-1].astype(int), None], dtype="Int64")}, "missing"),
    "unsorted": ({"y": pd.Series(Y, index=MONTHS)[::-1]}, "order of time"),
    "sorted by size": ({"y": pd.Series(Y).sort_values()}, "order of time"),
    "a month dropped": ({"y": pd.Series(Y, index=MONTHS).drop(MONTHS[9])}, "no row for 1998-12"),
    "a row dropped": ({"y": pd.Series(Y).drop(9)}, "no row for 9"),
    "a month twice": ({"y": pd.Series(Y, index=MONTHS[[0, *range(N - 1)]])}, "more than once"),
    "days": ({"y": pd.Series(Y, index=DAYS)}, "more than once"),
    "periods that are days": ({"y": pd.Series(Y, index=DAYS.to_period("D"))}, "is a day inside a"),
    "quarters as months": (
        {"y": pd.Series(Y, index=pd.period_range("1998Q1", periods=N, freq="Q"))},
        "is a quarter",
    ),
    "months as quarters": (
        {"y": pd.Series(Y, index=MONTHS), "frequency": "quarter"},
        "is a month",
    ),
    "units as index": ({"y": pd.Series(Y, index=[f"beat {i}" for i in range(N)])}, "not a month"),
    "two levels": (
        {"y": pd.Series(Y, index=pd.MultiIndex.from_product([["a"], range(N)]))},
        "several levels",
    ),
    "no time": ({"y": pd.Series(Y, index=[*MONTHS[:-1], pd.NaT])}, "no month|not a month"),
    "start after the end": ({"start": N}, "does not lie inside"),
    "start below nought": ({"start": -1}, "does not lie inside"),
    "start in halves": ({"start": 24.5}, "counted from 0"),
    "start as a float": ({"start": 24.0}, "counted from 0"),
    "start true": ({"start": True}, "counted from 0"),
    "start beyond everything": ({"start": 10**30}, "beyond any calendar"),
    "start nothing": ({"start": None}, "counted from 0"),
    "start a date inside": ({"start": datetime.date(2000, 3, 2)}, "write '2000-03' for the month"),
    "start a period without a first": ({"start": "2000-03", "first": None}, "give first"),
    "start another text": ({"start": "soon"}, "not a month"),
    "start of another frequency": ({"start": "2000-Q1"}, "is a quarter"),
    "first a number": ({"first": 1998}, "written like"),
    "first another text": ({"first": "March 1998"}, "not a month"),
    "kind of a panel": ({"kind": "number"}, "count, continuous"),
    "kind a list": ({"kind": ["count"]}, "count, continuous"),
    "frequency unknown": ({"frequency": "hour"}, "month, quarter, year, week, day"),
    "exposure too short": ({"exposure": Y[:-1] + 1}, "as long as the outcome"),
    "exposure a number": ({"exposure": 1e5}, "a list, an array"),
    "exposure of other periods": (
        {"exposure": pd.Series(Y + 1, index=MONTHS + 1)},
        "no row for 1998-03",
    ),
    "exposure with periods of no one": (
        {"exposure": pd.Series(Y + 1, index=MONTHS), "first": None},
        "give first",
    ),
    "exposure a month twice": (
        {"exposure": pd.Series(Y + 1, index=MONTHS[[0, *range(N - 1)]])},
        "more than once",
    ),
    "exposure unsorted": ({"exposure": pd.Series(Y + 1).sort_values()}, "order of time"),
    "exposure a table": ({"exposure": pd.DataFrame({"a": Y})}, "one column of it"),
    "dose a text": ({"dose": "much"}, "a list, an array"),
    "covariates a list": ({"covariates": [Y]}, "columns by name"),
    "covariates an array": ({"covariates": np.ones((N, 2))}, "columns by name"),
    "covariates named by numbers": ({"covariates": {0: Y}}, "named by a text"),
    "a covariate of one number": ({"covariates": {"c": 3.0}}, "a list, an array"),
    "a short covariate": ({"covariates": {"c": Y[:5]}}, "as long as"),
    "specification a mapping": ({"specification": {"trend": "none"}}, "Specification"),
    "later not in a list": ({"later": Interruption("x", 24_000)}, "a list of Interruption"),
    "later as periods": ({"later": ["2001-01"]}, "a list of Interruption"),
    "pulses as periods": ({"pulses": ("2001-01",)}, "a list of Pulse"),
    "name a number": ({"name": 3}, "name must be a text"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_taken_says_what_to_do(case):
    given, word = WRONG[case]
    arguments = {"y": Y, "start": START, "first": FIRST, **given}
    if any(key in ("y", "frequency") for key in given):
        arguments.pop("first")
    with pytest.raises(FitError, match=word):
        Series.from_arrays(arguments.pop("y"), **arguments)


ARGUMENTS = ("y", "start", "exposure", "first", "frequency", "kind", "specification")
ARGUMENTS += ("covariates", "dose", "later", "pulses", "name")
STRANGE: dict[str, Any] = {
    "None": None,
    "nan": float("nan"),
    "a text": "1983-02",
    "an empty text": "",
    "a list of texts": ["a"] * N,
    "no numbers": [],
    "NaN array": np.full(N, np.nan),
    "objects": np.array([object()] * N),
    "two dimensions": np.ones((N, 2)),
    "no dimension": np.array(3.0),
    "a table": pd.DataFrame({"a": Y, "b": Y}),
    "an index": MONTHS,
    "a column of texts": pd.Series(["a"] * N),
    "categories": pd.Series(["a"] * N, dtype="category"),
    "a mapping": {"a": 1},
    "a set": {1, 2},
    "a function": len,
    "a date": datetime.datetime(2000, 1, 1),
    "bytes": b"abc",
    "a class": Series,
    "infinite": np.inf,
    "a big number": 10**30,
}


@pytest.mark.parametrize("argument", ARGUMENTS)
@pytest.mark.parametrize("strange", STRANGE)
def test_no_argument_of_another_type_ends_in_a_traceback(argument, strange):
    given = {"y": Y, "start": START, "first": FIRST, argument: STRANGE[strange]}
    try:
        series = Series.from_arrays(given.pop("y"), **given)
        estimate(series, "quasi-poisson")
    except EvaluationError as fault:
        assert len(str(fault).split()) > 4


@pytest.mark.parametrize(
    "terms",
    [
        {"covariates": "poverty"},
        {"covariates": ("a", "a")},
        {"covariates": (1,)},
        {"offset": "yes"},
        {"harmonics": "2"},
        {"harmonics": 1.5},
        {"phase_in": True},
        {"washout": None},
        {"half_life": "long"},
        {"half_life": float("nan")},
        {"half_life": float("inf")},
        {"trend": None},
        {"effect": ["level"]},
    ],
)
def test_a_term_of_another_type_is_refused(terms):
    with pytest.raises(FitError):
        Specification(**terms)


def test_a_later_change_or_event_by_a_text_says_how_to_write_it():
    for make in (lambda: Interruption("x", "2001-01"), lambda: Pulse("x", "2001-01")):
        with pytest.raises(FitError, match="ordinal"):
            make()
    with pytest.raises(FitError, match="one period or more"):
        Pulse("x", 24_000, 0)


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"lag": "three"}, "whole number"),
        ({"lag": 2.5}, "whole number"),
        ({"lag": True}, "whole number"),
        ({"lag": -1}, "does not fit"),
        ({"lag": N}, "does not fit"),
        (["lag"], "settings"),
    ],
)
def test_a_setting_that_cannot_be_is_refused(options, word):
    with pytest.raises(FitError, match=word):
        estimate(PLAIN, "newey-west", options=options)


def test_an_unknown_method_of_any_type_names_the_known_ones():
    for name in ("arma", 3, ["poisson"]):
        with pytest.raises(FitError, match="averaged-reml"):
            estimate(PLAIN, name)
    with pytest.raises(FitError, match="from_arrays"):
        estimate(Y)


def test_series_that_do_not_go_together_are_refused():
    with pytest.raises(FitError, match="a Series"):
        PLAIN.beside(Y)
    other = Series.from_arrays(Y, start=START, specification=Specification(trend="none"))
    with pytest.raises(FitError, match="same specification"):
        PLAIN.beside(other)
    changed = Series.from_arrays(Y, start=START, pulses=(Pulse("x", 24_010),))
    with pytest.raises(FitError, match="later changes or events"):
        PLAIN.beside(changed)
    for given, word in (([], "no series"), ([PLAIN, other], "terms|periods")):
        with pytest.raises(FitError, match=word):
            pooled(given)
    with_people = Series.from_arrays(Y, start=START, first=FIRST, exposure=Y + 1)
    with pytest.raises(FitError, match="has an exposure or none"):
        pooled([PLAIN, with_people])
    for weights in ([1.0, np.nan], "ab", [1.0]):
        with pytest.raises(FitError, match="weights"):
            pooled([PLAIN, PLAIN], weights)


def test_an_outcome_given_is_copied_so_that_a_later_change_does_not_reach_it():
    given = Y.copy()
    series = Series.from_arrays(given, start=START)
    given[:] = 0
    assert series.y.sum() == Y.sum()


@pytest.mark.parametrize("name", ["level", "trend", "sine 1", "intercept", "pulse: storm"])
def test_a_covariate_called_like_a_term_of_the_model_is_refused(name):
    with pytest.raises(FitError, match=f"two terms of the model are called '{name}'"):
        Series.from_arrays(
            Y,
            start=START,
            first=FIRST,
            covariates={name: np.cos(np.arange(N) ** 2)},
            specification=Specification(covariates=(name,)),
            pulses=[Pulse("storm", ordinal(FIRST, "month") + 3)],
        )


def test_covariates_of_a_table_that_keeps_its_names_apart_are_read():
    pyarrow = pytest.importorskip("pyarrow")
    column = np.cos(np.arange(N) ** 2)
    terms = Specification(covariates=("poverty",))
    given = {"start": START, "first": FIRST, "specification": terms}
    table = pyarrow.table({"poverty": column})
    series = Series.from_arrays(Y, covariates=table, **given)
    same = Series.from_arrays(Y, covariates={"poverty": column}, **given)
    assert np.array_equal(series.x, same.x)


@pytest.mark.parametrize("ends", [("a", 30), (0, 30.5), (None, 30), (0, "2000-01")])
def test_a_window_of_another_type_is_refused(ends):
    with pytest.raises(FitError, match="must be a whole number"):
        PLAIN.between(*ends)
    with pytest.raises(FitError, match="must be a whole number"):
        PLAIN.between(0, 30, start="2000-01")
