"""Published and own results pooled: what enters, what does not and why, and what is refused."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from math import exp, log
from pathlib import Path

import numpy as np
import pytest

from evaluation.data.published import read_published
from evaluation.errors import FitError
from evaluation.study.evidence import load_evidence
from evaluation.study.written import rounded
from evaluation.synthesis import (
    Result,
    concluded,
    from_evidence,
    from_published,
    funnel,
    meta_regression,
    pooled,
    pooled_levels,
    subgroups,
)

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "data" / "public" / "focused_deterrence.csv"
# R 4.2.2, metafor 3.8-1; script: tests/reference/meta.R.
REFERENCE = json.loads((ROOT / "tests" / "reference" / "meta.json").read_text("utf-8"))


def result(number: int, estimate: float | None, error: float | None, **change: object) -> Result:
    made = Result(
        study=f"study-{number}",
        label=f"Town {number}, shootings",
        site=f"Town {number}",
        design="matched comparison",
        strength=2,
        unit="places",
        outcome="shootings",
        family="gun violence",
        scale="log rate ratio",
        estimate=estimate,
        std_error=error,
        obstacle="" if error else "no standard error was published",
        found="fell",
        error_from="published",
        where=f"table.csv:{number + 1}",
    )
    return replace(made, **change)  # type: ignore[arg-type]


def trials() -> list[Result]:
    rows = REFERENCE["bcg"]
    return [
        result(i, y, float(np.sqrt(v)))
        for i, (y, v) in enumerate(zip(rows["y"], rows["v"], strict=True), start=1)
    ]


def test_answer_is_that_of_metafor_in_every_part() -> None:
    # rma(y, v, test = "adhoc"); predict(pi.type = "riley"); confint(); leave1out()
    found = pooled(trials())
    rows = REFERENCE["bcg"]
    expected = rows["fits"]["REML/adhoc"]
    assert found.k == 13 and found.df == 12
    assert found.estimate == pytest.approx(expected["beta"], rel=1e-8)
    assert (found.low, found.high) == pytest.approx((expected["lb"], expected["ub"]), rel=1e-8)
    assert found.p_value == pytest.approx(expected["pval"], rel=1e-7)
    ahead = (found.prediction.low, found.prediction.high)
    assert ahead == pytest.approx(expected["riley"], rel=1e-8)
    as_test = (found.prediction_as_test.low, found.prediction_as_test.high)
    assert as_test == pytest.approx(expected["pi"], rel=1e-8)
    spread = (found.tau2_low, found.tau2_high, found.i2_low, found.i2_high)
    assert spread == pytest.approx(rows["spread"][:4], rel=1e-7)
    without = [one.without.estimate for one in found.entered if one.without]
    assert without == pytest.approx(rows["leave"]["estimate"], rel=1e-7)
    assert sum(one.weight for one in found.entered) == pytest.approx(100)


def test_percent_is_of_the_same_numbers() -> None:
    found = pooled(trials())
    assert found.percent is not None and found.prediction_percent is not None
    assert found.percent.estimate == pytest.approx(100 * (exp(found.estimate) - 1))
    assert found.percent.low == pytest.approx(100 * (exp(found.low) - 1))
    assert found.prediction_percent.high == pytest.approx(100 * (exp(found.prediction.high) - 1))
    other = pooled([replace(one, scale="difference") for one in trials()])
    assert other.percent is None and other.estimate == found.estimate


def test_prediction_is_wider_than_the_mean() -> None:
    found = pooled(trials())
    assert found.prediction.low < found.low < found.high < found.prediction.high


def test_what_cannot_enter_is_listed_with_its_reason_and_moves_nothing() -> None:
    rows = trials()
    barred = [result(90, log(0.7), None), result(91, None, None, obstacle="no number")]
    found = pooled([barred[0], *rows, barred[1]])
    assert found.estimate == pooled(rows).estimate
    assert [(one.study, str(one.reason)) for one in found.left_out] == [
        ("study-90", "no standard error was published"),
        ("study-91", "no number"),
    ]
    assert found.left_out[0].percent == pytest.approx(-30)
    assert any("2 of 15 results could not enter" in note for note in map(str, found.notes))


def test_few_studies_are_said_to_be_few() -> None:
    rows = trials()
    assert any("hardly informative" in note for note in map(str, pooled(rows[:4]).notes))
    assert not any("hardly informative" in note for note in map(str, pooled(rows[:5]).notes))


def test_two_studies_have_no_answer_without_one() -> None:
    found = pooled(trials()[:2])
    assert found.k == 2 and found.df == 1
    assert all(one.without is None and one.rstudent is None for one in found.entered)


def test_other_ways_are_beside_it_and_include_itself() -> None:
    found = pooled(trials())
    ways = {way.name: way for way in found.beside}
    assert len(ways) == 6
    assert ways["REML, Hartung-Knapp with floor"].low == found.low
    assert ways["Common effect, normal"].tau2 == 0
    expected = REFERENCE["bcg"]["fits"]["DL/z"]
    assert ways["DerSimonian-Laird, normal"].estimate == pytest.approx(expected["beta"], rel=1e-9)


def test_default_is_never_shorter_than_the_floor() -> None:
    alike = [result(i, -0.3 + 0.001 * i, 0.2) for i in range(6)]
    floor, bare = pooled(alike), pooled(alike, test="hartung-knapp")
    assert bare.high - bare.low < 0.05 * (floor.high - floor.low)
    assert any("more alike than their errors" in note for note in map(str, floor.notes))


def test_effects_alike_to_the_last_digit_need_the_floor() -> None:
    same = [result(i, -0.3, 0.2) for i in range(4)]
    found = pooled(same)
    assert found.tau2 == 0 and found.low < -0.3 < found.high
    with pytest.raises(FitError, match="last digit"):
        pooled(same, test="hartung-knapp")


def test_every_answer_can_be_written_as_results_are() -> None:
    # Finite numbers, words and lists alone, as results.json holds them.
    answers = (
        pooled(trials()),
        pooled(trials()[:2], test="z"),
        pooled_levels(nested()),
        funnel(trials()),
        subgroups(trials(), lambda one: one.design, name="design"),
        meta_regression(trials(), {"number": lambda one: float(one.study[6:])}),
    )
    for answer in answers:
        written = json.dumps(rounded(asdict(answer), ""), allow_nan=False)
        assert len(written) > 300


def test_order_does_not_matter() -> None:
    one, other = pooled(trials()), pooled(trials()[::-1])
    assert other.estimate == pytest.approx(one.estimate, rel=1e-12)
    assert other.prediction.low == pytest.approx(one.prediction.low, rel=1e-10)


def test_fewer_than_two_are_refused_with_what_is_missing() -> None:
    with pytest.raises(FitError, match="1 result can enter, and two at least") as caught:
        pooled([trials()[0], result(90, -0.3, None), result(91, None, None)])
    assert "1 have a number without an error, 1 have no number" in str(caught.value)
    assert caught.value.exit_code == 3
    with pytest.raises(FitError, match="0 results can enter"):
        pooled([])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"scale": "standardized difference"}, r"table\.csv:100: .* One synthesis has one scale"),
        ({"synthetic": True}, "Invented data are not pooled with real ones"),
        ({"study": "study-1", "outcome": "shootings"}, r"there twice \(table\.csv:2\)"),
        ({"site": "Town 1"}, "of one site, so they are not independent"),
        ({"std_error": -0.1}, "no positive standard error"),
    ],
)
def test_what_must_not_be_pooled_is_refused(change: dict[str, object], words: str) -> None:
    odd = result(99, -0.2, 0.1, **change)
    with pytest.raises(FitError, match=words):
        pooled([*trials(), odd])


# The table that comes with the project, and our own study of Boston.


def test_published_gun_violence_cannot_be_pooled_and_says_why() -> None:
    results = from_published(read_published(TABLE, ROOT), "gun violence")
    with pytest.raises(FitError, match=r"0 results can enter.*ask their authors"):
        pooled(results)
    counted = concluded(results)
    assert counted.results == 20 and counted.with_error == 0
    assert counted.fell + counted.no_effect + counted.short_lived + counted.unclear == 20
    assert counted.no_effect >= 3
    assert "Counting is not weighing" in str(counted.says)


def test_four_outcomes_of_one_city_are_not_averaged() -> None:
    results = from_published(read_published(TABLE, ROOT), "crime")
    with pytest.raises(FitError, match="not independent and are not averaged"):
        pooled(results)
    with pytest.raises(FitError, match="1 site can enter"):
        pooled_levels(results)


def test_own_study_enters_with_its_error() -> None:
    evidence = load_evidence("boston", ROOT)
    own = from_evidence(evidence, "homicides", family="homicide")
    effect = evidence.outcome("homicides").effect
    assert own.obstacle == "" and own.std_error == effect.std_error
    assert own.percent == pytest.approx(effect.percent.estimate, abs=1e-3)
    published = from_published(read_published(TABLE, ROOT), "homicide")
    with pytest.raises(FitError, match="1 result can enter"):
        pooled([own, *published])


def test_own_study_that_is_not_valid_cannot_enter() -> None:
    evidence = load_evidence("boston", ROOT)
    outcome = evidence.outcomes[0]
    effect = replace(outcome.effect, objection="too few clusters")
    changed = replace(
        evidence,
        outcomes=(replace(outcome, headline=replace(outcome.headline, effect=effect)),),
    )
    own = from_evidence(changed, "homicides", family="homicide")
    assert str(own.obstacle) == "too few clusters" and own.std_error is None


# Dependent results, moderators and small studies.


def nested() -> list[Result]:
    rows = REFERENCE["three_levels"]
    return [
        result(
            i,
            y,
            float(np.sqrt(v)),
            site=f"Town {int(study)}",
            outcome=f"outcome {i}",
        )
        for i, (y, v, study) in enumerate(
            zip(rows["y"], rows["v"], rows["study"], strict=True), start=1
        )
    ]


def test_dependent_results_are_those_of_rma_mv_and_clubsandwich() -> None:
    # rma.mv(y, v, random = ~ 1 | study/effect); coef_test(vcov = "CR2"); profile by hand
    expected = REFERENCE["three_levels"]["levels"]
    found = pooled_levels(nested())
    assert (found.k, found.sites) == (32, 12)
    assert found.estimate == pytest.approx(expected["z"]["beta"], rel=2e-6)
    robust = expected["robust"]["CR2"]
    assert found.std_error == pytest.approx(robust["se"], rel=2e-6)
    assert found.df == pytest.approx(robust["df"], rel=2e-6)
    assert (found.low, found.high) == pytest.approx((robust["lb"], robust["ub"]), rel=2e-6)
    spreads = (found.between_sites.estimate, found.within_sites.estimate)
    assert spreads == pytest.approx(expected["z"]["sigma2"], rel=2e-6)
    profile = (found.between_sites.low, found.between_sites.high)
    assert profile == pytest.approx(expected["profile"][0], rel=1e-6, abs=1e-9)


def test_dependent_results_need_sites_and_more_than_one_of_one() -> None:
    with pytest.raises(FitError, match="every site has one result"):
        pooled_levels(trials())
    with pytest.raises(FitError, match="0 sites can enter"):
        pooled_levels([])
    few = [one for one in nested() if one.site in ("Town 2", "Town 4")]
    assert any("degrees of freedom" in note for note in map(str, pooled_levels(few).notes))


def test_subgroups_are_pooled_apart_and_compared_under_one_spread() -> None:
    # The test is rma(y, v, mods = ~ factor(group), test = "adhoc").
    rows = [replace(one, design="a" if i % 2 else "b") for i, one in enumerate(trials())]
    found = subgroups(rows, lambda one: one.design, name="design")
    apart = {name: answer for name, answer, _ in found.groups}
    assert apart["a"] is not None
    assert apart["a"].estimate == pooled([one for one in rows if one.design == "a"]).estimate
    regression = meta_regression(rows, {"is a": lambda one: float(one.design == "a")})
    assert found.qm == pytest.approx(regression.qm, rel=1e-9)
    assert found.qm_p == pytest.approx(regression.terms[1].p_value, rel=1e-9)
    assert found.qm_df == 1 and found.qm_df2 == 11
    lonely = [replace(rows[0], design="c"), *rows[1:]]
    alone = subgroups(lonely, lambda one: one.design, name="design")
    (reason,) = (reason for name, _, reason in alone.groups if name == "c")
    assert reason.startswith("1 result can enter")


def test_regression_on_latitude_is_that_of_metafor() -> None:
    # rma(y, v, mods = ~ ablat, test = "adhoc"); coef_test(vcov = "CR2", cluster = 1:13)
    rows = REFERENCE["bcg_latitude"]
    latitude = {f"study-{i}": row[1] for i, row in enumerate(rows["x"], start=1)}
    found = meta_regression(trials(), {"latitude": lambda one: latitude[one.study]})
    expected = rows["fits"]["REML/adhoc"]
    assert [term.estimate for term in found.terms] == pytest.approx(expected["beta"], rel=1e-7)
    assert [term.p_value for term in found.terms] == pytest.approx(expected["pval"], rel=1e-6)
    assert found.r2 == pytest.approx(expected["R2"], rel=1e-7)
    robust = REFERENCE["three_levels"]["bcg"]["robust"]["CR2"]
    assert [term.std_error for term in found.robust] == pytest.approx(robust["se"], rel=1e-6)
    assert [term.df for term in found.robust] == pytest.approx(robust["df"], rel=1e-6)
    assert any("not an effect" in note for note in map(str, found.notes))


def test_regression_leaves_out_what_has_no_moderator_and_says_so() -> None:
    rows = [replace(one, strength=None if i == 3 else i % 3) for i, one in enumerate(trials())]
    found = meta_regression(rows, {"rank of the design": lambda one: one.strength})
    assert found.k == 12
    assert any("1 results were left out" in note for note in map(str, found.notes))
    with pytest.raises(FitError, match="combination"):
        meta_regression(trials(), {"strength": lambda one: one.strength})
    with pytest.raises(FitError, match="too few for 2 coefficients"):
        meta_regression(trials()[:2], {"rank": lambda one: float(one.study[-1])})


def test_funnel_tests_ten_studies_and_not_fewer() -> None:
    found = funnel(trials())
    assert found.egger is not None
    assert found.egger.p_value == pytest.approx(REFERENCE["bcg"]["egger"]["p"], rel=1e-8)
    assert found.missing == REFERENCE["bcg"]["filled"]["k0"]
    assert len(found.points) == 13
    few = funnel(trials()[:9])
    assert few.egger is None and few.missing is None
    assert any("under 10" in note for note in map(str, few.notes))
    assert few.edges[0] == (0.0, few.center, few.center)
    depth, low, high = few.edges[-1]
    assert high - low == pytest.approx(2 * 1.959964 * depth, rel=1e-6)
