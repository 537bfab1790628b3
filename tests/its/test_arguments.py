"""Nothing is accepted and ignored: what is given changes the answer, is refused, or a note says
that it was not used. Every method meets every input."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from evaluation.data.period import ordinal
from evaluation.effect import Effect
from evaluation.errors import FitError
from evaluation.its import METHODS, Interruption, Pulse, Series, Specification

N, START = 72, 40
BEGIN = ordinal("2000-01", "month")
RNG = np.random.default_rng(8)
AFTER = np.arange(N) >= START
COUNTS = RNG.poisson(14 * np.exp(-0.3 * AFTER + 0.2 * np.sin(np.arange(N) * np.pi / 6)))
PEOPLE = 4e5 * np.exp(np.linspace(0, 0.3, N)) * (1 + 0.05 * np.cos(np.arange(N) ** 2))
OTHER = np.cos(np.arange(N) ** 2)


def made(kind: str, **given: Any) -> Series:
    terms = Specification(**given.pop("terms", {}))
    y = COUNTS if kind == "count" else COUNTS / 3.7
    return Series.from_arrays(y, start=START, kind=kind, specification=terms, **given)


def control(kind: str) -> Series:
    y = RNG.poisson(11, N) * (1.0 if kind == "count" else 0.31)
    return Series.from_arrays(y, start=START, kind=kind, name="control")


CONTROL = {kind: control(kind) for kind in ("count", "continuous")}
COVARIATE = {"covariates": {"c": OTHER}}
# An input, and the series without it.
INPUTS: dict[str, Any] = {
    "exposure": {"exposure": PEOPLE},
    "exposure asked for": {"exposure": PEOPLE, "terms": {"offset": True}},
    "exposure refused": {"exposure": PEOPLE, "terms": {"offset": False}},
    "offset without exposure": {"terms": {"offset": True}},
    "a covariate that is named": {**COVARIATE, "terms": {"covariates": ("c",)}},
    "a covariate that is not named": COVARIATE,
    "a dose": {"dose": np.where(AFTER, 1.0 + np.arange(N) % 3, 0.0)},
    "a dose before the start": {"dose": 1.0 + np.arange(N) % 3},
    "a later change": {"later": (Interruption("x", BEGIN + 58),)},
    "a later change after the end": {"later": (Interruption("x", BEGIN + N),)},
    "an event": {"pulses": (Pulse("x", BEGIN + 20, 3),)},
    "an event after the start": {"pulses": (Pulse("x", BEGIN + 50, 3),)},
    "an event before the window": {"pulses": (Pulse("x", BEGIN - 9, 3),)},
    "an event after the end": {"pulses": (Pulse("x", BEGIN + N + 1),)},
    "another first period": {"first": "2000-04"},
    "a slope": {"terms": {"effect": "level+slope"}},
    "no trend": {"terms": {"trend": "none"}},
    "a quadratic trend": {"terms": {"trend": "quadratic"}},
    "dummies": {"terms": {"season": "periods"}},
    "no season": {"terms": {"season": "none"}},
    "one wave": {"terms": {"harmonics": 1}},
    "waves beyond the months": {"terms": {"harmonics": 9}},
    "a phase-in": {"terms": {"phase_in": 4}},
    "a washout": {"terms": {"washout": 4}},
    "a half-life": {"terms": {"half_life": 6.0}},
    "by the quarter": {"frequency": "quarter", "first": "2000-Q1"},
}
PAIRS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    **{name: (given, {}) for name, given in INPUTS.items()},
    "waves without a season": (
        {"terms": {"season": "none", "harmonics": 4}},
        {"terms": {"season": "none"}},
    ),
    "waves beside dummies": (
        {"terms": {"season": "periods", "harmonics": 4}},
        {"terms": {"season": "periods"}},
    ),
    "a season of years": (
        {"frequency": "year", "first": "1950", "terms": {"season": "periods"}},
        {"frequency": "year", "first": "1950", "terms": {"season": "none"}},
    ),
    "a slope of a dose": (
        {**INPUTS["a dose"], "terms": {"effect": "level+slope"}},
        INPUTS["a dose"],
    ),
    "a phase-in of a dose": ({**INPUTS["a dose"], "terms": {"phase_in": 3}}, INPUTS["a dose"]),
    "a half-life of a dose": ({**INPUTS["a dose"], "terms": {"half_life": 3}}, INPUTS["a dose"]),
}
# A dose is nought before the start by its definition.
SILENT = {"a dose before the start"}


def answer(name: str, series: Series) -> Effect:
    method = METHODS[name]
    return (method.set_to({"order": (1, 0, 0)}) if "order" in method.options else method).fit(
        series
    )


def numbers(effect: Effect) -> np.ndarray:
    found = [effect.estimate, effect.low, effect.high, effect.percent.low, effect.averted.low]
    return np.array(found)


def kind_of(name: str) -> str:
    return "count" if "count" in METHODS[name].kinds else "continuous"


@pytest.fixture(scope="module")
def plain() -> dict[tuple[str, str], Effect]:
    return {}


@pytest.mark.parametrize("name", METHODS)
def test_every_input_changes_the_answer_or_is_refused_or_named(name, plain):
    ignored = []
    kinds = sorted(METHODS[name].kinds) if name in ("ols", "structural") else [kind_of(name)]
    for kind in kinds:
        answers: dict[str, Effect] = {}
        for what, (given, base) in PAIRS.items():
            if what in SILENT:
                continue
            try:
                key = str(base)
                if key not in answers:
                    answers[key] = answer(name, made(kind, **base))
                effect = answer(name, made(kind, **given))
            except FitError:
                continue
            before = answers[key]
            moved = not np.allclose(numbers(effect), numbers(before), rtol=1e-9, atol=0)
            # Waves can begin in any month: another first period moves the labels of the path.
            moved |= effect.path[0].period != before.path[0].period
            told = set(map(str, effect.notes)) - set(map(str, before.notes))
            if not moved and not told:
                ignored.append((kind, what))
    assert ignored == []


@pytest.mark.parametrize("name", ["averaged-reml", "ols", "structural", "quasi-poisson"])
def test_a_control_changes_the_answer(name):
    kind = kind_of(name)
    alone = made(kind)
    effect = answer(name, alone.beside(CONTROL[kind]))
    assert not np.allclose(numbers(effect), numbers(answer(name, alone)), rtol=1e-9)


def test_the_start_of_a_control_that_differs_is_named_as_not_used():
    other = Series.from_arrays(COUNTS, start=20, name="control")
    effect = answer("quasi-poisson", made("count").beside(other))
    assert any("the start given for control is not used" in str(note) for note in effect.notes)


class TestExposure:
    """An offset belongs to counts; for numbers it must be asked for."""

    def test_a_rate_that_did_not_change_is_not_divided_by_a_growing_population(self):
        minutes = 30 + np.random.default_rng(2).normal(0, 1, N)
        growing = np.where(AFTER, 1.12, 1.0) * 4e5
        given = {"start": START, "kind": "continuous", "exposure": growing}
        for name, method in METHODS.items():
            if "continuous" not in method.kinds:
                continue
            effect = answer(name, Series.from_arrays(minutes, **given))
            assert abs(effect.percent.estimate) < 5
            assert any("exposure is not used" in str(note) for note in effect.notes)
        asked = Series.from_arrays(minutes, specification=Specification(offset=True), **given)
        assert answer("ols", asked).percent.estimate == pytest.approx(-10.5, abs=3)
        assert not any("exposure" in str(note) for note in answer("ols", asked).notes)

    @pytest.mark.parametrize(
        ("kind", "offset", "used"),
        [
            ("count", None, True),
            ("count", True, True),
            ("count", False, False),
            ("continuous", None, False),
            ("continuous", True, True),
            ("continuous", False, False),
        ],
    )
    def test_the_choice_is_told_by_one_function(self, kind, offset, used):
        assert Specification(offset=offset).uses_exposure(kind) == used
        series = made(kind, exposure=PEOPLE, terms={"offset": offset})
        assert series.uses_exposure == used
        assert bool(series.log_offset.any()) == used
        assert (series.relative_exposure == 1).all() != used
        assert any("exposure" in str(note) for note in series.notes) != used


def test_covariates_do_not_rename_the_place():
    series = made("count", **COVARIATE, terms={"covariates": ("c",)}, name="Ours")
    assert series.rows.names == ("Ours",)
    assert made("count", **COVARIATE, terms={"covariates": ("c",)}).rows.names == ("treated",)
