"""What a plan can say: its tables and keys, as strict and frozen models."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import Annotated, Literal

from pydantic import Field, field_validator

from evaluation import its
from evaluation.its.series import Kind, Specification
from evaluation.study.plan_values import (
    AvailableDesign,
    DataPath,
    MethodName,
    Names,
    Period,
    PeriodOrDay,
    Table,
    Tables,
    Text,
)

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Percent = Positive
Periods = Annotated[int, Field(ge=0)]
Harmonics = Annotated[int, Field(ge=1, le=6)]  # six waves is all that twelve months can hold


class PlannedOutcome(Table):
    """One outcome column; `worthwhile` is the smallest percent change worth having, or None."""

    column: Text
    better: Literal["lower", "higher"]
    primary: bool = False
    worthwhile: Percent | None = None


class PlannedIntervention(Table):
    """What began when. `phase_in` and `washout` count periods; `end` is the last with an effect;
    `half_life` is in periods, for an effect that fades by itself."""

    name: Text
    start: Period
    phase_in: Periods = 0
    washout: Periods = 0
    half_life: Positive | None = None
    end: Period | None = None
    fade: Text | None = None


class Window(Table):
    """First and last period analyzed; None is as far as the data reach."""

    first: Period | None = None
    last: Period | None = None


class Terms(Table):
    """The terms of the model; the fields of `Specification` but for phase-in and washout."""

    effect: Literal["level", "level+slope"] = "level"
    trend: Literal["linear", "quadratic", "none"] = "linear"
    season: Literal["fourier", "periods", "none"] = "fourier"
    harmonics: Harmonics = 2
    offset: bool = True
    covariates: Names = ()


class PlannedAlternative(Table):
    """Another answer to print beside the headline; what is None is as in the headline."""

    label: Text
    model: MethodName | None = None
    effect: Literal["level", "level+slope"] | None = None
    trend: Literal["linear", "quadratic", "none"] | None = None
    season: Literal["fourier", "periods", "none"] | None = None
    harmonics: Harmonics | None = None
    offset: bool | None = None
    covariates: Names | None = None
    phase_in: Periods | None = None
    washout: Periods | None = None
    half_life: Positive | None = None
    assumes: Text | None = None


class PlannedEvent(Table):
    """Something else that happened: a period, or a day, and what."""

    date: PeriodOrDay
    what: Text


class Plan(Table):
    """A plan as its author wrote it, with the defaults filled in.

    Attributes are the keys of `plan.toml`. Two are read through what stands in for them: `title`
    is the question when none is given, and `specification()` gives what the estimators take.
    """

    heading: Text | None = Field(default=None, alias="title")
    question: Text
    goal: Literal[1, 2, 3]
    data: DataPath
    unit: Text
    design: Annotated[Literal["its"], AvailableDesign]
    model: MethodName | None = None
    frozen: datetime.date | None = None
    margin: Percent | None = None
    notes: Text | None = None
    conflicts: Text | None = None
    outcomes: Annotated[Tables[PlannedOutcome], Field(min_length=1)]
    intervention: PlannedIntervention
    window: Window = Window()
    terms: Terms = Field(default_factory=Terms, alias="specification")
    alternatives: Tables[PlannedAlternative] = ()
    events: Tables[PlannedEvent] = ()

    @field_validator("outcomes")
    @classmethod
    def _single_is_primary(cls, outcomes: tuple[PlannedOutcome, ...]) -> tuple[PlannedOutcome, ...]:
        if len(outcomes) == 1 and "primary" not in outcomes[0].model_fields_set:
            return (outcomes[0].model_copy(update={"primary": True}),)
        return outcomes

    @property
    def title(self) -> str:
        return self.heading or self.question

    def specification(self) -> Specification:
        """The terms of the headline model."""
        return Specification(
            **self.terms.model_dump(),
            phase_in=self.intervention.phase_in,
            washout=self.intervention.washout,
            half_life=self.intervention.half_life,
        )

    def alternative_specification(self, alternative: PlannedAlternative) -> Specification:
        """The terms of one planned alternative: the headline's but where it says otherwise."""
        changes = alternative.model_dump(exclude={"label", "model", "assumes"}, exclude_none=True)
        return replace(self.specification(), **changes)

    def method(self, kind: Kind) -> str:
        """The headline's method for this kind of outcome: the planned one, or the default."""
        return self.model or its.default(kind).name

    def alternative_method(self, alternative: PlannedAlternative, kind: Kind) -> str:
        """The method of one planned alternative."""
        return alternative.model or self.method(kind)
