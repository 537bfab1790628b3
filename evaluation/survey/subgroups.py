"""Families of effects: by race, by neighborhood, by scale, with error rates that hold for all.

Effects of a family share respondents and sampling units, so they are estimated together: Romano
and Wolf's adjustment draws signs for whole sampling units and moves every effect at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np

from evaluation.data import counted
from evaluation.data.counted import SMALLEST
from evaluation.data.one_per_row import code
from evaluation.errors import FitError
from evaluation.fact import Fact, fact
from evaluation.method import refuse_unbounded
from evaluation.numeric.shared import wild
from evaluation.numeric.shared.draws import stream
from evaluation.numeric.shared.permutation import holm, romano_wolf
from evaluation.numeric.survey import weighted
from evaluation.survey.difference import linear, model
from evaluation.survey.effects import Answer, valid
from evaluation.survey.sample import Sample
from evaluation.survey.scales import Scale

Control = Literal["holm", "romano-wolf"]

DRAWS = 4999
SEED = 1
AREA = "area"


@dataclass(frozen=True, slots=True)
class Member:
    """One effect of a family, by t(df); adjusted is the p-value that holds over the family."""

    name: str
    estimate: float
    std_error: float
    df: float
    low: float
    high: float
    p_value: float
    adjusted: float
    n: int


@dataclass(frozen=True, slots=True)
class Family:
    """Effects with a common error rate.

    differ : p-value of the hypothesis that all effects are equal (Wald F), or None for one effect
        or where it cannot be made. left_out : by name, why there is no effect.
    """

    members: tuple[Member, ...]
    control: Control
    differ: float | None
    left_out: Mapping[str, Fact]


def by_subgroup(
    sample: Sample,
    scale: Scale,
    trait: str,
    *,
    covariates: Sequence[str] = (),
    control: Control = "holm",
    draws: int | None = None,
    seed: int | None = None,
) -> Family:
    """The effect in each subgroup by the weighted linear model within it.

    Parameters
    ----------
    trait : a trait with levels, or "area": each treated neighborhood beside every comparison.
    control : "holm", or "romano-wolf" with so many `draws` of signs for sampling units.

    Raises
    ------
    FitError, DataError : when there is no such trait, or no subgroup can be estimated.
    """
    domains: dict[str, np.ndarray] = {}
    if trait == AREA:
        if sample.area is None:
            raise FitError(fact("survey.subgroups.survey-has-no-neighborhoods-area"))
        for number, name in enumerate(sample.areas):
            here = sample.area == number
            if sample.treated[here].any():
                domains[name] = here | ~sample.treated
    else:
        values = sample.trait(trait)
        known = np.isfinite(values) if values.dtype.kind == "f" else values != ""
        for level in np.unique(values[known]):
            domains[code(level)] = values == level
    answers: dict[str, Answer] = {}
    left_out: dict[str, Fact] = {}
    for name, among in domains.items():
        try:
            design = model(sample, scale, covariates, among)
            # Groups with fewer respondents in a wave are neither estimated nor shown.
            least = min(int((design.used & cell).sum()) for _, _, cell in sample.cells())
            if least < SMALLEST:
                few = counted.people(least)
                left_out[name] = fact("survey.subgroups.few", few=few)
                continue
            answers[name] = valid(sample, linear(sample, design))
        except FitError as fault:
            left_out[name] = fault.fact
    return _family(sample, answers, control, draws, seed, left_out)


def by_scale(
    sample: Sample,
    scales: Sequence[Scale],
    *,
    covariates: Sequence[str] = (),
    control: Control = "holm",
    draws: int | None = None,
    seed: int | None = None,
) -> Family:
    """The effect on each of several scales by the weighted linear model, as one family.

    Raises
    ------
    FitError, DataError : when a scale cannot be built, or none can be estimated.
    """
    answers: dict[str, Answer] = {}
    left_out: dict[str, Fact] = {}
    for scale in scales:
        try:
            answers[scale.name] = valid(sample, linear(sample, model(sample, scale, covariates)))
        except FitError as fault:
            left_out[scale.name] = fault.fact
    return _family(sample, answers, control, draws, seed, left_out)


def _family(
    sample: Sample,
    answers: Mapping[str, Answer],
    control: Control,
    draws: int | None,
    seed: int | None,
    left_out: Mapping[str, Fact],
) -> Family:
    if control not in get_args(Control):
        raise FitError(
            fact("survey.subgroups.control-not", get_args=tuple(get_args(Control)), control=control)
        )
    if control == "holm" and not (draws is None and seed is None):
        raise FitError(fact("survey.subgroups.holm-draws-nothing-leave-out"))
    refuse_unbounded({"draws": draws, "seed": seed})
    if draws is not None and draws < 1:
        raise FitError(fact("survey.subgroups.draws-must-be-1-more", draws=draws))
    if not answers:
        of: dict[str, tuple[Fact, list[str]]] = {}
        for name, why in left_out.items():
            of.setdefault(str(why), (why, []))[1].append(name)
        reasons = [
            fact("survey.subgroups.left-out", names=names, why=why) for why, names in of.values()
        ]
        raise FitError(fact("survey.subgroups.no-effect-family-can-be", reasons=reasons))
    members = []
    for name, answer in answers.items():
        low, high, p_value = answer.bounds
        members.append(
            Member(
                name,
                answer.estimate,
                answer.std_error,
                answer.df,
                low,
                high,
                p_value,
                p_value,
                int(answer.used.sum()),
            )
        )
    influence = np.column_stack([_influence(answer) for answer in answers.values()])
    used = np.column_stack([answer.used for answer in answers.values()])
    sums = weighted.psu_sums(influence, sample.design, used)
    if control == "holm":
        adjusted = holm(np.array([member.p_value for member in members]))
    else:
        errors = np.array([member.std_error for member in members])
        null = (
            wild.multiplied(
                sums, draws or DRAWS, stream(SEED if seed is None else seed, "romano-wolf")
            )
            / errors
        )
        ratios = np.array([member.estimate for member in members]) / errors
        # A step-down of draws may not claim more than one test alone would.
        adjusted = np.maximum(romano_wolf(ratios, null), [m.p_value for m in members])
    return Family(
        tuple(
            replace(member, adjusted=float(value))
            for member, value in zip(members, adjusted, strict=True)
        ),
        control,
        _differ(members, sums.T @ sums),
        left_out,
    )


def _influence(answer: Answer) -> np.ndarray:
    if answer.influence is None:
        raise FitError(fact("survey.subgroups.method-has-no-influence-values"))
    return answer.influence


def _differ(members: Sequence[Member], covariance: np.ndarray) -> float | None:
    """Wald F of equal effects, as regTermTest: q and (least df - q + 1) degrees of freedom."""
    from scipy.stats import f

    q = len(members) - 1
    df = min(member.df for member in members) - q + 1
    if q < 1 or df < 1:
        return None
    contrast = np.hstack([-np.ones((q, 1)), np.eye(q)])
    gap = contrast @ np.array([member.estimate for member in members])
    spread = contrast @ covariance @ contrast.T
    if np.linalg.cond(spread) > 1e12:
        return None
    return float(f.sf(gap @ np.linalg.solve(spread, gap) / q, q, df))
