"""A series from a table: the same answer from every library, order and way of writing time."""

from __future__ import annotations

import csv
import datetime
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from evaluation import example, its
from evaluation.errors import EvaluationError

REFERENCE = Path(__file__).parents[1] / "reference"
FROM_R: dict[str, Any] = json.loads((REFERENCE / "cases.json").read_text(encoding="utf-8"))
BOSTON = {"outcome": "homicides", "time": "month", "start": "1996-06"}
TERMS = {"trend": "none", "season": "none"}


def boston(**given: Any) -> its.Fit:
    return its.fit(example("boston"), **{**BOSTON, "method": "newey-west", **given})


def cases() -> pd.DataFrame:
    """The series of tests/reference/cases.R, with the months they are of."""
    with (REFERENCE / "cases.csv").open(encoding="utf-8") as file:
        table = pd.DataFrame(list(csv.DictReader(file))).replace("NA", np.nan).astype(float)
    return table.assign(month=pd.period_range("2007-01", periods=len(table), freq="M").astype(str))


ASKED: dict[str, dict[str, Any]] = {
    "step": {},
    "ramp": {"phase_in": 6},
    "slope": {"effect": "level+slope"},
    "dummies": {"season": "periods"},
    "washout": {"washout": 6},
    "overdispersed": {"trend": "quadratic"},
}
EVERY = [(case, m) for case in ASKED for m in FROM_R["cases"][case] if m not in ("gls", "tests")]


@pytest.mark.parametrize(("case", "method"), EVERY)
def test_coefficients_and_errors_are_those_of_r(case: str, method: str) -> None:
    fit = its.fit(
        cases(),
        outcome=case,
        time="month",
        start="2013-01",
        exposure="pop",
        method=method,
        **ASKED[case],
    )
    expected = FROM_R["cases"][case][method]
    # R leaves the maximum of a negative binomial at 1e-5 of the score.
    fine = 1e-5 if method.startswith("negative-binomial") else 1e-6
    rows = fit.to_frame().iloc[1:]
    error = np.array(expected["se"])
    assert rows["std.error"].to_numpy() == pytest.approx(error, rel=fine)
    gap = np.abs(rows["estimate"].to_numpy() - expected["coef"])
    assert (gap <= fine * np.maximum(error, np.abs(expected["coef"]))).all()


def test_covariates_dose_and_dates_of_events_are_those_of_r() -> None:
    fit = its.fit(
        cases(),
        outcome="dosed",
        time="month",
        start="2013-01",
        exposure="pop",
        covariates=["unemployment"],
        dose="dose",
        method="poisson",
    )
    expected = FROM_R["cases"]["dose"]["poisson"]
    assert fit.params.to_numpy() == pytest.approx(expected["coef"], rel=1e-6)
    fit = its.fit(
        cases(),
        outcome="several",
        time="month",
        start="2013-01",
        exposure="pop",
        effect="level+slope",
        later={"second": "2016-02"},
        events={"event": ("2010-04", "2010-06")},
        method="poisson",
    )
    expected = FROM_R["cases"]["several"]["poisson"]
    assert fit.params.to_numpy() == pytest.approx(expected["coef"], rel=1e-6)


def test_boston_is_as_published() -> None:
    # Poisson step of June 1996: log IRR -1.0161, standard error 0.1970 (Piehl and others 2003).
    fit = boston(method="poisson", **TERMS)
    row = fit.to_frame().set_index("term").loc["level"]
    assert row["estimate"] == pytest.approx(-1.0161, abs=5e-5)
    assert row["std.error"] == pytest.approx(0.1970, abs=5e-5)


def test_every_library_and_order_gives_the_same_bytes(held: Any, told: Any) -> None:
    frame = example("boston").assign(era=lambda one: np.where(one.index < 30, "first", "second"))
    asked = {**BOSTON, "exposure": "population_bm", "covariates": "unemployment + era"}
    plain = its.fit(frame, **asked)
    assert told(its.fit(held(frame), **asked)) == told(plain)
    assert told(its.fit(held(frame), **asked, method="poisson")) != told(plain)


