"""Many series judged at once give what each gives alone."""

from __future__ import annotations

from dataclasses import astuple, replace

import numpy as np
import pytest

from evaluation.its import METHODS, Method, Series, Specification, averaged_reml
from evaluation.its.batch import judge_many
from evaluation.numeric.series.simulated import copula_counts
from evaluation.numeric.shared.draws import stream

TOGETHER = (
    "averaged-reml",
    "averaged-reml-ar1",
    "averaged-reml-wide",
    "poisson",
    "quasi-poisson",
)
N = 60
# With prior weights on the grid.
INFORMED = replace(
    METHODS["averaged-reml"], name="averaged-reml-informed", solve=averaged_reml.fit_informed
)
SPECIFICATIONS = (
    Specification(),
    Specification(washout=3),
    Specification(phase_in=4),
    Specification(effect="level+slope"),
    Specification(half_life=12.0),
    Specification(trend="none"),
    Specification(season="periods", trend="quadratic"),
)


def _counts(name: str, draws: int, mean: float = 9.0) -> np.ndarray:
    source = stream(21, name)
    return copula_counts(np.full(N, mean), alpha=0.1, rho=0.3, source=source, draws=draws)


@pytest.fixture(scope="module")
def designs() -> list[Series]:
    """Every kind of design, with windows of several lengths, exposure, a dose and a control."""
    y = _counts("designs", 14)
    exposure = np.linspace(4e5, 4.4e5, N)
    made = [
        Series.from_arrays(y[i], start=30, exposure=exposure, specification=specification)
        for i, specification in enumerate(SPECIFICATIONS)
    ]
    plain = [Series.from_arrays(one, start=28) for one in y[7:11]]
    dose = np.where(np.arange(N) >= 30, 1.0 + np.arange(N) % 3, 0.0)
    return [
        *made,
        *plain,
        plain[0].starting(35),
        plain[1].between(5, N),
        plain[1].between(6, N - 2),
        plain[2].beside(plain[3]),
        Series.from_arrays(y[12], start=30, dose=dose),
    ]


def _alone(method: Method, series: Series) -> tuple[float, ...]:
    effect = method.fit(series)
    percent = effect.percent
    return (
        effect.estimate,
        effect.std_error,
        effect.low,
        effect.high,
        effect.p_value,
        percent.estimate,
        percent.low,
        percent.high,
    )


@pytest.mark.parametrize(
    "method",
    [*(METHODS[name] for name in (*TOGETHER, "newey-west", "prais-winsten")), INFORMED],
    ids=lambda method: method.name,
)
def test_a_batch_gives_what_every_series_gives_alone(designs, method):
    found = judge_many(method, designs)
    for judged, series in zip(found, designs, strict=True):
        assert judged.reason == ""
        assert astuple(judged)[:-1] == pytest.approx(_alone(method, series), rel=1e-8, abs=1e-10)


@pytest.mark.parametrize("method", TOGETHER)
def test_a_series_that_cannot_be_fitted_has_the_reason_it_has_alone(designs, method):
    never = Series.from_arrays(np.r_[np.full(30, 3.0), np.zeros(30)], start=30)
    covariate = np.arange(N, dtype=float)
    doubled = Series.from_arrays(
        designs[0].y,
        start=30,
        specification=Specification(covariates=("clock",)),
        covariates={"clock": covariate},
    )
    # No event in any December: its dummy has no finite estimate.
    empty = designs[6].y.copy()
    empty[11::12] = 0
    separated = Series.from_arrays(empty, start=30, specification=SPECIFICATIONS[6])
    other = replace(designs[7], kind="continuous")
    mixed = [designs[7], never, designs[8], doubled, separated, other]
    found = judge_many(METHODS[method], mixed)
    assert [bool(judged.reason) for judged in found] == [False, True, False, True, True, True]
    assert "no event after the start" in found[1].reason
    assert "cannot be told from the others" in found[3].reason
    assert "no finite estimate" in found[4].reason
    assert "not for a continuous outcome" in found[5].reason
    assert np.isnan(astuple(found[1])[:-1]).all()
    assert astuple(found[2])[:-1] == pytest.approx(_alone(METHODS[method], mixed[2]), rel=1e-8)


def test_settings_of_a_method_are_kept_in_a_batch(designs):
    lagged = METHODS["newey-west"].set_to({"lag": 1})
    one, other = (judge_many(method, designs[:1])[0] for method in (METHODS["newey-west"], lagged))
    assert one.estimate == pytest.approx(other.estimate, rel=1e-12)
    assert one.std_error != other.std_error


def test_no_series_give_no_answer():
    assert judge_many(METHODS["averaged-reml"], []) == []


def test_the_order_of_series_does_not_matter_and_they_are_not_changed(designs):
    before = [series.y.copy() for series in designs]
    forward = judge_many(METHODS["averaged-reml"], designs)
    backward = judge_many(METHODS["averaged-reml"], designs[::-1])
    for one, other in zip(forward, backward[::-1], strict=True):
        assert astuple(one)[:-1] == pytest.approx(astuple(other)[:-1], rel=1e-8)
    assert all(np.array_equal(a, series.y) for a, series in zip(before, designs, strict=True))
