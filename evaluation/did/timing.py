"""Did the treatment follow a spike? The test every panel of groups has to pass.

A group called in because it has just been violent would have calmed down anyway, and no comparison
of before and after can tell that from an effect (regression to the mean). So the hazard of being
called in is asked for its dependence on the last periods' counts, given the group's own level: at
each date the starters' excess over what their own past makes expected is compared with that of all
units that could have started. That is the score of the hazard model at no dependence, summed by
cluster and judged by t(starting clusters - 1). The hazard ratio is from the partial likelihood with
Efron's ties, one stratum a date.

Ashenfelter (1978), Review of Economics and Statistics 60:47-57, for the problem; Cox (1972),
Journal of the Royal Statistical Society B 34:187-220, and Efron (1977), Journal of the American
Statistical Association 72:557-565, for the likelihood.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

from evaluation.did.cohorts import Cohorts
from evaluation.did.effects import p_words, possible, sentences
from evaluation.effect import Check
from evaluation.errors import FitError
from evaluation.fact import Fact, fact
from evaluation.numeric.panel.poisson_imputation import untreated

# Periods before the start whose counts are asked about: two quarters in the project's study.
WINDOW = 2
REJECT = 0.05
FEWEST = 3
STEPS = 60
# A hazard ratio past this has no finite estimate: the starters always had the largest excess.
LARGEST = 20.0


@dataclass(frozen=True, slots=True)
class Timing:
    """What the recent counts say about who starts.

    Parameters
    ----------
    window : periods asked about. starters, clusters : units that start, and their clusters.
        recent, usual : mean count of the starters in those periods, and what their own past and the
        others at risk would have given. excess : recent less usual, with its standard error.
        p_value : two-sided, t(clusters - 1). hazard_ratio, low, high : for one event more than
        expected, normal 95 % on the log scale; None when it has no finite estimate. skipped :
        starters whose history is too short.
    """

    window: int
    starters: int
    clusters: int
    recent: float
    usual: float
    excess: float
    std_error: float
    p_value: float
    hazard_ratio: float | None
    low: float | None
    high: float | None
    skipped: int

    @property
    def passed(self) -> bool:
        return self.p_value >= REJECT


def timing(cohorts: Cohorts, *, window: int = WINDOW) -> Timing:
    """Whether starts are predicted by the counts of the last periods.

    Raises
    ------
    FitError : for a window below 1, outcomes that are negative, or fewer than three clusters that
        start with a history of two windows.
    """
    from scipy.special import stdtr

    if window < 1:
        raise FitError(fact("did.timing.window-1-period-more", window=window))
    if (cohorts.y < 0).any():
        raise FitError(fact("did.timing.timing-test-needs-outcomes-not"))
    starts = cohorts.cohorts[cohorts.cohorts >= 2 * window]
    rows = np.flatnonzero(np.isin(cohorts.first, starts))
    clusters = np.unique(cohorts.cluster[rows])
    _refuse_few(clusters, window)
    used = cohorts.known
    y = np.where(used, cohorts.y, 0.0)
    period = untreated(y, cohorts.untreated, cohorts.weight, cohorts.exposure).period
    mass = np.broadcast_to(np.nan_to_num(period), cohorts.y.shape)
    mass = mass if cohorts.exposure is None else mass * cohorts.exposure
    mass = np.where(used, mass, 0.0)
    recent, usual, score = np.zeros((3, cohorts.n))
    asked = np.zeros(cohorts.n, dtype=bool)
    strata = []
    for start in starts:
        now, past = slice(start - window, start), slice(0, start - window)
        # Of a unit without a number in one of them nothing is known.
        seen_in_both = used[:, now].any(axis=1) & used[:, past].any(axis=1)
        at_risk = (cohorts.first >= start) & seen_in_both
        began = (cohorts.first == start) & seen_in_both
        if not began.any():
            continue
        asked |= began
        seen = y[:, now].sum(axis=1)
        before = mass[:, past].sum(axis=1)
        if (before[at_risk] <= 0).any():
            raise FitError(fact("did.timing.no-untreated", periods=cohorts.periods[start - window]))
        with np.errstate(all="ignore"):
            awaited = y[:, past].sum(axis=1) * mass[:, now].sum(axis=1) / before
        away = seen - awaited
        mean = np.average(away[at_risk], weights=cohorts.weight[at_risk])
        recent[began], usual[began] = seen[began], awaited[began] + mean
        score[began] = away[began] - mean
        strata.append((away[at_risk], began[at_risk]))
    rows = np.flatnonzero(asked)
    clusters = np.unique(cohorts.cluster[rows])
    _refuse_few(clusters, window)
    weight = cohorts.weight[rows]
    by_cluster = np.bincount(cohorts.cluster[rows], weights=weight * score[rows])[clusters]
    n = len(clusters)
    spread = np.sqrt(n / (n - 1) * ((by_cluster - by_cluster.mean()) ** 2).sum())
    total = weight.sum()
    ratio = abs(by_cluster.sum()) / max(spread, np.finfo(float).tiny)
    hazard = hazard_ratio(strata)
    return Timing(
        window=window,
        starters=len(rows),
        clusters=n,
        recent=float(weight @ recent[rows] / total),
        usual=float(weight @ usual[rows] / total),
        excess=float(by_cluster.sum() / total),
        std_error=float(spread / total),
        p_value=float(2 * stdtr(n - 1, -ratio)),
        hazard_ratio=None if hazard is None else float(np.exp(hazard[0])),
        low=None if hazard is None else float(np.exp(hazard[0] - 1.959964 * hazard[1])),
        high=None if hazard is None else float(np.exp(hazard[0] + 1.959964 * hazard[1])),
        skipped=int(cohorts.ever.sum()) - len(rows),
    )


def _refuse_few(clusters: np.ndarray, window: int) -> None:
    if len(clusters) < FEWEST:
        raise FitError(
            fact(
                "did.timing.clusters-start-periods-before-them",
                n_clusters=len(clusters),
                window=2 * window,
                fewest=FEWEST,
            )
        )


def hazard_ratio(strata: list[tuple[np.ndarray, np.ndarray]]) -> tuple[float, float] | None:
    """The log hazard ratio of a covariate and its standard error from the information.

    Parameters
    ----------
    strata : for each date the covariate of those at risk, and which of them start. None is returned
        when the likelihood has no maximum.
    """
    slope = 0.0
    for _ in range(STEPS):
        score, information = 0.0, 0.0
        for z, began in strata:
            # Less the largest, whichever way the slope goes: the ratios below do not change.
            lean = slope * z
            weight = np.exp(np.maximum(lean - lean.max(), -700))
            moments = np.array([weight.sum(), weight @ z, weight @ z**2])
            own = weight[began]
            part = np.array([own.sum(), own @ z[began], own @ z[began] ** 2])
            share = np.arange(int(began.sum())) / began.sum()
            zero, one, two = moments[:, None] - share * part[:, None]
            score += z[began].sum() - (one / zero).sum()
            information += (two / zero - (one / zero) ** 2).sum()
        if information <= 0:
            return None
        step = score / information
        slope += float(np.clip(step, -1, 1))
        if abs(slope) > LARGEST:
            return None
        if abs(step) < 1e-10:
            return slope, float(1 / np.sqrt(information))
    return None


def told(found: Timing) -> Fact:
    """What starts followed, and what that makes of a change afterward."""
    return fact(
        "did.timing.followed",
        more=found.excess > 0,
        recent=found.recent,
        window=found.window,
        usual=found.usual,
        p=p_words(found.p_value),
    )


def objection(found: Timing) -> Fact | None:
    """Why an effect may not be the headline after such starts, or None."""
    return None if found.passed else fact("not-valid", why=told(found))


def tested(cohorts: Cohorts) -> Timing | None:
    """The timing of the starts; None when it cannot be tested, or the outcome is no count."""
    if cohorts.kind != "count":
        return None
    try:
        return timing(cohorts)
    except FitError:
        return None


def refusal(cohorts: Cohorts) -> Fact | None:
    """The objection to any estimate from these cohorts that is not matched on it, or None."""
    found = tested(cohorts)
    return None if found is None else objection(found)


@possible("start-timing", "did.not-tested")
def check(cohorts: Cohorts, *, window: int = WINDOW, matched: bool = False) -> Check:
    """The timing test as a check; `passed` is None when it cannot be made.

    Parameters
    ----------
    matched : whether the estimate is one beside units whose last periods were like those of the
        treated.
    """
    found = timing(cohorts, window=window)
    row = asdict(found)
    row["expected"] = row.pop("usual")
    del row["clusters"]
    hazard = "did.timing.no-bound" if found.hazard_ratio is None else "did.timing.hazard"
    says = sentences(
        fact(
            "did.timing.before-start",
            window=found.window,
            starters=found.starters,
            recent=found.recent,
            usual=found.usual,
            p=p_words(found.p_value),
            hazard=fact(hazard, ratio=found.hazard_ratio, low=found.low, high=found.high),
        ),
        None if found.passed else fact("did.timing.comes-by-itself", matched=matched),
    )
    return Check("start-timing", found.passed, says, (row,))
