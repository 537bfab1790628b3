"""Questions asked of a survey and of an effect on one of its scales.

A check that cannot be made says why and does not judge (`passed` None).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from evaluation.data.findings import SMALLEST, share_of, words_of
from evaluation.effect import Check, Effect
from evaluation.errors import EvaluationError, FitError
from evaluation.survey import attrition, means
from evaluation.survey.difference import few_units, linear, model
from evaluation.survey.method import Method
from evaluation.survey.sample import Sample
from evaluation.survey.scales import Scale, answers, reliability, score
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
    name, question = "scale-reliability", "Do the items of the scale measure one thing?"
    if len(scale.items) < 2:
        return Check(name, question, None, "The outcome is a single item.")
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
        return Check(name, question, None, f"Not possible: {fault}.", tuple(rows))
    least = min(row["alpha"] for row in rows)
    says = (
        f"Alpha is {rows[0]['alpha']:.2f} ({rows[0]['low']:.2f} to {rows[0]['high']:.2f}); the "
        f"lowest in a group and wave is {least:.2f}."
    )
    if rows[0]["its correlation with the rest"] < 0:
        item = rows[0]["weakest item"]
        says += f" Item {item} goes against the others: is it worded the other way round?"
        return Check(name, question, False, says, tuple(rows))
    return Check(name, question, bool(least >= ENOUGH_ALPHA), says, tuple(rows))


def sampling_units(sample: Sample, scale: Scale) -> Check:
    """Sampling units, areas and effective respondents of each group and wave."""
    name, question = "sampling-units", "Are there enough sampling units for the errors?"
    values = score(sample, scale)
    used = np.isfinite(values)
    rows: list[Row] = []
    for label, among in _cells(sample):
        cell = used & among
        if not cell.any():
            return Check(name, question, None, f"Not possible: nobody answered in {label}.")
        rows.append(
            {
                "who": label,
                "respondents": int(cell.sum()),
                "effective": means.effective(sample.weight[cell]),
                "units": len(np.unique(sample.design.psu[cell])),
                "areas": 0 if sample.area is None else len(np.unique(sample.area[cell])),
            }
        )
    trouble = few_units(sample, used)
    units = min(row["units"] for row in rows)
    some = f"Some group has {words_of(units)} sampling units in a wave."
    enough = f"Every group has {words_of(units)} sampling units or more in each wave."
    says = trouble or (some if units < SMALLEST else enough)
    if sample.area is not None:
        areas = min(row["areas"] for row in rows)
        says = f"{says.rstrip('.')}. They lie in {areas} neighborhoods or more a group"
        if areas < 6:
            says += (
                ", too few to speak for others: the errors are those of these neighborhoods, and "
                "leave out what else happened to one of them"
            )
        says += "."
    return Check(name, question, trouble is None, says, tuple(rows))


def non_response(sample: Sample, scale: Scale) -> Check:
    """The weighted share without a score in each group and wave, and how much more it changed; in
    whole percents, and of fewer than 10 people only that they are few."""
    name = "item-non-response"
    question = "Did refusals to answer change differently in the treated areas?"
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
    ends = dict.fromkeys(share_of(rate, asked) for rate in (min(rates), max(rates)))
    says = f"{' to '.join(ends).capitalize()} of a group and wave have no score."
    for row in rows:
        for column in ("without a score", "empty answers"):
            row[column] = share_of(row[column], asked)
    return Check(name, question, bool(gap <= TOLERATED_POINTS), says, tuple(rows))


def composition(sample: Sample, scale: Scale) -> Check:
    """The same difference-in-differences of each trait: did other people answer?"""
    name = "who-answered"
    question = "Did the make-up of the respondents change differently in the treated areas?"
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
        return Check(name, question, None, "Not possible: the survey has no traits.")
    return _none_moved(name, question, "trait", rows)


def placebo_scales(sample: Sample, placebos: Sequence[Scale]) -> Check:
    """The linear method on scales that the program cannot have changed."""
    name = "placebo-scales"
    question = "Does the method find an effect on answers the program could not change?"
    if not placebos:
        return Check(name, question, None, "Not possible: the plan names no such scale.")
    rows: list[Row] = []
    for one in placebos:
        answer = linear(sample, model(sample, one))
        rows.append({"scale": one.name, **_row(answer.estimate, *answer.bounds)})
    return _none_moved(name, question, "scale", rows)


def without_each_area(sample: Sample, scale: Scale, method: Method, effect: Effect) -> Check:
    """The method again without each neighborhood."""
    name, question = "leave-one-out", "Does the answer hang on one neighborhood?"
    if sample.area is None:
        return Check(name, question, None, "Not possible: the survey names no neighborhoods.")
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
        return Check(name, question, None, "Not possible: too few neighborhoods.")
    ends = [row["estimate"] for row in rows]
    turned = [row["without"] for row in rows if row["estimate"] * effect.estimate < 0]
    says = f"Without one neighborhood the effect is between {min(ends):.3f} and {max(ends):.3f}."
    if turned:
        says += f" It changes sign without {', '.join(turned)}."
    return Check(name, question, not turned, says, tuple(rows))


def each_item(sample: Sample, scale: Scale) -> Check:
    """The effect on each item, with Holm's p-values."""
    name, question = "each-item", "Do the items of the scale move together?"
    if len(scale.items) < 2:
        return Check(name, question, None, "The outcome is a single item.")
    try:
        family = by_scale(sample, [scale.one(item) for item in scale.items])
    except FitError as fault:
        return Check(name, question, None, f"Not possible: {fault}.")
    rows = tuple(
        {
            "item": member.name,
            **_row(member.estimate, member.low, member.high, member.p_value),
            "p over all items": member.adjusted,
        }
        for member in family.members
    )
    up = sum(member.estimate > 0 for member in family.members)
    says = f"{up} of {len(rows)} items rise."
    if family.differ is None:
        return Check(name, question, None, says, rows)
    says += f" That all move by the same amount has p {family.differ:.2g}."
    return Check(name, question, bool(family.differ >= LEVEL), says, rows)


