"""Two-way fixed effects against R, linearmodels and slow twins (tests/reference)."""

from __future__ import annotations

import warnings
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest
from regressions import PERIODS, UNITS, columns, panel, reference

from evaluation.did import METHODS, twfe
from evaluation.did.cohorts import Cohorts
from evaluation.errors import FitError

PAIRS = np.arange(UNITS) // 2


@pytest.mark.parametrize(("name", "cluster"), [("linear", None), ("pairs", PAIRS)])
@pytest.mark.parametrize(
    ("key", "options"),
    [
        ("cr0", {"errors": "CR0"}),
        ("not_counted", {"errors": "CR1"}),
        ("counted", {"errors": "CR1", "nested": "counted"}),
        ("cr2", {"errors": "CR2"}),
        ("jackknife", {"errors": "CR3"}),
    ],
)
def test_clustered_errors_equal_those_of_r(
    name: str, cluster: Any, key: str, options: dict[str, Any]
) -> None:
    expected = reference()[name]
    answer = twfe.fit(panel(cluster=cluster), **options)
    assert answer.estimate == pytest.approx(expected["coef"], rel=1e-10)
    assert answer.std_error == pytest.approx(expected[key], rel=1e-9)
    if key == "cr2":
        assert answer.df == pytest.approx(expected["df"], rel=1e-8)


def test_weights_of_units_are_those_of_lm() -> None:
    weight = columns()["weight"].reshape(UNITS, PERIODS)[:, 0]
    answer = twfe.fit(panel(weight=weight), errors="CR0")
    expected = reference()["weighted"]
    assert answer.estimate == pytest.approx(expected["coef"], rel=1e-10)
    assert answer.std_error == pytest.approx(expected["cr0"], rel=1e-9)


