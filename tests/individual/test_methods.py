"""Every method beside R (tests/reference/people.R: stats, sandwich, numDeriv)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from made_up import people, reference

from evaluation.errors import FitError
from evaluation.individual.methods import METHODS, estimate

BOTH = pytest.mark.parametrize(
    ("estimand", "outcome"),
    [(e, y) for e in ("ATT", "ATE") for y in ("rearrest", "days")],
)
KINDS = pytest.mark.parametrize("kind", ["plain", "sampled"])


@KINDS
@BOTH
@pytest.mark.parametrize("method", ["iptw", "aipw", "standardization", "entropy-balancing"])
def test_means_and_errors_agree_with_r(kind: str, estimand: str, outcome: str, method: str) -> None:
    expected = reference()[kind][estimand][outcome]["entropy" if "entropy" in method else method]
    # R's formula is that of the influence function, which is the default of binary outcomes alone.
    options = {"errors": "influence"} if method == "aipw" else {}
    given = people(weight=kind == "sampled")
    effect = estimate(given, outcome=outcome, method=method, estimand=estimand, options=options)
    means = [term.estimate for term in effect.terms]
    assert means == pytest.approx(expected["means"], rel=1e-7)
    assert effect.estimate == pytest.approx(means[0] - means[1], rel=1e-9)
    assert effect.std_error == pytest.approx(expected["se"], rel=1e-6)


@KINDS
@BOTH
def test_errors_that_count_both_models_agree_with_r(kind: str, estimand: str, outcome: str) -> None:
    expected = reference()[kind][estimand][outcome]
    weighted = people(weight=kind == "sampled")
    grouped = people(weight=kind == "sampled", cluster=True)
    same = {"outcome": outcome, "estimand": estimand}
    stacked = estimate(weighted, method="aipw", options={"errors": "stacked"}, **same)
    assert stacked.std_error == pytest.approx(expected["aipw"]["stacked"], rel=1e-6)
    stacked = estimate(grouped, method="aipw", options={"errors": "stacked"}, **same)
    assert stacked.std_error == pytest.approx(expected["aipw"]["stacked_cluster"], rel=1e-6)
    assert stacked.df == len(np.unique(grouped.cluster)) - 1
    plain = estimate(grouped, method="aipw", options={"errors": "influence"}, **same)
    assert plain.std_error == pytest.approx(expected["aipw"]["cluster"], rel=1e-6)
    default = estimate(grouped, method="aipw", **same)
    assert default.std_error == (stacked if outcome == "days" else plain).std_error
    weighting = estimate(grouped, method="iptw", **same)
    assert weighting.std_error == pytest.approx(expected["iptw"]["cluster"], rel=1e-6)
    joint = estimate(weighted, method="aipw", options={"separate": False}, **same)
    assert joint.estimate == pytest.approx(expected["aipw"]["joint"], rel=1e-7)
    joint = estimate(weighted, method="standardization", options={"separate": False}, **same)
    means = expected["standardization"]["joint"]
    assert joint.estimate == pytest.approx(means[0] - means[1], rel=1e-7)
    assert joint.std_error == pytest.approx(expected["standardization"]["joint_se"], rel=1e-6)


@BOTH
@pytest.mark.parametrize("errors", ["HC0", "HC1", "HC2", "HC3"])
def test_weighted_regressions_agree_with_r(estimand: str, outcome: str, errors: str) -> None:
    expected = reference()["weighted"][estimand][outcome]
    same = {"outcome": outcome, "method": "weighted-regression", "estimand": estimand}
    effect = estimate(people(), options={"errors": errors}, **same)
    assert [t.estimate for t in effect.terms[2:]] == pytest.approx(expected["beta"], rel=1e-7)
    assert [t.std_error for t in effect.terms[2:]] == pytest.approx(expected[errors], rel=1e-6)
    adjusted = estimate(people(), options={"adjust": True}, **same)
    terms = adjusted.terms[2:]
    assert [t.estimate for t in terms] == pytest.approx(expected["adjusted"], rel=1e-7)
    assert [t.std_error for t in terms] == pytest.approx(expected["adjusted_HC1"], rel=1e-6)
    assert adjusted.estimate == pytest.approx(expected["marginal"], rel=1e-7)
    grouped = estimate(people(cluster=True), **same)
    assert [t.std_error for t in grouped.terms[2:]] == pytest.approx(expected["cluster"], rel=1e-6)


@BOTH
def test_weights_taken_as_known_agree_with_r(estimand: str, outcome: str) -> None:
    expected = reference()["weighted"][estimand][outcome]
    same = {"outcome": outcome, "method": "iptw", "estimand": estimand}
    for errors in ("HC0", "HC1"):
        effect = estimate(people(), options={"errors": errors}, **same)
        assert effect.estimate == pytest.approx(expected["line"], rel=1e-7)
        assert effect.std_error == pytest.approx(expected[f"line_{errors}"], rel=1e-6)
    grouped = estimate(people(cluster=True), options={"errors": "HC1"}, **same)
    assert grouped.std_error == pytest.approx(expected["line_cluster"], rel=1e-6)


def test_matched_pairs_and_their_error_agree_with_r() -> None:
    expected = reference()["matching"]
    answer = METHODS["matching"].answer(people(), "days")
    assert answer.pairs is not None
    assert (answer.pairs + 1).tolist() == expected["loop"]
    effect = METHODS["matching"].worded(answer)
    assert [effect.estimate, effect.std_error] == pytest.approx(expected["paired"], rel=1e-9)
    assert effect.n == 2 * len(expected["loop"])
    assert "nobody like them" in str(effect.notes[0])
    again = estimate(
        people(), outcome="days", method="matching", options={"replacement": True, "caliper": 1e9}
    )
    assert [again.estimate, again.std_error] == pytest.approx(expected["replaced"], rel=1e-9)


def test_regression_within_pairs_takes_out_an_outcome_that_covariates_make() -> None:
    given = people()
    given.outcomes["days"].values[:] = given.covariates @ [3.0, 2.0, 40.0]
    plain = estimate(given, outcome="days", method="matching", options={"caliper": 1e9})
    adjusted = METHODS["matching"].set_to({"caliper": 1e9, "adjust": True})
    assert abs(plain.estimate) > 0.1
    found = adjusted.answer(given, "days").arms.difference()
    assert found.estimate == pytest.approx(0, abs=1e-9)
    # What is left is rounding, which has no error to tell.
    with pytest.raises(FitError, match="no error of the difference"):
        adjusted.fit(given, "days")


@pytest.mark.parametrize("method", [one for one, row in METHODS.items() if "binary" in row.kinds])
@pytest.mark.parametrize("outcome", ["rearrest", "days"])
def test_the_contract(method: str, outcome: str) -> None:
    effect = estimate(people(), outcome=outcome, method=method)
    assert effect.low < effect.estimate < effect.high
    assert effect.percent.low < effect.percent.estimate < effect.percent.high
    assert effect.averted.low < effect.averted.estimate < effect.averted.high
    assert np.sign(effect.averted.estimate) == -np.sign(effect.estimate)
    assert 0 <= effect.p_value <= 1
    ratio = estimate(people(), outcome=outcome, method=method, measure="ratio")
    assert ratio.scale == "log ratio"
    assert 100 * np.expm1(ratio.estimate) == pytest.approx(effect.percent.estimate)
    assert 100 * np.expm1(ratio.low) == pytest.approx(effect.percent.low)
    first, second = (t.estimate for t in ratio.terms[:2])
    assert ratio.estimate == pytest.approx(np.log(first / second))


@pytest.mark.parametrize("method", [one for one, row in METHODS.items() if "binary" in row.kinds])
def test_the_order_of_people_and_the_unit_of_a_covariate_change_nothing(method: str) -> None:
    given = people()
    # Of equally near controls the first row is taken, so ties are broken before.
    given.covariates[:, 0] += np.arange(given.n) / 1e4
    turned = given.only(np.arange(given.n)[::-1])
    scaled = given.only(np.arange(given.n))
    scaled.covariates[:, 0] = 1000 * scaled.covariates[:, 0] - 5
    first = estimate(given, outcome="days", method=method)
    for other in (turned, scaled):
        second = estimate(other, outcome="days", method=method)
        assert second.estimate == pytest.approx(first.estimate, rel=1e-7)
        assert second.std_error == pytest.approx(first.std_error, rel=1e-6)


def test_stabilized_weights_have_mean_one() -> None:
    from evaluation.individual.comparison import Comparison
    from evaluation.individual.propensity import propensity
    from evaluation.individual.weighting import stabilized

    weight = stabilized(propensity(Comparison.of(people(), "days", "ATE")))
    assert weight.mean() == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "magic"}, "no method 'magic'"),
        ({"method": "iptw", "options": {"caliper": 0.1}}, "no setting 'caliper'"),
        ({"method": "iptw", "options": {"errors": "HC9"}}, "errors of iptw must be"),
        ({"method": "iptw", "options": {"trim": [0.9, 0.1]}}, "lowest and highest probability"),
        ({"method": "iptw", "options": {"trim": [0.95, 0.99]}}, "hardly overlap"),
        ({"method": "matching", "estimand": "ATE"}, "for the ATT"),
        ({"method": "matching", "options": {"ratio": 0}}, "at least 1"),
        ({"estimand": "LATE"}, "no estimand"),
    ],
)
def test_refuses(options: dict[str, Any], message: str) -> None:
    with pytest.raises(FitError, match=message):
        estimate(people(), outcome="days", **options)


def test_matching_refuses_weights_and_clusters() -> None:
    with pytest.raises(FitError, match="equal weight"):
        estimate(people(weight=True), outcome="days", method="matching")
    with pytest.raises(FitError, match="by cluster"):
        estimate(people(cluster=True), outcome="days", method="matching")


def test_groups_that_the_covariates_tell_apart_are_refused() -> None:
    given = people()
    given.covariates[:, 0] = given.treated
    with pytest.raises(FitError, match="nobody untreated is like the treated"):
        estimate(given, outcome="days", method="iptw")
    given.covariates[:, 0] = 3.0
    with pytest.raises(FitError, match="covariate 'age' does not vary"):
        estimate(given, outcome="days", method="iptw")


def test_outcomes_that_nobody_had_are_refused() -> None:
    given = people()
    given.outcomes["rearrest"].values[given.treated] = 0
    with pytest.raises(FitError, match="all treated people used had the same outcome"):
        estimate(given, outcome="rearrest")
    assert estimate(given, outcome="rearrest", method="iptw").percent.estimate == -100
    with pytest.raises(FitError, match="positive mean on both sides"):
        estimate(given, outcome="rearrest", method="iptw", measure="ratio")
    given.outcomes["rearrest"].values[:] = 0
    with pytest.raises(FitError, match="without treatment nothing of the outcome is expected"):
        estimate(given, outcome="rearrest", method="iptw")


def test_boosting_says_what_it_needs() -> None:
    try:
        import sklearn  # noqa: F401
    except ImportError:
        from evaluation.errors import EnvironmentFault

        with pytest.raises(EnvironmentFault, match="scikit-learn"):
            estimate(
                people(),
                outcome="days",
                method="iptw",
                options={"model": "boosting", "errors": "HC1"},
            )
    else:
        effect = estimate(
            people(), outcome="days", method="iptw", options={"model": "boosting", "errors": "HC1"}
        )
        assert np.isfinite(effect.std_error)
