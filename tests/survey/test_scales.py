"""Scores follow the plan: reversed items, missing answers, cuts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from survey_worlds import TRUST, drawn

from evaluation.errors import DataError, FitError
from evaluation.survey import Sample, Scale, reliability, score
from evaluation.synthetic import survey as synthetic

NAN = float("nan")


def small(items: Any, **options: Any) -> Sample:
    n = len(items)
    given: dict[str, Any] = {"names": ["a", "b", "c"]} | options
    return Sample.from_arrays(
        items,
        wave=np.tile([0, 1], n // 2),
        treated=np.repeat([0, 1], n // 2),
        weight=np.ones(n),
        **given,
    )


ITEMS = [[1, 2, 5], [4, NAN, 1], [NAN, NAN, 2], [NAN, NAN, NAN]]
SCALE = Scale("s", ("a", "b", "c"), reverse=("c",))


def test_score_is_the_mean_of_the_answered_with_reversed_items_turned() -> None:
    # (1 + 2 + 1) / 3; (4 + 5) / 2; one of three is too few; none.
    np.testing.assert_allclose(score(small(ITEMS), SCALE), [4 / 3, 4.5, NAN, NAN])


@pytest.mark.parametrize(("least", "known"), [(1.0, 1), (2 / 3, 2), (0.5, 2), (1 / 3, 3), (0.1, 3)])
def test_planned_share_of_answers_is_needed(least: float, known: int) -> None:
    values = score(small(ITEMS), replace(SCALE, least_answered=least))
    assert np.isfinite(values).sum() == known


def test_cut_gives_a_share_and_keeps_the_missing() -> None:
    values = score(small(ITEMS), replace(SCALE, at_least=4.5))
    np.testing.assert_array_equal(values, [0, 1, NAN, NAN])


def test_score_does_not_change_its_input() -> None:
    sample = small(ITEMS)
    before = sample.items.copy()
    score(sample, SCALE)
    np.testing.assert_array_equal(sample.items, before)


@pytest.mark.parametrize(
    ("scale", "words"),
    [
        (Scale("s", ("a", "d")), "no item 'd'"),
        (Scale("s", ("a", "a")), "each once"),
        (Scale("s", ()), "needs items"),
        (Scale("s", ("a",), reverse=("b",)), "reverses 'b'"),
        (replace(SCALE, least_answered=0.0), "above 0 and up to 1"),
        (replace(SCALE, at_least=1.0), "above the lowest"),
        (replace(SCALE, at_least=6.0), "answers go from 1 to 5"),
    ],
)
def test_scales_that_cannot_be_built_are_refused(scale: Scale, words: str) -> None:
    with pytest.raises(DataError, match=words):
        score(small(ITEMS), scale)


def test_items_of_other_ranges_are_refused() -> None:
    with pytest.raises(DataError, match="different ranges"):
        score(small(ITEMS, high=[5, 5, 7]), SCALE)


def test_measures_without_bounds_are_taken_but_not_reversed() -> None:
    free = small(np.array(ITEMS) * 10, low=-np.inf, high=np.inf)
    values = score(free, Scale("s", ("a", "b", "c"), least_answered=1.0))
    np.testing.assert_allclose(values, [80 / 3, NAN, NAN, NAN])
    with pytest.raises(DataError, match="reverses items without a range"):
        score(free, SCALE)


def test_reversed_item_that_is_not_declared_lowers_alpha() -> None:
    sample = drawn()
    right, wrong = reliability(sample, TRUST), reliability(sample, replace(TRUST, reverse=()))
    assert right.alpha > 0.8 > 0.3 > wrong.alpha
    assert wrong.item_rest["abuses_power"] < 0 < right.item_rest["abuses_power"]
    assert right.omega is not None and right.low < right.alpha < right.high


def test_reliability_of_one_item_or_of_nobody_is_refused() -> None:
    with pytest.raises(FitError, match="two or more"):
        reliability(small(ITEMS), Scale("a", ("a",)))
    with pytest.raises(FitError, match="fewer than 10 respondents answered"):
        reliability(small(ITEMS), SCALE)
    alike = drawn(synthetic.NULL)
    items = alike.items.copy()
    items[:, alike.names.index("trusts")] = 3
    with pytest.raises(FitError, match="same answer to 'trusts'"):
        reliability(replace(alike, items=items), TRUST)
