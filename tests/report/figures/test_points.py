"""What a survey found is told in points of its scale first, and of 100 where it is a share."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from example_checks import thorough

from evaluation.report.figures.at_a_glance import alternatives_lines
from evaluation.report.figures.figures import planned_alternatives
from evaluation.report.figures.points import in_points, points_finding, whisker_of
from evaluation.study.evidence import load_evidence

TRUST = load_evidence("survey-synthetic", Path(__file__).parents[3]).outcome("trust")


def test_points_come_first_and_percent_after():
    effect = TRUST.effect
    assert in_points(TRUST) and not in_points(thorough())
    for figure in (planned_alternatives(TRUST), alternatives_lines(TRUST)):
        assert f"the headline is {effect.estimate:+.2f} points (".replace("-", "−") in figure.title
        assert "points" in figure.table.headers[1].text
        told = float(figure.table.rows[0][1][0].replace("−", "-"))
        assert told == pytest.approx(effect.estimate, abs=0.0051)
    percents = [header.text for header in planned_alternatives(TRUST).table.headers]
    assert percents.index("Change, points") < percents.index("Change")
    assert points_finding(TRUST).index("points") < points_finding(TRUST).index("%")


def test_a_share_of_residents_is_told_of_100():
    share = replace(TRUST, measure="share of residents with 4 or more")
    effect = share.effect
    row = whisker_of(share.headline, share, "", effect)
    assert row.estimate == pytest.approx(100 * effect.estimate)
    assert "percentage points" in points_finding(share)
