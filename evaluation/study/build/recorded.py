"""What an outcome and a place are declared to be, and what follows for the method of a series.

Nothing is read out of a name or a label: `offense`, `family` and `about` of the column, `place` and
`agencies` of the table say it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from evaluation import its
from evaluation.data.panel import Column, Panel
from evaluation.fact import Fact, fact
from evaluation.its.learned import NAME as LEARNED
from evaluation.study.plan.schema import Plan, PlannedAlternative, kind_of

Recorded = Literal["crime", "other", "undeclared"]
# Vehicle thefts were among what taught; in 40 US agencies the learned weights find a change after
# 9.0 % of pretended starts in them, flat ones after 10.9 %.
CRIME = ("homicide", "gun violence", "violence", "crime")
# What police and courts do, and what people think, whatever family it belongs with.
_NO_CRIME = frozenset({"enforcement", "trust"})
UNITED_STATES = "us-"
# The setting by which a method leans on what crime recorded by police taught; nought is flat.
LEANS = "learned"


def recorded(column: Column) -> Recorded:
    """Whether an outcome is declared as crime that police record, as something else, or not."""
    if column.offense or (column.family in CRIME and not _NO_CRIME & set(column.about)):
        return "crime"
    return "other" if column.family or _NO_CRIME & set(column.about) else "undeclared"


def planned_method(plan: Plan, column: Column) -> its.Method:
    """The headline's method for an outcome, with its settings."""
    return _set(plan.method(kind_of(column)), plan.options, column)


def alternative_method(plan: Plan, planned: PlannedAlternative, column: Column) -> its.Method:
    """The method of a planned alternative, with its settings."""
    name = plan.alternative_method(planned, kind_of(column))
    return _set(name, plan.alternative_options(planned), column)


def _set(name: str, options: Mapping[str, object], column: Column) -> its.Method:
    """Where the plan does not say how far to lean on what crime taught, an outcome that is declared
    as something else does not."""
    flat = name == LEARNED and LEANS not in options and recorded(column) == "other"
    return its.METHODS[name].set_to({**options, LEANS: 0.0} if flat else options)


def weights_used(plan: Plan, column: Column) -> Fact | None:
    """Which weights before the data were used, and why; None where the method has none or the plan
    says it."""
    if plan.method(kind_of(column)) != LEARNED or LEANS in plan.options:
        return None
    return fact(f"plan.chosen.weights-{recorded(column)}", outcome=column.label)


def of_us_crime(panel: Panel, unit: str, column: Column) -> bool:
    """Whether counts are of crimes in the United States; so is taken what nothing is declared of,
    where a caution that is not needed costs less than one that is missing."""
    place = panel.provenance.place_of(unit)
    here = place.startswith(UNITED_STATES) or unit in panel.agencies or not place
    return here and recorded(column) != "other"
