"""What a figure of one outcome says in words and in its table."""

from __future__ import annotations

from dataclasses import replace

import pytest
from example_study import effect, outcome, study

from evaluation.report.figures.figures import observed_against_expected


def of_size(factor: float, column: str):
    """A study of one outcome whose values are so many times those of the example."""
    made = effect((-20.0, -30.0, -9.0), (60.0, 20.0, 100.0))
    path = tuple(
        replace(
            point,
            observed=factor * point.observed,
            fitted=factor * point.fitted,
            expected=factor * point.expected,
            low=factor * point.low,
            high=factor * point.high,
        )
        for point in made.path
    )
    return study(outcomes=(outcome(replace(made, path=path), column=column, label="shares"),))


@pytest.mark.parametrize("factor", [0.002, 0.05, 0.4, 1.0, 30.0])
def test_a_share_is_told_in_digits_that_show_its_change(factor):
    """0.45 before and 0.54 after are two numbers, not 0.5 twice."""
    evidence = of_size(factor, "clearance")
    (found,) = evidence.outcomes
    figure = observed_against_expected(evidence, found)
    last = found.effect.path[-1]
    (row,) = [row for row in figure.table.rows if row[0] == (last.period,)]
    for cell, value in ((row[1][0], last.observed), (row[3][0], last.expected)):
        assert float(cell.replace(",", "")) == pytest.approx(value, rel=0.02)
        assert f"{cell} " in figure.description