MONTHS = pd.period_range("1992-01", "1998-05", freq="M")


@pytest.mark.parametrize(
    "written",
    [
        MONTHS.to_timestamp(),
        MONTHS.to_timestamp().date,
        MONTHS,
        [f"{month}-01" for month in MONTHS],
        [f"{month}-15T00:00:00+00:00" for month in MONTHS],
        MONTHS.to_timestamp().to_numpy(),
        MONTHS.to_timestamp(how="end"),
    ],
    ids=["timestamps", "dates", "periods", "text", "zoned", "datetime64", "ends"],
)
def test_time_is_read_from_dates_periods_and_text(written: Any, told: Any) -> None:
    frame = example("boston").assign(month=written)
    assert told(its.fit(frame, **BOSTON)) == told(its.fit(example("boston"), **BOSTON))


@pytest.mark.parametrize(
    "start",
    ["1996-06", "1996-06-01", pd.Period("1996-06"), pd.Timestamp("1996-06-01"),
     np.datetime64("1996-06")],
)  # fmt: skip
def test_start_is_the_period_that_a_date_begins(start: Any, told: Any) -> None:
    assert told(boston(start=start)) == told(boston())


@pytest.mark.parametrize("start", ["1996-06-14", datetime.date(1996, 6, 30)])
def test_a_start_inside_a_period_is_that_period_and_a_note_says_so(start: Any) -> None:
    fit = boston(start=start)
    assert repr(fit.effect) == repr(boston().effect)
    assert f"start: {start} lies inside 1996-06, all of which counts as after" in fit.summary()


def test_an_index_with_a_name_is_a_column(told: Any) -> None:
    indexed = example("boston").set_index("month")
    assert told(its.fit(indexed, **BOSTON)) == told(its.fit(example("boston"), **BOSTON))


def test_calendar_follows_from_the_dates_and_may_be_named() -> None:
    frame = pd.DataFrame({"day": pd.date_range("2005-01-01", periods=40, freq="QS")})
    frame["n"] = np.arange(40) % 7 + 3
    asked = {"outcome": "n", "time": "day", "start": "2011-05-02", "method": "poisson"}
    assert its.fit(frame, **asked).effect.path[0].period == "2005-Q1"
    years = frame.iloc[::4].assign(day=lambda one: one.day.dt.year)
    found = its.fit(years, **{**asked, "start": 2010}, trend="none")
    assert [point.period for point in found.effect.path[:2]] == ["2005", "2006"]
    assert not found.effect.notes
    monthly = pd.DataFrame({"day": pd.date_range("2005-01-01", periods=3, freq="QS"), "n": 1})
    with pytest.raises(EvaluationError, match="4 periods are missing: 2005-02 to"):
        its.fit(monthly, **asked, frequency="month")


def test_whole_numbers_are_counts_unless_said() -> None:
    assert boston(method=None).data.kind == "count"
    assert boston(method=None, kind="continuous").data.kind == "continuous"
    assert boston(outcome="unemployment", method=None).data.kind == "continuous"


def test_categories_become_dummies_and_the_base_is_named() -> None:
    frame = example("boston").assign(era=lambda one: np.where(one.index < 30, "b", "a"))
    fit = its.fit(frame, **BOSTON, covariates=["era"], method="poisson", trend="none")
    assert "era[T.b]" in fit.params.index
    assert fit.bases == {"era": "a"}
    assert "era: compared with a" in fit.summary()