def test_rows_of_an_unbalanced_table_are_those_of_lm() -> None:
    table = columns()
    y = table["score"].copy()
    y[[2, 16, 17, 39, 76, 130]] = np.nan
    whole = panel()
    first = np.where(whole.ever, whole.treated.argmax(axis=1).astype(float), np.inf)
    gaps = Cohorts.from_arrays(y.reshape(UNITS, PERIODS), first, gaps="missing")
    expected = reference()["unbalanced"]
    answer = twfe.fit(gaps, errors="CR0")
    assert answer.estimate == pytest.approx(expected["coef"], rel=1e-10)
    assert answer.std_error == pytest.approx(expected["cr0"], rel=1e-9)
    assert answer.df == UNITS - 1


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(
    "options",
    [
        {"errors": "CR1"},
        {"errors": "CR0", "cluster": PAIRS},
        {"errors": "two-way"},
        {"errors": "driscoll-kraay", "lag": 2},
    ],
)
def test_kernel_is_the_library(
    options: dict[str, Any], weighted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {"weight": columns()["weight"].reshape(UNITS, PERIODS)[:, 0]} if weighted else {}
    settings = {name: value for name, value in options.items() if name != "cluster"}
    cohorts = panel(cluster=options.get("cluster"), **given)
    library = twfe.fit(cohorts, **settings)
    monkeypatch.setattr(twfe, "BY_LIBRARY", 0)
    kernel = twfe.fit(cohorts, **settings)
    assert kernel.estimate == pytest.approx(library.estimate, rel=1e-8)
    assert kernel.std_error == pytest.approx(library.std_error, rel=1e-8)


@pytest.mark.parametrize(
    ("options", "settings", "factor"),
    [
        # PanelOLS leaves G/(G - 1) out unless group_debias, and counts effects.
        ({"nested": "counted"}, {"cov_type": "clustered", "group_debias": True}, 1.0),
        # Its n/(n - K) for T/(T - 1) (n - 1)/(n - K).
        (
            {"errors": "driscoll-kraay", "lag": 2},
            {"cov_type": "kernel", "kernel": "bartlett", "bandwidth": 2},
            PERIODS / (PERIODS - 1) * (UNITS * PERIODS - 1) / (UNITS * PERIODS),
        ),
    ],
)
def test_estimate_and_error_equal_those_of_linearmodels(
    options: dict[str, Any], settings: dict[str, Any], factor: float
) -> None:
    import pandas as pd
    from linearmodels.panel import PanelOLS

    frame = pd.DataFrame(columns()).set_index(["unit", "period"])
    with warnings.catch_warnings():
        # Its own use of pandas and numpy is not what is tested.
        warnings.simplefilter("ignore")
        model = PanelOLS(frame.score, frame[["treated"]], entity_effects=True, time_effects=True)
        by_unit = {"cluster_entity": True} if settings["cov_type"] == "clustered" else {}
        found = model.fit(**settings, **by_unit)
    answer = twfe.fit(panel(), **options)
    assert answer.estimate == pytest.approx(float(found.params["treated"]), rel=1e-10)
    error = float(found.std_errors["treated"]) * np.sqrt(factor)
    assert answer.std_error == pytest.approx(error, rel=1e-10)


def test_counting_nested_effects_is_the_known_gap() -> None:
    # 13 cities and 96 months, 0.06134 against 0.06102 in the project's inference study: the root of
    # (1248 - 97)/(1248 - 109).
    rng = np.random.default_rng(3)
    cohorts = Cohorts.from_arrays(rng.normal(size=(13, 96)), [48.0] * 6 + [np.inf] * 7)
    counted = twfe.fit(cohorts, nested="counted").std_error
    assert counted / twfe.fit(cohorts).std_error == pytest.approx(np.sqrt(1151 / 1139), rel=1e-12)
    assert counted / twfe.fit(cohorts).std_error == pytest.approx(0.06134 / 0.06102, abs=1e-4)


def test_two_way_and_driscoll_kraay_equal_their_definitions() -> None:
    cohorts = panel()
    table = columns()
    unit, period = table["unit"].astype(int), table["period"].astype(int)
    dummies = np.column_stack(
        [table["treated"], np.eye(UNITS)[unit], np.eye(PERIODS)[period][:, 1:]]
    )
    beta = np.linalg.lstsq(dummies, table["score"], rcond=None)[0]
    scores = dummies * (table["score"] - dummies @ beta)[:, None]
    bread = np.linalg.inv(dummies.T @ dummies)

    def error(weights: np.ndarray) -> float:
        return float(np.sqrt((bread @ scores.T @ weights @ scores @ bread)[0, 0]))

    same_unit = (unit[:, None] == unit).astype(float)
    same_period = (period[:, None] == period).astype(float)
    n = len(unit)
    both = np.maximum(same_unit, same_period)
    scale = np.sqrt(PERIODS / (PERIODS - 1) * (n - 1) / (n - 2))
    answer = twfe.fit(cohorts, errors="two-way")
    assert answer.std_error == pytest.approx(error(both) * scale, rel=1e-9)
    assert answer.df == PERIODS - 1
    near = np.clip(1 - np.abs(period[:, None] - period) / 3, 0, None)
    scale = np.sqrt(PERIODS / (PERIODS - 1) * (n - 1) / (n - dummies.shape[1]))
    answer = twfe.fit(cohorts, errors="driscoll-kraay", lag=2)
    assert answer.std_error == pytest.approx(error(near) * scale, rel=1e-9)


def test_conley_with_everyone_far_apart_is_clustering_by_unit() -> None:
    place = np.linspace(0, 60, UNITS)
    cohorts = panel(covariates={"latitude": place, "longitude": place})
    far = twfe.fit(cohorts, errors="conley", cutoff=1.0)
    assert far.std_error == pytest.approx(twfe.fit(panel(), errors="CR0").std_error, rel=1e-12)
    near = twfe.fit(cohorts, errors="conley", cutoff=2000.0, kernel="bartlett")
    assert near.std_error != pytest.approx(far.std_error, rel=1e-3)


def _bootstrap_by_refits(cohorts: Cohorts, null: float, restrict: bool) -> tuple[float, np.ndarray]:
    """t of the data and of every sign, by fitting every made-up panel again."""

    def t(panel: Cohorts, effect: float) -> float:
        answer = twfe.fit(panel)
        return (answer.estimate - effect) / answer.std_error

    answer = twfe.fit(cohorts)
    effect = null if restrict else answer.estimate
    without = replace(cohorts, y=cohorts.y - effect * cohorts.treated)
    base = without.y - without.y.mean(axis=1, keepdims=True)
    # The residuals of the fit with the effect imposed: unit and period means out.
    residual = base - base.mean(axis=0)
    fitted = cohorts.y - residual
    drawn = []
    for signs in product((1.0, -1.0), repeat=int(cohorts.cluster.max()) + 1):
        made = fitted + np.array(signs)[cohorts.cluster][:, None] * residual
        drawn.append(t(replace(cohorts, y=made), effect))
    return t(cohorts, null), np.abs(drawn)


@pytest.mark.parametrize("errors", ["WCR", "WCU"])
def test_enumerated_wild_bootstrap_equals_its_refits(
    errors: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(twfe, "BY_LIBRARY", 0)
    cohorts = panel(cluster=PAIRS)
    actual, drawn = _bootstrap_by_refits(cohorts, 0.0, errors == "WCR")
    answer = twfe.fit(cohorts, errors=errors)
    assert answer.p_value == (drawn >= abs(actual) * (1 - 1e-9)).mean()
    assert "128 enumerated" in str(answer.notes[0])
    assert answer.low < answer.estimate < answer.high


def test_ends_of_the_restricted_bootstrap_are_where_refits_stop_rejecting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(twfe, "BY_LIBRARY", 0)
    cohorts = panel(cluster=PAIRS)
    answer = twfe.fit(cohorts, errors="WCR")
    for end, outward in ((answer.low, -1e-3), (answer.high, 1e-3)):
        for shift, rejects in ((outward, True), (-outward, False)):
            actual, drawn = _bootstrap_by_refits(cohorts, end + shift, True)
            assert ((drawn >= abs(actual) * (1 - 1e-9)).mean() <= 0.05) == rejects


def test_drawn_signs_are_near_enumerated_ones() -> None:
    exact = twfe.fit(panel(), errors="WCR", draws=20_000)
    drawn = twfe.fit(panel(), errors="WCR", draws=9_999)
    assert "16384 enumerated" in str(exact.notes[0]) and "9999 drawn" in str(drawn.notes[0])
    assert drawn.p_value == pytest.approx(exact.p_value, abs=0.015)
    webb = twfe.fit(panel(), errors="WCR", signs="webb")
    assert webb.p_value == pytest.approx(exact.p_value, abs=0.03)


def test_one_treated_cluster_is_not_valid_and_its_score_is_nought() -> None:
    cohorts = panel().keeping([0, *range(7, 14)])
    answer = twfe.fit(cohorts)
    assert answer.objection is not None
    assert str(answer.objection).startswith(
        "not valid here: a clustered error with 1 treated cluster"
    )
    residual = cohorts.y - np.asarray(answer.expected) - answer.estimate * cohorts.treated
    assert abs(residual[0, cohorts.treated[0]].sum()) < 1e-12
    with pytest.raises(FitError, match="no jackknife"):
        twfe.fit(cohorts, errors="CR3")
    # The restricted bootstrap then rejects next to nothing.
    wide = twfe.fit(cohorts, errors="WCR")
    assert wide.high - wide.low > 20 * wide.std_error
    assert "alone determine" in str(twfe.fit(cohorts, errors="CR2").notes[0])


def test_six_and_six_clusters_are_enough() -> None:
    assert twfe.fit(panel()).objection is None
    few = twfe.fit(panel().keeping([*range(5), *range(7, 14)]))
    assert "5 treated clusters" in str(few.objection)


def test_expected_and_estimate_agree() -> None:
    cohorts = panel()
    answer = twfe.fit(cohorts)
    cells = cohorts.treated
    gap = (cohorts.y - np.asarray(answer.expected))[cells]
    assert gap.mean() == pytest.approx(answer.estimate, rel=1e-10)


def test_refusals_say_what_to_do() -> None:
    with pytest.raises(FitError, match="add untreated units"):
        twfe.fit(panel().keeping([0, 1]))
    with pytest.raises(FitError, match="there are CR0"):
        twfe.fit(panel(), errors="HC1")  # type: ignore[arg-type]
    with pytest.raises(FitError, match="cutoff"):
        twfe.fit(panel(), errors="conley")
    with pytest.raises(FitError, match="there is no covariate 'latitude'"):
        twfe.fit(panel(), errors="conley", cutoff=5.0)


def test_covariates_that_do_not_change_are_taken_up_and_a_note_says_so() -> None:
    with_size = METHODS["twfe"].fit(panel(covariates={"size": np.arange(UNITS)}))
    plain = METHODS["twfe"].fit(panel())
    assert (with_size.estimate, with_size.std_error) == (plain.estimate, plain.std_error)
    assert str(with_size.notes[-1]) == "not used by twfe: size"
