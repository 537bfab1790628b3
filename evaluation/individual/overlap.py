"""Is there anyone to compare the treated with? Overlap of the propensities, and effective sizes."""

from __future__ import annotations

import numpy as np

from evaluation.data.findings import part_of, share_of, words_of
from evaluation.effect import Check
from evaluation.errors import FitError
from evaluation.individual.effects import Answer
from evaluation.individual.propensity import propensity
from evaluation.numeric.people.balance import crump_bound, effective_size

BINS = 20
# More of the treated than this without anyone like them, and the effect is an extrapolation.
MOST_APART = 0.05
# Fewer effective people than this on a side cannot carry a mean; nor can one person this share.
FEWEST_EFFECTIVE, LARGEST_SHARE = 30, 0.1


def check(answer: Answer) -> Check:
    """Passes when at most 5 % of those the effect is about are beyond the other side's range, and
    at least 30 of the others are as likely to be treated as the median of the treated.

    A row for each of 20 bins of the probability of treatment: `from`, `to`, and how many people
    are in it, `treated` and `untreated` (the data of an overlap figure).
    """
    question = "Are there untreated people like the treated?"
    used = answer.used
    if answer.propensity is None:
        try:
            p = propensity(used).p
        except FitError as fault:
            return Check("overlap", question, False, f"There is no overlap: {fault}.")
    else:
        p = answer.propensity
    edges = np.linspace(0, 1, BINS + 1)
    sides = {"treated": used.treated, "untreated": ~used.treated}
    counts = {word: np.histogram(p[side], edges)[0] for word, side in sides.items()}
    rows = tuple(
        {
            "from": float(edges[i]),
            "to": float(edges[i + 1]),
            **{word: int(count[i]) for word, count in counts.items()},
        }
        for i in range(BINS)
    )
    ones, others = p[used.treated], p[~used.treated]
    beyond = float((ones > others.max()).mean())
    middle = float(np.median(ones))
    near = int((others >= middle).sum())
    parts = [
        f"Half of the treated have a probability of treatment above {middle:.2f}, where "
        f"{part_of(near, len(others), 'the ')} others are",
        f"{share_of(100 * beyond, len(ones))} of the treated are likelier to be treated than any "
        "other person",
    ]
    worst = beyond
    if used.estimand == "ATE":
        below = float((others < ones.min()).mean())
        worst = max(worst, below)
        share = share_of(100 * below, len(others))
        parts.append(f"{share} of the others are less likely than any treated person")
    bound = crump_bound(p)
    outside = float(((p < bound) | (p > 1 - bound)).mean())
    parts.append(
        f"by the rule of Crump and others {share_of(100 * outside, len(p))} of all people lie "
        "where there are "
        f"too few on one side (below {bound:.2f} or above {1 - bound:.2f})"
        if bound > 0
        else "by the rule of Crump and others nobody has to be left out"
    )
    passed = worst <= MOST_APART and near >= FEWEST_EFFECTIVE
    return Check("overlap", question, passed, "; ".join(parts) + ".", rows)


def effective(answer: Answer) -> Check:
    """Passes when both sides count for at least 30 equally weighted people, and nobody for more
    than a tenth of their side. A row a side."""
    rows, parts = [], []
    good = True
    for word, side in (("treated", answer.used.treated), ("untreated", ~answer.used.treated)):
        weight = answer.weight * side
        size, share = effective_size(weight), float(weight.max() / weight.sum())
        good = good and size >= FEWEST_EFFECTIVE and share <= LARGEST_SHARE
        rows.append(
            {"side": word, "people": int(side.sum()), "effective": size, "largest share": share}
        )
        parts.append(
            f"The {words_of(int(side.sum()))} {word} people tell as much as {size:,.0f} equally "
            f"weighted ones; the largest weight is {100 * share:.1f} %."
        )
    question = "How many people does the comparison rest on?"
    return Check("effective-size", question, good, " ".join(parts), tuple(rows))
