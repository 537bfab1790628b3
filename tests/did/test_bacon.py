"""The decomposition and the weights of a two-way regression."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from regressions import panel

from evaluation.did import METHODS, twfe
from evaluation.did.bacon import check, decompose, weights_on_effects
from evaluation.did.cohorts import Cohorts
from evaluation.effect import Check
from evaluation.errors import FitError

ALL_TREATED = [1, 2, 2, 4]
STAGGERED = [*ALL_TREATED, np.inf, np.inf]


def _random(first: list[float], **options: object) -> Cohorts:
    y = np.random.default_rng(8).normal(size=(len(first), 6))
    return Cohorts.from_arrays(y, first, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("first", [STAGGERED, ALL_TREATED, [3, 3, np.inf]])
@pytest.mark.parametrize("weighted", [False, True])
def test_comparisons_add_up_to_the_coefficient(first: list[float], weighted: bool) -> None:
    weight = np.linspace(1, 3, len(first)) if weighted else None
    cohorts = _random(first, weight=weight)
    parts = decompose(cohorts)
    assert sum(part.weight for part in parts) == pytest.approx(1, abs=1e-12)
    assert all(part.weight > 0 for part in parts)
    mean = sum(part.weight * part.estimate for part in parts)
    assert mean == pytest.approx(twfe.fit(cohorts).estimate, rel=1e-9)


def test_each_comparison_is_a_regression_of_its_two_cohorts() -> None:
    cohorts = _random(STAGGERED)
    for part in decompose(cohorts):
        control = np.inf if part.control is None else part.control
        rows = np.isin(cohorts.first, (part.treated, control))
        pair = cohorts.keeping(rows)
        y, own = pair.y, pair.first == part.treated
        if part.kind == "later v earlier":
            y, start = y[:, int(control) :], part.treated - int(control)
        else:
            end = pair.length if part.control is None else part.control
            y, start = y[:, :end], part.treated
        alone = Cohorts.from_arrays(y, np.where(own, start, np.inf))
        assert part.estimate == pytest.approx(twfe.fit(alone).estimate, rel=1e-9)


def test_two_cohorts_of_the_published_formula() -> None:
    # Goodman-Bacon (2021), equation 10, by hand: shares 1/4, 1/4, 1/2, treated 4/6 and 2/6 of the
    # time. Untreated against k: n n D (1 - D); k against l and l against k as in the docstring.
    cohorts = _random([2, 4, np.inf, np.inf])
    raw = {
        (2, None): 1 / 8 * (4 / 6) * (2 / 6),
        (4, None): 1 / 8 * (2 / 6) * (4 / 6),
        (2, 4): 1 / 16 * (2 / 6) * (2 / 6),
        (4, 2): 1 / 16 * (2 / 6) * (2 / 6),
    }
    total = sum(raw.values())
    found = {(part.treated, part.control): part.weight for part in decompose(cohorts)}
    assert found == pytest.approx({key: value / total for key, value in raw.items()})


def test_weights_turn_effects_into_the_coefficient() -> None:
    cohorts = _random(STAGGERED, weight=[1.0, 2.0, 1.0, 1.0, 3.0, 1.0])
    rng = np.random.default_rng(3)
    effects = np.where(cohorts.treated, rng.normal(size=cohorts.y.shape), 0)
    level = rng.normal(size=(6, 1)) + rng.normal(size=6)
    exact = Cohorts.from_arrays(level + effects, cohorts.first, weight=cohorts.weight)
    found = weights_on_effects(exact)
    assert found.weight.sum() == pytest.approx(1)
    assert (found.weight * effects).sum() == pytest.approx(found.coefficient, rel=1e-9)
    assert found.coefficient == pytest.approx(twfe.fit(exact).estimate, rel=1e-9)


def test_least_heterogeneity_is_what_a_search_finds() -> None:
    from scipy.optimize import minimize

    cohorts = _random([1, 1, 2, 5, 5, np.inf])
    found = weights_on_effects(cohorts)
    assert found.negative > 0
    cells = cohorts.treated
    share = np.full(int(cells.sum()), 1 / cells.sum())
    ratio = found.weight[cells] / share
    coefficient = abs(found.coefficient)
    linear = {"type": "eq", "fun": lambda effect: share @ (ratio * effect) - coefficient}

    def variance(effect: np.ndarray) -> float:
        return float(share @ (effect - share @ effect) ** 2)

    mean = {"type": "eq", "fun": lambda effect: share @ effect}
    start = np.where(ratio < 0, -1.0, 0.0)
    tight = {"ftol": 1e-14, "maxiter": 1000}
    free = minimize(variance, start, constraints=[linear, mean], method="SLSQP", options=tight)
    assert np.sqrt(free.fun) == pytest.approx(found.hidden, rel=1e-4)


def asked(cohorts: Cohorts) -> Check:
    return check(cohorts, METHODS["twfe"], METHODS["twfe"].fit(cohorts))


def test_check_fails_only_when_treated_units_are_controls() -> None:
    fair = asked(_random([3, 3, np.inf, np.inf]))
    assert fair.passed
    assert [row["comparison"] for row in fair.table] == ["treated v untreated"]
    unfair = asked(panel())
    assert not unfair.passed
    assert "treated already" in str(unfair.says)
    weights = [float(row["weight"]) for row in unfair.table]
    assert sum(weights) == pytest.approx(1)


def test_longer_treatment_lowers_the_weights_of_early_cells() -> None:
    found = weights_on_effects(_random([1, 5, np.inf]))
    early = found.weight[0, 1:]
    assert all(later <= earlier + 1e-12 for earlier, later in pairwise(early))


def test_treatment_of_all_at_once_is_refused() -> None:
    for function in (decompose, weights_on_effects):
        with pytest.raises(FitError, match="add untreated units"):
            function(_random([3, 3, 3]))
