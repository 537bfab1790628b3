"""Known changes of recording inside the window, and cases moved from one category to another."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from small_city import project

from evaluation.data.panel import Panel, RecordingChange
from evaluation.data.read import read_panel
from evaluation.its.break_checks import DetectedBreak
from evaluation.study.plan.read import read_plan
from evaluation.study.plan.schema import Plan
from evaluation.study.table_checks import inside_changes, moved_cases, recording_in_window

PLAN = """\
question = "Did it?"
goal = 1
data = "data/city.csv"
unit = "Oakland"
design = "its"
[[outcomes]]
column = "gun"
better = "lower"
[intervention]
name = "Ceasefire"
start = "2012-01"
"""
WINDOW = ("2008-01", "2015-12")
MONTH = 2014 * 12  # January 2014


def planned(tmp_path: Path) -> tuple[Plan, Panel]:
    root = project(tmp_path, PLAN)
    return read_plan("city", root).plan, read_panel(root / "data/city.csv", root)


def seen(ordinal: int, percent: float, p: float = 0.02) -> DetectedBreak:
    first = f"{ordinal // 12}-{ordinal % 12 + 1:02d}"
    return DetectedBreak(first, ordinal, first, first, percent, p)


def test_known_changes_count_inside_the_window_and_far_from_the_start(tmp_path: Path) -> None:
    plan, panel = planned(tmp_path)
    changes = (
        RecordingChange("2014-06", "this outcome", "gun"),
        RecordingChange("2013-02", "every outcome"),
        RecordingChange("2009-03", "before the start", "gun", "Oakland"),
        RecordingChange("2014-06", "another outcome", "knife"),
        RecordingChange("2014-06", "another unit", "gun", "Fresno"),
        RecordingChange("2012-06", "near the start, told elsewhere", "gun"),
        RecordingChange("2008-01", "nothing of the window is before it", "gun"),
        RecordingChange("2016-01", "after the window", "gun"),
    )
    found = inside_changes(plan, "gun", replace(panel, recording_changes=changes), WINDOW)
    assert [change.what for change in found] == [
        "this outcome",
        "every outcome",
        "before the start",
    ]


@pytest.mark.parametrize(
    ("knife", "count"),
    [
        (seen(MONTH, 210.0), 1),
        (seen(MONTH + 2, 210.0), 1),
        (seen(MONTH - 2, 210.0), 1),
        (seen(MONTH + 3, 210.0), 0),
        (seen(MONTH, -30.0), 0),
    ],
)
def test_cases_moved_when_two_outcomes_break_together_in_opposite_ways(
    tmp_path: Path, knife: DetectedBreak, count: int
) -> None:
    _, panel = planned(tmp_path)
    breaks = {"gun": seen(MONTH, -50.0, 0.0004), "knife": knife}
    found = moved_cases("gun", breaks, panel, "Oakland")
    assert len(found) == count
    for change in found:
        assert (change.date, change.column, change.unit) == ("2014-01", "knife", "Oakland")
        assert change.what == (
            "gun assaults break by -50 % (p below 0.001) and knife assaults by +210 % (p = 0.020)"
        )


def test_no_cases_moved_where_the_outcome_does_not_break(tmp_path: Path) -> None:
    _, panel = planned(tmp_path)
    assert moved_cases("gun", {"knife": seen(MONTH, 210.0)}, panel, "Oakland") == ()


def test_the_check_fails_on_what_is_known_or_seen_and_says_what_follows() -> None:
    change = RecordingChange("2014-01", "a new form.", "gun")
    known = recording_in_window((change,), (), WINDOW)
    assert known.passed is False and str(known.says).startswith(
        "Known: 2014-01: a new form. The est"
    )
    both = recording_in_window((change,), (change,), WINDOW)
    assert "A search over all dates finds it too: 2014-01: a new form." in str(both.says)
    assert [row["what"] for row in both.table] == ["a new form."] * 2
    only = recording_in_window((), (change,), WINDOW)
    assert only.passed is False and str(only.says).startswith(
        "A search over all dates finds: 2014-01"
    )
    assert "needs a window that ends before it, or a term of its own" in str(only.says)
    clean = recording_in_window((), (), WINDOW)
    assert clean.passed is True and clean.table == ()
    assert str(clean.says) == "No change is known or seen within the window, 2008-01 to 2015-12."
