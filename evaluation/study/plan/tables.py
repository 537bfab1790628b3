"""The tables of a plan, as strict and frozen models.

What designs share stands in the class without a design in its name; there a key of some designs
reads as the default, for code that serves all (`absent`).
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeVar

from pydantic import (
    BeforeValidator,
    Field,
)

from evaluation.data.panel import Column
from evaluation.its.series import Kind
from evaluation.study.plan.adoption_keys import (
    Adopters,
    ChangedAdoption,
    Gaps,
)
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
    Text,
    absent,
    method_of,
    tables,
)

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Percent = Positive
Harmonics = Annotated[int, Field(ge=1, le=6)]  # six waves is all that twelve months can hold
EffectShape = Literal["level", "level+slope", "slope"]
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


class _SomeOutcomeKeys:
    first = last = horizon = least_answered = at_least = absent(None)


class PlannedOutcome(_SomeOutcomeKeys, Table):
    """One outcome column; `worthwhile` is the smallest percent change worth having, or None."""

    column: Text
    better: Literal["lower", "higher"]
    primary: bool = False
    worthwhile: Percent | None = None


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


class _SomeInterventionKeys:
    treatment = half_life = dose = end = fade = absent(None)
    phase_in = washout = absent(0)


class PlannedIntervention(_SomeInterventionKeys, Table):
    """What began when."""

    name: Text
    start: Period


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


class _SomeControlsKeys:
    outcome = absent(None)
    weights = absent(())
    pooled = absent(True)


class PlannedControls(_SomeControlsKeys, Table):
    """The units that the treated are compared with."""

    units: Names = ()


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


class _SomeCurveKeys:
    phase_in = washout = start = first = last = methods = absent(())


class PlannedCurve(_SomeCurveKeys, Table):
    """The choices that the specification curve crosses; what is left out is as in the headline
    when any is named."""


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


class _SomeWindowKeys:
    gaps = absent("refuse")
    before = after = absent(None)


class Window(_SomeWindowKeys, Table):
    """First and last period analyzed; None is as far as the data reach."""

    first: Period | None = None
    last: Period | None = None


class WindowIts(Window):
    """`gaps` says what a series does about periods inside it that were not reported: it refuses
    them, or goes without them."""

    gaps: Literal["refuse", "missing"] = "refuse"


class WindowDid(Window):
    """`gaps` says what a comparison does about periods inside it that were not reported: it refuses
    them, leaves their unit out, or goes without these cells. `before` and `after` bound how far
    from its own start each treated unit is used, where several are treated."""

    gaps: Gaps = "refuse"
    before: Count | None = None
    after: Count | None = None


class _SomeTermsKeys:
    offset = absent(None)
    effect = absent("level")
    trend = absent("linear")
    season = absent("fourier")
    harmonics = absent(2)


class Terms(_SomeTermsKeys, Table):
    """What an answer is adjusted for."""

    covariates: Names = ()


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


class _SomeAlternativeKeys:
    controls = start = offset = effect = trend = season = absent(None)
    harmonics = phase_in = washout = half_life = leave_out = first = absent(None)
    last = gaps = before = after = units = treated = absent(None)
    adoption = estimand = trim = horizon = weights = absent(None)


class PlannedAlternative(_SomeAlternativeKeys, Table):
    """Another answer to print beside the headline; what is None is as in the headline.

    `options` are those of its method.
    """

    label: Text
    model: Text | None = None
    options: Options | None = None
    covariates: Names | None = None
    assumes: Text | None = None


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
    planned ones, `treated` the only treated units that stay, `adoption` what is changed of that
    table, and `weights` another column or False for units that count alike; `first` to `after` are
    of the window."""

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
    weights: Text | Literal[False] | None = None


class AlternativeIndividual(PlannedAlternative):
    """`horizon` is the days after entry by which an event counts."""

    model: Annotated[str, method_of("individual")] | None = None
    estimand: Estimand | None = None
    trim: Trim | None = None
    horizon: Count | None = None


class AlternativeSurvey(PlannedAlternative):
    """Another method, or its settings."""

    model: Annotated[str, method_of("survey")] | None = None


class _SomeEventKeys:
    periods = absent(None)


class PlannedEvent(_SomeEventKeys, Table):
    """Something else that happened: a period, or a day, and what."""

    date: PeriodOrDay
    what: Text


class EventIts(PlannedEvent):
    """With `periods` the model has a term of its own for it, for so many periods from its date."""

    periods: Count | None = None


def kind_of(column: Column) -> Kind:
    """Count or continuous, as the methods tell outcomes apart."""
    return "count" if column.type == "count" else "continuous"
