"""One treated unit beside its controls as placebos: Student's t, Ferman-Pinto, Conley-Taber."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, get_args

import numpy as np

from evaluation.did.changes import Changes, changes, expected_line
from evaluation.did.cohorts import Cohorts
from evaluation.did.effects import Answer
from evaluation.errors import FitError
from evaluation.numeric.placebo import (
    Placebo,
    conley_taber,
    equal_variance,
    ferman_pinto,
    ferman_pinto_rank,
)

Size = Literal["noise", "exposure"]

# A rank among fewer controls than this cannot give p = .05.
RANKABLE = 19
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
    return _answer(cohorts, found, ferman_pinto(*_sized(cohorts, found, size)), found.n)


def fit_ferman_pinto_rank(cohorts: Cohorts, *, size: Size = "noise") -> Answer:
    """The rank of the treated unit's change among the controls', each over its own A + B h.

    With fewer than 19 controls the smallest p it can give is above .05: the answer says "not valid
    here", and its interval has the level that the ranks can give, which a note names.

    Parameters
    ----------
    size : as `fit_ferman_pinto`.

    Raises
    ------
    FitError : as `fit_ferman_pinto`.
    """
    found = changes(cohorts)
    judged = ferman_pinto_rank(*_sized(cohorts, found, size))
    answer = _answer(cohorts, found, judged, None)
    words = f"the smallest p among {found.n} controls is {judged.smallest:.3f}"
    return replace(
        answer,
        notes=(*answer.notes, words),
        objection=None
        if found.n >= RANKABLE
        else f"not valid here: {words}; {RANKABLE} controls are needed for p = .05, and the range "
        f"is of {100 * judged.level:.1f} %",
    )


def fit_conley_taber(cohorts: Cohorts) -> Answer:
    """The effect distributed as the controls' residuals, which takes many controls of one size.

    p is the share of controls with a residual as large, and nought when there is none.

    Raises
    ------
    FitError : as `fit_equal_variance`.
    """
    found = changes(cohorts)
    answer = _answer(cohorts, found, conley_taber(np.array([found.own]), found.d[None]), None)
    words = f"p comes in steps of 1/{found.n}; one of 0 means less than {1 / found.n:.3f}"
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
        notes=(f"{found.n} controls",),
    )
