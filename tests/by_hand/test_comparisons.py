"""The committed headlines of the real comparisons are those worked out by hand from the tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from evaluation.study.evidence import load_evidence
from tests.by_hand import comparisons

PROJECT = Path(__file__).parents[2]
CASES: Mapping[tuple[str, str], Callable[[], dict[str, float]]] = {
    ("oakland-california", "murder"): comparisons.oakland_california,
    ("oakland-california", "robbery"): lambda: comparisons.oakland_california("robbery"),
    ("oakland-california", "gun_assault"): lambda: comparisons.oakland_california(
        "gun_assault", "2014-12"
    ),
    ("oakland-cities", "homicide"): lambda: comparisons.beside_large_cities(
        "Oakland, Calif.", 1995, 2012, 2019
    ),
    ("boston-cities", "homicide"): lambda: comparisons.beside_large_cities(
        "Boston", 1985, 1996, 2000
    ),
    ("ceasefire-cities", "homicide"): comparisons.ceasefire_cities,
}


@pytest.mark.parametrize(("slug", "column"), CASES)
def test_a_headline_is_the_one_worked_out_by_hand(slug: str, column: str) -> None:
    (outcome,) = (one for one in load_evidence(slug, PROJECT).outcomes if one.column == column)
    effect = outcome.headline.effect
    assert effect is not None
    by_hand = CASES[slug, column]()
    for name in ("estimate", "low", "high"):
        # Results are written with six digits.
        assert getattr(effect.percent, name) == pytest.approx(by_hand[name], rel=1e-5, abs=1e-5)
