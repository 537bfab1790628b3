"""What each treated unit saw and was expected to see, added up again the slow and obvious way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from groups import committed

from evaluation.did import METHODS
from evaluation.did.cohorts import Cohorts
from evaluation.did.spillover import MOST, treated_places

METHOD = METHODS["poisson-imputation"]


def fewer() -> Cohorts:
    """The committed panel without one treated unit, so that units are told one by one."""
    cohorts = committed()
    return cohorts.without(int(np.flatnonzero(cohorts.ever)[0]))


def by_hand(cohorts: Cohorts, expected: np.ndarray, rows: list[int]) -> dict[int, list[float]]:
    """Cells, observed and expected by year since the start, cell by cell."""
    found: dict[int, list[float]] = {}
    for i in rows:
        for t in range(cohorts.length):
            year = int((t - cohorts.first[i]) // 4)
            sums = found.setdefault(year, [0.0, 0.0, 0.0])
            sums[0] += 1
            sums[1] += cohorts.y[i, t]
            sums[2] += expected[i, t]
    return found


def test_of_more_than_24_treated_those_of_one_start_are_added_up():
    cohorts = committed()
    assert int(cohorts.ever.sum()) == MOST + 1
    expected = METHOD.solve(cohorts).expected
    table = treated_places(cohorts, METHOD).table
    assert len({row["unit"] for row in table}) == len(cohorts.cohorts)
    for first in cohorts.cohorts:
        rows = np.flatnonzero(cohorts.first == first).tolist()
        own = [row for row in table if row["start"] == cohorts.periods[int(first)]]
        hand = by_hand(cohorts, expected, rows)
        assert [row["year"] for row in own] == sorted(hand)
        for row in own:
            cells, observed, told = hand[row["year"]]
            assert row["units"] == len(rows)
            assert row["periods"] * row["units"] == cells
            assert row["observed"] == observed
            assert row["expected"] == pytest.approx(told, rel=1e-12)


def test_fewer_are_told_one_by_one_under_their_own_names():
    cohorts = fewer()
    treated = [cohorts.units[int(row)] for row in np.flatnonzero(cohorts.ever)]
    check = treated_places(cohorts, METHOD)
    assert list(dict.fromkeys(row["unit"] for row in check.table)) == treated
    assert all(row["units"] == 1 for row in check.table)
    lower = 0
    for name in treated:
        after = [row for row in check.table if row["unit"] == name and row["year"] >= 0]
        lower += sum(row["observed"] for row in after) < sum(row["expected"] for row in after)
    assert str(check.says) == f"Less was observed than expected in {lower} of {MOST} treated places"


@pytest.mark.parametrize("cohorts", [committed(), fewer()], ids=["groups", "places"])
def test_from_the_start_on_they_add_up_to_the_number_averted(cohorts):
    rows = [row for row in treated_places(cohorts, METHOD).table if row["year"] >= 0]
    total = sum(row["expected"] - row["observed"] for row in rows)
    assert total == pytest.approx(METHOD.fit(cohorts).averted.estimate, rel=1e-9)


def test_a_method_without_expected_numbers_says_so():
    cohorts = fewer()
    silent = replace(METHOD, solve=lambda panel: replace(METHOD.solve(panel), expected=None))
    check = treated_places(cohorts, silent)
    assert check.table == ()
    assert str(check.says).startswith("Not possible")


def test_a_cell_of_which_nothing_is_expected_leaves_its_year_without_a_number():
    cohorts = fewer()
    row = int(np.flatnonzero(cohorts.ever)[0])
    expected = METHOD.solve(cohorts).expected.copy()
    expected[row, int(cohorts.first[row])] = np.nan
    holed = replace(METHOD, solve=lambda panel: replace(METHOD.solve(panel), expected=expected))
    own = [one for one in treated_places(cohorts, holed).table if one["unit"] == cohorts.units[row]]
    assert [one["expected"] is None for one in own] == [one["year"] == 0 for one in own]
