"""While a study runs, what is asked of one series twice is solved once."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from evaluation.errors import FitError
from evaluation.its import METHODS, Series
from evaluation.its.solved import fits_kept, kept


def counts(seed: int = 1) -> Series:
    return Series.from_arrays(np.random.default_rng(seed).poisson(15, 60), start=30)


class Asked:
    """Counts how often it is asked, and answers with the settings."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, series: Series, **settings: object) -> tuple[float, dict[str, object]]:
        self.times += 1
        return float(series.y.sum()), settings


def test_the_same_numbers_are_solved_once_though_made_anew():
    asked = Asked()
    with fits_kept():
        assert kept(asked, counts()) is kept(asked, counts())
    assert asked.times == 1


def test_outside_a_run_nothing_is_remembered():
    asked = Asked()
    kept(asked, counts())
    with fits_kept():
        kept(asked, counts())
    with fits_kept():
        kept(asked, counts())
    assert asked.times == 3


@pytest.mark.parametrize(
    "other",
    [
        counts(2),
        counts().starting(31),
        counts().specified(trend="none"),
        counts().between(0, 59),
        counts().beside(counts(2)),
        Series.from_arrays(counts().y, start=30, name="another"),
        Series.from_arrays(counts().y, start=30, exposure=np.full(60, 2.0)),
        replace(counts(), kind="continuous"),
    ],
)
def test_anything_else_in_a_series_is_another_question(other):
    asked = Asked()
    with fits_kept():
        kept(asked, counts())
        kept(asked, other)
    assert asked.times == 2


def test_other_settings_are_another_question_and_the_same_ones_are_not():
    asked = Asked()
    with fits_kept():
        for lag in (3, 4, 3):
            assert kept(partial(asked, lag=lag), counts())[1] == {"lag": lag}
    assert asked.times == 2


def test_a_refusal_is_said_each_time():
    empty = Series.from_arrays(np.append(np.ones(30), np.zeros(30)), start=30)
    with fits_kept():
        for _ in range(2):
            with pytest.raises(FitError, match="no event after the start"):
                METHODS["poisson"].fit(empty)


@pytest.mark.parametrize("name", ["averaged-reml", "structural", "lagged-poisson", "newey-west"])
def test_an_effect_is_the_same_kept_or_not(name):
    alone = METHODS[name].fit(counts())
    with fits_kept():
        assert METHODS[name].fit(counts()) == METHODS[name].fit(counts()) == alone
