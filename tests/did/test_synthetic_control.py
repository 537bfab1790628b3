"""Synthetic control against R's quadratic programming, and against Proposition 99."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from donor_panels import (
    REFERENCE,
    cigarettes,
    formula,
    one_of_eleven,
    some_of_eighteen,
    unit_weights,
)
from scipy.stats import t

from evaluation.did import synthetic_control
from evaluation.did.cohorts import NEVER, Cohorts
from evaluation.errors import FitError
from evaluation.numeric.panel.synthetic import synthetic_control as simplex_control


def test_agrees_with_quadprog_and_placebos_written_out() -> None:
    # tests/reference/weighted_controls.R: simplex by quadprog 1.5.8, ten placebos in a loop.
    said = REFERENCE["control"]
    answer = synthetic_control.fit(one_of_eleven(), solver="exact")
    weights = unit_weights(
        one_of_eleven(), lambda panel: synthetic_control._solve(panel, "outcomes", None, "exact")
    )
    assert weights == pytest.approx(said["weights"], abs=1e-9)
    assert answer.estimate == pytest.approx(said["estimate"], rel=1e-9)
    assert answer.std_error == pytest.approx(said["std_error"], rel=1e-9)
    # Ten placebos have no rank below .05: theirs is told, and the range is by t(9) from them.
    assert f"rank p {said['p_value']:.3f} of the ratio of gaps" in str(answer.notes[-1])
    assert answer.df == 9 and answer.objection is not None
    half = t.ppf(0.975, 9) * said["std_error"]
    assert answer.high - answer.estimate == pytest.approx(half, rel=1e-9)
    assert answer.estimate - answer.low == pytest.approx(half, rel=1e-9)


def test_proposition_99_is_the_published_number() -> None:
    # Arkhangelsky et al. (2021), table 1: -19.6 (9.9); the R package synthdid prints -19.620.
    answer = synthetic_control.fit(cigarettes())
    assert answer.estimate == pytest.approx(-19.620, abs=5e-4)
    # The published error is of 200 random placebos; all 38 of them once give 10.6.
    assert 8.4 < answer.std_error < 12.8
    assert "Utah 0.40, Montana 0.23, Nevada 0.20, Connecticut 0.10" in str(answer.notes[0])
    assert "the smallest p among 38 placebos is 0.026" in str(answer.notes[1])
    assert answer.objection is None


def test_the_range_holds_what_the_rank_does_not_reject() -> None:
    # With 21 controls, an effect just inside the range, taken off, is not rejected by the rank of
    # the gap after over the one before; one outside is. Placebos by the numeric method, in a loop.
    y, start = formula(22, 20), 14
    answer = synthetic_control.fit(Cohorts.from_arrays(y, [start, *[NEVER] * 21]), solver="exact")

    def size(y0: np.ndarray, y1: np.ndarray) -> float:
        gap = simplex_control(y0, y1, start).gap
        return float(np.sqrt((gap[start:] ** 2).mean() / (gap[:start] ** 2).mean()))

    others = [size(np.delete(y, [0, k], axis=0), y[k]) for k in range(1, 22)]

    def p_value(effect: float) -> float:
        changed = y[0] - effect * (np.arange(20) >= start)
        own = size(y[1:], changed)
        return (1 + sum(other >= own for other in others)) / 22

    width = answer.high - answer.estimate
    assert p_value(0.0) == pytest.approx(answer.p_value)
    assert p_value(answer.estimate + 0.999 * width) >= 0.05
    assert p_value(answer.estimate + 1.001 * width) < 0.05
    assert p_value(answer.estimate - 1.001 * width) < 0.05


@pytest.mark.parametrize(("controls", "valid"), [(19, False), (20, True)])
def test_a_rank_that_cannot_reach_five_percent_is_not_valid_here(
    controls: int, valid: bool
) -> None:
    cohorts = Cohorts.from_arrays(formula(controls + 1, 30), [24, *[NEVER] * controls])
    answer = synthetic_control.fit(cohorts)
    floor = 1 / (controls + 1)
    assert (answer.p_value < 0.05) == (answer.low > 0 or answer.high < 0)
    assert f"the smallest p among {controls} placebos is {floor:.3f}" in str(answer.notes[1])
    about_p = answer.objection is not None and "smallest p" in str(answer.objection)
    assert about_p != valid
    if not valid:
        assert answer.objection is not None
        assert str(answer.objection).startswith("not valid here: the smallest p among 19 placebos")
        assert "by t from the spread" in str(answer.objection)


def test_controls_that_fit_exactly_are_an_objection() -> None:
    cohorts = Cohorts.from_arrays(formula(25, 6), [3, *[NEVER] * 24])
    y = cohorts.y.copy()
    y[0, :3] = y[1:4, :3].mean(axis=0)
    answer = synthetic_control.fit(replace(cohorts, y=y), solver="exact")
    assert answer.objection is not None and "exactly before the start" in str(answer.objection)


def test_a_treated_unit_like_no_control_is_an_objection() -> None:
    y = formula(25, 20)
    y[0] += 100
    answer = synthetic_control.fit(Cohorts.from_arrays(y, [14, *[NEVER] * 24]))
    assert answer.objection is not None and "no weighting of controls is like" in str(
        str(answer.objection)
    )


def test_expected_line_and_estimate_agree() -> None:
    cohorts = some_of_eighteen((10, 8, 8))
    answer = synthetic_control.fit(cohorts, draws=20)
    assert answer.expected is not None
    gaps = (cohorts.y - answer.expected)[cohorts.treated]
    assert gaps.mean() == pytest.approx(answer.estimate, rel=1e-10)


def test_a_rate_is_weighted_when_there_is_an_exposure() -> None:
    people = np.linspace(50, 500, 11)[:, None] * np.ones(20)
    plain = one_of_eleven()
    counts = Cohorts.from_arrays(plain.y * people / 50, plain.first, exposure=people, offset=True)
    # People of the treated unit: 50, so that rates at their mean are the outcomes before.
    one, other = synthetic_control.fit(plain), synthetic_control.fit(counts)
    assert other.estimate == pytest.approx(one.estimate, rel=1e-9)
    assert other.p_value == pytest.approx(one.p_value)


def test_scale_and_order_do_not_matter() -> None:
    plain = one_of_eleven()
    one = synthetic_control.fit(plain, solver="exact")
    scaled = synthetic_control.fit(replace(plain, y=5 + 3 * plain.y), solver="exact")
    assert scaled.estimate == pytest.approx(3 * one.estimate, rel=1e-8)
    assert scaled.p_value == pytest.approx(one.p_value)
    order = np.random.default_rng(3).permutation(11)
    shuffled = synthetic_control.fit(plain.keeping(order), solver="exact")
    assert shuffled.estimate == pytest.approx(one.estimate, rel=1e-8)
    assert shuffled.std_error == pytest.approx(one.std_error, rel=1e-8)


def test_predictors_given_equal_weight_are_met_as_near_as_can_be() -> None:
    # The treated unit's covariates are the mean of two controls', whose mean it also has before.
    y = formula(12, 20)
    x, z = np.arange(12.0), (np.arange(12.0) * 5) % 7
    x[0], z[0] = (x[3] + x[8]) / 2, (z[3] + z[8]) / 2
    y[0] = (y[3] + y[8]) / 2
    cohorts = Cohorts.from_arrays(y, [14, *[NEVER] * 11], covariates={"x": x, "z": z})
    weights = unit_weights(
        cohorts,
        lambda panel: synthetic_control._solve(panel, "predictors", [1, 1, 1], "published"),
    )
    own = np.array([x[0], z[0], y[0, :14].mean()])
    others = np.column_stack([x[1:], z[1:], y[1:, :14].mean(axis=1)])
    assert weights @ others == pytest.approx(own, abs=1e-6)
    chosen = synthetic_control.fit(cohorts, match="predictors", draws=20)
    fixed = synthetic_control.fit(cohorts, match="predictors", importance=[1, 1, 1], draws=20)

    def before(notes: tuple[str, ...]) -> float:
        return float(str(notes[1]).split("gap before ")[1].split(",")[0])

    assert before(chosen.notes) <= before(fixed.notes) + 1e-9


def test_refusals_say_what_to_do() -> None:
    cohorts = one_of_eleven()
    with pytest.raises(FitError, match='use match "outcomes"'):
        synthetic_control.fit(cohorts, match="predictors")
    with pytest.raises(FitError, match='for match "predictors"'):
        synthetic_control.fit(cohorts, importance=[1])
    with pytest.raises(FitError, match="a single control"):
        synthetic_control.fit(cohorts.keeping([0, 1]))
    with pytest.raises(FitError, match="no unit is never treated"):
        synthetic_control.fit(cohorts.pretending(np.full(11, 14.0)))
    with pytest.raises(FitError, match="two more controls than treated"):
        synthetic_control.fit(cohorts.keeping([0, 1, 2]))
    with pytest.raises(FitError, match='solver "published" or "exact"'):
        synthetic_control.fit(cohorts, solver="fast")  # type: ignore[arg-type]
    with pytest.raises(FitError, match="sampling weights"):
        synthetic_control.fit(replace(cohorts, weight=np.arange(1.0, 12)))
    with pytest.raises(FitError, match="draws must be at least 19"):
        synthetic_control.fit(some_of_eighteen((8, 8)), draws=1)
    with pytest.raises(FitError, match="gives the same estimate"):
        synthetic_control.fit(
            replace(cohorts, y=np.vstack([cohorts.y[:1], np.ones((10, 20))])), solver="exact"
        )
    with_x = one_of_eleven(covariates={"x": np.arange(11)})
    with pytest.raises(FitError, match="there must be 2 importances"):
        synthetic_control.fit(with_x, match="predictors", importance=[1])
