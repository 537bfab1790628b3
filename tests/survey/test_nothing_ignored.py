"""Waves in their order, codes with every digit; what is given is used, refused or named."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from evaluation.effect import Effect
from evaluation.errors import DataError, EvaluationError, FitError
from evaluation.numeric.survey import weighted
from evaluation.survey import METHODS, Sample, Scale, by_subgroup, estimate, rake
from evaluation.survey.sample import in_order

N = 320
ROWS = np.arange(N)
SCORE, SHARE = Scale("s", "item1"), Scale("s", "item1", at_least=4)


def given(**change: Any) -> dict[str, Any]:
    draw = np.random.default_rng(8)
    post, treated = ROWS % 2, (ROWS // 2) % 2
    answers = np.clip(np.round(3 + 0.7 * post * treated + draw.normal(0, 0.9, N)), 1, 5)
    base: dict[str, Any] = {
        "items": answers,
        "wave": np.array([2012, 2016])[post],
        "treated": treated,
        "weight": np.ones(N),
        "person": ROWS // 2,
        "area": (ROWS // 2) % 8,
    }
    return base | change


def build(**change: Any) -> Sample:
    arguments = given(**change)
    return Sample.from_arrays(arguments.pop("items"), **arguments)


def fits() -> list[tuple[str, Scale]]:
    return [
        (name, scale)
        for name, method in METHODS.items()
        for scale in (SCORE, SHARE)
        if scale.kind in method.kinds
    ]


each = pytest.mark.parametrize(("name", "scale"), fits())


def numbers(found: Effect) -> tuple[object, ...]:
    return (found.estimate, found.std_error, found.df, found.objection)


CHANGES: dict[str, dict[str, Any]] = {
    "weight": {"weight": 1.0 + (ROWS // 2) % 3},
    "stratum": {"stratum": (ROWS // 2) % 4},
    "cluster": {"cluster": (ROWS // 2) % 32},
    "fpc": {"fpc": np.full(N, 0.4)},
    "trait": {"traits": {"race": np.array(["a", "b"])[(ROWS // 4) % 2]}},
    "area": {"area": (ROWS // 2) % 6},
}


@pytest.mark.parametrize("change", list(CHANGES))
@each
def test_each_thing_given_is_in_the_answer_refused_or_named(
    name: str, scale: Scale, change: str
) -> None:
    before = METHODS[name].fit(build(), scale)
    try:
        after = METHODS[name].fit(build(**CHANGES[change]), scale)
    except EvaluationError:
        return
    notes = [str(note) for note in after.notes]
    named = any(f"({change})" in note or f"({change}," in note for note in notes)
    assert numbers(before) != numbers(after) or named


@each
def test_p_is_below_five_percent_exactly_when_the_range_leaves_out_no_change(
    name: str, scale: Scale
) -> None:
    clear = set()
    for shift in (0.0, 0.2, 0.4, 0.8):
        items = np.clip(given()["items"] - np.round(shift * (ROWS % 4 == 3) * (ROWS % 3)), 1, 5)
        found = METHODS[name].fit(build(items=items), scale)
        clear.add(found.p_value < 0.05)
        assert (found.p_value < 0.05) == (found.low > 0 or found.high < 0)
        assert (found.p_value < 0.05) == found.percent.excludes_zero
        assert (found.p_value < 0.05) == found.averted.excludes_zero
    assert clear


AWKWARD: dict[str, np.ndarray] = {
    "constant": np.full(N, 3.0),
    "one answer differs": np.where(ROWS == 0, 4.0, 3.0),
    "told by group": np.where(given()["treated"] == 1, 5.0, 1.0),
    "told by cell": 1.0 + (ROWS % 2) + 2 * ((ROWS // 2) % 2),
    "near constant": 3.0 + 1e-13 * (ROWS % 7),
    "nobody after": np.where(ROWS % 2 == 1, np.nan, 3.0 + ROWS % 3),
    "nobody": np.full(N, np.nan),
}


@pytest.mark.parametrize("case", list(AWKWARD))
@each
def test_answers_that_cannot_be_solved_are_an_effect_or_a_fault(
    name: str, scale: Scale, case: str
) -> None:
    try:
        found = METHODS[name].fit(build(items=AWKWARD[case]), scale)
    except EvaluationError:
        return
    assert np.isfinite([found.estimate, found.low, found.high, found.p_value]).all()
    assert found.std_error > 0 and found.percent.excludes_zero == (found.p_value < 0.05)


@pytest.mark.parametrize("infinite", [False, True])
@each
def test_scales_through_nought_are_an_effect_or_a_fault(
    name: str, scale: Scale, infinite: bool
) -> None:
    ends = {"low": -np.inf, "high": np.inf} if infinite else {"low": -5, "high": 5}
    items = given()["items"] - 3.0
    try:
        found = METHODS[name].fit(build(items=items * (ROWS % 2), **ends), scale)
    except EvaluationError:
        return
    assert np.isfinite(found.percent.estimate)


@pytest.mark.parametrize(
    ("labels", "first"),
    [
        (["after", "before"], "before"),
        (["post", "pre"], "pre"),
        (["wave 10", "wave 2"], "wave 2"),
        (["10", "9"], "9"),
        (["2012-fall", "2012-spring"], "2012-spring"),
        (["2013-Q1", "2012-Q4"], "2012-Q4"),
        (["October 2012", "March 2012"], "March 2012"),
        (["12/2012", "03/2013"], "12/2012"),
        (["2013-01-02", "2012-11-30"], "2012-11-30"),
        (["1", "-1"], "-1"),
    ],
)
def test_waves_come_in_the_order_of_time_or_are_asked_for(labels: list[str], first: str) -> None:
    second = next(label for label in labels if label != first)
    assert in_order(labels, None, second) == (first, second)
    assert in_order(labels, [first, second], None) == (first, second)
    try:
        assert in_order(labels, None, None) == (first, second)
    except DataError as fault:
        assert "nothing says which came first" in str(fault)


def test_a_year_beside_a_part_of_it_and_a_winter_have_no_order() -> None:
    for labels in (["2012", "2012-03"], ["2012-winter", "2012-fall"], ["a", "b", "c"]):
        with pytest.raises(DataError, match="nothing says which came first"):
            in_order(labels, None, None)
    with pytest.raises(DataError, match="does not name the wave c"):
        in_order(["a", "b", "c"], ["a", "b"], None)


def test_the_sign_of_an_effect_is_that_of_time() -> None:
    plain = estimate(build(), scale="item1", method="survey-did").estimate
    names = np.array(["before", "after"])[ROWS % 2]
    for sample in (build(wave=names, after="after"), build(wave=names, order=["before", "after"])):
        assert estimate(sample, scale="item1", method="survey-did").estimate == plain


@pytest.mark.parametrize("kind", [int, float, str])
def test_long_codes_are_as_many_groups_as_there_are(kind: type) -> None:
    codes = [6001400100, 6001400200, 6001400300, 6001400400]
    tract = np.array(codes)[(ROWS // 4) % 4].astype(kind)
    sample = build(traits={"tract": tract}, area=None, person=None, stratum=tract)
    family = by_subgroup(sample, SCORE, "tract")
    assert {one.name for one in family.members} | set(family.left_out) == set(map(str, codes))
    assert sample.strata == tuple(map(str, codes))
    margins = {"tract": {str(code): float(size) for size, code in enumerate(codes, start=10)}}
    weight = rake(sample, margins).sample.weight[sample.wave == 0]
    sizes = [weight[(ROWS[::2] // 4) % 4 == place].sum() for place in range(4)]
    np.testing.assert_allclose(sizes, [10, 11, 12, 13])


def test_whole_numbers_that_no_float_holds_stay_apart() -> None:
    codes = np.array([2**60 + 1, 2**60 + 2])[(ROWS // 4) % 2]
    family = by_subgroup(build(traits={"code": codes}), SCORE, "code")
    assert len(family.members) == 2


@pytest.mark.parametrize(
    "change",
    [
        {"items": ["good"] * N},
        {"items": 3},
        {"items": [[1], [2, 3]] * (N // 2)},
        {"treated": ["yes", "no"] * (N // 2)},
        {"weight": ["a"] * N},
        {"weight": 1},
        {"wave": 2012},
        {"wave": [None] * N},
        {"person": [float("nan"), *range(N - 1)]},
        {"traits": {"race": np.zeros((N, 2))}},
        {"traits": np.zeros(N)},
        {"low": [1, 1, 1]},
        {"low": "x"},
        {"low": 5, "high": 1},
        {"lonely": "ignore"},
        {"names": ["a", "b"]},
        {"stratum": [1, "x"] * (N // 2), "cluster": None, "person": None, "fpc": ["many"] * N},
    ],
)
def test_what_cannot_be_used_is_refused_with_what_to_do(change: dict[str, Any]) -> None:
    with pytest.raises(DataError):
        build(**change)


def test_the_range_of_an_item_is_what_may_be_answered_and_what_turns_it_round() -> None:
    with pytest.raises(DataError, match="answers go from 4 to 5"):
        build(low=4)
    turned = Scale("s", "item1", reverse="item1")
    one, other = (METHODS["survey-did"].fit(build(low=low), turned) for low in (0, 1))
    assert one.path[0].observed == pytest.approx(other.path[0].observed - 1)


def test_settings_that_would_change_nothing_are_refused() -> None:
    sample = build(traits={"race": np.array(["a", "b"])[(ROWS // 4) % 2]})
    with pytest.raises(FitError, match="holm draws nothing"):
        by_subgroup(sample, SCORE, "race", seed=3)
    with pytest.raises(FitError, match="control is holm or romano-wolf"):
        by_subgroup(sample, SCORE, "race", control="bonferroni")
    for wrong in ({"better": "more"}, {"least_answered": "half"}, {"at_least": True}):
        with pytest.raises(DataError):
            Scale("s", ("item1",), **wrong)


def test_columns_of_pandas_are_put_in_the_order_of_their_index() -> None:
    pd = pytest.importorskip("pandas")
    base = given()
    items = base.pop("items")
    table = pd.DataFrame({**base, "trust": items}, index=[f"r{i}" for i in range(N)])
    mixed = table.sample(frac=1, random_state=3)
    sample = Sample.from_arrays(
        table[["trust"]], **{name: mixed[name] for name in base}, low=1, high=5
    )
    assert sample.names == ("trust",)
    plain = estimate(build(), scale="item1", method="survey-did")
    found = estimate(sample, scale="trust", method="survey-did")
    assert (found.estimate, found.std_error) == (plain.estimate, plain.std_error)


def test_a_lonely_stratum_is_averaged_over_the_strata_of_the_domain() -> None:
    """By hand, as survey's onestage: the sum over strata of the domain that have several units,
    times strata of the domain over those."""
    draw = np.random.default_rng(2)
    stratum = np.array([0, 0, 1, 1, 2, 2, 3, 3, 4])
    psu = np.repeat(np.arange(9), 4)
    design = weighted.Design(np.ones(36), psu, stratum, np.zeros(5), "average")
    domain = np.isin(stratum[psu], (0, 1, 4))
    y = np.where(domain, draw.normal(size=36), 0.0)
    total = 0.0
    for one in (0, 1):
        sums = np.array([y[psu == unit].sum() for unit in np.flatnonzero(stratum == one)])
        total += len(sums) / (len(sums) - 1) * ((sums - sums.mean()) ** 2).sum()
    found = weighted.covariance(y[:, None], design, domain)[0, 0]
    assert found == pytest.approx(total * 3 / 2)
    # Over the whole design it would be five strata over four.
    assert weighted.covariance(y[:, None], design)[0, 0] == pytest.approx(total * 5 / 4)
    # A lonely stratum outside the domain is nobody's.
    elsewhere = np.isin(stratum[psu], (0, 1))
    alone = np.where(elsewhere, y, 0.0)
    assert weighted.covariance(alone[:, None], design, elsewhere)[0, 0] == pytest.approx(total)
    with pytest.raises(FitError, match="nothing to average"):
        weighted.covariance(y[:, None] * (stratum[psu] == 4)[:, None], design, stratum[psu] == 4)


def test_tables_of_other_libraries_give_names_and_no_answers() -> None:
    """The columns of a pyarrow table are the answers; a message printed them as names."""
    arrow = pytest.importorskip("pyarrow")
    answers = given()["items"]
    found = build(items=arrow.table({"q1": answers}), traits=arrow.table({"age": ROWS * 1.0}))
    assert found.names == ("q1",) and list(found.traits) == ["age"]
    assert estimate(found, scale="q1").estimate == estimate(build(), scale="item1").estimate


@pytest.mark.parametrize("order", [5, "2012", 2012.0])
def test_an_order_that_is_no_list_is_refused(order: Any) -> None:
    with pytest.raises(DataError, match="order must name every wave"):
        build(order=order)


def test_a_stratum_is_named_as_it_was_written() -> None:
    with pytest.raises(DataError, match="of stratum '7' is smaller"):
        build(stratum=np.full(N, 7), fpc=np.full(N, 3), person=None)


@pytest.mark.parametrize("name", ["stratum", "cluster", "area"])
def test_two_spellings_of_one_label_are_refused_and_leading_zeros_are_not(name):
    apart = np.array(["01", "1", "2", "10"])[ROWS // 2 % 4]
    build(**{"person": None, name: apart})
    for other in ("A ", "a", "A\u200b"):
        labels = np.array(["A", other, "B", "C"])[ROWS // 2 % 4]
        with pytest.raises(DataError, match=rf"{name}: .* are two spellings of one label"):
            build(**{"person": None, name: labels})


@pytest.mark.parametrize("asked", [{"seed": -1}, {"draws": 10**9}, {"draws": -3}])
def test_a_seed_or_draws_that_no_stream_has_are_refused(asked):
    from evaluation.method import Method, refuse_unbounded
    from evaluation.survey.subgroups import by_scale

    with pytest.raises(FitError, match="must not be negative"):
        refuse_unbounded(asked)

    def solve(*, seed: int = 1, draws: int = 10) -> None: ...

    with pytest.raises(FitError, match="must not be negative"):
        Method("any method", solve, frozenset()).set_to(asked)
    with pytest.raises(FitError, match="must not be negative"):
        by_scale(build(), [SCORE], control="romano-wolf", **asked)
