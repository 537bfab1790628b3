"""What no method may be fooled by: each gives finite numbers, or says what is wrong.

Every method of the table meets every series here. Warnings are errors in these tests.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from evaluation.effect import Effect
from evaluation.errors import FitError
from evaluation.its import METHODS, Interruption, Method, Pulse, Series, Specification
from evaluation.its.batch import judge_many
from evaluation.its.design import Kind

N, START = 60, 30
FIRST = 2000 * 12
BASE = np.random.default_rng(5).poisson(12, N).astype(float)
AFTER = np.arange(N) >= START
FLAT: dict[str, Any] = {"trend": "none", "season": "none"}
FITS_EXACTLY = "fits the series exactly"
# Methods that fit many series at once, in a code of their own.
TOGETHER = (
    "averaged-reml",
    "averaged-reml-ar1",
    "averaged-reml-wide",
    "poisson",
    "quasi-poisson",
)

Make = Callable[[Kind], Series]


def of(y: Any = BASE, start: int = START, *, terms: dict[str, Any] | None = None, **given: Any):
    """A maker of a series of either kind; what is wrong with it comes out when it is called."""

    def make(kind: Kind) -> Series:
        specification = Specification(**(terms or {}))
        return Series.from_arrays(y, start=start, kind=kind, specification=specification, **given)

    return make


def but(at: Any, value: Any, y: np.ndarray = BASE) -> np.ndarray:
    changed = y.copy()
    changed[at] = value
    return changed


def beside(column: np.ndarray) -> dict[str, Any]:
    return {"terms": {"covariates": ("c",)}, "covariates": {"c": column}}


def population(at: Any, value: float) -> dict[str, Any]:
    return {"exposure": but(at, value, np.full(N, 4e5))}


# Series that no method may judge, with a word of the message.
HOPELESS: dict[str, tuple[Make, str]] = {
    "fewer periods than coefficients": (of(BASE[:6], 3), "periods are too few for"),
    "as many periods as coefficients": (of(BASE[:7], 3), "periods are too few for"),
    "no period": (of(BASE[:0], 0), "one number a period"),
    "two numbers a period": (of(BASE.reshape(30, 2), 15), "one number a period"),
    "start before the first period": (of(start=-1), "does not lie inside"),
    "start in the first period": (of(start=0), "does not lie inside"),
    "start after the last period": (of(start=N), "does not lie inside"),
    "washout to the end": (of(terms={"washout": 30}), "does not lie inside"),
    "phase-in past the end": (of(terms={"phase_in": 40}), "does not lie inside"),
    "missing outcome": (of(but(5, np.nan)), "missing or infinite"),
    "infinite outcome": (of(but(5, np.inf)), "missing or infinite"),
    "exposure of nought": (of(**population(5, 0.0)), "exposure must be positive"),
    "missing exposure": (of(**population(5, np.nan)), "exposure must be positive"),
    "infinite exposure": (of(**population(5, np.inf)), "exposure must be positive"),
    "covariate equal to the step": (of(**beside(AFTER * 1.0)), "'level' cannot be told"),
    "covariate without variation": (of(**beside(np.ones(N))), "'c' cannot be told"),
    "covariate of noughts": (of(**beside(np.zeros(N))), "'c' cannot be told"),
    "missing covariate": (of(**beside(but(5, np.nan))), "'c' has a missing or infinite"),
    "infinite covariate": (of(**beside(but(5, np.inf))), "'c' has a missing or infinite"),
    "short covariate": (of(**beside(np.ones(5))), "as long as the outcome"),
    "event over the whole time after": (
        of(pulses=(Pulse("x", FIRST + START, N),)),
        "'level' cannot be told",
    ),
    "further intervention at the start": (
        of(later=(Interruption("x", FIRST + START),)),
        "no period is left|cannot be told",
    ),
    "further intervention before the start": (
        of(later=(Interruption("x", FIRST + 9),)),
        "no period is left",
    ),
    "slope from the last period": (of(start=N - 1, terms={"effect": "level+slope"}), "'slope'"),
    "dose of noughts": (of(dose=np.zeros(N)), "nought in every period"),
    "missing dose": (of(dose=but(40, np.nan)), "dose must not be negative"),
    "negative washout": (of(terms={"washout": -3}), "must not be negative"),
    "negative phase-in": (of(terms={"phase_in": -1}), "must not be negative"),
    "half-life of nought": (of(terms={"half_life": 0.0}), "above nought"),
    "unknown trend": (of(terms={"trend": "cubic"}), "'cubic' is not known"),
    "unknown season": (of(terms={"season": "monthly"}), "'monthly' is not known"),
}

# Counts that no method may judge; as plain numbers some of these are fine.
COUNTLESS: dict[str, tuple[Make, str]] = {
    "no event at all": (of(np.zeros(N)), "no event before the start|cannot be told"),
    "no event after": (of(np.where(AFTER, 0, BASE)), "no event after the start"),
    "no event before": (of(np.where(AFTER, BASE, 0)), "no event before the start"),
    "one event": (of(but(20, 1, np.zeros(N))), "no event after the start"),
    "negative count": (of(but(5, -1)), "negative"),
    "a month that never has one": (
        of(np.where(np.arange(N) % 12 == 3, 0, BASE), terms={"season": "periods"}),
        "'month 4'",
    ),
    "an event period without one": (
        of(but(40, 0.0), pulses=(Pulse("x", FIRST + 40),)),
        "'pulse: x'",
    ),
}

# Series that some methods judge and others refuse.
HARD: dict[str, Make] = {
    "three periods a side": of(BASE[:6], 3, terms=FLAT),
    "one period to spare": of(BASE[:8], 4),
    "two periods to spare": of(BASE[:9], 4),
    "five periods to spare": of(BASE[:12], 6),
    "one period before": of(start=1),
    "one period after": of(start=N - 1),
    "washout up to the last period": of(terms={"washout": 29}),
    "one event after": of(but(45, 1, np.where(AFTER, 0, BASE))),
    "one event before": of(but(20, 1, np.where(AFTER, BASE, 0))),
    "two events": of(but([20, 45], 1, np.zeros(N))),
    "a mean of .05": of(but([3, 36, 50], 1, np.zeros(N)), terms=FLAT),
    "a mean of .1": of(but([3, 12, 19, 36, 45, 50], 1, np.zeros(N))),
    "nought everywhere": of(np.zeros(N)),
    "constant": of(np.full(N, 7.0)),
    "constant but for the step": of(np.where(AFTER, 4.0, 8.0), terms=FLAT),
    "a straight line": of(5 + 0.1 * np.arange(N)),
    "all but one the same": of(but(40, 8, np.full(N, 7.0))),
    "fractions": of(BASE + 0.25),
    "alternating": of(np.where(np.arange(N) % 2, 20.0, 2.0)),
    "less than chance": of(10.0 + np.arange(N) % 2),
    "a thousand million": of(np.round(BASE * 1e8)),
    "an outlier before": of(but(10, 1e6)),
    "an outlier after": of(but(50, 1e6)),
    "an outlier at the start": of(but(START, 1e4)),
    "an outlier at the end": of(but(N - 1, 1e5)),
    "growth without end": of(np.round(np.exp(0.2 * np.arange(N)))),
    "a covariate almost the step": of(**beside(AFTER + 1e-7 * np.cos(np.arange(N) ** 2))),
    "a covariate of huge numbers": of(**beside(1e12 * np.cos(np.arange(N) ** 2))),
    "exposures of every size": of(
        exposure=10 ** np.random.default_rng(1).uniform(0, 8, N),
    ),
    "negative numbers": of(BASE - 30),
    "below and above nought": of(BASE - BASE.mean()),
}


def kinds(method: Method) -> tuple[Kind, ...]:
    """All kinds it is for; one of them where a fit takes long."""
    found: list[Kind] = sorted(method.kinds)
    return tuple(found[-1:] if "order" in method.options else found)


def quick(method: Method) -> Method:
    """A method that searches for an order is given one."""
    return method.set_to({"order": (1, 0, 0)}) if "order" in method.options else method


def not_finite(value: Any, path: str = "") -> Iterator[str]:
    if dataclasses.is_dataclass(value):
        for part in dataclasses.fields(value):
            yield from not_finite(getattr(value, part.name), f"{path}.{part.name}")
    elif isinstance(value, tuple):
        for part in value:
            yield from not_finite(part, path)
    elif isinstance(value, float) and not np.isfinite(value):
        yield path


def what_is_wrong(effect: Effect, series: Series) -> str:
    """Why these numbers may not be shown to anyone, or ""."""
    found = sorted(set(not_finite(effect)))
    if found:
        return f"not finite: {', '.join(found)}"
    for triple in (effect, effect.percent, effect.averted):
        if not triple.low <= triple.estimate <= triple.high:
            return "an interval without its estimate"
    scale = 1.0 if effect.scale == "log ratio" else np.abs(series.y).max()
    if effect.std_error <= 1e-9 * scale:
        return "certainty out of rounding"
    return "" if 0 <= effect.p_value <= 1 else "a p outside 0 to 1"


def broken(make: Make, wanted: str | None, of_kinds: Callable[[Method], tuple[Kind, ...]]):
    """What each method does that it must not: by name and kind."""
    import re

    found = {}
    for name, method in METHODS.items():
        for kind in of_kinds(method):
            try:
                series = make(kind)
                wrong = what_is_wrong(quick(method).fit(series), series)
                if wanted is not None:
                    wrong = wrong or "not refused"
            except FitError as fault:
                wrong = ""
                if wanted is not None and not re.search(wanted, str(fault)):
                    wrong = f"message: {fault}"
                elif len(str(fault).split()) < 5 or "nan" in str(fault):
                    wrong = f"message says too little: {fault}"
            except Exception as bug:  # the claim is that there is none
                wrong = f"{type(bug).__name__}: {bug}"
            if wrong:
                found[f"{name}, {kind}"] = wrong
    return found


@pytest.mark.parametrize("case", HOPELESS)
def test_every_method_refuses(case):
    assert broken(*HOPELESS[case], kinds) == {}


@pytest.mark.parametrize("case", COUNTLESS)
def test_every_method_refuses_counts_with(case):
    def counts(method: Method) -> tuple[Kind, ...]:
        return ("count",) if "count" in method.kinds else ()

    assert broken(*COUNTLESS[case], counts) == {}


@pytest.mark.parametrize("case", HARD)
def test_every_method_gives_finite_numbers_or_says_why_not(case):
    assert broken(HARD[case], None, kinds) == {}


@pytest.mark.parametrize("name", [*TOGETHER, "ols"])
def test_a_batch_fails_where_one_fails_and_goes_on(name):
    """Series that cannot be fitted, among ordinary ones: a reason each, and the same numbers, to
    millionths of the error: where means grow a millionfold the normal equations of many at once
    lose half of their digits."""
    method = METHODS[name]
    made = []
    for make in (of(), *HARD.values(), *(make for make, _ in COUNTLESS.values()), of(BASE[::-1])):
        try:
            made.append(make("count"))
        except FitError:
            continue
    for series, judged in zip(made, judge_many(method, made), strict=True):
        try:
            effect = method.fit(series)
        except FitError:
            assert judged.reason
            assert np.isnan(judged.estimate)
            continue
        assert judged.reason == ""
        tolerance = 3e-6 * effect.std_error
        assert judged.estimate == pytest.approx(effect.estimate, abs=tolerance)
        assert judged.low == pytest.approx(effect.low, abs=tolerance)


def test_a_constant_count_has_the_error_of_its_chance():
    """Seven each period: nothing varies, but 210 events a side do not pin a ratio down for good.

    The variance of the log ratio without other terms is 1/210 + 1/210.
    """
    effect = METHODS["poisson"].fit(of(np.full(N, 7.0), terms=FLAT)("count"))
    assert effect.std_error == pytest.approx(np.sqrt(2 / 210), rel=1e-9)
    assert effect.percent.estimate == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("name", ["ols", "linear-reml-ar1", "prais-winsten"])
def test_a_constant_number_has_no_error_to_judge_by(name):
    with pytest.raises(FitError, match=FITS_EXACTLY):
        METHODS[name].fit(of(np.full(N, 7.0))("continuous"))


def test_a_rise_below_nought_is_a_rise():
    """From -20 to -10: up by half of its size, not down by half."""
    noise = 0.1 * np.cos(np.arange(N) ** 2)
    effect = METHODS["ols"].fit(of(np.where(AFTER, -10.0, -20.0) + noise, terms=FLAT)("continuous"))
    assert effect.estimate == pytest.approx(10, abs=0.1)
    assert effect.percent.estimate == pytest.approx(50, abs=1)
    assert effect.percent.low < 50 < effect.percent.high
    assert effect.percent.low > 0


@pytest.mark.parametrize("size", [1e3, 1e6, 1e9])
def test_large_counts_do_not_stop_the_negative_binomial(size):
    """In the limit of large counts alpha and the errors do not depend on the scale."""
    small = METHODS["negative-binomial"].fit(of(np.round(BASE * 1e2))("count"))
    large = METHODS["negative-binomial"].fit(of(np.round(BASE * 1e2) * size)("count"))
    assert large.estimate == pytest.approx(small.estimate, abs=0.01 * small.std_error)
    assert large.std_error == pytest.approx(small.std_error, rel=0.02)
