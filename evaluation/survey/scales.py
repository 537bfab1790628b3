"""Scores from items as the plan declares them, and how well the items belong together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

import numpy as np

from evaluation.data import counted
from evaluation.data.one_per_row import code
from evaluation.data.toml_places import did_you_mean
from evaluation.errors import DataError, FitError
from evaluation.fact import Fact, fact
from evaluation.numeric.survey import items as numeric
from evaluation.survey.sample import Sample

Kind = Literal["score", "share"]
Better = Literal["higher", "lower"]


@dataclass(frozen=True, slots=True)
class Scale:
    """A score: the mean of its items, or whether that mean reaches a cut.

    Parameters
    ----------
    name : how a sentence names it. items : names of the items. reverse : those that are worded the
        other way round. better : which direction is good; declared, never found in the data.
    least_answered : share of the items that must be answered for a score. at_least : the cut that
        makes it a share of residents (0 or 1), or None for the score itself.
    """

    name: str
    items: tuple[str, ...]
    reverse: tuple[str, ...] = ()
    better: Better = "higher"
    least_answered: float = 0.5
    at_least: float | None = None

    def __post_init__(self) -> None:
        for name in ("items", "reverse"):
            given = getattr(self, name)
            named = (given,) if isinstance(given, str) else tuple(given)
            object.__setattr__(self, name, named)
        if self.better not in get_args(Better):
            raise DataError(fact("survey.scales.better", scale=self.name, better=self.better))
        for name in ("least_answered", "at_least"):
            value = getattr(self, name)
            if name == "at_least" and value is None:
                continue
            if isinstance(value, bool) or not isinstance(value, (int, float, np.number)):
                told: dict[str, Any] = {"setting": name, "scale": self.name, "value": repr(value)}
                raise DataError(fact("survey.scales.number", **told))

    @property
    def kind(self) -> Kind:
        return "score" if self.at_least is None else "share"

    @property
    def measure(self) -> Fact:
        """The unit of an effect."""
        return fact(f"survey.scales.unit-{self.kind}")

    def one(self, item: str) -> Scale:
        """The same for one of its items alone."""
        return replace(
            self,
            name=item,
            items=(item,),
            reverse=(item,) if item in self.reverse else (),
        )


def of_item(sample: Sample, item: str) -> Scale:
    """A single item as a scale.

    Raises
    ------
    DataError : when there is no such item.
    """
    if item not in sample.names:
        hint = did_you_mean(item, list(sample.names))
        raise DataError(fact("survey.scales.no-item", item=item, hint=hint))
    return Scale(item, (item,))


def answers(sample: Sample, scale: Scale) -> np.ndarray:
    """(n, k) answers to the items of the scale, reversed ones turned round, NaN where missing.

    Raises
    ------
    DataError : for an item that is not there or is named twice, items of different ranges, or a
        rule that cannot be followed.
    """
    if not scale.items or len(set(scale.items)) < len(scale.items):
        raise DataError(fact("survey.scales.items", scale=scale.name))
    for item in scale.items:
        of_item(sample, item)
    if stray := sorted(set(scale.reverse) - set(scale.items)):
        raise DataError(fact("survey.scales.stray", scale=scale.name, item=stray[0]))
    if not 0 < scale.least_answered <= 1:
        share = code(scale.least_answered)
        raise DataError(fact("survey.scales.least-answered", scale=scale.name, value=share))
    places = [sample.names.index(item) for item in scale.items]
    low, high = sample.low[places], sample.high[places]
    if (low != low[0]).any() or (high != high[0]).any():
        raise DataError(fact("survey.scales.ranges", scale=scale.name))
    if scale.reverse and not np.isfinite([low[0], high[0]]).all():
        raise DataError(fact("survey.scales.no-range", scale=scale.name))
    if scale.at_least is not None and not low[0] < scale.at_least <= high[0]:
        ends: dict[str, Any] = {
            "value": code(scale.at_least),
            "low": code(low[0]),
            "high": code(high[0]),
        }
        raise DataError(fact("survey.scales.at-least", scale=scale.name, **ends))
    chosen = sample.items[:, places].copy()
    if scale.reverse:
        turned = [item in scale.reverse for item in scale.items]
        chosen[:, turned] = low[0] + high[0] - chosen[:, turned]
    return np.asarray(chosen)


def score(sample: Sample, scale: Scale) -> np.ndarray:
    """(n,) the mean of the answered items, or 0 and 1; NaN where too few are answered.

    Raises
    ------
    DataError : as `answers`.
    """
    chosen = answers(sample, scale)
    known = np.isfinite(chosen)
    count = known.sum(axis=1)
    # A whole item is needed, and rounding must not ask for one more than the plan says.
    enough = count >= max(1.0, scale.least_answered * chosen.shape[1] - 1e-9)
    total = np.where(known, chosen, 0.0).sum(axis=1)
    mean = np.where(enough, total / np.maximum(count, 1), np.nan)
    if scale.at_least is None:
        return np.asarray(mean)
    return np.where(np.isnan(mean), np.nan, (mean >= scale.at_least - 1e-9).astype(float))


def effective(weight: np.ndarray) -> float:
    """Kish's effective number of respondents with these weights."""
    return float(weight.sum() ** 2 / (weight**2).sum())


@dataclass(frozen=True, slots=True)
class Reliability:
    """Alpha with its 95 % interval, omega (None where one factor does not fit or there are fewer
    than three items, and `why`), item-rest correlations by item, and complete respondents n."""

    alpha: float
    low: float
    high: float
    omega: float | None
    why: Fact | None
    item_rest: dict[str, float]
    n: int


def reliability(sample: Sample, scale: Scale, *, among: np.ndarray | None = None) -> Reliability:
    """How well the items of a scale measure one thing, by weighted complete answers.

    The interval of alpha (Feldt, Woodruff and Salih 1987) counts Kish's effective number of
    respondents, so that unequal weights widen it; clustering is not in it.

    Parameters
    ----------
    among : (n,) who is meant, such as one wave; everyone when None.

    Raises
    ------
    DataError : as `answers`. FitError : with one item, or too few complete answers.
    """
    chosen = answers(sample, scale)
    if chosen.shape[1] < 2:
        raise FitError(fact("survey.scales.scale-has-one-item-reliability", name=scale.name))
    use = np.isfinite(chosen).all(axis=1)
    use = use if among is None else use & among
    n = int(use.sum())
    if n <= chosen.shape[1]:
        complete = counted.people(n)
        raise FitError(fact("survey.scales.too-few", complete=complete, scale=scale.name))
    weight = sample.weight[use]
    cov = numeric.covariance(chosen[use], weight)
    alike = np.ptp(chosen[use], axis=0) == 0
    if alike.any():
        item = scale.items[int(np.argmax(alike))]
        raise FitError(fact("survey.scales.everyone-gave-same-answer-leave", item=item))
    alpha = numeric.alpha(cov)
    low, high = numeric.alpha_interval(alpha, effective(weight), chosen.shape[1])
    omega: float | None = None
    why: Fact | None = fact("survey.scales.three-items")
    if chosen.shape[1] > 2:
        try:
            omega, why = numeric.omega(cov), None
        except FitError as fault:
            why = fault.fact
    rest = dict(zip(scale.items, numeric.item_rest(cov).tolist(), strict=True))
    return Reliability(alpha, low, high, omega, why, rest, n)
