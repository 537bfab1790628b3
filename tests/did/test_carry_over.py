"""Did an effect last after the program ended?"""

from __future__ import annotations

import numpy as np
import pytest
from partial import ending, holes
from statsmodels.api import GLM, OLS, families

from evaluation import did
from evaluation.did import METHODS, carry_over
from evaluation.did.cohorts import Cohorts
from evaluation.errors import FitError

LASTS = "cells after the end of a program may not be untreated"
UNKNOWN = "whether an effect lasted after programs ended cannot be told"


def asked(cohorts: Cohorts, name: str | None = None):
    method = (did.default(cohorts) if name is None else METHODS[name]).lighter(99)
    effect = method.fit(cohorts)
    return carry_over.check(cohorts, method, effect), effect


def by_hand(cohorts: Cohorts) -> float:
    """The change after the ends by a regression on the untreated cells before any end."""
    control = cohorts.untreated & ~cohorts.after_end
    unit, period = np.nonzero(control)

    def columns(unit: np.ndarray, period: np.ndarray) -> np.ndarray:
        return np.column_stack([np.eye(cohorts.n)[unit], np.eye(cohorts.length)[period][:, 1:]])

    y, x = cohorts.y[unit, period], columns(unit, period)
    unit, period = np.nonzero(cohorts.after_end)
    seen = cohorts.y[unit, period]
    if cohorts.kind == "continuous":
        return float((seen - columns(unit, period) @ OLS(y, x).fit().params).mean())
    offset = cohorts.log_exposure
    fitted = GLM(y, x, family=families.Poisson(), offset=offset[control]).fit(tol=1e-13)
    expected = np.exp(columns(unit, period) @ fitted.params + offset[unit, period])
    return float(np.log(seen.sum() / expected.sum()))


@pytest.mark.parametrize("kind", ["count", "continuous"])
@pytest.mark.parametrize("gaps", [False, True])
def test_change_after_the_ends_is_a_regression_and_its_error_a_jackknife_by_brute_force(kind, gaps):
    cohorts = ending(kind, effect=-0.4, lasting=-0.2, treated=8, controls=8, units=6)
    if gaps:
        cohorts = cohorts.leaving_out(holes(cohorts.y.shape))
    found = carry_over.carry_over(cohorts, "log ratio" if kind == "count" else "difference")
    whole = by_hand(cohorts)
    assert found.whole.estimate == pytest.approx(whole, abs=1e-8)
    away = [by_hand(cohorts.without(row)) - whole for row in range(cohorts.n)]
    error = np.sqrt((cohorts.n - 1) / cohorts.n * np.square(away).sum())
    assert found.whole.std_error == pytest.approx(error, rel=1e-6)
    assert (found.whole.df, found.units, found.clusters) == (5, 6, 6)


@pytest.mark.parametrize("kind", ["count", "continuous"])
def test_an_effect_that_lasts_is_told_in_check_and_note(kind):
    found, effect = asked(ending(kind, effect=-0.5, lasting=-0.5, treated=12, controls=20))
    assert found.passed is False
    assert "may not be untreated" in str(found.says) and "makes the estimate too small" in str(
        str(found.says)
    )
    assert any(note.startswith(LASTS) for note in map(str, effect.notes))
    # Without these cells the estimate is right again.
    assert "With these cells left out the change is -" in str(found.says)
    assert [row["since the end"] for row in found.table][:3] == [
        "all after an end",
        "month 1",
        "month 2",
    ]
    share = 100 * np.expm1(-0.5)
    assert found.table[0]["low"] < share * (1 if kind == "count" else 0.9)


def test_leaving_the_cells_after_an_end_out_frees_the_estimate_of_what_lasts():
    cohorts = ending(effect=-0.5, lasting=-0.5, treated=30, controls=60)
    method = METHODS["poisson-imputation"].lighter(99)
    with_them = method.fit(cohorts)
    without = method.fit(cohorts.leaving_out(cohorts.after_end))
    assert without.estimate == pytest.approx(-0.5, abs=0.05)
    assert without.estimate < with_them.estimate - 0.02
    assert not any(LASTS in note or UNKNOWN in note for note in map(str, without.notes))


@pytest.mark.parametrize("kind", ["count", "continuous"])
def test_an_effect_that_ends_with_the_program_passes_without_a_note(kind):
    found, effect = asked(ending(kind, effect=-0.5, treated=12, controls=20))
    assert found.passed is True
    assert "holds no change, and leaves out one as large as the effect" in str(found.says)
    assert not any(LASTS in note or UNKNOWN in note for note in map(str, effect.notes))


def test_a_range_that_holds_both_does_not_judge():
    cohorts = ending(effect=-0.02, treated=12, controls=20)
    found, effect = asked(cohorts)
    assert found.passed is None and "so it cannot tell" in str(found.says)
    assert any(note.startswith(UNKNOWN) for note in map(str, effect.notes))


def test_few_clusters_with_an_end_do_not_judge():
    found, effect = asked(ending(effect=-0.5, lasting=-0.5, treated=12, controls=20, units=3))
    assert found.passed is None and "rests on 3 clusters with an end" in str(found.says)
    assert any(note.startswith(UNKNOWN) for note in map(str, effect.notes))


@pytest.mark.parametrize("kind", ["count", "continuous"])
def test_one_unit_with_an_end_shows_no_range(kind):
    cohorts = ending(kind, effect=-0.5, treated=8, controls=12, units=1)
    found, effect = asked(cohorts)
    assert found.passed is None and "the program of one unit alone ends" in str(found.says)
    assert any(note.startswith(UNKNOWN) for note in map(str, effect.notes))


def test_ends_that_nothing_can_be_compared_with_are_told():
    cohorts = ending(effect=-0.5, treated=8, controls=12)
    cohorts = cohorts.leaving_out(cohorts.after_end)
    with pytest.raises(FitError, match="no cell after the end of a program"):
        carry_over.carry_over(cohorts, "log ratio")


def test_a_washout_after_an_end_is_counted_in_the_times_since_it():
    cohorts = ending(effect=-0.5, treated=8, controls=12, units=7)
    since = np.arange(cohorts.length) - cohorts.first[:, None]
    washed = cohorts.after_end & (since < 6)
    found = carry_over.carry_over(cohorts.leaving_out(washed), "log ratio")
    assert found.parts[0].name == "month 3"


def test_many_times_since_the_end_are_put_together_by_years():
    cohorts = ending(effect=-0.5, treated=8, controls=12, length=40)
    found = carry_over.carry_over(cohorts, "log ratio")
    assert [part.name for part in found.parts] == ["year 1", "year 2", "year 3"]


def test_restarts_are_under_treatment_and_not_after_an_end():
    cohorts = ending(effect=-0.5, treated=8, controls=12)
    assert cohorts.on is not None
    on = cohorts.on.copy()
    on[:8, 12:] = True
    again = Cohorts.from_arrays(cohorts.y, None, on=on, exposure=cohorts.exposure, kind="count")
    assert not again.after_end[:, 12:].any()
    assert again.after_end.sum() == cohorts.after_end[:, :12].sum()
