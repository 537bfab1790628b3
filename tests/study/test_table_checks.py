"""Checks that look at other columns fail on what they are for, and on nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from small_city import PLAN, project, read

from evaluation.data.panel import RecordingChange
from evaluation.data.read import read_panel
from evaluation.effect import Check
from evaluation.its import METHODS, Series, Specification
from evaluation.its.break_checks import DetectedBreak
from evaluation.study.plan.read import read_plan
from evaluation.study.table_checks import (
    breaks_by_column,
    control_trend,
    near_breaks,
    nearby_changes,
    recording_change,
    related_breaks,
    unaffected_outcomes,
)

TERMS = Specification(season="none")
METHOD = METHODS["quasi-poisson"]
N, START = 96, 48


def compared(bend: float = 0.0, drift: float = 0.0, terms: Specification = TERMS) -> Series:
    """A treated and a control series of even counts.

    Parameters
    ----------
    bend : change of the treated slope, a month, at the middle of the time before the start.
    drift : treated slope, a month, from the first.
    """
    month = np.arange(N)
    wave = 3 * np.where(month % 2, 1, -1)
    treated = np.round(60 * np.exp(drift * month + bend * np.maximum(month - START // 2, 0)) + wave)
    control = np.round(80.0 - wave + 2 * (month % 3))
    made = [
        Series.from_arrays(y, start=START, specification=terms, name=name)
        for y, name in ((treated, "City"), (control, "Town"))
    ]
    return made[0].beside(made[1])


def test_comparison_that_goes_along_passes() -> None:
    check = control_trend(compared(), METHOD, Check("placebo-dates", True, "", asked="?"))
    assert check.passed is True
    assert "% a year" in str(check.says) and "none is clear" in str(check.says)
    # A pass with a wide range says that nothing was seen, not that nothing is there.
    assert "within that range would not be seen" in str(check.says)


def test_comparison_that_bends_away_before_the_start_fails() -> None:
    check = control_trend(compared(bend=0.02), METHOD, None)
    assert check.passed is False
    # A slope of .02 a month is 27 % a year.
    assert "changes by 27." in str(check.says) or "changes by 26." in str(check.says)


def test_steady_drift_is_carried_by_the_trends_and_passes() -> None:
    assert control_trend(compared(drift=0.01), METHOD, None).passed is True


def test_steady_drift_fails_a_model_without_a_trend() -> None:
    flat = replace(TERMS, trend="none")
    drifting = control_trend(compared(drift=0.01, terms=flat), METHOD, None)
    assert drifting.passed is False and "the model has no trend" in str(drifting.says)
    assert control_trend(compared(terms=flat), METHOD, None).passed is True


def test_failed_placebo_dates_fail_the_comparison() -> None:
    check = control_trend(compared(), METHOD, Check("placebo-dates", False, "", asked="?"))
    assert check.passed is False
    assert "too often" in str(check.says)


def test_comparison_with_too_little_before_it_is_not_judged() -> None:
    short = compared().between(START - 4, N)
    check = control_trend(short, METHOD, None)
    assert check.passed is None and str(check.says).startswith("Not possible")


def test_linear_model_speaks_in_units_of_the_outcome() -> None:
    check = control_trend(compared(), METHODS["ols"], None)
    assert "% a year" not in str(check.says) and " a year (range " in str(check.says)


@pytest.mark.parametrize(("change", "passed"), [(1.0, True), (0.6, False)])
def test_outcome_that_should_not_move_fails_only_when_it_does(
    tmp_path: Path, change: float, passed: bool
) -> None:
    root = project(tmp_path, PLAN, theft_change=change)
    panel = read_panel(root / "data/city.csv", root)
    column = panel.column("theft")

    def make(one: object) -> Series:
        return Series.from_panel(
            panel, outcome="theft", unit="Oakland", start="2012-01", specification=TERMS
        )

    check = unaffected_outcomes([(column, METHOD)], make, 60.0)
    assert check.passed is passed
    # A range that could hide a change that matters shows little, and is not passed.
    for matters in (1.0, None):
        blurred = unaffected_outcomes([(column, METHOD)], make, matters)
        assert blurred.passed is (None if passed else False)
        assert not passed or "informs" in str(blurred.says) or "shows little" in str(blurred.says)
    (row,) = check.table
    assert set(row) == {"outcome", "percent", "low", "high", "p"}
    assert row["outcome"] == "thefts"
    assert (row["low"] <= 0 <= row["high"]) is passed


def test_outcomes_that_cannot_be_estimated_are_counted(tmp_path: Path) -> None:
    _, panel = read(tmp_path, PLAN)
    none = Series.from_arrays(np.r_[np.full(30, 5.0), np.zeros(30)], start=30, specification=TERMS)
    check = unaffected_outcomes([(panel.column("theft"), METHOD)], lambda column: none)
    assert check.passed is None
    assert str(check.says) == "Not possible. 1 of 1 could not be estimated."


def seen(first: str, percent: float) -> DetectedBreak:
    return DetectedBreak(first, 0, first, first, percent, 0.002)


def test_break_in_an_outcome_outside_the_plan_is_a_sign(tmp_path: Path) -> None:
    plan_file, panel = read(tmp_path, PLAN)
    breaks = {"knife": seen("2012-02", 210.0)}
    found = related_breaks(plan_file.plan, "gun", -0.5, panel, breaks)
    assert found == (
        RecordingChange(
            "2012-02", "a break in knife assaults, +210 % (p = 0.002)", "knife", "Oakland"
        ),
    )


@pytest.mark.parametrize(
    ("percent", "change", "count"), [(210.0, -0.5, 1), (-40.0, -0.5, 0), (210.0, None, 0)]
)
def test_break_in_another_planned_outcome_is_a_sign_only_the_other_way(
    tmp_path: Path, percent: float, change: float | None, count: int
) -> None:
    both = PLAN.replace("worthwhile = 10", "primary = true")
    plan_file, panel = read(tmp_path, both + '[[outcomes]]\ncolumn = "knife"\nbetter = "lower"\n')
    breaks = {"knife": seen("2012-02", percent), "gun": seen("2012-01", -40.0)}
    found = related_breaks(plan_file.plan, "gun", change, panel, breaks)
    assert len(found) == count


def test_cases_moved_to_another_category_are_found_near_the_start(tmp_path: Path) -> None:
    root = project(tmp_path, PLAN, knife_break=2.5)
    plan = read_plan("city", root).plan
    panel = read_panel(root / "data/city.csv", root)
    series = {
        column: Series.from_panel(
            panel, outcome=column, unit="Oakland", start="2012-01", specification=TERMS
        )
        for column in ("knife", "theft")
    }
    found = near_breaks(plan, panel, breaks_by_column(series))
    assert list(found) == ["knife"]
    assert found["knife"].first == "2012-01"
    assert found["knife"].percent == pytest.approx(150, abs=40)


def test_break_far_from_the_start_is_no_sign(tmp_path: Path) -> None:
    late = PLAN.replace("2012-01", "2014-01")
    root = project(tmp_path, late, knife_break=2.5)
    plan = read_plan("city", root).plan
    panel = read_panel(root / "data/city.csv", root)
    knife = Series.from_panel(
        panel, outcome="knife", unit="Oakland", start="2014-01", specification=TERMS
    )
    everywhere = breaks_by_column({"knife": knife})
    assert list(everywhere) == ["knife"] and near_breaks(plan, panel, everywhere) == {}


def test_known_change_counts_for_its_outcome_unit_and_time_only(tmp_path: Path) -> None:
    plan_file, panel = read(tmp_path, PLAN)
    changes = (
        RecordingChange("2012-06", "all"),
        RecordingChange("2012-06", "gun", "gun", "Oakland"),
        RecordingChange("2012-06", "other outcome", "theft"),
        RecordingChange("2012-06", "other unit", None, "Fresno"),
        RecordingChange("2014-06", "later"),
    )
    known = replace(panel, recording_changes=changes)
    found = nearby_changes(plan_file.plan, "gun", known)
    assert [change.what for change in found] == ["all", "gun"]


@pytest.mark.parametrize(
    ("own", "told"), [("", True), ('first = "2011-01"', False), ('last = "2012-12"', True)]
)
def test_a_change_outside_the_periods_of_an_outcome_is_not_held_against_it(own, told, tmp_path):
    plan_file, panel = read(tmp_path, PLAN.replace('better = "lower"', f'better = "lower"\n{own}'))
    known = replace(panel, recording_changes=(RecordingChange("2011-01", "new form", "gun"),))
    found = nearby_changes(plan_file.plan, "gun", known)
    assert bool(found) is told
    # An outcome that is looked at beside the planned ones has no periods of its own.
    late = replace(known, recording_changes=(RecordingChange("2011-01", "new form", "theft"),))
    assert nearby_changes(plan_file.plan, "theft", late)


def test_changes_of_several_treated_units_count_near_the_start_of_each(tmp_path: Path) -> None:
    plan_file, panel = read(tmp_path, PLAN)
    changes = (
        RecordingChange("2014-03", "new form", "gun", "Fresno"),
        RecordingChange("2014-03", "new form", "gun", "Modesto"),
        RecordingChange("2009-03", "old form", "gun", "Fresno"),
    )
    known = replace(panel, recording_changes=changes)
    found = nearby_changes(plan_file.plan, "gun", known, {"Fresno": "2014-01", "Salinas": "2014"})
    assert [one.what for one in found] == ["Fresno: new form"]


def test_recording_check_lists_what_is_known_and_what_is_seen(tmp_path: Path) -> None:
    plan_file, panel = read(tmp_path, PLAN)
    about = plan_file.plan, "gun"
    clean = recording_change(*about, (), (), panel, 3)
    assert clean.passed is True and "3 other outcomes finds no break" in str(clean.says)
    assert str(recording_change(*about, (), (), panel, 0).says) == (
        "No change is known within 1 year of the start (0 known in the dataset)."
    )
    known = RecordingChange("2012-03", "new form")
    broken = RecordingChange("2012-02", "a break in thefts", "theft", "Oakland")
    check = recording_change(*about, (known,), (broken,), panel, 1)
    assert check.passed is False
    assert "2012-03: new form" in str(check.says) and "2012-02: a break in thefts" in str(
        check.says
    )
    assert [row["what"] for row in check.table] == ["new form", "a break in thefts"]
    assert {tuple(row) for row in check.table} == {("date", "what", "column", "unit")}


def test_a_change_of_another_column_near_the_start_is_not_told_as_none_known(
    tmp_path: Path,
) -> None:
    plan_file, panel = read(tmp_path, PLAN)
    changes = (
        RecordingChange("2012-06", "redefined", "theft"),
        RecordingChange("2012-06", "elsewhere", "gun", "Fresno"),
        RecordingChange("2018-06", "later", "gun"),
    )
    panel = replace(panel, recording_changes=changes)
    assert str(recording_change(plan_file.plan, "gun", (), (), panel, 0).says) == (
        "No change of this outcome is known within 1 year of the start (1 known in the dataset, "
        "and 2 of other columns or places)."
    )
