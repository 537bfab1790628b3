"""What an alternative changes of the headline, for every design; and the headline, which changes
nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from evaluation.data.records import Records
from evaluation.individual.methods import HORIZON
from evaluation.its.series import Specification
from evaluation.numeric.panel.doubly_robust import Estimand
from evaluation.study.plan.adoption_keys import Gaps
from evaluation.study.plan.schema import Plan, PlannedAlternative, PlannedOutcome
from evaluation.study.plan.tables import Trim


@dataclass(frozen=True, slots=True)
class Change:
    """What differs from the headline; what is None is as in the headline.

    Parameters
    ----------
    alternative : of the plan. exposed : whether the columns of [spillover] are needed. controls :
        False for the treated series alone, as an alternative of the plan can say too.
    """

    alternative: PlannedAlternative | None = None
    exposed: bool = False
    controls: bool = True

    def _own(self, key: str, planned: Any) -> Any:
        own = None if self.alternative is None else getattr(self.alternative, key)
        return planned if own is None else own

    def options(self, plan: Plan) -> Mapping[str, Any]:
        """The settings of the method."""
        if self.alternative is None:
            return plan.options
        return plan.alternative_options(self.alternative)

    def model(self, plan: Plan) -> str | None:
        """The method's name, None for the default."""
        return cast("str | None", self._own("model", plan.model))

    def terms(self, plan: Plan) -> Specification:
        """The terms of the model of a series."""
        if self.alternative is None:
            return plan.specification()
        return plan.alternative_specification(self.alternative)

    def begin(self, plan: Plan) -> str:
        """The first period of the intervention."""
        return cast(str, self._own("start", plan.intervention.start))

    def beside_controls(self) -> bool:
        """Whether a series is compared with the controls of the plan."""
        return self.controls and self._own("controls", None) is not False

    def gaps(self, plan: Plan) -> Gaps:
        """What becomes of periods that were not reported."""
        return cast(Gaps, self._own("gaps", plan.window.gaps))

    def around(self, plan: Plan) -> tuple[int | None, int | None]:
        """Periods before and from its start on in which a treated unit is used; None for all."""
        return self._own("before", plan.window.before), self._own("after", plan.window.after)

    def washout(self, plan: Plan) -> int:
        """Periods from the start on that are left out."""
        return cast(int, self._own("washout", plan.intervention.washout))

    def phase_in(self, plan: Plan) -> int:
        """Periods over which the effect comes in."""
        return cast(int, self._own("phase_in", plan.intervention.phase_in))

    def weights(self, plan: Plan) -> str | None:
        """The column that says how much each unit counts; None where all count the same."""
        return self._own("weights", plan.weights) or None

    def estimand(self, plan: Plan) -> Estimand:
        """On whom the effect is: the planned, or its own."""
        return cast(Estimand, self._own("estimand", plan.estimand))

    def horizon(self, outcome: PlannedOutcome | None) -> int:
        """Days after entry by which an event counts."""
        planned = None if outcome is None else outcome.horizon
        return cast(int, self._own("horizon", planned or HORIZON))

    def trim(self) -> Trim | None:
        """Who is left out, when it says so."""
        return cast("Trim | None", self._own("trim", None))

    def covariates(self, plan: Plan, records: Records) -> tuple[str, ...]:
        """What people are made alike in: its own, the planned, or all that was known at entry."""
        if self.alternative is not None and self.alternative.covariates is not None:
            return self.alternative.covariates
        if "covariates" in plan.terms.model_fields_set:
            return plan.terms.covariates
        return known_at_entry(records)


AS_PLANNED: Final = Change()


def known_at_entry(records: Records) -> tuple[str, ...]:
    """The covariates, and the events in windows before entry."""
    found = (*records.named("covariate"), *records.named("history"))
    return tuple(column.name for column in found)
