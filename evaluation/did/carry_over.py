"""Did an effect last after the program ended? Asked of every panel in which a program ends.

Cells after an end count as untreated. If the effect lasts they are not, and what they make expected
of the treated cells is wrong. So they are taken out of the control cells, and compared with what
the rest makes expected: the log ratio of sums for effects that are log ratios, the mean difference
otherwise, with the jackknife over clusters (factor (G - 1)/G, squares about the estimate) and
t(clusters with an end - 1).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from evaluation.data import period as calendar
from evaluation.did.cohorts import Cohorts
from evaluation.did.count_ratios import NONE, Ratios, few_clusters, known, no_ratio, ratios
from evaluation.did.effects import p_words, possible, sentences
from evaluation.did.event_study import rates
from evaluation.effect import Check, Effect, Scale, Term
from evaluation.errors import FitError
from evaluation.fact import Fact, fact
from evaluation.numeric.panel.imputation import impute

if TYPE_CHECKING:
    from evaluation.did.method import Method

# More different times since an end than this are put together by years.
MOST_TIMES = 12
ALL = "all after an end"


@dataclass(frozen=True, slots=True)
class CarryOver:
    """What happened after the ends, on the scale of the effect.

    Parameters
    ----------
    whole : of all cells after an end. parts : by periods (or years) since the end. base : what a
        difference is a share of, the mean expected in these cells; 1 for log ratios. units,
        clusters : with an end. few : whether the clusters are too few for the range to judge.
    """

    scale: Scale
    whole: Term
    parts: tuple[Term, ...]
    base: float
    units: int
    clusters: int
    few: bool

    def percent(self, value: float) -> float:
        """A value on the scale as a percent change."""
        if self.scale == "log ratio":
            return 100 * float(np.expm1(value))
        return 100 * value / self.base

    @property
    def lasted(self) -> bool:
        """Whether the range leaves out no change, from clusters that are enough to judge."""
        return not self.few and not self.whole.low <= 0 <= self.whole.high

    def blind(self, estimate: float) -> bool:
        """Whether it cannot tell no change from one as large as the effect itself."""
        return self.few or self.whole.low <= estimate <= self.whole.high

    @property
    def change(self) -> Fact:
        """The change after the ends with its range."""
        one = self.whole
        low, high = sorted((self.percent(one.low), self.percent(one.high)))
        percent = self.percent(one.estimate)
        return fact(
            "did.carry-over.change", percent=percent, low=low, high=high, p=p_words(one.p_value)
        )


def carry_over(cohorts: Cohorts, scale: Scale) -> CarryOver:
    """The change of the cells after an end against what the other untreated cells make expected.

    Raises
    ------
    FitError : when no program ends, fewer than two clusters have an end, or nothing is observed or
        expected after it.
    """
    after = cohorts.after_end
    control = np.asarray(cohorts.untreated & ~after)
    target = np.asarray(after & known(control))
    clusters = len(np.unique(cohorts.cluster[target.any(axis=1)]))
    if not target.any():
        raise FitError(fact("did.carry-over.no-cell-after-end-program"))
    if clusters < 2:
        raise FitError(fact("did.carry-over.program-one-unit-alone-ends"))
    names, label = _times(cohorts, target)
    labels = [np.where(target, 0, NONE), label]
    if scale == "log ratio":
        found, base = ratios(cohorts, control, labels), 1.0
        if not found.kept[0]:
            raise no_ratio(found, 0, "did.carry-over.cells")
    else:
        found, base = _differences(cohorts, control, labels)
        if not found.kept[0]:
            raise FitError(fact("did.carry-over.without-one-clusters-nothing-expected"))
    parts = [found.term(name, 1 + k) for k, name in enumerate(names) if found.kept[1 + k]]
    return CarryOver(
        scale,
        found.term(ALL, 0),
        tuple(parts),
        base,
        int(target.any(axis=1).sum()),
        clusters,
        few_clusters(cohorts, control, target) is not None,
    )


def note(cohorts: Cohorts, scale: Scale, estimate: float) -> tuple[Fact, ...]:
    """What a reader of an effect must know of the cells after an end, which count as untreated."""
    if cohorts.on is None or not cohorts.after_end.any():
        return ()
    try:
        found = carry_over(cohorts, scale)
    except FitError as fault:
        return (fact("did.carry-over.cannot-be-told", why=fault),)
    if found.lasted:
        return (fact("did.carry-over.not-untreated", change=found.change),)
    if found.blind(estimate):
        why = fact("did.carry-over.cells-changed", change=found.change)
        return (fact("did.carry-over.cannot-be-told", why=why),)
    return ()


@possible("carry-over", "did.carry-over.untold")
def check(cohorts: Cohorts, method: Method, effect: Effect) -> Check:
    """Whether the cells after an end, taken out of the controls, went as the rest makes expected.

    It fails when the 95 % range of their change leaves out nought, passes when the range holds
    nought and not a change as large as the effect, and does not judge when it holds both, or rests
    on too few clusters. With 6 to 24 clusters with an end it failed in 3 to 5 % of panels in which
    nothing lasted.
    """
    found = carry_over(cohorts, effect.scale)
    ended = fact("did.carry-over.ended", units=found.units, change=found.change)
    rows = tuple(_row(found, term) for term in (found.whole, *found.parts))
    passed: bool | None = True
    if found.lasted:
        passed = False
        same = found.whole.estimate * effect.estimate > 0
        lasts = fact("did.carry-over.lasts", same=same)
        says = sentences(ended, lasts, _without(cohorts, method, effect))
    elif found.few:
        passed = None
        says = sentences(ended, fact("did.carry-over.few", clusters=found.clusters))
    elif found.blind(effect.estimate):
        passed = None
        says = sentences(ended, fact("did.carry-over.blind"))
    else:
        says = sentences(ended, fact("did.carry-over.gone"))
    return Check("carry-over", passed, says, rows)


def _without(cohorts: Cohorts, method: Method, effect: Effect) -> Fact:
    """What the method gives when the cells after an end are left out."""
    try:
        other = method.fit(cohorts.leaving_out(cohorts.after_end)).percent
    except FitError as fault:
        return fact("did.carry-over.no-estimate", fault=fault)
    return fact(
        "did.carry-over.without",
        percent=other.estimate,
        low=other.low,
        high=other.high,
        whole=effect.percent.estimate,
    )


def _row(found: CarryOver, term: Term) -> Mapping[str, Any]:
    return {
        "since the end": term.name,
        "estimate": term.estimate,
        "percent": found.percent(term.estimate),
        "low": found.percent(term.low),
        "high": found.percent(term.high),
        "p_value": term.p_value,
    }


def _times(cohorts: Cohorts, target: np.ndarray) -> tuple[list[str], np.ndarray]:
    """Names of the times since the last end, and the place of each cell's among them, (N, T)."""
    time = np.broadcast_to(cohorts.time, target.shape)
    last = np.maximum.accumulate(np.where(cohorts.under, time, -1), axis=1)
    since = time - last
    word = cohorts.frequency
    if len(np.unique(since[target])) > MOST_TIMES:
        since = (since - 1) // calendar.PER_YEAR[cohorts.frequency] + 1
        word = "year"
    times = np.unique(since[target])
    names = [f"{word} {one}" for one in times.tolist()]
    return names, np.where(target, np.searchsorted(times, since), NONE)


