"""What a plan can say: its tables and keys, as strict and frozen models.

A plan is that of its design: `PlanIts`, `PlanDid`, `PlanIndividual` or `PlanSurvey`, each with its
own keys only. What designs share stands in the class without a design in its name; there a key of
some designs reads as the default, for code that serves all (`absent`).
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    BeforeValidator,
    Field,
    ModelWrapValidatorHandler,
    TypeAdapter,
    field_validator,
    model_validator,
)

from evaluation import its
from evaluation.data import period
from evaluation.data.panel import Column
from evaluation.data.toml_places import KeyPath, Union, is_key
from evaluation.its.design import Interruption, Pulse
from evaluation.its.series import Kind, Specification
from evaluation.study.plan.adoption_keys import (
    Adopters,
    ChangedAdoption,
    Gaps,
    HoldsAdoption,
    PlannedAdoption,
)
from evaluation.study.plan.told import Told
from evaluation.study.plan.values import (
    Count,
    DataPath,
    List,
    Names,
    Options,
    Period,
    PeriodOrDay,
    Periods,
    Table,
    Tables,
    Text,
    absent,
    method_of,
    period_of,
    tables,
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

Entry = TypeVar("Entry")
Some = Annotated[tuple[Entry, ...], BeforeValidator(tables), Field(min_length=1)]
MethodIts = Annotated[str, method_of("its")]
MethodDid = Annotated[str, method_of("did")]


class PlannedOutcome(Table):
    """One outcome column; `worthwhile` is the smallest percent change worth having, or None."""

    column: Text
    better: Literal["lower", "higher"]
    primary: bool = False
    worthwhile: Percent | None = None
    first = absent(None)
    last = absent(None)
    horizon = absent(None)
    least_answered = absent(None)
    at_least = absent(None)


class OutcomeOfPeriods(PlannedOutcome):
    """`first` and `last` bound the periods in which a series or a comparison may use it, inside the
    window of the plan."""

    first: Period | None = None
    last: Period | None = None


class OutcomeIndividual(PlannedOutcome):
    """`horizon` is the days after entry by which an event counts."""

    horizon: Count | None = None


class OutcomeSurvey(PlannedOutcome):
    """`column` is a scale or an item, `least_answered` the share of its items that must be
    answered, and `at_least` the cut that makes it a share of residents."""

    least_answered: Share | None = None
    at_least: Positive | None = None


class PlannedIntervention(Table):
    """What began when."""

    name: Text
    start: Period
    treatment = absent(None)
    phase_in = absent(0)
    washout = absent(0)
    half_life = absent(None)
    dose = absent(None)
    end = absent(None)
    fade = absent(None)


class _InterventionOfPeriods(PlannedIntervention):
    """`phase_in` and `washout` count periods; `end` is the last with an effect."""

    phase_in: Periods = 0
    washout: Periods = 0
    end: Period | None = None


class InterventionIts(_InterventionOfPeriods):
    """`half_life` is in periods, for an effect that fades by itself. `dose` is a column with the
    amount of intervention a period, which then takes the place of a level."""

    half_life: Positive | None = None
    dose: Text | None = None
    fade: Text | None = None


class InterventionDid(_InterventionOfPeriods):
    """`treatment` is a column that is 1 from the start of each unit on, where many are treated;
    `start` is then the first."""

    treatment: Text | None = None


class InterventionIndividual(PlannedIntervention):
    """`treatment` is the column that says who is treated."""

    treatment: Text | None = None


class PlannedControls(Table):
    """The units that the treated are compared with."""

    units: Names = ()
    outcome = absent(None)
    weights = absent(())
    pooled = absent(True)


class ControlsIts(PlannedControls):
    """Other units, or another outcome of the treated unit.

    Units are one pooled group, weighted when `weights` are given, or with `pooled = false` a
    series each.
    """

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
    when any is named."""

    phase_in = absent(())
    washout = absent(())
    start = absent(())
    first = absent(())
    last = absent(())
    methods = absent(())


