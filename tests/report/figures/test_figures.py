"""What a figure of one outcome says in words and in its table."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from example_study import effect, outcome, study

from evaluation import plots
from evaluation.effect import Gap
from evaluation.fact import period_words
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


@pytest.mark.parametrize(
    ("lost", "sentence"),
    [
        ((), ""),
        ((40,), "Nothing is known of one period: {0}. The lines have a gap there, and no number "
                "rests on it."),
        ((40, 41, 7), "Nothing is known of 3 periods: {0}, {1} and {2}. The lines have a gap "
                      "there, and no number rests on them."),
    ],
)  # fmt: skip
def test_periods_of_which_nothing_is_known_are_told_under_the_figure(lost, sentence, monkeypatch):
    made = effect((-20.0, -30.0, -9.0), (60.0, 20.0, 100.0))
    holes = [made.path[at] for at in sorted(lost)]
    path = tuple(one for at, one in enumerate(made.path) if at not in lost)
    gaps = tuple(Gap(one.period, "before") for one in holes)
    evidence = study(outcomes=(outcome(replace(made, path=path, gaps=gaps)),))
    drawn = []
    draw = plots.observed_against_expected
    monkeypatch.setattr(
        plots,
        "observed_against_expected",
        lambda *given, **told: drawn.append(draw(*given, **told)) or drawn[-1],
    )
    figure = observed_against_expected(evidence, evidence.outcomes[0])
    said = sentence.format(*(period_words(one.period) for one in holes))
    assert said in figure.note and ("Nothing is known" in figure.note) == bool(lost)
    for axes in drawn:  # of the page and of the phone
        cells = np.array(axes.lines[0].get_ydata(), dtype=float)
        assert len(cells) == len(made.path)
        assert np.flatnonzero(np.isnan(cells)).tolist() == sorted(lost)
    assert len(drawn) == 2 and len(figure.table.rows) >= 1
    assert not {(one.period,) for one in holes} & {row[0] for row in figure.table.rows}
