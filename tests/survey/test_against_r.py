"""Means, models, raking and lone strata agree with R's survey 4.1.1 (tests/reference/survey.R)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import numpy as np
import pytest
from r_survey import AGREE, DESIGNS, SCORE, R, mean, ratio, sample

from evaluation.effect import Effect
from evaluation.numeric.survey import items as numeric
from evaluation.numeric.survey import weighted
from evaluation.survey import by_subgroup, estimate, rake, reliability, score
from evaluation.survey.scales import answers, of_item


def agrees(effect: Effect, r: dict[str, Any], order: list[int], tolerance: float = 1e-6) -> None:
    found = np.array([[term.estimate, term.std_error] for term in effect.terms])
    np.testing.assert_allclose(found[:, 0], np.array(r["coef"])[order], rtol=tolerance, atol=1e-9)
    np.testing.assert_allclose(found[:, 1], np.array(r["se"])[order], rtol=tolerance)
    assert effect.df == r["df"]


@pytest.mark.parametrize("design", DESIGNS)
def test_means_shares_and_ratios_are_those_of_svymean(design: str) -> None:
    data, r = sample(design), R[design]
    values = score(data, SCORE)
    np.testing.assert_allclose(mean(data, values), r["mean"], rtol=1e-9)
    part = mean(data, values, data.trait("race") == "black")
    np.testing.assert_allclose(part, r["part"], rtol=1e-9)
    np.testing.assert_allclose(mean(data, score(data, AGREE)), r["share"][:2], rtol=1e-9)
    assert weighted.degrees(data.design, np.isfinite(score(data, AGREE))) == r["df"]
    found = ratio(data, data.items[:, 0], data.items[:, 1])
    np.testing.assert_allclose(found, r["ratio"], rtol=1e-9)


@pytest.mark.parametrize("design", DESIGNS)
def test_linear_difference_is_that_of_svyglm(design: str) -> None:
    data, r = sample(design), R[design]
    agrees(estimate(data, scale=SCORE), r["linear"], [0, 1, 2, 3])
    # R has the interaction last, after age and the two races.
    with_traits = estimate(data, scale=SCORE, options={"covariates": ["age", "race"]})
    agrees(with_traits, r["adjusted"], [0, 1, 2, 6, 3, 4, 5])


@pytest.mark.parametrize("design", DESIGNS)
def test_logistic_difference_and_its_risk_are_those_of_svyglm(design: str) -> None:
    data, r = sample(design), R[design]
    plain = estimate(data, scale=AGREE, method="survey-logit")
    agrees(plain, r["logistic"], [0, 1, 2, 3])
    np.testing.assert_allclose([plain.estimate, plain.std_error], r["risk"], rtol=1e-6)
    with_traits = estimate(
        data, scale=AGREE, method="survey-logit", options={"covariates": ["age", "race"]}
    )
    agrees(with_traits, r["adjusted_logistic"], [0, 1, 2, 6, 3, 4, 5])


@pytest.mark.parametrize("design", DESIGNS)
def test_ordered_logit_is_that_of_svyolr(design: str) -> None:
    data = sample(design)
    found = estimate(data, scale=of_item(data, "q1"), method="survey-ordered")
    # svyolr stops BFGS early and differentiates its Hessian numerically.
    agrees(found, R[design]["ordered"], [0, 1, 2, 3, 4, 5, 6], tolerance=1e-5)


@pytest.mark.parametrize("design", DESIGNS)
def test_subgroup_is_a_domain_of_the_whole_design(design: str) -> None:
    data = sample(design)
    black = next(m for m in by_subgroup(data, SCORE, "race").members if m.name == "black")
    r = R[design]["black"]
    np.testing.assert_allclose([black.estimate, black.std_error], [r["coef"][3], r["se"][3]])
    assert black.df == r["df"]


@pytest.mark.parametrize("rule", ["certainty", "adjust", "average"])
def test_lone_sampling_units_follow_the_rule_of_r(rule: str) -> None:
    data = sample()
    stratum = data.design.stratum[data.design.psu]
    unit = data.design.psu
    keep = (stratum != 5) | (unit == unit[stratum == 5].min())
    found = estimate(sample(keep=keep, lonely=rule), scale=SCORE)
    agrees(found, R["lonely"][rule], [0, 1, 2, 3])


def test_raked_weights_and_their_errors_are_those_of_rake() -> None:
    # One wave at a time would be raked apart; R raked the whole.
    data = sample()
    margins = {
        "race": {"black": 420.0, "latino": 330.0, "white": 250.0},
        "old": {"old": 430.0, "young": 570.0},
    }
    together = rake(replace(data, wave=np.zeros_like(data.wave), waves=("all",)), margins).sample
    whole = replace(data, design=together.design)
    np.testing.assert_allclose(whole.weight, R["raked"]["weights"], rtol=1e-9)
    np.testing.assert_allclose(mean(whole, score(whole, SCORE)), R["raked"]["mean"], rtol=1e-6)
    agrees(estimate(whole, scale=SCORE), R["raked"]["linear"], [0, 1, 2, 3])


def test_effects_of_races_have_the_joint_covariance_of_one_model() -> None:
    data, r = sample(), R["races"]
    family = by_subgroup(data, SCORE, "race")
    np.testing.assert_allclose([m.estimate for m in family.members], r["coef"], rtol=1e-9)
    contrast = np.array([[-1, 1, 0], [-1, 0, 1]])
    gap = contrast @ np.array(r["coef"])
    value = float(gap @ np.linalg.solve(contrast @ np.array(r["cov"]) @ contrast.T, gap)) / 2
    from scipy.stats import f

    df = min(member.df for member in family.members) - 1
    assert family.differ == pytest.approx(float(f.sf(value, 2, df)), rel=1e-6)


def test_reliability_is_that_of_psych_and_factanal() -> None:
    data, r = sample("simple"), R["reliability"]
    equal = replace(data, design=replace(data.design, weight=np.ones(len(data.wave))))
    found = reliability(equal, SCORE)
    assert found.n == r["n"]
    np.testing.assert_allclose(found.alpha, r["alpha"], rtol=1e-9)
    np.testing.assert_allclose([found.low, found.high], r["feldt"], rtol=1e-9)
    np.testing.assert_allclose(list(found.item_rest.values()), r["item_rest"], rtol=1e-9)
    # factanal's optimiser stops a little short.
    assert cast(float, found.omega) == pytest.approx(r["omega"], rel=1e-5)
    chosen = answers(data, SCORE)
    full = np.isfinite(chosen).all(axis=1)
    cov = numeric.covariance(chosen[full], data.weight[full])
    np.testing.assert_allclose(cov, r["cov_weighted"], rtol=1e-9)
    fit = numeric.one_factor(numeric.covariance(chosen[full], np.ones(int(full.sum()))))
    np.testing.assert_allclose(fit.loadings, r["loadings"], rtol=1e-4)
    np.testing.assert_allclose(fit.uniqueness, r["unique"], rtol=1e-4)


def test_degrees_of_freedom_are_units_less_strata() -> None:
    data = sample()
    assert weighted.degrees(data.design, np.ones(len(data.wave), bool)) == 30 - 6
