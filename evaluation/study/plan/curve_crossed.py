"""The specification curve of a comparison: what a plan crosses, and faults of it."""

from __future__ import annotations

from itertools import product
from typing import Any, Final

from evaluation.study.plan.designs import Said, repeated
from evaluation.study.plan.schema import Plan
from evaluation.study.plan.tables import AlternativeDid, PlannedAlternative

# Each specification is a fit of its own: with more a study takes longer than anybody waits.
MOST: Final = 500
CROSSED: Final = (
    "start",
    "washout",
    "phase_in",
    "first",
    "last",
    "before",
    "after",
    "adopters",
    "methods",
    "gaps",
    "leave_out",
)


def crossed(plan: Plan) -> list[PlannedAlternative]:
    """Every combination of the curve, as alternatives; nothing when the plan crosses nothing."""
    curve = plan.curve
    if curve is None:
        return []
    keys = [key for key in CROSSED if getattr(curve, key)]
    if not keys:
        return []
    return [
        _alternative(dict(zip(keys, values, strict=True)))
        for values in product(*(getattr(curve, key) for key in keys))
    ]


def _alternative(values: dict[str, Any]) -> PlannedAlternative:
    """One combination as an alternative of the plan."""
    changed = dict(values)
    if "methods" in changed:
        changed["model"] = changed.pop("methods")
    if "adopters" in changed:
        changed["adoption"] = {"adopters": changed.pop("adopters")}
    label = ", ".join(f"{key} {shown(value)}" for key, value in values.items())
    return AlternativeDid.model_validate({"label": label, **changed})


def shown(value: object) -> str:
    """A choice as a table shows it."""
    if isinstance(value, tuple):
        return ", ".join(value) or "nobody"
    return str(value)


def did_curve_faults(plan: Plan) -> Said:
    """What a curve crosses that is none, too much, or twice."""
    curve = plan.curve
    if curve is None:
        return
    if not any(getattr(curve, key) for key in CROSSED):
        if not any(getattr(curve, key) for key in type(curve).model_fields):
            yield ("curve",), f"crosses nothing; name choices of {', '.join(CROSSED)}"
        return
    size = 1
    for key in CROSSED:
        values = getattr(curve, key)
        size *= max(len(values), 1)
        for _, value in repeated([shown(value) for value in values]):
            yield ("curve", key), f"{value!r} is named twice"
    if size > MOST:
        yield ("curve",), f"crosses to {size} specifications; at most {MOST}, name fewer"
    if curve.start and plan.intervention.treatment is not None:
        yield ("curve", "start"), "the treatment column says when each unit starts; leave it out"
    treated = {plan.unit, *(site.unit for site in plan.sites)} - {""}
    for names in curve.leave_out:
        for name in names:
            if name in treated:
                yield ("curve", "leave_out"), f"{name!r} is treated; only controls can be left out"
