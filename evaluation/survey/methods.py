"""The table of estimators, a row each, and which of them suits a sample."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

from evaluation import method as methods
from evaluation.data.toml_places import did_you_mean
from evaluation.effect import Effect
from evaluation.errors import FitError
from evaluation.fact import Fact, fact
from evaluation.numeric.shared.linear import solvable
from evaluation.survey import attrition, difference
from evaluation.survey.effects import Answer, effect
from evaluation.survey.sample import Sample
from evaluation.survey.scales import Kind, Scale, of_item


@dataclass(frozen=True, slots=True)
class Method(methods.Method):
    """A row of the METHODS table; `solve` takes a sample and a scale and returns an `Answer`."""

    @property
    def adjusts_for(self) -> tuple[str, ...]:
        """The traits that are set as covariates."""
        settings = self.solve.keywords if isinstance(self.solve, partial) else {}
        return tuple(settings.get("covariates", ()))

    def fit(self, sample: Sample, scale: Scale) -> Effect:
        """The effect on this scale by this method; raises as `answer`."""
        return self.worded(sample, scale, self.answer(sample, scale))

    def answer(self, sample: Sample, scale: Scale) -> Answer:
        """What the method finds on this scale.

        Raises
        ------
        FitError : when the scale is not for the method, or it cannot be estimated. DataError : when
            the scale cannot be built.
        """
        if scale.kind not in self.kinds:
            raise FitError(
                fact("survey.method.not-one", name=self.name, kind=scale.kind, name2=scale.name)
            )
        with solvable(self.name):
            answer: Answer = self.solve(sample, scale)
            return answer

    def worded(self, sample: Sample, scale: Scale, answer: Answer) -> Effect:
        """The Effect of what the method found, with a note of what was given and is not in it."""
        with solvable(self.name):
            what = fact(f"survey.methods.{self.name}")
            found = effect(sample, scale, self.name, what, answer)
        unused = self.not_in(sample)
        if not unused:
            return found
        note = fact("survey.method.not-in", unused=unused)
        return replace(found, notes=(*found.notes, note))

    def not_in(self, sample: Sample) -> tuple[Fact, ...]:
        """What was given of the sample, and is not in the estimate."""
        by_area, design = self.name == "neighborhood-means", sample.design
        given = {
            "area": sample.area is not None and not by_area,
            "stratum": by_area and len(sample.strata) > 1,
            "cluster": by_area and len(design.stratum) < len(sample.wave),
            "fpc": by_area and bool(design.fraction.any()),
            "lonely": by_area and design.lonely != "error",
        }
        traits = (name for name in sample.traits if name not in self.adjusts_for)
        return (
            *(fact("survey.method.given-trait", trait=name) for name in traits),
            *(fact(f"survey.method.given-{name}") for name, there in given.items() if there),
        )


_BOTH: frozenset[Kind] = frozenset({"score", "share"})
# Coverage is that of coverage_survey.csv: 600 draws a world, give or take 2.
_TABLE = (
    Method("survey-did", difference.fit_linear, _BOTH),
    Method("survey-logit", difference.fit_logistic, frozenset({"share"})),
    Method("survey-ordered", difference.fit_ordered, _BOTH),
    Method("panel-change", attrition.fit, _BOTH),
    Method("neighborhood-means", difference.fit_areas, _BOTH),
)

METHODS: dict[str, Method] = {method.name: method for method in _TABLE}


def default(sample: Sample) -> Method:
    """The method used when a plan names none."""
    return METHODS["panel-change" if sample.again is not None else "survey-did"]


def why(sample: Sample) -> Fact:
    """Why the default is what it is, for the report."""
    return fact(f"survey.methods.why-{'waves' if sample.again is None else 'panel'}")


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
    measured = of_item(sample, scale) if isinstance(scale, str) else scale
    return chosen(sample, method, options).fit(sample, measured)


def chosen(
    sample: Sample, method: str | None = None, options: Mapping[str, object] | None = None
) -> Method:
    """The method that suits, or the one named, with its settings.

    Raises
    ------
    FitError : for a method or a setting that is not known.
    """
    if method is not None and (not isinstance(method, str) or method not in METHODS):
        raise FitError(
            fact(
                "survey.methods.not-survey-method",
                method=method,
                did_you_mean=did_you_mean(method, list(METHODS)),
            )
        )
    asked = default(sample) if method is None else METHODS[method]
    return asked.set_to(options or {})