def _differences(
    cohorts: Cohorts, control: np.ndarray, labels: list[np.ndarray]
) -> tuple[Ratios, float]:
    """Mean differences in the form of ratios, and the mean expected in the cells of the first."""
    y = rates(cohorts)[0]
    sizes = [int(label.max()) + 1 for label in labels]
    groups = int(cohorts.cluster.max()) + 1
    whole, expected, observed = _means(y, control, cohorts.weight, labels, sizes)
    without = np.full((groups, len(whole)), np.nan)
    for group in range(groups):
        rest = cohorts.cluster != group
        try:
            parts = [label[rest] for label in labels]
            without[group] = _means(y[rest], control[rest], cohorts.weight[rest], parts, sizes)[0]
        except FitError:
            continue  # without this cluster there is no comparison: no label has a range
    kept = np.isfinite(whole) & np.isfinite(without).all(axis=0)
    away = np.where(kept, without - whole, 0.0) * np.sqrt((groups - 1) / groups)
    cells = [label == k for label, size in zip(labels, sizes, strict=True) for k in range(size)]
    found = Ratios(
        whole,
        away,
        observed,
        expected,
        np.array([int(cell.any(axis=1).sum()) for cell in cells]),
        np.array([len(np.unique(cohorts.cluster[cell.any(axis=1)])) for cell in cells]),
        kept,
    )
    return found, float(abs(expected[0]))


def _means(
    y: np.ndarray,
    control: np.ndarray,
    weight: np.ndarray,
    labels: list[np.ndarray],
    sizes: list[int],
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(k,) weighted means of effect, expected and observed by label; NaN where there is none."""
    found = impute(y, control, weight)
    parts = []
    for label, size in zip(labels, sizes, strict=True):
        for k in range(size):
            cell = label == k
            heavy = np.broadcast_to(weight[:, None], cell.shape)[cell]
            if not cell.any():
                parts.append([np.nan] * 3)
                continue
            parts.append(
                [
                    float(np.average(table[cell], weights=heavy))
                    for table in (found.effect, found.expected, y)
                ]
            )
    effect, expected, observed = np.array(parts).T
    return effect, expected, observed
