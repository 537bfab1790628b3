"""One estimator of a survey as the plan names it and the report explains it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

from evaluation import method
from evaluation.effect import Effect
from evaluation.errors import FitError
from evaluation.fact import Fact, fact
from evaluation.numeric.shared.solvable import solvable
from evaluation.survey.effects import effect
from evaluation.survey.sample import Sample
from evaluation.survey.scales import Scale


@dataclass(frozen=True, slots=True)
class Method(method.Method):
    """A row of the METHODS table; `solve` takes a sample and a scale and returns an `Answer`."""

    @property
    def adjusts_for(self) -> tuple[str, ...]:
        """The traits that are set as covariates."""
        settings = self.solve.keywords if isinstance(self.solve, partial) else {}
        return tuple(settings.get("covariates", ()))

    def fit(self, sample: Sample, scale: Scale) -> Effect:
        """The effect on this scale by this method.

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
            found = effect(sample, scale, self.name, self.estimand, self.solve(sample, scale))
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
