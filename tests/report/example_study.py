"""A study made by hand: 96 months, two outcomes, every kind of alternative and check."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from evaluation.data.panel import About, Column, Provenance, RecordingChange
from evaluation.data.project import Names, Project
from evaluation.effect import Check, Effect, Interval, Phase, Point, Term
from evaluation.report.sections.about import front_page
from evaluation.report.site import all_page
from evaluation.report.write import site_files
from evaluation.say import ENGLISH, Language
from evaluation.study.evidence import (
    Alternative,
    DataRecord,
    Evidence,
    Grade,
    OutcomeEvidence,
    PlanRecord,
)
from evaluation.synthesis.built_in import against_truth
from evaluation.synthesis.elsewhere import Together
from evaluation.synthesis.goals import by_goal

MONTHS = 96
START = 60


def path(level: float, fall: float) -> tuple[Point, ...]:
    """Months from 2009-01 with a ramp of three months and a start in 2014-01."""
    points = []
    for month in range(MONTHS):
        season = 0.14 * math.cos(2 * math.pi * (month % 12 + 0.5 - 6.5) / 12)
        expected = level * math.exp(season - 0.001 * month)
        ramp = min(max((month - START + 1) / 4, 0.0), 1.0)
        fitted = expected * (1 + fall * ramp)
        # A fixed scatter that looks like counts: no random stream, no seed.
        observed = max(0.0, round(fitted + 0.35 * level * math.sin(12.9898 * month + 78.233)))
        phase: Phase = "before" if month < START else "phase-in" if ramp < 1 else "after"
        width = 0.0 if phase == "before" else 0.18
        points.append(
            Point(
                period=f"{2009 + month // 12}-{month % 12 + 1:02d}",
                observed=observed,
                fitted=fitted,
                expected=expected,
                low=expected * (1 - width),
                high=expected * (1 + 1.3 * width),
                phase=phase,
            )
        )
    return tuple(points)


def effect(
    percent: tuple[float, float, float],
    averted: tuple[float, float, float],
    *,
    method: str = "averaged-reml",
    level: float = 8.4,
    **changes: Any,
) -> Effect:
    """An effect whose log ratio agrees with its percent change."""
    logs = [math.log(max(1 + value / 100, 1e-6)) for value in percent]
    error = (logs[2] - logs[1]) / 4
    made = Effect(
        method=method,
        scale="log ratio",
        estimand="change in level once the intervention is fully in place",
        estimate=logs[0],
        std_error=error,
        df=88.0,
        low=logs[1],
        high=logs[2],
        p_value=0.0021,
        percent=Interval(*percent),
        averted=Interval(*averted),
        averted_estimand="fitted against expected, summed from the start",
        terms=(
            Term("intercept", 2.1, 0.05, 88.0, 2.0, 2.2, 0.00001),
            Term("trend", -0.001, 0.0012, 88.0, -0.0034, 0.0014, 0.41),
            Term("level", logs[0], error, 88.0, logs[1], logs[2], 0.0021),
        ),
        path=path(level, percent[0] / 100),
        n=MONTHS,
        rho=0.21,
        nugget=0.35,
        dispersion=1.16,
    )
    return replace(made, **changes)


def outcome(
    found: Effect | None = None, *, grade: str = "moderate", **changes: Any
) -> OutcomeEvidence:
    """The primary outcome of the study, or another like it."""
    made = OutcomeEvidence(
        column="gun_homicides",
        label="gun homicides",
        measure="victims a month",
        better="lower",
        primary=True,
        worthwhile=10.0,
        headline=Alternative(
            "Averaged REML, AR(1) and nugget",
            "averaged-reml",
            True,
            "period-to-period correlation of unknown strength, with counting noise on top",
            "93 to 98 %",
            found or effect((-26.1438, -38.02, -11.93), (82.31, 33.2, 131.4)),
        ),
        alternatives=(
            Alternative(
                "Quadratic trend",
                "averaged-reml",
                True,
                "a trend that may bend",
                "93 to 98 %",
                effect((-21.7, -41.2, 4.3), (66.0, -12.0, 144.0)),
            ),
            Alternative(
                "Quasi-Poisson",
                "quasi-poisson",
                False,
                "no period-to-period correlation",
                "67 to 96 %",
                effect(
                    (-27.0, -35.2, -17.8),
                    (85.0, 50.0, 120.0),
                    method="quasi-poisson",
                    objection="errors are correlated here",
                ),
            ),
            Alternative(
                "Negative binomial",
                "negative-binomial",
                False,
                "no period-to-period correlation",
                "65 to 95 %",
                None,
                "the likelihood has no inner maximum: no extra dispersion is left",
            ),
        ),
        checks=(
            Check(
                "residual-autocorrelation",
                True,
                "Ljung-Box p 0.41 over 12 lags",
                (
                    {"lag": 1, "correlation": 0.021, "flagged": False},
                    {"lag": 12, "correlation": -0.11, "flagged": None},
                ),
                asked="Is any correlation left in the errors?",
            ),
            Check("placebo-dates", False, "2 of 12 do", asked="Does a false start show an effect?"),
            Check(
                "dispersion", None, "Dispersion is 1.16", asked="Do counts vary more than chance?"
            ),
        ),
        grade=Grade(
            grade,  # type: ignore[arg-type]
            "low",
            ("a single series starts low", "all planned estimates point the same way"),
        ),
    )
    return replace(made, **changes)


def study(**changes: Any) -> Evidence:
    """The whole study; fields given replace its own."""
    made = Evidence(
        slug="testville",
        title="Ceasefire and gun homicide in Testville",
        question="Did Ceasefire reduce gun homicide in Testville?",
        goal=1,
        intervention="Ceasefire",
        start="2014-01",
        plan=PlanRecord(
            content={
                "design": "its",
                "events": [{"date": "2014-11", "what": "a state law changed sentences"}],
                "notes": "The outcome was known to its author before the plan was written",
            },
            words=("The question is whether Ceasefire reduced gun homicide", "It starts in 2014"),
            sha256="a" * 64,
            frozen_on="2026-01-10",
            frozen_sha256="a" * 64,
            changes=(),
        ),
        data=DataRecord(
            provenance=Provenance(
                name="Testville shootings",
                file="data/public/testville.csv",
                sha256="b" * 64,
                description_file="data/public/testville.dataset.toml",
                description_sha256="c" * 64,
                rows=MONTHS,
                source="Testville police, open data",
                licence="CC0",
                sensitivity="public",
                place="us-xx-testville",
                notes="Counts are of victims, not incidents",
            ),
            frequency="month",
            unit="Testville",
            units=("Testville",),
            first="2009-01",
            last="2016-12",
            columns=(
                Column("month", "period", "period", "month", "month"),
                Column("gun_homicides", "outcome", "count", "victims a month", "gun homicides"),
                Column("nonfatal", "outcome", "count", "victims a month", "nonfatal shootings"),
            ),
            recording_changes=(RecordingChange("2012-06", "a new records system", "nonfatal"),),
        ),
        outcomes=(
            outcome(),
            outcome(
                effect((-8.2, -22.4, 8.6), (110.0, -115.0, 330.0), level=41.0),
                grade="low",
                column="nonfatal",
                label="nonfatal shootings",
                primary=False,
            ),
        ),
    )
    return replace(made, **changes)


def synthetic_study(**changes: Any) -> Evidence:
    """The same study on made-up data of a made-up Oakland."""
    base = study()
    data = replace(
        base.data,
        unit="Oakland (synthetic)",
        provenance=replace(base.data.provenance, sensitivity="synthetic", place="us-ca-oakland"),
    )
    return replace(study(slug="oakland-synthetic", data=data), **changes)


def oakland_study(**changes: Any) -> Evidence:
    """The same study on what passes for real data of Oakland."""
    base = study()
    origin = replace(base.data.provenance, place="us-ca-oakland")
    data = replace(base.data, unit="Oakland", provenance=origin)
    return replace(study(slug="oakland", data=data), **changes)


# Whose pages most tests print.
OAKLAND = Project(
    names=Names("Oakland", "Oakland Ceasefire", "Does Ceasefire work?"),
    spanish=Names("", "Ceasefire en Oakland", "¿Funciona Ceasefire?"),
    place_id="us-ca-oakland",
)


def about(evidence: Evidence, **roles: tuple[About, ...]) -> Evidence:
    """The study with outcomes declared, by column, to be about something."""
    known = {column.name: column for column in evidence.data.columns}
    for outcome in evidence.outcomes:
        usual = Column(outcome.column, "outcome", "count", outcome.measure, outcome.label)
        known.setdefault(outcome.column, usual)
    columns = tuple(
        replace(column, about=roles.get(column.name, column.about)) for column in known.values()
    )
    return replace(evidence, data=replace(evidence.data, columns=columns))


def together(studies: Sequence[Evidence], project: Project | None = None) -> Together:
    """What the pages over these studies need beside them, where no table of others is."""
    place = (project or Project()).place_id
    return Together(speaks=by_goal(studies, place), tests=against_truth(studies, ()))


def site(
    studies: Sequence[Evidence], project: Project | None = None, *, paper: bool = False
) -> dict[str, str]:
    """Every file over all studies, as `ceasefire report` writes it."""
    return site_files(studies, together(studies, project), project=project, paper=paper)


def front(
    studies: Sequence[Evidence], language: Language = ENGLISH, *, project: Project | None = None
) -> str:
    """The front page in a language."""
    return site(studies, project)[front_page(project or Project(), language)]


def every(
    studies: Sequence[Evidence], language: Language = ENGLISH, *, project: Project | None = None
) -> str:
    """The page of every study in a language."""
    return site(studies, project)[all_page(language)]
