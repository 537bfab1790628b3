"""Ridge-augmented synthetic control against the regression written out."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from donor_panels import REFERENCE, cigarettes, formula, one_of_eleven, unit_weights
from scipy.optimize import minimize

from evaluation.did import augmented_control, synthetic_control
from evaluation.did.cohorts import NEVER, Cohorts
from evaluation.errors import FitError
from evaluation.numeric.panel.synthetic import chosen_ridge


def test_agrees_with_a_ridge_regression_of_outcomes_on_outcomes() -> None:
    # tests/reference/weighted_controls.R predicts by ridge and corrects the synthetic control; the
    # code writes the same as weights.
    said = REFERENCE["augmented"]
    answer = augmented_control.fit(one_of_eleven(), ridge=said["ridge"])
    assert answer.estimate == pytest.approx(said["estimate"], rel=1e-9)
    assert answer.std_error == pytest.approx(said["std_error"], rel=1e-9)
    assert answer.df == 9
    assert "a rank p is not valid here" in str(answer.notes[-1])


def test_weights_minimize_misfit_and_distance_from_the_synthetic_control() -> None:
    # Ben-Michael, Feller and Rothstein (2021), lemma 2: the weights minimize
    # |x - X'w|^2 / (2 ridge) + |w - w_synthetic|^2 / 2, here by a general optimizer.
    cohorts, ridge = one_of_eleven(), 30.0
    found = unit_weights(cohorts, lambda _: partial(augmented_control._block, ridge=ridge))
    plain = unit_weights(
        cohorts, lambda panel: synthetic_control._solve(panel, "outcomes", None, "exact")
    )
    level = cohorts.y[1:, :14].mean(axis=0)
    x, own = cohorts.y[1:, :14] - level, cohorts.y[0, :14] - level

    def value(w: np.ndarray) -> float:
        return float(((own - w @ x) ** 2).sum() / ridge + ((w - plain) ** 2).sum())

    slow = minimize(value, plain, method="BFGS", options={"gtol": 1e-9}).x
    assert found == pytest.approx(slow, abs=1e-6)  # BFGS takes differences as slopes
    assert found.sum() == pytest.approx(1, abs=1e-9)
    assert found.min() < 0


def test_a_heavy_penalty_leaves_the_synthetic_control_and_none_fits_exactly() -> None:
    cohorts = one_of_eleven()
    plain = synthetic_control.fit(cohorts, solver="exact")
    assert augmented_control.fit(cohorts, ridge=1e12).estimate == pytest.approx(
        plain.estimate, abs=1e-6
    )
    wide = Cohorts.from_arrays(formula(16, 12), [8, *[NEVER] * 15])
    answer = augmented_control.fit(wide, ridge=1e-9)
    assert answer.expected is not None
    # Fifteen controls follow eight periods exactly.
    assert answer.expected[0, :8] == pytest.approx(wide.y[0, :8], abs=1e-5)


def test_the_penalty_is_chosen_by_leaving_periods_out() -> None:
    cohorts = one_of_eleven()
    y0, y1, start = cohorts.y[1:], cohorts.y[0], 14
    x = y0[:, :start] - y0[:, :start].mean(axis=0)
    grid = np.linalg.eigvalsh(x @ x.T).max() * 1e-8 ** (np.arange(21) / 20)
    errors = np.empty((21, start))
    for t in range(start):
        kept = [s for s in range(start) if s != t]
        less = Cohorts.from_arrays(cohorts.y[:, [*kept, t]], [start - 1, *[NEVER] * 10])
        for k, ridge in enumerate(grid):
            solve = partial(augmented_control._block, ridge=float(ridge))
            w = unit_weights(less, lambda _, solve=solve: solve)
            errors[k, t] = (y1[t] - w @ y0[:, t]) ** 2
    mean = errors.mean(axis=1)
    limit = mean.min() + errors[mean.argmin()].std(ddof=1) / np.sqrt(start)
    assert chosen_ridge(y0, y1, start) == pytest.approx(grid[mean <= limit].max(), rel=1e-9)


def test_proposition_99_lies_between_its_neighbours() -> None:
    # No published number for outcomes alone; the correction moves -19.5 (synthetic control) towards
    # what synthetic difference-in-differences gives, and lessens the gap before.
    answer = augmented_control.fit(cigarettes())
    assert -19.5 < answer.estimate < -13
    assert "rank p" in str(answer.notes[-1])
    assert answer.objection is None


def test_refusals_say_what_to_do() -> None:
    cohorts = one_of_eleven()
    with pytest.raises(FitError, match="not negative"):
        augmented_control.fit(cohorts, ridge=-1)
    with pytest.raises(FitError, match="three periods before"):
        augmented_control.fit(cohorts.between(12, 20))
    few = augmented_control.fit(cohorts.keeping([0, 1, 2, 3]), ridge=1.0)
    assert few.objection is not None and str(few.objection).startswith("not valid here: 3 controls")
