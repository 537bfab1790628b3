"""What a plan tells beside its method: the program, its cost, and what the evaluator judged.

None of it can move an estimate, so it may be written after freezing: that is listed among the
changes and costs the grade nothing.
"""

from __future__ import annotations

import datetime
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, Field, model_serializer
from pydantic_core.core_schema import SerializerFunctionWrapHandler

from evaluation.study.plan.phrases import closed, day
from evaluation.study.plan.values import DataPath, List, Said, Table, Tables, Text

# The keys of a plan that are here, and how a change to a list of them begins.
TOLD: Final = (
    *("about", "funder", "next_look", "delivery", "cost", "lower", "checklist", "es"),
    *("published", "registered"),
)
RISKS: Final = ("low", "high", "unclear")

Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Year = Annotated[int, Field(ge=1900, le=2100)]


def _risk(text: str) -> str:
    """A judgment of risk of bias: the level, a colon, and why."""
    level, colon, why = text.partition(":")
    if level.strip().lower() not in RISKS or not colon or not why.strip():
        raise ValueError(
            f"{text!r} must begin with the risk and say why, such as "
            "'low: no other program began at the time'. Risks: low, high, unclear"
        )
    return f"{level.strip().lower()}: {why.strip()}"


Risk = Annotated[Text, AfterValidator(_risk)]


class _Sparse(Table):
    """A table that repeats only what its author wrote."""

    @model_serializer(mode="wrap")
    def _written(self, whole: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {key: value for key, value in whole(self).items() if value is not None}


class PlannedAbout(_Sparse):
    """What the program is, whom it is for, and where that is written."""

    what: Text
    whom: Text
    sources: List[Text] = ()


class PlannedCost(_Sparse):
    """What the program cost, in the money of a year, and who says so."""

    amount: Amount
    currency: Text
    year: Year
    source: Text
    covers: Text | None = None


class PlannedLower(Table):
    """A grade that the evaluator lowers, and why. Nothing raises one."""

    column: Text
    to: Literal["moderate", "low", "very low"]
    reason: Text


class PlannedEpoc(_Sparse):
    """The evaluator's answers to the seven questions of EPOC about an interrupted time series."""

    independent: Risk | None = None
    shape: Risk | None = None
    collection: Risk | None = None
    knowledge: Risk | None = None
    incomplete: Risk | None = None
    selective: Risk | None = None
    other: Risk | None = None


class PlannedTrend(_Sparse):
    """The evaluator's answers to the items of TREND: where it is told, or why it does not apply."""

    title: Text | None = None
    background: Text | None = None
    participants: Text | None = None
    interventions: Text | None = None
    objectives: Text | None = None
    outcomes: Text | None = None
    sample_size: Text | None = None
    assignment: Text | None = None
    blinding: Text | None = None
    unit_of_analysis: Text | None = None
    statistics: Text | None = None
    flow: Text | None = None
    recruitment: Text | None = None
    baseline: Text | None = None
    equivalence: Text | None = None
    numbers: Text | None = None
    estimation: Text | None = None
    ancillary: Text | None = None
    adverse: Text | None = None
    interpretation: Text | None = None
    generalizability: Text | None = None
    evidence: Text | None = None


class PlannedStrobe(_Sparse):
    """The evaluator's answers to the items of STROBE for a cohort, in the same way."""

    title: Text | None = None
    background: Text | None = None
    objectives: Text | None = None
    design: Text | None = None
    setting: Text | None = None
    participants: Text | None = None
    variables: Text | None = None
    sources: Text | None = None
    bias: Text | None = None
    size: Text | None = None
    quantitative: Text | None = None
    statistics: Text | None = None
    flow: Text | None = None
    descriptive: Text | None = None
    outcome_data: Text | None = None
    main_results: Text | None = None
    other_analyses: Text | None = None
    key_results: Text | None = None
    limitations: Text | None = None
    interpretation: Text | None = None
    generalizability: Text | None = None
    funding: Text | None = None


class PlannedChecklist(_Sparse):
    """Answers of the evaluator by list."""

    epoc: PlannedEpoc | None = None
    trend: PlannedTrend | None = None
    strobe: PlannedStrobe | None = None


class PlannedDifferences(_Sparse):
    """What differs between a published result and the study, aspect by aspect, in one line each."""

    outcome: Text | None = None
    people: Text | None = None
    cities: Text | None = None
    places: Text | None = None
    window: Text | None = None
    start: Text | None = None
    model: Text | None = None
    data: Text | None = None
    other: Text | None = None


class PlannedPublished(_Sparse):
    """A published result to be set beside the study's own: its `study` and `outcome` in the table
    of published results, and the `column` of the study, by default the primary one."""

    study: Text
    outcome: Text | None = None
    column: Text | None = None
    differences: PlannedDifferences | None = None


class PlannedSpanish(_Sparse):
    """Words for the first page in Spanish; `outcomes` has the label of each column, `alternatives`
    that of each alternative by its own, `what` and `whom` those of `[about]`."""

    title: Text | None = None
    question: Text | None = None
    intervention: Text | None = None
    what: Text | None = None
    whom: Text | None = None
    outcomes: dict[Text, Text] | None = None
    alternatives: dict[Text, Text] | None = None


class Told(Table):
    """The tables and keys of a plan that its method does not know; none is repeated when absent."""

    about: PlannedAbout | None = None
    delivery: Annotated[DataPath | None, Said()] = None
    cost: PlannedCost | None = None
    next_look: Annotated[datetime.date | None, Said(day)] = None
    funder: Annotated[Text | None, Said(closed)] = None
    registered: Annotated[Text | None, Said(closed)] = None
    lower: Tables[PlannedLower] = ()
    checklist: PlannedChecklist | None = None
    published: Tables[PlannedPublished] = ()
    es: Annotated[PlannedSpanish | None, Said()] = None

    @model_serializer(mode="wrap")
    def _told(self, whole: SerializerFunctionWrapHandler) -> dict[str, Any]:
        absent = {key for key in TOLD if getattr(self, key) in (None, ())}
        return {key: value for key, value in whole(self).items() if key not in absent}
