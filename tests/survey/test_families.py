"""Families of effects, and raking of samples."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from r_survey import mean
from survey_worlds import SCALES, TRUST, drawn

from evaluation.errors import DataError, FitError
from evaluation.numeric.shared.permutation import holm
from evaluation.survey import by_scale, by_subgroup, estimate, rake
from evaluation.survey.scales import score
from evaluation.synthetic import survey as synthetic

SAMPLE = drawn()
MARGINS = {
    "race": {level: share for level, (share, _) in synthetic.RACES.items()},
    "age": {level: share for level, (share, _) in synthetic.AGES.items()},
}


def test_members_are_what_each_scale_gives_alone() -> None:
    family = by_scale(SAMPLE, list(SCALES.values()))
    for member in family.members:
        alone = estimate(SAMPLE, scale=SCALES[member.name], method="survey-did")
        assert (member.estimate, member.std_error) == (alone.estimate, alone.std_error)
    p_values = np.array([member.p_value for member in family.members])
    np.testing.assert_allclose([m.adjusted for m in family.members], holm(p_values), rtol=1e-12)


def test_romano_wolf_lies_between_no_adjustment_and_holm() -> None:
    plain, joint = (
        by_scale(SAMPLE, list(SCALES.values()), control=control)
        for control in ("holm", "romano-wolf")
    )
    for by_holm, by_draws in zip(plain.members, joint.members, strict=True):
        # Draws of 4,999 and the t distribution differ a little.
        assert by_draws.p_value <= by_draws.adjusted <= 1.15 * by_holm.adjusted + 0.001


def test_romano_wolf_is_the_same_for_the_same_seed() -> None:
    once, again, other = (
        by_subgroup(SAMPLE, TRUST, "race", control="romano-wolf", draws=499, seed=seed)
        for seed in (1, 1, 2)
    )
    assert once.members == again.members and once.members != other.members


def test_romano_wolf_holds_its_level_when_nothing_has_an_effect() -> None:
    wrong = 0
    for seed in range(40):
        family = by_scale(
            drawn(synthetic.NULL, 1000 + seed, person=None, traits=None),
            list(SCALES.values()),
            control="romano-wolf",
            draws=199,
        )
        wrong += min(member.adjusted for member in family.members) < 0.05
    # Three standard errors above 2 of 40.
    assert wrong <= 6


def test_each_treated_neighborhood_stands_beside_every_comparison() -> None:
    family = by_subgroup(SAMPLE, TRUST, "area")
    assert [member.name for member in family.members] == list(synthetic.names()[:6])
    comparison = int((~SAMPLE.treated & np.isfinite(score(SAMPLE, TRUST))).sum())
    assert all(comparison < member.n < len(SAMPLE.wave) for member in family.members)
    assert family.differ is not None and 0 < family.differ < 1


def test_small_subgroups_are_left_out_with_the_reason() -> None:
    race = SAMPLE.traits["race"].copy()
    race[np.flatnonzero(SAMPLE.treated & (SAMPLE.wave == 1))[:9]] = "Other"
    race[np.flatnonzero(~SAMPLE.treated)[::40]] = "Other"
    race[np.flatnonzero(SAMPLE.treated & (SAMPLE.wave == 0))[:40]] = "Other"
    family = by_subgroup(replace(SAMPLE, traits={"race": race}), TRUST, "race")
    assert [member.name for member in family.members] == ["Black", "Latino", "White"]
    assert list(family.left_out) == ["Other"]
    assert str(family.left_out["Other"]) == "fewer than 10 respondents in a group and wave"


def test_a_family_of_nothing_is_refused() -> None:
    with pytest.raises(DataError, match="no trait 'creed'"):
        by_subgroup(SAMPLE, TRUST, "creed")
    with pytest.raises(FitError, match="no neighborhoods"):
        by_subgroup(replace(SAMPLE, area=None), TRUST, "area")
    items = np.full_like(SAMPLE.items, np.nan)
    with pytest.raises(FitError, match="no effect of the family"):
        by_subgroup(replace(SAMPLE, items=items), TRUST, "race")


def test_raked_waves_have_the_margins_and_no_error_of_them() -> None:
    raked = rake(SAMPLE, MARGINS)
    for wave in (0, 1):
        among = raked.sample.wave == wave
        for trait, levels in MARGINS.items():
            for level, share in levels.items():
                member = (raked.sample.trait(trait) == level).astype(float)
                found, error = mean(raked.sample, member, among)
                assert found == pytest.approx(share, rel=1e-8) and error < 1e-8
    assert raked.ratio_low < 1 < raked.ratio_high
    assert raked.effective_after < len(SAMPLE.wave)


def test_raking_undoes_weights_that_forget_who_answers() -> None:
    plain = replace(SAMPLE, design=replace(SAMPLE.design, weight=np.ones(len(SAMPLE.wave))))
    young = (SAMPLE.trait("age") == "18-34").astype(float)
    assert mean(plain, young)[0] < 0.32
    assert mean(rake(plain, MARGINS).sample, young)[0] == pytest.approx(0.38)


def test_bounds_of_weights_hold() -> None:
    raked = rake(SAMPLE, MARGINS, most=3.0, least=0.3).sample
    for wave in (0, 1):
        weight = raked.weight[raked.wave == wave]
        assert weight.max() <= 3.0001 * weight.mean() and weight.min() >= 0.2999 * weight.mean()
    assert raked.design.margins is None


@pytest.mark.parametrize(
    ("margins", "options", "fault", "words"),
    [
        ({}, {}, DataError, "needs a margin"),
        ({"creed": {"a": 1.0}}, {}, DataError, "no trait 'creed'"),
        ({"race": {"Black": 0.5, "Latino": 0.5}}, {}, DataError, "which the margin does not have"),
        ({"race": MARGINS["race"] | {"White": -1.0}}, {}, DataError, "must be above 0"),
        ({"race": MARGINS["race"] | {"Other": 0.1}}, {}, FitError, "wave 2012: margin 1"),
        (MARGINS, {"most": 0.5}, DataError, "most is 0.5"),
        (MARGINS, {"least": 2.0}, DataError, "least is 2"),
        (MARGINS, {"most": 1.01}, FitError, "loosen the bounds"),
    ],
)
def test_margins_that_cannot_be_met_are_refused(
    margins: dict[str, dict[str, float]],
    options: dict[str, float],
    fault: type[Exception],
    words: str,
) -> None:
    with pytest.raises(fault, match=words):
        rake(SAMPLE, margins, **options)
