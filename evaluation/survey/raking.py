"""Weights raked to population margins, remembered so that the errors gain what the margins give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from evaluation.data import counted
from evaluation.data.one_per_row import absent, code
from evaluation.data.toml_places import did_you_mean
from evaluation.errors import DataError, FitError
from evaluation.fact import fact
from evaluation.numeric.survey import weighted as numeric
from evaluation.survey.sample import Sample
from evaluation.survey.scales import effective

# Sizes of the population by trait and level.
Margins = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Raked:
    """A sample with new weights; ratio_low and ratio_high are the least and most that a weight
    changed, effective_before and after Kish's effective numbers of respondents."""

    sample: Sample
    ratio_low: float
    ratio_high: float
    effective_before: float
    effective_after: float


def rake(
    sample: Sample,
    margins: Margins,
    *,
    most: float | None = None,
    least: float | None = None,
) -> Raked:
    """Weights that agree with the population in every wave, as survey's `rake` of each wave.

    The sum of a wave's weights becomes that of the margins. Where they are shares (sums of 1) it
    stays. Without bounds the errors count raked totals as known; with them they do not.

    Parameters
    ----------
    margins : by trait, the residents (or share) of each level; the same for every wave. most,
        least : bounds of a weight as multiples of the wave's mean; 5 and 0.2 are usual.

    Raises
    ------
    DataError : for a trait or level that is not there, or sizes that are none. FitError : when
        margins contradict each other or the bounds, or a level has no respondent in a wave.
    """
    if not margins:
        raise DataError(fact("survey.raking.no-margins"))
    for name, bound in (("most", most), ("least", least)):
        if bound is not None and not (bound > 1 if name == "most" else 0 < bound < 1):
            raise DataError(fact(f"survey.raking.{name}", value=code(bound)))
    codes = {name: _codes(sample, name, levels) for name, levels in margins.items()}
    weight = sample.weight.copy()
    for number, wave in enumerate(sample.waves):
        here = sample.wave == number
        cells = np.stack([code[here] for code in codes.values()])
        totals = [np.array(list(levels.values()), dtype=float) for levels in margins.values()]
        if all(abs(total.sum() - 1) < 1e-9 for total in totals):
            totals = [total * weight[here].sum() for total in totals]
        try:
            weight[here] = numeric.rake(weight[here], cells, totals, most=most, least=least)
        except FitError as fault:
            raise FitError(
                fact("survey.raking.wave-margins-order", wave=wave, fault=fault, codes=tuple(codes))
            ) from fault
    kept = None
    if most is None and least is None:
        # A cell a wave and level, because each wave was raked by itself.
        kept = np.stack([code + sample.wave * len(margins[name]) for name, code in codes.items()])
    change = weight / weight.mean() / (sample.weight / sample.weight.mean())
    raked = replace(sample, design=replace(sample.design, weight=weight, margins=kept))
    return Raked(
        raked,
        float(change.min()),
        float(change.max()),
        effective(sample.weight),
        effective(weight),
    )


def _codes(sample: Sample, name: str, levels: Mapping[str, float]) -> np.ndarray:
    """(n,) place of each respondent's level in the margin."""
    values = sample.trait(name)
    number = values.dtype.kind == "f"
    sizes: dict[str, float] = {}
    for level, size in levels.items():
        shown = _level(level, number)
        if not isinstance(size, (int, float, np.number)) or not (np.isfinite(size) and size > 0):
            told: dict[str, Any] = {"trait": name, "level": shown, "value": str(size)}
            raise DataError(fact("survey.raking.size", **told))
        if shown in sizes:
            raise DataError(fact("survey.raking.twice", trait=name, level=shown))
        sizes[shown] = float(size)
    places = {level: place for place, level in enumerate(sizes)}
    text = ["" if absent(value) else code(value) for value in values.tolist()]
    for row, value in enumerate(text):
        if value not in places:
            who = counted.respondent(row + 1)
            hint = did_you_mean(value, list(places)) if value else ""
            key = "unknown" if value else "missing"
            told = {"who": who, "trait": name, "value": value, "hint": hint}
            raise DataError(fact(f"survey.raking.{key}", **told))
    return np.array([places[value] for value in text])


def _level(level: object, number: bool) -> str:
    """A level as the trait writes it; of a trait of numbers "22.0" is 22."""
    if number and isinstance(level, str):
        try:
            return code(float(level))
        except ValueError:
            return level
    return code(level)