def unweighted(sample: Sample, scale: Scale, method: Method, effect: Effect) -> Check:
    """The method with equal weights."""
    name, question = "without-weights", "Does the answer hang on the weights?"
    equal = replace(sample.design, weight=np.ones(len(sample.wave)), margins=None)
    try:
        found = method.fit(replace(sample, design=equal), scale)
    except EvaluationError as fault:
        return Check(name, question, None, f"Not possible: {fault}.")
    if found.objection is not None:
        says = f"Not possible: not valid here: {found.objection}."
        return Check(name, question, None, says)
    rows = (
        {"weights": "as given", **_row(effect.estimate, effect.low, effect.high, effect.p_value)},
        {"weights": "equal", **_row(found.estimate, found.low, found.high, found.p_value)},
    )
    says = (
        f"With equal weights the effect is {found.estimate:.3f} "
        f"({found.low:.3f} to {found.high:.3f})."
    )
    return Check(name, question, bool(effect.low <= found.estimate <= effect.high), says, rows)


def leavers(sample: Sample, scale: Scale) -> Check:
    """Who left the panel, and whether their first scores differ from those who stayed."""
    name, question = "attrition", "Did different people leave the panel in the two groups?"
    try:
        people = attrition.panel(sample, scale)
    except FitError as fault:
        return Check(name, question, None, f"Not possible: {fault}.")
    rows: list[Row] = []
    shares: list[float] = []
    told: list[str] = []
    for flag, group in ((True, "treated"), (False, "comparison")):
        among = sample.treated[people.first] == flag
        weight = sample.weight[people.first]
        left = among & ~people.stayed
        kept = among & people.stayed
        share = 100 * float(weight[left].sum() / weight[among].sum())
        shares.append(share)
        told.append(share_of(share, int(among.sum())))
        rows.append(
            {
                "group": group,
                "left, %": share if told[-1][0].isdigit() else told[-1],
                "first score of those who left": _average(people.before, weight, left),
                "of those who stayed": _average(people.before, weight, kept),
            }
        )
    gap = abs(shares[0] - shares[1])
    says = f"{told[0]} of the treated and {told[1]} of the comparison group left."
    says = says[0].upper() + says[1:]
    return Check(name, question, bool(gap <= TOLERATED_LEAVERS), says, tuple(rows))


def subset(sample: Sample, keep: np.ndarray) -> Sample:
    """The sample with only these respondents in it; the others stay in the design, unasked."""
    return replace(sample, items=np.where(keep[:, None], sample.items, np.nan))


def _cells(sample: Sample, everyone: bool = False) -> list[tuple[str, np.ndarray]]:
    cells = [("everyone", np.ones(len(sample.wave), bool))] if everyone else []
    for flag, group in ((True, "treated"), (False, "comparison")):
        for number, wave in enumerate(sample.waves):
            cells.append((f"{group}, {wave}", (sample.treated == flag) & (sample.wave == number)))
    return cells


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


def _none_moved(name: str, question: str, what: str, rows: Sequence[Row]) -> Check:
    moved = [row for row in rows if row["p_value"] < LEVEL / len(rows)]
    if not moved:
        says = f"None of {len(rows)} moved more than chance allows (p below {LEVEL:g} over all)."
        return Check(name, question, True, says, tuple(rows))
    listed = "; ".join(
        f"{row[what]} {row['estimate']:.3f} (p {row['p_value']:.2g})" for row in moved
    )
    return Check(name, question, False, f"Moved: {listed}.", tuple(rows))