class CurveIts(PlannedCurve):
    """All empty is the standard grid of a series."""

    trend: List[Trend] = ()
    season: List[Season] = ()
    harmonics: List[Harmonics] = ()
    effect: List[EffectShape] = ()
    phase_in: List[Periods] = ()
    washout: List[Periods] = ()
    start: List[Period] = ()
    first: List[Period] = ()
    methods: List[MethodIts] = ()
    controls: List[bool] = ()


class CurveDid(PlannedCurve):
    """A comparison has no terms of a series, and crosses sets of controls to `leave_out`."""

    phase_in: List[Periods] = ()
    washout: List[Periods] = ()
    start: List[Period] = ()
    first: List[Period] = ()
    last: List[Period] = ()
    before: List[Count] = ()
    after: List[Count] = ()
    methods: List[MethodDid] = ()
    adopters: List[Adopters] = ()
    gaps: List[Gaps] = ()
    leave_out: List[Names] = ()


class Window(Table):
    """First and last period analyzed; None is as far as the data reach."""

    first: Period | None = None
    last: Period | None = None
    gaps = absent("refuse")
    before = absent(None)
    after = absent(None)


class WindowDid(Window):
    """`gaps` says what a comparison does about periods inside it that were not reported: it refuses
    them, leaves their unit out, or goes without these cells. `before` and `after` bound how far
    from its own start each treated unit is used, where several are treated."""

    gaps: Gaps = "refuse"
    before: Count | None = None
    after: Count | None = None


class Terms(Table):
    """What an answer is adjusted for."""

    covariates: Names = ()
    offset = absent(None)


class TermsOfPeriods(Terms):
    """`offset` says whether outcomes are divided by the exposure; None divides counts and nothing
    else."""

    offset: bool | None = None


class TermsIts(TermsOfPeriods):
    """The terms of the model; the fields of `Specification` but for phase-in and washout."""

    effect: EffectShape = "level"
    trend: Trend = "linear"
    season: Season = "fourier"
    harmonics: Harmonics = 2


class PlannedAlternative(Table):
    """Another answer to print beside the headline; what is None is as in the headline.

    `options` are those of its method.
    """

    label: Text
    model: Text | None = None
    options: Options | None = None
    covariates: Names | None = None
    assumes: Text | None = None
    controls = absent(None)
    start = absent(None)
    offset = absent(None)
    phase_in = absent(None)
    washout = absent(None)
    leave_out = absent(None)
    first = absent(None)
    last = absent(None)
    gaps = absent(None)
    before = absent(None)
    after = absent(None)
    units = absent(None)
    treated = absent(None)
    adoption = absent(None)
    estimand = absent(None)
    trim = absent(None)
    horizon = absent(None)


class _AlternativeOfPeriods(PlannedAlternative):
    start: Period | None = None
    offset: bool | None = None
    phase_in: Periods | None = None
    washout: Periods | None = None


class AlternativeIts(_AlternativeOfPeriods):
    """`controls` can only be False: the treated series alone."""

    model: MethodIts | None = None
    controls: bool | None = None
    effect: EffectShape | None = None
    trend: Trend | None = None
    season: Season | None = None
    harmonics: Harmonics | None = None
    half_life: Positive | None = None


class AlternativeDid(_AlternativeOfPeriods):
    """`leave_out` are controls that it does without, `units` the controls used instead of the
    planned ones, `treated` the only treated units that stay, and `adoption` what is changed of that
    table; `first` to `after` are of the window."""

    model: MethodDid | None = None
    leave_out: Names | None = None
    first: Period | None = None
    last: Period | None = None
    gaps: Gaps | None = None
    before: Count | None = None
    after: Count | None = None
    units: Names | None = None
    treated: Names | None = None
    adoption: ChangedAdoption | None = None


