"""Trends before treatment: tests that find them, and that say when they could not have."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from groups import committed, plain
from one_city import rates
from scipy.stats import f, norm
from trends import curve_of, world

from evaluation.did import poisson_imputation, pre_trends, sun_abraham
from evaluation.did.cohorts import Cohorts
from evaluation.did.honest import against_reference
from evaluation.did.method import Method
from evaluation.effect import Check
from evaluation.errors import FitError
from evaluation.numeric.panel import pretest

STUDIES = json.loads(
    (Path(__file__).parents[1] / "reference" / "event_studies.json").read_text(encoding="utf-8")
)
LINEAR = Method("sun-abraham", sun_abraham.fit, frozenset({"continuous", "count"}), "", "", "", "")


def asked(cohorts: Cohorts, **options) -> Check:
    return pre_trends.check(cohorts, LINEAR, LINEAR.fit(cohorts), **options)


def test_published_example_through_a_curve() -> None:
    # README of the R package pretrends, He and Wang (2017): slope found in half of all cases
    # 0.06991527; means given that nothing was seen below (randomized integrals, good to 3e-5).
    study = STUDIES["he wang"]
    found = pre_trends.pre_trends(curve_of(study["estimate"], study["cov"], 3))
    assert found.plot_slopes[0] == pytest.approx(0.06991527, rel=5e-4)
    assert found.bias == pytest.approx(0.06991527 * 2.5, rel=5e-4)
    given = np.mean([0.09017188, 0.16447429, 0.22994584, 0.29190725])
    assert found.bias_passed == pytest.approx(given, abs=1e-4)
    assert found.bias_passed > found.bias
    assert found.whole == pytest.approx(np.mean(study["estimate"][3:]) / 2.5)
    early, cov = np.array(study["estimate"][:3]), np.array(study["cov"])[:3, :3]
    wald = early @ np.linalg.inv(cov) @ early
    assert found.joint.statistic * 3 == pytest.approx(wald, rel=1e-6)


def test_powers_are_those_of_a_simulation() -> None:
    study = STUDIES["he wang"]
    cov = np.array(study["cov"])
    df = 30.0
    found = pre_trends.pre_trends(curve_of(np.array(study["estimate"]), cov, 3, df))
    trend = np.array([-3.0, -2, -1])
    draw = np.random.default_rng(4)
    early = cov[:3, :3]
    root = np.linalg.cholesky(early)
    noise = draw.normal(size=(10_000, 3)) @ root.T
    clusters = draw.normal(size=(10_000, int(df), 3)) @ root.T
    covs = np.einsum("nci,ncj->nij", clusters, clusters) / df
    for slope, target in zip(found.joint_slopes, (0.5, 0.8), strict=True):
        b = slope * trend + noise
        wald = np.einsum("ni,nij,nj->n", b, np.linalg.inv(covs), b)
        rejected = f.sf(wald * (df - 2) / (df * 3), 3, df - 2) < 0.05
        # Four standard errors of a share in 10,000 draws.
        assert rejected.mean() == pytest.approx(target, abs=0.02)
    # The plot is judged with the t point but with the errors as known.
    critical = curve_of(np.zeros(7), cov, 3, df).critical
    for slope, target in zip(found.plot_slopes, (0.5, 0.8), strict=True):
        seen = np.abs(slope * trend + noise) > critical * np.sqrt(np.diagonal(early))
        assert seen.any(axis=1).mean() == pytest.approx(target, abs=0.02)


def test_false_alarms_of_a_look_at_many_periods_are_told() -> None:
    # Independent estimates: one in 1 - 0.95^k looks at the plot shows something by chance.
    found = pre_trends.pre_trends(curve_of(np.full(10, 0.3), np.eye(10), 8))
    assert found.plot_size == pytest.approx(1 - 0.95**8, abs=1e-3)
    assert found.largest == pytest.approx(0.3)
    exact = 1 - (norm.cdf(0.3) - norm.cdf(-0.3)) ** 8
    assert found.plot_p == pytest.approx(exact, abs=1e-3)


def test_slope_is_nought_when_so_many_periods_reject_by_chance_alone() -> None:
    found = pre_trends.pre_trends(curve_of(np.full(21, 0.1), np.eye(21), 20))
    assert found.plot_size > 0.5
    assert found.plot_slopes[0] == 0 and found.plot_slopes[1] > 0
    assert found.bias == 0


def test_different_trends_fail() -> None:
    found = asked(world(slope=0.3))
    assert found.passed is False
    assert found.table[0]["p_value"] < 0.05


def test_alike_trends_and_a_strong_effect_pass() -> None:
    found = asked(world(effect=4.0))
    assert found.passed is True
    assert "no evidence" not in str(found.says)
    assert found.table[0]["slope_found_in_half"] < found.table[0]["slope_found_in_most"]


def test_a_test_that_could_not_see_gives_no_comfort() -> None:
    found = asked(world(effect=0.3, noise=3.0))
    assert found.table[0]["p_value"] > 0.05
    assert found.passed is None
    assert "no evidence of equal trends" in str(found.says)


def test_five_in_a_hundred_equal_trends_are_flagged() -> None:
    flags = []
    for seed in range(100):
        curve = against_reference(world(effect=1.0, seed=seed))
        k = int((curve.time < -1).sum())
        test = pretest.joint(curve.estimate[:k], curve.cov[:k, :k], curve.df)
        flags.append(test.p_value < 0.05)
    # 5 % give more than 11 in less than 1 of 200 such sets of 100.
    assert sum(flags) <= 11


def test_joint_test_of_more_periods_than_clusters_is_refused() -> None:
    cohorts = world(n=12, length=20, start=15)
    with pytest.raises(FitError, match=r"14 estimates before treatment .* with 12 clusters"):
        pre_trends.pre_trends(against_reference(cohorts))
    found = asked(cohorts)
    assert found.passed is None and str(found.says).startswith("Not tested: 14 estimates")
    # Fewer periods can be tested.
    assert str(asked(cohorts, earliest=-4).says).startswith("All 3 differences before treatment")


def test_singular_covariance_is_refused() -> None:
    cov = np.eye(6)
    cov[:3, :3] = 1.0
    with pytest.raises(FitError, match="singular"):
        pre_trends.pre_trends(curve_of(np.ones(6), cov, 3))


def test_few_units_are_not_tested() -> None:
    found = asked(rates())
    assert found.passed is None
    assert str(found.says).startswith("Not tested: not valid here")


def test_ratio_is_judged_by_ratios() -> None:
    cohorts = committed()
    method = Method(
        "poisson-imputation", poisson_imputation.fit, frozenset({"count"}), "", "", "", ""
    )
    effect = method.fit(cohorts)
    found = pre_trends.check(cohorts, method, effect, earliest=-6, latest=6)
    p_value = poisson_imputation.pre_test(cohorts)[2]
    assert [row["test"] for row in found.table] == ["all together", "any one of them", "ratios"]
    assert found.table[2]["p_value"] == p_value
    assert found.table[2]["slope_found_in_half"] is None
    assert (found.passed is False) == (p_value < 0.05)
    assert f"p {p_value:.2g}, which decides" in str(found.says)


def doubled(*, apart: float) -> Cohorts:
    """Counts of treated units with four times the level of the others; all double in ten periods,
    and the treated grow by the factor `apart` a period beyond that."""
    draw = np.random.default_rng(6)
    first = np.where(np.arange(60) % 2 == 0, 7.0, np.inf)
    t = np.arange(10)
    level = np.where(np.isfinite(first), 40.0, 10.0)[:, None]
    rise = 2 ** (t / 10) * np.where(np.isfinite(first)[:, None], apart**t, 1)
    treated = t >= first[:, None]
    return Cohorts.from_arrays(
        draw.poisson(level * rise * np.where(treated, 0.5, 1)), first, kind="count"
    )


def test_equal_ratios_pass_though_differences_part() -> None:
    method = Method(
        "poisson-imputation", poisson_imputation.fit, frozenset({"count"}), "", "", "", ""
    )
    alike, apart = (doubled(apart=factor) for factor in (1.0, 1.1))
    found = pre_trends.check(alike, method, method.fit(alike))
    assert found.table[0]["p_value"] < 0.001
    assert found.passed is True
    # The same panel asked about differences fails, and one whose ratios part fails as well.
    assert asked(alike).passed is False
    assert pre_trends.check(apart, method, method.fit(apart)).passed is False


@pytest.mark.parametrize("estimator", ["callaway-santanna", "sun-abraham", "event-study"])
def test_every_estimator_with_a_reference_can_be_asked(estimator) -> None:
    cohorts = plain()
    found = asked(cohorts, estimator=estimator, earliest=-4, latest=4)
    curve = against_reference(cohorts, estimator=estimator, earliest=-4, latest=4)
    assert found.table[0]["p_value"] == pre_trends.pre_trends(curve).joint.p_value


def test_units_of_the_outcome_do_not_matter() -> None:
    cohorts = world(slope=0.05, effect=1.0)
    one, other = (
        pre_trends.pre_trends(against_reference(replace(cohorts, y=scale * cohorts.y)))
        for scale in (1, 1e6)
    )
    assert other.joint.p_value == pytest.approx(one.joint.p_value, rel=1e-6)
    assert other.whole_power == pytest.approx(one.whole_power, rel=1e-6)
    assert np.array(other.plot_slopes) / 1e6 == pytest.approx(one.plot_slopes, rel=1e-5)