def test_covariance_is_that_of_the_errors_and_of_statsmodels() -> None:
    import statsmodels.api as sm

    for method in ("averaged-reml", "newey-west", "prais-winsten", "ols-hc3"):
        fit = boston(method=method)
        errors = np.sqrt(np.diag(fit.cov))
        assert errors == pytest.approx(fit.effect.se.to_numpy(), rel=1e-9)
    fit = boston(method="poisson")
    series = fit.data
    solved = sm.GLM(series.y, series.x, family=sm.families.Poisson()).fit(tol=1e-14)
    assert fit.cov.to_numpy() == pytest.approx(solved.cov_params(), rel=1e-6, abs=1e-12)


def test_joint_test_is_wald_s() -> None:
    fit = boston(effect="level+slope")
    both = fit.joint_test(["level", "slope"])
    beta = fit.params[["level", "slope"]].to_numpy()
    cov = fit.cov.loc[["level", "slope"], ["level", "slope"]].to_numpy()
    assert both.statistic == pytest.approx(beta @ np.linalg.solve(cov, beta) / 2)
    one = fit.joint_test("level")
    assert one.p_value == pytest.approx(fit.effect.terms[-2].p_value, rel=1e-6)
    assert fit.joint_test({"level": float(beta[0])}).p_value == pytest.approx(1.0)


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no column": ({"outcome": "homicide"}, "no column 'homicide'.* Did you mean 'homicides'"),
    "text": ({"outcome": "month"}, r"outcome \(month\): row 1 holds '1992-01', which is no number"),
    "no date": ({"start": "soon"}, "start: 'soon' is no month and no date; write it like 2012-10"),
    "an index": ({"start": 53}, "start: 53 is no month and no date"),
    "outside": ({"start": "2011-01"}, "does not lie inside the series"),
    "no method": ({"method": "newey"}, "no method 'newey'"),
    "no setting": ({"options": {"lags": 3}}, "no setting 'lags'"),
    "a formula": ({"covariates": "unemployment +* month"}, "the formula .* cannot be read"),
    "covariates": ({"covariates": 3}, "covariates must be names of columns"),
    "frequency": ({"frequency": "fortnight"}, "frequency: 'fortnight' is not known"),
    "too fine": ({"frequency": "week"}, "longer than the frequency week"),
    "kind": ({"kind": "counts"}, "kind: 'counts' is not known"),
    "later": ({"later": ["2000-01"]}, "later: give a date by the name"),
    "events": ({"events": {"a": ("1994-02", "1994-01")}}, r"events \(a\): give a date"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_cannot_be_meant_is_refused_in_words(wrong: str) -> None:
    given, words = WRONG[wrong]
    with pytest.raises(EvaluationError, match=words):
        boston(**given)


def test_wrong_rows_are_named() -> None:
    frame = example("boston")
    asked = {**BOSTON, "method": "poisson"}
    with pytest.raises(EvaluationError, match="2 periods are missing: 1993-05 to 1993-06"):
        its.fit(frame.drop(index=[16, 17]), **asked)
    with pytest.raises(EvaluationError, match=r"more than one row for 1992-04\. .* add the rows"):
        its.fit(pd.concat([frame, frame.iloc[[3]]]), **asked)
    with pytest.raises(EvaluationError, match=r"outcome \(homicides\): a period has no num"):
        its.fit(frame.assign(homicides=frame.homicides.where(frame.index != 17)), **asked)
    gone = frame.assign(unemployment=frame.unemployment.where(frame.index != 17))
    with pytest.raises(EvaluationError, match=r"covariates \(unemployment\): a period has no num"):
        its.fit(gone, **asked, covariates=["unemployment"])
    with pytest.raises(EvaluationError, match=r"time \(month\): row 1 has none"):
        its.fit(frame.assign(month=[None, *frame.month[1:]]), **asked)
    with pytest.raises(EvaluationError, match="written in several ways, as a month and year"):
        its.fit(frame.assign(month=["1991", *frame.month[1:]]), **asked)
    with pytest.raises(EvaluationError, match="two columns have the name 'month'"):
        its.fit(frame.rename(columns={"ceasefire": "month"}), **asked)
    for no_table in (None, {"month": [1]}, [1, 2], "boston.csv", frame.homicides):
        with pytest.raises(EvaluationError, match="give a table of pandas, polars or pyarrow"):
            its.fit(no_table, **asked)
    with pytest.raises(EvaluationError, match="no rows"):
        its.fit(frame.iloc[:0], **asked)


def test_a_table_is_left_as_it_was() -> None:
    frame = example("boston")
    before = frame.copy(deep=True)
    its.fit(frame, **BOSTON, covariates=["unemployment"], method="poisson")
    pd.testing.assert_frame_equal(frame, before)


def test_controls_are_series_beside_and_their_common_change_is_taken_out() -> None:
    rng = np.random.Generator(np.random.PCG64(3))
    months = pd.period_range("2005-01", periods=96, freq="M").astype(str)
    after = np.arange(96) >= 60
    table = pd.DataFrame(
        {
            "month": months,
            "guns": rng.poisson(np.where(after, 28, 40)),
            "knives": rng.poisson(np.where(after, 40, 40)),
            "theft": rng.poisson(np.where(after, 80, 80)),
            "people": 1000.0 + np.arange(96),
            "others": 2000.0 - np.arange(96),
        }
    )
    asked: dict[str, Any] = {
        "outcome": "guns",
        "time": "month",
        "start": "2010-01",
        "method": "poisson",
        "exposure": "people",
    }
    fit = its.fit(table.sample(frac=1, random_state=1), **asked, controls=["knives", "theft"])
    one, *rest = (
        its.Series.from_arrays(
            table[name], start=60, first="2005-01", exposure=table["people"], name=name
        )
        for name in ("guns", "knives", "theft")
    )
    assert fit.effect == its.new_observations.with_ranges(
        fit.data, its.METHODS["poisson"], its.estimate(one.beside(rest), "poisson")
    )
    assert "common level" in fit.params.index
    assert fit.percent.low < -30 < fit.percent.high
    assert fit.joint_test("level").df == 1
    sized = its.fit(table, **asked, controls={"theft": "others"})
    beside = sized.data.exposure[sized.data.rows.site == 1]
    np.testing.assert_array_equal(beside, table["others"])
    default = its.fit(table, **{**asked, "method": None}, controls="theft")
    assert default.effect.method == "averaged-reml"


@pytest.mark.parametrize(
    ("controls", "words"),
    [
        ("homicides", "controls: homicides is the outcome itself"),
        ("homicide", "controls: there is no column 'homicide'"),
        (["unemployment", "unemployment"], "nor a list of different ones"),
        ({"unemployment": None}, "either every joined series has an exposure or none has"),
    ],
)
def test_controls_that_make_no_sense_are_refused(controls: Any, words: str) -> None:
    with pytest.raises(EvaluationError, match=words):
        boston(exposure="population_bm", controls=controls)


def test_a_month_missing_in_a_control_is_left_out_of_it_alone() -> None:
    table = example("boston").assign(other=np.arange(77.0) % 5 + 1)
    table.loc[10, "other"] = np.nan
    with pytest.raises(
        EvaluationError, match=r"controls \(other\): a period has no number: 1992-11"
    ):
        its.fit(table, **BOSTON, controls="other")
    fit = its.fit(table, **BOSTON, controls="other", gaps="missing", method="poisson")
    assert fit.data.n == 2 * 77 - 1 and not fit.effect.gaps
    assert "one month of other is missing and left out: 1992-11" in fit.summary()


def test_level_and_slope_are_tested_together() -> None:
    fit = boston(effect="level+slope")
    test = fit.joint_test(["level", "slope"])
    rows = fit.params.index.get_indexer(["level", "slope"])
    beta, cov = fit.params.to_numpy()[rows], fit.cov.to_numpy()[np.ix_(rows, rows)]
    assert test.statistic == pytest.approx(beta @ np.linalg.solve(cov, beta) / 2)
    assert test.df == 2 and test.df_error == fit.effect.df