class AlternativeIndividual(PlannedAlternative):
    """`horizon` is the days after entry by which an event counts."""

    model: Annotated[str, method_of("individual")] | None = None
    estimand: Estimand | None = None
    trim: Trim | None = None
    horizon: Count | None = None


class AlternativeSurvey(PlannedAlternative):
    """Another method, or its settings."""

    model: Annotated[str, method_of("survey")] | None = None


class PlannedEvent(Table):
    """Something else that happened: a period, or a day, and what."""

    date: PeriodOrDay
    what: Text
    periods = absent(None)


class EventIts(PlannedEvent):
    """With `periods` the model has a term of its own for it, for so many periods from its date."""

    periods: Count | None = None


def kind_of(column: Column) -> Kind:
    """Count or continuous, as the methods tell outcomes apart."""
    return "count" if column.type == "count" else "continuous"


class Plan(Told, HoldsAdoption):
    """A plan as its author wrote it, with the defaults filled in: the keys of every design.

    `assignment` is "lottery" where lots decided who got the program, and `assignment_source` says
    where that is written. `replicates` names the publication whose number is found again; the page
    over all studies leaves the study out. Keys that no method knows are those of `Told`. Attributes
    are the keys of `plan.toml`, but `title`, which is the question when none is given.
    """

    heading: Text | None = Field(default=None, alias="title")
    question: Text
    replicates: Text | None = None
    goal: Literal[1, 2, 3]
    data: DataPath
    design: str
    model: Text | None = None
    assignment: Literal["lottery"] | None = None
    assignment_source: Text | None = None
    frozen: datetime.date | None = None
    margin: Percent | None = None
    notes: Text | None = None
    conflicts: Text | None = None
    outcomes: Some[PlannedOutcome]
    intervention: PlannedIntervention
    terms: Terms = Field(default_factory=Terms, alias="specification")
    options: Options = Field(default_factory=dict)
    alternatives: Tables[PlannedAlternative] = ()
    unaffected: Tables[PlannedUnaffected] = ()
    events: Tables[PlannedEvent] = ()
    unit = absent("")
    beside = absent(())
    window = absent(Window())
    controls = absent(None)
    sites = absent(())
    curve = absent(None)
    later = absent(())
    adoption = absent(None)
    contaminated = absent(())
    spillover = absent(None)
    cluster = absent(None)
    matched = absent(())
    estimand = absent("ATT")
    event_data = absent(None)
    subgroups = absent(())
    rake = absent(None)

    @model_validator(mode="wrap")
    @classmethod
    def _of_its_design(cls, content: Any, handler: ModelWrapValidatorHandler[Plan]) -> Plan:
        return handler(content) if cls is not Plan else _ANY.validate_python(content)

    @field_validator("outcomes")
    @classmethod
    def _single_is_primary(cls, outcomes: tuple[PlannedOutcome, ...]) -> tuple[PlannedOutcome, ...]:
        if len(outcomes) == 1 and "primary" not in outcomes[0].model_fields_set:
            return (outcomes[0].model_copy(update={"primary": True}),)
        return outcomes

    @property
    def title(self) -> str:
        return self.heading or self.question

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

    def alternative_options(self, alternative: PlannedAlternative) -> Options:
        """The settings of its method: its own, or the headline's when it keeps that method."""
        if alternative.options is not None:
            return alternative.options
        return self.options if alternative.model is None else {}


class PlanOfPeriods(Plan):
    """A plan for a table of units by period; `beside` are further tables, whose units join those of
    `data`. `unit` is "" in a comparison whose treated units a column or a table names."""

    unit: Text = ""
    beside: List[DataPath] = ()
    outcomes: Some[OutcomeOfPeriods]
    controls: PlannedControls | None = None
    sites: Tables[PlannedSite] = ()
    window: Window = Window()
    terms: TermsOfPeriods = Field(default_factory=TermsOfPeriods, alias="specification")
    curve: PlannedCurve | None = None


