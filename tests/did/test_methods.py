"""The contract every method in the table keeps, and which one a panel is given."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from statsmodels.genmod import families
from statsmodels.genmod.generalized_linear_model import GLM
from worlds import EFFECT, of_two_kinds, places

from evaluation import did
from evaluation.data.read import read_panel
from evaluation.did import METHODS, Cohorts, randomization, twfe
from evaluation.effect import Effect
from evaluation.errors import DataError, FitError
from evaluation.fact import Fact

# Settings that a method cannot do without, and fewer draws where they take long.
SETTINGS = {
    "spillover": {"alliance": "alliance"},
    "synthetic-control": {"draws": 40},
    "augmented-control": {"draws": 40},
    "synthetic-did": {"draws": 40},
    "calibration": {"periods": 3},
}
PAIRS = [(name, kind) for name in METHODS for kind in sorted(METHODS[name].kinds)]
# Their intervals are no clustered ones.
BY_PLACEBO = ("randomization", "synthetic-control", "augmented-control", "synthetic-did")


def panel(name: str, kind: str, **options) -> Cohorts:
    if name == "triple-difference":
        return of_two_kinds(kind, **options)
    if METHODS[name].treated == "one unit":
        return places(
            kind, **{"treated": 1, "controls": 24, "length": 24, "starts": (12,)} | options
        )
    if name == "spillover":
        # The first two untreated are allies of the first two treated, the rest of nobody.
        treated = options.get("treated", 8)
        allies = np.arange(float(treated + options.get("controls", 16)))
        allies[[treated, treated + 1]] = [0, 1]
        return places(kind, **{"covariates": {"alliance": allies}} | options)
    if name in BY_PLACEBO:
        return places(kind, **{"treated": 4, "controls": 20} | options)
    if name == "calibration":
        return places(kind, **{"treated": 12, "controls": 80} | options)
    return places(kind, **options)


def fit(name: str, cohorts: Cohorts) -> Effect:
    return METHODS[name].set_to(SETTINGS.get(name, {})).fit(cohorts)


@pytest.mark.parametrize(("name", "kind"), PAIRS)
class TestEveryMethod:
    def test_finds_a_known_fall_in_finite_numbers_and_the_same_twice(self, name, kind):
        cohorts = panel(name, kind)
        before = [cohorts.y.copy(), cohorts.first.copy()]
        effect = fit(name, cohorts)
        numbers = [effect.estimate, effect.std_error, effect.low, effect.high, effect.p_value]
        assert np.isfinite(numbers).all()
        for triple in (effect, effect.percent, effect.averted):
            assert triple.low <= triple.estimate <= triple.high
        assert effect.std_error > 0 and 0 <= effect.p_value <= 1
        # The truth is a fall by 60 % of counts, and by 6 of about 10.
        assert effect.percent.estimate == pytest.approx(100 * np.expm1(EFFECT), abs=15)
        assert effect.averted.estimate > 0
        assert all(point.low <= point.expected <= point.high for point in effect.path)
        assert fit(name, cohorts) == effect
        assert (cohorts.y == before[0]).all() and (cohorts.first == before[1]).all()

    def test_finds_little_where_there_is_nothing(self, name, kind):
        effect = fit(name, panel(name, kind, effect=0.0, seed=3))
        assert abs(effect.percent.estimate) < 20
        assert effect.p_value > 0.01 or effect.objection


@pytest.mark.parametrize("name", METHODS)
class TestTheTable:
    def test_explains_the_method(self, name):
        method = METHODS[name]
        assert method.name == name
        assert method.label and method.assumes and method.kinds
        assert str(Fact(f"method.{name}.estimand"))
        assert "%" in method.coverage or method.coverage == "not measured"

    def test_has_no_other_kind_of_outcome(self, name):
        if "continuous" not in METHODS[name].kinds:
            with pytest.raises(FitError, match=f"{name} is not for a continuous outcome"):
                METHODS[name].fit(places("continuous"))

    def test_refuses_settings_it_does_not_have(self, name):
        with pytest.raises(FitError, match=f"{name} has no setting 'colour'; it has"):
            METHODS[name].set_to({"colour": "red"})

    def test_says_how_many_must_be_treated(self, name):
        if METHODS[name].treated == "one unit":
            with pytest.raises(FitError, match="for one treated unit; there are 8"):
                METHODS[name].fit(places())

    def test_calls_a_clustered_interval_of_three_treated_not_valid(self, name):
        if METHODS[name].treated != "several clusters":
            return
        kind = "count" if "count" in METHODS[name].kinds else "continuous"
        cohorts = panel(name, kind, treated=3, controls=80 if name == "calibration" else 12)
        effect = fit(name, cohorts)
        assert effect.objection is not None and str(effect.objection).startswith("not valid here")
        assert (
            str(effect.objection) in effect.summary() and "not valid here" in effect._repr_html_()
        )


TWFE_ERRORS = ["CR0", "CR1", "CR2", "CR3", "two-way", "driscoll-kraay", "WCR", "WCU"]


@pytest.mark.parametrize(
    ("name", "options"),
    [
        *(("twfe", {"errors": errors}) for errors in TWFE_ERRORS),
        ("twfe", {"errors": "conley", "cutoff": 3, "position": ["lat", "lon"]}),
        *(("poisson-twfe", {"errors": errors}) for errors in ("model", "CR0", "CR1", "CR2", "CR3")),
        *(("negative-binomial-twfe", {"errors": errors}) for errors in ("model", "CR1", "CR2")),
        *(
            ("callaway-santanna", {"aggregation": average})
            for average in ("simple", "group", "dynamic", "calendar")
        ),
        ("callaway-santanna", {"controls": "not-yet", "base": "universal", "anticipation": 1}),
        ("callaway-santanna", {"errors": "bootstrap", "draws": 200, "seed": 2}),
        ("callaway-santanna", {"adjust": "regression", "balance": 1}),
        ("sun-abraham", {"anticipation": 1}),
        ("event-study", {"earliest": -3, "latest": 2}),
        ("poisson-event-study", {"earliest": -3, "latest": 2}),
        ("poisson-event-study", {"bin_width": 2}),
        ("imputation", {"average": "event-time", "lead_times": 2}),
        ("poisson-imputation", {"donut": 1}),
        ("poisson-imputation-donut", {"donut": 3}),
        ("stacked", {"before": 3, "after": 2, "weighting": "none"}),
        ("honest-did", {"restriction": "smoothness", "bound": 0.5}),
        ("randomization", {"over": "unit x date", "draws": 100}),
    ],
)
def test_settings_of_a_plan_change_what_is_estimated_or_how_sure_it_is(name, options):
    rows = np.arange(24.0)
    covariates = {"lat": rows % 5 / 100, "lon": rows % 7 / 100}
    cohorts = places("count", starts=(5, 7), covariates=covariates, seed=4)
    plain, found = METHODS[name].fit(cohorts), METHODS[name].set_to(options).fit(cohorts)
    assert np.isfinite([found.estimate, found.low, found.high, found.p_value]).all()
    defaults = {("twfe", "CR1"), ("poisson-twfe", "CR3"), ("negative-binomial-twfe", "CR1")}
    same = (name, options.get("errors")) in defaults or options == {"aggregation": "simple"}
    assert (found == plain) == same


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("twfe", {"errors": "HC1"}, "errors of twfe must be 'CR0', .* it is 'HC1'"),
        ("twfe", {"draws": "many"}, "draws of twfe must be a whole number; it is 'many'"),
        ("twfe", {"draws": 9.5}, "must be a whole number; it is 9.5"),
        ("callaway-santanna", {"controls": "all"}, "must be 'never' or 'not-yet'"),
        ("spillover", {"rings": 3}, "rings of spillover must be a list"),
        ("random-effects", {"shift": 0.1}, "no setting 'shift'; it has none"),
    ],
)
def test_wrong_settings_are_refused_before_anything_is_fitted(name, options, words):
    with pytest.raises(FitError, match=words):
        METHODS[name].set_to(options)


def test_a_wild_bootstrap_is_the_one_of_its_module():
    cohorts = places("continuous")
    found = did.estimate(cohorts, "twfe", options={"errors": "WCR", "draws": 499})
    answer = twfe.fit(cohorts, errors="WCR", draws=499)
    assert (found.estimate, found.p_value) == (answer.estimate, answer.p_value)


def test_unknown_methods_are_refused_with_the_list():
    with pytest.raises(FitError, match="no method 'diff'; there are forecast, step, "):
        did.estimate(places(), "diff")


def test_poisson_etwfe_is_the_regression_of_wooldridge():
    # Wooldridge (2023): cohort and period effects and one effect for each treated cohort and
    # period, here by the dummies of statsmodels; the ratio of sums over treated cells.
    cohorts = places(starts=(5, 8), exposed=False, seed=5)
    starts = np.array([5.0, 8.0, np.inf])
    cohort = np.searchsorted(starts, cohorts.first)
    cells = [(g, t) for g in (0, 1) for t in range(int(starts[g]), cohorts.length)]
    unit, time = (axis.ravel() for axis in np.indices(cohorts.y.shape))
    own = [(cohort[unit] == g) & (time == t) for g, t in cells]
    effects = np.column_stack(own).astype(float)
    x = np.column_stack([np.eye(3)[cohort[unit]], np.eye(cohorts.length)[time][:, 1:], effects])
    fitted = GLM(cohorts.y.ravel(), x, family=families.Poisson()).fit(tol=1e-13)
    treated = effects.any(axis=1)
    without = np.exp(x[:, : -len(cells)] @ fitted.params[: -len(cells)])
    ratio = np.log(cohorts.y.ravel()[treated].sum() / without[treated].sum())
    found = did.estimate(cohorts, "poisson-etwfe")
    assert found.estimate == pytest.approx(ratio, abs=1e-8)
    assert found == did.estimate(cohorts, "poisson-imputation")
    assert "poisson-etwfe" not in METHODS and did.ALIASES["poisson-etwfe"] == found.method


def counted(treated: int, controls: int, **options) -> Cohorts:
    return places(treated=treated, controls=controls, **options)


LONG: dict = {"length": 48, "starts": (24,)}


def measured(treated: int, controls: int, **options) -> Cohorts:
    return places("continuous", treated=treated, controls=controls, **options)


@pytest.mark.parametrize(
    ("cohorts", "name"),
    [
        # One treated unit: with two years before the start and 3 events a month the forecast.
        *((counted(1, controls, **LONG), "forecast") for controls in (4, 7, 12)),
        (counted(1, 3, **LONG), "ratio-series"),
        (counted(1, 12, mean=2.0, **LONG), "random-effects"),
        (counted(1, 7, mean=2.0, **LONG), "ratio-series"),
        (counted(1, 12), "random-effects"),
        (counted(1, 8), "random-effects"),
        *((counted(1, controls), "ratio-series") for controls in (1, 4, 5, 7)),
        (measured(1, 12), "random-effects"),
        (measured(1, 3), "random-effects"),
        (counted(6, 6), "poisson-imputation"),
        (counted(25, 25, starts=(4, 5, 6, 7, 8)), "poisson-imputation"),
        (counted(12, 0, starts=(4, 8)), "poisson-imputation"),
        (measured(6, 6), "callaway-santanna"),
        (measured(12, 0, starts=(4, 8)), "callaway-santanna"),
        (measured(6, 12, starts=(3, 4, 5, 6, 7, 8)), "randomization"),
        *((measured(treated, 12), "randomization") for treated in (2, 5)),
        (measured(12, 5), "randomization"),
        (counted(3, 12), "randomization"),
        (counted(5, 12), "randomization"),
        (counted(12, 5), "randomization"),
        (counted(3, 12, exposed=False), "poisson-twfe"),
        (measured(3, 12, weight=np.arange(1, 16)), "twfe"),
        # Four and one treated clusters of several units.
        (measured(8, 16, cluster=np.arange(24) // 2), "randomization"),
        (measured(8, 16, cluster=np.arange(24) // 8), "randomization"),
    ],
)
def test_default_follows_the_number_treated_the_controls_and_the_kind(cohorts, name):
    assert did.default(cohorts).name == name
    reason = did.choice(cohorts).why
    assert str(reason).startswith(("There are ", "One unit is treated")) and str(reason).endswith(
        "."
    )
    headline = did.estimate(cohorts)
    assert headline == did.default(cohorts).fit(cohorts) and headline.method == name


def test_reason_names_the_numbers_it_is_about():
    assert "beside 12 controls" in str(did.choice(counted(1, 12)).why)
    assert "beside 1 control:" in str(did.choice(counted(1, 1)).why)
    assert "3 treated and 12 never-treated clusters; clustered errors need 6" in str(
        did.choice(measured(3, 12)).why
    )
    assert "no interval is valid here" in str(did.choice(counted(3, 12, exposed=False)).why)
    assert "most cohorts are a single unit" in str(
        did.choice(measured(6, 12, starts=(3, 4, 5, 6, 7, 8))).why
    )


def test_nobody_untreated_has_later_cohorts_as_controls():
    cohorts = measured(16, 0, starts=(4, 8))
    not_yet = METHODS["callaway-santanna"].set_to({"controls": "not-yet"}).fit(cohorts)
    assert did.estimate(cohorts) == not_yet
    assert "those treated later stand for the untreated" in str(did.choice(cohorts).why)
    with pytest.raises(FitError, match="set controls to"):
        did.estimate(cohorts, "callaway-santanna")
    beside = did.always_beside(cohorts, "imputation")
    assert [method.name for method in beside] == ["callaway-santanna", "twfe"]
    assert beside[0].fit(cohorts) == not_yet


def test_periods_without_a_comparison_are_in_neither_path_nor_total():
    # From the ninth period on everybody is treated.
    cohorts = counted(12, 0, starts=(4, 8))
    effect = did.estimate(cohorts)
    assert [point.period for point in effect.path] == list(cohorts.periods[:8])
    seen = cohorts.y[:, :8][cohorts.treated[:, :8]].sum()
    assert effect.averted.estimate == pytest.approx(seen * np.expm1(-effect.estimate))
    assert np.isfinite([point.expected for point in effect.path]).all()


@pytest.mark.parametrize(
    ("cohorts", "words"),
    [
        (measured(1, 1), "one treated unit and one control of a continuous outcome"),
        (counted(1, 0), "there is no control"),
        (counted(8, 0), "every unit is treated at the same time"),
    ],
)
def test_panels_without_a_comparison_are_refused(cohorts, words):
    for ask in (did.default, did.choice, did.estimate):
        with pytest.raises(FitError, match=words):
            ask(cohorts)
    assert all(METHODS[method.name] for method in did.always_beside(cohorts, ""))


@pytest.mark.parametrize(
    ("cohorts", "names"),
    [
        (
            counted(1, 12, **LONG),
            ["step", "random-effects", "ferman-pinto", "ratio-series"],
        ),
        (
            counted(1, 12, length=60, starts=(24,)),
            ["forecast", "step", "random-effects", "ferman-pinto", "ratio-series"],
        ),
        (counted(1, 12), ["ferman-pinto", "ratio-series"]),
        (counted(1, 1), []),
        (
            measured(1, 12),
            ["random-effects-plug-in", "ferman-pinto", "synthetic-control", "synthetic-did"],
        ),
        (measured(1, 2), ["random-effects-plug-in", "ferman-pinto"]),
        (
            counted(8, 16),
            ["poisson-imputation-donut", "poisson-twfe", "randomization", "callaway-santanna"],
        ),
        (
            counted(8, 16, exposed=False),
            ["poisson-imputation-donut", "poisson-twfe", "callaway-santanna"],
        ),
        (measured(8, 16), ["imputation", "twfe", "randomization"]),
    ],
)
def test_same_methods_always_stand_beside_and_can_be_fitted(cohorts, names):
    headline = did.default(cohorts).name
    beside = did.always_beside(cohorts, headline)
    assert [method.name for method in beside] == names
    for method in beside:
        assert np.isfinite(method.fit(cohorts).estimate)


def test_starts_that_follow_a_spike_are_an_objection_to_every_method():
    cohorts = counted(12, 16, starts=(6, 8), effect=0.0)
    y = cohorts.y.copy()
    for unit in range(12):
        start = int(cohorts.first[unit])
        y[unit, start - 2 : start] *= 3
    spiked = replace(cohorts, y=y)
    for name in ("twfe", "poisson-imputation", "callaway-santanna", "synthetic-did"):
        assert METHODS[name].fit(cohorts).objection is None, name
        objection = METHODS[name].fit(spiked).objection
        assert objection is not None and "followed more events than usual" in str(objection)


def test_counts_in_levels_cannot_change_places():
    objection = randomization.fit(counted(3, 12, exposed=False)).objection
    assert objection is not None and "Give the exposure" in str(objection)
    assert randomization.fit(counted(3, 12)).objection is None
    # Of one treated unit the ratio is judged, not levels.
    one = randomization.fit(counted(1, 24, exposed=False)).objection
    assert one is None


Y = np.random.default_rng(1).normal(10, 1, (4, 6))
STARTS = [3, np.inf, np.inf, np.inf]


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda: Cohorts.from_arrays(Y, [0, 3, np.inf, np.inf]), "1 unit is treated in every"),
        (lambda: Cohorts.from_arrays(Y, [np.inf] * 4), "no unit is treated"),
        (lambda: Cohorts.from_arrays(np.where(Y.max() == Y, np.nan, Y), STARTS), "unbalanced"),
        (lambda: Cohorts.from_arrays(Y, STARTS, units=["A", "B", "B", "C"]), "'B' is there twice"),
        (lambda: Cohorts.from_arrays(Y, STARTS, units=["A", "B"]), "2 names for 4 units"),
        (lambda: Cohorts.from_arrays(Y[:, :1], [0.0, *STARTS[1:]]), "at least two periods"),
        (lambda: Cohorts.from_arrays(-Y, STARTS, kind="count"), "a count is negative"),
        (
            lambda: did.estimate(Cohorts.from_arrays(Y[:2], STARTS[:2]), "random-effects"),
            "a single control|one control|two controls|fewer than two",
        ),
        (lambda: did.estimate(Cohorts.from_arrays(Y, [3, 3, 3, 3]), "twfe"), "add untreated units"),
        (
            lambda: did.estimate(Cohorts.from_arrays(Y, [3, 3, 4, 4]), "callaway-santanna"),
            "no unit is never treated",
        ),
    ],
)
def test_panels_that_cannot_be_used_say_what_is_wrong(build, words):
    with pytest.raises(FitError, match=words):
        build()


DESCRIPTION = """\
name = "Shootings in four cities"
file = "cities.csv"
frequency = "year"
key = ["city", "year"]
source = "Invented for a test"
licence = "CC0"
sensitivity = "synthetic"
columns.city = { role = "unit", type = "text" }
columns.year = { role = "period", type = "period" }
columns.shootings = { role = "outcome", type = "count", measure = "victims a year" }
columns.program = { role = "treatment", type = "flag" }
"""
FLAGS = {"A": "00011", "B": "00000", "C": "00000", "D": "00000"}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"A": "00110"}, "program of A goes from 1 back to 0. If its program ended, write"),
        ({"B": "0000"}, "B has no row for 2014. Add the row"),
        ({"A": "11111"}, "1 unit is treated in every period .A.: nothing shows"),
        ({"B": "twice"}, "twice|duplicate|already"),
    ],
)
def test_tables_that_cannot_be_used_say_what_is_wrong(tmp_path, change, words):
    rows = ["city,year,shootings,program"]
    for city, flags in (FLAGS | change).items():
        flags = FLAGS[city] if flags == "twice" else flags
        rows += [f"{city},{2010 + t},{10 + t},{flag}" for t, flag in enumerate(flags)]
    if "twice" in change.values():
        rows.append(rows[-1])
    (tmp_path / "cities.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    (tmp_path / "cities.dataset.toml").write_text(DESCRIPTION, encoding="utf-8")
    with pytest.raises((DataError, FitError), match=words):
        Cohorts.from_panel(
            read_panel(tmp_path / "cities.csv", tmp_path), outcome="shootings", treatment="program"
        )
