"""What holds for every method in the table, whatever it is given."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from evaluation.did import METHODS, NEVER, Cohorts
from evaluation.effect import Effect
from evaluation.errors import EvaluationError
from tests.did.test_methods import PAIRS, SETTINGS, fit, panel

QUICK = {
    name: options | ({"draws": 20} if "draws" in options else {})
    for name, options in SETTINGS.items()
}


def tried(name: str, cohorts: Cohorts) -> Effect | None:
    """The effect, None when it is refused in words."""
    try:
        return METHODS[name].set_to(QUICK.get(name, {})).fit(cohorts)
    except EvaluationError as fault:
        assert len(str(fault)) > 20
        return None


def consistent(effect: Effect, what: str) -> None:
    """A range leaves out no change exactly when p is below .05, in every measure of the effect."""
    out = effect.low > 0 or effect.high < 0
    assert out == (effect.p_value < 0.05), what
    assert out == effect.percent.excludes_zero == effect.averted.excludes_zero, what
    assert (effect.low > 0) == (effect.percent.low > 0) == (effect.averted.high < 0), what


def numbers(effect: Effect) -> list[float]:
    found = [effect.estimate, effect.std_error, effect.low, effect.high, effect.p_value]
    for one in (effect.percent, effect.averted):
        found += [one.low, one.estimate, one.high]
    for point in effect.path:
        found += [point.expected, point.low, point.high]
    for row in effect.dynamic:
        found += [row.estimate, row.low, row.high, row.band_low, row.band_high]
    for term in effect.terms:
        found += [term.estimate, term.low, term.high, term.p_value]
    return found


# Effects of all sizes, so that ranges end on both sides of nought and near it.
@pytest.mark.parametrize(("effect", "seed"), [(0.0, 3), (-0.25, 5), (-0.12, 8), (0.3, 2)])
@pytest.mark.parametrize(("name", "kind"), PAIRS)
def test_p_is_below_five_percent_exactly_when_the_range_leaves_out_no_change(
    name, kind, effect, seed
):
    if (name in ("random-effects-drift", "honest-did") and effect != -0.25) or (
        name in SETTINGS and "draws" in SETTINGS[name] and effect > 0
    ):
        pytest.skip("takes long")
    consistent(fit(name, panel(name, kind, effect=effect, seed=seed)), name)


# With 12 controls no rank is below .05, with 19 it is .05 at best, with 20 below it.
@pytest.mark.parametrize("controls", [12, 19, 20])
@pytest.mark.parametrize("size", [0.0, -0.7, -2.0])
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("randomization", {}),
        ("randomization", {"over": "date"}),
        ("randomization", {"over": "unit x date", "statistic": "t"}),
        ("ferman-pinto-rank", {}),
        ("conley-taber", {}),
        ("synthetic-control", {"draws": 25}),
        ("synthetic-did", {"variance": "rank", "draws": 25}),
        ("augmented-control", {"ridge": 5.0, "draws": 25}),
    ],
)
def test_ranks_and_their_ranges_are_one_test(name, options, size, controls):
    cohorts = panel(
        "random-effects", "count", controls=controls, effect=size, length=16, starts=(8,)
    )
    effect = METHODS[name].set_to(options).fit(cohorts)
    consistent(effect, f"{name} {options}")
    assert np.isfinite(numbers(effect)).all()


@pytest.mark.parametrize("name", ["twfe", "calibration"])
def test_bootstraps_and_permutations_are_one_test_with_their_range(name):
    how = {"twfe": {"errors": "WCU", "draws": 199}, "calibration": {"variance": "permutation"}}
    for size in (0.0, -0.1, -0.2, -0.3):
        cohorts = panel(name, "count", effect=size, seed=4)
        options = {"periods": 3, "draws": 60} if name == "calibration" else {}
        consistent(METHODS[name].set_to(options | how[name]).fit(cohorts), f"{name} {size}")


def inputs(cohorts: Cohorts) -> dict[str, Cohorts]:
    """The same panel with one more thing that a user can give."""
    draw = np.random.default_rng(6)
    n = cohorts.n
    drawn = np.exp(0.3 * draw.normal(size=cohorts.y.shape))
    with_covariate = replace(
        cohorts,
        covariates=np.column_stack([cohorts.covariates, draw.normal(size=n)]),
        covariate_names=(*cohorts.covariate_names, "poverty"),
    )
    # Pairs of one start.
    order = np.argsort(cohorts.first, kind="stable")
    pairs = np.empty(n, dtype=int)
    pairs[order] = np.arange(n) // 2
    return {
        "covariates": with_covariate,
        "weight": replace(cohorts, weight=0.5 + draw.uniform(size=n)),
        "cluster": replace(cohorts, cluster=pairs),
        "exposure": replace(cohorts, exposure=drawn),
    }


@pytest.mark.parametrize("given", ["covariates", "weight", "cluster", "exposure"])
@pytest.mark.parametrize(("name", "kind"), PAIRS)
def test_every_input_is_used_refused_or_named_as_unused(name, kind, given):
    if name in ("honest-did", "random-effects-drift") and kind == "continuous":
        pytest.skip("takes long")
    cohorts = panel(name, kind, effect=-0.3)
    plain, found = tried(name, cohorts), tried(name, inputs(cohorts)[given])
    assert plain is not None
    if found is None:
        return
    same = np.array_equal(numbers(plain), numbers(found))
    told = [note for note in map(str, found.notes) if note.startswith("not used by")]
    words = {"covariates": "poverty", "weight": "weights", "cluster": "clusters"}.get(given, "?")
    assert any(words in note for note in told) == same, (name, given, found.notes)


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("twfe", {"lag": 2}, "lag changes nothing with errors 'CR1'"),
        ("twfe", {"cutoff": 3.0}, "cutoff changes nothing"),
        ("twfe", {"kernel": "bartlett"}, "kernel changes nothing"),
        ("twfe", {"position": ["x", "y"]}, "position changes nothing"),
        ("twfe", {"signs": "webb"}, "signs changes nothing"),
        ("twfe", {"nested": "counted", "errors": "CR3"}, "nested changes nothing"),
        ("poisson-twfe", {"nested": "counted"}, "nested changes nothing"),
        ("callaway-santanna", {"adjust": "regression"}, "there are none"),
        ("synthetic-control", {"importance": [1.0]}, "importances are for"),
        ("spillover", {"place": ["x", "y"]}, "`place` is for rings"),
        ("imputation", {"lead_times": -1}, "0 periods or more"),
    ],
)
def test_settings_that_would_change_nothing_are_refused(name, options, words):
    kind = "count" if "count" in METHODS[name].kinds else "continuous"
    with pytest.raises(EvaluationError, match=words):
        METHODS[name].set_to(options).fit(panel("twfe", kind))


def world(name: str, kind: str, treated: int) -> Cohorts:
    """Ten units of eight periods with nothing, or next to nothing, to learn from."""
    draw = np.random.default_rng(4)
    base = draw.poisson(6, (10, 8)).astype(float)
    first = np.where(np.arange(10) < treated, 4.0, NEVER)
    y = {
        "constant": np.full((10, 8), 5.0),
        "nought": np.zeros((10, 8)),
        "alike": np.tile(base[:1], (10, 1)),
        "additive": np.add.outer(3.0 * np.arange(10), np.arange(8.0)),
        "rounding": 7 + 1e-13 * np.abs(draw.normal(size=(10, 8))),
        "huge": base * 1e12,
        "tiny": base * 1e-12,
        "far from nought": base + 1e12,
    }.get(name, base.copy())
    if name in ("one event", "one event of a control"):
        y = np.zeros((10, 8))
        y[5 if "control" in name else 0, 6] = 1
    if name == "nothing after":
        y[:treated, 4:] = 0
    if name == "nothing before":
        y[:treated, :4] = 0
    if name == "controls without events":
        y[treated:] = 0
    if name == "controls without events after":
        y[treated:, 4:] = 0
    if name == "one period after":
        first = np.where(np.isfinite(first), 7.0, NEVER)
    if name == "one period before":
        first = np.where(np.isfinite(first), 1.0, NEVER)
    if name == "two periods":
        y, first = y[:, :2], np.where(np.isfinite(first), 1.0, NEVER)
    if name == "two units":
        y, first = y[[0, 9]], first[[0, 9]]
    if name == "all treated":
        first = np.repeat([3.0, 5.0], 5)
    if name == "single cohorts":
        first = np.array([2.0, 3, 4, 5, 6, *[NEVER] * 5])
    kinds = np.arange(len(y)) % 3.0
    return Cohorts.from_arrays(y, first, kind=kind, covariates={"alliance": kinds})


WORLDS = (
    "constant",
    "nought",
    "alike",
    "additive",
    "rounding",
    "huge",
    "tiny",
    "far from nought",
    "one event",
    "one event of a control",
    "nothing after",
    "nothing before",
    "controls without events",
    "controls without events after",
    "one period after",
    "one period before",
    "two periods",
    "two units",
    "all treated",
    "single cohorts",
)


@pytest.mark.parametrize("treated", [1, 2])
@pytest.mark.parametrize("name", WORLDS)
@pytest.mark.parametrize("kind", ["count", "continuous"])
def test_panels_with_nothing_to_learn_from_end_in_numbers_or_in_words(kind, name, treated):
    cohorts = world(name, kind, treated)
    for method in METHODS:
        slow = method == "honest-did" and name not in ("constant", "controls without events after")
        if kind not in METHODS[method].kinds or slow:
            continue
        effect = tried(method, cohorts)
        if effect is not None:
            assert np.isfinite(numbers(effect)).all(), (method, name)
            consistent(effect, f"{method} {name}")


@pytest.mark.parametrize("after", [0, 1, 3])
@pytest.mark.parametrize(
    "name",
    [
        "random-effects",
        "random-effects-plug-in",
        "random-effects-drift",
        "placebo-t",
        "ferman-pinto",
        "ferman-pinto-rank",
        "conley-taber",
        "synthetic-did",
        "augmented-control",
    ],
)
def test_what_is_expected_does_not_come_from_what_was_observed(name, after):
    # 24 steady controls: about as many as before would have come.
    y = np.random.default_rng(11).poisson(8, (25, 12)).astype(float)
    y[0, 6:] = 0
    y[0, 6 : 6 + after] = 1
    cohorts = Cohorts.from_arrays(y, [6.0, *[NEVER] * 24], kind="count")
    wanted = y[0, :6].sum() * y[1:, 6:].sum() / y[1:, :6].sum()
    effect = METHODS[name].set_to(QUICK.get(name, {})).fit(cohorts)
    # The drift of one month to the next is carried on.
    assert effect.averted.estimate == pytest.approx(wanted - after, rel=0.25)
    awaited = sum(point.expected for point in effect.path if point.phase == "after")
    assert awaited - after == pytest.approx(effect.averted.estimate, rel=1e-6)
    assert effect.averted.low <= effect.averted.estimate <= effect.averted.high


@pytest.mark.parametrize(("name", "kind"), PAIRS)
def test_averted_is_what_the_path_adds_up_to(name, kind):
    effect = fit(name, panel(name, kind, effect=-0.4))
    if not effect.path or effect.path[-1].phase != "after":
        return
    shown = sum(point.expected - point.observed for point in effect.path if point.phase != "before")
    # Of linear methods with an exposure the effect is a mean at the mean exposure.
    loose = 0.35 if effect.scale == "difference" and kind == "count" else 1e-6
    assert effect.averted.estimate == pytest.approx(shown, rel=loose)


@pytest.mark.parametrize("seed", range(11, 17))
@pytest.mark.parametrize("name", ["synthetic-control", "augmented-control", "synthetic-did"])
def test_a_perfect_fit_before_has_a_range_of_the_size_of_the_data(name, seed):
    y = np.random.default_rng(seed).poisson(8, (20, 12)).astype(float)
    effect = METHODS[name].fit(Cohorts.from_arrays(y, [6.0, *[NEVER] * 19], kind="count"))
    assert effect.high - effect.low < 10 * np.ptp(y)


def test_controls_that_fit_exactly_bar_the_ratio_of_gaps():
    y = np.random.default_rng(11).poisson(8, (31, 12)).astype(float)
    effect = METHODS["synthetic-control"].fit(
        Cohorts.from_arrays(y, [4.0, *[NEVER] * 30], kind="count")
    )
    assert effect.objection is not None and "follow" in str(effect.objection)
    assert "exactly before the start" in str(effect.objection)


# Levels do not stop at nought: the range goes past losing all, and says so.
@pytest.mark.parametrize("name", ["callaway-santanna", "twfe", "imputation", "stacked"])
def test_a_range_past_all_that_can_be_lost_is_told(name):
    draw = np.random.default_rng(3)
    y = draw.poisson(1.2, (16, 12)).astype(float)
    y[:8, 6:] = draw.poisson(0.1, (8, 6))
    first = [6.0] * 8 + [NEVER] * 8
    effect = METHODS[name].fit(Cohorts.from_arrays(y, first, kind="count"))
    consistent(effect, name)
    assert effect.percent.low < -100
    assert any("past -100 %" in note for note in map(str, effect.notes))
    below = METHODS[name].fit(Cohorts.from_arrays(y - 0.2, first))
    assert not any("past -100 %" in note for note in map(str, below.notes))


def test_a_change_at_the_mean_exposure_is_not_called_a_sum_of_expected_less_observed():
    cohorts = replace(panel("twfe", "count", effect=-0.4), exposure=None)
    plain = METHODS["twfe"].fit(cohorts)
    assert plain.averted_estimand.startswith("expected less observed")
    uneven = replace(
        cohorts,
        exposure=1e5
        * np.exp(0.3 * np.cos(np.arange(cohorts.n)))[:, None]
        * np.ones(cohorts.y.shape),
    )
    effect = METHODS["twfe"].fit(uneven)
    shown = sum(point.expected - point.observed for point in effect.path if point.phase != "before")
    assert abs(effect.averted.estimate - shown) > 0.01
    assert "at the mean exposure" in effect.averted_estimand
    even = METHODS["twfe"].fit(replace(cohorts, exposure=np.full(cohorts.y.shape, 3e4)))
    assert even.averted_estimand == plain.averted_estimand


def test_a_percent_and_a_number_that_point_different_ways_say_so():
    y = np.random.default_rng(0).poisson(8, (13, 16)).astype(float)
    y[:, 8:] = 0
    y[[0, -1], 9] = 1
    effect = tried(
        "random-effects-drift", Cohorts.from_arrays(y, [8.0, *[NEVER] * 12], kind="count")
    )
    assert effect is not None and effect.estimate * effect.averted.estimate > 0
    assert any("point different ways" in note for note in map(str, effect.notes))


@pytest.mark.parametrize("given", [{"seed": -1}, {"draws": -1}, {"draws": 10**12}])
@pytest.mark.parametrize("name", METHODS)
def test_a_seed_or_a_number_of_draws_that_cannot_be_is_refused(name, given):
    (option,) = given
    if option in METHODS[name].options:
        with pytest.raises(EvaluationError, match="must not be negative"):
            METHODS[name].set_to(given)
