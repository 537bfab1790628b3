"""Keys and methods of a plan that are not for its design, where designs for people and surveys meet
the others."""

from __future__ import annotations

from evaluation import survey
from evaluation.data.toml_places import Located, did_you_mean
from evaluation.errors import Fault
from evaluation.individual import methods as people_methods
from evaluation.study.plan.designs import Key
from evaluation.study.plan.schema import OF_RECORDS, Plan

_FIELDS = {"specification": "terms"}
# Tables and keys that need a series of periods, or units of places.
_OF_SERIES: tuple[Key, ...] = (
    *((key,) for key in ("unit", "later", "curve", "controls", "contaminated", "spillover")),
    *((key,) for key in ("beside", "cluster", "matched", "sites", "window", "adoption")),
    *(("intervention", key) for key in ("phase_in", "washout", "half_life", "dose", "fade", "end")),
    *(("specification", key) for key in ("effect", "trend", "season", "harmonics", "offset")),
)
_OF_PEOPLE: tuple[Key, ...] = (("estimand",), ("event_data",))
_OF_SURVEYS: tuple[Key, ...] = (("subgroups",), ("rake",))
_ALTERNATIVES = {
    "individual": ("model", "options", "estimand", "covariates", "trim", "horizon"),
    "survey": ("model", "options", "covariates"),
}
_OUTCOMES = {"individual": ("horizon",), "survey": ("least_answered", "at_least")}
_ALWAYS = {"label", "assumes"}


def written(plan: Plan, path: Key) -> bool:
    """Whether a key stands in the plan, be it with its default value."""
    found: object = plan
    for key in path:
        name = _FIELDS.get(str(key), str(key))
        if name not in getattr(found, "model_fields_set", ()):
            return False
        found = getattr(found, name)
    return True


def records_misplaced(plan: Plan, located: Located) -> list[Fault]:
    """Of a plan for people or a survey: keys that are written but not for it, methods of others."""
    design = plan.design
    other = _OF_SURVEYS if design == "individual" else _OF_PEOPLE
    message = f'is not for design = "{design}". Leave it out'
    said: list[tuple[Key, str]] = [
        (path, message) for path in (*_OF_SERIES, *other) if written(plan, path)
    ]
    if design == "survey" and plan.intervention.treatment is not None:
        said.append((("intervention", "treatment"), message))
    for index, outcome in enumerate(plan.outcomes):
        foreign = {*OF_RECORDS["outcomes"]["__all__"], "first", "last"} - set(_OUTCOMES[design])
        said += [
            (("outcomes", index, key), message)
            for key in sorted(foreign & outcome.model_fields_set)
        ]
    for index, alternative in enumerate(plan.alternatives):
        known = _ALWAYS | set(_ALTERNATIVES[design])
        said += [
            (("alternatives", index, key), message)
            for key in sorted(alternative.model_fields_set - known)
        ]
    methods = people_methods.NAMES if design == "individual" else tuple(survey.METHODS)
    named: list[tuple[Key, str | None]] = [(("model",), plan.model)]
    named += [
        (("alternatives", index, "model"), one.model) for index, one in enumerate(plan.alternatives)
    ]
    said += [
        (path, f"{name!r} is no method of design = {design!r}.{did_you_mean(name, methods)}")
        for path, name in named
        if name is not None and name not in methods
    ]
    said += [
        (("events", index, "periods"), message)
        for index, event in enumerate(plan.events)
        if event.periods is not None
    ]
    return [located.fault(path, words) for path, words in said]


def of_records(plan: Plan) -> list[tuple[Key, str]]:
    """Of a plan of another design: keys that are only for people or surveys."""
    message = f'is for people or surveys; this plan has design = "{plan.design}". Leave it out'
    said: list[tuple[Key, str]] = [
        (path, message) for path in (*_OF_PEOPLE, *_OF_SURVEYS) if written(plan, path)
    ]
    for table, entries in (("outcomes", plan.outcomes), ("alternatives", plan.alternatives)):
        keys = OF_RECORDS[table]["__all__"]
        said += [
            ((table, index, key), message)
            for index, entry in enumerate(entries)
            for key in sorted(keys & entry.model_fields_set)
        ]
    return said
