"""The event study of units by themselves by brute force, and starts after a spike when controls are
matched on it."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation import did
from evaluation.did import timing
from evaluation.did.cohorts import NEVER, Cohorts
from evaluation.did.each_unit import each_unit
from evaluation.did.pooled_units import by_event_time
from evaluation.errors import FitError
from evaluation.numeric.meta.pooled import fit as meta

N, T, TREATED = 40, 30, 8
SOURCE = np.random.default_rng(11)
FIRST = np.full(N, NEVER)
FIRST[:TREATED] = [12, 14, 14, 16, 17, 18, 20, 21]
RATE = (
    np.exp(np.cumsum(SOURCE.normal(0, 0.06, (N, T)), axis=1)) * SOURCE.uniform(40, 200, N)[:, None]
)
COUNTS = SOURCE.poisson(RATE).astype(float)
PEOPLE = np.repeat(SOURCE.uniform(2e5, 9e5, N)[:, None], T, axis=1) * np.linspace(1, 1.2, T)


def panel(counts: np.ndarray = COUNTS, **given: object) -> Cohorts:
    return Cohorts.from_arrays(
        counts, FIRST, exposure=PEOPLE, kind="count", first="1985", frequency="year", **given
    )


def spiked(strength: float) -> np.ndarray:
    """Counts of which the treated had more in the two years before their start, and so had some
    controls, for good, as cities that drift."""
    counts = COUNTS.copy()
    for unit in range(TREATED):
        counts[unit, int(FIRST[unit]) - 2 :] *= strength
    for unit in range(TREATED, N):
        begin = 8 + (unit * 5) % 14
        counts[unit, begin:] *= strength if unit % 2 else 1 / strength
    return np.round(counts)


def test_every_time_is_random_effects_of_that_one_period_pooled() -> None:
    cohorts = panel()
    units = each_unit(cohorts, nearest=10).units
    found = {one.time: one for one in by_event_time(cohorts, units, 4)}
    assert min(found) == -4
    for time in (-4, -1, 0, 5):
        estimates, errors = [], []
        for one in units:
            column = int(FIRST[one.row]) + time
            if not 0 <= column < T:
                continue
            past = [t for t in range(int(FIRST[one.row])) if t != column]
            rows = [one.row, *one.controls]
            alone = Cohorts.from_arrays(
                COUNTS[np.ix_(rows, [*past, column])],
                [len(past), *[NEVER] * len(one.controls)],
                exposure=PEOPLE[np.ix_(rows, [*past, column])],
                kind="count",
                frequency="year",
            )
            answer = did.estimate(alone, "random-effects")
            estimates.append(answer.estimate)
            errors.append(answer.std_error)
        whole = meta(np.array(estimates), np.array(errors) ** 2)
        assert found[time].n == len(estimates)
        assert found[time].estimate == pytest.approx(float(whole.beta[0]), rel=1e-9)
        # Controls in common can only widen it.
        assert found[time].std_error >= float(np.sqrt(whole.cov[0, 0])) * (1 - 1e-12)
        assert found[time].band_low <= found[time].low < found[time].high <= found[time].band_high


def test_an_event_study_can_be_left_out_and_moves_nothing_else() -> None:
    with_it = did.estimate(panel(), "pooled-units", options={"nearest": 10})
    without = did.estimate(panel(), "pooled-units", options={"nearest": 10, "event_study": False})
    assert with_it.dynamic and not without.dynamic
    assert (with_it.estimate, with_it.low, with_it.notes) == (
        without.estimate,
        without.low,
        without.notes,
    )
    assert min(one.time for one in with_it.dynamic) == -10
    few = did.estimate(panel(), "pooled-units", options={"nearest": 10, "lead_times": 2})
    assert min(one.time for one in few.dynamic) == -2


def test_event_times_are_counted_from_the_start_also_after_a_washout() -> None:
    first = np.where(np.arange(N) < TREATED, 15.0, NEVER)
    cohorts = Cohorts.from_arrays(
        COUNTS, first, exposure=PEOPLE, kind="count", first="1985", frequency="year", washout=2
    )
    times = [
        one.time for one in did.estimate(cohorts, "pooled-units", options={"nearest": 10}).dynamic
    ]
    assert times == [*range(-10, 0), *range(2, T - 15)]


def test_starts_after_a_spike_are_an_objection_unless_controls_are_matched_on_it() -> None:
    cohorts = panel(spiked(1.6))
    assert not timing.timing(cohorts).passed
    for method in ("poisson-imputation", "pooled-units"):
        refused = did.estimate(cohorts, method).objection
        assert refused is not None and str(refused).startswith("not valid here: treatment followed")
    matched = did.estimate(cohorts, "pooled-units", options={"nearest": 10})
    assert matched.objection is None
    assert any(
        note.startswith("treatment followed more events than usual") and "not all" in note
        for note in map(str, matched.notes)
    )


def test_where_no_control_had_risen_as_much_matching_lifts_no_objection() -> None:
    counts = COUNTS.copy()
    for unit in range(TREATED):
        counts[unit, int(FIRST[unit]) - 2 : int(FIRST[unit])] *= 4
    refused = did.estimate(
        panel(np.round(counts)), "pooled-units", options={"nearest": 10}
    ).objection
    assert refused is not None and str(refused).startswith("not valid here: treatment followed")


def test_the_check_of_starts_says_whether_the_estimate_is_matched_on_them() -> None:
    cohorts = panel(spiked(1.6))
    told = timing.check(cohorts)
    assert "no estimate here can be read as an effect" in str(told.says)
    mended = timing.check(cohorts, matched=True)
    assert "beside units that had the same" in str(mended.says)
    assert told.passed is mended.passed is False


def test_fewer_than_no_lead_is_refused() -> None:
    with pytest.raises(FitError, match="lead_times"):
        did.estimate(panel(), "pooled-units", options={"lead_times": -1})
