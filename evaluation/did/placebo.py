"""One treated unit beside its controls as placebos: Student's t, Ferman-Pinto, Conley-Taber."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, get_args

import numpy as np

from evaluation.did.changes import Changes, changes, expected_line, own_noise, relative_to_mean
from evaluation.did.cohorts import Cohorts
from evaluation.did.effects import Answer
from evaluation.errors import FitError
from evaluation.numeric.placebo import (
    Placebo,
    conley_taber,
    equal_variance,
    ferman_pinto,
    ferman_pinto_rank,
    share_as_far,
    size_slope,
)

Size = Literal["noise", "exposure"]

# A rank among fewer controls than this cannot be below .05.
RANKABLE = 20
# Quantiles of fewer residuals than this lie beyond the outermost of them.
QUANTILE_CONTROLS = 39


def fit_equal_variance(cohorts: Cohorts) -> Answer:
    """The treated unit's change less the controls' mean, with the controls' spread, t(n - 1).

    It takes every unit's change to have the same variance; noise falls with size, so it rejects a
    true null too often where the treated unit is small (9 %) and too seldom where it is large.

    Raises
    ------
    FitError : for more than one treated unit, fewer than two controls, or controls that all change
        alike.
    """
    found = changes(cohorts)
    return _answer(cohorts, found, equal_variance(np.array([found.own]), found.d[None]), found.n)


def fit_ferman_pinto(cohorts: Cohorts, *, size: Size = "noise") -> Answer:
    """The same with variances A + B h that fall as units grow, t(n - 1).

    Parameters
    ----------
    size : h is the known part of each change's variance ("noise": 1/before + 1/after for counts,
        `evaluation.did.changes`) or one over the mean exposure ("exposure", as published).

    Raises
    ------
    FitError : as `fit_equal_variance`; for size "exposure" without one.
    """
    found = changes(cohorts)
    sized = _sized(cohorts, found, size)
    answer = _answer(cohorts, found, ferman_pinto(*sized), found.n)
    if size != "noise":
        return answer
    noise = float(size_slope(*sized[2:])[0]) * own_noise(cohorts, found)
    return replace(answer, own_noise=noise)


def fit_ferman_pinto_rank(cohorts: Cohorts, *, size: Size = "noise") -> Answer:
    """The rank of the treated unit's change among the controls', each over its own A + B h.

    With fewer than 20 controls no rank is below .05 and there is no range: the answer is that of
    `fit_ferman_pinto`, "not valid here", with the rank in a note.

    Parameters
    ----------
    size : as `fit_ferman_pinto`.

    Raises
    ------
    FitError : as `fit_ferman_pinto`.
    """
    found = changes(cohorts)
    sized = _sized(cohorts, found, size)
    judged = ferman_pinto_rank(*sized)
    words = f"the smallest p among {found.n} controls is {judged.smallest:.3f}"
    if found.n >= RANKABLE:
        answer = _answer(cohorts, found, judged, None)
        return replace(answer, notes=(*answer.notes, words))
    answer = _answer(cohorts, found, ferman_pinto(*sized), found.n)
    return replace(
        answer,
        notes=(*answer.notes, f"rank p {float(judged.p_value[0]):.3f}; {words}"),
        objection=f"not valid here: {words}, and {RANKABLE} controls are needed for one below .05; "
        "range and p shown are those of Ferman and Pinto by t",
    )


def fit_conley_taber(cohorts: Cohorts) -> Answer:
    """The effect distributed as the controls' residuals, which takes many controls of one size.

    p is of the distribution that the range is from; that of the source, the share of controls with
    a residual as large, is in a note.

    Raises
    ------
    FitError : as `fit_equal_variance`.
    """
    found = changes(cohorts)
    answer = _answer(cohorts, found, conley_taber(np.array([found.own]), found.d[None]), None)
    share = float(share_as_far(np.array([found.own]), found.d[None])[0])
    words = (
        f"{100 * share:.1f} % of the controls are as far out (the p of Conley and Taber), in steps "
        f"of 1/{found.n}; a p of 0 means less than {1 / found.n:.3f}"
    )
    return replace(
        answer,
        notes=(*answer.notes, words),
        objection=None
        if found.n >= QUANTILE_CONTROLS
        else f"not valid here: {found.n} controls do not show the outer 2.5 % of a distribution "
        f"({QUANTILE_CONTROLS} do); with 12, a true null is rejected in 3 to 14 %",
    )


def _sized(
    cohorts: Cohorts, found: Changes, size: Size
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    if size not in get_args(Size):
        raise FitError(f"{size!r} is not known; size may be {', '.join(get_args(Size))}")
    if size == "noise":
        own_h, h = found.own_variance, found.v
    else:
        if cohorts.exposure is None:
            raise FitError('there is no exposure; size may be "noise"')
        inverse = 1 / cohorts.exposure.mean(axis=1)
        own_h, h = float(inverse[found.treated]), inverse[found.controls]
    return np.array([found.own]), np.array([own_h]), found.d[None], h[None]


def _answer(cohorts: Cohorts, found: Changes, judged: Placebo, n: int | None) -> Answer:
    """The answer with t(n - 1), or without degrees of freedom."""
    estimate = float(judged.estimate[0])
    return Answer(
        found.scale,
        estimate,
        float(judged.std_error[0]),
        float(judged.low[0]),
        float(judged.high[0]),
        float(judged.p_value[0]),
        None if n is None else float(n - 1),
        expected=expected_line(cohorts, found, estimate),
        relative=relative_to_mean(cohorts, found),
        notes=(f"{found.n} controls",),
    )
