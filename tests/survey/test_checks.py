"""Each check finds what it is there for, and stays silent where there is nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from survey_worlds import SCALES, TRUST, drawn

from evaluation.effect import Check
from evaluation.survey import Sample, Scale, default, estimate, run_checks
from evaluation.synthetic import survey as synthetic

SAMPLE = drawn()


def asked(
    sample: Sample, scale: Scale = TRUST, placebos: tuple[Scale, ...] = ()
) -> dict[str, Check]:
    effect = estimate(sample, scale=scale)
    checks = run_checks(sample, scale, default(sample), effect, placebos=placebos)
    return {check.name: check for check in checks}


@pytest.fixture(scope="module")
def plain() -> dict[str, Check]:
    return asked(SAMPLE)


def test_a_sound_survey_passes(plain: dict[str, Check]) -> None:
    assert all(check.passed is not False for check in plain.values())
    assert all(str(check.says).endswith(".") for check in plain.values())
    assert "attrition" not in plain


def test_reverse_item_that_is_not_declared_is_found() -> None:
    check = asked(SAMPLE, replace(TRUST, reverse=()))["scale-reliability"]
    assert check.passed is False and "abuses_power goes against the others" in str(check.says)


def test_other_people_answering_is_found() -> None:
    age = SAMPLE.traits["age"].copy()
    changed = SAMPLE.treated & (SAMPLE.wave == 1) & (np.arange(len(age)) % 2 == 0)
    age[changed] = "55+"
    check = asked(replace(SAMPLE, traits={"age": age}))["who-answered"]
    assert check.passed is False and "age 55+" in str(check.says)


def test_refusals_that_differ_are_found() -> None:
    items = SAMPLE.items.copy()
    gone = np.flatnonzero(SAMPLE.treated & (SAMPLE.wave == 1))[::8]
    items[gone] = np.nan
    check = asked(replace(SAMPLE, items=items))["item-non-response"]
    assert check.passed is False and str(check.says).startswith("Under 2 % to 12 % of a")
    # 88 people or more in a cell have no score, or fewer than 10, of whom no number is told.
    assert {row["without a score"] for row in check.table} == {"under 2 %", "12 %"}
    assert str(asked(SAMPLE)["item-non-response"].says).startswith("Under 2 % of a group")


def test_effects_on_placebos_are_found() -> None:
    check = asked(SAMPLE, placebos=(SCALES["procedural justice"],))["placebo-scales"]
    assert check.passed is False and "procedural justice" in str(check.says)
    calm = drawn(synthetic.NULL, 3)
    assert asked(calm, placebos=(SCALES["cooperation"],))["placebo-scales"].passed is True


def test_items_that_move_apart_are_found() -> None:
    items = SAMPLE.items.copy()
    after = SAMPLE.treated & (SAMPLE.wave == 1)
    place = SAMPLE.names.index("honest")
    items[after, place] = np.maximum(items[after, place] - 2, 1)
    check = asked(replace(SAMPLE, items=items))["each-item"]
    assert check.passed is False and "2 of 3 items rise" in str(check.says)


def test_one_neighborhood_that_carries_the_answer_is_found() -> None:
    calm = drawn(synthetic.NULL)
    items = calm.items.copy()
    places = [calm.names.index(item) for item in ("trusts", "honest")]
    moved = (calm.area == 0) & (calm.wave == 1)
    effect = estimate(calm, scale=TRUST).estimate
    for place in places:
        items[moved, place] = 1 if effect > 0 else 5
    check = asked(replace(calm, items=items))["leave-one-out"]
    assert check.passed is False and synthetic.names()[0] in str(check.says)


def test_unequal_leaving_is_found_in_a_panel() -> None:
    check = asked(drawn(synthetic.ATTRITION))["attrition"]
    assert check.passed is False
    treated, comparison = check.table
    assert treated["left, %"] > comparison["left, %"] + 10
    assert treated["first score of those who left"] < treated["of those who stayed"]


def test_a_single_item_has_no_reliability() -> None:
    checks = asked(SAMPLE, TRUST.one("trusts"))
    assert checks["scale-reliability"].passed is None and checks["each-item"].passed is None


def test_few_units_are_said() -> None:
    block = SAMPLE.design.psu
    coarse = drawn(cluster=block // 20, stratum=np.array([0, 1])[block // 60])
    check = asked(coarse)["sampling-units"]
    assert check.passed is False and "fewer than 10 sampling units" in str(check.says)
