"""Every check a study can have, made by hand, in the columns that the report draws."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from example_study import effect, outcome, study

from evaluation.effect import Check, Quantity
from evaluation.fact import Fact
from evaluation.study.evidence import Evidence, OutcomeEvidence


def month(number: int) -> str:
    return f"{2009 + number // 12}-{number % 12 + 1:02d}"


def found(percent: float, width: float = 14.0, **more: Any) -> dict[str, Any]:
    """A row with a percent change and its range."""
    p = 0.001 if abs(percent) > width else 0.3
    return {"percent": percent, "low": percent - width, "high": percent + width, "p": p, **more}


CURVE = tuple(
    found(
        -26.1438 if (trend, season, first) == ("linear", "fourier 2", "2009-01") else value,
        start="2014-01",
        first=first,
        effect="level",
        trend=trend,
        season=season,
        phase_in=3,
        washout=0,
        method="averaged-reml",
        headline=(trend, season, first) == ("linear", "fourier 2", "2009-01"),
    )
    for value, (trend, season, first) in zip(
        (-31.0, 2.5, -28.0, -19.5, -12.0, -24.0, -33.5, -27.25, -22.0, -20.0, -18.0, -16.0),
        (
            (trend, season, first)
            for trend in ("linear", "quadratic", "none")
            for season in ("fourier 1", "fourier 2")
            for first in ("2009-01", "2010-01")
        ),
        strict=True,
    )
)
CHECKS = (
    Check(
        "residual-autocorrelation",
        True,
        "Ljung-Box p 0.41 over 12 lags",
        (
            {"test": "Durbin-Watson", "statistic": 1.93, "p": 0.36},
            {"test": "Cumby-Huizinga", "statistic": 4.2, "p": 0.0004},
        ),
        asked="Does the model account for the way neighboring periods go together?",
    ),
    Check(
        "correlogram",
        None,
        "1 of 12 lies outside",
        tuple(
            {
                "lag": lag,
                "autocorrelation": 0.31 if lag == 4 else 0.1 * math.cos(lag),
                "partial": 0.09 * math.sin(lag),
                "band": 0.2,
            }
            for lag in range(1, 13)
        ),
        asked="Which periods still go together?",
    ),
    Check(
        "outliers",
        None,
        "2015-03 stands out",
        (
            {
                "period": "2015-03",
                "observed": 19.0,
                "fitted": 7.5,
                "residual": 3.4,
                "leverage": 0.06,
                "cook": 0.2,
            },
        ),
        asked="Which periods stand out?",
    ),
    Check(
        "placebo-dates",
        False,
        "3 of 24 do",
        tuple(
            {
                "period": month(18 + 2 * place),
                "estimate": 0.1,
                **found(-20.0 if place in (3, 4, 9) else 5.0 * math.sin(place)),
            }
            for place in range(12)
        ),
        asked="Does a false start show an effect?",
    ),
    Check(
        "base-period",
        True,
        "From -26 % to -31 %",
        tuple(
            found(-26.1438 - place / 8, 12.0 + place, first=month(place), periods=96 - place)
            for place in range(36)
        ),
        asked="Does the answer depend on when the series begins?",
    ),
    Check(
        "start-date",
        None,
        "From -18 % to -26 %",
        tuple(
            found(-26.1438 + abs(shift) / 2, start=month(60 + shift), shift=shift)
            for shift in range(-12, 13)
        ),
        asked="Does the answer depend on the start?",
    ),
    Check(
        "regression-to-the-mean",
        True,
        "No",
        ({"measure": "change found, %", "value": -26.1438},),
        asked="Was the start chosen after a peak?",
    ),
    Check("specification-curve", None, "11 of 12", CURVE, asked="How many models agree?"),
    Check(
        "unaffected-outcomes",
        True,
        "No",
        (found(-3.0, outcome="burglaries"), found(6.5, outcome="car thefts")),
        asked="Do outcomes change that the program should not move?",
    ),
    Check("length", True, "60 before, 36 after", asked="Is the series long enough?"),
)
QUANTITIES = (
    Quantity("change of level", "%", -26.1438, -38.02, -11.93, "transformed"),
    Quantity(
        Fact("its.quantities.change-of-level", {"later": "Dilution"}),
        "%",
        9.0,
        -4.0,
        24.0,
        "transformed",
    ),
    Quantity("change in the last period", "%", -26.1438, -38.02, -11.93, "delta method"),
    Quantity("average change", "%", -25.0, -37.0, -11.0, "delta method"),
    Quantity("averted, fitted against expected", "outcomes", 82.31, 33.2, 131.4, "delta method"),
    Quantity("averted, fitted against expected", "outcomes", 82.31, 35.5, 140.2, "simulation"),
    Quantity("averted, observed against expected", "outcomes", 79.9, -3.1, 149.0, "delta method"),
    Quantity("averted, observed against expected", "outcomes", 79.9, 20.1, 152.2, "simulation"),
    Quantity("averted a year per 100,000", "outcomes", 6.81, 2.75, 10.9, "delta method"),
    Quantity(
        "confounder strength that would explain it (E-value)",
        "times",
        2.04,
        1.53,
        2.61,
        "transformed",
    ),
)


def thorough(**changes: Any) -> OutcomeEvidence:
    """The primary outcome with every check and every measure."""
    full = effect((-26.1438, -38.02, -11.93), (82.31, 33.2, 131.4), quantities=QUANTITIES)
    return replace(outcome(full), checks=CHECKS, **changes)


def failing(**changes: Any) -> OutcomeEvidence:
    """An outcome that could not be estimated."""
    bare = outcome(grade="very low", column="rare", label="rare events", primary=False)
    headline = replace(
        bare.headline,
        effect=None,
        reason="no event after the start: the percent change has no finite estimate",
    )
    made = replace(bare, headline=headline, alternatives=(), checks=())
    return replace(made, **changes)


def thorough_study(**changes: Any) -> Evidence:
    """Two outcomes, both with every check, so that ids must differ."""
    second = thorough(column="nonfatal", label="nonfatal shootings", primary=False)
    return study(**{"outcomes": (thorough(), second), **changes})


def planned(**content: Any) -> Evidence:
    """The study with more in its plan."""
    base = study()
    plan = replace(base.plan, content={**base.plan.content, **content})
    return replace(base, plan=plan)
