"""The Poisson likelihood-ratio break against R's glm (tests/reference/breaks.R)."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evaluation.errors import FitError
from evaluation.numeric.series import poisson_break as module
from evaluation.numeric.series.poisson_break import poisson_break
from evaluation.numeric.shared.draws import stream, uniforms
from evaluation.numeric.shared.glm import poisson

ROOT = Path(__file__).parents[3]
REFERENCE = ROOT / "tests" / "reference"


@pytest.fixture(scope="module")
def from_r() -> dict[str, dict[str, Any]]:
    return json.loads((REFERENCE / "breaks.json").read_text())


@pytest.fixture(scope="module")
def boston() -> tuple[np.ndarray, dict[str, np.ndarray]]:
    with (ROOT / "data" / "public" / "boston_homicide.csv").open() as file:
        rows = list(csv.DictReader(file))
    population = np.array([float(row["population_bm"]) for row in rows])
    month = np.array([int(row["month"][5:]) for row in rows])[:, None] == np.arange(2, 13)
    one = np.ones(len(rows))
    trend = np.arange(1.0, len(rows) + 1)
    return np.array([float(row["homicides"]) for row in rows]), {
        "poisson_level": one[:, None],
        "poisson_trend": np.column_stack([one, trend]),
        "poisson_population_month": np.column_stack([one, population, month]),
        "poisson_trend_month": np.column_stack([one, trend, month]),
    }


@pytest.fixture(scope="module")
def simulated() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    y, population = np.loadtxt(REFERENCE / "its_series.csv", delimiter=",", skiprows=1).T
    time = np.arange(1, len(y) + 1.0)
    season = [np.sin(2 * np.pi * time / 12), np.cos(2 * np.pi * time / 12)]
    return y, np.column_stack([np.ones(len(y)), time, *season]), np.log(population)


@pytest.mark.parametrize(
    "name",
    ["poisson_level", "poisson_trend", "poisson_population_month", "poisson_trend_month"],
)
def test_boston_shift_agrees_with_r(boston, from_r, name):
    y, designs = boston
    expected = from_r[name]
    found = poisson_break(
        y, designs[name], np.zeros(len(y)), stream(1, "break"), dispersion=1.0, draws=19
    )
    assert found.ratios == pytest.approx(expected["ratios"], rel=1e-8)
    assert found.best == expected["before"]
    assert found.shift == pytest.approx(expected["shift"], rel=1e-8)
    assert found.std_error == pytest.approx(expected["std_error"], rel=1e-8)


def test_boston_beside_population_and_month_fell_by_two_thirds_after_may_1996(boston):
    y, designs = boston
    found = poisson_break(
        y, designs["poisson_population_month"], np.zeros(len(y)), stream(1, "break"), dispersion=1.0
    )
    assert found.ratio == pytest.approx(29.78, abs=5e-3)
    assert found.best == 53
    assert 100 * np.expm1(found.shift) == pytest.approx(-67.1, abs=0.05)
    assert found.std_error == pytest.approx(0.218, abs=5e-4)
    assert found.p_value == 1 / 1000


def test_dispersion_is_that_of_the_fit_with_the_shift_and_divides_the_ratios(simulated, from_r):
    expected = from_r["poisson_simulated"]
    found = poisson_break(*simulated, stream(1, "break"), draws=99)
    assert found.dispersion == pytest.approx(expected["pearson"], rel=1e-8)
    assert found.ratio == pytest.approx(expected["ratio"] / expected["pearson"], rel=1e-8)
    root = np.sqrt(expected["pearson"])
    assert found.std_error == pytest.approx(expected["std_error"] * root, rel=1e-8)
    assert found.shift == pytest.approx(expected["shift"], rel=1e-8)


def test_overdispersed_series_look_broken_only_when_dispersion_is_denied(simulated):
    denied = poisson_break(*simulated, stream(1, "break"), dispersion=1.0)
    allowed = poisson_break(*simulated, stream(1, "break"))
    assert denied.p_value < 0.05 < allowed.p_value


def test_dispersion_is_not_taken_below_one():
    y = np.tile([4.0, 5.0, 4.0, 5.0, 5.0, 4.0], 8)
    found = poisson_break(y, np.ones((48, 1)), np.zeros(48), stream(1, "break"), draws=19)
    assert found.dispersion == 1.0


def test_the_same_stream_gives_the_same_p_and_another_name_does_not(simulated):
    first, again, other = (
        poisson_break(*simulated, stream(1, name), draws=199).p_value
        for name in ("one", "one", "other")
    )
    assert first == again != other


def test_exposure_in_thousands_changes_nothing(simulated):
    y, x, offset = simulated
    plain = poisson_break(y, x, offset, stream(1, "break"), draws=99)
    thousands = poisson_break(y, x, offset - np.log(1000), stream(1, "break"), draws=99)
    assert thousands.ratios == pytest.approx(plain.ratios, rel=1e-8)
    assert thousands.p_value == plain.p_value


def test_screened_bootstrap_decides_as_ratios_at_every_date_do():
    n, series = 60, 60
    x = np.column_stack([np.ones(n), np.arange(n)])
    means = np.full((series, n), 2.0)
    y = module._counts(uniforms(stream(2, "counts"), series * n).reshape(series, n), means, 1.4)
    before = np.arange(9, 52)
    steps = (np.arange(n) >= before[:, None]).astype(float)
    design = np.concatenate([np.broadcast_to(x, (len(before), n, 2)), steps[:, :, None]], axis=2)
    largest = np.array(
        [
            max(
                module._deviances(row, poisson(row, x, np.zeros(n)).mu)[0]
                - module._deviances(row, poisson(row, one, np.zeros(n)).mu)[0]
                for one in design
            )
            for row in y
        ]
    )
    q = np.linalg.qr(x)[0]
    for threshold in np.quantile(largest, [0.2, 0.5, 0.9]) + 1e-6:
        reached = module._reach(y, x, q, np.zeros(n), design, threshold)
        assert (reached == (largest >= threshold)).all()


@pytest.mark.parametrize("mean", [3.0, 900.0])
def test_drawn_counts_have_the_mean_and_dispersion_asked_for(mean):
    u = uniforms(stream(3, "counts"), 40_000)
    for dispersion in (1.0, 1.7):
        drawn = module._counts(u, np.full(len(u), mean), dispersion)
        assert drawn.mean() == pytest.approx(mean, rel=0.02)
        assert drawn.var() / mean == pytest.approx(dispersion, rel=0.04)
        assert (drawn >= 0).all()
        assert (drawn == np.rint(drawn)).all()


def test_a_date_whose_shift_the_design_already_has_is_left_out(simulated):
    y, x, offset = simulated
    level = (np.arange(len(y)) >= 66).astype(float)
    found = poisson_break(y, np.column_stack([x, level]), offset, stream(1, "break"), draws=19)
    assert 66 not in found.before
    assert {65, 67} <= set(found.before.tolist())


def test_a_side_without_events_is_refused():
    y = np.where(np.arange(60) < 40, 3.0, 0.0)
    with pytest.raises(FitError, match="after 40 periods has no finite estimate"):
        poisson_break(y, np.ones((60, 1)), np.zeros(60), stream(1, "break"))


def test_a_series_without_events_is_refused():
    with pytest.raises(FitError, match="cannot be fitted"):
        poisson_break(np.zeros(60), np.ones((60, 1)), np.zeros(60), stream(1, "break"))


def test_dispersion_below_one_is_refused(simulated):
    with pytest.raises(ValueError, match="at least 1"):
        poisson_break(*simulated, stream(1, "break"), dispersion=0.5)
