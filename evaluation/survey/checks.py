"""Questions asked of a survey and of an effect on one of its scales.

A check that cannot be made says why and does not judge (`passed` None).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from evaluation.data import counted
from evaluation.data.counted import SMALLEST
from evaluation.effect import Check, Effect
from evaluation.errors import EvaluationError, FitError
from evaluation.fact import Fact, fact
from evaluation.survey import attrition
from evaluation.survey.difference import few_units, linear, model
from evaluation.survey.methods import Method
from evaluation.survey.sample import Sample
from evaluation.survey.scales import Scale, answers, effective, reliability, score
from evaluation.survey.subgroups import by_scale

# A row of a check's table.
Row = dict[str, Any]

# Nunnally (1978), Psychometric Theory: .70 is enough to compare groups.
ENOUGH_ALPHA = 0.70
# Differences in non-response between the four cells, in percentage points, that pass unremarked.
TOLERATED_POINTS = 5.0
# What differs between groups by more than this many percentage points of leavers can mislead.
TOLERATED_LEAVERS = 10.0
LEVEL = 0.05
# Fewer neighborhoods than this in a group do not speak for others.
FEWEST_AREAS = 6


def run_checks(
    sample: Sample,
    scale: Scale,
    method: Method,
    effect: Effect,
    *,
    placebos: Sequence[Scale] = (),
) -> tuple[Check, ...]:
    """All questions that fit the sample, asked in order.

    Parameters
    ----------
    placebos : scales that the program cannot have changed, as the plan names them.
    """
    asked = [
        scale_reliability(sample, scale),
        sampling_units(sample, scale),
        non_response(sample, scale),
        composition(sample, scale),
        placebo_scales(sample, placebos),
        without_each_area(sample, scale, method, effect),
        each_item(sample, scale),
        unweighted(sample, scale, method, effect),
    ]
    if sample.again is not None:
        asked.append(leavers(sample, scale))
    return tuple(asked)


def scale_reliability(sample: Sample, scale: Scale) -> Check:
    """Alpha and omega overall and in each group and wave."""
    name = "scale-reliability"
    if len(scale.items) < 2:
        return Check(name, None, fact("survey.checks.single-item"))
    rows: list[Row] = []
    try:
        for label, among in _cells(sample, everyone=True):
            found = reliability(sample, scale, among=among)
            rows.append(
                {
                    "who": label,
                    "alpha": found.alpha,
                    "low": found.low,
                    "high": found.high,
                    "omega": float("nan") if found.omega is None else found.omega,
                    "weakest item": min(found.item_rest, key=lambda item: found.item_rest[item]),
                    "its correlation with the rest": min(found.item_rest.values()),
                    "n": found.n,
                }
            )
    except FitError as fault:
        return Check(name, None, _impossible(fault), tuple(rows), ("n",))
    least = min(row["alpha"] for row in rows)
    first = rows[0]
    against = first["its correlation with the rest"] < 0
    told = {name: first[name] for name in ("alpha", "low", "high")}
    key = "against" if against else "alpha"
    says = fact(f"survey.checks.{key}", **told, least=least, item=first["weakest item"])
    passed = bool(least >= ENOUGH_ALPHA) and not against
    return Check(name, passed, says, tuple(rows), ("n",))


def sampling_units(sample: Sample, scale: Scale) -> Check:
    """Sampling units, areas and effective respondents of each group and wave."""
    name = "sampling-units"
    used = np.isfinite(score(sample, scale))
    rows: list[Row] = []
    for label, among in _cells(sample):
        cell = used & among
        if not cell.any():
            return Check(name, None, fact("survey.checks.nobody-answered", cell=label))
        rows.append(
            {
                "who": label,
                "respondents": int(cell.sum()),
                "effective": effective(sample.weight[cell]),
                "units": len(np.unique(sample.design.psu[cell])),
                "areas": 0 if sample.area is None else len(np.unique(sample.area[cell])),
            }
        )
    trouble = few_units(sample, used)
    units = min(row["units"] for row in rows)
    key = "some-units" if units < SMALLEST else "units"
    says = trouble or fact(f"survey.checks.{key}", units=counted.people(units))
    if sample.area is not None:
        areas = min(row["areas"] for row in rows)
        key = "areas" if areas >= FEWEST_AREAS else "few-areas"
        says = fact(f"survey.checks.{key}", says=says, areas=areas)
    elif trouble is None:
        says = fact("survey.checks.sentence", says=says)
    return Check(name, trouble is None, says, tuple(rows), ("respondents", "effective"))


def non_response(sample: Sample, scale: Scale) -> Check:
    """The weighted share without a score in each group and wave, and how much more it changed; in
    whole percents, and of fewer than 10 people only that they are few."""
    name = "item-non-response"
    chosen = answers(sample, scale)
    gone = (~np.isfinite(score(sample, scale))).astype(float)
    rows: list[Row] = [
        {
            "who": label,
            "without a score": 100 * float(np.average(gone[among], weights=sample.weight[among])),
            "empty answers": 100
            * float(np.average(~np.isfinite(chosen[among]), weights=_each(sample, among, chosen))),
        }
        for label, among in _cells(sample)
    ]
    rates = [row["without a score"] for row in rows]
    gap = max(rates) - min(rates)
    asked = min(int(among.sum()) for _, among in _cells(sample))
    low, high = counted.share(min(rates), asked), counted.share(max(rates), asked)
    key = "no-score" if str(low) == str(high) else "no-score-range"
    says = fact(f"survey.checks.{key}", low=low, high=high)
    for row in rows:
        for column in ("without a score", "empty answers"):
            row[column] = str(counted.share(row[column], asked))
    return Check(name, bool(gap <= TOLERATED_POINTS), says, tuple(rows))


def composition(sample: Sample, scale: Scale) -> Check:
    """The same difference-in-differences of each trait: did other people answer?"""
    rows: list[Row] = []
    placed = _trait_columns(sample)
    for label, values in placed.items():
        stand_in, what = _as_scale(sample, label, values)
        try:
            answer = linear(stand_in, model(stand_in, what))
        except FitError:
            continue
        rows.append({"trait": label, **_row(answer.estimate, *answer.bounds)})
    if not rows:
        return Check("who-answered", None, fact("survey.checks.no-traits"))
    return _none_moved("who-answered", "trait", rows)


def placebo_scales(sample: Sample, placebos: Sequence[Scale]) -> Check:
    """The linear method on scales that the program cannot have changed."""
    if not placebos:
        return Check("placebo-scales", None, fact("survey.checks.no-placebo"))
    rows: list[Row] = []
    for one in placebos:
        answer = linear(sample, model(sample, one))
        rows.append({"scale": one.name, **_row(answer.estimate, *answer.bounds)})
    return _none_moved("placebo-scales", "scale", rows)


def without_each_area(sample: Sample, scale: Scale, method: Method, effect: Effect) -> Check:
    """The method again without each neighborhood."""
    name = "leave-one-out"
    if sample.area is None:
        return Check(name, None, fact("survey.checks.no-areas"))
    rows: list[Row] = []
    for number, area in enumerate(sample.areas):
        try:
            found = method.fit(subset(sample, sample.area != number), scale)
        except EvaluationError:
            continue
        if found.objection is not None:
            continue
        rows.append({"without": area, **_row(found.estimate, found.low, found.high, found.p_value)})
    if len(rows) < 2:
        return Check(name, None, fact("survey.checks.too-few-areas"))
    ends = [row["estimate"] for row in rows]
    turned = [row["without"] for row in rows if row["estimate"] * effect.estimate < 0]
    key = "turned" if turned else "without-one"
    says = fact(f"survey.checks.{key}", low=min(ends), high=max(ends), turned=turned)
    return Check(name, not turned, says, tuple(rows))


def each_item(sample: Sample, scale: Scale) -> Check:
    """The effect on each item, with Holm's p-values."""
    if len(scale.items) < 2:
        return Check("each-item", None, fact("survey.checks.single-item"))
    try:
        family = by_scale(sample, [scale.one(item) for item in scale.items])
    except FitError as fault:
        return Check("each-item", None, _impossible(fault))
    rows = tuple(
        {
            "item": member.name,
            **_row(member.estimate, member.low, member.high, member.p_value),
            "p over all items": member.adjusted,
        }
        for member in family.members
    )
    up = sum(member.estimate > 0 for member in family.members)
    differ = family.differ
    key = "items" if differ is None else "items-differ"
    says = fact(f"survey.checks.{key}", up=up, items=len(rows), p=differ)
    passed = None if differ is None else bool(differ >= LEVEL)
    return Check("each-item", passed, says, rows)


