"""Is there anyone to compare the treated with, and are they alike once weighted?

Standardized differences are the data of a love plot, the bins of propensities those of an overlap
figure.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from evaluation.data import counted
from evaluation.effect import Check
from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.individual.comparison import sides
from evaluation.individual.effects import Answer
from evaluation.individual.propensity import propensity
from evaluation.numeric.people.balance import (
    crump_bound,
    effective_size,
    spread,
    standardized_differences,
    variance_ratios,
)

# Differences below a tenth of a standard deviation are taken as none (Austin 2011, Multivariate
# Behavioral Research 46:399-424).
ALIKE = 0.1
BINS = 20
# More of the treated than this without anyone like them, and the effect is an extrapolation.
MOST_APART = 0.05
# Fewer effective people than this on a side cannot carry a mean; nor can one person this share.
FEWEST_EFFECTIVE, LARGEST_SHARE = 30, 0.1


def check(answer: Answer) -> Check:
    """Passes when no covariate differs by more than 0.1 standard deviations after weighting.

    A row a covariate, the one furthest off before weighting first: `before` and `after`, the mean
    of the treated less that of the others over the standard deviation of the treated (ATT) or the
    pooled one (ATE), without weights; and the ratio of their variances. A method that does not
    weight has only `before`.
    """
    used = answer.used
    x, names = used.x[:, 1:], used.names[1:]
    if not names:
        return Check("balance", None, fact("individual.balance.no-covariate"))
    scale = spread(x, used.treated, used.base, pooled=used.estimand == "ATE")
    before = standardized_differences(x, used.treated, used.base, scale)
    rows: list[dict[str, object]] = []
    after = standardized_differences(x, used.treated, answer.weight, scale)
    ratios = variance_ratios(x, used.treated, answer.weight)
    for i in np.argsort(-np.abs(before), kind="stable"):
        row: dict[str, object] = {"covariate": names[i], "before": float(before[i])}
        if answer.balances:
            row["after"] = float(after[i])
            row["variance ratio"] = float(ratios[i]) if np.isfinite(ratios[i]) else "none"
        rows.append(row)
    first, last = int(np.abs(before).argmax()), int(np.abs(after).argmax())
    told: dict[str, Any] = {"before": abs(before[first]), "covariate": names[first]}
    if not answer.balances:
        return Check("balance", None, fact("individual.balance.by-model", **told), tuple(rows))
    passed = bool(abs(after[last]) <= ALIKE)
    told |= {"after": abs(after[last]), "covariate_after": names[last]}
    says = fact("individual.balance.weighted", **told, passed=passed, limit=ALIKE)
    return Check("balance", passed, says, tuple(rows))


def overlap(answer: Answer) -> Check:
    """Passes when at most 5 % of those the effect is about are beyond the other side's range, and
    at least 30 of the others are as likely to be treated as the median of the treated.

    A row for each of 20 bins of the probability of treatment: `from`, `to`, and how many people
    are in it, `treated` and `untreated` (the data of an overlap figure).
    """
    used, p = answer.used, answer.propensity
    if p is None:
        try:
            p = propensity(used).p
        except FitError as fault:
            return Check("overlap", False, fact("individual.overlap.none", why=fault))
    edges = np.linspace(0, 1, BINS + 1)
    counts = {word: np.histogram(p[side], edges)[0] for word, side in sides(used.treated)}
    rows = tuple(
        {
            "from": float(edges[i]),
            "to": float(edges[i + 1]),
            **{word: int(count[i]) for word, count in counts.items()},
        }
        for i in range(BINS)
    )
    ones, others = p[used.treated], p[~used.treated]
    beyond = ones > others.max()
    middle = float(np.median(ones))
    near = int((others >= middle).sum())
    parts = [
        fact(
            "individual.overlap.middle",
            middle=middle,
            near=counted.part(near, len(others), the=True),
        ),
        fact("individual.overlap.beyond", share=counted.share_of(beyond)),
    ]
    worst = float(beyond.mean())
    if used.estimand == "ATE":
        below = others < ones.min()
        worst = max(worst, float(below.mean()))
        parts.append(fact("individual.overlap.below", share=counted.share_of(below)))
    bound = crump_bound(p)
    outside = counted.share_of((p < bound) | (p > 1 - bound))
    parts.append(
        fact("individual.overlap.crump", share=outside, low=bound, high=1 - bound)
        if bound > 0
        else fact("individual.overlap.crump-nobody")
    )
    passed = worst <= MOST_APART and near >= FEWEST_EFFECTIVE
    says = fact("individual.overlap.all", parts=parts)
    return Check("overlap", passed, says, rows, tuple(counts))


def effective(answer: Answer) -> Check:
    """Passes when both sides count for at least 30 equally weighted people, and nobody for more
    than a tenth of their side. A row a side."""
    rows, parts = [], []
    good = True
    for word, side in sides(answer.used.treated):
        weight, there = answer.weight * side, int(side.sum())
        size, share = effective_size(weight), float(weight.max() / weight.sum())
        good = good and size >= FEWEST_EFFECTIVE and share <= LARGEST_SHARE
        rows.append({"side": word, "people": there, "effective": size, "largest share": share})
        parts.append(
            fact(
                "individual.overlap.effective",
                side=fact(f"people.{word}"),
                people=counted.people(there),
                share=100 * share,
                counts={"effective": round(size)},
            )
        )
    says = fact("individual.overlap.effective-both", parts=parts)
    return Check("effective-size", good, says, tuple(rows), ("people", "effective"))
