"""One estimator as the plan names it and the report explains it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from evaluation.data.settings import set_to, settings_of
from evaluation.effect import Effect
from evaluation.errors import FitError
from evaluation.fact import Fact, fact
from evaluation.numeric.shared.solvable import solvable
from evaluation.survey.effects import Answer, effect
from evaluation.survey.sample import Sample
from evaluation.survey.scales import Kind, Scale


@dataclass(frozen=True, slots=True)
class Method:
    """A row of the METHODS table.

    Parameters
    ----------
    solve : sample and scale in, an `Answer` out; its keyword-only arguments are the settings a plan
        may give it.
    kinds : of scales it is for. estimand, assumes, coverage : in words; the coverage of nominal
        95 % intervals is that of the project's seeded study, or "not measured".
    """

    name: str
    solve: Callable[..., Answer]
    kinds: frozenset[Kind]
    label: str
    estimand: str
    assumes: str
    coverage: str

    @property
    def options(self) -> tuple[str, ...]:
        """Names of the settings."""
        return settings_of(self.solve)

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

    def set_to(self, options: Mapping[str, object]) -> Method:
        """The same method with settings of its own.

        Raises
        ------
        FitError : for a setting it does not have, or a value of another type.
        """
        return replace(self, solve=set_to(self.solve, self.name, options))
