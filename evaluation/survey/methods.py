"""The table of estimators, a row each, and which of them suits a sample."""

from __future__ import annotations

from collections.abc import Mapping

from evaluation.data.toml_places import did_you_mean
from evaluation.effect import Effect
from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.survey import attrition, difference, ordered
from evaluation.survey.method import Method
from evaluation.survey.sample import Sample
from evaluation.survey.scales import Kind, Scale, of_item

_BOTH: frozenset[Kind] = frozenset({"score", "share"})
_CHANGE = (
    "the change in the mean of residents of treated areas from before to after the start, less "
    "that of comparison areas"
)
_PARALLEL = (
    "without the program, means in treated and comparison areas would have changed by the same "
    "amount; these areas are the ones asked about"
)
# docs/coverage_survey.csv: 600 draws a world, give or take 2.

_TABLE = (
    Method(
        "survey-did",
        difference.fit_linear,
        _BOTH,
        "Weighted difference-in-differences, linearized",
        _CHANGE,
        _PARALLEL,
        "95 to 97 %; 32 % in a panel that loses people with little trust",
    ),
    Method(
        "survey-logit",
        difference.fit_logistic,
        frozenset({"share"}),
        "Weighted logistic difference-in-differences",
        "the share of residents of treated areas after the start, less that expected from the log "
        "odds of comparison areas",
        "without the program, log odds would have moved in parallel",
        "95 to 97 %",
    ),
    Method(
        "survey-ordered",
        ordered.fit,
        _BOTH,
        "Weighted ordered logit",
        "the mean answer of residents of treated areas after the start, less that expected from "
        "the log cumulative odds of comparison areas",
        "without the program, log cumulative odds would have moved in parallel; they are "
        "proportional",
        "94 to 97 %; 37 % in a panel that loses people with little trust",
    ),
    Method(
        "panel-change",
        attrition.fit,
        _BOTH,
        "Change of the same people, weighted for those who left",
        "the mean change of people in treated areas who were asked in the first wave, less that of "
        "people in comparison areas",
        "parallel changes; who left depends on the group, the first answers and the covariates "
        "given, and on nothing else that moves the change",
        "95 to 96 % where people with little trust left",
    ),
    Method(
        "neighborhood-means",
        difference.fit_areas,
        _BOTH,
        "Changes of neighborhoods, Welch t",
        "the mean change of treated neighborhoods less that of comparison neighborhoods, each "
        "counting once",
        "neighborhoods change independently of each other, and would have changed alike",
        "94 to 96 %; 42 % in a panel that loses people with little trust",
    ),
)

METHODS: dict[str, Method] = {method.name: method for method in _TABLE}


def default(sample: Sample) -> Method:
    """The method used when a plan names none."""
    return METHODS["panel-change" if sample.again is not None else "survey-did"]


def why(sample: Sample) -> str:
    """Why the default is what it is, in a sentence for the report."""
    if sample.again is not None:
        return (
            "The same people were asked twice, so each is compared with themselves, weighted for "
            "those who left."
        )
    return (
        "Different people were asked in each wave, so weighted means are compared, with errors "
        "that follow how they were sampled."
    )


def always_beside(sample: Sample, scale: Scale, headline: str) -> tuple[Method, ...]:
    """The methods printed beside a headline, those left out that this sample rules out."""
    names = ["survey-did", "survey-logit" if scale.kind == "share" else "survey-ordered"]
    if sample.again is not None:
        names.append("panel-change")
    if sample.area is not None:
        names.append("neighborhood-means")
    return tuple(METHODS[name] for name in names if name != headline)


def estimate(
    sample: Sample,
    *,
    scale: Scale | str,
    method: str | None = None,
    options: Mapping[str, object] | None = None,
) -> Effect:
    """The effect on a scale (or an item, by name) by the method that suits, or the one named.

    Raises
    ------
    FitError : for a method that is not known or cannot be used. DataError : when the scale cannot
        be built.
    """
    if method is not None and method not in METHODS:
        raise FitError(
            fact(
                "survey.methods.not-survey-method",
                method=method,
                did_you_mean=did_you_mean(method, list(METHODS)),
            )
        )
    chosen = default(sample) if method is None else METHODS[method]
    measured = of_item(sample, scale) if isinstance(scale, str) else scale
    return chosen.set_to(options or {}).fit(sample, measured)
