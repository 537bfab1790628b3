"""What a method of a plan has no use for: refused where it is written, told where it is inherited.

Each row says what a method ignores. `tests/study/test_plan_ignored.py` fits every method with and
without each of them, so that a row that is not true, or is missing, fails there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from evaluation import did
from evaluation.its.series import Specification
from evaluation.study.plan.phrases import listed, plain
from evaluation.study.plan.schema import Plan

Key = tuple[str | int, ...]
Said = Iterator[tuple[Key, str]]
# Terms of the specification that a forecast of the time before cannot use, by method.
OF_FORECAST: Mapping[str, tuple[str, ...]] = {"structural": ("effect", "half_life")}
# Methods that adjust for covariates whatever their settings.
_ADJUST = ("callaway-santanna", "calibration")


ADJUSTING = listed([*_ADJUST, "honest-did", 'synthetic-control with match = "predictors"'])


def adjusts(method: str, options: Mapping[str, object]) -> bool:
    """Whether a difference-in-differences by this method, set so, uses the covariates it is given.

    Covariates that a setting names, such as the coordinates of Conley errors, are used by that
    setting and count too.
    """
    if method in _ADJUST:
        return True
    if method == "honest-did":
        return options.get("estimator", "callaway-santanna") == "callaway-santanna"
    if method == "synthetic-control":
        return options.get("match") == "predictors"
    if method == "twfe":
        return options.get("errors") == "conley"
    return method in ("triple-difference", "spillover")


def clusters(method: str) -> bool:
    """Whether a method has a use for clusters, be it to refuse them."""
    return "cluster" not in did.METHODS[method].ignores


def unadjusted_note(covariates: tuple[str, ...], method: str, options: Mapping[str, object]) -> str:
    """That an answer is not adjusted for what was given, or nothing."""
    if not covariates or adjusts(method, options):
        return ""
    names = listed([plain(one) for one in covariates])
    return f"not adjusted for {names}: {method} does not adjust"


def cluster_note(cluster: str | None, method: str) -> str:
    """That errors do not go together within clusters, or nothing."""
    if cluster is None or clusters(method):
        return ""
    return f"{method} judges one unit beside others and has no use for {plain(cluster)}"


def forecast_faults(plan: Plan) -> Said:
    """Keys of an interrupted time series that the method they are given to does not use."""
    written = {
        "effect": ("specification",) if "effect" in plan.terms.model_fields_set else None,
        "half_life": ("intervention",) if plan.intervention.half_life is not None else None,
    }
    for name in OF_FORECAST.get(plan.model or "", ()):
        table = written[name]
        if table is not None and getattr(plan.specification(), name) not in ("level", None):
            yield (*table, name), _no_use(name, plan.model or "")
    if plan.model in OF_FORECAST and plan.intervention.dose is not None:
        yield ("intervention", "dose"), _no_use("dose", plan.model or "")
    for index, alternative in enumerate(plan.alternatives):
        method = alternative.model or plan.model or ""
        for name in OF_FORECAST.get(method, ()):
            if getattr(alternative, name) not in (None, "level"):
                yield ("alternatives", index, name), _no_use(name, method)


def forecast_notes(specification: Specification, dose: str | None, method: str) -> tuple[str, ...]:
    """What of the headline's terms an answer does not use, in words."""
    unused = [
        name
        for name in OF_FORECAST.get(method, ())
        if getattr(specification, name) not in ("level", None)
    ]
    if method in OF_FORECAST and dose is not None:
        unused.append("dose")
    return tuple(
        f"{plain(name)} is not used: {method} forecasts the time before" for name in unused
    )


def _no_use(name: str, method: str) -> str:
    return f"{method} forecasts the time before the start and has no use for it; leave {name} out"


def harmonic_faults(plan: Plan) -> Said:
    """Waves that are written where the season has none."""
    words = 'are of season = "fourier"; this season has none. Leave it out'
    if "harmonics" in plan.terms.model_fields_set and plan.terms.season != "fourier":
        yield ("specification", "harmonics"), words
    for index, alternative in enumerate(plan.alternatives):
        season = alternative.season or plan.terms.season
        if alternative.harmonics is not None and season != "fourier":
            yield ("alternatives", index, "harmonics"), words


def covariates_of(plan: Plan, index: int | None) -> Iterator[tuple[Key, str]]:
    """The covariates that a plan, or one of its alternatives, names itself, with where."""
    if index is None:
        yield from ((("specification", "covariates"), name) for name in plan.terms.covariates)
        yield from ((("matched",), name) for name in plan.matched)
        return
    for name in plan.alternatives[index].covariates or ():
        yield ("alternatives", index, "covariates"), name


def unused_faults(
    plan: Plan, index: int | None, answers: Sequence[tuple[str, Mapping[str, object]]]
) -> Said:
    """Covariates and clusters that a difference-in-differences was given and that no answer uses.

    Parameters
    ----------
    index : of an alternative, None for the headline. answers : method and settings by planned
        outcome.
    """
    methods = listed(list(dict.fromkeys(method for method, _ in answers)))
    if not any(adjusts(method, options) for method, options in answers):
        for path, name in covariates_of(plan, index):
            words = (
                f"{name!r} would not be used: {methods} compares each unit with itself and does "
                f"not adjust. Leave it out, or name a method that does: {ADJUSTING}"
            )
            yield path, words
    clustered = any(clusters(method) for method, _ in answers)
    if index is None and plan.cluster is not None and not clustered:
        words = f"{methods} judges one unit beside others, without clusters; leave it out"
        yield ("cluster",), words
