"""A panel from a table: starts as dates, flags or a mapping; the same from every library."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from regressions import PERIODS, UNITS, columns, reference
from staggered_panel import REFERENCE, said

from evaluation import did, example
from evaluation.errors import EvaluationError

GROUPS = {"outcome": "shootings", "unit": "group", "time": "quarter", "method": "poisson-twfe"}


def groups(frame: Any = None, **given: Any) -> did.Fit:
    asked = {**GROUPS, "start": "called_in", **given}
    return did.fit(example("groups") if frame is None else frame, **asked)


def regressions() -> pd.DataFrame:
    """The panel of tests/reference/did_regressions.R, its periods as years and starts as dates."""
    table = pd.DataFrame(columns()).astype({"unit": int})
    starts = [f"{2000 + int(one)}-01-01" if one < PERIODS else None for one in table["first"]]
    names = [f"u{unit:02d}" for unit in table["unit"]]
    return table.assign(year=2000 + table["period"].astype(int), start=starts, unit=names)


@pytest.mark.parametrize(
    ("key", "options"),
    [("cr0", {"errors": "CR0"}), ("cr2", {"errors": "CR2"}), ("jackknife", {"errors": "CR3"})],
)
def test_two_way_fixed_effects_are_those_of_r(key: str, options: dict[str, str]) -> None:
    fit = did.fit(
        regressions(),
        outcome="score",
        unit="unit",
        time="year",
        start="start",
        method="twfe",
        options=options,
    )
    expected = reference()["linear"]
    assert fit.estimate == pytest.approx(expected["coef"], rel=1e-10)
    assert fit.std_error == pytest.approx(expected[key], rel=1e-9)


def test_weights_of_units_are_those_of_r() -> None:
    fit = did.fit(
        regressions(),
        outcome="score",
        unit="unit",
        time="year",
        start="start",
        weights="weight",
        method="twfe",
        options={"errors": "CR0"},
    )
    expected = reference()["weighted"]
    assert fit.estimate == pytest.approx(expected["coef"], rel=1e-10)
    assert fit.std_error == pytest.approx(expected["cr0"], rel=1e-9)


def test_gaps_are_those_of_r() -> None:
    table = regressions().drop(index=[2, 16, 17, 39, 76, 130])
    fit = did.fit(
        table,
        outcome="score",
        unit="unit",
        time="year",
        start="treated",
        gaps="missing",
        method="twfe",
        options={"errors": "CR0"},
    )
    expected = reference()["unbalanced"]
    assert fit.estimate == pytest.approx(expected["coef"], rel=1e-10)
    assert fit.std_error == pytest.approx(expected["cr0"], rel=1e-9)


def test_group_time_effects_are_those_of_csdid() -> None:
    wide = pd.read_csv(REFERENCE / "staggered.csv").reset_index(names="id")
    long = wide.melt(["id", "first", "x"], [f"y{t}" for t in range(1, 8)], "when", "y")
    long["year"] = 2000 + long["when"].str[1:].astype(int)
    long["start"] = np.where(long["first"] > 0, 2000 + long["first"], 0)
    asked = {"outcome": "y", "unit": "id", "time": "year", "start": "start"}
    simple = [
        one
        for one in said("csdid 0.4.3")
        if not (one.get("covariate") or one.get("weighted") or one.get("clustered"))
    ]
    assert simple
    fit = did.fit(long, **asked, method="callaway-santanna")
    by_hand = did.METHODS["callaway-santanna"].fit(_staggered())
    assert fit.estimate == pytest.approx(by_hand.estimate, rel=1e-10)
    assert fit.std_error == pytest.approx(by_hand.std_error, rel=1e-10)
    adjusted = did.fit(long, **asked, covariates=["x"], method="callaway-santanna")
    assert adjusted.estimate != pytest.approx(fit.estimate, rel=1e-6)


def _staggered() -> did.Cohorts:
    from staggered_panel import panel

    return panel()


def test_every_library_and_order_gives_the_same_bytes(held: Any, told: Any) -> None:
    frame = example("groups")
    asked = {"covariates": ["alliance"]}
    assert told(groups(held(frame), **asked)) == told(groups(frame, **asked))
    suited = {"method": None, "start": "called_in"}
    assert told(groups(held(frame), **suited)) == told(groups(frame, **suited))


def first_dates(frame: pd.DataFrame) -> pd.Series:
    on = frame[frame.called_in == 1]
    return on.groupby("group")["quarter"].min()


def test_starts_are_flags_dates_of_rows_or_dates_by_unit(told: Any) -> None:
    frame, plain = example("groups"), told(groups())
    first = first_dates(frame)
    dated = frame.assign(start=frame.group.map(first))
    assert told(groups(dated, start="start")) == plain
    assert told(groups(start=first.to_dict())) == plain
    days = {unit: pd.Period(date, "Q").to_timestamp() for unit, date in first.items()}
    assert told(groups(start=days)) == plain
    late = {unit: pd.Period(date, "Q").end_time.date() for unit, date in first.items()}
    never = next(unit for unit in frame.group if unit not in first)
    inside = groups(start={**late, never: None})
    assert repr(inside.effect) == repr(groups().effect)
    assert "all of which counts as after" in inside.summary()


def test_programs_that_end_are_read_from_flags() -> None:
    frame = example("groups")
    ended = frame.called_in.where(frame.quarter < "2015-Q1", 0)
    fit = groups(frame.assign(called_in=ended))
    assert fit.data.on is not None
    assert groups().data.on is None


def test_the_method_that_suits_is_taken_and_said_why() -> None:
    fit = groups(method=None)
    assert fit.effect.method == did.choice(fit.data).method
    assert "method: There are 25 treated" in fit.summary()
    assert fit.pictures == ("observed", "event", "effect")


def test_covariates_that_change_are_noted() -> None:
    frame = example("groups").assign(drift=lambda one: np.arange(len(one)) % 7)
    notes = " ".join(map(str, groups(frame, covariates=["drift"]).effect.notes))
    assert "drift" in notes


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no column": ({"outcome": "shooting"}, "no column 'shooting'.* Did you mean 'shootings'"),
    "a date for all": ({"start": "2012-Q1"}, "start: there is no column '2012-Q1'. Give a column"),
    "no unit": ({"start": {"Group 99": "2012-Q1"}}, "start: 'Group 99' is no unit of group"),
    "no date": ({"start": {"Group 01 (synthetic)": "soon"}}, "'soon' is no quarter and no date"),
    "a longer date": ({"start": {"Group 01 (synthetic)": "2012"}}, "'2012' is no quarter"),
    "a number": ({"start": 3}, "start: give the name of a column, or a mapping"),
    "all from the first": ({"start": {"Group 01 (synthetic)": "2008-Q1"}}, "treated in every per"),
    "nobody": ({"start": {}}, "no unit is treated|nobody is treated|never|treated"),
    "no method": ({"method": "twfee"}, "no method 'twfee'"),
    "no setting": ({"options": {"error": "CR2"}}, "no setting 'error'"),
    "weights": ({"weights": "shootings"}, "weights must be positive"),
    "text": ({"outcome": "group"}, r"outcome \(group\): row 1 holds .* which is no number"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_cannot_be_meant_is_refused_in_words(wrong: str) -> None:
    given, words = WRONG[wrong]
    with pytest.raises(EvaluationError, match=words):
        groups(**given)


def test_wrong_rows_are_named() -> None:
    frame = example("groups")
    lost = frame.drop(index=[5, 6, 40])
    match = r"2 units lack periods: Group 01 \(synthetic\) 2009-Q2 to 2009-Q3; Group 02 .* say gaps"
    with pytest.raises(EvaluationError, match=match):
        groups(lost)
    with pytest.raises(EvaluationError, match=r"more than one row for Group 01 .* 2009-Q2"):
        groups(pd.concat([frame, frame.iloc[[5]]]))
    named = frame.assign(group=frame.group.where(frame.index != 3))
    with pytest.raises(EvaluationError, match=r"unit \(group\): row 4 has no value"):
        groups(named)
    moved = frame.assign(start=np.where(frame.index == 0, "2012-Q1", "2012-Q2"))
    with pytest.raises(EvaluationError, match=r"Group 01 \(synthetic\) it is 2012-Q1 and 2012-Q2"):
        groups(moved, start="start")


def test_a_table_is_left_as_it_was() -> None:
    frame = example("groups")
    before = frame.copy(deep=True)
    groups(frame)
    pd.testing.assert_frame_equal(frame, before)


def test_panel_of_the_example_is_that_of_the_reference() -> None:
    assert len(regressions()) == UNITS * PERIODS
