"""Callaway and Sant'Anna against csdid, its influence functions against derivatives."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from staggered_panel import minimum_wage, minimum_wage_file, panel, said

from evaluation.did import callaway_santanna
from evaluation.did.callaway_santanna import Comparison, Events
from evaluation.did.cohorts import Cohorts
from evaluation.errors import FitError
from evaluation.numeric.panel.group_time import side_by_side

CONTROLS = {"nevertreated": "never", "notyettreated": "not-yet", "treated only": "not-yet"}
ADJUST = {"dr": "doubly robust", "reg": "regression", "ipw": "weighting"}
CASES = said("csdid 0.4.3")
needs_minimum_wage = pytest.mark.skipif(
    minimum_wage_file() is None, reason="mpdta.csv is not at hand"
)


def case_name(case: dict) -> str:
    adjusted = f"{case['adjust']}{' weighted' * case['weighted']}" if case["covariate"] else "bare"
    return f"{case['controls']} {case['base']} {case['anticipation']} {adjusted}"


@pytest.mark.parametrize("case", CASES, ids=case_name)
def test_agrees_with_csdid(case):
    cohorts = panel(
        covariate=case["covariate"],
        weighted=case["weighted"],
        treated_only=case["controls"] == "treated only",
    )
    for aggregation, expected in case["averages"].items():
        answer = callaway_santanna.fit(
            cohorts,
            aggregation=aggregation,
            controls=CONTROLS[case["controls"]],
            base=case["base"],
            anticipation=case["anticipation"],
            adjust=ADJUST[case["adjust"]],
            draws=20,
        )
        assert answer.estimate == pytest.approx(expected["estimate"], abs=1e-9)
        assert answer.std_error == pytest.approx(expected["std_error"], abs=1e-9)
        rows = answer.dynamic if aggregation == "dynamic" else answer.terms
        found = [[row.estimate, row.std_error] for row in rows]
        wanted = [row[1:] for row in expected["parts"]]
        if wanted:
            assert np.array(found) == pytest.approx(np.array(wanted), abs=1e-9)
    assert [row.time for row in answer.dynamic] == [
        row[0] for row in case["averages"]["dynamic"]["parts"]
    ]


# In R 4.2.3 did 2.1.2 prints for mpdta, without covariates: simple -0.0400 (0.0120), dynamic
# -0.0772. Further digits, and with xformla = ~lpop, est_method "dr": csdid 0.4.3, bstrap = False.
@needs_minimum_wage
@pytest.mark.parametrize(
    ("aggregation", "covariate", "estimate", "std_error"),
    [
        ("simple", False, -0.0399512752, 0.0120340128),
        ("dynamic", False, -0.0772398215, 0.0199649891),
        ("simple", True, -0.0417517721, 0.0115028382),
    ],
)
def test_minimum_wage(aggregation, covariate, estimate, std_error):
    cohorts = minimum_wage(covariate=covariate)
    answer = callaway_santanna.fit(cohorts, aggregation=aggregation, draws=20)
    assert answer.estimate == pytest.approx(estimate, abs=1e-9)
    assert answer.std_error == pytest.approx(std_error, abs=1e-9)


AVERAGES = ("simple", "group", "dynamic", "calendar")


def averages(cohorts: Cohorts, **options) -> tuple[np.ndarray, np.ndarray]:
    """Every average there is and its error, of cells that are compared once."""
    compared = callaway_santanna._compare(cohorts, Comparison(**options))
    made = [callaway_santanna._average(compared, one, Events()) for one in AVERAGES]
    wanted = side_by_side(*(one.headline for one in made), made[0].dynamic)
    sums = callaway_santanna._sums(compared, wanted)
    return compared.cells.effect @ wanted.weights, np.sqrt((sums**2).sum(axis=0))


def estimates(cohorts: Cohorts, **options) -> np.ndarray:
    return averages(cohorts, **options)[0]


def errors(cohorts: Cohorts, **options) -> np.ndarray:
    return averages(cohorts, **options)[1]


def test_averages_of_these_tests_are_those_of_the_method():
    cohorts = panel(covariate=True, clustered=True, weighted=True)
    several = [callaway_santanna.fit(cohorts, aggregation=one, draws=1) for one in AVERAGES]
    shown = [*several, *several[0].dynamic]
    assert estimates(cohorts) == pytest.approx([row.estimate for row in shown], rel=1e-12)
    assert errors(cohorts) == pytest.approx([row.std_error for row in shown], rel=1e-12)


# The influence of a unit is the derivative of an estimate by the unit's weight, whatever is
# estimated on the way, and that of a cluster by the weights of its units together; so the errors
# can be had without a single formula for them. Central differences at this step are good to 1e-7.
STEP = 1e-4


@pytest.mark.parametrize("controls", ["never", "not-yet"])
@pytest.mark.parametrize("adjust", [None, "doubly robust", "regression", "weighting"])
def test_errors_are_those_of_derivatives_by_weight(controls, adjust):
    cohorts = panel(covariate=adjust is not None, clustered=True, weighted=True)
    # Ten clusters in place of thirty have a third of the derivatives.
    cohorts = replace(cohorts, cluster=cohorts.cluster // 3)
    options = {"controls": controls, "adjust": adjust or "doubly robust"}
    slopes = []
    for number in range(10):
        aside = np.where(cohorts.cluster == number, STEP, 0.0)
        up, down = (
            estimates(replace(cohorts, weight=cohorts.weight * (1 + sign * aside)), **options)
            for sign in (1, -1)
        )
        slopes.append((up - down) / (2 * STEP))
    brute = np.sqrt((np.array(slopes) ** 2).sum(axis=0))
    assert errors(cohorts, **options) == pytest.approx(brute, rel=1e-5)


@pytest.mark.parametrize("anticipation", [0, 1])
def test_cells_agree_with_plain_loops(anticipation):
    cohorts = panel()
    how = Comparison(controls="not-yet", base="universal", anticipation=anticipation)
    found = iter(callaway_santanna._compare(cohorts, how).cells.effect.tolist())
    for g in cohorts.cohorts:
        base = g - 1 - anticipation
        for t in range(cohorts.length):
            own, other = [], []
            for change, start in zip(
                cohorts.y[:, t] - cohorts.y[:, base], cohorts.first, strict=True
            ):
                if start == g:
                    own.append(change)
                elif start > max(t, base) + anticipation:
                    other.append(change)
            assert next(found) == pytest.approx(np.mean(own) - np.mean(other), abs=1e-12)
    assert next(found, None) is None


def test_a_constant_set_of_weights_changes_nothing():
    cohorts = panel()
    tripled = replace(cohorts, weight=np.full(cohorts.n, 3.0))
    assert errors(tripled) == pytest.approx(errors(cohorts), rel=1e-12)


def test_order_of_units_and_scale_of_covariate_change_nothing():
    cohorts = panel(covariate=True, clustered=True)
    order = np.random.default_rng(1).permutation(cohorts.n)
    moved = cohorts.keeping(order)
    moved = replace(moved, covariates=1000 * moved.covariates + 7)
    assert estimates(moved) == pytest.approx(estimates(cohorts), abs=1e-9)
    assert errors(moved) == pytest.approx(errors(cohorts), abs=1e-9)


def test_exposure_of_one_size_changes_nothing():
    cohorts = panel()
    exposed = replace(cohorts, exposure=np.full(cohorts.y.shape, 40_000.0))
    assert estimates(exposed) == pytest.approx(estimates(cohorts), abs=1e-12)
    answer = callaway_santanna.fit(exposed, draws=1)
    assert str(answer.notes[0]) == "outcomes are rates at the mean exposure, 40000"


def test_inputs_are_not_changed():
    cohorts = panel(covariate=True, weighted=True)
    before = [cohorts.y.copy(), cohorts.covariates.copy(), cohorts.weight.copy()]
    callaway_santanna.fit(cohorts, controls="not-yet", errors="bootstrap", draws=50)
    for old, new in zip(before, [cohorts.y, cohorts.covariates, cohorts.weight], strict=True):
        assert np.array_equal(old, new)


def test_no_covariate_is_the_limit_of_one_without_bearing():
    # Residuals of x on nothing but itself: a covariate independent of all would still be fitted,
    # so here it is made orthogonal to the outcomes and to treatment exactly.
    cohorts = panel()
    groups = np.unique(cohorts.first, return_inverse=True)[1]
    x = np.random.default_rng(2).normal(size=cohorts.n)
    for g in range(4):
        rows = groups == g
        frame = np.column_stack([np.ones(rows.sum()), cohorts.y[rows]])
        x[rows] -= frame @ np.linalg.lstsq(frame, x[rows], rcond=None)[0]
    adjusted = replace(cohorts, covariates=x[:, None], covariate_names=("x",))
    assert estimates(adjusted) == pytest.approx(estimates(cohorts), abs=1e-9)


def test_bootstrap_errors_are_near_the_analytic_ones():
    cohorts = panel(clustered=True)
    drawn = errors(cohorts) / [
        *(
            callaway_santanna.fit(
                cohorts, aggregation=name, errors="bootstrap", draws=4000
            ).std_error
            for name in ("simple", "group", "dynamic", "calendar")
        ),
        *(
            row.std_error
            for row in callaway_santanna.fit(cohorts, errors="bootstrap", draws=4000).dynamic
        ),
    ]
    # 4,000 draws give a quartile range to 1.2 / sqrt(4000) = 2 %; ten of them, four deviations.
    assert np.abs(np.log(drawn)).max() < 0.08


def test_jackknife_leaves_out_one_cluster_after_another():
    cohorts = panel(clustered=True)
    answer = callaway_santanna.fit(cohorts, errors="jackknife", draws=1)
    left = [
        callaway_santanna.fit(cohorts.keeping(cohorts.cluster != g), draws=1).estimate
        for g in range(30)
    ]
    squares = (29 / 30) * ((np.array(left) - answer.estimate) ** 2).sum()
    assert answer.std_error == pytest.approx(np.sqrt(squares), rel=1e-12)
    assert answer.df == len(np.unique(cohorts.cluster[cohorts.ever])) - 1


def test_band_is_wider_than_the_intervals_and_the_same_each_time():
    answer = callaway_santanna.fit(panel())
    again = callaway_santanna.fit(panel())
    for row, other in zip(answer.dynamic, again.dynamic, strict=True):
        assert row == other
        assert row.band_low < row.low < row.estimate < row.high < row.band_high
    multiples = {round((row.band_high - row.estimate) / row.std_error, 9) for row in answer.dynamic}
    # Between one interval and nine independent ones (Bonferroni, 2.77).
    assert len(multiples) == 1
    assert 2.2 < multiples.pop() < 2.85


def test_expected_line_is_parallel_to_the_controls():
    cohorts = panel()
    for base in ("varying", "universal"):
        answer = callaway_santanna.fit(cohorts, base=base, draws=1)
        control = cohorts.y[~cohorts.ever].mean(axis=0)
        for g in cohorts.cohorts:
            rows = cohorts.first == g
            level = cohorts.y[rows][:, g - 1].mean() - control[g - 1]
            assert answer.expected[rows].mean(axis=0) == pytest.approx(control + level)
        assert np.array_equal(answer.expected[~cohorts.ever], cohorts.y[~cohorts.ever])


def test_curve_has_the_errors_of_the_answer():
    cohorts = panel(clustered=True)
    curve = callaway_santanna.curve(cohorts, events=Events(latest=2))
    answer = callaway_santanna.fit(cohorts, latest=2, draws=1)
    assert curve.std_error == pytest.approx([row.std_error for row in answer.dynamic], rel=1e-12)
    assert curve.n.tolist() == [row.n for row in answer.dynamic]


def test_balance_keeps_the_same_cohorts_behind_each_event_time():
    # csdid 0.4.3: aggte(typec = "dynamic", balance_e = 2) uses cohorts 3 and 5 and times -3 to 2.
    answer = callaway_santanna.fit(panel(), aggregation="dynamic", balance=2, draws=1)
    assert [row.time for row in answer.dynamic] == [-3, -2, -1, 0, 1, 2]
    assert {row.n for row in answer.dynamic if row.time >= -1} == {34}
    assert answer.estimate == pytest.approx(
        np.mean([row.estimate for row in answer.dynamic if row.time >= 0])
    )


def test_recovers_effects_that_differ_by_cohort_and_time():
    rng = np.random.default_rng(11)
    first = np.repeat([3.0, 5.0, np.inf], [300, 300, 400])
    event = np.arange(8) - first[:, None]
    truth = np.where(event >= 0, np.where(first[:, None] == 3, 1.0, -2.0) * (event + 1), 0)
    truth = np.where(np.isfinite(truth), truth, 0)
    y = rng.normal(size=(1000, 1)) + np.arange(8) + truth + rng.normal(size=(1000, 8))
    answer = callaway_santanna.fit(Cohorts.from_arrays(y, first))
    effect = truth[event >= 0].mean()
    assert abs(answer.estimate - effect) < 3 * answer.std_error
    assert answer.dynamic[-1].estimate == pytest.approx(5, abs=0.5)
    assert answer.objection is None


def refused(cohorts: Cohorts, **options) -> str:
    with pytest.raises(FitError) as caught:
        callaway_santanna.fit(cohorts, **options)
    return str(caught.value)


def test_refuses_what_it_cannot_compare():
    cohorts = panel()
    assert 'set controls to "not-yet"' in refused(panel(treated_only=True))
    assert "single control" in refused(
        cohorts.keeping(np.r_[np.flatnonzero(cohorts.ever), np.flatnonzero(~cohorts.ever)[:1]])
    )
    assert "same time" in refused(cohorts.keeping(cohorts.first == 2), controls="not-yet")
    assert "2 anticipated" in refused(cohorts, anticipation=2)
    assert "anticipation is -1" in refused(cohorts, anticipation=-1)
    assert "'simple', 'group'" in refused(cohorts, aggregation="overall")
    assert "'never', 'not-yet'" in refused(cohorts, controls="all")
    assert "no event time" in refused(cohorts, latest=-1)
    assert "draws is 0" in refused(cohorts, draws=0)


def test_refuses_covariates_that_say_nothing_or_everything():
    cohorts = panel(covariate=True)
    same = replace(cohorts, covariates=np.ones((cohorts.n, 1)))
    assert "'x' is the same" in refused(same)
    twice = replace(cohorts, covariates=np.repeat(cohorts.covariates, 2, axis=1))
    twice = replace(twice, covariate_names=("x", "again"))
    assert "combination" in refused(twice, adjust="regression")
    told = replace(cohorts, covariates=cohorts.ever[:, None] + cohorts.covariates / 100)
    assert "almost" in refused(told, adjust="weighting")


def test_objects_to_few_clusters_and_to_cohorts_of_one():
    cohorts = panel()
    few = cohorts.keeping(np.r_[np.flatnonzero(cohorts.ever)[:4], np.flatnonzero(~cohorts.ever)])
    objection = callaway_santanna.fit(few, draws=1).objection
    assert objection is not None
    assert str(objection).startswith("not valid here: a clustered interval needs 6 treated")
    first = np.r_[np.arange(2.0, 10), np.full(10, np.inf)]
    y = np.random.default_rng(3).normal(size=(18, 12))
    objection = callaway_santanna.fit(Cohorts.from_arrays(y, first), draws=1).objection
    assert objection is not None
    assert "8 of 8 cohorts are a single unit" in str(objection)
    with pytest.raises(FitError, match="single cluster"):
        callaway_santanna.fit(Cohorts.from_arrays(y, first), errors="jackknife")
