"""Units without a program that stand in for the treated, and known changes put into them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from evaluation.did.cohorts import Cohorts
from evaluation.did.honest import events, stand_ins, standing_in, with_change
from evaluation.errors import FitError
from evaluation.numeric.shared.draws import stream, uniforms

N, T = 12, 10


def panel(kind: str = "count", **given) -> Cohorts:
    """Twelve units of which two are treated, the first from period 4 on, the other from 6."""
    y = np.arange(N * T, dtype=float).reshape(N, T) + 20
    first = np.full(N, np.inf)
    first[:2] = 4, 6
    return Cohorts.from_arrays(y, first, kind=kind, **given)


def test_only_units_without_a_program_take_part_with_the_starts_of_the_treated():
    cohorts = panel()
    found = standing_in(cohorts, np.array([3, 0]))
    assert found.units[:2] == ("unit 6", "unit 3")
    assert found.first[:2].tolist() == [4, 6] and np.isinf(found.first[2:]).all()
    assert set(found.units) == set(cohorts.units[2:])
    assert (found.y[0] == cohorts.y[5]).all() and (found.y[1] == cohorts.y[2]).all()
    assert found.whole


def test_gaps_of_both_and_the_ends_of_the_treated_are_kept():
    y = panel().y.copy()
    y[5, 1] = np.nan
    out = np.zeros((N, T), bool)
    out[0, 4] = True
    on = np.zeros((N, T), bool)
    on[0, 4:7], on[1, 6:] = True, True
    cohorts = Cohorts.from_arrays(y, None, kind="count", on=on, left_out=out, gaps="missing")
    found = standing_in(cohorts, np.array([3, 0]))
    assert found.used is not None and found.on is not None
    assert np.argwhere(~found.used).tolist() == [[0, 1], [0, 4]]
    assert found.on[:2].tolist() == on[:2].tolist() and not found.on[2:].any()
    assert np.isnan(found.y[0, [1, 4]]).all()


@pytest.mark.parametrize("percent", [-40.0, 25.0, 150.0])
def test_a_change_moves_the_treated_cells_by_its_share_and_no_other(percent):
    found = standing_in(panel(), np.array([3, 0]))
    u = uniforms(stream(1, "x"), events(found))
    moved = with_change(found, percent, u)
    here = found.treated
    assert (moved.y[~here] == found.y[~here]).all()
    assert (moved.y[here] % 1 == 0).all() and (moved.y[here] >= 0).all()
    # About a thousand events: the share is met within three standard errors.
    share = moved.y[here].sum() / found.y[here].sum() - 1
    error = np.sqrt(abs(percent) / 100 / found.y[here].sum())
    assert share == pytest.approx(percent / 100, abs=3 * error)


def test_a_larger_fall_leaves_no_event_that_a_smaller_one_takes():
    found = standing_in(panel(), np.array([3, 0]))
    u = uniforms(stream(1, "x"), events(found))
    less, more = (with_change(found, percent, u).y for percent in (-10.0, -30.0))
    assert (more <= less).all()
    assert (with_change(found, 0.0, u).y == found.y).all()


def test_other_outcomes_are_multiplied_and_a_phase_in_comes_by_steps():
    found = standing_in(panel("continuous", phase_in=1), np.array([3, 0]))
    assert events(found) == 0
    moved = with_change(found, -50.0, np.empty(0))
    ratio = moved.y[0] / found.y[0]
    assert ratio.tolist() == pytest.approx([1, 1, 1, 1, 0.75, 0.5, 0.5, 0.5, 0.5, 0.5])


def test_too_few_to_stand_in_are_refused_in_words():
    first = np.full(N, np.inf)
    first[:5] = 4
    with pytest.raises(FitError, match="7 units without a program are too few to stand in for 5"):
        stand_ins(Cohorts.from_arrays(panel().y, first, kind="count"))
    clustered = replace(panel(), cluster=np.arange(N) // 2)
    with pytest.raises(FitError, match="whole clusters are treated"):
        stand_ins(clustered)
