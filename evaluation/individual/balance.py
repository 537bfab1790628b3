"""Are the groups alike once weighted? Standardized differences, the data of a love plot."""

from __future__ import annotations

import numpy as np

from evaluation.effect import Check
from evaluation.individual.effects import Answer
from evaluation.numeric.people.balance import spread, standardized_differences, variance_ratios

# Differences below a tenth of a standard deviation are taken as none (Austin 2011, Multivariate
# Behavioral Research 46:399-424).
ALIKE = 0.1


def check(answer: Answer) -> Check:
    """Passes when no covariate differs by more than 0.1 standard deviations after weighting.

    A row a covariate, the one furthest off before weighting first: `before` and `after`, the mean
    of the treated less that of the others over the standard deviation of the treated (ATT) or the
    pooled one (ATE), without weights; and the ratio of their variances. A method that does not
    weight has only `before`.
    """
    used = answer.used
    x, names = used.x[:, 1:], used.names[1:]
    question = "Are treated and untreated people alike in what was known at entry?"
    if not names:
        return Check("balance", question, None, "No covariate is given, so nothing shows it.")
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
    first = int(np.abs(before).argmax())
    start = (
        f"Before, they differ by up to {abs(before[first]):.2f} standard deviations "
        f"({names[first]})"
    )
    if not answer.balances:
        says = f"{start}; the model of the outcome has to allow for it."
        return Check("balance", question, None, says, tuple(rows))
    last = int(np.abs(after).argmax())
    passed = bool(abs(after[last]) <= ALIKE)
    limit = f"at most {ALIKE}" if passed else f"more than {ALIKE}"
    says = f"{start}; after, by up to {abs(after[last]):.2f} ({names[last]}), {limit}."
    return Check("balance", question, passed, says, tuple(rows))