class PlanIts(PlanOfPeriods):
    """One series, alone or beside controls or sister sites, before and after the start."""

    design: Literal["its"]
    model: MethodIts | None = None
    intervention: InterventionIts
    later: Tables[PlannedLater] = ()
    controls: ControlsIts | None = None
    terms: TermsIts = Field(default_factory=TermsIts, alias="specification")
    alternatives: Tables[AlternativeIts] = ()
    curve: CurveIts | None = None
    events: Tables[EventIts] = ()

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
        own = {"label", "model", "options", "controls", "start", "assumes"}
        changes = alternative.model_dump(exclude=own, exclude_none=True)
        return replace(self.specification(), **changes)

    def method(self, kind: Kind) -> str:
        """The headline's method for this kind of outcome: the planned one, or the default."""
        return self.model or its.default(kind).name

    def alternative_method(self, alternative: PlannedAlternative, kind: Kind) -> str:
        """The method of one planned alternative."""
        return alternative.model or self.method(kind)

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


class PlanDid(PlanOfPeriods):
    """Treated units beside untreated ones. Of `cluster`, a covariate, errors go together within its
    values; `matched` are outcome columns, those of each period before the start join the
    covariates."""

    design: Literal["did"]
    model: MethodDid | None = None
    intervention: InterventionDid
    adoption: PlannedAdoption | None = None
    contaminated: Tables[PlannedContaminated] = ()
    spillover: PlannedSpillover | None = None
    cluster: Text | None = None
    matched: Names = ()
    window: WindowDid = WindowDid()
    alternatives: Tables[AlternativeDid] = ()
    curve: CurveDid | None = None


class PlanIndividual(Plan):
    """People who were treated beside people who were not; `event_data` is a table of every
    event."""

    design: Literal["individual"]
    model: Annotated[str, method_of("individual")] | None = None
    outcomes: Some[OutcomeIndividual]
    intervention: InterventionIndividual
    estimand: Estimand = "ATT"
    event_data: DataPath | None = None
    alternatives: Tables[AlternativeIndividual] = ()


class PlanSurvey(Plan):
    """Residents of areas with the program beside others; the effect is shown by `subgroups`, which
    are traits."""

    design: Literal["survey"]
    model: Annotated[str, method_of("survey")] | None = None
    outcomes: Some[OutcomeSurvey]
    subgroups: Names = ()
    rake: PlannedRaking | None = None
    alternatives: Tables[AlternativeSurvey] = ()


SCHEMAS: Mapping[str, type[Plan]] = {
    "its": PlanIts,
    "did": PlanDid,
    "individual": PlanIndividual,
    "survey": PlanSurvey,
}
_ANY: TypeAdapter[Plan] = TypeAdapter(
    Annotated[PlanIts | PlanDid | PlanIndividual | PlanSurvey, Field(discriminator="design")]
)


def written(plan: Plan, path: KeyPath) -> bool:
    """Whether a key stands in the plan, be it with its default value."""
    found: object = plan
    for key in path:
        name = "terms" if key == "specification" else str(key)
        if name not in getattr(found, "model_fields_set", ()):
            return False
        found = getattr(found, name)
    return True


def misplaced(design: str, path: KeyPath) -> str:
    """That a key is of another design than this; "" when it is of none."""
    others = [name for name, model in SCHEMAS.items() if is_key(model, path)]
    if not others:
        return ""
    if not issubclass(SCHEMAS[design], PlanOfPeriods):
        return f'is not for design = "{design}". Leave it out'
    if not issubclass(SCHEMAS[others[0]], PlanOfPeriods):
        return f'is for people or surveys; this plan has design = "{design}". Leave it out'
    has = "" if path[0] in ("alternatives", "events") else f'; this plan has "{design}"'
    return f'is for design = "{others[0]}"{has}. Leave it out'


OF_DESIGNS = Union("design", SCHEMAS, misplaced)
