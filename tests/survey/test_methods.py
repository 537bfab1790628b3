"""What every method of the table keeps to, and what each refuses."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from survey_worlds import LEGITIMATE, TRUST, drawn

from evaluation.effect import Effect
from evaluation.errors import DataError, FitError
from evaluation.survey import METHODS, Sample, Scale, always_beside, default, estimate, why
from evaluation.survey.scales import score
from evaluation.synthetic import survey as synthetic

CROSS = drawn()
PANEL = drawn(synthetic.ATTRITION)
ASKED = [
    (name, sample, scale)
    for name, method in METHODS.items()
    for sample, scale in (
        (PANEL if name == "panel-change" else CROSS, s) for s in (TRUST, LEGITIMATE)
    )
    if scale.kind in method.kinds
]
each = pytest.mark.parametrize(("name", "sample", "scale"), ASKED)


def fitted(name: str, sample: Sample, scale: Scale) -> Effect:
    return METHODS[name].fit(sample, scale)


@each
def test_effect_has_what_every_effect_has(name: str, sample: Sample, scale: Scale) -> None:
    effect = fitted(name, sample, scale)
    assert effect.method == name and effect.scale == "difference"
    assert effect.low < effect.estimate < effect.high and 0 < effect.p_value < 1
    before, after = effect.path
    assert (before.period, after.period) == ("2012", "2016")
    assert (before.phase, after.phase) == ("before", "after")
    assert before.expected == before.observed
    assert after.observed - after.expected == pytest.approx(effect.estimate)
    assert effect.percent.estimate == pytest.approx(100 * effect.estimate / after.expected)
    assert effect.averted.estimate == -effect.estimate and "not a count" in str(
        effect.averted_estimand
    )
    assert effect.averted.low == -effect.high
    assert effect.summary() and len(effect.to_frame()) == 1


@each
def test_scale_of_the_weights_does_not_matter(name: str, sample: Sample, scale: Scale) -> None:
    scaled = replace(sample, design=replace(sample.design, weight=sample.weight * 1000))
    once, again = fitted(name, sample, scale), fitted(name, scaled, scale)
    assert again.estimate == pytest.approx(once.estimate, rel=1e-9)
    assert again.std_error == pytest.approx(once.std_error, rel=1e-9)


@each
def test_order_of_respondents_does_not_matter(name: str, sample: Sample, scale: Scale) -> None:
    order = np.random.default_rng(1).permutation(len(sample.wave))
    design = replace(sample.design, weight=sample.weight[order], psu=sample.design.psu[order])
    shuffled = replace(
        sample,
        items=sample.items[order],
        wave=sample.wave[order],
        treated=sample.treated[order],
        area=None if sample.area is None else sample.area[order],
        person=None if sample.person is None else sample.person[order],
        design=design,
        traits={},
    )
    once, again = fitted(name, sample, scale), fitted(name, shuffled, scale)
    assert again.estimate == pytest.approx(once.estimate, rel=1e-8)
    assert again.std_error == pytest.approx(once.std_error, rel=1e-8)


# The others are not linear: the effect on the treated is not that on the comparison.
@pytest.mark.parametrize(
    ("name", "sample", "scale"),
    [one for one in ASKED if one[0] not in ("survey-logit", "survey-ordered")],
)
def test_swapping_the_groups_turns_the_sign(name: str, sample: Sample, scale: Scale) -> None:
    swapped = fitted(name, replace(sample, treated=~sample.treated), scale)
    assert swapped.estimate == pytest.approx(-fitted(name, sample, scale).estimate, rel=1e-8)


# Errors of neighborhood means are between neighborhoods, and have no influence values.
@pytest.mark.parametrize(
    ("name", "sample", "scale"), [one for one in ASKED if one[0] != "neighborhood-means"]
)
def test_influence_is_the_derivative_by_the_weight(name: str, sample: Sample, scale: Scale) -> None:
    solve = METHODS[name].solve
    answer = solve(sample, scale)
    assert answer.influence is not None
    step = 1e-4
    rows = np.flatnonzero(answer.influence)[[3, 200, 700, -5]]
    for row in rows:
        ends = []
        for sign in (1, -1):
            weight = sample.weight.copy()
            weight[row] *= 1 + sign * step
            moved = replace(sample, design=replace(sample.design, weight=weight))
            ends.append(solve(moved, scale).estimate)
        slope = (ends[0] - ends[1]) / (2 * step)
        assert answer.influence[row] == pytest.approx(slope, rel=1e-4, abs=1e-9)


def test_linear_estimate_is_the_difference_of_four_weighted_means() -> None:
    values = score(CROSS, TRUST)
    known = np.isfinite(values)

    def mean(treated: bool, wave: int) -> float:
        cell = known & (CROSS.treated == treated) & (CROSS.wave == wave)
        return float(np.average(values[cell], weights=CROSS.weight[cell]))

    by_hand = mean(True, 1) - mean(True, 0) - mean(False, 1) + mean(False, 0)
    assert estimate(CROSS, scale=TRUST).estimate == pytest.approx(by_hand, rel=1e-9)


def test_panel_of_people_who_all_stay_is_the_plain_difference() -> None:
    stayed = np.isin(PANEL.person, PANEL.person[PANEL.wave == 1])
    values = score(PANEL, TRUST)
    whole = stayed & np.isin(PANEL.person, PANEL.person[~np.isfinite(values)], invert=True)
    items = np.where(whole[:, None], PANEL.items, np.nan)
    sample = replace(PANEL, items=items)
    panel = estimate(sample, scale=TRUST, method="panel-change")
    plain = estimate(sample, scale=TRUST, method="survey-did")
    assert panel.estimate == pytest.approx(plain.estimate, rel=1e-9)
    assert panel.std_error == pytest.approx(plain.std_error, rel=1e-9)


def test_leavers_who_depend_on_first_answers_mislead_all_but_the_weighted_panel() -> None:
    truth = synthetic.truth()["scales"]["trust"]["effect"]
    misses = {"panel-change": [], "survey-did": []}  # type: dict[str, list[float]]
    for seed in range(10):
        sample = drawn(synthetic.ATTRITION, seed, traits=None)
        for name, found in misses.items():
            found.append(estimate(sample, scale=TRUST, method=name).estimate - truth)
    # Standard error of a mean over 10 draws: .02.
    assert abs(np.mean(misses["panel-change"])) < 0.05 < 0.12 < np.mean(misses["survey-did"])


def test_waves_after_the_second_share_one_effect() -> None:
    late = np.arange(len(CROSS.wave)) % 2
    wave = np.where(CROSS.wave == 0, 0, 1 + late)
    three = replace(CROSS, wave=wave, waves=("2012", "2014", "2016"))
    effect = estimate(three, scale=TRUST)
    assert [point.phase for point in effect.path] == ["before", "after", "after"]
    assert [term.name for term in effect.terms][2:4] == ["wave 2014", "wave 2016"]


def test_covariates_enter_as_columns_and_the_missing_are_counted() -> None:
    traits = dict(CROSS.traits)
    traits["race"] = traits["race"].copy()
    traits["race"][:7] = ""
    effect = estimate(
        replace(CROSS, traits=traits), scale=TRUST, options={"covariates": ["race", "adults"]}
    )
    assert [term.name for term in effect.terms][4:] == ["race Latino", "race White", "adults"]
    assert "fewer than 10 respondents with a missing covariate are left out" in map(
        str, effect.notes
    )


def test_few_sampling_units_are_an_objection() -> None:
    block = CROSS.design.psu
    coarse = drawn(cluster=block // 20, stratum=np.array([0, 1])[block // 60])
    found = estimate(coarse, scale=TRUST)
    assert found.objection is not None and "fewer than 10 sampling units" in str(found.objection)


def test_whole_waves_of_a_panel_that_lost_people_are_no_headline() -> None:
    for name in ("survey-did", "survey-ordered", "neighborhood-means"):
        objection = fitted(name, PANEL, TRUST).objection
        assert objection is not None and "panel-change does" in str(objection)
        assert fitted(name, CROSS, TRUST).objection is None
    assert fitted("panel-change", PANEL, TRUST).objection is None


def test_default_and_its_reason_follow_the_sample() -> None:
    assert default(CROSS).name == "survey-did" and "Different people" in str(why(CROSS))
    assert default(PANEL).name == "panel-change" and "asked twice" in str(why(PANEL))
    beside = [method.name for method in always_beside(PANEL, LEGITIMATE, "panel-change")]
    assert beside == ["survey-did", "survey-logit", "neighborhood-means"]


@pytest.mark.parametrize(
    ("arguments", "fault", "words"),
    [
        ({"method": "survey-dit"}, FitError, "Did you mean 'survey-did'"),
        ({"method": "survey-logit"}, FitError, "is not for a score"),
        ({"method": "panel-change"}, FitError, "nobody has a score in both waves"),
        ({"options": {"covariate": []}}, FitError, "has no setting 'covariate'"),
        ({"options": {"covariates": 3}}, FitError, "must be a list"),
        ({"options": {"covariates": ["shoe"]}}, DataError, "no trait 'shoe'"),
        ({"scale": "trust"}, DataError, "Did you mean 'trusts'"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    arguments: dict[str, Any], fault: type[Exception], words: str
) -> None:
    with pytest.raises(fault, match=words):
        estimate(CROSS, **({"scale": TRUST} | arguments))


def test_methods_refuse_what_the_sample_lacks() -> None:
    with pytest.raises(FitError, match=r"identity .* \(person\)"):
        estimate(replace(CROSS, person=None), scale=TRUST, method="panel-change")
    with pytest.raises(FitError, match=r"\(area\)"):
        estimate(replace(CROSS, area=None), scale=TRUST, method="neighborhood-means")
    items = CROSS.items.copy()
    items[CROSS.treated & (CROSS.wave == 1)] = np.nan
    with pytest.raises(FitError, match="nobody in the treated group has an answer in wave 2016"):
        estimate(replace(CROSS, items=items), scale=TRUST)
    items = np.where(np.isfinite(CROSS.items), 3.0, np.nan)
    with pytest.raises(FitError, match="no standard error"):
        estimate(replace(CROSS, items=items), scale=TRUST)