def unweighted(sample: Sample, scale: Scale, method: Method, effect: Effect) -> Check:
    """The method with equal weights."""
    name = "without-weights"
    equal = replace(sample.design, weight=np.ones(len(sample.wave)), margins=None)
    try:
        found = method.fit(replace(sample, design=equal), scale)
    except EvaluationError as fault:
        return Check(name, None, _impossible(fault))
    if found.objection is not None:
        barred = fact("people.not-valid", objection=found.objection)
        return Check(name, None, _impossible(barred))
    rows = (
        {"weights": "as given", **_row(effect.estimate, effect.low, effect.high, effect.p_value)},
        {"weights": "equal", **_row(found.estimate, found.low, found.high, found.p_value)},
    )
    ends: dict[str, Any] = {"estimate": found.estimate, "low": found.low, "high": found.high}
    says = fact("survey.checks.equal-weights", **ends)
    return Check(name, bool(effect.low <= found.estimate <= effect.high), says, rows)


def leavers(sample: Sample, scale: Scale) -> Check:
    """Who left the panel, and whether their first scores differ from those who stayed."""
    try:
        people = attrition.panel(sample, scale)
    except FitError as fault:
        return Check("attrition", None, _impossible(fault))
    rows: list[Row] = []
    shares: list[float] = []
    told: dict[str, Any] = {}
    weight = sample.weight[people.first]
    for group, everyone in sample.groups():
        among = everyone[people.first]
        left, kept = among & ~people.stayed, among & people.stayed
        share = 100 * float(weight[left].sum() / weight[among].sum())
        shares.append(share)
        told[group] = counted.share(share, int(among.sum()), int(left.sum()))
        exact = told[group].key == "people.share"
        rows.append(
            {
                "group": group,
                "left, %": share if exact else str(told[group]),
                "first score of those who left": _average(people.before, weight, left),
                "of those who stayed": _average(people.before, weight, kept),
            }
        )
    gap = abs(shares[0] - shares[1])
    says = fact("survey.checks.left", **told)
    return Check("attrition", bool(gap <= TOLERATED_LEAVERS), says, tuple(rows))


