"""Everything a series can do is reached from a plan, and gives the same series as by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from small_city import PLAN, read

from evaluation.data.panel import Panel
from evaluation.data.period import ordinal
from evaluation.its import METHODS, Interruption, Pulse, Series, Specification, pooled
from evaluation.study.build.change import Change
from evaluation.study.build.series import planned_series, planned_window
from evaluation.study.plan.schema import Plan
from evaluation.study.plan.tables import AlternativeIts

TERMS = Specification(harmonics=1)
WINDOW = ("2008-01", "2015-12")


def planned(root: Path, extra: str, outcome: str = "gun", change: Change | None = None) -> Series:
    plan, panel = loaded(root, extra)
    return planned_series(plan, panel, outcome, planned_window(plan, panel), change or Change())


def loaded(root: Path, extra: str) -> tuple[Plan, Panel]:
    plan = extra if extra.startswith("question") else PLAN + extra
    plan_file, panel = read(root, plan)
    return plan_file.plan, panel


def by_hand(root: Path, unit: str = "Oakland", outcome: str = "gun", **more: object) -> Series:
    _, panel = loaded(root, "")
    arguments = {"start": "2012-01", "specification": TERMS, "window": WINDOW, **more}
    return Series.from_panel(panel, outcome=outcome, unit=unit, **arguments)  # type: ignore[arg-type]


def assert_same(one: Series, other: Series) -> None:
    assert one.names == other.names
    assert one.rows.names == other.rows.names and one.rows.starts == other.rows.starts
    for field in ("x", "baseline", "kept", "affected", "settled", "y", "exposure"):
        np.testing.assert_array_equal(getattr(one, field), getattr(other, field), err_msg=field)


def test_plan_without_a_design_of_its_own_is_the_treated_series_alone(tmp_path: Path) -> None:
    assert_same(planned(tmp_path, ""), by_hand(tmp_path))


def test_control_units_are_pooled_with_equal_weights(tmp_path: Path) -> None:
    found = planned(tmp_path, '[controls]\nunits = ["Fresno", "Modesto"]\n')
    group = pooled([by_hand(tmp_path, "Fresno"), by_hand(tmp_path, "Modesto")])
    assert_same(found, by_hand(tmp_path).beside(group))
    assert "common level" in found.names


def test_weights_count_some_controls_more(tmp_path: Path) -> None:
    found = planned(tmp_path, '[controls]\nunits = ["Fresno", "Modesto"]\nweights = [2, 0.5]\n')
    group = pooled([by_hand(tmp_path, "Fresno"), by_hand(tmp_path, "Modesto")], [2, 0.5])
    assert_same(found, by_hand(tmp_path).beside(group))


def test_controls_that_are_not_pooled_are_a_series_each(tmp_path: Path) -> None:
    found = planned(tmp_path, '[controls]\nunits = ["Fresno", "Modesto"]\npooled = false\n')
    each = [by_hand(tmp_path, "Fresno"), by_hand(tmp_path, "Modesto")]
    assert_same(found, by_hand(tmp_path).beside(each))
    assert found.rows.names == ("Oakland", "Fresno", "Modesto")


def test_single_control_keeps_its_name(tmp_path: Path) -> None:
    found = planned(tmp_path, '[controls]\nunits = ["Fresno"]\n')
    assert_same(found, by_hand(tmp_path).beside(by_hand(tmp_path, "Fresno")))


def test_another_outcome_of_the_unit_is_its_control(tmp_path: Path) -> None:
    found = planned(tmp_path, '[controls]\noutcome = "theft"\n')
    other = by_hand(tmp_path, outcome="theft")
    expected = by_hand(tmp_path).beside(replace(other, rows=replace(other.rows, names=("thefts",))))
    assert_same(found, expected)
    assert "trend: thefts" in found.names


def test_sites_are_joined_each_with_its_start(tmp_path: Path) -> None:
    sites = '[[sites]]\nunit = "Stockton"\nstart = "2013-01"\n'
    sites += '[[sites]]\nunit = "Salinas"\nstart = "2013-07"\n'
    others = [
        by_hand(tmp_path, "Stockton", start="2013-01"),
        by_hand(tmp_path, "Salinas", start="2013-07"),
    ]
    assert_same(planned(tmp_path, sites), by_hand(tmp_path).joined(others))


def test_later_changes_have_their_own_level_and_fade(tmp_path: Path) -> None:
    later = '[[later]]\nname = "Dilution"\nstart = "2014-01"\nhalf_life = 12\n'
    later += '[[later]]\nname = "Relaunch"\nstart = "2015-01"\nphase_in = 2\n'
    month = {text: ordinal(text, "month") for text in ("2014-01", "2015-01")}
    changes = (
        Interruption("Dilution", month["2014-01"], 0, 12),
        Interruption("Relaunch", month["2015-01"], 2),
    )
    found = planned(tmp_path, later)
    assert_same(found, by_hand(tmp_path, later=changes))
    assert found.names[-2:] == ("level: Dilution", "level: Relaunch")


def test_window_goes_on_past_the_end_when_there_is_a_later_phase(tmp_path: Path) -> None:
    stopped = PLAN.replace('start = "2012-01"', 'start = "2012-01"\nend = "2013-12"')
    plan, panel = loaded(tmp_path, stopped)
    assert planned_window(plan, panel) == ("2008-01", "2013-12")
    relaunch = '[[later]]\nname = "Relaunch"\nstart = "2014-06"\n'
    plan, panel = loaded(tmp_path, stopped + relaunch)
    assert planned_window(plan, panel) == WINDOW


def test_event_with_periods_has_a_pulse(tmp_path: Path) -> None:
    event = '[[events]]\ndate = "2010-05-17"\nwhat = "A strike."\nperiods = 3\n'
    event += '[[events]]\ndate = "2011-05"\nwhat = "No term."\n'
    pulse = Pulse("A strike (2010-05-17)", ordinal("2010-05", "month"), 3)
    found = planned(tmp_path, event)
    assert_same(found, by_hand(tmp_path, pulses=(pulse,)))
    assert found.x[:, found.names.index("pulse: A strike (2010-05-17)")].sum() == 3


def test_dose_takes_the_place_of_the_level(tmp_path: Path) -> None:
    plan = PLAN.replace('start = "2012-01"', 'start = "2012-01"\ndose = "call_ins"')
    found = planned(tmp_path, plan)
    assert_same(found, by_hand(tmp_path, dose="call_ins"))
    assert found.names[-1] == "dose"


def test_alternative_can_leave_controls_out_and_move_the_start(tmp_path: Path) -> None:
    controls = '[controls]\nunits = ["Fresno"]\n'
    alone = planned(tmp_path, controls, change=Change(controls=False))
    assert_same(alone, by_hand(tmp_path))
    moved = planned(tmp_path, controls, change=Change(AlternativeIts(label="A", start="2012-03")))
    fresno = by_hand(tmp_path, "Fresno", start="2012-03")
    assert_same(moved, by_hand(tmp_path, start="2012-03").beside(fresno))


def test_unaffected_outcome_has_the_design_of_the_headline(tmp_path: Path) -> None:
    found = planned(tmp_path, '[controls]\nunits = ["Fresno"]\n', outcome="theft")
    fresno = by_hand(tmp_path, "Fresno", outcome="theft")
    assert_same(found, by_hand(tmp_path, outcome="theft").beside(fresno))


@pytest.mark.parametrize(
    "extra",
    [
        "",
        '[controls]\nunits = ["Fresno", "Modesto"]\n',
        '[controls]\nunits = ["Fresno", "Modesto"]\npooled = false\n',
        '[[sites]]\nunit = "Stockton"\nstart = "2013-01"\n',
        '[[later]]\nname = "Dilution"\nstart = "2014-01"\n',
    ],
)
def test_every_design_finds_the_fall_that_was_built_in(tmp_path: Path, extra: str) -> None:
    effect = METHODS["quasi-poisson"].fit(planned(tmp_path, extra))
    assert effect.low < np.log(0.6) < effect.high
    assert effect.high < 0
