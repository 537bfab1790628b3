"""The default method, known from the design before any outcome."""

from __future__ import annotations

import pytest
from worlds import places

from evaluation import did
from evaluation.did import METHODS
from evaluation.did.forecast import events_a_month
from evaluation.errors import FitError


@pytest.mark.parametrize("kind", ["count", "continuous"])
@pytest.mark.parametrize("exposed", [True, False])
@pytest.mark.parametrize(("treated", "controls"), [(1, 12), (1, 4), (2, 12), (5, 5), (6, 6)])
def test_the_design_alone_gives_the_default_of_the_panel(kind, exposed, treated, controls):
    long = {"length": 48, "starts": (24,)}
    cohorts = places(kind, treated=treated, controls=controls, exposed=exposed, **long)
    counted = kind == "count" and treated == 1
    found = did.chosen(
        kind=kind,
        exposure=cohorts.exposure is not None,
        treated=treated,
        controls=controls,
        events=events_a_month(cohorts) if counted else 0.0,
    )
    assert found == did.choice(cohorts)
    assert METHODS[found.method].set_to(found.options).name == did.default(cohorts).name


@pytest.mark.parametrize("treated", [2, 3, 5])
def test_counts_without_an_exposure_and_few_treated_can_never_be_valid(treated):
    found = did.chosen(kind="count", exposure=False, treated=treated, controls=12)
    assert found.method == "poisson-twfe" and found.key == "no valid interval"
    assert found.never_valid_remedy is not None
    assert "give an exposure" in str(found.never_valid_remedy)
    assert ("name pooled-units" in str(found.never_valid_remedy)) == (treated >= 3)
    # The remedy mends it, and what it says of the panel is what an estimate says.
    mended = did.chosen(kind="count", exposure=True, treated=treated, controls=12)
    assert mended.never_valid_remedy is None
    for exposed, choice in ((False, found), (True, mended)):
        effect = did.estimate(places(treated=treated, controls=12, exposed=exposed))
        assert effect.method == choice.method
        assert (effect.objection is None) == (choice.never_valid_remedy is None)


def test_the_method_named_in_the_remedy_can_be_valid_there():
    cohorts = places(treated=2, controls=24, exposed=False, effect=0.0)
    assert METHODS["synthetic-did"].set_to({"draws": 40}).fit(cohorts).objection is None


@pytest.mark.parametrize(
    ("design", "words"),
    [
        ({"kind": "rate", "treated": 3, "controls": 3}, "kind is 'rate'"),
        ({"kind": "count", "treated": 0, "controls": 3}, "treat at least 1"),
        ({"kind": "count", "treated": 1, "controls": 0}, "there is no control"),
        ({"kind": "continuous", "treated": 1, "controls": 1}, "one treated unit and one control"),
        ({"kind": "count", "treated": 4, "controls": 0}, "every unit is treated at the same time"),
    ],
)
def test_designs_without_a_comparison_are_refused(design, words):
    with pytest.raises(FitError, match=words):
        did.chosen(**design)