def _impossible(why: EvaluationError | Fact) -> Fact:
    return fact("people.not-possible", why=why)


def subset(sample: Sample, keep: np.ndarray) -> Sample:
    """The sample with only these respondents in it; the others stay in the design, unasked."""
    return replace(sample, items=np.where(keep[:, None], sample.items, np.nan))


def _cells(sample: Sample, everyone: bool = False) -> list[tuple[str, np.ndarray]]:
    cells = [("everyone", np.ones(len(sample.wave), bool))] if everyone else []
    return cells + [(f"{group}, {wave}", cell) for group, wave, cell in sample.cells()]


def _each(sample: Sample, among: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """The weight of every answer of these respondents."""
    return np.repeat(sample.weight[among][:, None], chosen.shape[1], axis=1)


def _average(values: np.ndarray, weight: np.ndarray, among: np.ndarray) -> float:
    return float(np.average(values[among], weights=weight[among])) if among.any() else float("nan")


def _trait_columns(sample: Sample) -> dict[str, np.ndarray]:
    """(n,) numbers of each trait, a column a level of text, NaN where missing."""
    placed: dict[str, np.ndarray] = {}
    for name, values in sample.traits.items():
        if values.dtype.kind == "f":
            placed[name] = values
            continue
        for level in np.unique(values[values != ""]):
            placed[f"{name} {level}"] = np.where(values == "", np.nan, values == level)
    return placed


def _as_scale(sample: Sample, name: str, values: np.ndarray) -> tuple[Sample, Scale]:
    """The same respondents with one trait in place of the items."""
    low, high = np.array([np.nanmin(values)]), np.array([np.nanmax(values)])
    stand_in = replace(sample, items=values[:, None], names=(name,), low=low, high=high)
    return stand_in, Scale(name, (name,))


def _row(estimate: float, low: float, high: float, p_value: float) -> Row:
    return {"estimate": estimate, "low": low, "high": high, "p_value": p_value}


def _none_moved(name: str, what: str, rows: Sequence[Row]) -> Check:
    moved = [row for row in rows if row["p_value"] < LEVEL / len(rows)]
    if not moved:
        says = fact("survey.checks.none-moved", rows=len(rows), level=LEVEL)
        return Check(name, True, says, tuple(rows))
    listed = [
        fact("survey.checks.one-moved", name=row[what], estimate=row["estimate"], p=row["p_value"])
        for row in moved
    ]
    return Check(name, False, fact("survey.checks.moved", moved=listed), tuple(rows))
