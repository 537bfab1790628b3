"""Looks at averaged REML: one step from means that all share, and steps that lead to the answer."""

from __future__ import annotations

import numpy as np
from scipy.special import stdtr

from evaluation.numeric.series.averaged import Slopes, averaged_poisson
from evaluation.numeric.series.correlation import AR1_NUGGET, grams, shared_grams, whitening
from evaluation.numeric.series.looks import own_look, shared_look, t_below
from evaluation.numeric.series.simulated import copula_counts
from evaluation.numeric.shared.draws import stream
from evaluation.numeric.shared.glm import poisson
from evaluation.numeric.shared.linear import orthonormal

N = 60
TIME = np.arange(N)
X = np.column_stack([np.ones(N), TIME / N, TIME >= 40])
FLAT = np.zeros(len(AR1_NUGGET))


def drawn(draws: int = 40) -> np.ndarray:
    mean = np.where(TIME >= 40, 6.0, 9.0)
    return copula_counts(mean, alpha=0.1, rho=0.4, source=stream(2, "looks"), draws=draws)


def test_products_of_a_shared_design_are_those_of_its_own() -> None:
    rows = drawn()
    for time in (TIME, np.delete(np.arange(N + 2), [7, 30])):
        model = whitening(time, AR1_NUGGET)
        across, own = shared_grams(X.T, rows, model)
        whole = grams(np.stack([np.column_stack([X, row]) for row in rows]), model)
        np.testing.assert_allclose(
            np.moveaxis(across, 0, -1), whole[:, :, :-1, -1], rtol=1e-9, atol=1e-9
        )
        np.testing.assert_allclose(own, whole[:, :, -1, -1], rtol=1e-9)


def test_looks_lead_to_the_answer() -> None:
    y, offset = drawn(), np.zeros(N)
    answer = averaged_poisson(y, X, offset, TIME, AR1_NUGGET)
    look = shared_look(y, X, offset, TIME, AR1_NUGGET, prior=FLAT)
    moved = [look.moved.max()]
    for _ in range(8):
        look = own_look(y, X, offset, TIME, AR1_NUGGET, gamma=look.gamma, prior=FLAT)
        moved.append(look.moved.max())
    assert moved[-1] < 1e-6 < moved[0]
    np.testing.assert_allclose(look.beta, answer.beta, atol=1e-6)
    gradient = np.array([[0.0, 0.0, 1.0]])
    centers, scales = look.contrasts(look.beta[:, 2], gradient)
    np.testing.assert_allclose(centers, answer.betas[:, :, 2], atol=1e-5)
    np.testing.assert_allclose(scales**2, answer.covs[:, :, 2, 2], rtol=1e-5)


def test_a_look_from_poisson_fits_is_the_answer_of_one_pass() -> None:
    """With no slope, one and two of them with a prior, and gradients that differ by series."""
    y = drawn()
    gamma = poisson(y, orthonormal(X)[0], np.zeros(N)).beta
    gradients = np.column_stack([np.zeros((len(y), 2)), np.linspace(0.5, 1.5, len(y))])
    prior = np.linspace(0, 1, len(AR1_NUGGET)) * np.arange(len(y))[:, None] / 20
    for of in ([], [[0.0, 1.0, 0.0]], [[0.0, 1.0, 0.0], [0.3, 0.5, 1.0]]):
        slopes = Slopes(np.array(of), 0.1) if of else None
        options = {"prior": prior, "slopes": slopes}
        step = averaged_poisson(y, X, np.zeros(N), TIME, AR1_NUGGET, passes=1, **options)
        look = own_look(y, X, np.zeros(N), TIME, AR1_NUGGET, gamma=gamma, **options)
        np.testing.assert_allclose(look.beta, step.beta, rtol=1e-8)
        np.testing.assert_allclose(look.weights, step.weights, rtol=1e-6, atol=1e-12)
        values = (look.beta * gradients).sum(axis=1)
        centers, scales = look.contrasts(values, gradients)
        wanted = (step.betas * gradients[:, None]).sum(axis=-1)
        np.testing.assert_allclose(centers, wanted, rtol=1e-8, atol=1e-10)
        variance = gradients[:, None, None] @ step.covs @ gradients[:, None, :, None]
        np.testing.assert_allclose(scales**2, variance[..., 0, 0], rtol=1e-8)
        assert look.df == step.df


def test_a_look_at_one_series_is_its_first_step() -> None:
    """The mean of one series is itself: the step from its Poisson fit."""
    y, slopes = drawn(1), Slopes(np.array([[0.0, 1.0, 0.0]]), 0.1)
    for prior in (None, slopes):
        step = averaged_poisson(y, X, np.zeros(N), TIME, AR1_NUGGET, slopes=prior, passes=1)
        look = shared_look(y, X, np.zeros(N), TIME, AR1_NUGGET, prior=FLAT, slopes=prior)
        np.testing.assert_allclose(look.beta, step.beta, rtol=1e-8)
        np.testing.assert_allclose(look.weights, step.weights, rtol=1e-6, atol=1e-12)
        assert look.df == step.df
        _, scales = look.contrasts(look.beta[:, 2], np.array([[0.0, 0.0, 1.0]]))
        np.testing.assert_allclose(scales**2, step.covs[:, :, 2, 2], rtol=1e-8)


def test_the_t_that_is_looked_up_is_the_t() -> None:
    z = np.concatenate([np.linspace(-40, 40, 4001), [np.nan, np.inf, -np.inf, 16.0, -16.0]])
    for df in (3, 17, 71, 500):
        np.testing.assert_allclose(t_below(z, df), stdtr(df, z), rtol=0, atol=1e-12)
