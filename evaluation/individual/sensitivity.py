"""What something that nobody measured would have to be like to explain the effect away."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from evaluation.data.findings import words_of
from evaluation.effect import Check, Effect
from evaluation.errors import FitError
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
    question = "How strong would something unmeasured have to be to explain this?"
    ratio = next((q for q in effect.quantities if q.name == "risk ratio"), None)
    if ratio is not None:
        point, low, high = ratio.estimate, ratio.low, ratio.high
    elif answer.used.kind == "binary":
        return Check("e-value", question, None, "Nobody on a side had the outcome.")
    else:
        spread = float(answer.used.y[~answer.used.treated].std(ddof=1))
        plain = effect.quantities[0]
        if spread == 0:
            return Check("e-value", question, None, "The outcome does not vary.")
        point, low, high = (
            ratio_of_difference(end / spread) for end in (plain.estimate, plain.low, plain.high)
        )
    value, edge = e_value(point), e_value_of_interval(low, high)
    says = (
        f"To explain the whole estimate, it would have to be tied to both treatment and outcome by "
        f"a risk ratio of {value:.2f} each, beyond the covariates; "
    )
    says += (
        "the interval includes no effect already."
        if edge == 1
        else f"to make the interval include no effect, {edge:.2f}."
    )
    row = {"risk ratio": point, "e-value": value, "e-value of the interval": edge}
    return Check("e-value", question, None, says, (row,))


def rosenbaum(answer: Answer) -> Check:
    """Rosenbaum's bounds for matched pairs; informs.

    By McNemar's test of a binary outcome and Wilcoxon's of others, one-sided in the direction of
    the pairs. The pairs are those of the method, or of nearest-neighbor matching. A row a gamma.
    """
    question = "How unequal could the odds of treatment within matched pairs be?"
    try:
        paired = _paired(answer)
    except FitError as fault:
        return Check("rosenbaum-bounds", question, None, f"Not possible: {fault}.")
    pairs = paired.pairs
    assert pairs is not None
    differences = paired.used.y[pairs[:, 0]] - paired.used.y[pairs[:, 1]]
    sign = -1.0 if differences.sum() < 0 else 1.0
    if answer.used.kind == "binary":
        ours, both = int((sign * differences > 0).sum()), int((differences != 0).sum())

        def p_value(gamma: float) -> float:
            return mcnemar_bound(ours, both, gamma)

        test = "McNemar's test"
    else:

        def p_value(gamma: float) -> float:
            return wilcoxon_bound(sign * differences, gamma)

        test = "Wilcoxon's test"
    tipping = tipping_gamma(p_value)
    rows = tuple({"gamma": gamma, "largest p": p_value(gamma)} for gamma in GAMMAS)
    if p_value(1.0) > 0.05:
        says = (
            f"Of {words_of(len(pairs))} pairs {test} finds nothing to begin with "
            f"(p {p_value(1.0):.3f})."
        )
    else:
        says = (
            f"Of {words_of(len(pairs))} pairs {test} finds a difference (p below .05) unless "
            f"something unmeasured made one of a pair {tipping:.2f} times likelier to be treated, "
            "in odds."
        )
    return Check("rosenbaum-bounds", question, None, says, rows)


def _paired(answer: Answer) -> Answer:
    if answer.pairs is not None:
        return answer
    used = answer.used
    # Pairs of people, each for one: the bounds know neither weights nor clusters.
    alone = replace(used, base=np.ones(used.n), cluster=np.arange(used.n), estimand="ATT")
    return matching.fit(alone)
