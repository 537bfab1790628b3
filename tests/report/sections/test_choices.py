from __future__ import annotations

import pytest

from evaluation.report.sections.measures import varied


def test_only_what_differs_is_a_choice():
    rows = [{"trend": "linear", "effect": "level"}, {"trend": "none", "effect": "level"}]
    (choice,) = varied(rows, "month")
    assert (choice.name, choice.kinds) == ("Trend", ("straight line", "none"))


@pytest.mark.parametrize(
    ("column", "values", "order"),
    [
        ("phase_in", (10, 0, 3), ("none", "3 months", "10 months")),
        ("washout", (1, 0), ("none", "1 month")),
        ("season", ("periods", "fourier 2", "fourier 1"), ("1 wave", "2 waves", "each month")),
        ("trend", ("none", "linear", "quadratic"), ("straight line", "curved", "none")),
        ("controls", (False, True), ("with", "without")),
        ("first", ("2009-01", "2008-01"), ("2008-01", "2009-01")),
        ("start", (3, 0, -3), ("−3 months", "as planned", "+3 months")),
        ("method", ("quasi-poisson", "averaged-reml"), ("averaged-reml", "quasi-poisson")),
    ],
)
def test_kinds_are_in_words_and_in_order(column, values, order):
    (choice,) = varied([{column: value} for value in values], "month")
    assert tuple(choice.order) == order
    assert sorted(choice.kinds) == sorted(order)


def test_one_specification_alone_leaves_no_choice():
    assert varied([{"trend": "linear"}], "month") == []
