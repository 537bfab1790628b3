"""What a plan can say: the keys of each design.

A plan is that of its design: `PlanIts`, `PlanDid`, `PlanIndividual` or `PlanSurvey`, each with its
own keys only. `Plan` has what they share; there a key of some designs reads as the default, for
code that serves all (`absent`).
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import (
    Field,
    ModelWrapValidatorHandler,
    TypeAdapter,
    ValidationInfo,
    field_validator,
    model_validator,
)

from evaluation import its
from evaluation.data import period
from evaluation.data.toml_places import KeyPath, Union, is_key
from evaluation.its.design import Interruption, Pulse
from evaluation.its.series import Kind, Specification
from evaluation.study.plan import tables
from evaluation.study.plan.adoption_keys import (
    HoldsAdoption,
    PlannedAdoption,
)
from evaluation.study.plan.family_keys import PlannedFamily
from evaluation.study.plan.phrases import closed
from evaluation.study.plan.tables import PlannedAlternative, PlannedOutcome, kind_of
from evaluation.study.plan.told import Told
from evaluation.study.plan.values import (
    DataPath,
    List,
    Names,
    Options,
    Said,
    Tables,
    Text,
    absent,
    frequency_of,
    method_of,
    period_of,
)

# From this day on the defaults for counts of one place, by itself and beside others, are those
# proven on real cities. A plan frozen before it that leaves its method open has those of its time.
DEFAULTS_SINCE = datetime.date(2026, 11, 30)

__all__ = [
    "DEFAULTS_SINCE",
    "OF_DESIGNS",
    "SCHEMAS",
    "Plan",
    "PlannedAlternative",
    "PlannedOutcome",
    "kind_of",
    "written",
]


class _SomeKeys:
    """Keys of some designs, as a plan of another has them."""

    unit = absent("")
    beside = sites = later = contaminated = matched = subgroups = absent(())
    window = absent(tables.Window())
    controls = curve = adoption = spillover = cluster = weights = event_data = absent(None)
    rake = absent(None)
    estimand = absent("ATT")


class Plan(_SomeKeys, Told, HoldsAdoption):
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
    margin: tables.Percent | None = None
    conflicts: Annotated[Text | None, Said(closed)] = None
    notes: Annotated[Text | None, Said(closed)] = None
    outcomes: tables.Some[PlannedOutcome]
    families: Tables[PlannedFamily] = ()
    intervention: tables.PlannedIntervention
    terms: tables.Terms = Field(default_factory=tables.Terms, alias="specification")
    options: Options = Field(default_factory=dict)
    alternatives: Tables[PlannedAlternative] = ()
    unaffected: Tables[tables.PlannedUnaffected] = ()
    events: Tables[tables.PlannedEvent] = ()

    @model_validator(mode="wrap")
    @classmethod
    def _of_its_design(
        cls, content: Any, handler: ModelWrapValidatorHandler[Plan], info: ValidationInfo
    ) -> Plan:
        if cls is not Plan:
            return handler(content)
        return _ANY.validate_python(content, context=info.context)

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
        own: bool | None = None if alternative is None else alternative.offset
        planned: bool | None = self.terms.offset
        return planned if own is None else own

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

    def specification(self) -> Specification:
        """The terms of the headline model."""
        return Specification(
            **{name: getattr(self.terms, name) for name in tables.TermsIts.model_fields},
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
        return self.default(kind) if self.model is None else self.model

    def default(self, kind: Kind) -> str:
        """The method of a plan that names none: the default on the day when it was frozen; of one
        that is not, today's."""
        frequency = frequency_of(self.intervention.start)
        if kind == "count" and self.keeps_former and frequency in period.MONTHS:
            return its.CARRIED
        alone = self.controls is None and not self.sites
        return its.default(kind, alone=alone, frequency=frequency).name

    @property
    def keeps_former(self) -> bool:
        """Whether it was frozen when the default for counts of a series was another."""
        return self.frozen is not None and self.frozen < DEFAULTS_SINCE

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
        like = period.ordinal(self.intervention.start, frequency)
        return tuple(
            Pulse(
                f"{event.what.rstrip('.')} ({event.date})",
                period_of(event.date, frequency, like),
                event.periods,
            )
            for event in self.events
            if event.periods is not None
        )


class PlanOfPeriods(Plan):
    """A plan for a table of units by period; `beside` are further tables, whose units join those of
    `data`. `unit` is "" in a comparison whose treated units a column or a table names."""

    unit: Text = ""
    beside: List[DataPath] = ()
    outcomes: tables.Some[tables.OutcomeOfPeriods]
    controls: tables.PlannedControls | None = None
    sites: Tables[tables.PlannedSite] = ()
    window: tables.Window = tables.Window()
    terms: tables.TermsOfPeriods = Field(
        default_factory=tables.TermsOfPeriods, alias="specification"
    )
    curve: tables.PlannedCurve | None = None


class PlanIts(PlanOfPeriods):
    """One series, alone or beside controls or sister sites, before and after the start."""

    design: Literal["its"]
    model: tables.MethodIts | None = None
    intervention: tables.InterventionIts
    later: Tables[tables.PlannedLater] = ()
    controls: tables.ControlsIts | None = None
    window: tables.WindowIts = tables.WindowIts()
    terms: tables.TermsIts = Field(default_factory=tables.TermsIts, alias="specification")
    alternatives: Tables[tables.AlternativeIts] = ()
    curve: tables.CurveIts | None = None
    events: Tables[tables.EventIts] = ()


class PlanDid(PlanOfPeriods):
    """Treated units beside untreated ones. Of `cluster`, a covariate, errors go together within its
    values; `weights` is the column that says how much each unit counts; `matched` are outcome
    columns, those of each period before the start join the covariates."""

    design: Literal["did"]
    model: tables.MethodDid | None = None
    intervention: tables.InterventionDid
    adoption: PlannedAdoption | None = None
    contaminated: Tables[tables.PlannedContaminated] = ()
    spillover: tables.PlannedSpillover | None = None
    cluster: Text | None = None
    weights: Text | None = None
    matched: Names = ()
    window: tables.WindowDid = tables.WindowDid()
    alternatives: Tables[tables.AlternativeDid] = ()
    curve: tables.CurveDid | None = None


class PlanIndividual(Plan):
    """People who were treated beside people who were not; `event_data` is a table of every
    event."""

    design: Literal["individual"]
    model: Annotated[str, method_of("individual")] | None = None
    outcomes: tables.Some[tables.OutcomeIndividual]
    intervention: tables.InterventionIndividual
    estimand: tables.Estimand = "ATT"
    event_data: DataPath | None = None
    alternatives: Tables[tables.AlternativeIndividual] = ()


class PlanSurvey(Plan):
    """Residents of areas with the program beside others; the effect is shown by `subgroups`, which
    are traits."""

    design: Literal["survey"]
    model: Annotated[str, method_of("survey")] | None = None
    outcomes: tables.Some[tables.OutcomeSurvey]
    subgroups: Names = ()
    rake: tables.PlannedRaking | None = None
    alternatives: Tables[tables.AlternativeSurvey] = ()


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
        if path == ("weights",):
            return "is for units; rows have the column with the role weight in the data"
        return f'is not for design = "{design}". Leave it out'
    if not issubclass(SCHEMAS[others[0]], PlanOfPeriods):
        return f'is for people or surveys; this plan has design = "{design}". Leave it out'
    has = "" if path[0] in ("alternatives", "events") else f'; this plan has "{design}"'
    return f'is for design = "{others[0]}"{has}. Leave it out'


OF_DESIGNS = Union("design", SCHEMAS, misplaced)
