"""Random-effects prediction: one treated unit against how far controls differ from one another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from evaluation.did.cohorts import Cohorts
from evaluation.did.effects import Answer
from evaluation.did.placebo_changes import (
    Changes,
    changes,
    expected_line,
    own_noise,
    relative_to_mean,
)
from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.numeric.panel.random_effects import (
    TAUS,
    Predicted,
    averaged_prediction,
    plug_in_prediction,
)

# The default from this many controls on. With fewer it is honest but finds little: with 5, a true
# null is rejected in 0 to 3 % and with 3 in none (docs/did_one_city.md).
ENOUGH_CONTROLS = 8
# Of a continuous outcome, in standard deviations of the controls' changes: the end of the grid.
# The likelihood is far below its height there, so that the end does not matter.
GRID_END = 5.0
# Of the variance of the controls' changes.
NO_NOISE = 1e-12


def fit(cohorts: Cohorts) -> Answer:
    """The treated unit's change less the one predicted from the controls, tau averaged.

    The default with one treated unit and at least 8 controls. For counts the scale is the log of
    the rate ratio, for continuous outcomes a difference of means
    (`evaluation.did.placebo_changes`). True changes differ between units with standard deviation
    tau, which is not estimated and plugged in but averaged over its restricted likelihood on the
    grid of `evaluation.numeric.panel.random_effects` (0 to 1 on the log scale; 0 to five standard
    deviations of the controls' changes for a continuous outcome). Interval and p come from the
    normal mixture.

    It assumes that the treated unit's change without treatment is drawn from the same distribution
    as the controls'. A treated unit that drifts twice as much as they do is found wrongly in 17 to
    24 % of cases; the check of pre-period splits looks for that.

    Raises
    ------
    FitError : for more than one treated unit, fewer than two controls, controls that all change
        alike, or a continuous outcome with fewer than two periods on a side.
    """
    found = changes(cohorts)
    return _answer(cohorts, found, prediction(found))


def fit_plug_in(cohorts: Cohorts) -> Answer:
    """The same with tau^2 of Paule and Mandel plugged in, the mean of Hartung and Knapp, and
    t(controls - 1).

    Sharper than the average when tau is small, and too sure then: it rejects a true null in up to
    8 % of cases where the treated unit is large and units do not drift.

    Raises
    ------
    FitError : as `fit`.
    """
    found = changes(cohorts)
    _grid(found)  # refuses controls that all change alike
    return _answer(cohorts, found, plug_in_prediction(*_arrays(found)))


def control_shares(cohorts: Cohorts) -> tuple[np.ndarray, np.ndarray]:
    """Rows of the controls and the weight of each in the prediction of `fit`, summing to 1."""
    found = changes(cohorts)
    return found.controls, prediction(found).share[0]


def prediction(found: Changes) -> Predicted:
    """What is predicted for the treated unit from the controls, tau averaged.

    Raises
    ------
    FitError : when the controls all change alike.
    """
    return averaged_prediction(*_arrays(found), _grid(found))


def bare_answer(found: Changes, predicted: Predicted) -> Answer:
    """The estimate and its range, and nothing of what belongs to a panel."""
    return Answer(
        found.scale,
        float(predicted.estimate[0]),
        float(predicted.std_error[0]),
        float(predicted.low[0]),
        float(predicted.high[0]),
        float(predicted.p_value[0]),
        float(predicted.df) if np.isfinite(predicted.df) else None,
    )


def standardized(founds: Sequence[Changes]) -> np.ndarray:
    """(R,) estimate over standard error of `fit`, of many changes with as many controls each."""
    alike = all(found.scale == "log ratio" for found in founds)  # one grid for all
    answers = (
        [averaged_prediction(*map(np.concatenate, zip(*map(_arrays, founds), strict=True)))]
        if alike
        else [prediction(found) for found in founds]
    )
    return np.concatenate([answer.estimate / answer.std_error for answer in answers])


def _arrays(found: Changes) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    own, own_variance = np.array([found.own]), np.array([found.own_variance])
    # A unit without any noise of its own still has a weight that a float can hold.
    least = NO_NOISE * float(found.d.var())
    return own, np.maximum(own_variance, least), found.d[None], np.maximum(found.v, least)[None]


def _grid(found: Changes) -> np.ndarray:
    if found.scale == "log ratio" or found.n < 2:
        return TAUS
    spread = float(found.d.std(ddof=1))
    if spread <= 1e-12 * np.abs(found.d).max():
        raise FitError(fact("did.random-effects.controls-all-change-alike-nothing"))
    return TAUS * GRID_END * spread


def _answer(cohorts: Cohorts, found: Changes, predicted: Predicted) -> Answer:
    notes = [
        f"{found.n} controls; their true changes differ by a standard deviation (tau) of about "
        f"{float(predicted.tau[0]):.3g} beyond noise"
    ]
    if found.n < ENOUGH_CONTROLS:
        notes.append(
            f"with fewer than {ENOUGH_CONTROLS} controls this rarely finds an effect that is "
            "there" + ("; the ratio series is the default" if cohorts.kind == "count" else "")
        )
    answer = bare_answer(found, predicted)
    return replace(
        answer,
        expected=expected_line(cohorts, found, answer.estimate),
        relative=relative_to_mean(cohorts, found),
        own_noise=own_noise(cohorts, found),
        notes=tuple(notes),
    )
