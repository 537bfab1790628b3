"""What could have been found: against simulation, textbook values and the words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from evaluation.effect import Effect, Interval
from evaluation.study.could_find import could_be_found, found_share, smallest_found

NOUGHT = Interval(0.0, 0.0, 0.0)


def effect(std_error: float, df: float | None, scale: str = "log ratio") -> Effect:
    law = stats.norm if df is None else stats.t(df)
    half = float(law.ppf(0.975)) * std_error
    return Effect(
        "m", scale, "", 0.05, std_error, df, 0.05 - half, 0.05 + half, 0.5, NOUGHT, NOUGHT, "",
        (), (), 10,
    )  # fmt: skip


@pytest.mark.parametrize("df", [2.0, 5.0, 12.0, 40.0])
@pytest.mark.parametrize("ratio", [0.5, 1.5, 3.0])
def test_the_share_found_is_that_of_draws(df: float, ratio: float) -> None:
    source = np.random.default_rng(3)
    n = 200_000
    t = (source.standard_normal(n) + ratio) / np.sqrt(source.chisquare(df, n) / df)
    share = float((np.abs(t) > stats.t(df).ppf(0.975)).mean())
    assert found_share(ratio * 0.2, 0.2, df) == pytest.approx(share, abs=0.006)
    assert found_share(-ratio * 0.2, 0.2, df) == found_share(ratio * 0.2, 0.2, df)


def test_of_the_normal_law_the_smallest_is_the_textbooks() -> None:
    # 1.96 + 0.84 standard errors (Cohen 1988), less the few found on the wrong side.
    assert smallest_found(0.1, None) == pytest.approx(0.1 * 2.80159, rel=1e-5)
    assert smallest_found(0.1, 1e6) == smallest_found(0.1, None)
    assert found_share(0.0, 0.1, 12.0) == pytest.approx(0.05, abs=1e-9)


@pytest.mark.parametrize("df", [1.0, 3.0, 30.0, None])
def test_the_smallest_is_found_four_times_in_five(df: float | None) -> None:
    assert found_share(smallest_found(0.3, df), 0.3, df) == pytest.approx(0.8, abs=1e-8)


def test_the_sentence_has_the_way_that_is_good_and_the_smallest_worth_having() -> None:
    found = could_be_found(effect(0.2, 12.0), "lower", 10.0)
    least = 100 * (1 - np.exp(-smallest_found(0.2, 12.0)))
    assert f"a fall of {least:.0f} % or more would be found four times in five" in str(found.says)
    assert "one of 10 %, the smallest worth having, 8 times in 100" in str(found.says)
    assert found.passed is None
    assert [row["percent"] for row in found.table] == [-10, -20, -30, -40, -50]
    up = could_be_found(effect(0.2, 12.0), "higher", 150.0)
    assert "a rise of" in str(up.says) and "worth having" not in str(up.says)
    assert up.table[-1]["percent"] == 150


def test_a_difference_is_told_in_its_own_units_and_no_range_in_none() -> None:
    assert "a change of 0.28 a period" in str(
        could_be_found(effect(0.1, None, "difference"), "lower", 10.0).says
    )
    unranged = could_be_found(replace(effect(0.1, None), low=0.05, high=0.05), "lower", None)
    assert "Not possible" in str(unranged.says)
