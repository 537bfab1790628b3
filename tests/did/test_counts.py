"""Poisson and negative binomial two-way regressions against R (tests/reference)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from regressions import UNITS, panel, reference

from evaluation.did import METHODS, negative_binomial, poisson_twfe
from evaluation.did.cohorts import Cohorts
from evaluation.errors import FitError


@pytest.mark.parametrize(
    ("key", "options"),
    [
        ("model", {"errors": "model"}),
        ("cr0", {"errors": "CR0"}),
        ("counted", {"errors": "CR1", "nested": "counted"}),
        ("jackknife", {"errors": "CR3"}),
    ],
)
def test_poisson_equals_glm_with_dummies(key: str, options: dict[str, Any]) -> None:
    expected = reference()["poisson"]
    answer = poisson_twfe.fit(panel("count"), **options)
    assert answer.estimate == pytest.approx(expected["coef"], abs=1e-9)
    # The jackknife of R leaves out the 13 units with events, with the factor of all 14.
    assert answer.std_error == pytest.approx(expected[key], rel=1e-7)
    assert answer.dispersion == pytest.approx(expected["dispersion"], rel=1e-7)
    assert str(answer.notes[0]) == "1 units without events say nothing"


def test_observed_and_expected_of_treated_cells_give_the_estimate() -> None:
    cohorts = panel("count")
    answer = poisson_twfe.fit(cohorts)
    cells = cohorts.treated
    ratio = cohorts.y[cells].sum() / np.asarray(answer.expected)[cells].sum()
    assert np.log(ratio) == pytest.approx(answer.estimate, abs=1e-9)


def test_one_treated_unit_and_date_is_the_ratio_of_totals() -> None:
    # The identity in the project's inference study, section 3.
    y = np.random.default_rng(1).poisson(6, (9, 24)).astype(float)
    first = np.full(9, np.inf)
    first[0] = 12
    cohorts = Cohorts.from_arrays(y, first, kind="count")
    answer = poisson_twfe.fit(cohorts, errors="CR1")
    before, after = y[:, :12], y[:, 12:]
    own = np.log(after[0].sum() / before[0].sum())
    others = np.log(after[1:].sum() / before[1:].sum())
    assert answer.estimate == pytest.approx(own - others, abs=1e-9)
    assert "1 treated cluster rejects" in str(answer.objection)
    with pytest.raises(FitError, match="no jackknife"):
        poisson_twfe.fit(cohorts)


def test_one_step_is_near_the_refits(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = poisson_twfe.fit(panel("count"))
    monkeypatch.setattr(poisson_twfe, "REFITS", 1)
    step = poisson_twfe.fit(panel("count"))
    assert step.std_error == pytest.approx(whole.std_error, rel=0.01)
    assert "one step" in str(step.notes[-1])


def test_exposure_in_other_units_changes_nothing() -> None:
    cohorts = panel("count")
    thousands = replace(cohorts, exposure=np.asarray(cohorts.exposure) / 1000)
    for module in (poisson_twfe, negative_binomial):
        one, other = module.fit(cohorts), module.fit(thousands)
        assert other.estimate == pytest.approx(one.estimate, abs=1e-8)
        np.testing.assert_allclose(other.expected, one.expected, rtol=1e-6)


def test_negative_binomial_equals_glm_nb() -> None:
    # R stops at a relative change of the deviance; alpha carries more of what is left.
    expected = reference()["negative_binomial"]
    model = negative_binomial.fit(panel("count"), errors="model")
    assert model.estimate == pytest.approx(expected["coef"], abs=1e-8)
    assert model.std_error == pytest.approx(expected["model"], rel=1e-6)
    assert str(model.notes[0]) == f"alpha {expected['alpha']:.4g}"
    n, k, groups = 130, 12, 13
    factor = groups / (groups - 1) * (n - 1) / (n - k)
    clustered = negative_binomial.fit(panel("count"), errors="CR1")
    assert clustered.std_error == pytest.approx(expected["cr0"] * np.sqrt(factor), rel=1e-6)
    reduced = negative_binomial.fit(panel("count"), errors="CR2")
    assert 1 < float(reduced.df or 0) < groups
    assert "are too small" in str(model.objection)


def test_negative_binomial_without_excess_is_the_poisson_fit() -> None:
    y = np.tile(np.array([[3.0, 4.0, 3.0, 4.0], [2.0, 3.0, 2.0, 3.0]]), (7, 1))
    cohorts = Cohorts.from_arrays(y, [2] * 7 + [np.inf] * 7, kind="count")
    answer = negative_binomial.fit(cohorts)
    assert "alpha went to nought" in str(answer.notes[0])
    assert answer.estimate == pytest.approx(poisson_twfe.fit(cohorts).estimate, abs=1e-8)


@pytest.mark.parametrize("module", [poisson_twfe, negative_binomial])
@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("treated", "no event under treatment"),
        ("before", "in treated units before treatment"),
        ("beside", "in untreated cells after the first start"),
    ],
)
def test_ratio_without_a_finite_estimate_is_refused(module: Any, where: str, words: str) -> None:
    cohorts = panel("count")
    treated = cohorts.treated
    cells = {
        "treated": treated,
        "before": cohorts.ever[:, None] & ~treated,
        "beside": ~treated & (np.arange(cohorts.length) >= cohorts.cohorts[0]),
    }[where]
    with pytest.raises(FitError, match=words):
        module.fit(replace(cohorts, y=np.where(cells, 0.0, cohorts.y)))


def test_refusals_say_what_to_do() -> None:
    with pytest.raises(FitError, match="there are model, CR0"):
        poisson_twfe.fit(panel("count"), errors="HC1")  # type: ignore[arg-type]
    with pytest.raises(FitError, match="takes no weights"):
        negative_binomial.fit(panel("count", weight=np.arange(1, UNITS + 1)))
    wide = np.random.default_rng(1).poisson(2, (300, 8)).astype(float) + 1
    with pytest.raises(FitError, match="use poisson-twfe"):
        negative_binomial.fit(Cohorts.from_arrays(wide, [4] * 150 + [np.inf] * 150, kind="count"))
    # The only events of one treated unit stand alone once the other is left out.
    y = np.ones((12, 6))
    y[0, 3:], y[1] = 0, 0
    y[1, :3], y[1, 3:] = 1, 2
    cohorts = Cohorts.from_arrays(y, [3, 3, *[np.inf] * 10], kind="count")
    with pytest.raises(FitError, match="the jackknife without unit 2"):
        poisson_twfe.fit(cohorts)


@pytest.mark.parametrize("name", ["poisson-twfe", "negative-binomial-twfe"])
def test_covariates_that_do_not_change_are_taken_up_and_a_note_says_so(name) -> None:
    cohorts = panel("count").keeping(range(13))
    noted = replace(cohorts, covariates=np.arange(13.0)[:, None] % 3, covariate_names=("size",))
    found, plain = METHODS[name].fit(noted), METHODS[name].fit(cohorts)
    assert (found.estimate, found.std_error) == (plain.estimate, plain.std_error)
    assert str(found.notes[-1]) == f"not used by {name}: size"
