"""Linear imputation: R and two programs' numbers, invariance, refusal."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from groups import committed, plain, reference, small

from evaluation.did import imputation
from evaluation.did.cohorts import Cohorts
from evaluation.errors import FitError
from evaluation.numeric.shared.draws import normals, stream

R = reference()


def _values(pairs: list[float]) -> np.ndarray:
    """(k, 2) estimates and standard errors."""
    return np.array(pairs).reshape(-1, 2)


def test_effect_and_conservative_error_are_those_of_r() -> None:
    answer = imputation.fit(committed())
    np.testing.assert_allclose([answer.estimate, answer.std_error], R["imputation"], rtol=1e-10)
    events = [(e.estimate, e.std_error) for e in answer.dynamic if 0 <= e.time <= 3]
    np.testing.assert_allclose(events, _values(R["imputation_events"]), rtol=1e-10)


def test_leads_and_their_joint_test_are_those_of_r() -> None:
    cohorts = committed()
    leads = [e for e in imputation.fit(cohorts).dynamic if e.time < 0]
    assert [e.time for e in leads] == [-4, -3, -2, -1]
    np.testing.assert_allclose([e.estimate for e in leads], R["leads"], rtol=1e-9)
    np.testing.assert_allclose([e.std_error for e in leads], R["leads_se"], rtol=1e-9)
    value, count, p_value = imputation.pre_test(cohorts)
    assert (count, value) == (4, pytest.approx(R["leads_F"][0], rel=1e-9))
    # pf(0.83416867872578, 4, 49, lower.tail = FALSE)
    assert p_value == pytest.approx(0.51006863327358, abs=1e-10)


# diff-diff 3.13.0 on `groups.plain`, `aggregate="event_study"`, overall_se and the errors at event
# times 0, 1 and 2: ImputationDiD(), ImputationDiD(aux_partition="horizon") and
# ImputationDiD(leave_one_out=True). Its own iterations stop at 1e-10.
PEER = {
    "cohort-period": (0.12351834553553497, [0.15986584677927, 0.19133451583611, 0.22857170361710]),
    "event-time": (0.1257859019863196, [0.16013542862052, 0.19784713314210, 0.23827807706881]),
    "leave-one-out": (0.12885771626230877, [0.16779367391161, 0.20576492473265, 0.24337230900552]),
}


@pytest.mark.parametrize("average", PEER)
def test_errors_are_those_of_another_program(average: imputation.Average) -> None:
    answer = imputation.fit(plain(), average=average)
    overall, events = PEER[average]
    assert answer.estimate == pytest.approx(1.250490641529412, abs=1e-9)
    assert answer.std_error == pytest.approx(overall, abs=1e-9)
    got = [e.std_error for e in answer.dynamic if 0 <= e.time <= 2]
    np.testing.assert_allclose(got, events, atol=1e-9)


def test_clustered_effects_by_cohort_are_those_of_another_program() -> None:
    # diff-diff 3.13.0, ImputationDiD(cluster="cl"), aggregate="group"
    answer = imputation.fit(plain(pairs=True))
    assert [term.name for term in answer.terms] == [f"cohort 2000-0{m}" for m in (5, 7, 9)]
    np.testing.assert_allclose(
        [(term.estimate, term.std_error) for term in answer.terms],
        [
            (1.3484982597643465, 0.18389398913645214),
            (1.3475253969382743, 0.1638918103618918),
            (0.9168473577593089, 0.1571742837173097),
        ],
        atol=1e-9,
    )


def test_effects_that_differ_inside_a_cohort_widen_the_range() -> None:
    cohorts = plain()
    still = imputation.fit(cohorts)
    extra = normals(stream(2, "extra"), cohorts.n)[:, None] * cohorts.treated
    moved = imputation.fit(replace(cohorts, y=cohorts.y + 2 * extra))
    assert moved.std_error > 1.5 * still.std_error


def test_cells_without_an_untreated_unit_are_left_out_with_a_note() -> None:
    cohorts = plain()
    cohorts = cohorts.keeping(cohorts.ever)
    answer = imputation.fit(cohorts)
    assert "no unit is untreated from 2000-09 on" in str(answer.notes[0])
    assert answer.expected is not None and np.isnan(answer.expected[:, 8:]).all()
    short = imputation.fit(cohorts.between(0, 8), lead_times=0)
    assert answer.estimate == pytest.approx(short.estimate, abs=1e-12)


def test_all_treated_at_once_is_refused() -> None:
    with pytest.raises(FitError, match="treated at the same time"):
        imputation.fit(Cohorts.from_arrays(np.eye(6), np.full(6, 3)))


def test_weights_count_like_copies() -> None:
    cohorts = small()
    double = replace(cohorts, weight=np.ones(cohorts.n) + (np.arange(cohorts.n) < 10))
    copies = np.concatenate([np.arange(cohorts.n), np.arange(10)])
    copied = replace(cohorts, weight=np.ones(cohorts.n)).keeping(copies)
    one, two = imputation.fit(double), imputation.fit(copied)
    assert one.estimate == pytest.approx(two.estimate, abs=1e-12)
    assert one.std_error == pytest.approx(two.std_error, abs=1e-12)


def test_answer_does_not_depend_on_order_or_levels() -> None:
    cohorts = small()
    one = imputation.fit(cohorts)
    two = imputation.fit(cohorts.keeping(np.arange(cohorts.n)[::-1]))
    moved = cohorts.y + np.arange(cohorts.n)[:, None] + 3.0 * np.arange(cohorts.length) ** 2
    three = imputation.fit(replace(cohorts, y=moved))
    for other in (two, three):
        assert other.estimate == pytest.approx(one.estimate, abs=1e-10)
        assert other.std_error == pytest.approx(one.std_error, abs=1e-10)


def test_exposure_puts_counts_on_one_size() -> None:
    cohorts = small()
    big = np.full(cohorts.y.shape, 7.0)
    answer = imputation.fit(replace(cohorts, exposure=big))
    assert answer.estimate == pytest.approx(imputation.fit(cohorts).estimate, abs=1e-12)
    assert tuple(map(str, answer.notes)) == ("outcomes are rates at the mean exposure, 7",)


def test_no_effect_is_rejected_as_often_as_stated() -> None:
    # 200 panels, 60 units: the conservative error rejects at most 5 % but for the factor of few
    # clusters that the published program leaves out; 10 % is three binomial errors above 5.5 %.
    first = plain().first
    rejected = 0
    for seed in range(200):
        y = normals(stream(seed, "null"), 60 * 12).reshape(60, 12)
        answer = imputation.fit(Cohorts.from_arrays(y, first), lead_times=0, draws=1)
        rejected += answer.p_value < 0.05
    assert 0.01 <= rejected / 200 <= 0.1


def test_spike_before_the_start_is_an_objection_for_counts() -> None:
    assert "treatment followed more events" in str(
        imputation.fit(committed("group_quarter_triggered")).objection
    )
    assert imputation.fit(committed()).objection is None


def test_few_clusters_are_an_objection() -> None:
    cohorts = plain()
    few = np.concatenate([np.flatnonzero(~cohorts.ever)[:4], np.flatnonzero(cohorts.ever)])
    objection = str(imputation.fit(cohorts.keeping(few)).objection)
    assert objection.startswith("not valid here") and "35 and 4" in objection


def test_unknown_average_is_refused() -> None:
    with pytest.raises(FitError, match='"cohort-period"'):
        imputation.fit(plain(), average="cohort")  # type: ignore[arg-type]


def test_pre_test_needs_two_periods_before_treatment() -> None:
    with pytest.raises(FitError, match="two periods before"):
        imputation.pre_test(plain().keeping(plain().first >= 8).between(7, 12))
