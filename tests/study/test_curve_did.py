"""The specification curve of a comparison: every combination, what moves it, and what cannot be."""

from __future__ import annotations

import pytest
from small_adopters import EVERY, ONE, read

from evaluation import did
from evaluation.errors import PlanError
from evaluation.study.build.change import Change
from evaluation.study.build.cohorts import planned_cohorts
from evaluation.study.curve_did import specification_curve
from evaluation.study.plan.did import crossed
from evaluation.study.plan.words import plan_words

CURVE = """\
[curve]
first = ["2000", "2001"]
gaps = ["missing", "leave out"]
leave_out = [[], ["Control A"]]
"""


def curve_of(plan, panel, told=lambda step: None):
    """The check, and the headline behind it."""
    column = panel.column(plan.outcomes[0].column)
    cohorts = planned_cohorts(plan, panel, column.name)
    method = did.METHODS[plan.model] if plan.model else did.default(cohorts)
    effect = method.fit(cohorts)
    return specification_curve(plan, panel, column, method, effect, told), method, effect


def test_every_combination_is_estimated_and_the_headline_is_one_of_them(tmp_path):
    plan_file, panel = read(tmp_path, EVERY + CURVE)
    plan, steps = plan_file.plan, []
    (check,), method, effect = curve_of(plan, panel, steps.append)
    assert len(check.table) == 8 == len(crossed(plan))
    assert steps == ["specification 1 of 8"]
    (headline,) = [row for row in check.table if row["headline"]]
    assert headline["percent"] == effect.percent.estimate
    assert (headline["first"], headline["gaps"]) == ("2000", "missing")
    percents = [row["percent"] for row in check.table]
    assert percents == sorted(percents)
    # One of them by hand.
    entry = next(
        one
        for one in crossed(plan)
        if (one.first, one.gaps, one.leave_out) == ("2001", "leave out", ("Control A",))
    )
    again = method.fit(planned_cohorts(plan, panel, "murder", Change(entry))).percent
    (found,) = [
        row
        for row in check.table
        if (row["first"], row["gaps"], row["leave_out"]) == ("2001", "leave out", "Control A")
    ]
    assert (found["percent"], found["low"]) == (again.estimate, again.low)
    clear = sum(row["low"] > 0 or row["high"] < 0 for row in check.table)
    assert f"Of 8 combinations, {sum(p < 0 for p in percents)} find a fall" in str(check.says)
    assert f"{clear} have a range that leaves out no change" in str(check.says)
    assert f"They reach from {percents[0]:.1f} % to {percents[-1]:.1f} %" in str(check.says)
    assert "What moves it most is " in str(check.says)
    assert check.passed is None


def test_what_cannot_be_estimated_is_counted_with_the_reason(tmp_path):
    text = EVERY + '[curve]\nmethods = ["poisson-imputation", "callaway-santanna"]\n'
    plan_file, panel = read(tmp_path, text)
    (check,), _, _ = curve_of(plan_file.plan, panel)
    assert len(check.table) == 1
    assert "1 more could not be estimated (1: callaway-santanna needs every period" in str(
        check.says
    )


def test_one_city_crosses_starts_and_what_becomes_of_other_adopters(tmp_path):
    text = ONE.replace("2012", "2007") + (
        '[curve]\nstart = ["2004", "2005"]\nwashout = [0, 1]\n'
        'adopters = ["left out", "contaminated"]\nlast = ["2006", "2007"]\n'
    )
    plan_file, panel = read(tmp_path, text)
    (check,), _, _ = curve_of(plan_file.plan, panel)
    assert len(check.table) == 16
    assert {row["adopters"] for row in check.table} == {"left out", "contaminated"}
    assert {row["washout"] for row in check.table} == {0, 1}
    said = "\n".join(plan_words(plan_file.plan, panel))
    assert "Specification curve: every combination of " in said and "other adopters" in said


def test_an_outcome_with_periods_of_its_own_is_not_counted_twice(tmp_path):
    text = ONE.replace("2012", "2007") + '[curve]\nlast = ["2006", "2007"]\n'
    text = text.replace('better = "lower"', 'better = "lower"\nlast = "2005"')
    plan_file, panel = read(tmp_path, text)
    (check,), _, _ = curve_of(plan_file.plan, panel)
    assert [row["last"] for row in check.table] == ["2005"]


def test_a_plan_without_a_curve_has_none(tmp_path):
    plan_file, panel = read(tmp_path, EVERY)
    found, _, _ = curve_of(plan_file.plan, panel)
    assert found == ()


@pytest.mark.parametrize(
    ("curve", "where", "words"),
    [
        ("[curve]\n", "curve: ", "crosses nothing"),
        ('[curve]\ntrend = ["none"]\n', "curve.trend: ", 'is for design = "its"'),
        ('[curve]\nfirst = ["2000", "2000"]\n', "curve.first: ", "named twice"),
        ('[curve]\nfirst = ["1990"]\n', "curve.first: ", "outside the data"),
        ('[curve]\nlast = ["2010-01"]\n', "curve.last: ", "is a month"),
        ('[curve]\nstart = ["2004"]\n', "curve.start: ", "when each unit starts"),
        ('[curve]\nadopters = ["left out"]\n', "curve.adopters: ", "names its unit"),
        ('[curve]\nmethods = ["newey-west"]\n', "curve.methods: ", 'of design = "its"'),
        ('[curve]\nleave_out = [["Contol A"]]\n', "curve.leave_out: ", "Did you mean 'Control A'?"),
        (f"[curve]\nwashout = {list(range(30))}\nphase_in = {list(range(20))}\n", "curve: ", "600"),
    ],
)
def test_a_curve_that_cannot_be_crossed_is_refused_at_its_key(curve, where, words, tmp_path):
    with pytest.raises(PlanError) as caught:
        read(tmp_path, EVERY + curve)
    assert where in str(caught.value) and words in str(caught.value)
