"""What a notebook may give to `Cohorts.from_arrays`: taken as meant, or refused in words."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from evaluation.data.read import read_panel
from evaluation.did import NEVER, Cohorts, always_beside, default, estimate
from evaluation.errors import EvaluationError, FitError

Y = np.random.default_rng(1).normal(10, 1, (4, 6))
FIRST = [3.0, NEVER, NEVER, NEVER]
NAMES = list("ABCD")
MONTHS = pd.period_range("2001-01", periods=6, freq="M")
TABLE = pd.DataFrame(Y, index=NAMES, columns=MONTHS)
STARTS = pd.Series(FIRST, index=NAMES)
REVERSED = [3, 2, 1, 0]


def plain() -> Cohorts:
    return Cohorts.from_arrays(Y, FIRST, units=NAMES, first="2001-01")


def same(one: Cohorts, other: Cohorts) -> bool:
    fields = ("y", "first", "covariates", "cluster", "weight")
    equal = all(np.array_equal(getattr(one, field), getattr(other, field)) for field in fields)
    return equal and (one.units, one.periods) == (other.units, other.periods)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Cohorts.from_arrays(TABLE, STARTS),
        lambda: Cohorts.from_arrays(TABLE, STARTS.iloc[REVERSED]),
        lambda: Cohorts.from_arrays(TABLE.iloc[:, [*REVERSED, 5, 4]], STARTS),
        lambda: Cohorts.from_arrays(TABLE, FIRST, units=TABLE.index),
        lambda: Cohorts.from_arrays(Y, STARTS.iloc[REVERSED], units=TABLE.index, first="2001-01"),
        lambda: Cohorts.from_arrays(Y.tolist(), FIRST, units=NAMES, first=date(2001, 1, 1)),
        lambda: Cohorts.from_arrays(TABLE, ["2001-04", "", None, float("nan")]),
        lambda: Cohorts.from_arrays(
            TABLE, pd.Series(pd.to_datetime(["2001-04-01", None, None, None]), index=NAMES)
        ),
        lambda: Cohorts.from_arrays(
            TABLE, np.ma.array([3, 1, 1, 1], mask=[False, True, True, True])
        ),
        lambda: Cohorts.from_arrays(TABLE.astype("Float64"), STARTS.astype("Float64")),
        lambda: Cohorts.from_arrays(TABLE, [3, 6, 7, 99]),
    ],
)
def test_the_same_panel_however_it_is_written(make):
    assert same(make(), plain())


def test_tables_beside_the_outcomes_are_matched_by_their_labels():
    other = TABLE.iloc[REVERSED]
    found = Cohorts.from_arrays(
        TABLE,
        STARTS,
        exposure=other.iloc[:, ::-1],
        offset=True,
        covariates=pd.DataFrame({"poverty": [4, 3, 2, 1]}, index=NAMES[::-1]),
        cluster=pd.Series(["y", "y", "x", "x"], index=NAMES[::-1], dtype="category"),
        weight=pd.Series([4.0, 3, 2, 1], index=NAMES[::-1]),
    )
    assert np.array_equal(found.exposure, Y)
    assert found.covariates.ravel().tolist() == found.weight.tolist() == [1, 2, 3, 4]
    assert found.cluster.tolist() == [0, 0, 1, 1]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"start": pd.Series(FIRST, index=list("ABCX"))}, "'X', which is no unit"),
        ({"start": [3, 0, 0, 0]}, "treated in every period .*numbered from 0.*infinity"),
        ({"start": [3, -1, -1, -1]}, "numbered from 0.*infinity"),
        ({"start": [2004, NEVER, NEVER, NEVER]}, "write a calendar period as text"),
        ({"start": ["2000-12", "", "", ""]}, "treated in every period"),
        ({"y": TABLE.drop(columns=MONTHS[2])}, "no column for 2001-03"),
        ({"y": TABLE.set_axis(["2001-01", *MONTHS[:5]], axis=1)}, "two columns for 2001-01"),
        ({"y": TABLE.assign(when=1.0)}, "'when' is not a month"),
        ({"y": TABLE.set_axis(list("AABC"))}, "'A' twice"),
        ({"y": np.ma.masked_greater(Y, 11), "start": FIRST}, "has no outcome"),
        ({"y": Y, "start": pd.Series(FIRST)[REVERSED]}, "an index of its own"),
        ({"exposure": TABLE.rename(columns={MONTHS[0]: "x"}), "offset": True}, "not the periods"),
        ({"offset": True}, "none is given"),
        ({"cluster": [1, 2, np.nan, 3]}, "C has no cluster"),
        ({"cluster": ["a", None, "b", "c"]}, "B has no cluster"),
        ({"covariates": {"poverty": [1, 2, np.nan, 3]}}, "'poverty' of C is missing"),
        ({"covariates": {"poverty": Y}}, "one value a unit"),
        ({"covariates": {"poverty": list("abcd")}}, "must be numbers"),
        ({"units": "ABCD"}, "a list of 4 names"),
        ({"first": "2002-01"}, "leave first out"),
        ({"y": Y, "first": "1983-02", "frequency": "year"}, "is a month, but the frequency"),
        ({"frequency": "M"}, "frequency is 'M'"),
        ({"kind": "number"}, '"continuous" for any other number'),
        ({"y": Y * 1e80, "start": FIRST}, "too large"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_what_to_do(change, words):
    given: dict[str, Any] = {"y": TABLE, "start": STARTS} | change
    with pytest.raises(FitError, match=words):
        Cohorts.from_arrays(**given)


WRONG: list[Any] = [
    object(),
    "text",
    b"text",
    3.5,
    True,
    {"a": 1},
    {1, 2},
    [1, 2],
    [[1, 2], [3]],
    list("wxyz"),
    [None, [1], "a", 2],
    [True, False, False, True],
    np.array(["2001-01-01"] * 4, dtype="datetime64[D]"),
    np.ones((2, 2, 2)),
    np.full((4, 6), "a"),
    np.full(4, 1j),
    pd.Series([1, 2, 3, 4], index=[9, 8, 7, 6]),
    pd.DataFrame({"a": list("wxyz")}),
    pd.Series(pd.to_datetime(["2001-01-01"] * 4)),
    (number for number in range(4)),
    lambda: 4,
]
PARAMETERS = (
    "y",
    "start",
    "exposure",
    "offset",
    "covariates",
    "cluster",
    "weight",
    "units",
    "first",
    "frequency",
    "kind",
)


@pytest.mark.parametrize("parameter", PARAMETERS)
@pytest.mark.parametrize("value", WRONG, ids=lambda value: type(value).__name__)
def test_no_other_error_leaves_for_a_value_of_another_type(parameter, value):
    given: dict[str, Any] = {"y": np.abs(Y), "start": FIRST, "kind": "count"} | {parameter: value}
    try:
        found = Cohorts.from_arrays(**given)
    except EvaluationError as fault:
        assert len(str(fault)) > 15
        return
    # What is taken can be used: numbers, one a unit, and names.
    assert np.isfinite(found.weight).all() and np.isfinite(found.covariates).all()
    assert found.cluster.dtype.kind == "i" and len(set(found.units)) == 4


def test_an_exposure_divides_counts_and_no_other_number_unless_asked():
    exposure = np.exp(np.random.default_rng(2).normal(size=Y.shape))
    counts, means = (
        Cohorts.from_arrays(np.round(Y), FIRST, exposure=exposure, kind=kind)
        for kind in ("count", "continuous")
    )
    assert counts.exposure is not None and counts.notes == ()
    assert means.exposure is None and "the exposure is not used" in str(means.notes[0])
    asked = Cohorts.from_arrays(Y, FIRST, exposure=exposure, offset=True)
    assert np.array_equal(asked.exposure, exposure) and asked.notes == ()
    off = Cohorts.from_arrays(np.round(Y), FIRST, exposure=exposure, offset=False, kind="count")
    assert off.exposure is None and "as asked" in str(off.notes[0])


DESCRIPTION = """\
name = "Means in four cities"
file = "cities.csv"
frequency = "year"
key = ["city", "year"]
source = "Invented for a test"
licence = "CC0"
sensitivity = "synthetic"
columns.city = { role = "unit", type = "text" }
columns.year = { role = "period", type = "period" }
columns.minutes = { role = "outcome", type = "number", measure = "minutes" }
columns.people = { role = "exposure", type = "number", measure = "residents" }
columns.poverty = { role = "covariate", type = "number", measure = "percent" }
columns.coast = { role = "covariate", type = "number", measure = "1 or 0" }
"""


def test_a_panel_tells_of_covariates_that_change_and_of_an_exposure_not_used(tmp_path):
    rows = ["city,year,minutes,people,poverty,coast"]
    for place, city in enumerate(NAMES):
        rows += [
            f"{city},{2010 + t},{10 + place + t % 2},{1000 + 100 * t},{20 - t},{place % 2}"
            for t in range(6)
        ]
    (tmp_path / "cities.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    (tmp_path / "cities.dataset.toml").write_text(DESCRIPTION, encoding="utf-8")
    panel = read_panel(tmp_path / "cities.csv", tmp_path)

    def made(**options: Any) -> Cohorts:
        return Cohorts.from_panel(panel, outcome="minutes", **options)

    found = made(starts={"A": "2013"}, covariates=("poverty", "coast"))
    assert found.exposure is None
    assert tuple(map(str, found.notes)) == (
        "the exposure is not used: a number that is no count is not divided by it",
        "poverty changes over time; only its values of 2010 are used",
    )
    asked = made(starts={"A": "2013"}, offset=True)
    assert asked.exposure is not None and asked.notes == ()
    for options, words in (
        ({"starts": {"A": "2013-05"}}, "the start of A: .* is a month"),
        ({"starts": {"A": "2013"}, "window": ("2010-13", "2015")}, "the window: "),
        ({"starts": {"A": "2013"}, "offset": "yes"}, "offset is 'yes'"),
    ):
        with pytest.raises(EvaluationError, match=words):
            made(**options)


@pytest.mark.parametrize(
    ("one", "other"), [("Beat 1", "beat 1"), ("a", "a "), ("a", "a\u200b"), ("12", "12.0")]
)
def test_two_spellings_of_one_name_are_refused_never_two_units_or_clusters(one, other):
    with pytest.raises(FitError, match=r"the units .* differ only in"):
        Cohorts.from_arrays(Y, FIRST, units=[one, other, "C", "D"])
    with pytest.raises(FitError, match=r"the clusters .* differ only in"):
        Cohorts.from_arrays(Y, FIRST, cluster=[one, other, "C", "C"])
    with pytest.raises(FitError, match=r"the units .* differ only in"):
        Cohorts.from_arrays(TABLE.set_axis([one, other, "C", "D"]), FIRST)


def test_leading_zeros_tell_clusters_apart():
    cohorts = Cohorts.from_arrays(Y, FIRST, cluster=["012", "12", "12", "7"])
    assert len(set(cohorts.cluster.tolist())) == 3


def test_names_that_would_move_rows_are_refused_and_new_names_are_taken():
    with pytest.raises(FitError, match="units calls row 0 'D'"):
        Cohorts.from_arrays(TABLE, STARTS, units=NAMES[::-1])
    assert Cohorts.from_arrays(TABLE, STARTS, units=TABLE.index).units == tuple(NAMES)
    assert Cohorts.from_arrays(TABLE, STARTS, units=list("abxy")).units == tuple("abxy")


@pytest.mark.parametrize("start", ["2001-04", "2000-04", date(2001, 4, 1)])
def test_a_start_in_the_calendar_needs_a_first_period(start):
    with pytest.raises(FitError, match="nothing says which period the outcomes begin with"):
        Cohorts.from_arrays(Y, [start, None, None, None])


def test_tables_of_another_library_are_refused_before_their_columns_are_lost():
    pyarrow = pytest.importorskip("pyarrow")
    columns = {str(month): Y[:, at] for at, month in enumerate(MONTHS)}
    with pytest.raises(FitError, match=r"give a table of pandas"):
        Cohorts.from_arrays(pyarrow.table(columns), FIRST)
    with pytest.raises(FitError, match=r"give a table of pandas"):
        Cohorts.from_arrays(Y, FIRST, kind="count", exposure=pyarrow.table(columns))


@pytest.mark.parametrize(
    "part",
    [
        lambda panel: panel.keeping([99]),
        lambda panel: panel.keeping([]),
        lambda panel: panel.keeping(["A"]),
        lambda panel: panel.keeping([-1]),
        lambda panel: panel.without(4),
        lambda panel: panel.between("2001-01", 3),
        lambda panel: panel.between(-3, 4),
        lambda panel: panel.between(0, 40),
        lambda panel: panel.pretending(np.array([1])),
        lambda panel: panel.pretending(["2001-03"] * 4),
        lambda panel: estimate(panel.y),
        lambda panel: default(panel.y),
        lambda panel: always_beside(panel.y, "twfe"),
        lambda panel: estimate(panel, ["twfe"]),
    ],
)
def test_a_part_of_a_panel_that_is_not_there_is_refused(part):
    with pytest.raises(FitError):
        part(plain())


@pytest.mark.parametrize(
    ("columns", "first", "begins"),
    [
        (pd.period_range("2012-10-18", periods=6, freq="W-WED"), "2012-W43-4", "2012-W42-4"),
        (pd.date_range("2012-10-18", periods=6, freq="7D"), date(2012, 10, 26), "2012-W42-4"),
        (pd.date_range("2012-10-15", periods=6, freq="7D"), "2012-W43", "2012-W42"),
        (["2012-W52", *(f"2013-W0{k}" for k in range(1, 6))], "2013-W01", "2012-W52"),
    ],
)
def test_columns_may_be_weeks(columns: Any, first: Any, begins: str) -> None:
    table = pd.DataFrame(Y, index=NAMES, columns=columns)
    starts = pd.Series([first, None, None, None], index=NAMES, dtype=object)
    cohorts = Cohorts.from_arrays(table, starts, frequency="week")
    assert cohorts.periods[0] == begins
    assert cohorts.first.tolist() == [1.0, NEVER, NEVER, NEVER]
