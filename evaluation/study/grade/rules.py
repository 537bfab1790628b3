"""The rules of the grade, one table: what each asks, how many steps it costs, and where it is from.

After the shape of GRADE (Guyatt and others 2008, BMJ 336:924-926). Cut-offs are this project's own
proposal, not a standard. To every question, yes is the answer that moves the grade.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from evaluation.study.grade.reasons import (
    Reason,
    contradiction,
    imprecise,
    large,
    not_frozen,
    of_any,
    of_check,
    recording,
    short,
)

Design = Literal[
    "its",
    "controlled its",
    "multiple baseline",
    "did",
    "individual",
    "stepped call-ins",
    "survey",
    "compared survey",
]
SERIES: Final = ("its", "controlled its", "multiple baseline")
PANEL: Final = ("did",)
PEOPLE: Final = ("individual", "stepped call-ins")
SURVEY: Final = ("survey", "compared survey")
EVERY: Final = (*SERIES, *PANEL, *PEOPLE, *SURVEY)

CHOICES: Final = {
    "base-period": "where the series begins",
    "start-date": "when the effect is taken to begin",
    "trend-dependence": "how the earlier trend is carried on",
    "leave-one-control-out": "a single control",
    "contaminated-controls": "controls that had a program of their own",
    "later-events": "where the window ends",
    "carry-over": "whether the time after a program's end counts as untreated",
    "two-way-weights": "how cohorts and periods are weighed",
    "leave-one-out": "a single neighborhood",
    "without-weights": "the weights of respondents",
}
_ALIKE: Final = {
    "balance": "in what was known at entry",
    "overlap": "so that some treated people have nobody like them",
    "effective-size": "so that the comparison rests on few people",
}
_UNAFFECTED: Final = "outcomes that the program should not move changed too"
_PEAK: Final = "the start follows an unusual stretch, from which outcomes move back by themselves"
_SPIKE: Final = (
    "people entered after a spike that their comparison did not have, and it falls by itself"
)
_BIAS, _CONSISTENT = "GRADE, risk of bias", "GRADE, inconsistency"
_OURS: Final = "this project"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: what it asks, of which designs, the steps that its reason costs (below nought) or
    earns, and where it is from."""

    name: str
    asks: str
    designs: tuple[Design, ...]
    steps: int
    source: str
    reason: Reason


