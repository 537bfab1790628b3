"""What a plan can say: its tables and keys, as strict and frozen models."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import Annotated, Any, Final, Literal

from pydantic import Field, field_validator

from evaluation import its
from evaluation.data import period
from evaluation.data.panel import Column
from evaluation.its.design import Interruption, Pulse
from evaluation.its.series import Kind, Specification
from evaluation.study.build.adoption_starts import (
    Adopters,
    ChangedAdoption,
    Gaps,
    HoldsAdoption,
    PlannedAdoption,
)
from evaluation.study.build.context import Told
from evaluation.study.plan.values import (
    Count,
    DataPath,
    List,
    MethodName,
    Names,
    Options,
    Period,
    PeriodOrDay,
    Periods,
    Table,
    Tables,
    Text,
    period_of,
)

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Percent = Positive
Harmonics = Annotated[int, Field(ge=1, le=6)]  # six waves is all that twelve months can hold
EffectShape = Literal["level", "level+slope"]
Trend = Literal["linear", "quadratic", "none"]
Season = Literal["fourier", "periods", "none"]
Estimand = Literal["ATT", "ATE"]
Share = Annotated[float, Field(gt=0, le=1)]
# Who is left out for want of anyone like them; two numbers are the lowest and highest chance.
Trim = Literal["none", "crump"] | List[Annotated[float, Field(ge=0, le=1)]]

# Keys of designs for people and surveys, which the results of other designs do not repeat.
OF_RECORDS: Final[dict[str, Any]] = {
    **dict.fromkeys(("estimand", "event_data", "subgroups", "rake"), True),
    "outcomes": {"__all__": {"horizon", "least_answered", "at_least"}},
    "alternatives": {"__all__": {"estimand", "trim", "horizon"}},
}


class PlannedOutcome(Table):
    """One outcome column; `worthwhile` is the smallest percent change worth having, or None.

    `horizon` is the days after entry by which an event counts. Of a survey `column` is a scale or
    an item, `least_answered` the share of its items that must be answered, and `at_least` the cut
    that makes it a share of residents. `first` and `last` bound the periods in which a series or a
    comparison may use this outcome, inside the window of the plan.
    """

    column: Text
    better: Literal["lower", "higher"]
    primary: bool = False
    worthwhile: Percent | None = None
    first: Period | None = None
    last: Period | None = None
    horizon: Count | None = None
    least_answered: Share | None = None
    at_least: Positive | None = None


class PlannedIntervention(Table):
    """What began when. `phase_in` and `washout` count periods; `end` is the last with an effect;
    `half_life` is in periods, for an effect that fades by itself. `dose` is a column with the
    amount of intervention a period, which then takes the place of a level. `treatment` is a column
    that is 1 from the start of each unit on, where many are treated; `start` is then the first."""

    name: Text
    start: Period
    treatment: Text | None = None
    phase_in: Periods = 0
    washout: Periods = 0
    half_life: Positive | None = None
    dose: Text | None = None
    end: Period | None = None
    fade: Text | None = None


class PlannedControls(Table):
    """What the treated unit is compared with: other units, or another outcome of its own.

    Units are one pooled group, weighted when `weights` are given, or with `pooled = false` a
    series each.
    """

    units: Names = ()
    outcome: Text | None = None
    weights: List[Positive] = ()
    pooled: bool = True


class PlannedSite(Table):
    """A further treated unit with a start of its own, in a multiple-baseline design."""

    unit: Text
    start: Period


class PlannedLater(Table):
    """What became of the program later, such as a dilution or a relaunch; its level is the change
    from the phase before it."""

    name: Text
    start: Period
    phase_in: Periods = 0
    half_life: Positive | None = None


class PlannedContaminated(Table):
    """A unit among the controls that had a program of its own, and what that was."""

    unit: Text
    why: Text


class PlannedSpillover(Table):
    """Who is exposed to the treatment of others: members of the same alliance (a covariate), named
    pairs, or units within rings of distance (outer distances, by two covariates as coordinates)."""

    alliance: Text | None = None
    allies: List[Names] = ()
    rivals: List[Names] = ()
    place: Names = ()
    rings: List[Positive] = ()


class PlannedUnaffected(Table):
    """An outcome column that the program should not move, and why it should not."""

    column: Text
    why: Text


class PlannedRaking(Table):
    """The table of residents by trait and level that the weights are made to agree with, and the
    bounds of a weight as multiples of the mean."""

    margins: DataPath
    most: Positive | None = None
    least: Positive | None = None


class PlannedCurve(Table):
    """The choices that the specification curve crosses; what is left out is as in the headline
    when any is named, and all empty is the standard grid of a series. A comparison has no terms of
    a series, and crosses `last`, `adopters`, `gaps` and sets of controls to `leave_out` too."""

    trend: List[Trend] = ()
    season: List[Season] = ()
    harmonics: List[Harmonics] = ()
    effect: List[EffectShape] = ()
    phase_in: List[Periods] = ()
    washout: List[Periods] = ()
    start: List[Period] = ()
    first: List[Period] = ()
    last: List[Period] = ()
    before: List[Count] = ()
    after: List[Count] = ()
    methods: List[MethodName] = ()
    controls: List[bool] = ()
    adopters: List[Adopters] = ()
    gaps: List[Gaps] = ()
    leave_out: List[Names] = ()


class Window(Table):
    """First and last period analyzed; None is as far as the data reach. `gaps` says what a
    comparison does about periods inside it that were not reported: it refuses them, leaves their
    unit out, or goes without these cells. `before` and `after` bound how far from its own start
    each treated unit is used, where several are treated."""

    first: Period | None = None
    last: Period | None = None
    gaps: Gaps = "refuse"
    before: Count | None = None
    after: Count | None = None


class Terms(Table):
    """The terms of the model; the fields of `Specification` but for phase-in and washout. `offset`
    says whether outcomes are divided by the exposure; None divides counts and nothing else."""

    effect: EffectShape = "level"
    trend: Trend = "linear"
    season: Season = "fourier"
    harmonics: Harmonics = 2
    offset: bool | None = None
    covariates: Names = ()


class PlannedAlternative(Table):
    """Another answer to print beside the headline; what is None is as in the headline.

    `controls` can only be False: the treated series alone. `options` are those of its method.
    Of a comparison `leave_out` are controls that it does without, `units` the controls used instead
    of the planned ones, `treated` the only treated units that stay, and `adoption` what is changed
    of that table; `first` to `after` are of the window. `estimand`, `trim` and `horizon`
    are for people.
    """

    label: Text
    model: MethodName | None = None
    options: Options | None = None
    controls: bool | None = None
    start: Period | None = None
    effect: EffectShape | None = None
    trend: Trend | None = None
    season: Season | None = None
    harmonics: Harmonics | None = None
    offset: bool | None = None
    covariates: Names | None = None
    phase_in: Periods | None = None
    washout: Periods | None = None
    half_life: Positive | None = None
    leave_out: Names | None = None
    first: Period | None = None
    last: Period | None = None
    gaps: Gaps | None = None
    before: Count | None = None
    after: Count | None = None
    units: Names | None = None
    treated: Names | None = None
    adoption: ChangedAdoption | None = None
    estimand: Estimand | None = None
    trim: Trim | None = None
    horizon: Count | None = None
    assumes: Text | None = None


class PlannedEvent(Table):
    """Something else that happened: a period, or a day, and what.

    With `periods` the model has a term of its own for it, for so many periods from its date.
    """

    date: PeriodOrDay
    what: Text
    periods: Count | None = None


def kind_of(column: Column) -> Kind:
    """Count or continuous, as the methods tell outcomes apart."""
    return "count" if column.type == "count" else "continuous"


class Plan(Told, HoldsAdoption):
    """A plan as its author wrote it, with the defaults filled in.

    `adoption`, `contaminated`, `spillover`, `cluster` (a covariate, errors go together within its
    values) and `matched` (outcome columns; those of each period before the start join the
    covariates) are for design "did"; `later` and most of `specification` for "its"; `estimand` and
    `event_data` (a table of every event) for "individual"; `subgroups` (traits) and `rake` for
    "survey". `assignment` is "lottery" where lots decided who got the program, and
    `assignment_source` says where that is written. `replicates` names the publication whose number
    is found again; the page over all studies leaves the study out. `beside` are further tables of
    outcomes, whose units join those of `data`. Keys that no method knows are
    those of `Told`. Attributes are the keys of `plan.toml`. Two are read through what stands in for
    them: `title` is the question when
    none is given, and `specification()` gives what the estimators take.
    """

    heading: Text | None = Field(default=None, alias="title")
    question: Text
    replicates: Text | None = None
    goal: Literal[1, 2, 3]
    data: DataPath
    beside: List[DataPath] = ()
    # "" in a difference-in-differences whose treated units a column or a table names.
    unit: Text = ""
    design: Literal["its", "did", "individual", "survey"]
    model: MethodName | None = None
    assignment: Literal["lottery"] | None = None
    assignment_source: Text | None = None
    frozen: datetime.date | None = None
    margin: Percent | None = None
    notes: Text | None = None
    conflicts: Text | None = None
    outcomes: Annotated[Tables[PlannedOutcome], Field(min_length=1)]
    intervention: PlannedIntervention
    later: Tables[PlannedLater] = ()
    adoption: PlannedAdoption | None = None
    controls: PlannedControls | None = None
    contaminated: Tables[PlannedContaminated] = ()
    spillover: PlannedSpillover | None = None
    cluster: Text | None = None
    matched: Names = ()
    estimand: Estimand = "ATT"
    event_data: DataPath | None = None
    subgroups: Names = ()
    rake: PlannedRaking | None = None
    sites: Tables[PlannedSite] = ()
    window: Window = Window()
    terms: Terms = Field(default_factory=Terms, alias="specification")
    options: Options = Field(default_factory=dict)
    alternatives: Tables[PlannedAlternative] = ()
    curve: PlannedCurve | None = None
    unaffected: Tables[PlannedUnaffected] = ()
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
        own = {"label", "model", "options", "controls", "start", "leave_out", "assumes"}
        own |= {"estimand", "trim", "horizon"}
        own |= {"first", "last", "gaps", "before", "after", "units", "treated", "adoption"}
        changes = alternative.model_dump(exclude=own, exclude_none=True)
        return replace(self.specification(), **changes)

    def offset(self, alternative: PlannedAlternative | None = None) -> bool | None:
        """Whether outcomes are divided by the exposure; None for those that are counts."""
        own = None if alternative is None else alternative.offset
        return self.terms.offset if own is None else own

    def outcome(self, column: str) -> PlannedOutcome | None:
        """The planned outcome of a column; None for one that is looked at beside them."""
        return next((one for one in self.outcomes if one.column == column), None)

    def within(self, column: str | None, window: tuple[str, str]) -> tuple[str, str]:
        """A window, within the periods in which this outcome may be used."""
        first, last = window
        own = None if column is None else self.outcome(column)
        if own is None:
            return first, last
        return max(first, own.first or first), min(last, own.last or last)

    def method(self, kind: Kind) -> str:
        """The headline's method for this kind of outcome: the planned one, or the default."""
        return self.model or its.default(kind).name

    def alternative_method(self, alternative: PlannedAlternative, kind: Kind) -> str:
        """The method of one planned alternative."""
        return alternative.model or self.method(kind)

    def alternative_options(self, alternative: PlannedAlternative) -> Options:
        """The settings of its method: its own, or the headline's when it keeps that method."""
        if alternative.options is not None:
            return alternative.options
        return self.options if alternative.model is None else {}

    def interruptions(self, frequency: period.Frequency) -> tuple[Interruption, ...]:
        """What became of the program later, for the design."""
        return tuple(
            Interruption(
                change.name,
                period.ordinal(change.start, frequency),
                change.phase_in,
                change.half_life,
            )
            for change in self.later
        )

    def pulses(self, frequency: period.Frequency) -> tuple[Pulse, ...]:
        """The events that have a term of their own, for the design."""
        return tuple(
            Pulse(
                f"{event.what.rstrip('.')} ({event.date})",
                period_of(event.date, frequency),
                event.periods,
            )
            for event in self.events
            if event.periods is not None
        )
