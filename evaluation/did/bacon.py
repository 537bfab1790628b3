"""What a two-way regression averages: its two-by-two comparisons, and the weights of the effects.

Goodman-Bacon (2021), Journal of Econometrics 225:254-277, theorem 1: the coefficient is a mean of
all comparisons of two cohorts at two times, among them comparisons of a cohort with one that is
already treated, whose own effect is then subtracted. De Chaisemartin and D'Haultfoeuille (2020),
American Economic Review 110:2964-2996, theorem 1: it is a sum of the effects in treated cells,
with weights that add to one and of which some may be negative.

Two groups and two times: the change of the treated less the change of the others.

The panel is collapsed to one time before and one after, which takes serial correlation out of the
errors altogether (Bertrand, Duflo and Mullainathan 2004, Quarterly Journal of Economics
119:249-275), and is then a two-way regression of two periods.

Continuous outcomes: means a unit; the difference has CR2 errors with Satterthwaite's degrees of
freedom. For one unit a cluster the error is Welch's of the changes, variances unequal; the degrees
of freedom are those of Bell and McCaffrey, which do not look at the variances.
Counts: totals a unit with total exposures; the log ratio of ratios, with errors from leaving out
one cluster at a time (CR3), t(min(treated, control clusters) - 1).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import permutations
from typing import Literal, get_args

import numpy as np

from evaluation.did import poisson_twfe, twfe
from evaluation.did.cohorts import Cohorts
from evaluation.did.effects import Answer, possible, sentences
from evaluation.did.event_study import rates
from evaluation.did.method import Method
from evaluation.did.usable import refuse_partial, refuse_steps
from evaluation.effect import Check, Effect
from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.numeric.panel.absorb import means_out

Kind = Literal["treated v untreated", "earlier v later", "later v earlier"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """One two-by-two comparison.

    treated : first treated period of the cohort that starts. control : that of the other, or None
    for never. "later v earlier" has controls that are treated already.
    """

    treated: int
    control: int | None
    kind: Kind
    estimate: float
    weight: float


def decompose(cohorts: Cohorts) -> tuple[Comparison, ...]:
    """Every comparison with its weight: the weights sum to 1 and the mean is the coefficient of
    `evaluation.did.twfe`.

    With V the variance of the treatment once units and periods are taken out, n_k the share of
    cohort k, and D_k its share of treated periods, the weights are
    n_k n_u D_k (1 - D_k) / V against the untreated, and for k starting before l
    n_k n_l (D_k - D_l)(1 - D_k) / V (k against l, before l starts) and
    n_k n_l D_l (D_k - D_l) / V (l against k, once k is treated).

    Raises
    ------
    FitError : when the treatment is the same in all units.
    """
    refuse_partial(cohorts)
    y = rates(cohorts)[0]
    share = cohorts.weight / cohorts.weight.sum()
    starts = np.unique(cohorts.first)
    mean = {g: share[cohorts.first == g] @ y[cohorts.first == g] for g in starts.tolist()}
    size = {g: float(share[cohorts.first == g].sum()) for g in starts.tolist()}
    path = {g: mean[g] / size[g] for g in starts.tolist()}
    length = cohorts.length
    under = {g: 0.0 if np.isinf(g) else (length - g) / length for g in starts.tolist()}
    found: list[Comparison] = []
    kind: Kind

    def change(g: float, low: int, middle: int, high: int) -> float:
        return float(path[g][middle:high].mean() - path[g][low:middle].mean())

    for k, other in permutations(starts.tolist(), 2):
        if np.isinf(k):
            continue
        start = int(k)
        if np.isinf(other):
            weight = size[k] * size[other] * under[k] * (1 - under[k])
            low, high, kind = 0, length, "treated v untreated"
        elif k < other:
            weight = size[k] * size[other] * (under[k] - under[other]) * (1 - under[k])
            low, high, kind = 0, int(other), "earlier v later"
        else:
            weight = size[k] * size[other] * under[k] * (under[other] - under[k])
            low, high, kind = int(other), length, "later v earlier"
        estimate = change(k, low, start, high) - change(other, low, start, high)
        control = None if np.isinf(other) else int(other)
        found.append(Comparison(start, control, kind, estimate, weight))
    total = sum(one.weight for one in found)
    if not total > 0:
        raise FitError(fact("did.bacon.treatment-cannot-be-told-from"))
    return tuple(
        Comparison(c.treated, c.control, c.kind, c.estimate, c.weight / total) for c in found
    )


@dataclass(frozen=True, slots=True)
class Weights:
    """The weights of the effects in treated cells, (N, T), nought elsewhere; they sum to 1.

    coefficient : of the two-way regression. hidden : the smallest standard deviation of effects
    between treated cells with which their mean can be nought at this coefficient (corollary 1).
    """

    weight: np.ndarray
    coefficient: float
    hidden: float

    @property
    def negative(self) -> int:
        """Treated cells with a negative weight."""
        return int((self.weight < 0).sum())

    @property
    def negative_sum(self) -> float:
        return float(self.weight[self.weight < 0].sum())


def weights_on_effects(cohorts: Cohorts) -> Weights:
    """How a two-way regression weights the effects in treated cells.

    The weight of a cell is what units and periods leave of its treatment, over their sum in treated
    cells, with the units' own weights. `hidden` is |coefficient| / s, where s is the standard
    deviation over treated cells of weight times number of cells (cells by the units' weights).

    Raises
    ------
    FitError : when the treatment is the same in all units.
    """
    refuse_partial(cohorts)
    treated = cohorts.treated
    left = means_out(treated.astype(float), cohorts.weight)
    heavy = cohorts.weight[:, None] * np.where(treated, left, 0.0)
    total = float(heavy.sum())
    mass = cohorts.weight[:, None] * treated
    if total <= 1e-9 * float(mass.sum()):
        raise FitError(fact("did.bacon.treatment-cannot-be-told-from"))
    weight = heavy / total
    coefficient = float((cohorts.weight[:, None] * left * rates(cohorts)[0]).sum()) / total
    share = mass[treated] / mass.sum()
    ratio = weight[treated] / share  # mean 1 over treated cells
    spread = float(np.sqrt((share * (ratio - 1) ** 2).sum()))
    hidden = abs(coefficient) / spread if spread > 1e-12 else float("inf")
    return Weights(weight, coefficient, hidden)


@possible("two-way-weights")
def check(cohorts: Cohorts, method: Method, effect: Effect) -> Check:
    """Whether the two-way coefficient is a fair mean of effects: no negative weights, and no
    comparison with units that are treated already."""
    refuse_steps(cohorts)
    parts = decompose(cohorts)
    weights = weights_on_effects(cohorts)
    shares: dict[Kind, float] = {kind: 0.0 for kind in get_args(Kind)}
    means = dict(shares)
    for part in parts:
        shares[part.kind] += part.weight
        means[part.kind] += part.weight * part.estimate
    forbidden = shares["later v earlier"]
    cells = int(cohorts.treated.sum())
    fair = forbidden == 0 and weights.negative == 0
    hides = not fair and bool(np.isfinite(weights.hidden))
    says = sentences(
        fact(
            "did.bacon.weights",
            negative=weights.negative,
            cells=cells,
            together=weights.negative_sum,
            forbidden=100 * forbidden,
        ),
        fact("did.bacon.hidden", hidden=weights.hidden) if hides else None,
    )
    table = tuple(
        {"comparison": kind, "weight": shares[kind], "estimate": means[kind] / shares[kind]}
        for kind in get_args(Kind)
        if shares[kind] > 0
    )
    return Check("two-way-weights", fair, says, table)


def fit(cohorts: Cohorts) -> Answer:
    """The difference in differences of means, or the log ratio of ratios of totals.

    Raises
    ------
    FitError : for more than one start, a single treated or control cluster, and as
        `evaluation.did.twfe.fit` or `evaluation.did.poisson_twfe.fit`.
    """
    refuse_partial(cohorts)
    starts = cohorts.cohorts
    if len(starts) > 1:
        raise FitError(fact("did.bacon.treatment-starts-different-times-two", n_starts=len(starts)))
    for rows, side in ((cohorts.ever, "treated"), (~cohorts.ever, "control")):
        if len(np.unique(cohorts.cluster[rows])) < 2:
            raise FitError(fact("did.bacon.one-cluster-shows-nothing-about", side=side))
    start = int(starts[0])
    pair = collapsed(cohorts, start)
    if cohorts.kind == "count":
        answer = poisson_twfe.fit(pair, errors="CR3")
    else:
        answer = twfe.fit(pair, errors="CR2")
    line = _expected(cohorts, pair, answer, start)
    relative = None if cohorts.kind == "count" else rates(cohorts)[1]
    return replace(answer, expected=line, relative=relative)


def collapsed(cohorts: Cohorts, start: int) -> Cohorts:
    """The same units in two periods, before `start` and from it on: totals of counts and of
    exposures, means of continuous outcomes (at the mean exposure of each)."""

    def two(table: np.ndarray, total: bool) -> np.ndarray:
        pieces = (table[:, :start], table[:, start:])
        return np.column_stack([p.sum(axis=1) if total else p.mean(axis=1) for p in pieces])

    count = cohorts.kind == "count"
    return replace(
        cohorts,
        y=two(cohorts.y, count),
        exposure=None if cohorts.exposure is None else two(cohorts.exposure, count),
        first=np.where(cohorts.ever, 1.0, np.inf),
        periods=(cohorts.periods[0], cohorts.periods[start]),
    )


def _expected(cohorts: Cohorts, pair: Cohorts, answer: Answer, start: int) -> np.ndarray:
    """(N, T) each unit at its own level, moving as the controls together do.

    Levels are those of the collapsed fit, so that table, figure and estimate agree.
    """
    controls = ~cohorts.ever
    fitted = np.asarray(answer.expected)
    if cohorts.kind == "count":
        exposure = np.ones(cohorts.y.shape) if cohorts.exposure is None else cohorts.exposure
        rate = cohorts.y[controls].sum(axis=0) / exposure[controls].sum(axis=0)
        shape = rate * exposure
        line = np.empty(cohorts.y.shape)
        for column, side in enumerate((slice(start), slice(start, None))):
            whole = shape[:, side].sum(axis=1)
            line[:, side] = shape[:, side] * (fitted[:, column] / whole)[:, None]
        return line
    values, relative, _ = rates(cohorts)
    path = np.average(values[controls], axis=0, weights=cohorts.weight[controls])
    pieces = [
        (path[side] - path[side].mean()) * relative[:, side] + fitted[:, [column]]
        for column, side in enumerate((slice(start), slice(start, None)))
    ]
    return np.hstack(pieces)