RULES: tuple[Rule, ...] = (
    Rule(
        "placebo-dates",
        "does the method find changes at dates when nothing started?",
        SERIES,
        -1,
        _BIAS,
        of_check("placebo-dates", "the method finds changes at dates when nothing started"),
    ),
    Rule(
        "residual-autocorrelation",
        "does the model leave autocorrelation over?",
        SERIES,
        -1,
        "Lopez Bernal and others 2017",
        of_check("residual-autocorrelation", "the model leaves autocorrelation over"),
    ),
    Rule(
        "pre-trends",
        "did treated and untreated go different ways before the start?",
        PANEL,
        -1,
        _BIAS,
        of_check("pre-trends", "treated and untreated went different ways before the start"),
    ),
    Rule(
        "pre-period-splits",
        "was the treated unit unlike its controls before the start?",
        PANEL,
        -1,
        _OURS,
        of_check("pre-period-splits", "the treated unit was not one of a kind with its controls"),
    ),
    Rule(
        "placebo-units",
        "does the method find effects in units where nothing started?",
        PANEL,
        -1,
        _BIAS,
        of_check("placebo-units", "the method finds effects in units where nothing started"),
    ),
    Rule(
        "unlike",
        "do treated and untreated people differ in what is known of them?",
        PEOPLE,
        -1,
        "ROBINS-I, confounding",
        of_any(_ALIKE, "treated and untreated people differ"),
    ),
    Rule(
        "immortal-time",
        "was it decided after entry who counts as treated?",
        PEOPLE,
        -1,
        "ROBINS-I, classification",
        of_check("immortal-time", "who counts as treated was decided after entry"),
    ),
    Rule(
        "scale-reliability",
        "do the items of the scale measure more than one thing?",
        SURVEY,
        -1,
        "ROBINS-I, measurement",
        of_check("scale-reliability", "the items of the scale do not measure one thing"),
    ),
    Rule(
        "sampling-units",
        "are there too few sampling units for the errors?",
        SURVEY,
        -1,
        _OURS,
        of_check("sampling-units", "there are too few sampling units for the errors"),
    ),
    Rule(
        "item-non-response",
        "did refusals to answer change differently?",
        SURVEY,
        -1,
        "ROBINS-I, missing data",
        of_check("item-non-response", "refusals to answer changed differently"),
    ),
    Rule(
        "who-answered",
        "did other kinds of people answer?",
        SURVEY,
        -1,
        "ROBINS-I, selection",
        of_check("who-answered", "other kinds of people answered"),
    ),
    Rule(
        "attrition",
        "did different people leave the panel in the two groups?",
        SURVEY,
        -1,
        "ROBINS-I, missing data",
        of_check("attrition", "different people left the panel in the two groups"),
    ),
    Rule(
        "choices",
        "does the answer depend on choices that others could have made?",
        (*SERIES, *PANEL, *SURVEY),
        -1,
        _CONSISTENT,
        of_any(CHOICES, "the answer depends on choices:"),
    ),
    Rule(
        "regression-to-the-mean",
        "does the start follow a stretch that would have passed by itself?",
        (*SERIES, *PANEL),
        -1,
        _BIAS,
        of_check("regression-to-the-mean", _PEAK),
    ),
    Rule(
        "spike-before-entry",
        "did people enter after a spike that would have passed by itself?",
        PEOPLE,
        -1,
        _BIAS,
        of_check("regression-to-the-mean", _SPIKE),
    ),
    Rule(
        "service-uptake",
        "do those who took up services differ from those who did not?",
        PEOPLE,
        -1,
        "ROBINS-I, deviations",
        of_check("service-uptake", "those who took up services differ from those who did not"),
    ),
    Rule(
        "left-early",
        "were the two groups not followed equally long?",
        PEOPLE,
        -1,
        "ROBINS-I, missing data",
        of_check("left-early", "treated and untreated people were not followed equally long"),
    ),
    Rule(
        "unaffected-outcomes",
        "did outcomes move that the program should not move?",
        SERIES,
        -1,
        _BIAS,
        of_check("unaffected-outcomes", _UNAFFECTED),
    ),
    Rule(
        "placebo-outcomes",
        "did outcomes move that the program should not move?",
        PANEL,
        -1,
        _BIAS,
        of_check("placebo-outcomes", _UNAFFECTED),
    ),
    Rule(
        "negative-controls",
        "did outcomes move that the program should not move?",
        PEOPLE,
        -1,
        _BIAS,
        of_check("negative-controls", _UNAFFECTED),
    ),
    Rule(
        "placebo-scales",
        "did scales move that the program should not move?",
        SURVEY,
        -1,
        _BIAS,
        of_check("placebo-scales", _UNAFFECTED),
    ),
    Rule(
        "spillover",
        "did those beside the treated change too?",
        PANEL,
        -1,
        _BIAS,
        of_check("spillover", "those beside the treated changed too"),
    ),
    Rule(
        "not-frozen",
        "does nothing but its author's date show the plan to be older than the outcomes?",
        EVERY,
        -1,
        "GRADE, publication bias; EPOC, question 6",
        not_frozen,
    ),
    Rule(
        "recording",
        "did the way of recording change near the start?",
        (*SERIES, *PANEL),
        -1,
        "EPOC, question 3",
        recording,
    ),
    Rule(
        "recording-in-window",
        "was the outcome recorded in two ways within the window?",
        SERIES,
        -1,
        "EPOC, question 3",
        of_check("recording-in-window", "the outcome was recorded in two ways within the window"),
    ),
    Rule(
        "imprecise",
        "does the range hold both no change and one that would matter?",
        EVERY,
        -1,
        "GRADE, imprecision",
        imprecise,
    ),
    Rule(
        "contradiction",
        "does a planned alternative point the other way?",
        EVERY,
        -1,
        _CONSISTENT,
        contradiction,
    ),
    Rule(
        "short",
        "are there fewer than 24 periods before the start?",
        SERIES,
        -1,
        "Hawley and others 2019",
        short,
    ),
    Rule(
        "large",
        "is it large, found by every planned alternative, and hard to explain?",
        EVERY,
        1,
        "GRADE, large effect; VanderWeele and Ding 2017",
        large,
    ),
)
