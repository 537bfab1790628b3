"""Batched Poisson and NB2 against statsmodels."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm

from evaluation.numeric.shared.glm import negative_binomial, poisson

N = 72
X = np.column_stack([np.ones(N), np.arange(N), np.arange(N) >= 36]).astype(float)


@pytest.fixture(scope="module")
def draws():
    mean = np.exp(1.2 - 0.004 * np.arange(N) - 0.3 * (np.arange(N) >= 36))
    return np.random.default_rng(8).poisson(mean, size=(25, N)).astype(float)


def test_every_series_of_a_batch_is_the_glm_of_that_series(draws):
    offset = np.log(np.linspace(0.8, 1.2, N))
    fitted = poisson(draws, X, offset)
    assert fitted.converged.all()
    for row, y in enumerate(draws):
        model = sm.GLM(y, X, family=sm.families.Poisson(), offset=offset).fit(tol=1e-14)
        assert fitted.beta[row] == pytest.approx(model.params, rel=1e-8, abs=1e-10)
        assert np.sqrt(np.diag(fitted.cov[row])) == pytest.approx(model.bse, rel=1e-7)


def test_own_designs_give_what_a_shared_design_gives(draws):
    own = np.broadcast_to(X, (len(draws), N, 3)).copy()
    shared, separate = poisson(draws, X, np.zeros(N)), poisson(draws, own, np.zeros(N))
    assert separate.beta == pytest.approx(shared.beta, rel=1e-10)
    assert separate.cov == pytest.approx(shared.cov, rel=1e-8)


def test_one_bad_series_is_marked_and_does_not_spoil_the_others(draws):
    y = draws.copy()
    y[3, 36:] = 0
    y[5] = 0
    fitted = poisson(y, X, np.zeros(N))
    assert np.flatnonzero(~fitted.converged).tolist() == [3, 5]
    assert fitted.beta[4] == pytest.approx(poisson(draws[4], X, np.zeros(N)).beta[0], rel=1e-9)


def test_nb2_is_the_maximum_of_the_likelihood():
    rng = np.random.default_rng(9)
    y = rng.negative_binomial(3, 3 / (3 + 8), N).astype(float)
    fitted = negative_binomial(y, X, np.zeros(N))
    model = sm.NegativeBinomial(y, X).fit(method="newton", tol=1e-13, maxiter=200, disp=0)
    assert np.append(fitted.beta, fitted.alpha) == pytest.approx(model.params, rel=1e-6)
    assert fitted.alpha_se == pytest.approx(model.bse[-1], rel=1e-5)
