"""What a comparison could find, by units without a program that stand in for the treated."""

from __future__ import annotations

import numpy as np
import pytest
from small_adopters import EVERY, ONE, project, read

from evaluation.errors import FitError
from evaluation.report.sections.power_page import power_html
from evaluation.report.sections.power_words import how_made, limits, no_peeking
from evaluation.study.power.comparison import outcome_power, ready
from evaluation.study.power.power import power
from evaluation.study.power.power_evidence import dumps, loads


@pytest.fixture(scope="module")
def one(tmp_path_factory):
    """The power of one city beside others."""
    steps = []
    root = project(tmp_path_factory.mktemp("one"), ONE)
    found = power("cities", root, effects=(50.0,), progress=lambda *step: steps.append(step))
    return found, steps


def test_a_large_fall_is_found_and_none_seldom(one):
    found, steps = one
    (outcome,) = found.outcomes
    assert [point.percent for point in outcome.curve] == [0.0, -10.0, -50.0]
    assert outcome.curve[-1].power > 0.9
    assert outcome.false_alarms < 0.2
    assert (outcome.stand_ins, outcome.pool) == (1, 16)
    assert [step[1:] for step in steps] == [(1, 3), (2, 3), (3, 3)]
    assert steps[0][0] == "murders: power curve"


def test_the_page_says_what_was_made_up_and_what_was_not_read(one):
    found, _ = one
    page = power_html(loads(dumps(found)))
    assert "only the 16 units without a program take part" in how_made(found)
    assert "1 of them was taken for treated" in how_made(found)
    assert no_peeking(found) in page and "No outcome of a treated unit was used" in page
    assert all(item[:40] in page for item in limits(found))
    assert "Series were made up by computer" not in page


def test_no_outcome_of_a_treated_unit_is_read(one, tmp_path):
    found, _ = one
    root = project(tmp_path, ONE)
    table = root / "data" / "cities.csv"
    rows = table.read_text().splitlines()
    for place, row in enumerate(rows):
        cells = row.split(",")
        if cells[0] == "Ash" and int(cells[1]) >= 2004:
            rows[place] = ",".join([*cells[:2], "1", *cells[3:]])
    table.write_text("\n".join(rows) + "\n")
    again = power("cities", root, effects=(50.0,))
    assert again.outcomes == found.outcomes


def test_gaps_and_starts_of_the_treated_are_kept(tmp_path):
    plan_file, panel = read(tmp_path, EVERY)
    plan = plan_file.plan
    task = ready(plan, panel, plan.outcomes[0], 4, (60.0,))
    assert (task.pool, int(task.cohorts.ever.sum())) == (16, 7)
    assert not task.cohorts.whole
    steps = []
    found = outcome_power(task, lambda: steps.append(1))
    assert len(steps) == 3 and found.curve[-1].power >= 0.5
    assert np.isfinite(found.assumed.before)


def test_a_design_that_cannot_be_made_up_says_why(tmp_path):
    few = EVERY + '[controls]\nunits = ["Control A", "Control C", "Control D", "Control E"]\n'
    root = project(tmp_path, few)
    with pytest.raises(FitError, match="4 units without a program are too few to stand in for 7"):
        power("cities", root)
