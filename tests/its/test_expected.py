"""What would have been expected comes from the model, never from what was observed afterwards."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.errors import FitError
from evaluation.its import METHODS, Series, Specification
from evaluation.its.quantities import averted_over_time

N, START = 60, 36
AFTER = np.arange(N) >= START
BEFORE = np.random.default_rng(4).poisson(9, N).astype(float)


def quick(name: str):
    method = METHODS[name]
    return method.set_to({"order": (1, 0, 0)}) if "order" in method.options else method


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("left", [0, 1, 5])
def test_next_to_nothing_after_the_start_is_next_to_all_that_was_expected(name, left):
    y = np.where(AFTER, 0.0, BEFORE)
    y[START + 3 : START + 3 + left] = 1
    for kind in sorted(METHODS[name].kinds):
        for terms in ({"trend": "none"}, {"trend": "none", "effect": "level+slope"}):
            try:
                series = Series.from_arrays(
                    y, start=START, kind=kind, specification=Specification(**terms)
                )
                effect = quick(name).fit(series)
            except FitError as fault:
                assert len(str(fault).split()) > 4
                continue
            after = [point for point in effect.path if point.phase == "after"]
            end = "observed" if name == "structural" else "fitted"
            total = sum(point.expected - getattr(point, end) for point in after)
            assert effect.averted.estimate == pytest.approx(total, rel=1e-6)
            # 24 months like the 36 before them, which had about nine each.
            if terms.get("effect") is None and name not in ("arima", "lagged-poisson"):
                assert effect.averted.estimate > 0.7 * (24 * BEFORE[:START].mean() - left)
            assert effect.averted.estimate != 0


def test_nothing_after_the_start_is_refused_for_counts_and_never_nought_averted():
    series = Series.from_arrays(np.where(AFTER, 0.0, BEFORE), start=START)
    for name, method in METHODS.items():
        if "count" in method.kinds:
            with pytest.raises(FitError, match="no event after the start"):
                quick(name).fit(series)
    assert averted_over_time(series, METHODS["quasi-poisson"]).table == ()
