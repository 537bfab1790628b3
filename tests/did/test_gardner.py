"""The two-stage estimate: R's and another program's numbers, and what it shares with imputation."""

from __future__ import annotations

import numpy as np
import pytest
from groups import committed, plain, reference, small

from evaluation.did import gardner, imputation
from evaluation.errors import FitError

R = reference()


def test_effect_and_error_of_both_stages_are_those_of_r() -> None:
    answer = gardner.fit(committed())
    np.testing.assert_allclose([answer.estimate, answer.std_error], R["gardner"], rtol=1e-10)
    events = [(e.estimate, e.std_error) for e in answer.dynamic if 0 <= e.time <= 3]
    np.testing.assert_allclose(events, np.array(R["gardner_events"]).reshape(-1, 2), rtol=1e-10)


def test_clustered_errors_are_those_of_another_program() -> None:
    # diff-diff 3.13.0 on `groups.plain(pairs=True)`:
    #   TwoStageDiD(cluster="cl").fit(..., aggregate="event_study")
    answer = gardner.fit(plain(pairs=True))
    assert answer.estimate == pytest.approx(1.2504906415294124, abs=1e-9)
    assert answer.std_error == pytest.approx(0.1356732552545526, abs=1e-9)
    np.testing.assert_allclose(
        [e.std_error for e in answer.dynamic if 0 <= e.time <= 5],
        [
            0.13842031478298641,
            0.18659094385861852,
            0.269119912965588,
            0.19449250798877854,
            0.2581042151185021,
            0.26763741080184567,
        ],
        atol=1e-9,
    )


def test_estimates_are_those_of_imputation_and_errors_those_about_the_event_time() -> None:
    cohorts = plain()
    one, two = gardner.fit(cohorts), imputation.fit(cohorts, average="event-time")
    after = [e for e in one.dynamic if e.time >= 0]
    other = [e for e in two.dynamic if e.time >= 0]
    for got, want in zip(after, other, strict=True):
        assert got.estimate == pytest.approx(want.estimate, abs=1e-12)
        assert got.std_error == pytest.approx(want.std_error, abs=1e-12)


def test_residuals_before_treatment_are_shown_from_the_earliest_on() -> None:
    times = [e.time for e in gardner.fit(small(), earliest=-3).dynamic]
    assert times == sorted(times) and times[0] == -3 and -1 in times


def test_first_event_time_must_be_before_treatment() -> None:
    with pytest.raises(FitError, match="below 0"):
        gardner.fit(small(), earliest=0)


def test_spike_before_the_start_is_an_objection_for_counts() -> None:
    objection = gardner.fit(committed("group_quarter_triggered")).objection
    assert "treatment followed more events" in str(objection)
