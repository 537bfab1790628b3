"""The default for counts of one series against numbers of its specification, and its own claims."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation import its
from evaluation.errors import FitError
from evaluation.its import METHODS, Interruption, Series
from evaluation.its.batch import judge_many
from evaluation.its.learned import yearly_slopes

LEARNED = METHODS["learned"]
FEW = [
    3, 5, 6, 3, 3, 2, 0, 0, 1, 4, 2, 3, 1, 1, 0, 0, 2, 4, 0, 4, 1, 2, 2, 6, 1, 2, 3, 1, 3, 4, 1,
    5, 2, 1, 1, 3, 0, 3, 4, 2, 5, 3, 4, 1, 0, 0, 2, 4,
]  # fmt: skip
SOME = [
    15, 19, 16, 23, 16, 22, 14, 12, 16, 12, 8, 15, 25, 18, 19, 18, 24, 23, 19, 14, 18, 19, 14, 6,
    22, 21, 15, 12, 11, 18, 11, 9, 13, 8, 12, 17, 12, 8, 20, 18, 18, 14, 22, 19, 13, 9, 16, 21,
    18, 13, 12, 19, 13, 14, 10, 12, 13, 12, 11, 9, 13, 6, 12, 16, 9, 17, 8, 15, 8, 20, 15, 18, 24,
    18, 21, 19, 23, 17, 21,
]  # fmt: skip
MANY = [
    154, 142, 173, 171, 164, 155, 179, 150, 140, 143, 143, 126, 152, 154, 148, 142, 151, 111, 128,
    92, 95, 110, 110, 136, 129, 144, 142, 182, 178, 156, 125, 149, 128, 140, 121, 134, 139, 147,
    155, 155, 157, 145, 159, 163, 134, 124, 124, 137, 144, 178, 131, 164, 157, 144, 145, 131, 92,
    119, 105, 130,
]  # fmt: skip
# Estimate and 95 % range of the log ratio by the specification's own code (one einsum a step, the
# inverse root of every correlation matrix, numpy 2.4.2), from its components by root finding to
# 1e-14, by (sd of the yearly slope, share of learned weights).
SPECIFIED = [
    (FEW, 24, {
        (0.1, 0.8): (-0.068502132, -0.795226582, 0.608263096),
        (0.1, 0.0): (-0.137469514, -1.020401747, 0.591775610),
        (0.0, 0.8): (-0.062919681, -0.700567788, 0.520949391),
        (np.inf, 0.8): (-0.151354791, -1.479144998, 0.958601193),
    }),
    (SOME, 43, {
        (0.1, 0.8): (-0.012635278, -0.372639814, 0.347852911),
        (0.1, 0.0): (-0.024787823, -0.401552256, 0.354423746),
        (0.0, 0.8): (-0.012236078, -0.303851963, 0.287997539),
        (np.inf, 0.8): (-0.013155615, -0.396452667, 0.370026881),
    }),
    (MANY, 30, {
        (0.1, 0.8): (-0.048169937, -0.241998947, 0.138557157),
        (0.1, 0.0): (-0.016898093, -0.229027253, 0.178958402),
        (0.0, 0.8): (-0.056201138, -0.218878110, 0.095166300),
        (np.inf, 0.8): (-0.047514835, -0.248229898, 0.145609999),
    }),
]  # fmt: skip


@pytest.mark.parametrize(("y", "start", "specified"), SPECIFIED, ids=["few", "some", "many"])
def test_agrees_with_the_specification(y, start, specified):
    series = Series.from_arrays(y, start=start)
    for (slope, learned), expected in specified.items():
        effect = LEARNED.set_to({"slope": slope, "learned": learned}).fit(series)
        assert (effect.estimate, effect.low, effect.high) == pytest.approx(expected, abs=1e-6)


def test_its_default_settings_are_those_of_the_specification():
    series = Series.from_arrays(SOME, start=43)
    assert LEARNED.fit(series).low == LEARNED.set_to({"learned": 0.8, "slope": 0.1}).fit(series).low
    assert LEARNED.options == ("learned", "slope")


def test_it_is_narrower_than_with_the_trend_carried_forward_and_wider_than_with_none():
    series = Series.from_arrays(SOME, start=43)
    widths = []
    for slope in (0.0, 0.05, 0.1, 0.3, np.inf):
        effect = LEARNED.set_to({"slope": slope}).fit(series)
        widths.append(effect.high - effect.low)
    assert widths == sorted(widths)


def test_half_of_a_true_trend_of_ten_percent_a_year_is_read_as_effect():
    """What it costs, as its documentation says; the trend carried forward is not fooled."""
    mean = 30 * np.exp(-0.10 * np.arange(48) / 12)
    y = np.random.default_rng(5).poisson(mean, (60, 48))
    series = [Series.from_arrays(row, start=24) for row in y]
    own = np.mean([one.estimate for one in judge_many(LEARNED, series)])
    carried = np.mean([one.estimate for one in judge_many(METHODS["averaged-reml"], series)])
    assert -0.13 < own < -0.05
    assert abs(carried) < 0.05


def _varied() -> list[Series]:
    rng = np.random.default_rng(9)
    y = rng.poisson(12, 72)
    people = np.linspace(4e5, 4.4e5, 72)
    plain = Series.from_arrays(y, start=40, exposure=people)
    return [
        plain,
        plain.specified(phase_in=6),
        plain.specified(washout=3),
        plain.specified(effect="level+slope"),
        plain.specified(season="periods"),
        plain.specified(trend="quadratic"),
        plain.specified(trend="none"),
        plain.specified(half_life=8.0),
        Series.from_arrays(y, start=30, later=[Interruption("relaunch", 24_000 + 50)]),
        Series.from_arrays(y, start=40, dose=np.where(np.arange(72) < 40, 0.0, 1.5)),
        Series.from_arrays(y[:48], start=28, first="2005-Q1", frequency="quarter"),
        Series.from_arrays(
            y[:30], start=18, first="1990", frequency="year",
            specification=its.Specification(season="none"),
        ),
        plain.beside(
            Series.from_arrays(rng.poisson(20, 72), start=40, exposure=people, name="control")
        ),
    ]  # fmt: skip


@pytest.mark.parametrize("place", range(len(_varied())))
def test_works_for_every_design_and_many_at_once_are_one_at_a_time(place):
    series = _varied()[place]
    effect = LEARNED.fit(series)
    assert effect.low < effect.estimate < effect.high
    (judged,) = judge_many(LEARNED, [series])
    assert (judged.low, judged.high) == pytest.approx((effect.low, effect.high), abs=1e-8)


def test_together_and_alone_agree_whatever_stands_beside():
    designs = _varied()
    together = judge_many(LEARNED, designs)
    assert [one.low for one in together] == pytest.approx(
        [LEARNED.fit(one).low for one in designs], abs=1e-8
    )


def test_slope_is_a_year_s_in_every_frequency():
    months = Series.from_arrays(SOME[:72], start=40)
    quarters = Series.from_arrays(SOME[:48], start=28, first="2005-Q1", frequency="quarter")
    assert yearly_slopes(months)[0, months.names.index("trend")] == 12
    assert yearly_slopes(quarters)[0, quarters.names.index("trend")] == 4


def test_slope_of_a_quadratic_trend_is_its_mean_over_the_window():
    series = Series.from_arrays(SOME[:72], start=40).specified(trend="quadratic")
    b1, b2 = 0.03, -0.0007
    beta = np.zeros(len(series.names))
    beta[series.names.index("trend")], beta[series.names.index("trend^2")] = b1, b2
    rise = (b1 * 72 + b2 * 72**2) - (b1 + b2)
    assert (yearly_slopes(series) @ beta)[0] == pytest.approx(12 * rise / 71)


def test_without_a_trend_the_slope_s_prior_has_nothing_to_say():
    flat = Series.from_arrays(SOME, start=43).specified(trend="none")
    own, other = LEARNED.fit(flat), LEARNED.set_to({"slope": 0.01}).fit(flat)
    assert own == other
    none = LEARNED.set_to({"slope": 0.0}).fit(Series.from_arrays(SOME, start=43))
    assert own.estimate == pytest.approx(none.estimate, abs=2e-3)  # one step, from another start


@pytest.mark.parametrize(
    ("setting", "value", "words"),
    [
        ("learned", 1.2, "share"),
        ("learned", -0.1, "share"),
        ("slope", -0.1, "standard deviation"),
        ("slope", float("nan"), "standard deviation"),
    ],
)
def test_a_setting_outside_its_range_is_refused(setting, value, words):
    series = Series.from_arrays(SOME, start=43)
    with pytest.raises(FitError, match=words):
        LEARNED.set_to({setting: value}).fit(series)


def test_default_of_one_series_and_of_one_beside_others():
    series = Series.from_arrays(SOME, start=43)
    assert its.estimate(series).method == "learned"
    control = Series.from_arrays(SOME[::-1], start=43, name="control")
    assert its.estimate(series.beside(control)).method == "averaged-reml"
    beside = [method.name for method in its.always_beside("count", "learned")]
    assert beside[0] == "averaged-reml"
