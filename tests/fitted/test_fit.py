"""What a fit gives in a notebook: broom's columns, pictures that never fail, and refusals."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest

from evaluation import did, example, individual, its, survey
from evaluation.errors import FitError
from evaluation.fitted import Fit
from evaluation.fitted.fit import BROOM


def series(method: str | None = None, **given: object) -> Fit:
    asked: dict[str, object] = {"outcome": "homicides", "time": "month", "start": "1996-06"}
    return its.fit(example("boston"), method=method, **{**asked, **given})  # type: ignore[arg-type]


def panel(method: str | None = None) -> Fit:
    table = example("groups")
    asked = {"outcome": "shootings", "unit": "group", "time": "quarter", "start": "called_in"}
    return did.fit(table, **asked, method=method)


def people(method: str | None = None) -> Fit:
    table = example("participants")
    return individual.fit(
        table, outcome="arrests", treated="invited", covariates=["age", "priors"], method=method
    )


def respondents(method: str | None = None) -> Fit:
    return survey.fit(
        example("survey"),
        outcome="trusts",
        treated="program",
        wave="wave",
        weights="weight",
        method=method,
    )


FITS = {"its": series, "did": panel, "individual": people, "survey": respondents}


@pytest.fixture(scope="module")
def fits() -> dict[str, Fit]:
    return {name: make() for name, make in FITS.items()}


@pytest.mark.parametrize("name", FITS)
def test_every_design_tells_the_same_things(name: str, fits: dict[str, Fit]) -> None:
    fit = fits[name]
    assert fit.design == name
    assert fit.estimate == fit.effect.estimate and fit.p_value == fit.effect.p_value
    assert fit.summary().startswith(f"{fit.outcome}: {fit.method}\n")
    page = fit._repr_html_()
    assert page.count("<tr>") <= 4 and len(page) < 600
    assert ("averted" in page.lower()) == (name != "survey")
    assert fit.effect.objection is None or "Not a headline" in page


@pytest.mark.parametrize("name", FITS)
def test_terms_have_the_columns_of_broom_and_agree(name: str, fits: dict[str, Fit]) -> None:
    rows = fits[name].to_frame()
    assert tuple(rows.columns) == BROOM
    assert rows["term"][0] == "effect" and rows["estimate"][0] == fits[name].estimate
    assert len(rows) == 1 + len(fits[name].effect.terms)
    ratio = rows["estimate"] / rows["std.error"]
    np.testing.assert_allclose(rows["statistic"], ratio)
    assert (rows["conf.low"] <= rows["estimate"]).all()
    assert (rows["estimate"] <= rows["conf.high"]).all()
    ranges = fits[name].conf_int()
    assert list(ranges.columns) == ["low", "high"] and list(ranges.index) == list(rows["term"])


@pytest.mark.parametrize("name", FITS)
def test_other_parts_are_tables_too_and_may_be_empty(name: str, fits: dict[str, Fit]) -> None:
    fit = fits[name]
    assert len(fit.to_frame("path")) == len(fit.effect.path)
    assert len(fit.to_frame("events")) == len(fit.effect.dynamic)
    assert "band.low" in fit.to_frame("events").columns
    with pytest.raises(FitError, match="'event' is no part of an answer; there are: terms"):
        fit.to_frame("event")  # type: ignore[arg-type]


@pytest.mark.parametrize("name", FITS)
def test_pictures_never_fail_and_others_are_refused(name: str, fits: dict[str, Fit]) -> None:
    fit = fits[name]
    for kind in (None, *fit.pictures):
        axes = fit.plot(kind)
        assert axes.figure is not None
        plt.close("all")
    axes = plt.figure().add_subplot()
    assert fit.plot("effect", ax=axes) is axes
    plt.close("all")
    with pytest.raises(FitError, match=r"'funnel' is no picture of this answer; there are: "):
        fit.plot("funnel")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "method",
    [*(m for m in its.METHODS if "-hc" not in m and "-year" not in m and m != "arima")],
)
def test_pictures_of_every_method_of_a_series(method: str) -> None:
    fit = series(method)
    for kind in fit.pictures:
        fit.plot(kind)
        plt.close("all")


@pytest.mark.parametrize(
    "method",
    ["twfe", "poisson-twfe", "event-study", "callaway-santanna", "imputation", "pooled-units"],
)
def test_pictures_of_methods_of_a_panel(method: str) -> None:
    fit = panel(method)
    assert "effect" in fit.pictures
    for kind in fit.pictures:
        fit.plot(kind)
        plt.close("all")


def test_what_a_method_does_not_have_is_said() -> None:
    with pytest.raises(FitError, match="pooled-units has no covariance of coefficients"):
        _ = panel("pooled-units").cov
    with pytest.raises(FitError, match="there is no coefficient 'leve'; there are: intercept"):
        series("newey-west").joint_test("leve")
    with pytest.raises(FitError, match="name one coefficient or more"):
        series("newey-west").joint_test([])
    with pytest.raises(FitError, match="there is no coefficient 'x'"):
        people().joint_test(["mean with the program", "x"])


def test_joint_test_by_the_normal_is_chi_squared() -> None:
    fit = people()
    found = fit.joint_test(["mean with the program", "mean without it"])
    assert found.df_error is None and found.p_value < 1e-6
    assert "chi-squared" in str(found)
    one = fit.joint_test("mean without it")
    assert one.p_value == pytest.approx(fit.effect.terms[1].p_value, rel=1e-6)


def test_checks_are_those_of_a_report() -> None:
    fit = series("newey-west", season="periods")
    assert fit.checks() == its.run_checks(fit.data, its.METHODS["newey-west"], fit.effect)
