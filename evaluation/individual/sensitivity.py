"""What something that nobody measured would have to be like to explain the effect away."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from evaluation.data import counted
from evaluation.effect import Check, Effect
from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.individual import matching
from evaluation.individual.effects import Answer
from evaluation.numeric.people.unmeasured import (
    e_value,
    e_value_of_interval,
    mcnemar_bound,
    ratio_of_difference,
    tipping_gamma,
    wilcoxon_bound,
)

GAMMAS = (1.0, 1.25, 1.5, 2.0, 3.0)


def e_values(answer: Answer, effect: Effect) -> Check:
    """The E-value of the estimate and of the end of its interval nearer to no effect; informs.

    Of a binary outcome from the risk ratio; of others from the difference over the standard
    deviation among the untreated, exp(0.91 d).
    """
    if answer.used.kind == "binary":
        if not answer.arms.means.min() > 0:
            return Check("e-value", "", None, fact("individual.sensitivity.nobody-had"))
        percent = effect.percent
        point, low, high = (1 + end / 100 for end in (percent.estimate, percent.low, percent.high))
    else:
        spread = float(answer.used.y[~answer.used.treated].std(ddof=1))
        if spread == 0:
            return Check("e-value", "", None, fact("individual.sensitivity.same"))
        plain = effect.quantities[0]
        point, low, high = (
            ratio_of_difference(end / spread) for end in (plain.estimate, plain.low, plain.high)
        )
    value, edge = e_value(point), e_value_of_interval(low, high)
    key = f"individual.sensitivity.{'no-effect-already' if edge == 1 else 'e-values'}"
    says = fact(key, value=value, edge=edge)
    row = {"risk ratio": point, "e-value": value, "e-value of the interval": edge}
    return Check("e-value", "", None, says, (row,))


def rosenbaum(answer: Answer) -> Check:
    """Rosenbaum's bounds for matched pairs; informs.

    By McNemar's test of a binary outcome and Wilcoxon's of others, one-sided in the direction of
    the pairs. The pairs are those of the method, or of nearest-neighbor matching. A row a gamma.
    """
    try:
        paired = _paired(answer)
    except FitError as fault:
        return Check("rosenbaum-bounds", "", None, fact("people.not-possible", why=fault))
    pairs = paired.pairs
    assert pairs is not None
    differences = paired.used.y[pairs[:, 0]] - paired.used.y[pairs[:, 1]]
    sign = -1.0 if differences.sum() < 0 else 1.0
    if answer.used.kind == "binary":
        ours, both = int((sign * differences > 0).sum()), int((differences != 0).sum())

        def p_value(gamma: float) -> float:
            return mcnemar_bound(ours, both, gamma)

        test = "mcnemar"
    else:

        def p_value(gamma: float) -> float:
            return wilcoxon_bound(sign * differences, gamma)

        test = "wilcoxon"
    tipping = tipping_gamma(p_value)
    rows = tuple({"gamma": gamma, "largest p": p_value(gamma)} for gamma in GAMMAS)
    told: dict[str, Any] = {
        "pairs": counted.people(len(pairs)),
        "test": fact(f"individual.sensitivity.{test}"),
    }
    if p_value(1.0) > 0.05:
        says = fact("individual.sensitivity.rosenbaum-nothing", **told, p=p_value(1.0))
    else:
        says = fact("individual.sensitivity.rosenbaum-unless", **told, tipping=tipping)
    return Check("rosenbaum-bounds", "", None, says, rows)


def _paired(answer: Answer) -> Answer:
    if answer.pairs is not None:
        return answer
    used = answer.used
    # Pairs of people, each for one: the bounds know neither weights nor clusters.
    alone = replace(used, base=np.ones(used.n), cluster=np.arange(used.n), estimand="ATT")
    return matching.fit(alone)
